package import Content
import Document
import Objects
import Text

/// What kustomize reads for one build: all of it is known before kubectl is started.
package struct KustomizeInput: Sendable {
  /// By their clean paths below the artifact's root.
  ///
  /// Kustomizations are in it as JSON, as they were
  /// understood here, so that kubectl reads nothing that was not checked.
  package internal(set) var files: [TreePath: [UInt8]] = [:]
  /// The directory that is built.
  package let directory: TreePath
  /// Whether a kustomization names a file that is neither beside nor below it, which kustomize refuses by
  /// itself and the controller allows.
  package internal(set) var crossesDirectories = false

  /// What it contains that kustomize may quote and nobody may read.
  var secrets = QuotedSecrets()

  /// Why kustomize refuses it, without what is secret.
  package func shown(_ failure: RenderFailure) -> RenderFailure {
    RenderFailure(failure.stage, secrets.hidden(in: failure.message))
  }

  /// The same for inputs of which kubectl makes the same.
  package var digest: Digest {
    var digester = Digester(.sha256)
    func add(_ bytes: [UInt8]) {
      withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { digester.update($0) }
      bytes.withUnsafeBytes { digester.update($0) }
    }
    add(directory.bytes)
    for (path, content) in files.sorted(by: { $0.key < $1.key }) {
      add(path.bytes)
      add(content)
    }
    return digester.finish()
  }
}

/// Follows a kustomization to everything that it names, and refuses what leads out of the artifact or
/// starts something: remote bases, absolute paths, links, plugins, Helm charts.
///
/// kustomize opens files and starts `git` before its own checks are through, so this is the barrier; the
/// environment that kubectl runs in is the second one.
struct KustomizeScan {
  private let tree: FileTree
  private let refusesRemoteBases: Bool
  private var input: KustomizeInput
  private var visited: Set<TreePath> = []
  private var waiting: [TreePath] = []
  private var room = 256 << 20
  /// Files that configure plugins, files of data, and those that were parsed as YAML.
  private var plugins: Set<TreePath> = []
  private var sources: Set<TreePath> = []
  private var parsed: Set<TreePath> = []

  private static let mostFiles = 20_000

  /// - Throws: `RenderFailure`: `refused` for what the controller might render, `build` for what it
  ///   refuses, too.
  static func input(
    for prepared: PreparedKustomization, in tree: FileTree, refusesRemoteBases: Bool
  ) throws(RenderFailure) -> KustomizeInput {
    var scan = KustomizeScan(
      tree: tree, input: KustomizeInput(directory: prepared.directory),
      refusesRemoteBases: refusesRemoteBases)
    try scan.visit(prepared.directory, prepared.file, prepared.content)
    // Of several files, kustomize takes none.
    for name in KustomizationGenerator.fileNames where name != prepared.file {
      let path = prepared.directory.child(Array(name.utf8))
      if tree.plainNode(at: path)?.kind == .file { try scan.add([], at: path) }
    }
    while let directory = scan.waiting.popLast() { try scan.open(directory) }
    return scan.input
  }

  private init(tree: FileTree, input: KustomizeInput, refusesRemoteBases: Bool) {
    self.tree = tree
    self.input = input
    self.refusesRemoteBases = refusesRemoteBases
  }

  /// Where a reference is written.
  private struct Place {
    let directory: TreePath
    let file: TreePath
  }

  // MARK: - Kustomizations

