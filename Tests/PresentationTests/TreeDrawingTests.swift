import Presentation
import Testing

@Suite struct TreeDrawingTests {
  @Test func `branches are drawn as flux draws them`() {
    let tree = TreeNode(
      "ArtifactGenerator/apps/podinfo",
      [
        TreeNode("ExternalArtifact/apps/a", [TreeNode("Kustomization/apps/a", [TreeNode("deep")])]),
        TreeNode("ExternalArtifact/apps/b", [TreeNode("x"), TreeNode("y")]),
      ]
    )
    #expect(
      TreeDrawing.lines(tree) == [
        "ArtifactGenerator/apps/podinfo",
        "├── ExternalArtifact/apps/a",
        "│   └── Kustomization/apps/a",
        "│       └── deep",
        "└── ExternalArtifact/apps/b",
        "    ├── x",
        "    └── y",
      ]
    )
  }

  @Test func `remarks stand below their label`() {
    let tree = TreeNode(
      "a", remarks: ["why\na"],
      [
        TreeNode("b", remarks: ["why b", ""], [TreeNode("c", remarks: ["why c"])]),
        TreeNode("d", remarks: ["why d"]),
      ])
    #expect(
      TreeDrawing.lines(tree) == [
        "a",
        "│   why...",
        "├── b",
        "│   │   why b",
        "│   └── c",
        "│           why c",
        "└── d",
        "        why d",
      ])
  }

  @Test func `a label is one line`() {
    let wordy = TreeNode(
      "a", remarks: [Cell("there are more words than fit here")],
      [TreeNode("b", remarks: [Cell("and of these as well")])])
    #expect(
      TreeDrawing.lines(wordy, room: 24) == [
        "a", "│   there are more words", "│   than fit here", "└── b",
        "        and of these as well",
      ])
    #expect(TreeDrawing.lines(TreeNode("a\nb", [TreeNode("c\u{1B}")])) == ["a...", "└── c^["])
  }
}
