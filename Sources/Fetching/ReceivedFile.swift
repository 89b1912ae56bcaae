import Content
import Platform
import SystemPackage

/// The file that an artifact is received into: it has no name, and is deleted unless it is kept.
final class ReceivedFile {
  /// Keeps what has been verified.
  struct Shelf {
    let cache: ContentCache
    let digest: Digest
    let unfinished: UnfinishedFiles
  }

  private let file: FileDescriptor
  private let folder: String
  /// Of a file that may be kept.
  private let temporaryPath: String?
  private let shelf: Shelf?
  private var size: Int64 = 0
  private var isHandedOver = false

  /// - Parameter shelf: nil where nothing is kept.
  init(in temporaryFolder: String, for shelf: Shelf?) throws(FetchError) {
    if let shelf, let (file, path) = shelf.cache.newFile(shelf.unfinished) {
      self.file = file
      self.shelf = shelf
      temporaryPath = path
      folder = shelf.cache.directory
      return
    }
    do throws(Errno) {
      let (file, path) = try Disk.temporaryFile(in: temporaryFolder, prefix: "artifactgen")
      self.file = file
      try Disk.remove(path)
    } catch {
      throw FetchError(
        .output,
        "cannot create a file in \(temporaryFolder): \(error.goText); set TMPDIR to another")
    }
    folder = temporaryFolder
    temporaryPath = nil
    self.shelf = nil
  }

  deinit {
    if let temporaryPath, let shelf {
      shelf.unfinished.change { paths in
        try? Disk.remove(temporaryPath)
        _ = paths.remove(temporaryPath)
      }
    }
    if !isHandedOver { try? file.close() }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
    do throws(Errno) {
      try file.write(bytes, at: size)
    } catch {
      throw FetchError(.output, "cannot write to \(folder): \(error.goText)")
    }
    size += Int64(bytes.count)
  }

  /// Hands over the content, which has been verified, and keeps it where that is wanted.
  func finish() -> FileContent {
    isHandedOver = true
    if let temporaryPath, let shelf {
      // What cannot be kept is fetched again the next time.
      shelf.cache.keep(temporaryPath, size: size, as: shelf.digest, shelf.unfinished)
    }
    let spool = Spool(adopting: file, in: folder, size: size)
    return .spooled(spool, offset: 0, size: size)
  }
}
