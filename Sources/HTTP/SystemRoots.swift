import Glibc

/// Where the machine's trusted certificates are, found as Go does (crypto/x509/root_linux.go,
/// root_unix.go).
///
/// `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the built-in list of files and of directories, each
/// only its own. libcurl itself reads neither variable.
package struct SystemRoots: Sendable, Hashable {
  /// One PEM file.
  package var file: String?
  /// Directories of hashed certificates, joined by `:`.
  package var directories: String?

  package init(environment: [String: String] = [:]) {
    let files = environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : [$0] } ?? Self.files
    file = files.first { access($0, R_OK) == 0 }
    let listed = environment["SSL_CERT_DIR"].flatMap {
      $0.isEmpty ? nil : $0.split(separator: ":").map(String.init)
    }
    let existing = (listed ?? Self.directories).filter { access($0, R_OK | X_OK) == 0 }
    directories = existing.isEmpty ? nil : existing.joined(separator: ":")
  }

  private static let files = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
  ]
  private static let directories = ["/etc/ssl/certs", "/etc/pki/tls/certs"]
}
