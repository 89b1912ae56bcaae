import CCurl
import CurlShim
import HTTP

extension EasyHandle {
  /// What is sent, and where the answer goes.
  func setMessage(
    _ transfer: Transfer, _ target: Target, _ options: TransportOptions
  ) throws(TransportError) {
    try setCallbacks(transfer)
    let request = transfer.request
    switch (request.method, request.body) {
    case (.get, nil): try set(CURLOPT_HTTPGET, 1)
    case (.head, _): try set(CURLOPT_NOBODY, 1)
    case (_, let body):
      // The body comes through the callback and cannot be rewound, so libcurl never sends a write
      // twice on its own.
      try set(CURLOPT_POST, 1)
      try check(
        artifact_curl_set_offset(
          easy, Int32(CURLOPT_POSTFIELDSIZE_LARGE.rawValue), Int64(body?.count ?? 0)),
        CURLOPT_POSTFIELDSIZE_LARGE
      )
      try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
    var headers = request.headers
    if options.serverName != nil, target.scheme == "https" { headers["Host"] = target.hostPort }
    let compresses = request.acceptsCompression && request.method != .head
    try set(CURLOPT_ACCEPT_ENCODING, compresses ? "gzip" : nil)
    var lines = headers.fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    // A line without value removes what libcurl would add.
    for name in ["Accept", "Content-Type", "Expect"] where headers[name] == nil {
      lines.append("\(name):")
    }
    for line in lines {
      guard let list = artifact_curl_list_append(transfer.headerList, line) else {
        throw TransportError(
          .library, server: server, detail: "libcurl cannot be used: out of memory")
      }
      transfer.headerList = list
    }
    try set(CURLOPT_HTTPHEADER, pointer: transfer.headerList)
  }

  private func setCallbacks(_ transfer: Transfer) throws(TransportError) {
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    try set(CURLOPT_WRITEDATA, pointer: context)
    try set(CURLOPT_HEADERDATA, pointer: context)
    try set(CURLOPT_READDATA, pointer: context)
    try set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let transfer = Transfer.from(context) else { return 0 }
      return transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    try set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let transfer = Transfer.from(context) else { return 0 }
      transfer.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return transfer.ownFailure == nil ? size * count : 0
    }
    try set(CURLOPT_READFUNCTION) { bytes, size, count, context in
      guard let transfer = Transfer.from(context) else { return 0 }
      return transfer.giveBody(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
    }
  }
}
