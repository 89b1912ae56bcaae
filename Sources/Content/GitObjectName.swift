import Crypto

/// The name that git gives to content, which its patches of binary files have.
package enum GitObjectName {
  /// Of no content.
  package static let none = String(repeating: "0", count: 40)

  /// The SHA-1 of a blob in lower-case hexadecimal.
  ///
  /// - Parameter size: Of the content in bytes.
  /// - Throws: as ``FileContent/forEachPiece(_:)``.
  package static func blob(_ content: FileContent, size: Int64) throws -> String {
    var hash = Insecure.SHA1()
    hash.update(data: Array("blob \(size)\0".utf8))
    try content.forEachPiece { hash.update(bufferPointer: $0) }
    return hexadecimal(hash.finalize())
  }
}
