import Archive
import Generation
import Operations
import TestSupport

extension BuildRequest {
  /// The generators of a text, for a source `repo` that is a directory below another.
  init(_ generators: String, repo: String = "src", in directory: TemporaryDirectory) throws {
    let manifest = try directory.write("gen.yaml", generators)
    self.init(
      inputs: try GeneratorFiles(readInput: { [] })
        .read([manifest], namespace: "default").generators,
      compressor: .go126,
      temporaryFolder: directory.path)
    mappings = try SourceMapping.all(
      ["repo=\(directory.path)/\(repo)"], flag: "--source", kind: { _ in nil })
  }
}
