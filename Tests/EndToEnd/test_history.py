"""`history` and the consumers of `diff`, on repositories of git's own making."""
import support
from test_sources import GENERATOR, TOOL, Repository

FLUX = GENERATOR.replace('revision: "@repo", ', "")
KUSTOMIZATION = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: apps}
spec:
  prune: true
  path: PATH
  sourceRef: {kind: ExternalArtifact, name: app}
"""


class FromGit(Repository):
    def setUp(self):
        super().setUp()
        self.made = self.add("flux/gen.yaml", FLUX)

    def tool(self, verb, *arguments):
        return support.run(
            TOOL, verb, "-f", f"{self.repository}/flux", "--source", f"repo=git:{self.repository}", *arguments,
            cwd=self.folder)

    def items(self, *arguments):
        answer = self.tool("history", *arguments, "-o", "json")
        self.assertEqual(answer.status, 0, answer)
        return answer.json()

    def test_each_commit_that_changes_an_artifact(self):
        self.add("docs/a.md", "x\n")
        changed = self.add("deploy/a.yaml", "a: 2\n")
        self.add("docs/b.md", "x\n")
        found = self.items()
        self.assertEqual([(item["commit"], item["change"]) for item in found["items"]],
                         [(changed, "changed"), (self.made, "new")])
        self.assertEqual((found["commits"], found["builds"], found["end"]), (5, 2, "root"))
        table = self.tool("history", "--no-headers")
        self.assertEqual([line.split()[0] for line in table.out.splitlines()], [changed[:12], self.made[:12]])
        # Each has the digest that `build` gives at that commit.
        for item in found["items"]:
            built = support.run(TOOL, "build", "-f", f"{self.repository}/flux", "--source",
                                f"repo=git:{self.repository}@{item['commit']}", "-o", "json", cwd=self.folder)
            self.assertEqual([each["digest"] for each in built.json()["items"]], [item["digest"]], item)

    def test_a_merge_is_one_step(self):
        self.git("checkout", "-q", "-b", "side")
        self.add("deploy/b.yaml", "b: 1\n")
        self.add("deploy/b.yaml", "b: 2\n")
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", "merge", "side")
        self.assertEqual([item["subject"] for item in self.items()["items"]], ["merge", "flux/gen.yaml"])

    def test_a_shallow_clone_says_where_it_ends(self):
        self.add("deploy/a.yaml", "a: 2\n")
        clone = f"{self.folder}/clone"
        self.git("clone", "-q", "--depth", "1", f"file://{self.repository}", clone, inside=None)
        answer = support.run(TOOL, "history", "-f", f"{clone}/flux", "--source", f"repo=git:{clone}", "-o", "json",
                             cwd=self.folder)
        self.assertEqual((answer.status, answer.json()["end"]), (0, "shallow"), answer)

    def test_a_broken_commit_is_a_row(self):
        self.add("flux/gen.yaml", "kind: ArtifactGenerator\nspec: [\n")
        self.add("flux/gen.yaml", FLUX)
        self.assertEqual([item["change"] for item in self.items()["items"]], ["fixed", "failed", "new"])

    def test_consumers_of_diff(self):
        """What a pull request does to a Kustomization is said before it is merged."""
        self.add("deploy/sub/b.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: b, namespace: prod}\n")
        self.add("flux/ks.yaml", KUSTOMIZATION.replace("PATH", "./"))
        same = self.tool("diff", "--base", "HEAD", "--objects")
        self.assertEqual(same.status, 0, same)
        self.write("flux/ks.yaml", KUSTOMIZATION.replace("PATH", "./gone"))
        breaks = self.tool("diff", "--base", "HEAD", "--fail-on", "breaks")
        self.assertEqual(breaks.status, 1, breaks)
        self.assertIn("its path ./gone is not in the artifact", breaks.out)
        self.git("rm", "-q", "-f", "flux/ks.yaml")
        gone = self.tool("diff", "--base", "HEAD", "--fail-on", "dangerous")
        self.assertEqual(gone.status, 1, gone)
        self.assertIn("is deleted, and everything that it applied with it\n    Service/prod/b\n", gone.out)
