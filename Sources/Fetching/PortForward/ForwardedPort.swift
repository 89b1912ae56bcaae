/// The two channels of one forwarded port: data on 0 and an error text on 1, each behind two bytes
/// that name the port (`portforward.go` of the kubelet's streaming code).
package struct ForwardedPort: Sendable {
  /// Of the error text that is kept.
  private static let longestText = 4096

  private var nameBytesLeft = [2, 2]
  private var text: [UInt8] = []

  package init() {}

  /// The data in a message; that of unknown channels is passed over.
  ///
  /// - Throws: `FetchError` for what the kubelet says on the error channel.
  package mutating func take(_ message: [UInt8]) throws(FetchError) -> ArraySlice<UInt8> {
    guard let channel = message.first, channel < 2 else { return [] }
    let names = min(nameBytesLeft[Int(channel)], message.count - 1)
    nameBytesLeft[Int(channel)] -= names
    let data = message[(1 + names)...]
    guard channel == 1, !data.isEmpty else { return channel == 0 ? data : [] }
    text += data.prefix(Self.longestText)
    throw FetchError(.unreachable, String(decoding: text, as: UTF8.self))
  }
}
