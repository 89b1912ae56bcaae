import Content
import Generation

/// The files that the archive of an artifact has, by their paths.
struct ArtifactFiles {
  let name: String
  private let entries: [StagedEntry]
  private var positions: [TreePath: Int] = [:]

  /// What the copy operations left out, by where it would be.
  private let exclusions: [TreePath: Exclusion]

  init(_ staged: StagedArtifact, _ exclusions: [Exclusion]) {
    self.exclusions = Dictionary(exclusions.map { ($0.target, $0) }) { $1 }
    name = staged.name
    entries = staged.entries
    positions.reserveCapacity(entries.count)
    for (position, entry) in entries.enumerated() { positions[entry.path] = position }
  }

  func isDirectory(_ path: TreePath) -> Bool {
    guard let position = positions[path], entries[position].ignoredBy == nil,
      case .directory = entries[position].kind
    else { return false }
    return true
  }

  /// - Returns: nil for what is no file, or is not in the archive.
  func file(_ path: TreePath) -> StagedEntry? {
    guard let position = positions[path], entries[position].ignoredBy == nil,
      case .file = entries[position].kind
    else { return nil }
    return entries[position]
  }

  /// The pattern of the controller that keeps something out of the archive.
  func ignored(_ path: TreePath) -> String? {
    positions[path].flatMap { entries[$0].ignoredBy }
  }

  /// What an operation left out at a path: the thing itself, or a directory above it.
  ///
  /// - Returns: Also where the thing is in the source.
  func exclusion(of path: TreePath) -> (exclusion: Exclusion, source: TreePath)? {
    guard !exclusions.isEmpty else { return nil }
    var place = path
    while true {
      if let found = exclusions[place] {
        let inner = path.bytes.dropFirst(place.bytes.count).drop { $0 == TreePath.slash }
        return (found, inner.isEmpty ? found.source : found.source.child(inner))
      }
      if place.isRoot { return nil }
      place = place.directory
    }
  }

  /// The kustomization files of a directory, the one that kustomize-controller takes first.
  func kustomizations(in directory: TreePath) -> [TreePath] {
    KustomizationFile.names.map { directory.child($0) }.filter { file($0) != nil }
  }

  /// Every directory with a kustomization file, in the order of a walk.
  var kustomizationDirectories: [TreePath] {
    var result: [TreePath] = []
    for entry in entries where entry.ignoredBy == nil {
      guard case .file = entry.kind, KustomizationFile.names.contains(Array(entry.path.base.bytes))
      else { continue }
      let directory = entry.path.directory
      if result.last != directory { result.append(directory) }
    }
    return result
  }

  /// What lies below a directory, in the order of a walk.
  func below(_ directory: TreePath) -> ArraySlice<StagedEntry> {
    guard let position = positions[directory] else { return [] }
    if directory.isRoot { return entries[(position + 1)...] }
    let prefix = directory.bytes + [TreePath.slash]
    let rest = entries[(position + 1)...]
    let end = rest.firstIndex { !$0.path.bytes.starts(with: prefix) } ?? rest.endIndex
    return rest[..<end]
  }

  /// Everything in the archive, without its root.
  var archived: [StagedEntry] { entries.filter { $0.ignoredBy == nil && !$0.path.isRoot } }
}
