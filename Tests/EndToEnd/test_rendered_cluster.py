"""`diff --rendered` with a real API server: releases, many objects, and artifacts that are fetched from the cluster."""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

import schema
import support
import test_content
import test_rendered
import yaml
from test_rendered import TOOL, config, consumer, deployment

sys.path.insert(0, test_content.SUPPORT)

import bed  # noqa: E402

REQUEST = re.compile(r"\b(GET|PATCH)\b.*?(/api\S*)")


class Releases(test_rendered.NewestPrograms, test_rendered.LiveCase):
    """Live objects of a HelmRelease."""

    def chart(self, files):
        return {"flux/web.yaml": consumer("web", f"  targetNamespace: {self.SPACE}\n", "HelmRelease"),
                "web/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n", "web/web/values.yaml": "level: low\n",
                **{f"web/web/templates/{name}": text for name, text in files.items()}}

    def install(self):
        """What helm-controller does: it applies the objects of the release with the marks of helm, and keeps no inventory."""
        for document in self.render():
            metadata = document["metadata"]
            if "helm.sh/hook" in metadata.get("annotations", {}):
                continue
            metadata.setdefault("namespace", self.SPACE)
            metadata.setdefault("labels", {})["app.kubernetes.io/managed-by"] = "Helm"
            metadata.setdefault("annotations", {}).update(
                {"meta.helm.sh/release-name": f"{self.SPACE}-web", "meta.helm.sh/release-namespace": self.SPACE})
            self.apply(document, "helm-controller")
        release = yaml.safe_load(consumer("web", f"  targetNamespace: {self.SPACE}\n", "HelmRelease"))
        release["spec"]["interval"] = "1h"
        self.apply(release, "flux")

    def test_what_an_upgrade_changes(self):
        """Only that: not the marks that helm adds to live objects, nor fields of others; drift is apart, and hooks are not asked about."""
        plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {level: '%s'}\n"
        files = {"a.yaml": plain % ("a", "{{ .Values.level }}"), "same.yaml": plain % ("same", "x"), "gone.yaml": plain % ("gone", "x"),
                 "kept.yaml": (plain % ("kept", "x")).replace("kept}", "kept, annotations: {helm.sh/resource-policy: keep}}"),
                 "drifted.yaml": plain % ("drifted", "x"), "d.yaml": deployment("app:1").replace(", namespace: prod", ""),
                 "hook.yaml": (plain % ("hook", "x")).replace("hook}", "hook, annotations: {helm.sh/hook: pre-upgrade}}")}
        self.commit(self.chart(files))
        self.install()
        place = {"namespace": self.SPACE}
        self.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "drifted", **place}, "data": {"level": "edited"}},
                   "kubectl-edit")
        self.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", **place}, "spec": {"replicas": 3}}, "hpa")
        self.write({"web/web/values.yaml": "level: high\n", "web/web/templates/gone.yaml": None, "web/web/templates/kept.yaml": None,
                    "web/web/templates/new.yaml": plain % ("new", "x"), "web/web/templates/hook.yaml": files["hook.yaml"].replace("'x'", "'y'"),
                    "web/web/templates/d.yaml": files["d.yaml"].replace("app:1", "app:2")})
        before = self.stored()
        for flag in ("--live", "--dry-run=server"):
            item, _ = self.report(flag)
            self.assertEqual(self.changes(item), {
                "ConfigMap/a": "changed", "ConfigMap/gone": "deleted", "ConfigMap/kept": "orphaned", "ConfigMap/new": "created",
                "Deployment/web": "changed", "ConfigMap/hook": "notApplied"}, flag)
            self.assertEqual(self.fields(item, "ConfigMap/a"), {"data.level": ("changed", "low", "high")}, flag)
            self.assertEqual(self.fields(item, "Deployment/web"), {
                "spec.template.spec.containers[name=web].image": ("changed", "app:1", "app:2")}, flag)
            self.assertEqual([(o["name"], [(f["path"], f["old"], f["new"]) for f in o["fields"]]) for o in item["drift"]],
                             [("drifted", [("data.level", "x", "edited")])], flag)
            self.assertEqual(item["refusals"], [], flag)
        self.assertEqual(self.stored(), before)


