import Content
import Differences
import Document
import Generation
import Linting
import Objects
import Platform
import Publishing
import Rendering
import Text

/// The files of an artifact that a Kustomization applies, as far as lists of files say it.
///
/// kustomize-controller takes the kustomization at `spec.path`, or makes one there that lists every
/// `.yaml` and `.yml` below it; a directory with a kustomization of its own counts as that one
/// (`scanManifests` in `kustomize_generator.go` of fluxcd/pkg).
struct AppliedFiles {
  private let files: [TreePath: FileSide]
  /// The directories that have a kustomization.
  private let kustomizations: [TreePath: FileSide]
  private(set) var applied: Set<TreePath> = []
  /// False where more than lists of files decides, such as a patch, a generator or a remote resource.
  private(set) var isExact = true
  /// How the kustomizations in directories name what they list.
  private(set) var naming: [TreePath: Naming] = [:]
  /// What patches of kustomizations delete.
  private(set) var patchedAway: Set<PatchTarget> = []
  /// Files and directories that kustomizations list and that are not there, a sentence each: kustomize fails.
  private(set) var missing: [String] = []
  /// Whether there is nothing where it begins: the controller fails.
  private(set) var hasNoStart = false
  /// What brings objects that are in no list of files, such as `configMapGenerator settings`.
  private(set) var makers: Set<String> = []

  /// The fields that give objects another name or place.
  struct Naming: Hashable {
    var namespace: String?
    var prefix: String?
    var suffix: String?

    /// Whether objects without a namespace have another identity, too.
    func renamesAll(against other: Naming) -> Bool {
      prefix != other.prefix || suffix != other.suffix
    }
  }

  struct PatchTarget: Hashable {
    let kind: String
    let name: String
  }

  /// - Throws: `PathError` for a kustomization that cannot be read.
  init(_ content: AppliedContent) throws {
    var files: [TreePath: FileSide] = [:]
    var kustomizations: [TreePath: FileSide] = [:]
    for side in content.files {
      files[side.path] = side
      // Of several, kustomize refuses all; whichever is taken, nothing is lost.
      if TreeKustomizations.isKustomization(String(nativeBytes: side.path.bytes)) {
        kustomizations[side.path.directory] = side
      }
    }
    self.files = files
    self.kustomizations = kustomizations
    let start = SecurePath.resolve(content.place.path, in: FileTree())
    hasNoStart = !start.isRoot && below(start).isEmpty
    var pending = [start]
    for component in content.place.components {
      let directory = start.joined(TreePath(component))
      if kustomizations[directory] != nil {
        pending.append(directory)
      } else if !content.place.ignoresMissing {
        isExact = false
      }
    }
    try collect(from: pending, top: start)
  }

  /// - Parameter top: Where the controller writes the kustomization anew before kustomize reads it.
  private mutating func collect(from start: [TreePath], top: TreePath) throws {
    var pending = start
    // Kustomizations may name each other in circles: each directory is looked at once.
    var seen: Set<TreePath> = []
    while let directory = pending.popLast() {
      guard seen.insert(directory).inserted else { continue }
      guard let file = kustomizations[directory] else {
        scan(directory, &pending)
        continue
      }
      guard let listed = try entries(of: file, mayBeEmpty: directory == top) else {
        isExact = false
        applied.formUnion(below(directory))
        continue
      }
      for entry in listed {
        let target = directory.joined(TreePath(entry))
        if files[target] != nil {
          applied.insert(target)
        } else if kustomizations[target] != nil {
          pending.append(target)
        } else {
          isExact = false
          noteMissing(entry, target, in: file)
        }
      }
    }
  }

  /// What kustomize would look for here, and not find.
  private mutating func noteMissing(_ entry: String, _ target: TreePath, in file: FileSide) {
    guard !KustomizeReference.isRemote(entry), !entry.hasPrefix("/"),
      below(target).isEmpty, !target.bytes.starts(with: "..".utf8)
    else { return }
    missing.append("\(file.path) lists \(entry), which is not in the artifact")
  }

