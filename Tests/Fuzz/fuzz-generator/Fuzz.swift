import Document
import FluxModel

/// A manifest of any bytes is read or refused with an error.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let documents = try? YAML.parse(input) else { return 0 }
  for document in documents {
    _ = YAML.write(document)
    guard let generator = try? ArtifactGenerator(document) else {
      continue
    }
    _ = try? generator.validate(namespace: "default", allowsOtherNamespaces: false)
    _ = generator.findings
  }
  return 0
}
