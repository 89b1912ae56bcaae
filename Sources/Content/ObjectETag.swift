import Crypto

/// What most object stores have for the ETag of an object that was uploaded in one piece.
///
/// It is the MD5 of the content, and protects nothing.
package enum ObjectETag {
  /// In lower-case hexadecimal.
  ///
  /// - Throws: as ``FileContent/forEachPiece(_:)``.
  package static func md5(of content: FileContent) throws -> String {
    var hash = Insecure.MD5()
    try content.forEachPiece { hash.update(bufferPointer: $0) }
    return hexadecimal(hash.finalize())
  }
}
