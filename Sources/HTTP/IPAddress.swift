import Glibc

/// An IP address as its bytes: 4 or 16.
package struct IPAddress: Sendable, Hashable {
  package let bytes: [UInt8]

  /// Reads the textual forms that `inet_pton` reads; a mapped IPv4 address counts as IPv4.
  package init?(_ text: some StringProtocol) {
    let text = String(text)
    var four = in_addr()
    var sixteen = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      bytes = withUnsafeBytes(of: four) { Array($0) }
    } else if inet_pton(AF_INET6, text, &sixteen) == 1 {
      let all = withUnsafeBytes(of: sixteen) { Array($0) }
      let mapped = all.prefix(10).allSatisfy { $0 == 0 } && all[10] == 255 && all[11] == 255
      bytes = mapped ? Array(all[12...]) : all
    } else {
      return nil
    }
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