  /// Adds a directory that another one names.
  private mutating func open(_ directory: TreePath) throws(RenderFailure) {
    guard visited.insert(directory).inserted else { return }
    var found: [(name: String, path: TreePath)] = []
    for name in KustomizationGenerator.fileNames {
      let path = directory.child(Array(name.utf8))
      guard let node = tree.plainNode(at: path) else { continue }
      if node.kind == .link { throw KustomizationGenerator.link(path) }
      if node.kind == .file { found.append((name, path)) }
    }
    guard let first = found.first, found.count == 1 else {
      // None or several: kustomize says so, if there is anything to look at.
      for (_, path) in found { try add([], at: path) }
      if found.isEmpty {
        // So that the directory is there.
        var name = Array(".empty".utf8)
        while tree.plainNode(at: directory.child(name)) != nil { name.append(UInt8(ascii: "x")) }
        try add([], at: directory.child(name))
      }
      return
    }
    let text = try KustomizationGenerator.content(of: first.path, in: tree, .build)
    var value: Value
    do {
      value = try YAML.converted(text)
    } catch {
      throw RenderFailure(.build, "invalid Kustomization: \(first.path.shown): \(error)")
    }
    guard !AliasBudget.isExceeded(by: [value], in: text) else {
      throw RenderFailure(.refused, "\(first.path.shown): \(AliasBudget.message)")
    }
    value = KustomizationSchema.withoutOldNames(value)
    do {
      value = try KustomizationSchema.kustomization.decoded(value, .strict)
    } catch {
      throw RenderFailure(.build, "\(first.path.shown): \(error.message)")
    }
    try visit(directory, first.name, value)
  }

  private mutating func visit(
    _ directory: TreePath, _ file: String, _ content: Value
  ) throws(RenderFailure) {
    visited.insert(directory)
    let path = directory.child(Array(file.utf8))
    let place = Place(directory: directory, file: path)
    var written = content.object ?? Object()
    // Flux does not sort; kubectl does unless the file says how. Only the file that is built counts.
    if directory == input.directory, written["sortOptions"] == nil {
      written["sortOptions"] = ["order": "fifo"]
    }
    for field in ["helmCharts", "helmChartInflationGenerator"]
    where content[field]?.array?.isEmpty == false {
      throw RenderFailure(
        .build,
        "trouble configuring builtin HelmChartInflationGenerator (\(path.shown)): must specify "
          + "--enable-helm")
    }
    func texts(_ field: String) -> [String] {
      (content[field]?.array ?? []).compactMap(\.string)
    }
    func members(_ field: String, _ member: String) -> [String] {
      (content[field]?.array ?? []).compactMap { $0[member]?.filled }
    }
    for entry in texts("resources") + texts("bases") + texts("components") {
      try addAny(entry, place)
    }
    for entry in texts("crds") + texts("configurations") + members("patches", "path")
      + members("patchesJson6902", "path") + members("replacements", "path")
      + [content["openapi", "path"]?.filled].compactMap(\.self)
    {
      try addFile(entry, place)
    }
    for patch in (content["patches"]?.array ?? []) + (content["patchesJson6902"]?.array ?? []) {
      let isSecret = patch["target", "kind"]?.string == "Secret"
      if let text = patch["patch"]?.filled { try addInline(text, place, isSecret: isSecret) }
      if isSecret, let entry = patch["path"]?.filled, let (file, _) = try resolve(entry, place) {
        input.secrets.add(input.files[file] ?? [])
      }
    }
    for entry in texts("patchesStrategicMerge") { try addPatch(entry, place) }
    for field in ["configMapGenerator", "secretGenerator"] {
      for generator in content[field]?.array ?? [] {
        try addSources(of: generator, isSecret: field == "secretGenerator", place)
      }
    }
    for field in ["generators", "transformers", "validators"] {
      var entries: [Value] = []
      for entry in texts(field) { entries.append(.string(try addPlugin(entry, place))) }
      if !entries.isEmpty { written[field] = .array(entries) }
    }
    try add(JSON.write(.object(written), style: .compact), at: path)
  }

  /// A patch is a file or stands in the kustomization itself.
  private mutating func addPatch(_ entry: String, _ place: Place) throws(RenderFailure) {
    guard try inline(entry, place) == nil else { return try addInline(entry, place) }
    try addFile(entry, place)
  }

