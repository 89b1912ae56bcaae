/// A client certificate with its key, both PEM.
///
/// Either may be a bundle that contains the other as well.
package struct ClientIdentity: Sendable, Hashable {
  package var certificate: [UInt8]
  package var key: [UInt8]

  package init(certificate: [UInt8], key: [UInt8]) {
    self.certificate = certificate
    self.key = key
  }
}
