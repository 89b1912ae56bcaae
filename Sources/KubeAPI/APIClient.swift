import Curl
package import Document
package import HTTP
package import Kubeconfig
package import Objects

/// The client of one API server.
package struct APIClient: WatchingCluster, WritableCluster, DiscoveringCluster, ServerCluster,
  WhoAmI
{
  package let configuration: ClusterConfiguration
  let transport: any Transport
  let userAgent: String
  let warnings: WarningSink
  let activity: Activity
  let discoveryCache: DiscoveryCache?
  /// Waits between attempts of a watch.
  let sleep: @Sendable (Duration) async throws -> Void

  /// - Parameters:
  ///   - transport: for real use `APIClient.transport(for:environment:)`.
  ///   - userAgent: sent with every request, such as `kubectl-artifactgen/0.1.0 (linux/amd64)`.
  ///   - warnings: gets the text of each `Warning` header once.
  ///   - activity: is told what the client waits for.
  ///   - discoveryCache: where to look for kinds before the server is asked.
  package init(
    configuration: ClusterConfiguration,
    transport: any Transport,
    userAgent: String,
    activity: Activity = Activity(),
    warnings: @escaping @Sendable (String) -> Void = { _ in },
    discoveryCache: DiscoveryCache? = nil,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.configuration = configuration
    self.transport = transport
    self.userAgent = userAgent
    self.warnings = WarningSink(warnings)
    self.activity = activity
    self.discoveryCache = discoveryCache
    self.sleep = sleep
  }

  /// The same client with another configuration; warnings are still told once.
  init(_ other: APIClient, _ configuration: ClusterConfiguration) {
    self.configuration = configuration
    transport = other.transport
    userAgent = other.userAgent
    warnings = other.warnings
    activity = other.activity
    discoveryCache = other.discoveryCache
    sleep = other.sleep
  }

  /// The transport for a configuration: libcurl, with client-go's retries and flux's rate.
  ///
  /// - Parameters:
  ///   - environment: where proxies and system certificates are named.
  ///   - log: what `-v` asks for.
  ///   - activity: is told what requests wait for.
  package static func transport(
    for configuration: ClusterConfiguration,
    environment: [String: String],
    log: HTTPLog = .silent,
    activity: Activity = Activity()
  ) -> any Transport {
    let connections = CurlTransport(
      options: TransportOptions(configuration, environment: environment))
    let logged: any Transport =
      log.level >= 6 ? LoggingTransport(connections, log: log) : connections
    return RetryingTransport(logged, activity: activity) { delay, request in
      log.throttled(delay, request)
    }
  }

  /// A client that connects for real.
  package init(
    _ configuration: ClusterConfiguration,
    environment: [String: String],
    userAgent: String,
    log: HTTPLog = .silent,
    activity: Activity = Activity(),
    discoveryCache: DiscoveryCache? = nil,
    warnings: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.init(
      configuration: configuration,
      transport: Self.transport(
        for: configuration, environment: environment, log: log, activity: activity),
      userAgent: userAgent,
      activity: activity,
      warnings: warnings,
      discoveryCache: discoveryCache
    )
  }

  package var holdsNamespaces: Bool { true }

  package var configuredUser: String? { configuration.userName }

  package func get(_ type: ResourceType, namespace: String?, name: String) async throws -> Value {
    let path = try ResourcePath.path(type, namespace: namespace, name: name)
    return try await object(.get, path, what: "\(type.groupResource) \(name)")
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
    let path = try ResourcePath.path(type, namespace: namespace)
    try await collection(path, type, options) { list, supersedesEarlier in
      let page = ListPage(
        items: try items(of: list, type),
        resourceVersion: list.resourceVersion ?? "",
        supersedesEarlier: supersedesEarlier
      )
      try await onPage(page)
    }
  }

  /// Reads the pages of a collection as the server sends them.
  ///
  /// - Parameters:
  ///   - extra: parameters of every page.
  ///   - onPage: gets each list and whether it supersedes the earlier ones.
  func collection(
    _ path: String,
    _ type: ResourceType,
    _ options: ListOptions,
    headers: HeaderFields = [:],
    extra: Query = Query(),
    onPage: (Value, Bool) async throws -> Void
  ) async throws {
    var pageSize = options.pageSize
    var next: String?
    var supersedesEarlier = false
    repeat {
      var query = extra
      query.add("labelSelector", options.labelSelector)
      query.add("fieldSelector", options.fieldSelector)
      if pageSize > 0 { query.add("limit", "\(pageSize)") }
      query.add("continue", next)
      let list: Value
      do {
        list = try await object(.get, path, query, headers: headers, what: type.groupResource)
      } catch let error as APIError where error.isExpired && next != nil {
        // The collection changed too much meanwhile. client-go's pager starts again without pages,
        // and so do we.
        next = nil
        pageSize = 0
        supersedesEarlier = true
        continue
      } catch let error as APIError {
        throw error.explainingList(type, options)
      }
      next = list["metadata", "continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
      let isFirstAgain = supersedesEarlier
      supersedesEarlier = false
      try await onPage(list, isFirstAgain)
    } while next != nil || supersedesEarlier
  }

  /// The elements of a list, with the `apiVersion` and `kind` that the server leaves out for
  /// built-in kinds.
  private func items(of list: Value, _ type: ResourceType) throws(APIError) -> [Value] {
    guard let items = list["items"], !items.isNull else { return [] }
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
    status.message = "\(place): \(status.message)"
    return APIError(status)
  }
}
