package import Document
import FluxModel
import Objects

/// An admission policy that lets only those write ExternalArtifacts who are known to publish them.
///
/// Its four rules are those of RFC-0012 ("Policy Enforcement"): the API and the kind that an artifact
/// says it comes from, where it is fetched, and who writes it. Beyond the example there it matches
/// `externalartifacts/status`, because the address that Flux fetches from is in the status.
package struct ArtifactPolicy: Sendable, Hashable {
  /// The API groups of what artifacts come from.
  package var groups: Set<String> = []
  package var kinds: Set<String> = []
  /// Where artifacts are fetched, up to the first slash of the path: `http://host/`.
  package var prefixes: Set<String> = []
  /// As the API server names them: `system:serviceaccount:NAMESPACE:NAME`.
  package var users: Set<String> = []
  /// Whether there are artifacts that do not say what they come from.
  package var allowsNoSource = false

  package static let name = "trusted-external-artifacts"
  private static let apiVersion = "admissionregistration.k8s.io/v1"

  package init() {}

  /// The policy and a binding that denies everywhere what it refuses.
  package var documents: [Value] {
    let resource = FluxKind.externalArtifact.resource
    let rule: Value = [
      "apiGroups": [.string(resource.group)], "apiVersions": ["*"],
      "operations": ["CREATE", "UPDATE"],
      "resources": [.string(resource.plural), .string("\(resource.plural)/status")],
    ]
    let policy: Value = [
      "apiVersion": .string(Self.apiVersion), "kind": "ValidatingAdmissionPolicy",
      "metadata": ["name": .string(Self.name)],
      "spec": [
        "failurePolicy": "Fail",
        "matchConstraints": ["resourceRules": [rule]],
        "validations": .array(
          validations.map { rule in
            ["expression": .string(rule.expression), "message": .string(rule.message)]
          }),
      ],
    ]
    let binding: Value = [
      "apiVersion": .string(Self.apiVersion), "kind": "ValidatingAdmissionPolicyBinding",
      "metadata": ["name": .string(Self.name)],
      "spec": ["policyName": .string(Self.name), "validationActions": ["Deny"]],
    ]
    return [policy, binding]
  }

  private var validations: [(expression: String, message: String)] {
    let source = "object.spec.sourceRef"
    let isAbsent = "!has(object.spec) || !has(\(source)) || "
    let isThere = "has(object.spec) && has(\(source)) && "
    func ofSource(_ condition: String) -> String {
      allowsNoSource ? "\(isAbsent)(\(condition))" : isThere + condition
    }
    let api = "\(source).apiVersion"
    let url = "object.status.artifact.url"
    return [
      (
        ofSource("has(\(api)) && (\(beginning(api, groups.map { $0 + "/" })))"),
        "artifacts may come only from these APIs: \(listed(groups))"
      ),
      (
        ofSource("\(source).kind in \(Self.list(kinds))"),
        "artifacts may come only from these kinds: \(listed(kinds))"
      ),
      (
        "!has(object.status) || !has(object.status.artifact) || "
          + "has(\(url)) && (\(beginning(url, Array(prefixes))))",
        "artifacts may be fetched only from these addresses: \(listed(prefixes))"
      ),
      (
        "request.userInfo.username in \(Self.list(users))",
        "only these users may write artifacts: \(listed(users))"
      ),
    ]
  }

  private func beginning(_ field: String, _ prefixes: [String]) -> String {
    guard !prefixes.isEmpty else { return "false" }
    return prefixes.sorted().map { "\(field).startsWith(\(Self.quoted($0)))" }
      .joined(separator: " || ")
  }

  private func listed(_ words: Set<String>) -> String {
    words.isEmpty ? "none" : words.sorted().joined(separator: ", ")
  }

  private static func list(_ words: Set<String>) -> String {
    "[" + words.sorted().map(quoted).joined(separator: ", ") + "]"
  }

  /// A string literal of CEL.
  private static func quoted(_ text: String) -> String {
    var result = "'"
    for scalar in text.unicodeScalars {
      switch scalar {
      case "'", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "'"
  }
}
