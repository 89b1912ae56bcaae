import Document
import TestSupport
import Testing

@Suite struct ValueTests {
  static let composed = "\u{E9}"
  static let decomposed = "e\u{301}"

  @Test func `strings are compared by bytes`() {
    #expect(ValueTests.composed == ValueTests.decomposed, "to Swift they are the same")
    #expect(Value.string(ValueTests.composed) != .string(ValueTests.decomposed))
    #expect(Set<Value>([.string(ValueTests.composed), .string(ValueTests.decomposed)]).count == 2)
  }

  @Test func `names are compared by bytes`() {
    let object: Object = [ValueTests.composed: 1, ValueTests.decomposed: 2]
    #expect(object.count == 2)
    #expect(object[ValueTests.composed] == 1)
    #expect(object[ValueTests.decomposed] == 2)
  }

  @Test func `numbers of different kinds differ`() {
    #expect(Value.integer(1) != .double(1))
    #expect(Value.double(.nan) == .double(.nan))
    #expect(Value.double(0).hashValue == Value.double(-0.0).hashValue)
  }

  @Test func `paths lead through objects`() {
    let value: Value = ["metadata": ["labels": ["a": "b"]], "items": [1, true]]
    #expect(value["metadata", "labels", "a"]?.string == "b")
    #expect(value["metadata", "nowhere", "a"] == nil)
    #expect(value["metadata", "labels", "a", "too far"] == nil)
    #expect(value["items"]?[1]?.bool == true)
    #expect(value["items"]?[2] == nil)
    #expect(value["items"]?[-1] == nil)
    #expect(value["items"]?["metadata"] == nil)
    #expect(value[0] == nil)
  }

  @Test(
    arguments: [
      (Value.null, "null"), (true, "boolean"), (1, "number"), (1.5, "number"), ("", "string"),
      ([], "array"), ([:], "object"),
    ] as [(Value, String)])
  func `types have the names of JSON`(value: Value, name: String) {
    #expect(value.typeName == name)
  }
}

@Suite struct ObjectTests {
  @Test func `names come in the order of their bytes`() {
    let object: Object = ["b": 1, "a": 2, "B": 3, "": 4, "é": 5, "a2": 6, "a10": 7]
    #expect(object.keys == ["", "B", "a", "a10", "a2", "b", "é"])
    #expect(object.map(\.key) == object.keys)
    #expect(object.map(\.value) == [4, 3, 2, 7, 6, 1, 5])
  }

  @Test func `the last of equal names wins`() {
    let object = Object([("a", 1), ("b", 2), ("a", 3), ("b", 4), ("a", 5)])
    #expect(object == ["a": 5, "b": 4])
  }

  @Test func `absent names are nil and not null`() {
    var object: Object = ["b": .null, "d": 1]
    for absent in ["", "a", "c", "e"] { #expect(object[absent] == nil) }
    #expect(object["b"]?.isNull == true)
    #expect(object.removeValue(forKey: "c") == nil)
    #expect(object.removeValue(forKey: "b") == .some(.null))
    #expect(object.keys == ["d"])
  }

  /// Against a dictionary, over random insertions and removals.
  @Test func `behaves like a dictionary`() {
    var generator = SeededGenerator(seed: 7)
    var object = Object()
    var model: [String: Value] = [:]
    for step in 0..<4000 {
      let key = String(Int.random(in: 0..<60, using: &generator))
      if Bool.random(using: &generator) {
        object[key] = .integer(Int64(step))
        model[key] = .integer(Int64(step))
      } else {
        object[key] = nil
        model[key] = nil
      }
    }
    #expect(object.keys == model.keys.sorted())
    for (key, value) in model { #expect(object[key] == value) }
  }
}
