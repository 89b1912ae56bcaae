/// What bounds the fetching of an artifact.
package struct FetchLimits: Sendable {
  /// Of the archive, in bytes.
  package var size: Int64 = 1 << 30
  /// Until the first byte, where another way is left.
  package var firstByte = Duration.seconds(5)
  /// Until the first byte, on the last way: an API server gives a dial up after 30 s, and says why.
  package var lastFirstByte = Duration.seconds(40)
  /// Between two bytes.
  package var silence = Duration.seconds(30)

  package init() {}
}
