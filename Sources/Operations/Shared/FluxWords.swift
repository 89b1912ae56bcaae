import FluxModel
import Objects

/// Flux's own way to name kinds in two words: `sources git`, `artifact generators`.
///
/// Its commands are nested (`flux get sources git`, `flux reconcile source git NAME`), so the first word
/// names a family there, and here one kind or several.
package enum FluxWords {
  /// The words with each such pair as one word for the kind.
  package static func joined(_ words: [String]) -> [String] {
    guard words.count >= 2 else { return words }
    let (family, member) = (words[0].lowercased(), words[1].lowercased())
    guard let kind = kind(family, member) else { return words }
    return [kind] + words.dropFirst(2)
  }

  /// The words that can follow a word for a family, each with the kind that both name; those of
  /// `sources` name all kinds as well.
  package static func members(of family: String) -> [(word: String, kind: String)] {
    let family = family.lowercased()
    switch family {
    case "source", "sources":
      return sources.keys.sorted().filter { $0 != "all" || family == "sources" }
        .map { ($0, sources[$0] ?? "") }
    case "artifact":
      return [("external", "externalartifacts"), ("generator", "artifactgenerators")]
    case "artifacts":
      return [("external", "externalartifacts"), ("generators", "artifactgenerators")]
    default: return []
    }
  }

  /// What to write for a word for a family that stands alone.
  static func advice(for word: String) -> String? {
    switch word.lowercased() {
    case "source":
      "\"\(word)\" is not a resource type: use sources for all kinds of source, or a kind, as in source git NAME"
    case "external":
      "\"\(word)\" is not a resource type: use ea or sources external for ExternalArtifacts"
    default: nil
    }
  }

  private static func kind(_ family: String, _ member: String) -> String? {
    switch (family, member) {
    // Its own name for a kind is clear, too.
    case ("source", _), ("sources", _):
      sources[member]
        ?? KindGroup.sources.kinds.map(\.resource).first {
          $0.plural == member || $0.singular == member
        }?.plural
    case ("artifact", "external"), ("artifacts", "external"): "externalartifacts"
    case ("artifact", "generator"), ("artifact", "generators"), ("artifacts", "generator"),
      ("artifacts", "generators"):
      "artifactgenerators"
    default: nil
    }
  }

  private static let sources = [
    "all": "sources", "bucket": "buckets", "chart": "helmcharts", "external": "externalartifacts",
    "git": "gitrepositories", "helm": "helmrepositories", "oci": "ocirepositories",
  ]
}
