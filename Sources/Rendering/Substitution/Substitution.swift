import Document
import Objects
import Text

/// Post-build substitution, object by object, as kustomize-controller does it
/// (fluxcd/pkg/kustomize, `SubstituteVariables`).
struct Substitution {
  /// An object after it.
  struct Result {
    var text: [UInt8]
    var value: Value
    /// The object without what came from Secrets; nil where nothing did.
    var masked: Value?
    /// How many values of it came from Secrets.
    var secretCount = 0
  }

  /// Nil where nothing is substituted.
  private var filling: VariableFilling?
  let isPartial: Bool
  /// The values of variables that are secret.
  let secrets: [String]

  /// What a label or an annotation says to be left alone.
  private static let optOut = "kustomize.toolkit.fluxcd.io/substitute"

  /// - Throws: `SubstitutionError` as the controller reports it for the first object.
  init(
    _ postBuild: PostBuild, sources: [PostBuild.Source], isStrict: Bool
  ) throws(SubstitutionError) {
    let (values, isComplete) = try postBuild.variables(from: sources)
    isPartial = !isComplete
    secrets = values.values.filter(\.isSecret).map { String(decoding: $0.text, as: UTF8.self) }
    guard !values.isEmpty || postBuild.isAlways || !isComplete else {
      filling = nil
      return
    }
    for name in values.keys.sorted(by: { $0.lexicographicallyPrecedes($1) })
    where !Self.isValid(name) {
      throw SubstitutionError(
        "envsubst error: '\(String(decoding: name, as: UTF8.self))' var name is invalid, must match "
          + "'^[_[:alpha:]][_[:alpha:][:digit:]]*$'")
    }
    filling = VariableFilling(
      values, missing: isComplete ? (isStrict ? .refused : .empty) : .keptAsText)
  }

  /// The names that were left as they are, in their order.
  var unknown: [String] {
    (filling?.unknown ?? []).map { String(decoding: $0, as: UTF8.self) }.sorted()
  }

  /// - Returns: nil where the object stays as it is.
  mutating func apply(
    to text: [UInt8], _ object: Value
  ) throws(SubstitutionError) -> Result? {
    guard var filling, !Self.optsOut(object) else { return nil }
    defer { self.filling = filling }
    let filled: VariableFilling.Filled
    do throws(SubstitutionError) {
      filled = try filling.filled(try VariableTemplate(text).parts)
    } catch {
      throw SubstitutionError("envsubst error: variable substitution failed: \(error)")
    }
    let value: Value
    do throws(YAMLConversionError) {
      value = try YAML.converted(filled.text)
    } catch {
      // The message may quote a value.
      throw SubstitutionError(
        filled.secrets.isEmpty
          ? "envsubst error: YAMLToJSON: \(error)"
          : "envsubst error: YAMLToJSON: with the values of Secrets, the object is not valid YAML "
            + "(the message is withheld because it may quote them)")
    }
    guard value["kind"]?.filled != nil, value["metadata"]?["name"]?.filled != nil else {
      throw SubstitutionError(
        "UnmarshalJSON: after the substitution, the object has no kind or no metadata.name")
    }
    var result = Result(text: Array(YAML.write(value).utf8), value: value)
    if !filled.secrets.isEmpty {
      let mask = SubstitutionMask(filled)
      (result.masked, result.secretCount) = mask.object(insteadOf: value)
    }
    return result
  }

  /// Labels and annotations are compared exactly.
  private static func optsOut(_ object: Value) -> Bool {
    object.labels[optOut] == "disabled" || object.annotations[optOut] == "disabled"
  }

  private static func isValid(_ name: [UInt8]) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
    guard let first = name.first, isLetter(first) else { return false }
    return name.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
