import Content
import Differences
import Document
import Objects
import Operations
import Presentation
import Text

/// What changes inside of artifacts, as text.
struct DiffDetails {
  let report: DiffReport
  let detail: DiffDetail
  let style: Style
  /// Whether long values are whole.
  let isWhole: Bool
  let showsNamespaces: Bool
  /// The objects that come into artifacts or go.
  private let moves: [ManifestIdentity: [(kind: ObjectChange.Kind, artifact: String)]]

  /// - Parameters:
  ///   - isWhole: Whether long values are whole.
  ///   - showsNamespaces: Whether artifacts are named with their namespaces.
  init(
    report: DiffReport, detail: DiffDetail, style: Style, isWhole: Bool, showsNamespaces: Bool
  ) {
    self.report = report
    self.detail = detail
    self.style = style
    self.isWhole = isWhole
    self.showsNamespaces = showsNamespaces
    var moves: [ManifestIdentity: [(kind: ObjectChange.Kind, artifact: String)]] = [:]
    for item in report.items {
      for change in item.changes?.objects?.changes ?? []
      where change.kind == .added || change.kind == .removed {
        moves[change.identity, default: []].append(
          (change.kind, showsNamespaces ? "\(item.namespace)/\(item.name)" : item.name))
      }
    }
    self.moves = moves
  }

  /// The lines below the table.
  func lines() throws -> [String] {
    var lines: [String] = []
    for item in report.items {
      let section = try self.section(of: item)
      guard !section.isEmpty else { continue }
      lines += ["", style.paint(name(of: item), .warning)] + section.map { "  " + $0 }
    }
    return lines
  }

  /// What changes in the objects of consumers.
  func renderedLines() -> [String] {
    guard !rendered.isEmpty else { return [] }
    let sections = rendered.flatMap { diff in
      ["", style.paint(heading(of: diff), .warning)] + section(of: diff).map { "  " + $0 }
    }
    return ["", "Objects of consumers, \(report.renderedMode.phrase):"] + sections
  }

  /// Those that could be rendered; what others lack is among the notes.
  var rendered: [RenderedDiff] { report.rendered.filter { $0.unavailable == nil } }

  func heading(of diff: RenderedDiff) -> String {
    ManifestIdentity.object(diff.id).phrase
      + (diff.isSuspended ? ", not applied until it is resumed" : "")
  }

  /// The same of one, without its name.
  func section(of diff: RenderedDiff) -> [String] {
    var lines: [String] = []
    // A reason that is the same on both sides is said once.
    let isSame = diff.failure != nil && diff.failure == diff.oldFailure
    if let reason = diff.oldFailure, !isSame {
      lines.append(Printable.line("at the base, it cannot be rendered: \(reason)"))
    }
    if let reason = diff.failure {
      lines.append(
        style.paint(
          Printable.line("cannot be rendered\(isSame ? " on either side" : ""): \(reason)"), .bad))
    }
    for object in diff.objects { lines += self.lines(of: object) }
    for refusal in diff.refusals {
      lines.append(
        style.paint(
          Printable.line("! \(refusal.id): \(refusal.reason)"), refusal.breaks ? .bad : .faint))
    }
    if !diff.relabeled.isEmpty {
      let count = diff.relabeled.count
      let pods = diff.relabeled.filter { $0.change.chartLabelChange == .pods }
        .map { $0.change.identity.phrase }
      lines.append(
        "~ \(counted(count, "object")): only the label helm.sh/chart changes"
          + (pods.isEmpty ? "" : "; replaces the pods of \(pods.joined(separator: ", "))"))
    }
    if diff.noiseCount > 0 {
      lines.append(
        style.paint(
          counted(diff.noiseCount, "ignored difference"), .faint))
    }
    if lines.isEmpty { lines = [style.paint("no object changes", .faint)] }
    guard !diff.drift.isEmpty else { return lines }
    // Of both readings, people look for the values that are in the cluster now.
    lines.append("drift: these live objects differ from the base")
    for change in diff.drift {
      lines += self.lines(of: change, remark: change.kind == .removed ? " (not there)" : "")
        .map { "  " + $0 }
    }
    return lines
  }

  private func lines(of object: RenderedDiff.Object) -> [String] {
    var remark: String
    switch object.fate {
    case .created, .changed: remark = ""
    case .deleted: remark = " (deleted)"
    case .orphaned: remark = " (stays in the cluster)"
    case .renamed: remark = " (was \(Printable.spelled(object.change.oldName ?? "")))"
    case .notApplied: remark = " (not applied)"
    }
    if let reason = object.reason { remark = "\(remark.dropLast()): \(Printable.line(reason)))" }
    var lines = self.lines(of: object.change, remark: remark)
    for danger in object.dangers {
      lines.append("    " + style.paint("dangerous: \(Printable.line(danger.text))", .bad))
    }
    if !object.fixedFields.isEmpty {
      lines.append(
        "    "
          + style.paint(
            "needs replacement\(object.isForced ? " (force)" : ""): "
              + "\(object.fixedFields.joined(separator: ", ")) cannot change in place", .warning))
    }
    return lines
  }

