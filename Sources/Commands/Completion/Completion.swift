import Objects
import Operations

/// What can stand next.
struct Completion: Equatable {
  struct Candidate: Equatable {
    let value: String
    /// One line; empty without one.
    var description = ""
  }

  /// What the shell does in addition to offering the candidates: Cobra's `ShellCompDirective`.
  struct Directive: OptionSet {
    let rawValue: Int

    static let error = Directive(rawValue: 1)
    static let noSpace = Directive(rawValue: 2)
    static let noFiles = Directive(rawValue: 4)
    static let directories = Directive(rawValue: 16)
    static let keepOrder = Directive(rawValue: 32)

    /// As Cobra spells them.
    var names: String {
      let named: [(Directive, String)] = [
        (.error, "ShellCompDirectiveError"),
        (.noSpace, "ShellCompDirectiveNoSpace"),
        (.noFiles, "ShellCompDirectiveNoFileComp"),
        (.directories, "ShellCompDirectiveFilterDirs"),
        (.keepOrder, "ShellCompDirectiveKeepOrder"),
      ]
      let present = named.filter { contains($0.0) }.map(\.1)
      return present.isEmpty ? "ShellCompDirectiveDefault" : present.joined(separator: ", ")
    }
  }

  var candidates: [Candidate] = []
  var directive: Directive
  /// What else there is to offer, if it can be looked up.
  var question: LiveQuestion?

  /// The shell offers file names, as it does for any command.
  static let files = Completion(directive: [])
  /// There is nothing to offer.
  static let nothing = Completion(directive: .noFiles)
}

/// What completion can only learn from outside: a cluster or a kubeconfig.
enum LiveQuestion: Equatable {
  /// Names of objects, but for those that are there.
  case names(of: CompletionNames.Kinds, prefix: String, besides: [String])
  /// The first word about objects: a name of the kind that is meant where none is said, or any kind
  /// that the cluster has.
  case first(nameOf: ResourceType, orKind: Bool)
  /// Keys of labels that objects have, with what stands before and behind each.
  case labels(of: CompletionNames.Kinds, everywhere: Bool, before: String, behind: String)
  /// Aliases that the generators in these files give to their sources.
  case aliases(files: [String])
  case namespaces
  case contexts
  case clusters
  case users

  /// What the value of a flag is a name of; nil for flags whose values cannot be listed.
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
