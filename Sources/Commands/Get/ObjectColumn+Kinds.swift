import Document
import FluxModel
import Objects
import Presentation
import Text

/// The columns of the kinds other than generators and artifacts.
extension ObjectColumn {
  /// The columns of a kind, in their order.
  ///
  /// - Parameter kind: Nil for those that objects of several kinds can share.
  static func columns(of kind: FluxKind?) -> [ObjectColumn] {
    switch kind {
    case nil: mixed
    case .artifactGenerator: generator
    case .externalArtifact: artifact
    case .gitRepository, .ociRepository, .bucket: source
    case .helmRepository: source
    case .helmChart: chart
    case .kustomization: kustomization
    case .helmRelease: release
    case .fluxInstance: instance
    }
  }

  private static let mixed = [
    name,
    ObjectColumn("REVISION", topic: .detail) { row in
      let attempt = ConsumerAttempt(of: row.object, kind: ObjectID(of: row.object)?.fluxKind)
      return Cell(
        row.shortened(
          row.object["status", "artifact", "revision"]?.string ?? attempt.last ?? ""))
    },
    ready, fresh, suspended, suspendedBy, suspendedSince, suspendedWhy, age, message, freshReason,
  ]

  private static let source = [
    name, revision { $0["status", "artifact", "revision"]?.string }, ready,
    suspended, suspendedBy, suspendedSince, suspendedWhy, age, message,
    text("URL", wide: true) { $0["spec", "url"]?.string ?? $0["spec", "endpoint"]?.string },
    digest,
  ]

  private static let chart = [
    name, text("CHART") { $0["spec", "chart"]?.string },
    revision { $0["status", "artifact", "revision"]?.string }, ready,
    suspended, suspendedBy, suspendedSince, suspendedWhy, age, message,
    reference("SOURCE", wide: true) { $0["spec", "sourceRef"] }, digest,
  ]

  private static let kustomization = [
    name, reference("SOURCE") { $0["spec", "sourceRef"] },
    revision { $0["status", "lastAppliedRevision"]?.string }, ready, fresh,
    suspended, suspendedBy, suspendedSince, suspendedWhy, age, message,
    text("PATH", wide: true) { $0["spec", "path"]?.string },
    freshReason,
  ]

  private static let release = [
    name,
    reference("SOURCE") { $0["spec", "chartRef"] ?? $0["spec", "chart", "spec", "sourceRef"] },
    // As flux shows it: the chart that is installed, else the one that was tried.
    revision {
      $0["status", "history"]?[0]?["chartVersion"]?.string
        ?? $0["status", "lastAttemptedRevision"]?.string
    },
    ready, fresh, suspended, suspendedBy, suspendedSince, suspendedWhy, age, message, freshReason,
  ]

  private static let instance = [
    name, text("VERSION") { $0["spec", "distribution", "version"]?.string },
    revision { $0["status", "lastAppliedRevision"]?.string },
    ObjectColumn("COMPONENTS") { row in
      let components =
        row.object["status", "components"]?.array ?? row.object["spec", "components"]?.array ?? []
      return Cell(String(components.count))
    },
    ready, suspended, suspendedBy, suspendedSince, suspendedWhy, age, message,
    ObjectColumn("IMAGES", wide: true) { row in
      let components = row.object["status", "components"]?.array ?? []
      return Cell(components.compactMap(image).joined(separator: ","))
    },
  ]

  private static func image(_ component: Value) -> String? {
    guard let name = component["name"]?.string else { return nil }
    let tag = component["tag"]?.string.map { ":\($0)" } ?? ""
    let digest = component["digest"]?.string.map { "@\($0)" } ?? ""
    return name + tag + digest
  }

  /// The freshness of an object where it is known; see `Freshness`.
  static let fresh = ObjectColumn("FRESH", topic: .freshness) { row in
    guard let freshness = row.state?.freshness else { return "" }
    let tone: Tone =
      switch freshness {
      case .fresh: .good
      case .stale, .behind, .failing, .stalled, .stuck: .bad
      case .inProgress, .suspended: .warning
      case .unknown: .faint
      }
    return Cell(freshness.rawValue, tone)
  }

