import Document
import Objects
import Text

/// Judges an ExternalArtifact by who publishes it.
struct ArtifactFreshness {
  let graph: DeliveryGraph
  let id: ObjectID
  let object: Value
  let now: Timestamp

  var result: Freshness {
    if let deletion = Freshness.deletion(of: object) {
      return .stale("\(id.phrase) is being deleted", since: deletion)
    }
    guard let publisher = ExternalArtifactView(object).sourceReference else {
      return .unknown("\(id.phrase) does not say who publishes it")
    }
    let generator = ObjectID(publisher)
    guard generator.fluxKind == .artifactGenerator else {
      return .unknown(
        "\(id.phrase) is published by \(generator.phrase) of \(publisher.apiVersion), "
          + "whose state only its own controller knows")
    }
    guard let published = graph.object(generator) else {
      if case .unread(let reason) = graph.node(generator)?.presence {
        return .unknown(
          "\(generator.phrase), which publishes it, could not be read"
            + (reason.map { ": \($0)" } ?? ""))
      }
      return .stale("\(generator.phrase), which publishes it, does not exist", since: nil)
    }
    let state = GeneratorFreshness(graph: graph, id: generator, object: published, now: now)
      .ofSources
    guard case .fresh = state else { return state }
    return match(generator, published)
  }

  /// Whether the artifact is the one that the generator has written down: artifacts are not watched,
  /// so a change by hand stays until the next reconciliation.
  private func match(_ generator: ObjectID, _ published: Value) -> Freshness {
    let entry = (published["status", "inventory"]?.array ?? []).first { entry in
      entry["name"]?.string == id.name
        && (entry["namespace"]?.string ?? generator.namespace) == id.namespace
    }
    guard let entry else {
      return .stale("\(generator.phrase) does not publish it any more", since: nil)
    }
    guard let artifact = SourceArtifact(of: object) else {
      return .stale(
        "\(id.phrase) holds no artifact, although "
          + "\(generator.phrase) is ready", since: nil)
    }
    return Self.change(of: artifact, id, against: entry, of: generator) ?? .fresh
  }

  /// What somebody else than its generator has made of an artifact.
  ///
  /// - Parameter entry: Of the generator's inventory.
  static func change(
    of artifact: SourceArtifact, _ id: ObjectID, against entry: Value, of generator: ObjectID
  ) -> Freshness? {
    guard let digest = entry["digest"]?.string, !equalUTF8(digest, artifact.digest) else {
      return nil
    }
    return .stale(
      "\(id.phrase) has the digest \(artifact.digest), but \(generator.phrase) has published "
        + "\(digest): it was changed by hand",
      since: artifact.updated)
  }
}
