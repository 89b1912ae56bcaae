package import HTTP
package import Objects

/// A cluster whose server passes requests on to what runs in it.
package protocol ForwardingCluster: Cluster {
  /// Asks a Service for a path through the API server's proxy (`get` of `services/proxy`).
  ///
  /// No redirect is followed: who asks has credentials.
  ///
  /// - Returns: what the Service answers, whatever the status.
  /// - Throws: `APIError` where the API server refuses or does not reach the Service.
  func ask(_ service: ProxiedService, for path: String) async throws -> StreamedResponse

  /// Asks the API server to forward a port of a pod over WebSocket (`get` and `create` of
  /// `pods/portforward`).
  ///
  /// - Parameter key: goes into `Sec-WebSocket-Key`.
  /// - Throws: `APIError` for every answer but 101.
  func forward(
    _ pod: ObjectID, port: Int, protocol name: String, key: String
  ) async throws -> (ResponseHead, UpgradedConnection)

  /// Asks a server in the cluster itself, without credentials; no redirect is followed.
  func askDirectly(_ url: String) async throws -> StreamedResponse
}

/// A Service as the API server's proxy names it: `SCHEME:NAME:PORT`.
package struct ProxiedService: Sendable, Hashable {
  package let namespace: String
  package let name: String
  /// `http` or `https`.
  package let scheme: String
  /// A port of the Service, not of its pods.
  package let port: Int

  package init(namespace: String, name: String, scheme: String, port: Int) {
    self.namespace = namespace
    self.name = name
    self.scheme = scheme
    self.port = port
  }

  /// What `resourceNames` of a role must contain, literally.
  package var id: String { "\(scheme):\(name):\(port)" }
}
