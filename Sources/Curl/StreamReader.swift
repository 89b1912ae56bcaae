import HTTP

/// The consumer's end of a stream: dropping it ends the transfer.
final class StreamReader: Sendable {
  private let transfer: Transfer
  private let loop: EventLoop
  /// The loop ends with its transport, so that one has to stay.
  private let owner: CurlTransport

  init(transfer: Transfer, loop: EventLoop, owner: CurlTransport) {
    self.transfer = transfer
    self.loop = loop
    self.owner = owner
  }

  deinit {
    loop.post(.cancel(transfer))
  }

  func next() async throws(TransportError) -> [UInt8]? {
    try await transfer.next(on: loop)
  }
}

extension Transfer {
  /// The next piece of what arrives; nil at the end.
  func next(on loop: EventLoop) async throws(TransportError) -> [UInt8]? {
    let result = await withTaskCancellationHandler {
      do throws(TransportError) {
        return Result<[UInt8]?, TransportError>.success(
          try await buffer.take { loop.post(.resume(self)) }
        )
      } catch {
        return .failure(error)
      }
    } onCancel: {
      loop.post(.cancel(self))
    }
    return try result.get()
  }
}
