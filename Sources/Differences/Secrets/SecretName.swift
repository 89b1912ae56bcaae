import Text

/// What the name of a field, a variable or a setting says about its value.
enum SecretName: Equatable {
  /// Nothing.
  case plain
  /// It is a credential: `password`, `DB_PASS`, `clientSecret`, `client-key-data`.
  case credential
  /// It is a credential if it is a text or a number, not if it is a mapping or a list: `auth`,
  /// `authorization`, `cookie`.
  case scalarCredential
  /// It is named after a credential, but a number there measures something: `tokenTTL`, `maxTokens`.
  case measure
  /// It says where a credential is: `secretName`, `tokenSecretRef`, `passwordFile`.
  case reference

  /// The words are told apart by changes of case and by everything that is no letter or digit.
  ///
  /// Errs on the side of credentials: `tokenType` is one.
  init(_ name: some Collection<UInt8>) {
    let (words, joined) = Self.words(of: name.prefix(Self.longest))
    guard let last = words.last else {
      self = .plain
      return
    }
    let isCredential =
      Self.containsPart(joined) || words.contains { Self.shortWords.contains($0) }
      || Self.endings.contains { Self.ends(joined, with: $0) }
    guard isCredential || Self.scalarWords.contains(last) else {
      self = .plain
      return
    }
    if Self.referenceWords.contains(last) || words.contains(Self.existing)
      || Self.referenceEndings.contains(where: { Self.ends(joined, with: $0) })
      || Self.referenceNames.contains(joined)
    {
      self = .reference
    } else if !isCredential {
      self = .scalarCredential
    } else if words.contains(where: { Self.measures.contains($0) }) {
      self = .measure
    } else {
      self = .credential
    }
  }

  init(_ name: String) {
    self.init(Array(name.utf8))
  }

  var isCredential: Bool {
    switch self {
    case .credential, .scalarCredential, .measure: true
    case .plain, .reference: false
    }
  }

  // MARK: Words

  /// Bytes of a name that count; API servers limit names of fields far below.
  private static let longest = 512

  /// Wherever they are in the name without its separators: many names are in lower case.
  private static let parts = table([
    "password", "passwd", "passphrase", "passwort", "secret", "token", "apikey", "privatekey",
    "accesskey", "clientkey", "signingkey", "encryptionkey", "decryptionkey", "masterkey",
    "sshkey", "sessionkey", "accountkey", "sharedkey", "storagekey",
    "licensekey", "licencekey", "authkey",
    "appkey", "certkey", "certificatekey", "aeskey", "gpgkey", "pgpkey", "cryptokey", "cipherkey",
    "serverkey", "adminkey", "integrationkey", "ingestkey",
    "hostkey", "hmackey", "deploykey", "webhookkey", "credential", "connectionstring", "connstr",
    "dockerconfig", "htpasswd", "keytab", "tlskey", "sslkey", "jwtkey", "rsakey",
  ])
  private static let shortWords = set([
    "pass", "pwd", "pw", "pat", "psk", "cred", "creds", "dsn", "jwt", "bearer", "passcode", "otp",
    "totp",
  ])
  private static let endings = lists([
    "userpass", "dbpass", "rootpass", "adminpass", "storepass", "keypass", "smtppass", "mailpass",
    "userpwd", "dbpwd", "requirepass", "masterauth", "idrsa", "iddsa", "idecdsa", "ided25519",
    "netrc", "pgpass",
  ])
  private static let scalarWords = set([
    "auth", "auths", "authorization", "cookie", "cookies", "authentication",
  ])
  private static let referenceWords = set([
    "name", "names", "ref", "refs", "reference", "references", "file", "files", "path", "paths",
    "dir", "directory", "namespace", "namespaces", "url", "uri", "endpoint", "selector", "env",
    "policy", "policies", "review", "reviews",
  ])
  private static let referenceEndings = lists([
    "secretname", "secretref", "secretkeyref", "keyref", "tokenfile", "passwordfile", "pullsecret",
    "pullsecrets", "storeref",
  ])
  /// Names of things that are no credentials themselves: other objects, subcharts, settings of them.
  private static let referenceNames = set([
    "externalsecret", "externalsecrets", "sealedsecret", "sealedsecrets", "secretstore",
    "secretstores", "clustersecretstore", "clustersecretstores", "secretproviderclass",
    "secretobjects", "secretsstorecsidriver", "secretsstore", "secretgenerator",
    "secrettemplate",
  ])
  private static let measures = set([
    "ttl", "second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "duration",
    "timeout", "expiration", "expiry",
    "expires", "expire", "expired", "age", "lifetime", "length", "size", "count", "max", "min",
    "limit", "limits", "port", "replicas", "version", "interval", "period", "rotation", "retries",
    "number", "cost", "rounds", "iterations", "revision", "mode", "index", "weight", "percent",
  ])

  private static let existing = Array("existing".utf8)

  private static func lists(_ words: [String]) -> [[UInt8]] {
    words.map { Array($0.utf8) }
  }

  private static func set(_ words: [String]) -> Set<[UInt8]> {
    Set(lists(words))
  }

  /// Words by their first byte, from `a`.
  private static func table(_ words: [String]) -> [[[UInt8]]] {
    let words = lists(words)
    return (UInt8(ascii: "a")...UInt8(ascii: "z")).map { first in
      words.filter { $0.first == first }
    }
  }

  /// Whether one of ``parts`` is somewhere in a name: names are many, so this is not left to String.
  private static func containsPart(_ name: [UInt8]) -> Bool {
    for start in name.indices {
      let first = Int(name[start]) - Int(UInt8(ascii: "a"))
      guard parts.indices.contains(first) else { continue }
      for part in parts[first] where name.count - start >= part.count {
        var length = 1
        while length < part.count, name[start + length] == part[length] { length += 1 }
        if length == part.count { return true }
      }
    }
    return false
  }

  private static func ends(_ name: [UInt8], with ending: [UInt8]) -> Bool {
    name.count >= ending.count && name.suffix(ending.count).elementsEqual(ending)
  }

  /// The words in lower case, and all of them in one.
  private static func words(of name: some Collection<UInt8>) -> (words: [[UInt8]], joined: [UInt8])
  {
    let bytes = Array(name)
    var words: [[UInt8]] = []
    var word: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      let isUpper = (0x41...0x5A).contains(byte)
      guard isUpper || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) else {
        if !word.isEmpty { words.append(word) }
        word = []
        continue
      }
      if isUpper, index > 0, !word.isEmpty {
        let before = bytes[index - 1]
        let next = index + 1 < bytes.count ? bytes[index + 1] : 0
        // `dbPass`, and `APIKey`, where the last capital belongs to the next word.
        if !(0x41...0x5A).contains(before) || (0x61...0x7A).contains(next) {
          words.append(word)
          word = []
        }
      }
      word.append(isUpper ? byte | 0x20 : byte)
    }
    if !word.isEmpty { words.append(word) }
    return (words, Array(words.joined()))
  }
}
