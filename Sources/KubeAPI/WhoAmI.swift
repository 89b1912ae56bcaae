import Document
import Objects

/// Knows who the current user is.
package protocol WhoAmI: Sendable {
  /// What the kubeconfig calls the user; nil where it has no name for him.
  var configuredUser: String? { get }

  /// The name that the server knows the user by; nil from servers that do not say: Kubernetes
  /// before 1.26 never does, 1.26 and 1.27 where the beta or alpha version is served.
  func userName() async throws -> String?
}

extension WhoAmI where Self: WritableCluster {
  package func userName() async throws -> String? {
    for version in ["v1", "v1beta1", "v1alpha1"] {
      let reviews = ResourceType(
        group: "authentication.k8s.io", version: version, kind: "SelfSubjectReview",
        plural: "selfsubjectreviews", singular: "selfsubjectreview", isNamespaced: false)
      let review: Value = [
        "apiVersion": .string(reviews.apiVersion), "kind": .string(reviews.kind),
      ]
      do {
        let answer = try await create(reviews, namespace: nil, review, options: WriteOptions())
        return answer["status", "userInfo", "username"]?.string
      } catch let error as APIError {
        guard error.isNotFound else { return nil }
      }
    }
    return nil
  }
}
