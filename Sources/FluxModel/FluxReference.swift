package import Document
import Objects

/// One Flux object by kind, namespace and name; the version does not matter.
package struct FluxReference: Sendable, Hashable, CustomStringConvertible {
  package let kind: FluxKind
  package let namespace: String
  package let name: String

  package init(_ kind: FluxKind, namespace: String, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// The reference to an object of a kind; nil when it has no name.
  package init?(to object: Value, kind: FluxKind) {
    guard let name = object.name else { return nil }
    self.init(kind, namespace: object.namespace ?? "", name: name)
  }

  /// `Kind/namespace/name`, as Flux writes it.
  package var description: String { "\(kind.resource.kind)/\(namespace)/\(name)" }
}

/// What an object takes its content from, as its spec says.
package enum FluxSources {
  /// The objects one step up, in the order of the spec; without those of kinds that are not Flux's.
  ///
  /// - An ArtifactGenerator: its `spec.sources`.
  /// - An ExternalArtifact: its `spec.sourceRef`.
  /// - A Kustomization: `spec.sourceRef`. A HelmRelease: `spec.chartRef`, or the HelmChart made for
  ///   it (`status.helmChart`).
  /// - A HelmChart: `spec.sourceRef`.
  package static func direct(of object: Value, kind: FluxKind) -> [FluxReference] {
    let namespace = object.namespace ?? ""
    switch kind {
    case .artifactGenerator:
      return (object["spec", "sources"]?.array ?? []).compactMap {
        reference($0, default: namespace)
      }
    case .externalArtifact, .kustomization, .helmChart:
      return object["spec", "sourceRef"].flatMap { reference($0, default: namespace) }.map { [$0] }
        ?? []
    case .helmRelease:
      if let chart = object["spec", "chartRef"] {
        return reference(chart, default: namespace).map { [$0] } ?? []
      }
      if let made = object["status", "helmChart"]?.string, let slash = made.firstIndex(of: "/") {
        let name = String(made[made.index(after: slash)...])
        return [FluxReference(.helmChart, namespace: String(made[..<slash]), name: name)]
      }
      return object["spec", "chart", "spec", "sourceRef"].flatMap {
        reference($0, default: namespace)
      }.map { [$0] } ?? []
    case .gitRepository, .ociRepository, .bucket, .helmRepository, .fluxInstance:
      return []
    }
  }

  /// The aliases of an ArtifactGenerator, each with its source.
  package static func aliases(of generator: Value) -> [(alias: String, source: FluxReference)] {
    (generator["spec", "sources"]?.array ?? []).compactMap { entry in
      guard let alias = entry["alias"]?.string,
        let source = reference(entry, default: generator.namespace ?? "")
      else { return nil }
      return (alias, source)
    }
  }

  /// A reference without group means Flux's own kind of that name.
  private static func reference(_ value: Value, default namespace: String) -> FluxReference? {
    guard let kind = value["kind"]?.string, let name = value["name"]?.string,
      let known = FluxKind.allCases.first(where: { $0.resource.kind == kind })
    else { return nil }
    if let version = value["apiVersion"]?.string, !version.isEmpty,
      FluxKind(apiVersion: version, kind: kind) != known
    {
      return nil
    }
    let given = value["namespace"]?.string ?? ""
    return FluxReference(known, namespace: given.isEmpty ? namespace : given, name: name)
  }
}
