import Content
package import FluxModel
import Text

extension GeneratorFailure {
  /// Why a `pathPattern` could not be expanded, in the controller's words.
  ///
  /// - Parameter isTerminal: false only for a failed walk.
  package static func pathPattern(_ message: String, isTerminal: Bool = true) -> GeneratorFailure {
    GeneratorFailure(
      reason: .buildFailed, isTerminal: isTerminal,
      message: "failed to expand path pattern: \(message)")
  }
}

/// The part of a `pathPattern` after its alias: literal text and captures such as `{app}`, each of
/// which stands for one or more characters of one part of a path.
///
/// The controller makes it an anchored regular expression with `([^/]+)` for captures
/// (`internal/controller/artifactgenerator_pathpattern.go`). No capture crosses a slash, so the parts
/// of a path are matched one by one here, and directories that cannot lead to a match need not be
/// read.
struct PathPattern {
  private let parts: [[Piece]]
  /// In the order of the pattern.
  let captureNames: [String]

  private enum Piece {
    case literal([UInt8])
    case capture
  }

  var depth: Int {
    parts.count
  }

  /// - Parameters:
  ///   - text: the pattern, without alias.
  ///   - whole: the field as written, for messages.
  init(_ text: String, whole: String) throws(GeneratorFailure) {
    var names: [String] = []
    var parts: [[Piece]] = [[]]
    var reader = PlaceholderReader(text)
    while let piece = try PathPattern.next(from: &reader, whole: whole) {
      switch piece {
      case .literal(let bytes):
        PathPattern.append(bytes, to: &parts)
      case .placeholder(let name):
        // Names are ASCII: equal texts are equal bytes.
        guard !names.contains(name) else {
          throw .pathPattern(
            "pathPattern \(whole.goQuoted): duplicate capture variable \(name.goQuoted)")
        }
        names.append(name)
        parts[parts.count - 1].append(.capture)
      }
    }
    for name in names {
      let breaches = KubernetesNames.breaches(ofLabelKey: name)
      guard breaches.isEmpty else {
        throw .pathPattern(
          "pathPattern \(whole.goQuoted): capture variable \(name.goQuoted) is not a valid "
            + "Kubernetes label key: \(breaches.joined(separator: "; "))"
        )
      }
    }
    self.parts = parts
    captureNames = names
  }

  private static func next(
    from reader: inout PlaceholderReader,
    whole: String
  ) throws(GeneratorFailure) -> PlaceholderReader.Piece? {
    do throws(PlaceholderReader.Mistake) {
      return try reader.next()
    } catch {
      throw .pathPattern("pathPattern \(whole.goQuoted): \(text(of: error))")
    }
  }

  /// Adds literal text, whose slashes begin new parts.
  private static func append(_ text: ArraySlice<UInt8>, to parts: inout [[Piece]]) {
    let pieces = text.split(separator: TreePath.slash, omittingEmptySubsequences: false)
    for (index, piece) in pieces.enumerated() {
      if index > 0 {
        parts.append([])
      }
      if !piece.isEmpty {
        parts[parts.count - 1].append(.literal(Array(piece)))
      }
    }
  }

  private static func text(of mistake: PlaceholderReader.Mistake) -> String {
    switch mistake {
    case .unclosed(let offset):
      "invalid capture starting at offset \(offset): missing closing brace"
    case .unopened(let offset):
      "invalid capture ending at offset \(offset): missing opening brace"
    case .empty:
      "empty capture variable"
    case .badName(let name):
      "capture variable \(name.goQuoted) must be a valid capture name matching "
        + "[A-Za-z_][A-Za-z0-9_]*"
    }
  }

  // MARK: Matching

  /// What the captures of one part of the pattern stand for in a name; nil if it does not match.
  ///
  /// - Parameter level: 0 for the first part of a path.
  func captures(at level: Int, in name: [UInt8]) -> [[UInt8]]? {
    var runes: [ArraySlice<UInt8>] = []
    var start = 0
    for unit in GoRunes(name[...]) {
      runes.append(name[start..<(start + unit.width)])
      start += unit.width
    }
    var match = PartMatch(pieces: parts[level], runes: runes)
    return match.run().map { $0.map { Array(runes[$0].joined()) } }
  }

  /// Backtracking as a regular expression does it: the first capture takes as much as it can.
  private struct PartMatch {
    let pieces: [Piece]
    let runes: [ArraySlice<UInt8>]
    /// Places that are known to lead nowhere, so that no pattern takes exponential time.
    var deadEnds: Set<Int> = []

    mutating func run() -> [Range<Int>]? {
      match(piece: 0, at: 0)?.reversed()
    }

    private mutating func match(piece index: Int, at position: Int) -> [Range<Int>]? {
      if index == pieces.count {
        return position == runes.count ? [] : nil
      }
      let place = index * (runes.count + 1) + position
      if deadEnds.contains(place) {
        return nil
      }
      switch pieces[index] {
      case .literal(let bytes):
        if let end = literal(bytes, at: position), let rest = match(piece: index + 1, at: end) {
          return rest
        }
      case .capture:
        for end in stride(from: runes.count, to: position, by: -1) {
          if var rest = match(piece: index + 1, at: end) {
            rest.append(position..<end)
            return rest
          }
        }
      }
      deadEnds.insert(place)
      return nil
    }

    private func literal(_ bytes: [UInt8], at position: Int) -> Int? {
      var rest = bytes[...]
      var end = position
      while !rest.isEmpty {
        guard end < runes.count, rest.starts(with: runes[end]) else { return nil }
        rest = rest.dropFirst(runes[end].count)
        end += 1
      }
      return end
    }
  }
}
