import Crypto

/// The algorithms that source-watcher's `--artifact-digest-algo` accepts and that we can compute.
///
/// BLAKE3 is the one that is missing: no maintained Swift implementation exists.
package enum DigestAlgorithm: String, Sendable, CaseIterable {
  case sha256
  case sha384
  case sha512
}

/// A digest in its canonical form, `sha256:<hex>`.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
  package let algorithm: DigestAlgorithm
  /// Lower-case hexadecimal.
  package let hex: String

  package var description: String {
    "\(algorithm.rawValue):\(hex)"
  }

  init(algorithm: DigestAlgorithm, hex: String) {
    self.algorithm = algorithm
    self.hex = hex
  }

  /// Reads the canonical form; nil for any other text and for algorithms that we cannot compute.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let algorithm = DigestAlgorithm(rawValue: String(parts[0])),
      parts[1].utf8.count == algorithm.hexCount,
      parts[1].utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
    else { return nil }
    self.init(algorithm: algorithm, hex: String(parts[1]))
  }
}

extension DigestAlgorithm {
  fileprivate var hexCount: Int {
    switch self {
    case .sha256: 64
    case .sha384: 96
    case .sha512: 128
    }
  }
}

/// A running digest over a byte stream.
package struct Digester: Sendable {
  package let algorithm: DigestAlgorithm
  private var hash: any HashFunction & Sendable

  package init(_ algorithm: DigestAlgorithm) {
    self.algorithm = algorithm
    hash =
      switch algorithm {
      case .sha256: SHA256()
      case .sha384: SHA384()
      case .sha512: SHA512()
      }
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    hash.update(bufferPointer: bytes)
  }

  package func finish() -> Digest {
    Digest(algorithm: algorithm, hex: hexadecimal(hash.finalize()))
  }

  /// The digest of bytes that are at hand.
  package static func digest(_ bytes: [UInt8], _ algorithm: DigestAlgorithm = .sha256) -> Digest {
    var digester = Digester(algorithm)
    bytes.withUnsafeBytes { digester.update($0) }
    return digester.finish()
  }
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}
