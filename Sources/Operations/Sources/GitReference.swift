import Document
import Git
import Publishing

/// What `spec.ref` of a GitRepository names in a repository (`pkg/git/gogit/clone.go`): commit, name,
/// tag, semver, branch, the first that is there; without any, branch master.
struct GitReference {
  let repository: GitRepository
  /// Of the GitRepository.
  let spec: Value

  /// What is there under the name that counts.
  struct Found {
    /// The branch, tag or name, for people.
    let name: String
    let commit: String
    /// The tag, where a range of versions chose it.
    var chosenTag: String?
  }

  func field(_ name: String) -> String? { spec["ref", name]?.filled }

  /// Whether a range of versions decides.
  private var range: String? {
    let stronger = ["commit", "name", "tag"].contains { field($0) != nil }
    return stronger ? nil : field("semver")
  }

  /// Whether submodules are updated before the target is checked out.
  var updatesSubmodulesEarly: Bool { field("commit") != nil || range != nil }

  // MARK: - Revisions

  /// Without an object: the branch or tag that was named, else the commit alone.
  static func text(of fullName: String?, commit: String) -> String {
    fullName.map { "\(short($0))@sha1:\(commit)" } ?? "sha1:\(commit)"
  }

  private static func short(_ name: String) -> String {
    // A branch of a remote is what source-controller clones from there.
    if name.hasPrefix("refs/remotes/") {
      let parts = name.split(separator: "/", maxSplits: 3)
      if parts.count == 4 { return String(parts[3]) }
    }
    for prefix in ["refs/heads/", "refs/tags/"] where name.hasPrefix(prefix) {
      return String(name.dropFirst(prefix.count))
    }
    let parts = name.split(separator: "/", maxSplits: 2)
    return parts.count == 3 ? String(parts[2]) : name
  }

  /// The revision of a commit, if it is what the reference names; nil where a range of versions would
  /// have to name it by a tag that is not there.
  func revision(of commit: String, fullName: String?, found: Found?) -> String? {
    if field("commit") != nil {
      let name = field("name") ?? field("branch")
      return name.map { "\($0)@sha1:\(commit)" } ?? "sha1:\(commit)"
    }
    if let name = field("name") ?? field("tag") { return "\(name)@sha1:\(commit)" }
    guard range != nil else { return "\(field("branch") ?? "master")@sha1:\(commit)" }
    if let fullName, fullName.hasPrefix("refs/tags/") {
      return GitReference.text(of: fullName, commit: commit)
    }
    guard let found, let tag = found.chosenTag, found.commit == commit else { return nil }
    return "\(tag)@sha1:\(commit)"
  }

  /// What surprises people about it.
  var remarks: [SourceRemark] { SourceRemark.remarks(onReference: spec["ref"]) }

  /// That a commit is not what source-controller takes; nil where it is, or where nobody can tell.
  ///
  /// - Parameter isNamed: whether somebody named the commit: HEAD may be what will be on the branch.
  func note(on commit: String, isNamed: Bool, found: Found?) -> String? {
    guard let found, found.commit != commit, isNamed || found.chosenTag != nil else { return nil }
    return "spec.ref selects \(found.name) (\(found.commit.prefix(12))), but this is "
      + "\(commit.prefix(12))"
  }

  // MARK: - Looking it up

  /// - Returns: nil where a clone does not tell: a name that is in none, or a shallow clone.
  /// - Throws: `SourceFailure` where source-controller finds nothing.
  func found() async throws -> Found? {
    if let commit = field("commit") {
      return Found(name: "commit \(commit.prefix(12))", commit: commit)
    }
    guard try await !repository.isShallow else { return nil }
    if let range { return try await chosen(by: range) }
    guard let wanted else { return nil }
    // In plain steps: the optimizer of Swift 6.3 crashes on the calls as parts of an expression.
    let commit: String?
    if wanted.fullName.hasPrefix("refs/heads/") {
      commit = try await repository.branch(GitReference.short(wanted.fullName))
    } else {
      commit = try await repository.target(of: wanted.fullName)
    }
    guard let commit else {
      throw SourceFailure(
        .sourceController, "failed to checkout and determine revision: \(wanted.absence)")
    }
    return Found(name: wanted.shown, commit: commit)
  }

  /// The reference that has to be in the clone, and what source-controller says where it is not; nil
  /// where nothing is looked up.
  private var wanted: (fullName: String, shown: String, absence: String)? {
    if let name = field("name") {
      let plain = name.hasSuffix("^{}") ? String(name.dropLast(3)) : name
      // Names such as refs/pull/1/head are in no clone.
      guard plain.hasPrefix("refs/heads/") || plain.hasPrefix("refs/tags/") else { return nil }
      return (plain, name, "unable to resolve ref '\(name)' to a specific commit")
    }
    if let tag = field("tag") {
      return ("refs/tags/\(tag)", "tag \(tag)", "couldn't find remote ref \"refs/tags/\(tag)\"")
    }
    let branch = field("branch") ?? "master"
    return (
      "refs/heads/\(branch)", "branch \(branch)",
      "couldn't find remote ref \"refs/heads/\(branch)\""
    )
  }

  /// The tag of the highest version in a range; of equal ones that with the later commit.
  private func chosen(by text: String) async throws -> Found {
    guard let range = VersionRange(text) else {
      throw SourceFailure(
        .sourceController,
        "failed to checkout and determine revision: semver parse error: improper constraint: "
          + text)
    }
    var best: (version: SemanticVersion, tag: GitRepository.Tag)?
    for tag in try await repository.tags() {
      guard let version = SemanticVersion(tag: tag.name), range.contains(version) else { continue }
      if let known = best {
        let order = version.compare(known.version)
        guard order > 0 || (order == 0 && tag.committed >= known.tag.committed) else { continue }
      }
      best = (version, tag)
    }
    guard let best else {
      throw SourceFailure(
        .sourceController,
        "failed to checkout and determine revision: no match found for semver: \(text)")
    }
    return Found(
      name: "tag \(best.tag.name)", commit: best.tag.commit, chosenTag: best.tag.name)
  }
}
