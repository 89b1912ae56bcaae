package import Content
package import Document
import FluxModel
import Generation
package import KubeAPI
import Objects
import Platform
import Publishing

/// Finds what files of sources and manifests go into, without building an archive.
package struct AffectedFiles: Sendable {
  private let request: BuildRequest
  /// The values of `-f` and `--manifests`.
  private let manifests: [String]
  /// The objects in those.
  private let users: [Value]

  package init(_ request: BuildRequest, manifests: [String], users: [Value]) {
    var request = request
    request.explains = true
    request.needsRevisions = false
    self.request = request
    self.manifests = manifests
    self.users = users
  }

  /// Where relative names begin.
  package enum Base: Sendable {
    case currentDirectory
    /// The top of the work tree that the current directory is in, as `git diff` writes names; outside of
    /// any, the directory itself.
    case workTree
  }

  /// - Parameters:
  ///   - names: In native bytes.
  ///   - cluster: Which consumers there are beside those of the manifests; nil for nothing.
  /// - Throws: `OperationError` for what cannot be read; what fails to build is in the report.
  package func run(
    _ names: [TreePath], from base: Base, on cluster: (any Cluster)?
  ) async throws -> AffectedReport {
    var report = AffectedReport()
    let start: [UInt8]
    switch base {
    case .workTree:
      start = await FilePlaces.workTree(of: ".", environment: request.environment) ?? Self.here
    case .currentDirectory: start = Self.here
    }
    let files = FilePlaces(base: start)
    var absolute: [[UInt8]] = []
    var known: Set<TreePath> = []
    for name in names {
      // A file has many names.
      let path = files.absolute(name)
      guard known.insert(TreePath(path)).inserted else { continue }
      absolute.append(path)
      var file = AffectedReport.File(name: name)
      file.exists = Disk.exists(String(nativeBytes: path))
      report.files.append(file)
    }
    try await follow(absolute, into: &report)
    await addConsumers(from: cluster, into: &report)
    return report
  }

  private static var here: [UInt8] { (try? Disk.resolved(".")) ?? Array(".".utf8) }

  // MARK: - Through sources

  private func follow(_ paths: [[UInt8]], into report: inout AffectedReport) async throws {
    var places: [SourceMapping: [TreePath: [Int]]] = [:]
    var whole: [SourceMapping: Int] = [:]
    for mapping in request.mappings {
      guard
        let root = await FilePlaces.root(of: mapping, environment: request.environment)
      else { continue }
      for (index, path) in paths.enumerated() {
        guard let inner = FilePlaces.inner(path, of: root) else { continue }
        if inner.isRoot {
          whole[mapping] = index
        } else {
          places[mapping, default: [:]][inner, default: []].append(index)
        }
      }
    }
    let build = BuildArtifacts(request)
    let sources = try await build.sources()
    let plan = try build.plan(sources)
    for (mapping, named) in places { places[mapping] = spread(named, of: mapping, in: sources) }
    report.warnings = plan.report.warnings
    report.notes = plan.report.notes
    report.errors = errors(of: plan.plans)
    let trace = FileTrace(request.inputs, plan.plans, sources, places: places)
    let missing = absences(of: places, in: sources)
    var restored: FileTrace?
    if !missing.isEmpty {
      // Where a file was, it would be copied as one that is there.
      var request = self.request
      request.restored = missing.mapValues { Array($0.keys) }
      request.warnsOfUnused = false
      let build = BuildArtifacts(request)
      let sources = try await build.sources()
      let plan = try build.plan(sources)
      restored = FileTrace(request.inputs, plan.plans, sources, places: missing)
      let known = Set(report.errors.map { "\($0.generator) \($0.artifact ?? "")" })
      for error in errors(of: plan.plans)
      where !known.contains("\(error.generator) \(error.artifact ?? "")") {
        report.warnings.append(
          "\(error.generator): its build fails with the missing files added, so the artifacts "
            + "that they affect are unknown: \(error.text)")
      }
    }
    let gone = Set(missing.values.flatMap(\.values).joined())
    for index in report.files.indices {
      // What is missing in one source can be in another.
      report.files[index].feeds =
        (trace.feeds[index] ?? []) + (gone.contains(index) ? restored?.feeds[index] ?? [] : [])
      report.files[index].reasons =
        gone.contains(index) ? restored?.drops[index] ?? [] : trace.drops[index] ?? []
      if gone.contains(index), trace.feeds[index] == nil { report.files[index].exists = false }
    }
    addRules(places, plan.plans, into: &report)
    for (mapping, index) in whole {
      report.files[index].feeds += artifacts(plan.plans) { source, input in
        request.mappings.of(source, in: input.namespace) == mapping
          ? .source(alias: source.alias) : nil
      }
    }
    addManifests(paths, plan.plans, into: &report)
    addObjects(paths, into: &report)
    let inSources = Set(places.values.flatMap(\.values).joined()).union(whole.values)
    for index in report.files.indices {
      finish(&report.files[index], at: paths[index], isInSource: inSources.contains(index))
    }
  }

  /// The named places with all that stands for them: what is below a directory, such as a submodule, of
  /// which git lists nothing else; and links that lead to a named file, where links are followed.
  private func spread(
    _ named: [TreePath: [Int]], of mapping: SourceMapping, in sources: BuildSources
  ) -> [TreePath: [Int]] {
    var result = named
    func add(_ path: TreePath, as place: TreePath) {
      guard path != place else { return }
      for index in named[place] ?? [] where result[path]?.contains(index) != true {
        result[path, default: []].append(index)
      }
    }
    func add(_ path: TreePath, asPartOf part: TreePath) {
      var folder = part
      while !folder.isRoot {
        add(path, as: folder)
        folder = folder.directory
      }
    }
    var isRead = false
    for (key, read) in sources.read where key.mapping == mapping {
      guard case .success(let source?) = read else { continue }
      isRead = true
      for entry in source.published.entries { add(entry.path, asPartOf: entry.path) }
      for left in source.published.leftOut { add(left.path, asPartOf: left.path) }
    }
    guard !isRead, let root = try? Disk.resolved(mapping.path),
      (try? Disk.status(of: mapping.path))?.kind == .directory
    else { return result }
    try? FileTree(disk: root).root.walk { path, node in
      add(path, asPartOf: path)
      guard node.kind == .link,
        let target = try? Disk.resolved(String(nativeBytes: root + [TreePath.slash] + path.bytes)),
        let inner = FilePlaces.inner(target, of: root)
      else { return }
      add(path, asPartOf: inner)
      guard (try? Disk.status(of: String(nativeBytes: target)))?.kind == .directory else { return }
      // What is below the directory is below the link, too.
      for place in named.keys where place != inner {
        guard let rest = FilePlaces.inner(place.bytes, of: inner.bytes) else { continue }
        add(path.joined(rest), as: place)
      }
    }
    return result
  }

  /// Those of the files that a source does not have.
  private func absences(
    of places: [SourceMapping: [TreePath: [Int]]], in sources: BuildSources
  ) -> [SourceMapping: [TreePath: [Int]]] {
    var result: [SourceMapping: [TreePath: [Int]]] = [:]
    for (mapping, files) in places {
      var known: Set<TreePath> = []
      var isRead = false
      for (key, read) in sources.read where key.mapping == mapping {
        guard case .success(let source?) = read else { continue }
        isRead = true
        known.formUnion(source.published.entries.map(\.path))
        known.formUnion(source.published.leftOut.map(\.path))
      }
      let lost = files.filter { path, _ in
        isRead
          ? !known.contains(path)
          : !Disk.exists("\(mapping.path)/\(String(nativeBytes: path.bytes))")
      }
      if !lost.isEmpty { result[mapping] = lost }
    }
    return result
  }

  private func errors(of plans: BuildPlanning.Plans) -> [BuildReport.GeneratorError] {
    request.inputs.enumerated().flatMap { index, input -> [BuildReport.GeneratorError] in
      let name = BuildReport.ObjectName(namespace: input.namespace, name: input.generator.name)
      switch plans[index] {
      case .failure(let failure)?: return [BuildReport.GeneratorError(generator: name, failure)]
      case .success(let planned)?:
        return planned.plan.artifacts.compactMap { artifact in
          guard case .failure(let failure) = artifact.outcome else { return nil }
          return BuildReport.GeneratorError(
            generator: name, artifact: artifact.name, failure)
        }
      case nil: return []
      }
    }
  }

  // MARK: - Other ways

  /// A `.sourceignore` decides what a source publishes, wherever it goes itself.
  private func addRules(
    _ places: [SourceMapping: [TreePath: [Int]]], _ plans: BuildPlanning.Plans,
    into report: inout AffectedReport
  ) {
    for (mapping, files) in places {
      for (path, indices) in files where path.base == TreePath(IgnoreRules.fileName) {
        for index in indices {
          report.files[index].feeds += artifacts(plans) { source, input in
            request.mappings.of(source, in: input.namespace) == mapping
              ? .rules(alias: source.alias) : nil
          }
        }
      }
    }
  }

  /// The artifacts of the generators with a source that something is true of.
  ///
  /// - Parameter cause: Nil for a source that it is not true of.
  private func artifacts(
    _ plans: BuildPlanning.Plans,
    _ cause: (ArtifactGenerator.SourceReference, GeneratorInput) -> AffectedReport.Cause?
  ) -> [AffectedReport.Feed] {
    request.inputs.indices.flatMap { index -> [AffectedReport.Feed] in
      let input = request.inputs[index]
      for source in input.generator.spec.sources {
        if let found = cause(source, input) { return artifacts(of: index, plans, because: found) }
      }
      return []
    }
  }

  /// All artifacts of a generator; of one that fails, those that its manifest names.
  private func artifacts(
    of index: Int, _ plans: BuildPlanning.Plans, because cause: AffectedReport.Cause
  ) -> [AffectedReport.Feed] {
    let input = request.inputs[index]
    let names: [String]
    if case .success(let planned)? = plans[index] {
      names = planned.plan.artifacts.map(\.name)
    } else {
      names = input.generator.spec.artifacts.map(\.name)
    }
    return names.map { name in
      AffectedReport.Feed(
        generator: BuildReport.ObjectName(
          namespace: input.namespace, name: input.generator.name),
        artifact: ObjectID(.externalArtifact, namespace: input.namespace, name: name),
        cause: cause)
    }
  }

  /// The Flux objects of a manifest, and what is built by them.
  private func addManifests(
    _ paths: [[UInt8]], _ plans: BuildPlanning.Plans, into report: inout AffectedReport
  ) {
    let roots = manifests.filter { $0 != "-" }.compactMap { try? Disk.resolved($0) }
    for (index, path) in paths.enumerated() {
      let name = String(nativeBytes: path)
      guard roots.contains(where: { FilePlaces.inner(path, of: $0) != nil }),
        roots.contains(path) || ManifestTree.isManifest(name)
          || TreeKustomizations.isKustomization(name)
      else { continue }
      guard Disk.isFile(name) else {
        report.files[index].reasons.append(
          "the manifest no longer exists: diff --base shows what it defined")
        // What is copied is told apart from what defined something by where it goes.
        if report.files[index].feeds.isEmpty { report.files[index].unknown = .deletedManifest }
        continue
      }
      if TreeKustomizations.isKustomization(name), report.files[index].feeds.isEmpty {
        report.files[index].unknown = .kustomization
        report.files[index].reasons.append(
          "it changes the objects that it includes: diff --base shows how")
      }
      let objects = objects(
        in: try? Disk.read(name, limit: ManifestTree.largestFile),
        skipsRecorded: !roots.contains(path))
      for id in objects {
        guard let kind = id.fluxKind else { continue }
        report.files[index].defines.append(id)
        for (position, input) in request.inputs.enumerated() {
          let isOwn =
            kind == .artifactGenerator && id.name == input.generator.name
            && id.namespace == input.namespace
          let isSource = input.generator.spec.sources.contains { source in
            source.kind == id.kind && source.name == id.name
              && (source.namespace ?? input.namespace) == id.namespace
          }
          guard isOwn || isSource else { continue }
          report.files[index].feeds += artifacts(of: position, plans, because: .manifest(id))
        }
      }
    }
  }

  /// The objects of a manifest; none where it is no YAML.
  private func objects(in bytes: [UInt8]?, skipsRecorded: Bool = false) -> [ObjectID] {
    guard let bytes, let documents = try? YAML.parse(bytes) else { return [] }
    var ids: [ObjectID] = []
    let applied = documents.filter { !skipsRecorded || !Snapshot.isRecorded($0) }
    for object in applied.flatMap(\.listed) {
      guard let id = ObjectID(of: object) else { continue }
      // A kustomization.yaml is no object of a cluster.
      guard !id.group.hasSuffix("kustomize.config.k8s.io") else { continue }
      ids.append(
        id.namespace.isEmpty && id.fluxKind != nil
          ? ObjectID(
            group: id.group, kind: id.kind, namespace: request.objects.namespace, name: id.name)
          : id)
    }
    return ids
  }

  /// The objects in the files that are copied.
  private func addObjects(_ paths: [[UInt8]], into report: inout AffectedReport) {
    for (index, path) in paths.enumerated() where report.files[index].exists {
      let isCopied = report.files[index].feeds.contains { feed in
        if case .copied(let copy) = feed.cause { copy.action != .extracted } else { false }
      }
      let name = String(nativeBytes: path)
      guard isCopied, ManifestTree.isManifest(name), Disk.isFile(name) else { continue }
      report.files[index].objects = objects(
        in: try? Disk.read(name, limit: ManifestTree.largestFile))
    }
  }

  /// Says why, where it affects nothing.
  private func finish(_ file: inout AffectedReport.File, at path: [UInt8], isInSource: Bool) {
    let isDirectory = (try? Disk.status(of: String(nativeBytes: path)))?.kind == .directory
    if isDirectory { file.shortenAsDirectory() }
    if file.affectsAnything { return }
    if file.reasons.isEmpty {
      file.reasons = [
        isInSource
          ? "no generator that can be built uses its source"
          : "it is not in any --source, and defines no Flux object in -f or --manifests"
      ]
    }
  }

  // MARK: - Consumers

  private func addConsumers(
    from cluster: (any Cluster)?, into report: inout AffectedReport
  ) async {
    let artifacts = Set(report.files.flatMap { $0.feeds.map(\.artifact) })
    var objects: [ObjectID: Value] = [:]
    if let cluster {
      let loaded = await GraphLoader.load(
        from: cluster, fallback: request.objects.namespace, kinds: [.kustomization, .helmRelease])
      report.warnings += ReadGap.lines(loaded.relevantNotes)
      for object in loaded.objects {
        if let id = ObjectID(of: object) { objects[id] = object }
      }
    }
    // As they will be.
    for object in users {
      if let id = ObjectID(of: object) { objects[id] = object }
    }
    for id in objects.keys.sorted() where id.fluxKind?.isConsumer == true {
      guard let object = objects[id] else { continue }
      for source in DeliveryLinks(contentOf: object).sources where artifacts.contains(source.id) {
        report.consumers[source.id, default: []].append(id)
      }
    }
  }
}
