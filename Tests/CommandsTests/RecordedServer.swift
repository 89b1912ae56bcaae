import Document
import HTTP
import KubeAPI
import Kubeconfig
import LoopbackServer
import Objects
import TestSupport

/// A server that answers as kube-apiserver 1.36 once did, from `Tests/Fixtures/api/modern`.
///
/// It has ArtifactGenerators, ExternalArtifacts and the events of one generator. Of the other kinds that
/// its discovery names it has no object, and says so as it did where it was asked.
enum RecordedServer {
  static let generators = "/apis/source.extensions.fluxcd.io/v1beta1"
  static let artifacts = "/apis/source.toolkit.fluxcd.io/v1"
  private static let apps = "\(generators)/namespaces/apps/artifactgenerators"

  /// What the administrator was answered.
  static func everything() throws -> [Rule] {
    try reviews(allowed: true) + objects()
  }

  /// The same for somebody who may change nothing.
  static func readOnly() throws -> [Rule] {
    try reviews(allowed: false) + objects()
  }

  private static func objects() throws -> [Rule] { try madeOnce.get() }

  private static let madeOnce = Result {
    try watches() + discovery() + recordedLists() + singleObjects() + missingObjects()
      + kinds().flatMap(empty)
  }

  /// What somebody was answered who may list the generators of one namespace, and nothing else.
  static func restricted() throws -> [Rule] {
    try [
      Rule(path: apps, query: "watch=true", recorded("403-restricted-watch")),
      Rule(path: apps, recorded("list-plain")),
      Rule(path: "\(apps)/podinfo", recorded("403-restricted-get")),
    ] + discovery() + reviews(allowed: false) + kinds().flatMap(forbidden)
  }

  /// A client of this server, as the tools make theirs, that does not wait.
  static func connect(to place: Case) throws -> APIClient {
    var flags = ConnectionFlags()
    flags.server = try place.url()
    flags.certificateAuthority = place.server.pkiPath("ca1.crt")
    flags.token = "t"
    let configuration = try KubeconfigLoader(
      environment: [:], workingDirectory: "/", standardInputIsTerminal: false
    ).load(flags)
    return APIClient(
      configuration,
      over: APIClient.transport(
        configuration.transport, log: HTTPLog(level: 0) { _ in }, activity: Activity()),
      userAgent: "tests/1", sleep: { _ in })
  }

  private static func recorded(_ name: String) throws -> Answer {
    try .recorded("modern/\(name)")
  }

  /// The document in a recorded answer.
  static func document(_ name: String) throws -> Value {
    try JSON.parse(Array((try recorded(name).body ?? "").utf8))
  }

  // MARK: - As recorded

  private static func recordedLists() throws -> [Rule] {
    let appsArtifacts = "\(artifacts)/namespaces/apps/externalartifacts"
    return try [
      Rule(path: apps, header: "as=Table", recorded("list-table")),
      Rule(path: apps, query: "metadata.name%3Dpodinfo", recorded("list-fieldselector-name")),
      Rule(path: apps, query: "status.foo", recorded("list-fieldselector-bad")),
      Rule(path: apps, recorded("list-plain")),
      Rule(
        path: "\(generators)/namespaces/tenant-a/artifactgenerators", recorded("list-pretty")),
      Rule(path: "\(generators)/artifactgenerators", recorded("list-allns")),
      Rule(path: "\(apps)/podinfo", recorded("get")),
      Rule(path: "\(apps)/nope", recorded("get-404")),
      Rule(path: appsArtifacts, header: "as=Table", recorded("list-table-kubectl")),
      Rule(path: appsArtifacts, recorded("list-protobuf-then-json-crd")),
      Rule(path: "\(artifacts)/externalartifacts", recorded("list-plain-gzip")),
      Rule(path: "/api/v1/namespaces/apps/events", recorded("events")),
      Rule(path: "/api/v1/namespaces/nope", recorded("get-404-ns")),
      // The one answer here that nobody has recorded: the namespace is in all the others.
      Rule(
        path: "/api/v1/namespaces/apps",
        answer(["kind": "Namespace", "apiVersion": "v1", "metadata": ["name": "apps"]])),
    ]
  }

  /// Each watch sends what was recorded; the next request for it is refused, so that it ends.
  private static func watches() throws -> [Rule] {
    let refused = try recorded("403-restricted-watch")
    let tenant = "\(generators)/namespaces/tenant-a/artifactgenerators"
    return try [
      Rule(
        path: apps, query: "fieldSelector=metadata.name%3Dpodinfo&resourceVersion",
        recorded("watch-single-fieldselector"), refused),
      Rule(path: apps, query: "watch=true", recorded("watch-from-rv"), refused),
      Rule(path: tenant, query: "watch=true", recorded("watch-rv0"), refused),
    ]
  }

  private static func discovery() throws -> [Rule] {
    let groups = try document("discovery-apis")["groups"]?.array ?? []
    return try [
      Rule(path: "/version", recorded("version")),
      Rule(path: "/api", recorded("discovery-aggregated-api")),
      Rule(path: "/apis", recorded("discovery-aggregated-apis")),
      Rule(path: generators, recorded("discovery-group-version")),
      Rule(path: artifacts, recorded("discovery-source-v1")),
      Rule(path: "/api/v1", recorded("discovery-v1")),
    ]
      // A test shows that a group stands so in the list of groups.
      + groups.compactMap { group in
        group["name"]?.string.map {
          Rule(path: "/apis/\($0)", answer(["kind": "APIGroup", "apiVersion": "v1"], and: group))
        }
      }
  }

