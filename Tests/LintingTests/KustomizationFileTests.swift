import Document
import Testing

@testable import Linting

@Suite struct KustomizationFileTests {
  private func references(_ text: String) throws -> [String] {
    let document = try #require(try YAML.parse(Array(text.utf8)).first)
    return try #require(KustomizationFile(document)).references.map { "\($0.field) \($0.path)" }
  }

  @Test func `every field that names files is read`() throws {
    let found = try references(
      """
      resources: [a.yaml]
      bases: [../b]
      components: [c]
      crds: [d.yaml]
      configurations: [e.yaml]
      generators: [f.yaml]
      transformers: [g.yaml]
      validators: [h.yaml]
      patches: [{patch: "x: y"}, {path: i.yaml}]
      patchesStrategicMerge: [j.yaml, "{kind: A, metadata: {name: a}}"]
      patchesJson6902: [{path: k.yaml}]
      replacements: [{path: l.yaml}]
      openapi: {path: m.json}
      configMapGenerator: [{files: [n.txt, key=o.txt], envs: [p.env], env: q.env}]
      secretGenerator: [{files: [r.txt]}]
      """)
    #expect(
      found == [
        "resources[0] a.yaml", "bases[0] ../b", "components[0] c", "crds[0] d.yaml",
        "configurations[0] e.yaml", "generators[0] f.yaml", "transformers[0] g.yaml",
        "validators[0] h.yaml", "patchesStrategicMerge[0] j.yaml", "patches[1].path i.yaml",
        "patchesJson6902[0].path k.yaml", "replacements[0].path l.yaml", "openapi.path m.json",
        "configMapGenerator[0].files[0] n.txt", "configMapGenerator[0].files[1] o.txt",
        "configMapGenerator[0].envs[0] p.env", "configMapGenerator[0].env q.env",
        "secretGenerator[0].files[0] r.txt",
      ])
  }

  @Test func `fields of the wrong type say nothing`() throws {
    #expect(
      try references("{resources: a, patches: {path: b}, configMapGenerator: [1], openapi: []}")
        .isEmpty)
  }
}
