import Document
import HTTP
import TestSupport
import Testing

@testable import KubeAPI
@testable import Kubeconfig

/// Requests are values: nothing here waits for anything.
@Suite struct APIRequestTests {
  static let collection = "/api/v1/namespaces/n/configmaps"

  func url(_ request: APIRequest) -> String {
    request.path + request.query.text
  }

  @Test func `an object is read by its path`() throws {
    let request = try APIRequest.get(configMaps, namespace: "n", name: "x")
    #expect(request == APIRequest(path: "\(Self.collection)/x", what: "configmaps x"))
    #expect(throws: APIError.self) { try APIRequest.get(configMaps, namespace: "n", name: "a/b") }
  }

  @Test func `pages carry the selectors, their size and the token`() throws {
    let options = ListOptions(labelSelector: "a=b", fieldSelector: "c!=d")
    let list = try APIRequest.list(configMaps, namespace: "n", options)
    #expect(url(list) == "\(Self.collection)?fieldSelector=c%21%3Dd&labelSelector=a%3Db")
    #expect(
      url(list.page(of: 2, after: "t"))
        == "\(Self.collection)?continue=t&fieldSelector=c%21%3Dd&labelSelector=a%3Db&limit=2")
    #expect(list.page(of: 0, after: nil) == list)
  }

  @Test func `a watch goes on from a version, uncompressed`() throws {
    let request = try APIRequest.watch(
      configMaps, namespace: nil, WatchOptions(labelSelector: "a"), from: "7", bookmarks: true,
      seconds: 300)
    #expect(
      url(request)
        == "/api/v1/configmaps?allowWatchBookmarks=true&labelSelector=a&resourceVersion=7"
        + "&timeoutSeconds=300&watch=true")
    #expect(!request.acceptsCompression)
    #expect(request.headers == [:])
  }

  @Test func `tables are asked for by the Accept field`() throws {
    let request = try APIRequest.get(configMaps, namespace: "n", name: "x").asTable(.object)
    #expect(url(request) == "\(Self.collection)/x?includeObject=Object")
    #expect(request.headers["Accept"]?.hasPrefix("application/json;as=Table;v=v1;") == true)
  }

  @Test func `a write says who makes it`() throws {
    let patch = try APIRequest.patch(
      configMaps, namespace: "n", name: "x", .merge(["a": 1]), WriteOptions(subresource: "status"))
    #expect(patch.method == .patch)
    #expect(url(patch) == "\(Self.collection)/x/status?fieldManager=artifactgen")
    #expect(patch.body == Array(#"{"a":1}"#.utf8))
    let create = try APIRequest.create(configMaps, namespace: "n", [:], WriteOptions(dryRun: true))
    #expect(create.method == .post)
    #expect(url(create) == "\(Self.collection)?dryRun=All&fieldManager=artifactgen")
    #expect(create.what == "configmaps")
  }

  // MARK: - As it goes over the wire

  func exchange(_ flags: ConnectionFlags) throws -> AuthenticatedExchange {
    var flags = flags
    flags.server = "https://h:6443/prefix"
    let loader = KubeconfigLoader(
      environment: [:], workingDirectory: "/", standardInputIsTerminal: false)
    return AuthenticatedExchange(
      configuration: try loader.load(flags), transport: Nowhere(), userAgent: "tests/1",
      activity: Activity(), warnings: WarningSink { _ in })
  }

  @Test func `server, credentials and identity are added`() throws {
    let identity = ClientIdentity(certificate: [1], key: [2])
    let flags = ConnectionFlags(token: "t", as: "jane", asGroups: ["a", "b"], requestTimeout: "5")
    let request = try exchange(flags).completed(
      APIRequest(path: "/x", headers: ["Accept": "a/b"]),
      with: Credentials(authorization: "Bearer t", identity: identity))
    #expect(request.url == "https://h:6443/prefix/x?timeout=5s")
    #expect(
      request.headers == [
        "Accept": "a/b", "User-Agent": "tests/1", "Authorization": "Bearer t",
        "Impersonate-User": "jane", "Impersonate-Group": "a", "Impersonate-Group": "b",
      ])
    #expect(request.identity == identity)
    #expect(request.timeout == .seconds(5))
    #expect(request.acceptsCompression)
  }

  @Test func `nothing is added that is not there`() throws {
    let exchange = try exchange(ConnectionFlags(disableCompression: true))
    let request = exchange.completed(
      APIRequest(path: "/x?a=b", isBelowServerPath: false), with: Credentials())
    #expect(request.url == "https://h:6443/x?a=b")
    #expect(request.headers == ["Accept": "application/json", "User-Agent": "tests/1"])
    #expect(request.identity == nil)
    #expect(request.timeout == nil)
    #expect(!request.acceptsCompression)
  }

  @Test func `a time-out in the query is left alone`() throws {
    var request = APIRequest(path: "/x")
    request.query.add("timeout", "32s")
    let exchange = try exchange(ConnectionFlags(requestTimeout: "5"))
    #expect(
      exchange.completed(request, with: Credentials()).url == "https://h:6443/prefix/x?timeout=32s")
    // A path may bring a query of its own.
    #expect(
      exchange.completed(APIRequest(path: "/x?a=b"), with: Credentials()).url
        == "https://h:6443/prefix/x?a=b&timeout=5s")
  }
}

private struct Nowhere: Transport {
  func send(_ request: Request) async throws(TransportError) -> Response {
    throw TransportError(.unreachable, server: "", detail: "nowhere")
  }

  func stream(_ request: Request) async throws(TransportError) -> StreamedResponse {
    throw TransportError(.unreachable, server: "", detail: "nowhere")
  }

  func upgrade(_ request: Request) async throws(TransportError) -> UpgradeResponse {
    throw TransportError(.unreachable, server: "", detail: "nowhere")
  }
}
