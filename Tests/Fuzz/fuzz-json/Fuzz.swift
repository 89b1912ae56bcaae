import Document

/// Any bytes are read as JSON or refused; what was read can be written, and reads the same again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = UnsafeRawBufferPointer(start: start, count: count)
  guard let value = try? JSON.parse(input) else { return 0 }
  for style in [JSON.Style.compact, .pretty] {
    // The first round trip may turn 1.0 into 1; from then on nothing may change.
    let second = again(value, style)
    precondition(again(second, style) == second, "what was written reads differently")
  }
  return 0
}

private func again(_ value: Value, _ style: JSON.Style) -> Value {
  do {
    return try JSON.parse(JSON.write(value, style: style))
  } catch {
    preconditionFailure("what was written cannot be read: \(error)")
  }
}
