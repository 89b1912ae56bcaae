import Commands
import TestSupport
import Testing

/// A flag is offered by a verb only where it works.
@Suite struct OfferedFlagsTests {
  /// Flags that other verbs have, and why they would do nothing here.
  private static let useless: [(verb: String, flags: [String])] = [
    // Only verbs that take any kind ask a server which kinds it has.
    ("build", ["--cache-dir", "--ns-follows-kube-context", "-A", "-l", "-w"]),
    ("diff", ["--cache-dir", "-A", "-l", "-w"]),
    ("check", ["--cache-dir", "--no-headers", "-l", "-w"]),
    // Results are not coloured.
    ("reconcile", ["--cache-dir", "--color", "--no-headers", "--dry-run"]),
    ("suspend", ["--cache-dir", "--color", "--no-headers", "--wait"]),
    ("resume", ["--cache-dir", "--color", "--no-headers", "--overwrite-reason"]),
    ("wait", ["--color", "--no-headers", "--dry-run"]),
    // One object, or all, at one moment.
    ("tree", ["--no-headers", "-l", "-w"]),
    ("trace", ["--no-headers", "-A", "-l", "-w"]),
    ("events", ["-l", "--field-selector"]),
    ("export", ["--color", "--no-headers", "-w"]),
    ("version", ["--snapshot", "--color", "--no-headers", "--timeout"]),
    ("completion", ["--snapshot", "--color", "--no-headers", "--timeout", "-o"]),
  ]

  /// The parser's description of a command line takes its time, and is the same for all cases.
  private static let tree = Result { try CommandTree(of: ExternalArtifactTool.self) }

  private static let cases = useless.flatMap { verb, flags in flags.map { (verb, $0) } }

  @Test(arguments: cases)
  func `a flag that does nothing is unknown`(_ verb: String, _ flag: String) async throws {
    let tree = try Self.tree.get()
    let node = try #require(tree.root.children.first { $0.page.name == verb })
    #expect(!node.options.contains { $0.spellings.contains(flag) })
    let owners = tree.root.children.filter { command in
      command.options.contains { !$0.isHidden && $0.spellings.contains(flag) }
    }
    #expect(!owners.isEmpty)
    let takesValue = owners.first?.options.first { $0.spellings.contains(flag) }?.kind == .option
    let words = takesValue ? [flag, "x"] : [flag]
    // In front of the verb, too.
    for line in [[verb] + words, words + [verb], [verb, "\(flag)=x"]] {
      let outcome = await invoke(ExternalArtifactTool.self, line, in: TestSurroundings())
      #expect(outcome.status == node.page.failureStatus)
      let message = flag.hasPrefix("--") ? "flag: \(flag)" : "shorthand flag: '\(flag.dropFirst())'"
      #expect(outcome.errors.hasPrefix("✗ unknown \(message)"), "\(line): \(outcome.errors)")
      #expect(outcome.errors.contains("\n\(flag) is a flag of \(owners[0].page.name)"))
      #expect(outcome.errors.hasSuffix("See 'flux externalartifact \(verb) --help' for usage.\n"))
    }
    let completed = await invoke(
      ExternalArtifactTool.self, ["__completeNoDesc", verb, flag], in: TestSurroundings())
    #expect(!completed.output.split(separator: "\n").contains(Substring(flag)))
  }

  /// Without `-n` it works in the namespace of the context anyway.
  @Test func `kubectl has no flag to follow the context`() async throws {
    let flag = "--ns-follows-kube-context"
    for command in try CommandTree(of: ArtifactGen.self).root.children {
      #expect(!command.options.contains { $0.spellings.contains(flag) })
    }
    let outcome = await invoke(ArtifactGen.self, ["get", flag], in: TestSurroundings())
    #expect(outcome.errors.hasPrefix("error: unknown flag: \(flag)\nSee "))
  }

  /// What completion offers for `-o` is what the verb writes.
  @Test(arguments: [
    (
      "get",
      "custom-columns-file= custom-columns= json jsonpath-as-json= jsonpath-file= jsonpath= kyaml "
        + "name table wide yaml"
    ),
    ("build", "json kyaml name table wide yaml"),
    ("events", "json table wide yaml"),
    ("diff", "diff github gitlab html json junit markdown table wide yaml"),
    ("reconcile", "json yaml"), ("check", "json yaml"), ("export", "json yaml"),
    ("version", "json yaml"),
  ])
  func `formats that a verb writes are offered`(_ verb: String, _ formats: String) async {
    let completed = await invoke(
      ArtifactGen.self, ["__completeNoDesc", verb, "-o", ""], in: TestSurroundings())
    let offered = completed.output.split(separator: "\n").dropLast().sorted()
    #expect(offered.joined(separator: " ") == formats)
  }
}
