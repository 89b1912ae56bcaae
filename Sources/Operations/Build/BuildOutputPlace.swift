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
    let place = BuildOutputPlace.canonical(directory)
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
  private static func canonical(_ path: String) -> [UInt8] {
    if let resolved = resolved(path) {
      return resolved
    }
    let parts = path.split(separator: "/")
    guard let last = parts.last else { return [] }
    let above = (path.hasPrefix("/") ? "/" : "./") + parts.dropLast().joined(separator: "/")
    var result = canonical(above)
    switch last {
    case ".":
      return result
    case "..":
      // What does not exist will be made as a folder, so this is the one above it.
      while let byte = result.popLast(), byte != TreePath.slash {}
      return result.isEmpty ? [TreePath.slash] : result
    default:
      return (result == [TreePath.slash] ? [] : result) + [TreePath.slash]
        + String(last).nativeBytes
    }
  }

  private static func resolved(_ path: String) -> [UInt8]? {
    try? Disk.resolved(path)
  }
}
