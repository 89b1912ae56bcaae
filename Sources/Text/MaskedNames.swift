/// Keeps names apart that look the same once they are masked: `***`, `*** (2)`.
package struct MaskedNames: Sendable {
  private var taken: Set<String>

  /// - Parameter taken: names that are shown as they are.
  package init(_ taken: some Sequence<String> = []) {
    self.taken = Set(taken)
  }

  package mutating func distinct(_ name: String) -> String {
    var result = name
    var number = 1
    while !taken.insert(result).inserted {
      number += 1
      result = "\(name) (\(number))"
    }
    return result
  }
}
