import Content
import Text

/// Credentials that give themselves away by their form, wherever they are in a text.
///
/// Passwords in URLs, JWTs, tokens with the prefixes of well-known services, SOPS ciphertext.
/// Private keys in PEM, which take several lines, are ``SecretLines``' to find.
enum SecretTokens {
  /// Appends the parts of `range` that are credentials; linear in the length of the range.
  static func find(in text: [UInt8], _ range: Range<Int>, into edits: inout [MaskEdit]) {
    var index = range.lowerBound
    // Where a run of characters begins although one is before it: behind `://`.
    var runStart = index
    var isURL = false
    while index < range.upperBound {
      let byte = text[index]
      let isStart = index == runStart || !isTokenByte(text[index - 1])
      if byte == UInt8(ascii: ":"), matches("://", in: text, at: index, before: range.upperBound) {
        index = url(in: text, range, at: index, &edits)
        runStart = index
        isURL = true
        continue
      }
      if endsURL(byte) { isURL = false }
      if isURL, "?&;#".utf8.contains(byte), let value = parameter(in: text, range, behind: index) {
        edits.append(MaskEdit(value))
        index = value.upperBound
        continue
      }
      if byte == UInt8(ascii: "@") { dataSource(in: text, range, at: index, &edits) }
      guard isStart, isTokenByte(byte) else {
        index += 1
        continue
      }
      if let end = webhook(in: text, range, at: index) {
        edits.append(MaskEdit(index..<end))
        index = end
        continue
      }
      let end = text[index..<range.upperBound].firstIndex { !isTokenByte($0) } ?? range.upperBound
      let run = index..<end
      if isToken(text[run]) { edits.append(MaskEdit(run)) }
      if let hidden = ciphertext(in: text, range, run)
        ?? credentials(in: text, range, behind: run) ?? password(in: text, range, option: run)
      {
        edits.append(MaskEdit(hidden))
        index = hidden.upperBound
        isURL = false
      } else {
        // A colon or an at sign, which no run contains, may be next.
        index = end
      }
    }
  }

  // MARK: URLs

  /// Hides the password of a URL whose `://` is at `colon`; where to go on.
  private static func url(
    in text: [UInt8], _ range: Range<Int>, at colon: Int, _ edits: inout [MaskEdit]
  ) -> Int {
    let start = colon + 3
    let end =
      text[start..<range.upperBound].firstIndex {
        $0 <= 0x20 || "/?#\"'<>`\\".utf8.contains($0)
      } ?? range.upperBound
    guard let at = text[start..<end].lastIndex(of: UInt8(ascii: "@")) else {
      return unescaped(in: text, range, from: start, to: end, &edits) ?? start
    }
    if let separator = text[start..<at].firstIndex(of: UInt8(ascii: ":")) {
      edits.append(MaskEdit(separator + 1..<at))
      // Some put a token in the place of the user, and no password behind it.
      let password = text[separator + 1..<at]
      if isLikelyToken(text[start..<separator]) || password.isEmpty
        || password.elementsEqual("x-oauth-basic".utf8)
      {
        edits.append(MaskEdit(start..<separator))
      }
    } else if isLikelyToken(text[start..<at]) || isWeb(in: text, range, before: colon),
      !text[start..<at].elementsEqual("git".utf8)
    {
      edits.append(MaskEdit(start..<at))
    }
    return at + 1
  }

  /// Whether the scheme before a colon is that of the web, where a lone user is mostly a token.
  private static func isWeb(in text: [UInt8], _ range: Range<Int>, before colon: Int) -> Bool {
    let scheme = text[range.lowerBound..<colon].suffix(5)
    return scheme.elementsEqual("https".utf8) || scheme.suffix(4).elementsEqual("http".utf8)
  }

  private static func endsURL(_ byte: UInt8) -> Bool {
    byte <= 0x20 || "\"'<>`".utf8.contains(byte)
  }

  /// The value of a parameter that lets everyone who knows the URL in: `sig=`, `X-Amz-Signature=`,
  /// `key=`, and what is named like a credential.
  private static func parameter(
    in text: [UInt8], _ range: Range<Int>, behind sign: Int
  ) -> Range<Int>? {
    let rest = text[sign + 1..<range.upperBound]
    let name = rest.prefix(64).prefix { isTokenByte($0) && $0 != UInt8(ascii: "=") }
    guard name.endIndex < range.upperBound, text[name.endIndex] == UInt8(ascii: "="),
      !name.isEmpty
    else { return nil }
    let value = text[name.endIndex + 1..<range.upperBound].prefix {
      !endsURL($0) && !"&;#\\".utf8.contains($0)
    }
    guard !value.isEmpty else { return nil }
    let word = name.suffix(
      from: name.lastIndex { "-_.".utf8.contains($0) }.map { $0 + 1 } ?? name.startIndex)
    let isSignature = ["sig", "signature", "hmac"].contains {
      word.lowercasedASCII == Array($0.utf8)
    }
    let isKey = name.lowercasedASCII == Array("key".utf8)
    switch SecretName(name) {
    case .credential, .scalarCredential: return value.startIndex..<value.endIndex
    case .plain where isSignature || isKey: return value.startIndex..<value.endIndex
    case .plain, .reference, .measure: return nil
    }
  }

