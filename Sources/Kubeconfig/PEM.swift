import HTTP
import Text

/// What can be said about PEM text without cryptography.
enum PEM {
  /// The labels of the blocks in order, such as `RSA PRIVATE KEY`.
  static func labels(_ bytes: [UInt8]) -> [String] {
    lines(bytes).compactMap { line in
      guard line.hasPrefix("-----BEGIN "), line.hasSuffix("-----") else { return nil }
      return String(line.dropFirst(11).dropLast(5))
    }
  }

  static func hasCertificate(_ bytes: [UInt8]) -> Bool {
    labels(bytes).contains("CERTIFICATE")
  }

  /// Whether a key needs a password: PKCS#8 says it in the label, the older form in a header.
  static func isEncrypted(_ bytes: [UInt8]) -> Bool {
    labels(bytes).contains("ENCRYPTED PRIVATE KEY")
      || lines(bytes).contains { $0.hasPrefix("Proc-Type:") && $0.hasSuffix("ENCRYPTED") }
  }

  /// Why a pair cannot work, in the words of Go's crypto/tls; nil when nothing is visibly wrong.
  static func problem(of identity: ClientIdentity) -> String? {
    if !hasCertificate(identity.certificate) {
      return labels(identity.certificate).isEmpty
        ? "tls: failed to find any PEM data in certificate input"
        : "tls: failed to find certificate PEM data in certificate input"
    }
    let keyLabels = labels(identity.key)
    if keyLabels.isEmpty { return "tls: failed to find any PEM data in key input" }
    guard keyLabels.contains(where: { $0.hasSuffix("PRIVATE KEY") }) else {
      return "tls: found a certificate rather than a key in the PEM for the private key"
    }
    return isEncrypted(identity.key) ? "tls: failed to parse private key" : nil
  }

  private static func lines(_ bytes: [UInt8]) -> [String] {
    bytes.split { $0 == 10 || $0 == 13 }.map {
      String(decoding: Array($0).trimmingWhiteSpace(), as: UTF8.self)
    }
  }
}
