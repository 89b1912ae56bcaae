import Text

/// A map from names to values, kept in the order of the names' UTF-8 bytes.
///
/// That is the order in which Go's encoding/json writes a map, so iterating gives kubectl's order.
/// Names are compared by bytes. Look-up is a binary search; inserting names in ascending order
/// is cheap.
package struct Object: Sendable, Hashable {
  struct Entry: Sendable {
    var key: String
    var value: Value
  }

  private(set) var entries: [Entry]

  package init() {
    entries = []
  }

  /// Builds an object from pairs in any order; of equal names the last wins.
  package init(_ pairs: [(String, Value)]) {
    self.init(entries: pairs.map { Entry(key: $0.0, value: $0.1) })
  }

  init(entries unsorted: [Entry]) {
    var ascending = true
    for index in unsorted.indices.dropFirst()
    where compareUTF8(unsorted[index - 1].key, unsorted[index].key) >= 0 {
      ascending = false
      break
    }
    entries = ascending ? unsorted : Object.sorted(unsorted)
  }

  /// `ascending` must be in strictly ascending order of names.
  init(ascending: [Entry]) {
    entries = ascending
  }

  static func sorted(_ unsorted: [Entry]) -> [Entry] {
    // The standard sort is stable in practice but not by contract: the position decides ties.
    let order = unsorted.indices.sorted { left, right in
      let order = compareUTF8(unsorted[left].key, unsorted[right].key)
      return order == 0 ? left < right : order < 0
    }
    var result: [Entry] = []
    result.reserveCapacity(unsorted.count)
    for index in order {
      if let last = result.last, equalUTF8(last.key, unsorted[index].key) {
        result[result.count - 1] = unsorted[index]
      } else {
        result.append(unsorted[index])
      }
    }
    return result
  }

  package var count: Int { entries.count }

  package var isEmpty: Bool { entries.isEmpty }

  /// The names, in the order of their bytes.
  package var keys: [String] { entries.map(\.key) }

  /// Up to so many names are searched one after the other.
  private static let few = 12

  package subscript(key: String) -> Value? {
    get {
      guard entries.count > Object.few else {
        // Lengths differ mostly, and cost less to compare than order.
        return entries.withUnsafeBufferPointer { entries in
          for index in entries.indices where equalUTF8(entries[index].key, key) {
            return entries[index].value
          }
          return nil
        }
      }
      let (index, found) = position(of: key)
      return found ? entries[index].value : nil
    }
    set {
      let (index, found) = position(of: key)
      switch (newValue, found) {
      case (let value?, true): entries[index].value = value
      case (let value?, false): entries.insert(Entry(key: key, value: value), at: index)
      case (nil, true): entries.remove(at: index)
      case (nil, false): break
      }
    }
  }

  /// Removes a name and hands back its value, or nil when the name is absent.
  @discardableResult
  package mutating func removeValue(forKey key: String) -> Value? {
    let (index, found) = position(of: key)
    return found ? entries.remove(at: index).value : nil
  }

  /// Where `key` is, or where it would have to be inserted.
  private func position(of key: String) -> (index: Int, found: Bool) {
    guard let last = entries.last else { return (0, false) }
    let end = compareUTF8(last.key, key)
    if end < 0 { return (entries.count, false) }
    if end == 0 { return (entries.count - 1, true) }
    var low = 0
    var high = entries.count - 1
    while low < high {
      let middle = (low + high) / 2
      let order = compareUTF8(entries[middle].key, key)
      if order == 0 { return (middle, true) }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return (low, false)
  }

  package static func == (left: Object, right: Object) -> Bool {
    guard left.entries.count == right.entries.count else { return false }
    return zip(left.entries, right.entries).allSatisfy {
      equalUTF8($0.key, $1.key) && $0.value == $1.value
    }
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(entries.count)
    for entry in entries {
      hashUTF8(entry.key, into: &hasher)
      hasher.combine(entry.value)
    }
  }
}

/// Feeds a string's bytes to a hasher: String's own hash is that of its canonical form.
func hashUTF8(_ text: String, into hasher: inout Hasher) {
  let direct: Void? = text.utf8.withContiguousStorageIfAvailable {
    hasher.combine(bytes: UnsafeRawBufferPointer($0))
  }
  if direct == nil {
    for byte in text.utf8 { hasher.combine(byte) }
  }
  hasher.combine(text.utf8.count)
}

extension Object: Sequence {
  package struct Iterator: IteratorProtocol {
    var rest: IndexingIterator<[Entry]>

    package mutating func next() -> (key: String, value: Value)? {
      rest.next().map { ($0.key, $0.value) }
    }
  }

  package func makeIterator() -> Iterator {
    Iterator(rest: entries.makeIterator())
  }

  package var underestimatedCount: Int { entries.count }
}

extension Object: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, Value)...) {
    self.init(elements)
  }
}
