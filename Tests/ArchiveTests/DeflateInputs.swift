/// The inputs of `Fixtures/deflate/expected.json`, by their names there.
///
/// Each is made from nothing but a seed, so that it need not be kept; the fixture has its digest.
enum DeflateInputs {
  /// - Returns: `nil` for a name that is not known.
  static func input(named name: String) -> [UInt8]? {
    let parts = name.split(separator: "-").map(String.init)
    guard parts.count > 1, let number = Int(parts[0]) else { return nil }
    let last = Int(parts[parts.count - 1]) ?? 0
    switch number {
    case 0: return []
    case 1: return Array("a".utf8)
    case 2: return Array("hello, world\n".utf8)
    case 3: return Array("abc".utf8)
    case 4: return Array("aaaa".utf8)
    case 6: return Array(repeating: UInt8(ascii: "c"), count: 263)
    case 7: return Array(repeating: 0, count: 512)
    case 8: return Array(repeating: 0, count: 1024)
    case 9: return Array(repeating: 0, count: 1 << 16)
    case 10: return Array(repeating: 0, count: 1 << 20)
    case 11: return Array(repeating: 0, count: 4 << 20)
    case 12...23: return text(last, seed: UInt64(77 + number - 12))
    case 24...28: return noise(last, seed: UInt64(99 + number - 24))
    case 29...32: return manifests(last, seed: UInt64(11 + number - 29))
    case 33...35: return mixture(last, seed: UInt64(21 + number - 33))
    case 36: return text(4 << 20, seed: 5)
    case 37: return Array(repeating: (0...255).map(UInt8.init), count: 4096).flatMap(\.self)
    case 38: return repeated(noise(last, seed: 3), 8)
    case 39: return repeated(noise(last, seed: 4), 8)
    case 41:
      let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
      return noise(500_000, seed: 8).map { alphabet[Int($0 & 63)] }
    case 42: return noise(300_000, seed: 9).map { 65 + ($0 & 1) }
    case 43: return fibonacci()
    case 44:
      return (0..<3000).flatMap { Array(repeating: UInt8($0 % 251), count: 1 + $0 % 700) }
    case 45: return repeated(Array("καλημέρα κόσμε — 世界 🌍\n".utf8), 20_000)
    default: return nil
    }
  }

  static func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count * count)
    for _ in 0..<count {
      result += bytes
    }
    return result
  }

  /// Marsaglia's xorshift with the shifts 13, 7 and 17.
  struct XorShift {
    var state: UInt64

    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = XorShift(state: seed)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
      withUnsafeBytes(of: random.next().littleEndian) { bytes += $0 }
    }
    return Array(bytes.prefix(count))
  }

  private static let words =
    """
    apiVersion kind metadata name namespace spec replicas template containers image ports labels \
    app selector matchLabels Deployment Service ConfigMap the quick brown fox jumps over lazy dog \
    lorem ipsum dolor sit amet values enabled true false
    """.split(separator: " ").map { Array($0.utf8) }

  static func text(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = XorShift(state: seed)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 16)
    while bytes.count < count {
      bytes += words[Int(random.next() % UInt64(words.count))]
      bytes.append(random.next() % 9 == 0 ? UInt8(ascii: "\n") : UInt8(ascii: " "))
    }
    return Array(bytes.prefix(count))
  }

  static func manifests(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = XorShift(state: seed)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 512)
    var index = 0
    while bytes.count < count {
      let manifest = """
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: app-\(random.next() % 5000)
          namespace: ns-\(random.next() % 40)
          labels: {app.kubernetes.io/name: app-\(index)}
        spec:
          replicas: \(random.next() % 7)
          template:
            spec:
              containers:
                - name: c\(random.next() % 9)
                  image: ghcr.io/example/app:\(random.next() % 99).\(random.next() % 99)\
        .\(random.next() % 99)@sha256:\(hexadecimal(random.next()))\(hexadecimal(random.next()))

        """
      bytes += manifest.utf8
      index += 1
    }
    return Array(bytes.prefix(count))
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  static func mixture(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = XorShift(state: seed)
    var bytes: [UInt8] = []
    var index: UInt64 = 0
    while bytes.count < count {
      let kind = random.next() % 4
      let length = 1000 + Int(random.next() % 60_000)
      switch kind {
      case 0: bytes += text(length, seed: seed + index + 1)
      case 1: bytes += noise(length, seed: seed + index + 1)
      case 2: bytes += Array(repeating: UInt8(random.next() % 256), count: length)
      default: bytes += manifests(length, seed: seed + index + 1)
      }
      index += 1
    }
    return Array(bytes.prefix(count))
  }

  /// One Fibonacci word after the other.
  private static func fibonacci() -> [UInt8] {
    var words = [Array("a".utf8), Array("ab".utf8)]
    var bytes: [UInt8] = []
    for _ in 0..<24 {
      words.append(words[words.count - 1] + words[words.count - 2])
      bytes += words[words.count - 1]
    }
    return Array(bytes.prefix(1_500_000))
  }
}
