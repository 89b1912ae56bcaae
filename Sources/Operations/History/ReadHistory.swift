import Content
import Differences
import Generation
import Git
import Platform

/// Finds out which commits changed which artifacts: builds each state of a line of history once.
///
/// A state is the generators, the source objects and the objects (by git's names for trees and files) that
/// the generators can read. Commits with the same state publish the same, so only those that touch
/// something are built.
package struct ReadHistory: Sendable {
  private let request: BuildRequest
  private let input: BaseInput
  private let range: Range

  package struct Range: Sendable {
    package var maxCount: Int
    /// A date in any of git's forms.
    package var since: String?

    package init(maxCount: Int, since: String?) {
      self.maxCount = maxCount
      self.since = since
    }
  }

  /// - Parameters:
  ///   - request: With the generators that have no history: those of standard input or of a cluster.
  ///   - input: What is read at each commit.
  package init(_ request: BuildRequest, _ input: BaseInput, range: Range) {
    self.request = request
    self.input = input
    self.range = range
  }

  /// - Parameters:
  ///   - select: Leaves the generators that are meant, of those at a commit.
  ///   - width: How many artifacts to compress at once.
  ///   - progress: How many states are built, and how many there are.
  /// - Throws: `OperationError` where no source is in a repository, for arguments that the newest commit
  ///   shows to be wrong, and where no commit can be built; failures of a cluster; `GitError` for a
  ///   repository that cannot be read.
  package func run(
    select: @Sendable (inout BuildRequest) throws -> Void, width: Int,
    progress: @Sendable (_ done: Int, _ all: Int) -> Void
  ) async throws -> HistoryReport {
    let (repository, tip) = try await start()
    var commits = try await repository.history(
      of: tip, maxCount: range.maxCount, since: range.since)
    guard let oldest = commits.last else {
      return HistoryReport(end: .nothing, commits: 0, builds: 0)
    }
    let end = try await self.end(oldest, count: commits.count, in: repository)
    // What the oldest of them changed shows beside its parent.
    if let parent = oldest.parent {
      commits += try await repository.history(of: parent, maxCount: 1, since: nil)
    }
    var states = HistoryStates(request, input, repository)
    try await states.prepare(commits, select: select)
    var built: [HistoryStates.Key: HistoryState] = [:]
    let total = Set(states.keys).count
    for (index, key) in states.keys.enumerated() where built[key] == nil {
      try Task.checkCancellation()
      built[key] = try await states.build(
        key, at: commits[index], isNewest: index == 0, width: width)
      progress(built.count, total)
    }
    let ordered = states.keys.map { built[$0] ?? HistoryState() }
    if ordered.allSatisfy({ $0.problem != nil }), let problem = ordered.first?.problem {
      throw OperationError(.invalidInput, "no commit can be built: \(problem)")
    }
    guard !ordered.allSatisfy(\.isEmpty) else {
      throw OperationError(
        .notFound,
        ordered.count == 1
          ? "the only commit contains no such generator"
          : "none of the last \(ordered.count) commits contains such a generator")
    }
    var report = HistoryReport(
      end: end, commits: commits.count - (oldest.parent == nil ? 0 : 1), builds: states.builds)
    report.notes = states.notes
    report.warnings = states.warnings
    HistoryComparison(tables: states.tables).fill(
      &report, commits: commits, states: ordered, hasRoot: end == .root)
    return report
  }

  private func end(
    _ oldest: GitCommit, count: Int, in repository: GitRepository
  ) async throws -> HistoryReport.End {
    guard oldest.parent == nil else { return count >= range.maxCount ? .maxCount : .since }
    let isHidden = try await repository.hidesParents(of: oldest.name)
    return isHidden ? .shallow(advice: GitRepository.deepening(repository.directory)) : .root
  }

  /// The repository whose history is read, and the newest commit.
  private func start() async throws -> (GitRepository, commit: String) {
    for mapping in request.mappings {
      let spec = SourceSpec(mapping.value)
      guard let repository = try await repository(of: spec, mapping) else { continue }
      let tip = try await commit(of: spec, mapping, in: repository)
      // Others of the same repository have to begin at the same commit.
      for other in request.mappings where other != mapping {
        let spec = SourceSpec(other.value)
        guard let second = try await self.repository(of: spec, other),
          second.commonDirectory == repository.commonDirectory
        else { continue }
        let commit = try await commit(of: spec, other, in: second)
        guard commit == tip else {
          throw OperationError(
            .invalidArgument,
            "--source \(mapping.text) and --source \(other.text) start at different commits: use the same "
              + "one for both")
        }
      }
      return (repository, tip)
    }
    throw OperationError(
      .invalidArgument,
      "no --source is in a git repository: use --source NAME=git:DIR")
  }

  private func repository(
    of spec: SourceSpec, _ mapping: SourceMapping
  ) async throws -> GitRepository? {
    switch spec {
    case .git(let directory, _), .push(let directory, _):
      do {
        return try await GitRepository(directory, environment: request.environment)
      } catch {
        throw OperationError(.invalidArgument, "--source \(mapping.text): \(error)")
      }
    case .folder(let path), .path(let path):
      guard (try? Disk.status(of: path))?.kind == .directory else { return nil }
      return try? await GitRepository(path, environment: request.environment)
    }
  }

  private func commit(
    of spec: SourceSpec, _ mapping: SourceMapping, in repository: GitRepository
  ) async throws -> String {
    var revision: String?
    if case .git(_, let named) = spec { revision = named }
    if case .push(_, let named) = spec { revision = named }
    do {
      return try await repository.commit(revision ?? "HEAD")
    } catch {
      throw OperationError(.invalidArgument, "--source \(mapping.text): \(error)")
    }
  }
}

/// What the generators publish at a commit.
struct HistoryState: Sendable {
  /// Why none of it is known.
  var problem: String?
  /// Generators that fail as a whole, with the reason.
  var errors: [BuildReport.ObjectName: String] = [:]
  var artifacts: [Artifact] = []

  /// Whether there is nothing that publishes, or could.
  var isEmpty: Bool { problem == nil && errors.isEmpty && artifacts.isEmpty }

  struct Artifact: Sendable {
    let name: BuildReport.ObjectName
    let generator: BuildReport.ObjectName
    let outcome: Outcome
  }

  enum Outcome: Sendable {
    case built(Digest)
    case failed(String)
  }
}
