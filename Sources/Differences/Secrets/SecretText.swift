import Document
import Text

/// The parts of a text that must not be shown.
enum SecretText {
  /// Texts that are documents may contain texts that are documents; so deep they are judged as such, and
  /// line by line below.
  static let depthLimit = 3
  /// Larger texts are judged line by line; in bytes.
  static let structureLimit = 64 << 20

  /// The parts of a text whose format is not known.
  ///
  /// - Parameters:
  ///   - depth: 0 for a file.
  static func edits(in text: [UInt8], depth: Int) -> [MaskEdit] {
    let isLong = text.contains(UInt8(ascii: "\n"))
    // Of one line only JSON is read: anything is YAML.
    if isLong || beginsLikeJSON(text), depth <= depthLimit,
      let edits = structured(text, depth: depth)
    {
      return edits
    }
    return SecretLines.edits(in: text, isFile: isLong || depth == 0)
  }

  private static func beginsLikeJSON(_ text: [UInt8]) -> Bool {
    let first = text.first { !isWhiteSpace($0) }
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
  }

  /// The parts of a text that is YAML or JSON; nil if it is not, or consists of mere text.
  ///
  /// - Parameter known: what is secret elsewhere.
  static func structured(
    _ text: [UInt8], depth: Int, known: SecretTexts = .none
  ) -> [MaskEdit]? {
    guard text.count <= structureLimit, let documents = try? YAML.placed(text),
      documents.contains(where: { isCollection($0.nodes[$0.root]) }),
      !documents.contains(where: hasCommentedKey)
    else { return nil }
    var mask = PlacedMask(text: text, depth: depth, known: known)
    for document in documents { mask.walk(document) }
    mask.addComments()
    return mask.edits
  }

  /// Whether JSON with comments was read as YAML, in which `// text "name": 1` is a key.
  private static func hasCommentedKey(_ document: PlacedDocument) -> Bool {
    document.nodes.contains { node in
      guard case .mapping(let pairs) = node.content else { return false }
      return pairs.contains { key, _ in
        guard document.nodes[key].style == .plain, let text = document.nodes[key].string
        else { return false }
        return text.utf8.first == UInt8(ascii: "/") && text.utf8.contains(UInt8(ascii: "\""))
      }
    }
  }

  private static func isCollection(_ node: PlacedNode) -> Bool {
    switch node.content {
    case .mapping, .sequence: true
    case .scalar, .alias: false
    }
  }
}

/// Finds the secret parts of a YAML or JSON text by the places of its nodes.
private struct PlacedMask {
  let text: [UInt8]
  let depth: Int
  let known: SecretTexts
  private(set) var edits: [MaskEdit] = []
  /// Where the scalars are: what is between them is punctuation and comments.
  private var scalars: [(range: Range<Int>, isBlock: Bool)] = []
  private var nodes: [PlacedNode] = []
  private var traits: [Int: SecretRule.Traits] = [:]
  /// What was visited, and as what: aliases lead to a node more than once.
  private var visited: Set<Visit> = []
  /// Whether there is a Secret: people note in its comments what it was.
  private var hasSecret = false

  private struct Visit: Hashable {
    let node: Int
    let place: SecretRule.Place
    /// Merged into another mapping, in which `value` is that of a credential or not.
    var merged: Bool?
  }

  init(text: [UInt8], depth: Int, known: SecretTexts) {
    self.text = text
    self.depth = depth
    self.known = known
  }

  mutating func walk(_ document: PlacedDocument) {
    nodes = document.nodes
    traits = [:]
    visited = []
    for node in nodes {
      if case .scalar = node.content, !node.range.isEmpty {
        scalars.append((node.range, node.style == .literal || node.style == .folded))
      }
    }
    let root = nodes[document.root]
    if root.string != nil {
      // Other documents have a structure, this one has lines.
      edits += SecretLines.edits(in: text, lines: lines(root.range), isFile: true)
    } else {
      walk(document.root, .open, nesting: 0)
    }
  }

  /// The reader allows 1000 levels, to which aliases add.
  private static let nestingLimit = 1500

  /// Each node is visited once for each place that it has: an alias can lead back to a node, but there
  /// are few places.
  private mutating func walk(_ index: Int, _ outer: SecretRule.Place, nesting: Int) {
    guard nesting < Self.nestingLimit else {
      hide(nodes[index], size: nodes[index].range.count)
      return
    }
    switch nodes[index].content {
    case .scalar(let value): judge(nodes[index], value, outer, known: known)
    case .alias(let target): walk(target, outer, nesting: nesting + 1)
    case .sequence: walkSequence(index, outer, nil, nesting)
    case .mapping(let pairs):
      guard visited.insert(Visit(node: index, place: outer)).inserted else { return }
      let traits = traits(of: index, nesting: 0)
      let place = SecretRule.place(of: traits, at: outer)
      if place == .secret { hasSecret = true }
      for (key, value) in pairs {
        walk(key: key, in: place, nesting)
        walk(member: value, of: key, traits, place, nesting)
      }
    }
  }

