package import Document
import FluxModel
package import Objects
import Platform
import SystemPackage
import Text

/// The Flux objects in files: who uses artifacts, as a checkout has it.
package struct DeliveryManifests: Sendable {
  /// Each object once: of several that are one, the last.
  package private(set) var objects: [Value] = []
  /// Where each of the objects was read from.
  package private(set) var origins: [Origin] = []
  /// Whether there are objects that may make or use artifacts in ways that are not known here.
  package private(set) var hasGeneratedObjects = false
  /// Files that name Flux's API and are no YAML; templates (`{{`) are not meant to be.
  package private(set) var unreadable: [Unreadable] = []
  private var positions: [ObjectID: Int] = [:]
  /// Whether kustomizations list manifests outside of the places that were not read.
  package private(set) var listsUnread = false
  private var kustomizations = TreeKustomizations()

  package struct Unreadable: Sendable {
    package let file: String
    package let error: DocumentError

    /// What is said of it where it is passed over.
    package var note: String { ManifestText.note(on: file, error) }
  }

  package struct Origin: Sendable, Hashable {
    package let file: String
    package let place: ManifestPlace

    package init(file: String, place: ManifestPlace) {
      self.file = file
      self.place = place
    }
  }
  private let namespace: String

  /// The files that cannot be read, as errors of the input: nobody knows which consumers are in them.
  ///
  /// - Parameters:
  ///   - known: Errors that there are already; a file is said once.
  ///   - commit: Where the files were written to be read, if they are those of a commit.
  package func inputErrors(
    besides known: [InputError], at commit: BaseCommit? = nil
  ) -> [InputError] {
    let files = Set(known.map(\.file))
    return unreadable.map { unreadable in
      let error = InputError(file: unreadable.file, unreadable.error)
      return commit.map { error.renamed($0.named) } ?? error
    }.filter { !files.contains($0.file) }
  }

  /// - Parameter namespace: Of objects that name none.
  package init(namespace: String) {
    self.namespace = namespace
  }

  /// Adds the Flux objects of a file, or of the manifests below a directory.
  ///
  /// What cannot be read as YAML is passed over: whoever reads it for generators and sources says so, or finds
  /// it in ``unreadable``. What a directory of `-f` has of the state of a cluster is not applied.
  ///
  /// - Parameter followsOutside: Whether what kustomizations list outside of the directory is part of it.
  /// - Throws: `OperationError` for a directory that cannot be read.
  package mutating func add(at path: String, flag: String, followsOutside: Bool = false) throws {
    guard path != "-" else { return }
    guard (try? Disk.status(of: path))?.kind == .directory else {
      take(fileAt: path)
      return
    }
    let tree = try ManifestTree(at: path, flag: flag, followsOutside: followsOutside)
    let isApplied = flag == "-f"
    if isApplied { kustomizations.merge(tree.kustomizations) }
    if !tree.outside.unread.isEmpty { listsUnread = true }
    for file in tree.files where tree.kustomizations.kustomization(of: file) == nil {
      take(
        fileAt: file, movedTo: tree.kustomizations.namespace(of: file), skipsRecorded: isApplied)
    }
  }

  /// The kustomization that leaves out the file of an object, so that nothing applies it.
  package func omission(of origin: Origin) -> String? { kustomizations.omission(of: origin.file) }

  /// Looks at a file that had Flux objects elsewhere: one that is no YAML now may have them still.
  package mutating func expectObjects(in path: String) {
    guard !files.contains(path), !unreadable.contains(where: { $0.file == path }),
      let bytes = try? Disk.read(path, limit: ManifestTree.largestFile)
    else { return }
    do throws(DocumentError) {
      _ = try YAML.parse(bytes)
    } catch {
      unreadable.append(Unreadable(file: path, error: error))
    }
  }

  /// Where an object was read from; nil for one that was not.
  package func origin(of id: ObjectID) -> Origin? { positions[id].map { origins[$0] } }

  /// The files of the objects.
  package var files: Set<String> { Set(origins.map(\.file)) }

  private static let marks = [
    "toolkit.fluxcd.io", "source.extensions.fluxcd.io", "fluxcd.controlplane.io",
  ].map { Array($0.utf8) }

  private mutating func take(
    fileAt path: String, movedTo namespace: String? = nil, skipsRecorded: Bool = false
  ) {
    guard let bytes = try? Disk.read(path, limit: ManifestTree.largestFile) else { return }
    add(bytes, of: path, movedTo: namespace, skipsRecorded: skipsRecorded)
  }

  /// Adds the Flux objects of a text; what is no YAML has none.
  ///
  /// - Parameters:
  ///   - moved: The namespace in which a kustomization puts the objects.
  ///   - skipsRecorded: Whether the state of a cluster has none, either.
  package mutating func add(
    _ bytes: [UInt8], of path: String, movedTo moved: String? = nil, skipsRecorded: Bool = false
  ) {
    guard Self.marks.contains(where: bytes.includes) else { return }
    let documents: [Value]
    do throws(DocumentError) {
      documents = try YAML.parse(bytes)
    } catch {
      if !bytes.includes(Array("{{".utf8)) {
        unreadable.append(Unreadable(file: path, error: error))
      }
      return
    }
    for (position, document) in documents.enumerated() {
      if skipsRecorded, Snapshot.isRecorded(document) { continue }
      for (item, object) in document.placed(in: moved).listed.enumerated() {
        let place = ManifestPlace(
          document: position, items: document.isListOfObjects ? [item] : [])
        take(object, from: Origin(file: path, place: place))
      }
    }
  }

  private mutating func take(_ object: Value, from origin: Origin) {
    // Of the Flux Operator.
    if object.apiVersion?.hasPrefix("fluxcd.controlplane.io/") == true,
      ["ResourceSet", "ResourceSetInputProvider"].contains(object.kind)
    {
      hasGeneratedObjects = true
    }
    var object = object
    if object.namespace == nil { object = object.placed(in: namespace) }
    guard let id = ObjectID(of: object), id.fluxKind != nil else { return }
    if let known = positions[id] {
      objects[known] = object
      origins[known] = origin
    } else {
      positions[id] = objects.count
      objects.append(object)
      origins.append(origin)
    }
  }
}