  /// YAML that stands in the kustomization.
  private mutating func addInline(
    _ text: String, _ place: Place, isSecret: Bool = false
  ) throws(RenderFailure) {
    let bytes = Array(text.utf8)
    try checkAliases(of: bytes, place.file)
    if isSecret { input.secrets.add(bytes) } else { input.secrets.add(manifests: bytes) }
  }

  /// What a generator of ConfigMaps or Secrets reads.
  private mutating func addSources(
    of generator: Value, isSecret: Bool, _ place: Place
  ) throws(RenderFailure) {
    for file in KustomizePlugin.sources(of: generator) {
      guard let path = try load(file, place) else { continue }
      sources.insert(path)
      try checkUses(of: path)
      if isSecret { input.secrets.add(input.files[path] ?? []) }
    }
    guard isSecret else { return }
    for literal in KustomizePlugin.literals(of: generator) {
      input.secrets.add(Array(literal.utf8))
    }
  }

  /// The resources that an entry is itself; nil for the path of a file.
  ///
  /// What kustomize cannot be seen to take for one of both is refused, and what it should take for
  /// resources leads nowhere if it takes it for a path all the same.
  private func inline(_ entry: String, _ place: Place) throws(RenderFailure) -> [Value]? {
    guard KustomizePlugin.mayBeInline(entry) else { return nil }
    guard let resources = KustomizePlugin.resources(in: entry) else {
      _ = try resolve(entry, place)
      throw RenderFailure(
        .refused,
        "\(place.file.shown): \(Printable.line(entry)) is neither a complete resource nor a plain path"
      )
    }
    guard !KustomizeReference.isRemote(entry) else { throw remote(entry, place) }
    try checkInside(entry, place)
    return resources
  }

  // MARK: - Plugins

  /// - Returns: the entry as kubectl is to read it.
  private mutating func addPlugin(_ entry: String, _ place: Place) throws(RenderFailure) -> String {
    if try inline(entry, place) != nil {
      let text = try checkedPlugins(Array(entry.utf8), place, place.file.shown)
      return String(decoding: text, as: UTF8.self)
    }
    guard let (path, node) = try resolve(entry, place) else { return entry }
    guard node.kind == .file else {
      throw RenderFailure(
        .refused,
        "\(place.file.shown) takes plugins from the directory \(entry): only files of plugins are "
          + "rendered, because patches in a directory could make others of them")
    }
    try addFile(entry, place)
    plugins.insert(path)
    // Its paths are relative to whoever uses it.
    input.files[path] = try checkedPlugins(input.files[path] ?? [], place, path.shown)
    try checkUses(of: path)
    return entry
  }

  /// - Returns: the same as JSON, as it was understood here.
  private mutating func checkedPlugins(
    _ text: [UInt8], _ place: Place, _ origin: String
  ) throws(RenderFailure) -> [UInt8] {
    let documents: [Value]
    do {
      documents = try YAML.parse(text, as: .kustomize)
    } catch {
      throw RenderFailure(.build, "\(origin): \(error)")
    }
    guard !AliasBudget.isExceeded(by: documents, in: text) else {
      throw RenderFailure(.refused, "\(origin): \(AliasBudget.message)")
    }
    for document in documents {
      let kind = document.kind ?? ""
      guard KustomizePlugin.isBuiltin(document) else {
        throw RenderFailure(
          .build,
          kind == "HelmChartInflationGenerator"
            ? "trouble configuring builtin HelmChartInflationGenerator (\(origin)): must specify --enable-helm"
            : "failed to load generator (\(origin)): external plugins disabled; unable to load external "
              + "plugin '\(kind)'")
      }
      let isSecret = document["target", "kind"]?.string == "Secret"
      for patch in KustomizePlugin.inlinePatches(of: document) {
        try addInline(patch, place, isSecret: isSecret)
      }
      for patch in KustomizePlugin.patches(of: document) { try addPatch(patch, place) }
      try addSources(of: document, isSecret: kind == "SecretGenerator", place)
      for file in KustomizePlugin.files(of: document) { try addFile(file, place) }
    }
    return Array(
      documents.map { JSON.string($0, style: .compact) + "\n" }.joined(separator: "---\n").utf8)
  }

