"""`events`, `export`, `diff` and the extended `get` against a real API server, and again from a snapshot of it."""
import itertools
import json
import os
import shutil
import signal
import subprocess
import time

import yaml

import fixtures
import support
from support import ageless, kubeconfig, run

TOOL = "kubectl-artifactgen"
ARTIFACTS = "source.toolkit.fluxcd.io/v1"
GENERATORS = "source.extensions.fluxcd.io/v1beta1"
KUSTOMIZATIONS = "kustomize.toolkit.fluxcd.io/v1"


class SeeCase(support.ClusterCase):
    def tool(self, *arguments, config="admin", **changes):
        return run(TOOL, *arguments, "--kubeconfig", kubeconfig(config), **changes)


class Published(SeeCase):
    """With a namespace that holds a generator, what it has published, and a consumer of each artifact."""

    @classmethod
    def publish(cls, generator, items):
        cls.namespace = f"see-{cls.__name__.lower()}-{os.getpid()}"
        api = fixtures.API(support.Setting.run_dir)
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": cls.namespace}}
        api.expect([201], "POST", "/api/v1/namespaces", namespace)
        generator["metadata"]["namespace"] = cls.namespace
        owner = {"apiVersion": GENERATORS, "kind": "ArtifactGenerator", "name": generator["metadata"]["name"], "namespace": cls.namespace}
        place = f"namespaces/{cls.namespace}"
        for item in items:
            metadata = {"name": item["name"], "namespace": cls.namespace}
            artifact = {"apiVersion": ARTIFACTS, "kind": "ExternalArtifact", "metadata": metadata, "spec": {"sourceRef": owner}}
            path = f"/apis/{ARTIFACTS}/{place}/externalartifacts/{item['name']}"
            api.expect([200, 201], "PATCH", f"{path}?fieldManager=source-watcher&force=true", artifact, fixtures.APPLY)
            file = f"externalartifact/{cls.namespace}/{item['name']}/{item['filename']}"
            status = {"artifact": {
                "path": file, "url": f"http://storage/{file}", "lastUpdateTime": "2026-11-20T10:15:30Z",
                **{key: item[key] for key in ("revision", "digest", "size")},
            }}
            api.expect([200], "PATCH", f"{path}/status?fieldManager=source-watcher", {"status": status}, fixtures.MERGE)
            consumer = {
                "apiVersion": KUSTOMIZATIONS, "kind": "Kustomization", "metadata": metadata,
                "spec": {"interval": "1h", "prune": True, "path": "./", "sourceRef": {"kind": "ExternalArtifact", "name": item["name"]}},
            }
            path = f"/apis/{KUSTOMIZATIONS}/{place}/kustomizations/{item['name']}"
            api.expect([200, 201], "PATCH", f"{path}?fieldManager=fixtures&force=true", consumer, fixtures.APPLY)
        path = f"/apis/{GENERATORS}/{place}/artifactgenerators/{owner['name']}"
        api.expect([200, 201], "PATCH", f"{path}?fieldManager=fixtures&force=true", generator, fixtures.APPLY)
        inventory = [{"namespace": cls.namespace, **{key: item[key] for key in ("name", "digest", "filename")}} for item in items]
        api.expect([200], "PATCH", f"{path}/status?fieldManager=source-watcher", {"status": {"inventory": inventory}}, fixtures.MERGE)

    @classmethod
    def tearDownClass(cls):
        # Nothing empties a namespace here: its controller is not part of the test cluster.
        kinds = "artifactgenerators,externalartifacts,kustomizations"
        config = ("--kubeconfig", kubeconfig("admin"))
        run("kubectl", "delete", kinds, "--all", "--wait=false", "-n", cls.namespace, *config)
        run("kubectl", "delete", "namespace", cls.namespace, "--wait=false", *config)

    def statuses(self, answer):
        """Of the wide table, which has all artifacts; below it is what comes of the changes."""
        rows = iter(answer.rows()[1:])
        return {row[0]: row[1] for row in itertools.takewhile(lambda row: any(row), rows)}


