import Platform
import SystemPackage

/// A named pipe or a device in the place of a file that git reads whatever it is: it waits there for
/// somebody who writes.
enum WaitedFile {
  private static let names: Set<String> = [".gitignore", ".gitattributes", ".gitmodules"]
  /// More entries than this are not looked at.
  private static let mostEntries = 1_000_000
  private static let deepest = 256

  /// The path of one in a repository or its work tree; nil where there is none.
  ///
  /// - Parameters:
  ///   - directory: the top of either, or a folder below.
  ///   - environment: what git is given.
  static func first(around directory: String, environment: [String: String]) -> String? {
    guard let resolved = try? Disk.resolved(directory) else { return nil }
    var top = String(nativeBytes: resolved)
    var candidate = top
    for _ in 0..<deepest {
      if Disk.exists(candidate + "/.git") {
        top = candidate
        break
      }
      guard let slash = candidate.lastIndex(of: "/"), slash != candidate.startIndex else { break }
      candidate = String(candidate[..<slash])
    }
    var left = mostEntries
    // In a bare repository, everything is git's own.
    let isBare = Disk.exists(top + "/objects") && Disk.exists(top + "/refs")
    if let found = first(in: top, isGits: isBare, depth: 0, &left) { return found }
    let elsewhere = gitFolder(of: top)
    if let found = elsewhere.flatMap({ first(in: $0, isGits: true, depth: 0, &left) }) {
      return found
    }
    return configured(in: elsewhere ?? (isBare ? top : top + "/.git"), environment)
  }

  // MARK: - Configuration

  /// Keys whose value is a file that git reads.
  private static let keys: Set<String> = ["path", "excludesfile", "attributesfile"]
  private static let deepestInclude = 10

  /// One among the files of configuration, or among those that they name.
  private static func configured(in gitFolder: String, _ environment: [String: String]) -> String? {
    let home = environment["HOME"] ?? ""
    let own = (environment["XDG_CONFIG_HOME"] ?? home + "/.config") + "/git"
    let files = [
      gitFolder + "/config", gitFolder + "/config.worktree",
      environment["GIT_CONFIG_SYSTEM"] ?? "/etc/gitconfig",
      environment["GIT_CONFIG_GLOBAL"] ?? home + "/.gitconfig",
      own + "/config", own + "/ignore", own + "/attributes",
    ]
    return files.lazy.compactMap { first(from: $0, home: home, depth: 0) }.first
  }

  private static func first(from file: String, home: String, depth: Int) -> String? {
    guard file != "/dev/null", let status = try? Disk.status(of: file) else { return nil }
    if status.kind == .other { return file }
    guard status.kind == .file, depth < deepestInclude,
      let bytes = try? Disk.read(file, limit: 1 << 20)
    else { return nil }
    let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
    for line in String(nativeBytes: bytes).split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1).map { word in
        word.drop { $0 == " " || $0 == "\t" }
      }
      guard parts.count == 2 else { continue }
      let key = parts[0].lowercased().prefix { $0 != " " && $0 != "\t" }
      guard keys.contains(String(key)) else { continue }
      var value = String(parts[1].filter { $0 != "\"" })
      while value.last == " " || value.last == "\t" { value.removeLast() }
      if value.hasPrefix("~/") {
        value = home + value.dropFirst()
      } else if !value.hasPrefix("/") {
        value = "\(folder)/\(value)"
      }
      if let found = first(from: value, home: home, depth: depth + 1) { return found }
    }
    return nil
  }

  /// Where a file named `.git` says that the repository is.
  private static func gitFolder(of top: String) -> String? {
    let prefix = "gitdir: "
    guard Disk.isFile(top + "/.git"), let bytes = try? Disk.read(top + "/.git", limit: 1 << 16),
      let line = String(nativeBytes: bytes).split(separator: "\n").first, line.hasPrefix(prefix)
    else { return nil }
    let path = line.dropFirst(prefix.count)
    return path.hasPrefix("/") ? String(path) : "\(top)/\(path)"
  }

  private static func first(
    in folder: String, isGits: Bool, depth: Int, _ left: inout Int
  ) -> String? {
    guard depth < deepest, let entries = try? Disk.entries(of: folder) else { return nil }
    left -= entries.count
    guard left > 0 else { return nil }
    for entry in entries {
      let name = String(nativeBytes: entry.name)
      // git's own socket, for its file system monitor.
      let isRead = isGits ? !name.hasSuffix(".ipc") : names.contains(name)
      if entry.kind == .other, isRead { return "\(folder)/\(name)" }
    }
    for entry in entries where entry.kind == .directory {
      let name = String(nativeBytes: entry.name)
      let found = first(
        in: "\(folder)/\(name)", isGits: isGits || name == ".git", depth: depth + 1, &left)
      if let found { return found }
    }
    return nil
  }
}
