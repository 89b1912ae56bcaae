import Content
package import Document
import FluxModel
package import Objects
import Publishing

/// Whether what Kustomizations apply of a source without a generator between is there.
package struct DirectSourceRules {
  let input: LintInput

  /// The source that a Kustomization applies itself; nil for an artifact of a generator.
  package static func source(of object: Value) -> ObjectID? {
    guard ObjectID(of: object)?.fluxKind == .kustomization else { return nil }
    return DeliveryLinks(contentOf: object).sources.first { source in
      [.gitRepository, .ociRepository, .bucket].contains(source.kind)
    }?.id
  }

  func findings() -> [LintFinding] {
    input.objects.flatMap { object -> [LintFinding] in
      guard let id = Self.source(of: object.value), let source = input.given(id) else { return [] }
      return findings(of: object, source, id)
    }
  }

  private func findings(
    of object: LintInput.Object, _ source: LintInput.Source, _ id: ObjectID
  ) -> [LintFinding] {
    let spec = object.value["spec"] ?? .null
    let written = spec["path"]?.string ?? ""
    if PostBuildVariable.isPart(of: written) { return [] }
    let path = SecurePath.resolve(written, in: FileTree())
    func missing(
      _ rule: LintRule, _ text: String, _ path: TreePath, at steps: LintField.Step...
    ) -> LintFinding {
      var place = object.place.at(.key("spec"))
      for step in steps { place = place.at(step) }
      let kind = source.kind(path) == nil ? "is not in" : "is a file in"
      let reason = source.absence(path).map { " (\($0))" } ?? ""
      return LintFinding(
        rule, "\(object.id.phrase) \(text), which \(kind) \(id.phrase)\(reason)", at: place,
        of: "\(object.id)")
    }
    guard source.kind(path) == .directory else {
      return [missing(.missingPath, "has path \(written)", path, at: .key("path"))]
    }
    let allowsMissing = spec["ignoreMissingComponents"]?.bool == true
    return (spec["components"]?.array ?? []).enumerated().compactMap { index, component in
      guard let text = component.string, !text.isEmpty, !PostBuildVariable.isPart(of: text) else {
        return nil
      }
      let target = path.joined(TreePath(text))
      let isLocal = text.utf8.first != TreePath.slash && !target.leavesRoot
      guard !isLocal || source.kind(target) != .directory, !(isLocal && allowsMissing) else {
        return nil
      }
      return missing(
        .missingComponent, "uses component \(text)", target, at: .key("components"), .index(index))
    }
  }
}