class DiffOfReference(Published):
    """Of a golden case: the namespace holds what the controller itself has published for it."""

    CASE = f"{support.ROOT}/Tests/golden-cases/cases/005-doc-decomposition"

    @classmethod
    def setUpClass(cls):
        with open(f"{cls.CASE}/generator.yaml") as file:
            generator = yaml.safe_load(file)
        with open(f"{cls.CASE}/expected.json") as file:
            cls.publish(generator, json.load(file)["artifacts"])

    def setUp(self):
        self.folder = self.temporary()
        shutil.copytree(f"{self.CASE}/src/repo", f"{self.folder}/repo")
        with open(f"{self.CASE}/generator.yaml") as file:
            self.generator = yaml.safe_load(file)
        self.generator["metadata"]["namespace"] = self.namespace

    def diff(self, *options):
        manifest = self.written(json.dumps(self.generator))
        return self.tool("diff", "-f", manifest, "--source", f"repo={self.folder}/repo", *options)

    def test_unchanged_is_no_difference(self):
        answer = self.diff("-o", "wide")
        self.assertEqual((answer.status, self.statuses(answer)), (0, {"frontend": "unchanged", "backend": "unchanged"}), answer)

    def test_one_file_changed(self):
        with open(f"{self.folder}/repo/deploy/backend/app.yaml", "a") as file:
            file.write("# changed\n")
        answer = self.diff("-o", "wide")
        self.assertEqual((answer.status, self.statuses(answer)), (1, {"frontend": "unchanged", "backend": "changed"}), answer)

    def test_one_artifact_removed(self):
        self.generator["spec"]["artifacts"].pop()
        answer = self.diff("-o", "wide")
        self.assertEqual((answer.status, self.statuses(answer)), (1, {"frontend": "unchanged", "backend": "will be deleted"}), answer)

    def test_one_broken_path(self):
        shutil.rmtree(f"{self.folder}/repo/deploy/frontend")
        answer = self.diff("-o", "wide")
        self.assertEqual((answer.status, self.statuses(answer)), (2, {"frontend": "will fail", "backend": "blocked"}), answer)


