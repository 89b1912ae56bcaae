import CZlib

/// Reads the content of a gzip file, member after member, on demand.
///
/// The member headers and trailers are read here and only the DEFLATE body by zlib, so that damaged
/// input fails as it does in Go (`compress/gzip/gunzip.go`, `compress/flate/inflate.go`): what was
/// decoded before the damage is handed out first, bytes after the last member are an invalid header
/// once it is read that far, and the texts are Go's.
package final class GunzipReader {
  /// Fills a part of the buffer and returns how many bytes it wrote; 0 is the end of the input.
  package typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int

  private let source: Source
  private let inflater: Inflater
  private var input = InputBuffer()
  private var checksum: UInt32 = 0
  /// Bytes of the current member so far.
  private var memberSize = 0
  /// Whether the DEFLATE data of the current member has not ended.
  private var isInsideMember = false
  /// Set when nothing more can be read: `.some(nil)` is the regular end.
  private var ending: ArchiveError??

  /// Reads the first header.
  ///
  /// - Throws: `ArchiveError`: `.empty`, `.gzipHeader`, `.unexpectedEnd` or `.source`.
  package init(_ source: @escaping Source) throws(ArchiveError) {
    self.source = source
    inflater = try Inflater()
    guard try readHeader() else { throw ArchiveError(.empty) }
  }

  /// Decompresses into the buffer, which must not be empty.
  ///
  /// - Returns: how many bytes were written; 0 is the end of the last member.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    if let ending {
      if let error = ending {
        throw error
      }
      return 0
    }
    do throws(ArchiveError) {
      while true {
        let (count, memberEnded) = try inflate(into: buffer)
        if memberEnded {
          do throws(ArchiveError) {
            try readTrailer()
            if try !readHeader() {
              ending = .some(nil)
            }
          } catch {
            // What the member held comes first; the error is for the next call.
            guard count > 0 else { throw error }
            ending = error
          }
        }
        if count > 0 || ending != nil {
          return count
        }
      }
    } catch {
      ending = error
      throw error
    }
  }

  /// Ends reading, with the error that Go's reader has noticed by then, if any.
  ///
  /// Go decodes up to the next full 32 KiB window of a member before it hands out the first byte of
  /// it, and `Close` returns what went wrong on the way (`compress/flate/inflate.go`). A file that is
  /// cut off shortly behind what was read is damaged for the controller, too. Where exactly a cut is
  /// noticed differs by the few symbols that Go cannot decode without bits that follow them.
  ///
  /// - Throws: `ArchiveError` for damaged or missing DEFLATE data; not for anything around it.
  package func close() throws(ArchiveError) {
    if case .some(.some(let error)) = ending {
      switch error.kind {
      case .corruptDeflate, .source: throw error
      case .unexpectedEnd where isInsideMember: throw error
      default: return
      }
    }
    guard ending == nil, isInsideMember else { return }
    var rest = -memberSize & (GunzipReader.window - 1)
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
    defer { scratch.deallocate() }
    while rest > 0 {
      let part = UnsafeMutableRawBufferPointer(rebasing: scratch[..<min(rest, scratch.count)])
      let (count, memberEnded) = try inflate(into: part)
      if let error = ending ?? nil {
        throw error
      }
      if memberEnded {
        return
      }
      rest -= count
    }
  }

  private static let window = 32 << 10

  private func inflate(
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) -> (count: Int, memberEnded: Bool) {
    while true {
      if input.isEmpty, try !refill() {
        throw ArchiveError(.unexpectedEnd)
      }
      let step = inflater.step(input.remaining, into: buffer)
      input.drop(step.consumed)
      let produced = UnsafeRawBufferPointer(rebasing: buffer[..<step.produced])
      checksum = crc(checksum, produced)
      memberSize += step.produced
      switch step.outcome {
      case .more:
        if step.produced > 0 {
          return (step.produced, false)
        }
      case .ended:
        isInsideMember = false
        return (step.produced, true)
      case .corrupt(let offset):
        let error = ArchiveError(.corruptDeflate(offset: offset))
        guard step.produced > 0 else { throw error }
        ending = error
        return (step.produced, false)
      case .failed(let code):
        throw ArchiveError(.codec(code: code))
      }
    }
  }

  private func readTrailer() throws(ArchiveError) {
    var trailer: [UInt8] = []
    for _ in 0..<8 {
      trailer.append(try requiredByte())
    }
    guard littleEndian(trailer[0..<4]) == checksum,
      littleEndian(trailer[4..<8]) == UInt32(truncatingIfNeeded: memberSize)
    else {
      throw ArchiveError(.gzipChecksum)
    }
  }

  /// Reads a member's header; `false` where the input ends before its first byte.
  private func readHeader() throws(ArchiveError) -> Bool {
    guard let first = try byte() else { return false }
    var header = [first]
    while header.count < 10 {
      header.append(try requiredByte())
    }
    guard header[0] == 0x1F, header[1] == 0x8B, header[2] == 8 else {
      throw ArchiveError(.gzipHeader)
    }
    let flags = HeaderFlags(rawValue: header[3])
    if flags.contains(.extra) {
      let low = try requiredByte()
      let high = try requiredByte()
      header += [low, high]
      for _ in 0..<(Int(high) << 8 | Int(low)) {
        header.append(try requiredByte())
      }
    }
    for text in [HeaderFlags.name, .comment] where flags.contains(text) {
      try readText(into: &header)
    }
    if flags.contains(.checksum) {
      let expected = UInt16(truncatingIfNeeded: header.withUnsafeBytes { crc(0, $0) })
      let low = try requiredByte()
      let high = try requiredByte()
      guard UInt16(high) << 8 | UInt16(low) == expected else {
        throw ArchiveError(.gzipHeader)
      }
    }
    checksum = 0
    memberSize = 0
    isInsideMember = true
    inflater.reset()
    return true
  }

  /// Reads a text that ends in a zero byte; Go takes 512 bytes at most.
  private func readText(into header: inout [UInt8]) throws(ArchiveError) {
    for _ in 0..<512 {
      let byte = try requiredByte()
      header.append(byte)
      if byte == 0 {
        return
      }
    }
    throw ArchiveError(.gzipHeader)
  }

  private func requiredByte() throws(ArchiveError) -> UInt8 {
    guard let byte = try byte() else { throw ArchiveError(.unexpectedEnd) }
    return byte
  }

  private func byte() throws(ArchiveError) -> UInt8? {
    if input.isEmpty, try !refill() {
      return nil
    }
    return input.next()
  }

  private func refill() throws(ArchiveError) -> Bool {
    do {
      return try input.refill(from: source)
    } catch {
      throw ArchiveError(.source, underlying: error)
    }
  }

  private struct HeaderFlags: OptionSet {
    let rawValue: UInt8
    static let checksum = HeaderFlags(rawValue: 1 << 1)
    static let extra = HeaderFlags(rawValue: 1 << 2)
    static let name = HeaderFlags(rawValue: 1 << 3)
    static let comment = HeaderFlags(rawValue: 1 << 4)
  }
}

