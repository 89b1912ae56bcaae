import Content
import Document
import Linting
import Platform
import Synchronization
import Text

/// The lines of objects in manifests: a file is read once, when one of its objects is asked for.
package final class ManifestTexts: Sendable {
  private let texts = Mutex<[String: LintText?]>([:])

  package init() {}

  /// The line and column of a field of an object, such as `spec.path`, or of what comes nearest above it;
  /// nil in what cannot be read, or is no YAML.
  package func position(
    of origin: DeliveryManifests.Origin, field: String = ""
  ) -> (line: Int, column: Int?)? {
    let text = texts.withLock { texts -> LintText? in
      if let known = texts[origin.file] { return known }
      let read = (try? Disk.read(origin.file, limit: ManifestTree.largestFile)).map {
        LintText(origin.file, $0)
      }
      texts[origin.file] = .some(read)
      return read
    }
    let place = LintPlace(manifest: origin.file, origin.place)
    return text?.position(of: field.isEmpty ? place : place.at(path: field))
  }
}

/// Finds the lines of findings, and the comments there that ignore them.
///
/// A file is read when something is found in it.
struct LintPlaces {
  private let sources: LintSources
  private let standardInput: [UInt8]?
  private var texts: [LintPlace.File: LintText?] = [:]

  init(_ sources: LintSources, standardInput: [UInt8]?) {
    self.sources = sources
    self.standardInput = standardInput
  }

  /// - Parameter manifests: The files whose comments are looked at, beside those in which something is found.
  mutating func report(
    of findings: [LintFinding], commentsIn manifests: Set<String>
  ) -> LintReport {
    var report = LintReport()
    for finding in findings { _ = text(finding.place.file) }
    let findings = findings + idleComments(in: manifests)
    var seen: Set<Identity> = []
    for finding in findings {
      let places = [finding.place] + [finding.cause].compactMap(\.self)
      if places.contains(where: { ignores(finding.rule.id, at: $0) }) {
        report.ignored += 1
        continue
      }
      let place = places.first { text($0.file) != nil } ?? finding.place
      let found = text(place.file)
      let position = found?.position(of: place)
      let item = LintReport.Item(
        rule: finding.rule, message: finding.message, fix: finding.fix ?? finding.rule.fix,
        file: found?.name, line: position?.line, column: position?.column,
        field: LintField(Array(place.field.steps.dropFirst(place.objectDepth))).description,
        subject: finding.subject)
      if seen.insert(Identity(item)).inserted { report.items.append(item) }
    }
    report.items.sort { Identity($0) < Identity($1) }
    return report
  }

  /// Comments that ignore nothing, whatever is found.
  private mutating func idleComments(in manifests: Set<String>) -> [LintFinding] {
    for file in manifests.sorted() where texts[.manifest(file)] == nil {
      // Most files have no comment, and need not be taken apart.
      let bytes = read(manifest: file)
      if bytes.contains(LintText.mark) { texts[.manifest(file)] = LintText(file, bytes) }
    }
    return texts.flatMap { file, text in
      (text?.idleComments ?? []).map { comment in
        Linter.idleComment(
          comment.reason, at: LintPlace(file, line: comment.line, column: comment.column),
          of: text?.name ?? "")
      }
    }
  }

  /// What tells findings apart, and their order.
  private struct Identity: Hashable, Comparable {
    let file: String
    let line: Int
    let column: Int
    let rule: String
    let message: String

    init(_ item: LintReport.Item) {
      file = item.file ?? ""
      line = item.line ?? 0
      column = item.column ?? 0
      rule = item.rule.id
      message = item.message
    }

    static func < (left: Identity, right: Identity) -> Bool {
      if left.file != right.file {
        return left.file.utf8.lexicographicallyPrecedes(right.file.utf8)
      }
      let one = (left.line, left.column, left.rule)
      let other = (right.line, right.column, right.rule)
      return one == other
        ? left.message.utf8.lexicographicallyPrecedes(right.message.utf8) : one < other
    }
  }

