import Presentation
import Testing
import Text

@Suite struct TableTests {
  private func table(_ rows: [[Cell]]) -> Table {
    var table = Table(columns: [Column("NAME"), Column("READY"), Column("URL", wide: true)])
    for row in rows { table.append(row) }
    return table
  }

  @Test func `#58 a column is three wider than its longest text`() {
    let text = table([["podinfo", "True", "a"], ["x", "False", "b"]]).rendered()
    #expect(
      text == """
        NAME      READY
        podinfo   True
        x         False

        """
    )
  }

  @Test func `a column is at least six wide`() {
    var table = Table(columns: [Column("A"), Column("B")])
    table.append(["x", "y"])
    #expect(table.rendered() == "A     B\nx     y\n")
  }

  @Test func `#58 wide columns are shown only when asked for`() {
    #expect(
      table([["x", "True", "http://a"]]).rendered(wide: true) == """
        NAME   READY   URL
        x      True    http://a

        """
    )
  }

  @Test func `headings can be left out`() {
    #expect(table([["x", "True", ""]]).rendered(headers: false) == "x     True\n")
  }

  @Test func `no rows give no heading`() {
    #expect(table([]).rendered() == "")
  }

  @Test func `no line ends in blanks`() {
    let text = table([["x", "", ""], ["", "True", ""], ["", "", ""]]).rendered(wide: true)
    #expect(text == "NAME   READY   URL\nx\n       True\n\n")
  }

  @Test func `a letter and its accent take one cell`() {
    // tabwriter counts runes: two for what is composed of two.
    let text = table([["caf\u{E9}", "1", ""], ["cafe\u{301}s-long", "2", ""]]).rendered()
    #expect(
      text == "NAME         READY\ncaf\u{E9}         1\ncafe\u{301}s-long   2\n")
  }

  @Test func `text is cut at the first line break`() {
    let text = table([["a\nb", "c\rd", "e\u{0C}f"]]).rendered(wide: true, headers: false)
    #expect(text == "a...   c...   e...\n")
  }

  @Test func `colour does not count for the width`() {
    let coloured = table([[Cell("x", .bad), Cell("True", .good), ""], ["longer", "", ""]])
      .rendered(headers: false, style: Style(isColoured: true))
    #expect(coloured == "\u{1B}[31mx\u{1B}[0m        \u{1B}[32mTrue\u{1B}[0m\nlonger\n")
  }

  @Test func `control characters of the text cannot reach the terminal`() {
    let text = table([["\u{1B}[2J", "a\tb\u{7}", "\u{9B}1m\u{7F}"]])
      .rendered(wide: true, headers: false, style: Style(isColoured: true))
    #expect(text == "^[[2J   a b^G   \\u009b1m^?\n")
  }

  @Test func `columns count the cells that characters take`() {
    var table = Table(columns: [Column("NAME"), Column("TEXT")])
    table.append(["漢字", "a"])
    table.append(["🚀", "b"])
    table.append(["e\u{301}", "c"])
    #expect(table.rendered() == "NAME   TEXT\n漢字   a\n🚀     b\ne\u{301}      c\n")
  }

  @Test(arguments: [
    (40, "NAME   TEXT\nx      a text of twenty-six letters\n"),
    (30, "NAME   TEXT\nx      a text of twenty-six l…\n"),
    // As little as makes it fit, but not a few letters in a row that does not.
    (18, "NAME   TEXT\nx      a text of …\n"),
    (15, "NAME   TEXT\nx      a text …\n"),
    (14, "NAME   TEXT\nx      a text of twenty-six…\n"),
    (5, "NAME   TEXT\nx      a text of twenty-six l…\n"),
  ])
  func `on a terminal a long last column is cut`(room: Int, expected: String) {
    var table = Table(columns: [Column("NAME"), Column("TEXT")], room: room)
    table.append(["x", "a text of twenty-six letters"])
    #expect(table.rendered() == expected)
  }

  private static let long: [Cell] = [
    "apps-of-the-platform", "podinfo-with-a-long-name", "main@sha1:6c8f2a1b", "False",
    "it failed for a reason that is long",
  ]

  @Test(arguments: [
    (
      80,
      """
      NAMESPACE        NAME             REVISION         READY   TEXT
      apps-of…atform   podinfo…g-name   main@sh…8f2a1b   False   it failed for a reas…

      """
    ),
    (
      60,
      """
      NAMESPACE     NAME          REVISION      READY   TEXT
      apps-…tform   podin…-name   main@…f2a1b   False   it failed…

      """
    ),
  ])
  func `on a terminal the longest columns are cut where the last one is not enough`(
    room: Int, expected: String
  ) {
    func table(_ room: Int?) -> String {
      var table = Table(
        columns: ["NAMESPACE", "NAME", "REVISION", "READY", "TEXT"].map { Column($0) }, room: room)
      table.append(Self.long)
      return table.rendered()
    }
    #expect(table(room) == expected)
    #expect(table(room).split(separator: "\n").allSatisfy { displayWidth(String($0)) <= room })
    for cell in Self.long { #expect(table(nil).contains(cell.text)) }
    for cell in Self.long { #expect(table(200).contains(cell.text)) }
  }

  @Test(arguments: [
    (
      80,
      """
      NAMESPACE              NAME                       REVISION      READY   TEXT
      apps-of-the-platform   podinfo-with-a-long-name   main@…f2a1b   False   it fail…

      """
    ),
    // It wraps here, on two lines: nothing needs to be cut.
    (
      60,
      """
      NAMESPACE              NAME                       REVISION             READY   TEXT
      apps-of-the-platform   podinfo-with-a-long-name   main@sha1:6c8f2a1b   False   it failed for a reason that is long

      """
    ),
  ])
  func `on a terminal names are whole`(room: Int, expected: String) {
    var table = Table(
      columns: [
        Column("NAMESPACE", name: true), Column("NAME", name: true), Column("REVISION"),
        Column("READY"), Column("TEXT"),
      ], room: room)
    table.append(Self.long)
    #expect(table.rendered() == expected)
  }

  @Test func `a note stands below its row on a terminal, as a whole`() {
    let columns = [Column("NAME"), Column("READY"), Column("BECAUSE", note: true)]
    let rows: [[Cell]] = [
      ["web", "False", "there are more words than fit here"], ["api", "True", ""],
    ]
    func text(room: Int?) -> String {
      var table = Table(columns: columns, room: room)
      rows.forEach { table.append($0) }
      return table.rendered()
    }
    #expect(
      text(room: 24)
        == "NAME   READY\nweb    False\n  there are more words\n  than fit here\napi    True\n")
    #expect(
      text(room: nil)
        == "NAME   READY   BECAUSE\nweb    False   there are more words than fit here\napi    True\n"
    )
  }

  @Test func `all lines of the last column where nothing is cut`() {
    var table = GrowingTable(
      columns: [Column("NAME"), Column("TEXT")], wide: false, headers: false, style: .plain,
      keepsLines: true)
    #expect(
      table.text(for: [["x", "one\ntwo\u{1B}"], ["y\nz", "three"]])
        == "x      one\ntwo^[\ny...   three\n")
  }
}