class Diff(Published):
    """Of the example, in a namespace that holds what `build` says the controller publishes."""

    @classmethod
    def setUpClass(cls):
        with open(f"{support.EXAMPLE}/generator.yaml") as file:
            generator = yaml.safe_load(file)
        built = run(TOOL, "build", "-f", "-", "--source", f"repo={support.EXAMPLE}/repo", "-o", "json",
                    input=json.dumps(generator).encode()).json()
        cls.publish(generator, built["items"])

    def setUp(self):
        self.folder = self.temporary()
        shutil.copytree(f"{support.EXAMPLE}/repo", f"{self.folder}/repo")
        with open(f"{support.EXAMPLE}/generator.yaml") as file:
            self.generator = yaml.safe_load(file)
        self.generator["metadata"]["namespace"] = self.namespace

    def change(self, file="apps/orders/service.yaml"):
        with open(f"{self.folder}/repo/{file}", "a") as target:
            target.write("# changed\n")

    def diff(self, *options, config="admin", **changes):
        with open(f"{self.folder}/generator.yaml", "w") as file:
            yaml.safe_dump(self.generator, file)
        return self.tool(
            "diff", "-f", f"{self.folder}/generator.yaml", "--source", f"repo={self.folder}/repo", *options, config=config, **changes)

    def test_unchanged_is_no_difference(self):
        answer = self.diff("-o", "wide")
        self.assertEqual(answer.status, 0, answer)
        self.assertEqual(set(self.statuses(answer).values()), {"unchanged"}, answer)

    def test_one_file_changed(self):
        self.change()
        answer = self.diff("-o", "wide")
        self.assertEqual(answer.status, 1, answer)
        self.assertEqual(self.statuses(answer), {"storefront": "unchanged", "orders": "changed", "payments": "unchanged"})
        orders = answer.rows()[2]
        self.assertEqual(orders[4], "Kustomization/orders", answer)
        self.assertNotEqual(orders[2], orders[3])

    def test_one_artifact_removed(self):
        self.generator["spec"]["artifacts"] = [each for each in self.generator["spec"]["artifacts"] if each["name"] != "payments"]
        answer = self.diff("-o", "json")
        self.assertEqual(answer.status, 1, answer)
        self.assertEqual(answer.json()["summary"]["deleted"], 1)
        deleted = [item for item in answer.json()["items"] if item["change"] == "deleted"][0]
        self.assertEqual(deleted["name"], "payments")
        self.assertEqual([(each["name"], each["effect"]) for each in deleted["consumers"]], [("payments", "breaks")])

    def test_one_broken_path(self):
        self.generator["spec"]["artifacts"][1]["copy"][0]["from"] = "@repo/apps/gone/**"
        answer = self.diff("-o", "wide")
        self.assertEqual(answer.status, 2, answer)
        self.assertEqual(self.statuses(answer), {"storefront": "unchanged", "orders": "will fail", "payments": "blocked"})
        self.assertIn("no files match pattern 'apps/gone/**' in source 'repo'", answer.err)
        self.assertIn("orders blocks payments", answer.err)

    def test_it_only_reads_the_cluster(self):
        self.change()
        answer = self.diff("-v", "6")
        self.assertEqual(answer.status, 1, answer)
        self.assertNotRegex(answer.err, r"(?m)(POST|PUT|PATCH|DELETE) https")

    def test_from_a_snapshot(self):
        snapshot = self.written(self.tool("export", "--all-kinds", "-n", self.namespace).out)
        self.change()
        live = self.diff()
        offline = self.diff("--snapshot", snapshot, KUBECONFIG="/nonexistent")
        self.assertEqual((offline.status, offline.out), (live.status, live.out))

    def test_rights_that_are_missing_are_named(self):
        answer = self.diff(config="restricted")
        self.assertEqual(answer.status, 2, answer)
        self.assertIn("forbidden", answer.err)

    def test_without_a_server(self):
        port = support.closed_port()
        answer = self.diff("--server", f"https://127.0.0.1:{port}")
        self.assertEqual((answer.status, answer.out), (2, ""), answer)


class Events(SeeCase):
    def test_of_a_namespace(self):
        answer = self.tool("events", "-n", "apps")
        self.assertEqual(answer.status, 0, answer)
        self.assertEqual(answer.rows()[0], ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"])
        self.assertIn("BuildFailed", answer.out)
        self.assertIn("(x41 over", answer.out)

    def test_of_a_generator_and_its_artifact(self):
        for subject in ("ag/podinfo", "ea/podinfo"):
            with self.subTest(subject):
                answer = self.tool("events", subject, "-n", "apps")
                self.assertIn("ArtifactGenerator/podinfo", answer.out, answer)
        alone = self.tool("events", "ea/podinfo", "-n", "apps", "--no-related")
        self.assertEqual((alone.status, alone.out), (0, ""), alone)

    def test_the_api_server_selects_a_single_object(self):
        answer = self.tool("events", "ag/podinfo", "-n", "apps", "--no-related", "-v", "6")
        self.assertIn("involvedObject.name", answer.err)
        # The heading, and a message of two lines.
        self.assertEqual(len(answer.rows()), 3, answer)

    def test_json_is_a_list(self):
        answer = self.tool("events", "-A", "-o", "json", "--types", "warning")
        self.assertEqual({item["type"] for item in answer.json()["items"]}, {"Warning"})

    def test_user_without_rights(self):
        answer = self.tool("events", "-n", "apps", config="restricted")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)