  private mutating func ignores(_ rule: String, at place: LintPlace) -> Bool {
    text(place.file)?.ignores(rule, at: place) ?? false
  }

  private mutating func text(_ file: LintPlace.File) -> LintText? {
    if let known = texts[file] { return known }
    let text = read(file)
    texts[file] = .some(text)
    return text
  }

  private func read(_ file: LintPlace.File) -> LintText? {
    switch file {
    case .manifest(let name): return LintText(name, read(manifest: name))
    case .source(let generator, let alias, let path):
      guard let (name, content) = sources.file(generator, alias, path) else { return nil }
      return LintText(name, (try? content.readAll(limit: Int64(ManifestTree.largestFile))) ?? [])
    }
  }
}

extension LintPlaces {
  private func read(manifest name: String) -> [UInt8] {
    let bytes =
      name == GeneratorFiles.standardInput
      ? standardInput : try? Disk.read(name, limit: ManifestTree.largestFile)
    return bytes ?? []
  }
}

/// A text with the places of what is in it.
struct LintText: Sendable {
  let name: String
  private let lines: [ArraySlice<UInt8>]
  /// Those that are not empty, as `YAML.read` counts them; none for a text that is no YAML.
  private let documents: [PlacedDocument]
  /// Texts in which `#` begins no comment, in their order, in bytes.
  private let quoted: [Range<Int>]

