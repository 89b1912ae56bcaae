import Archive
import Content
import Document
import FluxModel
import Generation
import Git
import Objects
import Platform
import Publishing
import SystemPackage

/// Reads sources as source-controller would publish them.
package struct SourceReader: Sendable {
  package var objects: SourceObjects
  package var mappings: [SourceMapping]
  /// Our own variables: where `git` is, and where its user's configuration lies.
  package var environment: [String: String]
  package var temporaryFolder: String
  /// Whether uncommitted files are an error.
  package var requiresClean = false
  /// Files that are added where a source does not have them, without content.
  var restored: [SourceMapping: [TreePath]] = [:]
  /// See ``BuildRequest/isPast``.
  var isPast = false
  /// See ``BuildRequest/needed``.
  var needed: [SourceMapping: [TreePath]] = [:]
  /// Bytes of content that are unpacked of one archive.
  package var sizeLimit: Int64?
  /// What was read of repositories before.
  var known: KnownBlobs?

  package init(
    objects: SourceObjects, mappings: [SourceMapping], environment: [String: String],
    temporaryFolder: String
  ) {
    self.objects = objects
    self.mappings = mappings
    self.environment = environment
    self.temporaryFolder = temporaryFolder
  }

  /// What lies in the controller's working directory, or in ours for it.
  struct Origin {
    var tree: FileTree
    var source: ReadSource
    /// The file that is read as it is: neither folder nor repository.
    var isArtifact = false
    var sparseLeftOut: [PublishedTree.LeftOut] = []
  }

  /// Reads a source.
  ///
  /// - Parameter identity: the object that it is of; nil if unknown.
  /// - Returns: nil for a folder or archive that is taken as it is.
  /// - Throws: `SourceFailure` where nothing would be published, `OperationError` for what cannot be
  ///   read here.
  package func read(
    _ mapping: SourceMapping, as identity: ReadSource.Identity?
  ) async throws -> ReadSource? {
    do {
      return try await publish(mapping, as: identity, chain: [])
    } catch let error as GitError {
      throw refusal(error, mapping)
    } catch let error as PathError {
      throw OperationError(.invalidInput, "--source \(mapping.text): \(error)")
    } catch let error as PathFailure {
      throw OperationError(.invalidInput, "--source \(mapping.text): \(error)")
    }
  }

  private func refusal(_ error: GitError, _ mapping: SourceMapping) -> any Error {
    switch error.kind {
    case .isEmpty: SourceFailure(.sourceController, error.description)
    case .isSHA256:
      SourceFailure(
        .sourceController,
        "failed to checkout and determine revision: \(error): source-controller cannot clone it")
    default: OperationError(.invalidInput, "--source \(mapping.text): \(error)")
    }
  }

  /// - Parameter chain: The objects that include this one.
  private func publish(
    _ mapping: SourceMapping, as identity: ReadSource.Identity?, chain: [ReadSource.Identity]
  ) async throws -> ReadSource? {
    var found: SourceObjects.Found?
    if let identity {
      found = try await objects.find(
        kind: identity.kind, namespace: identity.namespace, name: identity.name)
    }
    let warnings = try found.map(objects.unknownFields) ?? []
    var source = try await publish(mapping, as: identity, found, chain: chain)
    source?.warnings += warnings
    return source
  }

  private func publish(
    _ mapping: SourceMapping, as identity: ReadSource.Identity?, _ found: SourceObjects.Found?,
    chain: [ReadSource.Identity]
  ) async throws -> ReadSource? {
    switch identity?.kind {
    case "HelmChart":
      return try await chart(mapping, identity, found)
    case "OCIRepository":
      return try await image(mapping, identity, found)
    default:
      break
    }
    let spec = found?.object["spec"] ?? .null
    guard var origin = try await self.origin(mapping, identity, found) else { return nil }
    let sparse = SparseCheckout(spec["sparseCheckout"]?.texts ?? [])
    for path in restored[mapping] ?? [] {
      if let sparse, !sparse.takes(path) {
        origin.sparseLeftOut.append(
          PublishedTree.LeftOut(path: path, isDirectory: false, reason: .sparseCheckout))
      } else {
        origin.tree.restore(path)
      }
    }
    switch identity?.kind {
    case "Bucket":
      let result = try BucketObjects.publish(
        origin.tree, prefix: spec["prefix"]?.string ?? "", specIgnore: spec["ignore"]?.string)
      origin.source.published = result.tree
      origin.source.revision = result.revision
      origin.source.assumed.append("the store's ETags are MD5 sums")
    case "ExternalArtifact":
      origin.source.published = try PublishedTree(unpacked: origin.tree)
    default:
      let tree = origin.tree
      try await include(spec, of: identity, into: tree, of: &origin.source, chain: chain)
      origin.source.published = try TreePublisher.publish(
        origin.tree, specIgnore: spec["ignore"]?.string)
      origin.source.published.leftOut += origin.sparseLeftOut + origin.source.leftOutOfParts
    }
    noteMissingObject(identity, found, in: &origin.source)
    addRemarks(to: &origin.source)
    return origin.source
  }

  private func noteMissingObject(
    _ identity: ReadSource.Identity?, _ found: SourceObjects.Found?, in source: inout ReadSource
  ) {
    guard found == nil, identity?.kind != "ExternalArtifact" else { return }
    let name = identity?.text ?? "the object of source \(source.name)"
    source.assumed.append("\(name) has an empty spec")
    source.notes.append(
      "\(name) is unknown (use --manifests FILE): its spec is assumed to be empty, so only "
        + (identity?.kind == "Bucket"
          ? "the .sourceignore at the top of the bucket applies"
          : ".sourceignore files and the default excludes apply"))
  }

  // MARK: - Where the files come from

  /// - Returns: nil for what is used as it is, such as an unpacked artifact.
  private func origin(
    _ mapping: SourceMapping, _ identity: ReadSource.Identity?, _ found: SourceObjects.Found?
  ) async throws -> Origin? {
    let spec = found?.object["spec"] ?? .null
    var source = ReadSource(name: mapping.key.text, identity: identity, origin: .directory)
    switch SourceSpec(mapping.value) {
    case .git(let directory, let revision):
      let checkout = GitCheckout(
        repository: try await GitRepository(directory, environment: environment),
        spec: identity?.kind == "GitRepository" ? spec : .null,
        spool: try Spool(folder: temporaryFolder), known: known, isPast: isPast)
      source.origin = .git
      return try await checkout.commit(
        revision: try await published(revision, mapping, identity), isKnown: found != nil,
        places: needed[mapping] ?? [.root], into: source)
    case .push:
      throw OperationError(
        .invalidArgument,
        "--source \(mapping.text): push: is only for an OCIRepository, but this is "
          + (identity?.text ?? "an unknown object"))
    case .folder(let path):
      guard found != nil, identity?.kind != "ExternalArtifact" else { return nil }
      return try folder(path, spec: spec, into: source)
    case .path(let path):
      let kind: Disk.Kind
      do throws(Errno) {
        kind = try Disk.status(of: path).kind
      } catch {
        return nil
      }
      guard kind == .directory else { return nil }
      if SourceReader.isWorkTree(path) {
        source.origin = .worktree
        return try await workTree(path, spec: spec, identity, found, into: source)
      }
      try SourceReader.refuseInside(path, of: mapping)
      guard found != nil, identity?.kind != "ExternalArtifact" else { return nil }
      if let note = SourceReader.note(onPlaceOf: mapping) { source.notes.append(note) }
      return try folder(path, spec: spec, into: source)
    }
  }

  /// What `@published` stands for.
  private func published(
    _ revision: String?, _ mapping: SourceMapping, _ identity: ReadSource.Identity?
  ) async throws -> String? {
    guard revision == "published" else { return revision }
    guard let identity,
      let live = try await objects.liveObject(
        kind: identity.kind, namespace: identity.namespace, name: identity.name),
      let text = live["status", "artifact", "revision"]?.string,
      let colon = text.lastIndex(of: ":")
    else {
      throw OperationError(
        .invalidArgument,
        "--source \(mapping.text): @published needs the revision of the object's artifact from a cluster or "
          + "--snapshot, but it is unknown")
    }
    return String(text[text.index(after: colon)...])
  }

  private func folder(_ path: String, spec: Value, into source: ReadSource) throws -> Origin {
    let resolved: [UInt8]
    do throws(Errno) {
      resolved = try Disk.resolved(path)
      _ = try Disk.entries(of: resolved)
    } catch {
      throw OperationError(.invalidArgument, "cannot read \(path): \(error.goText)")
    }
    var origin = Origin(tree: FileTree(disk: resolved), source: source)
    if let sparse = SparseCheckout(spec["sparseCheckout"]?.texts ?? []) {
      origin.sparseLeftOut = try sparse.apply(to: origin.tree)
      var taken: [TreePath] = []
      try origin.tree.root.walk { path, node in
        if node.kind != .directory { taken.append(path) }
      }
      origin.source.add(sparse.remarks(taken: taken, leftOut: origin.sparseLeftOut))
    }
    return origin
  }

  private func workTree(
    _ path: String, spec: Value, _ identity: ReadSource.Identity?,
    _ found: SourceObjects.Found?, into source: ReadSource
  ) async throws -> Origin {
    let snapshot = try await WorkTreeSnapshot(
      of: path, environment: environment, temporaryFolder: temporaryFolder)
    var source = source
    let changes = ReadSource.Changes(changed: snapshot.changed, untracked: snapshot.untracked)
    source.changes = changes
    source.commit = snapshot.head
    if changes.isDirty {
      let counts = changes.account
      guard !requiresClean else {
        throw OperationError(
          .precondition,
          "source \(source.name): \(counts): commit them, or remove --require-clean")
      }
      let note = "\(counts); use --source \(source.name)=git:\(path) to build HEAD"
      source.notes.append(note)
      source.uncommitted = note
    }
    for clone in snapshot.embedded {
      source.warnings.append(
        "source \(source.name): \(clone) is a separate clone: a commit contains only its path, and "
          + "source-controller publishes an empty directory")
    }
    if snapshot.hasUnfilteredLFS {
      source.warnings.append(
        "source \(source.name): filter=lfs applies to files, but git-lfs is not installed: their "
          + "content is used where a commit has pointers")
    }
    let checkout = GitCheckout(
      repository: snapshot.repository,
      spec: identity?.kind == "GitRepository" ? spec : .null,
      spool: try Spool(folder: temporaryFolder), known: known)
    if !changes.isDirty, let head = snapshot.head {
      try await checkout.tellRevision(
        of: head, named: nil, isKnown: found != nil, in: &source)
    }
    return try await checkout.tree(snapshot.tree, head: snapshot.head, into: source)
  }

  /// Whether a folder is the top of a work tree: a `.git` folder that is a repository, or the file
  /// that stands for one.
  package static func isWorkTree(_ path: String) -> Bool {
    if ["HEAD", "objects", "refs"].allSatisfy({ Disk.exists("\(path)/.git/\($0)") }) {
      return true
    }
    guard Disk.isFile(path + "/.git") else { return false }
    return (try? Disk.read(path + "/.git", limit: 1 << 16))?.starts(with: "gitdir: ".utf8) == true
  }

  /// Whether a folder is what git keeps itself: a bare repository, or a `.git` folder.
  private static func isRepository(_ path: String) -> Bool {
    Disk.isFile(path + "/HEAD") && Disk.exists(path + "/objects") && Disk.exists(path + "/refs")
  }

  /// Refuses a folder that belongs to git or to an image layout: nobody publishes those files.
  private static func refuseInside(
    _ path: String, of mapping: SourceMapping
  ) throws(OperationError) {
    guard let resolved = try? Disk.resolved(path) else { return }
    let own = String(nativeBytes: resolved)
    var folder = own
    while !folder.isEmpty, folder != "/", !isWorkTree(folder) {
      let above = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? ""
      if isRepository(folder) {
        let top = isWorkTree(above) ? above : folder
        throw OperationError(
          .invalidArgument,
          "--source \(mapping.text): \(path) contains the files of a git repository: use git:\(top) for "
            + "its commit, or dir:\(path) to publish these files")
      }
      if folder != own, ImageLayout.isLayout(FileTree(disk: folder.nativeBytes)) {
        throw OperationError(
          .invalidArgument,
          "--source \(mapping.text): \(path) is part of the image layout \(folder): use that directory, or "
            + "dir:\(path) to publish these files")
      }
      folder = above
    }
  }

  /// That a directory is a part of a work tree, of which git's rules are not followed there; nil for
  /// any other source.
  package static func note(onPlaceOf mapping: SourceMapping) -> String? {
    guard case .path(let path) = SourceSpec(mapping.value),
      (try? Disk.status(of: path))?.kind == .directory, !isWorkTree(path),
      let resolved = try? Disk.resolved(path)
    else { return nil }
    var folder = String(nativeBytes: resolved)
    while let slash = folder.lastIndex(of: "/"), slash != folder.startIndex {
      folder = String(folder[..<slash])
      guard isWorkTree(folder) else { continue }
      return
        "source \(mapping.key.text): \(path) is part of the work tree \(folder) and is read from disk, "
        + "including ignored files: use git:\(folder) for the commit, dir:\(path) to hide this note"
    }
    return nil
  }

  // MARK: - Includes

  private func include(
    _ spec: Value, of identity: ReadSource.Identity?, into tree: FileTree,
    of source: inout ReadSource, chain: [ReadSource.Identity]
  ) async throws {
    for item in spec["include"]?.array ?? [] {
      guard let name = item["repository", "name"]?.string, let identity else { continue }
      let other = ReadSource.Identity(
        kind: "GitRepository", namespace: identity.namespace, name: name)
      let way = chain + [identity]
      guard !way.contains(other) else {
        throw OperationError(
          .invalidInput,
          "\(other.text) includes itself (\((way + [other]).map(\.name).joined(separator: " → "))): each "
            + "waits for the artifact of the next, so remove one spec.include")
      }
      guard let mapping = self.mapping(of: other) else {
        var error = OperationError(
          .invalidArgument,
          "\(identity.text) includes \(other.text): add --source \(other.key)=git:DIR@REF")
        error.unmappedInclude = other
        throw error
      }
      guard let read = try await publish(mapping, as: other, chain: way) else {
        throw OperationError(
          .invalidArgument,
          "--source \(mapping.text): cannot be included, because \(other.text) is unknown: use "
            + "--manifests FILE")
      }
      source.use(read, by: mapping)
      let to = item["toPath"]?.filled ?? name
      source.leftOutOfParts += SourceReader.leftOut(
        of: read.published, name, from: item["fromPath"]?.string ?? "", to: to)
      try IncludedTree(
        name: name, fromPath: item["fromPath"]?.string ?? "", toPath: to,
        tree: try read.published.consumerTree()
      ).apply(to: tree)
    }
  }

  private func mapping(of identity: ReadSource.Identity) -> SourceMapping? {
    mappings.first { mapping in
      guard case .object(let kind, let namespace, let name) = mapping.key else { return false }
      return kind == identity.kind && name == identity.name
        && (namespace ?? identity.namespace) == identity.namespace
    }
  }

  // MARK: - Images

  private func image(
    _ mapping: SourceMapping, _ identity: ReadSource.Identity?, _ found: SourceObjects.Found?
  ) async throws -> ReadSource? {
    let spec = found?.object["spec"] ?? .null
    let copies = spec["layerSelector", "operation"]?.string == "copy"
    let ignore = spec["ignore"]?.string
    var source = ReadSource(name: mapping.key.text, identity: identity, origin: .directory)
    switch SourceSpec(mapping.value) {
    case .git(let directory, let revision):
      throw OperationError(
        .invalidArgument,
        "--source \(mapping.text): an OCIRepository contains a pushed artifact, not a commit: "
          + "push:\(directory)\(revision.map { "@\($0)" } ?? "") packs the tree as flux push artifact "
          + "does")
    case .push(let directory, let revision):
      var tree: FileTree
      if let revision {
        let checkout = GitCheckout(
          repository: try await GitRepository(directory, environment: environment), spec: .null,
          spool: try Spool(folder: temporaryFolder), known: known)
        source.origin = .git
        let origin = try await checkout.commit(
          revision: revision, isKnown: false, isWhole: false, into: source)
        tree = origin.tree
        source.commit = origin.source.commit
        source.originRevision = origin.source.revision
      } else {
        guard !requiresClean else {
          throw OperationError(
            .invalidArgument,
            "--source \(mapping.text): push: without @REF packs a directory as it is, and "
              + "--require-clean cannot check it: use push:\(directory)@HEAD")
        }
        try SourceReader.refuseInside(directory, of: mapping)
        tree = try folder(directory, spec: .null, into: source).tree
      }
      for path in restored[mapping] ?? [] { tree.restore(path) }
      let packed = try ImageLayer.packed(tree)
      tree = try packed.consumerTree()
      source.published =
        try copies ? PublishedTree(unpacked: tree) : ImageLayer.extract(tree, specIgnore: ignore)
      source.published.leftOut = packed.leftOut + source.published.leftOut
    case .folder(let path):
      guard found != nil, !copies else { return nil }
      let tree = try folder(path, spec: .null, into: source).tree
      for path in restored[mapping] ?? [] { tree.restore(path) }
      source.published = try ImageLayer.extract(tree, specIgnore: ignore)
    case .path(let path):
      guard (try? Disk.status(of: path))?.kind == .directory else { return nil }
      let tree = try folder(path, spec: .null, into: source).tree
      if ImageLayout.isLayout(tree) {
        try layout(tree, spec: found == nil ? nil : spec, copies: copies, into: &source)
      } else if SourceReader.isWorkTree(path) {
        throw OperationError(
          .invalidArgument,
          "--source \(mapping.text): an OCIRepository contains a pushed artifact, not a work tree: "
            + "push:\(path) packs it as flux push artifact does")
      } else {
        try SourceReader.refuseInside(path, of: mapping)
        guard found != nil, !copies else { return nil }
        source.published = try ImageLayer.extract(tree, specIgnore: ignore)
      }
    }
    noteMissingObject(identity, found, in: &source)
    addRemarks(to: &source)
    return source
  }

  private func addRemarks(to source: inout ReadSource) {
    source.add(source.published.remarks)
  }

  private func layout(
    _ tree: FileTree, spec known: Value?, copies: Bool, into source: inout ReadSource
  ) throws {
    let reference = known.map { spec in
      ImageLayout.Reference(
        digest: spec["ref", "digest"]?.filled, semver: spec["ref", "semver"]?.filled,
        tag: spec["ref", "tag"]?.filled, filter: spec["ref", "semverFilter"]?.filled)
    }
    let spec = known ?? .null
    let image = try ImageLayout(tree, reference)
    let layer = try image.layer(mediaType: spec["layerSelector", "mediaType"]?.string)
    let content = try ImageLayout.content(of: layer, in: tree)
    let spool = try Spool(folder: temporaryFolder)
    source.origin = .layout
    if reference?.digest != nil {
      source.revision = image.digest
    } else if let tag = image.tag ?? (reference?.semver == nil ? reference?.tag ?? "latest" : nil) {
      source.revision = "\(tag)@\(image.digest)"
    }
    source.originRevision = image.annotations["org.opencontainers.image.revision"]
    guard copies else {
      source.published = try ImageLayer.extract(
        content, specIgnore: spec["ignore"]?.string, spool: spool, limit: sizeLimit)
      return
    }
    do {
      source.published = try PublishedTree(
        unpacked: try SourceArchive.tree(
          of: content.open(), shown: "layer", spool: spool, limit: sizeLimit,
          entryLimit: ArchiveVetting.mostEntries))
    } catch {
      throw SourceFailure(
        .consumer, "failed to extract archive: \(error)\(SourceArchive.hint(for: error))")
    }
  }

  // MARK: - Charts

  private func chart(
    _ given: SourceMapping, _ identity: ReadSource.Identity?, _ found: SourceObjects.Found?
  ) async throws -> ReadSource? {
    guard let identity, let found, let spec = found.object["spec"],
      let reference = spec["sourceRef"], let chart = spec["chart"]?.filled,
      let kind = reference["kind"]?.filled, let name = reference["name"]?.filled
    else {
      guard case .git = SourceSpec(given.value) else { return nil }
      throw OperationError(
        .invalidArgument,
        "--source \(given.text): the HelmChart decides which chart is packed and how: add its "
          + "manifest with --manifests FILE, or give a packed chart (.tgz)")
    }
    let other = ReadSource.Identity(kind: kind, namespace: identity.namespace, name: name)
    guard kind != "HelmRepository" else {
      if case .path(let path) = SourceSpec(given.value), Disk.isFile(path) { return nil }
      throw OperationError(
        .invalidArgument,
        "--source \(given.text): \(identity.text) is downloaded from \(other.text), not packed from a "
          + "directory or commit: give the packed chart (.tgz)")
    }
    let mapping = self.mapping(of: other) ?? given
    guard var source = try await publish(mapping, as: other, chain: [identity]) else { return nil }
    var request = HelmPackage.Request(chart: chart)
    request.valuesFiles = spec["valuesFiles"]?.texts ?? []
    request.ignoresMissingValuesFiles = spec["ignoreMissingValuesFiles"]?.bool == true
    request.generation = found.object.generation ?? 1
    if spec["reconcileStrategy"]?.string == "Revision" {
      guard let revision = source.revision else {
        throw OperationError(
          .invalidArgument,
          "\(identity.text) uses the revision of \(other.text) in its version, but that is unknown"
            + (source.changes?.isDirty == true
              ? " before the files in \(mapping.path) are committed: commit them, or use a commit "
                + "(git:\(mapping.path))"
              : ": use a commit (git:DIR@REF)"))
      }
      let hash = revision.split(separator: ":").last.map(String.init) ?? revision
      request.sourceRevision = String(hash.prefix(12))
    }
    let folder = temporaryFolder
    let result: HelmPackage.Result
    do {
      result = try HelmPackage(
        request, source: try source.published.consumerTree(), spool: { try Spool(folder: folder) }
      ).build()
    } catch let failure as SourceFailure {
      throw SourceFailure(
        failure.stage, failure.message + SourceReader.absence(of: chart, in: source.published))
    }
    var packed = ReadSource(name: given.key.text, identity: identity, origin: source.origin)
    packed.commit = source.commit
    packed.changes = source.changes
    packed.assumed = source.assumed
    packed.warnings = source.warnings
    packed.notes = source.notes
    packed.parts = source.parts
    packed.uses = source.uses
    if mapping != given { packed.use(source, by: mapping) }
    packed.revision = result.revision
    packed.published = result.tree
    source = packed
    if request.sourceRevision == nil,
      let live = try await objects.liveObject(
        kind: identity.kind, namespace: identity.namespace, name: identity.name),
      live["status", "artifact", "revision"]?.string == result.revision
    {
      source.warnings.append(
        "source \(source.name): \(identity.text) is already published as \(result.revision): without a "
          + "new version in Chart.yaml, or reconcileStrategy: Revision, it is not rebuilt")
    }
    if found.object.generation == nil, !request.valuesFiles.isEmpty {
      source.assumed.append("\(identity.text) is of generation 1")
    }
    return source
  }
}

