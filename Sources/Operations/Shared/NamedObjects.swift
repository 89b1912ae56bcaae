package import Objects

/// Objects in a sentence.
package enum NamedObjects {
  /// `A, B and 498 more`.
  package static func list(_ ids: [ObjectID], atMost limit: Int) -> String {
    let named = ids.prefix(limit).map(\.description).joined(separator: ", ")
    return ids.count > limit ? "\(named) and \(ids.count - limit) more" : named
  }
}