  private static func isLikelyToken(_ user: ArraySlice<UInt8>) -> Bool {
    user.count >= 20 || isToken(user)
  }

  /// A password that should have been escaped: `postgres://user:pass/word@host`, where something
  /// other than a port is behind the colon.
  private static func unescaped(
    in text: [UInt8], _ range: Range<Int>, from start: Int, to end: Int, _ edits: inout [MaskEdit]
  ) -> Int? {
    guard let colon = text[start..<end].firstIndex(of: UInt8(ascii: ":")), colon + 1 < end,
      !text[colon + 1..<end].allSatisfy({ (0x30...0x39).contains($0) }),
      text[start] != UInt8(ascii: "[")
    else { return nil }
    // Bounded, so that a text full of colons takes linear time.
    let rest = text[end..<min(range.upperBound, end + 256)].prefix {
      $0 > 0x20 && !"\"'<>`".utf8.contains($0)
    }
    guard let at = rest.lastIndex(of: UInt8(ascii: "@")) else { return nil }
    edits.append(MaskEdit(colon + 1..<at))
    return at + 1
  }

  /// `user:password@tcp(host:3306)/name`, as Go's driver of MySQL reads it.
  private static func dataSource(
    in text: [UInt8], _ range: Range<Int>, at sign: Int, _ edits: inout [MaskEdit]
  ) {
    guard
      ["@tcp(", "@unix(", "@tcp6(", "@udp("].contains(where: {
        matches($0, in: text, at: sign, before: range.upperBound)
      })
    else { return }
    // Bounded: a password longer than that is none.
    let floor = max(range.lowerBound, sign - 256)
    let start =
      text[floor..<sign].lastIndex { $0 <= 0x20 || $0 == UInt8(ascii: "\"") }
      .map { $0 + 1 } ?? floor
    guard let colon = text[start..<sign].firstIndex(of: UInt8(ascii: ":")) else { return }
    edits.append(MaskEdit(colon + 1..<sign))
  }

  /// Where a URL ends that lets everyone who knows it write to a chat.
  private static func webhook(in text: [UInt8], _ range: Range<Int>, at start: Int) -> Int? {
    guard
      [
        "hooks.slack.com/services/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/",
      ].contains(where: { matches($0, in: text, at: start, before: range.upperBound) })
    else { return nil }
    return text[start..<range.upperBound].firstIndex { $0 <= 0x20 || "\"'<>`\\".utf8.contains($0) }
      ?? range.upperBound
  }

  // MARK: Tokens

  /// `ENC[AES256_GCM,data:…]`, of which `run` contains what is before the bracket.
  private static func ciphertext(
    in text: [UInt8], _ range: Range<Int>, _ run: Range<Int>
  ) -> Range<Int>? {
    guard run.count >= 3, text[run].suffix(3).elementsEqual("ENC".utf8),
      run.upperBound < range.upperBound, text[run.upperBound] == UInt8(ascii: "[")
    else { return nil }
    let end = text[run.upperBound..<range.upperBound].firstIndex(of: UInt8(ascii: "]"))
    return run.upperBound - 3..<(end.map { $0 + 1 } ?? range.upperBound)
  }

  /// What follows `Bearer` or `Basic`, unless it looks like a word of a sentence.
  private static func credentials(
    in text: [UInt8], _ range: Range<Int>, behind scheme: Range<Int>
  ) -> Range<Int>? {
    guard scheme.upperBound < range.upperBound, text[scheme.upperBound] == 0x20,
      ["Bearer", "bearer", "BEARER", "Basic", "basic", "BASIC"].contains(where: {
        text[scheme].elementsEqual($0.utf8)
      })
    else { return nil }
    let rest = text[scheme.upperBound + 1..<range.upperBound].prefix(while: isTokenByte)
    guard
      rest.count >= 20
        || (rest.count >= 8 && rest.contains { (0x30...0x39).contains($0) || $0 == 0x3D })
    else { return nil }
    return rest.startIndex..<rest.endIndex
  }

  // MARK: Command lines

