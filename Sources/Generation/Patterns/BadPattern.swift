/// Why a pattern cannot be used.
package enum BadPattern: Error, Sendable, Hashable, CustomStringConvertible {
  /// Its grammar does not allow it; Go's `path.ErrBadPattern`, in its words.
  case malformed
  /// Its alternatives multiply: `{a,b}` twenty times in a row are a million patterns.
  case tooManyAlternatives

  package var description: String {
    switch self {
    case .malformed: "syntax error in pattern"
    case .tooManyAlternatives:
      "its {alternatives} expand to more than \(AlternativeBudget.tries) combinations: write several patterns "
        + "with fewer braces each"
    }
  }
}

/// How many alternatives one question about a pattern may try.
///
/// The reference has no such limit: it tries every combination, so that one pattern can keep the
/// controller busy for years. A pattern of people stays far below.
struct AlternativeBudget {
  static let tries = 20_000
  /// Braces within braces and braces after braces, which both go on within the alternative before;
  /// few enough for the stack of a thread.
  private static let depth = 1_000

  private var triesLeft = AlternativeBudget.tries
  private var depthLeft = AlternativeBudget.depth

  mutating func enter() throws(BadPattern) {
    guard triesLeft > 0, depthLeft > 0 else { throw .tooManyAlternatives }
    triesLeft -= 1
    depthLeft -= 1
  }

  mutating func leave() {
    depthLeft += 1
  }
}