@unittest.skipUnless(shutil.which("kubectl"), "needs kubectl")
class ManyObjects(test_rendered.LiveCase):
    def requests(self, *arguments):
        answer = self.live("-v", "6", *arguments)
        self.assertIn(answer.status, (0, 1), answer)
        return REQUEST.findall(answer.err), answer

    def test_a_kind_with_many_objects_is_listed(self):
        """One request for more than 20 objects of a kind, and one for each of few; a dry run asks about each object."""
        count = 25
        self.commit({"flux/web.yaml": consumer("web"), "web/d.yaml": self.workload(),
                     **{f"web/{number}.yaml": self.config(f"c{number}") for number in range(count)}})
        self.publish()
        self.write({"web/3.yaml": self.config("c3", "2")})
        base = f"/api/v1/namespaces/{self.SPACE}/configmaps"
        for flag in ("--live", "--dry-run=server"):
            item, _ = self.report(flag)
            self.assertEqual(self.changes(item), {"ConfigMap/c3": "changed"}, flag)
            requests, answer = self.requests(flag)
            paths = [path.split("?")[0] for method, path in requests if method == "GET" and "/configmaps" in path]
            self.assertEqual(paths, [base], answer.err)
            self.assertEqual(len([path for method, path in requests if method == "GET" and "/deployments/web" in path]), 1, answer.err)
            tried = [path for method, path in requests if method == "PATCH"]
            self.assertEqual(len(tried), count + 1 if flag == "--dry-run=server" else 0, answer.err)
            self.assertTrue(all("dryRun=All" in path for path in tried), tried)

    def test_objects_that_may_not_be_listed_are_read_one_by_one(self):
        """A user who may get them is not told that a right is missing."""
        count = 22
        for kind, rules in (("few", [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]),
                            ("flux", [{"apiGroups": ["kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io", "source.toolkit.fluxcd.io",
                                                     "source.extensions.fluxcd.io"], "resources": ["*"], "verbs": ["get", "list"]}])):
            name, group = f"live-{kind}", "rbac.authorization.k8s.io"
            self.apply({"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules})
            self.apply({"apiVersion": f"{group}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
                        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": name},
                        "subjects": [{"kind": "ServiceAccount", "name": "getter", "namespace": "apps"}]})
        self.commit({"flux/web.yaml": consumer("web"),
                     **{f"web/{number}.yaml": self.config(f"c{number}") for number in range(count)}})
        self.publish()
        self.write({"web/3.yaml": self.config("c3", "2")})
        account = ["--as", "system:serviceaccount:apps:getter"]
        item, _ = self.report("--live", *account)
        self.assertEqual(self.changes(item), {"ConfigMap/c3": "changed"})
        requests, answer = self.requests("--live", *account)
        names = {path.split("?")[0].split("/")[-1] for _, path in requests if "/configmaps/" in path}
        self.assertEqual(names, {f"c{number}" for number in range(count)}, answer.err)


class FetchedArtifacts(test_rendered.RenderedCase, test_content.ContentCase):
    """Artifacts and sources that a cluster serves."""

    SPEC = "  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}\n"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.newest, cls.helm = support.newest_programs()
        cls.bed_folder = cls.folder

    def variables(self, **more):
        return {**super().variables(), "HELM_PATH": self.helm, "KUBECTL_PATH": self.newest, **more}

    def fetched(self, name):
        """How often an archive was asked for so far."""
        with open(f"{self.bed_folder}/nginx.log") as file:
            return file.read().count(f"/{name}.tar.gz")

    LOAD = """
import sys, json, bed, fixtures
api = fixtures.API(sys.argv[1])
documents = json.load(sys.stdin)
if sys.argv[2] == "load":
    bed.load(api, documents)
else:
    for document in documents:
        api.expect([200, 404], "DELETE", fixtures.Resources(api).path(document))
"""

    def load(self, *documents, verb="load"):
        if verb == "load":
            # A namespace stays, because nobody here ends one.
            gone = [document for document in documents if document["kind"] != "Namespace"]
            self.addCleanup(self.load, *gone, verb="remove")
        done = subprocess.run(
            ["nsenter", "-t", str(self.bed.pid), "-U", "-n", "--preserve-credentials", "/usr/bin/python3", "-c", self.LOAD, self.run_dir, verb],
            env={**os.environ, "PYTHONPATH": f"{support.ROOT}/Tests/cluster:{test_content.SUPPORT}"}, input=json.dumps(documents),
            capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def serve_source(self):
        """The work tree, as source-controller serves it."""
        files = []
        for folder, below, names in os.walk(f"{self.folder}/repo"):
            below[:] = sorted(name for name in below if name != ".git")
            for name in sorted(names):
                with open(f"{folder}/{name}", "rb") as file:
                    files.append((os.path.relpath(f"{folder}/{name}", f"{self.folder}/repo"), file.read(), 0o644))
        data = bed.archive(files)
        with open(f"{self.bed_folder}/www/repo.tar.gz", "wb") as file:
            file.write(data)
        self.load({"apiVersion": bed.SOURCE, "kind": "GitRepository", "metadata": {"name": "repo", "namespace": "apps"},
                   "spec": {"interval": "1m", "url": "https://example.com", "ref": {"branch": "main"}},
                   "status": {"artifact": bed.artifact("source-controller", "repo.tar.gz", data), "conditions": []}})

    def publish_all(self):
        """The generator, what source-watcher publishes of the work tree, and the consumers of its files."""
        repository, made = f"{self.folder}/repo", self.temporary()
        items = self.succeeds(TOOL, "build", "-f", f"{repository}/flux/generator.yaml", "--source", f"repo={repository}", "-o", "json",
                              "--output-dir", made).json()["items"]
        generator = {"apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator", "name": "all", "namespace": "apps"}
        documents = []
        for item in items:
            name = item["name"]
            shutil.copy(f"{made}/apps/{name}/{item['filename']}", f"{self.bed_folder}/www/{name}.tar.gz")
            with open(f"{self.bed_folder}/www/{name}.tar.gz", "rb") as file:
                artifact = bed.artifact("source-controller", f"{name}.tar.gz", file.read(), revision=item["revision"])
            self.assertEqual(artifact["digest"], item["digest"])
            documents.append({"apiVersion": bed.SOURCE, "kind": "ExternalArtifact", "metadata": {"name": name, "namespace": "apps"},
                              "spec": {"sourceRef": generator}, "status": {"artifact": artifact, "conditions": []}})
        for file in sorted(os.listdir(f"{repository}/flux")):
            with open(f"{repository}/flux/{file}") as text:
                document = yaml.safe_load(text)
            if document["kind"] != "ArtifactGenerator":
                document["spec"]["interval"] = "1h"
            documents.append(document)
        self.load({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "vars", "namespace": "apps"}, "data": {"v": "one"}},
                  *documents)
        self.serve_source()

    def consumers(self):
        return {"flux/web.yaml": consumer("web", self.SPEC), "web/d.yaml": deployment("app:1"), "web/gone.yaml": config("gone"),
                "web/same.yaml": config("same"), "web/v.yaml": config("v", "${v}")}

    def change(self):
        self.write({"web/d.yaml": deployment("app:2"), "web/gone.yaml": None, "web/new.yaml": config("new"),
                    "web/v.yaml": config("v", "${v}-two")})

    CHANGES = {"Deployment/web": "changed", "ConfigMap/gone": "deleted", "ConfigMap/new": "created", "ConfigMap/v": "changed"}

    def compared(self, *arguments):
        """By consumer, what its objects come to."""
        answer = self.tool("diff", *arguments, "--rendered", "-o", "json", status=1, **self.variables())
        report = answer.json()
        self.assertEqual(schema.problems(report, "diff.json"), [])
        self.assertEqual(os.listdir(f"{self.folder}/tmp"), [])
        return {item["name"]: {f"{o['kind']}/{o['name']}": o for o in item["objects"]} for item in report["rendered"]}, report

    def assertChanges(self, objects):
        self.assertEqual({name: o["change"] for name, o in objects.items()}, self.CHANGES)
        self.assertEqual([(f["path"], f["old"], f["new"]) for f in objects["ConfigMap/v"]["fields"]], [("data.v", "one", "one-two")])
        self.assertEqual([(f["old"], f["new"]) for f in objects["Deployment/web"]["fields"]], [("app:1", "app:2")])

    def test_a_build_is_compared_with_what_the_cluster_publishes(self):
        """The old side is rendered from the published artifact, whether the consumer is in a file or in the cluster alone."""
        self.commit(self.consumers())
        self.publish_all()
        self.change()
        repository = f"{self.folder}/repo"
        before = self.fetched("web")
        for files in ("flux", "flux/generator.yaml"):
            found, report = self.compared("-f", f"{repository}/{files}", "--source", f"repo={repository}")
            self.assertEqual(list(found), ["web"])
            self.assertChanges(found["web"])
            self.assertEqual(report["renderedMode"], "base")
        self.assertEqual(self.fetched("web") - before, 2)
        # Nothing changes, and nothing is rendered.
        self.git("checkout", "-q", ".")
        os.remove(f"{repository}/web/new.yaml")
        answer = self.tool("diff", "-f", f"{repository}/flux", "--source", f"repo={repository}", "--rendered",
                           **self.variables(KUBECTL_PATH="/bin/false"))
        self.assertNotIn("Kustomization/apps/web", answer.out)

    def test_a_generator_of_the_cluster_is_compared_with_its_sources(self):
        """`diff ag/NAME` renders what the generator publishes, and what it would publish of the sources as they are now."""
        self.commit(self.consumers())
        self.publish_all()
        self.change()
        self.serve_source()
        before = self.fetched("web"), self.fetched("repo")
        found, _ = self.compared("ag/all")
        self.assertEqual(list(found), ["web"])
        self.assertChanges(found["web"])
        self.assertEqual((self.fetched("web") - before[0], self.fetched("repo") - before[1]), (1, 1))

    def test_consumers_of_the_cluster_are_rendered_from_two_commits(self):
        """With --from-cluster, a base that is built needs no consumer in files, and variables are those of the cluster."""
        self.commit(self.consumers())
        self.publish_all()
        self.change()
        repository = f"{self.folder}/repo"
        before = self.fetched("web")
        found, _ = self.compared("-f", f"{repository}/flux/generator.yaml", "--source", f"repo={repository}", "--base", "HEAD",
                                 "--from-cluster")
        self.assertEqual(list(found), ["web"])
        self.assertChanges(found["web"])
        self.assertEqual(self.fetched("web"), before)

    def test_a_source_that_no_generator_makes_is_fetched_once(self):
        """A Kustomization of a GitRepository of which only the spec changes is rendered from the artifact in the cluster."""
        direct = consumer("direct", "  path: ./direct\n").replace("ExternalArtifact, name: direct", "GitRepository, name: repo")
        self.commit({**self.consumers(), "flux/direct.yaml": direct, "direct/a.yaml": config("a")})
        self.publish_all()
        repository = f"{self.folder}/repo"
        self.write({"flux/direct.yaml": direct + "  namePrefix: x-\n"})
        # At a commit, the alias of a generator stands for the source on both sides.
        for base, count in (((), 1), (("--base", "HEAD", "--from-cluster"), 0)):
            before = self.fetched("repo")
            found, _ = self.compared("-f", f"{repository}/flux", "--source", f"repo={repository}", "--no-cache", *base)
            self.assertEqual({name: o["change"] for name, o in found["direct"].items()},
                             {"ConfigMap/a": "deleted", "ConfigMap/x-a": "created"})
            self.assertEqual(self.fetched("repo") - before, count)

    def test_a_release_has_the_version_of_the_published_chart(self):
        """The label of the chart goes from the digest that is published to the one that will be."""
        chart = {"flux/web.yaml": consumer("web", "  targetNamespace: prod\n", "HelmRelease"),
                 "web/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n", "web/web/values.yaml": "level: low\n",
                 "web/web/templates/a.yaml": 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {helm.sh/chart: '
                 '"{{ .Chart.Version | replace "+" "_" }}"}}\ndata: {level: "{{ .Values.level }}"}\n'}
        self.commit(chart)
        self.publish_all()
        self.write({"web/web/values.yaml": "level: high\n"})
        repository = f"{self.folder}/repo"
        found, report = self.compared("-f", f"{repository}/flux", "--source", f"repo={repository}")
        item = next(i for i in report["items"] if i["name"] == "web")
        digests = [item[side]["digest"].split(":")[1][:12] for side in ("published", "predicted")]
        fields = {f["path"]: (f["old"], f["new"]) for f in found["web"]["ConfigMap/a"]["fields"]}
        self.assertEqual(fields, {"data.level": ("low", "high"), 'metadata.labels["helm.sh/chart"]': tuple(
            f"1.2.3_{digest}" for digest in digests)})

    def test_live_objects_beside_published_artifacts(self):
        """--live reads both: the objects, and the artifacts that say what has drifted."""
        self.commit({**self.consumers(), "flux/web.yaml": consumer("web", self.SPEC)})
        self.publish_all()
        self.change()
        repository = f"{self.folder}/repo"
        self.load({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}})
        for arguments in (("-f", f"{repository}/flux", "--source", f"repo={repository}"), ("ag/all",)):
            self.serve_source()
            for flag, mode in (("--live", "live"), ("--dry-run=server", "server")):
                found, report = self.compared(*arguments, flag)
                self.assertEqual(report["renderedMode"], mode)
                # Nobody has applied anything.
                self.assertEqual({name: o["change"] for name, o in found["web"].items()}, {
                    f"{kind}/{name}": "created" for kind, name in (
                        ("Deployment", "web"), ("ConfigMap", "new"), ("ConfigMap", "same"), ("ConfigMap", "v"))})
