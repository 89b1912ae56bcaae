import Commands
import TestSupport
import Testing

/// What holds for every command and flag there is, also for those of the future.
@Suite struct CommandTreeTests {
  private struct Description {
    let tree: CommandTree
    /// The command line that reaches each command, and what is known of it.
    var commands: [(path: [String], node: CommandNode)] {
      [([], tree.root)] + tree.root.children.map { ([$0.page.name], $0) }
    }
  }

  private static func descriptions() throws -> [Description] {
    [
      Description(tree: try CommandTree(of: ArtifactGen.self)),
      Description(tree: try CommandTree(of: ExternalArtifactTool.self)),
    ]
  }

  private func run(_ tree: CommandTree, _ arguments: [String]) async -> Outcome {
    tree.executable == ArtifactGen.executable
      ? await invoke(ArtifactGen.self, arguments)
      : await invoke(ExternalArtifactTool.self, arguments)
  }

  private func page(_ tree: CommandTree, _ path: [String]) throws -> String {
    let name = ([tree.executable] + path).joined(separator: "-")
    let bytes = try readFile("\(ProjectFiles.root)/man/\(name).1")
    return String(decoding: bytes, as: UTF8.self).replacing("\\-", with: "-")
  }

  @Test func `every flag is in help manual and completion`() async throws {
    for description in try Self.descriptions() {
      for (path, node) in description.commands {
        let help = await run(description.tree, path + ["--help"])
        #expect(help.status == 0)
        let manual = try page(description.tree, path)
        let completed = await run(description.tree, ["__completeNoDesc"] + path + ["-"])
        let candidates = completed.output.split(separator: "\n")
        for option in node.options where !option.isHidden {
          for name in option.spellings {
            #expect(candidates.contains(Substring(name)), "\(path): TAB lacks \(name)")
          }
        }
        for option in description.tree.ownOptions(of: node) {
          // Help has the first long name, and `--[no-]wait` for two.
          let isNegatable = option.longNames.contains("no-\(option.longNames[0])")
          let first = isNegatable ? "--[no-]\(option.longNames[0])" : option.displayName
          for name in [first] + option.shortNames.map({ "-\($0)" }) {
            #expect(help.output.contains(name), "\(path) --help lacks \(name)")
          }
          for name in option.spellings {
            #expect(manual.contains("\\fB\(name)\\fR"), "the manual page of \(path) lacks \(name)")
          }
        }
      }
    }
  }

  /// What a verb leaves out of its help is in that of `options`, and its help says so.
  @Test func `a flag that help leaves out is listed by options`() async throws {
    for description in try Self.descriptions() {
      let tree = description.tree
      let listed = await run(tree, ["options"]).output
      let manual = try page(tree, ["options"])
      for (path, node) in description.commands where tree.hasSharedOptions(node) {
        let own = Set(tree.ownOptions(of: node).map(\.displayName))
        for option in node.options where !option.isHidden && !option.isOfEveryCommand {
          guard !own.contains(option.displayName) else { continue }
          #expect(listed.contains(option.displayName), "\(option.displayName)")
          #expect(manual.contains("\\fB\(option.displayName)\\fR"), "\(option.displayName)")
        }
        let help = await run(tree, path + ["--help"]).output
        #expect(help.contains("Use \"\(tree.invocation) options\""), "\(path)")
      }
    }
  }

