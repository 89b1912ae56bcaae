import Content
import Document
import FluxModel
import Generation
import Rendering
import Text

/// What kustomize would load of an artifact, from a directory on: every reference is followed, each
/// directory once.
struct KustomizationWalk {
  let input: LintInput
  let files: ArtifactFiles
  /// The generator of the artifact, by its position.
  let generator: Int
  /// Of the artifact in its plan.
  let position: Int
  /// Where the artifact is written in the generator.
  let place: LintPlace
  /// Whether a consumer builds what is visited.
  var isUsed = true
  private var found: [LintFinding] = []
  /// Of a file that no consumer builds, the first finding and how many more there are.
  private var unused: [TreePath: (position: Int, more: Int)] = [:]
  private var states: [TreePath: State] = [:]
  /// Directories whose kustomization cannot be read.
  private var isRefused: Set<TreePath> = []
  /// What is wrong with files of objects that were read, and what they define.
  private var contents: [TreePath: Inspected] = [:]
  /// What the kustomizations of directories define.
  private var built: [TreePath: Built] = [:]

  /// - Parameter position: Of the artifact in the plan of its generator.
  init(_ input: LintInput, _ files: ArtifactFiles, of generator: Int, _ position: Int) {
    self.input = input
    self.files = files
    self.generator = generator
    self.position = position
    place = input.generators[generator].place(ofArtifact: position)
  }

  private enum State {
    case open
    case done
  }

  enum Use {
    /// As the path of a consumer.
    case path
    case resource
    case component
  }

  /// Directories below each other that are followed; more has no kustomization that people write.
  private static let deepest = 100
  /// Bytes of a kustomization file and of a manifest that are read.
  static let largestFile: Int64 = 64 << 20
  /// Files that are no objects which are named for one path.
  private static let mostNamed = 20

  var subject: String {
    "ExternalArtifact/\(input.generators[generator].namespace)/\(files.name)"
  }

  /// One for each file where no consumer builds it: what it lacks is seldom meant to be there.
  var findings: [LintFinding] {
    var result = found
    for (position, more) in unused.values where more > 0 {
      result[position].message += " (and \(more) more of this file)"
    }
    return result
  }

  func isVisited(_ directory: TreePath) -> Bool { states[directory] != nil }

  private mutating func report(
    _ rule: LintRule, _ message: String, at entry: StagedEntry?, _ field: LintField = LintField(),
    in spot: Spot = Spot(), fix: String? = nil
  ) {
    let isIdle = !isUsed && rule != .notRead
    if isIdle, let entry {
      if unused[entry.path] != nil {
        unused[entry.path]?.more += 1
        return
      }
      unused[entry.path] = (found.count, 0)
    }
    // Where it was changed on its way there is no line of a file for it.
    var own: LintPlace?
    if let origin = entry?.provenance, origin.action == .copied {
      own = LintPlace(
        .source(generator: generator, alias: origin.alias, path: origin.source),
        document: spot.document, field: field, line: spot.line, column: spot.column)
    }
    found.append(
      LintFinding(
        isIdle ? .unusedKustomization : rule, message,
        at: own ?? place, of: subject, cause: own == nil ? nil : place, fix: fix))
  }

  // MARK: - Directories

  /// Follows a directory, as a consumer builds it.
  ///
  /// - Returns: Whether something is there that can make objects.
  mutating func build(_ directory: TreePath) -> Bool {
    guard !files.kustomizations(in: directory).isEmpty else { return scan(directory) }
    return visit(directory, as: .path)?.asksForObjects ?? true
  }

