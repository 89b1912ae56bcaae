import Content
import FluxModel
import Generation
import KubeAPI
import Platform

/// Where `--output-dir` writes: in that directory, and never into a source.
package struct BuildOutputPlace {
  let directory: String

  package init(directory: String) {
    self.directory = directory
  }

  /// - Throws: `OperationError` where something would be written elsewhere or into a source. Names
  ///   of artifacts need no look: the controller's validation leaves no slash in them.
  func check(_ inputs: [GeneratorInput], _ mappings: [SourceMapping]) throws(OperationError) {
    for input in inputs {
      try BuildOutputPlace.check(
        namespace: input.namespace,
        of: "\(input.origin): ArtifactGenerator \(input.generator.name): ")
    }
    try check(mappings)
  }

  /// - Throws: `OperationError` where something would be written into a source.
  package func check(_ mappings: [SourceMapping]) throws(OperationError) {
    try refuseSources(around: try BuildOutputPlace.canonical(directory), mappings)
  }

  /// Refuses a directory in a source.
  private func refuseSources(
    around place: [UInt8], _ mappings: [SourceMapping]
  ) throws(OperationError) {
    for mapping in mappings {
      guard let source = BuildOutputPlace.resolved(mapping.path) else { continue }
      guard BuildOutputPlace.lies(place, in: source) else { continue }
      throw OperationError(
        .invalidArgument,
        "--output-dir \(directory) is inside a source (--source \(mapping.key.text)="
          + "\(mapping.value)): the next run would treat its output as source files; "
          + "choose a directory outside the source")
    }
  }

  private static func lies(_ place: [UInt8], in folder: [UInt8]) -> Bool {
    // A root has its slash already. An archive lies above nothing.
    let prefix = folder == [TreePath.slash] ? folder : folder + [TreePath.slash]
    return place == folder || place.starts(with: prefix)
  }

  /// Refuses to write through links, into sources and over what is not ours.
  ///
  /// - Parameters:
  ///   - plans: What will be written.
  ///   - extracts: Whether trees are written beside the archives.
  func check(
    _ plans: BuildPlanning.Plans, _ mappings: [SourceMapping], extracts: Bool
  ) throws(OperationError) {
    let place = try BuildOutputPlace.canonical(directory)
    for index in plans.keys.sorted() {
      guard case .success(let planned)? = plans[index] else { continue }
      for artifact in planned.plan.artifacts {
        try refuseLink("\(directory)/\(planned.plan.namespace)")
        let below = "/\(planned.plan.namespace)/\(artifact.name)"
        try refuseLink(directory + below)
        let folder = (place == [TreePath.slash] ? [] : place) + below.nativeBytes
        try refuseSources(around: folder, mappings)
        guard extracts else { continue }
        let tree = folder + "/\(BuildOutputTree.name)".nativeBytes
        for mapping in mappings {
          guard let source = BuildOutputPlace.resolved(mapping.path),
            BuildOutputPlace.lies(source, in: tree)
          else { continue }
          throw OperationError(
            .invalidArgument,
            "--extract would replace a source: --source \(mapping.key.text)=\(mapping.value) is "
              + "in \(directory)\(below)/\(BuildOutputTree.name); choose another --output-dir")
        }
        try BuildOutputTree.refuseForeign(in: directory + below)
      }
    }
  }

  private func refuseLink(_ path: String) throws(OperationError) {
    guard (try? Disk.linkTarget(of: path)) != nil else { return }
    throw OperationError(
      .invalidArgument,
      "--output-dir \(directory): \(path) is a symbolic link, so files would be written elsewhere: "
        + "remove it or choose another directory")
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

  /// The path without links; its last directories need not exist yet.
  ///
  /// - Throws: `OperationError` for a relative path where there is no working directory any more.
  private static func canonical(_ path: String) throws(OperationError) -> [UInt8] {
    let slash = [TreePath.slash]
    guard var result = path.hasPrefix("/") ? slash : resolved(".") else {
      throw OperationError(
        .invalidArgument,
        "--output-dir \(path): the working directory no longer exists: use an absolute path"
      )
    }
    var exists = true
    for part in path.split(separator: "/") where part != "." {
      let next = (result == slash ? [] : result) + slash + String(part).nativeBytes
      if exists, let resolved = try? Disk.resolved(next) {
        result = resolved
      } else if part == ".." {
        // What does not exist will be created as a directory, so this is its parent.
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
