"""`affected`: what the files that git lists go into, through the real kubectl."""
import support
from test_sources import Repository

GENERATOR = """\
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: app, namespace: apps}
spec:
  sources: [{alias: repo, kind: GitRepository, name: app}]
  artifacts:
  - {name: app, copy: [{from: "@repo/deploy/**", to: "@artifact/", exclude: ["*.md"]}]}
"""


class FromGit(Repository):
    def setUp(self):
        super().setUp()
        self.add("deploy/old.yaml", "b: 1\n")
        self.add("deploy/caf\u00e9.yaml", "c: 1\n")
        self.add("deploy/notes.md", "x\n")
        self.add("docs/guide.md", "x\n")
        self.add("flux/gen.yaml", GENERATOR)
        self.base = self.git("rev-parse", "HEAD")

    def affected(self, listed, *arguments, inside=""):
        host = ("kubectl", "artifactgen") if support.Setting.kubectl else ("kubectl-artifactgen",)
        return support.run(
            *host, "affected", "-", "-f", f"{self.repository}/flux", "--source",
            f"repo={self.repository}", "-n", "apps", *arguments,
            input=listed.encode("utf-8", "surrogateescape"), cwd=f"{self.repository}/{inside}")

    def changed(self, *flags):
        return self.git("diff", *flags, self.base)

    def change(self):
        self.git("mv", "deploy/old.yaml", "deploy/new.yaml")
        self.git("rm", "-q", "deploy/a.yaml")
        self.write("deploy/caf\u00e9.yaml", "c: 2\n")
        self.write("docs/guide.md", "y\n")

    def test_every_form_of_the_list(self):
        self.change()
        wanted = {"deploy/a.yaml": False, "deploy/caf\u00e9.yaml": True, "deploy/new.yaml": True, "deploy/old.yaml": False}
        for flags in (
            ("--name-only", "--no-renames"), ("--name-only", "--no-renames", "-z"), ("--name-status",),
            ("-c", "core.quotepath=off"),
        ):
            with self.subTest(flags=flags):
                listed = (
                    self.git(*flags, "diff", "--name-status", self.base) if flags[0] == "-c" else self.changed(*flags))
                # From a directory below, too: git names files from the top.
                answer = self.affected(listed, "-o", "json", inside="docs")
                self.assertEqual(answer.status, 0, answer)
                found = {item["file"]: item for item in answer.json()["items"]}
                for name, exists in wanted.items():
                    self.assertEqual(found[name]["exists"], exists, name)
                    self.assertEqual([feed["artifact"]["name"] for feed in found[name]["feeds"]], ["app"], name)
                self.assertEqual(found["docs/guide.md"]["feeds"], [])

    def test_the_exit_status_is_for_scripts(self):
        nothing = self.affected("docs/guide.md\n")
        self.assertEqual((nothing.status, nothing.out), (1, ""), nothing)
        self.assertTrue(nothing.err.endswith("1 file affects nothing: --why shows the reasons\n"), nothing)
        why = self.affected("docs/guide.md\ndeploy/notes.md\n", "--why")
        self.assertEqual(why.status, 1, why)
        self.assertIn("docs/guide.md affects nothing:\n  no copy operation copies @repo/docs/guide.md", why.out)
        self.assertIn("excluded by '*.md' of copy[0]", why.out)
        names = self.affected("deploy/a.yaml\nflux/gen.yaml\n", "-o", "name")
        self.assertEqual(
            (names.status, names.out), (0, "externalartifact.source.toolkit.fluxcd.io/app\n"), names)
        failed = self.affected("x\n", "--source", "other=/nonexistent", "-f", "/nonexistent")
        self.assertEqual((failed.status, failed.out), (2, ""), failed)
