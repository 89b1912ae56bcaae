/// JSON merge patch, RFC 7386.
package enum MergePatch {
  /// What `target` becomes when `patch` is applied to it.
  package static func apply(_ patch: Value, to target: Value) -> Value {
    guard case .object(let changes) = patch else { return patch }
    var result = target.object ?? Object()
    for (key, change) in changes {
      result[key] = change.isNull ? nil : apply(change, to: result[key] ?? .null)
    }
    return .object(result)
  }

  /// The smallest patch that turns `old` into `new`; nil when they are equal.
  ///
  /// A merge patch cannot set a name to null, only remove it: a null in `new` comes out as its
  /// absence.
  package static func diff(from old: Value, to new: Value) -> Value? {
    guard old != new else { return nil }
    guard case .object(let before) = old, case .object(let after) = new else { return new }
    var patch: [(String, Value)] = []
    for (key, _) in before where after[key] == nil {
      patch.append((key, .null))
    }
    for (key, value) in after {
      if let previous = before[key] {
        if let change = diff(from: previous, to: value) { patch.append((key, change)) }
      } else {
        patch.append((key, value))
      }
    }
    return .object(Object(patch))
  }
}
