/// A path of a flag of ours that is empty: most often a variable of a script that is not set.
///
/// kubectl's own flags are different: to them, empty means not given.
enum EmptyPath {
  /// - Throws: `UsageError` for an empty path.
  static func refuse(_ path: String?, flag: String) throws(UsageError) {
    guard path?.isEmpty == true else { return }
    throw UsageError("\(flag) has an empty path: is a variable unset?")
  }

  /// The same for the flags that say what is built or read.
  static func refuse(
    files: [String], sources: [String], manifests: [String]
  ) throws(UsageError) {
    for path in files { try refuse(path, flag: "-f") }
    for source in sources where isEmpty(source) {
      try refuse("", flag: "--source \(source)")
    }
    for path in manifests { try refuse(path, flag: "--manifests") }
  }

  /// Whether nothing stands where `NAME=SPEC` has a path: git would take the working directory for it.
  private static func isEmpty(_ source: String) -> Bool {
    guard let sign = source.firstIndex(of: "=") else { return false }
    let spec = source[source.index(after: sign)...]
    return spec.isEmpty
      || ["git:", "push:", "dir:"].contains { prefix in
        spec == prefix || (prefix != "dir:" && spec.hasPrefix(prefix + "@"))
      }
  }
}
