import CurlShim
package import HTTP
import Synchronization

/// The transport over libcurl: one connection pool, one thread that drives every transfer.
///
/// Requests share HTTP/2 connections where the server offers it. A stream gets an HTTP/1.1
/// connection of its own, so that neither flow control nor the end of a shared connection stalls
/// other requests.
///
/// An upgraded connection gets a loop of its own: whenever libcurl makes a connection, it closes those
/// of the same loop that it takes for idle and that have bytes waiting or are two minutes old, and an
/// upgraded one looks idle to it. So there is one thread for each, and a limit to their number.
///
/// The hazards of libcurl's defaults are dealt with where the options of a handle are set.
package final class CurlTransport: Transport {
  /// How many connections may be upgraded at once.
  package static let upgradeLimit = 64

  private let options: TransportOptions
  private let loop: EventLoop
  private let upgradeCount = Mutex(0)

  package init(options: TransportOptions) {
    self.options = options
    loop = EventLoop(options: options)
  }

  deinit {
    loop.post(.stop)
  }

  package func send(_ request: Request) async throws(TransportError) -> Response {
    let transfer = Transfer(request, .whole)
    let response = try await loop.waiting(for: transfer) { answer in
      transfer.onEnd = { transfer, error in answer(transfer.response(unless: error)) }
      loop.post(.start(transfer))
    }
    withExtendedLifetime(self) {}
    return response
  }

  package func stream(_ request: Request) async throws(TransportError) -> StreamedResponse {
    let transfer = Transfer(request, .stream)
    // From now on: it ends the transfer when the reader is gone.
    let reader = StreamReader(transfer: transfer, loop: loop, owner: self)
    let head = try await loop.waiting(for: transfer) { answer in
      transfer.onHead = answer
      transfer.onEnd = { transfer, error in transfer.endStream(error) }
      loop.post(.start(transfer))
    }
    return StreamedResponse(
      head: head, body: ByteStream { () throws(TransportError) in try await reader.next() })
  }

  package func upgrade(_ request: Request) async throws(TransportError) -> UpgradeResponse {
    let isFree = upgradeCount.withLock { count in
      guard count < Self.upgradeLimit else { return false }
      count += 1
      return true
    }
    guard isFree else {
      throw TransportError(
        .invalidRequest, server: Target(request.url)?.hostPort ?? "",
        detail: "more than \(Self.upgradeLimit) upgraded connections at once")
    }
    let transfer = Transfer(request, .upgrade)
    let ends = UpgradedEnds(transfer, EventLoop(options: options)) { [self] in
      upgradeCount.withLock { $0 -= 1 }
    }
    return try await ends.open()
  }
}
