import Archive
import Commands
import Content
import Document
import Foundation
import TestSupport
import Testing

/// What the controller published for the generators of `golden-cases`, built in this process.
///
/// `golden-cases/run.py` says how a case is laid out and when it is passed. It does the same with
/// the built binary, and where archives differ it shows which entries do.
@Suite struct GoldenCaseTests {
  @Test(arguments: GoldenCase.names, Compressor.allCases)
  func `build publishes what the controller published`(name: String, compressor: Compressor)
    async throws
  {
    await Turnstile.cores.enter()
    defer { Task { await Turnstile.cores.leave() } }
    let golden = try GoldenCase(name)
    let directory = try TemporaryDirectory()
    let sources = try await golden.sources(in: directory)
    let outcome = await golden.build(sources, compressor, to: directory.path + "/out")
    let result = try JSON.parse(Array(outcome.output.utf8))
    let differences = try golden.differences(
      from: result, in: directory.path + "/out", compressor)
    #expect(differences == [])
    #expect((outcome.status != 0) == golden.mustFail, "exit status \(outcome.status)")
    if golden.varies {
      let again = await golden.build(sources, compressor, to: directory.path + "/again")
      let digests = try JSON.parse(Array(again.output.utf8)).items.map { $0["digest"] }
      #expect(digests == result.items.map { $0["digest"] }, "the same input, the same archive")
    }
  }

  @Test func `there are cases`() {
    #expect(GoldenCase.names.count >= 211)
  }
}

/// Lets some through at once: more only make each other, and all other tests, wait.
private actor Turnstile {
  static let cores = Turnstile(ProcessInfo.processInfo.activeProcessorCount)

  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ count: Int) {
    free = count
  }

  func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func leave() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}

/// One folder of `golden-cases/cases`.
private struct GoldenCase {
  private static let root = ProjectFiles.root + "/Tests/golden-cases/cases"
  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted()

  /// Extracting outside of the artifact, which the controller does.
  private static let refused: Set = ["164-extract-dest-traversal"]

  private let name: String
  private let about: Value
  private let revisions: Value
  private let expected: Value

  init(_ name: String) throws {
    func read(_ file: String) throws -> Value {
      try JSON.parse(readFile("\(Self.root)/\(name)/\(file)"))
    }
    self.name = name
    about = try read("case.json")
    revisions =
      FileManager.default.fileExists(atPath: "\(Self.root)/\(name)/revisions.json")
      ? try read("revisions.json") : .object([:])
    expected = try read("expected.json")
  }

  private var artifacts: [Value] { expected["artifacts"]?.array ?? [] }

  /// Whether the controller's own result is one of several.
  var varies: Bool { expected["nondeterministic"]?.bool ?? false }

  var mustFail: Bool {
    Self.refused.contains(name) || expected["error"] != nil
      || artifacts.contains { error(of: $0) != nil }
  }

  /// The controller does not run as root: where that makes a difference, its own error counts.
  private func error(of artifact: Value) -> String? {
    (expected["nonRootError"] ?? artifact["error"])?.string
  }

  // MARK: The build

