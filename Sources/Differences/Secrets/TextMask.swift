package import Content
import Document
import Objects
import Text

/// The content of files as it may be shown line by line.
///
/// What is secret (``SecretRule``) is replaced by `*** (N bytes)`. Two secrets of equal length look the
/// same: ``ShownContent`` knows them apart.
package enum TextMask {
  /// The content of a file without its secrets.
  ///
  /// YAML and JSON are masked by the places of their values, where they can be read; everything else
  /// line by line (`.env`, properties, templates). A scalar in quotes or a block is replaced as a whole
  /// if all of it is secret. Line breaks outside of secrets stay, those inside may go. Takes time and
  /// memory linear in the size.
  ///
  /// - Parameters:
  ///   - path: says which format to expect.
  ///   - named: what kustomizations say about the file (``SecretFiles``).
  package static func masked(
    _ bytes: [UInt8], path: TreePath, named: SecretFiles = SecretFiles()
  ) -> [UInt8] {
    content(bytes, path: path, named: named).bytes
  }

  /// ``masked(_:path:named:)``, together with what is needed to compare it.
  ///
  /// - Parameter known: what is secret elsewhere.
  package static func content(
    _ bytes: [UInt8], path: TreePath, named: SecretFiles = SecretFiles(),
    known: SecretTexts = .none
  ) -> ShownContent {
    let edits = edits(in: bytes, path, named, known)
    return ShownContent(bytes, without: edits + known.edits(in: bytes))
  }

  private static func edits(
    in bytes: [UInt8], _ path: TreePath, _ named: SecretFiles, _ known: SecretTexts
  ) -> [MaskEdit] {
    let whole = whole(of: bytes)
    // Names are looked for in ASCII.
    if isWideText(bytes) { return whole }
    switch named.use(of: path) {
    case .content: return whole
    case .variables: return variables(in: bytes)
    case nil: break
    }
    let name = path.base.bytes
    if isKey(name) || isNamedSecret(path) || isNamedData(bytes, path) { return whole }
    if hasSuffix(name, ".env"), isNamedSecret(path.directory.child(name.dropLast(4))) {
      return variables(in: bytes)
    }
    if isStructured(name),
      let edits = SecretText.structured(bytes, depth: 0, known: known)
    {
      return edits
    }
    return SecretLines.edits(in: bytes, isFile: true)
  }

  /// Whether the name of a file is that of a credential: no more can be known of what is no text.
  package static func isNamedLikeCredential(_ path: TreePath) -> Bool {
    let name = path.base.bytes
    let dot = name.lastIndex(of: UInt8(ascii: ".")) ?? name.endIndex
    return isKey(name) || path.directory.base == "secrets"
      || SecretName(dot == name.startIndex ? name[...] : name[..<dot]).isCredential
  }

  /// Whether a content begins with the mark of UTF-16 or UTF-32, of which nothing may be shown.
  ///
  /// - Parameter head: the first four bytes, or more.
  package static func isWideText(_ head: [UInt8]) -> Bool {
    [[0xFF, 0xFE], [0xFE, 0xFF], [0, 0, 0xFE, 0xFF]].contains { head.starts(with: $0) }
  }

  /// Whether a variable or setting of this name is a credential, whatever its value is.
  package static func namesCredential(_ name: String) -> Bool { SecretName(name) == .credential }

  /// A content of which nothing may be shown.
  package static func hidden(_ bytes: [UInt8]) -> ShownContent {
    ShownContent(bytes, without: whole(of: bytes))
  }

  /// All but the end of the last line.
  private static func whole(of bytes: [UInt8]) -> [MaskEdit] {
    var end = bytes.count
    if end > 0, bytes[end - 1] == UInt8(ascii: "\n") { end -= 1 }
    if end > 0, end < bytes.count, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return end == 0 ? [] : [MaskEdit(0..<end, size: bytes.count)]
  }

  /// Whether a file is a secret as a whole, by its name or by what kustomizations make of it.
  package static func isHidden(
    _ bytes: [UInt8], path: TreePath, named: SecretFiles = SecretFiles()
  ) -> Bool {
    named.use(of: path) != nil || isKey(path.base.bytes) || isNamedSecret(path)
      || isNamedData(bytes, path)
  }

  /// The values of `NAME=VALUE` lines, whatever the names are.
  private static func variables(in bytes: [UInt8]) -> [MaskEdit] {
    SecretLines.lines(of: bytes).map { line in
      let sign = bytes[line].firstIndex(of: UInt8(ascii: "="))
      return MaskEdit((sign.map { $0 + 1 } ?? line.lowerBound)..<line.upperBound)
    }
  }

  private static func isStructured(_ name: [UInt8]) -> Bool {
    ManifestSet.isManifest(TreePath(name)) || hasSuffix(name, ".tfstate")
      || hasSuffix(name, "config.json") || hasSuffix(name, "dockerconfigjson")
  }

  /// Files that are nothing but a credential.
  private static func isKey(_ name: [UInt8]) -> Bool {
    [
      ".netrc", "_netrc", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".htpasswd",
      ".git-credentials", ".pgpass",
      "credentials", "htpasswd", "keys.txt",
    ].contains { name.elementsEqual($0.utf8) }
      || [".agekey", ".ppk", ".jks", ".p12", ".pfx", ".keytab", ".kdbx"].contains {
        hasSuffix(name, $0)
      }
  }

  /// Files of plain text that are named like a credential: `password.txt`, `db_password`,
  /// `secrets/db`.
  private static func isNamedSecret(_ path: TreePath) -> Bool {
    let name = path.base.bytes
    let dot = name.lastIndex(of: UInt8(ascii: ".")) ?? name.endIndex
    let ending = name[dot...]
    let isPlain =
      dot == name.endIndex || dot == name.startIndex
      || [".txt", ".pass", ".password", ".key", ".secret", ".token"].contains {
        ending.elementsEqual($0.utf8)
      }
    guard isPlain else { return false }
    let stem = dot == name.startIndex ? name[...] : name[..<dot]
    return ending.elementsEqual(".key".utf8) || path.directory.base == "secrets"
      || SecretName(String(decoding: stem, as: UTF8.self)).isCredential
  }

  /// YAML and JSON that are named like a credential and contain mere data: `credentials.json`.
  ///
  /// Objects and the patches for them say themselves what of them is secret.
  private static func isNamedData(_ bytes: [UInt8], _ path: TreePath) -> Bool {
    let name = path.base.bytes
    guard ManifestSet.isManifest(path), !name.starts(with: "kustomization.".utf8),
      name != Array("Kustomization".utf8), let dot = name.lastIndex(of: UInt8(ascii: ".")),
      path.directory.base == "secrets" || SecretName(name[..<dot]).isCredential,
      let documents = try? YAML.parse(bytes)
    else { return false }
    return documents.contains { document in
      switch document {
      case .object: document.kind == nil
      case .array(let elements): !elements.allSatisfy { $0["op"] != nil || $0.kind != nil }
      case .string, .integer, .double: true
      case .null, .bool: false
      }
    }
  }

  private static func hasSuffix(_ name: [UInt8], _ ending: String) -> Bool {
    name.count >= ending.utf8.count && name.suffix(ending.utf8.count).elementsEqual(ending.utf8)
  }
}

