import Document
package import KubeAPI
import Objects

/// Who the current user is.
package enum ActIdentity {
  private static let reviews = ResourceType(
    group: "authentication.k8s.io", version: "v1", kind: "SelfSubjectReview",
    plural: "selfsubjectreviews",
    singular: "selfsubjectreview", isNamespaced: false)

  /// The name that the server knows the user by; nil from servers before Kubernetes 1.28, which do
  /// not say.
  package static func user(on cluster: any WritableCluster) async throws -> String? {
    let review: Value = ["apiVersion": .string(reviews.apiVersion), "kind": .string(reviews.kind)]
    do {
      let answer = try await cluster.create(
        reviews, namespace: nil, review, options: WriteOptions())
      return answer["status", "userInfo", "username"]?.string
    } catch is APIError {
      return nil
    }
  }
}
