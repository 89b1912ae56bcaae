import FluxModel
import Objects
import Operations
import Platform
import Presentation

/// In which files the objects of the input are.
struct DiffPlaces: Sendable {
  private var generators: [ObjectID: DeliveryManifests.Origin] = [:]
  /// The names in `spec.artifacts`.
  private var artifacts: [ObjectID: [String]] = [:]
  private var users: DeliveryManifests?
  private let texts = ManifestTexts()

  /// Of what is in no file.
  init() {}

  init(_ inputs: [GeneratorInput], _ users: DeliveryManifests) {
    self.users = users
    for input in inputs {
      let id = ObjectID(
        .artifactGenerator, namespace: input.namespace, name: input.generator.name)
      generators[id] = DeliveryManifests.Origin(file: input.origin, place: input.place)
      artifacts[id] = input.generator.spec.artifacts.map(\.name)
    }
  }

  /// The field of a generator that an artifact comes from.
  func field(of artifact: String, in generator: ObjectID) -> String? {
    guard let names = artifacts[generator] else { return nil }
    // With a path pattern, the name is a template: which one it was is plain only of a single one.
    let index = names.firstIndex(of: artifact) ?? (names.count == 1 ? 0 : nil)
    return index.map { "spec.artifacts[\($0)].name" }
  }

  func place(in error: InputError) -> Finding.Place? {
    guard Disk.isFile(error.file) else { return nil }
    return Finding.Place(file: error.file.shown, line: error.line, column: error.column)
  }

  /// - Parameter field: Of the object; what is nearest above it counts.
  /// - Returns: Nil for what is in no file, or came from standard input.
  func place(of id: ObjectID, field: String = "") -> Finding.Place? {
    guard let origin = generators[id] ?? users?.origin(of: id), Disk.isFile(origin.file) else {
      return nil
    }
    let position = texts.position(of: origin, field: field)
    return Finding.Place(
      file: origin.file.shown, line: position?.line, column: position?.column)
  }

  /// A file of any generator or consumer.
  var anyFile: String? {
    Set(generators.values.map(\.file)).union(users?.files ?? []).filter { Disk.isFile($0) }.min()?
      .shown
  }
}
