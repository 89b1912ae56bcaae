import Content
import Text

/// What must not be shown of a text without a structure that can be relied upon, line by line: `.env`,
/// properties, TOML, INI, shell, templates, comments, prose.
///
/// Where a line names a credential, the rest of the line is hidden, and what belongs to it on the next
/// lines: a quoted text, a block, a here-document, an element of XML, what is indented more. Where a
/// document says `kind: Secret`, or leaves its kind to a template, everything below its first `data:` or
/// `stringData:`; in a section that is named like a credential (`[credentials]`), every value. What an
/// alias in a hidden part stands for is hidden as well. Takes time linear in the text.
struct SecretLines {
  private let text: [UInt8]
  /// Whether `name:value` without a space is a setting.
  ///
  /// It is not in an image reference.
  private let isFile: Bool
  /// Where each line is in the text, without its line break.
  private let lines: [Range<Int>]
  private var edits: [MaskEdit] = []
  private var state = State.none
  /// The indentation of a name whose value is a mapping or a list: the lines that are indented more.
  private var outer: Int?
  /// The indentation of a name whose value may be the next line, indented no more.
  private var awaited: Int?
  /// Whether a name ends the line before: a separator may begin this one.
  private var endsWithName = false
  /// Sections in brackets, by their first lines: whether they are named like a credential.
  private var sections: [Int: Bool] = [:]
  /// The indentation of the section that the line is in, if it is named like a credential.
  private var section: Int?
  /// The line, in ``lines``.
  private var current = 0
  /// Whether most lines are settings, not sentences.
  private let isTerse: Bool
  /// Whether the lines are only some of the text.
  private let isComments: Bool
  /// Lines with the value of something that another line, or another part of the line, names.
  private var valueLines: Set<Int> = []

  private enum State {
    case none
    /// Inside a private key in PEM.
    case pem
    /// In a block: the lines that are indented more than its name.
    case block(Int)
    /// Until these quotes, or this bracket, close.
    case quoted([UInt8])
    /// Until a line of this word.
    case document([UInt8])
    /// On the line after a backslash.
    case continued
    /// In a tag of XML, in an element: until this closes it.
    case tag([UInt8])
    case element([UInt8])
  }

  /// - Parameters:
  ///   - lines: ranges of `text`, in its order; all lines, if nil.
  static func edits(
    in text: [UInt8], lines: [Range<Int>]? = nil, isFile: Bool
  ) -> [MaskEdit] {
    var finder = SecretLines(
      text: text, lines: lines ?? Self.lines(of: text), isFile: isFile, isComments: lines != nil)
    finder.run()
    return finder.edits
  }

