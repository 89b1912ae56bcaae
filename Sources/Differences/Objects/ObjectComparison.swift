package import Content
import Document
import Objects

/// What happened to a document between two sides.
package struct ObjectChange: Sendable {
  /// The names of the kinds in output.
  package enum Kind: String, Sendable, CaseIterable {
    case added
    case removed
    /// Fields differ; the file may be another one, too.
    case changed
    /// The same content in another file.
    case moved
    /// Only the ciphertext of SOPS differs, all of it or none, and what SOPS writes with it. Whether what
    /// was encrypted differs cannot be known. Where some of it stays, the rest was edited.
    case reencrypted
  }

  package let kind: Kind
  package let identity: ManifestIdentity
  /// nil for a document that was added.
  package let oldPath: TreePath?
  /// nil for a document that was removed.
  package let newPath: TreePath?
  /// Of changed and re-encrypted documents, in the order of the fields' names.
  package let fields: [FieldChange]
  /// The name of an object that is another one by its name only: the hash of its content is a part of that.
  package var oldName: String?
  // Both without noise.
  let old: Value?
  let new: Value?
  /// What of the documents may be shown at most.
  var open: (old: OpenPart, new: OpenPart) = (.all, .all)
  /// What is secret elsewhere.
  var known: SecretTexts = .none

  /// The change without fields in which an object only differs from what was meant to be there.
  ///
  /// - Parameters:
  ///   - drift: how the object has come to differ, if it has.
  ///   - wanted: what is meant to change in it, if anything is.
  /// - Returns: nil where nothing is left.
  package func without(drift: ObjectChange?, wanted: ObjectChange?) -> ObjectChange? {
    guard !fields.isEmpty, let drift else { return self }
    let left = fields.filter { field in
      !drift.fields.contains { $0.path.touches(field.path) }
        || wanted?.fields.contains { $0.path.touches(field.path) } == true
    }
    guard !left.isEmpty || oldName != nil else { return nil }
    var change = ObjectChange(
      kind: kind, identity: identity, oldPath: oldPath, newPath: newPath, fields: left, old: old,
      new: new, open: open, known: known)
    change.oldName = oldName
    return change
  }

  /// The documents themselves as they may be shown, without noise; nil where there is none.
  package func shown(_ policy: SecretPolicy = .masked) -> (old: ShownValue?, new: ShownValue?) {
    let known = policy.showsSecrets ? .none : SecretTexts([old, new]).or(self.known)
    return (
      old.map {
        ShownValue($0, at: .open, key: nil, known: known, open: open.old, policy: policy)
      },
      new.map {
        ShownValue($0, at: .open, key: nil, known: known, open: open.new, policy: policy)
      }
    )
  }

  /// Where the document is now or, if it was removed, where it was.
  package var path: TreePath {
    newPath ?? oldPath ?? .root
  }
}

