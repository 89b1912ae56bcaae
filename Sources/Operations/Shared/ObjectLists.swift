import Document
import KubeAPI
import Objects

/// Reads many objects by few requests.
struct ObjectLists: Sendable {
  private let cluster: any Cluster
  private let resolver: KindResolver
  private let onProgress: @Sendable (Int, Int) -> Void

  /// So many objects of a kind are read one by one; for more of them a list costs less.
  private static let few = 20

  /// - Parameter onProgress: gets how many objects of a kind have been read, and of how many.
  init(
    on cluster: any Cluster, _ resolver: KindResolver,
    onProgress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) {
    self.cluster = cluster
    self.resolver = resolver
    self.onProgress = onProgress
  }

  /// Reads the kinds of which many objects are wanted by a list each.
  ///
  /// - Returns: What was found, in the order of the references, and what is left to be read: the few of
  ///   a kind, and those of a kind that may not be listed.
  func read(
    _ wanted: [ObjectID: ObjectReference]
  ) async -> (found: [Value], rest: [ObjectReference]) {
    let ordered = wanted.sorted { $0.key < $1.key }
    let kinds = Dictionary(grouping: ordered) { "\($0.value.apiVersion) \($0.value.kind)" }
    let many = kinds.filter { $0.value.count > Self.few }.sorted { $0.key < $1.key }.map(\.value)
    let answers = await concurrently(many) { references -> [ObjectID: Value]? in
      guard let first = references.first?.value, let type = await resolver.type(of: first) else {
        return nil
      }
      let ids = Set(references.map(\.key))
      // A namespace of its own is asked for by name: other ones may be large, or forbidden.
      let namespaces = Set(ids.map(\.namespace))
      let only = namespaces.count == 1 ? namespaces.first : nil
      let namespace = only?.isEmpty == false ? only : nil
      var found: [ObjectID: Value] = [:]
      do {
        try await cluster.listPages(
          type, namespace: namespace, options: ListOptions()
        ) { page in
          if page.supersedesEarlier { found = [:] }
          for object in page.items {
            guard let id = ObjectID(of: object), ids.contains(id) else { continue }
            found[id] = object
          }
          onProgress(found.count, ids.count)
        }
        return found
      } catch {
        return nil
      }
    }
    var found: [ObjectID: Value] = [:]
    var listed: Set<ObjectID> = []
    for (references, answer) in zip(many, answers) {
      guard let answer else { continue }
      listed.formUnion(references.map(\.key))
      found.merge(answer) { $1 }
    }
    return (
      ordered.compactMap { found[$0.key] },
      ordered.filter { !listed.contains($0.key) }.map(\.value)
    )
  }
}