  /// The folder of each alias: those of the case as they are, unless it makes something itself.
  func sources(in directory: TemporaryDirectory) async throws -> [(alias: String, path: String)] {
    let given = "\(Self.root)/\(name)/src"
    let own = directory.path + "/src"
    let manager = FileManager.default
    try manager.createDirectory(atPath: own, withIntermediateDirectories: true)
    if manager.fileExists(atPath: "\(Self.root)/\(name)/setup.py") {
      // The modes of what it makes are part of the case.
      let script =
        "umask 022; [ ! -d \"$1\" ] || cp -a \"$1/.\" \"$2\"; exec python3 \"$3\" \"$2\""
      try await run(
        "/bin/sh", ["-c", script, "sh", given, own, "\(Self.root)/\(name)/setup.py"])
    }
    var paths: [String: String] = [:]
    for folder in [own, given] {
      for alias in (try? manager.contentsOfDirectory(atPath: folder)) ?? []
      where paths[alias] == nil {
        paths[alias] = "\(folder)/\(alias)"
      }
    }
    for case .string(let alias) in about["aliases"]?.array ?? [] where paths[alias] == nil {
      paths[alias] = "\(own)/\(alias)"
      try manager.createDirectory(atPath: "\(own)/\(alias)", withIntermediateDirectories: true)
    }
    return paths.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  func build(
    _ sources: [(alias: String, path: String)], _ compressor: Compressor, to output: String
  ) async -> Outcome {
    var arguments = [
      "build", "-f", "\(Self.root)/\(name)/generator.yaml", "-o", "json", "--output-dir", output,
      "--compressor", compressor.rawValue,
    ]
    arguments += sources.flatMap { ["--source", "\($0.alias)=\($0.path)"] }
    for (alias, known) in revisions.object ?? [:] {
      for (key, flag) in [("revision", "--revision"), ("originRevision", "--origin-revision")] {
        guard let revision = known[key]?.string, !revision.isEmpty else { continue }
        arguments += [flag, "\(alias)=\(revision)"]
      }
    }
    if about["args"]?.array?.contains("-no-cross-namespace-refs") ?? false {
      arguments.append("--no-cross-namespace-refs")
    }
    return await invoke(ArtifactGen.self, arguments)
  }

  // MARK: The comparison

  /// A text for each difference.
  func differences(
    from result: Value, in output: String, _ compressor: Compressor
  ) throws -> [String] {
    let failures = result["errors"]?.array ?? []
    // Those that belong to one artifact say so; its item has the same error.
    let errors = failures.filter { $0["artifact"] == nil }
    if Self.refused.contains(name) {
      return failures.isEmpty && result.items.allSatisfy { $0["error"] == nil }
        ? ["the controller's mistake is repeated"] : []
    }
    if let message = expected["error"] {
      let isSame = errors.contains {
        $0["message"] == message && $0["reason"] == expected["reason"]
          && $0["terminal"] == expected["terminal"]
      }
      return isSame ? [] : ["errors are \(errors)"]
    }
    guard errors.isEmpty else { return ["unexpected errors \(errors)"] }
    let known = Set(artifacts.map { $0["name"] })
    let surplus = result.items.filter { !known.contains($0["name"]) && $0["blockedBy"] == nil }
    guard surplus.isEmpty else { return ["the controller does not have \(surplus)"] }
    return try artifacts.flatMap { artifact in
      let item = result.items.first { $0["name"] == artifact["name"] }
      return try differences(from: item, artifact, in: output, compressor)
        .map { "\(artifact["name"]?.string ?? ""): \($0)" }
    }
  }

  private func differences(
    from item: Value?, _ artifact: Value, in output: String, _ compressor: Compressor
  ) throws -> [String] {
    guard let item else { return ["missing"] }
    if let wanted = error(of: artifact) {
      let ours = item["error"]?.string ?? ""
      return isSame(wanted, ours) ? [] : ["error is \(ours), not \(wanted)"]
    }
    if let error = item["error"] { return ["unexpected error \(error)"] }
    var differences: [String] = []
    func expect(_ ours: Value?, _ wanted: Value?, _ what: String) {
      if ours != wanted {
        differences.append("\(what) is \(text(ours)), not \(text(wanted))")
      }
    }
    if !varies { expect(item["filename"], artifact["filename"], "filename") }
    expect(item["labels"], artifact["labels"], "labels")
    expect(item["annotations"], artifact["annotations"], "annotations")
    if let origin = artifact["metadata"]?["org.opencontainers.image.revision"] {
      expect(item["originRevision"], origin, "originRevision")
    }
    let path = ["namespace", "name", "filename"].reduce(output) {
      "\($0)/\(item[$1]?.string ?? "")"
    }
    let archive = Value.string("\(Digester.digest(try readFile(path)))")
    expect(item["digest"], archive, "digest of the file")
    guard !varies else {
      // Of the other compressor's results none is recorded.
      let possible = expected["possibleDigests"]?.array ?? []
      if compressor == .go126, !possible.contains(archive) {
        differences.append("digest is none of the controller's")
      }
      return differences
    }
    let suffix = compressor == .go126 ? "" : "Go127"
    let digest = artifact["digest" + suffix]
    expect(archive, digest, "digest")
    expect(item["size"], artifact["size" + suffix], "size")
    let revision = artifact["revision"]?.string?.replacingOccurrences(
      of: artifact["digest"]?.string ?? "", with: digest?.string ?? "")
    expect(item["revision"], revision.map { .string($0) }, "revision")
    return differences
  }

  /// A `$` in the controller's text stands for a path of its workspace: only what surrounds it can
  /// be the same.
  private func isSame(_ wanted: String, _ ours: String) -> Bool {
    guard let start = wanted.firstIndex(of: "$") else { return ours == wanted }
    let end = wanted.lastIndex(of: ":").map { wanted[wanted.index(after: $0)...] } ?? ""
    return ours.hasPrefix(wanted[..<start]) && ours.hasSuffix(end)
  }

  private func text(_ value: Value?) -> String {
    value.map { JSON.string($0, style: .compact) } ?? "nothing"
  }
}

extension Value {
  fileprivate var items: [Value] { self["items"]?.array ?? [] }
}

/// Runs a program to its end.
private func run(_ program: String, _ arguments: [String]) async throws {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.standardInput = FileHandle.nullDevice
  try await withCheckedThrowingContinuation {
    (continuation: CheckedContinuation<Void, any Error>) in
    process.terminationHandler = { process in
      #expect(process.terminationStatus == 0)
      continuation.resume()
    }
    do {
      try process.run()
    } catch {
      process.terminationHandler = nil
      continuation.resume(throwing: error)
    }
  }
}
