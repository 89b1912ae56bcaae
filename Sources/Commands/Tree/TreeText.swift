import FluxModel
import Objects
import Operations
import Presentation
import Text

/// Draws a part of the delivery graph for people.
struct TreeText {
  let view: TreeView
  let now: Timestamp
  /// Whether digests are shown whole.
  let isWhole: Bool

  func trees() -> [TreeNode] {
    var drawing = Drawing(text: self)
    return view.roots.map { drawing.node($0, alias: nil, role: nil, depth: 0) }
  }

  /// One node without what hangs on it.
  func line(
    _ id: ObjectID, alias: String? = nil, role: DeliveryGraph.Role? = nil
  ) -> TreeNode {
    var details: [Cell] = []
    if let alias { details.append(Cell("@\(alias)", .faint)) }
    if role == .applies { details.append(Cell("(applies it)", .faint)) }
    if role == .owns { details.append(Cell("(owns it)", .faint)) }
    guard let state = view.states[id] else { return TreeNode(id.description, details: details) }
    if let word = state.word {
      details.append(Cell("\(Self.mark(word)) \(word.text)", Self.tone(word)))
    }
    if case .suspended(let record, _)? = state.health, record.isOverdue(now: now) {
      details.append(Cell("(overdue)", .bad))
    }
    if let revision = state.revision { details.append(Cell(shortened(revision))) }
    if let count = artifactCount(id) { details.append(Cell(count)) }
    if let since = state.latest, let age = Age.phrase(seconds: now.seconds - since.seconds) {
      details.append(Cell("for \(age)"))
    }
    let reason = state.reason.flatMap { isSaidAbove(id, $0) ? nil : shortened($0) }
    return TreeNode(
      id.description, details: details,
      remarks: reason.map { [Cell(state.withoutSubject($0), .faint)] } ?? [])
  }

  private func artifactCount(_ id: ObjectID) -> String? {
    guard id.fluxKind == .artifactGenerator, let object = view.graph.object(id) else { return nil }
    return counted(GeneratorSummary(object).artifactCount, "artifact")
  }

  /// A generator's trouble is that of all its artifacts: it is shown once.
  private func isSaidAbove(_ id: ObjectID, _ reason: String) -> Bool {
    guard id.fluxKind == .externalArtifact, view.direction == .down else { return false }
    return view.graph.upstream(of: id).contains { view.states[$0.id]?.reason == reason }
  }

  private func shortened(_ text: String) -> String {
    isWhole ? text : shortenHex(text)
  }

  static func mark(_ word: ObjectState.Word) -> String {
    switch word {
    case .ready: "✔"
    case .notReady, .deleting, .missing: "✗"
    case .stalled: "⊘"
    case .stuck: "∞"
    case .stale: "≠"
    case .behind: "↓"
    case .inProgress: "◎"
    case .suspended: "⏸"
    case .unknown, .unread: "?"
    }
  }

  static func tone(_ word: ObjectState.Word) -> Tone {
    switch word {
    case .ready: .good
    case .notReady, .stalled, .stuck, .stale, .behind, .deleting, .missing: .bad
    case .inProgress, .suspended, .unknown, .unread: .warning
    }
  }

  /// Every mark with its words, as one line of help.
  static var legend: String {
    var entries: [(mark: String, words: [String])] = []
    for word in ObjectState.Word.allCases {
      let mark = mark(word)
      if let index = entries.firstIndex(where: { $0.mark == mark }) {
        entries[index].words.append(word.text)
      } else {
        entries.append((mark, [word.text]))
      }
    }
    return entries.map { "\($0.mark) \($0.words.joined(separator: ", "))" }.joined(separator: "; ")
  }

  private struct Drawing {
    /// More levels are unreadable, and each costs a nested call.
    static let deepest = 200

    let text: TreeText
    let included: Set<ObjectID>
    /// The nodes between the root and here.
    var path: Set<ObjectID> = []
    var drawn: Set<ObjectID> = []

    init(text: TreeText) {
      self.text = text
      included = Set(text.view.members)
    }

    mutating func node(
      _ id: ObjectID, alias: String?, role: DeliveryGraph.Role?, depth: Int
    ) -> TreeNode {
      let isUpwards = text.view.direction == .up
      var node = text.line(id, alias: alias, role: isUpwards ? role : nil)
      let links = text.view.graph.links(of: id, text.view.direction)
        .filter { included.contains($0.id) && text.view.roles.contains($0.role) }
      if path.contains(id) {
        node.details.append(Cell("(cycle)", .faint))
        return node
      }
      if text.view.depth.map({ depth >= $0 }) ?? false { return node }
      if depth >= Self.deepest {
        if !links.isEmpty { node.details.append(Cell("(has more: run tree on it)", .faint)) }
        return node
      }
      if drawn.contains(id) {
        if !links.isEmpty { node.details.append(Cell("(shown above)", .faint)) }
        return node
      }
      drawn.insert(id)
      path.insert(id)
      node.children = Self.merged(links).map { link in
        self.node(link.id, alias: link.alias, role: link.role, depth: depth + 1)
      }
      path.remove(id)
      return node
    }

    /// One line for each neighbour, however many edges lead there.
    private static func merged(_ links: [DeliveryGraph.Link]) -> [DeliveryGraph.Link] {
      var seen: Set<ObjectID> = []
      return links.filter { seen.insert($0.id).inserted }
    }
  }
}
