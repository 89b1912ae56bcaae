import Crypto

/// What most object stores have for the ETag of an object that was uploaded in one piece.
///
/// It is the MD5 of the content, and protects nothing.
package enum ObjectETag {
  /// In lower-case hexadecimal.
  package static func md5(of content: FileContent) throws(PathFailure) -> String {
    let reader = try content.open()
    var hash = Insecure.MD5()
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(PathFailure) in
        try reader.read(into: UnsafeMutableRawBufferPointer(bytes))
      }
      if count == 0 { break }
      buffer.withUnsafeBytes {
        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count]))
      }
    }
    return hexadecimal(hash.finalize())
  }
}
