import Testing

@testable import Archive

@Suite struct GzipEncoderTests {
  private static let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]

  @Test(
    arguments: [
      (Compressor.go126, [1, 0, 0, 0xff, 0xff]),
      (Compressor.go127, [3, 0]),
    ] as [(Compressor, [UInt8])])
  func `nothing is a header an empty block and zeros`(compressor: Compressor, block: [UInt8]) {
    let expected = Self.header + block + Array(repeating: 0, count: 8)
    #expect(gzip([], compressor) == expected)
    // No write at all, and writes of nothing, are the same.
    var encoder = GzipEncoder(compressor: compressor)
    var result: [UInt8] = []
    encoder.finish { result += $0 }
    #expect(result == expected)
    #expect(gzip([], sizes: [0, 0, 0], compressor) == expected)
  }

  @Test(arguments: Compressor.allCases)
  func `trailer has checksum and size`(compressor: Compressor) {
    let stream = gzip(Array("123456789".utf8), compressor)
    #expect(Array(stream.suffix(8)) == [0x26, 0x39, 0xf4, 0xcb, 9, 0, 0, 0])
  }

  @Test func `writes of nothing change nothing`() {
    let data = DeflateInputs.text(200_000, seed: 1)
    let sizes = Array(repeating: 512, count: 300)
    let withNothing = sizes.flatMap { [0, $0, 0] }
    #expect(gzip(data, sizes: sizes, .go126) == gzip(data, sizes: withNothing, .go126))
  }

  /// The window moves where a fill begins, so up to Go 1.26 the sizes of writes are part of the input.
  @Test func `sizes of writes matter to go1.26 only`() {
    // 65,274 is where a window that has no more room moves; what is repeated there is in reach as
    // long as it has not.
    let noise = DeflateInputs.noise(70_000, seed: 1)
    let data = noise[..<65_274] + noise[32_574..<32_774] + noise[65_274...]
    let sizes = [65_000] + Array(repeating: 1, count: 1000)
    let inPieces = Compressor.allCases.map { gzip(Array(data), sizes: sizes, $0).count }
    let atOnce = Compressor.allCases.map { gzip(Array(data), $0).count }
    #expect(inPieces[0] > atOnce[0] + 100)
    #expect(inPieces[1] == atOnce[1])
  }

  @Test(arguments: Compressor.allCases)
  func `inflates to the input`(compressor: Compressor) throws {
    for seed in 1...5 {
      let data = DeflateInputs.mixture(300_000, seed: UInt64(seed))
      let stream = gzip(data, sizes: Array(repeating: 32_768, count: 5), compressor)
      #expect(try gunzip(stream) == data)
    }
  }

  /// A file of any size in one write comes out in small pieces.
  @Test(arguments: Compressor.allCases)
  func `pieces stay small`(compressor: Compressor) {
    let data = DeflateInputs.noise(3 << 20, seed: 1)
    var encoder = GzipEncoder(compressor: compressor)
    var total = 0
    var largest = 0
    let sink = { (piece: UnsafeRawBufferPointer) in
      total += piece.count
      largest = max(largest, piece.count)
    }
    data.withUnsafeBytes { encoder.write($0, into: sink) }
    #expect(total > 2 << 20)
    encoder.finish(into: sink)
    #expect(total > 3 << 20)
    #expect(largest < 1 << 18)
  }

  private struct Full: Error {}

  @Test(arguments: Compressor.allCases)
  func `a failing sink ends the write`(compressor: Compressor) {
    let data = DeflateInputs.noise(1 << 20, seed: 1)
    var encoder = GzipEncoder(compressor: compressor)
    var calls = 0
    #expect(throws: Full.self) {
      try data.withUnsafeBytes { bytes in
        try encoder.write(bytes) { _ in
          calls += 1
          if calls == 3 {
            throw Full()
          }
        }
      }
    }
    #expect(calls == 3)
  }

  @Test(
    arguments: [
      (Array("".utf8), 0),
      (Array("123456789".utf8), 0xcbf4_3926),
      (Array("The quick brown fox jumps over the lazy dog".utf8), 0x414f_a339),
      (Array(repeating: 0, count: 32), 0x190a_55ad),
      (Array(repeating: 0xff, count: 32), 0xff6c_ab0b),
    ] as [([UInt8], UInt32)])
  func `checksum is the known one`(bytes: [UInt8], expected: UInt32) {
    // However it is cut, and so through the loop over single bytes as well.
    for cut in 0...bytes.count {
      var checksum = CRC32()
      pieces(of: bytes, sizes: [cut]) { checksum.update($0) }
      #expect(checksum.value == expected)
    }
  }
}
