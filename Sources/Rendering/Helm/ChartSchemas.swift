import Archive
package import Content
import Document
import Text

/// The schemas with which helm checks the values of a chart and of the charts in it
/// (`values.schema.json`).
///
/// helm loads whatever a schema refers to, from the network and from any file of the machine
/// (`ValidateAgainstSingleSchema` in `pkg/chart/common/util/jsonschema.go`). So what refers to anything but
/// itself is not handed to it. More is taken for such a reference than helm would follow, never less.
package struct ChartSchemas {
  /// Why values are not checked with a schema here.
  package struct Objection: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
  }

  private static let name = Array("values.schema.json".utf8)
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
  /// Packages in packages.
  private static let mostLevels = 8

  private static let mostUnpacked: Int64 = 100 << 20

  /// Bytes of all packages that may still be unpacked.
  private var room = mostUnpacked

  /// Looks at all files of a chart.
  ///
  /// - Parameter files: paths in the chart, and content.
  /// - Returns: what is in the way, the first that is found; nil where nothing is.
  package static func objection(
    to files: some Sequence<(path: TreePath, content: [UInt8])>
  ) -> Objection? {
    var schemas = ChartSchemas()
    do throws(Objection) {
      for (path, content) in files { try schemas.check(content, at: path, shown: path) }
      return nil
    } catch {
      return error
    }
  }

  /// - Parameter shown: the path as messages have it.
  private mutating func check(
    _ content: [UInt8], at path: TreePath, shown: TreePath, level: Int = 0
  ) throws(Objection) {
    let parts = path.components
    if parts.last?.elementsEqual(Self.name) == true {
      try Self.check(content, shown)
    } else if path.hasSuffix(".tgz"), parts.dropLast().last?.elementsEqual("charts".utf8) == true {
      try check(package: content, shown, level: level + 1)
    }
  }

  // MARK: - Packages

  private mutating func check(
    package content: [UInt8], _ shown: TreePath, level: Int
  ) throws(Objection) {
    guard level <= Self.mostLevels else {
      throw Objection(
        description:
          "\(Printable.line("\(shown)")) cannot be read here: too many packages in packages")
    }
    let files: [(path: TreePath, content: [UInt8])]
    do throws(ArchiveError) {
      files = try self.files(of: content, shown)
    } catch {
      throw Objection(description: "\(Printable.line("\(shown)")) cannot be read here: \(error)")
    }
    for (path, content) in files {
      try check(content, at: path, shown: shown.child(path.bytes), level: level)
    }
  }

  /// The files of a package that are schemas, or packages themselves.
  private mutating func files(
    of package: [UInt8], _ shown: TreePath
  ) throws(ArchiveError) -> [(path: TreePath, content: [UInt8])] {
    var position = 0
    let unpacked = try GunzipReader { buffer in
      let count = min(buffer.count, package.count - position)
      buffer.copyBytes(from: package[position..<position + count])
      position += count
      return count
    }
    let archive = TarReader { try unpacked.read(into: $0) }
    var files: [(path: TreePath, content: [UInt8])] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while let header = try archive.next() {
      // helm takes names apart at either character.
      let path = TreePath(
        header.name.bytes.map { $0 == UInt8(ascii: "\\") ? TreePath.slash : $0 }
      ).cleaned
      let isWanted =
        path.components.last?.elementsEqual(Self.name) == true || path.hasSuffix(".tgz")
      var content: [UInt8] = []
      while true {
        let count = try buffer.withUnsafeMutableBufferPointer { (part) throws(ArchiveError) in
          try archive.read(into: UnsafeMutableRawBufferPointer(part))
        }
        guard count > 0 else { break }
        room -= Int64(count)
        guard room >= 0 else { throw ArchiveError(.tooBig(shown, limit: Self.mostUnpacked)) }
        if isWanted { content += buffer[..<count] }
      }
      if isWanted { files.append((path, content)) }
    }
    return files
  }

  // MARK: - References

  private static func check(_ content: [UInt8], _ shown: TreePath) throws(Objection) {
    let text = content.starts(with: byteOrderMark) ? Array(content.dropFirst(3)) : content
    let schema: Value
    do throws(DocumentError) {
      schema = try JSON.parse(text)
    } catch {
      throw Objection(description: "\(Printable.line("\(shown)")) cannot be read here: \(error)")
    }
    guard let reference = reference(in: schema) else { return }
    throw Objection(
      description:
        "\(Printable.line("\(shown)")) references \(Printable.line(withoutUserInfo(reference))), which only "
        + "helm-controller would load")
  }

  /// The first one that leads to anything else.
  ///
  /// Names are looked for wherever they stand: what is data in one place can be a schema for another one.
  private static func reference(in value: Value) -> String? {
    switch value {
    case .object(let object):
      for (name, value) in object {
        if let text = value.string, leadsOut(name, text) { return text }
        if let found = reference(in: value) { return found }
      }
      return nil
    case .array(let elements): return elements.lazy.compactMap(reference).first
    case .null, .bool, .integer, .double, .string: return nil
    }
  }

  private static func leadsOut(_ name: String, _ target: String) -> Bool {
    switch name {
    case "$ref", "$dynamicRef", "$recursiveRef": !target.isEmpty && !target.hasPrefix("#")
    case "$schema": !drafts.contains(target)
    default: false
    }
  }

  /// The schemas of schemas that every helm has.
  private static let drafts: Set<String> = Set(
    ["schema", "draft/2020-12/schema", "draft/2019-09/schema"].flatMap { spellings($0) }
      + ["draft-07/schema", "draft-06/schema", "draft-04/schema"].flatMap { spellings($0) })

  private static func spellings(_ path: String) -> [String] {
    ["http", "https"].flatMap { scheme in
      ["", "#"].map { "\(scheme)://json-schema.org/\(path)\($0)" }
    }
  }
}
