import Content
import Differences
import FluxModel
import Generation
import Git
import Platform
import SystemPackage

/// The states that commits are in, and what is published in each.
struct HistoryStates {
  /// Equal for commits that publish the same.
  struct Key: Hashable {
    let input: Int
    let objects: [String?]
  }

  private let request: BuildRequest
  private let input: BaseInput
  private let repository: GitRepository
  /// The generators and source objects of commits, each once.
  private var inputs: [Input] = []
  /// One for each commit.
  private(set) var keys: [Key] = []
  /// The files of everything that was built, by its digest.
  private(set) var tables: [Digest: [FileSide]] = [:]
  private(set) var builds = 0
  private(set) var notes: [String] = []
  private(set) var warnings: [String] = []

  /// What one or more commits say is to be built.
  private enum Input {
    case request(BuildRequest, paths: [TreePath])
    case problem(String)
  }

  init(_ request: BuildRequest, _ input: BaseInput, _ repository: GitRepository) {
    self.request = request
    self.input = input
    self.repository = repository
  }

  // MARK: - Telling states apart

  /// Reads the generators of commits, and finds the key of each.
  ///
  /// - Parameter select: See ``ReadHistory/run(select:width:progress:)``.
  mutating func prepare(
    _ commits: [GitCommit], select: @Sendable (inout BuildRequest) throws -> Void
  ) async throws {
    guard let newest = commits.first else { return }
    var trees = HistoryTrees(repository)
    let whole = try await commit(newest)
    let manifests = (input.files + input.manifests).compactMap {
      $0 == "-" ? nil : whole.relative($0)
    }
    let files = try await trees.objects(at: commits.map { ($0.name, manifests) })
    var known: [[String?]: Int] = [:]
    var chosen: [Int] = []
    for (commit, objects) in zip(commits, files) {
      if known[objects] == nil {
        let found = try await read(at: commit, select: select, isNewest: chosen.isEmpty)
        known[objects] = add(found)
      }
      chosen.append(known[objects] ?? 0)
    }
    let paths = inputs.map { input -> [TreePath] in
      if case .request(_, let paths) = input { paths } else { [] }
    }
    let objects = try await trees.objects(
      at: zip(commits, chosen).map { ($0.name, paths[$1]) })
    keys = zip(chosen, objects).map { Key(input: $0, objects: $1) }
    noteShared(whole)
  }

  private func commit(_ commit: GitCommit) async throws -> BaseCommit {
    try await BaseCommit(
      commit.name, of: repository, flag: nil, environment: request.environment,
      temporaryFolder: request.temporaryFolder)
  }

  private func read(
    at commit: GitCommit, select: (inout BuildRequest) throws -> Void, isNewest: Bool
  ) async throws -> Input {
    let tree = try await self.commit(commit)
    do {
      var found = try await input.manifests(of: request, at: tree)
      found.warnsOfUnused = isNewest
      try select(&found)
      let paths = try await HistoryPaths(request: found, commit: tree).all()
      return .request(found, paths: paths)
    } catch let error as OperationError {
      let reason = Self.shown(error.description, commit)
      if error.kind == .invalidArgument, isNewest { throw OperationError(error.kind, reason) }
      return .problem(reason)
    }
  }

  /// What the generators of any commit make.
  private var madeNames: Set<String> {
    inputs.reduce(into: []) { names, input in
      if case .request(let request, _) = input { names.formUnion(request.madeNames) }
    }
  }

  /// The place of an input among those that are known.
  private mutating func add(_ input: Input) -> Int {
    let same = inputs.firstIndex { known in
      switch (known, input) {
      case (.problem(let one), .problem(let other)): one == other
      case (.request(let one, _), .request(let other, _)):
        one.inputs.map(\.generator) == other.inputs.map(\.generator)
          && one.inputs.map(\.namespace) == other.inputs.map(\.namespace)
          && one.objects.hasSameFiles(as: other.objects)
      case (.problem, .request), (.request, .problem): false
      }
    }
    if let same { return same }
    inputs.append(input)
    return inputs.count - 1
  }

  /// Says which sources are the same at every commit.
  private mutating func noteShared(_ commit: BaseCommit) {
    for mapping in request.mappings {
      switch SourceSpec(mapping.value) {
      case .git, .push: continue
      case .folder(let path), .path(let path):
        guard commit.relative(path) == nil else { continue }
        notes.append("source \(mapping.text) is the same at every commit")
      }
    }
  }

  /// A reason without the name of the commit that it is the reason of.
  private static func shown(_ reason: String, _ commit: GitCommit) -> String {
    reason.replacing("@\(commit.name)", with: "").replacing("\(commit.name):", with: "")
      .replacing(commit.name, with: "the commit")
  }

  // MARK: - Building

  /// More than these are looked for in a listing of everything.
  private static let mostPaths = 500

  /// Builds the state of a commit.
  ///
  /// - Throws: What is no fault of the commit.
  mutating func build(
    _ key: Key, at commit: GitCommit, isNewest: Bool, width: Int
  ) async throws -> HistoryState {
    switch inputs[key.input] {
    case .problem(let reason): return HistoryState(problem: reason)
    case .request(var request, let paths):
      // With no generator there is nothing to read.
      guard !request.inputs.isEmpty else { return HistoryState() }
      do {
        let tree = try await self.commit(commit)
        let mappings = try await input.mappings(of: request, at: tree)
        // What is to be said of the newest one is about all of it.
        if !isNewest, paths.count <= Self.mostPaths {
          for mapping in mappings where !request.mappings.contains(mapping) {
            guard case .git = SourceSpec(mapping.value) else { continue }
            request.needed[mapping] = paths
          }
        }
        request.mappings = mappings
        request.folders.append(tree.folder)
        request.warnsOfUnused = isNewest
        request.needsRevisions = false
        request.listsFiles = true
        request.madeElsewhere = madeNames
        builds += 1
        let report = try await BuildArtifacts(request).run(width: width)
        if isNewest { warnings += report.warnings.filter { !warnings.contains($0) } }
        return state(of: report, at: commit)
      } catch let error as OperationError {
        // An argument that is wrong now; at older commits it may not have been needed, or have been
        // right.
        let reason = Self.shown(error.description, commit)
        if error.kind == .invalidArgument, isNewest { throw OperationError(error.kind, reason) }
        return HistoryState(problem: reason)
      }
    }
  }

  private mutating func state(of report: BuildReport, at commit: GitCommit) -> HistoryState {
    var state = HistoryState()
    for error in report.errors {
      state.errors[error.generator] = Self.shown(error.text, commit)
    }
    for item in report.items {
      let outcome: HistoryState.Outcome
      switch item.outcome {
      case _ where item.blockedBy != nil:
        outcome = .failed("is not built while \(item.blockedBy ?? "") fails")
      case .failure(let failure):
        outcome = .failed(Self.shown(failure.message, commit))
      case .success(let built):
        outcome = .built(built.archive.digest)
        if tables[built.archive.digest] == nil {
          tables[built.archive.digest] = built.archive.files.map { file in
            // Compared by digest: nobody reads the content.
            FileSide(
              path: file.path, mode: file.mode, size: file.size, digest: file.digest,
              content: .empty)
          }
        }
      }
      state.artifacts.append(
        HistoryState.Artifact(
          name: BuildReport.ObjectName(namespace: item.namespace, name: item.name),
          generator: item.generator, outcome: outcome))
    }
    return state
  }
}
