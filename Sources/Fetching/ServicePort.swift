package import Document

/// A port of a Service, by which its endpoints name theirs.
package enum ServicePort: Sendable, Hashable {
  /// Of a headless Service: its pods have the ports that they have.
  case any
  /// One that the Service declares, as its spec has it.
  case declared(Value)

  /// - Returns: Nil where the Service has no such port.
  package init?(_ number: Int, of service: Value) {
    let declared = (service["spec", "ports"]?.array ?? []).first {
      $0["port"]?.integer == Int64(number)
    }
    if let declared {
      self = .declared(declared)
    } else if service["spec", "clusterIP"]?.string == "None" {
      self = .any
    } else {
      return nil
    }
  }

  /// Nil for any port.
  package var entry: Value? {
    if case .declared(let entry) = self { entry } else { nil }
  }

  /// The port among those of a slice or a subset that belongs to this one; a Service with one port need
  /// not name it.
  package func counterpart(among ports: Value?) -> Value? {
    let name = entry?["name"]?.string ?? ""
    return (ports?.array ?? []).first { ($0["name"]?.string ?? "") == name }
  }
}