  /// The password that a short option of a command has.
  ///
  /// `-u user:X`, `mysql -pX`, `sshpass -p X`, `redis-cli -a X`. Options that are named like credentials are found by
  /// name (``SecretLines``).
  private static func password(
    in text: [UInt8], _ range: Range<Int>, option run: Range<Int>
  ) -> Range<Int>? {
    let word = text[run]
    guard word.first == UInt8(ascii: "-"),
      run.lowerBound == range.lowerBound || isWordEnd(text[run.lowerBound - 1])
    else { return nil }
    for name in ["--proxy-user=", "--user=", "--proxy-user", "--user", "-u"]
    where word.starts(with: name.utf8) {
      let isJoined = word.count > name.utf8.count || name.hasSuffix("=")
      if isJoined, name == "-u", !follows(["curl"], in: text, range, run.lowerBound) { return nil }
      if isJoined, !name.hasSuffix("="), name != "-u" { continue }
      return account(in: text, range, from: run.lowerBound + name.utf8.count, isJoined: isJoined)
    }
    if word.starts(with: "-p".utf8), word.count > 2 || isWordStart(text, range, run.upperBound),
      follows(["mysql", "mysqldump", "mysqladmin", "mariadb"], in: text, range, run.lowerBound)
    {
      return self.word(in: text, range, from: run.lowerBound + 2)
    }
    if let hidden = joinedPassword(in: text, range, run) { return hidden }
    if word.elementsEqual("-p".utf8), follows(["sshpass"], in: text, range, run.lowerBound) {
      return next(in: text, range, from: run.upperBound)
    }
    if word.elementsEqual("-a".utf8), follows(["redis-cli"], in: text, range, run.lowerBound) {
      return next(in: text, range, from: run.upperBound)
    }
    return nil
  }

