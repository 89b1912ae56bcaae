import CBuildInfo

/// The version that this executable was built as.
enum BuildInfo {
  static var version: String { String(cString: artifactgen_build_version()) }
  static var commit: String { String(cString: artifactgen_build_commit()) }
  static var date: String { String(cString: artifactgen_build_date()) }

  /// `kubectl-artifactgen 0.1.0 (commit, date)`.
  static func line(for tool: (some Tool).Type) -> String {
    // A build outside a checkout, and one that is not a release, know less.
    let origin = [commit, date].filter { !$0.isEmpty && $0 != "unknown" }
    return "\(tool.executable) \(version)"
      + (origin.isEmpty ? "" : " (\(origin.joined(separator: ", ")))")
  }
}
