import Content
import Document
import Foundation
import Objects
import TestSupport
import Testing

@testable import Rendering

/// What kustomize-controller's own code makes of the trees in `Tests/render-cases`, without kubectl: the
/// kustomization that it generates, and the substitution of what kustomize built.
@Suite struct CaseTests {
  struct Case {
    let name: String
    let folder: String
    let kustomization: Value
    let tree: FileTree

    init(_ name: String) throws {
      self.name = name
      folder = ProjectFiles.root + "/Tests/render-cases/cases/" + name
      kustomization = try #require(
        YAML.parse(try Self.bytes(folder + "/kustomization-cr.yaml")).first)
      tree = FileTree(disk: Array((folder + "/tree").utf8))
    }

    static func bytes(_ path: String) throws -> [UInt8] {
      Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    func expected(_ name: String) -> [UInt8]? {
      try? Self.bytes(folder + "/" + name)
    }

    /// Stage and message.
    var error: (stage: String, message: String)? {
      guard let bytes = expected("expected-error.txt") else { return nil }
      let text = String(decoding: bytes, as: UTF8.self)
      let parts = text.split(separator: ": ", maxSplits: 1)
      return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }

    var sources: [PostBuild.Source] {
      get throws {
        let objects = try expected("vars.yaml").map { try YAML.parse($0) } ?? []
        let references = PostBuild(of: kustomization)?.references ?? []
        return references.map { reference in
          let found = objects.first {
            $0.kind == reference.kind && $0.name == reference.name
              && $0.namespace == kustomization.namespace
          }
          return found.map { .found($0) } ?? .absent
        }
      }
    }

    var isStrict: Bool {
      expected("options.yaml").map {
        !String(decoding: $0, as: UTF8.self).contains("strict: false")
      } ?? true
    }
  }

  static let names =
    (try? FileManager.default.contentsOfDirectory(
      atPath: ProjectFiles.root + "/Tests/render-cases/cases"))?.sorted() ?? []

  @Test func `all cases of kustomize-controller are there`() {
    #expect(Self.names.count == 128)
  }

  @Test(arguments: names) func `generates the kustomization that the controller writes`(
    _ name: String
  ) throws {
    let test = try Case(name)
    do {
      let prepared = try KustomizationGenerator(test.tree, of: test.kustomization).prepare()
      let expected = try #require(
        test.expected("expected-kustomization.yaml"), "\(name): should fail")
      let lines = expected.split(
        separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
      let path = prepared.directory.child(Array(prepared.file.utf8))
      #expect("# file: \(path)" == String(decoding: lines[0], as: UTF8.self))
      #expect(YAML.write(prepared.content) == String(decoding: lines[1], as: UTF8.self))
    } catch let failure as RenderFailure {
      let error = try #require(test.error, "\(name): \(failure)")
      #expect(
        ["path", "generate"].contains(error.stage) || failure.stage == .refused, "\(failure)")
    }
  }

  @Test(arguments: names) func `substitutes what the controller substitutes, or fails as it does`(
    _ name: String
  ) throws {
    let test = try Case(name)
    guard let build = test.expected("expected-build.yaml") else { return }
    let rendering = KustomizationRendering(test.kustomization, namespace: "default")
    do {
      let consumer = try rendering.consumer(
        of: try KustomizationRendering.documents(of: build), sources: test.sources,
        isStrict: test.isStrict)
      let expected = try #require(test.expected("expected.yaml"), "\(name): should fail")
      let text = consumer.objects.map { String(decoding: $0.text, as: UTF8.self) }
        .joined(separator: "---\n")
      #expect(text == String(decoding: expected, as: UTF8.self))
    } catch let failure as RenderFailure {
      let error = try #require(test.error, "\(name): \(failure)")
      let message = error.message.trimmingCharacters(in: .newlines)
      #expect("\(failure.stage): \(failure)" == "\(error.stage): \(message)")
    }
  }
}
