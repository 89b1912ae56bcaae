package import Archive
package import Content
import FluxModel
package import Generation
package import Platform
import Publishing
import SystemPackage

/// Packs a directory as Flux's controllers do (`Storage.Archive` of fluxcd/pkg), for publishers of
/// ExternalArtifacts.
package struct PackDirectory: Sendable {
  package struct Packed: Sendable {
    package let archive: ArchivedArtifact
    /// A sentence each.
    package let remarks: [String]
  }

  package let directory: String
  package let compressor: Compressor
  package let algorithm: DigestAlgorithm
  /// What is being written at any moment.
  package let unfinished = UnfinishedFiles()

  package init(_ directory: String, compressor: Compressor, algorithm: DigestAlgorithm) {
    self.directory = directory
    self.compressor = compressor
    self.algorithm = algorithm
  }

  /// - Parameter path: where the archive is written; nil for nowhere.
  /// - Throws: `OperationError` for what cannot be read or written.
  package func run(to path: String?) throws -> Packed {
    let root: [UInt8]
    do throws(Errno) {
      root = try Disk.resolved(directory)
      _ = try Disk.entries(of: root)
    } catch {
      throw OperationError(.invalidArgument, "cannot read \(directory): \(error.goText)")
    }
    let published = try TreePublisher.publish(FileTree(disk: root), specIgnore: nil)
    _ = try published.consumerTree()
    let remarks =
      published.remarks.filter(\.isWarning).map(\.description) + Self.remarks(on: published)
    guard let path else {
      return Packed(
        archive: try published.archive(compressor, algorithm: algorithm), remarks: remarks)
    }
    let target = try FilePlace(path, flag: "--archive \(path)")
    let file = try BuildOutputFile(in: target.folder, unfinished: unfinished)
    let place = (try? Disk.resolved(target.folder)) ?? []
    guard place != root, !place.starts(with: root + [UInt8(ascii: "/")]) else {
      throw OperationError(
        .output, "--archive \(path) is inside \(directory) and would be packed next time")
    }
    let archive = try published.archive(compressor, algorithm: algorithm) { try file.write($0) }
    try file.finish(as: target.name)
    return Packed(archive: archive, remarks: remarks)
  }

  /// The default excludes drop what releases mostly consist of: archives and pictures.
  private static func remarks(on tree: PublishedTree) -> [String] {
    var remarks: [String] = []
    func add(_ what: String, where isMeant: (PublishedTree.LeftOut.Reason) -> Bool) {
      let paths = tree.leftOut.filter { !$0.isDirectory && isMeant($0.reason) }.map(\.path)
      guard !paths.isEmpty else { return }
      remarks.append("\(what): \(paths.count) (\(PublishedTree.named(paths)))")
    }
    add("files excluded by the default excludes or .sourceignore") {
      if case .pattern = $0 { true } else { false }
    }
    add("devices, sockets and named pipes excluded") {
      if case .special = $0 { true } else { false }
    }
    let isEmpty = !tree.entries.contains { if case .file = $0.kind { true } else { false } }
    if isEmpty { remarks.append("the archive contains no files") }
    return remarks
  }
}
