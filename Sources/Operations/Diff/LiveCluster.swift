import Differences
import Document
import FluxModel
package import KubeAPI
import Objects
import Rendering
import Text

/// An object that a consumer applies, as a cluster knows it.
struct AppliedObject: Sendable {
  /// With the namespace that it gets, and none where its kind has none.
  var value: Value
  /// What of it may be shown.
  var shown: Value
  let role: RenderedObject.Role
  let isEncrypted: Bool
  /// Nil where the kind is unknown.
  var type: ResourceType?

  init(_ object: RenderedObject) {
    (value, shown) = (object.value, object.shown)
    role = object.role
    isEncrypted = object.isEncrypted
  }

  var made: ManifestSet.Made { ManifestSet.Made(value, shown: shown == value ? nil : shown) }

  /// Whether what a cluster has of it says anything: hooks come and go, and what is encrypted here is not
  /// what was applied.
  var isComparable: Bool { role != .hook && !isEncrypted }

  /// Whether its controller leaves alone what exists of it.
  var isLeftAlone: Bool {
    RenderedComparison.isLeftAlone(value)
      || AppliedRemovals.isMarked(value, "\(AppliedRemovals.markGroup)/ssa", "IfNotPresent")
  }
}

/// What a cluster has of the objects of a consumer, and what it says of those that are to be applied.
struct LiveState: Sendable {
  /// Why an object will not be applied, or was not asked for.
  struct Refusal: Sendable {
    /// As it may be shown.
    let id: ObjectID
    let reason: String
    /// Whether its consumer fails with it.
    let breaks: Bool
  }

  var before: [AppliedObject] = []
  var after: [AppliedObject] = []
  /// The consumer itself; nil where the cluster has none.
  var consumer: Value?
  var objects: [ObjectID: Value] = [:]
  /// What it applied last; nil where it does not say.
  var inventory: [ObjectID]?
  /// The objects as the server would store them; empty where it was not asked.
  var answers: [ObjectID: Value] = [:]
  var refusals: [Refusal] = []
  /// What nobody may read or try here.
  var missing: [ActRight] = []
  /// Whether fields that were not rendered may be shown.
  var isOpen = false
  /// What is secret anywhere in the run.
  var known: SecretTexts = .none
}

