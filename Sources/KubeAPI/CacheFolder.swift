/// Where things are kept that could be had again.
package enum CacheFolder {
  /// `$XDG_CACHE_HOME/artifactgen/NAME`, or below `~/.cache`; nil without a home.
  package static func path(_ name: String, _ environment: [String: String]) -> String? {
    let base =
      environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
      ?? environment["HOME"].flatMap { $0.isEmpty ? nil : "\($0)/.cache" }
    return base.map { "\($0)/artifactgen/\(name)" }
  }
}
