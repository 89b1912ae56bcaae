import FluxModel
import Objects
import Operations
import Platform
import Presentation

/// In which files the objects of the input are.
struct DiffPlaces: Sendable {
  private var generators: [ObjectID: DeliveryManifests.Origin] = [:]
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
    }
  }

  /// Nil for what is in no file, or came from standard input.
  func place(of id: ObjectID) -> Finding.Place? {
    guard let origin = generators[id] ?? users?.origin(of: id), Disk.isFile(origin.file) else {
      return nil
    }
    let position = texts.position(of: origin)
    return Finding.Place(
      file: origin.file.shown, line: position?.line, column: position?.column)
  }

  /// A file of any generator or consumer.
  var anyFile: String? {
    Set(generators.values.map(\.file)).union(users?.files ?? []).filter { Disk.isFile($0) }.min()?
      .shown
  }
}
