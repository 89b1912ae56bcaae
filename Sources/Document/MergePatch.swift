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
}
