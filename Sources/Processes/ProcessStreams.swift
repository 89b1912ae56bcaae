import Platform
import SystemPackage

/// Our ends of a child's streams, and what has come out of them; used by one thread.
struct ProcessStreams {
  /// One stream out of the child.
  struct Capture {
    fileprivate let pipe: Pipe?
    private let file: FileDescriptor?
    fileprivate let limit: Int
    fileprivate(set) var bytes: [UInt8] = []

    fileprivate init(_ output: ChildProcess.Output) throws(Errno) {
      guard case .captured(let limit) = output else {
        pipe = nil
        if case .file(let file) = output { self.file = file } else { file = nil }
        self.limit = 0
        return
      }
      file = nil
      pipe = try Pipe()
      pipe?.reading?.stopBlocking()
      self.limit = limit
    }

    fileprivate var stream: Program.Stream {
      (pipe?.writing ?? file).map { .descriptor($0) } ?? .inherited
    }

    /// Takes what is there, at most one byte more than may come.
    fileprivate mutating func take() {
      guard let pipe, let end = pipe.reading else { return }
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      guard let count = try? piece.withUnsafeMutableBytes({ try end.read(into: $0) }) else {
        return
      }
      bytes.append(contentsOf: piece[..<min(count, limit + 1 - bytes.count)])
      if count == 0 { pipe.closeReading() }
    }
  }

  /// Where a byte ends the wait of ``move(until:)``.
  let wake: Pipe
  private let input: Pipe?
  /// What the child has not been given yet.
  private var rest: ArraySlice<UInt8> = []
  private(set) var output: Capture
  private(set) var errors: Capture
  private let inputIsInherited: Bool

  init(_ process: ChildProcess) throws(Errno) {
    wake = try Pipe()
    wake.reading?.stopBlocking()
    wake.writing?.stopBlocking()
    output = try Capture(process.output)
    errors = try Capture(process.errors)
    switch process.input {
    case .nothing, .inherited: input = nil
    case .bytes(let bytes):
      input = try Pipe()
      input?.writing?.stopBlocking()
      rest = bytes[...]
    }
    if case .inherited = process.input { inputIsInherited = true } else { inputIsInherited = false }
  }

  func connect(_ program: inout Program) {
    program.input =
      input?.reading.map { .descriptor($0) } ?? (inputIsInherited ? .inherited : .nothing)
    program.output = output.stream
    program.errors = errors.stream
  }

  /// To be called when the child has them: while we keep them open, none reaches its end.
  func closeChildEnds() {
    input?.closeReading()
    output.pipe?.closeWriting()
    errors.pipe?.closeWriting()
  }

  /// Whether the child and its descendants have closed their streams.
  var areDone: Bool {
    output.pipe?.reading == nil && errors.pipe?.reading == nil
  }

  /// The limit of a stream that brought more.
  var exceeded: Int? {
    [output, errors].first { $0.bytes.count > $0.limit }?.limit
  }

  /// Waits until something can be moved or the alarm comes, and moves it.
  mutating func move(until limit: ContinuousClock.Instant?) {
    if rest.isEmpty { input?.closeWriting() }
    let left = limit.map {
      Int((ContinuousClock.now.duration(to: $0) / .milliseconds(1)).rounded(.up))
    }
    let ready = waitUntilReady(
      reading: [wake.reading, output.pipe?.reading, errors.pipe?.reading].compactMap(\.self),
      writing: [input?.writing].compactMap(\.self), milliseconds: left)
    func isReady(_ end: FileDescriptor?) -> Bool { end.map(ready.contains) ?? false }
    if let end = wake.reading, isReady(end) {
      var piece = [UInt8](repeating: 0, count: 64)
      _ = try? piece.withUnsafeMutableBytes { try end.read(into: $0) }
    }
    if isReady(output.pipe?.reading) { output.take() }
    if isReady(errors.pipe?.reading) { errors.take() }
    if let end = input?.writing, isReady(end) {
      do {
        rest = rest.dropFirst(try rest.withUnsafeBytes { try end.write($0) })
      } catch Errno.resourceTemporarilyUnavailable {
        // It comes again.
      } catch {
        // It reads no more: that is its right.
        rest = []
      }
    }
  }
}
