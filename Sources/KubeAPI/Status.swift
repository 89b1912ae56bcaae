package import Document
import Text

/// The API server's account of what went wrong (`Status` of `meta/v1`), kept whole.
package struct Status: Sendable, Hashable {
  package struct Cause: Sendable, Hashable {
    package var reason: String
    package var message: String
    package var field: String
  }

  package var code: Int
  /// `NotFound`, `Conflict`, …; empty when the server gives none.
  package var reason: String
  package var message: String
  /// The kind or resource that the error is about.
  package var kind: String
  package var name: String
  package var causes: [Cause]
  /// Any number, as the server gives it.
  package var retryAfterSeconds: Int64?

  package init(code: Int, reason: String, message: String) {
    self.code = code
    self.reason = reason
    self.message = message
    kind = ""
    name = ""
    causes = []
  }

  /// Reads a Status that says that something failed; nil for anything else, success included.
  package init?(failure object: Value) {
    guard object["kind"]?.string == "Status", object["status"]?.string != "Success" else {
      return nil
    }
    let details = object["details"]
    self.init(
      code: object["code"]?.integer.map { Int(truncatingIfNeeded: $0) } ?? 0,
      reason: object["reason"]?.string ?? "",
      message: object["message"]?.string ?? ""
    )
    kind = details?["kind"]?.string ?? ""
    name = details?["name"]?.string ?? ""
    retryAfterSeconds = details?["retryAfterSeconds"]?.integer
    causes = (details?["causes"]?.array ?? []).map {
      Cause(
        reason: $0["reason"]?.string ?? "",
        message: $0["message"]?.string ?? "",
        field: $0["field"]?.string ?? ""
      )
    }
  }
}

extension Status {
  /// What an HTTP status means when the body does not say (apimachinery pkg/api/errors,
  /// NewGenericServerResponse).
  ///
  /// - Parameters:
  ///   - verb: the HTTP method.
  ///   - what: what was asked for, such as `configmaps` or `configmaps demo`; empty when that is
  ///     not a resource.
  ///   - body: the beginning of a textual body, or `unknown`.
  static func generic(code: Int, verb: String, what: String, body: String) -> Status {
    let (reason, message): (String, String) =
      switch code {
      case 400: ("BadRequest", "the server rejected our request for an unknown reason")
      case 401: ("Unauthorized", "the server has asked for the client to provide credentials")
      case 403: ("Forbidden", body)
      case 404: ("NotFound", "the server could not find the requested resource")
      case 405:
        ("MethodNotAllowed", "the server does not allow this method on the requested resource")
      case 406 where body == "unknown" || body.isEmpty:
        (
          "NotAcceptable",
          "the server was unable to respond with a content type that the client supports"
        )
      case 406: ("NotAcceptable", body)
      case 409: (verb == "POST" ? "AlreadyExists" : "Conflict", "the server reported a conflict")
      case 410: ("Gone", "the requested resource is no longer available")
      case 415: ("UnsupportedMediaType", body)
      case 422: ("Invalid", "the server rejected our request due to an error in our request")
      case 429:
        (
          "TooManyRequests",
          "the server has received too many requests and has asked us to try again later"
        )
      case 503: ("ServiceUnavailable", "the server is currently unable to handle the request")
      case 504:
        (
          "Timeout",
          "the server was unable to return a response in the time allotted, but may still be processing the request"
        )
      case 500...:
        (
          "InternalError",
          "an error on the server (\(body.goQuoted)) has prevented the request from succeeding"
        )
      default:
        (
          "Unknown",
          "the server responded with the status code \(code) but did not return more information"
        )
      }
    let context = what.isEmpty ? "" : " (\(verb.lowercased()) \(what))"
    return Status(code: code, reason: reason, message: message + context)
  }
}
