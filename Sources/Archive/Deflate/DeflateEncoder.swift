/// Raw DEFLATE (RFC 1951), byte for byte as a release of Go writes it at its default level.
///
/// Each call of `write` is one call of Go's `Write`: with `go126` the sizes of the writes can change
/// the result. An encoder uses less than 1 MiB, whatever the size of the data. It has no errors of
/// its own; when `sink` throws, the encoder is to be thrown away.
package struct DeflateEncoder: ~Copyable {
  // One of the two; each is large, and made only if it is used.
  private var lazyChain: DeflateLazyChain?
  private var twoTables: DeflateTwoTables?

  package init(compressor: Compressor) {
    switch compressor {
    case .go126:
      lazyChain = DeflateLazyChain()
      twoTables = nil
    case .go127:
      lazyChain = nil
      twoTables = DeflateTwoTables()
    }
  }

  /// Compresses bytes.
  ///
  /// - Parameter sink: Gets compressed bytes when there are some, in a buffer that is valid during
  ///   the call.
  package mutating func write(
    _ bytes: UnsafeRawBufferPointer,
    into sink: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    try lazyChain?.write(bytes, into: sink)
    try twoTables?.write(bytes, into: sink)
  }

  /// Hands on all that is left and ends the stream; nothing may be written after it.
  package mutating func finish(into sink: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try lazyChain?.finish(into: sink)
    try twoTables?.finish(into: sink)
  }
}
