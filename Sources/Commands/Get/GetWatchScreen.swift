import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation

/// What `get --watch` prints, whichever of its watches it comes from.
actor GetWatchScreen {
  private let scopes: [GetWatch.Scope]
  private let filter: GetDelivery.Filter
  private let surroundings: Surroundings
  private var printer: ObjectPrinter
  private let layout: ObjectTable
  private var table: GrowingTable
  private let isOfSeveralKinds: Bool
  /// Of each object the version that was shown last.
  private var versions: [Int: [ObjectID: String]] = [:]
  /// Nil from when it is known of every scope what there is.
  ///
  /// Nothing is printed before: the order must not depend on which answer comes first.
  private var start: Start? = Start()

  /// What could not be watched, by its scope; said when the first table is there, all in one.
  private var notes: [Int: ReadGap] = [:]

  private struct Start {
    var objects: [Int: [Value]] = [:]
    var changes: [(object: Value, scope: Int)] = []
  }

  init(
    _ scopes: [GetWatch.Scope], filter: GetDelivery.Filter, printer: ObjectPrinter,
    surroundings: Surroundings
  ) {
    self.scopes = scopes
    self.filter = filter
    self.printer = printer
    self.surroundings = surroundings
    let kinds = Set(scopes.map(\.query.kind))
    isOfSeveralKinds = kinds.count > 1
    layout = printer.table(of: kinds.count == 1 ? kinds.first : nil)
    table = GrowingTable(
      columns: layout.shownColumns, wide: printer.format == .wide, headers: printer.headers,
      style: printer.style)
  }

  func take(_ update: WatchUpdate, of scope: Int) throws {
    switch update {
    case .snapshot(let list):
      let news = news(in: list.items, of: scope).filter(filter.acceptsAlone)
      if start != nil { return try begin(with: news, of: scope) }
      try print(news.map { ($0, scope) })
    case .added(let object), .modified(let object), .deleted(let object):
      if let id = ObjectID(of: object) {
        versions[scope, default: [:]][id] = object.resourceVersion ?? ""
      }
      guard filter.acceptsAlone(object) else { return }
      if start != nil {
        start?.changes.append((object, scope))
      } else {
        try print([(object, scope)])
      }
    case .interrupted(let error):
      surroundings.warn("\(error); connecting again")
    }
  }

  func note(_ note: ReadGap, of scope: Int) {
    notes[scope] = note
  }

  /// Does not wait for a scope any more.
  func leaveOut(_ scope: Int, _ note: ReadGap, _ refusal: APIError) throws {
    notes[scope] = note
    // Whoever may list need not have the right to watch.
    guard start != nil else { return surroundings.warn("\(refusal)") }
    // When nothing at all is left, the refusal itself is what is said.
    guard notes.count < scopes.count || notes.values.contains(where: { $0.onlyRead != nil }) else {
      return
    }
    try begin(with: [], of: scope)
  }

  /// A list after a lost connection repeats what was shown before.
  private func news(in objects: [Value], of scope: Int) -> [Value] {
    let before = versions[scope] ?? [:]
    var now: [ObjectID: String] = [:]
    let news = objects.filter { object in
      guard let id = ObjectID(of: object) else { return false }
      let version = object.resourceVersion ?? ""
      now[id] = version
      return version.isEmpty || before[id] != version
    }
    versions[scope] = now
    return news
  }

  private func begin(with objects: [Value], of scope: Int) throws {
    guard var begun = start else { return }
    begun.objects[scope, default: []] += objects
    start = begun
    guard begun.objects.count == scopes.count else { return }
    start = nil
    try print(
      scopes.indices.flatMap { index in (begun.objects[index] ?? []).map { ($0, index) } })
    try print(begun.changes)
    let ordered = FluxKind.allCases.flatMap { kind in notes.values.filter { $0.kind == kind } }
    for line in ReadGap.lines(ordered) {
      surroundings.warn(line)
    }
  }

  private func print(_ objects: [(object: Value, scope: Int)]) throws {
    guard !objects.isEmpty else { return }
    switch printer.format {
    case .json:
      for (object, _) in objects { try surroundings.print(printer.cleaned(object), as: .json) }
    case .yaml:
      for (object, _) in objects {
        try surroundings.output.line("---")
        try surroundings.print(printer.cleaned(object), as: .yaml)
      }
    case .name:
      for (object, scope) in objects {
        let kind = scopes[scope].query.resource.groupSingular
        try surroundings.output.line("\(kind)/\(object.name ?? "")")
      }
    case .table, .wide:
      printer.now = surroundings.now()
      let rows = objects.map { object, scope in
        let prefix = isOfSeveralKinds ? printer.prefix(of: scopes[scope].query.resource) : ""
        return layout.cells(printer.row(object, prefix: prefix))
      }
      try surroundings.output.write(table.text(for: rows))
    }
    try surroundings.output.flush()
  }
}
