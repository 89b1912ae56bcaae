import Archive
import ArgumentParser
import FluxModel
import Objects
import Operations
import Platform

/// The flags that say what `lint` reads.
struct LintInputOptions: ParsableArguments {
  @Option(name: .both("f", "filename"), help: .lintedFiles, completion: .file())
  var files: [String] = []

  @Option(
    name: .customLong("source"),
    help: ArgumentHelp(
      "Map a source to a SPEC, as for build; can be repeated", valueName: "NAME=SPEC"),
    completion: .file())
  var sources: [String] = []

  @Option(name: .customLong("manifests"), help: .manifests, completion: .file())
  var manifests: [String] = []

  @Flag(help: "Reject cross-namespace references, like the controller flag")
  var noCrossNamespaceRefs = false
}

extension ArgumentHelp {
  fileprivate static let lintedFiles = ArgumentHelp(
    "File, directory or - with generators and consumers; can be repeated", valueName: "PATH")
}

extension LintInputOptions {
  /// Reads the manifests.
  ///
  /// - Parameter namespace: Of objects that name none.
  /// - Throws: `OperationError` for what cannot be read.
  func operation(namespace: String, in surroundings: Surroundings) throws -> LintTree {
    try EmptyPath.refuse(files: files, sources: sources, manifests: manifests)
    guard !files.isEmpty else { throw UsageError("nothing to check: use -f PATH") }
    var objects = SourceObjects()
    objects.namespace = namespace
    // They are findings.
    objects.treatment = .ignored
    var notes = try objects.add(manifests)
    let standardInput = files.contains("-") ? try surroundings.readInput() : nil
    var delivery = DeliveryManifests(namespace: namespace)
    for path in manifests { try delivery.add(at: path, flag: "--manifests") }
    // A path that is not there is said below.
    for path in files where Disk.exists(path) {
      try delivery.add(at: path, flag: "-f", followsOutside: true)
    }
    if let standardInput { delivery.add(standardInput, of: GeneratorFiles.standardInput) }
    let hasConsumers = delivery.objects.contains {
      ObjectID(of: $0)?.fluxKind?.isConsumer == true
    }
    // They are findings, too. Consumers may have lost the last generator.
    let found = try GeneratorFiles(
      allowsNone: hasConsumers, collectsErrors: true, followsOutside: true,
      readInput: { standardInput ?? [] }
    ).read(files, namespace: namespace)
    objects.documents = found.sources
    notes += found.notes.filter { !notes.contains($0) }
    // What lint has a finding for needs no note.
    let known = Set(delivery.unreadable.map(\.note))
    for note in notes where !known.contains(note) { surroundings.note("Note: \(note)") }
    var request = BuildRequest(
      inputs: found.generators, compressor: .go126,
      temporaryFolder: surroundings.temporaryFolder)
    request.objects = objects
    request.environment = surroundings.environment
    request.mappings = try SourceMapping.all(sources, flag: "--source", kind: sourceKind)
    request.forbidsCrossNamespace = noCrossNamespaceRefs
    request.needsRevisions = false
    return LintTree(request, delivery, errors: found.errors, standardInput: standardInput)
  }
}
