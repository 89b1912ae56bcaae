/// Gzip (RFC 1952), byte for byte as a release of Go writes it at its default level.
///
/// The header names no file, time or system: `1f8b 0800 0000 0000 00ff`. As in `DeflateEncoder`,
/// which see, each call of `write` stands for one call of Go's `Write`.
package struct GzipEncoder: ~Copyable {
  private static let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]

  private var deflate: DeflateEncoder
  private var checksum = CRC32()
  /// Modulo 2^32, as the trailer has it.
  private var size: UInt32 = 0
  private var wroteHeader = false

  package init(compressor: Compressor) {
    deflate = DeflateEncoder(compressor: compressor)
  }

  /// Compresses bytes.
  ///
  /// - Parameter sink: Gets compressed bytes when there are some, in a buffer that is valid during
  ///   the call.
  package mutating func write(
    _ bytes: UnsafeRawBufferPointer,
    into sink: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    try writeHeader(into: sink)
    checksum.update(bytes)
    size &+= UInt32(truncatingIfNeeded: bytes.count)
    try deflate.write(bytes, into: sink)
  }

  /// Hands on all that is left and ends the stream; nothing may be written after it.
  package mutating func finish(into sink: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try writeHeader(into: sink)
    try deflate.finish(into: sink)
    let trailer = UInt64(size) << 32 | UInt64(checksum.value)
    try withUnsafeBytes(of: trailer.littleEndian) { try sink($0) }
  }

  private mutating func writeHeader(
    into sink: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    guard !wroteHeader else { return }
    wroteHeader = true
    try Self.header.withUnsafeBytes { try sink($0) }
  }
}
