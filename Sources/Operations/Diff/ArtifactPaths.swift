import Content
import Generation
import Publishing

/// The directories of an artifact: where a Kustomization can find its `spec.path`.
struct ArtifactPaths {
  private var directories: Set<TreePath> = [.root]

  init(_ artifact: StagedArtifact) {
    for entry in artifact.entries where !entry.isIgnored {
      guard case .directory = entry.kind else { continue }
      directories.insert(entry.path)
    }
  }

  /// Whether a path is there in every artifact.
  static func isRoot(_ path: String) -> Bool { SecurePath.resolve(path, in: FileTree()).isRoot }

  /// What to say of a consumer whose path is not there.
  static func missing(_ path: String) -> String {
    "its path \(path.isEmpty ? "./" : path) is not in the artifact"
  }

  /// Whether a path leads to a directory, as kustomize-controller looks for it: below the artifact,
  /// whatever `..` and slashes it has (`securejoin.SecureJoin` in `kustomization_controller.go`).
  func contains(_ path: String) -> Bool {
    directories.contains(SecurePath.resolve(path, in: FileTree()))
  }
}