  /// The lines of a text, without line feeds and carriage returns at their ends.
  static func lines(of text: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
      lines.append(
        start..<(end > start && text[end - 1] == UInt8(ascii: "\r") ? end - 1 : end))
      start = end + 1
    }
    return lines
  }

  private init(text: [UInt8], lines: [Range<Int>], isFile: Bool, isComments: Bool) {
    self.text = text
    self.lines = lines
    self.isFile = isFile
    self.isComments = isComments
    isTerse = isFile && Self.isTerse(text, lines)
  }

  /// Whether more than half of the lines have no more than four words.
  private static func isTerse(_ text: [UInt8], _ lines: [Range<Int>]) -> Bool {
    var (short, all) = (0, 0)
    for line in lines {
      let words = text[line].split(maxSplits: 4) { $0 == 0x20 || $0 == 0x09 }
      guard let first = words.first?.first, first != UInt8(ascii: "#") else { continue }
      all += 1
      if words.count <= 4 { short += 1 }
    }
    return short * 2 > all
  }

  private mutating func run() {
    var index = 0
    while index < lines.count {
      var end = index + 1
      while end < lines.count, !isSeparator(lines[end]) { end += 1 }
      runDocument(index..<end)
      index = end
    }
  }

  private mutating func runDocument(_ document: Range<Int>) {
    let first = edits.count
    let (isSecret, unknownKinds) = kinds(in: document)
    var hidesAll = false
    noteValues(in: document)
    noteSections(in: document)
    for index in document {
      current = index
      let line = trimmed(lines[index])
      if hidesAll {
        hide(line)
      } else if let value = dataValue(
        in: line, isSecret: isSecret || unknownKinds.contains(itemIndentation(index)))
      {
        hidesAll = true
        hide(value)
      } else {
        let indentation = line.lowerBound - lines[index].lowerBound
        let isBelow = valueLines.contains(index) && hideNamedValue(in: line)
        scan(line, indentation: indentation)
        if isBelow { outer = min(outer ?? indentation, indentation) }
      }
    }
    if isSecret {
      state = .none
      outer = nil
    }
    hideAnchors(in: document, of: first)
  }

  private mutating func hide(_ range: Range<Int>) {
    if !range.isEmpty { edits.append(MaskEdit(range)) }
  }

  // MARK: Lines

  private mutating func scan(_ line: Range<Int>, indentation: Int) {
    if line.isEmpty {
      if case .continued = state { state = .none }
      return
    }
    switch state {
    case .pem:
      hide(line)
      if contains("-----END", line) { state = .none }
      return
    case .block(let name):
      if indentation > name {
        hide(line)
        return
      }
      state = .none
    case .quoted(let quotes):
      hide(line)
      if contains(quotes, line) { state = .none }
      return
    case .document(let word):
      hide(line)
      if text[line].elementsEqual(word) { state = .none }
      return
    case .continued:
      hide(line)
      if text[line.upperBound - 1] != UInt8(ascii: "\\") { state = .none }
      return
    case .tag(let closing):
      guard let end = position(of: Array(">".utf8), in: line) else { return hide(line) }
      hide(trimmed(line.lowerBound..<end))
      let rest = end + 1..<line.upperBound
      let isEmpty = end > line.lowerBound && text[end - 1] == TreePath.slash
      state =
        !isEmpty && (contains(closing, rest) || closes(closing)) ? .element(closing) : .none
      return scan(trimmed(rest), indentation: indentation)
    case .element(let closing):
      guard let end = position(of: closing, in: line) else {
        if !isPunctuation(line) { hide(line) }
        return
      }
      hide(trimmed(line.lowerBound..<end))
      state = .none
      return scanFresh(end..<line.upperBound, indentation)
    case .none: break
    }
    if scanAwaited(line, indentation) { return }
    if let isSecret = sections[current] {
      section = isSecret ? indentation : nil
      outer = nil
      return
    }
    if let section, indentation >= section { return scanSetting(line, indentation) }
    section = nil
    // A list may stand right below its name.
    if let outer, indentation > outer || (startsList(line) && indentation == outer) {
      scanBelow(line, indentation)
    } else {
      outer = nil
      scanFresh(line, indentation)
    }
  }

  /// A line of its own.
  private mutating func scanFresh(_ line: Range<Int>, _ indentation: Int) {
    var end = line.upperBound
    if let begin = privateKey(in: line) {
      hide(begin..<line.upperBound)
      if !contains("-----END", begin..<line.upperBound) { state = .pem }
      end = begin
    }
    if let value = credential(in: line.lowerBound..<end, indentation) {
      hide(value)
      end = value.lowerBound
    }
    SecretTokens.find(in: text, line.lowerBound..<end, into: &edits)
    endsWithName = isFile && end == line.upperBound && endsWithCredential(line)
  }

  /// A line of the mapping or list that a credential consists of.
  private mutating func scanBelow(_ line: Range<Int>, _ indentation: Int) {
    let before = edits.count
    scanFresh(line, indentation)
    // Keep what is only a name, or a reference.
    var start = line.lowerBound
    while start < line.upperBound, text[start] == UInt8(ascii: "-") || text[start] == 0x20 {
      start += 1
    }
    if let setting = setting(in: start..<line.upperBound, from: start), isMember(setting) {
      guard edits.count == before, SecretName(text[setting.name]) != .reference,
        !setting.value.isEmpty, !isNothing(setting.value)
      else { return }
      hide(setting.value)
    } else if !isPunctuation(start..<line.upperBound) {
      hide(start..<line.upperBound)
    }
  }

  /// Whether a setting is one, not a text with a sign in it, as base64 has it.
  private func isMember(_ setting: Setting) -> Bool {
    guard setting.hasSeparator, setting.name.upperBound < text.count else { return false }
    switch text[setting.name.upperBound] {
    case UInt8(ascii: ":"):
      return setting.value.isEmpty || isBlank(text[setting.value.lowerBound - 1])
    case UInt8(ascii: "="):
      return !setting.value.isEmpty && "\"'".utf8.contains(text[setting.value.lowerBound])
    default: return true
    }
  }

  // MARK: Next lines

  /// Hides what a name on the line before stands for; whether it did.
  private mutating func scanAwaited(_ line: Range<Int>, _ indentation: Int) -> Bool {
    let isComment = text[line].starts(with: "#".utf8) || text[line].starts(with: "//".utf8)
    if isComment { return false }
    defer {
      awaited = nil
      endsWithName = false
    }
    if endsWithName, let first = text[line].first, ":=".utf8.contains(first) {
      let value = value(line.lowerBound + 1, line.upperBound)
      let setting = Setting(
        name: line.lowerBound..<line.lowerBound, value: value, hasSeparator: true)
      if let found = hidden(setting, .credential, line, indentation) { hide(found) }
      return true
    }
    guard awaited == indentation, isLoneValue(line) else { return false }
    hide(line)
    return true
  }

  /// Whether a line is one text in quotes, or one word, and no name.
  private func isLoneValue(_ line: Range<Int>) -> Bool {
    var rest = text[line]
    while let last = rest.last, ",;)".utf8.contains(last) { rest = rest.dropLast() }
    guard let first = rest.first, rest.count > 1 else { return false }
    if "\"'`".utf8.contains(first) {
      var index = rest.startIndex + 1
      while index < rest.endIndex, rest[index] != first {
        index += rest[index] == UInt8(ascii: "\\") ? 2 : 1
      }
      return index == rest.endIndex - 1
    }
    while let last = rest.last, last == UInt8(ascii: "=") { rest = rest.dropLast() }
    return isNameByte(first) && first != UInt8(ascii: "-")
      && !rest.contains { isBlank($0) || ":={}[]()<>".utf8.contains($0) }
  }

  private func endsWithCredential(_ line: Range<Int>) -> Bool {
    var rest = text[line]
    while let last = rest.last, "\"'` ".utf8.contains(last) { rest = rest.dropLast() }
    return SecretName(rest.suffix(64).suffix(while: isNameByte)) == .credential
  }

  // MARK: Sections

  /// Finds the sections of TOML and INI: `[name]` or `[[name]]` alone on a line, before a setting.
  private mutating func noteSections(in document: Range<Int>) {
    sections = [:]
    section = nil
    guard isFile else { return }
    var header: Int?
    for index in document {
      let line = trimmed(lines[index])
      guard let first = text[line].first, !"#;".utf8.contains(first) else { continue }
      if let name = sectionName(line) {
        // Of an empty one nothing needs to be known.
        header = index
        sections[index] = SecretName(name) == .credential
      } else if let last = header {
        if !beginsLikeSetting(line) { sections[last] = nil }
        header = nil
      }
    }
  }

  private func sectionName(_ line: Range<Int>) -> ArraySlice<UInt8>? {
    guard text[line].first == UInt8(ascii: "[") else { return nil }
    let name = text[line].drop { $0 == UInt8(ascii: "[") }
      .prefix { isNameByte($0) || "\"' :/".utf8.contains($0) }
    let rest = text[name.endIndex..<line.upperBound].drop { $0 == UInt8(ascii: "]") }
    let behind = rest.trimmingWhiteSpace()
    guard !name.isEmpty, rest.startIndex > name.endIndex,
      behind.isEmpty || "#;".utf8.contains(behind[behind.startIndex])
    else { return nil }
    return name
  }

  /// `name = value`, `name: value`, or two words.
  private func beginsLikeSetting(_ line: Range<Int>) -> Bool {
    let name = text[line].prefix { isNameByte($0) || "\"'".utf8.contains($0) }
    guard !name.isEmpty else { return false }
    let rest = text[name.endIndex..<line.upperBound].trimmingWhiteSpace()
    return rest.isEmpty || ":=".utf8.contains(rest[rest.startIndex])
      || !rest.contains(where: isBlank)
  }

  /// A line of a section that is named like a credential.
  private mutating func scanSetting(_ line: Range<Int>, _ indentation: Int) {
    outer = nil
    let before = edits.count
    scanFresh(line, indentation)
    guard let first = text[line].first, !"#;".utf8.contains(first) else { return }
    let start = "\"'".utf8.contains(first) ? line.lowerBound + 1 : line.lowerBound
    guard let end = text[start..<line.upperBound].firstIndex(where: { !isNameByte($0) }),
      end > start
    else {
      if !isPunctuation(line) { hide(line) }
      return
    }
    let setting =
      setting(in: line, from: start)
      ?? Setting(name: start..<end, value: value(end, line.upperBound), hasSeparator: false)
    guard edits.count == before, SecretName(text[setting.name]) != .reference else { return }
    if let found = hidden(setting, .credential, line, indentation) { hide(found) }
  }

  // MARK: Anchors

  /// Hides what the aliases stand for that are in hidden parts of a document, from the edit `first` on.
  private mutating func hideAnchors(in document: Range<Int>, of first: Int) {
    var names: Set<ArraySlice<UInt8>> = []
    var next = first
    var anchors: [(name: ArraySlice<UInt8>, line: Int)]?
    while next < edits.count {
      var found: Set<ArraySlice<UInt8>> = []
      while next < edits.count {
        found.formUnion(marked(UInt8(ascii: "*"), in: edits[next].range))
        next += 1
      }
      found.subtract(names)
      guard !found.isEmpty else { return }
      names.formUnion(found)
      let all =
        anchors
        ?? document.flatMap { line in
          marked(UInt8(ascii: "&"), in: lines[line]).map { ($0, line) }
        }
      anchors = all
      for anchor in all where found.contains(anchor.name) {
        hideValue(of: anchor.name.endIndex, line: anchor.line, document)
      }
    }
  }

  /// The names behind a sign, where a value begins.
  private func marked(_ sign: UInt8, in range: Range<Int>) -> [ArraySlice<UInt8>] {
    var names: [ArraySlice<UInt8>] = []
    var index = range.lowerBound
    while let start = text[index..<range.upperBound].firstIndex(of: sign) {
      index = start + 1
      guard start == range.lowerBound || " \t[{,:\"".utf8.contains(text[start - 1]) else {
        continue
      }
      let name = text[index..<range.upperBound].prefix(while: isNameByte)
      if !name.isEmpty { names.append(name) }
    }
    return names
  }

  /// Hides the rest of a line and what is indented more below it.
  private mutating func hideValue(of start: Int, line: Int, _ document: Range<Int>) {
    hide(trimmed(start..<lines[line].upperBound))
    let indentation = itemIndentation(line)
    let isItem = startsList(trimmed(lines[line]))
    for index in document where index > line {
      let range = trimmed(lines[index])
      if range.isEmpty { continue }
      let own = range.lowerBound - lines[index].lowerBound
      guard own > indentation || (own == indentation && !isItem && startsList(range)) else { break }
      hide(range)
    }
  }

  private func startsList(_ line: Range<Int>) -> Bool {
    text[line].starts(with: "- ".utf8)
  }

  private func isPunctuation(_ range: Range<Int>) -> Bool {
    text[range].allSatisfy { "{}[](),;\"' ".utf8.contains($0) }
  }

  // MARK: Items

  /// Finds the values of items that are named like credentials, `- name: DB_PASSWORD` and
  /// `value: hunter2`, and arguments behind options, `- --password` and `- hunter2`.
  private mutating func noteValues(in document: Range<Int>) {
    valueLines = []
    for index in document {
      let line = trimmed(lines[index])
      if isOptionItem(line) {
        if index + 1 < document.upperBound { valueLines.insert(index + 1) }
        continue
      }
      guard namesCredential(line) else { continue }
      valueLines.insert(index)
      for next in index + 1..<max(index + 1, min(index + Self.itemLines, document.upperBound)) {
        let line = trimmed(lines[next])
        if startsList(line) || isPunctuation(line) { break }
        valueLines.insert(next)
      }
      guard !startsList(line) else { continue }
      for previous in (max(document.lowerBound, index - Self.itemLines)..<index).reversed() {
        let line = trimmed(lines[previous])
        if isPunctuation(line) { break }
        valueLines.insert(previous)
        if startsList(line) { break }
      }
    }
  }

  /// So far from its name a value is looked for.
  private static let itemLines = 6

  /// Whether a line has a `name` or `key` that is that of a credential.
  private func namesCredential(_ line: Range<Int>) -> Bool {
    // `variable "db_password" {` of Terraform, with a `default` below.
    if text[line].starts(with: "variable \"".utf8) {
      let name = text[line].dropFirst(10).prefix { isNameByte($0) }
      if SecretName(name).isCredential { return true }
    }
    for word in ["name", "key"] {
      var rest = line
      while let start = position(of: Array(word.utf8), in: rest) {
        rest = start + word.utf8.count..<line.upperBound
        if start > line.lowerBound, isNameByte(text[start - 1]) { continue }
        guard let setting = setting(in: line, from: start), setting.hasSeparator,
          setting.name.count == word.utf8.count
        else { continue }
        let name = text[setting.value].drop { !isNameByte($0) }.prefix { isNameByte($0) }
        if SecretName(name).isCredential { return true }
      }
    }
    return false
  }

  private func isOptionItem(_ line: Range<Int>) -> Bool {
    var item = text[line]
    if item.starts(with: "- ".utf8) { item = item.dropFirst(2) }
    while let first = item.first, "\"' ".utf8.contains(first) { item = item.dropFirst() }
    while let last = item.last, "\"', ".utf8.contains(last) { item = item.dropLast() }
    guard item.first == UInt8(ascii: "-"), item.count <= 256, item.allSatisfy(isNameByte) else {
      return false
    }
    return SecretName(item).isCredential
  }

  /// Hides the value of a line of an item.
  ///
  /// - Returns: Whether the value is on the next lines.
  private mutating func hideNamedValue(in line: Range<Int>) -> Bool {
    for word in ["value", "default", "values", "defaultValue", "string"] {
      var rest = line
      while let start = position(of: Array(word.utf8), in: rest) {
        rest = start + word.utf8.count..<line.upperBound
        if start > line.lowerBound, isNameByte(text[start - 1]) { continue }
        guard let setting = setting(in: line, from: start), setting.hasSeparator,
          setting.name.count == word.utf8.count,
          // Of property lists, `<string>`.
          word != "string" || start > line.lowerBound && text[start - 1] == UInt8(ascii: "<")
        else { continue }
        if setting.value.isEmpty { return true }
        let indentation = start - line.lowerBound
        if let found = hidden(setting, .credential, line, indentation) { hide(found) }
        return false
      }
    }
    // An argument behind an option.
    if startsList(line) || "\"'".utf8.contains(text[line].first ?? 0) {
      let start = text[line].firstIndex { !"- \"'".utf8.contains($0) } ?? line.upperBound
      if !text[line].contains(UInt8(ascii: ":")), text[line.lowerBound..<start].count < 5 {
        hide(start..<line.upperBound)
      }
    }
    return false
  }

  // MARK: Settings

  /// A name and its value.
  private struct Setting {
    var name: Range<Int>
    var value: Range<Int>
    /// Whether a colon or an equals sign is between them.
    var hasSeparator: Bool
  }

  /// Where the value of the first credential of a line begins and ends; what continues on the next lines
  /// changes the state.
  private mutating func credential(in line: Range<Int>, _ indentation: Int) -> Range<Int>? {
    var index = line.lowerBound
    while index < line.upperBound {
      guard isNameByte(text[index]), index == line.lowerBound || !isNameByte(text[index - 1]) else {
        index += 1
        continue
      }
      let end = text[index..<line.upperBound].firstIndex { !isNameByte($0) } ?? line.upperBound
      // An option begins with dashes.
      while index < end, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: ".") {
        index += 1
      }
      let name = SecretName(text[index..<end])
      if name.isCredential, index < end {
        if let tag = tag(in: line, at: index) {
          if let found = element(tag, index..<end, line, name, indentation) { return found }
        } else if let setting = setting(in: line, from: index) {
          if let found = hidden(setting, name, line, indentation) { return found }
        } else if let found = attributed(in: line, index..<end)
          ?? directive(in: line, index..<end, name, indentation)
        {
          return found
        }
      }
      index = end
    }
    return nil
  }

  /// The part of a setting that must be hidden, if any.
  private mutating func hidden(
    _ setting: Setting, _ name: SecretName, _ line: Range<Int>, _ indentation: Int
  ) -> Range<Int>? {
    let value = setting.value
    let isScalarOnly = name == .scalarCredential
    if value.isEmpty {
      if setting.hasSeparator, !isScalarOnly {
        outer = min(outer ?? indentation, indentation)
        if isFile { awaited = indentation }
      }
      return nil
    }
    if let opening = opening(value) {
      switch opening {
      case .block: state = .block(indentation)
      case .list(let end): if !isScalarOnly { state = .quoted([end]) }
      case .collection:
        if !isScalarOnly { outer = min(outer ?? indentation, indentation) }
      }
      return nil
    }
    if isNothing(value) { return nil }
    if name == .measure, isNumber(value) { return nil }
    if isScalarOnly, text[value.lowerBound] == UInt8(ascii: "{") { return nil }
    continueAfter(value)
    return value
  }

  /// What follows a name at the start of a line and blanks: `requirepass VALUE`, `credentials {`.
  ///
  /// In sentences only what looks like no word.
  private mutating func directive(
    in line: Range<Int>, _ name: Range<Int>, _ kind: SecretName, _ indentation: Int
  ) -> Range<Int>? {
    guard isFile, kind == .credential, name.lowerBound == line.lowerBound,
      name.upperBound < line.upperBound, isBlank(text[name.upperBound])
    else { return nil }
    let value = value(name.upperBound, line.upperBound)
    let rest = text[value]
    guard let first = rest.first, let last = rest.last else { return nil }
    if rest.elementsEqual("{".utf8) {
      outer = min(outer ?? indentation, indentation)
      return nil
    }
    let words = text[name].split { ".-_".utf8.contains($0) }
    // `secret-manager` is a program.
    guard let word = words.last,
      SecretName(word).isCredential
        || ["key", "KEY"].contains(where: { word.elementsEqual($0.utf8) }),
      !"{}()[]|&<>,;:=-#".utf8.contains(first), !isNothing(value),
      !["yes", "no", "on", "off"].contains(where: { rest.elementsEqual($0.utf8) })
    else { return nil }
    let isQuoted = rest.count > 1 && first == last && "\"'".utf8.contains(first)
    let isSingle = !rest.contains(where: isBlank)
    let isOdd =
      isSingle && rest.count >= 6 && rest.contains { (0x30...0x39).contains($0) }
      && rest.contains { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
    let isSentence =
      !isTerse || isComments
      || (words.count == 1 && (0x41...0x5A).contains(text[name.lowerBound]))
      || ".,:;?!)".utf8.contains(last)
    guard isOdd || (!isSentence && (isSingle || isQuoted || words.count > 1)) else { return nil }
    continueAfter(value)
    return value
  }

  // MARK: XML

  /// Where the name of the tag begins whose name, without its prefix, is at `start`.
  private func tag(in line: Range<Int>, at start: Int) -> Int? {
    guard start > line.lowerBound else { return nil }
    var begin = start
    if text[begin - 1] == UInt8(ascii: ":") {
      begin -= 1
      let prefix = text[max(line.lowerBound, begin - 64)..<begin].suffix(while: isNameByte)
      begin = prefix.startIndex
    }
    return begin > line.lowerBound && text[begin - 1] == UInt8(ascii: "<") ? begin : nil
  }

  /// What must be hidden of a line in which an element begins that is named like a credential.
  private mutating func element(
    _ tag: Int, _ name: Range<Int>, _ line: Range<Int>, _ kind: SecretName, _ indentation: Int
  ) -> Range<Int>? {
    let closing = Array("</".utf8) + text[tag..<name.upperBound]
    let behind = name.upperBound..<line.upperBound
    guard let first = text[behind].first else {
      if closes(Array(">".utf8)) { state = .tag(closing) }
      return nil
    }
    guard isBlank(first) || first == UInt8(ascii: ">") || first == TreePath.slash else {
      return nil
    }
    guard let end = position(of: Array(">".utf8), in: behind) else {
      state = .tag(closing)
      return trimmed(behind)
    }
    let isEmpty = text[end - 1] == TreePath.slash
    let content = trimmed(end + 1..<line.upperBound)
    if !isEmpty, !contains(closing, content), closes(closing) { state = .element(closing) }
    if end > name.upperBound, !isEmpty || end > name.upperBound + 1 { return trimmed(behind) }
    guard case .none = state else { return content.isEmpty ? nil : content }
    let setting = Setting(name: name, value: content, hasSeparator: true)
    return isEmpty ? nil : hidden(setting, kind, line, indentation)
  }

  /// The content of an element that an attribute names: `<entry key="password">`.
  private mutating func attributed(in line: Range<Int>, _ name: Range<Int>) -> Range<Int>? {
    let before = text[max(line.lowerBound, name.lowerBound - 256)..<name.lowerBound]
    guard let quote = before.last, "\"'".utf8.contains(quote), name.upperBound < line.upperBound,
      text[name.upperBound] == quote,
      ["key=", "name="].contains(where: {
        before.dropLast().suffix($0.utf8.count).elementsEqual($0.utf8)
      }),
      let begin = before.lastIndex(of: UInt8(ascii: "<")),
      let end = position(of: Array(">".utf8), in: name.upperBound..<line.upperBound),
      text[end - 1] != TreePath.slash
    else { return nil }
    let tag = text[begin + 1..<name.lowerBound].prefix { isNameByte($0) || $0 == UInt8(ascii: ":") }
    let closing = Array("</".utf8) + tag
    let content = trimmed(end + 1..<line.upperBound)
    if contains(closing, content) { return content }
    guard closes(closing) else { return nil }
    state = .element(closing)
    return content.isEmpty ? nil : content
  }

  /// Whether an element is closed not far below.
  private func closes(_ closing: [UInt8]) -> Bool {
    lines[(current + 1)...].prefix(Self.elementLines).contains { contains(closing, $0) }
  }

  /// So far from its start the end of an element is looked for.
  private static let elementLines = 100

  /// What follows the name that begins at `start`; nil if it is no name of a value.
  private func setting(in line: Range<Int>, from start: Int) -> Setting? {
    let end = line.upperBound
    var nameEnd = start
    while nameEnd < end, isNameByte(text[nameEnd]) { nameEnd += 1 }
    guard nameEnd > start else { return nil }
    var index = nameEnd
    var isQuoted = false
    while index < end, "\"'`\\]".utf8.contains(text[index]) {
      isQuoted = true
      index += 1
    }
    let afterQuotes = index
    while index < end, isBlank(text[index]) { index += 1 }
    // Operators: = := => ?= += : >
    var separator: [UInt8] = []
    while index < end, separator.count < 3, ":=?+|>~".utf8.contains(text[index]) {
      // `password: |` and `password: >`: the block indicator is no part of it.
      if separator.last == UInt8(ascii: ":"), "|>+?~:".utf8.contains(text[index]) { break }
      separator.append(text[index])
      index += 1
    }
    let name = start..<nameEnd
    if separator.contains(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") }) {
      let isColon = separator.last == UInt8(ascii: ":")
      if isColon, index < end, !isBlank(text[index]), !isQuoted, !isColonSetting(line, start, index)
      {
        return nil
      }
      return Setting(name: name, value: value(index, end), hasSeparator: true)
    }
    if separator.first == UInt8(ascii: ">"), afterQuotes == nameEnd, start > line.lowerBound,
      text[start - 1] == UInt8(ascii: "<")
    {
      return Setting(name: name, value: value(nameEnd + 1, end), hasSeparator: true)
    }
    // `--password hunter2`, `ENV PASSWORD hunter2`, `login x password hunter2`
    guard separator.isEmpty, index > nameEnd, index < end, isOption(line, name) else { return nil }
    let rest = value(index, end)
    guard let first = text[rest].first, first != UInt8(ascii: "-") else { return nil }
    return Setting(name: name, value: rest, hasSeparator: false)
  }

  /// Whether `name:value` without a space is a setting.
  private func isColonSetting(_ line: Range<Int>, _ start: Int, _ value: Int) -> Bool {
    guard isFile, text[value] != UInt8(ascii: "/") else { return false }
    guard start > line.lowerBound else { return true }
    return " \t\"'{,;&(".utf8.contains(text[start - 1])
  }

  /// Whether a name without a separator takes the next word as its value.
  private func isOption(_ line: Range<Int>, _ name: Range<Int>) -> Bool {
    let start = name.lowerBound
    if start > line.lowerBound, text[start - 1] == UInt8(ascii: "-") { return true }
    // `machine HOST login USER password PASSWORD` of netrc; bounded, so that a line takes linear time.
    if line.count <= 1024, text[name].elementsEqual("password".utf8),
      contains("login ", line) || contains("machine ", line)
    {
      return true
    }
    guard start > line.lowerBound else { return false }
    let before = text[max(line.lowerBound, start - 16)..<start].trimmingWhiteSpace()
    let word = before.suffix(while: { !isBlank($0) })
    return ["ENV", "ARG", "SetEnv", "set", "setx", "--set"].contains { word.elementsEqual($0.utf8) }
  }

  private func value(_ start: Int, _ end: Int) -> Range<Int> {
    guard start < end else { return end..<end }
    return trimmed(start..<end)
  }

  private enum Opening {
    case block
    /// With what ends it.
    case list(UInt8)
    case collection
  }

  /// Whether what a value begins with is only the opening of what follows on the next lines.
  private func opening(_ value: Range<Int>) -> Opening? {
    var rest = text[value]
    if let comment = rest.firstIndex(of: UInt8(ascii: "#")) { rest = rest[..<comment] }
    rest = rest.trimmingWhiteSpace()
    guard let first = rest.first else { return .collection }
    if first == UInt8(ascii: "|") || first == UInt8(ascii: ">"),
      rest.dropFirst().allSatisfy({ "+-0123456789".utf8.contains($0) })
    {
      return .block
    }
    // `&anchor`, `!!map`
    if first == UInt8(ascii: "&") || first == UInt8(ascii: "!"), !rest.contains(where: isBlank) {
      return .collection
    }
    guard rest.allSatisfy({ "{[(".utf8.contains($0) }) else { return nil }
    switch first {
    case UInt8(ascii: "["): return .list(UInt8(ascii: "]"))
    case UInt8(ascii: "("): return .list(UInt8(ascii: ")"))
    default: return .collection
    }
  }

  /// Whether a value is plainly none: null, a boolean, an empty text.
  private func isNothing(_ value: Range<Int>) -> Bool {
    var rest = text[value]
    while let last = rest.last, ",;".utf8.contains(last) || isBlank(last) { rest = rest.dropLast() }
    guard rest.count <= 7 else { return false }
    return [
      "", "true", "false", "null", "~", "nil", "none", "None", "True", "False", "\"\"", "''", "{}",
      "[]", "}", "]", ")", "},", "\\\"\\\"", "</",
    ].contains { rest.elementsEqual($0.utf8) }
  }

  private func isNumber(_ value: Range<Int>) -> Bool {
    var rest = text[value]
    while let last = rest.last, ",;".utf8.contains(last) { rest = rest.dropLast() }
    return rest.count <= 18 && rest.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
  }

  /// What of a value goes on on the next line.
  private mutating func continueAfter(_ value: Range<Int>) {
    let bytes = text[value]
    guard let first = bytes.first else { return }
    for quotes in ["\"\"\"", "'''"] where bytes.starts(with: quotes.utf8) {
      if !contains(Array(quotes.utf8), value.lowerBound + 3..<value.upperBound) {
        state = .quoted(Array(quotes.utf8))
      }
      return
    }
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") || first == UInt8(ascii: "`") {
      if !bytes.dropFirst().contains(first) { state = .quoted([first]) }
      return
    }
    if let word = hereDocument(value) {
      state = .document(word)
    } else if bytes.last == UInt8(ascii: "\\") {
      state = .continued
    }
  }

  /// The word that ends a here-document: `EOF` of `$(cat <<EOF`.
  private func hereDocument(_ value: Range<Int>) -> [UInt8]? {
    guard let start = position(of: Array("<<".utf8), in: value) else { return nil }
    let word = text[start + 2..<value.upperBound].drop { "-~\"' ".utf8.contains($0) }
      .prefix { isNameByte($0) }
    return word.isEmpty ? nil : Array(word)
  }

  // MARK: Secrets and keys

  /// `---`, perhaps with a comment (a line of PEM begins like that, too), or a fence of Markdown.
  private func isSeparator(_ line: Range<Int>) -> Bool {
    let bytes = text[line]
    if bytes.starts(with: "```".utf8) || bytes.starts(with: "~~~".utf8) { return true }
    guard bytes.starts(with: "---".utf8) else { return false }
    let rest = bytes.dropFirst(3).trimmingWhiteSpace()
    return rest.isEmpty || rest.first == UInt8(ascii: "#")
  }

  /// Whether a line contains `kind: Secret` or `"kind": "Secret"`, and how far the names are indented of
  /// kinds that only a template says.
  private func kinds(in document: Range<Int>) -> (isSecret: Bool, unknown: Set<Int>) {
    var isSecret = false
    var unknown: Set<Int> = []
    for index in document {
      let line = trimmed(lines[index])
      var rest = line
      while let start = position(of: Array("kind".utf8), in: rest) {
        rest = start + 4..<line.upperBound
        if start > line.lowerBound, isNameByte(text[start - 1]) { continue }
        let behind = text[rest].drop { "\"'\\ \t".utf8.contains($0) }
        var value = behind.drop { "\"'\\ \t:".utf8.contains($0) }
        guard value.startIndex > rest.lowerBound else { continue }
        while let first = value.first, "&!".utf8.contains(first) {
          value = value.drop { !isBlank($0) }.drop { "\"' \t".utf8.contains($0) }
        }
        if value.isEmpty || "|>".utf8.contains(value[value.startIndex]) {
          value = nextLine(index, in: document)
        }
        let word = value.prefix { isNameByte($0) }
        if ["Secret", "SecretList"].contains(where: { word.elementsEqual($0.utf8) }) {
          isSecret = true
        } else if behind.first == UInt8(ascii: ":"),
          start == line.lowerBound || text[start - 1] != UInt8(ascii: "$"), isTemplated(value)
        {
          unknown.insert(itemIndentation(index))
        }
      }
    }
    return (isSecret, unknown)
  }

  /// The value that is below its name.
  private func nextLine(_ index: Int, in document: Range<Int>) -> ArraySlice<UInt8> {
    guard index + 1 < document.upperBound else { return [] }
    let line = trimmed(lines[index + 1])
    guard line.lowerBound - lines[index + 1].lowerBound > itemIndentation(index) else { return [] }
    return text[line].drop { "\"'".utf8.contains($0) }
  }

  /// Whether a value begins with what a template or a substitution replaces, or an alias.
  private func isTemplated(_ value: ArraySlice<UInt8>) -> Bool {
    let word = value.prefix { !isBlank($0) && !",\"'".utf8.contains($0) }
    guard let first = word.first, first != UInt8(ascii: "=") else { return false }
    if "$*%@".utf8.contains(first) { return true }
    return ["{{", "${", "<%", "[[", "(("].contains {
      contains(Array($0.utf8), word.startIndex..<word.endIndex)
    }
  }

  /// How far the first name of a line is indented, behind what begins items, objects and comments.
  private func itemIndentation(_ index: Int) -> Int {
    text[lines[index]].prefix { " \t-{#".utf8.contains($0) }.count
  }

  /// What is behind `data:` or `stringData:` in a line; in JSON, it may be anywhere in it.
  ///
  /// Only Secrets have the latter, whatever a template makes of their kind.
  private func dataValue(in line: Range<Int>, isSecret: Bool) -> Range<Int>? {
    for name in isSecret ? ["data", "stringData"] : ["stringData"] {
      var rest = line
      while let start = position(of: Array(name.utf8), in: rest) {
        rest = start + name.utf8.count..<line.upperBound
        if start > line.lowerBound, isNameByte(text[start - 1]) { continue }
        var behind = text[rest].drop { "\"'\\ \t".utf8.contains($0) }
        // `{{ if .x }}data{{ end }}:`
        if behind.starts(with: "{{".utf8),
          let end = position(of: Array("}}".utf8), in: behind.startIndex..<behind.endIndex)
        {
          behind = behind[(end + 2)...].drop { "\"' ".utf8.contains($0) }
        }
        if behind.first == UInt8(ascii: ":") || behind.first == UInt8(ascii: "=") {
          return value(behind.startIndex + 1, line.upperBound)
        }
      }
    }
    return nil
  }

  /// Where a private key in PEM begins.
  private func privateKey(in line: Range<Int>) -> Int? {
    var rest = line
    while let start = position(of: Array("-----BEGIN".utf8), in: rest) {
      rest = start + 10..<line.upperBound
      let label = rest.lowerBound..<min(rest.upperBound, rest.lowerBound + 64)
      if contains("PRIVATE KEY", label) || contains("PGP MESSAGE", label)
        || contains("ENCRYPTED FILE", label)
      {
        return start
      }
    }
    return nil
  }

  // MARK: Bytes

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    let rest = text[range].trimmingWhiteSpace()
    return rest.startIndex..<rest.endIndex
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }

  private func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09
  }

  private func contains(_ word: String, _ range: Range<Int>) -> Bool {
    contains(Array(word.utf8), range)
  }

  private func contains(_ word: [UInt8], _ range: Range<Int>) -> Bool {
    position(of: word, in: range) != nil
  }

  private func position(of word: [UInt8], in range: Range<Int>) -> Int? {
    guard let first = word.first, range.count >= word.count else { return nil }
    var index = range.lowerBound
    while index + word.count <= range.upperBound {
      if text[index] == first, text[index..<index + word.count].elementsEqual(word) { return index }
      index += 1
    }
    return nil
  }
}

extension ArraySlice<UInt8> {
  /// The longest end of which all bytes are like that.
  fileprivate func suffix(while matches: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    var start = endIndex
    while start > startIndex, matches(self[start - 1]) { start -= 1 }
    return self[start...]
  }
}
