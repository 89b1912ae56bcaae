"""What people have reported of Flux and its peers, as scenarios: what is right for them must come of our tools.

Each folder of `public-cases` holds the input; the address of the report is with its test.
"""
import contextlib
import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading

import support
from support import run

CASES = f"{support.ROOT}/Tests/EndToEnd/public-cases"
TOOL = "kubectl-artifactgen"
FLUX_TOOL = "flux-externalartifact"


class Server(http.server.BaseHTTPRequestHandler):
    """A server without any kind of Flux, or with ArtifactGenerators alone."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = self.path.split("?")[0]
        self.server.seen.append(path)
        known = {
            "/version": {"major": "1", "minor": "36", "gitVersion": "v1.36.2"},
            "/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []},
            "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
        }
        body, status = known.get(path), 200
        if body is None and path.endswith("/artifactgenerators") and self.server.has_generators:
            body = {
                "kind": "ArtifactGeneratorList", "apiVersion": "source.extensions.fluxcd.io/v1beta1",
                "metadata": {"resourceVersion": "1"}, "items": [],
            }
        if body is None:
            status = 404
            body = {
                "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "NotFound",
                "message": "the server could not find the requested resource", "details": {}, "code": 404,
            }
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_PATCH = do_GET


class PublicCases(support.Case):
    @contextlib.contextmanager
    def server(self, folder, port, has_generators):
        """Hands out the paths that are asked for, and a copy of the folder that names the server."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        server.seen, server.has_generators = [], has_generators
        threading.Thread(target=server.serve_forever, daemon=True).start()
        copied = f"{self.temporary()}/case"
        shutil.copytree(f"{CASES}/{folder}", copied)
        for name in os.listdir(copied):
            with open(f"{copied}/{name}", encoding="utf-8") as file:
                text = file.read()
            with open(f"{copied}/{name}", "w", encoding="utf-8") as file:
                file.write(text.replace(f":{port}", f":{server.server_port}"))
        try:
            yield server.seen, copied
        finally:
            server.shutdown()
            server.server_close()

    def succeeds_in(self, folder, *arguments):
        return self.succeeds(*arguments, cwd=f"{CASES}/{folder}")

    def test_files_that_their_archive_holds_read_only(self):
        """https://github.com/fluxcd/source-controller/issues/1019"""
        folder = "02-readonly-oci-files-merge"
        words = (TOOL, "build", "-f", "generator.yaml", "--source", "repo=repo", "--compressor", "go1.26")
        answer = self.fails(*words, "--source", "chart=chart-0444.tar.gz", cwd=f"{CASES}/{folder}")
        self.assertIn("permission denied", answer.err)
        self.assertIn("read-only", answer.err)
        self.succeeds_in(folder, *words, "--source", "chart=chart")

    def repository(self, folder, *steps):
        """A repository on branch main, with the files of a folder of the case in a commit for each step."""
        root = tempfile.mkdtemp(prefix="public-case-")
        self.addCleanup(shutil.rmtree, root)
        git = ["git", "-C", root, "-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
        for files, tag in steps:
            # With times of now: a file of the same size and time as before is the same to git.
            shutil.copytree(
                f"{CASES}/{folder}/{files}", root, symlinks=True, dirs_exist_ok=True, copy_function=shutil.copy)
            subprocess.run([*git, "add", "-A"], check=True)
            subprocess.run([*git, "commit", "-q", "-m", files], check=True)
            if tag:
                subprocess.run([*git, "tag", tag], check=True)
        return root

    def statuses(self, answer):
        return {item["name"]: (item["status"], item.get("digest")) for item in answer.json()["items"]}

    def test_links_that_source_controller_leaves_out(self):
        """https://github.com/fluxcd/source-controller/issues/569"""
        folder = "03-symlinked-kustomizeconfig"
        words = (TOOL, "build", "-f", "generator.yaml", "-o", "json", "--source")
        served = self.fails(*words, "repo=served.tar.gz", cwd=f"{CASES}/{folder}")
        root = self.repository(folder, ("repo", None))
        for source in (f"repo=git:{root}@main", f"repo={root}", "repo=repo"):
            with self.subTest(source):
                answer = self.fails(*words, source, cwd=f"{CASES}/{folder}")
                self.assertEqual(self.statuses(answer), self.statuses(served), answer)
                self.assertIn("apps/web/kustomizeconfig.yaml", answer.err)
                self.assertIn("apps/common is excluded from the source: a symbolic link", answer.json()["errors"][0]["hint"])

    def test_two_revisions_of_one_repository(self):
        """https://github.com/home-operations/flate/issues/976"""
        folder = "05-one-repo-two-refs"
        words = (TOOL, "build", "-f", "generator.yaml", "-o", "json", "--source")
        missing = self.fails(*words, "head=main", cwd=f"{CASES}/{folder}")
        self.assertIn("'pinned' (GitRepository flux-system/fleet-pinned)", missing.err)
        plain = self.succeeds_in(folder, *words, "head=main", "--source", "GitRepository/fleet-pinned=tag")
        root = self.repository(folder, ("tag", "v1.27.1"), ("main", None))
        exact = self.succeeds_in(folder, *words, f"head={root}", "--source", f"pinned=git:{root}@v1.27.1")
        self.assertEqual(self.statuses(exact), self.statuses(plain), exact)
        revisions = {source["name"]: source["revision"].split("@")[0] for source in exact.json()["sources"]}
        self.assertEqual(revisions, {"head": "main", "pinned": "v1.27.1"}, exact)

    def test_a_path_that_sourceignore_hides(self):
        """https://github.com/home-operations/flate/issues/936"""
        folder = "17-sourceignore-hides-a-copied-path"
        words = (TOOL, "build", "-f", "generator.yaml", "-o", "json", "--source")
        served = self.fails(*words, "repo=served.tar.gz", cwd=f"{CASES}/{folder}")
        root = self.repository(folder, ("repo", None))
        for source in (f"repo=git:{root}@main", f"repo={root}", "repo=repo"):
            with self.subTest(source):
                answer = self.fails(*words, source, cwd=f"{CASES}/{folder}")
                self.assertEqual(self.statuses(answer), self.statuses(served), answer)
                self.assertIn(".sourceignore:", answer.json()["errors"][0]["hint"])

    def test_one_name_for_objects_of_many_kinds_in_one_file(self):
        """https://github.com/fluxcd/flux2/issues/4132"""
        folder = "04-one-file-many-kinds-same-name"
        built = self.succeeds_in(folder, TOOL, "build", "-f", "all.yaml", "--source", "repo=repo", "-o", "json")
        self.assertEqual([item["name"] for item in built.json()["items"]], ["podinfo"], built)
        tree = self.succeeds_in(folder, TOOL, "tree", "ag/podinfo", "-n", "podinfo", "--snapshot", "all.yaml")
        self.assertIn("Kustomization/podinfo/podinfo", tree.out)
        self.assertEqual(tree.out.count("ArtifactGenerator/"), 1, tree)

    def test_names_of_contexts_with_colons(self):
        """https://github.com/kubernetes/kubernetes/pull/107439"""
        file = f"{CASES}/06-context-names-with-colons/kubeconfig"
        name = "arn:aws:eks:eu-west-1:111122223333:cluster/prod"
        for words in (["--context", "arn:aws"], ["--context=arn:"], [f"--kubeconfig={file}", "--context", "arn"]):
            with self.subTest(words):
                answer = self.succeeds(TOOL, "__complete", "get", *words, KUBECONFIG=file)
                offered = [line.split("\t")[0] for line in answer.out.splitlines()[:-1]]
                self.assertEqual([each.removeprefix("--context=") for each in offered], [name], answer)
        answer = self.succeeds(TOOL, "__complete", "get", f"--context={name}", "a", KUBECONFIG=file)
        self.assertIn("artifactgenerator", answer.out)
        every = self.succeeds(TOOL, "__complete", "get", f"--kubeconfig={file}", "--context", "")
        self.assertEqual(len(every.out.splitlines()), 4, every)

    def test_a_kubeconfig_in_three_files(self):
        """https://github.com/controlplaneio-fluxcd/flux-operator/issues/969"""
        with self.server("07-kubeconfig-in-three-files", 18091, has_generators=True) as (seen, folder):
            for tool, files, namespace in (
                (TOOL, "contexts:users:clusters:not-there", "team"), (FLUX_TOOL, "contexts:users:clusters", "flux-system")
            ):
                with self.subTest(tool):
                    answer = self.succeeds(tool, "get", "ag", cwd=folder, KUBECONFIG=files)
                    self.assertIn(namespace, answer.err)
                    self.assertTrue(seen[-1].endswith(f"/namespaces/{namespace}/artifactgenerators"), seen)

    def test_a_cluster_without_source_watcher(self):
        """https://github.com/fluxcd/flux2/issues/5620"""
        remedy = "flux install --components-extra=source-watcher"
        with self.server("16-crd-not-installed", 18093, has_generators=False) as (_, folder):
            for words in (
                ["get", "ag"], ["get", "ag/podinfo"], ["tree", "ag/podinfo"], ["trace", "ag/podinfo"], ["export", "ag/podinfo"],
                ["reconcile", "ag/podinfo"], ["suspend", "ag/podinfo"], ["resume", "ag/podinfo"], ["wait", "ag/podinfo"],
                ["logs", "ag/podinfo"], ["check"],
            ):
                with self.subTest(words):
                    answer = self.fails(TOOL, *words, cwd=folder, KUBECONFIG="kubeconfig")
                    self.assertIn(remedy, answer.out + answer.err)

    def test_preferences_that_forbid_credential_plugins(self):
        """https://github.com/kubernetes/kubernetes/pull/137300"""
        folder = f"{self.temporary()}/case"
        shutil.copytree(f"{CASES}/19-kuberc-denies-credential-plugins", folder)
        os.chmod(f"{folder}/cred.sh", 0o755)
        for tool in (TOOL, FLUX_TOOL):
            with self.subTest(tool):
                answer = self.fails(tool, "get", "ag", cwd=folder, KUBERC=f"{folder}/kuberc", KUBECONFIG=f"{folder}/kubeconfig")
                self.assertIn("DenyAll", answer.err)
                self.assertIn("kuberc", answer.err)
                self.assertFalse(os.path.exists(f"{folder}/19.ran"))

    def test_an_artifact_of_another_controller(self):
        """https://github.com/open-component-model/open-component-model/pull/3519"""
        folder = "09-external-artifact-of-another-controller"
        listed = self.succeeds_in(folder, FLUX_TOOL, "get", "ea", "-n", "ocm", "--snapshot", "cluster.yaml")
        self.assertEqual([row[2] for row in listed.rows()[1:]], ["Resource/ocm/chart", "Resource/ocm/chart2"], listed)
        for words in (["trace", "ea/chart2"], ["trace", "hr/app"], ["tree", "--all"]):
            with self.subTest(words):
                answer = self.succeeds_in(folder, FLUX_TOOL, *words, "-n", "ocm", "--snapshot", "cluster.yaml")
                self.assertIn("Resource", answer.out)
        self.assertIn("Behind", answer.out)

    def test_an_origin_that_moves_while_the_content_stays(self):
        """https://github.com/fluxcd/source-watcher/issues/303"""
        folder = "11-origin-moves-content-stays"
        answer = self.succeeds_in(folder, TOOL, "trace", "ks/app1", "-n", "apps", "--snapshot", "cluster.yaml")
        self.assertIn("nothing to roll out", answer.out)
        for origin in ("a" * 40, "b" * 40):
            self.assertIn(f"Origin Revision:   main@sha1:{origin}", answer.out)
        self.assertNotIn("✗", answer.out)

    def test_events_of_a_release_are_those_of_its_sources_too(self):
        """https://github.com/fluxcd/flux2/issues/3618"""
        folder = "18-events-of-a-release-from-an-artifact"
        answer = self.succeeds_in(folder, FLUX_TOOL, "events", "hr/podinfo", "-n", "apps", "--snapshot", "cluster.yaml")
        self.assertEqual([row[2] for row in answer.rows()[1:]], ["NewArtifact", "BuildFailed", "UpgradeFailed"], answer)

    def test_two_generators_of_one_artifact(self):
        """Both write it for ever."""
        folder = "21-two-generators-one-artifact-name"
        answer = run(TOOL, "build", "-f", "generators.yaml", "--source", "repo=repo", cwd=f"{CASES}/{folder}")
        self.assertEqual(answer.err.count("Warning: "), 1, answer)

    def test_from_a_pod_up_to_what_fails(self):
        """https://github.com/controlplaneio-fluxcd/flux-operator/pull/1023"""
        folder = "23-pod-to-flux-instance"
        answer = self.succeeds_in(folder, TOOL, "trace", "pod/backend-1-x", "-n", "apps", "--snapshot", "cluster.yaml")
        for expected in ("ResourceSet:       backend", "template: input app not found", "backend build failed"):
            self.assertIn(expected, answer.out)
        revision = "latest@sha256:" + "1" * 64
        for line in answer.out.splitlines():
            self.assertLessEqual(line.count(revision), 1, line)
