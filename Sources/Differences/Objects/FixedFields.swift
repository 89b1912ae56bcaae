import Document
import Objects
import Text

/// Fields that the API server does not let change in an object that exists (the `Validate…Update`
/// functions of pkg/apis in Kubernetes): only another object in its place can have them.
enum FixedFields {
  /// By group and kind.
  private static let fields: [String: [[String]]] = [
    "apps/Deployment": [["spec", "selector"]],
    "apps/DaemonSet": [["spec", "selector"]],
    "apps/ReplicaSet": [["spec", "selector"]],
    "apps/StatefulSet": [
      ["spec", "selector"], ["spec", "serviceName"], ["spec", "volumeClaimTemplates"],
      ["spec", "podManagementPolicy"],
    ],
    "batch/Job": [
      ["spec", "template"], ["spec", "selector"], ["spec", "completionMode"],
      ["spec", "podFailurePolicy"], ["spec", "successPolicy"], ["spec", "backoffLimitPerIndex"],
      ["spec", "managedBy"],
    ],
    "/PersistentVolumeClaim": [
      ["spec", "accessModes"], ["spec", "selector"], ["spec", "storageClassName"],
      ["spec", "volumeMode"], ["spec", "volumeName"], ["spec", "dataSource"],
      ["spec", "dataSourceRef"],
    ],
    "/PersistentVolume": [
      ["spec", "csi"], ["spec", "hostPath"], ["spec", "local"], ["spec", "nfs"],
      ["spec", "volumeMode"],
    ],
    "/Secret": [["type"]],
    "storage.k8s.io/StorageClass": [
      ["parameters"], ["provisioner"], ["reclaimPolicy"], ["volumeBindingMode"],
    ],
    "rbac.authorization.k8s.io/RoleBinding": [["roleRef"]],
    "rbac.authorization.k8s.io/ClusterRoleBinding": [["roleRef"]],
    "apiextensions.k8s.io/CustomResourceDefinition": [
      ["spec", "scope"], ["spec", "names", "plural"], ["spec", "names", "kind"],
    ],
    "storage.k8s.io/CSIDriver": [["spec", "attachRequired"], ["spec", "volumeLifecycleModes"]],
    "storage.k8s.io/VolumeAttributesClass": [["driverName"], ["parameters"]],
    "networking.k8s.io/IngressClass": [["spec", "controller"]],
    "scheduling.k8s.io/PriorityClass": [["value"], ["preemptionPolicy"]],
    "node.k8s.io/RuntimeClass": [["handler"]],
    "discovery.k8s.io/EndpointSlice": [["addressType"]],
  ]

  static func changed(_ changes: [FieldChange], in old: Value, _ id: ObjectID) -> [String] {
    var names = fields["\(id.group)/\(id.kind)"] ?? []
    if id.group.isEmpty, ["ConfigMap", "Secret"].contains(id.kind), old["immutable"]?.bool == true {
      names += [["data"], ["binaryData"], ["stringData"], ["immutable"]]
    }
    // Of an indexed Job, they may change together with the parallelism.
    if id.group == "batch", id.kind == "Job",
      old["spec", "completionMode"]?.string != "Indexed"
    {
      names.append(["spec", "completions"])
    }
    // A class that was not chosen can still be, as long as the service is no load balancer.
    if id.group.isEmpty, id.kind == "Service", old["spec", "type"]?.string == "LoadBalancer" {
      names.append(["spec", "loadBalancerClass"])
    }
    var found: [String] = []
    func add(_ path: [String]) {
      let path = path.joined(separator: ".")
      if !found.contains(path) { found.append(path) }
    }
    for change in changes where change.kind != .reordered {
      for name in names where change.path.starts(with: name) { add(name) }
      // An address that the server gave stays when a manifest names none.
      if id.group.isEmpty, id.kind == "Service", change.kind != .removed {
        for name in [["spec", "clusterIP"], ["spec", "clusterIPs"]]
        where change.path.starts(with: name) { add(name) }
      }
      if id.group.isEmpty, id.kind == "Pod", change.path.starts(with: ["spec"]),
        !change.path.isPodField
      {
        add(["spec"])
      }
    }
    return found
  }
}

extension FieldPath {
  func starts(with keys: [String]) -> Bool {
    let steps = steps
    guard steps.count >= keys.count else { return false }
    return zip(steps, keys).allSatisfy { step, key in
      if case .key(let name) = step { equalUTF8(name, key) } else { false }
    }
  }

  /// What can change in a pod.
  fileprivate var isPodField: Bool {
    if starts(with: ["spec", "tolerations"]) || starts(with: ["spec", "activeDeadlineSeconds"])
      || starts(with: ["spec", "schedulingGates"])
    {
      return true
    }
    guard case .key("image")? = steps.last else { return false }
    return starts(with: ["spec", "containers"]) || starts(with: ["spec", "initContainers"])
  }

  enum ChartLabel {
    case own
    case template
  }

  /// Which label `helm.sh/chart` it is: that of the object, or of a template in it; nil for anything else.
  var chartLabel: ChartLabel? {
    let steps = steps
    guard steps.count >= 3, case .key("helm.sh/chart") = steps[steps.count - 1],
      case .key("labels") = steps[steps.count - 2], case .key("metadata") = steps[steps.count - 3]
    else { return nil }
    return steps.count == 3 ? .own : .template
  }
}
