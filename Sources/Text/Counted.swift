/// A number with its noun: `1 artifact`, `2 artifacts`, `0 artifacts`.
///
/// - Parameter plural: Where it is not the singular with an `s`.
package func counted(
  _ count: some BinaryInteger, _ singular: String, plural: String? = nil
) -> String {
  count == 1 ? "1 \(singular)" : "\(count) \(plural ?? singular + "s")"
}

/// A name with how many more there are: `a`, `a and 1 other`, `a and 2 others`.
package func named(_ first: String, others: Int) -> String {
  others == 0 ? first : "\(first) and \(counted(others, "other"))"
}