  /// A name is shown, unless it is a credential by its form.
  ///
  /// What is no scalar is no name: `{{ default "text" .x }}` of a template is a mapping as a key.
  private mutating func walk(key: Int, in place: SecretRule.Place, _ nesting: Int) {
    switch nodes[key].content {
    case .mapping, .sequence:
      if place.hidesNames { return hide(nodes[key], size: nodes[key].range.count) }
    case .scalar(let value): return judge(nodes[key], value, .open, known: .none)
    case .alias: break
    }
    walk(key, .open, nesting: nesting + 1)
  }

  private mutating func walk(
    member value: Int, of key: Int, _ traits: SecretRule.Traits, _ place: SecretRule.Place,
    _ nesting: Int
  ) {
    let name = name(of: key)
    if name == "<<" {
      // What is merged in is a part of this mapping.
      for target in merged(value) {
        let visit = Visit(node: target, place: place, merged: traits.namesSecretValue)
        guard case .mapping(let pairs) = nodes[target].content, nesting < Self.nestingLimit,
          visited.insert(visit).inserted
        else { continue }
        for (key, value) in pairs { walk(member: value, of: key, traits, place, nesting + 1) }
      }
      return
    }
    let below = SecretRule.place(below: name, of: traits, at: place) { shape(of: value) }
    let target = resolved(value)
    if case .sequence = nodes[target].content {
      walkSequence(target, below, name, nesting + 1)
    } else {
      walk(value, below, nesting: nesting + 1)
    }
  }

  private mutating func walkSequence(
    _ index: Int, _ place: SecretRule.Place, _ key: String?, _ nesting: Int
  ) {
    guard case .sequence(let elements) = nodes[index].content else { return }
    guard nesting < Self.nestingLimit else {
      hide(nodes[index], size: nodes[index].range.count)
      return
    }
    guard visited.insert(Visit(node: index, place: place)).inserted else { return }
    var previous: String?
    for element in elements {
      let text = nodes[resolved(element)].string
      let below = SecretRule.place(
        ofElementAt: place, in: key, previous: previous, text: text
      ) { shape(of: element) }
      walk(element, below, nesting: nesting + 1)
      previous = text
    }
  }

  // MARK: Nodes

  private func resolved(_ index: Int) -> Int {
    var index = index
    // An alias to an alias cannot be written, but costs nothing to allow for.
    for _ in 0..<8 {
      guard case .alias(let target) = nodes[index].content else { return index }
      index = target
    }
    return index
  }

  private func name(of key: Int) -> String {
    guard case .scalar(let value) = nodes[resolved(key)].content else { return "" }
    if case .string(let text) = value { return text }
    return JSON.string(value, style: .compact)
  }

  /// The text of a member of a mapping.
  private func text(of key: String, in index: Int) -> String? {
    guard case .mapping(let pairs) = nodes[index].content,
      let pair = pairs.last(where: { name(of: $0.key) == key })
    else { return nil }
    return nodes[resolved(pair.value)].string
  }

  private func shape(of index: Int) -> SecretRule.Shape {
    switch nodes[resolved(index)].content {
    case .scalar, .alias: .scalar
    case .sequence: .sequence
    case .mapping(let pairs): .mapping(pairs.map { name(of: $0.key) })
    }
  }

  /// The mappings that a merge key names.
  private func merged(_ value: Int) -> [Int] {
    let target = resolved(value)
    if case .sequence(let elements) = nodes[target].content { return elements.map(resolved) }
    return [target]
  }

  /// Whether a node is `{{ .x }}` of a template, which is read as a mapping that is a key.
  private func isTemplate(_ index: Int) -> Bool {
    guard case .mapping(let pairs) = nodes[index].content else { return false }
    return pairs.contains { key, _ in
      if case .mapping = nodes[key].content { true } else { false }
    }
  }

  private mutating func traits(of index: Int, nesting: Int) -> SecretRule.Traits {
    if let known = traits[index] { return known }
    guard nesting < 16, case .mapping(let pairs) = nodes[index].content else {
      return SecretRule.Traits()
    }
    var found = SecretRule.Traits()
    var more: [Int] = []
    for (key, value) in pairs {
      let name = name(of: key)
      if name == "<<" { more += merged(value) }
      found.note(name, nodes[resolved(value)].string)
      if name == "kind", isTemplate(resolved(value)) { found.noteTemplatedKind() }
      if name == "metadata" { found.noteName(text(of: "name", in: resolved(value))) }
    }
    // A mapping that merges itself in finds this.
    traits[index] = found
    for target in more { found.add(traits(of: target, nesting: nesting + 1)) }
    traits[index] = found
    return found
  }

  // MARK: Scalars

