import Commands
import Document
import KubeAPI
import TestSupport
import Testing

@Suite struct TranscriptTests {
  private static let forbidden = APIError(
    Status(
      code: 403, reason: "Forbidden",
      message: "externalartifacts.source.toolkit.fluxcd.io is forbidden: User \"jane\" cannot list")
  )

  private static func empty() -> FakeCluster { FakeCluster([]) }

  /// No cluster: connecting would fail the test.
  private static func none() -> FakeCluster? { nil }

  private static let get = [
    TranscriptCase("get", "get"),
    TranscriptCase("get-generators", "get ag -n apps"),
    TranscriptCase("get-artifacts", "get ea -n apps"),
    TranscriptCase("get-generators-wide", "get ag -n apps -o wide"),
    TranscriptCase("get-artifacts-wide", "get ea -n apps -owide"),
    TranscriptCase("get-all-namespaces", "get -A"),
    TranscriptCase("get-both-kinds", "get ag,ea -n apps"),
    TranscriptCase("get-both-kinds-no-headers", "get ag,ea -napps --no-headers"),
    TranscriptCase("get-both-kinds-names", "get ag/podinfo ea/podinfo ag/failing -n apps"),
    TranscriptCase("get-colour", "get ag -n apps --color always"),
    TranscriptCase("get-by-name", "get podinfo -n apps"),
    TranscriptCase("get-names", "get ag suspended podinfo -n apps"),
    TranscriptCase("get-label", "get ag -n apps -l team=web"),
    TranscriptCase("get-field", "get ea -A --field-selector metadata.name=platform"),
    TranscriptCase("get-other-version", "get ag.v1.source.extensions.fluxcd.io -n apps"),
    TranscriptCase("get-json", "get ag podinfo -n apps -o json"),
    TranscriptCase("get-json-list", "get ag podinfo fresh -n apps -o json"),
    TranscriptCase("get-yaml", "get ea/third-party -n apps -o yaml"),
    TranscriptCase("get-yaml-list", "get ag -n tenant-a -o yaml"),
    TranscriptCase("get-managed-fields", "get ag/podinfo -n apps -o yaml --show-managed-fields"),
    TranscriptCase("get-o-name", "get ag,ea -n apps -o name"),
    TranscriptCase("get-empty", "get ag -n elsewhere"),
    TranscriptCase("get-empty-all-namespaces", "get ag -A", cluster: empty),
    TranscriptCase("get-empty-json", "get ag -n elsewhere -o json"),
    TranscriptCase("get-empty-name", "get ag -n elsewhere -o name"),
    TranscriptCase("get-missing", "get ag nope -n apps"),
    TranscriptCase("get-missing-json", "get ag nope -n apps -o json"),
    TranscriptCase("get-missing-several", "get ag nope podinfo neither -n apps"),
    TranscriptCase("get-missing-several-json", "get ag nope neither -n apps -o json"),
    TranscriptCase("get-one-kind-forbidden", "get ag,ea -n tenant-a") {
      FakeCluster(
        try TranscriptCase.objects.get(),
        refused: ["list externalartifacts.source.toolkit.fluxcd.io tenant-a": forbidden])
    },
    TranscriptCase("get-flags-first", "-n apps --no-headers get ag podinfo"),
    TranscriptCase(
      "get-pflag-spellings", "get ag -Anapps --all-namespaces=false --no-headers=true"),
  ]

