import Document
import FluxModel
import KubeAPI
import Objects

/// Whether an admission policy decides who may write ExternalArtifacts.
///
/// A policy does so when all of this holds (`admissionregistration.k8s.io/v1`): it matches CREATE and
/// UPDATE of them wherever they are, it fails closed, and a binding that narrows nothing denies what
/// it refuses. Its expressions are not judged.
enum CheckPolicy {
  static func findings(_ input: CheckInput) -> [CheckFinding] {
    let policies: [Value]
    switch input.policies {
    case .success(let found): policies = found
    case .failure(let error): return [unread(error, input, of: "validatingadmissionpolicies")]
    }
    let guarding = policies.filter { isAboutArtifacts($0) }
    guard !guarding.isEmpty else {
      let place = "validatingadmissionpolicies"
      return [
        input.lacks(.policies)
          ? CheckFinding(
            .unknown, "policy", "the snapshot has no policy that protects ExternalArtifacts",
            at: place)
          : CheckFinding(
            .info, "policy", "no ValidatingAdmissionPolicy protects ExternalArtifacts", at: place,
            reason: why, fix: mend)
      ]
    }
    let bindings: [Value]
    switch input.policyBindings {
    case .success(let found): bindings = found
    case .failure(let error):
      return [unread(error, input, of: "validatingadmissionpolicybindings")]
    }
    let judged = guarding.map { Guard($0, bindings) }
    // One policy may look at what is made, another at what is changed.
    let covered = judged.filter { $0.weaknesses.isEmpty }.reduce(Set<String>()) {
      $0.union($1.operations)
    }
    if covered.isSuperset(of: operations) {
      let first = judged.first { $0.weaknesses.isEmpty }
      return [
        CheckFinding(
          .ok, "policy", "ExternalArtifacts are protected",
          at: "ValidatingAdmissionPolicy/\(first?.name ?? "")")
      ]
    }
    return judged.map { policy in
      CheckFinding(
        .info, "policy",
        "ExternalArtifacts are only partly protected: the policy "
          + policy.allWeaknesses.joined(separator: ", and "),
        at: "ValidatingAdmissionPolicy/\(policy.name)", reason: why,
        fix: "make it match CREATE and UPDATE in all namespaces, with failurePolicy Fail and an "
          + "unrestricted binding with the validationAction Deny")
    }
  }

  private static let operations = ["CREATE", "UPDATE"]
  private static let resource = FluxKind.externalArtifact.resource
  private static let why =
    "Flux applies whatever the URL of an ExternalArtifact serves: anyone who can write ExternalArtifacts can make their consumers apply anything"
  private static let mend =
    "export policy generates one for the current publishers: review it, then apply it"

  private static func unread(
    _ error: any Error, _ input: CheckInput, of resources: String
  ) -> CheckFinding {
    if input.isSnapshot { return CheckFinding(.unknown, "policy", "\(error)", at: resources) }
    let isMissing = (error as? APIError)?.isNotFound ?? false
    return CheckFinding(
      .info, "policy",
      isMissing
        ? "this server is too old for a ValidatingAdmissionPolicy that protects ExternalArtifacts"
        : "cannot determine whether a ValidatingAdmissionPolicy protects ExternalArtifacts: \(error)",
      at: resources, reason: why,
      fix: isMissing ? "restrict permission to write them with RBAC roles" : mend)
  }

  // MARK: Rules

  /// Whether a policy, or a binding of one, mentions ExternalArtifacts.
  static func isAboutArtifacts(_ policy: Value) -> Bool {
    rules(policy["spec", "matchConstraints", "resourceRules"]).contains { matches($0) }
  }

  private static func rules(_ value: Value?) -> [Value] { value?.array ?? [] }

  private static func matches(_ rule: Value) -> Bool {
    let groups = texts(rule["apiGroups"])
    let resources = texts(rule["resources"])
    return (groups.contains(resource.group) || groups.contains("*"))
      && resources.contains {
        $0 == "*" || $0 == "*/*" || $0 == resource.plural
          || $0.hasPrefix("\(resource.plural)/")
      }
  }

