package import Document
import FluxModel
package import Objects
import Platform
import SystemPackage

/// The Flux objects in files: who uses artifacts, as a checkout has it.
package struct DeliveryManifests: Sendable {
  /// Each object once: of several that are one, the last.
  package private(set) var objects: [Value] = []
  /// The file of each.
  package private(set) var files: [ObjectID: String] = [:]
  private var positions: [ObjectID: Int] = [:]
  private let namespace: String

  /// - Parameter namespace: Of objects that name none.
  package init(namespace: String) {
    self.namespace = namespace
  }

  /// Adds the Flux objects of a file, or of the manifests below a directory.
  ///
  /// What cannot be read as YAML is passed over: whoever reads it for generators and sources says so.
  ///
  /// - Throws: `OperationError` for a directory that cannot be read.
  package mutating func add(at path: String, flag: String) throws {
    guard path != "-" else { return }
    guard (try? Disk.status(of: path))?.kind == .directory else {
      take(fileAt: path)
      return
    }
    let tree = try ManifestTree(at: path, flag: flag)
    for file in tree.files where tree.patches.kustomization(of: file) == nil { take(fileAt: file) }
  }

  /// In bytes; larger ones are passed over.
  package static var largestFile: Int { ManifestTree.largestFile }

  private static let mark = Array("toolkit.fluxcd.io".utf8)

  private mutating func take(fileAt path: String) {
    guard let bytes = try? Disk.read(path, limit: Self.largestFile),
      bytes.contains(Self.mark), let documents = try? YAML.parse(bytes)
    else { return }
    for object in documents.flatMap(\.listed) { take(object, from: path) }
  }

  private mutating func take(_ object: Value, from path: String) {
    var object = object
    if object.namespace == nil, var fields = object.object,
      var metadata = fields["metadata"]?.object
    {
      metadata["namespace"] = .string(namespace)
      fields["metadata"] = .object(metadata)
      object = .object(fields)
    }
    guard let id = ObjectID(of: object), id.fluxKind != nil else { return }
    files[id] = path
    if let known = positions[id] {
      objects[known] = object
    } else {
      positions[id] = objects.count
      objects.append(object)
    }
  }
}
