import Platform

/// A Service that the address of an artifact names.
package struct ServiceAddress: Sendable, Hashable {
  package let namespace: String
  package let name: String

  package init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  /// Reads a name of the cluster's DNS, `NAME.NAMESPACE[.svc[.DOMAIN]]`, with or without a dot at the end.
  ///
  /// Nil for a host whose name is not that of a Service in the cluster.
  package init?(host: String) {
    guard addressBytes(host) == nil else { return nil }
    // DNS does not tell upper case from lower case.
    var labels = host.lowercased().split(separator: ".", omittingEmptySubsequences: false)
    if labels.last == "" { labels.removeLast() }
    guard labels.count == 2 || labels.count > 2 && labels[2] == "svc",
      labels.prefix(2).allSatisfy(Self.isLabel)
    else { return nil }
    self.init(namespace: String(labels[1]), name: String(labels[0]))
  }

  /// RFC 1123, as names of Services and namespaces are.
  private static func isLabel(_ text: Substring) -> Bool {
    1...63 ~= text.utf8.count && text.first != "-" && text.last != "-"
      && text.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) || $0 == 45 }
  }
}
