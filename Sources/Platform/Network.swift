#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The bytes of an IP address, 4 or 16, from the forms that `inet_pton` reads; nil for other text.
package func addressBytes(_ text: String) -> [UInt8]? {
  var four = in_addr()
  var sixteen = in6_addr()
  if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
  if inet_pton(AF_INET6, text, &sixteen) == 1 { return withUnsafeBytes(of: sixteen) { Array($0) } }
  return nil
}

/// Where systems keep the certificates that they trust, in the order in which Go looks
/// (crypto/x509/root_linux.go, root_bsd.go).
package enum TrustStore {
  #if canImport(Darwin)
    package static let files = ["/etc/ssl/cert.pem"]
    package static let directories: [String] = []
  #else
    package static let files = [
      "/etc/ssl/certs/ca-certificates.crt",
      "/etc/pki/tls/certs/ca-bundle.crt",
      "/etc/ssl/ca-bundle.pem",
      "/etc/pki/tls/cacert.pem",
      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
      "/etc/ssl/cert.pem",
    ]
    package static let directories = ["/etc/ssl/certs", "/etc/pki/tls/certs"]
  #endif
}

/// Sets up a TCP connection that a C library opened.
///
/// - Parameter deadPeerMilliseconds: gives a peer up that confirms nothing for so long.
package func prepareConnection(_ descriptor: Int32, deadPeerMilliseconds: Int) {
  // A child that is started meanwhile must not inherit the connection.
  _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  // Without it a peer that vanished is only noticed after a quarter of an hour.
  #if canImport(Darwin)
    var limit = Int32(clamping: deadPeerMilliseconds / 1000)
    let option = TCP_RXT_CONNDROPTIME
  #else
    var limit = Int32(clamping: deadPeerMilliseconds)
    let option = TCP_USER_TIMEOUT
  #endif
  setsockopt(descriptor, Int32(IPPROTO_TCP), option, &limit, 4)
}

/// The text of a C string that a C library allocated with `malloc`, and frees it.
package func takeCString(_ text: UnsafeMutablePointer<CChar>) -> String {
  defer { free(text) }
  return String(cString: text)
}
