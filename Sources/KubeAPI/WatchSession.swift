import Document
import HTTP
import Kubeconfig
package import Objects
import Text

extension APIClient {
  /// Follows a collection until the caller stops, throws or is cancelled, whatever the network and
  /// the server do meanwhile.
  ///
  /// The rules are those of client-go's tools/watch/retrywatcher.go and tools/cache/reflector.go: a
  /// connection that ends is opened again from the last version seen, which bookmarks advance; a
  /// version that is too old (410, as status or as event) leads to a new snapshot. The first
  /// connection must succeed; later failures are waited out.
  ///
  /// - Parameters:
  ///   - namespace: nil follows all namespaces.
  ///   - onUpdate: called in order, never twice at once. Memory does not grow with the number of
  ///     events.
  package func watch(
    _ type: ResourceType,
    namespace: String?,
    options: WatchOptions = WatchOptions(),
    onUpdate: (WatchUpdate) async throws -> WatchStep
  ) async throws {
    var session = WatchSession(client: self, type: type, namespace: namespace, options: options)
    try await session.run(onUpdate)
  }
}

/// One watch, across all the connections that it takes.
struct WatchSession {
  /// What follows when one connection has ended.
  private enum Next {
    case stop
    /// Ended as a watch may end.
    case reconnect
    case relist
    /// Failed; the server may have asked for a pause.
    case retry(any Error, after: Duration?)
    /// The same without what the server does not know.
    case simplify
  }

  /// The longest event that is read; etcd stores no object of more than a few MiB.
  private static let eventLimit = 64 << 20

  let client: APIClient
  let type: ResourceType
  let namespace: String?
  let options: WatchOptions
  private var version: String?
  private var bookmarks = true
  /// Whether a connection has worked: from then on failures are waited out.
  private var isEstablished = false
  /// Whether the server has followed the kind for us.
  private var hasFollowed = false
  private var failures = 0
  /// When the connection began to work, and the last time that one is known to have worked.
  private var opened: ContinuousClock.Instant?
  private var working: ContinuousClock.Instant?
  /// What is being waited for, while the server cannot be followed.
  private var outage: Activity.Mark?

  init(client: APIClient, type: ResourceType, namespace: String?, options: WatchOptions) {
    self.client = client
    self.type = type
    self.namespace = namespace
    self.options = options
    version = options.resourceVersion
  }

  mutating func run(_ onUpdate: (WatchUpdate) async throws -> WatchStep) async throws {
    defer { outage = nil }
    while true {
      try Task.checkCancellation()
      let next: Next
      if version == nil {
        next = try await list(onUpdate)
      } else {
        next = try await follow(onUpdate)
      }
      switch next {
      case .stop: return
      case .reconnect:
        if client.configuration.requestTimeout != nil { return }
        failures = 0
        // Not at once: a server or proxy that closes every connection would be hammered.
        try await client.sleep(.seconds(1))
      case .relist:
        version = nil
        failures += 1
        // Once is usual. A server that forgets at once would be asked for everything again and
        // again.
        if failures > 1 { try await client.sleep(backoff) }
      case .simplify: continue
      case .retry(let error, let asked):
        // A reset says nothing about the server, not even the first time.
        let isReset = (error as? TransportError)?.isTransient ?? false
        guard isEstablished || isReset && version != nil && failures < Self.firstAttempts
        else { throw error }
        failures += 1
        let pause = max(asked ?? .zero, backoff)
        if isNewOutage(error) {
          let shown = pause < .noticeablePause ? error : Self.naming(pause, error)
          if case .stop = try await onUpdate(.interrupted(shown)) { return }
        }
        outage = client.exchange.activity.mark(
          "waiting to retry \(client.configuration.server.hostPort) (\(error))")
        try await client.sleep(pause)
      }
    }
  }

  /// How often a watch that has never worked is tried again.
  private static let firstAttempts = 5
  /// How often a server that has been followed may deny the kind: for about a minute.
  private static let startingAttempts = 6
  /// A connection that has held for so long has worked, though nothing came.
  private static let proof = Duration.seconds(5)

  /// Beside names of resources, for ``Outages``.
  private static let connection = ""

  private mutating func isNewOutage(_ error: any Error) -> Bool {
    if let opened, .now - opened >= Self.proof { working = opened }
    opened = nil
    let kind = error is TransportError ? Self.connection : type.groupResource
    return client.outages.isNew(kind, within: Self.connection, since: working)
  }

  private static func naming(_ pause: Duration, _ error: any Error) -> any Error {
    guard let error = error as? APIError, var status = error.status else { return error }
    status.message += " (retrying in \(pause.goText))"
    return APIError(status)
  }

  /// 1, 2, 4, … 30 seconds.
  private var backoff: Duration {
    .seconds(min(30, 1 << min(failures - 1, 5)))
  }

