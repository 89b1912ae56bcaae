import Document
import FluxModel
import Objects
import Operations
import Presentation
import Text

/// Prints objects of the cluster as `kubectl get` prints them.
struct ObjectPrinter {
  let format: OutputFormat
  let style: Style
  let headers: Bool
  let showsNamespaces: Bool
  let showsManagedFields: Bool
  var now: Timestamp
  var isWhole = false
  var time = TimeForm.relative
  /// Nil when nobody asked how fresh objects are.
  var states: [ObjectID: ObjectState]?
  /// What to tell the reasons of, even where there is little room.
  var reasons: Set<ObjectColumn.Topic> = []
  var showsLabels = false
  /// Whether kinds go by their short names: where one word stood for several of Flux's own.
  var usesShortKinds = false

  /// - Parameters:
  ///   - severalKinds: Whether more than one kind was asked for: names then say theirs.
  ///   - single: Whether one object was asked for by name: it then is printed without a list.
  func print(
    _ groups: [ObjectGroup],
    severalKinds: Bool,
    single: Bool,
    to surroundings: Surroundings
  ) throws {
    let output = surroundings.output
    switch format {
    case .table, .wide:
      try printTables(groups, severalKinds: severalKinds, to: output)
    case .name:
      for group in groups {
        for object in group.objects {
          try output.line(
            "\(group.resource.groupSingular)/\(object["metadata", "name"]?.string ?? "")"
          )
        }
      }
    case .json:
      try surroundings.print(value(of: groups, single: single), as: .json)
    case .yaml:
      try surroundings.print(value(of: groups, single: single), as: .yaml)
    }
  }

  private func printTables(
    _ groups: [ObjectGroup],
    severalKinds: Bool,
    to output: OutputStream
  ) throws {
    for (index, group) in groups.enumerated() {
      let layout = table(of: group.kind)
      if index > 0 && headers { try output.line("") }
      let prefix = severalKinds ? prefix(of: group.resource) : ""
      let table = layout.table(of: group.objects.map { row($0, prefix: prefix) })
      try output.write(table.rendered(wide: format == .wide, headers: headers, style: style))
    }
  }

  /// What stands before a name where there are several kinds.
  func prefix(of resource: ResourceType) -> String {
    "\(usesShortKinds ? resource.singular : resource.groupSingular)/"
  }

  /// - Parameter kind: Nil for a table that objects of several kinds share.
  func table(of kind: FluxKind?) -> ObjectTable {
    ObjectTable(
      of: kind, namespaces: showsNamespaces, freshness: states != nil, labels: showsLabels,
      reasons: reasons)
  }

  func row(_ object: Value, prefix: String = "") -> ObjectRow {
    ObjectRow(
      object: object, prefix: prefix, now: now, isWhole: isWhole || format == .wide, time: time,
      state: ObjectID(of: object).flatMap { states?[$0] })
  }

  private func value(of groups: [ObjectGroup], single: Bool) -> Value {
    let objects = groups.flatMap(\.objects).map(cleaned)
    if single, objects.count == 1 { return objects[0] }
    return [
      "apiVersion": "v1",
      "items": .array(objects),
      "kind": "List",
      "metadata": ["resourceVersion": ""],
    ]
  }

  func cleaned(_ object: Value) -> Value {
    showsManagedFields ? object : object.withoutManagedFields
  }
}
