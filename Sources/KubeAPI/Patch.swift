package import Document

/// A change to an object, in one of the forms that the API server takes.
package enum Patch: Sendable, Hashable {
  /// RFC 7386: what is named is replaced, null removes.
  case merge(Value)
  /// Server-side apply: the fields that we own, with `apiVersion`, `kind` and `metadata.name`.
  case apply(Value, force: Bool = false)

  var contentType: String {
    switch self {
    case .merge: "application/merge-patch+json"
    case .apply: "application/apply-patch+yaml"
    }
  }

  var body: [UInt8] {
    switch self {
    case .merge(let value), .apply(let value, _): JSON.write(value, style: .compact)
    }
  }
}

/// How a write is made.
package struct WriteOptions: Sendable, Hashable {
  /// Who is recorded as the owner of the fields.
  ///
  /// Never a name that starts with `kubectl` or `flux`: Flux's controllers take over such owners'
  /// fields and drop them.
  package var fieldManager = "artifactgen"
  /// The server does everything but store.
  package var dryRun = false
  /// `Strict`, `Warn` or `Ignore`; nil leaves it to the server.
  package var fieldValidation: String?
  /// What is written instead of the object itself, such as `status`.
  package var subresource: String?

  package init(dryRun: Bool = false, fieldValidation: String? = nil, subresource: String? = nil) {
    self.dryRun = dryRun
    self.fieldValidation = fieldValidation
    self.subresource = subresource
  }

  var query: Query {
    var query = Query()
    query.add("fieldManager", fieldManager)
    query.add("dryRun", dryRun ? "All" : nil)
    query.add("fieldValidation", fieldValidation)
    return query
  }
}