  private func name(of item: DiffReport.Item) -> String {
    showsNamespaces ? "\(item.namespace)/\(item.name)" : item.name
  }

  /// What changes inside of one, without its name; nothing where nothing is known or asked for.
  func section(of item: DiffReport.Item) throws -> [String] {
    guard let changes = item.changes else {
      return item.unread.map { [Printable.line("unknown files: \($0)")] } ?? []
    }
    let isShallow = if case .none = detail.listing { !detail.showsObjects } else { false }
    if !isShallow, let first = changes.directories.first {
      let names = "such as \(Printable.spelled(first.text))/"
      return [style.paint("no file changes: only directories, \(names)", .faint)]
    }
    var lines: [String] = []
    if case .files(let counts) = detail.listing {
      for change in changes.files {
        lines.append(try line(change, in: changes, counts: counts))
      }
    }
    guard detail.showsObjects, let objects = changes.objects else { return lines }
    for change in objects.changes {
      lines += self.lines(of: change, remark: remark(on: change, in: item))
    }
    if !objects.unreadable.isEmpty {
      lines.append(
        style.paint(
          "cannot be read as YAML or JSON, compared by content only: "
            + objects.unreadable.map { Printable.spelled($0.text) }.joined(separator: ", "), .faint)
      )
    }
    let others = others(changes, besides: objects)
    if !others.isEmpty, case .none = detail.listing { lines += others }
    if objects.noiseCount > 0 {
      let what = counted(objects.noiseCount, "ignored difference")
      let path = Printable.line(objects.firstNoise ?? "")
      let names = path.isEmpty ? "" : objects.noiseCount == 1 ? ": \(path)" : ", such as \(path)"
      lines.append(style.paint("\(what)\(names)", .faint))
    }
    if lines.isEmpty, !changes.files.isEmpty {
      let count = changes.files.count
      lines.append(
        style.paint(
          "no object changes: only the order, format or comments of "
            + counted(count, "file"), .faint))
    } else if objects.noiseCount == 0 {
      let count = reformatted(changes, besides: objects)
      if count > 0 {
        lines.append(
          style.paint("only the order, format or comments of \(counted(count, "file"))", .faint))
      }
    }
    return lines
  }

  /// How many manifests change in which no object does.
  private func reformatted(_ changes: ArtifactChanges, besides objects: ObjectComparison) -> Int {
    let others = Set(
      objects.unreadable + objects.changes.flatMap { [$0.oldPath, $0.newPath].compactMap(\.self) })
    return changes.files.count { change in
      change.kind == .modified && ManifestSet.isManifest(change.path)
        && !others.contains(change.path)
    }
  }

  /// Where an object comes from or goes to, if another artifact loses or gets it.
  private func remark(on change: ObjectChange, in item: DiffReport.Item) -> String? {
    guard [.added, .removed].contains(change.kind), case .object = change.identity else {
      return nil
    }
    let opposite: ObjectChange.Kind = change.kind == .added ? .removed : .added
    guard let other = moves[change.identity]?.first(where: { $0.kind == opposite }) else {
      return nil
    }
    let path = Printable.spelled(change.path.text)
    return change.kind == .added
      ? " (\(path), from artifact \(other.artifact))"
      : " (\(path), now in artifact \(other.artifact))"
  }

  /// The files that are no manifests.
  private func others(_ changes: ArtifactChanges, besides objects: ObjectComparison) -> [String] {
    changes.files.filter { change in
      change.kind == .mode || !ManifestSet.isManifest(change.path)
    }.map { change in
      "\(Self.mark(change.kind)) \(Printable.spelled(change.path.text))"
    }
  }

  // MARK: - Files

  private static func mark(_ kind: FileChange.Kind) -> String {
    switch kind {
    case .added: "+"
    case .removed: "-"
    case .modified, .mode: "~"
    case .renamed: ">"
    }
  }

