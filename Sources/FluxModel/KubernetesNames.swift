/// The rules that Kubernetes has for names, labels and the like, with its own words for each breach.
///
/// The texts are those of k8s.io/apimachinery 0.36, with which the controller is built: it puts them
/// into its conditions. An empty answer means that the text is allowed.
package enum KubernetesNames {
  /// `NameIsDNSSubdomain` (`pkg/util/validation`): names of most objects.
  package static func breaches(ofSubdomain text: String) -> [String] {
    let bytes = Array(text.utf8)
    var breaches: [String] = []
    if bytes.count > 253 {
      // This function says "characters" where the newer ones below say "bytes".
      breaches.append("must be no more than 253 characters")
    }
    if !isSubdomain(bytes[...]) {
      breaches.append(subdomainText)
    }
    return breaches
  }

  /// `IsDNS1123Label`: names of namespaces.
  ///
  /// In words of our own: the controller never says these.
  package static func breaches(ofNamespace text: String) -> [String] {
    let bytes = Array(text.utf8)
    return isLowercaseLabel(bytes[...]) && bytes.count <= 63
      ? [] : ["must be lower case letters, digits and '-', at most 63"]
  }

  /// `IsLabelValue` (`pkg/api/validate/content`).
  package static func breaches(ofLabelValue text: String) -> [String] {
    let bytes = Array(text.utf8)
    var breaches: [String] = []
    if bytes.count > 63 {
      breaches.append("must be no more than 63 bytes")
    }
    if !bytes.isEmpty, !isLabelName(bytes[...]) {
      breaches.append(
        rule(
          "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' "
            + "or '.', and must start and end with an alphanumeric character",
          examples: ["MyValue", "my_value", "12345"],
          expression: "(\(labelExpression))?"
        )
      )
    }
    return breaches
  }

  /// `IsLabelKey` (`pkg/api/validate/content`).
  package static func breaches(ofLabelKey text: String) -> [String] {
    let bytes = Array(text.utf8)
    let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count <= 2, let name = parts.last else {
      return [
        "a valid label key \(labelNameText) "
          + "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
      ]
    }
    var breaches: [String] = []
    if parts.count == 2, let prefix = parts.first {
      if prefix.isEmpty {
        breaches.append("prefix part must be non-empty")
      } else {
        if prefix.count > 253 {
          breaches.append("prefix part must be no more than 253 bytes")
        }
        if !isSubdomain(prefix) {
          breaches.append("prefix part \(subdomainText)")
        }
      }
    }
    if name.isEmpty {
      breaches.append("name part must be non-empty")
    } else if name.count > 63 {
      breaches.append("name part must be no more than 63 bytes")
    }
    if !isLabelName(name) {
      breaches.append("name part \(labelNameText)")
    }
    return breaches
  }

  // MARK: Character sets

  /// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, with more characters allowed inside if given.
  static func isLowercaseLabel(_ bytes: ArraySlice<UInt8>, inside extra: String = "-") -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return false }
    return isLowercase(first) && isLowercase(last)
      && bytes.allSatisfy { isLowercase($0) || extra.utf8.contains($0) }
  }

  static func isSubdomain(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .allSatisfy { isLowercaseLabel($0) }
  }

  private static func isLabelName(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
  }

  private static func isLowercase(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLowercase(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }

  // MARK: Texts

  private static let labelExpression = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"

  private static let labelNameText = rule(
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
      + "alphanumeric character",
    examples: ["MyName", "my.name", "123-abc"],
    expression: labelExpression
  )

  private static let subdomainText = rule(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
      + "'.', and must start and end with an alphanumeric character",
    examples: ["example.com"],
    expression: #"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"#
  )

  /// apimachinery puts a comma and a space behind every example, also before an "or".
  private static func rule(_ rule: String, examples: [String], expression: String) -> String {
    let listed = examples.map { "'\($0)', " }.joined(separator: " or ")
    return "\(rule) (e.g. \(listed)regex used for validation is '\(expression)')"
  }
}
