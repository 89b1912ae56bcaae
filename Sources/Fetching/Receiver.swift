import Content
import Platform
import SystemPackage

/// Takes the bytes of an artifact as they come, and hands them on only when all are there and right.
final class Receiver {
  private let wanted: WantedArtifact
  private let limit: Int64
  private let place: ReceivedFile
  private var digester: Digester
  private(set) var count: Int64 = 0

  /// - Parameter limit: How many bytes there may be where the object does not say it.
  init(_ wanted: WantedArtifact, limit: Int64, into place: ReceivedFile) {
    self.wanted = wanted
    self.limit = limit
    self.place = place
    digester = Digester(wanted.digest.algorithm)
  }

  func take(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
    count += Int64(bytes.count)
    if let size = wanted.size, count > size {
      throw FetchError(
        .wrongSize,
        "\(wanted.owner): the server sent more than the \(size) bytes of status.artifact.size")
    }
    guard count <= limit else { throw Self.tooLarge(wanted, limit: limit) }
    digester.update(bytes)
    try place.append(bytes)
  }

  static func tooLarge(_ wanted: WantedArtifact, limit: Int64) -> FetchError {
    FetchError(
      .tooLarge,
      "\(wanted.owner): its archive has \(wanted.size.map { "\($0) bytes, " } ?? "")more than "
        + "\(limit) bytes: raise the limit with --max-size")
  }

  /// Whether bytes are missing, by the size that the object says.
  var isShort: Bool { wanted.size.map { count < $0 } ?? false }

  /// Verifies what has come, which is all that comes.
  func finish() throws(FetchError) {
    let digest = digester.finish()
    guard digest == wanted.digest else {
      throw FetchError(
        .mismatch,
        "\(wanted.owner): digest mismatch: the server sent \(digest), but "
          + "status.artifact.digest is \(wanted.digest)")
    }
  }
}
