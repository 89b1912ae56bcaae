"""`tree` and `trace` against a real API server, and the same from a snapshot of it."""
import json
import re
import shutil
import subprocess

import fixtures
import support
from support import ageless, kubeconfig, run

TOOL = "kubectl-artifactgen"
FLUX_TOOL = "flux-externalartifact"
KINDS = (
    "artifactgenerators,externalartifacts,gitrepositories,ocirepositories,buckets,helmrepositories,helmcharts,"
    "kustomizations,helmreleases,fluxinstances,resourcesets,deployments,replicasets,configmaps,services,"
    "clusterroles,roles"
)


class GraphCase(support.ClusterCase):
    """With the objects that go wrong quietly, in a namespace of their own."""

    @classmethod
    def setUpClass(cls):
        fixtures.load_objects(fixtures.API(support.Setting.run_dir), "traps")

    @classmethod
    def tearDownClass(cls):
        fixtures.unload_objects(fixtures.API(support.Setting.run_dir), "traps")

    def tool(self, *arguments, config="admin", tool=TOOL, **changes):
        return run(tool, *arguments, "--kubeconfig", kubeconfig(config), **changes)

    def nodes(self, *arguments):
        answer = self.tool("tree", *arguments, "-o", "json")
        self.assertEqual(answer.status, 0, answer)
        return {f"{node['kind']}/{node['name']}": node for node in answer.json()["nodes"]}


class Freshness(GraphCase):
    def test_traps_are_judged_right(self):
        nodes = self.nodes("--all", "-n", "traps")
        expected = {
            "ExternalArtifact/frozen-a": ("Stale", "True"),
            "ExternalArtifact/frozen-b": ("Stale", "True"),
            "ExternalArtifact/idle": ("Stale", "True"),
            "ExternalArtifact/stuck": ("Stale", "True"),
            "ExternalArtifact/paused": ("Stale", "True"),
            "ExternalArtifact/edited": ("Stale", "True"),
            "ExternalArtifact/leftover": ("Stale", "True"),
            "ExternalArtifact/kept": ("Fresh", "True"),
            "ExternalArtifact/bought": ("Unknown", "True"),
            "Kustomization/behind": ("Behind", "True"),
            "Kustomization/halted": ("Behind", "True"),
            "Kustomization/following": ("InProgress", "Unknown"),
            "Kustomization/app-gone": ("Failing", "False"),
            "HelmRelease/current": ("Fresh", "True"),
            "HelmRelease/outdated": ("Behind", "True"),
        }
        for name, (state, ready) in expected.items():
            with self.subTest(name):
                node = nodes[name]
                self.assertEqual((node["freshness"]["state"], node["ready"]), (state, ready), node)
                self.assertEqual("reason" in node["freshness"], state != "Fresh", node)
        self.assertEqual(nodes["GitRepository/nowhere"]["status"], "Missing")
        self.assertIn("publishes nothing", nodes["ArtifactGenerator/zero-match"]["reason"])

    def test_podinfo_is_fresh(self):
        """The server's generations and the digests of the fixtures fit together."""
        nodes = self.nodes("ag/podinfo", "-n", "apps")
        for name in ("ArtifactGenerator/podinfo", "ExternalArtifact/podinfo", "HelmRelease/podinfo"):
            self.assertEqual(nodes[name]["freshness"], {"state": "Fresh"})


class Requests(GraphCase):
    def test_one_object_takes_at_most_twelve_requests(self):
        """One list for each kind, in one answer however many objects there are, and single reads for the rest."""
        for verb in ("trace", "tree", "events"):
            with self.subTest(verb):
                answer = self.tool(verb, "ag/podinfo", "-n", "apps", "-v6")
                requests = re.findall(r"\bGET\b.*?(/api\S*)", answer.err)
                self.assertLessEqual(len(requests), 12, answer.err)
                self.assertEqual([each for each in requests if "limit=5" in each and "events" not in each], [])


class OneOutage(GraphCase):
    def test_a_certificate_authority_that_does_not_fit_is_one_line(self):
        """However many requests meet it."""
        for line in ("get all -A", "get ag,ea", "get deploy,cm", "tree --all -A", "status -A", "trace ag/podinfo",
                     "events ag/podinfo", "export --all-kinds", "check"):
            with self.subTest(line):
                answer = self.tool(*line.split(), config="badca")
                self.assertEqual(answer.status, 1, answer)
                text = "x509: certificate signed by unknown authority"
                self.assertEqual((answer.out + answer.err).count(text), 1, answer)
                if line != "check":
                    self.assertEqual((answer.out, answer.err.count("\n")), ("", 1), answer)


class OldServer(GraphCase):
    def test_a_policy_that_the_server_does_not_serve(self):
        answer = self.tool("export", "policy")
        self.assertIn("this server does not serve ValidatingAdmissionPolicy", answer.err)


class Groups(GraphCase):
    def test_words_for_several_kinds_name_no_object(self):
        for line in ("get all/x", "events all", "tree all", "trace sources"):
            with self.subTest(line):
                answer = self.tool(*line.split(), "-n", "apps")
                self.assertEqual((answer.status, answer.out), (1, ""), answer)
                self.assertIn("is a group of resource types, not an object", answer.err)

    def test_sources_to_suspend_are_no_artifacts(self):
        answer = self.tool("suspend", "sources", "--all", "-n", "apps", "--dry-run=client")
        self.assertIn("gitrepository.source.toolkit.fluxcd.io/monorepo suspended (dry run)", answer.out, answer)
        self.assertNotIn("artifact", answer.out + answer.err)


