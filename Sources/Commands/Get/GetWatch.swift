import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation

/// `get --watch`: objects as they are, and again whenever they change, in columns that stay.
///
/// Ends with the output, with a signal or with `--timeout`; a connection that ends is opened again.
struct GetWatch: Sendable {
  let filter: GetDelivery.Filter
  let printer: ObjectPrinter
  let options: ListOptions

  func run(
    _ queries: [ObjectQuery],
    in namespace: String?,
    _ session: ClusterSession,
    _ surroundings: Surroundings
  ) async throws {
    guard queries.count == 1, let query = queries.first, query.names.count <= 1 else {
      throw UsageError("--watch follows one kind, or one object: name one")
    }
    let cluster = try session.watching()
    var options = WatchOptions(
      labelSelector: options.labelSelector, fieldSelector: options.fieldSelector)
    if let name = query.names.first {
      // As without --watch: an object that is not there is an error.
      _ = try await cluster.get(query.resource, namespace: namespace, name: name)
      options = .object(named: name)
    }
    var shown = Shown(table: printer.table(of: query.kind), printer: printer)
    try await cluster.watch(query.resource, namespace: namespace, options: options) { update in
      switch update {
      case .snapshot(let list):
        try shown.print(shown.news(in: list.items).filter(accepts), query, surroundings)
      case .added(let object), .modified(let object), .deleted(let object):
        try shown.print(shown.news(of: object).filter(accepts), query, surroundings)
      case .interrupted(let error):
        surroundings.warn("\(error); connecting again")
      }
      return .next
    }
  }

  private func accepts(_ object: Value) -> Bool {
    filter.acceptsAlone(object)
  }

  /// What has been printed already.
  private struct Shown {
    let layout: ObjectTable
    var table: GrowingTable
    var printer: ObjectPrinter
    /// Of each object the version that was shown last.
    var versions: [NodeID: String] = [:]

    init(table layout: ObjectTable, printer: ObjectPrinter) {
      self.layout = layout
      self.printer = printer
      table = GrowingTable(
        columns: layout.shownColumns, wide: printer.format == .wide, headers: printer.headers,
        style: printer.style)
    }

    /// A list after a lost connection repeats what was shown before.
    mutating func news(in objects: [Value]) -> [Value] {
      let before = versions
      versions = [:]
      return objects.filter { object in
        guard let id = NodeID(of: object) else { return false }
        let version = object.resourceVersion ?? ""
        versions[id] = version
        return version.isEmpty || before[id] != version
      }
    }

    mutating func news(of object: Value) -> [Value] {
      if let id = NodeID(of: object) { versions[id] = object.resourceVersion ?? "" }
      return [object]
    }

    mutating func print(
      _ objects: [Value], _ query: ObjectQuery, _ surroundings: Surroundings
    ) throws {
      guard !objects.isEmpty else { return }
      switch printer.format {
      case .json:
        for object in objects { try surroundings.print(printer.cleaned(object), as: .json) }
      case .yaml:
        for object in objects {
          try surroundings.output.line("---")
          try surroundings.print(printer.cleaned(object), as: .yaml)
        }
      case .name:
        for object in objects {
          try surroundings.output.line("\(query.resource.groupSingular)/\(object.name ?? "")")
        }
      case .table, .wide:
        printer.now = surroundings.now()
        let rows = objects.map { layout.cells(printer.row($0)) }
        try surroundings.output.write(table.text(for: rows))
      }
      try surroundings.output.flush()
    }
  }
}
