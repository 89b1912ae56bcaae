/// What to use in place of what users of kubectl and flux type by habit and we do not have.
enum HostHabits {
  /// For a verb; `TOOL` stands for how we are called.
  static func verb(_ name: String) -> String? {
    let name = name.lowercased()
    if let help = verbs[name] { return help }
    if kubectlOnly.contains(name) { return "kubectl \(name)" }
    return fluxOnly.contains(name) ? "flux \(name)" : nil
  }

  /// The commands of kubectl 1.36 that have nothing to do with what is delivered.
  private static let kubectlOnly: Set = [
    "api-resources", "api-versions", "attach", "auth", "autoscale", "certificate", "cluster-info",
    "config", "cordon", "cp", "drain", "exec", "expose", "kuberc", "kustomize", "port-forward",
    "proxy", "replace", "run", "scale", "set", "taint", "uncordon",
  ]

  /// The same of Flux 2.7.
  private static let fluxOnly: Set = ["envsubst", "migrate"]

  private static let verbs = [
    "annotate": "kubectl annotate",
    "apply": "kubectl apply; preview with TOOL diff",
    "bootstrap": "flux bootstrap, then TOOL check",
    "create": "kubectl apply -f; preview with TOOL build",
    "debug": "kubectl debug (Pods and Nodes) or flux debug (Kustomizations and HelmReleases)",
    "delete": "kubectl delete",
    "doctor": "TOOL check",
    "describe": "kubectl describe, TOOL trace (where an object comes from) or TOOL events",
    "diagnose": "TOOL check, or TOOL status",
    "edit": "kubectl edit",
    "explain": "kubectl explain artifactgenerators",
    "find": "TOOL trace (where an object comes from), or TOOL affected (what a file affects)",
    "graph": "TOOL tree",
    "health": "TOOL status, or TOOL check",
    "inspect": "TOOL trace, or TOOL get -o yaml",
    "install": "flux install --components-extra=source-watcher, then TOOL check",
    "label": "kubectl label",
    "list": "TOOL get",
    "patch": "kubectl patch",
    "pause": "TOOL suspend",
    "plugin": "kubectl plugin or flux plugin",
    "ps": "TOOL get, or TOOL status",
    "push": "flux push artifact, or TOOL pack",
    "refresh": "TOOL reconcile",
    "restart": "TOOL reconcile",
    "rollout": "kubectl rollout, or TOOL wait",
    "show": "TOOL get -o yaml, or TOOL trace",
    "stats": "TOOL status, or flux stats",
    "sync": "TOOL reconcile",
    "tag": "flux tag artifact",
    "tail": "TOOL logs",
    "top": "kubectl top",
    "uninstall": "flux uninstall",
    "validate": "TOOL lint",
    "watch": "TOOL get -w",
  ]

  /// For an argument of a command that takes none, as a sentence without its full stop.
  static func argument(of command: CommandNode) -> String? {
    command.page.name == "status"
      ? "status counts all objects; for one object, use TOOL get KIND/NAME or TOOL trace KIND/NAME"
      : nil
  }

  /// For a flag, as a sentence without its full stop.
  static func flag(_ spelling: String, of command: CommandNode) -> String? {
    flags[command.page.name]?[spelling]
  }

  /// The flags of `kubectl get`, `flux tree`, `flux check`, `flux logs` and so on.
  private static let flags: [String: [String: String]] = [
    "check": [
      "--pre": "To check a cluster before Flux is installed, use flux check --pre",
      "--components": "check finds the installed controllers itself; leave the flag out",
      "--components-extra": "check finds the installed controllers itself; leave the flag out",
    ],
    "get": [
      "--filename": "To read objects from a file, use --snapshot FILE",
      "-f": "To read objects from a file, use --snapshot FILE",
      "--server-print": "To print only names and ages, use -o custom-columns",
      "--subresource": "Use --raw with the path of the subresource, or kubectl get",
      "--template": "Use -o jsonpath=TEMPLATE, or -o json | jq",
      "--watch-only": "Use -w, which lists before it watches",
    ],
    "logs": [
      "--all-namespaces": "Name an object, and its namespace with -n",
      "-A": "Name an object, and its namespace with -n",
      "--follow": "To follow the log of a controller, use kubectl logs -f or flux logs -f",
      "-f": "To follow the log of a controller, use kubectl logs -f or flux logs -f",
      "--kind": "Name the object as KIND/NAME",
      "--level": "Use -o json, whose items have a level",
      "--name": "Name the object as KIND/NAME",
      "--since-time": "Use --since with a duration, such as 10m",
    ],
    "suspend": ["--message": "Use --reason TEXT"],
    "tree": ["--compact": "Use --depth STEPS to show fewer levels"],
  ]

  /// Why a command that changes a cluster, or asks its controllers, refuses a snapshot, and what to do;
  /// nil for commands that never need a cluster.
  static func needsCluster(_ command: CommandNode) -> String? {
    let advice =
      switch command.page.name {
      case "suspend", "resume": "to preview the change in a cluster, use --dry-run=client"
      case "reconcile": "it changes a cluster; leave the flag out"
      case "logs": "a snapshot contains no logs; for its events, use events"
      case "verify": "a snapshot contains no files to verify; leave the flag out"
      default: ""
      }
    return advice.isEmpty
      ? nil : "\(command.page.name) cannot be used with --snapshot: \(advice)"
  }
}