  private static func reviews(allowed: Bool) throws -> [Rule] {
    try [
      Rule(
        path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        recorded(allowed ? "ssar-allowed" : "ssar-denied")),
      Rule(path: "/apis/authentication.k8s.io/v1/selfsubjectreviews", recorded("ssreview")),
    ]
  }

  // MARK: - Made of what was recorded

  private static func answer(_ first: Value, and more: Value = [:]) -> Answer {
    var object = first.object ?? Object()
    for (key, value) in more.object ?? Object() { object[key] = value }
    return Answer(200, JSON.string(.object(object), style: .compact))
  }

  /// A test shows that an object stands in a list as it is by itself.
  private static func singleObjects() throws -> [Rule] {
    try [
      ("list-allns", generators, "artifactgenerators"),
      ("list-plain-gzip", artifacts, "externalartifacts"),
    ].flatMap { list, root, resource in
      (try document(list)["items"]?.array ?? []).map { item in
        Rule(
          path: "\(root)/namespaces/\(item.namespace ?? "")/\(resource)/\(item.name ?? "")",
          answer(item))
      }
    }
  }

  /// What generators and artifacts refer to, and what is asked for besides.
  private static func missingObjects() throws -> [Rule] {
    let body = try recorded("get-404").body ?? ""
    return [
      ("source.toolkit.fluxcd.io/v1", "apps", "gitrepositories", "monorepo"),
      ("source.toolkit.fluxcd.io/v1", "apps", "gitrepositories", "podinfo-values"),
      ("source.toolkit.fluxcd.io/v1", "apps", "gitrepositories", "suspended-repo"),
      ("source.toolkit.fluxcd.io/v1", "tenant-a", "gitrepositories", "tenant-repo"),
      ("source.toolkit.fluxcd.io/v1", "apps", "ocirepositories", "podinfo-chart"),
      ("source.toolkit.fluxcd.io/v1", "apps", "helmcharts", "apps-podinfo"),
      ("source.toolkit.fluxcd.io/v1", "apps", "buckets", "assets"),
      ("kustomize.toolkit.fluxcd.io/v1", "flux-system", "kustomizations", "flux-system"),
      ("v1", "flux-system", "services", "source-watcher"),
      ("v1", "flux-system", "endpoints", "source-watcher"),
      ("source.extensions.fluxcd.io/v1beta1", "nope", "artifactgenerators", "nope"),
      ("source.extensions.fluxcd.io/v1beta1", "apps", "artifactgenerators", "gadgets"),
    ].map { version, namespace, resource, name in
      let group = version.contains("/") ? String(version.prefix { $0 != "/" }) : ""
      let root = group.isEmpty ? "/api/\(version)" : "/apis/\(version)"
      return Rule(
        path: "\(root)/namespaces/\(namespace)/\(resource)/\(name)",
        Answer(404, about(resource, of: group, in: body.replacing("nope", with: name))))
    }
  }

  private static func empty(_ kind: Served) throws -> [Rule] {
    var list = try document("list-empty").object ?? Object()
    list["apiVersion"] = .string(kind.apiVersion)
    list["kind"] = .string("\(kind.kind)List")
    return kind.paths.map { Rule(path: $0, answer(.object(list))) }
  }

  private static func forbidden(_ kind: Served) throws -> [Rule] {
    let everywhere = try recorded("403-restricted-list-allns").body ?? ""
    return kind.paths.map { path in
      let namespace = path.split(separator: "/").drop { $0 != "namespaces" }.dropFirst().first
      let text = about(kind.resource, of: kind.group, in: everywhere)
      let body =
        namespace.map {
          text.replacing("at the cluster scope", with: #"in the namespace \"\#($0)\""#)
        } ?? text
      return Rule(method: "GET", path: path, Answer(403, body))
    }
  }

  /// A recorded message about generators as it would be about another kind.
  private static func about(_ resource: String, of group: String, in body: String) -> String {
    body.replacing(
      "artifactgenerators.source.extensions.fluxcd.io",
      with: group.isEmpty ? resource : "\(resource).\(group)"
    ).replacing("artifactgenerators", with: resource)
      .replacing("source.extensions.fluxcd.io", with: group)
  }

  /// A kind that discovery names.
  private struct Served {
    let group: String
    let apiVersion: String
    let kind: String
    let resource: String
    let isNamespaced: Bool

    /// Of its lists, in the namespaces that tests ask for.
    var paths: [String] {
      let root = group.isEmpty ? "/api/\(apiVersion)" : "/apis/\(apiVersion)"
      let namespaces = isNamespaced ? ["apps", "flux-system", "nope", "tenant-a"] : []
      return ["\(root)/\(resource)"] + namespaces.map { "\(root)/namespaces/\($0)/\(resource)" }
    }
  }

  private static func kinds() throws -> [Served] {
    var kinds: [Served] = []
    for name in ["discovery-aggregated-api", "discovery-aggregated-apis"] {
      for group in try document(name)["items"]?.array ?? [] {
        let groupName = group.name ?? ""
        for version in group["versions"]?.array ?? [] {
          let number = version["version"]?.string ?? ""
          kinds += (version["resources"]?.array ?? []).map { resource in
            Served(
              group: groupName, apiVersion: groupName.isEmpty ? number : "\(groupName)/\(number)",
              kind: resource["responseKind", "kind"]?.string ?? "",
              resource: resource["resource"]?.string ?? "",
              isNamespaced: resource["scope"]?.string == "Namespaced")
          }
        }
      }
    }
    return kinds
  }
}
