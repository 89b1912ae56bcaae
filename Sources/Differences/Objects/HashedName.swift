import Objects

/// Names with the hash of the content behind them, as kustomize's generators make them (`Encode` in
/// api/hasher of kustomize).
enum HashedName {
  typealias Pair = (old: Manifest?, new: Manifest?)

  private static let length = 10
  /// Hexadecimal digits without those that make words.
  private static let digits = Set("2456789bcdfghkmt".utf8)

  /// What stands before the hash; nil for a name without one.
  static func stem(of name: String) -> String? {
    let bytes = Array(name.utf8)
    guard bytes.count > length + 1, bytes.suffix(length).allSatisfy(digits.contains),
      bytes[bytes.count - length - 1] == UInt8(ascii: "-")
    else { return nil }
    return String(decoding: bytes.dropLast(length + 1), as: UTF8.self)
  }

  private static func identity(_ manifest: Manifest) -> ObjectID? {
    guard case .object(let id) = manifest.identity, id.group.isEmpty,
      id.kind == "ConfigMap" || id.kind == "Secret", let stem = stem(of: id.name)
    else { return nil }
    return ObjectID(group: "", kind: id.kind, namespace: id.namespace, name: stem)
  }

  /// Makes pairs of what one side only has, where both sides have exactly one of a name without its hash.
  static func paired(_ pairs: [Pair]) -> [Pair] {
    var olds: [ObjectID: [Int]] = [:]
    var news: [ObjectID: [Int]] = [:]
    for (index, pair) in pairs.enumerated() {
      switch pair {
      case (let old?, nil): identity(old).map { olds[$0, default: []].append(index) }
      case (nil, let new?): identity(new).map { news[$0, default: []].append(index) }
      default: break
      }
    }
    var result = pairs
    var gone: Set<Int> = []
    for (id, indices) in olds {
      guard let old = indices.first, indices.count == 1, let others = news[id],
        let new = others.first, others.count == 1
      else { continue }
      result[new].old = pairs[old].old
      gone.insert(old)
    }
    return result.enumerated().filter { !gone.contains($0.offset) }.map(\.element)
  }
}
