import Content
package import Document
package import Objects
import Text

/// The fingerprint that source-watcher keeps of the sources it last built from (`api/v1beta1`,
/// `HashObservedSources`).
package enum ObservedSources {
  /// Whether a generator was last built from its sources as they are.
  ///
  /// Without a fingerprint the controller is only beginning.
  package static func match(
    _ generator: Value, source: (ObjectID) -> Value?
  ) -> Bool {
    guard let built = generator["status", "observedSourcesDigest"]?.string else { return false }
    return digest(of: generator, source: source) == built
  }

  /// The digest for the sources that a generator names.
  package static func digest(of generator: Value, source: (ObjectID) -> Value?) -> String? {
    digest(
      DeliveryLinks(of: generator).upstream.filter { $0.role == .source }
        .map { ($0.alias ?? "", source($0.node)) })
  }

  /// The digest for a generator's sources as they are now; nil as long as one of them has no
  /// artifact.
  ///
  /// Each alias counts with digest, revision and URL of its artifact; the order of the spec does
  /// not.
  package static func digest(_ sources: [(alias: String, object: Value?)]) -> String? {
    var lines: [String] = []
    for (alias, object) in sources {
      guard let artifact = object?["status", "artifact"], !artifact.isNull else { return nil }
      let digest = artifact["digest"]?.string ?? ""
      let revision = artifact["revision"]?.string ?? ""
      let url = artifact["url"]?.string ?? ""
      lines.append("\(alias)=[digest=\(digest),revision=\(revision),url=\(url)]")
    }
    lines.sort { compareUTF8($0, $1) < 0 }
    var digester = Digester(.sha256)
    Array(lines.joined(separator: "|").utf8).withUnsafeBytes { digester.update($0) }
    return digester.finish().description
  }
}
