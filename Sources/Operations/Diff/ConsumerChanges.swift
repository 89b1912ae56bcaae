import Content
import Document
import FluxModel
package import Objects
import Publishing
import Rendering

extension DiffReport {
  /// A Kustomization or HelmRelease whose own manifest is not what the base has.
  package struct ConsumerChange: Sendable {
    /// The names are those of output.
    package enum Kind: String, Sendable, CaseIterable {
      case new
      case changed
      case deleted
    }

    /// A field of the spec, with both values as text; nil for none.
    package struct Field: Sendable, Hashable {
      /// Such as `spec.path`.
      package let path: String
      package let old: String?
      package let new: String?
    }

    package let id: ObjectID
    package let change: Kind
    /// What decides where it takes objects from and puts them.
    package let fields: [Field]
    /// Other fields of the spec that differ, as `spec.interval`: by name only, because values may be secret.
    package let others: [String]
    let old: Value?
    let new: Value?
  }
}

/// Compares the manifests of consumers.
struct ConsumerChanges {
  /// The consumers of one side.
  struct Side: Sendable {
    var objects: [ObjectID: Value] = [:]
    /// The kinds of which it has all there are: of others, one that is missing may be there.
    var complete: Set<FluxKind> = []
    /// Whether the objects are a cluster's, with defaults and what others have written.
    var isLive = false

    init() {}

    /// - Parameter isComplete: False where a manifest could not be read.
    init(manifests: [Value], isComplete: Bool) {
      take(manifests)
      complete = isComplete ? Set(FluxKind.allCases.filter(\.isConsumer)) : []
    }

    mutating func take(_ values: [Value]) {
      for value in values {
        guard let id = ObjectID(of: value), id.fluxKind?.isConsumer == true else { continue }
        objects[id] = value
      }
    }
  }

  /// In the order of the objects.
  private(set) var found: [DiffReport.ConsumerChange] = []

  /// - Parameter isPartial: Whether the new side is only a part of what there will be, as files are of a
  ///   cluster: then nothing is deleted, and only what files say of a field counts.
  init(from old: Side, to new: Side, isPartial: Bool) {
    for id in Set(old.objects.keys).union(new.objects.keys).sorted() {
      guard let kind = id.fluxKind else { continue }
      switch (old.objects[id], new.objects[id]) {
      case (nil, let object?) where old.complete.contains(kind):
        found.append(
          DiffReport.ConsumerChange(
            id: id, change: .new, fields: [], others: [], old: nil, new: object))
      case (let object?, nil) where !isPartial && new.complete.contains(kind):
        found.append(
          DiffReport.ConsumerChange(
            id: id, change: .deleted, fields: [], others: [], old: object, new: nil))
      case (let before?, let after?):
        // A live object has the defaults of the API server, and what others apply to it.
        let isExact = old.isLive == new.isLive
        let fields = Self.fields(id, before, after, isExact: isExact)
        let others = isExact ? Self.others(before, after) : []
        guard !fields.isEmpty || !others.isEmpty else { continue }
        found.append(
          DiffReport.ConsumerChange(
            id: id, change: .changed, fields: fields, others: others, old: before, new: after))
      default: continue
      }
    }
  }

  // MARK: - Fields

  /// - Parameter isExact: False where only a value that both sides spell out, or that has the same default
  ///   in the API, can be compared.
  private static func fields(
    _ id: ObjectID, _ old: Value, _ new: Value, isExact: Bool
  ) -> [DiffReport.ConsumerChange.Field] {
    let before = texts(of: old, id)
    let after = texts(of: new, id)
    return zip(before, after).compactMap { one, other in
      guard one.compared != other.compared else { return nil }
      if !isExact {
        // What is substituted is known only to whoever applies the file.
        if [one, other].compactMap(\.shown).contains(where: PostBuildVariable.isPart(of:)) {
          return nil
        }
        // What people suspend by hand stays so when a file without the field is applied.
        if other.path == "spec.suspend", new["spec", "suspend"] == nil { return nil }
      }
      return DiffReport.ConsumerChange.Field(path: other.path, old: one.shown, new: other.shown)
    }
  }

