import ArgumentParser

/// The flags that say what `render` reads, and as which controller.
struct RenderOptions: ParsableArguments {
  @Option(
    name: .both("f", "filename"),
    help: ArgumentHelp(
      "File, directory or - with consumers; can be repeated", valueName: "PATH"),
    completion: .file())
  var files: [String] = []

  @Flag(help: "Render all Kustomizations and HelmReleases of the namespace")
  var all = false

  @Option(
    name: .customLong("source"),
    help: ArgumentHelp(
      "Artifact, or source of a generator; can be repeated", valueName: "KIND/NAME=SPEC"),
    completion: .file())
  var sources: [String] = []

  @Option(
    name: .customLong("revision"),
    help: ArgumentHelp(
      "Revision for an artifact; can be repeated", valueName: "KIND/NAME=REVISION"))
  var revisions: [String] = []

  @Option(
    name: .customLong("manifests"),
    help: ArgumentHelp(
      "File or directory with ConfigMaps, Secrets and sources", valueName: "PATH"),
    completion: .file())
  var manifests: [String] = []

  @Flag(help: "With -f: read what is missing from the cluster")
  var fromCluster = false

  @Flag(
    inversion: .prefixedNo,
    help: "Fail on variables that are not set, like the controller")
  var strictSubstitution = true

  @Flag(help: "Reject remote bases, like the controller flag")
  var noRemoteBases = false

  @Flag(help: "Print the merged values of HelmReleases, without their charts")
  var valuesOnly = false

  @Option(
    help: ArgumentHelp("Kubernetes version for charts", valueName: "VERSION"))
  var kubeVersion: String?

  @Option(
    name: .customLong("api-versions"),
    help: ArgumentHelp(
      "API version or GROUP/VERSION/KIND for charts; can be repeated", valueName: "API"))
  var apiVersions: [String] = []

  @Flag(help: "Succeed if some variables or values are not known")
  var allowPartial = false

  @Flag(help: "Print the values of Secrets and credentials")
  var showSecrets = false

  /// For comparison with what the controller's own code makes.
  @Flag(help: ArgumentHelp("Print what the controller's code makes", visibility: .hidden))
  var raw = false
}
