/// What a watch reports of an object, in the server's words.
package enum ObjectChange: String, Sendable {
  case added = "ADDED"
  case modified = "MODIFIED"
  case deleted = "DELETED"
}