  private func line(
    _ change: FileChange, in changes: ArtifactChanges, counts: Bool
  ) throws -> String {
    var text = "\(Self.mark(change.kind)) \(Printable.spelled(change.path.text))"
    if change.kind == .renamed, let old = change.old {
      text += " (was \(Printable.spelled(old.path.text)))"
    }
    if change.changesMode, let old = change.old, let new = change.new {
      text += ", mode \(old.gitMode) to \(new.gitMode)"
    }
    guard counts, change.kind != .renamed, change.kind != .mode else { return text }
    // Numbers of lines hold no secrets: nothing needs to be masked.
    let difference = try changes.difference(
      of: change, sizeLimit: GitPatch.defaultSizeLimit, showsSecrets: true)
    switch difference {
    case .none: break
    case .binary: text += ", binary, \(Self.sizes(change))"
    case .tooLarge: text += ", large, \(Self.sizes(change))"
    case .lines(let lines): text += ", +\(lines.count.added) -\(lines.count.removed)"
    }
    return text
  }

  private static func sizes(_ change: FileChange) -> String {
    let sizes = [change.old, change.new].compactMap { $0.map { "\($0.size)" } }
    return sizes.joined(separator: " to ") + " bytes"
  }

  // MARK: - Objects

  /// - Parameter remark: What stands behind the name, in place of the file.
  private func lines(of change: ObjectChange, remark: String? = nil) -> [String] {
    var head = "\(Self.mark(change.kind)) \(change.identity.phrase)\(remark ?? "")"
    switch change.kind {
    case .reencrypted where remark != nil: head += ": re-encrypted"
    case _ where remark != nil: break
    case .moved:
      let old = change.oldPath.map(\.text) ?? ""
      head += " (moved from \(Printable.spelled(old)) to \(Printable.spelled(change.path.text)))"
    case .reencrypted:
      head += " (\(Printable.spelled(change.path.text))): re-encrypted"
    case .added, .removed, .changed:
      head += " (\(Printable.spelled(change.path.text)))"
    }
    let tone: Tone =
      switch change.kind {
      case .added: .good
      case .removed: .bad
      case .changed: .warning
      case .moved, .reencrypted: .plain
      }
    guard change.kind == .changed else { return [style.paint(head, tone)] }
    let fields = isWhole ? change.fields[...] : change.fields.prefix(Self.mostFields)
    var lines = [style.paint(head, tone)] + fields.map { "    " + line($0) }
    let rest = change.fields.count - fields.count
    if rest > 0 {
      lines.append(
        style.paint("    … and \(rest) more fields (--no-truncate shows all)", .faint))
    }
    return lines
  }

  /// More of one object are not read by anybody.
  private static let mostFields = 200

  private static func mark(_ kind: ObjectChange.Kind) -> String {
    switch kind {
    case .added: "+"
    case .removed: "-"
    case .changed, .reencrypted: "~"
    case .moved: ">"
    }
  }

  private func line(_ field: FieldChange) -> String {
    let path = Printable.spelled(field.path.description)
    if detail.policy == .masked, let text = field.maskedText {
      let word =
        switch field.kind {
        case .added: "added "
        case .removed: "removed "
        default: ""
        }
      return "\(path): \(word)\(text)"
    }
    let shown = field.shown(detail.policy)
    switch field.kind {
    case .added: return "\(path): added \(fitting(text(shown.new)))"
    case .removed: return "\(path): removed \(fitting(text(shown.old)))"
    case .reordered: return "\(path): in another order"
    case .changed:
      if detail.policy == .masked, field.differsInSecretsOnly, text(shown.old) == text(shown.new) {
        return "\(path): \(fitting(text(shown.new))) (changed)"
      }
      let (old, new) = shortened(text(shown.old), text(shown.new))
      return "\(path): \(old) → \(new)"
    }
  }

  /// Two values that do not fit, from a little before the first difference on.
  private func shortened(_ old: String, _ new: String) -> (String, String) {
    guard !isWhole, max(old.count, new.count) > Self.room else { return (old, new) }
    let same = zip(old, new).prefix { $0 == $1 }.count
    func cut(_ text: String) -> String {
      guard same > 30 else { return fitting(text) }
      return "…" + fitting(String(text.dropFirst(same - 20)))
    }
    return (cut(old), cut(new))
  }

  private func fitting(_ text: String) -> String {
    guard !isWhole, text.count > Self.room else { return text }
    return "\(text.prefix(Self.room))… (\(text.count) characters)"
  }

  /// Characters of a value that a line has room for.
  private static let room = 100

  private func text(_ shown: ShownValue?) -> String {
    guard let value = shown?.value else { return "" }
    let text: String
    if let string = value.string, Self.isPlain(string) {
      text = string
    } else {
      text = String(decoding: JSON.write(value, style: .compact), as: UTF8.self)
    }
    return Printable.line(text)
  }

  /// Whether a text needs no quotes to be read as one.
  private static func isPlain(_ text: String) -> Bool {
    !text.isEmpty && text.first != " " && text.last != " "
      && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
      && (try? YAML.parse(Array(text.utf8)))?.first?.string == text
  }