extension SourceReader {
  /// What an included source leaves out, where it would have gone.
  fileprivate static func leftOut(
    of part: PublishedTree, _ name: String, from: String, to: String
  ) -> [PublishedTree.LeftOut] {
    let from = SecurePath.resolve(from, in: FileTree())
    let to = SecurePath.resolve(to, in: FileTree())
    return part.leftOut.compactMap { left in
      var path = left.path
      if !from.isRoot {
        guard path.bytes.starts(with: from.bytes + [TreePath.slash]) else { return nil }
        path = TreePath(path.bytes.dropFirst(from.bytes.count + 1))
      }
      return PublishedTree.LeftOut(
        path: to.joined(path), isDirectory: left.isDirectory,
        reason: .included(from: "GitRepository \(name)", reason: left.text))
    }
  }

  /// Which rule keeps a chart out of the source, with a colon in front; empty where none does.
  fileprivate static func absence(of chart: String, in tree: PublishedTree) -> String {
    let folder = SecurePath.resolve(chart, in: FileTree())
    let files = [folder, folder.child("Chart.yaml".utf8)]
    guard let left = tree.leftOut.first(where: { files.contains($0.path) }) else { return "" }
    return ": \(left.path) is not in the source: \(left.text)"
  }
}

extension ReadSource {
  /// Takes over what is to be said of a source that this one contains.
  fileprivate mutating func use(_ other: ReadSource, by mapping: SourceMapping) {
    uses.formUnion(other.uses.union([mapping.key]))
    parts += other.parts + [other]
    warnings += other.warnings.filter { !warnings.contains($0) }
    notes += other.notes.filter { !notes.contains($0) }
    assumed += other.assumed.filter { !assumed.contains($0) }
  }
}

extension Value {
  var texts: [String] { (array ?? []).compactMap(\.string) }
}

extension FileTree {
  /// Puts in an empty file where nothing lies; where a part of the path is no directory, there is no
  /// place for it.
  func restore(_ path: TreePath) {
    guard !path.isRoot, plainNode(at: path) == nil else { return }
    try? place(FileTree.newFile(.empty, mode: 0o644), at: path)
  }
}
