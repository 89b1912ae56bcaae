import Document
import FluxModel
package import KubeAPI
package import Objects

/// One thing that a user may or may not do.
package struct ActRight: Sendable, Hashable, CustomStringConvertible {
  package let verb: String
  package let resource: ResourceType
  package var subresource: String?
  /// Nil asks for every namespace.
  package let namespace: String?
  /// Nil asks for every object.
  package var name: String?

  /// `artifactgenerators.source.extensions.fluxcd.io/status`.
  package var path: String {
    subresource.map { "\(resource.groupResource)/\($0)" } ?? resource.groupResource
  }

  /// `patch artifactgenerators.source.extensions.fluxcd.io/status in namespace "apps"`.
  package var description: String {
    guard let namespace, resource.isNamespaced else { return "\(verb) \(path) in all namespaces" }
    return "\(verb) \(path) in namespace \"\(namespace)\""
  }
}

extension ActRight {
  /// The rights to change objects; with many of them, those to change all of their namespaces.
  static func patching(_ targets: [ActTarget], subresource: String? = nil) -> [ActRight] {
    targets.map {
      ActRight(
        verb: "patch", resource: $0.resource, subresource: subresource, namespace: $0.id.namespace,
        name: targets.count <= WatchScope.few ? $0.id.name : nil)
    }
  }
}

/// Asks the server what the current user may do.
package enum ActRights {
  private static let reviews = BuiltInKinds.type(
    apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", isNamespaced: false)

  /// The rights that are missing.
  ///
  /// - Parameter needsAnswer: Whether a server that does not answer such questions is an error.
  ///   Whoever is about to act takes it to allow everything: it decides in the end anyway.
  package static func missing(
    _ rights: [ActRight], needsAnswer: Bool = false, on cluster: any WritableCluster
  ) async throws -> [ActRight] {
    let allowed = try await concurrently(rights, width: ActContext.concurrency) { right in
      do {
        return try await isAllowed(right, on: cluster)
      } catch let error as APIError
        where !needsAnswer && (error.isForbidden || error.isNotFound)
      {
        return true
      }
    }
    return zip(rights, allowed).filter { !$0.1 }.map(\.0)
  }

  /// Fails with the missing rights, before anything has been written.
  package static func require(_ rights: [ActRight], on cluster: any WritableCluster) async throws {
    // In order and each once: many objects need the same.
    var seen: Set<ActRight> = []
    let wanted = rights.filter { seen.insert($0).inserted }
    let missing = try await missing(wanted, on: cluster)
    guard !missing.isEmpty else { return }
    var lines: [String] = []
    for right in missing where !lines.contains("\(right)") { lines.append("\(right)") }
    throw OperationError(
      .forbidden,
      "no permission to \(lines.joined(separator: ", or to "))"
        + "; no changes were made: ask for a role with these permissions")
  }

  /// What to say when objects are looked for in some namespaces only.
  static func narrowed(_ resource: ResourceType, to namespaces: [String]) -> String {
    "no permission to list \(resource.groupResource) in all namespaces: only "
      + namespaces.joined(separator: ", ") + " are watched"
  }

  private static func isAllowed(_ right: ActRight, on cluster: any WritableCluster) async throws
    -> Bool
  {
    var attributes = Object()
    attributes["verb"] = .string(right.verb)
    attributes["group"] = .string(right.resource.group)
    attributes["resource"] = .string(right.resource.plural)
    if let subresource = right.subresource { attributes["subresource"] = .string(subresource) }
    if right.resource.isNamespaced, let namespace = right.namespace {
      attributes["namespace"] = .string(namespace)
    }
    if let name = right.name { attributes["name"] = .string(name) }
    let review: Value = [
      "apiVersion": .string(reviews.apiVersion), "kind": .string(reviews.kind),
      "spec": ["resourceAttributes": .object(attributes)],
    ]
    let answer = try await cluster.create(
      reviews, namespace: nil, review, options: WriteOptions())
    return answer["status", "allowed"]?.bool ?? true
  }
}