  /// Follows a directory that has a kustomization file.
  ///
  /// - Returns: The file; nil where it cannot be read.
  @discardableResult
  mutating func visit(
    _ directory: TreePath, as use: Use, depth: Int = 0
  ) -> KustomizationFile? {
    let found = files.kustomizations(in: directory)
    guard let path = found.first, let entry = files.file(path) else { return nil }
    let kustomization: KustomizationFile
    switch read(entry, as: use) {
    case .success(let file): kustomization = file
    case .failure(let reason):
      // A consumer's path is read more leniently than what others refer to.
      if states[directory] == nil || use != .path, isRefused.insert(directory).inserted {
        report(
          .badKustomization, "\(path) in artifact \(files.name) \(reason.text)", at: entry,
          reason.field, in: reason.spot)
      }
      if states[directory] == nil { states[directory] = .done }
      return nil
    }
    checkUse(use, of: kustomization, entry)
    guard states[directory] == nil else { return kustomization }
    if found.count > 1 {
      report(
        .badKustomization,
        "\(named(directory)) in artifact \(files.name) has several kustomization files: "
          + found.map { "\($0.base)" }.joined(separator: ", "), at: entry)
    }
    if let plugin = kustomization.plugin {
      report(
        .disabledPlugin,
        "\(path) in artifact \(files.name) uses \(plugin), which kustomize-controller refuses",
        at: entry,
        plugin)
    }
    guard depth < Self.deepest else {
      report(
        .badKustomization,
        "\(path) in artifact \(files.name) is more than \(Self.deepest) references away: it is not followed",
        at: entry)
      return kustomization
    }
    states[directory] = .open
    for reference in kustomization.references {
      follow(reference, from: entry, in: directory, depth: depth)
    }
    reportRepeated(kustomization, entry, in: directory)
    built[directory] = objects(of: kustomization, entry, in: directory)
    states[directory] = .done
    return kustomization
  }

  /// A place in a file.
  fileprivate struct Spot {
    /// Among the documents that are not empty, from 0.
    var document = 0
    /// From 1, where the file is no YAML.
    var line: Int?
    /// In characters, from 1.
    var column: Int?
  }

  fileprivate struct Unreadable: Error {
    var rule = LintRule.notAnObject
    let text: String
    var spot = Spot()
    var field = LintField()
  }

  /// What a file of objects contains.
  private struct Inspected {
    let isEmpty: Bool
    let complaint: Unreadable?
    var plugins: [Value] = []
    /// None of a file that is refused.
    var objects: [ResourceIdentity] = []
  }

  /// What a kustomization loads, before it changes anything.
  private struct Built {
    var objects: [ResourceIdentity] = []
    /// Whether it builds just these: nothing in it gives them other names or removes any.
    var isPlain = true
  }

  private func read(
    _ entry: StagedEntry, as use: Use
  ) -> Result<KustomizationFile, Unreadable> {
    guard case .file(let content, _) = entry.kind else {
      return .failure(Unreadable(text: "is no file"))
    }
    let bytes: [UInt8]
    do throws(PathFailure) {
      bytes = try content.readAll(limit: Self.largestFile)
    } catch {
      return .failure(Unreadable(text: "cannot be read: \(error)"))
    }
    do throws(DocumentError) {
      // Flux fills in what an empty file at the path of a consumer lacks; kustomize refuses others.
      guard let document = try YAML.parse(bytes, as: .kustomize).first else {
        return use == .path
          ? understood(.object([:]), bytes, as: use)
          : .failure(Unreadable(text: "has no content, which kustomize refuses"))
      }
      guard document.object != nil else {
        return .failure(Unreadable(text: "contains no object"))
      }
      // What kustomize reads a kustomization with finds a text in `y`.
      return understood((try? YAML.converted(bytes)) ?? document, bytes, as: use)
    } catch {
      return .failure(Unreadable(text: "is not valid YAML: \(error)", spot: Spot(error)))
    }
  }

  private func understood(
    _ document: Value, _ bytes: [UInt8], as use: Use
  ) -> Result<KustomizationFile, Unreadable> {
    guard !AliasBudget.isExceeded(by: [document], in: bytes) else {
      return .failure(Unreadable(text: "is not read: \(AliasBudget.message)"))
    }
    if use != .path, KustomizationSchema.isEmpty(document) {
      return .failure(
        Unreadable(
          text: "sets no field but apiVersion and kind, which kustomize refuses as an empty file"))
    }
    do throws(KustomizationSchema.Mismatch) {
      let file = try KustomizationSchema.file(document, use == .path ? .lenient : .strict)
      if let mismatch = KustomizationSchema.objection(toTypeOf: file) { throw mismatch }
      return KustomizationFile(file).map { .success($0) }
        ?? .failure(Unreadable(text: "contains no object"))
    } catch {
      return .failure(
        Unreadable(text: "is invalid: \(error.text)", field: LintField(error.field)))
    }
  }

