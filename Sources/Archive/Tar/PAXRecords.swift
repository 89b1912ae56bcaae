import Content

/// The records of a PAX extended header (POSIX `pax`, "pax Header Block"; `archive/tar/reader.go`).
struct PAXRecords {
  private var values: [[UInt8]: ArraySlice<UInt8>] = [:]

  init() {}

  /// - Throws: `.tarHeader` for a record that is malformed.
  init(_ data: [UInt8]) throws(ArchiveError) {
    var rest = data[...]
    var sparseMap: [ArraySlice<UInt8>] = []
    while !rest.isEmpty {
      let (key, value) = try PAXRecords.record(&rest)
      // GNU's sparse format 0.0 repeats two keys in turn; they become the list of format 0.1.
      let isOffset = key.elementsEqual("GNU.sparse.offset".utf8)
      if isOffset || key.elementsEqual("GNU.sparse.numbytes".utf8) {
        guard isOffset == sparseMap.count.isMultiple(of: 2), !value.contains(UInt8(ascii: ","))
        else { throw ArchiveError(.tarHeader) }
        sparseMap.append(value)
      } else {
        values[Array(key)] = value
      }
    }
    if !sparseMap.isEmpty {
      let joined = Array(sparseMap.joined(separator: [UInt8(ascii: ",")]))
      values[Array("GNU.sparse.map".utf8)] = joined[...]
    }
  }

  /// The value of a key; nil also where it is empty, which leaves the header's own field in force.
  subscript(key: String) -> ArraySlice<UInt8>? {
    values[Array(key.utf8)].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Puts what the records say into a header.
  ///
  /// - Throws: `.tarHeader` for a number or time that is none.
  func apply(to header: inout TarHeader) throws(ArchiveError) {
    if let path = self["path"] {
      header.name = TreePath(path)
    }
    if let path = self["linkpath"] {
      header.linkName = TreePath(path)
    }
    if let size = self["size"] {
      header.size = try TarNumber.decimal(size)
    }
    for key in ["uid", "gid"] {
      if let value = self[key] {
        _ = try TarNumber.decimal(value)
      }
    }
    for key in ["atime", "mtime", "ctime"] {
      if let value = self[key] {
        try PAXRecords.checkTime(value)
      }
    }
  }

  /// Takes `LENGTH KEY=VALUE\n` from the front; the length counts all of it.
  private static func record(
    _ rest: inout ArraySlice<UInt8>
  ) throws(ArchiveError) -> (key: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
    let malformed = ArchiveError(.tarHeader)
    guard let space = rest.firstIndex(of: UInt8(ascii: " ")) else { throw malformed }
    let length = try TarNumber.decimal(rest[..<space])
    guard length >= 5, length <= rest.count else { throw malformed }
    let end = rest.startIndex + Int(length)
    guard end > space + 1, rest[end - 1] == UInt8(ascii: "\n") else { throw malformed }
    let record = rest[(space + 1)..<(end - 1)]
    guard let equals = record.firstIndex(of: UInt8(ascii: "=")), equals > record.startIndex else {
      throw malformed
    }
    let key = record[..<equals]
    let value = record[(equals + 1)...]
    // These four become file names and the like; in other records only the key must be clean.
    let isText = ["path", "linkpath", "uname", "gname"].contains { key.elementsEqual($0.utf8) }
    guard !(isText ? value : key).contains(0) else { throw malformed }
    rest = rest[end...]
    return (key, value)
  }

  /// Seconds, and digits behind a point.
  private static func checkTime(_ value: ArraySlice<UInt8>) throws(ArchiveError) {
    let point = value.firstIndex(of: UInt8(ascii: ".")) ?? value.endIndex
    _ = try TarNumber.decimal(value[..<point])
    let fraction = value[point...].dropFirst()
    guard fraction.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      throw ArchiveError(.tarHeader)
    }
  }
}
