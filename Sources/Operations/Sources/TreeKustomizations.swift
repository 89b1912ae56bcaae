import Content
import Document
import Linting
import Objects
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
  /// What they list as resources, in the order in which it is found.
  private var listed: [Listing] = []
  /// The kustomizations by their directories.
  private var directories: [TreePath: TreePath] = [:]
  /// Everything that they name, whatever for.
  private var named: Set<TreePath> = []

  private struct Listing {
    let path: TreePath
    /// As it is written.
    let text: String
    let kustomization: TreePath
  }

  static func isKustomization(_ path: String) -> Bool {
    KustomizationFile.names.contains(Array(Disk.split(path).name.utf8))
  }

  /// Takes what a kustomization says; a file that cannot be read as one says nothing.
  mutating func add(_ bytes: [UInt8], at path: String) {
    guard let document = (try? YAML.parse(bytes))?.first else { return }
    let place = TreePath(path.nativeBytes)
    let patched = (document["patches"]?.array ?? []) + (document["patchesJson6902"]?.array ?? [])
    var files = patched.compactMap { $0["path"]?.filled }
    // An element is a path or the patch itself.
    files += (document["patchesStrategicMerge"]?.texts ?? []).filter { !$0.contains("\n") }
    for file in files {
      patches[place.directory.joined(TreePath(file))] = place
    }
    for field in ["resources", "bases", "components"] {
      for path in document[field]?.texts ?? [] where !KustomizeReference.isRemote(path) {
        let target = place.directory.joined(TreePath(path))
        parents[target, default: []].append(place)
        listed.append(Listing(path: target, text: path, kustomization: place))
      }
    }
    namespaces[place] = document["namespace"]?.filled
    guard document.apiVersion?.hasPrefix("kustomize.config.k8s.io/") ?? true else { return }
    directories[place.directory.cleaned] = place
    for path in KustomizationFile(document)?.paths ?? [] {
      named.insert(place.directory.joined(TreePath(path)))
    }
  }

  /// The kustomization beside a file that names it as little as any other does: a directory with a
  /// kustomization is applied as that says, so nothing applies the file.
  func omission(of path: String) -> String? {
    let path = TreePath(path.nativeBytes).cleaned
    guard let kustomization = directories[path.directory], !named.contains(path) else { return nil }
    return String(nativeBytes: kustomization.bytes)
  }

  /// Takes in what another tree has.
  mutating func merge(_ other: TreeKustomizations) {
    directories.merge(other.directories) { first, _ in first }
    named.formUnion(other.named)
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

  // MARK: - Outside of the tree

  /// What the kustomizations of a tree list outside of it.
  struct Outside {
    /// Manifests, by the paths that lead to them.
    var files: [String] = []
    /// What is not followed, a sentence each.
    var unread: [String] = []
  }

  /// Directories and files outside that are looked at.
  private static let mostOutside = 1000

  /// Follows what leads out of the tree, such as `../base`, and takes in the kustomizations there.
  ///
  /// Kustomize reads nothing else of a directory than what its kustomization lists. Nothing is read outside of the
  /// git work tree of the root, wherever links lead.
  mutating func followOutside(of root: String) -> Outside {
    var outside = Outside()
    guard let own = try? Disk.resolved(root) else { return outside }
    let top = Self.workTree(of: own)
    var seen: Set<[UInt8]> = []
    var position = 0
    while position < listed.count {
      let listing = listed[position]
      position += 1
      let path = String(nativeBytes: listing.path.bytes)
      // What is not there fails in kustomize, which says so itself.
      guard let resolved = try? Disk.resolved(path), FilePlaces.inner(resolved, of: own) == nil,
        seen.insert(resolved).inserted
      else { continue }
      let isOwn = top.map { FilePlaces.inner(resolved, of: $0) }?.map { inner in
        !inner.components.contains { $0.elementsEqual(".git".utf8) }
      }
      guard isOwn == true, seen.count <= Self.mostOutside else {
        let reason = isOwn == true ? "too many are listed" : "it is outside of the git work tree"
        outside.unread.append(
          "\(String(nativeBytes: listing.kustomization.bytes)) lists \(listing.text), which is not read: "
            + "\(reason); add -f \(path)")
        continue
      }
      guard (try? Disk.status(of: path))?.kind == .directory else {
        if Disk.isFile(path) { outside.files.append(path) }
        continue
      }
      for name in KustomizationFile.names {
        let file = String(nativeBytes: listing.path.child(name).bytes)
        // A link may lead anywhere.
        guard let inner = try? Disk.resolved(file), Disk.isFile(file),
          top.map({ FilePlaces.inner(inner, of: $0) != nil }) == true,
          let bytes = try? Disk.read(file, limit: ManifestTree.largestFile)
        else { continue }
        add(bytes, at: file)
        break
      }
    }
    return outside
  }

  /// The top of the work tree that a directory is in; nil where it is in none.
  private static func workTree(of directory: [UInt8]) -> [UInt8]? {
    var folder = TreePath(directory)
    while true {
      if SourceReader.isWorkTree(String(nativeBytes: folder.bytes)) { return folder.bytes }
      let above = folder.directory
      guard above != folder, !above.isRoot else { return nil }
      folder = above
    }
  }

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
