/// The generation of Go's `compress/flate`, at its default level 6, whose bytes are reproduced.
///
/// A revision is the digest of compressed bytes, so the compressor that the controller was built
/// with is part of what it publishes.
package enum Compressor: String, Sendable, CaseIterable {
  /// Go 1.23 to 1.26, and some before them (1.19 at least): see `DeflateLazyChain`.
  case go126 = "go1.26"
  /// Go 1.27, which finds other matches and cuts other blocks: see `DeflateTwoTables`.
  case go127 = "go1.27"
}
