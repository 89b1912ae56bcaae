import Archive
import Content
import Document
import Generation
import Rendering

/// Runs `helm template` on a chart that was packed here.
struct HelmTemplate: Sendable {
  private let program: ClosedProgram
  private let target: RenderConsumers.Target

  /// - Parameters:
  ///   - environment: ours; `HELM_PATH` comes before PATH.
  ///   - target: what charts are told of the cluster.
  /// - Throws: `OperationError` where there is no helm.
  init(
    environment: [String: String], temporaryFolder: String, target: RenderConsumers.Target
  ) throws(OperationError) {
    program = try ClosedProgram(
      "helm", use: "but a HelmRelease is rendered with helm template", version: "3.14",
      environment: environment, temporaryFolder: temporaryFolder)
    self.target = target
  }

  /// A chart as helm reads it.
  struct Chart: Sendable {
    fileprivate let archive: [UInt8]
    let source: ReleaseChart
    /// What it asks for and does not contain.
    private(set) var missing: [String] = []
    /// Why its schemas are not used; nil where they may be.
    let schemaObjection: ChartSchemas.Objection?

    init(_ source: ReleaseChart) throws {
      self.source = source
      archive = try Self.packed(source)
      schemaObjection = source.schemaObjection
    }

    private init(_ source: ReleaseChart, missing: [String]) throws {
      try self.init(source)
      self.missing = missing
    }

    /// The same for the same content.
    var digest: Digest { Digester.digest(archive) }

    /// Without what it does not contain, which the controller does not miss.
    fileprivate func without(_ names: [String]) throws -> Chart {
      try Chart(source.without(dependencies: names), missing: names)
    }

    private static func packed(_ chart: ReleaseChart) throws -> [UInt8] {
      var archive: [UInt8] = []
      let archiver = ArtifactArchiver(compressor: .go126, algorithm: .sha256, listsFiles: false)
      _ = try archiver.archive(StagedArtifact(name: "chart", entries: chart.entries)) {
        archive += $0
      }
      return archive
    }
  }

  /// Renders a chart; one that lacks dependencies is changed to one that does not ask for them.
  ///
  /// - Returns: what helm printed.
  /// - Throws: `RenderFailure` for what helm refuses, `OperationError` where it cannot be run.
  func output(
    of chart: inout Chart, for release: ReleaseRendering, values: Value
  ) async throws -> [UInt8] {
    do {
      return try await run(chart, release, values)
    } catch let refusal as ClosedProgram.Refusal {
      let missing = Self.missingDependencies(in: refusal.message)
      guard !missing.isEmpty, chart.missing.isEmpty else { throw failure(refusal) }
      chart = try chart.without(missing)
    }
    do {
      return try await run(chart, release, values)
    } catch let refusal as ClosedProgram.Refusal {
      throw failure(refusal)
    }
  }

  /// Names are relative to the directory in which helm works: it splits the names of files of values at
  /// commas, and TMPDIR may have one.
  private func run(
    _ chart: Chart, _ release: ReleaseRendering, _ values: Value
  ) async throws -> [UInt8] {
    let files: [TreePath: [UInt8]] = [
      "chart.tgz": chart.archive, "values.json": JSON.write(values, style: .compact),
    ]
    let arguments =
      [
        "template", "--namespace=\(release.releaseNamespace)", "--values=values.json",
        "--include-crds", "--is-upgrade", "--dry-run=client",
      ] + release.flags(mayCheck: chart.schemaObjection == nil)
      + (target.kubeVersion.map { ["--kube-version=\($0)"] } ?? [])
      + target.apiVersions.map { "--api-versions=\($0)" }
      + ["--", release.releaseName, "./chart.tgz"]
    let output = try await program.run(on: files) { _ in arguments }
    if output.isEmpty {
      try await program.checkIdentity(["version", "--template={{.Version}}"], mark: "v")
    }
    return output
  }

  private func failure(_ refusal: ClosedProgram.Refusal) -> any Error {
    // helm 3.16 has it.
    guard !refusal.message.hasPrefix("unknown flag: --skip-schema-validation") else {
      return program.isOlder(than: "3.16")
    }
    // `--dry-run` had no value before 3.13.
    for sign in ["unknown flag: --", "invalid argument \"client\" for \"--dry-run\""]
    where refusal.message.hasPrefix(sign) {
      return program.isOlder(than: "3.14")
    }
    // A flag of helm, which is not one of ours.
    let hint = "\n\nUse --debug flag to render out invalid YAML"
    let message = refusal.message
    return RenderFailure(
      .template, message.hasSuffix(hint) ? String(message.dropLast(hint.count)) : message)
  }

  /// The names in `found in Chart.yaml, but missing in charts/ directory: one, other`.
  ///
  /// A template can say the same, but not at the start.
  private static func missingDependencies(in message: String) -> [String] {
    let sign = "missing in charts/ directory: "
    guard
      message.dropFirst().hasPrefix("n error occurred while checking for chart dependencies"),
      let start = Substrings.range(of: sign, in: message[...])
    else { return [] }
    return message[start...].dropFirst(sign.count).prefix { !$0.isNewline }
      .split(separator: ",").map { String($0.drop { $0 == " " }) }
  }
}
