import Document
import Platform
import Text

/// Finds the kubeconfig files and merges them, by the rules of client-go's
/// tools/clientcmd/loader.go.
///
/// `--kubeconfig` names the only file. Otherwise `KUBECONFIG` lists files, of which missing ones
/// are skipped and the first to define a name wins; if it is unset or empty, the file is
/// `$HOME/.kube/config`.
struct KubeconfigFiles {
  let environment: [String: String]
  /// Absolute; relative names are seen from here.
  let workingDirectory: String

  func load(explicit: String?) throws(KubeconfigError) -> Kubeconfig {
    if let explicit {
      guard let config = try read(explicit) else {
        throw KubeconfigError("stat \(explicit): no such file or directory")
      }
      return config
    }
    var merged = Kubeconfig()
    for file in list {
      if let config = try read(file) { merged.fill(from: config) }
    }
    return merged
  }

  private var list: [String] {
    let variable = environment["KUBECONFIG"] ?? ""
    guard !variable.isEmpty else {
      return environment["HOME"].map { $0.isEmpty ? [] : ["\($0)/.kube/config"] } ?? []
    }
    var files: [String] = []
    for file in variable.split(separator: ":").map(String.init)
    where !files.contains(where: { equalUTF8($0, file) }) {
      files.append(file)
    }
    return files
  }

  /// The content of one file; nil when there is no such file.
  private func read(_ name: String) throws(KubeconfigError) -> Kubeconfig? {
    let path = LocalFile.absolute(name, in: workingDirectory)
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try LocalFile.read(path, patience: nil)
    } catch {
      if error.isMissing { return nil }
      throw failure(name, error.description)
    }
    let document: Value?
    do throws(DocumentError) {
      document = try YAML.parseDocument(bytes)
    } catch {
      throw failure(name, "yaml: \(error)")
    }
    guard let document, !document.isNull else { return Kubeconfig() }
    do throws(KubeconfigError) {
      return try KubeconfigDecoder(directory: LocalFile.directory(of: path)).decode(document)
    } catch {
      throw failure(name, error.text)
    }
  }

  private func failure(_ name: String, _ reason: String) -> KubeconfigError {
    KubeconfigError("error loading config file \"\(name)\": \(reason)")
  }
}
