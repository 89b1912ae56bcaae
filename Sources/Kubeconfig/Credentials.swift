package import HTTP

/// What proves who we are, for one request.
package struct Credentials: Sendable, Hashable {
  /// The value of the `Authorization` header; nil for none.
  package var authorization: String?
  package var identity: ClientIdentity?
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible {
  /// Never shows a secret, wherever a value ends up in a message.
  package var description: String {
    "Credentials(\(authorization == nil ? "no" : "with") header, \(identity == nil ? "no" : "with") certificate)"
  }

  package var debugDescription: String { description }
}