/// Compares the documents of two sides.
///
/// There are no changes exactly if both sides have the same documents in the same files after
/// normalisation, which is:
///
/// - documents are read as `kubectl -f` reads them: comments, formatting, the order of keys, anchors
///   and merge keys do not count, nor do documents that are empty; of duplicate keys the last counts;
/// - lists of objects are taken apart, and objects are known by ``ManifestIdentity``, so that their order
///   in a file does not count; that of other documents does;
/// - numbers count by their value (`1.0` is `1`); a number is never equal to a text;
/// - noise is left out (``NoiseFilter``), with the mappings around it that then are empty, or were.
///
/// A missing field and null are different. The order of a list counts, also where elements are paired by
/// their keys (``FieldChange/Kind/reordered``): the API server keeps it.
package struct ObjectComparison: Sendable {
  /// By the bytes of ``ObjectChange/path``, then in the order of the documents.
  package let changes: [ObjectChange]
  /// How many fields were left out as noise although they differ, of documents that both sides have.
  package let noiseCount: Int
  /// The path of the first of these, in its document; nil where there is none.
  package let firstNoise: String?
  /// Files that one side at least cannot be read of: what the other side has in them is neither added
  /// nor removed.
  package let unreadable: [TreePath]

  /// - Parameters:
  ///   - pairsHashes: whether ConfigMaps and Secrets whose names differ in nothing but the hash
  ///     that kustomize's generators put behind them are the same.
  ///   - known: what is secret elsewhere, beside each document itself.
  package init(
    from old: ManifestSet, to new: ManifestSet, noise: NoiseFilter = NoiseFilter(),
    pairsHashes: Bool = false, known: SecretTexts = .none
  ) {
    let unreadableOld = Set(old.unreadable.map(\.path))
    let unreadableNew = Set(new.unreadable.map(\.path))
    unreadable = unreadableOld.union(unreadableNew).sorted()
    var found: [(change: ObjectChange, index: Int)] = []
    var noiseCount = 0
    var firstNoise: String?
    var pairs = Self.pairs(old.manifests, new.manifests, noise)
    if pairsHashes { pairs = HashedName.paired(pairs) }
    for (before, after) in pairs {
      let index = after?.index ?? before?.index ?? 0
      switch (before, after) {
      case (let before?, let after?):
        // A name that is only another hash is no change of its own.
        let isRenamed = before.identity != after.identity
        let left = noise.stripped(
          isRenamed ? before.value.named(like: after.value) : before.value,
          isObject: before.isObject)
        let right = noise.stripped(after.value, isObject: after.isObject)
        let noisy = NoiseFilter.differences(left.noise, right.noise)
        noiseCount += noisy.count
        firstNoise = firstNoise ?? noisy.first
        var change = Self.change(
          from: before, left.value, to: after, right.value,
          open: (noise.open(before), noise.open(after)), known: known, isRenamed: isRenamed)
        if isRenamed { change?.oldName = before.shownIdentity.name }
        if let change { found.append((change, index)) }
      case (let before?, nil) where !unreadableNew.contains(before.path):
        let value = noise.stripped(before.value, isObject: before.isObject).value
        found.append(
          (
            ObjectChange(
              kind: .removed, identity: before.shownIdentity, oldPath: before.path, newPath: nil,
              fields: [], old: value, new: nil, open: (noise.open(before), .all),
              known: known), index
          ))
      case (nil, let after?) where !unreadableOld.contains(after.path):
        let value = noise.stripped(after.value, isObject: after.isObject).value
        found.append(
          (
            ObjectChange(
              kind: .added, identity: after.shownIdentity, oldPath: nil, newPath: after.path,
              fields: [], old: nil, new: value, open: (.all, noise.open(after)), known: known),
            index
          ))
      default: break
      }
    }
    // The sort of the standard library is stable in practice but not by contract.
    changes = found.enumerated().sorted { one, other in
      let (left, right) = (one.element, other.element)
      if left.change.path != right.change.path { return left.change.path < right.change.path }
      return left.index == right.index ? one.offset < other.offset : left.index < right.index
    }.map(\.element.change)
    self.noiseCount = noiseCount
    self.firstNoise = firstNoise
  }

  package static func changes(
    from old: ManifestSet, to new: ManifestSet, noise: NoiseFilter = NoiseFilter(),
    known: SecretTexts = .none
  ) -> [ObjectChange] {
    ObjectComparison(from: old, to: new, noise: noise, known: known).changes
  }

  private static func change(
    from before: Manifest, _ old: Value, to after: Manifest, _ new: Value,
    open: (old: OpenPart, new: OpenPart), known: SecretTexts, isRenamed: Bool
  ) -> ObjectChange? {
    let fields = ValueDifference.changes(from: old, to: new, open: open, known: known)
    let kind: ObjectChange.Kind
    if fields.isEmpty {
      if before.path == after.path, !isRenamed { return nil }
      kind = .moved
    } else {
      kind = isReencryption(fields, old, new) ? .reencrypted : .changed
    }
    return ObjectChange(
      kind: kind, identity: after.shownIdentity, oldPath: before.path, newPath: after.path,
      fields: fields, old: old, new: new, open: open, known: known)
  }

  // MARK: SOPS

  /// Whether only what SOPS writes differs.
  private static func isReencryption(_ fields: [FieldChange], _ old: Value, _ new: Value) -> Bool {
    guard old["sops"]?.object != nil, new["sops"]?.object != nil else { return false }
    var edited = 0
    let isBySOPS = fields.allSatisfy { field in
      guard field.kind == .changed, let old = field.old, let new = field.new else { return false }
      if SecretRule.isCiphertext(old), SecretRule.isCiphertext(new) {
        if case .key("sops")? = field.path.steps.first { return true }
        edited += 1
        return true
      }
      let steps = field.path.steps
      guard case .key("sops")? = steps.first, case .key(let name)? = steps.last else {
        return false
      }
      return ["mac", "lastmodified", "enc", "version", "created_at"].contains(name)
    }
    // A new key encrypts everything anew; `sops edit` only what was edited.
    return isBySOPS && (edited == 0 || edited == ciphertexts(in: new))
  }

  /// How many values are encrypted, besides what SOPS keeps of itself.
  private static func ciphertexts(in document: Value) -> Int {
    var count = 0
    var left = (document.object ?? [:]).filter { $0.key != "sops" }.map(\.value)
    while let value = left.popLast() {
      switch value {
      case .object(let object): left += object.map(\.value)
      case .array(let elements): left += elements
      case .null, .bool, .integer, .double, .string:
        if SecretRule.isCiphertext(value) { count += 1 }
      }
    }
    return count
  }

  // MARK: Pairs

  /// Which document is which: by identity and, where several have one (a base and its patches), first
  /// those of the same file, then those of the same content, then in their order.
  private static func pairs(
    _ old: [Manifest], _ new: [Manifest], _ noise: NoiseFilter
  ) -> [(old: Manifest?, new: Manifest?)] {
    var groups: [ManifestIdentity: (old: [Int], new: [Int])] = [:]
    for (index, manifest) in old.enumerated() {
      groups[manifest.identity, default: ([], [])].old.append(index)
    }
    for (index, manifest) in new.enumerated() {
      groups[manifest.identity, default: ([], [])].new.append(index)
    }
    var pairs: [(old: Manifest?, new: Manifest?)] = []
    // In the order of the documents, not of the dictionary.
    for manifest in old + new {
      guard let group = groups.removeValue(forKey: manifest.identity) else { continue }
      var olds = group.old
      var news = group.new
      func pair(by key: (Manifest) -> some Hashable) {
        guard !olds.isEmpty, !news.isEmpty else { return }
        let found = matches(olds.map { key(old[$0]) }, news.map { key(new[$0]) })
        pairs += found.map { (old[olds[$0.old]], new[news[$0.new]]) }
        let usedOld = Set(found.map(\.old))
        let usedNew = Set(found.map(\.new))
        olds = olds.indices.filter { !usedOld.contains($0) }.map { olds[$0] }
        news = news.indices.filter { !usedNew.contains($0) }.map { news[$0] }
      }
      // Of several in one file, those that did not change.
      if olds.count > 1 || news.count > 1 {
        func content(_ manifest: Manifest) -> Value {
          noise.stripped(manifest.value, isObject: manifest.isObject).value
        }
        pair { FileContent(path: $0.path, value: content($0)) }
        pair(by: \.path)
        pair(by: content)
      }
      pair { _ in 0 }
      pairs += olds.map { (old[$0], nil) }
      pairs += news.map { (nil, new[$0]) }
    }
    return pairs
  }

  private struct FileContent: Hashable {
    let path: TreePath
    let value: Value
  }

  /// Pairs the positions of equal keys, in their order.
  private static func matches<Key: Hashable>(
    _ old: [Key], _ new: [Key]
  ) -> [(old: Int, new: Int)] {
    var positions: [Key: [Int]] = [:]
    // The last first, so that the first can be taken from the end.
    for (index, key) in new.enumerated().reversed() { positions[key, default: []].append(index) }
    return old.enumerated().compactMap { index, key in
      positions[key]?.popLast().map { (index, $0) }
    }
  }
}

extension NoiseFilter {
  /// What of a document may be shown, without noise: positions in lists are then those of what is left.
  fileprivate func open(_ manifest: Manifest) -> OpenPart {
    OpenPart(manifest.shown.map { stripped($0, isObject: manifest.isObject).value })
  }
}

extension ManifestIdentity {
  fileprivate var name: String? {
    switch self {
    case .object(let id), .generated(let id): id.name
    case .document: nil
    }
  }
}

extension Value {
  fileprivate func named(like other: Value) -> Value {
    guard var fields = object, var metadata = fields["metadata"]?.object else { return self }
    metadata["name"] = other["metadata", "name"]
    fields["metadata"] = .object(metadata)
    return .object(fields)
  }
}
