import Document
import Objects
import Text

/// Objects that are encrypted with SOPS (kustomize-controller, internal/decryptor).
enum Encryption {
  /// Whether an object is encrypted, or a value of a Secret is.
  static func isEncrypted(_ object: Value) -> Bool {
    if object["sops", "mac"]?.filled != nil { return true }
    guard object.kind == "Secret", object.apiVersion == "v1" else { return false }
    return (object["data"]?.object ?? Object()).contains { _, value in
      guard let text = value.string, let bytes = try? decodeBase64(text) else { return false }
      return isEncrypted(bytes)
    }
  }

  /// - Parameter shown: the object as it may be shown.
  /// - Returns: why the controller does not apply it; nil where it does.
  static func refusal(of object: Value, shown: Value, decrypts: Bool) -> String? {
    guard !decrypts, object.kind == "Secret", object.apiVersion == "v1", isEncrypted(object)
    else { return nil }
    return "\(shown.kind ?? "")/\(shown.name ?? "") is SOPS encrypted, configuring decryption is "
      + "required for this secret to be reconciled"
  }

  /// A dotenv file, an INI file, JSON or YAML of SOPS.
  private static func isEncrypted(_ text: [UInt8]) -> Bool {
    ["\"mac\": \"ENC[", "sops_mac=ENC[", "[sops]", "mac: ENC["].contains { word in
      let word = Array(word.utf8)
      guard text.count >= word.count, let first = word.first else { return false }
      return text.indices.dropLast(word.count - 1).contains {
        text[$0] == first && text[$0...].starts(with: word)
      }
    }
  }
}
