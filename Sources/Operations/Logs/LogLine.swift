package import Document

/// A line that a controller of Flux has written about an object.
package struct LogLine: Sendable, Hashable {
  package let pod: String
  /// As the controller writes it (ISO 8601); empty where a line has none.
  package let time: String
  package let level: String
  package let message: String
  package let error: String?
  /// The whole line where it is JSON, else its text.
  package let content: Value

  /// Nil for a line that is not about the object.
  ///
  /// Controllers write JSON with `controllerKind`, `name` and `namespace`, or with the kind as a key
  /// of both (`controller-runtime`); with `--log-encoding=console` the same JSON stands behind the
  /// message.
  init?(_ bytes: ArraySlice<UInt8>, pod: String, kind: String, namespace: String, name: String) {
    let text = String(decoding: bytes, as: UTF8.self)
    // Most lines are about something else, and this is much faster than to read them.
    guard text.contains("\"\(name)\"") else { return nil }
    self.pod = pod
    if let line = try? JSON.parse(Array(bytes)), line.object != nil {
      guard Self.isAbout(line, kind, namespace, name) else { return nil }
      time = line["ts"]?.string ?? ""
      level = line["level"]?.string ?? ""
      message = line["msg"]?.string ?? ""
      error = line["error"]?.filled
      content = line
      return
    }
    guard let brace = text.firstIndex(of: "{"),
      let fields = try? JSON.parse(Array(text[brace...].utf8)),
      Self.isAbout(fields, kind, namespace, name)
    else { return nil }
    let words = text[..<brace].split(separator: "\t").map(String.init)
    time = words.first ?? ""
    level = words.count > 1 ? words[1].lowercased() : ""
    message = words.dropFirst(2).joined(separator: " ")
    error = fields["error"]?.filled
    content = .string(text)
  }

  private static func isAbout(
    _ line: Value, _ kind: String, _ namespace: String, _ name: String
  ) -> Bool {
    func isNamed(_ value: Value?) -> Bool {
      value?["name"]?.string == name && value?["namespace"]?.string == namespace
    }
    if isNamed(line[kind]) { return true }
    return line["controllerKind"]?.string == kind && isNamed(line)
  }
}
