/// Inputs that are meant to find a difference to Go, made from a seed.
struct DeflateDifferentialCase {
  var data: [UInt8]
  /// The sizes of the writes, or of the files in a tar archive; what is left is one more.
  var sizes: [Int]
  var isTar = false

  /// The case with this number; always the same.
  init(seed: UInt64, number: Int) {
    var make = Maker(
      state: seed &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(number) &* 0x2545_f491_4f6c_dd1d)
    switch number % 10 {
    case 5:
      data = make.drift()
      sizes = make.sizes(of: data.count)
    case 6:
      data = make.shortTail()
      sizes = []
    case 7:
      data = make.farCopies()
      sizes = make.sizesAroundSlides(of: data.count)
    case 8:
      data = make.nearlyStored()
      sizes = []
    default:
      data = make.data(number: number)
      sizes = make.sizes(of: data.count)
    }
    if number % 5 == 4 {
      isTar = true
      sizes = make.fileSizes(of: data.count)
    }
  }
}

private struct Maker {
  var state: UInt64

  /// Steele, Lea and Flood's SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[number(0...choices.count - 1)]
  }

  mutating func byte() -> UInt8 {
    UInt8(truncatingIfNeeded: next())
  }

  // MARK: - Data

  mutating func data(number index: Int) -> [UInt8] {
    let count =
      switch index % 8 {
      case 0: number(0...700)
      case 1, 2: number(0...20_000)
      // About what a window or a block holds, once or more.
      case 3: pick([32_768, 65_274, 65_535, 65_536, 98_304, 131_070]) + number(-300...300)
      case 4: 65_535 * number(1...3) + pick([0, 1, 31, 32, 33, 127, 128, 129, 200, 1500])
      default: number(20_000...150_000)
      }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    // Half of the cases are all of one kind, in the others it changes.
    let isMixed = next() % 2 == 0
    while bytes.count < count {
      let left = count - bytes.count
      append(isMixed ? min(left, number(1...40_000)) : left, to: &bytes)
    }
    return Array(bytes.prefix(count))
  }

  private mutating func append(_ count: Int, to bytes: inout [UInt8]) {
    let end = bytes.count + count
    switch number(0...13) {
    case 0:
      bytes += DeflateInputs.noise(count, seed: next() | 1)
    case 1:
      bytes += DeflateInputs.text(count, seed: next() | 1)
    case 2:
      bytes += DeflateInputs.manifests(count, seed: next() | 1)
    case 3:
      let symbols = number(1...20)
      let first = byte()
      while bytes.count < end {
        bytes.append(first &+ UInt8(next() % UInt64(symbols)))
      }
    case 4:
      while bytes.count < end {
        let length = number(1...pick([3, 12, 300, 70_000]))
        bytes += Array(repeating: byte(), count: min(length, end - bytes.count))
      }
    case 5:
      let periods = [2, 3, 5, 255, 258, 259, 4095, 4096, 4097, 32_506, 32_767, 32_768, 32_769]
      let period = DeflateInputs.noise(min(pick(periods), count), seed: next() | 1)
      for index in 0..<count {
        bytes.append(period[index % period.count])
      }
    case 6:
      appendCopies(count, to: &bytes, literals: pick([1, 4, 30, 300]))
    case 7:
      appendFourByteCollisions(
        count, to: &bytes, multiplier: 0x1e35_a7bd, bits: 17, bigEndian: true)
    case 8:
      appendFourByteCollisions(
        count, to: &bytes, multiplier: 2_654_435_761, bits: 15, bigEndian: false)
    case 9:
      appendSevenByteCollisions(count, to: &bytes)
    case 10:
      // Nearly even bytes: on one side or the other of what is stored without a look.
      let bias = number(0...40)
      while bytes.count < end {
        bytes.append(number(0...200) < bias ? byte() & 0x7f : byte())
      }
    case 11:
      // Many symbols of very different frequency: codes that reach their limit.
      let base = byte()
      while bytes.count < end {
        bytes.append(base &+ UInt8(min(next().trailingZeroBitCount * 4 + number(0...1), 255)))
      }
    case 12:
      appendVariations(count, to: &bytes)
    default:
      bytes += Array(repeating: byte(), count: count)
    }
  }

  /// Literals, and copies of what was before: at distances and of lengths where rules change.
  private mutating func appendCopies(_ count: Int, to bytes: inout [UInt8], literals: Int) {
    let end = bytes.count + count
    while bytes.count < end {
      for _ in 0..<number(0...literals) {
        bytes.append(byte())
      }
      let distances = [
        number(1...16), number(4090...4100), number(32_500...32_770), number(1...40_000),
        number(1...1000),
      ]
      let distance = pick(distances)
      let lengths = [
        3, 4, 5, 6, 7, 8, number(12...20), number(125...131), number(255...264), number(500...530),
      ]
      guard distance <= bytes.count else { continue }
      for _ in 0..<pick(lengths) {
        bytes.append(bytes[bytes.count - distance])
      }
    }
  }

  /// Noise, and much of what was just in reach: which is lost when the window moves too soon.
  mutating func farCopies() -> [UInt8] {
    var bytes = DeflateInputs.noise(32_768, seed: next() | 1)
    let count = number(66_000...110_000)
    while bytes.count < count {
      for _ in 0..<number(1...4) {
        bytes.append(byte())
      }
      let distance = number(32_500...32_768)
      for _ in 0..<number(4...20) {
        bytes.append(bytes[bytes.count - distance])
      }
    }
    return bytes
  }

  /// Blocks that are nearly alike: for which the code of the one before is about as good as a new one.
  mutating func drift() -> [UInt8] {
    let text = DeflateInputs.text(20_000, seed: next() | 1)
    var bytes: [UInt8] = []
    var shares = (0..<3).map { _ in number(0...10) }
    while bytes.count < 4 * 65_535 {
      shares[number(0...2)] += number(-1...1)
      let start = number(0...15_000)
      for _ in 0..<40 {
        bytes += text[start..<start + number(0...30)]
        bytes += DeflateInputs.noise(max(shares[0], 0), seed: next() | 1)
        for _ in 0..<max(shares[1], 0) {
          bytes.append(UInt8(number(48...57)))
        }
        for _ in 0..<max(shares[2], 0) {
          bytes.append(UInt8(number(97...122)))
        }
      }
    }
    return bytes
  }

  /// A block, and a last one of few tokens: in the code of the first, a new or the fixed one.
  mutating func shortTail() -> [UInt8] {
    let text =
      number(0...1) == 0
      ? DeflateInputs.text(70_000, seed: next() | 1)
      : DeflateInputs.manifests(70_000, seed: next() | 1)
    var bytes = Array(text.prefix(65_535))
    let count = bytes.count + number(128...900)
    while bytes.count < count {
      switch number(0...2) {
      case 0:
        bytes += text[65_600...].prefix(number(1...60))
      case 1:
        let start = number(0...60_000)
        bytes += text[start..<start + number(4...pick([20, 200]))]
      default:
        bytes += DeflateInputs.noise(number(1...pick([2, 20])), seed: next() | 1)
      }
    }
    return bytes
  }

  /// A few bytes that take just about as much in the fixed code as when they are stored.
  ///
  /// A byte from 144 costs a bit more than it saves: about thirty outweigh a stored block's header,
  /// and more what a match saves.
  mutating func nearlyStored() -> [UInt8] {
    let count = number(128...248)
    let copied = pick([0, number(12...20)])
    let high = 30 + max(0, 8 * copied - 20) + number(-8...8)
    var bytes = (0..<count).map { _ in UInt8(number(0...143)) }
    for _ in 0..<min(high, count) {
      bytes[number(0...count - 1)] = UInt8(number(144...255))
    }
    return bytes + bytes.prefix(copied)
  }

  /// Words of four bytes that are different and have one hash, as hash tables fear them.
  private mutating func appendFourByteCollisions(
    _ count: Int,
    to bytes: inout [UInt8],
    multiplier: UInt32,
    bits: UInt32,
    bigEndian: Bool
  ) {
    let end = bytes.count + count
    // By Newton, each step doubles the bits that are right.
    var inverse = multiplier
    for _ in 0..<5 {
      inverse = inverse &* (2 &- multiplier &* inverse)
    }
    let hash = UInt32(truncatingIfNeeded: next()) >> (32 - bits)
    let variety = UInt32(1) << UInt32(number(2...14))
    while bytes.count < end {
      let low = UInt32(truncatingIfNeeded: next()) % variety
      let word = (hash << (32 - bits) | low) &* inverse
      withUnsafeBytes(of: bigEndian ? word.bigEndian : word.littleEndian) { bytes += $0 }
      if next() % 8 == 0 {
        bytes.append(byte())
      }
    }
  }

  /// The same for seven bytes and the hash that Go 1.27 makes of them.
  private mutating func appendSevenByteCollisions(_ count: Int, to bytes: inout [UInt8]) {
    let end = bytes.count + count
    let multiplier: UInt64 = 58_295_818_150_454_627
    var inverse = multiplier
    for _ in 0..<6 {
      inverse = inverse &* (2 &- multiplier &* inverse)
    }
    // The seven bytes are the upper ones of a product whose lowest byte is 0.
    let hash = next() >> 49
    let variety = UInt64(1) << UInt64(number(2...12))
    while bytes.count < end {
      let product = hash << 49 | (next() % variety) << 8
      let word = (product &* inverse) >> 8
      withUnsafeBytes(of: word.littleEndian) { bytes += $0.prefix(7) }
      if next() % 8 == 0 {
        bytes.append(byte())
      }
    }
  }

  /// Text whose letters shift slowly: codes that still fit the next block, or just do not.
  private mutating func appendVariations(_ count: Int, to bytes: inout [UInt8]) {
    let end = bytes.count + count
    var shift: UInt8 = 0
    var text = DeflateInputs.text(4000, seed: next() | 1)
    let every = pick([100, 3000, 20_000, 60_000])
    while bytes.count < end {
      for index in text.indices.prefix(every) where text[index] != 10 {
        text[index] = 32 + (text[index] &+ shift) % 90
      }
      bytes += text
      if number(0...every) < text.count {
        shift = UInt8(number(0...3))
        text = DeflateInputs.text(4000, seed: next() | 1)
      }
    }
  }

  // MARK: - Sizes

  mutating func sizes(of count: Int) -> [Int] {
    switch number(0...6) {
    case 0:
      return []
    case 1:
      let sizes = [7, 100, 511, 512, 513, 4096, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537]
      let size = pick(count < 3000 ? [1, 2, 3] + sizes : sizes)
      return Array(repeating: size, count: count / size)
    case 2:
      // As tar would write it.
      return (0..<count / 33_280).flatMap { _ in [512, 32_768] }
    case 3, 4:
      return sizesAroundSlides(of: count)
    default:
      let largest = pick([10, 1000, 50_000, 140_000])
      var sizes: [Int] = []
      var left = count
      while left > 0, sizes.count < 20_000 {
        sizes.append(number(0...largest))
        left -= sizes[sizes.count - 1]
      }
      return sizes
    }
  }

  /// Up to where the window may move, then byte by byte, or nearly, through where it must.
  mutating func sizesAroundSlides(of count: Int) -> [Int] {
    var sizes: [Int] = []
    var left = count
    var target = pick([65_274 + number(-20...300), 65_536 - number(0...10)])
    let step = pick([1, 1, 2, 5, 17, 100])
    while left > 0 {
      sizes.append(target)
      left -= target
      var near = number(0...600)
      while near > 0, left > 0 {
        let size = number(1...step)
        sizes.append(size)
        near -= size
        left -= size
      }
      target = 32_768 + number(-700...100)
    }
    return sizes
  }

  mutating func fileSizes(of count: Int) -> [Int] {
    let largest = pick([600, 5000, 40_000, 100_000])
    var sizes: [Int] = []
    var left = count
    while left > 0, sizes.count < 400 {
      let size = next() % 4 == 0 ? 512 * number(0...largest / 512) : number(0...largest)
      sizes.append(size)
      left -= size
    }
    return sizes
  }
}
