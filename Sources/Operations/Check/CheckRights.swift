import FluxModel
import KubeAPI
import Objects

/// The rights that some verbs of this suite take, beyond those of the verbs before them.
package struct VerbRights: Sendable {
  /// As a sentence names them.
  package let verbs: String
  /// Of the role that grants them.
  let role: String
  package let rights: [ActRight]

  /// Every verb that asks a cluster.
  ///
  /// - Parameter kinds: The kinds that there are.
  static func all(in namespace: String, _ kinds: [FluxKind]) -> [VerbRights] {
    func rights(_ verbs: [String], _ resources: [ResourceType]) -> [ActRight] {
      verbs.flatMap { verb in
        resources.map { ActRight(verb: verb, resource: $0, namespace: namespace) }
      }
    }
    let generator = FluxKind.artifactGenerator.resource
    let others = kinds.filter { $0 != .artifactGenerator && $0 != .externalArtifact }
    let all = kinds.map(\.resource)
    return [
      VerbRights(
        verbs: "get, tree, trace, diff and export", role: "artifactgen-read",
        rights: rights(["get", "list"], all)),
      VerbRights(
        verbs: "events", role: "artifactgen-events", rights: rights(["list"], [ListEvents.core])),
      VerbRights(
        verbs: "get -w, wait and every command that waits", role: "artifactgen-watch",
        rights: rights(["watch"], all)),
      VerbRights(
        verbs: "reconcile, suspend and resume of generators", role: "artifactgen-act",
        rights: rights(["patch"], [generator])),
      VerbRights(
        verbs:
          "reconcile --with-source and --with-consumers, suspend and resume of other kinds",
        role: "artifactgen-act-on-others",
        rights: rights(["patch"], others.map(\.resource))),
      VerbRights(
        verbs: "reconcile --force", role: "artifactgen-force",
        rights: [
          ActRight(
            verb: "patch", resource: generator, subresource: "status", namespace: namespace)
        ]),
    ]
  }
}

/// What the current user may do.
enum CheckRights {
  static func findings(_ input: CheckInput) -> [CheckFinding] {
    let place = "current user in namespace \(input.namespace)"
    switch input.missingRights {
    case .failure(let error):
      return [
        CheckFinding(
          unread: error, "permissions", "cannot be reviewed", at: place,
          reason: "it is unknown which commands you may run",
          fix: "run the commands: each reports the permission that is missing")
      ]
    case .success(let missing):
      return input.verbRights.filter { !$0.rights.isEmpty }.map { group in
        let lacking = group.rights.filter(missing.contains)
        guard !lacking.isEmpty else {
          return CheckFinding(
            .ok, "permissions", "permissions for \(group.verbs) are granted", at: place)
        }
        return CheckFinding(
          .warning, "permissions", "no permission to \(phrase(lacking))", at: place,
          reason: "required by \(group.verbs)",
          fix:
            "ask an administrator to create this role and bind it to you: \(command(lacking, group.role, input.namespace))"
        )
      }
    }
  }

  /// `get or list A, B; watch C`.
  private static func phrase(_ rights: [ActRight]) -> String {
    var resources: [(verb: String, paths: [String])] = []
    for right in rights {
      if let index = resources.firstIndex(where: { $0.verb == right.verb }) {
        resources[index].paths.append(right.path)
      } else {
        resources.append((right.verb, [right.path]))
      }
    }
    var verbs: [(verbs: [String], paths: [String])] = []
    for (verb, paths) in resources {
      if let index = verbs.firstIndex(where: { $0.paths == paths }) {
        verbs[index].verbs.append(verb)
      } else {
        verbs.append(([verb], paths))
      }
    }
    return verbs.map {
      "\($0.verbs.joined(separator: " or ")) \($0.paths.joined(separator: ", "))"
    }
    .joined(separator: "; ")
  }

  private static func command(_ rights: [ActRight], _ role: String, _ namespace: String) -> String {
    func unique(_ words: [String]) -> String {
      var seen: [String] = []
      for word in words where !seen.contains(word) { seen.append(word) }
      return seen.joined(separator: ",")
    }
    return "kubectl -n \(namespace) create role \(role) --verb=\(unique(rights.map(\.verb))) "
      + "--resource=\(unique(rights.map(\.path)))"
  }
}
