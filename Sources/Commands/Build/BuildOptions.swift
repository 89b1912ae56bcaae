import ArgumentParser

/// The flags that only `build` has: what it writes besides its report.
struct BuildOptions: ParsableArguments {
  @Option(
    name: .customLong("output-dir"),
    help: ArgumentHelp(
      "Write the archives to DIR/NAMESPACE/NAME/, named as the controller names them",
      valueName: "DIR"),
    completion: .directory)
  var outputDirectory: String?

  @Flag(
    name: .customLong("extract"),
    help: "With --output-dir, write each artifact's tree to DIR/NAMESPACE/NAME/content too")
  var extract = false

  @Flag(
    name: .customLong("explain"),
    help: "Say for each file which copy operation and source file it is from")
  var explain = false
}
