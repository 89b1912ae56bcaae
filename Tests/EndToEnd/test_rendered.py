"""`diff --rendered`: what changes in the objects that consumers apply, with the kubectl and the helm that render."""
import base64
import json
import os
import re
import shutil
import subprocess
import unittest

import support

TOOL = "kubectl-artifactgen"
SECRET = "hunter2-planted"
GENERATOR = """\
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: all, namespace: apps}
spec:
  sources: [{alias: repo, kind: GitRepository, name: repo}]
  artifacts:
"""


def consumer(name, spec="", kind="Kustomization"):
    if kind == "HelmRelease":
        return ("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: %s, namespace: apps}\n"
                "spec:\n  chartRef: {kind: ExternalArtifact, name: %s}\n%s") % (name, name, spec)
    return ("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: %s, namespace: apps}\n"
            "spec:\n  sourceRef: {kind: ExternalArtifact, name: %s}\n  prune: true\n%s") % (name, name, spec)


def config(name, value="1", more=""):
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: prod{more}}}\ndata: {{v: '{value}'}}\n"


def deployment(image="app:1", selector="app", env=""):
    return ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: prod}\nspec:\n"
            "  selector: {matchLabels: {app: %s}}\n  template:\n    metadata: {labels: {app: %s}}\n    spec:\n"
            "      containers: [{name: web, image: '%s'%s}]\n") % (selector, selector, image, env)


class RenderedCase(support.Case):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary()
        os.mkdir(f"{self.folder}/tmp")
        os.mkdir(f"{self.folder}/repo")
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments],
                       cwd=f"{self.folder}/repo", check=True, stdout=subprocess.DEVNULL)

    def write(self, files):
        for name, text in files.items():
            path = f"{self.folder}/repo/{name}"
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if text is None:
                os.remove(path)
                continue
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)

    def commit(self, files, names=("web",)):
        artifacts = "".join(f"  - {{name: {name}, copy: [{{from: '@repo/{name}/**', to: '@artifact/'}}]}}\n" for name in names)
        self.write({"flux/generator.yaml": GENERATOR + artifacts, **files})
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")

    def variables(self, **more):
        return {"KUBECTL_PATH": os.path.realpath(shutil.which("kubectl")), "TMPDIR": f"{self.folder}/tmp",
                "HOME": self.folder, **more}

    def diff(self, *more, **variables):
        answer = support.run(TOOL, "diff", "-f", f"{self.folder}/repo/flux", "--source", f"repo={self.folder}/repo",
                           "--base", "HEAD", "--rendered", *more, **self.variables(**variables))
        self.assertEqual(os.listdir(f"{self.folder}/tmp"), [])
        return answer

    def rendered(self, *more, **variables):
        """By consumer, what its objects come to: {"web": {"ConfigMap/a": object}}."""
        answer = self.diff("-o", "json", *more, **variables)
        report = json.loads(answer.out)
        return {item["name"]: {f"{o['kind']}/{o['name']}": o for o in item["objects"]} for item in report["rendered"]}, report