  private struct Text {
    let path: String
    let shown: String?
    let compared: String

    init(_ path: String, _ shown: String?, compared: String? = nil) {
      self.path = path
      self.shown = shown
      self.compared = compared ?? shown ?? ""
    }
  }

  /// As many, in the same order, for every object of a kind.
  private static func texts(of object: Value, _ id: ObjectID) -> [Text] {
    let spec = object["spec"]
    let source = KustomizationPlace.source(of: object)
    let reference =
      id.fluxKind == .kustomization
      ? "spec.sourceRef"
      : spec?["chartRef"] == nil ? "spec.chart.spec.sourceRef" : "spec.chartRef"
    var texts = [Text(reference, source?.phrase)]
    if id.fluxKind == .kustomization {
      let path = spec?["path"]?.string ?? ""
      texts.append(
        Text(
          "spec.path", path.isEmpty ? "./" : path,
          compared: "\(SecurePath.resolve(path, in: FileTree()))"))
      texts.append(Text("spec.targetNamespace", spec?["targetNamespace"]?.filled))
      texts.append(Text("spec.prune", "\(spec?["prune"]?.bool == true)"))
    } else {
      texts.append(Text("spec.chart.spec.chart", spec?["chart", "spec", "chart"]?.filled))
      texts.append(
        Text(
          "spec.targetNamespace", spec?["targetNamespace"]?.filled,
          compared: spec?["targetNamespace"]?.filled ?? id.namespace))
      texts.append(
        Text(
          "spec.releaseName",
          ReleaseRendering(object, namespace: id.namespace).releaseName))
      texts.append(
        Text(
          "spec.storageNamespace", spec?["storageNamespace"]?.filled,
          compared: spec?["storageNamespace"]?.filled ?? id.namespace))
    }
    texts.append(Text("spec.suspend", "\(spec?["suspend"]?.bool == true)"))
    return texts
  }

  /// The fields of a spec that ``texts(of:_:)`` has read.
  private static let compared: Set<String> = [
    "sourceRef", "chartRef", "path", "targetNamespace", "prune", "releaseName", "storageNamespace",
    "suspend",
  ]

  private static func others(_ old: Value, _ new: Value) -> [String] {
    func rest(_ object: Value) -> Object {
      var fields = object["spec"]?.object ?? [:]
      for name in compared { fields[name] = nil }
      guard ObjectID(of: object)?.fluxKind == .helmRelease,
        var chart = fields["chart"]?.object, var spec = chart["spec"]?.object
      else { return fields }
      spec["sourceRef"] = nil
      spec["chart"] = nil
      chart["spec"] = spec.isEmpty ? nil : .object(spec)
      fields["chart"] = chart.isEmpty ? nil : .object(chart)
      return fields
    }
    let before = rest(old)
    let after = rest(new)
    return Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.sorted()
      .map { "spec.\($0)" }
  }
}

extension DiffReport.ConsumerChange {
  /// What differs, as a clause; empty where it is new or deleted.
  var account: String {
    let changes = fields.map { field in
      switch (field.path, field.new) {
      case ("spec.prune", "true"?): return "prune is turned on"
      case ("spec.prune", _):
        return "prune is turned off: what it no longer applies stays in the cluster"
      case ("spec.suspend", "true"?): return "it is suspended"
      case ("spec.suspend", _): return "it is resumed"
      default:
        return "\(field.path) changes from \(field.old ?? "none") to \(field.new ?? "none")"
      }
    }
    guard !others.isEmpty else { return changes.joined(separator: "; ") }
    let rest = "\(others.joined(separator: ", ")) \(others.count == 1 ? "changes" : "change")"
    return (changes + [rest]).joined(separator: "; ")
  }

  func changes(_ path: String) -> Bool { fields.contains { $0.path == path } }

  /// Whether what was applied before may no longer be found.
  var movesObjects: Bool {
    guard change == .changed else { return change == .deleted }
    let moving = ["patches", "components", "namePrefix", "nameSuffix", "ignoreMissingComponents"]
    return ["spec.path", "spec.sourceRef", "spec.targetNamespace"].contains(where: changes)
      || others.contains { name in moving.contains { name == "spec.\($0)" } }
  }
}
