/// Which requests of a case are answered how; see `server.py` for the meaning.
package struct Rule: Sendable, Encodable {
  package var method: String?
  package var path: String?
  package var query: String?
  package var without: String?
  package var listener: String?
  package var header: String?
  package var answers: [Answer]

  package init(
    method: String? = nil,
    path: String? = nil,
    query: String? = nil,
    without: String? = nil,
    listener: String? = nil,
    header: String? = nil,
    _ answers: Answer...
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.without = without
    self.listener = listener
    self.header = header
    self.answers = answers
  }
}

/// One answer, or what happens instead of one.
package struct Answer: Sendable, Encodable {
  package enum End: String, Sendable, Encodable {
    case close, reset, hang
  }

  package var status: Int?
  package var headers: [[String]]?
  package var body: String?
  package var base64: String?
  package var gzip: Bool?
  package var chunks: [String]?
  package var pause: Double?
  package var `repeat`: Repetition?
  package var length: Int?
  package var raw: String?
  package var wait: Double?
  package var echo: Bool?
  package var then: End?
  package var upgrade: AfterUpgrade?

  /// What a server does after 101, see `upgraded.py`.
  package enum AfterUpgrade: String, Sendable, Encodable {
    case echo, half, flood, slow, reset
  }

  package init(
    _ status: Int? = 200, _ body: String? = nil, headers: [[String]]? = nil, then: End? = nil
  ) {
    self.status = status
    self.body = body
    self.headers = headers
    self.then = then
  }

  /// Answers with what the server saw, a `LogEntry`.
  package static var echo: Answer {
    Answer().with { $0.echo = true }
  }

  /// No answer, only an end.
  package static func no(_ end: End) -> Answer {
    Answer(nil, then: end)
  }

  package static func chunks(_ chunks: [String], pause: Double = 0, then: End? = nil) -> Answer {
    Answer(200, then: then).with {
      $0.chunks = chunks
      $0.pause = pause
    }
  }

  /// Switches protocols; the greeting comes with the header.
  package static func upgrade(_ to: AfterUpgrade, greeting: String? = nil) -> Answer {
    Answer(101, greeting).with { $0.upgrade = to }
  }

  package func with(_ change: (inout Answer) -> Void) -> Answer {
    var answer = self
    change(&answer)
    return answer
  }
}

/// A text that is sent many times.
package struct Repetition: Sendable, Encodable {
  package var text: String
  package var count: Int

  package init(_ text: String, count: Int) {
    self.text = text
    self.count = count
  }

  package func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    try list.encode(text)
    try list.encode(count)
  }
}
