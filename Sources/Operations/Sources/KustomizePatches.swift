import Content
import Document
import Linting
import Platform

/// The files that kustomizations name as patches: they contain parts of objects, not objects.
///
/// Only what `kustomization.yaml` files of the same tree say counts. The patches are not applied.
struct KustomizePatches {
  private var kustomizations: [TreePath: TreePath] = [:]

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
      kustomizations[place.directory.joined(TreePath(file))] = place
    }
  }

  /// The kustomization that names a file as a patch; nil for any other file.
  func kustomization(of path: String) -> String? {
    kustomizations[TreePath(path.nativeBytes).cleaned].map { String(nativeBytes: $0.bytes) }
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
