import Glibc
import SystemPackage

/// Why a file cannot be read, in the words of Go's os package.
struct LocalFileError: Error, Sendable {
  /// The system call that failed: `open` or `read`.
  let operation: String
  let path: String
  let errno: Errno

  var isMissing: Bool { errno == .noSuchFileOrDirectory }

  /// As Go says it: `open /x: no such file or directory`.
  var description: String {
    let reason = errno.description
    return "\(operation) \(path): \(reason.prefix(1).lowercased())\(reason.dropFirst())"
  }
}

/// Small files: configuration, certificates, tokens.
enum LocalFile {
  /// The whole content of a file.
  ///
  /// The size is limited: somebody may name a device.
  static func read(_ path: String, limit: Int = 16 << 20) throws(LocalFileError) -> [UInt8] {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
      defer { try? file.close() }
      do {
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
          let count = try piece.withUnsafeMutableBytes { try file.read(into: $0) }
          if count == 0 { return content }
          content.append(contentsOf: piece[..<count])
          guard content.count <= limit else { throw Errno.fileTooLarge }
        }
      } catch {
        throw LocalFileError(operation: "read", path: path, errno: error as? Errno ?? .ioError)
      }
    } catch let error as LocalFileError {
      throw error
    } catch {
      throw LocalFileError(operation: "open", path: path, errno: error as? Errno ?? .ioError)
    }
  }

  static func isExecutable(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
  }

  static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// A path as seen from a directory, without `.` and `..` where they can be removed by text, as
  /// Go's filepath.Join does.
  static func absolute(_ path: String, in directory: String) -> String {
    FilePath(path).isAbsolute
      ? path : FilePath(directory).appending(FilePath(path).components).lexicallyNormalized().string
  }

  /// The directory part of a path.
  static func directory(of path: String) -> String {
    FilePath(path).removingLastComponent().string
  }
}