  /// What is listed twice: kustomize refuses the second of two objects with one name.
  private mutating func reportRepeated(
    _ kustomization: KustomizationFile, _ entry: StagedEntry, in directory: TreePath
  ) {
    var seen: Set<TreePath> = []
    for reference in kustomization.references where reference.role == .resource {
      let target = directory.joined(TreePath(reference.path))
      guard files.file(target) != nil || files.isDirectory(target), !seen.insert(target).inserted
      else { continue }
      if contents[target]?.isEmpty == true { continue }
      report(
        .badKustomization,
        "\(entry.path) in artifact \(files.name) lists \(reference.path) twice: its objects are "
          + "refused the second time", at: entry, reference.field, fix: "remove one of the entries")
    }
  }

  /// What a kustomization loads; an object that is there already is reported, since kustomize refuses it
  /// (`resWrangler.Append` in its `resmap`).
  ///
  /// Generators are passed over: the names of what they make are not known.
  private mutating func objects(
    of kustomization: KustomizationFile, _ entry: StagedEntry, in directory: TreePath
  ) -> Built {
    var result = Built(isPlain: kustomization.keepsIdentities)
    var places: [ResourceIdentity: String] = [:]
    var listed: Set<TreePath> = []
    for role in [KustomizationFile.Reference.Role.resource, .component] {
      for reference in kustomization.references where reference.role == role {
        let target = directory.joined(TreePath(reference.path))
        // What is listed twice is reported as that.
        guard listed.insert(target).inserted else { continue }
        let part = built[target]
        // What was renamed or removed is not known.
        if role == .resource, part?.isPlain == false { continue }
        let objects = contents[target]?.objects ?? part?.objects ?? []
        let repeated = objects.filter { places[$0] != nil }
        if let first = repeated.first, let place = places[first] {
          let more = repeated.count > 1 ? " (and \(repeated.count - 1) more objects)" : ""
          report(
            .badKustomization,
            "\(entry.path) in artifact \(files.name) lists \(reference.path), which contains "
              + "\(first) as \(place) does\(more): kustomize refuses the second", at: entry,
            reference.field, fix: "remove one of them, or give it another name or namespace")
          return Built(isPlain: false)
        }
        for object in objects { places[object] = reference.path }
        result.objects += objects
        guard role == .component, part?.isPlain == false else { continue }
        result.isPlain = false
        return result
      }
    }
    return result
  }

  private mutating func checkUse(_ use: Use, of file: KustomizationFile, _ entry: StagedEntry) {
    switch use {
    case .resource where file.isComponent:
      report(
        .badKustomization,
        "\(entry.path) in artifact \(files.name) is a Component, but it is used as a resource",
        at: entry,
        LintField([.key("kind")]), fix: "list it in components, or copy it to another directory")
    case .component where !file.isComponent:
      report(
        .badKustomization,
        "\(entry.path) in artifact \(files.name) is not a Component, but it is used as one",
        at: entry, LintField([.key("kind")]), fix: "list it in resources, or set kind: Component")
    case .path, .resource, .component: break
    }
  }

  private func named(_ directory: TreePath) -> String {
    directory.isRoot ? "the root" : "\(directory)"
  }

  // MARK: - References

