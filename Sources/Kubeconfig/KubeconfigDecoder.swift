import Document
import Platform
import Text

/// Reads the shape of a kubeconfig out of a dynamic value.
///
/// Types are strict, names are case-sensitive, unknown fields are ignored, null is the same as
/// absent: what Go's decoder does. Messages are Go's as well, where a value has the wrong type
/// (encoding/json UnmarshalTypeError).
struct KubeconfigDecoder {
  /// Against which the paths in the file are resolved; absolute.
  let directory: String

  func decode(_ document: Value) throws(KubeconfigError) -> Kubeconfig {
    let top = Field(document, type: "Config", path: "")
    guard document.object != nil else { throw top.wrongType("v1.Config") }
    let version = try top["apiVersion"].string()
    let kind = try top["kind"].string()
    if !version.isEmpty && version != "v1" || !kind.isEmpty && kind != "Config" {
      let kind = kind.isEmpty ? "Config" : kind
      let version = version.isEmpty ? "v1" : version
      throw KubeconfigError("no kind \"\(kind)\" is registered for version \"\(version)\"")
    }
    var result = Kubeconfig()
    result.currentContext = try top["current-context"].string()
    result.clusters = try named(top["clusters"], "cluster", type: "Cluster", cluster)
    result.users = try named(top["users"], "user", type: "AuthInfo", user)
    result.contexts = try named(top["contexts"], "context", type: "Context", context)
    return result
  }

  private func named<Entry>(
    _ list: Field,
    _ field: String,
    type: String,
    _ decode: (Field) throws(KubeconfigError) -> Entry
  ) throws(KubeconfigError) -> [Named<Entry>] {
    var result: [Named<Entry>] = []
    for element in try list.elements() {
      let name = try element["name"].string()
      // Go prints the whole list here, with every token in it.
      guard result.entry(name) == nil else {
        throw KubeconfigError("duplicate name \"\(name)\" in list of \(list.path)")
      }
      var content = element[field]
      content.type = type
      try content.requireObject()
      result.append(Named(name: name, entry: try decode(content)))
    }
    return result
  }

  private func cluster(_ field: Field) throws(KubeconfigError) -> ClusterEntry {
    var entry = ClusterEntry()
    entry.server = try field["server"].string()
    entry.tlsServerName = try field["tls-server-name"].string()
    entry.insecureSkipTLSVerify = try field["insecure-skip-tls-verify"].bool()
    entry.certificateAuthority = resolved(try field["certificate-authority"].string())
    entry.certificateAuthorityData = try field["certificate-authority-data"].base64()
    entry.proxyURL = try field["proxy-url"].string()
    entry.disableCompression = try field["disable-compression"].bool()
    for element in try field["extensions"].elements()
    where try element["name"].string() == "client.authentication.k8s.io/exec" {
      entry.execExtension = element["extension"].value
    }
    return entry
  }

  private func user(_ field: Field) throws(KubeconfigError) -> UserEntry {
    var entry = UserEntry()
    entry.clientCertificate = resolved(try field["client-certificate"].string())
    entry.clientCertificateData = try field["client-certificate-data"].base64()
    entry.clientKey = resolved(try field["client-key"].string())
    entry.clientKeyData = try field["client-key-data"].base64()
    entry.token = try field["token"].string()
    entry.tokenFile = resolved(try field["tokenFile"].string())
    entry.username = try field["username"].string()
    entry.password = try field["password"].string()
    entry.impersonation.user = try field["as"].string()
    entry.impersonation.uid = try field["as-uid"].string()
    entry.impersonation.groups = try field["as-groups"].strings()
    for (key, values) in try field["as-user-extra"].members() {
      entry.impersonation.extra.append(.init(key: key, values: try values.strings()))
    }
    let provider = field["auth-provider"]
    if provider.value != nil {
      try provider.requireObject()
      entry.authProvider = try provider["name"].string()
    }
    let exec = field["exec"]
    if exec.value != nil { entry.exec = try self.exec(exec) }
    return entry
  }

  private func exec(_ field: Field) throws(KubeconfigError) -> ExecEntry {
    try field.requireObject()
    var entry = ExecEntry()
    entry.command = try field["command"].string()
    // A bare name is looked up in PATH, anything with a slash is a path of the file.
    if entry.command.utf8.contains(UInt8(ascii: "/")) { entry.command = resolved(entry.command) }
    entry.arguments = try field["args"].strings()
    for element in try field["env"].elements() {
      entry.environment.append(
        .init(name: try element["name"].string(), value: try element["value"].string())
      )
    }
    entry.apiVersion = try field["apiVersion"].string()
    entry.installHint = try field["installHint"].string()
    entry.provideClusterInfo = try field["provideClusterInfo"].bool()
    entry.interactiveMode = try field["interactiveMode"].string()
    if entry.interactiveMode.isEmpty, entry.apiVersion == ExecPlugin.beta {
      entry.interactiveMode = "IfAvailable"
    }
    return entry
  }

  private func context(_ field: Field) throws(KubeconfigError) -> ContextEntry {
    ContextEntry(
      cluster: try field["cluster"].string(),
      user: try field["user"].string(),
      namespace: try field["namespace"].string()
    )
  }

  private func resolved(_ path: String) -> String {
    // The text of a file is no native text: nothing in it stands for another byte.
    path.isEmpty
      ? "" : LocalFile.absolute(String(nativeBytes: Array(path.utf8)), in: directory)
  }
}

/// A value with the place where it was found.
private struct Field {
  /// Nil for absent and for null.
  let value: Value?
  /// The Go structure that contains the field, for messages.
  var type: String
  let path: String

  init(_ value: Value?, type: String, path: String) {
    self.value = value?.isNull == true ? nil : value
    self.type = type
    self.path = path
  }

  subscript(name: String) -> Field {
    Field(value?[name], type: type, path: path.isEmpty ? name : "\(path).\(name)")
  }

  func wrongType(_ expected: String) -> KubeconfigError {
    let found = value?.typeName == "boolean" ? "bool" : value?.typeName ?? "null"
    let place = path.isEmpty ? "value" : "struct field \(type).\(path)"
    return KubeconfigError("json: cannot unmarshal \(found) into Go \(place) of type \(expected)")
  }

  func requireObject() throws(KubeconfigError) {
    if value != nil, value?.object == nil { throw wrongType("v1.\(type)") }
  }

  func string() throws(KubeconfigError) -> String {
    guard let value else { return "" }
    guard let text = value.string else { throw wrongType("string") }
    return text
  }

  func bool() throws(KubeconfigError) -> Bool {
    guard let value else { return false }
    guard let flag = value.bool else { throw wrongType("bool") }
    return flag
  }

  func base64() throws(KubeconfigError) -> [UInt8] {
    let text = try string()
    do throws(Base64Error) {
      return try decodeBase64(text)
    } catch {
      throw KubeconfigError("\(path): illegal base64 data at input byte \(error.offset)")
    }
  }

  func elements() throws(KubeconfigError) -> [Field] {
    guard let value else { return [] }
    guard let array = value.array else { throw wrongType("[]") }
    return array.map { Field($0, type: type, path: path) }
  }

  func strings() throws(KubeconfigError) -> [String] {
    var result: [String] = []
    for element in try elements() { result.append(try element.string()) }
    return result
  }

  func members() throws(KubeconfigError) -> [(String, Field)] {
    guard let value else { return [] }
    guard let object = value.object else { throw wrongType("map[string][]string") }
    return object.map { ($0.key, Field($0.value, type: type, path: "\(path).\($0.key)")) }
  }
}
