package import Content
import Text

/// An artifact as its object describes it: what to fetch, and what has to come.
package struct WantedArtifact: Sendable, Hashable {
  /// Whose it is, for messages.
  package let owner: String
  package let address: ArtifactAddress
  package let digest: Digest
  /// In bytes; older objects do not say it.
  package let size: Int64?

  /// - Parameters: as in `status.artifact`.
  /// - Throws: `FetchError` for what cannot be fetched or not be verified.
  package init(owner: String, url: String, digest: String, size: Int64?) throws(FetchError) {
    self.owner = owner
    guard !url.isEmpty else {
      throw FetchError(.unusable, "\(owner): its status.artifact has no url")
    }
    guard !digest.isEmpty else {
      throw FetchError(
        .unusable, "\(owner): its status.artifact has no digest, so it cannot be verified")
    }
    guard let known = Digest(digest) else {
      let algorithm = String(digest.prefix { $0 != ":" }.prefix(40))
      let names = DigestAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
      throw FetchError(
        algorithm == "blake3" ? .unsupported : .unusable,
        algorithm == "blake3"
          ? "\(owner): its digest algorithm blake3 is not supported; use \(names)"
          : "\(owner): its digest \(String(digest.prefix(200)).goQuoted) cannot be verified; use "
            + "\(names)")
    }
    self.digest = known
    if let size, size < 0 {
      throw FetchError(.wrongSize, "\(owner): its status.artifact has the size \(size)")
    }
    self.size = size
    do throws(FetchError) {
      address = try ArtifactAddress(url)
    } catch {
      throw FetchError(error.kind, "\(owner): \(error)")
    }
  }
}
