import Operations

/// What completion can only learn from outside: a cluster or a kubeconfig.
enum LiveQuestion: Equatable {
  /// Names of objects, but for those that are there.
  case names(of: CompletionNames.Kinds, prefix: String, besides: [String])
  case namespaces
  case contexts
  case clusters
  case users

  /// What the value of a flag is a name of; nil for flags whose values nobody can list.
  init?(option: ArgumentNode) {
    switch option.displayName {
    case "--namespace": self = .namespaces
    case "--context": self = .contexts
    case "--cluster": self = .clusters
    case "--user": self = .users
    default: return nil
    }
  }
}
