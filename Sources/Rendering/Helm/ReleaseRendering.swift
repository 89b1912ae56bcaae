package import Content
package import Document
import Objects
import Text

/// A HelmRelease, from the artifact to the objects, but for `helm template` and `kubectl kustomize` in the
/// middle: those are the caller's.
package struct ReleaseRendering: Sendable {
  package let object: Value
  package let namespace: String
  package let name: String
  package let references: [ReleaseValues.Reference]

  private let spec: Value
  private let hides: @Sendable (String) -> Bool

  /// - Parameters:
  ///   - namespace: of an object that names none.
  ///   - hides: whether a value that is in no Secret is secret all the same, by its name.
  package init(
    _ object: Value, namespace: String,
    hides: @escaping @Sendable (String) -> Bool = { _ in false }
  ) {
    self.hides = hides
    self.object = object
    self.namespace = object.namespace ?? namespace
    name = object.name ?? ""
    spec = object["spec"] ?? .null
    references = (spec["valuesFrom"]?.array ?? []).map(ReleaseValues.Reference.init)
  }

  // MARK: - The release

  /// Where the chart comes from.
  package struct Source: Sendable, Equatable {
    package let kind: String
    package let namespace: String
    package let name: String
    /// Whether the digest of its artifact goes into the chart's version.
    package var hasDigest: Bool { kind == "ExternalArtifact" || kind == "OCIRepository" }
  }

  /// The object that `spec.chartRef` names, or the HelmChart that helm-controller makes of `spec.chart`;
  /// nil where there is neither.
  package var source: Source? {
    if let reference = spec["chartRef"], let kind = reference["kind"]?.filled,
      let name = reference["name"]?.filled
    {
      return Source(
        kind: kind, namespace: reference["namespace"]?.filled ?? namespace, name: name)
    }
    guard let chart = spec["chart", "spec"], chart.object != nil else { return nil }
    return Source(
      kind: "HelmChart", namespace: chart["sourceRef", "namespace"]?.filled ?? namespace,
      name: "\(namespace)-\(name)")
  }

  /// The name under which helm installs the chart (`internal/release/name.go`).
  package var releaseName: String {
    let full =
      spec["releaseName"]?.filled
      ?? spec["targetNamespace"]?.filled.map { "\($0)-\(name)" } ?? name
    guard full.utf8.count > 53 else { return full }
    var digester = Digester(.sha256)
    Array(full.utf8).withUnsafeBytes { digester.update($0) }
    let start = String(decoding: full.utf8.prefix(40), as: UTF8.self)
    return "\(start)-\(digester.finish().hex.prefix(12))"
  }

  package var releaseNamespace: String { spec["targetNamespace"]?.filled ?? namespace }

  /// Where helm keeps its own record of the release.
  private var storageNamespace: String { spec["storageNamespace"]?.filled ?? namespace }

  /// Whether helm-controller uninstalls the release and installs that of another spec in its place
  /// (`ReleaseTargetChanged` in `internal/action/diff.go`).
  package func isReplaced(by other: ReleaseRendering) -> Bool {
    releaseName != other.releaseName || releaseNamespace != other.releaseNamespace
      || storageNamespace != other.storageNamespace
  }

  /// Whether an upgrade checks the values with the schemas of the chart.
  package var checksValues: Bool { spec["upgrade", "disableSchemaValidation"]?.bool != true }

  /// The flags of `helm template` that stand for fields of the spec; those of an upgrade.
  ///
  /// - Parameter mayCheck: whether helm may read the schemas of the chart.
  package func flags(mayCheck: Bool) -> [String] {
    (spec["upgrade", "disableHooks"]?.bool == true ? ["--no-hooks"] : [])
      + (checksValues && mayCheck ? [] : ["--skip-schema-validation"])
  }

  /// - Parameter sources: one for each reference, in their order.
  package func values(
    from sources: [PostBuild.Source]
  ) throws(RenderFailure) -> ReleaseValues {
    try ReleaseValues(
      references, inline: spec["values"], namespace: namespace, sources: sources,
      hides: hides)
  }

  /// The same for what comes to the same objects.
  ///
  /// - Parameter chart: that of the chart as helm is given it.
  package func key(of chart: Digest, values: ReleaseValues) -> Digest {
    var rest = spec.object ?? [:]
    // What helm-controller reads here is in the chart and in the values.
    for field in [
      "chart", "chartRef", "values", "valuesFrom", "interval", "timeout", "suspend", "dependsOn",
      "maxHistory", "driftDetection", "rollback", "uninstall",
    ] { rest[field] = nil }
    let parts: Value = [
      "name": .string(name), "namespace": .string(namespace), "chart": .string("\(chart)"),
      "values": values.values, "spec": .object(rest),
      "unknown": .array(values.unknownSources.map(Value.string)),
    ]
    return Digester.digest(JSON.write(parts, style: .compact))
  }

  // MARK: - After the template

  /// Which runs of kustomize there are.
  package var postRenders: Bool { !renderers.isEmpty }

  private var renderers: [Value] {
    (spec["postRenderers"]?.array ?? []).compactMap { renderer in
      renderer["kustomize"].flatMap { $0.object == nil ? nil : $0 }
    }
  }

  /// What is made of the output of `helm template`.
  package struct Objects: Sendable {
    /// In the order of helm.
    package fileprivate(set) var values: [Value] = []
    /// Those that only tests of the release are.
    fileprivate var tests: Set<Int> = []
    /// Those of `crds/`.
    fileprivate var definitions: Set<Int> = []
    package fileprivate(set) var crdCount = 0
    /// Objects in `crds/` that are no CRDs, which the controller ignores.
    fileprivate var strangers: [String] = []
  }

  /// Post-renders what helm printed, and adds what the controller adds (`internal/postrender`).
  ///
  /// - Parameter build: runs kustomize.
  /// - Throws: `RenderFailure`, and what `build` throws.
  package func objects(
    of output: [UInt8], build: (KustomizeInput) async throws -> [UInt8]
  ) async throws -> Objects {
    let documents = try HelmOutput(output).documents
    var result = Objects()
    addCRDs(documents.filter(\.isCRD), to: &result)
    let rest = documents.filter { !$0.isCRD }
    switch spec["postRenderStrategy"]?.filled ?? "combined" {
    case "combined": try await add(rest, to: &result, build)
    case let strategy:
      try await add(rest.filter(\.hooks.isEmpty), to: &result, build)
      let hooks = rest.filter { !$0.hooks.isEmpty }
      if strategy == "separate" {
        try await add(hooks, to: &result, build)
      } else {
        for hook in hooks { add(hook.value, to: &result) }
      }
    }
    return result
  }

  private func addCRDs(_ documents: [HelmOutput.Document], to result: inout Objects) {
    for object in documents.flatMap({ Self.flattened($0.value) }) {
      guard object.kind == "CustomResourceDefinition",
        object.apiVersion?.hasPrefix("apiextensions.k8s.io/") == true
      else {
        result.strangers.append("\(object.kind ?? "")/\(object.name ?? "")")
        continue
      }
      result.crdCount += 1
      guard !skipsCRDs else { continue }
      result.definitions.insert(result.values.count)
      result.values.append(Self.adding(originLabels, to: "labels", of: object))
    }
  }

  private func add(
    _ documents: [HelmOutput.Document], to result: inout Objects,
    _ build: (KustomizeInput) async throws -> [UInt8]
  ) async throws {
    guard !documents.isEmpty else { return }
    var values = try checked(documents.map(\.value))
    for renderer in renderers {
      let input = try Self.input(of: renderer, for: values)
      let output: [UInt8]
      do {
        output = try await build(input)
      } catch let failure as RenderFailure where failure.stage == .build {
        throw RenderFailure(.postRender, failure.message)
      }
      var rendered: [Value] = []
      for text in try KustomizationRendering.documents(of: output) {
        do {
          rendered.append(try YAML.converted(text))
        } catch {
          throw RenderFailure(.postRender, "kubectl printed no YAML: \(error)")
        }
      }
      values = try checked(rendered)
    }
    for value in values { add(finished(value), to: &result) }
  }

  private func add(_ value: Value, to result: inout Objects) {
    let hooks = HelmOutput.hooks(of: value)
    if hooks.contains("test") || hooks.contains("test-success") {
      result.tests.insert(result.values.count)
    }
    result.values.append(value)
  }

  /// What kustomize's resource factory takes, each object once.
  private func checked(_ documents: [Value]) throws(RenderFailure) -> [Value] {
    var seen: Set<[String]> = []
    var objects: [Value] = []
    for object in documents.flatMap({ Self.flattened($0) }) {
      if let objection = ResourceCheck.objection(toObject: object) {
        throw RenderFailure(.postRender, "\(objection)")
      }
      let namespace = object.namespace
      let key = [
        object.apiVersion ?? "", object.kind ?? "", namespace ?? "default", object.name ?? "",
      ]
      guard seen.insert(key).inserted else {
        throw RenderFailure(
          .postRender,
          "may not add resource with an already registered id: "
            + "\(KustomizationRendering.identity(object)).\(namespace ?? "[noNs]")")
      }
      objects.append(object)
    }
    return objects
  }

  /// The objects of a list, which kustomize takes apart.
  private static func flattened(_ value: Value, depth: Int = 0) -> [Value] {
    guard value.kind?.hasSuffix("List") == true, let items = value["items"]?.array, depth < 8
    else { return [value] }
    return items.flatMap { flattened($0, depth: depth + 1) }
  }

  /// What kustomize is to read for one post-renderer: patches that stand in the spec, and images.
  private static func input(
    of renderer: Value, for values: [Value]
  ) throws(RenderFailure) -> KustomizeInput {
    let file = "helm-output.yaml"
    var content: Object = [
      "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
      "resources": [.string(file)], "sortOptions": ["order": "fifo"],
    ]
    for (field, schema) in [
      ("patches", KustomizationSchema.patch), ("images", KustomizationSchema.image),
    ] {
      guard let entries = renderer[field]?.array, !entries.isEmpty else { continue }
      let decoded = try KustomizationSchema.list(schema)
        .decoded(.array(entries), .lenient, at: "spec.postRenderers.kustomize.\(field)")
      content[field] = .array(
        (decoded.array ?? []).map { entry in
          guard var fields = entry.object else { return entry }
          // The controller's type has neither: nothing is read, and no name changes.
          fields["path"] = nil
          fields["options"] = nil
          return .object(fields)
        })
    }
    var input = KustomizeInput(directory: .root)
    input.files["kustomization.yaml"] = JSON.write(.object(content), style: .compact)
    input.files[TreePath(file)] = Array(
      values.map { YAML.write($0) }.joined(separator: "---\n").utf8)
    return input
  }

  /// commonMetadata, then the origin's labels, which win.
  private func finished(_ object: Value) -> Value {
    var object = object
    for field in ["labels", "annotations"] {
      object = Self.adding(
        spec["commonMetadata"]?[field]?.object ?? Object(), to: field, of: object)
    }
    return Self.adding(originLabels, to: "labels", of: object)
  }

  private var originLabels: Object {
    [
      "helm.toolkit.fluxcd.io/name": .string(name),
      "helm.toolkit.fluxcd.io/namespace": .string(namespace),
    ]
  }

  private static func adding(_ pairs: Object, to field: String, of object: Value) -> Value {
    guard var fields = object.object, !pairs.isEmpty else { return object }
    var metadata = fields["metadata"]?.object ?? Object()
    var values = metadata[field]?.object ?? Object()
    for (key, value) in pairs { values[key] = value }
    metadata[field] = .object(values)
    fields["metadata"] = .object(metadata)
    return .object(fields)
  }

  // MARK: - The result

  /// Whether neither an installation nor an upgrade applies what is in `crds/`.
  private var skipsCRDs: Bool {
    ["install", "upgrade"].allSatisfy { spec[$0, "crds"]?.string == "Skip" }
  }

  /// What several runs of helm came to.
  package struct Runs: Sendable {
    package let objects: Objects
    /// The same input once more; nil where nobody asked.
    package var again: Objects?
    /// With other secrets; nil where there are none, or where helm refuses every other one.
    package var altered: Objects?
    /// The secrets, by their positions, for which helm refuses others.
    package var unaltered: Set<Int> = []

    package init(_ objects: Objects) {
      self.objects = objects
    }
  }

  private var consumer: RenderedConsumer {
    RenderedConsumer(kind: "HelmRelease", namespace: namespace, name: name)
  }

  /// The values alone, as if they were an object.
  package func consumer(of values: ReleaseValues) -> RenderedConsumer {
    var consumer = consumer
    consumer.unknownSources = values.unknownSources
    consumer.secrets = values.secrets
    consumer.objects = [
      RenderedObject(
        text: Array(YAML.write(values.values).utf8), value: values.values, shown: values.masked,
        secretCount: values.secretCount, isEncrypted: false)
    ]
    return consumer
  }

  /// - Parameters:
  ///   - isRaw: whether tests are among the objects, though the controller may not run them.
  ///   - showsSecrets: whether nothing is masked.
  ///   - isComparing: whether what differs at every run is left out, because the objects are compared.
  package func consumer(
    of runs: Runs, values: ReleaseValues, gaps: [ReleaseChart.Gap], isRaw: Bool,
    showsSecrets: Bool, isComparing: Bool = false
  ) -> RenderedConsumer {
    var consumer = consumer
    consumer.unknownSources = values.unknownSources
    consumer.secrets = values.secrets
    let objects = runs.objects
    let mask =
      values.secretCount > 0 && !showsSecrets
      ? ReleaseMask(values.secrets, unaltered: runs.unaltered) : nil
    let others = runs.altered.map { ReleaseMask.pairs(objects.values, with: $0.values) }
    let again = runs.again.map { ReleaseMask.counterparts(objects.values, in: $0.values) }
    var names: [String: Int] = [:]
    let runsTests = isRaw || spec["test", "enable"]?.bool == true
    var allShown: [Value] = []
    for (index, value) in objects.values.enumerated() {
      var shown = (value, 0)
      if let mask {
        // What the other run does not have at all came from a secret.
        shown = mask.masked(value, comparedWith: others.map { $0[index] ?? .null })
      }
      allShown.append(shown.0)
      guard runsTests || !objects.tests.contains(index) else { continue }
      var value = value
      if isComparing, let again, let other = again[index] {
        let unstable = value
        shown.0 = ReleaseMask.stable(shown.0, unstable, other)
        value = ReleaseMask.stable(value, unstable, other)
        if let name = unstable.name, let otherName = other.name, name != otherName {
          // What has a random name is still the same object for whoever compares.
          var stable = ReleaseMask.stableName(name, otherName)
          let count = names["\(value.kind ?? "")/\(stable)", default: 0] + 1
          names["\(value.kind ?? "")/\(stable)"] = count
          if count > 1 { stable += "-\(count)" }
          value = value.named(stable)
          if shown.0.name != SubstitutionMask.mask { shown.0 = shown.0.named(stable) }
        }
      }
      consumer.objects.append(
        RenderedObject(
          text: Array(YAML.write(value).utf8), value: value, shown: shown.0,
          secretCount: shown.1, isEncrypted: Encryption.isEncrypted(value),
          role: role(of: value, isDefinition: objects.definitions.contains(index))))
    }
    consumer.distinguishNames()
    consumer.warnings = warnings(
      of: runs, shown: allShown, secretCount: mask == nil ? 0 : values.secretCount, gaps)
    return consumer
  }

  private func role(of value: Value, isDefinition: Bool) -> RenderedObject.Role {
    guard !isDefinition else {
      return .definition(isUpdated: spec["upgrade", "crds"]?.string == "CreateReplace")
    }
    return HelmOutput.hooks(of: value).isEmpty ? .applied : .hook
  }

  /// Why helm or kustomize refuses a release, without what came from Secrets.
  ///
  /// - Parameter other: why it does so with other secrets; nil where it does not.
  package func shown(
    _ failure: RenderFailure, comparedWith other: RenderFailure?, values: ReleaseValues
  ) -> RenderFailure {
    guard let other, other.stage == failure.stage else {
      return RenderFailure(
        failure.stage,
        "the reason depends on values of Secrets and is not shown (set --show-secrets)")
    }
    let message = ReleaseMask(values.secrets, unaltered: Set(values.secrets.indices)).masked(
      failure.message, comparedWith: other.message)
    return RenderFailure(
      failure.stage,
      message == failure.message ? message : "\(message) (masked: set --show-secrets)")
  }

  /// - Parameter shown: the objects of the first run as they may be shown.
  private func warnings(
    of runs: Runs, shown: [Value], secretCount: Int, _ gaps: [ReleaseChart.Gap]
  ) -> [String] {
    var warnings: [String] = []
    if let again = runs.again {
      let paths = ReleaseMask.differences(
        runs.objects.values, again.values, shown: shown)
      if !paths.isEmpty {
        warnings.append(
          "the output differs at every run (random values or times): \(paths.joined(separator: ", "))"
        )
      }
    }
    if secretCount > 0, !runs.unaltered.isEmpty, runs.again != nil {
      let part = runs.unaltered.count == secretCount ? "" : "\(runs.unaltered.count) "
      warnings.append(
        "the chart refuses other values in place of \(part)secret ones, so only texts that contain these "
          + "are masked, not what is computed from them")
    }
    for gap in gaps { warnings.append(Self.text(of: gap)) }
    if spec["upgrade", "preserveValues"]?.bool == true {
      warnings.append(
        "spec.upgrade.preserveValues is set: the values of the stored release are not known here")
    }
    if !runs.objects.strangers.isEmpty {
      warnings.append(
        "crds/ of the chart has objects that are not CRDs, which helm-controller ignores: "
          + runs.objects.strangers.prefix(5).joined(separator: ", "))
    }
    if runs.objects.crdCount > 0, !skipsCRDs {
      switch spec["upgrade", "crds"]?.filled {
      case "CreateReplace"?: break
      case "Skip"?:
        warnings.append(
          "CRDs in crds/ are created with the release, but not by an upgrade (spec.upgrade.crds: Skip)"
        )
      case let policy:
        warnings.append(
          "CRDs in crds/ are only created; those that exist are not updated (spec.upgrade.crds: "
            + (policy ?? "Create by default") + ")")
      }
    }
    return warnings
  }

  private static func text(of gap: ReleaseChart.Gap) -> String {
    switch gap {
    case .lookup: "the chart uses lookup, which finds nothing without a cluster"
    case .apiVersions:
      "the chart depends on the APIs of the cluster (.Capabilities.APIVersions): set "
        + "--api-versions"
    case .kubeVersion:
      "the chart depends on the version of Kubernetes (.Capabilities.KubeVersion): set "
        + "--kube-version"
    case .revision: "the chart uses .Release.Revision, which is always 1 here"
    }
  }
}
