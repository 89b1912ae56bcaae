import Document
import FluxModel
import KubeAPI
import Objects

/// Whether somebody is told when a generator, or the publisher of an artifact, fails.
///
/// notification-controller passes an event on when the Alert is not suspended and one of its
/// `spec.eventSources` has the kind, the namespace (the Alert's own where it names none, `*` for all)
/// and the name of the object, or the name `*` and labels that it has
/// (`eventMatchesAlert` and `handleEvent` of `internal/server/event_handlers.go`). Its lists of
/// messages to include and exclude, and its severity, are not judged.
enum CheckAlerts {
  private static let group = "notification.toolkit.fluxcd.io"
  static let resource = "alerts.\(group)"
  /// Those in which a snapshot may have them; a server says which it has.
  private static let versions = ["v1", "v1beta3", "v1beta2"]
  /// So many objects are named.
  private static let named = 10

  // MARK: Reading

  /// - Parameter isCaptured: Whether a snapshot contains all Alerts.
  static func read(
    isCaptured: Bool, on cluster: any Cluster, _ server: (any WritableCluster)?
  ) async -> CheckInput.Answer<[Value]> {
    var alerts: [Value] = []
    do {
      var versions = versions
      if let server {
        let served = try await server.read(path: "/apis/\(group)")["versions"]?.array ?? []
        versions = Array(served.compactMap { $0["version"]?.string }.prefix(1))
      }
      for version in versions {
        let type = BuiltInKinds.type(apiVersion: "\(group)/\(version)", kind: "Alert")
        do {
          alerts += try await cluster.list(type, namespace: nil, options: ListOptions()).items
        } catch let error as APIError where error.kind == .notCaptured && isCaptured {
          continue
        }
      }
      return .success(alerts)
    } catch {
      return .failure(error)
    }
  }

  // MARK: Judging

  static func findings(_ input: CheckInput) -> [CheckFinding] {
    let place = resource
    let generators = input.checked((try? input.generators.get()) ?? [])
    let artifacts = input.checked((try? input.artifacts.get()) ?? [])
    guard !generators.isEmpty || !artifacts.isEmpty else { return [] }
    let alerts: [Value]
    switch input.alerts {
    case .success(let found): alerts = found
    case .failure(let error as APIError) where error.isNotFound:
      // That notification-controller is missing is a finding of its own.
      guard case .success(let deployments) = input.deployments,
        !ControllerDeployment.of("notification-controller", among: deployments).isEmpty
      else { return [] }
      return [
        CheckFinding(
          .info, "alerts", "Alert is not installed", at: place,
          reason: "no notification is sent when a generator fails",
          fix: "install the CRDs of notification-controller")
      ]
    case .failure(let error):
      return [
        CheckFinding(
          unread: error, "alerts", "cannot be read", at: place,
          reason: "it is unknown whether failures are reported",
          fix: "ask for permission to list alerts in all namespaces")
      ]
    }
    let isLocal = forbidsCrossNamespace(input)
    let covered = { (object: Value) in
      alerts.contains { covers($0, object, onlyLocal: isLocal) }
    }
    let uncovered = generators.filter { !covered($0) }
    // A generator's events are also about its artifacts.
    let own = artifacts.filter { Ownership.generator(of: $0) == nil && !covered($0) }
    let ids = (uncovered + own).compactMap(ObjectID.init(of:)).sorted()
    guard !ids.isEmpty else {
      return [
        CheckFinding(.ok, "alerts", "an Alert covers every generator and artifact", at: place)
      ]
    }
    let names = ids.prefix(named).map(\.description).joined(separator: ", ")
    let rest = ids.count > named ? " and \(ids.count - named) more" : ""
    return [
      CheckFinding(
        .info, "alerts", "no Alert covers \(names)\(rest)", at: place,
        reason: "no notification is sent when they fail",
        fix: "add them to spec.eventSources of an Alert, by name or with the name \"*\"")
    ]
  }

  private static func forbidsCrossNamespace(_ input: CheckInput) -> Bool {
    guard case .success(let deployments) = input.deployments else { return false }
    let controllers = ControllerDeployment.of("notification-controller", among: deployments)
    return !controllers.isEmpty && controllers.allSatisfy(\.forbidsCrossNamespace)
  }

  private static func sources(of alert: Value) -> [Value] {
    alert["spec", "suspend"]?.bool == true ? [] : alert["spec", "eventSources"]?.array ?? []
  }

  private static func covers(_ alert: Value, _ object: Value, onlyLocal: Bool) -> Bool {
    if onlyLocal, alert.namespace != object.namespace { return false }
    return sources(of: alert).contains { source in
      let namespace = source["namespace"]?.filled ?? alert.namespace
      guard source["kind"]?.string == object.kind,
        namespace == "*" || namespace == object.namespace
      else { return false }
      guard source["name"]?.string == "*" else { return source["name"]?.string == object.name }
      let labels = object.labels
      return (source["matchLabels"]?.object ?? Object()).allSatisfy {
        labels[$0.key] == $0.value.string
      }
    }
  }
}
