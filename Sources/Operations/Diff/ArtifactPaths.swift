import Content
import FluxModel
import Generation
import Publishing
import Rendering

/// What is where in an artifact: whether a consumer finds there what it applies.
struct ArtifactPaths {
  private var directories: Set<TreePath> = [.root]
  private var files: [TreePath] = []

  init(_ artifact: StagedArtifact) {
    for entry in artifact.entries where !entry.isIgnored {
      switch entry.kind {
      case .directory: directories.insert(entry.path)
      case .file: files.append(entry.path)
      }
    }
  }

  /// Why a consumer of this kind cannot apply the artifact; nil if nothing is known to be in the way.
  ///
  /// - Parameter path: `spec.path`.
  func failure(of kind: FluxKind?, path: String) -> String? {
    switch kind {
    case .kustomization: contains(path) ? nil : Self.missing(path)
    case .helmRelease: ReleaseChart.layoutFailure(of: files).map { "it is no chart: \($0)" }
    default: nil
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
