"""`reconcile`, `suspend`, `resume`, `wait` and `check` against a real API server with stand-ins for Flux's controllers."""
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time

import cluster
import fixtures
import support
from fixtures import APPLY, GENERATORS, MERGE, SOURCES
from support import kubeconfig, run

sys.path.insert(0, f"{support.ROOT}/Tests/Support/controller")

import controller  # noqa: E402
from controller import DISABLED, REQUESTED, path  # noqa: E402

GENERATOR = "artifactgenerator.source.extensions.fluxcd.io"
FIRST, SECOND = "main@sha1:" + "a" * 40, "main@sha1:" + "b" * 40
numbers = itertools.count(1)


def until(condition, what):
    """Waits for what another process brings about; the limit only ends a broken test."""
    end = time.monotonic() + support.PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}")
        time.sleep(0.02)


class ActCase(support.ClusterCase):
    """A namespace of its own for each test, with a generator of two artifacts from one Git repository."""

    run_dir = None

    def setUp(self):
        self.place = self.run_dir or support.Setting.run_dir
        self.server = fixtures.API(self.place)
        self.addCleanup(self.server.connection.close)
        self.addCleanup(self.clear)
        self.namespace = f"act-{os.getpid()}-{next(numbers)}"
        self.server.expect([201], "POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})
        self.make("GitRepository", "repo", {"url": "https://example.com/repo", "interval": "1m0s"})
        copy = {"from": "@repo/x/**", "to": "@artifact/"}
        artifacts = [{"name": name, "originRevision": "@repo", "copy": [{**copy, "from": f"@repo/{name}/**"}]} for name in ("one", "two")]
        source = {"alias": "repo", "kind": "GitRepository", "name": "repo"}
        self.make("ArtifactGenerator", "app", {"sources": [source], "artifacts": artifacts})
        self.appliers = self.enterContext(controller.Appliers(self.place, self.namespace))
        until(lambda: self.ready("GitRepository", "repo") == "True", "repo is ready")
        self.watcher = self.enterContext(controller.SourceWatcher(self.place, self.namespace))
        self.settled()

    def clear(self):
        """Takes away what other tests would see; the stand-ins, which would, have gone by then."""
        for kind in controller.PATHS:
            for found in self.server.expect([200], "GET", path(kind, self.namespace))["items"]:
                name = found["metadata"]["name"]
                if found["metadata"].get("finalizers"):
                    self.merge(kind, name, {"metadata": {"finalizers": None}})
                self.server.expect([200, 404], "DELETE", path(kind, self.namespace, name))

    def settled(self):
        """The generator has built from its source, and no further attempt is on its way."""
        until(self.watcher.idle, "source-watcher is idle")
        until(lambda: self.ready("ArtifactGenerator", "app") == "True" and self.read("ArtifactGenerator", "app")["status"].get("observedSourcesDigest"), "app is ready")

    def enterContext(self, context):
        result = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return result

    def make(self, kind, name, spec, **metadata):
        version, _ = controller.PATHS[kind]
        body = {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": self.namespace, **metadata}, "spec": spec}
        return self.server.expect([200, 201], "PATCH", f"{path(kind, self.namespace, name)}?fieldManager=kustomize-controller&force=true", body, APPLY)

    def consumers(self):
        reference = {"kind": "ExternalArtifact", "name": "one"}
        self.make("Kustomization", "web", {"interval": "1m0s", "path": "./", "prune": True, "sourceRef": reference})
        self.make("HelmRelease", "chart", {"interval": "1m0s", "chartRef": {**reference, "name": "two"}})
        until(lambda: self.ready("Kustomization", "web") == "True" and self.ready("HelmRelease", "chart") == "True", "consumers are ready")

    def read(self, kind, name):
        return self.server.expect([200], "GET", path(kind, self.namespace, name))

    def ready(self, kind, name):
        found = controller.condition(self.read(kind, name), "Ready")
        return found and found["status"]

    def merge(self, kind, name, body, subresource=None):
        return self.server.expect([200], "PATCH", path(kind, self.namespace, name, subresource), body, MERGE)

    def push(self, revision):
        """What a push and source-controller's next look do."""
        self.appliers.revisions["repo"] = revision
        self.merge("GitRepository", "repo", {"metadata": {"annotations": {REQUESTED: str(next(numbers))}}})

    def version(self, kind="ArtifactGenerator", name="app"):
        return self.read(kind, name)["metadata"]["resourceVersion"]

    def config(self, name="admin"):
        return f"{self.place}/{name}.kubeconfig"

    def tool(self, *arguments, config="admin", tool="kubectl-artifactgen"):
        return run(tool, *arguments, "-n", self.namespace, "--kubeconfig", self.config(config))

    def started(self, *arguments):
        command = [f"{support.Setting.prefix}/bin/kubectl-artifactgen", *arguments, "-n", self.namespace, "--kubeconfig", self.config()]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=support.environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        return process

    def finished(self, process):
        out, err = process.communicate(timeout=support.PATIENCE)
        return support.Answer(process.args, process.returncode, out, err)

    def done(self, answer, text):
        self.assertEqual((answer.status, answer.out), (0, text), answer)


class Reconcile(ActCase):
    def test_an_attempt_is_seen_to_its_success(self):
        # The artifacts are gone: there is something to do that only a request brings up.
        self.server.expect([200], "DELETE", path("ExternalArtifact", self.namespace, "one"))
        answer = self.tool("reconcile", "ag/app")
        self.done(answer, f"{GENERATOR}/app reconciled: reconciliation succeeded, generated 2 artifact(s)\n")
        self.assertEqual(self.read("ExternalArtifact", "one")["status"]["artifact"]["metadata"][controller.ORIGIN][:4], "main")

    def test_no_drift_is_said(self):
        self.done(self.tool("reconcile", "app"), f"{GENERATOR}/app unchanged: no drift, nothing to do\n")
        generator = self.read("ArtifactGenerator", "app")
        self.assertEqual(generator["status"]["lastHandledReconcileAt"], generator["metadata"]["annotations"][REQUESTED])

    def test_failure_ends_the_wait_with_its_reason(self):
        self.watcher.failing["two"] = "no files match pattern 'two/**' in source 'repo'"
        before = self.read("ExternalArtifact", "two")["status"]["artifact"]["digest"]
        self.push(SECOND)
        until(lambda: self.ready("ArtifactGenerator", "app") == "False", "the build fails")
        # Longer than the patience of these tests: a wait until the deadline would fail them.
        answer = self.tool("reconcile", "app", "--timeout=5m")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        text = f"error: {GENERATOR}/app: BuildFailed: two build failed: no files match pattern 'two/**' in source 'repo'\n"
        self.assertEqual(answer.err, text)
        # Published one by one: the first is new, the failing one frozen.
        self.assertEqual(self.read("ExternalArtifact", "one")["status"]["artifact"]["metadata"][controller.ORIGIN], SECOND)
        self.assertEqual(self.read("ExternalArtifact", "two")["status"]["artifact"]["digest"], before)

    def test_suspended_is_said_before_anything_is_written(self):
        self.tool("suspend", "app", "--reason", "incident 42")
        self.consumers()
        before = [self.version(), self.version("GitRepository", "repo"), self.version("Kustomization", "web")]
        for arguments in (["ag/app"], ["ag/app", "--with-consumers"], ["ks/web", "--with-source"], ["ea/one", "--force"]):
            with self.subTest(arguments):
                answer = self.tool("reconcile", *arguments)
                self.assertEqual((answer.status, answer.out), (1, ""), answer)
                self.assertIn(f"ArtifactGenerator/{self.namespace}/app is suspended by admin (incident 42)", answer.err)
        self.assertEqual([self.version(), self.version("GitRepository", "repo"), self.version("Kustomization", "web")], before)

    def test_stuck_and_unstuck(self):
        self.watcher.crashes = 1
        self.server.expect([200], "DELETE", path("ExternalArtifact", self.namespace, "one"))
        self.merge("ArtifactGenerator", "app", {"metadata": {"annotations": {REQUESTED: "crash"}}})
        until(lambda: self.ready("ArtifactGenerator", "app") == "Unknown", "the controller dies in the middle")
        until(lambda: not self.watcher.crashes, "the controller died")
        # The artifact is put back as it was: nothing to do as far as the controller can see.
        generator = self.read("ArtifactGenerator", "app")
        artifact = self.read("ExternalArtifact", "two")
        digest = next(e["digest"] for e in generator["status"]["inventory"] if e["name"] == "one")
        labels = artifact["metadata"]["labels"]
        self.make("ExternalArtifact", "one", artifact["spec"], labels=labels)
        body = {"status": {**artifact["status"], "artifact": {**artifact["status"]["artifact"], "digest": digest}}}
        self.merge("ExternalArtifact", "one", body, "status")

        # Conditions have whole seconds: a request of the same second could have come before.
        time.sleep(1.1)
        answer = self.tool("reconcile", "app", "--timeout=5m")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertIn("will not retry; run reconcile --force", answer.err)
        findings = self.tool("check", "-o", "json").json()["items"]
        mine = [f for f in findings if f["resource"] == f"ArtifactGenerator/{self.namespace}/app"]
        self.assertEqual([f["message"].split(":")[0] for f in mine], ["is stuck"])
        answer = self.tool("reconcile", "app", "--force")
        self.done(answer, f"{GENERATOR}/app reconciled: reconciliation succeeded, generated 2 artifact(s)\n")

    def test_chain_in_order(self):
        self.consumers()
        self.appliers.revisions["repo"] = SECOND
        self.appliers.handled.clear()
        answer = self.tool("reconcile", "app", "--with-source", "--with-consumers", "-o", "json")
        self.assertEqual(answer.status, 0, answer)
        result = answer.json()
        self.assertEqual((result["apiVersion"], result["kind"], result["errors"]), ("artifactgen/v1", "ReconcileResult", []))
        self.assertEqual([item["kind"] for item in result["items"]], ["GitRepository", "ArtifactGenerator", "Kustomization", "HelmRelease"])
        self.assertEqual({item["result"] for item in result["items"]}, {"reconciled"})
        self.assertEqual(result["items"][0]["revision"], SECOND)
        # What the consumers did by themselves before may still come.
        handled = [kind for kind, request in self.appliers.handled if request]
        self.assertEqual(handled[0], "GitRepository")
        artifact = self.read("ExternalArtifact", "one")["status"]["artifact"]["revision"]
        self.assertEqual(self.read("Kustomization", "web")["status"]["lastAppliedRevision"], artifact)

    def test_a_failing_source_stops_the_chain(self):
        self.consumers()
        self.appliers.failing["repo"] = "failed to checkout: authentication required"
        versions = [self.version(), self.version("Kustomization", "web")]
        answer = self.tool("reconcile", "ks/web", "--with-source")
        self.assertEqual(answer.status, 1, answer)
        self.assertIn("Failed: failed to checkout: authentication required", answer.err)
        self.assertIn("skipped: not reconciled because", answer.out)
        self.assertEqual([self.version(), self.version("Kustomization", "web")], versions)

    def test_flux_words_and_artifact_stands_for_generator(self):
        answer = self.tool("reconcile", "one", tool="flux-externalartifact")
        self.assertEqual((answer.status, answer.out), (0, ""), answer)
        self.assertEqual(answer.err.splitlines(), [
            f"► ExternalArtifact/{self.namespace}/one is published by ArtifactGenerator/{self.namespace}/app: reconciling its publisher instead",
            f"► annotating ArtifactGenerator app in {self.namespace} namespace",
            "◎ waiting for ArtifactGenerator app reconciliation",
            "✔ ArtifactGenerator app unchanged: no drift, nothing to do",
        ])

    def test_third_party(self):
        """Any kind can publish; here it is one of the operator's."""
        owner = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owner"}}
        self.server.expect([201], "POST", f"/api/v1/namespaces/{self.namespace}/configmaps", owner)
        self.make("ExternalArtifact", "foreign", {"sourceRef": {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner"}})
        answer = self.tool("reconcile", "ea/foreign")
        self.assertEqual(answer.status, 0, answer)
        self.assertIn("configmap/owner reconciliation requested (publishes", answer.out)
        found = self.server.expect([200], "GET", f"/api/v1/namespaces/{self.namespace}/configmaps/owner")
        self.assertIn(REQUESTED, found["metadata"]["annotations"])

    def test_nobody_waits_without_wait(self):
        self.done(self.tool("reconcile", "app", "--wait=false"), f"{GENERATOR}/app reconciliation requested\n")

    def test_several_are_all_tried(self):
        answer = self.tool("reconcile", "ag/nope", "ag/app")
        self.assertEqual(answer.status, 1, answer)
        self.assertEqual(answer.out, f"{GENERATOR}/app unchanged: no drift, nothing to do\n")
        self.assertIn('"nope" not found', answer.err)

    def test_time_that_is_over_ends_the_wait(self):
        self.watcher.pause = support.PATIENCE
        self.merge("GitRepository", "repo", {"metadata": {"annotations": {REQUESTED: "x"}}})
        self.server.expect([200], "DELETE", path("ExternalArtifact", self.namespace, "one"))
        answer = self.tool("reconcile", "app", "--timeout=1s")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertIn("timed out, still waiting: Reconciliation in progress", answer.err)

    def test_many(self):
        """More than have a watch each: one watch for all of them."""
        spec = self.read("ArtifactGenerator", "app")["spec"]
        names = [f"many-{index}" for index in range(20)]
        for name in names:
            artifacts = [{**spec["artifacts"][0], "name": name}]
            self.make("ArtifactGenerator", name, {**spec, "artifacts": artifacts}, labels={"set": "many"})
        for name in names:
            until(lambda: self.ready("ArtifactGenerator", name) == "True", f"{name} is ready")
        answer = self.tool("reconcile", "ag", "-l", "set=many")
        self.assertEqual(answer.status, 0, answer)
        self.assertEqual(sorted(answer.out.splitlines()), sorted(f"{GENERATOR}/{name} unchanged: no drift, nothing to do" for name in names))
        self.assertEqual(answer.err, "20 unchanged\n")


class Meanwhile(ActCase):
    """What others do while a command waits."""

    def slow(self):
        self.watcher.pause = support.PATIENCE
        self.server.expect([200], "DELETE", path("ExternalArtifact", self.namespace, "one"))

    def requested(self, old=None):
        until(lambda: controller.requested(self.read("ArtifactGenerator", "app")) not in (None, old), "the request is written")

    def test_a_deletion_ends_the_wait(self):
        self.slow()
        process = self.started("reconcile", "app", "--timeout=5m")
        self.requested()
        self.server.expect([200], "DELETE", path("ArtifactGenerator", self.namespace, "app"))
        answer = self.finished(process)
        self.assertEqual((answer.status, answer.err), (1, f"error: {GENERATOR}/app: is being deleted\n"), answer)

    def test_a_suspension_ends_the_wait(self):
        self.slow()
        process = self.started("reconcile", "app", "--timeout=5m")
        self.requested()
        self.merge("ArtifactGenerator", "app", {"metadata": {"annotations": {DISABLED: "Disabled"}}})
        answer = self.finished(process)
        self.assertEqual((answer.status, answer.err), (1, f"error: {GENERATOR}/app: was suspended while waiting\n"), answer)

    def test_two_users_do_not_meet(self):
        self.watcher.pause = 1
        self.server.expect([200], "DELETE", path("ExternalArtifact", self.namespace, "one"))
        first = self.started("reconcile", "app", "--timeout=50s")
        self.requested()
        token = controller.requested(self.read("ArtifactGenerator", "app"))
        second = self.started("reconcile", "app", "--timeout=50s")
        self.requested(token)
        for process in (first, second):
            answer = self.finished(process)
            self.assertEqual((answer.status, answer.err), (0, ""), answer)

    def test_conflicts(self):
        """Somebody writes to the object all the time: no request is lost, and none of his writes either."""
        stop, written = threading.Event(), []

        def write():
            own = fixtures.API(self.place)
            while not stop.is_set():
                body = {"metadata": {"annotations": {"noise": str(len(written))}}}
                own.expect([200], "PATCH", path("ArtifactGenerator", self.namespace, "app"), body, MERGE)
                written.append(1)
                time.sleep(0.01)

        noise = threading.Thread(target=write)
        noise.start()
        try:
            for verb in ("suspend", "resume", "reconcile", "suspend"):
                answer = self.tool(verb, "app")
                # Whoever resumes is told whose hold that was.
                note = rf"ArtifactGenerator/{self.namespace}/app was suspended by admin at \S+\n" if verb == "resume" else ""
                self.assertEqual(answer.status, 0, answer)
                self.assertRegex(answer.err, rf"\A{note}\Z", answer)
        finally:
            stop.set()
            noise.join()
        annotations = self.read("ArtifactGenerator", "app")["metadata"]["annotations"]
        self.assertEqual((annotations[DISABLED], annotations["noise"]), ("disabled", str(len(written) - 1)))

    def test_an_interrupt_says_what_goes_on(self):
        self.slow()
        process = self.started("reconcile", "app", "--timeout=5m")
        self.requested()
        # The note is set when the answer to the write has come; the status tells that the controller goes on.
        until(lambda: self.ready("ArtifactGenerator", "app") == "Unknown", "the attempt began")
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        answer = self.finished(process)
        self.assertEqual((answer.status, answer.out), (130, ""), answer)
        self.assertEqual(answer.err, f"\ninterrupted; these requests continue in the cluster: ArtifactGenerator/{self.namespace}/app\n")


class Suspension(ActCase):
    def marks(self, kind="ArtifactGenerator", name="app"):
        annotations = self.read(kind, name)["metadata"].get("annotations", {})
        return {key: value for key, value in annotations.items() if key == DISABLED or key.startswith("artifactgen/") or "controlplane" in key}

    def test_there_and_back(self):
        self.done(self.tool("suspend", "app", "--reason", "incident 42"), f"{GENERATOR}/app suspended\n")
        marks = self.marks()
        self.assertRegex(marks.pop("artifactgen/suspended-at"), r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(marks, {DISABLED: "disabled", "artifactgen/suspended-by": "admin", "artifactgen/suspended-reason": "incident 42"})
        titles, row = self.tool("get", "ag", "--suspended").rows()
        shown = dict(zip(titles, row))
        self.assertEqual((shown["NAME"], shown["BY"], shown["WHY"]), ("app", "admin", "incident 42"))
        self.push(SECOND)
        until(lambda: self.read("GitRepository", "repo")["status"]["artifact"]["revision"] == SECOND, "the source moves on")
        answer = self.tool("resume", "app")
        self.done(answer, f"{GENERATOR}/app resumed: reconciliation succeeded, generated 2 artifact(s)\n")
        self.assertEqual(self.marks(), {})
        self.assertEqual(self.read("ExternalArtifact", "one")["status"]["artifact"]["metadata"][controller.ORIGIN], SECOND)

    def test_written_by_hand_in_any_case(self):
        self.merge("ArtifactGenerator", "app", {"metadata": {"annotations": {DISABLED: "DISABLED"}}})
        self.done(self.tool("suspend", "app"), f"{GENERATOR}/app already suspended\n")
        self.done(self.tool("resume", "app"), f"{GENERATOR}/app resumed: no drift, nothing to do\n")
        self.assertEqual(self.marks(), {})

    def test_other_kinds_by_spec(self):
        self.consumers()
        self.make("FluxInstance", "flux", {"distribution": {"version": "2.x", "registry": "ghcr.io/fluxcd"}})
        answer = self.tool("suspend", "git/repo", "ks/web", "hr/chart", "instance/flux")
        self.assertEqual(answer.status, 0, answer)
        for kind, name in (("GitRepository", "repo"), ("Kustomization", "web"), ("HelmRelease", "chart")):
            self.assertIs(self.read(kind, name)["spec"]["suspend"], True)
        self.assertEqual(self.marks("FluxInstance", "flux")["fluxcd.controlplane.io/reconcile"], "disabled")
        self.appliers.handled.clear()
        answer = self.tool("resume", "hr,ks,ag,git,instance", "--all", "-o", "json")
        self.assertEqual(answer.status, 0, answer)
        self.assertEqual({i["kind"]: i["result"] for i in answer.json()["items"]}["ArtifactGenerator"], "already")
        handled = [kind for kind, _ in self.appliers.handled if kind != "FluxInstance"]
        self.assertEqual(handled[0], "GitRepository", handled)

    def test_dry_runs_change_nothing(self):
        before = self.version()
        for where, words in (("client", "(dry run)"), ("server", "(server dry run)")):
            self.done(self.tool("suspend", "app", f"--dry-run={where}"), f"{GENERATOR}/app suspended {words}\n")
        self.assertEqual(self.version(), before)
        self.tool("suspend", "app")
        before = self.version()
        for where, words in (("client", "(dry run)"), ("server", "(server dry run)")):
            self.done(self.tool("resume", "app", f"--dry-run={where}"), f"{GENERATOR}/app resumed {words}\n")
        self.assertEqual(self.version(), before)

    def test_missing_ones_do_not_stop_the_others(self):
        answer = self.tool("suspend", "ag/nope", "ag/app")
        self.assertEqual((answer.status, answer.out), (1, f"{GENERATOR}/app suspended\n"), answer)
        self.assertIn('"nope" not found', answer.err)

    def apply(self, manager="kustomize-controller", **annotations):
        spec = self.read("ArtifactGenerator", "app")["spec"]
        self.server.expect(
            [200], "PATCH", f"{path('ArtifactGenerator', self.namespace, 'app')}?fieldManager={manager}&force=true",
            {"apiVersion": GENERATORS, "kind": "ArtifactGenerator", "metadata": {"name": "app", "annotations": annotations}, "spec": spec}, APPLY)

    def take_over(self):
        """What kustomize-controller does before it applies: fields of managers `kubectl…` become its own (fluxcd/pkg ssa, patch.go)."""
        generator = self.read("ArtifactGenerator", "app")
        fields = generator["metadata"]["managedFields"]
        own = next(f for f in fields if f["manager"] == "kustomize-controller" and f["operation"] == "Apply")
        foreign = [f for f in fields if f["manager"].startswith("kubectl")]

        def merged(one, two):
            return {key: merged(one.get(key, {}), two.get(key, {})) for key in {**one, **two}}

        for entry in foreign:
            own["fieldsV1"] = merged(own["fieldsV1"], entry["fieldsV1"])
            fields.remove(entry)
        body = [{"op": "replace", "path": "/metadata/managedFields", "value": fields}]
        self.server.expect([200], "PATCH", path("ArtifactGenerator", self.namespace, "app"), body, "application/json-patch+json")
        return len(foreign)

    def test_survives_the_next_apply(self):
        self.tool("suspend", "app")
        self.assertEqual(self.take_over(), 0)
        self.apply()
        self.assertEqual(self.marks()[DISABLED], "disabled")
        # The same by kubectl is undone, which is why the field manager matters.
        self.tool("resume", "app", "--wait=false")
        self.kubectl("annotate", "ag", "app", f"{DISABLED}=disabled", "-n", self.namespace)
        self.assertEqual(self.marks()[DISABLED], "disabled")
        self.assertGreater(self.take_over(), 0)
        self.apply()
        self.assertNotIn(DISABLED, self.marks())

    def test_an_applier_of_the_mark_is_named(self):
        self.apply(**{DISABLED: "enabled"})
        answer = self.tool("suspend", "app")
        self.assertEqual((answer.status, answer.out), (0, f"{GENERATOR}/app suspended\n"), answer)
        self.assertIn("Warning: kustomize-controller applies the annotation", answer.err)

    def test_field_managers_are_kept_apart(self):
        self.tool("suspend", "app")
        self.tool("resume", "app")
        managers = {f["manager"] for f in self.read("ArtifactGenerator", "app")["metadata"]["managedFields"]}
        self.assertFalse([m for m in managers if m.startswith(("kubectl", "flux"))], managers)
        self.assertIn("artifactgen", managers)


class Rights(ActCase):
    """The user `restricted` may read here, and gets told what else it takes."""

    def allow(self, *rules):
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{self.namespace}"
        reading = {
            "apiGroups": ["source.extensions.fluxcd.io", "source.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io"],
            "resources": ["*"], "verbs": ["get", "list", "watch"],
        }
        role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "reader", "namespace": self.namespace}, "rules": [reading, *rules]}
        self.server.expect([201], "POST", f"{rbac}/roles", role)
        self.server.expect([201], "POST", f"{rbac}/rolebindings", {
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "reader"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "restricted"}],
        })
        user = fixtures.API  # the answer of the authorizer follows the role with a little delay
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {
            "user": "restricted", "resourceAttributes": {"verb": "get", "group": "source.extensions.fluxcd.io", "resource": "artifactgenerators", "namespace": self.namespace},
        }}
        target = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        until(lambda: user(self.place).expect([201], "POST", target, review)["status"]["allowed"], "the role counts")

    def test_every_verb_names_the_right(self):
        self.allow()
        self.consumers()
        before = self.version()
        right = f'no permission to patch artifactgenerators.source.extensions.fluxcd.io in namespace "{self.namespace}"'
        commands = (["reconcile", "app"], ["reconcile", "ks/web", "--with-source"], ["suspend", "app"], ["reconcile", "--all"], ["suspend", "app", "--dry-run=server"])
        for arguments in commands:
            with self.subTest(arguments):
                answer = self.tool(*arguments, config="restricted")
                self.assertEqual((answer.status, answer.out), (1, ""), answer)
                self.assertIn("patch artifactgenerators.source.extensions.fluxcd.io", answer.err)
                self.assertIn("no changes were made", answer.err)
        self.assertEqual(self.version(), before)
        self.tool("suspend", "app")
        answer = self.tool("resume", "app", config="restricted")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertIn(right, answer.err)

    def test_force_takes_the_right_to_the_status(self):
        self.allow({"apiGroups": ["source.extensions.fluxcd.io"], "resources": ["artifactgenerators"], "verbs": ["patch"]})
        before = self.version()
        answer = self.tool("reconcile", "app", "--force", config="restricted")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertIn("no permission to patch artifactgenerators.source.extensions.fluxcd.io/status", answer.err)
        self.assertEqual(self.version(), before)
        self.done(self.tool("reconcile", "app", config="restricted"), f"{GENERATOR}/app unchanged: no drift, nothing to do\n")

    def test_waiting_needs_only_reading(self):
        self.allow()
        self.done(self.tool("wait", "app", config="restricted"), f"{GENERATOR}/app condition met\n")

    def test_logs_names_the_right(self):
        self.allow()
        answer = self.tool("logs", "app", config="restricted")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertIn("get pods/log; no permission to list deployments", answer.err)

    def test_check_says_what_it_may_not_see(self):
        self.allow()
        answer = self.tool("check", "-o", "json", config="restricted")
        found = {(item["check"], item["severity"], item["status"]) for item in answer.json()["items"]}
        wanted = {("controllers", "warning", "failed"), ("permissions", "warning", "failed"), ("api-server", "info", "passed")}
        self.assertTrue(wanted <= found, answer)


class Wait(ActCase):
    def test_wait_until_it_is_ready(self):
        self.done(self.tool("wait", "app"), f"{GENERATOR}/app condition met\n")

    def test_commit_reaches_the_consumers(self):
        self.consumers()
        process = self.started("wait", "app", "--for=commit=bbbbbbbb", "--consumers", "--timeout=50s")
        self.assertIn(b"not at bbbbbbbb", process.stderr.readline())
        self.push(SECOND)
        answer = self.finished(process)
        self.done(answer, f"{GENERATOR}/app condition met\n")
        artifact = self.read("ExternalArtifact", "one")["status"]["artifact"]["revision"]
        self.assertEqual(self.read("Kustomization", "web")["status"]["lastAppliedRevision"], artifact)

    def test_commit_reaches_the_consumers_of_a_source(self):
        self.consumers()
        process = self.started("wait", "git/repo", "--for=commit=bbbbbbbb", "--consumers", "--timeout=50s")
        self.assertIn(b"not at bbbbbbbb", process.stderr.readline())
        self.push(SECOND)
        self.done(self.finished(process), "gitrepository.source.toolkit.fluxcd.io/repo condition met\n")
        artifact = self.read("ExternalArtifact", "one")["status"]["artifact"]["revision"]
        self.assertEqual(self.read("Kustomization", "web")["status"]["lastAppliedRevision"], artifact)

    def test_a_consumer_that_fails(self):
        self.consumers()
        self.appliers.failing["web"] = "kustomize build failed"
        self.push(SECOND)
        until(lambda: self.ready("Kustomization", "web") == "False", "the consumer fails")
        self.merge("Kustomization", "web", {"status": {"lastAttemptedRevision": self.read("ExternalArtifact", "one")["status"]["artifact"]["revision"]}}, "status")
        answer = self.tool("wait", "app", "--for=commit=bbbbbbbb", "--consumers", "--timeout=5m")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertIn(f"Kustomization {self.namespace}/web failed to apply ", answer.err)
        self.assertIn(": Failed: kustomize build failed", answer.err)

    def test_the_source_moves_on(self):
        third = "main@sha1:" + "c" * 40
        for flags, status in (([], 1), (["--or-later"], 0)):
            with self.subTest(flags):
                self.push(FIRST)
                until(lambda: self.read("GitRepository", "repo")["status"]["artifact"]["revision"] == FIRST, "the first commit")
                process = self.started("wait", "app", "--for=commit=bbbbbbbb", "--timeout=50s", *flags)
                self.assertIn(b"not at bbbbbbbb", process.stderr.readline())
                self.push(third)
                answer = self.finished(process)
                self.assertEqual(answer.status, status, answer)
                if status:
                    self.assertIn("moved to main@sha1:cccccccc instead of bbbbbbbb; use --or-later", answer.err)

    def test_timeout_as_kubectl_says_it(self):
        """#65"""
        answer = self.tool("wait", "app", "--for=suspended", "--timeout=1s")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertIn("error: timed out waiting for the condition on artifactgenerators/app\n", answer.err)

    def test_zero_looks_once(self):
        """#65"""
        answer = self.tool("wait", "app", "--for=suspended", "--timeout=0")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertIn("error: condition not met for artifactgenerators/app: ", answer.err)

    def test_fails_at_once_when_stalled(self):
        spec = self.read("ArtifactGenerator", "app")["spec"]
        self.make("ArtifactGenerator", "bad", {**spec, "sources": spec["sources"] * 2})
        answer = self.tool("wait", "bad", "--timeout=5m")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertIn("is stalled: ValidationFailed: duplicate source alias 'repo' found", answer.err)

    def test_each_goal_is_met(self):
        revision = self.read("ExternalArtifact", "one")["status"]["artifact"]["revision"]
        self.done(self.tool("wait", "ea/one", f"--for=revision={revision}"), "externalartifact.source.toolkit.fluxcd.io/one condition met\n")
        self.done(self.tool("wait", "app", "--for=stored"), f"{GENERATOR}/app condition met\n")
        self.tool("suspend", "app")
        self.done(self.tool("wait", "app", "--for=suspended"), f"{GENERATOR}/app condition met\n")

    def test_nothing_to_wait_for(self):
        self.assertEqual(self.tool("wait", "ks", "--all").err, "error: no matching resources found\n")


class Restart(ActCase):
    """The API server goes away and comes back while a command waits. On a cluster of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_dir = cluster.start(load=False)
        cls.addClassCleanup(cluster.stop, cls.run_dir)
        fixtures.load_definitions(fixtures.API(cls.run_dir))

    def restart(self):
        with open(f"{self.run_dir}/apiserver.pid") as note:
            with open(f"/proc/{int(note.read())}/cmdline", "rb") as words:
                command = words.read().decode().split("\0")[:-1]
        cluster._end(self.run_dir, "apiserver")
        server = cluster.Server(self.run_dir, "apiserver", command)
        until(lambda: fixtures.API(self.run_dir).ready(), "the server is back")
        self.assertIsNone(server.process.poll())
        # The connection of this test went away with it.
        self.server = fixtures.API(self.place)
        self.addCleanup(self.server.connection.close)

    def test_spec_suspend_where_the_definition_has_it(self):
        """As source-watcher plans it. The annotation is left alone then."""
        target = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/artifactgenerators.source.extensions.fluxcd.io"
        definition = self.server.expect([200], "GET", target)
        for version in definition["spec"]["versions"]:
            version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["suspend"] = {"type": "boolean"}
        self.server.expect([200], "PUT", target, definition)

        def known():
            probe = f"{path('ArtifactGenerator', self.namespace, 'app')}?dryRun=All"
            return "suspend" in self.server.expect([200], "PATCH", probe, {"spec": {"suspend": True}}, MERGE)["spec"]

        until(known, "the server knows the field")
        self.done(self.tool("suspend", "app", "--reason", "incident 42"), f"{GENERATOR}/app suspended\n")
        generator = self.read("ArtifactGenerator", "app")
        self.assertIs(generator["spec"]["suspend"], True)
        self.assertNotIn(DISABLED, generator["metadata"]["annotations"])
        self.assertIn("is suspended by admin (incident 42)", self.tool("reconcile", "app").err)
        self.assertEqual(self.tool("resume", "app").status, 0)
        generator = self.read("ArtifactGenerator", "app")
        self.assertIs(generator["spec"]["suspend"], False)
        self.assertNotIn("artifactgen/suspended-by", generator["metadata"]["annotations"])

    def test_a_watch_of_several_kinds_goes_on(self):
        process = self.started("get", "git,ag", "-w")
        first = [support.line(process).decode() for _ in range(3)]
        self.assertEqual([line.split()[0] for line in first], ["NAME", "gitrepository.source.toolkit.fluxcd.io/repo", f"{GENERATOR}/app"])
        self.restart()
        self.merge("ArtifactGenerator", "app", {"metadata": {"annotations": {DISABLED: "disabled"}}})
        line = support.line(process).decode()
        if not line:
            self.fail(f"the watch has ended: {self.finished(process)}")
        self.assertEqual(line.split()[:3], [f"{GENERATOR}/app", "True", "True"])
        self.assertEqual(line.index("True"), first[0].index("READY"), "the columns stay")
        process.send_signal(signal.SIGINT)
        answer = self.finished(process)
        self.assertEqual((answer.status, answer.out), (130, ""), answer)
        self.assertIn("reconnecting", answer.err)

    def test_in_the_middle(self):
        self.watcher.pause = 3
        self.server.expect([200], "DELETE", path("ExternalArtifact", self.namespace, "one"))
        process = self.started("reconcile", "app", "--timeout=55s")
        until(lambda: self.ready("ArtifactGenerator", "app") == "Unknown", "the attempt began")
        self.restart()
        answer = self.finished(process)
        self.assertEqual((answer.status, answer.out), (0, f"{GENERATOR}/app reconciled: reconciliation succeeded, generated 2 artifact(s)\n"), answer)
        self.assertIn("connection lost, reconnecting", answer.err)