  private mutating func follow(
    _ reference: KustomizationFile.Reference, from entry: StagedEntry, in directory: TreePath,
    depth: Int
  ) {
    let isAbsolute = reference.path.utf8.first == TreePath.slash
    let target = directory.joined(TreePath(reference.path))
    let leaves = isAbsolute || target.leavesRoot
    if !leaves, let file = files.file(target) {
      guard reference.role == .component else {
        if reference.role != .file { check(file, for: reference, entry, in: directory, depth) }
        return
      }
      report(
        .badKustomization,
        "\(entry.path) in artifact \(files.name) uses \(reference.path) as a component, which is a file",
        at: entry, reference.field)
      return
    }
    // It is asked before a directory is.
    guard !KustomizeReference.isRemote(reference.path) else { return }
    if !leaves, files.isDirectory(target), reference.role != .file {
      enter(target, reference, from: entry, depth: depth)
      if reference.role == .plugin {
        var seen: Set<TreePath> = []
        followPlugins(in: target, for: reference, entry, in: directory, depth, &seen)
      }
      return
    }
    reportMissing(reference, target: target, leaves: leaves, isAbsolute: isAbsolute, from: entry)
  }

  /// Whether kustomize takes a file for objects; what a plugin's configuration names is followed.
  private mutating func check(
    _ file: StagedEntry, for reference: KustomizationFile.Reference, _ entry: StagedEntry,
    in directory: TreePath, _ depth: Int
  ) {
    guard case .file(let content, _) = file.kind else { return }
    let isPlugin = reference.role == .plugin
    let isKnown = contents[file.path] != nil
    let known = isPlugin ? nil : contents[file.path]
    let found = known ?? Self.content(of: content, needsValues: isPlugin)
    contents[file.path] = found
    if let complaint = found.complaint {
      guard !isKnown else { return }
      report(
        complaint.rule == .notAnObject ? .badKustomization : complaint.rule,
        "\(file.path) in artifact \(files.name), which \(entry.path) lists, \(complaint.text)",
        at: file, in: complaint.spot)
      return
    }
    guard isPlugin else { return }
    follow(found.plugins, of: file, for: reference, entry, in: directory, depth)
  }

  /// Follows what the resources of a directory of plugins name.
  private mutating func followPlugins(
    in target: TreePath, for reference: KustomizationFile.Reference, _ entry: StagedEntry,
    in directory: TreePath, _ depth: Int, _ seen: inout Set<TreePath>
  ) {
    guard depth < Self.deepest, seen.insert(target).inserted,
      let path = files.kustomizations(in: target).first, let file = files.file(path),
      case .success(let kustomization) = read(file, as: .resource)
    else { return }
    for inner in kustomization.references where inner.role == .resource || inner.role == .component
    {
      let place = target.joined(TreePath(inner.path))
      if let file = files.file(place), case .file(let content, _) = file.kind {
        let plugins = Self.content(of: content, needsValues: true).plugins
        follow(plugins, of: file, for: reference, entry, in: directory, depth)
      } else if files.isDirectory(place) {
        followPlugins(in: place, for: reference, entry, in: directory, depth + 1, &seen)
      }
    }
  }

  private mutating func follow(
    _ plugins: [Value], of file: StagedEntry, for reference: KustomizationFile.Reference,
    _ entry: StagedEntry, in directory: TreePath, _ depth: Int
  ) {
    for plugin in plugins {
      if !KustomizePlugin.isBuiltin(plugin) {
        report(
          .disabledPlugin,
          "\(entry.path) in artifact \(files.name) uses a plugin in \(file.path) that "
            + "kustomize-controller refuses", at: entry, reference.field)
      }
      for path in KustomizePlugin.files(of: plugin) {
        follow(
          KustomizationFile.Reference(
            path: path, role: .file, field: reference.field, origin: file.path),
          from: entry, in: directory, depth: depth)
      }
    }
  }

  private mutating func enter(
    _ target: TreePath, _ reference: KustomizationFile.Reference, from entry: StagedEntry,
    depth: Int
  ) {
    if files.kustomizations(in: target).isEmpty {
      report(
        .badKustomization,
        "\(entry.path) refers to \(reference.path), which has no kustomization.yaml in artifact "
          + files.name, at: entry, reference.field)
    } else if isAround(target) {
      report(
        .kustomizationCycle,
        "\(entry.path) in artifact \(files.name) refers to \(reference.path), which refers back to it",
        at: entry, reference.field)
    } else {
      visit(target, as: reference.role == .component ? .component : .resource, depth: depth + 1)
    }
  }

