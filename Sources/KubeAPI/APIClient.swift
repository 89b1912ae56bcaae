import Curl
package import Document
package import HTTP
package import Kubeconfig
package import Objects

/// The client of one API server.
package struct APIClient: WatchingCluster, WritableCluster, DiscoveringCluster, ServerCluster,
  WhoAmI
{
  let exchange: AuthenticatedExchange
  let discoveryCache: DiscoveryCache?
  /// What the watches of this client have met.
  let outages = Outages()
  /// Waits between attempts of a watch.
  let sleep: @Sendable (Duration) async throws -> Void

  /// - Parameters:
  ///   - transport: for real use `APIClient.transport`.
  ///   - userAgent: sent with every request, such as `kubectl-artifactgen/0.1.0 (linux/amd64)`.
  ///   - activity: receives what the client waits for.
  ///   - discoveryCache: where to look for kinds before the server is asked.
  ///   - warnings: gets the text of each `Warning` header once.
  package init(
    _ configuration: ClusterConfiguration,
    over transport: any Transport,
    userAgent: String,
    activity: Activity = Activity(),
    discoveryCache: DiscoveryCache? = nil,
    warnings: @escaping @Sendable (String) -> Void = { _ in },
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    exchange = AuthenticatedExchange(
      configuration: configuration, transport: transport, userAgent: userAgent, activity: activity,
      warnings: WarningSink(warnings))
    self.discoveryCache = discoveryCache
    self.sleep = sleep
  }

  /// libcurl, with client-go's retries and flux's rate.
  ///
  /// - Parameters:
  ///   - log: what `-v` asks for.
  ///   - rate: flux's by default.
  ///   - activity: receives what requests wait for.
  ///   - warnings: gets a line before a long pause.
  package static func transport(
    _ options: TransportOptions, log: HTTPLog, rate: RequestRate = RequestRate(),
    activity: Activity,
    warnings: @escaping @Sendable (String) -> Void = { _ in }
  ) -> any Transport {
    let connections = CurlTransport(options: options)
    let logged: any Transport =
      log.level >= 6 ? LoggingTransport(base: connections, log: log) : connections
    return RetryingTransport(
      logged, limiter: RateLimiter(perSecond: rate.perSecond, burst: rate.burst),
      activity: activity, onThrottling: { log.throttled($0, $1) }, onPause: warnings)
  }

  package var configuration: ClusterConfiguration { exchange.configuration }

  package var holdsNamespaces: Bool { true }

  package var configuredUser: String? { configuration.userName }

  package func get(_ type: ResourceType, namespace: String?, name: String) async throws -> Value {
    try await object(.get(type, namespace: namespace, name: name))
  }

  package func read(path: String) async throws -> Value {
    try await object(APIRequest(path: path, what: path))
  }

  package func list(
    _ type: ResourceType,
    namespace: String?,
    options: ListOptions
  ) async throws -> ObjectList {
    var result = ObjectList(items: [], resourceVersion: "")
    try await listPages(type, namespace: namespace, options: options) { page in
      if page.supersedesEarlier { result.items = [] }
      result.items += page.items
      result.resourceVersion = page.resourceVersion
    }
    return result
  }

  package func listPages(
    _ type: ResourceType,
    namespace: String?,
    options: ListOptions,
    onPage: (ListPage) async throws -> Void
  ) async throws {
    let request = try APIRequest.list(type, namespace: namespace, options)
    try await collection(request, type, options) { list, supersedesEarlier in
      let page = ListPage(
        items: try items(of: list, type),
        resourceVersion: list.resourceVersion ?? "",
        supersedesEarlier: supersedesEarlier
      )
      try await onPage(page)
    }
  }

  /// Sends a request and reads the JSON object that answers it.
  func object(_ request: APIRequest) async throws -> Value {
    let response = try await exchange.send(request)
    return try AnswerReader(configuration.server, request).object(response)
  }

  /// Reads the pages of a collection as the server sends them.
  ///
  /// - Parameter onPage: gets each list and whether it supersedes the earlier ones.
  func collection(
    _ request: APIRequest,
    _ type: ResourceType,
    _ options: ListOptions,
    onPage: (Value, Bool) async throws -> Void
  ) async throws {
    var pageSize = options.pageSize
    var next: String?
    var supersedesEarlier = false
    var seen: Set<String> = []
    var pages = 0
    repeat {
      pages += 1
      guard pages <= Self.mostPages else {
        throw endless(type, "it has more than \(Self.mostPages) pages")
      }
      let list: Value
      do {
        list = try await object(request.page(of: pageSize, after: next))
      } catch let error as APIError where error.isExpired && next != nil && pageSize > 0 {
        // The collection changed too much meanwhile. client-go's pager starts again without pages,
        // and so do we.
        next = nil
        seen = []
        pageSize = 0
        supersedesEarlier = true
        continue
      } catch let error as APIError {
        throw error.explainingList(type, options)
      }
      next = list["metadata", "continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
      if let next, !seen.insert(next).inserted {
        throw endless(type, "a continue token was repeated")
      }
      let isFirstAgain = supersedesEarlier
      supersedesEarlier = false
      try await onPage(list, isFirstAgain)
    } while next != nil || supersedesEarlier
  }

  /// A collection of five million objects: etcd holds no such.
  private static let mostPages = 10_000

  private func endless(_ type: ResourceType, _ reason: String) -> APIError {
    APIError(
      .malformed, subject: type.groupResource,
      "the server's list of \(type.groupResource) does not end: \(reason)")
  }

  /// The elements of a list, with the `apiVersion` and `kind` that the server leaves out for
  /// built-in kinds.
  private func items(of list: Value, _ type: ResourceType) throws(APIError) -> [Value] {
    let items = list["items"] ?? .null
    // Go writes an empty list as null; an answer that is no object at all is no list.
    guard list.object == nil || !items.isNull else { return [] }
    guard let array = items.array else {
      throw APIError(
        .malformed, subject: type.groupResource,
        "the server's list of \(type.groupResource) has no items")
    }
    return array.map { item in
      guard case .object(var object) = item, object["kind"] == nil || object["apiVersion"] == nil
      else { return item }
      object["apiVersion"] = .string(type.apiVersion)
      object["kind"] = .string(type.kind)
      return .object(object)
    }
  }
}

extension APIError {
  /// What kubectl adds to the refusal of a list (cli-runtime pkg/resource/visitor.go).
  fileprivate func explainingList(_ type: ResourceType, _ options: ListOptions) -> APIError {
    guard var status, status.code == 404 || status.code == 400 else { return self }
    let resource = "\"\(type.group)/\(type.version), Resource=\(type.plural)\""
    let labels = options.labelSelector ?? ""
    let fields = options.fieldSelector ?? ""
    let place =
      labels.isEmpty && fields.isEmpty
      ? "Unable to list \(resource)"
      : "Unable to find \(resource) that match label selector \"\(labels)\", field selector \"\(fields)\""
    let refusal = status.message
    status.message = "\(place): \(refusal)"
    var error = APIError(status)
    error.refusalOfList = refusal
    return error
  }
}
