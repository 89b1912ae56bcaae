import Content
import FluxModel
import KubeAPI
import Platform

/// Where `--output-dir` writes: below that folder, and never into what is read.
package struct BuildOutputPlace {
  let directory: String

  /// - Throws: `OperationError` where something would be written elsewhere or into a source. Names
  ///   of artifacts need no look: the controller's validation leaves no slash in them.
  func check(_ inputs: [GeneratorInput], _ mappings: [SourceMapping]) throws(OperationError) {
    for input in inputs {
      try BuildOutputPlace.check(
        namespace: input.namespace,
        of: "\(input.origin): ArtifactGenerator \(input.generator.name): ")
    }
    let place = try BuildOutputPlace.canonical(directory)
    for mapping in mappings {
      guard let source = BuildOutputPlace.resolved(mapping.value) else { continue }
      // A root has its slash already. An archive lies above nothing.
      let prefix = source == [TreePath.slash] ? source : source + [TreePath.slash]
      if place == source || place.starts(with: prefix) {
        throw OperationError(
          .invalidArgument,
          "--output-dir \(directory) lies in a source (--source \(mapping.key.text)="
            + "\(mapping.value)): the next build would take its output for files of that source; "
            + "choose a folder outside of it")
      }
    }
  }

  /// Refuses a namespace that no object can be in: as part of a path it could lead anywhere.
  ///
  /// - Parameter subject: stands before the message.
  package static func check(
    namespace: String,
    of subject: String = ""
  ) throws(OperationError) {
    do throws(APIError) {
      _ = try ResourcePath.path(FluxKind.artifactGenerator.resource, namespace: namespace)
    } catch {
      throw OperationError(.invalidArgument, "\(subject)\(error)")
    }
    for breach in KubernetesNames.breaches(ofNamespace: namespace) {
      throw OperationError(
        .invalidArgument, "\(subject)invalid namespace \"\(namespace)\": [\(breach)]")
    }
  }

  /// The path without links, of which the last folders need not exist yet.
  ///
  /// - Throws: `OperationError` for a relative path where there is no working directory any more.
  private static func canonical(_ path: String) throws(OperationError) -> [UInt8] {
    let slash = [TreePath.slash]
    guard var result = path.hasPrefix("/") ? slash : resolved(".") else {
      throw OperationError(
        .invalidArgument,
        "--output-dir \(path): the working directory does not exist any more: give an absolute path"
      )
    }
    var exists = true
    for part in path.split(separator: "/") where part != "." {
      let next = (result == slash ? [] : result) + slash + String(part).nativeBytes
      if exists, let resolved = try? Disk.resolved(next) {
        result = resolved
      } else if part == ".." {
        // What does not exist will be made as a folder, so this is the one above it.
        result = Array(result[..<(result.lastIndex(of: TreePath.slash) ?? 0)])
        if result.isEmpty { result = slash }
      } else {
        exists = false
        result = next
      }
    }
    return result
  }

  private static func resolved(_ path: String) -> [UInt8]? {
    try? Disk.resolved(path)
  }
}
