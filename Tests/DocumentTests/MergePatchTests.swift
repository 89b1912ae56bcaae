import Document
import Testing

@Suite struct MergePatchTests {
  /// The examples of RFC 7386, appendix A.
  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
    (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
    (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
    (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
    (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
    (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
    (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
    (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
    (#"{"a":"foo"}"#, "null", "null"),
    (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
    (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
    (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
    (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ])
  func `the examples of the standard`(target: String, patch: String, result: String) throws {
    func parse(_ text: String) throws -> Value { try JSON.parse(Array(text.utf8)) }
    #expect(try MergePatch.apply(try parse(patch), to: try parse(target)) == parse(result))
  }

  @Test(
    arguments: [
      (["a": 1, "b": 2], ["a": 1, "b": 3], ["b": 3]),
      (["a": 1, "b": ["c": 1, "d": 2]], ["b": ["c": 1]], ["a": .null, "b": ["d": .null]]),
      (["a": [1, 2]], ["a": [1, 2, 3]], ["a": [1, 2, 3]]),
      (["a": ["b": 1]], ["a": "x"], ["a": "x"]),
      (["a": "x"], ["a": ["b": 1]], ["a": ["b": 1]]),
      (["a": 1], [1], [1]),
      (["a": 1], ["a": 1.0], ["a": 1.0]),
    ] as [(Value, Value, Value)])
  func `the smallest patch`(old: Value, new: Value, patch: Value) {
    #expect(MergePatch.diff(from: old, to: new) == patch)
    #expect(MergePatch.diff(from: new, to: new) == nil)
  }

  @Test func `a patch turns one into the other`() {
    var random = RandomValues(seed: 9)
    for _ in 0..<3000 {
      let old = random.value()
      let new = withoutNulls(random.value())
      let patched = MergePatch.diff(from: old, to: new).map { MergePatch.apply($0, to: old) } ?? old
      #expect(patched == new)
    }
  }

  /// A merge patch cannot say null inside an object.
  private func withoutNulls(_ value: Value) -> Value {
    guard case .object(let object) = value else { return value }
    return .object(
      Object(object.compactMap { $0.value.isNull ? nil : ($0.key, withoutNulls($0.value)) }))
  }
}