class Watch(SeeCase):
    def started(self, *arguments):
        process = subprocess.Popen(
            [f"{support.Setting.prefix}/bin/{TOOL}", *arguments, "--kubeconfig", kubeconfig("admin")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=support.environment())
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_changes_come_in_the_columns_of_the_start(self):
        process = self.started("get", "git", "-n", "tenant-a", "-w")
        heading = support.line(process).decode()
        support.line(process)
        path = f"/apis/{ARTIFACTS}/namespaces/tenant-a/gitrepositories/tenant-repo"
        for value in (True, False):
            self.api().expect([200], "PATCH", f"{path}?fieldManager=test", {"spec": {"suspend": value}}, fixtures.MERGE)
            row = support.line(process).decode()
            self.assertEqual(row[heading.index("SUSPENDED"):].split()[0], str(value), row)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        self.assertEqual(process.wait(), 130)
        self.assertLess(time.monotonic() - began, 1)

    def test_freshness_follows_the_sources(self):
        """The source of three artifacts moves, and moves back; nothing else of what is shown changes."""
        count = len(run(TOOL, "get", "ea", "-n", "apps", "--no-headers", "--kubeconfig", kubeconfig("admin")).out.splitlines())
        process = self.started("get", "ea", "-n", "apps", "-w")
        heading = support.line(process).decode()
        first = [support.line(process).decode() for _ in range(count)]
        path = f"/apis/{ARTIFACTS}/namespaces/apps/gitrepositories/monorepo"
        before = self.api().expect([200], "GET", path)["status"]["artifact"]

        def rows(state, artifact):
            self.api().expect([200], "PATCH", f"{path}/status", {"status": {"artifact": artifact}}, fixtures.MERGE)
            lines = [support.line(process).decode() for _ in range(3)]
            self.assertEqual([line[heading.index("FRESH"):].split()[0] for line in lines], [state] * 3, lines)
            return [line.split()[0] for line in lines]

        try:
            moved = rows("Stale", {**before, "revision": f"main@sha1:{'f' * 40}"})
        finally:
            again = rows("Fresh", before)
        self.assertEqual(moved, ["mono-api", "mono-web", "mono-worker"])
        self.assertEqual(again, moved)
        self.assertTrue(set(moved) <= {line.split()[0] for line in first})

    def test_events_come_as_they_happen(self):
        process = self.started("events", "-n", "tenant-a", "-w")
        support.line(process)
        support.line(process)
        event = {
            "apiVersion": "v1", "kind": "Event", "metadata": {"generateName": "late-", "namespace": "tenant-a"},
            "involvedObject": {"apiVersion": GENERATORS, "kind": "ArtifactGenerator", "name": "tenant-app", "namespace": "tenant-a"},
            "reason": "Ready", "type": "Normal", "message": "größer\nals zuvor", "count": 1,
            "firstTimestamp": "2026-11-21T01:02:03Z", "lastTimestamp": "2026-11-21T01:02:03Z",
        }
        made = self.api().expect([201], "POST", "/api/v1/namespaces/tenant-a/events", event)
        row = support.line(process).decode()
        self.assertTrue(row.rstrip("\n").endswith(" größer"), row)
        self.assertEqual(support.line(process).decode(), "als zuvor\n")  # a pipe has all lines
        self.api().expect([200], "DELETE", f"/api/v1/namespaces/tenant-a/events/{made['metadata']['name']}")


class Offline(SeeCase):
    """A snapshot answers as the cluster did, ages aside."""

    @classmethod
    def setUpClass(cls):
        cls.exported = run(TOOL, "export", "--all-kinds", "--kubeconfig", kubeconfig("admin"))

    LINES = """
        get ag -n apps
        get ea -A -o wide
        get consumers -n apps
        get consumers -A --all-consumers --time absolute
        get sources -n apps
        get sources -A -o json
        get all -A
        get all -A --stale
        get all -A --suspended
        get instances -n flux-system -o wide
        get ea,ks,hr -n apps --stale -o name
        get ag -A --status-selector ready=false
        get ag/podinfo -n apps -o yaml
        tree --all -A
        tree --all -n apps -o json
        tree --all -A -o mermaid
        tree git/monorepo -n apps --depth 2
        tree ks/podinfo-frontend -n apps --up
        tree instance/flux -n flux-system -o yaml
        trace deploy/frontend deploy/nope -n apps
        trace ea/podinfo git/monorepo -n apps -o json
        trace instance/flux -n flux-system
        events -A
        events ag/podinfo -n apps
        events ag/build-failed -n apps -o json --no-related
        export ag --all -n apps
        export ea/podinfo -n apps --keep-labels
        export ea,ks,hr --all -A -o json
    """

    def test_the_same_answers(self):
        self.assertEqual(self.exported.status, 0, self.exported)
        snapshot = self.written(self.exported.out)
        for line in self.LINES.strip().splitlines():
            for tool in (TOOL, "flux-externalartifact"):
                with self.subTest(f"{tool} {line.strip()}"):
                    live = run(tool, *line.split(), "--kubeconfig", kubeconfig("admin"))
                    offline = run(tool, *line.split(), "--snapshot", snapshot, KUBECONFIG="/nonexistent")
                    # A snapshot is no server.
                    errors = live.err.replace("Error from server (NotFound): ", "error: ")
                    self.assertEqual((offline.status, ageless(offline.out), ageless(offline.err)), (live.status, ageless(live.out), ageless(errors)))

    def test_ages_count_from_the_stamp(self):
        snapshot = yaml.safe_load(self.exported.out)
        self.assertEqual((snapshot["apiVersion"], snapshot["kind"]), ("v1", "List"))
        self.assertRegex(snapshot["metadata"]["annotations"]["artifactgen/capturedAt"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_holds_what_was_applied_and_no_secrets(self):
        kinds = {item["kind"] for item in yaml.safe_load(self.exported.out)["items"]}
        self.assertLessEqual({"Deployment", "Event", "Kustomization", "FluxInstance"}, kinds)
        self.assertNotIn("Secret", kinds)

    def test_exported_manifests_can_be_applied(self):
        manifests = self.written(self.tool("export", "ag,ea,git", "--all", "-n", "tenant-a").out)
        answer = self.kubectl("apply", "--dry-run=server", "-f", manifests)
        self.assertEqual(answer.status, 0, answer)


class Logs(SeeCase):
    """Nothing runs on this cluster: what a server says that has no node behind its pods."""

    def pod(self):
        """A pod that the Deployment of source-watcher would have."""
        path = "/api/v1/namespaces/flux-system/pods/source-watcher-e2e"
        deployment = self.api().expect([200], "GET", "/apis/apps/v1/namespaces/flux-system/deployments/source-watcher")
        self.api().expect([200, 201], "PATCH", f"{path}?fieldManager=test", {
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": "source-watcher-e2e", "namespace": "flux-system",
                "labels": deployment["spec"]["selector"]["matchLabels"],
            },
            "spec": {"nodeName": "nowhere", "containers": [{"name": "manager", "image": "x"}]},
        }, fixtures.APPLY)
        self.addCleanup(lambda: self.api().request("DELETE", f"{path}?gracePeriodSeconds=0"))

    def test_what_the_server_says(self):
        self.pod()
        answer = self.tool("logs", "ag/podinfo", "-n", "apps")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertIn("nowhere", answer.err)

    def test_objects_that_are_not_there(self):
        answer = self.tool("logs", "ag/nope", "-n", "apps")
        self.assertEqual(answer.status, 1, answer)
        self.assertIn("not found", answer.err)


class Narrow(SeeCase):
    """Where the output goes and who may read what."""

    def test_restricted_user_sees_his_own(self):
        answer = self.tool("get", "all", "-n", "apps", config="restricted")
        self.assertEqual(answer.status, 0, answer)
        self.assertIn("artifactgenerator/podinfo", answer.out)
        self.assertEqual(len(answer.err.splitlines()), 1, answer)
        self.assertRegex(answer.err, r"^Warning: no permission to list externalartifacts\.source\.toolkit\.fluxcd\.io, .* in namespace apps$")

    def test_head_ends_it(self):
        for line in ("get all -A", "events -A", "export --all-kinds"):
            with self.subTest(line):
                command = f"set -o pipefail; {TOOL} {line} --kubeconfig {kubeconfig('admin')} | head -n 1"
                answer = run("bash", "-c", command)
                self.assertEqual((answer.status, answer.err), (0, ""), answer)
                self.assertEqual(len(answer.out.splitlines()), 1)

    def test_colour_is_for_terminals(self):
        line = f"{TOOL} get ea -n apps --kubeconfig {kubeconfig('admin')}"
        coloured = run("script", "-qec", line, "/dev/null", TERM="xterm")
        self.assertIn("\x1b[31mStale", coloured.out, coloured)
        for changes in ({"NO_COLOR": ""}, {"TERM": "dumb"}):
            plain = run("script", "-qec", line, "/dev/null", **{"TERM": "xterm", **changes})
            self.assertNotIn("\x1b", plain.out)

    def test_long_names_and_other_alphabets(self):
        name = "n" * 200
        path = f"/apis/{GENERATORS}/namespaces/tenant-a/artifactgenerators/{name}"
        self.api().expect([201], "PATCH", f"{path}?fieldManager=test", {
            "apiVersion": GENERATORS, "kind": "ArtifactGenerator", "metadata": {"name": name, "namespace": "tenant-a"},
            "spec": {
                "sources": [{"alias": "r", "kind": "GitRepository", "name": "x"}],
                "artifacts": [{"name": "x", "copy": [{"from": "@r/**", "to": "@artifact/"}]}],
            },
        }, fixtures.APPLY)
        self.addCleanup(lambda: self.api().request("DELETE", path))
        status = {"conditions": [{
            "type": "Ready", "status": "False", "reason": "BuildFailed", "message": "путь не найден: 日本\x1b[31m",
            "lastTransitionTime": "2026-11-20T10:15:30Z", "observedGeneration": 1,
        }]}
        self.api().expect([200], "PATCH", f"{path}/status?fieldManager=test", {"status": status}, fixtures.MERGE)
        answer = self.tool("get", "ag", "-n", "tenant-a", COLUMNS="80")
        self.assertIn(name, answer.out)
        self.assertIn("путь не найден: 日本^[[31m", answer.out)


class Completion(SeeCase):
    def complete(self, *words, **changes):
        answer = self.succeeds(TOOL, "__completeNoDesc", *words, **changes)
        return answer.out.splitlines()

    def test_names_are_those_of_the_cluster(self):
        config = ("--kubeconfig", kubeconfig("admin"))
        self.assertEqual(self.complete("get", *config, "-n", "apps", "ea", "mono-"), ["mono-api", "mono-web", "mono-worker", ":4"])
        self.assertEqual(self.complete("events", *config, "-n", "apps", "ks/mono-a"), ["ks/mono-api", ":4"])

    def test_namespaces_are_those_of_the_cluster(self):
        self.assertEqual(self.complete("get", "--kubeconfig", kubeconfig("admin"), "--namespace=ten"), ["tenant-a", ":4"])

    def test_a_server_that_does_not_answer(self):
        import socket
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            began = time.monotonic()
            address = f"https://127.0.0.1:{server.getsockname()[1]}"
            answer = self.succeeds(TOOL, "__complete", "get", "--server", address, "ea", "")
            self.assertLess(time.monotonic() - began, 3)  # a second on a machine with nothing else to do
            self.assertEqual(answer.out, ":4\n")

    def test_credential_plugins_stay_silent(self):
        plugin = self.written("#!/bin/sh\necho 'Password:' >&2\nread secret\nexit 1\n", "plugin")
        os.chmod(plugin, 0o755)
        config = self.written(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1", "insecure-skip-tls-verify": True}}],
            "users": [{"name": "u", "user": {"exec": {
                "apiVersion": "client.authentication.k8s.io/v1", "command": plugin, "interactiveMode": "IfAvailable"}}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        }))
        answer = self.succeeds(TOOL, "__complete", "get", "--kubeconfig", config, "ea", "")
        self.assertEqual(answer.out, ":4\n")
        self.assertNotIn("Password", answer.err)
