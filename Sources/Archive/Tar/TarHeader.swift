package import Content

/// An entry of a tar stream.
package struct TarHeader: Sendable, Equatable {
  /// As in the archive: neither cleaned nor checked.
  package var name: TreePath
  package var linkName = TreePath([UInt8]())
  /// Permission bits, in some archives also the bits of the file's type.
  package var mode: Int64 = 0
  /// Bytes of content; entries that cannot have content may announce some all the same.
  package var size: Int64 = 0
  /// `0` a file, `1` a hard link, `2` a symbolic link, `3` and `4` devices, `5` a directory, `6` a
  /// named pipe, `7` a file, `g` a header for all entries, `S` a sparse file; others count as files.
  package var type = UInt8(ascii: "0")

  /// Type and permissions as Go sees them.
  var fileMode: GoFileMode {
    GoFileMode(tarMode: mode, type: type)
  }

  /// Whether no content follows the header, whatever it announces.
  var isHeaderOnly: Bool {
    (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(type)
  }
}

/// A file's type and permissions with Go's bits and notation (`io/fs/fs.go`).
struct GoFileMode: OptionSet, Sendable, CustomStringConvertible {
  let rawValue: UInt32

  static let directory = GoFileMode(rawValue: 1 << 31)
  static let symbolicLink = GoFileMode(rawValue: 1 << 27)
  static let device = GoFileMode(rawValue: 1 << 26)
  static let namedPipe = GoFileMode(rawValue: 1 << 25)
  static let socket = GoFileMode(rawValue: 1 << 24)
  static let setUser = GoFileMode(rawValue: 1 << 23)
  static let setGroup = GoFileMode(rawValue: 1 << 22)
  static let characterDevice = GoFileMode(rawValue: 1 << 21)
  static let sticky = GoFileMode(rawValue: 1 << 20)

  private static let types: GoFileMode = [
    .directory, .symbolicLink, .device, .namedPipe, .socket, .characterDevice,
  ]
}

extension GoFileMode {
  /// Reads a tar header's fields; the type of the entry counts beside type bits in its mode
  /// (`headerFileInfo.Mode` in `archive/tar/common.go`).
  init(tarMode: Int64, type: UInt8) {
    let bits = UInt32(truncatingIfNeeded: tarMode)
    var mode = GoFileMode(rawValue: bits & 0o777)
    if bits & 0o4000 != 0 { mode.insert(.setUser) }
    if bits & 0o2000 != 0 { mode.insert(.setGroup) }
    if bits & 0o1000 != 0 { mode.insert(.sticky) }
    switch bits & ~0o7777 {
    case 0o040000: mode.insert(.directory)
    case 0o010000: mode.insert(.namedPipe)
    case 0o120000: mode.insert(.symbolicLink)
    case 0o060000: mode.insert(.device)
    case 0o020000: mode.formUnion([.device, .characterDevice])
    case 0o140000: mode.insert(.socket)
    default: break
    }
    switch type {
    case UInt8(ascii: "2"): mode.insert(.symbolicLink)
    case UInt8(ascii: "3"): mode.formUnion([.device, .characterDevice])
    case UInt8(ascii: "4"): mode.insert(.device)
    case UInt8(ascii: "5"): mode.insert(.directory)
    case UInt8(ascii: "6"): mode.insert(.namedPipe)
    default: break
    }
    self = mode
  }

  var permissions: UInt16 {
    UInt16(rawValue & 0o777)
  }

  var isRegular: Bool {
    isDisjoint(with: GoFileMode.types)
  }

  /// Such as `prw-r--r--`; a character device has two letters in front.
  var description: String {
    var text = ""
    for (index, letter) in "dalTLDpSugct?".enumerated() where rawValue & 1 << (31 - index) != 0 {
      text.append(letter)
    }
    if text.isEmpty {
      text = "-"
    }
    for (index, letter) in "rwxrwxrwx".enumerated() {
      text.append(rawValue & 1 << (8 - index) != 0 ? letter : "-")
    }
    return text
  }
}
