import Objects
import Text

/// A name that there is, as a suggestion for one that there is not.
struct SimilarName {
  let namespace: String
  let name: String
  /// Whether somebody refers to it already: a wrong name leaves what it means unused.
  var isUsed = false

  /// What to add to the message on an object that is not there, with a space before it; empty where nothing
  /// is like it.
  ///
  /// - Parameter elsewhere: Says that the name is there in another namespace.
  static func hint(
    for wanted: ObjectID, among known: [SimilarName], elsewhere: (SimilarName) -> String
  ) -> String {
    if let other = known.first(where: {
      equalUTF8($0.name, wanted.name) && !equalUTF8($0.namespace, wanted.namespace)
    }) {
      return " (\(elsewhere(other)))"
    }
    let near = known.filter { equalUTF8($0.namespace, wanted.namespace) }
      .map { (entry: $0, distance: editDistance($0.name.utf8, wanted.name.utf8)) }
      .filter { (1...2).contains($0.distance) && $0.distance <= wanted.name.utf8.count / 2 }
      .min { ($0.entry.isUsed ? 1 : 0, $0.distance) < ($1.entry.isUsed ? 1 : 0, $1.distance) }
    return near.map { " (did you mean \($0.entry.name)?)" } ?? ""
  }
}
