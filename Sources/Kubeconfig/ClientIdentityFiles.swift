import HTTP
import Platform

/// A client certificate in files that are renewed.
///
/// They are read again at most once a second, as by client-go's cert_rotation.go; a pair that
/// cannot be read leaves the last one.
struct ClientIdentityFiles: Sendable {
  /// Nil when the content stands in the kubeconfig itself.
  let certificatePath: String?
  let keyPath: String?
  private var last: ClientIdentity
  private var lastTime: Int64

  init(certificatePath: String?, keyPath: String?, initial: ClientIdentity, now: Int64) {
    self.certificatePath = certificatePath
    self.keyPath = keyPath
    last = initial
    lastTime = now
  }

  mutating func current(_ now: Int64) -> ClientIdentity {
    guard now != lastTime else { return last }
    lastTime = now
    var identity = last
    do throws(FileError) {
      // What is not there at once is no file that is renewed.
      if let certificatePath {
        identity.certificate = try LocalFile.read(certificatePath, patience: .zero)
      }
      if let keyPath { identity.key = try LocalFile.read(keyPath, patience: .zero) }
    } catch {
      return last
    }
    // While the two files are being replaced one after the other, they do not belong together;
    // libcurl would refuse them.
    guard PEM.problem(of: identity) == nil else { return last }
    last = identity
    return identity
  }
}
