import CCurl
import CurlShim
import HTTP
import Platform
import Text

extension EasyHandle {
  /// What libcurl knows about a transfer that failed.
  func failure(
    of transfer: Transfer, _ target: Target, code: Int, verifiedName: String
  ) -> CurlFailure {
    let refusal = Int(artifact_tls_take_refusal())
    let text = transfer.errorText.baseAddress.map { String(cString: $0) } ?? ""
    var failure = CurlFailure(
      code: code,
      text: text.isEmpty ? String(cString: artifact_curl_easy_text(Int32(code))) : text,
      target: target,
      verifiedName: verifiedName
    )
    failure.proxy = transfer.proxy
    // 1 stands for "not verified yet".
    let results =
      [CURLINFO_SSL_VERIFYRESULT, CURLINFO_PROXY_SSL_VERIFYRESULT].map(long) + [refusal]
    failure.verifyResult = results.first { $0 > 1 } ?? 0
    failure.osError = long(CURLINFO_OS_ERRNO)
    failure.connectStatus = long(CURLINFO_HTTP_CONNECTCODE)
    failure.isConnected = offset(CURLINFO_CONNECT_TIME_T) > 0
    failure.isSecured = offset(CURLINFO_APPCONNECT_TIME_T) > 0
    failure.hasHead = transfer.hasHead
    if let timeout = transfer.request.timeout {
      failure.hasRequestTimedOut =
        offset(CURLINFO_TOTAL_TIME_T) / 1000 >= timeout.milliseconds - 50
    }
    if let certificate = artifact_curl_copy_certificate(easy) {
      failure.certificate = takeCString(certificate)
    }
    return failure
  }
}
