package import Document
import FluxModel
import Objects

/// The Deployment of a controller of Flux: the main one, or that of a shard.
package struct ControllerDeployment: Sendable {
  package let object: Value
  let containers: [Value]
  private let arguments: [String]

  init(_ object: Value) {
    self.object = object
    containers = object["spec", "template", "spec", "containers"]?.array ?? []
    arguments = containers.flatMap { container in
      ["command", "args"].flatMap { container[$0]?.array ?? [] }.compactMap(\.string)
    }
  }

  /// Those of a controller, shards included: `source-watcher`, `source-watcher-shard1`.
  static func of(_ controller: String, among deployments: [Value]) -> [ControllerDeployment] {
    deployments.filter { deployment in
      let name = deployment.name ?? ""
      return name == controller || name.hasPrefix(controller + "-")
    }.map(ControllerDeployment.init)
  }

  /// The value of a flag, of several the last, as for pflag; nil where it is not given.
  private func value(of flag: String) -> String? {
    var found: String?
    for (index, argument) in arguments.enumerated() {
      if argument.hasPrefix(flag + "=") { found = String(argument.dropFirst(flag.count + 1)) }
      if argument == flag {
        found = index + 1 < arguments.count ? arguments[index + 1] : ""
      }
    }
    return found
  }

  /// Whether it reconciles an object at all (`--watch-label-selector`).
  func serves(_ object: Value) -> Bool {
    guard let text = value(of: "--watch-label-selector"),
      let selector = try? SnapshotSelector(text)
    else { return true }
    let labels = object.labels
    return selector.matches { labels[$0] }
  }

  /// Whether a feature gate is on that is off by default: of several words the last counts.
  func isOn(gate name: String) -> Bool {
    var isOn = false
    for (index, argument) in arguments.enumerated() {
      var gates = ""
      if argument.hasPrefix("--feature-gates=") {
        gates = String(argument.dropFirst("--feature-gates=".count))
      }
      if argument == "--feature-gates", index + 1 < arguments.count { gates = arguments[index + 1] }
      for gate in gates.split(separator: ",") {
        let parts = gate.split(separator: "=").map { $0.filter { !$0.isWhitespace } }
        if parts.count == 2, parts[0] == name { isOn = parts[1].lowercased() == "true" }
      }
    }
    return isOn
  }

  /// Whether it runs with `--no-cross-namespace-refs`.
  var forbidsCrossNamespace: Bool {
    let flag = "--no-cross-namespace-refs"
    let last = arguments.last { $0 == flag || $0.hasPrefix(flag + "=") }
    return last.map { [flag, flag + "=true", flag + "=1", flag + "=t"].contains($0) } ?? false
  }
}
