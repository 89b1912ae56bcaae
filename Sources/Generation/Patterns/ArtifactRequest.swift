package import Content
package import FluxModel
import Text

/// An artifact that a generator asks for, with its path pattern applied.
package struct ArtifactRequest: Sendable, Equatable {
  /// With every placeholder filled in.
  package let artifact: OutputArtifact
  /// What the captures stand for, in lower case: labels of the published object.
  ///
  /// In the order of the pattern, which the controller does not keep.
  package let captures: [Capture]
  /// The directory that the pattern matched; nil without a pattern.
  package let matchedDirectory: TreePath?

  package struct Capture: Sendable, Equatable {
    package let name: String
    package let value: String
  }
}

extension ArtifactGenerator {
  /// The artifacts to build, in the controller's order: as written, or for each matched directory in
  /// the order of a walk.
  ///
  /// Where several values of one directory are invalid the reference reports any one of them; here
  /// it is the first in the order of the pattern.
  ///
  /// - Parameter source: the tree of an alias.
  package func artifactRequests(
    source: (_ alias: String) -> (any GlobTree)?
  ) throws(GeneratorFailure) -> [ArtifactRequest] {
    guard let whole = spec.pathPattern else {
      return spec.artifacts.map {
        ArtifactRequest(artifact: $0, captures: [], matchedDirectory: nil)
      }
    }
    guard let (alias, text) = spec.pathPatternParts else {
      throw .pathPattern("invalid pathPattern format: \(whole)")
    }
    guard let tree = source(alias) else {
      throw .pathPattern(
        "pathPattern \(whole.goQuoted): source alias \(alias) not found in local sources")
    }
    var expansion = PathPatternExpansion(
      whole: whole, pattern: try PathPattern(text, whole: whole), artifacts: spec.artifacts)
    try expansion.walk(tree, below: .root, level: 0, captures: [])
    return expansion.requests
  }
}

extension ArtifactGenerator.Spec {
  /// `@ALIAS/PATTERN`; nil without a path pattern, and for one that is not written so.
  package var pathPatternParts: (alias: String, pattern: String)? {
    let bytes = Array((pathPattern ?? "").utf8)
    guard bytes.first == UInt8(ascii: "@"), let slash = bytes.firstIndex(of: TreePath.slash) else {
      return nil
    }
    return (
      String(decoding: bytes[1..<slash], as: UTF8.self),
      String(decoding: bytes[(slash + 1)...], as: UTF8.self)
    )
  }
}

/// The walk over a source and what it has found so far.
private struct PathPatternExpansion {
  let whole: String
  let pattern: PathPattern
  let artifacts: [OutputArtifact]
  private(set) var requests: [ArtifactRequest] = []
  var directoryOfName: [[UInt8]: TreePath] = [:]

  /// Visits the directories at one level of the pattern; links to directories are none.
  mutating func walk(
    _ tree: any GlobTree,
    below directory: TreePath,
    level: Int,
    captures: [[UInt8]]
  ) throws(GeneratorFailure) {
    for entry in try read(directory, of: tree) where entry.kind == .directory {
      guard let found = pattern.captures(at: level, in: entry.name) else { continue }
      let path = directory.child(entry.name)
      if level == pattern.depth - 1 {
        try add(path, captures: captures + found)
      } else {
        try walk(tree, below: path, level: level + 1, captures: captures + found)
      }
    }
  }

  private func read(
    _ directory: TreePath,
    of tree: any GlobTree
  ) throws(GeneratorFailure) -> [GlobEntry] {
    do throws(PathFailure) {
      return try tree.entries(of: directory)
    } catch {
      throw .pathPattern(
        "failed to walk source directory: open \(directory): \(error)", isTerminal: false)
    }
  }