/// Files of a tree that a `secretGenerator` of kustomize makes Secrets of.
package struct SecretFiles: Sendable {
  enum Use {
    /// All of the file is one value (`files`).
    case content
    /// Each line is a variable (`envs`, `env`).
    case variables
  }

  private var uses: [TreePath: Use] = [:]

  package init() {}

  /// Adds what the kustomization at `path` names, from the content of its file; nothing of a file that
  /// is no kustomization or cannot be read.
  package mutating func add(_ bytes: [UInt8], path: TreePath) {
    guard let documents = try? YAML.parse(bytes) else { return }
    for document in documents {
      for generator in document["secretGenerator"]?.array ?? [] {
        add(generator, path.directory)
      }
      if document["kind"]?.string == "SecretGenerator" { add(document, path.directory) }
    }
  }

  private mutating func add(_ generator: Value, _ directory: TreePath) {
    let variables = (generator["envs"]?.array ?? []) + [generator["env"] ?? .null]
    for file in variables.compactMap(\.string) {
      let path = directory.joined(TreePath(file))
      if uses[path] == nil { uses[path] = .variables }
    }
    for file in (generator["files"]?.array ?? []).compactMap(\.string) {
      // `KEY=PATH`
      let bytes = Array(file.utf8)
      let start = bytes.firstIndex(of: UInt8(ascii: "=")).map { $0 + 1 } ?? 0
      uses[directory.joined(TreePath(bytes[start...]))] = .content
    }
  }

  /// Whether a Secret is made of a file.
  package func names(_ path: TreePath) -> Bool { use(of: path) != nil }

  func use(of path: TreePath) -> Use? {
    uses.isEmpty ? nil : uses[path.cleaned]
  }
}
