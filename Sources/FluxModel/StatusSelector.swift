package import Document

/// `TYPE=STATUS` or `TYPE!=STATUS`: which conditions an object must have.
///
/// Case does not matter, and an object without the condition has neither status (`cmd/flux/get.go` of
/// flux2, `statusMatches`). Ready is what the column READY shows, which is `False` without the
/// condition: see ``Readiness``.
package struct StatusSelector: Sendable, Hashable {
  package let type: String
  package let status: String
  package let isNegated: Bool

  /// Nil for a text of another form.
  package init?(_ text: String) {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let left = text[..<equals]
    isNegated = left.hasSuffix("!")
    type = String(isNegated ? left.dropLast() : left).lowercased()
    status = String(text[text.index(after: equals)...]).lowercased()
    guard !type.isEmpty, !status.isEmpty, !type.contains("!"), !status.contains("=") else {
      return nil
    }
  }

  package func matches(_ object: Value) -> Bool {
    if type == "ready" {
      return (Readiness(of: object).status.rawValue.lowercased() == status) != isNegated
    }
    let found = Conditions(of: object).all.first { $0.type.lowercased() == type }
    guard let found else { return isNegated }
    return (found.status.rawValue.lowercased() == status) != isNegated
  }
}
