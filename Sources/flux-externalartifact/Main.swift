import Commands

@main
enum Main {
  static func main() async {
    await runMain(ExternalArtifactTool.self)
  }
}
