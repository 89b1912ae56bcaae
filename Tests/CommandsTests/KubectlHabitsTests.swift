import Document
import Operations
import TestSupport
import Testing

@testable import Commands

/// What users of kubectl type, without a cluster; beside kubectl itself, `EndToEnd/test_side_by_side`.
@Suite struct KubectlHabitsTests {
  @Test(arguments: [
    ("{{.metadata.name}}", "{.metadata.name}"),
    ("{{ .a }} {{.b.c}}", "{.a} {.b.c}"),
    (
      #"{{range .items}}{{.metadata.name}}{{"\n"}}{{end}}"#,
      #"{range .items[*]}{.metadata.name}{"\n"}{end}"#
    ),
  ])
  func `a simple Go template has a JSONPath that does the same`(template: String, path: String) {
    #expect(GoTemplate.jsonPath(of: template) == path)
  }

  @Test(arguments: [
    "{{if .a}}x{{end}}", "{{.a | len}}", "{{range $k, $v := .a}}{{end}}", "{{.a", "", "{{end}}",
    "{{range .items}}", "{{index .a 1}}",
  ])
  func `any other Go template has none`(template: String) {
    #expect(GoTemplate.jsonPath(of: template) == nil)
  }

  @Test(arguments: [
    (["get", "--sort-by=", "ag"], ["get", "ag"]),
    (["get", "--label-columns=a", "--label-columns=", "ag"], ["get", "ag"]),
    (["get", "--kubeconfig=", "ag"], ["get", "--kubeconfig", "", "ag"]),
    (["build", "-R=false"], ["build", "--no-recursive"]),
    (["get", "--allow-missing-template-keys=false"], ["get", "--no-allow-missing-template-keys"]),
  ])
  func `a flag with an empty value is not given, and one may be switched off`(
    arguments: [String], meant: [String]
  ) throws {
    let tree = try CommandTree(of: ArtifactGen.self)
    #expect(ArgumentSpelling.normalized(arguments, tree: tree) == meant)
  }

  @Test(arguments: [
    ("foo", "unrecognized condition: \"foo\"; use ready"),
    ("condition", "unrecognized condition: \"condition\"; use ready"),
    ("jsonpath=", "jsonpath expression cannot be empty"),
    ("jsonpath={.a}=", "jsonpath wait has to have a value after equal sign"),
    ("jsonpath={.a}=b=c", "jsonpath wait format must be --for=jsonpath="),
    ("commit=abc", "invalid commit \"abc\": need at least 7 hex digits"),
  ])
  func `what wait does not know is refused in kubectl's words`(
    text: String, beginning: String
  ) async {
    let outcome = await invoke(
      ArtifactGen.self, ["wait", "ag/x", "--for=\(text)"], in: TestSurroundings())
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: \(beginning)"), "\(outcome.errors)")
    #expect(!outcome.errors.contains("<GOAL>"))
  }

  private static let conditions: Value = [
    "metadata": ["generation": 2],
    "status": [
      "observedGeneration": 2,
      "conditions": [
        ["type": "Ready", "status": "True"],
        ["type": "Old", "status": "True", "observedGeneration": 1],
      ],
    ],
    "spec": ["n": 3, "list": [1, 2], "text": "a b"],
  ]

  @Test(arguments: [
    ("condition=Ready", true), ("condition=ready=true", true), ("condition=Ready=False", false),
    ("condition=Old", false), ("condition=None", false), ("jsonpath={.spec.n}=3", true),
    ("jsonpath=.spec.n=3", true), ("jsonpath={.spec.n}", true), ("jsonpath={.spec.m}", false),
    ("jsonpath={.spec.text}='a b'", true), ("jsonpath={.spec.n}=4", false),
    (#"jsonpath={.status.conditions[?(@.type=="Ready")].status}=True"#, true),
  ])
  func `conditions and fields count as kubectl counts them`(text: String, isMet: Bool) throws {
    guard case .object(.state(let test)) = try WaitTarget(argument: text) else {
      Issue.record("\(text) is no state")
      return
    }
    #expect(try test(Self.conditions) == isMet)
  }

  @Test func `a JSONPath that finds several values cannot be waited for`() throws {
    guard
      case .object(.state(let test)) = try WaitTarget(argument: "jsonpath={.spec.list[*]}=1")
    else { return }
    #expect(throws: Problem.self) { try test(Self.conditions) }
  }

  @Test(arguments: [
    ("go-template={{.metadata.name}}", "use -o jsonpath='{.metadata.name}'"),
    ("go-template={{if .a}}b{{end}}", "use -o jsonpath=TEMPLATE, or -o json | jq"),
    ("templatefile=/x", "use -o jsonpath=TEMPLATE, or -o json | jq"),
  ])
  func `a Go template is refused with what does the same`(format: String, help: String) async {
    let outcome = await invoke(ArtifactGen.self, ["get", "-o", format], in: TestSurroundings())
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("is not supported; \(help)\n"), "\(outcome.errors)")
  }
}
