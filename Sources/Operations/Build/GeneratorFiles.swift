import Document
package import FluxModel
import Platform
import SystemPackage
import Text

/// An ArtifactGenerator with the file that it was read from.
package struct GeneratorInput: Sendable {
  /// The file as it was named, or `standard input`.
  package let origin: String
  package let generator: ArtifactGenerator
  /// Where the generator lives: its own, or that of the command line.
  package let namespace: String
  /// What strict decoding refuses in the document.
  package let strictFindings: [String]
  /// Where in its file it is.
  package var place = ManifestPlace()

  /// The same with another name of its file.
  func renamed(_ rename: (String) -> String) -> GeneratorInput {
    GeneratorInput(
      origin: rename(origin), generator: generator, namespace: namespace,
      strictFindings: strictFindings, place: place)
  }
}

/// Where in a file an object is.
package struct ManifestPlace: Sendable, Hashable {
  /// Among the documents of the file that are not empty, from 0.
  package var document = 0
  /// The positions in `items`, of a list in a list several.
  package var items: [Int] = []
}

/// A file of manifests that cannot be understood.
package struct InputError: Sendable, Hashable {
  package let file: String
  /// From 1, where that is known.
  package var line: Int?
  /// In characters, from 1.
  package var column: Int?
  /// Of the object, where it is one that cannot be understood and not the file.
  package var place: ManifestPlace?
  /// Names the file, too.
  package let message: String
  /// The same without file, line and column.
  package var reason: String

  /// A file that is no YAML.
  init(file: String, _ error: DocumentError) {
    self.file = file
    line = error.line
    column = error.column
    message = "error parsing \(file): \(error)"
    reason = error.message
  }

  init(
    file: String, line: Int? = nil, column: Int? = nil, place: ManifestPlace? = nil,
    message: String, reason: String
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.place = place
    self.message = message
    self.reason = reason
  }

  /// The same with another name of the file.
  func renamed(_ rename: (String) -> String) -> InputError {
    var error = InputError(
      file: rename(file), line: line, column: column, message: rename(message), reason: reason)
    error.place = place
    return error
  }
}

