import Document
import Objects
import Text

/// What of a document is secret: the one rule of the suite, for values and for texts.
///
/// It goes by place, by name and by form, and errs on the side of secrets:
///
/// - every value below `data` and `stringData` of a Secret of the core group, wherever the object is
///   (in lists, in the values of a chart), and its last-applied annotation, which repeats them;
/// - the same below `data` of an object whose kind only a template or a substitution says;
/// - every value of a ConfigMap that is named like a credential (`db-credentials`), and the literals of
///   what makes one;
/// - texts and numbers whose field is named like a credential (``SecretName``), also by the `name` or
///   `key` beside a `value` (env, parameters, headers, values of a chart), by the option before an
///   argument and by the path of a JSON patch; booleans never, references (`secretKeyRef`) neither;
/// - literals of a `secretGenerator` of kustomize;
/// - texts that contain a credential by their form (``SecretTokens``) or a line that names one
///   (``SecretLines``), of which only that part is secret; a text that is a document itself is judged as
///   one;
/// - ciphertext of SOPS, with `mac` and `enc` of its metadata.
///
/// JSON schemas describe credentials, but contain none, except as defaults and examples.
enum SecretRule {
  /// Where in a document a value is, as far as it matters.
  enum Place: Equatable {
    case open
    /// Below a field that is named like a credential.
    case credential
    /// The same, where a number is none.
    case measure
    /// Where nothing may be shown.
    case hidden
    /// The same, where a text is base64: the data of a Secret.
    case data
    /// A Secret; what it says of itself; its annotations.
    case secret
    case secretMetadata
    case secretAnnotations
    /// A list of Secrets that do not say what they are.
    case secretList
    /// An object of another kind that says in a `template` which Secret it makes.
    case secretMaker
    case secretItems
    /// The metadata of SOPS.
    case sops
    /// A secretGenerator, its literals (`NAME=VALUE`).
    case generator
    case literals
    /// A JSON schema (a CustomResourceDefinition, `values.schema.json`), which describes credentials;
    /// the description of one.
    case schema
    case credentialSchema

    /// Whether nothing below may name its items: their names would be secret.
    var hidesNames: Bool {
      switch self {
      case .credential, .measure, .hidden, .data, .literals: true
      default: false
      }
    }
  }

  static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

  /// Kinds of Sealed Secrets and External Secrets.
  private static let secretMakers: Set = [
    "SealedSecret", "ExternalSecret", "ClusterExternalSecret", "PushSecret",
  ]

  // MARK: Mappings

  /// What a mapping says about what is in it.
  struct Traits {
    fileprivate var apiVersion: String?
    fileprivate var kind: String?
    /// Whether the kind is not known before a template or a substitution is applied.
    fileprivate var hasTemplatedKind = false
    /// Whether what `value` is of is named like a credential.
    fileprivate var namesCredential = false
    fileprivate var patchPath: String?
    fileprivate var isPatch = false
    /// Whether `secretKey` is the name of a key.
    fileprivate var hasRemote = false
    fileprivate var isSchema = false
    /// Whether the object itself is named like a credential.
    fileprivate var isNamedCredential = false

    init() {}

    init(_ object: Object) {
      for (key, value) in object { note(key, value.string) }
      noteName(object["metadata"]?["name"]?.string)
    }

    /// Takes the name in the metadata of an object into account.
    mutating func noteName(_ name: String?) {
      if let name, SecretName(name) == .credential { isNamedCredential = true }
    }

    /// Takes a member into account; `text` is the value if it is a text.
    mutating func note(_ key: String, _ text: String?) {
      switch key {
      case "apiVersion": apiVersion = text
      case "kind":
        // Of two, the worse: readers do not agree on which one counts.
        if kind?.lowercased() != "secret" { kind = text }
        if text == "CustomResourceDefinition" { isSchema = true }
        if let text, SecretRule.isTemplated(text) { hasTemplatedKind = true }
      case "$schema": isSchema = true
      case "name", "key", "header", "variable":
        if let text, SecretName(text).isCredential { namesCredential = true }
      case "path": patchPath = text
      case "op": isPatch = true
      case "remoteRef", "sourceRef": hasRemote = true
      default: break
      }
    }

    mutating func noteTemplatedKind() { hasTemplatedKind = true }

    /// Adds what a merge key brings in.
    mutating func add(_ other: Traits) {
      apiVersion = apiVersion ?? other.apiVersion
      kind = kind ?? other.kind
      patchPath = patchPath ?? other.patchPath
      namesCredential = namesCredential || other.namesCredential
      isPatch = isPatch || other.isPatch
      hasRemote = hasRemote || other.hasRemote
      isSchema = isSchema || other.isSchema
      hasTemplatedKind = hasTemplatedKind || other.hasTemplatedKind
      isNamedCredential = isNamedCredential || other.isNamedCredential
    }

    /// Whether `value` is that of a credential.
    var namesSecretValue: Bool { namesCredential || patchesSecret }

