import Document
import Rendering

/// Renders one HelmRelease, several times: the same again, to see what differs from run to run, and with
/// other secrets, to see where they land.
struct ReleaseRun: Sendable {
  let release: ReleaseRendering
  let chart: HelmTemplate.Chart
  let values: ReleaseValues
  let helm: HelmTemplate
  let request: RenderConsumers.Request
  /// Runs kustomize, for post-renderers.
  let build: @Sendable (KustomizeInput) async throws -> [UInt8]

  /// - Throws: `RenderFailure` without secrets, `OperationError` where a program cannot be run.
  func consumer() async throws -> RenderedConsumer {
    let isMasking = !request.isRaw && !request.showsSecrets
    var packed = chart
    var runs: ReleaseRendering.Runs
    do {
      runs = ReleaseRendering.Runs(try await objects(of: &packed, values.values))
      if !request.isRaw { runs.again = try await objects(of: &packed, values.values) }
    } catch let failure as RenderFailure where isMasking && failure.stage != .refused {
      guard values.secretCount > 0 else { throw failure }
      var other: RenderFailure?
      do {
        _ = try await objects(of: &packed, values.altered { _ in true })
      } catch let failure as RenderFailure {
        other = failure
      }
      throw release.shown(failure, comparedWith: other, values: values)
    }
    if isMasking, values.secretCount > 0 { try await alter(&runs, &packed) }
    var consumer = release.consumer(
      of: runs, values: values, gaps: chart.source.gaps.filter { !request.target.tell($0) },
      isRaw: request.isRaw, showsSecrets: !isMasking, isComparing: request.isComparing)
    if release.checksValues, let objection = packed.schemaObjection {
      consumer.warnings.append("the values are not checked: \(objection)")
    }
    if !packed.missing.isEmpty {
      consumer.warnings.append(
        "Chart.yaml lists dependencies that are not in charts/, and helm-controller renders "
          + "without them: " + packed.missing.prefix(5).joined(separator: ", "))
    }
    return consumer
  }

  /// How often a chart that refuses other secrets is tried with some of them.
  private static let mostTries = 40

  /// Renders with other secrets: with all, or with as many as the chart takes.
  ///
  /// A chart may check some of its values; those halves of a set that it takes are found one after the
  /// other.
  private func alter(
    _ runs: inout ReleaseRendering.Runs, _ packed: inout HelmTemplate.Chart
  ) async throws {
    var taken: Set<Int> = []
    var waiting = [Array(0..<values.secretCount)]
    var tries = 0
    while let group = waiting.popLast() {
      guard tries < Self.mostTries else {
        runs.unaltered.formUnion(group)
        continue
      }
      tries += 1
      let candidates = taken.union(group)
      do {
        runs.altered = try await objects(of: &packed, values.altered(candidates.contains))
        taken = candidates
      } catch is RenderFailure {
        guard group.count > 1 else {
          // The consumer has a warning then.
          runs.unaltered.formUnion(group)
          continue
        }
        let middle = group.count / 2
        waiting += [Array(group[middle...]), Array(group[..<middle])]
      }
    }
  }

  private func objects(
    of chart: inout HelmTemplate.Chart, _ values: Value
  ) async throws -> ReleaseRendering.Objects {
    try await release.objects(
      of: try await helm.output(of: &chart, for: release, values: values), build: build)
  }
}
