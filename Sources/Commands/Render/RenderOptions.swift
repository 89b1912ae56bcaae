import ArgumentParser

/// The flags that say what `render` reads, and as which controller.
struct RenderOptions: ParsableArguments {
  @Option(
    name: .both("f", "filename"),
    help: ArgumentHelp(
      "File, directory or - with consumers; can be repeated", valueName: "PATH"),
    completion: .file())
  var files: [String] = []

  @Flag(help: "Render every Kustomization of the namespace")
  var all = false

  @Option(
    name: .customLong("source"),
    help: ArgumentHelp(
      "Artifact, or source of a generator; can be repeated", valueName: "KIND/NAME=SPEC"),
    completion: .file())
  var sources: [String] = []

  @Option(
    name: .customLong("manifests"),
    help: ArgumentHelp(
      "File or directory with ConfigMaps, Secrets, sources", valueName: "PATH"),
    completion: .file())
  var manifests: [String] = []

  @Flag(help: "With -f: read what is missing from the cluster")
  var fromCluster = false

  @Flag(
    inversion: .prefixedNo,
    help: "Variables that are not set are errors, like in the controller")
  var strictSubstitution = true

  @Flag(help: "Report remote bases as refused by the controller")
  var noRemoteBases = false

  @Flag(help: "Succeed if some variables are not known")
  var allowPartial = false

  @Flag(help: "Print the values of Secrets and credentials")
  var showSecrets = false

  /// For comparison with what the controller's own code makes.
  @Flag(help: ArgumentHelp("Print the bytes after substitution", visibility: .hidden))
  var raw = false
}