/// Reads the manifests that `-f` names, with kubectl's rules: a file whatever its name, a directory's
/// `.json`, `.yaml` and `.yml` files in lexical order, `-` for standard input (`resource/builder.go`
/// and `visitor.go` in cli-runtime).
///
/// Directories below are read too, unlike kubectl's without `-R`; there, a file that does not name the
/// kind is passed over, because a checkout contains YAML of all sorts, templates among it. Source
/// objects are taken from them as `--manifests` takes them. Of a directory, what cannot be read as YAML
/// and does not name the kind is passed over with a note, and so are the patches of kustomizations; where
/// these set a namespace, the objects of the files that they list are in that.
package struct GeneratorFiles {
  private let isRecursive: Bool
  private let allowsNone: Bool
  private let collectsErrors: Bool
  private let followsOutside: Bool
  package let readInput: () throws -> [UInt8]
  package static let standardInput = "standard input"

  /// - Parameters:
  ///   - allowsNone: Whether files without a generator are no error.
  ///   - collectsErrors: Whether a file that cannot be understood is part of what is found, and not the
  ///     end.
  ///   - followsOutside: Whether what kustomizations list outside of a directory, such as `../base`, is read,
  ///     too.
  package init(
    isRecursive: Bool = true, allowsNone: Bool = false, collectsErrors: Bool = false,
    followsOutside: Bool = false, readInput: @escaping () throws -> [UInt8]
  ) {
    self.isRecursive = isRecursive
    self.allowsNone = allowsNone
    self.collectsErrors = collectsErrors
    self.followsOutside = followsOutside
    self.readInput = readInput
  }

  /// Every ArtifactGenerator in the given places, in their order, and the source objects beside them.
  ///
  /// - Parameters:
  ///   - paths: values of `-f`.
  ///   - namespace: for objects that name none.
  /// - Throws: `OperationError` that names the file; also when there is no generator at all.
  package func read(
    _ paths: [String], namespace: String
  ) throws -> Found {
    guard paths.count(where: { $0 == "-" }) <= 1 else {
      throw OperationError(
        .invalidArgument, "standard input cannot be used for multiple arguments")
    }
    var inputs: [GeneratorInput] = []
    var others: [String] = []
    var sources: [SourceObjects.Document] = []
    var notes: [String] = []
    var errors: [InputError] = []
    for file in try files(at: paths, notes: &notes) {
      let documents: [ReadDocument]
      do {
        documents = try YAML.read(file.bytes)
      } catch {
        guard file.isNamed || ManifestText.mayHaveGenerators(file.bytes) else {
          notes.append(ManifestText.note(on: file.name, error))
          continue
        }
        let found = InputError(file: file.name, error)
        guard collectsErrors else { throw OperationError(.invalidInput, found.message) }
        errors.append(found)
        continue
      }
      for (position, document) in documents.enumerated() {
        if !file.isNamed, Snapshot.isRecorded(document.value) {
          let note = Snapshot.note(onRecorded: file.name)
          if !notes.contains(note) { notes.append(note) }
          continue
        }
        sources += SourceObjects.sources(
          in: document.value.placed(in: file.movedTo), of: file.name)
        guard file.hasGenerators else { continue }
        do {
          try add(
            document, from: file, at: ManifestPlace(document: position),
            namespace: namespace, to: &inputs, others: &others)
        } catch let failure as OperationError where collectsErrors {
          let beginning = "\(file.name): "
          let message = failure.description
          errors.append(
            InputError(
              file: file.name, place: ManifestPlace(document: position), message: message,
              reason: message.hasPrefix(beginning)
                ? String(message.dropFirst(beginning.count)) : message))
        }
      }
    }
    guard allowsNone || !inputs.isEmpty || !errors.isEmpty else {
      let places = paths.map { $0 == "-" ? "standard input" : $0 }.joined(separator: ", ")
      let found =
        others.isEmpty ? "" : "found only \(others.joined(separator: ", ")), but "
      throw OperationError(
        .invalidInput,
        "\(places): \(found)no ArtifactGenerator (source.extensions.fluxcd.io/v1beta1)")
    }
    return Found(generators: inputs, sources: sources, notes: notes, errors: errors)
  }

  /// What files contain.
  package struct Found {
    package let generators: [GeneratorInput]
    package let sources: [SourceObjects.Document]
    /// What was passed over, a sentence each.
    package let notes: [String]
    /// What cannot be understood, where that does not end the reading.
    package var errors: [InputError] = []
  }

  private struct File {
    let name: String
    let bytes: [UInt8]
    /// Whether to look for generators; else only for source objects.
    var hasGenerators = true
    /// Whether somebody named the file itself.
    var isNamed = false
    /// The namespace in which a kustomization puts its objects.
    var movedTo: String?
    /// Whether it is outside of what somebody named.
    var isOutside = false
  }

  /// Those of all places; one that a kustomization lists elsewhere only where no place has it.
  private func files(at paths: [String], notes: inout [String]) throws -> [File] {
    var files: [File] = []
    for path in paths { files += try self.files(at: path, notes: &notes) }
    guard files.contains(where: \.isOutside) else { return files }
    var seen = Set(files.filter { !$0.isOutside }.compactMap { try? Disk.resolved($0.name) })
    return files.filter { file in
      guard file.isOutside, let place = try? Disk.resolved(file.name) else { return true }
      return seen.insert(place).inserted
    }
  }

  private func files(at path: String, notes: inout [String]) throws -> [File] {
    if path == "-" {
      return [File(name: Self.standardInput, bytes: try readInput(), isNamed: true)]
    }
    let entries: [Disk.Entry]?
    do throws(Errno) {
      let isFolder = try Disk.status(of: path).kind == .directory
      entries = isFolder ? try Disk.entries(of: path) : nil
    } catch {
      throw OperationError(
        .invalidInput,
        error == .noSuchFileOrDirectory
          ? "the path \(path.nativeBytes.goQuoted) does not exist"
          : "cannot read \(path): \(error.goText)")
    }
    guard let entries else {
      return [File(name: path, bytes: try content(path), isNamed: true)]
    }
    var tree = Tree()
    try collect(entries, of: path, isTop: true, into: &tree)
    if followsOutside {
      let outside = tree.kustomizations.followOutside(of: path)
      notes += outside.unread
      for name in outside.files {
        let bytes = try content(name)
        let hasGenerators = ManifestText.mayHaveGenerators(bytes)
        guard hasGenerators || ManifestText.mayHaveSources(bytes) else { continue }
        tree.files.append(
          File(name: name, bytes: bytes, hasGenerators: hasGenerators, isOutside: true))
      }
    }
    guard allowsNone || tree.hasManifests else {
      throw OperationError(
        .invalidInput,
        "error reading [\(path)]: recognized file extensions are [.json .yaml .yml]")
    }
    let kustomizations = tree.kustomizations
    notes += tree.files.compactMap { kustomizations.note(on: $0.name, $0.bytes) }
    return tree.files.filter { kustomizations.kustomization(of: $0.name) == nil }.map { file in
      var file = file
      file.movedTo = kustomizations.namespace(of: file.name)
      return file
    }
  }

  private struct Tree {
    var files: [File] = []
    var hasManifests = false
    var kustomizations = TreeKustomizations()
  }

  private func collect(
    _ entries: [Disk.Entry], of path: String, isTop: Bool, into tree: inout Tree
  ) throws {
    let prefix = path.hasSuffix("/") ? path : path + "/"
    for entry in entries.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
      let name = prefix + String(nativeBytes: entry.name)
      if entry.kind == .directory {
        guard isRecursive else { continue }
        let below: [Disk.Entry]
        do throws(Errno) {
          below = try Disk.entries(of: name)
        } catch {
          throw OperationError(.invalidInput, "cannot read \(name): \(error.goText)")
        }
        try collect(below, of: name, isTop: false, into: &tree)
      } else if ManifestTree.isManifest(name) {
        tree.hasManifests = true
        if entry.kind != .file, (try? Disk.status(of: name))?.kind == .other {
          throw OperationError.noRegularFile(name)
        }
        let bytes = try content(name)
        if TreeKustomizations.isKustomization(name) { tree.kustomizations.add(bytes, at: name) }
        let hasGenerators = isTop || ManifestText.mayHaveGenerators(bytes)
        guard hasGenerators || ManifestText.mayHaveSources(bytes) else { continue }
        tree.files.append(File(name: name, bytes: bytes, hasGenerators: hasGenerators))
      } else if entry.kind == .file, TreeKustomizations.isKustomization(name) {
        tree.kustomizations.add(try content(name), at: name)
      }
    }
  }

  private func content(_ path: String) throws(OperationError) -> [UInt8] {
    do throws(FileError) {
      return try Disk.read(path, limit: ManifestTree.largestFile)
    } catch {
      throw OperationError(
        .invalidInput,
        error.reason == .fileTooLarge
          ? "\(path) is larger than \(ManifestTree.largestFile >> 20) MiB"
          : "cannot read \(path): \(error.reason.goText)")
    }
  }

  private func add(
    _ document: ReadDocument,
    from file: File,
    at place: ManifestPlace,
    namespace: String,
    to inputs: inout [GeneratorInput],
    others: inout [String]
  ) throws {
    var duplicates = document.duplicates
    try add(
      document.value.placed(in: file.movedTo), from: file.name, at: place, namespace: namespace,
      duplicates: &duplicates, to: &inputs, others: &others)
  }

  /// - Parameter duplicates: Those of the document; the first generator in it takes them.
  private func add(
    _ document: Value,
    from file: String,
    at place: ManifestPlace,
    namespace: String,
    duplicates: inout [String],
    to inputs: inout [GeneratorInput],
    others: inout [String]
  ) throws {
    let kind = document["kind"]?.string
    if kind == "List" || kind == "ArtifactGeneratorList", let items = document["items"]?.array {
      for (position, item) in items.enumerated() {
        var inner = place
        inner.items.append(position)
        try add(
          item, from: file, at: inner, namespace: namespace, duplicates: &duplicates, to: &inputs,
          others: &others)
      }
      return
    }
    guard kind == "ArtifactGenerator" else {
      let name = document["metadata"]?["name"]?.string ?? "without a name"
      others.append("\(kind ?? "an object without kind") \(name)")
      return
    }
    do {
      let generator = try ArtifactGenerator(document)
      inputs.append(
        GeneratorInput(
          origin: file,
          generator: generator,
          namespace: generator.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? namespace,
          strictFindings: duplicates + generator.strictFindings,
          place: place
        )
      )
      duplicates = []
    } catch {
      throw OperationError(.invalidInput, "\(file): \(error)")
    }
  }
}