  /// Why it is not fresh, and since when.
  static let freshReason = ObjectColumn("BECAUSE", wide: true, note: true, topic: .freshness) {
    row in
    guard let state = row.state, let because = state.because.map(state.withoutSubject) else {
      return ""
    }
    let since = state.since.flatMap { moment in
      row.time == .absolute
        ? "since \(moment.rfc3339)"
        : Age.phrase(seconds: row.now.seconds - moment.seconds).map { "for \($0)" }
    }
    return Cell(Age.lasting(row.shortened(because), since))
  }

  static let suspended = ObjectColumn("SUSPENDED", topic: .mark) { row in
    isSuspended(row) ? Cell("True", .warning) : Cell("False")
  }

  /// Who suspended it, as far as our own `suspend` did: the marks themselves do not say.
  static let suspendedBy = ObjectColumn("BY", wide: true, topic: .suspension) { row in
    Cell(isSuspended(row) ? SuspensionRecord(of: row.object).by ?? "" : "")
  }

  static let suspendedSince = ObjectColumn("SINCE", wide: true, topic: .suspension) { row in
    guard isSuspended(row) else { return "" }
    return Cell(row.time.text(SuspensionRecord(of: row.object).at, now: row.now))
  }

  static let suspendedWhy = ObjectColumn("WHY", wide: true, topic: .suspension) { row in
    isSuspended(row) ? why(SuspensionRecord(of: row.object), row) : ""
  }

  /// The reason of a suspension, and whether it was meant to have ended.
  private static func why(_ record: SuspensionRecord, _ row: ObjectRow) -> Cell {
    let reason = record.reason ?? ""
    guard record.isOverdue(now: row.now) else { return Cell(reason) }
    let text = "overdue since " + (record.end?.rfc3339 ?? "")
    return Cell(reason.isEmpty ? text : "\(reason) (\(text))", .bad)
  }

  static let publisherSuspendedBy = ObjectColumn("BY", topic: .publisher) { row in
    Cell(row.publisher.flatMap { SuspensionRecord(of: $0).by } ?? "")
  }

  static let publisherSuspendedSince = ObjectColumn("SINCE", topic: .publisher) { row in
    guard let publisher = row.publisher else { return "" }
    return Cell(row.time.text(SuspensionRecord(of: publisher).at, now: row.now))
  }

  static let publisherSuspendedWhy = ObjectColumn("WHY", topic: .publisher) { row in
    row.publisher.map { why(SuspensionRecord(of: $0), row) } ?? ""
  }

  private static func isSuspended(_ row: ObjectRow) -> Bool {
    let kind = ObjectID(of: row.object)?.fluxKind
    return Suspension.isSuspended(row.object, kind: kind)
  }

  private static let message = ObjectColumn("MESSAGE", topic: .message) { row in
    Cell(row.shortened(Readiness(of: row.object).message))
  }

  private static let digest = text("DIGEST", wide: true) {
    $0["status", "artifact", "digest"]?.string
  }

  private static func text(
    _ title: String, wide: Bool = false, _ read: @escaping @Sendable (Value) -> String?
  ) -> ObjectColumn {
    ObjectColumn(title, wide: wide) { Cell(read($0.object) ?? "") }
  }

  private static func revision(_ read: @escaping @Sendable (Value) -> String?) -> ObjectColumn {
    ObjectColumn("REVISION", topic: .detail) { row in Cell(row.shortened(read(row.object) ?? "")) }
  }

  /// `Kind/name`, with the namespace when it is another one.
  private static func reference(
    _ title: String, wide: Bool = false, _ read: @escaping @Sendable (Value) -> Value?
  ) -> ObjectColumn {
    ObjectColumn(title, wide: wide, topic: .detail) { row in
      guard let reference = read(row.object), let kind = reference["kind"]?.string,
        let name = reference["name"]?.string
      else { return "" }
      let namespace = reference["namespace"]?.string ?? ""
      let isElsewhere = !namespace.isEmpty && namespace != row.object.namespace
      return Cell(isElsewhere ? "\(kind)/\(namespace)/\(name)" : "\(kind)/\(name)")
    }
  }
}
