import ArgumentParser
import Operations

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
      "Artifact, or source of a generator; can be repeated",
      valueName: "KIND/[NS/]NAME=SPEC"),
    completion: .file())
  var sources: [String] = []

  @Option(
    name: .customLong("revision"),
    help: ArgumentHelp(
      "Revision for an artifact; can be repeated", valueName: "KIND/[NS/]NAME=REV"))
  var revisions: [String] = []

  @Option(
    name: .customLong("manifests"),
    help: ArgumentHelp(
      "File or directory with ConfigMaps, Secrets and sources", valueName: "PATH"),
    completion: .file())
  var manifests: [String] = []

  @Flag(help: "With -f: read what is missing from the cluster")
  var fromCluster = false

  @Flag(help: "Print the merged values of HelmReleases, without their charts")
  var valuesOnly = false

  @Flag(help: "Succeed if some variables or values are not known")
  var allowPartial = false

  @Flag(help: "Print the values of Secrets and credentials")
  var showSecrets = false

  /// For comparison with what the controller's own code makes.
  @Flag(help: ArgumentHelp("Print what the controller's code makes", visibility: .hidden))
  var raw = false
}

/// The flags that say which controller renders, and for which cluster: of `render` and `diff`.
struct RenderTargetOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: "Fail on variables that are not set (default)")
  var strictSubstitution: Bool?

  @Flag(help: "Reject remote bases, like the controller flag")
  var noRemoteBases = false

  @Option(
    help: ArgumentHelp("Kubernetes version for charts", valueName: "VER"))
  var kubeVersion: String?

  @Option(
    name: .customLong("api-versions"),
    help: ArgumentHelp(
      "GROUP/VERSION[/KIND] for charts; can be repeated", valueName: "API"))
  var apiVersions: [String] = []
}

extension RenderTargetOptions {
  /// A flag that is set; nil where none is.
  var given: String? {
    if let strictSubstitution {
      return strictSubstitution ? "--strict-substitution" : "--no-strict-substitution"
    }
    if noRemoteBases { return "--no-remote-bases" }
    if kubeVersion != nil { return "--kube-version" }
    return apiVersions.isEmpty ? nil : "--api-versions"
  }

  var settled: RenderConsumers.Target {
    var target = RenderConsumers.Target()
    // The default of kustomize-controller since 1.9.
    target.isStrict = strictSubstitution ?? true
    target.refusesRemoteBases = noRemoteBases
    target.kubeVersion = kubeVersion
    target.apiVersions = apiVersions
    return target
  }
}
