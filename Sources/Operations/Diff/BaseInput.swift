import Document
import FluxModel
import Platform

/// The input of a diff as it is at its base.
package struct BaseInput: Sendable {
  /// The values of `-f`.
  package let files: [String]
  package let isRecursive: Bool
  /// The values of `--manifests`.
  package let manifests: [String]
  /// What `--base-source` says: it takes the place of a source at the base.
  package let sources: [SourceMapping]
  package let namespace: String

  package init(
    files: [String], isRecursive: Bool, manifests: [String], sources: [SourceMapping],
    namespace: String
  ) {
    self.files = files
    self.isRecursive = isRecursive
    self.manifests = manifests
    self.sources = sources
    self.namespace = namespace
  }

  /// The same build as the input's, at a commit.
  ///
  /// - Throws: `OperationError` that names the commit's files by its revision.
  package func request(
    _ input: BuildRequest, _ places: Places, at commit: BaseCommit
  ) async throws -> BuildRequest {
    var base = try manifests(of: input, places, at: commit, collectsErrors: true)
    try refuseUnused(in: input.inputs + base.inputs)
    base.mappings = try await mappings(of: input, at: commit)
    return base
  }

  /// The same build as the input's, with the generators and source objects of a commit; its sources are
  /// still the input's.
  ///
  /// - Throws: `OperationError` that names the commit's files by its revision.
  func manifests(of input: BuildRequest, at commit: BaseCommit) async throws -> BuildRequest {
    try manifests(of: input, try await places(at: commit), at: commit, collectsErrors: false)
  }

  /// Where the files of the flags are at a commit; without those that it does not have.
  package struct Places: Sendable {
    package internal(set) var files: [String] = []
    package internal(set) var manifests: [String] = []
  }

  /// - Throws: what keeps the files of a commit from being read.
  package func places(at commit: BaseCommit) async throws -> Places {
    var places = Places()
    for path in manifests {
      if let place = try await commit.manifests(at: path) { places.manifests.append(place) }
    }
    for path in files where path != "-" {
      if let place = try await commit.manifests(at: path) { places.files.append(place) }
    }
    return places
  }

  /// The Flux objects at a commit, consumers among them.
  ///
  /// - Throws: `OperationError` for a directory that cannot be read.
  package func users(_ places: Places) throws -> DeliveryManifests {
    var found = DeliveryManifests(namespace: namespace)
    for path in places.files { try found.add(at: path, flag: "-f") }
    for path in places.manifests { try found.add(at: path, flag: "--manifests") }
    return found
  }

  private func manifests(
    of input: BuildRequest, _ places: Places, at commit: BaseCommit, collectsErrors: Bool
  ) throws -> BuildRequest {
    do {
      var base = input
      base.requiresClean = false
      base.isPast = true
      base.warnsOfUnused = false
      base.objects = SourceObjects()
      base.objects.namespace = namespace
      base.objects.treatment = input.objects.treatment
      base.objects.cluster = input.objects.cluster
      var errors: [InputError] = []
      if collectsErrors {
        _ = try base.objects.add(places.manifests, collecting: &errors)
      } else {
        _ = try base.objects.add(places.manifests)
      }
      let found = try GeneratorFiles(
        isRecursive: isRecursive, allowsNone: true, collectsErrors: collectsErrors,
        readInput: { [] }
      ).read(places.files, namespace: namespace)
      // Neither standard input nor a cluster has a history.
      let typed =
        files.isEmpty
        ? input.inputs : input.inputs.filter { $0.origin == GeneratorFiles.standardInput }
      base.inputs = typed + found.generators.map { $0.renamed(commit.named) }
      base.warnings = found.notes.map(commit.named)
      base.inputErrors = (errors + found.errors).map { $0.renamed(commit.named) }
      base.objects.documents = found.sources
      base.folders.append(commit.folder)
      return base
    } catch let error as OperationError {
      throw OperationError(error.kind, commit.named(error.description))
    }
  }

  /// What stands for the sources at a commit.
  ///
  /// - Throws: `OperationError` where the commit does not have one.
  func mappings(of input: BuildRequest, at commit: BaseCommit) async throws -> [SourceMapping] {
    var mappings: [SourceMapping] = []
    for mapping in input.mappings where !isReplaced(mapping) {
      mappings.append(try await commit.mapping(mapping))
    }
    return sources + mappings
  }

  /// The same build as the input's from other sources.
  ///
  /// - Parameter place: In place of the only source; nil where `--base-source` says all.
  /// - Throws: `OperationError` where there are several sources that it could stand for.
  package func request(
    _ input: BuildRequest, from place: String?, flag: String
  ) throws(OperationError) -> BuildRequest {
    var base = input
    base.requiresClean = false
    base.warnsOfUnused = false
    base.warnings = []
    try refuseUnused(in: input.inputs)
    var mappings = input.mappings.filter { !isReplaced($0) }
    if let place {
      guard mappings.count == 1 else {
        throw OperationError(
          .usage,
          "\(flag) stands for the only source, but there are \(mappings.count): use --base-source "
            + "NAME=SPEC for each that differs")
      }
      mappings = mappings.map { $0.replacing(place) }
    }
    base.mappings = sources + mappings
    return base
  }

  private func refuseUnused(in inputs: [GeneratorInput]) throws(OperationError) {
    guard let unused = sources.unused(in: inputs).first else { return }
    throw OperationError(.invalidArgument, unused.unusedText(in: inputs))
  }

  private func isReplaced(_ mapping: SourceMapping) -> Bool {
    sources.contains { $0.key == mapping.key }
  }

  /// The sources that are the same on both sides, as they were given.
  package static func shared(_ input: BuildRequest, _ base: BuildRequest) -> [String] {
    input.mappings.filter { base.mappings.contains($0) }.map(\.text)
  }
}
