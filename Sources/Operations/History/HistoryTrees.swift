import Content
import Git

/// Finds the objects at paths of many commits, with one process for each level of directories.
struct HistoryTrees {
  let repository: GitRepository
  /// What is at a name below a tree, whose own name stands in front; nil for nothing.
  private var known: [[UInt8]: String?] = [:]

  init(_ repository: GitRepository) {
    self.repository = repository
  }

  /// - Parameter wanted: Commits in hexadecimal, each with the paths that are looked up in it.
  /// - Returns: For each commit the object at each path; nil where there is none.
  mutating func objects(
    at wanted: [(commit: String, paths: [TreePath])]
  ) async throws(GitError) -> [[String?]] {
    let roots = try await repository.objects(wanted.map { Array("\($0.commit)^{tree}".utf8) })
    var found: [[String?]] = zip(wanted, roots).map { want, root in
      want.paths.map { _ in root }
    }
    let parts = wanted.map { want in
      want.paths.map { $0.isRoot ? [] : $0.components.filter { !$0.isEmpty } }
    }
    let depth = parts.flatMap { $0 }.map(\.count).max() ?? 0
    for level in 0..<depth {
      try await learn(level, parts, found)
      for commit in found.indices {
        for path in found[commit].indices where parts[commit][path].count > level {
          found[commit][path] = found[commit][path].flatMap {
            known[Self.key($0, parts[commit][path][level])] ?? nil
          }
        }
      }
    }
    return found
  }

  /// Looks up the names of a level that are not known yet.
  private mutating func learn(
    _ level: Int, _ parts: [[[ArraySlice<UInt8>]]], _ found: [[String?]]
  ) async throws(GitError) {
    var unknown: [[UInt8]] = []
    var seen: Set<[UInt8]> = []
    for commit in found.indices {
      for path in found[commit].indices where parts[commit][path].count > level {
        guard let tree = found[commit][path] else { continue }
        let key = Self.key(tree, parts[commit][path][level])
        if known[key] == nil, seen.insert(key).inserted { unknown.append(key) }
      }
    }
    // A line feed would be two questions; a path that cannot be asked for counts as that of its
    // directory, which changes whenever it does.
    let asked = unknown.filter { !$0.contains(UInt8(ascii: "\n")) }
    for (key, object) in zip(asked, try await repository.objects(asked)) {
      known[key] = .some(object)
    }
    for key in unknown where key.contains(UInt8(ascii: "\n")) {
      known[key] = .some(String(decoding: key.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self))
    }
  }

  private static func key(_ tree: String, _ name: ArraySlice<UInt8>) -> [UInt8] {
    Array(tree.utf8) + [UInt8(ascii: ":")] + name
  }
}
