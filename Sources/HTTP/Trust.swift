import Platform

/// Which authorities may vouch for a server.
///
/// It applies to an `https` proxy too, as in Go.
package enum Trust: Sendable, Hashable {
  /// Those of the machine.
  case system(SystemRoots)
  /// Only these certificates (PEM), whatever the machine trusts.
  case only([UInt8])
  /// No check at all.
  case anything
}

/// Where the machine's trusted certificates are, found as Go does (crypto/x509/root_unix.go).
///
/// `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the built-in list of files and of directories, each
/// only its own. libcurl itself reads neither variable.
package struct SystemRoots: Sendable, Hashable {
  /// One PEM file.
  package var file: String?
  /// Directories of hashed certificates, joined by `:`.
  package var directories: String?

  package init(environment: [String: String] = [:]) {
    let files = environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : [$0] } ?? TrustStore.files
    file = files.first(where: Disk.isReadable)
    let listed = environment["SSL_CERT_DIR"].flatMap {
      $0.isEmpty ? nil : $0.split(separator: ":").map(String.init)
    }
    let existing = (listed ?? TrustStore.directories).filter(Disk.isReadableFolder)
    directories = existing.isEmpty ? nil : existing.joined(separator: ":")
  }
}