  /// What is applied through the kustomization in a directory.
  func applied(through directory: TreePath) throws -> Set<TreePath> {
    var copy = self
    copy.applied = []
    try copy.collect(from: [directory], top: directory)
    return copy.applied
  }

  /// What a kustomization made for a directory without one lists.
  private mutating func scan(_ directory: TreePath, _ pending: inout [TreePath]) {
    for path in below(directory) where path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
      var nearest: TreePath?
      var above = path.directory
      while above != directory, !above.isRoot {
        if kustomizations[above] != nil { nearest = above }
        above = above.directory
      }
      if let nearest { pending.append(nearest) } else { applied.insert(path) }
    }
  }

  private func below(_ directory: TreePath) -> [TreePath] {
    guard !directory.isRoot else { return Array(files.keys) }
    let prefix = directory.bytes + [TreePath.slash]
    return files.keys.filter { $0.bytes.starts(with: prefix) }
  }

  private static let largestKustomization: Int64 = 1 << 20

  /// - Parameter mayBeEmpty: The controller takes an empty file for a kustomization without resources,
  ///   from which nothing is applied (`GenerateManifest` in `kustomize_generator.go`); kustomize refuses
  ///   one.
  /// - Returns: Nil for a file that is no kustomization.
  private mutating func entries(of file: FileSide, mayBeEmpty: Bool) throws -> [String]? {
    guard file.size <= Self.largestKustomization, let bytes = try? file.wholeContent() else {
      return nil
    }
    let document = (try? YAML.parse(bytes)).map { $0.first ?? .null }
    if document?.isNull == true { return mayBeEmpty ? [] : nil }
    guard let document, let fields = document.object else {
      missing.append("\(file.path) is no valid kustomization")
      return nil
    }
    if !fields.allSatisfy({ KustomizationFile.plainFields.contains($0.key) }) { isExact = false }
    let directory = file.path.directory
    for field in ["configMapGenerator", "secretGenerator", "helmCharts"] {
      for item in document[field]?.array ?? [] {
        if let name = item["name"]?.filled { makers.insert("\(field) \(name)") }
      }
    }
    for field in ["resources", "bases", "components"] {
      for path in document[field]?.texts ?? [] where KustomizeReference.isRemote(path) {
        makers.insert("the remote \(withoutUserInfo(path))")
      }
    }
    naming[directory] = Naming(
      namespace: document["namespace"]?.filled, prefix: document["namePrefix"]?.filled,
      suffix: document["nameSuffix"]?.filled)
    for patch in document["patches"]?.array ?? [] {
      try notePatch(patch["patch"]?.string, patch["path"]?.string, patch["target"], in: directory)
    }
    for patch in document["patchesStrategicMerge"]?.texts ?? [] {
      let isFile = files[directory.joined(TreePath(patch))] != nil
      try notePatch(isFile ? nil : patch, isFile ? patch : nil, nil, in: directory)
    }
    return ["resources", "bases", "components"].flatMap { document[$0]?.texts ?? [] }
  }

  /// Takes a patch with `$patch: delete` into account, by the object that it names or that it is for.
  private mutating func notePatch(
    _ text: String?, _ path: String?, _ target: Value?, in directory: TreePath
  ) throws {
    var bytes = Array((text ?? "").utf8)
    if let path, let file = files[directory.joined(TreePath(path))],
      file.size <= Self.largestKustomization
    {
      bytes = try file.wholeContent()
    }
    guard bytes.includes(Array("$patch".utf8)), let documents = try? YAML.parse(bytes) else {
      return
    }
    for document in documents where document["$patch"]?.string == "delete" {
      guard let kind = target?["kind"]?.filled ?? document.kind,
        let name = target?["name"]?.filled ?? document.name
      else { continue }
      patchedAway.insert(PatchTarget(kind: kind, name: name))
    }
  }
}
