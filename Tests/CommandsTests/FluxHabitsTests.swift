import Document
import FluxModel
import Operations
import TestSupport
import Testing

@testable import Commands

/// What users of flux type.
@Suite struct FluxHabitsTests {
  @Test(arguments: [
    (["sources", "git"], ["gitrepositories"]),
    (["source", "external", "podinfo"], ["externalartifacts", "podinfo"]),
    (["sources", "all"], ["sources"]), (["sources", "externalartifact"], ["externalartifacts"]),
    (["source", "GitRepository", "x"], ["gitrepositories", "x"]),
    (["artifacts", "external"], ["externalartifacts"]),
    (["artifacts", "generators"], ["artifactgenerators"]),
    (["artifact", "generator", "podinfo"], ["artifactgenerators", "podinfo"]),
    (["Source", "OCI", "x", "y"], ["ocirepositories", "x", "y"]),
  ])
  func `two words of flux name one kind`(words: [String], meant: [String]) throws {
    #expect(
      try ObjectWords(words, scope: .groups) == ObjectWords(meant, scope: .groups))
  }

  @Test(arguments: [["artifact", "podinfo"], ["git", "source"], ["sources"], ["source", "x"]])
  func `other words stay two`(words: [String]) throws {
    let read = try ObjectWords(words, scope: .groups)
    #expect(read.groups.isEmpty == (words[0] != "sources"))
    #expect(read.queriesByHeart(defaultKind: .artifactGenerator)?.count != 0)
  }

  private func run(_ line: String) async throws -> Outcome {
    await invoke(
      ExternalArtifactTool.self, line.split(separator: " ").map(String.init),
      in: TestSurroundings(now: TranscriptCase.now, cluster: try SeeFixture.cluster()))
  }

  @Test(arguments: [
    ("get sources git -n apps --no-header", "get git -n apps --no-headers"),
    ("get ag -A --label-selector app=x", "get ag -A -l app=x"),
    (
      "trace podinfo --kind Deployment --api-version apps/v1 -n apps",
      "trace deploy/podinfo -n apps"
    ),
    ("trace podinfo --kind ks -n apps", "trace ks/podinfo -n apps"),
    ("version --client", "version"),
    ("get ag -n apps --kube-api-qps 10 --kube-api-burst 5 --verbose", "get ag -n apps"),
    ("tree artifact generator podinfo -n apps", "tree ag/podinfo -n apps"),
  ])
  func `a line of flux means the same as ours`(flux: String, ours: String) async throws {
    let (one, other) = (try await run(flux), try await run(ours))
    #expect(one.output == other.output)
    #expect(one.errors == other.errors)
    #expect(one.status == other.status)
  }

  @Test(arguments: [
    (
      "describe",
      "Use kubectl describe, flux externalartifact trace (where an object comes from)"
    ),
    ("delete", "Use kubectl delete\n"), ("list", "Use flux externalartifact get\n"),
    ("validate", "Use flux externalartifact lint\n"),
    ("tail", "Use flux externalartifact logs\n"),
    ("find", "Use flux externalartifact trace (where an object comes from), or flux"),
    ("ps", "Use flux externalartifact get, or flux externalartifact status\n"),
    ("refresh", "Use flux externalartifact reconcile\n"),
    ("restart", "Use flux externalartifact reconcile\n"),
    ("health", "Use flux externalartifact status, or flux externalartifact check\n"),
    ("diagnose", "Use flux externalartifact check, or flux externalartifact status\n"),
    ("inspect", "Use flux externalartifact trace, or flux externalartifact get -o yaml\n"),
    ("apply", "Use kubectl apply; preview with flux externalartifact diff\n"),
    ("edit", "Use kubectl edit\n"), ("pause", "Use flux externalartifact suspend\n"),
    ("graph", "Use flux externalartifact tree\n"),
  ])
  func `a verb of the host points to the host`(verb: String, help: String) async throws {
    let outcome = try await run("\(verb) ag/x")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("unknown command \"\(verb)\""))
    #expect(outcome.errors.contains(help), "\(outcome.errors)")
  }

  @Test func `one object has no status of its own`() async throws {
    let outcome = try await run("status podinfo")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.hasPrefix(
        "✗ unexpected argument \"podinfo\"\nstatus counts all objects; for one object, use "
          + "flux externalartifact get KIND/NAME or flux externalartifact trace KIND/NAME\n"),
      "\(outcome.errors)")
  }

  @Test func `a kind in a version that it does not have`() async throws {
    let outcome = try await run("trace podinfo --kind Deployment --api-version v1 -n apps")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors
        == "✗ no matches for kind \"Deployment\" in version \"v1\"; use --api-version apps/v1\n")
  }

  @Test(arguments: [
    ("tree ag/x --compact", "--compact", "Use --depth STEPS to show fewer levels"),
    ("check --pre", "--pre", "To check a cluster before Flux is installed, use flux check --pre"),
    ("logs --kind ArtifactGenerator --name x", "--kind", "Name the object as KIND/NAME"),
    ("suspend ag/x --message y", "--message", "Use --reason TEXT"),
  ])
  func `a flag of the host points to ours`(line: String, flag: String, help: String) async throws {
    let outcome = try await run(line)
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("✗ unknown flag: \(flag)\n\(help)\nSee "), "\(outcome.errors)")
  }

  @Test(arguments: [
    ("get ag --kube-api-qps 0", "--kube-api-qps must be more than 0"),
    ("get ag --kube-api-burst 0", "--kube-api-burst must be more than 0"),
    ("trace x --api-version v1", "--api-version requires --kind"),
    ("trace cm/x --kind Pod", "--kind cannot be combined with \"cm/x\": use only names"),
    ("suspend all", "resource name required: use [KIND/]NAME, --all or -l SELECTOR"),
    ("reconcile sources", "resource name required: use [KIND/]NAME, --all or -l SELECTOR"),
    ("export all", "resource name required: use [KIND/]NAME, --all or -l SELECTOR"),
  ])
  func `what does not go together is refused`(line: String, text: String) async throws {
    let outcome = try await run(line)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(text), "\(outcome.errors)")
  }

  @Test(arguments: [
    ("get sources foo", "no source is named \"foo\" in apps namespace", 1),
    ("get consumers foo bar", "no consumer is named \"foo\" in apps namespace", 2),
    ("get sources,ag foo", "no source is named \"foo\" in apps namespace", 1),
    (
      "get source",
      "\"source\" is not a resource type: use sources for all kinds of source, or a kind, as", 1
    ),
    ("get source foo", "\"source\" is not a resource type: use sources for all kinds of source", 1),
  ])
  func `a name that no kind has is one failure`(
    line: String, text: String, count: Int
  ) async throws {
    let outcome = try await run("\(line) -n apps")
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("✗ \(text)"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count { $0.hasPrefix("✗") } == count)
  }

  @Test func `a name that one of the kinds has is found`() async throws {
    let outcome = try await run("get sources podinfo -n apps -o name")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.isEmpty && !outcome.output.isEmpty)
    let ignored = try await run("get sources foo -n apps --ignore-not-found")
    #expect(ignored.status == 0 && ignored.errors.isEmpty)
  }

  @Test func `export takes the words for several kinds`() async throws {
    let outcome = try await run("export consumers -n apps --all -o json")
    let items = try JSON.parse(Array(outcome.output.utf8))["items"]?.array ?? []
    let named = items.compactMap { $0["metadata", "name"]?.string }
    let listed = try await run("get consumers -n apps -o json")
    let all = try JSON.parse(Array(listed.output.utf8))["items"]?.array ?? []
    #expect(!named.isEmpty)
    #expect(Set(named) == Set(all.compactMap { $0["metadata", "name"]?.string }))
  }

  @Test func `documents of what is stale say why`() async throws {
    let outcome = try await run("get all -A --stale -o json")
    let items = try JSON.parse(Array(outcome.output.utf8))["items"]?.array ?? []
    #expect(!items.isEmpty)
    for item in items {
      #expect(
        ["Stale", "Behind", "Failing", "Stalled", "Stuck", "Suspended"].contains(
          item["freshness", "state"]?.string))
      #expect(item["freshness", "reason"]?.string?.isEmpty == false)
    }
    let columns = try await run(
      "get all -A --stale -o custom-columns=N:.metadata.name,W:.freshness.reason --no-headers")
    #expect(columns.output.split(separator: "\n").count == items.count)
    #expect(!columns.output.contains("<none>"))
  }
}
