/// One thing that the server saw; the fields depend on what it was.
package struct LogEntry: Sendable, Decodable {
  package var listener: String?
  /// The client's port, or for HTTP/2 the number of the connection: equal values mean the same
  /// connection.
  package var connection: Int?
  package var stream: Int?
  package var method: String?
  /// Path and query within the case.
  package var path: String?
  package var headers: [[String]]?
  package var body: String?
  /// The name that the client asked for in the handshake (SNI); empty for none.
  package var serverName: String?
  /// The common name of the client's certificate.
  package var client: String?
  package var handshake: String?
  package var event: String?
  package var proxy: String?
  package var line: String?
  package var user: String?
  package var time: Double?

  package func header(_ name: String) -> String? {
    headers?.first { $0[0].lowercased() == name.lowercased() }?[1]
  }

  package func allHeaders(_ name: String) -> [String] {
    headers?.filter { $0[0].lowercased() == name.lowercased() }.map { $0[1] } ?? []
  }
}
