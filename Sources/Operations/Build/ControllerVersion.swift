import Document
package import Generation
package import KubeAPI
import Objects

/// Asks a cluster which source-watcher it runs.
package enum ControllerVersion {
  /// The release in the image tag of the source-watcher deployment, in whatever namespace it is.
  ///
  /// - Throws: the API's error; `OperationError` where there is no such deployment or its image has
  ///   no version.
  package static func inCluster(_ cluster: any Cluster) async throws -> ControllerRelease {
    let list = try await cluster.list(
      BuiltInKinds.type(apiVersion: "apps/v1", kind: "Deployment"), namespace: nil,
      options: ListOptions(labelSelector: "app.kubernetes.io/part-of=flux"))
    let found = list.items.first { $0["metadata"]?["name"]?.string == "source-watcher" }
    guard let found else {
      throw OperationError(
        .notFound,
        "this cluster has no source-watcher deployment (label app.kubernetes.io/part-of=flux): "
          + "say --controller-version or --compressor")
    }
    let containers = found["spec"]?["template"]?["spec"]?["containers"]?.array ?? []
    for container in containers {
      guard let image = container["image"]?.string, let release = release(ofImage: image) else {
        continue
      }
      return release
    }
    throw OperationError(
      .notFound,
      "the image of the source-watcher deployment has no version: "
        + "say --controller-version or --compressor")
  }

  /// The tag of `registry:port/name:tag@digest`, read as a version.
  static func release(ofImage image: String) -> ControllerRelease? {
    let name = image.split(separator: "@", maxSplits: 1)[0]
    guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return nil }
    return ControllerRelease(String(name[name.index(after: colon)...]))
  }
}
