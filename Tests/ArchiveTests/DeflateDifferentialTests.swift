import Archive
import Content
import Foundation
import Testing

/// Many streams, compared with what real Go makes of the same writes: `Tests/Differential/run`.
///
/// Skipped unless the environment names the two programs that `Differential/compress.go` was built
/// into, `ARTIFACT_GO126` and `ARTIFACT_GO127`. `ARTIFACT_DIFFERENTIAL_CASES` (a number) and
/// `ARTIFACT_DIFFERENTIAL_SEED` are for longer hunts.
@Suite(.enabled(if: variable("ARTIFACT_GO126") != nil && variable("ARTIFACT_GO127") != nil))
struct DeflateDifferentialTests {
  private static let batch = 250

  @Test(arguments: Compressor.allCases)
  func `is what Go makes`(compressor: Compressor) throws {
    let program = try #require(
      variable(compressor == .go126 ? "ARTIFACT_GO126" : "ARTIFACT_GO127"))
    let count = try number("ARTIFACT_DIFFERENTIAL_CASES", otherwise: 2000)
    let seed = try number("ARTIFACT_DIFFERENTIAL_SEED", otherwise: 1)
    var different: [String] = []
    for start in stride(from: 0, to: count, by: Self.batch) {
      let numbers = start..<min(start + Self.batch, count)
      var cases = numbers.map { DeflateDifferentialCase(seed: UInt64(seed), number: $0) }
      let answers = try ask(program, cases)
      try #require(answers.count == cases.count)
      for (index, answer) in zip(cases.indices, answers) {
        let stream = cases[index].compressed(compressor)
        let name = "seed \(seed), case \(numbers.lowerBound + index)"
        if DeflateGoldenTests.Stream(stream) != answer {
          different.append("\(name): \(stream.count) bytes, Go makes \(answer.length)")
        }
        if (try? gunzip(stream)) != cases[index].content {
          different.append("\(name): does not inflate to the input")
        }
        cases[index].data = []
      }
    }
    #expect(different == [])
  }

  private func number(_ name: String, otherwise: Int) throws -> Int {
    guard let text = variable(name) else { return otherwise }
    return try #require(Int(text))
  }

  /// Runs the Go program over the cases; returns its answers.
  private func ask(
    _ program: String,
    _ cases: [DeflateDifferentialCase]
  ) throws -> [DeflateGoldenTests.Stream] {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (questions, answers) = (folder.appending(path: "in"), folder.appending(path: "out"))
    try Data(cases.flatMap(\.question)).write(to: questions)
    try Data().write(to: answers)

    let process = Process()
    process.executableURL = URL(filePath: program)
    process.standardInput = try FileHandle(forReadingFrom: questions)
    process.standardOutput = try FileHandle(forWritingTo: answers)
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)

    var rest = try Data(contentsOf: answers)[...]
    var streams: [DeflateGoldenTests.Stream] = []
    while rest.count >= 40 {
      let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let digest = rest.dropFirst(8).prefix(32)
      streams.append(
        DeflateGoldenTests.Stream(
          length: length, sha256: digest.map { String(format: "%02x", $0) }.joined()))
      rest = rest.dropFirst(40)
    }
    return streams
  }
}

private func variable(_ name: String) -> String? {
  ProcessInfo.processInfo.environment[name]
}

extension DeflateDifferentialCase {
  /// As `Differential/compress.go` reads it.
  var question: [UInt8] {
    var bytes = [UInt8(ascii: isTar ? "t" : "g")]
    for number in [sizes.count] + sizes + [data.count] {
      withUnsafeBytes(of: UInt32(number).littleEndian) { bytes += $0 }
    }
    return bytes + data
  }

  /// What is compressed: the data, or a tar archive of it.
  var content: [UInt8] {
    writes.flatMap(\.self)
  }

  func compressed(_ compressor: Compressor) -> [UInt8] {
    var encoder = GzipEncoder(compressor: compressor)
    var result: [UInt8] = []
    for write in writes {
      write.withUnsafeBytes { bytes in
        encoder.write(bytes) { result += $0 }
      }
    }
    encoder.finish { result += $0 }
    return result
  }

  private var writes: [ArraySlice<UInt8>] {
    var rest = data[...]
    var writes: [ArraySlice<UInt8>] = []
    for (index, size) in (sizes + [data.count]).enumerated() {
      let piece = rest.prefix(size)
      rest = rest.dropFirst(size)
      guard isTar else {
        writes.append(piece)
        continue
      }
      writes.append(tarHeader(name: "file-\(index)", size: piece.count)[...])
      for start in stride(from: piece.startIndex, to: piece.endIndex, by: 32_768) {
        writes.append(piece[start..<min(start + 32_768, piece.endIndex)])
      }
      if piece.count % 512 != 0 {
        writes.append(Array(repeating: 0, count: 512 - piece.count % 512)[...])
      }
    }
    if isTar {
      writes += Array(repeating: Array(repeating: 0, count: 512)[...], count: 2)
    }
    return writes
  }

  /// The header of a file with mode 0600 and nothing else of interest.
  private func tarHeader(name: String, size: Int) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func set(_ text: String, at offset: Int) {
      header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    set(name, at: 0)
    set("0000600", at: 100)
    set("0000000", at: 108)
    set("0000000", at: 116)
    set(String(format: "%011o", size), at: 124)
    set("00000000000", at: 136)
    set("        0", at: 148)
    set("ustar\u{0}00", at: 257)
    set("0000000", at: 329)
    set("0000000", at: 337)
    let sum = header.reduce(0) { $0 + Int($1) }
    set(String(format: "%06o\u{0} ", sum), at: 148)
    return header
  }
}
