import Content
import Document
import Foundation
import Objects
import TestSupport
import Testing

@testable import Rendering

/// What helm-controller's own code makes of the HelmReleases in `Tests/render-cases/helm-cases`, without
/// helm: the values, the chart, and the objects from what helm printed.
@Suite struct ReleaseCaseTests {
  struct Case {
    let folder: String
    let release: Value
    let tree: FileTree

    init(_ name: String) throws {
      folder = ReleaseCaseTests.folder + "/" + name
      release = try #require(
        YAML.parse(try CaseTests.Case.bytes(folder + "/helmrelease.yaml")).first)
      tree = FileTree(disk: Array((folder + "/tree").utf8))
    }

    func expected(_ name: String) -> [UInt8]? {
      try? CaseTests.Case.bytes(folder + "/" + name)
    }

    func text(_ name: String) -> String? {
      expected(name).map {
        String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
      }
    }

    var rendering: ReleaseRendering { ReleaseRendering(release, namespace: "default") }

    var sources: [PostBuild.Source] {
      get throws {
        let objects = try expected("vars.yaml").map { try YAML.parse($0) } ?? []
        return rendering.references.map { reference in
          let found = objects.first {
            $0.kind == reference.object.kind && $0.name == reference.object.name
          }
          return found.map { .found($0) } ?? .absent
        }
      }
    }
  }

  static let folder = ProjectFiles.root + "/Tests/render-cases/helm-cases"
  static let names = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []
  static let revision =
    "latest@sha256:2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea"

  @Test func `all cases of helm-controller are there`() {
    #expect(Self.names.count == 33)
  }

  @Test(arguments: names) func `merges values as the controller does`(_ name: String) throws {
    let test = try Case(name)
    do {
      let values = try test.rendering.values(from: test.sources)
      let expected = try #require(test.expected("expected-values.yaml"), "\(name): should fail")
      #expect(values.values == (try YAML.converted(expected)))
    } catch let failure as RenderFailure {
      let error = try #require(test.text("expected-error.txt"), "\(name): \(failure)")
      // The parser quotes the value, and here that is a part of a Secret.
      let wanted =
        name == "H18-target-path-pw"
        ? error.replacing(
          #"key "et" has no value"#,
          with: "helm does not understand its value, which is secret and not shown") : error
      #expect("values: \(failure)" == wanted)
    }
  }

  @Test(arguments: names) func `loads charts as the controller does`(_ name: String) throws {
    let test = try Case(name)
    do {
      _ = try ReleaseChart(test.tree, revision: Self.revision)
      #expect(test.text("expected-error.txt").map { $0.hasPrefix("values: ") } ?? true)
    } catch {
      let expected = try #require(test.text("expected-error.txt"), "\(name): \(error)")
      #expect("chart: \(error.message)" == expected)
    }
  }

  @Test(arguments: names) func `names releases as the controller does`(_ name: String) throws {
    let test = try Case(name)
    guard let command = test.text("command.txt") else { return }
    let words = command.split(separator: " ").map(String.init)
    #expect(test.rendering.releaseName == words[2])
    let namespace = try #require(words.firstIndex(of: "--namespace"))
    #expect(test.rendering.releaseNamespace == words[namespace + 1])
  }

  @Test(arguments: names) func `makes the controller's objects of the output of helm`(
    _ name: String
  ) async throws {
    let test = try Case(name)
    guard let template = test.expected("expected-template.yaml"), !test.rendering.postRenders
    else { return }
    do {
      let objects = try await test.rendering.objects(of: template) { _ in
        Issue.record("nothing is built")
        return []
      }
      let expected = try #require(test.expected("expected-postrender.yaml"), "\(name): should fail")
      #expect(Set(objects.values) == Set(try YAML.parse(expected)))
      #expect(objects.values.count == (try YAML.parse(expected)).count)
    } catch let failure as RenderFailure {
      let error = try #require(test.text("expected-postrender-error.txt"), "\(name): \(failure)")
      #expect(failure.message == error)
    }
  }
}
