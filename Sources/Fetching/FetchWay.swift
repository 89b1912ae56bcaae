/// A way from outside to an artifact, whose address is valid only inside its cluster.
package enum FetchWay: String, Sendable, CaseIterable {
  /// The API server asks the Service.
  case serviceProxy = "service-proxy"
  /// The API server and the kubelet forward a port of a pod behind the Service.
  case portForward = "port-forward"
  /// We ask the Service ourselves; in a pod only.
  case direct
}

/// Which ways may be tried; the argument of `--via`.
package enum FetchChoice: Sendable, Hashable {
  /// One after the other, until one leads there.
  case auto
  case only(FetchWay)

  /// Nil for a word that is none of them.
  package init?(_ word: String) {
    if word == "auto" {
      self = .auto
    } else if let way = FetchWay(rawValue: word) {
      self = .only(way)
    } else {
      return nil
    }
  }

  package static let words = ["auto"] + FetchWay.allCases.map(\.rawValue)

  var ways: [FetchWay] {
    switch self {
    case .auto: FetchWay.allCases
    case .only(let way): [way]
    }
  }
}
