import Content
import Differences
import Git

/// Turns the states of a line of history into what each commit changed.
struct HistoryComparison {
  /// The files of artifacts by digest.
  let tables: [Digest: [FileSide]]

  private struct Known {
    let generator: BuildReport.ObjectName
    /// Of the last commit at which it was built, of those that are looked at.
    var digest: Digest?
    /// Why it is not built now.
    var failure: String?
  }

  /// What is so at a commit.
  private struct Situation {
    /// Whether there is nothing before what is looked at.
    var hasRoot = false
    var problem: String?
    /// Whether what was published before is not known, because it could not be built either.
    var isUnknown = false
    /// Generators of which the same is so.
    var unknown: Set<BuildReport.ObjectName> = []
    var errors: [BuildReport.ObjectName: String] = [:]
    var artifacts: [BuildReport.ObjectName: Known] = [:]
  }

  /// - Parameters:
  ///   - commits: Newest first.
  ///   - hasRoot: Whether nothing precedes the last of them; else it is what the others are compared
  ///     with.
  func fill(
    _ report: inout HistoryReport, commits: [GitCommit], states: [HistoryState], hasRoot: Bool
  ) {
    var situation = Situation()
    situation.hasRoot = hasRoot
    var groups: [[HistoryReport.Row]] = []
    for (index, (commit, state)) in zip(commits, states).enumerated().reversed() {
      let rows = step(&situation, to: state, by: HistoryReport.Commit(commit))
      for artifact in state.artifacts { report.artifacts.insert(artifact.name) }
      if hasRoot || index < commits.count - 1 {
        groups.append(rows)
      } else {
        situation.isUnknown = state.problem != nil
        situation.unknown = Set(state.errors.keys)
      }
    }
    report.rows = groups.reversed().flatMap { $0 }
    report.newestFailure = states.first?.problem
  }

  /// The changes from one commit to the next.
  private func step(
    _ situation: inout Situation, to state: HistoryState, by commit: HistoryReport.Commit
  ) -> [HistoryReport.Row] {
    var rows: [HistoryReport.Row] = []
    let problem = situation.problem
    situation.problem = state.problem
    if let reason = state.problem {
      // Until it is gone, nobody knows what becomes of the artifacts.
      return reason == problem
        ? [] : [HistoryReport.Row(commit: commit, change: .failed, reason: reason)]
    }
    if problem != nil { rows.append(HistoryReport.Row(commit: commit, change: .fixed)) }
    rows += generators(&situation, state, commit)
    var present: Set<BuildReport.ObjectName> = []
    for artifact in state.artifacts {
      present.insert(artifact.name)
      let isFirst =
        situation.artifacts[artifact.name] == nil
        && (situation.isUnknown || situation.unknown.contains(artifact.generator))
      let row = row(
        artifact, &situation.artifacts[artifact.name], commit, hasRoot: situation.hasRoot)
      if let row, !isFirst || row.change == .failed { rows.append(row) }
    }
    situation.isUnknown = false
    situation.unknown.subtract(state.artifacts.map(\.generator))
    for (name, known) in situation.artifacts.sorted(by: { "\($0.key)" < "\($1.key)" })
    where !present.contains(name) && state.errors[known.generator] == nil {
      situation.artifacts[name] = nil
      rows.append(
        HistoryReport.Row(
          commit: commit, change: .removed, generator: known.generator, artifact: name,
          previous: known.digest))
    }
    return rows
  }

  private func generators(
    _ situation: inout Situation, _ state: HistoryState, _ commit: HistoryReport.Commit
  ) -> [HistoryReport.Row] {
    var rows: [HistoryReport.Row] = []
    let before = situation.errors
    situation.errors = state.errors
    for (generator, reason) in state.errors.sorted(by: { "\($0.key)" < "\($1.key)" })
    where before[generator] != reason {
      rows.append(
        HistoryReport.Row(commit: commit, change: .failed, generator: generator, reason: reason))
    }
    let builds = Set(state.artifacts.map(\.generator))
    for generator in before.keys.sorted(by: { "\($0)" < "\($1)" })
    where state.errors[generator] == nil && builds.contains(generator) {
      rows.append(HistoryReport.Row(commit: commit, change: .fixed, generator: generator))
    }
    return rows
  }

  private func row(
    _ artifact: HistoryState.Artifact, _ known: inout Known?, _ commit: HistoryReport.Commit,
    hasRoot: Bool
  ) -> HistoryReport.Row? {
    let before = known
    switch artifact.outcome {
    case .failed(let reason):
      known = Known(generator: artifact.generator, digest: before?.digest, failure: reason)
      guard before?.failure != reason else { return nil }
      return HistoryReport.Row(
        commit: commit, change: .failed, generator: artifact.generator, artifact: artifact.name,
        previous: before?.digest, reason: reason)
    case .built(let digest):
      known = Known(generator: artifact.generator, digest: digest)
      guard before?.failure != nil || before?.digest != digest else { return nil }
      // What was published before it failed may be that of an older commit.
      let isUnknown = before != nil && before?.digest == nil && !hasRoot
      return HistoryReport.Row(
        commit: commit,
        change: before == nil ? .new : before?.failure == nil ? .changed : .fixed,
        generator: artifact.generator, artifact: artifact.name, digest: digest,
        previous: before?.digest,
        files: isUnknown ? nil : files(from: before?.digest, to: digest))
    }
  }

  private func files(from old: Digest?, to new: Digest) -> HistoryReport.Files? {
    guard let after = tables[new] else { return nil }
    var count = HistoryReport.Files()
    for change in FileComparison.changes(from: old.flatMap { tables[$0] } ?? [], to: after) {
      switch change.kind {
      case .added: count.added += 1
      case .removed: count.removed += 1
      case .modified, .mode: count.modified += 1
      case .renamed: count.renamed += 1
      }
    }
    return count
  }
}

extension HistoryReport.Commit {
  fileprivate init(_ commit: GitCommit) {
    self.init(name: commit.name, committed: commit.committed, subject: commit.subject)
  }
}
