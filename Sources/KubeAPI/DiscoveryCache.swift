import Document
import HTTP
package import Kubeconfig
import Objects
import Platform
import SystemPackage
import Text

/// What servers offer, kept on disk for ten minutes.
///
/// One file for each server. Nothing in it is secret, but what a cluster offers is no other user's
/// business, and what it says decides what is asked for: folder and file are the user's own, and
/// those that others may write to do not count. A cache that cannot be read or written is no cache,
/// and never an error.
package struct DiscoveryCache: Sendable {
  /// Seconds for which an answer counts, as in kubectl.
  package static let lifetime: Int64 = 600

  let directory: String
  let now: @Sendable () -> Int64

  /// - Parameter directory: made when needed.
  package init(directory: String, now: @escaping @Sendable () -> Int64 = unixTimeNow) {
    self.directory = directory
    self.now = now
  }

  /// The cache in the user's usual place; nil without a home.
  package init?(environment: [String: String]) {
    guard let directory = CacheFolder.path("discovery", environment) else { return nil }
    self.init(directory: directory)
  }

  package func load(_ configuration: ClusterConfiguration) -> Discovery? {
    guard Disk.isOwnFolder(directory),
      let bytes = try? Disk.readOwn(path(configuration), limit: 64 << 20),
      let document = try? JSON.parse(bytes),
      document["server"]?.string == key(configuration), let time = document["time"]?.integer
    else { return nil }
    // A time in the future is a clock that was wrong.
    let (age, isOverflowing) = now().subtractingReportingOverflow(time)
    guard !isOverflowing, (0...Self.lifetime).contains(age) else { return nil }
    return Discovery(cached: document)
  }

  package func store(_ discovery: Discovery, _ configuration: ClusterConfiguration) {
    // What did not answer now may answer the next time.
    guard discovery.missing.isEmpty else { return }
    let document = discovery.cached(server: key(configuration), time: now())
    do throws(FileError) {
      try Disk.makeDirectories(directory, permissions: 0o700)
      guard Disk.isOwnFolder(directory) else { return }
      try Disk.replace(
        path(configuration), with: JSON.write(document, style: .compact),
        permissions: 0o600)
    } catch {
      // The next command asks the server again.
    }
  }

  /// Servers of one address may differ by the name that is verified.
  private func key(_ configuration: ClusterConfiguration) -> String {
    configuration.server.description
      + (configuration.transport.serverName.map { " as \($0)" } ?? "")
  }

  /// Readable, and different for different servers: what is not plain is encoded.
  private func path(_ configuration: ClusterConfiguration) -> String {
    let name = percentEncoded(key(configuration), keeping: "-._").replacing("%2F", with: "_")
      .replacing("%3A", with: "_")
    let suffix = String(fnv1a(key(configuration)), radix: 16)
    return "\(directory)/\(name.prefix(100))-\(suffix).json"
  }

  private func fnv1a(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}

// MARK: - Shape of the file

extension Discovery {
  fileprivate init(cached document: Value) {
    let entries = document["resources"]?.array ?? []
    resources = entries.compactMap { entry -> DiscoveredResource? in
      func texts(_ name: String) -> [String] { entry[name]?.array?.compactMap(\.string) ?? [] }
      guard let kind = entry["kind"]?.string, let plural = entry["plural"]?.string,
        let version = entry["version"]?.string, ResourcePath.isSegment(plural),
        ResourcePath.isSegment(version)
      else { return nil }
      let group = entry["group"]?.string ?? ""
      guard group.isEmpty || ResourcePath.isSegment(group) else { return nil }
      return DiscoveredResource(
        type: ResourceType(
          group: group,
          version: version,
          kind: kind,
          plural: plural,
          singular: entry["singular"]?.string ?? "",
          shortNames: texts("shortNames"),
          isNamespaced: entry["namespaced"]?.bool ?? false
        ),
        isPreferred: entry["preferred"]?.bool ?? false
      )
    }
    missing = []
  }

  fileprivate func cached(server: String, time: Int64) -> Value {
    func list(_ texts: [String]) -> Value { .array(texts.map { .string($0) }) }
    let entries = resources.map { resource in
      Value.object(
        Object([
          ("group", .string(resource.type.group)),
          ("version", .string(resource.type.version)),
          ("kind", .string(resource.type.kind)),
          ("plural", .string(resource.type.plural)),
          ("singular", .string(resource.type.singular)),
          ("shortNames", list(resource.type.shortNames)),
          ("namespaced", .bool(resource.type.isNamespaced)),
          ("preferred", .bool(resource.isPreferred)),
        ])
      )
    }
    return .object(
      Object([
        ("server", .string(server)), ("time", .integer(time)), ("resources", .array(entries)),
      ])
    )
  }
}
