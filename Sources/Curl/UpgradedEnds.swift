import HTTP

/// The program's end of an upgraded connection: dropping it closes the connection and ends its loop.
final class UpgradedEnds: Sendable {
  private let transfer: Transfer
  private let loop: EventLoop
  private let onClose: @Sendable () -> Void

  init(_ transfer: Transfer, _ loop: EventLoop, onClose: @escaping @Sendable () -> Void) {
    self.transfer = transfer
    self.loop = loop
    self.onClose = onClose
  }

  deinit {
    loop.post(.stop)
    onClose()
  }

  func open() async throws(TransportError) -> UpgradeResponse {
    let outcome = try await loop.waiting(for: transfer) { answer in
      transfer.onUpgrade = answer
      transfer.onEnd = { transfer, error in transfer.endUpgrade(error) }
      loop.post(.start(transfer))
    }
    switch outcome {
    case .refused(let response): return .refused(response)
    case .switched(let head):
      return .switched(
        head,
        UpgradedConnection(
          next: { () throws(TransportError) in try await self.next() },
          send: { (bytes) throws(TransportError) in try await self.send(bytes) },
          close: { self.loop.post(.cancel(self.transfer)) }))
    }
  }

  private func next() async throws(TransportError) -> [UInt8]? {
    try await transfer.next(on: loop)
  }

  private func send(_ bytes: [UInt8]) async throws(TransportError) {
    guard !bytes.isEmpty else { return }
    try await loop.waiting(for: transfer) { onEnd in
      loop.post(.write(transfer, UpgradeExchange.Write(bytes: bytes, onEnd: onEnd)))
    }
  }
}