  /// On a terminal of 80 columns, a screen is enough.
  @Test func `the help of a command has at most 60 lines`() async throws {
    for description in try Self.descriptions() {
      for (path, _) in description.commands {
        let help = await run(description.tree, path + ["--help"]).output
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false).count - 1
        #expect(lines <= 60, "\(path) has \(lines)")
        #expect(!help.split(separator: "\n").contains { $0.count > 80 })
      }
    }
  }

  @Test func `every command is in help manual and completion`() async throws {
    for description in try Self.descriptions() {
      let tree = description.tree
      let help = await run(tree, [])
      let manual = try page(tree, [])
      let completed = await run(tree, ["__completeNoDesc", ""])
      for command in tree.root.children.map(\.page.name) {
        #expect(help.output.contains("  \(command) "))
        #expect(manual.contains("\\fB\(command)\\fR"))
        #expect(completed.output.split(separator: "\n").contains(Substring(command)))
      }
    }
  }

  @Test func `help speaks of the command as it is typed`() async throws {
    for description in try Self.descriptions() {
      for (path, _) in description.commands {
        let typed = ([description.tree.invocation] + path).joined(separator: " ")
        let help = await run(description.tree, path + ["--help"])
        #expect(help.output.contains("Usage:\n  \(typed) "))
        #expect(!help.output.contains("<"), "a value is shown in the parser's own form")
      }
    }
  }

  /// A line that only the parser understands has all commands described.
  @Test func `every way to ask for help has the same answer`() async throws {
    for description in try Self.descriptions() {
      for (path, _) in description.commands {
        let help = await run(description.tree, path + ["--help"])
        #expect(help.output.contains("\nUsage:\n"), "\(path)")
        for line in [path + ["-h"], ["help"] + path, path + ["-h", "--help"]] {
          #expect(await run(description.tree, line).output == help.output, "\(line)")
        }
      }
    }
  }

  /// Help appends the values that a flag accepts.
  @Test func `values of a flag are listed once`() throws {
    for description in try Self.descriptions() {
      for option in description.commands.flatMap(\.node.options) {
        guard let accepted = option.acceptedValues, accepted.count > 1 else { continue }
        let words = option.summary.split { !$0.isLetter && $0 != "-" }.map(String.init)
        #expect(
          !accepted.allSatisfy(words.contains), "\(option.displayName): \(option.summary)")
      }
    }
  }

  /// The pages of verbs that read no artifacts do not mention how these are cached.
  @Test func `a manual page names the environment of its command`() throws {
    let flags = ["CI": "no-cache", "NO_COLOR": "color", "KUBECONFIG": "kubeconfig"]
    for description in try Self.descriptions() {
      for (path, node) in description.commands where !path.isEmpty {
        let manual = try page(description.tree, path)
        #expect(!manual.contains(".SH ENVIRONMENT\n.SH"), "\(path)")
        for (variable, flag) in flags {
          let reads = node.options.contains { $0.longNames.contains(flag) && !$0.isHidden }
          #expect(manual.contains("\\fB\(variable)\\fR") == reads, "\(path): \(variable)")
        }
      }
    }
  }

  @Test func `every help names its manual page`() async throws {
    for description in try Self.descriptions() {
      for (path, _) in description.commands {
        let name = ([description.tree.executable] + path).joined(separator: "-")
        let help = await run(description.tree, path + ["--help"]).output
        #expect(help.hasSuffix("Use \"man \(name)\" for details.\n"), "\(path)")
      }
    }
  }

  @Test func `help about an unknown command is an error`() async throws {
    for description in try Self.descriptions() {
      let direct = await run(description.tree, ["gett"])
      for line in [["help", "gett"], ["help", "gett", "ag"]] {
        let outcome = await run(description.tree, line)
        #expect(outcome.status == 1)
        #expect((outcome.output, outcome.errors) == ("", direct.errors))
      }
      #expect(direct.errors.contains("Did you mean this?\n\tget\n"))
    }
  }

  @Test func `every command is described`() throws {
    for description in try Self.descriptions() {
      for (path, node) in description.commands {
        let page = node.page
        #expect(!page.summary.isEmpty && !page.summary.hasSuffix("."), "\(path)")
        #expect(!page.synopsis.isEmpty, "\(path)")
        #expect(!page.examples.isEmpty, "\(path) needs an example")
        #expect(page.exitStatus.map(\.status) == page.exitStatus.map(\.status).sorted())
        #expect(page.exitStatus.first?.status == 0)
        for option in node.options {
          #expect(!option.summary.isEmpty, "\(path) \(option.displayName) needs a help text")
          #expect(!option.longNames.isEmpty, "\(path) \(option.displayName) needs a long name")
          if option.kind == .option {
            let isCapital = option.valueName.allSatisfy { $0.isUppercase || "=/[]@-".contains($0) }
            #expect(isCapital, "\(path) \(option.displayName): value name \(option.valueName)")
          }
        }
      }
    }
  }

  /// A flag that leads is read before the command is known.
  @Test func `a flag is the same in every command`() throws {
    for description in try Self.descriptions() {
      var kinds: [String: ArgumentNode.Kind] = [:]
      var shorts: [Character: String] = [:]
      // `get --raw PATH` is kubectl's, `render --raw` a flag: neither leads.
      for option in description.commands.flatMap(\.node.options)
      where option.displayName != "--raw" {
        #expect(kinds[option.displayName, default: option.kind] == option.kind)
        kinds[option.displayName] = option.kind
        for short in option.shortNames {
          #expect(shorts[short, default: option.displayName] == option.displayName)
          shorts[short] = option.displayName
        }
      }
    }
  }

  @Test func `every example is understood`() throws {
    for description in try Self.descriptions() {
      for (_, node) in description.commands {
        for example in node.page.examples {
          let name = example.arguments.prefix { $0 != " " }
          #expect(
            description.tree.root.children.contains { $0.page.name == name },
            "\(example.arguments)")
        }
      }
    }
  }

  @Test(arguments: Shell.allCases)
  func `the committed script is what the tool prints`(shell: Shell) async throws {
    for tree in try Self.descriptions().map(\.tree) {
      let printed = await run(tree, ["completion", shell.rawValue])
      let committed = try readFile(
        "\(ProjectFiles.root)/completions/\(tree.executable).\(shell.rawValue)")
      #expect(printed.output == String(decoding: committed, as: UTF8.self))
    }
  }
}