  // MARK: - Names and patches

  /// The paths of the files that change, in git's quotes where they could not be told apart otherwise.
  func names() -> [String] {
    report.items.flatMap { item in
      (item.changes?.files ?? []).map { change in
        let prefix = "\(item.namespace)/\(item.name)/"
        let plain = prefix + change.path.text
        let shown = Printable.spelled(plain)
        let isExact = shown == plain && Array(change.path.text.utf8) == change.path.bytes
        return isExact
          ? shown : String(decoding: GitPath.quoted(prefix, change.path), as: UTF8.self)
      }
    }
  }

  /// Writes all files as one patch: below a directory for each artifact.
  func writePatch(_ write: ([UInt8]) throws -> Void) throws {
    var patch = GitPatch(context: detail.context)
    patch.sizeLimit = detail.policy == .shown ? nil : GitPatch.defaultSizeLimit
    patch.carriesBinary = detail.policy == .shown
    patch.lineLimit = detail.policy == .shown || isWhole ? nil : GitPatch.defaultLineLimit
    for item in report.items { try writePatch(of: item, by: patch, write) }
  }

  private func writePatch(
    of item: DiffReport.Item, by patch: GitPatch, _ write: ([UInt8]) throws -> Void
  ) throws {
    if let unread = item.unread {
      try write(
        Array("# \(item.namespace)/\(item.name): \(Printable.line(unread))\n".utf8))
    }
    guard let changes = item.changes else { return }
    for change in changes.files {
      try Task.checkCancellation()
      let difference = try changes.difference(
        of: change, sizeLimit: patch.sizeLimit, showsSecrets: detail.policy == .shown)
      let place = change.below(TreePath("\(item.namespace)/\(item.name)"))
      var patch = patch
      patch.showsDigests = try detail.policy == .shown || changes.showsDigests(of: change)
      try patch.write(place, difference) { try write(Array($0)) }
    }
  }

  /// The same of one, as lines to read.
  ///
  /// - Parameter limit: The bytes after which the rest is left out.
  /// - Returns: Whole lines, and how many more there are, or at least are: of what has more than a few
  ///   megabytes, not everything is counted.
  func patch(of item: DiffReport.Item, limit: Int) throws -> (lines: [String], omitted: Int) {
    var patch = GitPatch(context: detail.context)
    patch.sizeLimit = GitPatch.defaultSizeLimit
    patch.lineLimit = GitPatch.defaultLineLimit
    var bytes: [UInt8] = []
    var rest = 0
    var isCut = false
    var omitted = 0
    do {
      try writePatch(of: item, by: patch) { piece in
        guard isCut || bytes.count + piece.count > limit else {
          bytes += piece
          return
        }
        let lines = piece.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for line in lines.dropLast() {
          isCut = isCut || bytes.count + line.count + 1 > limit
          guard isCut else {
            bytes += line + [UInt8(ascii: "\n")]
            continue
          }
          omitted += 1
        }
        // Pieces are of whole lines.
        if let last = lines.last, !last.isEmpty { omitted += 1 }
        isCut = true
        rest += piece.count
        if rest > Self.mostCounted { throw EnoughOfPatch() }
      }
    } catch is EnoughOfPatch {}
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      Printable.spelled(String(decoding: $0, as: UTF8.self))
    }
    if lines.last == "" { lines.removeLast() }
    return (lines, omitted)
  }

  private static let mostCounted = 4 << 20
}

private struct EnoughOfPatch: Error {}

extension TreePath {
  /// As people read it; what is no UTF-8 is replaced.
  fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension ManifestIdentity {
  /// `Kind/namespace/name`, or what stands for it.
  var phrase: String {
    switch self {
    case .object(let id):
      Printable.line(
        id.namespace.isEmpty ? "\(id.kind)/\(id.name)" : "\(id.kind)/\(id.namespace)/\(id.name)")
    case .generated(let id): Printable.line("\(id.kind)/\(id.name)*")
    case .document(_, let index): "document \(index + 1)"
    }
  }
}

extension FileChange {
  /// The same below a directory.
  fileprivate func below(_ directory: TreePath) -> FileChange {
    func moved(_ side: FileSide) -> FileSide {
      FileSide(
        path: TreePath(directory.bytes + [TreePath.slash] + side.path.bytes), mode: side.mode,
        size: side.size, digest: side.digest, content: side.content)
    }
    return switch self {
    case .added(let side): .added(moved(side))
    case .removed(let side): .removed(moved(side))
    case .modified(let old, let new): .modified(from: moved(old), to: moved(new))
    case .mode(let old, let new): .mode(from: moved(old), to: moved(new))
    case .renamed(let old, let new): .renamed(from: moved(old), to: moved(new))
    }
  }
}
