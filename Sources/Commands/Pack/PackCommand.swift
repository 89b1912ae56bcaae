import Archive
import ArgumentParser
import Content
import Document
import Generation
import HTTP
import Operations
import Text

/// `pack`: an archive and its status, as Flux's controllers make them.
struct PackCommand<T: Tool>: TimedCommand {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "pack",
      summary: "Pack a directory as a Flux artifact",
      synopsis: ["DIR --revision ID [--archive FILE] [--url PREFIX] [flags]"],
      text: [
        "Packs the regular files and directories in DIR as Flux controllers do. Files are "
          + "excluded by .sourceignore or, if it has no patterns, by the default excludes, which "
          + "include archives such as *.tar.gz and *.zip. Prints the matching status.artifact: "
          + "digest, size, revision (ID@DIGEST), path and, with --url, the URL. Patch it into the "
          + "status subresource of an ExternalArtifact. The same files always produce the same "
          + "archive. Runs offline.",
        "Serve the archive at the printed URL from a Service in the cluster before you patch the status; "
          + "verify checks both.",
      ],
      examples: [
        CommandExample(
          "Pack a release and write the archive",
          "pack dist --revision v1.2.3 --archive out/app-v1.2.3.tar.gz"),
        CommandExample(
          "Publish it as an ExternalArtifact",
          "pack dist --revision v1.2.3 --archive out/app-v1.2.3.tar.gz "
            + "--url http://releases.apps.svc.cluster.local. | kubectl patch externalartifact app -n apps "
            + "--subresource=status --type=merge --patch-file /dev/stdin"),
      ]
    )
  }

  @Option(
    help: ArgumentHelp("Version of the content, such as a tag", valueName: "ID"))
  var revision: String?
  @Option(
    help: ArgumentHelp("Write the archive to this file, outside DIR", valueName: "FILE"),
    completion: .file())
  var archive: String?
  @Option(
    help: ArgumentHelp(
      "URL under which the archive is served, without the file name", valueName: "PREFIX"))
  var url: String?
  @Option(
    help: ArgumentHelp("Go release to compress like: go1.26 or go1.27", valueName: "NAME"),
    completion: .list(Compressor.allCases.map(\.rawValue)))
  var compressor: String?
  @Option(
    name: .customLong("digest-algo"),
    help: ArgumentHelp("Digest algorithm: sha256 (default), sha384 or sha512", valueName: "NAME"),
    completion: .list(DigestAlgorithm.allCases.map(\.rawValue)))
  var digestAlgorithm: String?
  @OptionGroup(title: "Output flags") var output: FormatOptions<DocumentFormats>
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(
    help: ArgumentHelp("The directory to pack", valueName: "DIR"), completion: .directory)
  var directories: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let format = try output.structured() ?? .yaml
    guard directories.count == 1 else { throw UsageError("exactly one directory is required") }
    try EmptyPath.refuse(archive, flag: "--archive")
    let identifier = try identifier()
    let prefix = try prefix()
    let pack = PackDirectory(
      directories[0], compressor: try chosenCompressor(), algorithm: try algorithm())
    surroundings.removeOnSignal(pack.unfinished)
    let packed = try pack.run(to: archive)
    for remark in packed.remarks { surroundings.note("Note: \(remark)") }
    let name = archive.map { String($0.split(separator: "/").last ?? "") }
    let path = name ?? packed.archive.filename
    var artifact: Object = [
      "digest": .string("\(packed.archive.digest)"),
      "lastUpdateTime": .string(surroundings.now().rfc3339),
      "path": .string(path),
      "revision": .string("\(identifier)@\(packed.archive.digest)"),
      "size": .integer(packed.archive.size),
    ]
    if let prefix {
      artifact["url"] = .string("\(prefix)/\(percentEncoded(path, keeping: "-._~"))")
    }
    try surroundings.print(["status": ["artifact": .object(artifact)]], as: format)
  }

  private func identifier() throws -> String {
    guard let revision, !revision.isEmpty else {
      throw UsageError("--revision is required, for example a tag")
    }
    guard !revision.contains("@"), revision.utf8.allSatisfy(Printable.isGraphic) else {
      throw UsageError(
        "invalid --revision \"\(revision)\": must not contain @ or blanks (the digest is appended)"
      )
    }
    return revision
  }

  private func prefix() throws -> String? {
    guard var prefix = url, !prefix.isEmpty else { return nil }
    while prefix.hasSuffix("/") { prefix.removeLast() }
    let example = "must be http://HOST[/PATH] or https://HOST[/PATH]"
    guard prefix.utf8.allSatisfy({ $0 < 0x80 && Printable.isGraphic($0) }),
      let target = Target(prefix), ["http", "https"].contains(target.scheme)
    else { throw UsageError("invalid --url \"\(withoutUserInfo(prefix))\": \(example)") }
    guard target.authority.userInfo == nil, !prefix.contains("?"), !prefix.contains("#") else {
      throw UsageError(
        "invalid --url \"\(withoutUserInfo(prefix))\": \(example), without a user name, query or "
          + "fragment")
    }
    return prefix
  }

  private func chosenCompressor() throws -> Compressor {
    guard let compressor else { return ControllerRelease.newest.compressor ?? .go126 }
    guard let known = Compressor(rawValue: compressor) else {
      throw UsageError("invalid --compressor \"\(compressor)\"")
    }
    return known
  }

  private func algorithm() throws -> DigestAlgorithm {
    guard let digestAlgorithm else { return .sha256 }
    guard let known = DigestAlgorithm(rawValue: digestAlgorithm) else {
      throw UsageError("unsupported --digest-algo \"\(digestAlgorithm)\"")
    }
    return known
  }
}