@unittest.skipUnless(shutil.which("kubectl"), "needs kubectl")
class Kustomizations(RenderedCase):
    def test_objects_by_consumer(self):
        """What is created, changed and deleted, with owner labels and spec applied; unchanged consumers are not named."""
        self.commit({"flux/web.yaml": consumer("web", "  targetNamespace: prod\n"), "flux/other.yaml": consumer("other"),
                     "web/a.yaml": config("a"), "web/gone.yaml": config("gone"), "web/d.yaml": deployment(),
                     "other/a.yaml": config("x")}, names=("web", "other"))
        self.write({"web/gone.yaml": None, "web/new.yaml": config("new"), "web/d.yaml": deployment("app:2")})
        found, report = self.rendered()
        self.assertEqual(list(found), ["web"])
        self.assertEqual({name: o["change"] for name, o in found["web"].items()}, {
            "ConfigMap/gone": "deleted", "ConfigMap/new": "created", "Deployment/web": "changed"})
        self.assertEqual([f["path"] for f in found["web"]["Deployment/web"]["fields"]],
                         ["spec.template.spec.containers[name=web].image"])
        self.assertIn("dangerous", [entry["kind"] for entry in report["impact"]])
        text = self.diff().out
        self.assertIn("\nKustomization/apps/web\n", text)
        self.assertIn("  - ConfigMap/prod/gone (deleted)\n", text)
        self.assertIn("      spec.template.spec.containers[name=web].image: app:1 → app:2\n", text)

    def test_a_file_that_nothing_names(self):
        """An artifact that changes in what its consumer does not read is not rendered: kubectl is not started."""
        self.commit({"flux/web.yaml": consumer("web", "  path: ./in\n"), "web/in/a.yaml": config("a"), "web/README.md": "x\n"})
        self.write({"web/README.md": "y\n"})
        found, _ = self.rendered(KUBECTL_PATH="/bin/false")
        self.assertEqual(found, {})

    def test_specs_and_variables(self):
        """A consumer whose spec or variables change is rendered though its artifact does not change."""
        spec = "  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}\n"
        self.commit({"flux/web.yaml": consumer("web", spec), "web/a.yaml": config("a", "${v}"),
                     "flux/vars.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: apps}\ndata: {v: old}\n"})
        self.write({"flux/vars.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: apps}\ndata: {v: new}\n"})
        found, _ = self.rendered()
        field = found["web"]["ConfigMap/a"]["fields"][0]
        self.assertEqual((field["path"], field["old"], field["new"]), ("data.v", "old", "new"))
        self.write({"flux/web.yaml": consumer("web", spec + "  commonMetadata: {labels: {team: a}}\n")})
        found, _ = self.rendered()
        self.assertIn("metadata.labels.team", [f["path"] for f in found["web"]["ConfigMap/a"]["fields"]])

    def test_what_stays(self):
        """Orphaned, not applied, renamed by a hash, suspended: each as what it is."""
        mark = "kustomize.toolkit.fluxcd.io"
        files = {
            "flux/web.yaml": consumer("web"), "web/kustomization.yaml":
            "resources: [keep.yaml, off.yaml, once.yaml]\nconfigMapGenerator: [{name: made, namespace: prod, literals: [a=1]}]\n",
            "web/keep.yaml": config("keep", more=f", annotations: {{{mark}/prune: Disabled}}"),
            "web/off.yaml": config("off", more=f", annotations: {{{mark}/reconcile: disabled}}"),
            "web/once.yaml": config("once", more=f", labels: {{{mark}/ssa: IfNotPresent}}")}
        self.commit(files)
        change = {"web/kustomization.yaml": files["web/kustomization.yaml"].replace("keep.yaml, ", "").replace("a=1", "a=2"),
                  **{name: files[name].replace("'1'", "'2'") for name in ("web/off.yaml", "web/once.yaml")}}
        self.write(change)
        found, _ = self.rendered()
        changes = {re.sub(r"-[a-z0-9]{10}$", "-HASH", name): o["change"] for name, o in found["web"].items()}
        self.assertEqual(changes, {"ConfigMap/keep": "orphaned", "ConfigMap/off": "notApplied", "ConfigMap/once": "notApplied",
                                   "ConfigMap/made-HASH": "renamed"})
        made = next(o for o in found["web"].values() if o["change"] == "renamed")
        self.assertNotEqual(made["oldName"], made["name"])
        self.assertEqual([f["path"] for f in made["fields"]], ["data.a"])
        self.write({"flux/web.yaml": consumer("web", "  suspend: true\n")})
        _, report = self.rendered()
        self.assertTrue(report["rendered"][0]["suspended"])

    def test_dangers(self):
        """Namespaces, CRDs, claims, rights and versions of CRDs are dangerous; a selector needs replacement."""
        role = ("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\n"
                "rules: [{apiGroups: [''], resources: [pods], verbs: [%s]}]\n")
        crd = ("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: as.example.com}\n"
               "spec: {group: example.com, scope: Namespaced, names: {plural: as, kind: A}, versions: [%s]}\n")
        version = "{name: %s, served: %s, storage: true}"
        self.commit({"flux/web.yaml": consumer("web"), "web/ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: old}\n",
                     "web/role.yaml": role % "get", "web/d.yaml": deployment(),
                     "web/crd.yaml": crd % ", ".join([version % ("v1", "true"), version % ("v2", "true")])})
        self.write({"web/ns.yaml": None, "web/role.yaml": role % "get, delete", "web/d.yaml": deployment(selector="other"),
                    "web/crd.yaml": crd % ", ".join([version % ("v1", "false"), version % ("v2", "true")])})
        found, report = self.rendered()
        texts = {name: o["dangers"][0]["text"] for name, o in found["web"].items() if "dangers" in o}
        self.assertEqual(texts, {
            "Namespace/old": "deletes everything in the namespace", "ClusterRole/r": "allows more: delete pods",
            "CustomResourceDefinition/as.example.com": "no longer serves version v1"})
        self.assertEqual(found["web"]["Deployment/web"]["needsReplacement"], ["spec.selector"])
        self.assertEqual(sorted(entry["danger"] for entry in report["impact"] if "danger" in entry), ["deletes", "versions", "widens"])
        self.assertEqual(self.diff("--fail-on", "dangerous").status, 1)
        self.write({"web/ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: old}\n", "web/crd.yaml":
                    crd % ", ".join([version % ("v1", "true"), version % ("v2", "true")])})
        self.assertEqual(self.diff("--fail-on", "dangerous").status, 1)
        github = self.diff("-o", "github").out
        self.assertIn("allows more: delete pods", github)
        self.write({"web/role.yaml": role % "get"})
        self.assertEqual(self.diff("--fail-on", "dangerous").status, 0)

    def test_what_cannot_be_rendered(self):
        """On the new side only, a consumer breaks; on both, it is a note; refused by us alone, it does not break."""
        self.commit({"flux/web.yaml": consumer("web"), "web/kustomization.yaml": "resources: [a.yaml]\n", "web/a.yaml": config("a")})
        self.write({"web/kustomization.yaml": "resources: [none.yaml]\n"})
        answer = self.diff("--fail-on", "breaks")
        self.assertEqual(answer.status, 1)
        self.assertIn("cannot be rendered: kustomize build failed", answer.out)
        self.write({"web/kustomization.yaml": "resources: ['https://example.com/x.yaml']\n"})
        answer = self.diff("--fail-on", "breaks")
        self.assertEqual(answer.status, 0)
        self.assertIn("cannot be rendered: not rendered: ", answer.out)
        self.commit({"web/kustomization.yaml": "resources: [none.yaml]\n"})
        self.write({"web/kustomization.yaml": "resources: [nothing.yaml]\n"})
        answer = self.diff("--fail-on", "breaks")
        self.assertEqual(answer.status, 0)
        self.assertIn("at the base, it cannot be rendered: ", answer.out)

    def test_a_part(self):
        """Variables that nobody knows are said once, and equal ones cancel each other out."""
        spec = "  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}\n"
        self.commit({"flux/web.yaml": consumer("web", spec), "web/a.yaml": config("a", "${v}"), "web/b.yaml": config("b")})
        self.write({"web/b.yaml": config("b", "2")})
        found, report = self.rendered()
        self.assertEqual(list(found["web"]), ["ConfigMap/b"])
        self.assertTrue(report["rendered"][0]["partial"])
        self.assertEqual(self.diff().err.count("is rendered in part"), 1)

    def test_no_kubectl(self):
        """Without kubectl, one line names it, and the artifacts are compared."""
        self.commit({"flux/web.yaml": consumer("web"), "web/a.yaml": config("a")})
        self.write({"web/a.yaml": config("a", "2")})
        os.mkdir(f"{self.folder}/bin")
        os.symlink(shutil.which("git"), f"{self.folder}/bin/git")
        tool = f"{support.Setting.prefix}/bin/{TOOL}"
        arguments = ["diff", "-f", f"{self.folder}/repo/flux", "--source", f"repo={self.folder}/repo", "--base", "HEAD",
                     "--rendered"]
        answer = support.run(tool, *arguments, **self.variables(PATH=f"{self.folder}/bin", KUBECTL_PATH=""))
        self.assertEqual(answer.status, 1)
        self.assertEqual(answer.err.count("kubectl is not in PATH"), 1)
        self.assertIn("web", answer.out)

    def test_secrets_in_all_formats(self):
        """A secret that is substituted into an environment appears in no format; that it changes does."""
        def secret(value):
            return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: vars, namespace: apps}}\nstringData: {{level: {value}}}\n"
        spec = "  postBuild: {substituteFrom: [{kind: Secret, name: vars}]}\n"
        env = ", env: [{name: LEVEL, value: '${level}'}, {name: URL, value: 'db://${level}@db'}]"
        key = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 'n-${level}', namespace: prod}\ndata: {'k${level}': 'v'}\n"
        self.commit({"flux/web.yaml": consumer("web", spec), "web/d.yaml": deployment(env=env), "web/k.yaml": key,
                     "secrets/vars.yaml": secret(f"{SECRET}-old")})
        self.write({"secrets/vars.yaml": secret(f"{SECRET}-new"), "web/d.yaml": deployment("app:2", env=env)})
        manifests = ["--manifests", f"{self.folder}/repo/secrets"]
        words = [SECRET, base64.b64encode(SECRET.encode()).decode()[:16]]
        for output in ("", "wide", "json", "yaml", "markdown", "github", "gitlab", "junit", "html"):
            for more in ([], ["--objects"]):
                answer = self.diff(*manifests, *(["-o", output] if output else []), *more,
                                   GITHUB_STEP_SUMMARY=f"{self.folder}/summary")
                for word in words:
                    self.assertNotIn(word, answer.out + answer.err, output)
        with open(f"{self.folder}/summary", encoding="utf-8") as file:
            self.assertNotIn(SECRET, file.read())
        self.assertIn("env[name=LEVEL].value: *** (changed, 19 bytes)\n", self.diff(*manifests).out)
        self.assertIn("env[name=URL].value: *** (changed)\n", self.diff(*manifests).out)
        self.assertIn(f"db://{SECRET}-old@db → db://{SECRET}-new@db", self.diff(*manifests, "--show-secrets").out)
        answer = self.succeeds(TOOL, "render", "-f", f"{self.folder}/repo/flux", "--source", f"repo={self.folder}/repo",
                               *manifests, **self.variables())
        self.assertNotIn(SECRET, answer.out + answer.err)
        self.assertIn("db://***@db", answer.out)

    def test_flags_that_do_not_go_together(self):
        """What has no files cannot be rendered."""
        for arguments in (["ea/a", "ea/b"], ["-f", "x", "--name-only"], ["-f", "x", "-o", "diff"]):
            answer = support.run(TOOL, "diff", *arguments, "--rendered", **self.variables())
            self.assertEqual(answer.status, 2)
            self.assertIn("--rendered", answer.err)


