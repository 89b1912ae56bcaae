/// Text that stands for any bytes of the system: arguments, paths, values of the environment.
///
/// Bytes that are not UTF-8 are carried as private-use scalars, U+10FE80 for 0x80 to U+10FEFF for
/// 0xFF. Where such a scalar itself stands in the bytes, its four bytes are carried too, so that
/// every sequence of bytes has one text, and gets back from it.
extension String {
  /// The text that stands for some bytes.
  package init(nativeBytes bytes: [UInt8]) {
    if let text = String(validating: bytes, as: UTF8.self),
      !text.unicodeScalars.contains(where: \.isCarrier)
    {
      self = text
      return
    }
    var text = String.UnicodeScalarView()
    var rest = bytes[...]
    while let byte = rest.first {
      if let scalar = Unicode.Scalar(leading: rest), !scalar.isCarrier {
        text.append(scalar)
        rest = rest.dropFirst(UTF8.width(scalar))
      } else {
        text.append(Unicode.Scalar(carrying: byte))
        rest = rest.dropFirst()
      }
    }
    self = String(text)
  }

  /// The bytes that the text stands for: the one way back.
  package var nativeBytes: [UInt8] {
    guard unicodeScalars.contains(where: \.isCarrier) else { return Array(utf8) }
    var bytes: [UInt8] = []
    for scalar in unicodeScalars {
      if scalar.isCarrier {
        bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      } else {
        bytes.append(contentsOf: String(scalar).utf8)
      }
    }
    return bytes
  }

  /// The text for people: U+FFFD in place of what is no UTF-8.
  package var shown: String {
    guard unicodeScalars.contains(where: \.isCarrier) else { return self }
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      text.append(scalar.isCarrier ? "\u{FFFD}" : scalar)
    }
    return String(text)
  }
}

extension Unicode.Scalar {
  /// The lowest 8 bits of a carrier are the byte.
  fileprivate init(carrying byte: UInt8) {
    self = Unicode.Scalar(0x10FE00 + UInt32(byte)) ?? "\u{FFFD}"
  }

  /// The character at the front of some bytes; nil when they begin with none.
  fileprivate init?(leading bytes: ArraySlice<UInt8>) {
    for length in 1...min(4, bytes.count) {
      if let text = String(validating: bytes.prefix(length), as: UTF8.self),
        let scalar = text.unicodeScalars.first
      {
        self = scalar
        return
      }
    }
    return nil
  }

  fileprivate var isCarrier: Bool {
    (0x10FE80...0x10FEFF).contains(value)
  }
}

/// A path as the system takes it.
package protocol NativePath {
  var nativeBytes: [UInt8] { get }
}

extension String: NativePath {}

extension [UInt8]: NativePath {
  package var nativeBytes: [UInt8] { self }
}

extension NativePath {
  /// Calls with a NUL-terminated copy; what follows a NUL in the path is lost, as in C.
  func withCPath<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    let bytes = nativeBytes
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
      for (index, byte) in bytes.enumerated() {
        buffer[index] = CChar(bitPattern: byte)
      }
      buffer[bytes.count] = 0
      guard let start = buffer.baseAddress else { preconditionFailure("an empty allocation") }
      return body(UnsafePointer(start))
    }
  }
}

/// The bytes of a C string.
func bytes(of text: UnsafePointer<CChar>) -> [UInt8] {
  var bytes: [UInt8] = []
  var next = text
  while next.pointee != 0 {
    bytes.append(UInt8(bitPattern: next.pointee))
    next += 1
  }
  return bytes
}