  /// The password of `-pX` in a list of arguments, as MySQL's clients take it: the program is another
  /// element, or not even in the list.
  ///
  /// Not the value of a flag such as `-path`, and no port.
  private static func joinedPassword(
    in text: [UInt8], _ range: Range<Int>, _ run: Range<Int>
  ) -> Range<Int>? {
    guard text[run].starts(with: "-p".utf8) else { return nil }
    let before = text[range.lowerBound..<run.lowerBound]
    var rest = text[run.lowerBound + 2..<range.upperBound]
    if let quote = before.last, "\"'".utf8.contains(quote) {
      rest = rest.prefix { $0 != quote }
    } else if !before.isEmpty, !before.elementsEqual("- ".utf8) {
      return nil
    }
    guard !rest.isEmpty, rest.first != TreePath.slash,
      !rest.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: "=") }),
      rest.contains(where: { !(0x61...0x7A).contains($0) && $0 != UInt8(ascii: "-") }),
      rest.contains(where: { !(0x30...0x39).contains($0) && !".:".utf8.contains($0) })
    else { return nil }
    return rest.startIndex..<rest.endIndex
  }

  /// What is behind the colon of `user:password`, unless both are numbers, as in `docker run -u 1:1`.
  private static func account(
    in text: [UInt8], _ range: Range<Int>, from start: Int, isJoined: Bool
  ) -> Range<Int>? {
    let place =
      isJoined ? word(in: text, range, from: start) : next(in: text, range, from: start)
    guard let place, let colon = text[place].firstIndex(of: UInt8(ascii: ":")),
      colon + 1 < place.upperBound, text[colon + 1] != UInt8(ascii: "/")
    else { return nil }
    let both = text[place.lowerBound..<colon] + text[colon + 1..<place.upperBound]
    if both.allSatisfy({ (0x30...0x39).contains($0) }) { return nil }
    return colon + 1..<place.upperBound
  }

  /// The next word; nil where another option follows, or nothing.
  private static func next(
    in text: [UInt8], _ range: Range<Int>, from start: Int
  ) -> Range<Int>? {
    guard start < range.upperBound, text[start] == 0x20 || text[start] == 0x09 else { return nil }
    let rest = text[start..<range.upperBound].drop { $0 == 0x20 || $0 == 0x09 }
    guard let first = rest.first, first != UInt8(ascii: "-") else { return nil }
    return word(in: text, range, from: rest.startIndex)
  }

  /// A word from `start` on, without its quotes: up to a blank, or to the quote that it begins with.
  private static func word(
    in text: [UInt8], _ range: Range<Int>, from start: Int
  ) -> Range<Int>? {
    guard start < range.upperBound else { return nil }
    let quote = text[start]
    if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      let rest = text[start + 1..<range.upperBound].prefix { $0 != quote }
      return rest.isEmpty ? nil : rest.startIndex..<rest.endIndex
    }
    let rest = text[start..<range.upperBound].prefix { !isWordEnd($0) }
    return rest.isEmpty ? nil : rest.startIndex..<rest.endIndex
  }

  private static func isWordStart(_ text: [UInt8], _ range: Range<Int>, _ index: Int) -> Bool {
    index < range.upperBound && text[index] > 0x20 && text[index] != UInt8(ascii: ",")
  }

  private static func isWordEnd(_ byte: UInt8) -> Bool {
    byte <= 0x20 || "\"'`;|&()".utf8.contains(byte)
  }

  /// Whether one of some programs is called on the same line, not far before a place.
  private static func follows(
    _ programs: [String], in text: [UInt8], _ range: Range<Int>, _ place: Int
  ) -> Bool {
    // Bounded, so that a text full of options takes linear time.
    let before = text[max(range.lowerBound, place - 512)..<place]
    let line = before.suffix(
      from: before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? before.startIndex)
    return line.split(whereSeparator: { isWordEnd($0) || $0 == TreePath.slash }).contains { word in
      programs.contains { word.elementsEqual($0.utf8) }
    }
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "+"),
      UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  /// Whether a run of characters is, or ends with, a credential; it may have a name or a path in front.
  private static func isToken(_ run: ArraySlice<UInt8>) -> Bool {
    guard run.count >= 16 else { return false }
    var isStart = true
    for index in run.indices {
      let byte = run[index]
      if isStart, run.endIndex - index >= 16, isTokenStart(run[index...]) { return true }
      // `KEY=ghp_…`, `/ghp_…`, `x.eyJ…`
      isStart = [UInt8(ascii: "="), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "+")]
        .contains(byte)
    }
    return false
  }

  /// What the tokens of services begin with, and the least length of the whole.
  private static let prefixes: [(prefix: String, length: Int)] = [
    ("ghp_", 16), ("gho_", 16), ("ghu_", 16), ("ghs_", 16), ("ghr_", 16), ("github_pat_", 20),
    ("glpat-", 16), ("gldt-", 16), ("glrt-", 16), ("glptt-", 16), ("gloas-", 16), ("glsoat-", 16),
    ("xoxb-", 16), ("xoxp-", 16), ("xoxa-", 16), ("xoxs-", 16), ("xoxr-", 16), ("xoxe-", 16),
    ("xapp-", 16), ("AKIA", 20), ("ASIA", 20), ("AIza", 35), ("ya29.", 20), ("sk_live_", 16),
    ("rk_live_", 16), ("sk_test_", 16), ("sk-ant-", 20), ("sk-proj-", 20), ("hvs.", 20),
    ("hvb.", 20), ("npm_", 30), ("pypi-AgEI", 20), ("dop_v1_", 20), ("doo_v1_", 20), ("SG.", 30),
    ("AGE-SECRET-KEY-1", 20), ("shpat_", 20), ("dckr_pat_", 20), ("hf_", 30), ("lin_api_", 20),
    ("PMAK-", 20), ("glsa_", 20), ("glc_", 30), ("pul-", 40), ("ATATT3", 30), ("whsec_", 20),
  ]

  private static func isTokenStart(_ run: ArraySlice<UInt8>) -> Bool {
    guard let first = run.first else { return false }
    for (prefix, length) in prefixes
    where run.count >= length && prefix.utf8.first == first && run.starts(with: prefix.utf8) {
      return true
    }
    if first == UInt8(ascii: "e"), run.starts(with: "eyJ".utf8) { return isJWT(run) }
    if first == UInt8(ascii: "L"), run.starts(with: "LS0tLS1CRUdJTi".utf8) { return isPEM(run) }
    return false
  }

  /// Three parts in base64url, of which the first is a JSON object.
  private static func isJWT(_ run: ArraySlice<UInt8>) -> Bool {
    func isDigit(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
      default: false
      }
    }
    let header = run.prefix(while: isDigit)
    let rest = run[header.endIndex...]
    guard header.count >= 8, rest.first == UInt8(ascii: ".") else { return false }
    let payload = rest.dropFirst().prefix(while: isDigit)
    return payload.count >= 4 && run[payload.endIndex...].first == UInt8(ascii: ".")
  }

  /// A private key in PEM in base64, as in kubeconfigs.
  private static func isPEM(_ run: ArraySlice<UInt8>) -> Bool {
    let head = run.prefix(64)
    let text = String(decoding: head.prefix(head.count / 4 * 4), as: UTF8.self)
    guard let decoded = try? decodeBase64(text) else { return true }
    return !decoded.starts(with: "-----BEGIN CERTIFICATE".utf8)
      && !decoded.starts(with: "-----BEGIN PUBLIC".utf8)
  }

  static func matches(
    _ word: String, in text: [UInt8], at start: Int, before end: Int
  ) -> Bool {
    let count = word.utf8.count
    return start >= 0 && end - start >= count
      && text[start..<start + count].elementsEqual(word.utf8)
  }
}

extension ArraySlice<UInt8> {
  fileprivate var lowercasedASCII: [UInt8] {
    map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  }
}
