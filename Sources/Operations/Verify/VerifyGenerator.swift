import Archive
import Content
import Document
import Fetching
import FluxModel
import Generation
package import KubeAPI
import Objects

/// Whether what a generator publishes is what it makes of its sources: rebuilds it, and compares.
package struct VerifyGenerator: Sendable {
  private let cluster: any Cluster
  private let content: ClusterContent
  /// What a build needs in addition to the generator.
  private let request: BuildRequest
  private let width: Int

  /// - Parameters:
  ///   - request: of no generator.
  ///   - width: how many artifacts to compress at once.
  package init(
    on cluster: any Cluster, _ content: ClusterContent, _ request: BuildRequest, width: Int
  ) {
    self.cluster = cluster
    self.content = content
    self.request = request
    self.width = width
  }

  /// - Throws: what keeps the generator or its sources from being read, and cancellation.
  ///
  /// - Parameter report: Contains what has been found out, also when this throws.
  package func run(_ report: inout VerifyReport) async throws {
    let id = report.object
    let object = try await cluster.get(
      FluxKind.artifactGenerator.resource, namespace: id.namespace, name: id.name)
    let inputs = try await ClusterGenerators(on: cluster, in: id.namespace).read([
      ObjectQuery(FluxKind.artifactGenerator.resource, names: [id.name])
    ])
    var published = GeneratorSummary(object).published
    do {
      let compared = try await addComparison(of: object, inputs, to: &report)
      published += Set(compared).subtracting(published).sorted()
    } catch {
      // What is served can be looked at all the same.
      try Task.checkCancellation()
      report.isUnverified = true
      report.add(.unknown, "build", "the artifacts cannot be rebuilt: \(error)")
    }
    let results = await ClusterContent.each(published) {
      try await content.fetch($0, asksServer: true)
    }
    for (id, result) in zip(published, results) {
      switch result {
      case .failure where Task.isCancelled: continue
      case .success(let fetched):
        report.add(
          .passed, "content", "\(id.name) is served with digest \(fetched.artifact.digest)")
      case .failure(let error as FetchError):
        report.add(error, of: id, rules: ["content"], size: "content", about: id.name)
      case .failure(let error):
        let isForbidden = (error as? APIError)?.isForbidden == true
        if isForbidden { report.isUnverified = true }
        report.add(isForbidden ? .unknown : .failed, "content", "\(error)")
      }
    }
    try Task.checkCancellation()
  }

  /// - Returns: The artifacts that are published under the names that the generator builds.
  private func addComparison(
    of object: Value, _ inputs: [GeneratorInput], to report: inout VerifyReport
  ) async throws -> [ObjectID] {
    let hasMovedOn = try await addSources(of: object, inputs, to: &report)
    let difference = try await rebuilt(inputs)
    for error in difference.errors { report.add(.failed, "build", error.text) }
    let alike = try await artifactsWithSameFiles(difference, inputs)
    for item in difference.items {
      add(item, hasSameFiles: alike.contains(item.name), hasMovedOn: hasMovedOn, to: &report)
    }
    return difference.items.filter { $0.published != nil }.map {
      ObjectID(.externalArtifact, namespace: $0.namespace, name: $0.name)
    }
  }

  /// Whether the sources are those that the generator has built from, by its own record.
  private func addSources(
    of object: Value, _ inputs: [GeneratorInput], to report: inout VerifyReport
  ) async throws -> Bool {
    var observed: [ObservedSource] = []
    for input in inputs {
      for source in input.generator.spec.sources {
        let identity = BuildSources.identity(of: source, in: input.namespace)
        let kind = ClusterContent.kinds.first { $0.resource.kind == identity.kind }
        guard let kind else { continue }
        let found = try await cluster.get(
          kind.resource, namespace: identity.namespace, name: identity.name)
        guard let artifact = SourceArtifact(of: found) else { continue }
        let id = ObjectID(kind.resource, namespace: identity.namespace, name: identity.name)
        observed.append(ObservedSource(alias: source.alias, node: id, artifact: artifact))
      }
    }
    let recorded = object["status", "observedSourcesDigest"]?.filled
    let hasMovedOn = recorded != nil && recorded != ObservedSource.digest(of: observed)
    report.add(
      recorded == nil ? .unknown : hasMovedOn ? .info : .passed, "sources",
      recorded == nil
        ? "the generator has not recorded the sources that it built from"
        : hasMovedOn
          ? "a source has a newer revision: differences are not failures"
          : "source revisions match the last build")
    return hasMovedOn
  }

  private func rebuilt(_ inputs: [GeneratorInput]) async throws -> DiffReport {
    var request = request
    request.inputs = inputs
    request.content = content
    request.needsRevisions = false
    let settled = request
    return try await DiffArtifacts(
      of: inputs,
      recipe: DiffArtifacts.Recipe(compressor: request.compressor, algorithm: request.algorithm),
      choice: DiffArtifacts.Choice(compressor: false, algorithm: false)
    ) { [width] recipe in
      var request = settled
      request.compressor = recipe.compressor
      request.algorithm = recipe.algorithm
      return try await BuildArtifacts(request).run(width: width)
    }.run(on: cluster)
  }

  /// Of the artifacts whose archives have the right name and another digest, those whose files are the
  /// right ones: the name is a checksum that anyone can match.
  private func artifactsWithSameFiles(
    _ difference: DiffReport, _ inputs: [GeneratorInput]
  ) async throws -> Set<String> {
    let alike = difference.items.filter { $0.change == .unchanged && $0.comparison == .filename }
    guard !alike.isEmpty else { return [] }
    var request = request
    request.inputs = inputs
    request.content = content
    request.needsRevisions = false
    request.listsFiles = true
    let rebuilt = try await BuildArtifacts(request).run(width: width)
    var names: Set<String> = []
    for item in alike {
      let id = ObjectID(.externalArtifact, namespace: item.namespace, name: item.name)
      guard
        case .success(let built)? = rebuilt.items.first(where: { $0.name == item.name })?.outcome,
        let published = try? await files(of: id)
      else { continue }
      let right = built.archive.files.map { ($0.path, $0.digest) }
      if published == Dictionary(right, uniquingKeysWith: { first, _ in first }) {
        names.insert(item.name)
      }
    }
    try Task.checkCancellation()
    return names
  }

  private func files(of id: ObjectID) async throws -> [TreePath: Digest] {
    var files: [TreePath: Digest] = [:]
    for entry in try await content.listing(id).entries {
      guard case .file(let content) = entry.kind else { continue }
      files[entry.path] = Digester.digest(try content.readAll())
    }
    return files
  }

  private func add(
    _ item: DiffReport.Item, hasSameFiles: Bool, hasMovedOn: Bool, to report: inout VerifyReport
  ) {
    let reason = item.explanation.map { ": \($0)" } ?? ""
    func add(_ text: String) {
      report.add(hasMovedOn ? .info : .failed, "artifact", "\(item.name) \(text)")
    }
    switch item.change {
    case .unchanged where hasSameFiles:
      report.add(
        .info, "artifact", "\(item.name) has the same files, but another compressor\(reason)")
    case .unchanged where item.comparison != .filename:
      report.add(.passed, "artifact", "\(item.name) matches \(item.published?.digest ?? "")")
    case .blocked:
      report.add(
        .info, "artifact", "\(item.name) is blocked by \(item.blockedBy ?? "another artifact")")
    case .failed:
      report.add(.failed, "artifact", "\(item.name): \(item.failure?.message ?? "its build fails")")
    case .new:
      add("is not published; rebuilt \(item.predicted?.digest ?? "")\(reason)")
    case .deleted:
      add("is published, but not built by the generator\(reason)")
    case .changed where item.published?.digest == item.predicted?.digest:
      add(
        "has another revision: published \(item.published?.revision ?? "none"), rebuilt "
          + "\(item.predicted?.revision ?? "none")\(reason)")
    case .changed, .unchanged:
      add(
        "differs: published \(item.published?.digest ?? "nothing"), rebuilt "
          + "\(item.predicted?.digest ?? "nothing")\(reason)"
          + (hasMovedOn ? "" : ": tampered with, or published by something else"))
    }
  }
}
