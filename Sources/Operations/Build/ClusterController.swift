import Document
package import Generation
package import KubeAPI
import Objects

/// The source-watcher that a cluster runs, as its deployment says.
package struct ClusterController: Sendable {
  private let deployment: ControllerDeployment

  /// Reads the deployment, in whatever namespace it is.
  ///
  /// - Throws: the API's error; `OperationError` where there is no such deployment.
  package init(on cluster: any Cluster) async throws {
    let list = try await cluster.list(
      BuiltInKinds.type(apiVersion: "apps/v1", kind: "Deployment"), namespace: nil,
      options: ListOptions(labelSelector: "app.kubernetes.io/part-of=flux"))
    let found = list.items.first { $0["metadata"]?["name"]?.string == "source-watcher" }
    guard let found else {
      throw OperationError(
        .notFound,
        "no source-watcher deployment found (label app.kubernetes.io/part-of=flux): "
          + "set --controller-version or --compressor")
    }
    deployment = ControllerDeployment(found)
  }

  /// The release in the image tag.
  ///
  /// - Throws: `OperationError` where the image has no version.
  package func release() throws -> ControllerRelease {
    for container in deployment.containers {
      guard let image = container["image"]?.string,
        let release = ClusterController.release(ofImage: image)
      else { continue }
      return release
    }
    throw OperationError(
      .notFound,
      "the image of the source-watcher deployment has no version: "
        + "set --controller-version or --compressor")
  }

  /// Whether it runs with `--no-cross-namespace-refs`.
  package var forbidsCrossNamespace: Bool {
    deployment.forbidsCrossNamespace
  }

  /// The tag of `registry:port/name:tag@digest`, read as a version.
  private static func release(ofImage image: String) -> ControllerRelease? {
    let name = image.split(separator: "@", maxSplits: 1)[0]
    guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return nil }
    return ControllerRelease(String(name[name.index(after: colon)...]))
  }
}
