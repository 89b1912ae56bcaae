import Document

/// Any bytes are read as YAML or refused; what was read can be written, and reads the same again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  _ = try? YAML.parseDocument(input)
  guard let values = try? YAML.parse(input) else { return 0 }
  for value in values {
    // The first round trip may turn 1.0 into 1; from then on nothing may change.
    guard let second = again(value) else { continue }
    guard let third = again(second) else { preconditionFailure("what was written is empty") }
    precondition(second == third, "what was written reads differently")
  }
  return 0
}

private func again(_ value: Value) -> Value? {
  do {
    return try YAML.parseDocument(Array(YAML.write(value).utf8))
  } catch {
    preconditionFailure("what was written cannot be read: \(error)")
  }
}
