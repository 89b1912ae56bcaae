import Operations
import Platform

/// The executable that kubectl runs when TAB is pressed behind the name of the plugin.
///
/// Packages bring it along. krew installs one executable of a plugin and no other (krew's issue 812),
/// so the tool can write it.
struct HostCompletionScript {
  let name: String
  /// The tool that it asks.
  let executable: String

  /// Writes it where PATH has the tool, and gives its path.
  ///
  /// - Parameter path: The variable PATH. Entries that are not absolute do not count: what they name
  ///   depends on the working directory.
  /// - Throws: When the tool is not in PATH, when a file of that name is not ours, and when the folder
  ///   is not writable.
  func install(path: String) throws -> String {
    let folders = path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    guard let folder = folders.first(where: { Disk.isProgram("\($0)/\(executable)") }) else {
      throw OperationError(
        .notFound,
        "\(executable) is not in PATH; kubectl discovers plugins only in PATH")
    }
    let script = ShellScripts.kubectlCompletion(executable: executable)
    let target = "\(folder)/\(name)"
    // kubectl takes the first one in PATH, so one that comes earlier would go on answering.
    let places = folders.prefix { $0 != folder }.map { "\($0)/\(name)" } + [target]
    for place in places where Disk.exists(place) {
      let present = try Disk.read(place, limit: 64 << 10)
      if present == Array(script.utf8), Disk.isProgram(place) { return place }
      guard String(decoding: present, as: UTF8.self).hasPrefix(Self.mark) else {
        throw OperationError(
          .output, "\(place) was not created by this plugin; review and remove it")
      }
      if place != target {
        throw OperationError(
          .output, "\(place) belongs to another installation that comes first in PATH; remove it")
      }
    }
    try Disk.replace(target, with: Array(script.utf8), permissions: 0o755)
    return target
  }

  /// How every version of the script begins.
  private static let mark = "#!/bin/sh\n# kubectl runs this for completion of the plugin"
}
