import Document
import HTTP
package import Objects
import Text

/// A kind that the server offers.
package struct DiscoveredResource: Sendable, Hashable {
  package var type: ResourceType
  /// Whether this is the version of its group that the server prefers.
  package var isPreferred: Bool

  package init(type: ResourceType, isPreferred: Bool = true) {
    self.type = type
    self.isPreferred = isPreferred
  }
}

/// Everything that a server offers, in its order: the core group first, then the groups by the
/// server's priority.
package struct Discovery: Sendable, Hashable {
  package var resources: [DiscoveredResource]
  /// Groups that exist but did not answer (an aggregated API that is down), as `group/version`.
  package var missing: [String]

  package init(resources: [DiscoveredResource], missing: [String] = []) {
    self.resources = resources
    self.missing = missing
  }

  /// Finds the kind that a word of the command line means.
  ///
  /// As for kubectl, names win over short names, and of several groups or versions the first and the
  /// preferred one counts.
  package func resource(named word: String) -> DiscoveredResource? {
    let word = KindWord(word)
    return first(resources.filter { word.qualifies($0.type) }, named: word)
      ?? first(resources.filter { word.readingByPrefix($0.type) != nil }, named: word)
  }

  /// What to add to the message on a word that means no kind: the kind whose name is like it, if there
  /// is one.
  package func hint(for word: String) -> String {
    let name = KindWord(word).name
    // A shorter word may be anything, a name too; nobody mistypes more, and the comparison takes the
    // product of both lengths.
    guard (5...100).contains(name.utf8.count),
      // Then the group is what is wrong.
      !resources.contains(where: { $0.type.hasName(name) || $0.type.shortNames.contains(name) })
    else { return "" }
    let most = min(2, name.utf8.count / 3)
    var best: (name: String, distance: Int)?
    for type in resources.map(\.type) {
      for known in [type.plural, type.singular, type.kind.lowercased()] {
        // A length that differs by more is no misspelling.
        guard abs(known.utf8.count - name.utf8.count) <= most else { continue }
        let distance = editDistance(known.utf8, name.utf8)
        if (1...2).contains(distance), distance <= most, distance < best?.distance ?? .max {
          best = (known, distance)
        }
      }
    }
    return best.map { " (did you mean \($0.name)?)" } ?? ""
  }

  private func first(
    _ candidates: [DiscoveredResource], named word: KindWord
  ) -> DiscoveredResource? {
    let ofName = candidates.filter { $0.type.hasName(word.name) }
    let matches =
      ofName.isEmpty ? candidates.filter { $0.type.shortNames.contains(word.name) } : ofName
    guard let first = matches.first else { return nil }
    // The first group that has it, in the version that it prefers.
    return matches.first { $0.type.group == first.type.group && $0.isPreferred } ?? first
  }
}

// MARK: - Reading the server's answers

/// Reads `APIGroupDiscoveryList` (apidiscovery.k8s.io v2 and v2beta1).
enum AggregatedDiscovery {
  static let accept =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"

  /// Nil when the answer is of another kind: an older server.
  static func parse(_ answer: Value) -> Discovery? {
    guard answer["kind"]?.string == "APIGroupDiscoveryList" else { return nil }
    var result = Discovery(resources: [])
    for group in answer["items"]?.array ?? [] {
      let name = group["metadata", "name"]?.string ?? ""
      for (position, version) in (group["versions"]?.array ?? []).enumerated() {
        let groupVersion = GroupVersion(group: name, version: version["version"]?.string ?? "")
        guard ResourcePath.isUsable(groupVersion) else { continue }
        if version["freshness"]?.string == "Stale" {
          result.missing.append(groupVersion.description)
        }
        for resource in version["resources"]?.array ?? [] {
          if let resource = self.resource(resource, groupVersion, isPreferred: position == 0) {
            result.resources.append(resource)
          }
        }
      }
    }
    return result
  }

  private static func resource(_ entry: Value, _ groupVersion: GroupVersion, isPreferred: Bool)
    -> DiscoveredResource?
  {
    guard let plural = entry["resource"]?.string, ResourcePath.isSegment(plural),
      let kind = entry["responseKind", "kind"]?.string,
      !kind.isEmpty
    else {
      return nil
    }
    return DiscoveredResource(
      type: ResourceType(
        group: groupVersion.group,
        version: groupVersion.version,
        kind: kind,
        plural: plural,
        singular: entry["singularResource"]?.string ?? kind.lowercased(),
        shortNames: strings(entry["shortNames"]),
        isNamespaced: entry["scope"]?.string == "Namespaced"
      ),
      isPreferred: isPreferred
    )
  }
}

/// Reads what every server has had: `APIVersions`, `APIGroupList` and one `APIResourceList` for
/// each group and version.
enum ListedDiscovery {
  /// The versions of the core group.
  static func coreVersions(_ answer: Value) -> [GroupVersion] {
    strings(answer["versions"]).map { GroupVersion(group: "", version: $0) }
      .filter(ResourcePath.isUsable)
  }

  /// The versions of each group, the preferred one first.
  static func groupVersions(_ answer: Value) -> [GroupVersion] {
    (answer["groups"]?.array ?? []).flatMap { group in
      let name = group["name"]?.string ?? ""
      let versions = (group["versions"]?.array ?? []).compactMap { $0["version"]?.string }
      let preferred = group["preferredVersion", "version"]?.string
      let ordered = versions.filter { $0 == preferred } + versions.filter { $0 != preferred }
      return ordered.map { GroupVersion(group: name, version: $0) }
        .filter(ResourcePath.isUsable)
    }
  }

  static func resources(_ answer: Value, _ groupVersion: GroupVersion, isPreferred: Bool)
    -> [DiscoveredResource]
  {
    (answer["resources"]?.array ?? []).compactMap { entry in
      // `pods/log` is a subresource.
      guard let plural = entry["name"]?.string, ResourcePath.isSegment(plural),
        let kind = entry["kind"]?.string
      else { return nil }
      let singular = entry["singularName"]?.string ?? ""
      return DiscoveredResource(
        type: ResourceType(
          group: groupVersion.group,
          version: groupVersion.version,
          kind: kind,
          plural: plural,
          singular: singular.isEmpty ? kind.lowercased() : singular,
          shortNames: strings(entry["shortNames"]),
          isNamespaced: entry["namespaced"]?.bool ?? false
        ),
        isPreferred: isPreferred
      )
    }
  }
}

private func strings(_ value: Value?) -> [String] {
  value?.array?.compactMap(\.string) ?? []
}
