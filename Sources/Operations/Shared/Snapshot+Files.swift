import Document
import FluxModel
import Objects
import Platform
import SystemPackage
import Text

extension Snapshot {
  /// Reads a file or, with everything below it, a directory: what `kubectl get -o yaml` or `-o json`
  /// writes, lists or many documents.
  ///
  /// - Parameters:
  ///   - path: `-` is standard input. Of a directory, `.yaml`, `.yml` and `.json` files are read.
  ///   - readInput: The whole of standard input.
  /// - Throws: `OperationError` that names the file.
  package static func load(
    _ path: String, readInput: () throws -> [UInt8] = { [] }
  ) throws -> Snapshot {
    var content = SnapshotContent()
    if path == "-" {
      try content.add(try readInput(), from: "standard input")
    } else {
      for file in try files(at: path) {
        let bytes: [UInt8]
        do throws(FileError) {
          bytes = try Disk.read(file, limit: largestFile)
        } catch {
          throw failure(file, error.reason)
        }
        try content.add(bytes, from: file)
      }
    }
    guard !content.objects.isEmpty else {
      throw OperationError(
        .invalidInput,
        "the snapshot \(path) contains no objects: create one with export --all-kinds")
    }
    return Snapshot(
      objects: content.objects, capturedAt: content.capturedAt,
      coverage: content.coverage ?? .unstated)
  }

  /// etcd stores 8 GiB at most, and a list is smaller than the objects in it.
  private static let largestFile = 1 << 30

  private static func files(at path: String) throws -> [String] {
    guard try reading(path, { () throws(Errno) in try Disk.status(of: path) }).kind == .directory
    else { return [path] }
    var found: [String] = []
    try collect(String(path.trimmingSuffix("/")), into: &found)
    guard !found.isEmpty else {
      throw OperationError(
        .invalidInput, "the snapshot \(path) contains no .yaml, .yml or .json files")
    }
    return found.sorted { compareUTF8($0, $1) < 0 }
  }

  private static func collect(_ path: String, into found: inout [String]) throws {
    for entry in try reading(path, { () throws(Errno) in try Disk.entries(of: path) }) {
      let name = String(nativeBytes: entry.name)
      // `.git` and the like are not part of what was written down.
      if name.hasPrefix(".") { continue }
      let child = "\(path)/\(name)"
      let kind = try reading(child, { () throws(Errno) in try Disk.status(of: child) }).kind
      if kind == .directory {
        // A link to a directory could form a cycle.
        if entry.kind != .link { try collect(child, into: &found) }
      } else if ManifestTree.isManifest(child) {
        guard kind != .other else { throw OperationError.noRegularFile(child) }
        found.append(child)
      }
    }
  }

  private static func reading<Result>(
    _ path: String, _ body: () throws(Errno) -> Result
  ) throws -> Result {
    do throws(Errno) {
      return try body()
    } catch {
      throw failure(path, error)
    }
  }

  private static func failure(_ path: String, _ error: Errno) -> OperationError {
    let reason = error == .noSuchFileOrDirectory ? "it does not exist" : error.goText
    return OperationError(.invalidInput, "cannot read the snapshot \(path): \(reason)")
  }
}

/// The objects of a snapshot's files.
struct SnapshotContent {
  private(set) var objects: [Value] = []
  private(set) var capturedAt: Timestamp?
  /// Nil as long as no list says what was read.
  private(set) var coverage: SnapshotCoverage?

  mutating func add(_ bytes: [UInt8], from file: String) throws(OperationError) {
    let documents: [Value]
    do {
      documents = try YAML.parse(bytes)
    } catch {
      throw OperationError(.invalidInput, "cannot read the snapshot \(file): \(error)")
    }
    for document in documents {
      try add(document, from: file, depth: 0)
    }
  }

  private mutating func add(
    _ document: Value, from file: String, depth: Int
  ) throws(OperationError) {
    if let items = document["items"]?.array, document.kind?.hasSuffix("List") ?? true, depth < 8 {
      if let stamp = document["metadata", "annotations", Snapshot.stamp]?.string {
        guard let moment = Timestamp(rfc3339: stamp) else {
          throw OperationError(
            .invalidInput,
            "\(file): \(Snapshot.stamp) must be an RFC 3339 time, not \"\(stamp)\"")
        }
        // Of several lists the oldest: nothing is then younger than it is.
        capturedAt = min(capturedAt ?? moment, moment)
        let annotations = document["metadata", "annotations"]
        let stated = SnapshotCoverage(
          annotation: annotations?[SnapshotCoverage.annotation]?.string ?? "",
          holds: annotations?[SnapshotPart.annotation]?.string ?? "")
        coverage?.add(stated)
        coverage = coverage ?? stated
      }
      // The items of a typed list need not repeat what they are.
      let itemKind = document.kind.flatMap { $0 == "List" ? nil : String($0.dropLast(4)) }
      for item in items {
        try add(Self.completed(item, document.apiVersion, itemKind), from: file, depth: depth + 1)
      }
      return
    }
    guard let id = ObjectID(of: document) else {
      throw OperationError(
        .invalidInput,
        "\(file): a document is not a Kubernetes object: apiVersion, kind or metadata.name is missing"
      )
    }
    if id.group.isEmpty, id.kind == "Secret" { return }
    objects.append(document)
  }

  private static func completed(_ item: Value, _ apiVersion: String?, _ kind: String?) -> Value {
    guard let kind, var fields = item.object else { return item }
    if fields["kind"] == nil { fields["kind"] = .string(kind) }
    if fields["apiVersion"] == nil, let apiVersion { fields["apiVersion"] = .string(apiVersion) }
    return .object(fields)
  }
}
