import HTTP
import Text

/// The subject alternative names of a server certificate, from libcurl's textual description.
struct CertificateNames: Sendable, Hashable {
  var dns: [String] = []
  var addresses: [String] = []

  /// Reads `X509v3 Subject Alternative Name:DNS:a, IP Address:127.0.0.1` out of lines of
  /// `Name:value`.
  init(description: String) {
    for line in description.split(separator: "\n") {
      guard let (name, value) = line.splitOnce(":"), name == "X509v3 Subject Alternative Name"
      else { continue }
      for entry in value.split(separator: ",") {
        guard let (kind, text) = entry.trimmingWhiteSpace().splitOnce(":") else { continue }
        switch kind {
        case "DNS": dns.append(String(text))
        case "IP Address": addresses.append(compressed(String(text)))
        default: break
        }
      }
    }
  }

  /// Why the certificate does not fit a host, as Go says it (crypto/x509 HostnameError).
  func mismatch(with host: String) -> String {
    let valid: [String]
    if IPAddress(host) != nil {
      if addresses.isEmpty {
        return
          "x509: cannot validate certificate for \(host) because it doesn't contain any IP SANs"
      }
      valid = addresses
    } else {
      valid = dns
    }
    if valid.isEmpty {
      return "x509: certificate is not valid for any names, but wanted to match \(host)"
    }
    return "x509: certificate is valid for \(valid.joined(separator: ", ")), not \(host)"
  }

  /// OpenSSL prints all eight groups of an IPv6 address; shows the usual short form.
  private func compressed(_ address: String) -> String {
    guard let bytes = IPAddress(address)?.bytes, bytes.count == 16 else { return address }
    let groups = stride(from: 0, to: 16, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > max(1, best.count) { best = start..<end }
      start = end + 1
    }
    let hexadecimal = groups.map { String($0, radix: 16) }
    guard !best.isEmpty else { return hexadecimal.joined(separator: ":") }
    return hexadecimal[..<best.lowerBound].joined(separator: ":") + "::"
      + hexadecimal[best.upperBound...].joined(separator: ":")
  }
}
