import Content
import Testing

@Suite struct ChecksumTests {
  @Test(arguments: [
    ("", 1), ("a", 0x0062_0062), ("Wikipedia", 0x11E6_0398), ("message digest", 0x2975_0586),
  ])
  func `Adler-32 is the known one`(text: String, expected: UInt32) {
    var checksum = Adler32()
    checksum.update(Array(text.utf8))
    #expect(checksum.value == expected)
  }

  @Test func `adler of pieces is adler of the whole`() {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 251 ^ 255) }
    var whole = Adler32()
    whole.update(bytes)
    var pieces = Adler32()
    for start in stride(from: 0, to: bytes.count, by: 777) {
      pieces.update(Array(bytes[start..<min(start + 777, bytes.count)]))
    }
    #expect(whole.value == pieces.value)
    // All bytes 0xff for longer than the sums could go unreduced.
    var high = Adler32()
    high.update([UInt8](repeating: 0xff, count: 1 << 16))
    #expect(high.value == 0x7797_0ef2)
  }

  /// The vectors of FIPS 180-4 for "abc".
  @Test(arguments: [
    (
      DigestAlgorithm.sha256,
      "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    ),
    (
      .sha384,
      "sha384:cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
        + "8086072ba1e7cc2358baeca134c825a7"
    ),
    (
      .sha512,
      "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    ),
  ])
  func `digests are the known ones`(algorithm: DigestAlgorithm, expected: String) {
    #expect("\(Digester.digest(Array("abc".utf8), algorithm))" == expected)
  }

  @Test func `digest of a copy goes its own way`() {
    var first = Digester(.sha256)
    Array("a".utf8).withUnsafeBytes { first.update($0) }
    var second = first
    Array("bc".utf8).withUnsafeBytes { second.update($0) }
    #expect(first.finish() == Digester.digest(Array("a".utf8)))
    #expect(second.finish() == Digester.digest(Array("abc".utf8)))
  }
}
