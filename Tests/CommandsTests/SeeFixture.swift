import Document
import KubeAPI
import Objects
import Operations
import TestSupport

/// The objects of the test cluster, without a server.
enum SeeFixture {
  /// Read once: that takes longer than all the rest.
  private static let read = Result<[Value], any Error> {
    let folder = Fixtures.path("cluster/objects")
    return try filesBelow(folder).filter { $0.hasSuffix(".yaml") }.flatMap {
      try YAML.parse(try Fixtures.bytes("cluster/objects/\($0)"))
    }.filter { $0.object != nil }
  }

  static func objects() throws -> [Value] {
    try read.get()
  }

  static func cluster() throws -> Snapshot {
    Snapshot(objects: try objects())
  }

  /// A cluster whose user may do little.
  ///
  /// - Parameter allowed: The only collections that can be listed, as `plural namespace`.
  static func guarded(allowed: Set<String>) throws -> FakeCluster {
    var traits = FakeCluster.Traits()
    traits.mayRead = { request in
      request.name == nil && allowed.contains("\(request.type.plural) \(request.namespace ?? "*")")
    }
    traits.script = []
    return FakeCluster(try cluster(), can: .watching, traits)
  }

  /// A cluster in which something happens: the updates of a watch, one after the other.
  static func changing(_ updates: [WatchUpdate]) throws -> FakeCluster {
    var traits = FakeCluster.Traits()
    traits.script = updates
    return FakeCluster(try cluster(), can: .watching, traits)
  }
}
