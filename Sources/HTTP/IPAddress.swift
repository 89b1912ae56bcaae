import Platform

/// An IP address as its bytes: 4 or 16.
package struct IPAddress: Sendable, Hashable {
  package let bytes: [UInt8]

  /// Reads the textual forms that `inet_pton` reads; a mapped IPv4 address counts as IPv4.
  package init?(_ text: some StringProtocol) {
    guard let all = addressBytes(String(text)) else { return nil }
    let isMapped =
      all.count == 16 && all.starts(with: [UInt8](repeating: 0, count: 10) + [255, 255])
    bytes = isMapped ? Array(all[12...]) : all
  }

  package var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
  }

  /// Whether the first `length` bits are those of the other address.
  func shares(_ length: Int, bitsWith other: IPAddress) -> Bool {
    guard bytes.count == other.bytes.count, length <= bytes.count * 8 else { return false }
    for index in bytes.indices {
      let bits = min(8, max(0, length - index * 8))
      let mask = bits == 0 ? 0 : UInt8(truncatingIfNeeded: 0xff << (8 - bits))
      if bytes[index] & mask != other.bytes[index] & mask { return false }
    }
    return true
  }
}
