import Synchronization
import Testing
import Text

@testable import Commands

@Suite struct SmallPartsTests {

  @Test(arguments: [
    ("get", "get", 0), ("gte", "get", 2), ("", "get", 3), ("version", "versoin", 2), ("a", "b", 1),
  ])
  func `edit distance is the same both ways`(left: String, right: String, distance: Int) {
    #expect(editDistance(left, right) == distance)
    #expect(editDistance(right, left) == distance)
  }

  @Test func `writes gather until there are enough`() throws {
    let sink = Counter()
    let stream = OutputStream(capacity: 4) { sink.add($0.count) }
    try stream.write("abcd")
    #expect(sink.counts == [])
    try stream.write("e")
    #expect(sink.counts == [5])
    try stream.write("f")
    try stream.flush()
    try stream.flush()
    #expect(sink.counts == [5, 1])
  }

  @Test(arguments: [(20, 60), (60, 60), (80, 80), (300, 100)])
  func `help fits into the terminal`(columns: Int, widest: Int) throws {
    let tree = try CommandTree(of: ExternalArtifactTool.self)
    for command in [nil] + tree.root.children.map(\.page.name) {
      let lines = Help(tree: tree, command: command, columns: columns).text.split(separator: "\n")
      // Examples and usage are broken before flags only, to be copied.
      let wrapped = lines.filter { line in
        !line.hasPrefix("  # ") && !line.contains(tree.invocation)
          && !["    -", "    |", "    >", "    ["].contains { line.hasPrefix($0) }
      }
      #expect(wrapped.map(\.count).max().map { $0 <= widest } == true)
    }
  }

  @Test func `directives are named as Cobra names them`() {
    #expect(Completion.Directive([]).names == "ShellCompDirectiveDefault")
    #expect(
      Completion.Directive([.noSpace, .noFiles]).names
        == "ShellCompDirectiveNoSpace, ShellCompDirectiveNoFileComp")
    #expect(Completion.Directive.directories.rawValue == 16)
  }
}

private final class Counter: Sendable {
  private let seen = Mutex<[Int]>([])

  func add(_ count: Int) {
    seen.withLock { $0.append(count) }
  }

  var counts: [Int] {
    seen.withLock { $0 }
  }
}
