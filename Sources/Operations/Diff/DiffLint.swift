import Document
import FluxModel
import Linting
import Objects

/// What `lint` finds in the input of a comparison, as far as it is about what changes.
package enum DiffLint {
  /// - Parameters:
  ///   - request: The build of the input.
  ///   - users: Its objects.
  /// - Throws: `OperationError` for what cannot be read.
  package static func items(
    of report: DiffReport, _ request: BuildRequest, _ users: DeliveryManifests
  ) async throws -> [LintReport.Item] {
    let changed = subjects(of: report, users)
    return try await LintTree(request, users).run().items.filter { changed.contains($0.subject) }
  }

  /// The artifacts that change and their generators, and the consumers that change or use one of those.
  private static func subjects(of report: DiffReport, _ users: DeliveryManifests) -> Set<String> {
    var changed = Set(report.consumerChanges.map(\.id))
    for item in report.items where item.change != .unchanged {
      changed.insert(item.id)
      changed.insert(item.generator.generatorID)
    }
    for error in report.errors { changed.insert(error.generator.generatorID) }
    for object in users.objects {
      guard let id = ObjectID(of: object), id.fluxKind?.isConsumer == true else { continue }
      if DeliveryLinks(contentOf: object).sources.contains(where: { changed.contains($0.id) }) {
        changed.insert(id)
      }
    }
    return Set(changed.map { "\($0)" })
  }
}
