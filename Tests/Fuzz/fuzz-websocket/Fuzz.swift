import Fetching
import HTTP

/// Whatever a server sends over a forwarded port is read in pieces as it is in one, or refused, and
/// within bounds.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  let whole = read(input, inPiecesOf: max(1, input.count))
  let pieces = read(input, inPiecesOf: max(1, Int(input.first ?? 1) & 15))
  // A refusal may come earlier or later; what is read before it is the same.
  if whole.isRefused || pieces.isRefused {
    precondition(whole.isRefused == pieces.isRefused)
  } else {
    precondition(whole == pieces)
  }
  precondition(answer(input, inPiecesOf: 1) == answer(input, inPiecesOf: max(1, input.count)))
  return 0
}

private struct Outcome: Equatable {
  var messages: [[UInt8]] = []
  var isRefused = false
}

private func read(_ input: [UInt8], inPiecesOf size: Int) -> Outcome {
  var (reader, port) = (WebSocketReader(), ForwardedPort())
  var outcome = Outcome()
  do {
    for start in stride(from: 0, to: input.count, by: size) {
      for event in try reader.take(Array(input[start..<min(start + size, input.count)])) {
        guard case .message(let message) = event else { continue }
        precondition(message.count <= WebSocketReader.longestMessage)
        outcome.messages.append(Array(try port.take(message)))
      }
    }
  } catch {
    outcome.isRefused = true
  }
  return outcome
}

/// The body of an answer, whether it is complete, and whether it was refused.
private func answer(_ input: [UInt8], inPiecesOf size: Int) -> [UInt8] {
  var answer = AnswerStream()
  var body: [UInt8] = []
  do {
    for start in stride(from: 0, to: input.count, by: size) {
      for piece in try answer.take(input[start..<min(start + size, input.count)]) {
        if case .body(let bytes) = piece { body += bytes }
      }
    }
  } catch {
    return []
  }
  return body + [answer.isComplete ? 1 : 0]
}
