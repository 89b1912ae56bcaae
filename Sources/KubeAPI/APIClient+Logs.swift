import HTTP
import Kubeconfig
package import Objects

extension APIClient {
  package func podLog(
    of pod: ObjectID, container: String?, sinceSeconds: Int64?,
    onLine: (ArraySlice<UInt8>) async throws -> Void
  ) async throws {
    let request = try APIRequest.podLog(of: pod, container: container, sinceSeconds: sinceSeconds)
    let response = try await exchange.stream(request)
    guard 200..<300 ~= response.head.status else {
      throw try await AnswerReader(configuration.server, request).error(response)
    }
    var lines = LineSplitter(limit: LineSplitter.longestLogLine)
    while let bytes = try await response.body.next() {
      guard try await lines.take(bytes, onLine: onLine) else {
        throw APIError(
          .notKubernetes, subject: pod.name, "a line in the log of \(pod.phrase) is too long")
      }
    }
    try await lines.finish(onLine: onLine)
  }
}

extension APIRequest {
  /// Reads what a container has written.
  static func podLog(
    of pod: ObjectID, container: String?, sinceSeconds: Int64?
  ) throws(APIError) -> APIRequest {
    let pods = ResourceType(
      group: "", version: "v1", kind: "Pod", plural: "pods", singular: "pod")
    var request = APIRequest(
      path: try ResourcePath.path(
        pods, namespace: pod.namespace, name: pod.name, subresource: "log"),
      headers: ["Accept": "application/json, */*"], what: "pods/log \(pod.name)")
    request.query.add("container", container)
    request.query.add("sinceSeconds", sinceSeconds.map { "\($0)" })
    return request
  }
}

extension LineSplitter {
  /// Container runtimes cut lines long before.
  fileprivate static let longestLogLine = 1 << 24

  /// Hands out what stands behind the last line end.
  fileprivate mutating func finish(
    onLine: (ArraySlice<UInt8>) async throws -> Void
  ) async throws {
    _ = try await take([10], onLine: onLine)
  }
}
