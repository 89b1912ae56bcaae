import Archive
import ArgumentParser
import Content
import FluxModel
import Objects

/// The flags that only `build` has.
struct BuildOptions: ParsableArguments {
  @Option(
    name: [.customShort("f", allowingJoined: true), .customLong("filename")],
    help: ArgumentHelp(
      "Read generators from this file, this directory or standard input (-); can be repeated",
      valueName: "PATH"),
    completion: .file())
  var files: [String] = []

  @Option(
    name: .customLong("source"),
    help: ArgumentHelp(
      "Take the files of a source from a directory or .tar.gz; can be repeated",
      valueName: "ALIAS=PATH"),
    completion: .file())
  var sources: [String] = []

  @Option(
    name: .customLong("output-dir"),
    help: ArgumentHelp(
      "Write the archives to DIR/NAMESPACE/NAME/, named as the controller names them",
      valueName: "DIR"),
    completion: .directory)
  var outputDirectory: String?

  @Flag(
    name: .customLong("extract"),
    help: "With --output-dir, write each artifact's tree to DIR/NAMESPACE/NAME/content too")
  var extract = false

  @Flag(
    name: .customLong("explain"),
    help: "Say for each file which copy operation and source file it is from")
  var explain = false

  @Option(
    name: .customLong("revision"),
    help: ArgumentHelp(
      "The revision of a source, for artifacts that take it over; can be repeated",
      valueName: "ALIAS=REVISION"))
  var revisions: [String] = []

  @Option(
    name: .customLong("origin-revision"),
    help: ArgumentHelp(
      "The origin revision that a source itself carries; can be repeated",
      valueName: "ALIAS=REVISION"))
  var originRevisions: [String] = []

  @Option(
    name: .customLong("compressor"),
    help: ArgumentHelp(
      "Compress as this Go release does: go1.26 (also 1.23 to 1.25) or go1.27",
      valueName: "NAME"),
    completion: .list(Compressor.allCases.map(\.rawValue)))
  var compressor: String?

  @Option(
    name: .customLong("controller-version"),
    help: ArgumentHelp(
      "Compress as this release of source-watcher does, or as the cluster's (cluster)",
      valueName: "VERSION"),
    completion: .list(["cluster", "v2.2.1"]))
  var controllerVersion: String?

  @Option(
    name: .customLong("digest-algo"),
    help: ArgumentHelp(
      "The controller's --artifact-digest-algo: sha256, sha384 or sha512", valueName: "NAME"),
    completion: .list(DigestAlgorithm.allCases.map(\.rawValue)))
  var digestAlgorithm = DigestAlgorithm.sha256.rawValue

  @Flag(
    name: .customLong("no-cross-namespace-refs"),
    help: "Refuse sources of other namespaces, as a controller with this flag does")
  var noCrossNamespaceRefs = false
}

/// The full name of a kind that can be a source of a generator.
func sourceKind(_ text: String) -> String? {
  guard let kind = FluxKind.resolve(text)?.kind else { return nil }
  let sources: [FluxKind] = [
    .gitRepository, .ociRepository, .bucket, .helmChart, .externalArtifact,
  ]
  return sources.contains(kind) ? kind.resource.kind : nil
}