    fileprivate var isCore: Bool {
      guard let apiVersion, !SecretRule.isTemplated(apiVersion) else { return true }
      return !apiVersion.utf8.contains(UInt8(ascii: "/"))
    }

    /// Whether the `path` of a JSON patch leads to a secret.
    fileprivate var patchesSecret: Bool {
      patchesData || patchSteps.contains { SecretName($0).isCredential }
    }

    /// Whether it leads to what is the data of a Secret, if the target is one.
    fileprivate var patchesData: Bool {
      patchSteps.first.map {
        $0.elementsEqual("data".utf8) || $0.elementsEqual("stringData".utf8)
      } ?? false
    }

    private var patchSteps: [Substring.UTF8View] {
      guard isPatch, let patchPath else { return [] }
      return patchPath.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 64)
    }
  }

  /// What kind of value a member has.
  enum Shape {
    case scalar
    case sequence
    /// With its names.
    case mapping([String])
  }

  /// The place that a mapping is, by what it says of itself.
  static func place(of traits: Traits, at place: Place) -> Place {
    switch place {
    case .hidden, .data, .secretMetadata, .secretAnnotations, .schema, .credentialSchema:
      return place
    case .secretItems: return .secret
    case .open, .secret, .secretList, .secretMaker, .generator, .literals, .credential, .measure,
      .sops:
      break
    }
    if traits.isCore {
      // Not spelled as the API server wants it, it is a secret still.
      if traits.kind?.lowercased() == "secret" { return .secret }
      if traits.kind == "SecretList" { return .secretList }
    }
    if let kind = traits.kind, secretMakers.contains(kind) { return .secretMaker }
    if traits.isSchema, place == .open { return .schema }
    return traits.kind == "SecretGenerator" ? .generator : place
  }

  /// The place of a member of a mapping that is at `place`.
  ///
  /// - Parameters:
  ///   - shape: is only asked for where it matters.
  static func place(
    below key: String, of traits: Traits, at place: Place, shape: () -> Shape
  ) -> Place {
    switch place {
    case .hidden, .data: return place
    case .secret:
      switch key.lowercased() {
      case "data": return .data
      case "metadata": return .secretMetadata
      default: break
      }
    case .secretMaker:
      if key == "template" { return .secret }
      if case .mapping = shape(), key != "metadata" { return .secretMaker }
    case .secretMetadata where key == "annotations": return .secretAnnotations
    case .secretAnnotations where key == lastApplied: return .hidden
    case .secretList where key == "items": return .secretItems
    case .sops:
      return key == "mac" || key == "enc" ? .hidden : .sops
    case .generator where key == "literals": return .literals
    case .credentialSchema where ["default", "example", "examples", "enum", "const"].contains(key):
      return .credential
    case .schema, .credentialSchema:
      if case .mapping = shape() {
        return SecretName(key).isCredential ? .credentialSchema : .schema
      }
      return SecretName(key).isCredential ? .credential : .schema
    default: break
    }
    // People keep credentials in ConfigMaps, too, and name these so.
    if traits.isNamedCredential, traits.kind == "ConfigMap", ["data", "binaryData"].contains(key) {
      return .hidden
    }
    if traits.hasTemplatedKind, traits.isCore, key.lowercased() == "data" { return .data }
    if traits.namesCredential, key == "literals" { return .literals }
    // Only Secrets have it, whatever its object says that it is.
    if key.lowercased() == "stringdata" { return .hidden }
    if key == "sops", case .mapping(let names) = shape(), names.contains("mac") { return .sops }
    if key == "secretGenerator" { return .generator }
    if traits.namesSecretValue, isValue(key) { return traits.patchesData ? .hidden : .credential }
    return named(key, traits, place, shape)
  }

  /// What holds the value of something that is named beside it.
  private static func isValue(_ key: String) -> Bool {
    ["value", "values", "default", "defaultValue", "stringValue", "content", "data"].contains(key)
  }

  private static func named(
    _ key: String, _ traits: Traits, _ place: Place, _ shape: () -> Shape
  ) -> Place {
    let inherited: Place = place == .credential || place == .measure ? place : .open
    switch SecretName(key) {
    case .plain: return place == .generator ? .generator : inherited
    case .reference: return .open
    case .scalarCredential:
      if case .scalar = shape() { return .credential }
      return inherited
    case .measure: return .measure
    case .credential:
      if traits.hasRemote, key == "secretKey" { return .open }
      switch shape() {
      case .scalar: return .credential
      case .sequence: return .credential
      case .mapping(let names): return isSource(key, names) ? .open : .credential
      }
    }
  }

  /// Whether a mapping only says where a secret is, or how it is made: the volume source `secret`, a
  /// service account's token.
  private static func isSource(_ key: String, _ names: [String]) -> Bool {
    if key == "serviceAccountToken" { return true }
    guard !names.isEmpty else { return false }
    // How cert-manager makes one.
    if key == "privateKey" {
      return names.allSatisfy(["algorithm", "encoding", "rotationPolicy", "size"].contains)
    }
    guard key == "secret" else { return false }
    let fields = ["secretName", "name", "namespace", "items", "optional", "defaultMode"]
    return names.contains { $0 == "secretName" || $0 == "name" }
      && names.allSatisfy(fields.contains)
  }

  /// The place of an element of a list.
  ///
  /// - Parameters:
  ///   - previous: the text of the element before it: `--password` is followed by one.
  ///   - names: those of the element, if it is a mapping.
  static func place(
    ofElementAt place: Place, in key: String?, previous: String?, text: String?,
    shape: () -> Shape
  ) -> Place {
    if place == .open, let previous, isOption(previous), let text,
      text.utf8.first != UInt8(ascii: "-")
    {
      return .credential
    }
    // ServiceAccounts list references in `secrets`.
    if place == .credential, key == "secrets", case .mapping(let names) = shape(), !names.isEmpty,
      names.allSatisfy(["name", "namespace", "kind", "apiVersion", "uid"].contains)
    {
      return .open
    }
    return place
  }

  /// `--password`, without a value.
  private static func isOption(_ text: String) -> Bool {
    guard text.utf8.first == UInt8(ascii: "-"), text.utf8.count <= 256,
      !text.utf8.contains(where: {
        $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") || $0 <= 0x20
      })
    else { return false }
    return SecretName(text).isCredential
  }

  // MARK: Scalars

  /// How much of a scalar is secret.
  enum Verdict: Equatable {
    case nothing
    /// All of it; in bytes.
    case all(size: Int)
    /// Parts of a text.
    case parts([MaskEdit])
  }

  /// - Parameters:
  ///   - depth: how many texts that are documents the scalar is in.
  ///   - known: what is secret elsewhere.
  static func verdict(
    on scalar: Value, at place: Place, depth: Int = 0, known: SecretTexts
  ) -> Verdict {
    let verdict = verdict(on: scalar, at: place, depth: depth)
    guard !known.isEmpty, case .string(let text) = scalar else { return verdict }
    switch verdict {
    case .all: return verdict
    case .nothing where known.contains(text): return .all(size: text.utf8.count)
    case .nothing:
      let edits = known.edits(in: Array(text.utf8))
      return edits.isEmpty ? .nothing : .parts(edits)
    case .parts(let edits): return .parts((edits + known.edits(in: Array(text.utf8))).merged())
    }
  }

  private static func verdict(on scalar: Value, at place: Place, depth: Int) -> Verdict {
    switch place {
    case .hidden, .data:
      guard !scalar.isNull else { return .nothing }
      return .all(size: size(of: scalar, isBase64: place == .data))
    case .credential, .measure:
      switch scalar {
      case .string(let text):
        return text.isEmpty ? .nothing : .all(size: text.utf8.count)
      case .integer, .double:
        return place == .measure ? .nothing : .all(size: size(of: scalar, isBase64: false))
      case .null, .bool, .array, .object: return .nothing
      }
    case .literals:
      guard case .string(let text) = scalar else {
        return verdict(on: scalar, at: .hidden, depth: depth)
      }
      guard let sign = text.utf8.firstIndex(of: UInt8(ascii: "=")) else {
        return .all(size: text.utf8.count)
      }
      let start = text.utf8.distance(from: text.utf8.startIndex, to: sign) + 1
      return start < text.utf8.count ? .parts([MaskEdit(start..<text.utf8.count)]) : .nothing
    default: break
    }
    guard case .string(let text) = scalar else { return .nothing }
    let bytes = Array(text.utf8)
    let edits = SecretText.edits(in: bytes, depth: depth + 1).merged()
    if edits.isEmpty { return .nothing }
    if edits.count == 1, edits[0].range == 0..<bytes.count { return .all(size: edits[0].size) }
    return .parts(edits)
  }

  /// How large a secret is, in bytes: decoded, where it is base64.
  static func size(of scalar: Value, isBase64: Bool) -> Int {
    switch scalar {
    case .string(let text):
      if isBase64, let decoded = try? decodeBase64(text) { return decoded.count }
      return text.utf8.count
    case .null: return 0
    case .bool, .integer, .double: return JSON.write(scalar, style: .compact).count
    case .array, .object: return JSON.write(scalar, style: .compact).count
    }
  }

  /// Whether a text is not what it says before a template or a substitution is applied.
  static func isTemplated(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.first == UInt8(ascii: "$")
      || zip(bytes, bytes.dropFirst()).contains { one, next in
        next == UInt8(ascii: "{") && (one == next || one == UInt8(ascii: "$"))
      }
  }

  static func isCiphertext(_ value: Value) -> Bool {
    guard case .string(let text) = value else { return false }
    return text.utf8.starts(with: "ENC[".utf8)
  }

  /// A name, as it may be shown in a path.
  static func shown(name: String) -> String {
    // Most names are too short to contain anything.
    guard name.utf8.count >= 8 else { return name }
    let bytes = Array(name.utf8)
    // `password=hunter2` as a name.
    let edits = SecretText.edits(in: bytes, depth: 1)
    return edits.isEmpty ? name : String(decoding: edits.applied(to: bytes), as: UTF8.self)
  }
}
