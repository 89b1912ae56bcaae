package import Content
import Text

/// What can be wrong with an archive, in the words of the reference (Go's `compress/gzip`,
/// `compress/flate`, `archive/tar` and fluxcd/pkg `tar`).
///
/// The controller puts these texts into the generator's condition, so they are part of what `build`
/// reproduces.
package struct ArchiveError: Error, CustomStringConvertible, Sendable {
  package enum Kind: Hashable, Sendable {
    /// The input contains no byte at all.
    case empty
    case unexpectedEnd
    case gzipHeader
    case gzipChecksum
    /// The DEFLATE data is damaged; the offset counts bytes of the gzip member's body.
    case corruptDeflate(offset: Int)
    /// zlib could not set up its state; the code is zlib's own.
    case codec(code: Int32)
    case tarHeader
    case tarFieldTooLong
    case sparseMapTooLong
    case sparseDataMissing
    case sparseDataUnreferenced
    case invalidName(TreePath)
    case symbolicLink(TreePath)
    /// The mode is written as Go writes an `fs.FileMode`, e.g. `prw-r--r--`.
    case unsupportedType(TreePath, mode: String)
    case tooBig(TreePath, limit: Int64)
    /// What ``ArchiveVetting`` does not let pass.
    case refused(TreePath, reason: String)
    /// An entry that cannot have content announces some, e.g. a hard link.
    case missingContent(TreePath, expected: Int64)
    /// The bytes of the archive could not be read: see `underlying`.
    case source
    /// The receiver of the content refused it: see `underlying`.
    case sink
  }

  package let kind: Kind
  /// What was being done, as a prefix that ends in `: `, or empty.
  package var context: String
  package let underlying: (any Error)?

  package init(_ kind: Kind, context: String = "", underlying: (any Error)? = nil) {
    self.kind = kind
    self.context = context
    self.underlying = underlying
  }

  package var description: String {
    context + text
  }

  /// Whether only a limit of the reader keeps the archive from being unpacked.
  package var isLimit: Bool {
    switch kind {
    case .tooBig, .refused: true
    default: false
    }
  }

  /// The same error with `prefix` in front of its text.
  package func adding(context prefix: String) -> ArchiveError {
    ArchiveError(kind, context: prefix + context, underlying: underlying)
  }

  private var text: String {
    switch kind {
    case .empty: "EOF"
    case .unexpectedEnd: "unexpected EOF"
    case .gzipHeader: "gzip: invalid header"
    case .gzipChecksum: "gzip: invalid checksum"
    case .corruptDeflate(let offset): "flate: corrupt input before offset \(offset)"
    case .codec(let code): "zlib failed with code \(code)"
    case .tarHeader: "archive/tar: invalid tar header"
    case .tarFieldTooLong: "archive/tar: header field too long"
    case .sparseMapTooLong: "archive/tar: sparse map too long"
    case .sparseDataMissing: "archive/tar: sparse file references non-existent data"
    case .sparseDataUnreferenced: "archive/tar: sparse file contains unreferenced data"
    case .invalidName(let name): "tar contained invalid name error \(name.bytes.goQuoted)"
    case .symbolicLink(let name):
      "tar file entry \(name) is a symlink, which is not allowed in this context"
    case .unsupportedType(let name, let mode):
      "tar file entry \(name) contained unsupported file type \(mode)"
    case .tooBig(let name, let limit):
      "tar \(name.bytes.goQuoted) is bigger than max archive size of \(limit) bytes"
    case .refused(let name, let reason):
      "tar file entry \(TreePath(name.bytes.prefix(256))) \(reason)"
    case .missingContent(let name, let expected):
      "only wrote 0 bytes to \(name); expected \(expected)"
    case .source, .sink: underlying.map { "\($0)" } ?? "input or output failed"
    }
  }
}
