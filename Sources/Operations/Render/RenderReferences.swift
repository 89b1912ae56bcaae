package import Differences
package import Document
import FluxModel
package import KubeAPI
import Objects
import Platform
import Rendering
import SystemPackage

/// The ConfigMaps and Secrets that consumers take variables from, and where they are looked up.
package struct RenderReferences: Sendable {
  private var objects: [ObjectID: Value] = [:]
  /// Kinds of which `--manifests` have objects: what is not among them is absent.
  private var completeKinds: Set<String> = []
  /// Asked for what files do not have; nil where nothing may connect.
  package var cluster: (any Cluster)?

  package init() {}

  /// Those in the files of a comparison, which reports what it cannot read itself.
  ///
  /// - Parameters:
  ///   - manifests: the values of `--manifests`.
  ///   - files: those of `-f`.
  ///   - namespace: of objects that name none.
  package init(manifests: [String], files: [String], namespace: String) {
    var found = RenderManifests(namespace: namespace)
    for path in manifests {
      try? found.add(at: path, flag: "--manifests", readInput: { [] })
    }
    for path in files { try? found.add(at: path, flag: "-f", readInput: { [] }) }
    self = found.references
  }

  /// What is secret in the Secrets among them.
  package var secrets: SecretTexts {
    SecretTexts(of: [ManifestSet(made: objects.values.map { ManifestSet.Made($0, shown: nil) })])
  }

  /// Whether files say the same of an object that a consumer refers to.
  func agree(
    with other: RenderReferences, on reference: PostBuild.Reference, namespace: String
  ) -> Bool {
    let id = ObjectID(
      group: "", kind: reference.kind, namespace: namespace, name: reference.name)
    return objects[id] == other.objects[id]
  }

  /// Adds what a document contains.
  ///
  /// - Parameters:
  ///   - namespace: of objects that name none.
  ///   - isComplete: whether there are no others of the kind.
  mutating func add(_ document: Value, namespace: String, isComplete: Bool) {
    for object in document.listed {
      guard object.apiVersion == "v1", let kind = object.kind,
        kind == "ConfigMap" || kind == "Secret", let name = object.name
      else { continue }
      let id = ObjectID(
        group: "", kind: kind, namespace: object.namespace ?? namespace, name: name)
      // Those of `--manifests` come first and stay.
      if objects[id] == nil || isComplete { objects[id] = object }
      if isComplete { completeKinds.insert(kind) }
    }
  }

  /// What is known of an object that a Kustomization refers to.
  ///
  /// - Throws: where the cluster fails; not where it refuses.
  func source(
    _ reference: PostBuild.Reference, namespace: String
  ) async throws -> PostBuild.Source {
    let id = ObjectID(
      group: "", kind: reference.kind, namespace: namespace, name: reference.name)
    if let object = objects[id] { return .found(object) }
    if completeKinds.contains(reference.kind) { return .absent }
    guard let cluster else { return .unknown }
    let type = BuiltInKinds.type(apiVersion: "v1", kind: reference.kind)
    do {
      return .found(try await cluster.get(type, namespace: namespace, name: reference.name))
    } catch let error as APIError where error.isNotFound {
      return .absent
    } catch let error as APIError where error.isForbidden {
      return .unknown
    }
  }
}

/// The consumers in files, and what they refer to.
package struct RenderManifests: Sendable {
  /// Kustomizations and HelmReleases, each once.
  package private(set) var consumers: [Value] = []
  package private(set) var references = RenderReferences()
  private let namespace: String
  private var positions: [ObjectID: Int] = [:]

  /// - Parameter namespace: of objects that name none.
  package init(namespace: String) {
    self.namespace = namespace
  }

  /// Adds a file, or the manifests below a directory.
  ///
  /// - Parameters:
  ///   - flag: `-f`, or `--manifests`, whose objects are all that there are of their kind.
  ///   - readInput: standard input.
  /// - Throws: `OperationError` that names the file.
  package mutating func add(
    at path: String, flag: String, readInput: () throws -> [UInt8]
  ) throws {
    let isComplete = flag == "--manifests"
    if path == "-", !isComplete {
      return try take(try readInput(), of: "standard input", isComplete: false)
    }
    let kind: Disk.Kind
    do throws(Errno) {
      kind = try Disk.status(of: path).kind
    } catch {
      throw OperationError(
        .invalidInput,
        error == .noSuchFileOrDirectory
          ? "\(flag) \(path): it does not exist" : "\(flag) \(path): \(error.goText)")
    }
    guard kind == .directory else {
      return try take(try Self.read(path, flag), of: "\(flag) \(path)", isComplete: isComplete)
    }
    let tree = try ManifestTree(at: path, flag: flag)
    for file in tree.files where tree.kustomizations.kustomization(of: file) == nil {
      // A directory may have templates; what else cannot be read, nobody named.
      guard let bytes = try? Disk.read(file, limit: ManifestTree.largestFile) else { continue }
      try? take(
        bytes, of: file, isComplete: isComplete,
        movedTo: tree.kustomizations.namespace(of: file))
    }
  }

  private static func read(_ path: String, _ flag: String) throws -> [UInt8] {
    do throws(FileError) {
      return try Disk.read(path, limit: ManifestTree.largestFile)
    } catch {
      throw OperationError(.invalidInput, "\(flag) \(path): \(error.reason.goText)")
    }
  }

  /// - Parameter moved: The namespace in which a kustomization puts the objects.
  private mutating func take(
    _ bytes: [UInt8], of origin: String, isComplete: Bool, movedTo moved: String? = nil
  ) throws {
    let documents: [Value]
    do {
      documents = try YAML.parse(bytes).map { $0.placed(in: moved) }
    } catch {
      throw OperationError(.invalidInput, "\(origin): \(error)")
    }
    for document in documents {
      references.add(document, namespace: namespace, isComplete: isComplete)
      for object in document.listed { if !isComplete { take(object) } }
    }
  }

  private mutating func take(_ object: Value) {
    guard let id = ObjectID(of: object), let kind = id.fluxKind,
      RenderConsumers.kinds.contains(kind)
    else { return }
    let known = ObjectID(
      group: id.group, kind: id.kind, namespace: id.namespace.isEmpty ? namespace : id.namespace,
      name: id.name)
    if let position = positions[known] {
      consumers[position] = object
    } else {
      positions[known] = consumers.count
      consumers.append(object)
    }
  }
}
