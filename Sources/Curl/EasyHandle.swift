import CCurl
import CurlShim
import HTTP

/// An easy handle with checked setters.
struct EasyHandle {
  let easy: UnsafeMutableRawPointer
  let server: String

  func check(_ code: Int32, _ option: CURLoption) throws(TransportError) {
    guard code != 0 else { return }
    let version = String(cString: artifact_curl_version())
    throw TransportError(
      .library, server: server,
      detail: "libcurl \(version) refuses option \(option.rawValue): code \(code)")
  }

  /// Allows http and https and nothing else.
  ///
  /// The option that takes names came with libcurl 7.85; before, there was one that takes bits,
  /// which its header now declares outdated. Numbers, so that this compiles with either header.
  func setProtocols() throws(TransportError) {
    let (names, bits, httpAndHTTPS): (Int32, Int32, Int) = (10318, 181, 1 | 2)
    var code = artifact_curl_set_string(easy, names, "https,http")
    if code == Int32(CURLE_UNKNOWN_OPTION.rawValue) {
      code = artifact_curl_set_long(easy, bits, httpAndHTTPS)
    }
    try check(code, CURLoption(rawValue: UInt32(names)))
  }

  func set(_ option: CURLoption, _ value: Int) throws(TransportError) {
    try check(artifact_curl_set_long(easy, Int32(option.rawValue), value), option)
  }

  func set(_ option: CURLoption, _ value: String?) throws(TransportError) {
    try check(artifact_curl_set_string(easy, Int32(option.rawValue), value), option)
  }

  func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) throws(TransportError) {
    try check(artifact_curl_set_pointer(easy, Int32(option.rawValue), pointer), option)
  }

  func set(_ option: CURLoption, _ blob: [UInt8]) throws(TransportError) {
    let code = blob.withUnsafeBytes { bytes in
      bytes.baseAddress.map {
        artifact_curl_set_blob(easy, Int32(option.rawValue), $0, bytes.count)
      }
    }
    // An empty blob would be "no restriction" to libcurl.
    try check(code ?? Int32(CURLE_BAD_FUNCTION_ARGUMENT.rawValue), option)
  }

  func set(_ option: CURLoption, callback: @escaping artifact_curl_data_callback)
    throws(TransportError)
  {
    try check(artifact_curl_set_data_callback(easy, Int32(option.rawValue), callback), option)
  }

  func long(_ info: CURLINFO) -> Int {
    var value = 0
    _ = artifact_curl_get_long(easy, Int32(info.rawValue), &value)
    return value
  }

  func offset(_ info: CURLINFO) -> Int64 {
    var value: Int64 = 0
    _ = artifact_curl_get_offset(easy, Int32(info.rawValue), &value)
    return value
  }
}
