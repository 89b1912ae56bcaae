import Content
import Differences
import Platform
import Text

/// The files of both sides of an artifact that are compared.
struct ComparedFiles: Sendable {
  let old: [FileSide]
  let new: [FileSide]
  let changes: [FileChange]
  /// The directories that only one side has.
  let directories: Set<TreePath>
  /// What kustomizations of either side say of secret files.
  let secrets: (old: SecretFiles, new: SecretFiles)

  /// - Throws: `PathError` for a file that cannot be read.
  init(from old: ContentListing?, to new: ContentListing?) throws {
    self.old = try Self.sides(old)
    self.new = try Self.sides(new)
    changes = FileComparison.changes(from: self.old, to: self.new)
    directories = Self.directories(old, new)
    secrets = (try Self.secretFiles(self.old), try Self.secretFiles(self.new))
  }

  /// The files of one side; none for nothing.
  static func sides(_ listing: ContentListing?) throws -> [FileSide] {
    var result: [FileSide] = []
    for entry in listing?.entries ?? [] {
      guard case .file(let content) = entry.kind else { continue }
      try Task.checkCancellation()
      result.append(try FileSide(entry.path, mode: entry.mode, content: content))
    }
    return result
  }

  private static func directories(_ old: ContentListing?, _ new: ContentListing?) -> Set<TreePath> {
    func all(_ listing: ContentListing?) -> Set<TreePath> {
      let directories = (listing?.entries ?? []).filter { entry in
        if case .directory = entry.kind { true } else { false }
      }
      return Set(directories.map(\.path))
    }
    return all(old).symmetricDifference(all(new))
  }

  private static func secretFiles(_ sides: [FileSide]) throws -> SecretFiles {
    var result = SecretFiles()
    for side in sides where TreeKustomizations.isKustomization(String(nativeBytes: side.path.bytes))
    {
      guard side.size <= 1 << 20 else { continue }
      result.add(try side.wholeContent(), path: side.path)
    }
    return result
  }

  /// Larger files are no manifests: etcd stores no object above 1.5 MiB.
  static let largestManifest: Int64 = 32 << 20

  /// The documents of the files that change, on one side.
  func manifests(isOld: Bool) throws -> ManifestSet {
    var seen: Set<TreePath> = []
    // Which directories are charts is not said by what changed.
    let charts = (isOld ? old : new).filter { $0.path.base == "Chart.yaml" }
    let changed = changes.compactMap { isOld ? $0.old : $0.new }
    let files = (changed + charts).filter { side in
      ManifestSet.isManifest(side.path) && side.size <= Self.largestManifest
        && seen.insert(side.path).inserted
    }
    return ManifestSet(
      try files.map { ($0.path, try $0.wholeContent()) }, named: isOld ? secrets.old : secrets.new)
  }
}

/// What is secret in artifacts that change, in whatever file: where another file repeats it, it is secret, too.
struct ArtifactSecrets {
  private(set) var texts = SecretTexts()

  /// Adds what the files that change hide, and those that stay and look as if they were Secrets.
  ///
  /// - Throws: `PathError` for a file that cannot be read.
  mutating func add(_ files: ComparedFiles) throws {
    for change in files.changes {
      if let side = change.old { try add(side, files.secrets.old) }
      if let side = change.new { try add(side, files.secrets.new) }
    }
    // What stays as it is.
    let changed = Set(files.changes.compactMap(\.new).map(\.path))
    for side in files.new where !changed.contains(side.path) {
      try Task.checkCancellation()
      if try Self.isSecret(side, files.secrets.new) { try add(side, files.secrets.new) }
    }
  }

  /// Removes what objects in files that change are called: that is shown.
  mutating func removeNames(in files: ComparedFiles) throws {
    guard !texts.isEmpty else { return }
    texts.remove(namesOf: try files.manifests(isOld: true))
    texts.remove(namesOf: try files.manifests(isOld: false))
  }

  private mutating func add(_ side: FileSide, _ named: SecretFiles) throws {
    // Of larger files, nothing but the size is shown.
    guard side.size <= GitPatch.defaultSizeLimit, try !side.isBinary() else { return }
    texts.add(TextMask.content(try side.wholeContent(), path: side.path, named: named))
  }

  /// Words of which one is in whatever names a credential.
  private static let marks = [
    "secret", "passw", "_pass", "pwd", "token", "credential", "apikey", "api_key", "api-key",
    "private",
  ].map { Array($0.utf8) }

  private static func isSecret(_ side: FileSide, _ named: SecretFiles) throws -> Bool {
    guard side.size <= 1 << 20 else { return false }
    if TextMask.isNamedLikeCredential(side.path) || named.names(side.path) { return true }
    guard try !side.isBinary() else { return false }
    let text = try side.wholeContent().map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    return marks.contains(where: text.includes)
  }
}

extension FileSide {
  /// - Throws: `PathError` for a file that cannot be read.
  fileprivate init(_ path: TreePath, mode: UInt16, content: FileContent) throws {
    do {
      let (digest, size) = try content.measured()
      self.init(path: path, mode: mode, size: size, digest: digest, content: content)
    } catch let failure as PathFailure {
      throw PathError("read", path, failure)
    }
  }
}
