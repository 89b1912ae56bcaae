import Platform
import Text

/// A bearer token in a file that is renewed.
///
/// The rules are those of client-go's transport/token_source.go: read again after 50 s (a period of
/// one minute less ten seconds of leeway); the last good token stays when that fails; surrounding
/// white space is not part of it; an empty file counts as unreadable.
struct TokenFile: Sendable {
  let path: String
  /// The token in the kubeconfig, used as long as the file has given none.
  let fallback: String?
  private var last: (token: String, time: Int64)?

  init(path: String, fallback: String?) {
    self.path = path
    self.fallback = fallback
  }

  /// The content of a file, without surrounding white space.
  static func read(_ path: String, patience: Duration) throws(FileError) -> String {
    let bytes = try LocalFile.read(path, limit: 1 << 20, patience: patience)
    return String(decoding: bytes.trimmingWhiteSpace(), as: UTF8.self)
  }

  mutating func current(_ now: Int64) -> String? {
    if let last, (last.time..<last.time + 50).contains(now) { return last.token }
    // What is not there at once is no file.
    guard let token = try? Self.read(path, patience: .zero), !token.isEmpty else {
      return last?.token ?? fallback
    }
    last = (token, now)
    return token
  }
}