  /// Whether a directory that is being followed is a directory, or below it: kustomize refuses to come back
  /// to either (`errIfArgEqualOrHigher` in its `fileloader.go`).
  private func isAround(_ target: TreePath) -> Bool {
    let prefix = target.isRoot ? [] : target.bytes + [TreePath.slash]
    return states.contains { directory, state in
      state == .open && (directory == target || directory.bytes.starts(with: prefix))
    }
  }

  private mutating func reportMissing(
    _ reference: KustomizationFile.Reference, target: TreePath, leaves: Bool, isAbsolute: Bool,
    from entry: StagedEntry
  ) {
    let configuration = reference.origin.map { " (in \($0))" } ?? ""
    let beginning =
      "\(entry.path) in artifact \(files.name) refers to \(reference.path)\(configuration), which "
    guard !isAbsolute else {
      report(
        .brokenReference, beginning + "is an absolute path: kustomize-controller refuses it",
        at: entry,
        reference.field)
      return
    }
    if !leaves, let (exclusion, place) = files.exclusion(of: target),
      input.source(generator, exclusion.alias)?.kind(place) != nil
    {
      let field = "exclude of copy[\(exclusion.operation)]"
      report(
        .notInArtifact, beginning + "is not in the artifact: \(exclusion)", at: entry,
        reference.field,
        fix:
          "remove '\(exclusion.pattern)' from \(field), or write a pattern that leaves the file in")
      return
    }
    let outside = leaves ? "is outside of the artifact" : "is not in the artifact"
    guard let origin = entry.provenance, origin.action == .copied,
      let source = input.source(generator, origin.alias)
    else {
      report(.notInArtifact, beginning + outside, at: entry, reference.field)
      return
    }
    let wanted = origin.source.directory.joined(TreePath(reference.path))
    guard let kind = wanted.leavesRoot ? nil : source.kind(wanted) else {
      let reason = source.absence(wanted).map { ": \($0)" } ?? ""
      report(
        .brokenReference,
        beginning + "is neither in the artifact nor in source '\(origin.alias)'\(reason)",
        at: entry, reference.field)
      return
    }
    if let pattern = leaves ? nil : files.ignored(target) {
      report(
        .notInArtifact,
        beginning + "is copied, but the controller leaves it out of the archive ('\(pattern)')",
        at: entry, reference.field, fix: "rename the file or directory")
      return
    }
    report(
      .notInArtifact, beginning + outside, at: entry, reference.field,
      fix: CopyRemedy(input, generator, position, alias: origin.alias, files: files)?
        .text(for: wanted, kind, to: leaves ? nil : target, from: origin))
  }

