import ArgumentParser
import Differences
import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import Platform
import Rendering
import Text

/// `render`: the objects that a consumer makes of an artifact.
struct RenderCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "render",
      summary: "Print the objects that a Kustomization or HelmRelease applies",
      synopsis: [
        "-f FILE [NAME...] --source KIND/[NS/]NAME=SPEC [flags]",
        "-f FILE [NAME...] --from-cluster [flags]",
        "ks/NAME|hr/NAME... [flags]",
        "--all [flags]",
      ],
      text: [
        "Prints the objects as kustomize-controller or helm-controller would apply them: the "
          + "output of kustomize or helm for the spec, after variable substitution or "
          + "post-renderers, with owner labels and commonMetadata. Requires kubectl 1.27 or newer "
          + "(KUBECTL_PATH, or in PATH) for Kustomizations and post-renderers, and helm 3.14 or newer "
          + "(HELM_PATH, or in PATH) for HelmReleases. With -f, runs offline unless --from-cluster is "
          + "set.",
        "SPEC is as for build. Secrets are masked: do not apply the output.",
      ],
      details: [
        "The artifact is taken from --source, else built by a generator in FILE (whose sources "
          + "are also set with --source), else fetched from the cluster and verified (see pull). "
          + "Sources of any kind are rendered, not only ExternalArtifacts. In --source and --revision, "
          + "NS defaults to the namespace of the consumer; one that matches nothing is an error.",
        "A HelmRelease is rendered from the chart that spec.chartRef names, or from the HelmChart "
          + "that helm-controller creates for spec.chart (NAMESPACE-NAME, in the namespace of the "
          + "source). The chart has to be the only directory at the top of the artifact. Its "
          + "version gets the digest in the artifact's revision: that of --revision, else the one "
          + "that source-watcher would give to the files. The release is rendered as an upgrade. "
          + "What helm cannot know without a cluster (lookup, API versions) and what differs at "
          + "every run is reported.",
        "ConfigMaps and Secrets of spec.postBuild.substituteFrom and spec.valuesFrom are looked "
          + "up in --manifests, then in FILE, then in the cluster. If --manifests contains "
          + "ConfigMaps, all others are assumed not to exist; the same applies to Secrets. If one "
          + "is required and cannot be looked up, known variables are substituted and all others "
          + "stay as they are, and values are merged without it; the exit status is 1 then, "
          + "unless --allow-partial is set.",
        "kubectl kustomize and helm template run in an empty environment and a temporary "
          + "directory, which contains only the files that the kustomization uses, or the chart. "
          + "Nothing is fetched: remote bases and files, paths outside the artifact, symbolic "
          + "links, plugins and Helm charts in kustomizations are refused before kubectl starts. "
          + "Time (30 s), memory (4 GiB, on Linux) and output (64 MiB, 5000 objects) are "
          + "limited.",
        "Values of Secrets, and what comes from them by substitution or in a chart, are masked "
          + "wherever they are, unless --show-secrets is set. To find the latter, the chart is "
          + "also rendered with other secrets. Objects that are encrypted with SOPS are shown "
          + "encrypted. The status of objects is left out, and stringData of Secrets becomes "
          + "data, as in the cluster. Objects are in the order of the build, not in the order in "
          + "which they are applied.",
      ],
      examples: [
        CommandExample(
          "Render a Kustomization from a directory",
          "render -f apps.yaml --source ExternalArtifact/apps=dir:./apps"),
        CommandExample(
          "Build the artifacts of a generator and render what uses them",
          "render -f flux/ --source repo=."),
        CommandExample(
          "Print the values of a HelmRelease",
          "render -f release.yaml hr/podinfo --manifests values/ --values-only"),
        CommandExample(
          "Render a Kustomization in the cluster", "render ks/apps -n flux-system"),
      ],
      exitStatus: [
        (0, "everything was rendered"),
        (1, "a consumer was not rendered, or only in part, or invalid usage"),
      ],
      objectKinds: RenderConsumers.kinds
    )
  }

  @OptionGroup(title: "Render flags") var options: RenderOptions
  @OptionGroup(title: "Render flags") var target: RenderTargetOptions
  @OptionGroup(title: "Render flags") var fetching: FetchOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions
  @Argument(
    help: ArgumentHelp(
      "A Kustomization, as ks/NAME or NAME, or a HelmRelease", valueName: "ks/NAME|hr/NAME"))
  var words: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let queries = try await queries()
    let meter = FetchProgressMeter(surroundings)
    defer { meter.clear() }
    let report = try await surroundings.inTime { [self] in
      let request = try await RenderRun(
        tool: T.self, options: options, target: target, fetching: fetching, cluster: self,
        surroundings: surroundings
      ).request(queries, meter)
      return try await RenderConsumers(request).run(width: ThisProcess.coreCount)
    }
    meter.clear()
    for note in report.notes { surroundings.note("Note: \(note)") }
    let printer = RenderPrinter(options: options, surroundings: surroundings)
    try printer.print(report.consumers)
  }

  /// What is named, and whether that makes sense together.
  private func queries() async throws -> [ObjectQuery] {
    try EmptyPath.refuse(
      files: options.files, sources: options.sources, manifests: options.manifests)
    guard !options.all || (options.files.isEmpty && words.isEmpty) else {
      throw UsageError("--all cannot be used with -f or NAME")
    }
    guard options.all || !options.files.isEmpty || !words.isEmpty else {
      throw UsageError(
        "nothing specified: use -f FILE, ks/NAME or hr/NAME for one in the cluster, or --all")
    }
    guard !options.fromCluster || snapshotPath == nil else {
      throw UsageError("--from-cluster and --snapshot are mutually exclusive")
    }
    let readsCluster = options.files.isEmpty || options.fromCluster
    guard !options.raw || options.showSecrets || !readsCluster else {
      throw UsageError("--raw prints Secrets of the cluster: set --show-secrets, too")
    }
    guard !words.isEmpty else { return [] }
    let queries = try await ObjectWords(words, scope: .flux)
      .decidedQueries(defaultKind: options.valuesOnly ? .helmRelease : .kustomization, .flux)
    for query in queries {
      guard query.resource.fluxKind.map(RenderConsumers.kinds.contains) == true else {
        throw UsageError(
          "\(withArticle(query.resource.kind)) cannot be rendered: name a Kustomization or HelmRelease"
        )
      }
      guard !options.valuesOnly || query.resource.fluxKind == .helmRelease else {
        throw UsageError("--values-only is for HelmReleases only: use hr/NAME")
      }
      guard !query.names.isEmpty else {
        throw UsageError("resource name required: use ks/NAME or hr/NAME")
      }
    }
    return queries
  }
}
