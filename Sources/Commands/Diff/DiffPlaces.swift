import Document
import FluxModel
import Objects
import Operations
import Platform
import Presentation

/// In which files the objects of the input are.
struct DiffPlaces: Sendable {
  private var files: [ObjectID: String]

  /// Of what is in no file.
  init() { files = [:] }

  init(_ inputs: [GeneratorInput], _ users: DeliveryManifests) {
    files = users.files
    for input in inputs {
      files[
        ObjectID(.artifactGenerator, namespace: input.namespace, name: input.generator.name)] =
        input.origin
    }
  }

  /// Nil for what is in no file, or came from standard input.
  func place(of id: ObjectID) -> Finding.Place? {
    guard let file = files[id], Disk.isFile(file) else { return nil }
    let node = Self.node(of: id, in: file)
    return Finding.Place(file: file.shown, line: node?.line, column: node?.column)
  }

  /// A file of any generator or consumer.
  var anyFile: String? { files.values.filter { Disk.isFile($0) }.min()?.shown }

  /// The place of the document; nil where it is in a list, or what is in the file has no places.
  private static func node(of id: ObjectID, in file: String) -> PlacedNode? {
    guard let bytes = try? Disk.read(file, limit: DeliveryManifests.largestFile),
      let documents = try? YAML.placed(bytes)
    else { return nil }
    for document in documents {
      let metadata = document.value(of: "metadata", in: document.root)
      func text(_ key: String, in node: Int?) -> String? {
        node.flatMap { document.value(of: key, in: $0) }.flatMap { document.nodes[$0].string }
      }
      guard text("kind", in: document.root) == id.kind, text("name", in: metadata) == id.name,
        [nil, id.namespace].contains(text("namespace", in: metadata))
      else { continue }
      return document.nodes[document.root]
    }
    return nil
  }
}

extension PlacedDocument {
  /// The position of the value of a key.
  fileprivate func value(of key: String, in node: Int) -> Int? {
    guard nodes.indices.contains(node), case .mapping(let entries) = nodes[node].content else {
      return nil
    }
    return entries.first { nodes[$0.key].string == key }?.value
  }
}
