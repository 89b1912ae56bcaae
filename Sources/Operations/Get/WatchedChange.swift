/// What a watch reports of an object, in the server's words.
package enum WatchedChange: String, Sendable {
  case added = "ADDED"
  case modified = "MODIFIED"
  case deleted = "DELETED"
}
