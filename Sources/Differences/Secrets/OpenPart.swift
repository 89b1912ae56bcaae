import Document

/// What of a value may be shown where somebody else has hidden parts of it already: values that came from
/// a Secret by substitution or in a chart.
enum OpenPart: Sendable {
  /// Whatever the rules of secrets leave.
  case all
  /// No more than what is the same in this value, which has the shape of the real one as far as that may
  /// be known.
  case only(Value)

  /// What stands for a value of which nothing is known.
  static let hidden = OpenPart.only(masked)
  static let masked = Value.string(mask)
  static let mask = "***"

  init(_ shown: Value?) {
    self = shown.map { .only($0) } ?? .all
  }

  /// Whether a name may be read.
  func shows(key: String) -> Bool {
    switch self {
    case .all: true
    case .only(let open): open[key] != nil
    }
  }

  func below(key: String) -> OpenPart {
    switch self {
    case .all: .all
    case .only(let open): open[key].map { .only($0) } ?? .hidden
    }
  }

  /// - Parameter count: how many elements the real list has: one of another length has other positions.
  func below(index: Int, of count: Int) -> OpenPart {
    switch self {
    case .all: return .all
    case .only(let open):
      guard let elements = open.array, elements.count == count, elements.indices.contains(index)
      else { return .hidden }
      return .only(elements[index])
    }
  }

  /// The value in place of a real one that is no map and no list; nil for that itself.
  func replacement(of value: Value) -> Value? {
    switch self {
    case .all: return nil
    case .only(let open): return open == value ? nil : open
    }
  }
}