  private mutating func judge(
    _ node: PlacedNode, _ value: Value, _ place: SecretRule.Place, known: SecretTexts
  ) {
    guard !node.range.isEmpty else { return }
    switch SecretRule.verdict(on: value, at: place, depth: depth, known: known) {
    case .nothing: break
    case .all(let size): hide(node, size: size, meaning: node.string.map { Array($0.utf8) })
    case .parts(let parts):
      guard let string = node.string, let mapped = mapped(parts, in: node, Array(string.utf8))
      else {
        hide(node, size: node.string?.utf8.count ?? node.range.count)
        return
      }
      edits += mapped
    }
  }

  private mutating func hide(_ node: PlacedNode, size: Int, meaning: [UInt8]? = nil) {
    var end = node.range.upperBound
    while end > node.range.lowerBound, isWhiteSpace(text[end - 1]) { end -= 1 }
    if end > node.range.lowerBound {
      edits.append(MaskEdit(node.range.lowerBound..<end, size: size, meaning: meaning))
    }
  }

  /// The parts of a text where they are in the file; nil where it is written in another way there.
  private func mapped(
    _ parts: [MaskEdit], in node: PlacedNode, _ content: [UInt8]
  ) -> [MaskEdit]? {
    switch node.style {
    case .plain, .singleQuoted, .doubleQuoted:
      let quote = node.style == .plain ? 0 : 1
      let start = node.range.lowerBound + quote
      guard node.range.count == content.count + 2 * quote,
        text[start..<start + content.count].elementsEqual(content)
      else { return nil }
      return parts.map {
        MaskEdit($0.range.lowerBound + start..<$0.range.upperBound + start, size: $0.size)
      }
    case .folded: return nil
    case .literal: return mappedLines(parts, in: node, content)
    }
  }

  private func mappedLines(
    _ parts: [MaskEdit], in node: PlacedNode, _ content: [UInt8]
  ) -> [MaskEdit]? {
    let written = lines(node.range)
    let meant = SecretLines.lines(of: content)
    guard written.count > meant.count else { return nil }
    var mapped: [MaskEdit] = []
    var line = 0
    for part in parts {
      // A part in the file is a part of each of its lines.
      while line < meant.count, meant[line].upperBound < part.range.lowerBound { line += 1 }
      var current = line
      var isWhole = true
      while current < meant.count, meant[current].lowerBound < part.range.upperBound {
        let place = written[current + 1]
        let indentation = place.count - meant[current].count
        guard indentation >= 0 || meant[current].isEmpty else { return nil }
        if !meant[current].isEmpty {
          guard
            text[place.lowerBound + indentation..<place.upperBound]
              .elementsEqual(content[meant[current]])
          else { return nil }
          let shift = place.lowerBound + indentation - meant[current].lowerBound
          let range = part.range.clamped(to: meant[current])
          isWhole = range == part.range
          mapped.append(
            MaskEdit(
              range.lowerBound + shift..<range.upperBound + shift,
              size: isWhole ? part.size : range.count))
        }
        current += 1
      }
    }
    return mapped
  }

  private func lines(_ range: Range<Int>) -> [Range<Int>] {
    SecretLines.lines(of: Array(text[range])).map {
      $0.lowerBound + range.lowerBound..<$0.upperBound + range.lowerBound
    }
  }

  // MARK: Comments

  /// Judges the comments as texts: what was commented out is a secret still.
  mutating func addComments() {
    var comments: [Range<Int>] = []
    var scalar = 0
    scalars.sort { $0.range.lowerBound < $1.range.lowerBound }
    var index = 0
    while index < text.count {
      while scalar < scalars.count, scalars[scalar].range.upperBound <= index { scalar += 1 }
      if scalar < scalars.count, scalars[scalar].range.lowerBound <= index {
        let (range, isBlock) = scalars[scalar]
        if isBlock { addHeaderComment(range, &comments) }
        index = range.upperBound
        continue
      }
      if text[index] == UInt8(ascii: "#"), index == 0 || isWhiteSpace(text[index - 1]) {
        let end = text[index...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
        let start = text[index..<end].firstIndex { $0 != UInt8(ascii: "#") } ?? end
        // The blank behind the sign is no indentation.
        let first = start < end && text[start] == 0x20 ? start + 1 : start
        let last = end > first && text[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
        if first < last { comments.append(first..<last) }
        index = end
      } else {
        index += 1
      }
    }
    edits +=
      hasSecret
      ? comments.map { MaskEdit($0) } : SecretLines.edits(in: text, lines: comments, isFile: true)
  }

  /// A block begins with its indicator, which a comment may follow.
  private func addHeaderComment(_ block: Range<Int>, _ comments: inout [Range<Int>]) {
    let end =
      text[block].firstIndex(of: UInt8(ascii: "\n")) ?? block.upperBound
    if let sign = text[block.lowerBound..<end].firstIndex(of: UInt8(ascii: "#")), sign + 1 < end {
      comments.append(sign + 1..<end)
    }
  }
}
