/// What a piece of text says about the state it describes.
package enum Tone: Sendable, Hashable {
  case plain
  case good
  case bad
  case warning
  case faint
}

/// Whether and how text is coloured.
package struct Style: Sendable, Hashable {
  package let isColoured: Bool

  package init(isColoured: Bool) {
    self.isColoured = isColoured
  }

  package static let plain = Style(isColoured: false)

  /// The text between the escape sequences of its tone; the text alone without colour.
  package func paint(_ text: String, _ tone: Tone) -> String {
    guard isColoured, !text.isEmpty, let code = code(of: tone) else { return text }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }

  private func code(of tone: Tone) -> String? {
    switch tone {
    case .plain: nil
    case .good: "32"
    case .bad: "31"
    case .warning: "33"
    case .faint: "2"
    }
  }
}

/// The answers to `--color`.
package enum ColourChoice: String, Sendable, CaseIterable {
  case auto
  case always
  case never

  /// Decides for one stream.
  ///
  /// `auto` follows kubectl (`kubectl/pkg/util/term`): a terminal, `TERM` other than `dumb`, and no
  /// `NO_COLOR`, whose presence counts even when it is empty.
  package func style(isTerminal: Bool, environment: [String: String]) -> Style {
    switch self {
    case .always: Style(isColoured: true)
    case .never: .plain
    case .auto:
      Style(
        isColoured: isTerminal && environment["TERM"] != "dumb" && environment["NO_COLOR"] == nil
      )
    }
  }
}
