import Document
import HTTP
import Kubeconfig
package import Objects

extension APIClient {
  package var asksServer: Bool { true }

  /// Finds the kind that a word of the command line means, asking the server only if the cache does
  /// not know.
  ///
  /// - Throws: `the server doesn't have a resource type "…"` when the server, asked now, has none.
  package func resource(named word: String) async throws -> ResourceType {
    if let found = discoveryCache?.load(configuration)?.resource(named: word) { return found.type }
    let discovery = try await discover()
    discoveryCache?.store(discovery, configuration)
    if let found = discovery.resource(named: word) { return found.type }
    // As for kubectl, without the group.
    let name = word.split(separator: ".", omittingEmptySubsequences: false)[0]
    var text = "the server doesn't have a resource type \"\(name)\""
    text += discovery.hint(for: word)
    if !discovery.missing.isEmpty {
      text += "; these API groups did not respond: \(discovery.missing.joined(separator: ", "))"
    }
    throw APIError(.unknownResource, subject: word, text)
  }

  /// Asks the server what it offers: in two requests if it can say it so, else in one for each
  /// group and version.
  package func discover() async throws -> Discovery {
    async let core = ask("/api")
    async let groups = ask("/apis")
    let (coreAnswer, groupsAnswer) = (try await core, try await groups)
    if let core = AggregatedDiscovery.parse(coreAnswer),
      let groups = AggregatedDiscovery.parse(groupsAnswer)
    {
      return Discovery(
        resources: core.resources + groups.resources, missing: core.missing + groups.missing)
    }
    let groupVersions =
      ListedDiscovery.coreVersions(coreAnswer) + ListedDiscovery.groupVersions(groupsAnswer)
    return try await resources(groupVersions)
  }

  package func namespaces(onNames: ([String]) async throws -> Void) async throws {
    let type = ResourceType(
      group: "", version: "v1", kind: "Namespace", plural: "namespaces", singular: "namespace",
      isNamespaced: false)
    try await listPages(type, namespace: nil, options: ListOptions()) {
      try await onNames($0.items.compactMap(\.name))
    }
  }

  private func resources(_ groupVersions: [GroupVersion]) async throws -> Discovery {
    let answers = try await withThrowingTaskGroup(of: (Int, Value?).self) { group in
      for (position, groupVersion) in groupVersions.enumerated() {
        group.addTask {
          do {
            return (position, try await ask(ResourcePath.root(groupVersion)))
          } catch let error as APIError
            where error.kind == .status && error.reason != "Unauthorized"
          {
            // One API that is down or forbidden does not hide the others.
            return (position, nil)
          }
        }
      }
      return try await group.reduce(into: [Int: Value?]()) { $0[$1.0] = $1.1 }
    }
    var result = Discovery(resources: [])
    var seen: Set<String> = []
    for (position, groupVersion) in groupVersions.enumerated() {
      let isPreferred = seen.insert(groupVersion.group).inserted
      if let answer = answers[position] ?? nil {
        result.resources += ListedDiscovery.resources(
          answer, groupVersion, isPreferred: isPreferred)
      } else {
        result.missing.append(groupVersion.description)
      }
    }
    return result
  }

  private func ask(_ path: String) async throws -> Value {
    var request = APIRequest(path: path, headers: ["Accept": AggregatedDiscovery.accept])
    if configuration.requestTimeout == nil { request.query.add("timeout", "32s") }
    return try await object(request)
  }
}
