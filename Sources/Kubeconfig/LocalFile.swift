import HTTP
import Platform
import SystemPackage

/// Small files: configuration, certificates, tokens.
enum LocalFile {
  /// Receives which file is being read: one may be a pipe without a writer, or on a disk that
  /// does not answer.
  @TaskLocal static var activity = Activity()

  /// How long to wait for a writer of a pipe.
  @TaskLocal static var patience = Duration.seconds(30)

  /// The whole content of a file.
  ///
  /// - Parameter patience: for pipes. A kubeconfig may name one that never has a writer; nil
  ///   is for a file that the user chose.
  static func read(
    _ path: String, limit: Int = 16 << 20, patience: Duration? = patience
  ) throws(FileError) -> [UInt8] {
    try activity.during("reading \(path)") { () throws(FileError) in
      try Disk.read(path, limit: limit, patience: patience)
    }
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
