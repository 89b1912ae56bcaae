package import Document
import FluxModel
package import KubeAPI
import Objects
import Platform
import SystemPackage
import Text

/// Where the objects that sources are of are looked up: manifests first, then what stands beside the
/// generators, then a cluster, if one is used anyway.
package struct SourceObjects: Sendable {
  /// Those of `--manifests`, in their order.
  package private(set) var manifests: [Value] = []
  /// Those of the files of `-f`.
  package var documents: [Value] = []
  package var cluster: (any Cluster)?
  /// Of objects that name none.
  package var namespace = "default"

  package init() {}

  /// Whether there are none.
  package var isEmpty: Bool { manifests.isEmpty && documents.isEmpty && cluster == nil }

  /// An object that is found.
  package struct Found: Sendable {
    package let object: Value
    /// Whether it is that of a cluster: then what it says of its artifact is so.
    package let isLive: Bool
  }

  /// - Returns: nil where it is unknown.
  /// - Throws: where the cluster fails; not where it refuses.
  package func find(kind: String, namespace: String, name: String) async throws -> Found? {
    for object in manifests + documents
    where object.kind == kind && object.name == name
      && (object.namespace ?? self.namespace) == namespace
    {
      return Found(object: object, isLive: false)
    }
    guard let live = try await liveObject(kind: kind, namespace: namespace, name: name) else {
      return nil
    }
    return Found(object: live, isLive: true)
  }

  /// The object as a cluster has it, whatever manifests say.
  package func liveObject(
    kind: String, namespace: String, name: String
  ) async throws -> Value? {
    guard let cluster, let type = SourceObjects.kinds[kind]?.resource else { return nil }
    do {
      return try await cluster.get(type, namespace: namespace, name: name)
    } catch let error as APIError where error.isNotFound || error.isForbidden {
      // Whoever may not read it builds without it, as offline, with a note; the same where a snapshot
      // does not contain it. Any other answer says nothing about the object.
      return nil
    }
  }

  /// The first source object of the manifests, for a name that stands for nothing else.
  package var first: Value? {
    manifests.first { SourceObjects.kinds[$0.kind ?? ""] != nil }
  }

  private static let kinds: [String: FluxKind] = {
    let kinds: [FluxKind] = [
      .gitRepository, .ociRepository, .bucket, .helmChart, .externalArtifact, .helmRepository,
    ]
    var result: [String: FluxKind] = [:]
    for kind in kinds { result[kind.resource.kind] = kind }
    return result
  }()

  package static func isSource(_ object: Value) -> Bool {
    kinds[object.kind ?? ""] != nil
  }

  // MARK: - Reading manifests

  /// Adds what a file contains, or every manifest below a folder; what is no object is passed over, and
  /// so are files below a folder that are no YAML, such as templates.
  ///
  /// - Throws: `OperationError` that names the file.
  package mutating func add(manifestsAt path: String) throws {
    let isFolder: Bool
    do throws(Errno) {
      isFolder = try Disk.status(of: path).kind == .directory
    } catch {
      throw OperationError(
        .invalidInput,
        error == .noSuchFileOrDirectory
          ? "--manifests \(path): it does not exist" : "--manifests \(path): \(error.goText)")
    }
    guard isFolder else {
      do {
        for document in try YAML.parse(Disk.read(path, limit: SourceObjects.largestFile)) {
          add(document)
        }
      } catch {
        throw OperationError(.invalidInput, "--manifests \(path): \(error)")
      }
      return
    }
    try addFolder(path, depth: 0)
  }

  private static let largestFile = 64 << 20
  private static let deepest = 64

  private mutating func addFolder(_ path: String, depth: Int) throws {
    let entries: [Disk.Entry]
    do throws(Errno) {
      entries = try Disk.entries(of: path)
    } catch {
      throw OperationError(.invalidInput, "--manifests \(path): \(error.goText)")
    }
    for entry in entries.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
      let name = String(nativeBytes: entry.name)
      let child = "\(path)/\(name)"
      if name.hasPrefix(".") { continue }
      if entry.kind == .directory {
        if depth < SourceObjects.deepest { try addFolder(child, depth: depth + 1) }
      } else if entry.kind == .file, [".yaml", ".yml", ".json"].contains(where: name.hasSuffix),
        let bytes = try? Disk.read(child, limit: SourceObjects.largestFile),
        let documents = try? YAML.parse(bytes)
      {
        for document in documents { add(document) }
      }
    }
  }

  private mutating func add(_ document: Value) {
    if document.kind?.hasSuffix("List") == true, let items = document["items"]?.array {
      manifests += items.filter(SourceObjects.isSource)
    } else if SourceObjects.isSource(document) {
      manifests.append(document)
    }
  }
}
