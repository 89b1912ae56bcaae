"""Twelve daily tasks, each with the first command that a user of kubectl and flux would type for it."""
import json

import support
from support import EXAMPLE, kubeconfig


class Tasks(support.ClusterCase):
    def ours(self, *words, status=0, tool="kubectl-artifactgen"):
        answer = support.run(tool, *words, "--kubeconfig", kubeconfig("admin"))
        self.assertEqual(answer.status, status, answer)
        return answer

    def test_monday_begins_with_an_overview(self):
        out = self.ours("status", "-A").out
        self.assertRegex(out, r"(?m)^ArtifactGenerator +\d+ ")
        for title in ("Failing:", "Stale:", "Suspended:", "Newest events:"):
            self.assertIn(f"\n{title}\n", out)
        self.assertIn("ArtifactGenerator/apps/build-failed: ", out)

    def test_why_did_my_commit_not_roll_out(self):
        out = self.ours("trace", "deploy/mono-web", "-n", "apps").out
        for hop in ("Kustomization", "ExternalArtifact", "ArtifactGenerator", "GitRepository"):
            self.assertIn(hop, out)
        self.assertIn("Health check failed", out)

    def test_which_artifact_does_this_file_belong_to(self):
        out = self.ours(
            "build", "-f", f"{EXAMPLE}/generator.yaml", "--source", f"repo={EXAMPLE}/repo", "--explain").out
        self.assertIn("@artifact/", out)

    def test_a_pull_request_is_checked(self):
        answer = support.run(
            "kubectl-artifactgen", "diff", "-f", f"{EXAMPLE}/generator.yaml", "--source", f"repo={EXAMPLE}/repo",
            "--kubeconfig", kubeconfig("admin"))
        self.assertIn(answer.status, (0, 1), answer)
        self.assertNotEqual(answer.out, "", answer)

    def test_an_incident_suspends_and_resumes(self):
        words = ("ag/monorepo", "-n", "apps")
        self.addCleanup(support.run, "kubectl-artifactgen", "resume", *words, "--no-wait", "--kubeconfig", kubeconfig("admin"))
        self.ours("suspend", *words, "--reason", "incident 12")
        self.assertIn("incident 12", self.ours("status", "-n", "apps").out)
        self.assertIn("monorepo", self.ours("get", "ag", "-n", "apps", "--suspended").out)
        self.ours("resume", *words, "--no-wait")
        self.assertNotIn("incident 12", self.ours("status", "-n", "apps").out)

    def test_who_uses_this_git_repository(self):
        for words in (("tree", "gitrepository/monorepo"), ("tree", "source", "git", "monorepo")):
            out = self.ours(*words, "-n", "apps").out
            for user in ("ArtifactGenerator/apps/monorepo", "Kustomization/apps/mono-web"):
                self.assertIn(user, out)

    def test_frozen_artifacts_are_listed(self):
        rows = self.ours("get", "artifacts", "-A", "--stale").rows()
        self.assertIn("BECAUSE", rows[0])
        self.assertGreater(len(rows), 1)
        for item in self.ours("get", "artifacts", "-A", "--stale", "-o", "json").json()["items"]:
            self.assertEqual(item["freshness"]["state"], "Stale")
            self.assertTrue(item["freshness"]["reason"])

    def test_a_graph_for_a_wiki(self):
        out = self.ours("tree", "--all", "-n", "apps", "-o", "mermaid").out
        self.assertTrue(out.startswith("flowchart"), out)
        self.assertIn(" -->", out)

    def test_json_for_monitoring(self):
        status = self.ours("status", "-A", "-o", "json").json()
        kinds = {count["kind"]: count for count in status["counts"]}
        self.assertEqual(kinds["ArtifactGenerator"]["total"], sum(kinds["ArtifactGenerator"]["states"].values()))
        self.assertTrue(all(item["reason"] for item in status["failing"]))

    def test_health_of_what_an_artifact_deploys(self):
        out = self.ours("tree", "ea/mono-web", "-n", "apps").out
        self.assertRegex(out, "Deployment/apps/mono-web [✗◎] ")

    def test_what_changed_today(self):
        out = self.ours("events", "-n", "apps").out
        self.assertTrue(out.startswith("LAST SEEN"), out)

    def test_is_this_cluster_set_up(self):
        answer = support.run("kubectl-artifactgen", "check", "-o", "json", "--kubeconfig", kubeconfig("admin"))
        self.assertIn(answer.status, (0, 1), answer)
        self.assertTrue(json.loads(answer.out)["items"], answer)

    def test_is_my_namespace_set_up(self):
        """Whoever may list in one namespace only sees what is wrong there, and what was not read."""
        for user, words, scope in (("restricted", (), True), ("admin", ("-n", "apps"), False)):
            answer = support.run(
                "kubectl-artifactgen", "check", *words, "-o", "json", "--kubeconfig", kubeconfig(user))
            self.assertEqual(answer.status, 1, answer)
            items = answer.json()["items"]
            failing = [item["resource"] for item in items if item["check"] == "generators" and item["severity"] == "error"]
            self.assertIn("ArtifactGenerator/apps/build-failed", failing)
            self.assertTrue(all("/apps/" in resource for resource in failing), failing)
            found = [item["message"] for item in items if item["check"] == "scope"]
            self.assertEqual(len(found), 1 if scope else 0, found)
            if scope:
                self.assertIn("read only namespace apps", found[0])
