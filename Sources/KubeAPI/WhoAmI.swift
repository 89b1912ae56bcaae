import Document
import Objects

/// Knows who the current user is.
package protocol WhoAmI: Sendable {
  /// What the kubeconfig calls the user; nil where it has no name for him.
  var configuredUser: String? { get }

  /// The name that the server knows the user by; nil from servers before Kubernetes 1.28, which do
  /// not say.
  func userName() async throws -> String?
}

extension WhoAmI where Self: WritableCluster {
  package func userName() async throws -> String? {
    let reviews = ResourceType(
      group: "authentication.k8s.io", version: "v1", kind: "SelfSubjectReview",
      plural: "selfsubjectreviews", singular: "selfsubjectreview", isNamespaced: false)
    let review: Value = ["apiVersion": .string(reviews.apiVersion), "kind": .string(reviews.kind)]
    do {
      let answer = try await create(reviews, namespace: nil, review, options: WriteOptions())
      return answer["status", "userInfo", "username"]?.string
    } catch is APIError {
      return nil
    }
  }
}