/// The cluster whose objects rendered ones are compared with.
package struct LiveCluster: Sendable {
  private let cluster: any WritableCluster
  private let resolver: KindResolver
  /// Whether the API server is asked what would become of each object (a dry run), in place of finding it
  /// out from managed fields.
  let asksServer: Bool

  package init(_ cluster: any WritableCluster, _ resolver: KindResolver, asksServer: Bool) {
    self.cluster = cluster
    self.resolver = resolver
    self.asksServer = asksServer
  }

  var mode: DiffReport.RenderedMode { asksServer ? .server : .live }

  /// What is said where rights are missing.
  func lack(_ missing: [ActRight]) -> OperationError {
    var texts: [String] = []
    for right in missing where !texts.contains("\(right)") { texts.append("\(right)") }
    return OperationError(
      .forbidden,
      "no permission to \(texts.joined(separator: ", or to ")): "
        + "\(asksServer ? "--dry-run=server" : "--live") requires it")
  }

  /// - Parameters:
  ///   - id: the consumer.
  ///   - sides: its manifests on both sides.
  ///   - known: what is secret anywhere in the run.
  /// - Throws: where the server fails; what it refuses is in the state.
  func state(
    of id: ObjectID, _ sides: [Value], from before: RenderedConsumer?,
    to after: RenderedConsumer?, showsSecrets: Bool, known: SecretTexts
  ) async throws -> LiveState {
    var state = LiveState()
    state.known = known
    if let kind = id.fluxKind {
      state.consumer = try await read(
        ObjectReference(
          apiVersion: kind.apiVersion, kind: id.kind, namespace: id.namespace, name: id.name),
        &state)
    }
    let manifests = sides + [state.consumer].compactMap(\.self)
    state.isOpen = showsSecrets || !manifests.contains(where: Self.usesSecrets)
    state.before = await placed(before, old: sides.first)
    state.after = await placed(after, old: sides.last)
    let applied = state.consumer.map {
      DeliveryLinks(of: $0).downstream.filter { $0.role == .applies }
    }
    if state.consumer?["status", "inventory", "entries"]?.array != nil {
      state.inventory = applied?.map(\.node)
    }
    var wanted: [ObjectID: ObjectReference] = [:]
    for reference in applied ?? [] { wanted[reference.node] = reference.object }
    for object in state.before + state.after where object.type != nil {
      guard let reference = ObjectReference(to: object.value) else { continue }
      wanted[ObjectID(reference)] = reference
    }
    let (listed, rest) = await ObjectLists(on: cluster, resolver).read(wanted)
    var found = listed
    for answer in try await concurrently(rest, { try await answer(of: $0) }) {
      switch answer {
      case .found(let object): found.append(object)
      case .forbidden(let right): state.missing.append(right)
      case .absent: break
      }
    }
    for object in found {
      if let id = ObjectID(of: object) { state.objects[id] = object }
    }
    try await ask(&state, of: id)
    return state
  }

  private static func usesSecrets(_ consumer: Value) -> Bool {
    let references =
      (consumer["spec", "postBuild", "substituteFrom"]?.array ?? [])
      + (consumer["spec", "valuesFrom"]?.array ?? [])
    return references.contains { $0["kind"]?.string == "Secret" }
  }

  // MARK: - Objects as the cluster has them

  private func placed(_ consumer: RenderedConsumer?, old: Value?) async -> [AppliedObject] {
    let release = old.flatMap { object in
      consumer?.kind == "HelmRelease"
        ? ReleaseRendering(object, namespace: consumer?.namespace ?? "") : nil
    }
    var result: [AppliedObject] = []
    for object in consumer?.objects ?? [] {
      var applied = AppliedObject(object)
      guard let reference = ObjectReference(to: object.value) else { continue }
      applied.type = await resolver.type(of: reference)
      if let type = applied.type {
        let namespace =
          type.isNamespaced ? reference.namespace ?? release?.releaseNamespace : nil
        applied.value = Self.stored(applied.value, in: namespace)
        applied.shown = Self.stored(applied.shown, in: namespace)
      }
      if let release, applied.role == .applied {
        applied.value = Self.marked(applied.value, as: release)
        applied.shown = Self.marked(applied.shown, as: release)
      }
      result.append(applied)
    }
    return result
  }

  /// An object as a cluster keeps it: in its namespace, with the data of a Secret as such.
  private static func stored(_ object: Value, in namespace: String?) -> Value {
    let object = object.withSecretData
    guard var fields = object.object, var metadata = fields["metadata"]?.object else {
      return object
    }
    // That of the shown one may be hidden.
    if metadata["namespace"]?.filled == nil || namespace == nil {
      metadata["namespace"] = namespace.map(Value.string)
    }
    fields["metadata"] = .object(metadata)
    return .object(fields)
  }

  /// An object with the marks that helm adds as it applies a release, and that `helm template` does not
  /// print (`setMetadataVisitor` in `pkg/action/validate.go` of helm).
  private static func marked(_ object: Value, as release: ReleaseRendering) -> Value {
    guard var fields = object.object, var metadata = fields["metadata"]?.object else {
      return object
    }
    for (field, marks) in [
      ("labels", [("app.kubernetes.io/managed-by", "Helm")]),
      (
        "annotations",
        [
          ("meta.helm.sh/release-name", release.releaseName),
          ("meta.helm.sh/release-namespace", release.releaseNamespace),
        ]
      ),
    ] {
      // A mapping that may not be shown stays hidden.
      guard metadata[field] == nil || metadata[field]?.object != nil else { continue }
      var values = metadata[field]?.object ?? Object()
      for (key, value) in marks { values[key] = .string(value) }
      metadata[field] = .object(values)
    }
    fields["metadata"] = .object(metadata)
    return .object(fields)
  }

  private enum Answer: Sendable {
    case found(Value)
    case absent
    case forbidden(ActRight)
  }

  private func answer(of reference: ObjectReference) async throws -> Answer {
    guard let type = await resolver.type(of: reference) else { return .absent }
    do {
      return .found(
        try await cluster.get(type, namespace: reference.namespace, name: reference.name))
    } catch let error as APIError where error.isNotFound {
      return .absent
    } catch let error as APIError where error.isForbidden {
      return .forbidden(ActRight(verb: "get", resource: type, namespace: reference.namespace))
    }
  }

  private func read(_ reference: ObjectReference, _ state: inout LiveState) async throws -> Value? {
    switch try await answer(of: reference) {
    case .found(let object): return object
    case .absent: return nil
    case .forbidden(let right):
      state.missing.append(right)
      return nil
    }
  }

  // MARK: - Dry runs

  private struct Trial: Sendable {
    let object: AppliedObject
    let id: ObjectID
    let type: ResourceType
  }

  private enum Outcome: Sendable {
    case stored(Value)
    case refused(APIError)
    case forbidden(ActRight)
  }

  private func ask(_ state: inout LiveState, of consumer: ObjectID) async throws {
    var trials: [Trial] = []
    for object in state.after where object.role != .hook {
      guard let id = ObjectID(of: object.value) else { continue }
      let live = state.objects[id]
      guard !RenderedComparison.isLeftAlone(object.value),
        live.map({ RenderedComparison.isLeftAlone($0) || object.isLeftAlone }) != true
      else { continue }
      if let problem = problem(of: object, id, in: state) {
        state.refusals.append(problem)
      } else if let type = object.type, !object.isEncrypted {
        // CRDs in crds/ of a chart that exist are not applied again.
        if live != nil, object.role == .definition(isUpdated: false) { continue }
        trials.append(Trial(object: object, id: id, type: type))
      }
    }
    guard asksServer else { return }
    let outcomes = try await concurrently(trials) { try await outcome(of: $0, consumer) }
    for (trial, outcome) in zip(trials, outcomes) {
      switch outcome {
      case .stored(let object): state.answers[trial.id] = object
      case .forbidden(let right): state.missing.append(right)
      case .refused(let error): state.refusals.append(refusal(error, of: trial, in: state))
      }
    }
  }

  private func outcome(of trial: Trial, _ consumer: ObjectID) async throws -> Outcome {
    var options = WriteOptions(dryRun: true)
    // As the controllers do, which take over what others own. Nothing is stored.
    options.fieldManager =
      consumer.fluxKind == .helmRelease ? "helm-controller" : "kustomize-controller"
    do {
      return .stored(
        try await cluster.patch(
          trial.type, namespace: trial.id.namespace, name: trial.id.name,
          .apply(body(of: trial.object, consumer), force: true), options: options))
    } catch let error as APIError where error.kind == .status {
      // Admission refuses with the same status, in other words.
      if error.isForbidden, let verb = Self.deniedVerb(error.status?.message ?? "") {
        return .forbidden(
          ActRight(verb: verb, resource: trial.type, namespace: trial.id.namespace))
      }
      switch error.code {
      case 400, 403, 404, 409, 410, 413, 422: return .refused(error)
      // A webhook fails, or the object does not fit the schema.
      case 500
      where ["webhook", "typed patch object"].contains {
        error.status?.message.contains($0) == true
      }:
        return .refused(error)
      default: throw error
      }
    }
  }

  /// An object as its controller sends it: kustomize-controller writes down what the keys of ports leave out
  /// (`ssa/normalize` of fluxcd/pkg), without which servers refuse a Service.
  private func body(of object: AppliedObject, _ consumer: ObjectID) -> Value {
    guard consumer.fluxKind == .kustomization, object.value.kind == "Service",
      object.value.apiVersion == "v1", var fields = object.value.object,
      var spec = fields["spec"]?.object, let ports = spec["ports"]?.array
    else { return object.value }
    spec["ports"] = .array(
      ports.map { port in
        guard var port = port.object, port["protocol"] == nil else { return port }
        port["protocol"] = "TCP"
        return .object(port)
      })
    fields["spec"] = .object(spec)
    return .object(fields)
  }

  /// The verb in what the API server says of a right that is missing (`ForbiddenMessage` of apiserver's
  /// `responsewriters`): `User "x" cannot patch resource "deployments" in API group "apps" …`.
  static func deniedVerb(_ message: String) -> String? {
    guard message.contains("is forbidden: User "),
      let rest = message.split(separator: " cannot ", maxSplits: 1).dropFirst().first
    else { return nil }
    let words = rest.split(separator: " ", maxSplits: 2)
    guard words.count > 1, words[1] == "resource" else { return nil }
    return words[0].utf8.allSatisfy { (0x61...0x7A).contains($0) } ? String(words[0]) : nil
  }

  /// What is wrong before anybody is asked.
  private func problem(
    of object: AppliedObject, _ id: ObjectID, in state: LiveState
  ) -> LiveState.Refusal? {
    func refusal(_ reason: String, breaks: Bool = true) -> LiveState.Refusal {
      LiveState.Refusal(id: Self.shownID(object), reason: reason, breaks: breaks)
    }
    guard let type = object.type else {
      return Self.defines(id, state.after)
        ? refusal("not checked: its CRD is applied first", breaks: false)
        : refusal(
          "the cluster does not have the kind \(id.kind) (\(object.value.apiVersion ?? ""))")
    }
    // The words of kustomize-controller.
    return type.isNamespaced && id.namespace.isEmpty ? refusal("namespace not specified") : nil
  }

  private static func shownID(_ object: AppliedObject) -> ObjectID {
    ObjectID(of: object.shown)
      ?? ObjectID(group: "", kind: object.value.kind ?? "", namespace: "", name: "***")
  }

  private static func defines(_ id: ObjectID, _ objects: [AppliedObject]) -> Bool {
    objects.contains { object in
      object.value.kind == "CustomResourceDefinition"
        && object.value["spec", "group"]?.string == id.group
        && object.value["spec", "names", "kind"]?.string == id.kind
    }
  }

  private func refusal(
    _ error: APIError, of trial: Trial, in state: LiveState
  ) -> LiveState.Refusal {
    func refusal(_ reason: String, breaks: Bool) -> LiveState.Refusal {
      LiveState.Refusal(id: Self.shownID(trial.object), reason: reason, breaks: breaks)
    }
    let message = error.status?.message ?? "\(error)"
    if error.isNotFound, message.contains("namespaces \""),
      state.after.contains(where: {
        $0.value.kind == "Namespace" && $0.value.name == trial.id.namespace
      })
    {
      return refusal("not checked: its namespace is applied first", breaks: false)
    }
    if message.contains("does not support dry run") {
      return refusal("not checked: an admission webhook does not support dry runs", breaks: false)
    }
    let text = Self.text(of: error, message, for: trial.object, state.known)
    // `IsImmutableError` of fluxcd/pkg/ssa decides what is replaced.
    let isForced =
      state.consumer?["spec", "force"]?.bool == true
      || AppliedRemovals.isMarked(
        trial.object.value, "\(AppliedRemovals.markGroup)/force", "enabled")
    if isForced, error.isConflict || error.code == 422 || message.contains("immutable") {
      return refusal("deleted and created anew (force): \(text)", breaks: false)
    }
    return refusal(text, breaks: true)
  }

  /// Characters of a refusal that are worth reading.
  private static let longest = 500

  /// The server repeats values that it does not like.
  private static func text(
    of error: APIError, _ message: String, for object: AppliedObject, _ known: SecretTexts
  ) -> String {
    guard object.value != object.shown || MaskedObject(object.value, known: known).count > 0 else {
      return message.count > longest ? "\(message.prefix(longest))…" : message
    }
    let fields = (error.status?.causes ?? []).map(\.field).filter { !$0.isEmpty }
    return error.reason + (fields.isEmpty ? "" : " (\(fields.joined(separator: ", ")))")
      + "; the message may contain secrets and is not shown"
  }
}
