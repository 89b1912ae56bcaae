package import Content
import Text

/// Names that go-git refuses to check out (`validPath` in its `worktree_fs.go`, 5.19.1, with
/// `core.protectNTFS` as it is by default): the whole clone fails.
package enum CheckoutNames {
  /// - Throws: `SourceFailure` with go-git's reason.
  package static func check(_ path: TreePath, isLink: Bool) throws(SourceFailure) {
    guard path.bytes.count <= FileTree.longestPath else {
      throw refused("open \(path.base): file name too long")
    }
    guard path.bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw refused("invalid path \(path.bytes.goQuoted): contains control character")
    }
    for part in path.components {
      let name = lowercased(part)
      if gitNames.contains(name) {
        throw refused("invalid path component: \(Array(part).goQuoted)")
      }
      if isDevice(name) { throw refused("invalid path: \(path.bytes.goQuoted)") }
      if isLink, name == moduleFile { throw refused(".gitmodules is a symlink") }
    }
  }

  private static let gitNames = [Array(".git".utf8), Array("git~1".utf8)]
  private static let moduleFile = Array(".gitmodules".utf8)

  private static func refused(_ reason: String) -> SourceFailure {
    SourceFailure(
      .sourceController, "failed to checkout and determine revision: unable to clone: \(reason)")
  }

  /// Device names of Windows, whatever follows behind a dot, blank or colon.
  private static func isDevice(_ name: [UInt8]) -> Bool {
    let ends: [UInt8] = [UInt8(ascii: "."), UInt8(ascii: " "), UInt8(ascii: ":")]
    let base = Array(name.prefix { !ends.contains($0) })
    return devices.contains(base)
  }

  private static let devices: Set<[UInt8]> = {
    var names = ["con", "prn", "aux", "nul", "conin$", "conout$"]
    for number in 1...9 { names += ["com\(number)", "lpt\(number)"] }
    return Set(names.map { Array($0.utf8) })
  }()

  private static func lowercased(_ name: some Sequence<UInt8>) -> [UInt8] {
    name.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }
  }
}