  /// Plugins are written anew, which nobody sees who does not use the file as data as well.
  private func checkUses(of path: TreePath) throws(RenderFailure) {
    guard plugins.contains(path), sources.contains(path) else { return }
    throw RenderFailure(
      .refused, "\(path.shown) is used as a plugin and as data of a ConfigMap or Secret")
  }

  // MARK: - Files

  /// A file or a directory with a kustomization.
  private mutating func addAny(_ entry: String, _ place: Place) throws(RenderFailure) {
    guard let (path, node) = try resolve(entry, place) else { return }
    guard node.kind != .directory else {
      waiting.append(path)
      return
    }
    try addFile(entry, place)
  }

  /// A file of YAML.
  private mutating func addFile(_ entry: String, _ place: Place) throws(RenderFailure) {
    guard let path = try load(entry, place), parsed.insert(path).inserted
    else { return }
    try checkAliases(of: input.files[path] ?? [], path)
    input.secrets.add(manifests: input.files[path] ?? [])
  }

  private func checkAliases(of text: [UInt8], _ path: TreePath) throws(RenderFailure) {
    guard !AliasBudget.isExceeded(byTextOf: text) else {
      throw RenderFailure(.refused, "\(path.shown): \(AliasBudget.message)")
    }
  }

  /// - Returns: where the file is; nil where there is none.
  private mutating func load(_ entry: String, _ place: Place) throws(RenderFailure) -> TreePath? {
    guard let (path, node) = try resolve(entry, place), node.kind == .file else { return nil }
    if !place.directory.isRoot,
      !path.bytes.starts(with: place.directory.bytes + [TreePath.slash])
    {
      input.crossesDirectories = true
    }
    if input.files[path] == nil {
      try add(try KustomizationGenerator.content(of: path, in: tree, .build), at: path)
    }
    return path
  }

  private mutating func add(_ content: [UInt8], at path: TreePath) throws(RenderFailure) {
    room -= content.count
    guard room >= 0, input.files.count < Self.mostFiles else {
      throw RenderFailure(
        .refused, "the kustomization uses more than \(Self.mostFiles) files or 256 MiB")
    }
    input.files[path] = content
  }

  /// What lies where a kustomization says; nil where nothing does, which is kustomize's to report.
  private func resolve(
    _ entry: String, _ place: Place
  ) throws(RenderFailure) -> (path: TreePath, node: FileTree.Node)? {
    guard !KustomizeReference.mayBeRemote(entry) else { throw remote(entry, place) }
    let path = try checkInside(entry, place)
    var walked = TreePath.root
    for part in path.components where !path.isRoot {
      walked = walked.child(part)
      guard let node = tree.plainNode(at: walked) else { return nil }
      if node.kind == .link { throw KustomizationGenerator.link(walked) }
    }
    return tree.plainNode(at: path).map { (path, $0) }
  }

  private func remote(_ entry: String, _ place: Place) -> RenderFailure {
    let reference =
      "\(place.file.shown) references \(Printable.line(withoutUserInfo(entry))) (remote)"
    return refusesRemoteBases
      ? RenderFailure(.build, "\(reference): the controller refuses it with --no-remote-bases")
      : RenderFailure(
        .refused,
        "\(reference): the controller would fetch it (or refuse it with --no-remote-bases)")
  }

  /// - Returns: the path from the artifact's root, where something may be.
  @discardableResult
  private func checkInside(_ entry: String, _ place: Place) throws(RenderFailure) -> TreePath {
    let written = TreePath(entry)
    let path = place.directory.joined(written)
    guard written.bytes.first != TreePath.slash, !path.leavesRoot else {
      throw RenderFailure(
        .build,
        "fs-security-constraint read \(Printable.line(entry)) (\(place.file.shown)): the path is not in or below "
          + "the artifact")
    }
    return path
  }
}