class Trace(GraphCase):
    def test_requests(self):
        """One for each hop and each artifact that its generator has published, whatever else is in the cluster."""
        answer = self.tool("trace", "deployment/frontend", "-n", "apps", "-v6")
        self.assertEqual(answer.status, 0, answer)
        requests = re.findall(r"\bGET\b.*?(/api\S*)", answer.err)
        self.assertEqual(len(requests), 9, answer.err)
        self.assertEqual([each for each in requests if "?" in each and "limit=" in each], [])

    def test_both_tools_agree(self):
        first = self.tool("trace", "deploy/podinfo", "-n", "apps", "-o", "json")
        second = self.tool("trace", "deploy/podinfo", "-n", "apps", "-o", "json", tool=FLUX_TOOL)
        self.assertEqual(first.json(), second.json())
        roles = [hop["role"] for hop in first.json()["items"][0]["hops"]]
        self.assertEqual(roles[:4], ["object", "reconciler", "artifact", "generator"])

    def test_object_that_nobody_manages(self):
        answer = self.tool("trace", "cm/nobody", "-n", "traps")
        self.assertEqual(answer.status, 1)
        self.assertEqual(answer.err, "error: ConfigMap/traps/nobody is not managed by Flux\n")

    def test_cluster_scoped_owner(self):
        answer = self.tool("trace", "cm/web-node", "-n", "traps")
        self.assertEqual(answer.status, 0, answer)
        self.assertIn("ClusterRole/traps-owner", answer.out)

    def test_custom_kind(self):
        """A kind that only the server knows, by its short form and spelled out."""
        for word in ("rsip", "resourcesetinputproviders.fluxcd.controlplane.io"):
            answer = self.tool("trace", f"{word}/prs", "-n", "apps")
            self.assertEqual(answer.err, "error: ResourceSetInputProvider/apps/prs is not managed by Flux\n")

    def test_third_party_that_cannot_be_read(self):
        answer = self.tool("trace", "ks/bought", "-n", "traps")
        self.assertEqual(answer.status, 1)
        self.assertIn("ExternalArtifact:", answer.out)
        self.assertIn("Build/traps/nightly", answer.err)

    def test_hop_that_may_not_be_read(self):
        answer = self.tool("trace", "ag/podinfo", "-n", "apps", config="restricted")
        self.assertEqual(answer.status, 1)
        self.assertIn("Forbidden", answer.err)

    def test_several_objects_at_once(self):
        answer = self.tool("trace", "deploy/nope", "deploy/frontend", "-n", "apps")
        self.assertEqual(answer.status, 1)
        self.assertIn("ExternalArtifact:", answer.out)
        self.assertIn('deployments.apps "nope" not found', answer.err)


class Restricted(GraphCase):
    def test_tree_shows_what_may_be_read(self):
        answer = self.tool("tree", "--all", "-n", "apps", config="restricted")
        self.assertEqual(answer.status, 0, answer)
        self.assertIn("ArtifactGenerator/apps/podinfo", answer.out)
        self.assertIn("GitRepository/apps/monorepo ? Unread", answer.out)
        # One line for what was read in part, one for the rest.
        self.assertEqual(len(answer.err.splitlines()), 2, answer)
        self.assertIn("read only namespace apps", answer.err)


class Snapshots(GraphCase):
    LINES = [
        ("tree", "--all", "-A"),
        ("tree", "--all", "-A", "-o", "json"),
        ("tree", "--all", "-n", "traps", "-o", "dot"),
        ("tree", "ks/podinfo-frontend", "-n", "apps", "--up"),
        ("trace", "deploy/frontend", "deploy/podinfo", "-n", "apps"),
        ("trace", "cm/web-leaf", "cm/nobody", "-n", "traps", "-o", "yaml"),
        ("trace", "git/monorepo", "-n", "apps"),
    ]

    def test_answers_are_the_same(self):
        dump = self.kubectl("get", KINDS, "-A", "-o", "yaml")
        self.assertEqual(dump.status, 0, dump)
        path = self.written(dump.out)
        for line in self.LINES:
            with self.subTest(line):
                live = self.tool(*line)
                # No kubeconfig, and an address where nobody listens.
                offline = run(TOOL, *line, "--snapshot", path, "-s", f"https://127.0.0.1:{support.closed_port()}")
                self.assertEqual((offline.status, ageless(offline.out)), (live.status, ageless(live.out)), offline)

    def test_graphviz_draws_it(self):
        if shutil.which("dot") is None:
            self.skipTest("graphviz is not installed")
        answer = self.tool("tree", "--all", "-A", "-o", "dot")
        done = subprocess.run(["dot", "-Tsvg"], input=answer.out.encode(), capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        nodes = re.findall(r'^  "[^"]+" \[label=', answer.out, re.MULTILINE)
        self.assertEqual(done.stdout.count(b'class="node"'), len(nodes))


class Terminals(GraphCase):
    def test_colour_is_for_terminals(self):
        line = ("tree", "--all", "-n", "apps")
        self.assertNotIn("\x1b", self.tool(*line).out)
        self.assertIn("\x1b[31m", self.tool(*line, "--color", "always").out)
        self.assertEqual(ageless(self.tool(*line, NO_COLOR="1").out), ageless(self.tool(*line).out))

    def test_a_closed_pipe_is_no_error(self):
        command = f"{TOOL} tree --all -A --kubeconfig {kubeconfig('admin')} | head -1; echo ${{PIPESTATUS[0]}}"
        answer = run("bash", "-c", command)
        self.assertEqual((answer.out.splitlines()[-1], answer.err), ("0", ""), answer)
