import Foundation

/// Reads a whole file.
package func readFile(_ path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Writes a whole file, with the folders that it needs.
package func writeFile(_ path: String, _ bytes: [UInt8]) throws {
  let url = URL(fileURLWithPath: path)
  try FileManager.default.createDirectory(
    at: url.deletingLastPathComponent(),
    withIntermediateDirectories: true
  )
  try Data(bytes).write(to: url)
}

/// The files below a folder, as sorted paths relative to it; nothing when it does not exist.
package func filesBelow(_ path: String) -> [String] {
  let found = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
  return found.filter { name in
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(
      atPath: "\(path)/\(name)", isDirectory: &isFolder)
    return exists && !isFolder.boolValue
  }.sorted()
}

package func environmentVariable(_ name: String) -> String? {
  ProcessInfo.processInfo.environment[name]
}
