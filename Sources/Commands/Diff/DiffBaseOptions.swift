import ArgumentParser
import Operations

/// The flags that say what a build is compared with.
struct DiffBaseOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "REF, dir:PATH, snapshot:PATH … (default cluster)",
      valueName: "BASE"),
    completion: .list(["cluster", "HEAD", "git:", "snapshot:", "context:", "dir:", "archive:"]))
  var base: String?

  @Option(
    help: ArgumentHelp(
      "Compare with the merge base of HEAD and BRANCH", valueName: "BRANCH"))
  var mergeBase: String?

  @Option(
    name: .customLong("base-source"),
    help: ArgumentHelp(
      "Source of the base, NAME=SPEC; can be repeated", valueName: "SPEC"),
    completion: .file())
  var baseSources: [String] = []

  @Flag(help: "With a local base: read consumers from the cluster")
  var fromCluster = false
}

extension DiffBaseOptions {
  /// What is named, if anything is.
  func chosen() throws -> DiffBase? {
    try EmptyPath.refuse(base, flag: "--base")
    try EmptyPath.refuse(mergeBase, flag: "--merge-base")
    try EmptyPath.refuse(files: [], sources: baseSources, manifests: [])
    guard mergeBase == nil || base == nil else {
      throw UsageError("--base and --merge-base are mutually exclusive")
    }
    return try base.map(DiffBase.init)
  }
}