  private mutating func list(_ onUpdate: (WatchUpdate) async throws -> WatchStep) async throws
    -> Next
  {
    let list: ObjectList
    do {
      list = try await client.list(type, namespace: namespace, options: options.selection)
    } catch let error as APIError where error.isExpired {
      throw error
    } catch {
      return try failure(error)
    }
    version = list.resourceVersion
    isEstablished = true
    return try await onUpdate(.snapshot(list)) == .stop ? .stop : try await follow(onUpdate)
  }

  private mutating func follow(_ onUpdate: (WatchUpdate) async throws -> WatchStep) async throws
    -> Next
  {
    let answer: AnswerReader
    let response: StreamedResponse
    do {
      let request = try APIRequest.watch(
        type, namespace: namespace, options, from: version, bookmarks: bookmarks,
        // Spread, so that many clients do not come back together.
        seconds: Int.random(in: 300..<600))
      answer = AnswerReader(client.configuration.server, request)
      response = try await client.exchange.stream(request)
      guard response.head.status == 200 else {
        return try refused(try await answer.error(response))
      }
      try answer.requireJSON(response.head)
    } catch {
      return try failure(error)
    }
    isEstablished = true
    hasFollowed = true
    opened = .now
    outage = nil
    return try await read(response.body, answer, onUpdate)
  }

  /// Reads events until the connection or the caller ends it.
  private mutating func read(
    _ body: ByteStream,
    _ answer: AnswerReader,
    _ onUpdate: (WatchUpdate) async throws -> WatchStep
  ) async throws -> Next {
    var splitter = LineSplitter(limit: Self.eventLimit)
    var ending: Next?
    while ending == nil {
      let piece: [UInt8]?
      do {
        piece = try await body.next()
      } catch {
        return try failure(error)
      }
      guard let piece else { return .reconnect }
      var version = version
      let fits = try await splitter.take(piece) { line in
        guard ending == nil else { return }
        ending = try await event(try answer.parse(Array(line)), &version, onUpdate)
      }
      if let seen = version, seen != self.version {
        self.version = seen
        failures = 0
        working = .now
      }
      guard fits else {
        throw APIError(
          .malformed, subject: type.groupResource,
          "an event of \(type.groupResource) is larger than 64 MiB")
      }
    }
    if case .retry(let error as APIError, _) = ending {
      return try refused(error, isOpening: false)
    }
    return ending ?? .reconnect
  }

  /// Handles one event; nil continues.
  private func event(
    _ event: Value,
    _ version: inout String?,
    _ onUpdate: (WatchUpdate) async throws -> WatchStep
  ) async throws -> Next? {
    guard let object = event["object"], let kind = event["type"]?.string else {
      throw APIError(
        .malformed, subject: type.groupResource,
        "an event of \(type.groupResource) has no type or no object")
    }
    let update: WatchUpdate
    switch kind {
    case "ADDED": update = .added(object)
    case "MODIFIED": update = .modified(object)
    case "DELETED": update = .deleted(object)
    case "BOOKMARK":
      version = object.resourceVersion ?? version
      return nil
    case "ERROR":
      let status =
        Status(failure: object)
        ?? Status(code: 0, reason: "Unknown", message: "the watch failed without a reason")
      return .retry(APIError(status), after: nil)
    default:
      return nil
    }
    version = object.resourceVersion ?? version
    return try await onUpdate(update) == .stop ? .stop : nil
  }

  /// What to do about a refusal, which came as a status or as an event.
  ///
  /// - Parameter isOpening: Whether it answers a request; false for an event of a watch at work.
  private mutating func refused(_ error: APIError, isOpening: Bool = true) throws -> Next {
    if error.isExpired { return .relist }
    // Servers on an old etcd, and very old servers, know no bookmarks.
    let isAboutBookmarks = error.code == 422 || error.description.contains("RequestWatchProgress")
    if isAboutBookmarks, bookmarks {
      bookmarks = false
      isEstablished = true
      return .simplify
    }
    // A server that has just started does not know all kinds and rights yet, however the one before it
    // went; client-go's reflector waits out every error.
    let mayBeStarting =
      isOpening && hasFollowed && failures <= Self.startingAttempts
      && [403, 404].contains(error.code)
    guard error.code == 429 || error.code >= 500 || mayBeStarting else { throw error }
    return .retry(error, after: error.status?.retryAfterSeconds.map { .asked(seconds: $0) })
  }

  /// What to do about an error that is no refusal: lost connections and servers that are away are
  /// waited out.
  private mutating func failure(_ error: any Error) throws -> Next {
    switch error {
    case let error as TransportError:
      switch error.kind {
      case .connectionLost, .refused, .unreachable: return .retry(error, after: nil)
      case .timeout:
        return client.configuration.requestTimeout == nil ? .retry(error, after: nil) : .stop
      default: throw error
      }
    case let error as APIError:
      guard error.kind == .status else { throw error }
      return try refused(error)
    default:
      throw error
    }
  }
}