  /// The operations for which rules match ExternalArtifacts themselves, all of them.
  private static func covered(by rules: [Value]) -> Set<String> {
    var covered: Set<String> = []
    for rule in rules where matches(rule) {
      let resources = texts(rule["resources"])
      guard resources.contains(where: { ["*", "*/*", resource.plural].contains($0) }),
        texts(rule["resourceNames"]).isEmpty, rule["scope"]?.string != "Cluster"
      else { continue }
      let named = texts(rule["operations"])
      covered.formUnion(named.contains("*") ? operations : named.filter(operations.contains))
    }
    return covered
  }

  private static func texts(_ value: Value?) -> [String] {
    (value?.array ?? []).compactMap(\.string)
  }

  /// What a `MatchResources` leaves out, as the end of a sentence; empty when it is everything.
  private static func narrowings(_ match: Value?) -> [String] {
    func selects(_ key: String) -> Bool {
      let selector = match?[key]
      return selector?["matchLabels"]?.object?.isEmpty == false
        || selector?["matchExpressions"]?.array?.isEmpty == false
    }
    var found: [String] = []
    if selects("namespaceSelector") { found.append("only in selected namespaces") }
    if selects("objectSelector") { found.append("only for objects with selected labels") }
    let excluded = rules(match?["excludeResourceRules"]).filter { matches($0) }
    if !excluded.isEmpty { found.append("with exceptions (excludeResourceRules)") }
    return found
  }

  /// A policy with its bindings.
  private struct Guard {
    let name: String
    /// Those that the policy looks at, of the two that matter.
    let operations: Set<String>
    /// What it lacks beside operations, each the end of a sentence that begins with "the policy".
    let weaknesses: [String]

    init(_ policy: Value, _ bindings: [Value]) {
      let name = policy.name ?? ""
      self.name = name
      let match = policy["spec", "matchConstraints"]
      var operations = CheckPolicy.covered(by: CheckPolicy.rules(match?["resourceRules"]))
      var weaknesses = CheckPolicy.narrowings(match).map { "applies \($0)" }
      if policy["spec", "failurePolicy"]?.string == "Ignore" {
        weaknesses.append("fails open (failurePolicy Ignore)")
      }
      let own = bindings.filter { $0["spec", "policyName"]?.string == name }
      let denying = own.filter {
        CheckPolicy.texts($0["spec", "validationActions"]).contains("Deny")
      }
      if own.isEmpty {
        weaknesses.append("has no binding")
      } else if denying.isEmpty {
        weaknesses.append("denies nothing: no binding has the validationAction Deny")
      } else {
        let bound = denying.map { Bound($0) }
        let whole = bound.filter { $0.limits.isEmpty }
        if whole.isEmpty {
          weaknesses += bound[0].limits
        } else {
          let reached = whole.reduce(Set<String>()) { $0.union($1.operations) }
          operations.formIntersection(reached)
        }
      }
      self.operations = operations
      self.weaknesses = weaknesses
    }

    var allWeaknesses: [String] {
      let lacking = CheckPolicy.operations.filter { !operations.contains($0) }
      let gap = lacking.isEmpty ? [] : ["does not match \(lacking.joined(separator: " and "))"]
      return gap + weaknesses
    }
  }

  /// How far a binding that denies reaches.
  private struct Bound {
    let operations: Set<String>
    let limits: [String]

    init(_ binding: Value) {
      let match = binding["spec", "matchResources"]
      let rules = CheckPolicy.rules(match?["resourceRules"])
      operations = rules.isEmpty ? Set(CheckPolicy.operations) : CheckPolicy.covered(by: rules)
      var limits = CheckPolicy.narrowings(match).map {
        "is bound \($0), by \(binding.name ?? "a binding without a name")"
      }
      if binding["spec", "paramRef", "parameterNotFoundAction"]?.string == "Allow" {
        limits.append("allows everything if its parameters are missing")
      }
      self.limits = limits
    }
  }
}
