"""What people have reported of Flux and its peers, as scenarios: what is right for them must come of our tools.

Each folder of `public-cases` holds the input; the address of the report is with its test.
"""
import shutil
import subprocess
import tempfile

import support
from support import run

CASES = f"{support.ROOT}/Tests/EndToEnd/public-cases"
TOOL = "kubectl-artifactgen"
FLUX_TOOL = "flux-externalartifact"


class PublicCases(support.Case):
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
            shutil.copytree(f"{CASES}/{folder}/{files}", root, symlinks=True, dirs_exist_ok=True)
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
                self.assertIn("apps/common is left out of the source: a symbolic link", answer.json()["errors"][0]["hint"])

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
