/// A rule of `lint`: the one place that says what is looked for, and how bad it is.
///
/// Ids are stable: a rule that goes leaves a gap. `AG0xx` are about what an artifact contains, `AG1xx`
/// about what refers to what, `AG2xx` about traps, `AG3xx` about what the API server refuses.
package struct LintRule: Sendable, Hashable {
  package enum Severity: String, Sendable, Hashable, CaseIterable {
    case error
    case warning
    /// Good to know; fails nothing.
    case info
  }

  package let id: String
  package let severity: Severity
  /// What is found, in a few words.
  package let title: String
  /// Why it matters.
  package let reason: String
  /// What to do about it.
  package let fix: String

  private init(
    _ id: String, _ severity: Severity, _ title: String, reason: String, fix: String
  ) {
    self.id = id
    self.severity = severity
    self.title = title
    self.reason = reason
    self.fix = fix
  }

  package static func == (left: LintRule, right: LintRule) -> Bool { left.id == right.id }
  package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension LintRule {
  // MARK: - What an artifact contains

  static let notInArtifact = LintRule(
    "AG001", .error, "a kustomization refers to a file that is not in the artifact",
    reason:
      "kustomize-controller has only the artifact: the build of the Kustomization fails, although "
      + "kustomize build works in the checkout",
    fix:
      "add the copy operation that lint prints; keep the relative location of both files"
  )
  static let brokenReference = LintRule(
    "AG002", .error, "a kustomization refers to a file that does not exist",
    reason: "no copy operation can bring a file that the source does not publish",
    fix: "correct the reference, or publish the file: .sourceignore, the default excludes and "
      + "spec.sparseCheckout may leave it out of the source")
  static let unusedKustomization = LintRule(
    "AG003", .warning,
    "a kustomization that no consumer builds would fail",
    reason: "a Kustomization with that path would fail",
    fix: "correct what the message names, or exclude the directory from the copy operation")
  static let kustomizationCycle = LintRule(
    "AG004", .error, "kustomizations refer to each other in a cycle",
    reason: "kustomize refuses them", fix: "remove one of the references")
  static let badKustomization = LintRule(
    "AG005", .error, "a kustomization cannot be built",
    reason:
      "kustomize refuses a directory with several kustomization files or with none, a file that "
      + "is empty or not valid YAML, unknown fields and wrong types, resources that are not "
      + "Kubernetes objects or are listed twice, two objects of the same kind, namespace and name, and a "
      + "component that is used as a resource or the reverse",
    fix: "correct the file that lint names")
  static let disabledPlugin = LintRule(
    "AG006", .error, "a kustomization needs a plugin that kustomize-controller does not run",
    reason: "kustomize-controller builds without --enable-helm and without external plugins",
    fix: "use a HelmRelease, or commit the rendered manifests")
  static let notAnObject = LintRule(
    "AG007", .error, "a generated kustomization includes a file that contains no Kubernetes object",
    reason:
      "where a path has no kustomization.yaml, kustomize-controller generates one with every "
      + ".yaml and .yml file below it, hidden ones too, and fails on the first that is not an "
      + "object",
    fix:
      "add a kustomization.yaml that lists the manifests, or exclude the file from the copy operation"
  )
  static let missingPath = LintRule(
    "AG008", .error, "the path of a Kustomization is not in its source",
    reason:
      "spec.path is relative to the root of the source; the layout of an artifact is that of the copy "
      + "operations",
    fix: "correct spec.path, or the destination of the copy operation")
  static let missingComponent = LintRule(
    "AG009", .error, "a component of a Kustomization is not in its source",
    reason: "spec.components are relative to spec.path, within the source",
    fix: "copy the component into the artifact, correct the path, or set ignoreMissingComponents")
  static let chartLayout = LintRule(
    "AG010", .error, "an artifact that a HelmRelease uses is no chart that Helm loads",
    reason:
      "helm-controller loads the archive as Helm does: everything has to be in one top directory, "
      + "which contains a valid Chart.yaml, and charts/ contains only charts",
    fix: "copy only the chart directory itself to @artifact/, or correct the file that lint names")
  static let chartDependency = LintRule(
    "AG011", .warning, "a dependency of a chart is not in its charts directory",
    reason: "helm-controller does not download dependencies: it renders the chart without them",
    fix: "run helm dependency build and commit charts/, or remove the dependency")

  static let emptyPath = LintRule(
    "AG012", .warning, "a consumer applies no objects",
    reason:
      "the Kustomization or HelmRelease becomes ready and applies nothing; with spec.prune, a Kustomization deletes "
      + "what it applied before",
    fix: "list the manifests in resources, correct spec.path, or copy the manifests to the path")

  static let notRead = LintRule(
    "AG013", .warning, "a file with manifests is not checked",
    reason: "lint reads files of up to 64 MiB",
    fix: "split the file, or exclude it from the copy operation if no consumer needs it")

  // MARK: - What refers to what

  static let unknownArtifact = LintRule(
    "AG101", .error, "a sourceRef names an artifact that no generator creates",
    reason: "the consumer waits for the artifact and applies nothing new",
    fix: "correct the name or namespace, or add the artifact to a generator")
  static let unusedArtifact = LintRule(
    "AG102", .warning, "nothing uses an artifact",
    reason: "the artifact is built, stored and never applied",
    fix: "add a consumer, or remove the artifact")
  static let repeatedGenerator = LintRule(
    "AG103", .error, "a generator is defined twice",
    reason: "a cluster keeps only one of them",
    fix:
      "remove or rename one; if each is for a cluster of its own, run lint once for each cluster's directory"
  )
  static let sharedArtifact = LintRule(
    "AG104", .error, "several generators publish the same artifact",
    reason: "in a cluster they overwrite each other repeatedly", fix: "rename one of the artifacts")
  static let aliasName = LintRule(
    "AG105", .warning, "an artifact has the name of an alias in spec.sources",
    reason: "the controller publishes the whole source together with the copied files",
    fix: "rename the artifact or the alias")
  static let crossNamespace = LintRule(
    "AG106", .error, "a reference to another namespace, which the controllers refuse",
    reason:
      "controllers with --no-cross-namespace-refs, which multitenant: true of a FluxInstance sets, "
      + "refuse such references",
    fix: "move the object to the same namespace")
  static let unservedShard = LintRule(
    "AG107", .error, "no shard serves an object",
    reason: "an object whose label sharding.fluxcd.io/key names no shard is never reconciled",
    fix: "correct the label, or add the shard to the FluxInstance")
  static let generatorCycle = LintRule(
    "AG108", .error, "generators depend on each other in a cycle",
    reason: "none of them can be built first", fix: "remove one of the dependencies")
  static let unknownDependency = LintRule(
    "AG109", .warning, "an entry of dependsOn names an object that is not in the checkout",
    reason: "the consumer applies nothing new until the object exists and is ready",
    fix: "correct the name or namespace, or add the object")
  static let dependencyCycle = LintRule(
    "AG110", .error, "consumers wait for each other in a cycle",
    reason: "each applies only when the others are ready, so none of them ever does",
    fix: "remove one of the dependencies")

  static let omittedObject = LintRule(
    "AG111", .warning, "a Flux object is in a file that no kustomization lists",
    reason:
      "Flux applies of a directory with a kustomization.yaml only what that lists, so the object is not in "
      + "the cluster",
    fix: "list the file in resources, or move it out of the directory")

  // MARK: - Traps

  static let failingGenerator = LintRule(
    "AG201", .error, "a generator fails",
    reason: "the controller publishes no new revision of its artifacts",
    fix: "correct the error in the message")
  static let failingArtifact = LintRule(
    "AG202", .error, "an artifact fails",
    reason:
      "the controller keeps the last published revision, and does not build the artifacts after it",
    fix: "correct the copy operation that the message names")
  static let blockedArtifacts = LintRule(
    "AG203", .warning, "a failing artifact stops others",
    reason: "the controller builds artifacts in order and stops at the first that fails",
    fix: "move artifacts that may fail to the end, or into a generator of their own")
  static let shadowedCopy = LintRule(
    "AG204", .warning, "a copy operation is overwritten completely by later ones",
    reason: "the artifact contains none of its files",
    fix: "remove it, change the order, or use strategy Merge")
  static let idleCopy = LintRule(
    "AG205", .warning, "a copy operation adds no file to the artifact",
    reason:
      "everything that it matches is excluded, is an empty directory or is left out by the default "
      + "excludes",
    fix: "correct from and exclude, or remove the operation")
  static let shallowGlob = LintRule(
    "AG206", .warning, "** matches only one directory level",
    reason:
      "Overwrite and Merge match with Go's path.Match, for which ** is *; only the literal end /** "
      + "means everything below",
    fix: "end the pattern with /** and use exclude, or write one operation for each level")
  static let globInDestination = LintRule(
    "AG207", .warning, "a destination contains glob characters",
    reason: "to is never a pattern: a directory with that name is created",
    fix: "remove the characters")
  static let droppedFiles = LintRule(
    "AG208", .info, "the default excludes drop files that were copied",
    reason: "the controller leaves them out of every artifact, whatever .sourceignore says",
    fix: "exclude them in the copy operation, or rename those that are needed")
  static let lostLinks = LintRule(
    "AG209", .warning, "symbolic links are not published",
    reason: "source-controller archives no links, so no artifact contains them",
    fix: "replace the links by files")
  static let sparseCheckout = LintRule(
    "AG210", .warning, "entries of spec.sparseCheckout do not select what they seem to",
    reason: "its entries are prefixes of paths, not directories",
    fix: "end directories with a slash, and list .sourceignore")
  static let deadIgnorePattern = LintRule(
    "AG211", .warning, "an ignore pattern does not match the same files as in git",
    reason: "source-controller's matcher differs from git's",
    fix: "rewrite the pattern")
  static let publishedExtras = LintRule(
    "AG212", .warning, "ignore patterns publish what is excluded by default",
    reason: "any custom pattern disables the default excludes of the source",
    fix: "repeat the default excludes that are needed")
  static let sourceRevision = LintRule(
    "AG213", .warning, "the revision of an artifact is that of its Git repository",
    reason:
      "every commit changes the revision, so all consumers reconcile although the content is the "
      + "same",
    fix: "remove revision, and use originRevision to show the commit")
  static let unknownOrigin = LintRule(
    "AG214", .warning, "an originRevision names an alias that does not exist",
    reason: "the controller ignores it", fix: "use an alias of spec.sources")
  static let noDirectory = LintRule(
    "AG215", .error, "a pathPattern matches no directory",
    reason: "the controller deletes every artifact of the generator", fix: "correct pathPattern")
  static let largeFilePointers = LintRule(
    "AG216", .warning, "LFS pointers are published instead of their content",
    reason: "source-controller does not fetch from LFS",
    fix: "store the files in Git, or in a Bucket")
  static let missingReference = LintRule(
    "AG217", .warning, "a GitRepository has no ref",
    reason: "source-controller then uses branch master, even if that is not the default branch",
    fix: "set spec.ref.branch")
  static let content = LintRule(
    "AG218", .warning, "the content of an artifact is not what it seems",
    reason: "the controller copies, merges or leaves out files in a way that surprises",
    fix: "change the operation, or ignore the finding if that is intended")
  static let source = LintRule(
    "AG219", .warning, "a source does not publish what it seems to",
    reason: "source-controller excludes or adds the files in the message",
    fix: "change the source, or ignore the finding if that is intended")
  static let idleComment = LintRule(
    "AG220", .warning, "a comment names no rule to ignore",
    reason: "the comment has no effect: it ignores only the rules that it names",
    fix: "name rules after it, such as # artifactgen:ignore AG101; lint --rules lists them")
  static let unmappedSource = LintRule(
    "AG221", .warning, "artifacts are not checked, because a source is not set",
    reason: "without the source it is not known what they contain",
    fix: "set the source with --source ALIAS=PATH")

  static let idleIgnorePattern = LintRule(
    "AG222", .info, "an ignore pattern matches nothing",
    reason: "the pattern has no effect: what it was meant for has another name, or is gone",
    fix: "correct or remove the pattern")

  static let failingSource = LintRule(
    "AG223", .error, "a source fails",
    reason:
      "source-controller publishes no new revision, so nothing that uses the source is updated",
    fix: "correct what the message names")

  // MARK: - What the API server refuses

  static let refusedGenerator = LintRule(
    "AG301", .error, "the API server refuses the generator",
    reason: "the object breaks a rule of its custom resource definition, so it cannot be applied",
    fix: "correct the field")
  static let refusedField = LintRule(
    "AG302", .error, "a field is unknown or duplicate",
    reason: "strict decoding rejects it, and otherwise the field is silently dropped",
    fix: "correct the name of the field, or remove it")
  static let refusedArtifact = LintRule(
    "AG303", .error, "the API server refuses the ExternalArtifact",
    reason: "the controller fails when it writes the object", fix: "correct the label or annotation"
  )
  static let invalidYAML = LintRule(
    "AG304", .error, "a file with Flux objects is not valid YAML",
    reason: "kustomize and kubectl refuse the file, and nothing that it defines is checked here",
    fix: "correct the line that the message names")

  /// In the order of their ids.
  package static let all: [LintRule] = [
    notInArtifact, brokenReference, unusedKustomization, kustomizationCycle, badKustomization,
    disabledPlugin, notAnObject, missingPath, missingComponent, chartLayout, chartDependency,
    emptyPath, notRead, unknownArtifact, unusedArtifact, repeatedGenerator, sharedArtifact,
    aliasName,
    crossNamespace, unservedShard, generatorCycle, unknownDependency, dependencyCycle,
    omittedObject,
    failingGenerator, failingArtifact, blockedArtifacts, shadowedCopy, idleCopy, shallowGlob,
    globInDestination, droppedFiles, lostLinks, sparseCheckout, deadIgnorePattern, publishedExtras,
    sourceRevision, unknownOrigin, noDirectory, largeFilePointers, missingReference, content,
    source, idleComment, unmappedSource, idleIgnorePattern, failingSource, refusedGenerator,
    refusedField,
    refusedArtifact,
    invalidYAML,
  ]
}
