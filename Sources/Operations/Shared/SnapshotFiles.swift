import Content
import Document
import FluxModel
import Glibc
import Objects
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
        try content.add(try bytes(of: file), from: file)
      }
    }
    guard !content.objects.isEmpty else {
      throw OperationError(
        .invalidInput, "the snapshot \(path) holds no objects: write one with kubectl get -o yaml")
    }
    return Snapshot(
      objects: content.objects, capturedAt: content.capturedAt,
      coverage: content.coverage ?? .unstated)
  }

  private static func files(at path: String) throws -> [String] {
    var status = stat()
    guard stat(path, &status) == 0 else { throw failure(path) }
    guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
    var found: [String] = []
    try collect(path.hasSuffix("/") ? String(path.dropLast()) : path, into: &found)
    guard !found.isEmpty else {
      throw OperationError(
        .invalidInput, "the snapshot \(path) has no file that ends in .yaml, .yml or .json")
    }
    return found.sorted { compareUTF8($0, $1) < 0 }
  }

  private static func collect(_ path: String, into found: inout [String]) throws {
    guard let stream = opendir(path) else { throw failure(path) }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      // `.git` and the like are not part of what was written down.
      if name.hasPrefix(".") { continue }
      let child = "\(path)/\(name)"
      var status = stat()
      guard stat(child, &status) == 0 else { throw failure(child) }
      if status.st_mode & S_IFMT == S_IFDIR {
        // A link to a folder could lead in circles.
        var link = stat()
        if lstat(child, &link) == 0, link.st_mode & S_IFMT == S_IFLNK { continue }
        try collect(child, into: &found)
      } else if [".yaml", ".yml", ".json"].contains(where: child.hasSuffix) {
        found.append(child)
      }
    }
  }

  private static func bytes(of path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      // A pipe (`<(…)`) has no size, so this reads until the end.
      let count = read(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      guard count > 0 || errno == EINTR else { throw failure(path) }
      bytes += buffer[..<max(0, count)]
    }
  }

  private static func failure(_ path: String) -> OperationError {
    let code = errno
    let reason = code == ENOENT ? "it does not exist" : "\(PathFailure(errno: code))"
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
            "\(file): \(Snapshot.stamp) must be a time as in RFC 3339, not \"\(stamp)\"")
        }
        // Of several lists the oldest: nothing is then younger than it is.
        capturedAt = min(capturedAt ?? moment, moment)
        let unread = document["metadata", "annotations", SnapshotCoverage.annotation]?.string
        let stated = SnapshotCoverage(annotation: unread ?? "")
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
        "\(file): a document is no Kubernetes object: it lacks apiVersion, kind or metadata.name")
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
