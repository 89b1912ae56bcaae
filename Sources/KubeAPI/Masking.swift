import Document

/// What must not be written anywhere.
enum Masking {
  /// A header field's value, fit to be shown.
  static func value(_ name: String, _ value: String) -> String {
    switch name.lowercased() {
    case "authorization", "proxy-authorization":
      // The scheme is no secret and helps; anything else in front of a space could be one.
      let scheme = value.prefix { $0 != " " }
      let isKnown = ["basic", "bearer", "negotiate"].contains(scheme.lowercased())
      return value.isEmpty
        ? "" : isKnown && scheme.count < value.count ? "\(scheme) <masked>" : "<masked>"
    case "cookie", "set-cookie", "x-remote-extra-token":
      return "<masked>"
    default:
      return value
    }
  }

  /// Whether a body may contain credentials: by its path, or by the kinds of objects in it.
  static func isSecret(url: String, body: [UInt8]) -> Bool {
    let path = url.prefix { $0 != "?" }.split(separator: "/")
    if path.contains(where: { secretResources.contains(String($0)) }) || path.last == "token" {
      return true
    }
    if let object = try? JSON.parse(body) { return holdsSecret(object) }
    // What cannot be read could be anything, and is judged by the word.
    let text = String(decoding: body, as: UTF8.self)
    return secretKinds.contains { text.contains($0) }
  }

  private static func holdsSecret(_ value: Value) -> Bool {
    switch value {
    case .object(let object):
      if let kind = object["kind"]?.string, secretKinds.contains(kind) { return true }
      return object.contains { holdsSecret($0.value) }
    case .array(let elements): return elements.contains(where: holdsSecret)
    case .string(let text):
      // An annotation may contain a whole object.
      return text.utf8.count > 16 && text.contains("\"kind\"")
        && secretKinds.contains { text.contains("\"\($0)\"") }
    default: return false
    }
  }

  private static let secretResources: Set = [
    "secrets", "tokenreviews", "certificatesigningrequests",
  ]
  private static let secretKinds: Set = [
    "Secret", "SecretList", "TokenRequest", "TokenReview", "ExecCredential", "Config",
  ]
}