  private static let refused = [
    TranscriptCase("refuse-unknown-flag", "get --nope", cluster: none),
    TranscriptCase("refuse-unknown-short-flag", "get -Az", cluster: none),
    TranscriptCase("refuse-flag-without-value", "get -n", cluster: none),
    TranscriptCase("refuse-long-flag-without-value", "get --selector", cluster: none),
    TranscriptCase("refuse-flag-of-another-command", "version -A", cluster: none),
    TranscriptCase("refuse-leading-flag-of-another-command", "-A version", cluster: none),
    TranscriptCase("refuse-unknown-command", "gte", cluster: none),
    TranscriptCase("refuse-dissimilar-command", "frobnicate --nope", cluster: none),
    TranscriptCase("refuse-flag-value", "get --color=blue", cluster: none),
    TranscriptCase("refuse-number", "get -v x", cluster: none),
    TranscriptCase("refuse-duration", "get --timeout soon", cluster: none),
    TranscriptCase("refuse-flag-truth", "get --no-headers=perhaps", cluster: none),
    TranscriptCase("refuse-format", "get -o bogus", cluster: none),
    TranscriptCase("refuse-format-of-version", "version -o wide", cluster: none),
    TranscriptCase("refuse-kind", "get nosuch/thing", cluster: empty),
    TranscriptCase("refuse-kind-in-list", "get ag,nosuch", cluster: empty),
    TranscriptCase("refuse-kind-twice", "get ag ea/x", cluster: none),
    TranscriptCase("refuse-three-parts", "get ea/apps/x", cluster: none),
    TranscriptCase("refuse-empty-name", "get ''", cluster: none),
    TranscriptCase("refuse-empty-name-of-kind", "get ea/", cluster: none),
    TranscriptCase("refuse-name-with-selector", "get ag podinfo -l a=b", cluster: none),
    TranscriptCase("refuse-name-everywhere", "get ag podinfo -A", cluster: none),
    TranscriptCase("refuse-missing-argument", "completion", cluster: none),
    TranscriptCase("refuse-shell", "completion tcsh", cluster: none),
    TranscriptCase("refuse-extra-argument", "version extra", cluster: none),
  ]

  private static let help = [
    TranscriptCase("help", "", cluster: none),
    TranscriptCase("help-flag", "--help", cluster: none),
    TranscriptCase("help-get", "get --help", cluster: none),
    TranscriptCase("help-get-in-words", "help get", cluster: none),
    TranscriptCase("help-of-nothing", "help nosuch", cluster: none),
    TranscriptCase("help-completion", "completion -h", cluster: none),
    TranscriptCase("help-version", "version --help", cluster: none),
  ]

  private static let completion = [
    TranscriptCase("complete-commands", "__complete ''", cluster: none),
    TranscriptCase("complete-nothing-typed", "__complete", cluster: none),
    TranscriptCase("complete-command", "__complete ge", cluster: none),
    TranscriptCase("complete-command-after-flag", "__complete -n apps ge", cluster: none),
    TranscriptCase("complete-no-command", "__complete zzz", cluster: none),
    TranscriptCase("complete-help", "__complete help v", cluster: none),
    TranscriptCase("complete-without-descriptions", "__completeNoDesc get --no", cluster: none),
    TranscriptCase("complete-flags", "__complete get -", cluster: none),
    TranscriptCase(
      "complete-given-flags-not-again", "__complete get -A --as-group x --a", cluster: none),
    TranscriptCase("complete-value", "__complete get -o ''", cluster: none),
    TranscriptCase("complete-value-prefix", "__complete get --color a", cluster: none),
    TranscriptCase("complete-value-behind-equals", "__complete get --output=y", cluster: none),
    TranscriptCase("complete-value-behind-short-equals", "__complete get -o=y", cluster: none),
    TranscriptCase("complete-free-value", "__complete get --token ''", cluster: none),
    TranscriptCase("complete-file", "__complete get --kubeconfig ''", cluster: none),
    TranscriptCase("complete-kinds", "__complete get ''"),
    TranscriptCase("complete-kind-after-comma", "__complete get ag,e", cluster: none),
    TranscriptCase("complete-behind-kind", "__complete get ag ''"),
    TranscriptCase("complete-shell", "__complete completion ''", cluster: none),
    TranscriptCase("complete-behind-last-argument", "__complete completion bash ''", cluster: none),
    TranscriptCase("complete-behind-terminator", "__complete get -- -"),
    TranscriptCase("complete-behind-unknown", "__complete nope --what ''", cluster: none),
  ]

  private static let all = get + refused + help + completion

  @Test(arguments: all)
  func `both tools print what was looked at`(_ transcript: TranscriptCase) async throws {
    try await Golden.expect(ofBothTools: "commands/\(transcript.name)") { tool in
      try await transcript.transcript(of: tool)
    }
  }

  @Test func `each golden file belongs to a case`() {
    let names = Self.all.map(\.name)
    #expect(Set(names).count == names.count, "two cases have one name")
    Golden.expectNoneUnused(in: "commands", cases: names)
  }
}
