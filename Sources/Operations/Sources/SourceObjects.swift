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
  private var manifests: [Document] = []
  /// Those of the files of `-f`.
  package var documents: [Document] = []
  /// What was passed over in directories, a sentence each.
  package private(set) var notes: [String] = []
  /// What becomes of fields that the API server does not know.
  package var treatment = UnknownFieldTreatment.warned
  package var cluster: (any Cluster)?
  /// Of objects that name none.
  package var namespace = "default"

  package init() {}

  /// An object with the file that it was read from.
  package struct Document: Sendable {
    package let object: Value
    package let origin: String
  }

  package enum UnknownFieldTreatment: Sendable {
    case refused
    case warned
    case ignored
  }

  /// Whether there are none.
  package var isEmpty: Bool { manifests.isEmpty && documents.isEmpty && cluster == nil }

  /// Whether the files of both contain the same objects.
  func hasSameFiles(as other: SourceObjects) -> Bool {
    manifests.map(\.object) == other.manifests.map(\.object)
      && documents.map(\.object) == other.documents.map(\.object)
  }

  /// An object that is found.
  package struct Found: Sendable {
    package let object: Value
    /// Whether it is that of a cluster: then what it says of its artifact is so.
    package let isLive: Bool
    /// The file of one that is not.
    var origin: String?
  }

  /// - Returns: nil where it is unknown.
  /// - Throws: where several manifests define it differently; where the cluster fails, not where it
  ///   refuses.
  package func find(kind: String, namespace: String, name: String) async throws -> Found? {
    for list in [manifests, documents] {
      let found = list.filter { document in
        let object = document.object
        return object.kind == kind && object.name == name
          && (object.namespace ?? self.namespace) == namespace
      }
      guard let first = found.first else { continue }
      if let other = found.first(where: { $0.object != first.object }) {
        throw OperationError(
          .invalidInput,
          "\(kind) \(namespace)/\(name) is defined twice, differently: in \(first.origin) and in "
            + "\(other.origin): use --manifests with the file that applies")
      }
      return Found(object: first.object, isLive: false, origin: first.origin)
    }
    guard let live = try await liveObject(kind: kind, namespace: namespace, name: name) else {
      return nil
    }
    return Found(object: live, isLive: true)
  }

  /// What is to be said of the fields of an object that the API server does not know.
  ///
  /// - Throws: `OperationError` where they are refused; never for an object of a cluster.
  func unknownFields(of found: Found) throws(OperationError) -> [String] {
    guard let origin = found.origin, treatment != .ignored else { return [] }
    let findings = SourceSchema.findings(in: found.object)
    guard treatment == .refused, !findings.isEmpty else {
      return findings.map { "\(origin): \($0)" }
    }
    let object = found.object
    throw OperationError(
      .invalidInput,
      "\(origin): \(object.kind ?? "") \(object.namespace ?? namespace)/\(object.name ?? ""): strict "
        + "decoding error: \(findings.joined(separator: ", ")): correct the manifest, or use "
        + "--validate=warn")
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
    manifests.first?.object
  }

  private static let kinds: [String: FluxKind] = {
    let kinds: [FluxKind] = [
      .gitRepository, .ociRepository, .bucket, .helmChart, .externalArtifact, .helmRepository,
    ]
    var result: [String: FluxKind] = [:]
    for kind in kinds { result[kind.resource.kind] = kind }
    return result
  }()

  /// Whether it is a source object; other groups have a Bucket, too.
  private static func isSource(_ object: Value) -> Bool {
    kinds[object.kind ?? ""] != nil
      && object["apiVersion"]?.string?.hasPrefix("source.toolkit.fluxcd.io/") == true
  }

  /// The source objects of a document, which may be a list.
  static func sources(in document: Value, of origin: String) -> [Document] {
    document.listed.filter(isSource).map { Document(object: $0, origin: origin) }
  }

  // MARK: - Reading manifests

  /// Adds what files and directories contain.
  ///
  /// - Returns: what was passed over, a sentence each.
  package mutating func add(_ paths: [String]) throws -> [String] {
    for path in paths { try add(manifestsAt: path) }
    return notes
  }

  /// The same, with files that cannot be understood as a part of what is found.
  package mutating func add(
    _ paths: [String], collecting errors: inout [InputError]
  ) throws -> [String] {
    for path in paths {
      do {
        try add(manifestsAt: path)
      } catch let error as OperationError where Disk.isFile(path) {
        errors.append(InputError(file: path, message: error.description, reason: error.description))
      }
    }
    return notes
  }

  /// Adds what a file contains, or every manifest below a folder; what is no object is passed over, and
  /// so are patches and files below a folder that are no YAML, such as templates.
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
          manifests += SourceObjects.sources(in: document, of: path)
        }
      } catch {
        throw OperationError(.invalidInput, "--manifests \(path): \(error)")
      }
      return
    }
    let tree = try ManifestTree(at: path, flag: "--manifests")
    let kustomizations = tree.kustomizations
    for file in tree.files {
      let bytes: [UInt8]
      do throws(FileError) {
        bytes = try Disk.read(file, limit: SourceObjects.largestFile)
      } catch {
        // It may contain the very object that is looked for.
        notes.append("\(file) is not read: \(error.reason.goText)")
        continue
      }
      guard kustomizations.kustomization(of: file) == nil else {
        notes += [kustomizations.note(on: file, bytes)].compactMap(\.self)
        continue
      }
      do {
        let namespace = kustomizations.namespace(of: file)
        for document in try YAML.parse(bytes) {
          manifests += SourceObjects.sources(in: document.placed(in: namespace), of: file)
        }
      } catch {
        if ManifestText.mayHaveSources(bytes) { notes.append(ManifestText.note(on: file, error)) }
      }
    }
  }

  private static let largestFile = ManifestTree.largestFile
}
