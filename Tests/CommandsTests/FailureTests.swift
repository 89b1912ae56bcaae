import KubeAPI
import Testing

@testable import Commands

@Suite struct FailureTests {
  @Test func `what a server does not understand is said once, whatever the kinds`() {
    func refusal(_ code: Int, _ reason: String, _ text: String, of kind: String) -> APIError {
      var error = APIError(
        Status(code: code, reason: reason, message: "Unable to list \(kind): \(text)"))
      error.refusalOfList = text
      return error
    }
    let failures = ["gitrepositories", "buckets"].flatMap { kind in
      [
        refusal(400, "BadRequest", "unable to parse requirement", of: kind),
        refusal(500, "InternalError", "broken", of: kind),
      ]
    }
    let messages = Failure(
      SeveralFailures(failures), style: .kubectl, commandPath: "kubectl artifactgen get"
    ).messages
    #expect(messages.count == 3)
    #expect(messages.count { $0.contains("unable to parse requirement") } == 1)
  }
}
