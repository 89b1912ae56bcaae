import ArgumentParser
import Operations

/// The flags that say what a build is compared with.
struct DiffBaseOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Base: cluster (default), REF, git:DIR@REF, snapshot:PATH, context:NAME, dir:PATH or archive:FILE",
      valueName: "BASE"),
    completion: .list(["cluster", "HEAD", "git:", "snapshot:", "context:", "dir:", "archive:"]))
  var base: String?

  @Option(
    help: ArgumentHelp(
      "Base: the last common commit of HEAD and BRANCH", valueName: "BRANCH"))
  var mergeBase: String?

  @Option(
    name: .customLong("base-source"),
    help: ArgumentHelp(
      "Map a source at the base to a SPEC; can be repeated", valueName: "NAME=SPEC"),
    completion: .file())
  var baseSources: [String] = []

  @Flag(help: "Read consumers from the cluster when both sides are local")
  var fromCluster = false
}

extension DiffBaseOptions {
  /// What is named, if anything is.
  func chosen() throws -> DiffBase? {
    guard mergeBase == nil || base == nil else {
      throw UsageError("--base and --merge-base are mutually exclusive")
    }
    return try base.map(DiffBase.init)
  }
}