class Releases(RenderedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.newest, cls.helm = support.newest_programs()

    def variables(self, **more):
        return {**super().variables(), "HELM_PATH": self.helm, "KUBECTL_PATH": self.newest, **more}

    def chart(self, files, spec=""):
        label = 'labels: {helm.sh/chart: "{{ .Chart.Version | replace "+" "_" }}"}'
        return {"flux/web.yaml": consumer("web", spec, "HelmRelease"),
                "web/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n", "web/web/values.yaml": "level: low\n",
                **{f"web/web/templates/{name}": text.replace("LABEL", label) for name, text in files.items()}}

    def test_the_label_of_the_chart(self):
        """Objects of which the version of the chart changes and nothing else are one line; pods that roll are named."""
        pods = ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, LABEL}\n"
                "spec: {template: {metadata: {LABEL}, spec: {containers: [{name: web, image: a}]}}}\n")
        plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, LABEL}\ndata: {level: '{{ .Values.level }}'}\n"
        files = {"a.yaml": plain % "a", "b.yaml": plain.replace("{{ .Values.level }}", "x") % "b", "d.yaml": pods}
        self.commit(self.chart(files))
        self.write({"web/web/values.yaml": "level: high\n"})
        found, _ = self.rendered()
        self.assertEqual(sorted(name for name, o in found["web"].items() if "chartLabelOnly" in o), ["ConfigMap/b", "Deployment/web"])
        text = self.diff().out
        self.assertIn("~ 2 objects: only the label helm.sh/chart changes; replaces the pods of Deployment/web\n", text)
        self.assertIn("data.level: low → high\n", text)

    def test_random_values(self):
        """What differs at every run is no change, and its warning names no secret."""
        self.commit({**self.chart({"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 'a-{{ .Values.level }}'}\n"
                                   "data: {x: '{{ randAlphaNum 8 }}', y: '1'}\n"},
                                  "  valuesFrom: [{kind: Secret, name: vars}]\n"),
                     "secrets/vars.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: vars, namespace: apps}\nstringData:\n"
                     f"  values.yaml: 'level: {SECRET}'\n"})
        self.write({"web/web/templates/b.yaml": config("b")})
        manifests = ["--manifests", f"{self.folder}/repo/secrets"]
        found, report = self.rendered(*manifests)
        self.assertEqual(list(found["web"]), ["ConfigMap/b"])
        answer = self.diff(*manifests)
        self.assertIn("the output differs at every run (random values or times): ***/*** data.x", answer.err)
        self.assertNotIn(SECRET, answer.out + answer.err)

    def test_values_from_a_secret(self):
        """What a chart makes of a secret appears in no format, and that it changes does."""
        def secret(value):
            return ("apiVersion: v1\nkind: Secret\nmetadata: {name: vars, namespace: apps}\nstringData:\n"
                    f"  values.yaml: 'level: {value}'\n")
        template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {level: '{{ .Values.level | upper }}'}\n"
        self.commit({**self.chart({"a.yaml": template}, "  valuesFrom: [{kind: Secret, name: vars}]\n"),
                     "secrets/vars.yaml": secret(f"{SECRET}-old")})
        self.write({"secrets/vars.yaml": secret(f"{SECRET}-new")})
        manifests = ["--manifests", f"{self.folder}/repo/secrets"]
        for output in ("", "json", "yaml", "markdown", "github", "html"):
            answer = self.diff(*manifests, *(["-o", output] if output else []))
            self.assertNotIn(SECRET.upper(), (answer.out + answer.err).upper(), output)
        self.assertIn("data.level: *** (changed, 19 bytes)\n", self.diff(*manifests).out)
