import HTTP
import Text

extension Target {
  /// Reads where an API server is: `http[s]://host[:port][/path]`.
  ///
  /// `rest` is what stands before every API path: empty, or `/…` without a slash at the end. Query
  /// and fragment are dropped, as by client-go.
  ///
  /// - Throws: with client-go's text when it is no URL; with our own when the scheme is missing
  ///   (client-go would silently use plain HTTP without credentials) or is another one, and when it
  ///   contains a password.
  init(server text: String, of cluster: String) throws(KubeconfigError) {
    guard let scheme = text.splitOnce("://")?.0.lowercased() else {
      throw KubeconfigError(
        "the server \"\(text)\" of cluster \"\(cluster)\" has no scheme; use https://\(text)")
    }
    guard scheme == "https" || scheme == "http" else {
      throw KubeconfigError(
        "the server \"\(text)\" of cluster \"\(cluster)\" has the scheme \(scheme); it must be https or http"
      )
    }
    guard withoutUserInfo(text) == text else {
      throw KubeconfigError(
        "the server of cluster \"\(cluster)\" contains a user name or password; put credentials in the users section"
      )
    }
    let target = Target(text)
    let path = (target?.rest ?? "").prefix { $0 != "?" && $0 != "#" }
    guard let target, path.utf8.allSatisfy(Printable.isGraphic) else {
      throw KubeconfigError("host must be a URL or a host:port pair: \"\(text)\"")
    }
    self = target
    rest = String(path.trimmingSuffix("/"))
  }
}
