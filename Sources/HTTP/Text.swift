extension Duration {
  /// Whole milliseconds, rounded towards zero.
  var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    return overflow
      ? Int64.max
      : product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000).partialValue
  }
}

/// Resolves `%XX`; anything else stays.
func percentDecoded(_ text: some StringProtocol) -> String {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    if byte == 37, rest.count >= 2,
      let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
    {
      bytes.append(value)
      rest = rest.dropFirst(2)
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// A URL without name and password, for messages.
package func withoutUserInfo(_ url: String) -> String {
  guard let (scheme, rest) = url.splitOnce("://") else { return url }
  let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
  guard let at = rest[..<end].lastIndex(of: "@") else { return url }
  return "\(scheme)://\(rest[rest.index(after: at)...])"
}
