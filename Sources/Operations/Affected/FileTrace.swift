import Content
import FluxModel
import Generation
import Objects
import Publishing

/// Follows files of sources into the artifacts of a plan, and from there into those that are built from
/// these.
///
/// Each artifact is looked through once, however many files there are.
struct FileTrace {
  private let inputs: [GeneratorInput]
  private let plans: BuildPlanning.Plans
  private let sources: BuildSources
  /// The numbers of the files, by where they lie in each source.
  private let places: [SourceMapping: [TreePath: [Int]]]
  /// By the number of the file.
  private(set) var feeds: [Int: [AffectedReport.Feed]] = [:]
  private(set) var drops: [Int: [String]] = [:]

  /// A file on its way.
  private struct Origin {
    let file: Int
    /// The artifacts that it has gone through.
    var via: [ObjectID] = []
  }

  private typealias Origins = [TreePath: [Origin]]
  private var published: [BuildPlanning.Upstream: Origins] = [:]
  private var done: Set<Int> = []
  /// Generators that have a file in a source and copy it nowhere, by file and `@alias/path`.
  private var idle: [Int: [String: [ObjectID]]] = [:]

  init(
    _ inputs: [GeneratorInput], _ plans: BuildPlanning.Plans, _ sources: BuildSources,
    places: [SourceMapping: [TreePath: [Int]]]
  ) {
    self.inputs = inputs
    self.plans = plans
    self.sources = sources
    self.places = places
    for index in inputs.indices { follow(index) }
    explainIdle()
  }

  // MARK: - A generator

  /// Planning refuses generators that depend on each other, so this comes to an end.
  private mutating func follow(_ index: Int) {
    guard done.insert(index).inserted, case .success(let planned)? = plans[index] else { return }
    let input = inputs[index]
    var wanted: [String: Origins] = [:]
    for source in input.generator.spec.sources {
      if let mapping = sources.mappings.of(source, in: input.namespace) {
        wanted[source.alias] = places[mapping]?.mapValues { $0.map { Origin(file: $0) } }
      } else if let upstream = planned.upstream[source.alias] {
        follow(upstream.generator)
        wanted[source.alias] = published[upstream]
      }
    }
    guard wanted.contains(where: { !$0.value.isEmpty }) else { return }
    let generator = BuildReport.ObjectName(namespace: input.namespace, name: input.generator.name)
    var used: Set<Int> = []
    for (alias, left) in sources.leftOut(of: input) {
      for origin in wanted[alias]?[left.path] ?? [] {
        used.insert(origin.file)
        drop(origin.file, "@\(alias)/\(left.path) is not in the source: \(left.text)")
      }
    }
    for (position, artifact) in planned.plan.artifacts.enumerated() {
      guard case .success(let staged) = artifact.outcome else { continue }
      let id = ObjectID(.externalArtifact, namespace: input.namespace, name: artifact.name)
      var origins: Origins = [:]
      for entry in staged.entries {
        look(at: entry, of: id, artifact.request.artifact.copy, generator, wanted, &origins, &used)
      }
      explain(artifact.exclusions, of: id, wanted, &used)
      published[BuildPlanning.Upstream(generator: index, artifact: position)] = origins
    }
    noteIdle(wanted, generator, used)
  }

  private mutating func look(
    at entry: StagedEntry, of artifact: ObjectID, _ operations: [CopyOperation],
    _ generator: BuildReport.ObjectName, _ wanted: [String: Origins],
    _ origins: inout Origins, _ used: inout Set<Int>
  ) {
    guard let last = entry.provenance else { return }
    let end = last.history.count - 1
    for (step, earlier) in last.history.enumerated() {
      let isLast = step == end
      let source = isLast ? last.archive ?? earlier.source : earlier.source
      guard let found = wanted[earlier.alias]?[source] else { continue }
      let isPublished = entry.ignoredBy == nil && (isLast || last.action == .merged)
      for origin in found {
        used.insert(origin.file)
        guard isPublished else {
          if let text = AbsenceReasons.copied(earlier.source, from: earlier.alias, as: entry) {
            drop(origin.file, "\(artifact.namespace)/\(artifact.name): \(text)")
          }
          continue
        }
        if operations.indices.contains(earlier.operation) {
          feed(
            origin,
            AffectedReport.Feed(
              generator: generator, artifact: artifact,
              cause: .copied(
                AffectedReport.Copy(
                  index: earlier.operation, operation: operations[earlier.operation],
                  action: isLast ? last.action : .merged, alias: earlier.alias, source: source,
                  target: entry.path)),
              via: origin.via))
        }
        origins[entry.path, default: []].append(
          Origin(file: origin.file, via: origin.via + [artifact]))
      }
    }
  }

  private mutating func feed(_ origin: Origin, _ feed: AffectedReport.Feed) {
    feeds[origin.file, default: []].append(feed)
  }

  private mutating func drop(_ file: Int, _ reason: String) {
    if drops[file]?.contains(reason) != true { drops[file, default: []].append(reason) }
  }

  // MARK: - Why not

  /// An exclusion of a directory is one of all that is in it.
  private mutating func explain(
    _ exclusions: [Exclusion], of artifact: ObjectID, _ wanted: [String: Origins],
    _ used: inout Set<Int>
  ) {
    guard !exclusions.isEmpty else { return }
    for (alias, origins) in wanted {
      let own = Dictionary(
        exclusions.filter { $0.alias == alias }.map { ($0.source, $0) }, uniquingKeysWith: { $1 })
      guard !own.isEmpty else { continue }
      for (path, found) in origins {
        var place = path
        while own[place] == nil, !place.directory.isRoot { place = place.directory }
        guard let exclusion = own[place] else { continue }
        for origin in found {
          used.insert(origin.file)
          drop(
            origin.file,
            "\(artifact.namespace)/\(artifact.name): \(exclusion)")
        }
      }
    }
  }

  private mutating func noteIdle(
    _ wanted: [String: Origins], _ generator: BuildReport.ObjectName, _ used: Set<Int>
  ) {
    let id = generator.generatorID
    for (alias, origins) in wanted {
      for (path, found) in origins {
        for origin in found where !used.contains(origin.file) {
          idle[origin.file, default: [:]]["@\(alias)/\(path)", default: []].append(id)
        }
      }
    }
  }

  /// Some of the generators are named: hundreds can have the same source.
  private mutating func explainIdle() {
    for (file, places) in idle {
      for (place, generators) in places.sorted(by: { $0.key < $1.key }) {
        drop(
          file,
          "no copy operation copies \(place) (\(NamedObjects.list(generators, atMost: 3)))")
      }
    }
  }
}

extension Provenance {
  /// The archive that a file was unpacked from; nil for one that was not.
  fileprivate var archive: TreePath? {
    guard action == .extracted else { return nil }
    for index in source.bytes.indices where source.bytes[index] == UInt8(ascii: "!") {
      let path = TreePath(source.bytes[..<index])
      if CopyRules.isArchiveName(path) { return path }
    }
    return nil
  }
}