/// Compressed bytes that were read and not yet used.
private struct InputBuffer: ~Copyable {
  private let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 8)
  private var start = 0
  private var end = 0

  deinit {
    storage.deallocate()
  }

  var isEmpty: Bool {
    start == end
  }

  var remaining: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: storage[start..<end])
  }

  mutating func drop(_ count: Int) {
    start += count
  }

  mutating func next() -> UInt8 {
    defer { start += 1 }
    return storage[start]
  }

  /// Replaces the used-up content; `false` at the end of the input.
  mutating func refill(from source: GunzipReader.Source) throws -> Bool {
    let count = try source(storage)
    start = 0
    end = min(max(count, 0), storage.count)
    return end > 0
  }
}

/// Raw DEFLATE decoding by zlib.
private final class Inflater {
  enum Outcome {
    case more
    case ended
    case corrupt(offset: Int)
    case failed(code: Int32)
  }

  struct Step {
    let consumed: Int
    let produced: Int
    let outcome: Outcome
  }

  /// zlib's state points back to the stream, which therefore must not move.
  private let stream: UnsafeMutablePointer<z_stream>

  init() throws(ArchiveError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let code = inflateInit2_(
      stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      stream.deallocate()
      throw ArchiveError(.codec(code: code))
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func reset() {
    inflateReset(stream)
  }

  func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Step {
    stream.point(input: input)
    stream.point(output: output)
    let code = CZlib.inflate(stream, Z_NO_FLUSH)
    let consumed = input.count - Int(stream.pointee.avail_in)
    let produced = min(output.count, Int(UInt32.max)) - Int(stream.pointee.avail_out)
    let outcome: Outcome =
      switch code {
      // No progress is no error: the caller comes back with more input or room.
      case Z_OK, Z_BUF_ERROR: .more
      case Z_STREAM_END: .ended
      case Z_DATA_ERROR, Z_NEED_DICT: .corrupt(offset: Int(stream.pointee.total_in))
      default: .failed(code: code)
      }
    stream.forgetBuffers()
    return Step(consumed: consumed, produced: produced, outcome: outcome)
  }
}

extension UnsafeMutablePointer<z_stream> {
  fileprivate func point(input: UnsafeRawBufferPointer) {
    // zlib only reads from `next_in`; the field is not const unless ZLIB_CONST is defined.
    let start = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
    pointee.next_in = UnsafeMutablePointer<Bytef>(mutating: start)
    pointee.avail_in = UInt32(input.count)
  }

  fileprivate func point(output: UnsafeMutableRawBufferPointer) {
    pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
    pointee.avail_out = UInt32(min(output.count, Int(UInt32.max)))
  }

  /// The buffers belong to the caller and may be gone at the next call.
  fileprivate func forgetBuffers() {
    pointee.next_in = nil
    pointee.avail_in = 0
    pointee.next_out = nil
    pointee.avail_out = 0
  }
}

private func crc(_ checksum: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
  guard let start = bytes.baseAddress?.assumingMemoryBound(to: Bytef.self) else { return checksum }
  return UInt32(truncatingIfNeeded: crc32_z(UInt(checksum), start, bytes.count))
}

private func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
}
