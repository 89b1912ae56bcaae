/// What proves who we are, for one request.
package struct Credentials: Sendable, Hashable {
  /// The value of the `Authorization` header; nil for none.
  package var authorization: String?
  /// A client certificate and its key (PEM).
  package var certificate: KeyPair?

  package init(authorization: String? = nil, certificate: KeyPair? = nil) {
    self.authorization = authorization
    self.certificate = certificate
  }

  /// Neither header nor certificate.
  package static let none = Credentials()
}

/// A certificate and its key, both PEM.
package struct KeyPair: Sendable, Hashable {
  package var certificate: [UInt8]
  package var key: [UInt8]

  package init(certificate: [UInt8], key: [UInt8]) {
    self.certificate = certificate
    self.key = key
  }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible {
  /// Never shows a secret, wherever a value ends up in a message.
  package var description: String {
    "Credentials(\(authorization == nil ? "no" : "with") header, \(certificate == nil ? "no" : "with") certificate)"
  }

  package var debugDescription: String { description }
}
