import Document
import Platform
import Processes

/// Which credential plugins the user's preferences for kubectl allow (KEP-3104,
/// `credentialPluginPolicy` of a kuberc file, `kubectl.config.k8s.io/v1beta1`).
///
/// The file is that of `KUBERC`, else `$HOME/.kube/kuberc`; `KUBERC=off` and `KUBECTL_KUBERC=false`
/// mean none. Nothing else in it concerns us. Whatever cannot be understood allows nothing.
struct PluginPolicy {
  let environment: [String: String]
  /// Absolute; a relative `KUBERC` is seen from here.
  let workingDirectory: String

  /// - Parameter command: as the kubeconfig has it.
  /// - Throws: when the plugin may not be run.
  func check(_ command: String) throws(KubeconfigError) {
    guard let (file, isNamed) = file, let preferences = try read(file, isNamed) else { return }
    let policy = preferences["credentialPluginPolicy"] ?? .null
    let reason: String
    switch policy {
    case .null, .string(""), .string("AllowAll"): return
    case .string("Allowlist"):
      let list = preferences["credentialPluginAllowlist"]?.array ?? []
      if list.contains(where: { allows($0, command) }) { return }
      reason = "it is not in the allowlist"
    case .string("DenyAll"): reason = "policy set to \"DenyAll\""
    default: reason = "unknown credentialPluginPolicy"
    }
    throw failure("plugin \"\(command)\" not allowed: \(reason) (\(file))")
  }

  /// Nil for none, and whether the user names it.
  private var file: (path: String, isNamed: Bool)? {
    if environment["KUBECTL_KUBERC"]?.lowercased() == "false" { return nil }
    if let named = environment["KUBERC"], !named.isEmpty {
      return named == "off" ? nil : (LocalFile.absolute(named, in: workingDirectory), true)
    }
    return environment["HOME"].flatMap { $0.isEmpty ? nil : ("\($0)/.kube/kuberc", false) }
  }

  private func read(_ file: String, _ isNamed: Bool) throws(KubeconfigError) -> Value? {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try LocalFile.read(file, limit: 1 << 20)
    } catch {
      if error.isMissing, !isNamed { return nil }
      throw failure("no plugin is allowed because the kuberc file cannot be read: \(error)")
    }
    do throws(DocumentError) {
      return try YAML.parseDocument(bytes)
    } catch {
      throw failure("no plugin is allowed because \(file) cannot be parsed: yaml: \(error)")
    }
  }

  /// `command`, as from kubectl 1.36, or `name`, as 1.35 has it; two names of one file are one plugin.
  private func allows(_ entry: Value, _ command: String) -> Bool {
    guard let name = entry["command"]?.string ?? entry["name"]?.string, !name.isEmpty else {
      return false
    }
    let path = environment["PATH"]
    guard let allowed = ChildProcess.find(name, path: path) else { return false }
    return ChildProcess.find(command, path: path) == allowed
  }

  private func failure(_ text: String) -> KubeconfigError {
    KubeconfigError(text, kind: .credentials)
  }
}