  /// The copy operation for a directory that a source has in the same place; nil where none has it.
  ///
  /// With a path pattern, what is right for one artifact is wrong for the others.
  func remedy(forMissing directory: TreePath) -> String? {
    let spec = input.generators[generator].generator.spec
    guard spec.pathPattern == nil, !directory.isRoot,
      !CopyRules.containsGlobCharacters(directory.bytes)
    else { return nil }
    for alias in spec.sources.map(\.alias)
    where input.source(generator, alias)?.kind(directory) == .directory {
      return
        "add {from: \("@\(alias)/\(directory)/**".goQuoted), to: \("@artifact/\(directory)/".goQuoted)} "
        + "to the artifact"
    }
    return nil
  }

  // MARK: - Generated kustomizations

  /// What kustomize-controller puts into the kustomization that it generates (`scanManifests` in
  /// fluxcd/pkg's `kustomize_generator.go`).
  ///
  /// - Returns: Whether there is anything.
  private mutating func scan(_ directory: TreePath) -> Bool {
    var passed: [UInt8]?
    var named = 0
    var hasObjects = false
    var places: [ResourceIdentity: TreePath] = [:]
    for entry in files.below(directory) where entry.ignoredBy == nil {
      if let prefix = passed, entry.path.bytes.starts(with: prefix) { continue }
      switch entry.kind {
      case .directory:
        guard !files.kustomizations(in: entry.path).isEmpty else { continue }
        passed = entry.path.bytes + [TreePath.slash]
        hasObjects = true
        visit(entry.path, as: .resource, depth: 1)
        if let part = built[entry.path], part.isPlain,
          let file = files.kustomizations(in: entry.path).first.flatMap(files.file)
        {
          note(part.objects, of: file, in: &places)
        }
      case .file(let content, _):
        guard entry.path.hasSuffix(".yaml") || entry.path.hasSuffix(".yml") else { continue }
        hasObjects = true
        let found = Self.content(of: content, needsValues: false)
        note(found.objects, of: entry, in: &places)
        guard let complaint = found.complaint, named < Self.mostNamed else { continue }
        named += 1
        report(
          complaint.rule,
          "\(entry.path) in artifact \(files.name) \(complaint.text), and the path has no "
            + "kustomization.yaml", at: entry, in: complaint.spot)
      }
    }
    return hasObjects
  }

  /// Reports an object that the generated kustomization has already.
  private mutating func note(
    _ objects: [ResourceIdentity], of entry: StagedEntry,
    in places: inout [ResourceIdentity: TreePath]
  ) {
    if let repeated = objects.first(where: { places[$0] != nil }), let place = places[repeated] {
      report(
        .badKustomization,
        "\(entry.path) in artifact \(files.name) defines \(repeated) as \(place) does, and the path has "
          + "no kustomization.yaml: kustomize refuses the second", at: entry,
        fix: "remove one of them, or add a kustomization.yaml that lists the manifests")
    }
    for object in objects where places[object] == nil { places[object] = entry.path }
  }

  private static func content(of content: FileContent, needsValues: Bool) -> Inspected {
    let bytes: [UInt8]
    do throws(PathFailure) {
      bytes = try content.readAll(limit: largestFile)
    } catch {
      return Inspected(
        isEmpty: false,
        complaint: Unreadable(
          rule: .notRead, text: "is not checked: \(error)"))
    }
    // Reading all objects of a large repository would take longer than building it.
    if !needsValues, let object = PlainManifest.identity(bytes) {
      return Inspected(isEmpty: false, complaint: nil, objects: [object])
    }
    let reading = ResourceCheck.read(bytes)
    var complaint = reading.objection.map {
      Unreadable($0, in: Spot(document: reading.position ?? 0))
    }
    let objects = reading.documents.enumerated().flatMap { position, document in
      ResourceCheck.objects(of: document).map { (position, ResourceIdentity($0)) }
    }
    var seen: Set<ResourceIdentity> = []
    let repeated = objects.first { !seen.insert($0.1).inserted }
    if complaint == nil, let (position, object) = repeated {
      complaint = Unreadable(
        rule: .badKustomization, text: "contains \(object) twice, which kustomize refuses",
        spot: Spot(document: position))
    }
    return Inspected(
      // Of a file that is refused nothing is known.
      isEmpty: reading.documents.isEmpty && reading.objection == nil, complaint: complaint,
      plugins: reading.documents, objects: complaint == nil ? objects.map(\.1) : [])
  }
}

extension KustomizationWalk.Spot {
  fileprivate init(_ error: DocumentError) {
    self.init(line: error.line, column: error.column)
  }
}

extension KustomizationWalk.Unreadable {
  fileprivate init(_ objection: ResourceCheck.Objection, in spot: KustomizationWalk.Spot) {
    switch objection {
    case .malformed(let error):
      self.init(text: "is not valid YAML (\(error))", spot: KustomizationWalk.Spot(error))
      return
    case .aliases: self.init(text: "is not read: \(AliasBudget.message)")
    case .noObject: self.init(text: "contains no Kubernetes object")
    case .noMap(let field, let type):
      self.init(text: "contains an object whose \(field) is a \(type) instead of a map")
    case .noKind: self.init(text: "contains an object without kind")
    case .noName(let kind, _): self.init(text: "contains a \(kind) without metadata.name")
    }
    self.spot = spot
  }
}
