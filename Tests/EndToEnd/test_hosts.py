"""The tools as plugins of kubectl and flux, and on their own."""
import os

import support
from support import kubeconfig, run

TOOLS = {"kubectl-artifactgen": "kubectl artifactgen", "flux-externalartifact": "flux externalartifact"}


class OnTheirOwn(support.Case):
    def test_version_names_the_tool(self):
        for tool in TOOLS:
            with self.subTest(tool):
                answer = self.succeeds(tool, "--version")
                self.assertRegex(answer.out, rf"^{tool} \d+\.\d+\.\d+ \([0-9a-z]+(, [-0-9a-z]+)?\)\n$")
                self.assertEqual(answer.err, "")

    def test_help_names_the_command_as_it_is_typed(self):
        for tool, typed in TOOLS.items():
            for words in (["--help"], ["-h"], ["get", "--help"], ["build", "--help"]):
                with self.subTest(tool=tool, words=words):
                    answer = self.succeeds(tool, *words)
                    self.assertIn(typed, answer.out)
                    self.assertNotIn(f"{tool} ", answer.out)
                    self.assertEqual(answer.err, "")

    def test_usage_errors_name_the_tool(self):
        for tool in TOOLS:
            for words in (["no-such-verb"], ["get", "--no-such-flag"], ["get", "-o", "bogus"], ["build", "-o", "bogus"]):
                with self.subTest(tool=tool, words=words):
                    answer = self.fails(tool, *words)
                    self.assertEqual(answer.out, "", answer)
                    self.assertIn(words[-1], answer.err)

    def test_another_name(self):
        """#70: krew and people link plugins under names of their own."""
        folder = self.temporary()
        for tool, typed in TOOLS.items():
            for name in ("kubectl-artifact_gen", "plugin"):
                with self.subTest(tool=tool, name=name):
                    os.symlink(f"{support.Setting.prefix}/bin/{tool}", f"{folder}/{tool}-{name}")
                    answer = self.succeeds(f"{folder}/{tool}-{name}", "get", "--help")
                    self.assertIn(f"{typed} get", answer.out)
                    self.assertNotIn(name, answer.out)

    def test_needs_no_home(self):
        self.succeeds("kubectl-artifactgen", "--version", HOME=None)


class UnderKubectl(support.ClusterCase):
    def test_kubectl_finds_no_fault(self):
        answer = run("kubectl", "plugin", "list")
        self.assertEqual(answer.status, 0, answer)
        self.assertIn("/bin/kubectl-artifactgen\n", answer.out)

    def test_exit_status_comes_through(self):
        self.assertEqual(self.kubectl("artifactgen", "get", "nope").status, 1)
        self.assertEqual(run("kubectl", "artifactgen", "--version").status, 0)

    def test_help_speaks_of_kubectl(self):
        answer = run("kubectl", "artifactgen", "get", "--help")
        self.assertEqual(answer.status, 0, answer)
        self.assertIn("kubectl artifactgen get", answer.out)


class UnderFlux(support.ClusterCase):
    def flux(self, *arguments, **changes):
        return run("flux", *arguments, **changes)

    def test_flux_runs_the_plugin(self):
        answer = self.flux("externalartifact", "get", "-n", "apps", "--kubeconfig", kubeconfig("admin"))
        self.assertEqual(answer.status, 0, answer)
        self.assertEqual(len(answer.rows()) - 1, 12, answer)

    def test_root_flags_arrive_before_the_verb(self):
        answer = self.flux("-n", "tenant-a", "--kubeconfig", kubeconfig("admin"), "externalartifact", "get", "-o", "name")
        self.assertEqual(answer.out, "externalartifact.source.toolkit.fluxcd.io/tenant-app\n", answer)

    def test_installed_link_is_followed(self):
        link = f"{support.Setting.plugins}/flux-externalartifact"
        self.assertEqual(os.readlink(link), f"{support.Setting.prefix}/bin/flux-externalartifact")

    def test_completion_goes_through_flux(self):
        answer = self.flux("__complete", "externalartifact", "ge")
        self.assertEqual(answer.status, 0, answer)
        lines = answer.out.splitlines()
        self.assertEqual([line.split("\t")[0] for line in lines[:-1]], ["get"])
        self.assertEqual(lines[-1], ":4")