  init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    self.lines = lines
    let placed = (try? YAML.placed(bytes)) ?? []
    documents = placed.filter { document in
      if case .scalar(.null) = document.nodes[document.root].content { false } else { true }
    }
    quoted = placed.flatMap { $0.nodes.compactMap { Self.quoted($0, in: lines) } }
      .sorted { $0.lowerBound < $1.lowerBound }
  }

  private static func quoted(
    _ node: PlacedNode, in lines: [ArraySlice<UInt8>]
  ) -> Range<Int>? {
    guard case .scalar = node.content else { return nil }
    switch node.style {
    case .plain: return nil
    case .singleQuoted, .doubleQuoted: return node.range
    case .literal, .folded:
      // Behind the indicator there can be a comment.
      guard lines.indices.contains(node.line - 1) else { return nil }
      let start = lines[node.line - 1].endIndex
      return start < node.range.upperBound ? start..<node.range.upperBound : nil
    }
  }

  /// Aliases that are followed for one place.
  private static let mostAliases = 100

  /// The line and column of a field, or of what comes nearest above it.
  func position(of place: LintPlace) -> (line: Int, column: Int?)? {
    if let line = place.line { return (line, place.column) }
    guard let node = node(of: place.field.steps[...], in: place.document) else { return nil }
    // Only in a block do lines stand one below the other, as they are.
    guard let inner = place.lineInText, node.style == .literal else {
      return (node.line, node.column)
    }
    let (line, isBeyond) = node.line.addingReportingOverflow(inner)
    guard !isBeyond, lines.indices.contains(line - 1) else { return (node.line, node.column) }
    return (line, lines[line - 1].prefix { $0 == UInt8(ascii: " ") }.count + 1)
  }

  /// The value at the end of the steps where it is a scalar, else its key.
  private func node(of steps: ArraySlice<LintField.Step>, in document: Int) -> PlacedNode? {
    guard documents.indices.contains(document) else { return nil }
    let nodes = documents[document].nodes
    var current = documents[document].root
    var place = nodes[current]
    var aliases = 0
    for step in steps {
      while case .alias(let target) = nodes[current].content {
        aliases += 1
        guard aliases <= Self.mostAliases else { return place }
        current = target
      }
      switch (step, nodes[current].content) {
      case (.key(let key), .mapping(let pairs)):
        // Of equal keys the last counts; kustomize takes keys in any case.
        let pair =
          pairs.last { nodes[$0.key].string.map { equalUTF8($0, key) } ?? false }
          ?? pairs.last {
            nodes[$0.key].string.map { $0.lowercased() == key.lowercased() } ?? false
          }
        guard let pair else { return place }
        current = pair.value
        if case .scalar = nodes[pair.value].content {
          place = nodes[pair.value]
        } else {
          place = nodes[pair.key]
        }
      case (.index(let index), .sequence(let elements)) where elements.indices.contains(index):
        current = elements[index]
        place = nodes[current]
      default: return place
      }
    }
    return place
  }

  // MARK: - Comments

  /// Whether a comment ignores a rule: on the line, on the line above, or at the top of the object.
  func ignores(_ rule: String, at place: LintPlace) -> Bool {
    guard let line = position(of: place)?.line else { return false }
    if place.lineInText != nil {
      // In a text there are no comments.
      var field = place
      field.lineInText = nil
      return ignores(rule, at: field)
    }
    if [line, line - 1].contains(where: { ignored(onLine: $0).contains(rule) }) { return true }
    guard place.line == nil,
      var top = node(of: place.field.steps.prefix(place.objectDepth), in: place.document)?.line
    else { return false }
    while top > 1, isComment(top - 1) {
      top -= 1
      if ignored(onLine: top).contains(rule) { return true }
      // What is above belongs to another document.
      if lines[top - 1].starts(with: "---".utf8) { break }
    }
    return false
  }

  private func isComment(_ line: Int) -> Bool {
    guard lines.indices.contains(line - 1) else { return false }
    // The sign of a list item and the line between documents can have a comment, too.
    let first = lines[line - 1].first { !" \t-".utf8.contains($0) }
    return first == nil || first == UInt8(ascii: "#") || first == UInt8(ascii: "\r")
  }

  static let mark = Array("artifactgen:ignore".utf8)
  private static let longestLine = 4096

  /// The rules that a comment on a line names: `# artifactgen:ignore AG001, AG014 because ...`.
  private func ignored(onLine line: Int) -> [String] {
    comment(onLine: line)?.rules ?? []
  }

  /// - Returns: nil for a line without such a comment.
  private func comment(onLine number: Int) -> (column: Int, rules: [String])? {
    guard lines.indices.contains(number - 1) else { return nil }
    let line = lines[number - 1]
    guard line.count <= Self.longestLine, line.contains(Self.mark) else { return nil }
    let hash = line.indices.first { index in
      guard line[index] == UInt8(ascii: "#") else { return false }
      let isApart = index == line.startIndex || " \t".utf8.contains(line[index - 1])
      return isApart && !isQuoted(index)
    }
    guard let hash else { return nil }
    // A sentence that mentions it ignores nothing.
    let comment = line[(hash + 1)...].drop { " \t".utf8.contains($0) }
    guard comment.starts(with: Self.mark) else { return nil }
    let words = comment.dropFirst(Self.mark.count).split { " ,\t\r".utf8.contains($0) }
    let rules = words.prefix { $0.starts(with: "AG".utf8) }.map {
      String(decoding: $0, as: UTF8.self)
    }
    let column = String(decoding: line[..<hash], as: UTF8.self).unicodeScalars.count + 1
    return (column, rules)
  }

  /// Whether a byte belongs to a text in quotes or in a block.
  private func isQuoted(_ offset: Int) -> Bool {
    var (low, high) = (0, quoted.count)
    while low < high {
      let middle = (low + high) / 2
      if quoted[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
    }
    return quoted.indices.contains(low) && quoted[low].contains(offset)
  }

  /// Comments that ignore nothing, from line and column 1, each with the reason.
  fileprivate var idleComments: [(line: Int, column: Int, reason: String)] {
    lines.indices.compactMap { index in
      guard let (column, rules) = comment(onLine: index + 1) else { return nil }
      if rules.isEmpty { return (index + 1, column, "names no rule") }
      let unknown = rules.filter { name in !LintRule.all.contains { $0.id == name } }
      guard !unknown.isEmpty else { return nil }
      let isSingle = unknown.count == 1
      return (
        index + 1, column,
        "names \(unknown.joined(separator: ", ")), which \(isSingle ? "is no rule" : "are no rules")"
      )
    }
  }
}
