import Content
import Document
import Linting
import Platform
import Rendering

/// What the kustomizations of a tree say of the other files in it: which contain parts of objects (patches,
/// which are not applied), and in which namespace the objects of the others will be.
struct TreeKustomizations {
  /// The kustomizations by the files that they name as patches.
  private var patches: [TreePath: TreePath] = [:]
  /// The kustomizations by what they list as resources: files and directories.
  private var parents: [TreePath: [TreePath]] = [:]
  private var namespaces: [TreePath: String] = [:]

  static func isKustomization(_ path: String) -> Bool {
    KustomizationFile.names.contains(Array(Disk.split(path).name.utf8))
  }

  /// Takes what a kustomization says; a file that cannot be read as one says nothing.
  mutating func add(_ bytes: [UInt8], at path: String) {
    guard let document = (try? YAML.parse(bytes))?.first else { return }
    let place = TreePath(path.nativeBytes)
    let listed = (document["patches"]?.array ?? []) + (document["patchesJson6902"]?.array ?? [])
    var files = listed.compactMap { $0["path"]?.filled }
    // An element is a path or the patch itself.
    files += (document["patchesStrategicMerge"]?.texts ?? []).filter { !$0.contains("\n") }
    for file in files {
      patches[place.directory.joined(TreePath(file))] = place
    }
    for field in ["resources", "bases", "components"] {
      for path in document[field]?.texts ?? [] where !KustomizeReference.isRemote(path) {
        parents[place.directory.joined(TreePath(path)), default: []].append(place)
      }
    }
    namespaces[place] = document["namespace"]?.filled
  }

  /// The kustomization that names a file as a patch; nil for any other file.
  func kustomization(of path: String) -> String? {
    patches[TreePath(path.nativeBytes).cleaned].map { String(nativeBytes: $0.bytes) }
  }

  /// The namespace in which a file's objects will be, whatever they say: `namespace` of the outermost
  /// kustomization that includes the file (`NamespaceTransformer` in kustomize's api).
  ///
  /// - Returns: Nil where none sets it, or where kustomizations differ: the objects are then in several.
  func namespace(of path: String) -> String? {
    guard !namespaces.isEmpty else { return nil }
    var known: [TreePath: Set<String?>] = [:]
    let found = outermost(TreePath(path.nativeBytes).cleaned, depth: 0, &known)
    return found.count == 1 ? found.first ?? nil : nil
  }

  /// - Parameter known: What was found above each path: there can be very many ways up. A kustomization
  ///   that includes itself adds nothing to it.
  private func outermost(
    _ path: TreePath, depth: Int, _ known: inout [TreePath: Set<String?>]
  ) -> Set<String?> {
    if let found = known[path] { return found }
    known[path] = []
    var found: Set<String?> = []
    for parent in parents[path] ?? [] where depth < Self.deepest {
      let above = outermost(parent.directory.cleaned, depth: depth + 1, &known)
      found.formUnion(above.map { $0 ?? namespaces[parent] })
    }
    if found.isEmpty { found = [nil] }
    known[path] = found
    return found
  }

  private static let deepest = 16

  /// What to say of a patch that is passed over, if it could be one of a source or a generator.
  func note(on path: String, _ bytes: [UInt8]) -> String? {
    guard let kustomization = kustomization(of: path), ManifestText.mayConcern(bytes) else {
      return nil
    }
    return
      "\(path) is a patch of \(kustomization) and is not applied: use the output of kubectl kustomize "
      + "for the patched objects"
  }
}

/// What a manifest is about, before anything is parsed.
enum ManifestText {
  private static let generator = Array("ArtifactGenerator".utf8)
  private static let sources = Array("source.toolkit.fluxcd.io".utf8)

  static func mayHaveGenerators(_ bytes: [UInt8]) -> Bool { bytes.contains(generator) }

  static func mayHaveSources(_ bytes: [UInt8]) -> Bool { bytes.contains(sources) }

  static func mayConcern(_ bytes: [UInt8]) -> Bool {
    mayHaveGenerators(bytes) || mayHaveSources(bytes)
  }

  /// That a file of a directory is passed over.
  static func note(on path: String, _ error: any Error) -> String {
    "\(path) is ignored, because it is not valid YAML: \(error)"
  }
}