  private mutating func add(
    _ directory: TreePath,
    captures values: [[UInt8]]
  ) throws(GeneratorFailure) {
    let raw = zip(pattern.captureNames, values).map {
      ArtifactRequest.Capture(name: $0, value: String(decoding: $1, as: UTF8.self))
    }
    let captures = zip(pattern.captureNames, values).map {
      ArtifactRequest.Capture(name: $0, value: goLowercased($1))
    }
    for capture in captures {
      let breaches = KubernetesNames.breaches(ofLabelValue: capture.value)
      guard breaches.isEmpty else {
        throw mistake(
          "captured value \(capture.value.goQuoted) for variable \(capture.name.goQuoted) is not "
            + "a valid Kubernetes label value: \(breaches.joined(separator: "; "))")
      }
    }
    for template in artifacts {
      let artifact = try render(template, raw: raw, captures: captures, directory: directory)
      let breaches = KubernetesNames.breaches(ofSubdomain: artifact.name)
      guard breaches.isEmpty else {
        throw mistake(
          "rendered artifact name \(artifact.name.goQuoted) is not a valid Kubernetes object name: "
            + breaches.joined(separator: "; "))
      }
      if let earlier = directoryOfName.updateValue(directory, forKey: Array(artifact.name.utf8)) {
        throw mistake(
          "directories \(earlier.bytes.goQuoted) and \(directory.bytes.goQuoted) both resolve to "
            + "artifact name \(artifact.name.goQuoted)")
      }
      requests.append(
        ArtifactRequest(artifact: artifact, captures: captures, matchedDirectory: directory))
    }
  }

  /// Fills in name, `from` and `to`; names get the lower-cased values, paths those on disk.
  private func render(
    _ template: OutputArtifact,
    raw: [ArtifactRequest.Capture],
    captures: [ArtifactRequest.Capture],
    directory: TreePath
  ) throws(GeneratorFailure) -> OutputArtifact {
    var artifact = template
    do throws(TemplateMistake) {
      artifact.name = try render(template.name, with: captures)
      for (index, operation) in template.copy.enumerated() {
        artifact.copy[index].from = try render(operation.from, with: raw)
        artifact.copy[index].to = try render(operation.to, with: raw)
      }
    } catch {
      throw mistake(
        "failed to render artifact \(template.name) for match \(directory): \(error.text)")
    }
    return artifact
  }

  private struct TemplateMistake: Error {
    let text: String
  }

  private func render(
    _ template: String,
    with captures: [ArtifactRequest.Capture]
  ) throws(TemplateMistake) -> String {
    var result: [UInt8] = []
    var reader = PlaceholderReader(template)
    while true {
      let piece: PlaceholderReader.Piece?
      do throws(PlaceholderReader.Mistake) {
        piece = try reader.next()
      } catch {
        throw TemplateMistake(
          text: "invalid template \(template.goQuoted): \(templateText(of: error))")
      }
      switch piece {
      case nil:
        return String(decoding: result, as: UTF8.self)
      case .literal(let bytes):
        result += bytes
      case .placeholder(let name):
        guard let capture = captures.first(where: { $0.name == name }) else {
          throw TemplateMistake(
            text: "invalid template \(template.goQuoted): capture variable \(name.goQuoted) is not "
              + "defined by pathPattern")
        }
        result += capture.value.utf8
      }
    }
  }

  private func templateText(of mistake: PlaceholderReader.Mistake) -> String {
    switch mistake {
    case .unclosed(let offset):
      "capture starting at offset \(offset) is missing closing brace"
    case .unopened(let offset):
      "capture ending at offset \(offset) is missing opening brace"
    case .empty:
      "empty capture variable"
    case .badName(let name):
      "capture variable \(name.goQuoted) must be a valid capture name matching "
        + "[A-Za-z_][A-Za-z0-9_]*"
    }
  }

  private func mistake(_ text: String) -> GeneratorFailure {
    .pathPattern("pathPattern \(whole.goQuoted): \(text)")
  }
}

/// `strings.ToLower`: one character for one; a byte that is no UTF-8 becomes U+FFFD where anything
/// but ASCII is in the text.
private func goLowercased(_ bytes: [UInt8]) -> String {
  var result = ""
  for unit in GoRunes(bytes[...]) {
    let mapped = unit.scalar.properties.lowercaseMapping.unicodeScalars
    // Only U+0130 maps to more than one character; Go's simple mapping keeps the first of them.
    if let first = mapped.first {
      result.unicodeScalars.append(first)
    }
  }
  return result
}
