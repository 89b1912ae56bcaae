import Commands

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Writes the documents that are made from the command line's own description, or with `--check`
/// says which of them are out of date.
///
/// Usage: `docgen [--check] [DIR]`, where `DIR` is the root of the project, by default `.`.
@main
enum Main {
  static func main() {
    var arguments = CommandLine.arguments.dropFirst()
    let checks = arguments.first == "--check"
    if checks { arguments.removeFirst() }
    do {
      let documents = try Documents(root: arguments.first ?? ".")
      guard checks else { return try documents.write() }
      let differences = try documents.differences()
      if differences.isEmpty { return }
      print(differences.joined(separator: "\n"))
      print("\nThese documents are out of date; to renew them, run: swift run docgen")
      exit(1)
    } catch {
      print("docgen: \(error)")
      exit(1)
    }
  }
}
