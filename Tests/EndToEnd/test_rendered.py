"""`diff --rendered`: what changes in the objects that consumers apply, with the kubectl and the helm that render."""
import base64
import json
import os
import re
import shutil
import socket
import subprocess
import unittest

import fixtures
import schema
import support
import yaml

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
        self.assertEqual(schema.problems(report, "diff.json"), [])
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
        refused = self.diff("--fail-on", "breaks")
        self.assertEqual(refused.status, 1)
        self.assertIn("breaks:\n  Kustomization/web (web): Deployment/web: spec.selector cannot change in place: "
                      "the API server refuses the change\n", refused.out)
        self.write({"flux/web.yaml": consumer("web", "  force: true\n")})
        self.assertEqual(self.diff("--fail-on", "breaks").status, 0)
        forced = self.diff("--fail-on", "dangerous")
        self.assertEqual(forced.status, 1)
        self.assertIn("cannot change in place: it is deleted and created again (force)\n", forced.out)
        self.write({"flux/web.yaml": consumer("web"), "web/d.yaml": deployment()})
        self.assertEqual(self.diff("--fail-on", "dangerous").status, 0)

    def test_deleting_a_claim_or_a_definition_is_dangerous(self):
        """What goes away with a PersistentVolumeClaim or a CRD is more than the object."""
        self.commit({"flux/web.yaml": consumer("web"), "web/a.yaml": config("a"), "web/stays.yaml": config("stays"), "web/claim.yaml":
                     "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: prod}\n",
                     "web/crd.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
                     "metadata: {name: as.example.com}\nspec: {group: example.com, versions: [{name: v1, served: true}]}\n"})
        self.write({"web/a.yaml": None})
        self.assertEqual(self.rendered()[0]["web"]["ConfigMap/a"].get("dangers"), None)
        for name, file, text in (("PersistentVolumeClaim/data", "claim", "deletes the data, unless its volume is retained"),
                                 ("CustomResourceDefinition/as.example.com", "crd", "deletes all objects of the kind")):
            self.write({f"web/{file}.yaml": None})
            found, report = self.rendered()
            self.assertEqual(found["web"][name]["change"], "deleted")
            self.assertEqual(found["web"][name]["dangers"], [{"kind": "deletes", "text": text}])
            self.assertIn(("dangerous", "deletes"), [(entry["kind"], entry.get("danger")) for entry in report["impact"]])
            self.assertIn(f"dangerous: {text}\n", self.diff().out)
            self.assertIn("object-deletes", self.diff("-o", "gitlab").out)
        # Where prune is off, they stay.
        self.write({"flux/web.yaml": consumer("web").replace("prune: true", "prune: false")})
        found, _ = self.rendered()
        self.assertEqual({o["change"] for o in found["web"].values()}, {"orphaned"})
        self.assertEqual([o for o in found["web"].values() if "dangers" in o], [])

    def test_a_binding_that_allows_more_is_dangerous(self):
        """More subjects, another role, or all rights for somebody; fewer subjects are none."""
        kind = "rbac.authorization.k8s.io"
        one = "{kind: User, name: one, apiGroup: rbac.authorization.k8s.io}"
        two = "{kind: ServiceAccount, name: two, namespace: prod}"

        def binding(subjects, role="view", cluster=""):
            space = "" if cluster else ", namespace: prod"
            return (f"apiVersion: {kind}/v1\nkind: {cluster}RoleBinding\nmetadata: {{name: b{space}}}\n"
                    f"roleRef: {{apiGroup: {kind}, kind: ClusterRole, name: {role}}}\nsubjects: [{subjects}]\n")
        self.commit({"flux/web.yaml": consumer("web"), "web/a.yaml": binding(one), "web/b.yaml": binding(one, cluster="Cluster")})
        cases = ((binding, f"{one}, {two}", "view", "gives its role to ServiceAccount prod/two"),
                 (binding, one, "edit", "gives the role edit"), (binding, two, "view", "gives its role to ServiceAccount prod/two"),
                 (binding, "", "view", None))
        for file, cluster in (("a", ""), ("b", "Cluster")):
            for make, subjects, role, text in cases:
                self.write({"web/a.yaml": binding(one), "web/b.yaml": binding(one, cluster="Cluster"),
                            f"web/{file}.yaml": make(subjects, role, cluster)})
                found, report = self.rendered()
                dangers = found["web"][f"{cluster}RoleBinding/b"].get("dangers", [])
                self.assertEqual(dangers, [{"kind": "widens", "text": text}] if text else [])
                self.assertEqual([e["danger"] for e in report["impact"] if "danger" in e], ["widens"] if text else [])
                self.assertEqual(self.diff("--fail-on", "dangerous").status, 1 if text else 0)
        self.write({"web/b.yaml": binding(one, cluster="Cluster"), "web/c.yaml":
                    binding(two, "cluster-admin", "Cluster").replace("name: b}", "name: c}")})
        found, _ = self.rendered()
        self.assertEqual(found["web"]["ClusterRoleBinding/c"]["dangers"], [{"kind": "widens", "text": "allows everything (cluster-admin)"}])

    def test_what_cannot_be_rendered(self):
        """On the new side only, a consumer breaks; on both, it is a note; refused by us alone, it does not break."""
        self.commit({"flux/web.yaml": consumer("web"), "web/kustomization.yaml": "resources: [a.yaml]\n", "web/a.yaml": config("a")})
        self.write({"web/kustomization.yaml": "resources: [none.yaml]\n"})
        answer = self.diff("--fail-on", "breaks")
        self.assertEqual(answer.status, 1)
        self.assertIn("cannot be rendered: kustomize build failed", answer.out)
        self.write({"web/kustomization.yaml": "resources: ['https://example.com/x.yaml']\n"})
        for level in ("changes", "dangerous", "breaks", "errors"):
            answer = self.diff("--fail-on", level)
            self.assertEqual(answer.status, {"changes": 1, "dangerous": 1, "errors": 0}.get(level, 2), answer)
            self.assertIn("cannot be rendered: not rendered: ", answer.out)
            self.assertIn("rendered: no consumers change, 1 consumer not rendered", answer.err)
            if answer.status == 2:
                self.assertIn(f"--fail-on {level} cannot be checked: the objects of Kustomization apps/web are not known, because they "
                              "could not be rendered", answer.err)
        self.assertRegex(self.diff("-o", "github").out, r"::warning .*not-rendered.*cannot be rendered, so what changes in its objects")
        self.commit({"web/kustomization.yaml": "resources: ['https://example.com/x.yaml']\n"})
        self.write({"web/kustomization.yaml": "resources: ['https://example.com/x.yaml']\nnamePrefix: x\n"})
        answer = self.diff("--fail-on", "breaks")
        self.assertEqual(answer.status, 2, answer)
        self.assertEqual(answer.out.count("https://example.com/x.yaml"), 1)
        self.assertIn("cannot be rendered on either side: ", answer.out)
        # An old side that is not known may have had what is deleted, as the lists of files say; nothing breaks.
        self.write({"web/kustomization.yaml": "resources: [a.yaml]\n"})
        self.assertEqual([self.diff("--fail-on", level).status for level in ("dangerous", "breaks")], [1, 0])
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
        self.assertRegex(self.diff(*manifests).out, r"env\[name=URL\]\.value: db://\*\*\*@db \(changed\)\n")
        self.assertIn(f"db://{SECRET}-old@db → db://{SECRET}-new@db", self.diff(*manifests, "--show-secrets").out)
        answer = self.succeeds(TOOL, "render", "-f", f"{self.folder}/repo/flux", "--source", f"repo={self.folder}/repo",
                               *manifests, **self.variables())
        self.assertNotIn(SECRET, answer.out + answer.err)
        self.assertIn("db://***@db", answer.out)

    def test_the_flags_of_the_controller(self):
        """They are those of render, for both sides: unset variables, remote bases."""
        spec = "  postBuild: {substitute: {known: '1'}}\n"
        self.commit({"flux/web.yaml": consumer("web", spec), "web/a.yaml": config("a", "p${none}")})
        self.write({"web/a.yaml": config("a", "q${none}")})
        found, report = self.rendered()
        self.assertIn("variable not set (strict mode)", report["rendered"][0]["error"])
        for flag in ("--no-strict-substitution", "--strict-substitution=false"):
            found, report = self.rendered(flag)
            field = found["web"]["ConfigMap/a"]["fields"][0]
            self.assertEqual((field["path"], field["old"], field["new"]), ("data.v", "p", "q"))
        self.write({"web/kustomization.yaml": "resources: ['https://example.com/x.yaml']\n"})
        self.assertEqual(self.diff("--fail-on", "breaks", "--no-strict-substitution").status, 2)
        refused = self.diff("--fail-on", "breaks", "--no-strict-substitution", "--no-remote-bases")
        self.assertEqual(refused.status, 1)
        self.assertIn("the controller refuses it with --no-remote-bases", refused.out)

    def test_the_flags_of_the_controller_require_rendered(self):
        """Without it, they would say nothing."""
        for flag in ("--strict-substitution", "--no-strict-substitution", "--no-remote-bases", "--kube-version=1.30.0",
                     "--api-versions=x/v1"):
            answer = support.run(TOOL, "diff", "-f", "x", flag, **self.variables())
            self.assertEqual((answer.status, answer.out), (2, ""), answer)
            self.assertIn(f"{flag.split('=')[0]} requires --rendered\n", answer.err)

    def test_flags_that_do_not_go_together(self):
        """What has no files cannot be rendered."""
        for arguments in (["ea/a", "ea/b"], ["-f", "x", "--name-only"], ["-f", "x", "-o", "diff"]):
            answer = support.run(TOOL, "diff", *arguments, "--rendered", **self.variables())
            self.assertEqual(answer.status, 2)
            self.assertIn("--rendered", answer.err)


class NewestPrograms:
    """Beside a case: with the newest kubectl and helm, which render charts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.newest, cls.helm = support.newest_programs()

    def variables(self, **more):
        return {**super().variables(), "HELM_PATH": self.helm, "KUBECTL_PATH": self.newest, **more}


class Releases(NewestPrograms, RenderedCase):
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

    def test_what_charts_are_told_of_the_cluster(self):
        """The version and the APIs that are set hold on both sides, as in render."""
        told = ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {level: '{{ .Values.level }}', version: "
                "'{{ .Capabilities.KubeVersion }} {{ .Capabilities.APIVersions.Has \"x.example/v1/Thing\" }}'}\n")
        self.commit(self.chart({"a.yaml": told}))
        self.write({"web/web/templates/b.yaml": told.replace("name: a", "name: b")})
        answer = self.diff("-o", "json", "--objects")
        self.assertIn("--kube-version", answer.err)
        answer = self.diff("-o", "json", "--kube-version", "1.30.0", "--api-versions", "x.example/v1/Thing")
        self.assertNotIn("--kube-version", answer.err)
        created = next(o for o in json.loads(answer.out)["rendered"][0]["objects"] if o["name"] == "b")
        self.assertEqual(created["change"], "created")
        self.write({"web/web/templates/a.yaml": told.replace("{{ .Values.level }}", "{{ .Capabilities.KubeVersion.Minor }}")})
        found, _ = self.rendered("--kube-version", "1.30.0", "--api-versions", "x.example/v1/Thing")
        self.assertEqual([(f["path"], f["new"]) for f in found["web"]["ConfigMap/a"]["fields"]], [("data.level", "30")])

    def test_a_release_that_is_deleted_is_uninstalled(self):
        """Its objects go; those with a resource policy and the CRDs in crds/ stay, and hooks were never part of it."""
        plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s%s}\n"
        files = self.chart({"a.yaml": plain % ("a", ""), "kept.yaml": plain % ("kept", ", annotations: {helm.sh/resource-policy: keep}"),
                            "hook.yaml": plain % ("hook", ", annotations: {helm.sh/hook: pre-upgrade}")})
        files["web/web/crds/crd.yaml"] = (
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: as.example.com}\n"
            "spec: {group: example.com, names: {plural: as, kind: A}, scope: Namespaced, versions: [{name: v1, served: true}]}\n")
        self.commit(files)
        self.write({"flux/web.yaml": None})
        found, report = self.rendered()
        self.assertEqual({name: (o["change"], o.get("reason")) for name, o in found["web"].items()}, {
            "ConfigMap/a": ("deleted", None), "ConfigMap/kept": ("orphaned", "helm.sh/resource-policy: keep"),
            "CustomResourceDefinition/as.example.com": ("orphaned", "CRDs in crds/ are never deleted"),
            "ConfigMap/hook": ("orphaned", "hooks are not part of the release")})
        self.assertEqual([o for o in found["web"].values() if "dangers" in o], [])
        self.assertIn("dangerous", [entry["kind"] for entry in report["impact"]])
        self.write({"flux/web.yaml": files["flux/web.yaml"] + "  suspend: true\n"})
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "suspended")
        self.write({"flux/web.yaml": None})
        found, _ = self.rendered()
        self.assertEqual(found["web"]["ConfigMap/a"]["change"], "orphaned")

    def test_hooks_are_not_applied_objects(self):
        """helm runs them and forgets them: none is created or changed, or needs to be replaced."""
        hook = ("apiVersion: batch/v1\nkind: Job\nmetadata: {name: %s, annotations: {helm.sh/hook: pre-upgrade}, LABEL}\n"
                "spec: {template: {metadata: {LABEL}, spec: {restartPolicy: Never, containers: [{name: web, image: '%s'}]}}}\n")
        files = {"a.yaml": hook % ("a", "app:1"), "same.yaml": hook % ("same", "app:1")}
        self.commit(self.chart(files))
        label = 'labels: {helm.sh/chart: "{{ .Chart.Version | replace "+" "_" }}"}'
        self.write({"web/web/templates/a.yaml": files["a.yaml"].replace("app:1", "app:2").replace("LABEL", label),
                    "web/web/templates/new.yaml": (hook % ("new", "app:1")).replace("LABEL", label)})
        found, _ = self.rendered()
        self.assertEqual({name: o["change"] for name, o in found["web"].items()}, {"Job/a": "notApplied", "Job/new": "notApplied"})
        self.assertEqual([o for o in found["web"].values() if "needsReplacement" in o], [])
        self.assertIn("(not applied: a hook, which helm runs at its time)\n", self.diff().out)

    def test_without_helm_one_line_names_it_and_the_rest_is_rendered(self):
        """Whatever needs it; Kustomizations do not."""
        plain = {"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"}
        files = self.chart(plain)
        more = {name.replace("web/", "two/", 1).replace("flux/web", "flux/two"): text for name, text in files.items()}
        more["flux/two.yaml"] = consumer("two", kind="HelmRelease")
        self.commit({**files, **more, "flux/ks.yaml": consumer("ks"), "ks/a.yaml": config("a")}, names=("web", "two", "ks"))
        self.write({"ks/a.yaml": config("a", "2"), "web/web/values.yaml": "level: high\n", "two/web/values.yaml": "level: high\n"})
        tool = f"{support.Setting.prefix}/bin/{TOOL}"
        os.mkdir(f"{self.folder}/bin")
        os.symlink(shutil.which("git"), f"{self.folder}/bin/git")
        answer = support.run(tool, "diff", "-f", f"{self.folder}/repo/flux", "--source", f"repo={self.folder}/repo", "--base",
                             "HEAD", "--rendered", "-o", "json", **self.variables(PATH=f"{self.folder}/bin", HELM_PATH=None))
        self.assertEqual(answer.status, 1, answer)
        checked = support.run(tool, "diff", "-f", f"{self.folder}/repo/flux", "--source", f"repo={self.folder}/repo", "--base", "HEAD",
                              "--rendered", "--fail-on", "dangerous", **self.variables(PATH=f"{self.folder}/bin", HELM_PATH=None))
        self.assertEqual(checked.status, 2, checked)
        self.assertIn("1 consumer changes, 2 consumers not rendered", checked.err)
        self.assertIn("the objects of HelmRelease apps/two and 1 more are not known", checked.err)
        lines = [line for line in answer.err.splitlines() if "HELM_PATH" in line]
        self.assertEqual(len(lines), 1, answer.err)
        self.assertIn("HelmRelease/apps/two and 1 other", lines[0])
        report = answer.json()
        self.assertEqual(schema.problems(report, "diff.json"), [])
        found = {item["name"]: item for item in report["rendered"]}
        self.assertEqual([found[name]["render"]["status"] for name in ("two", "web")], ["unavailable"] * 2)
        self.assertEqual([o["change"] for o in found["ks"]["objects"]], ["changed"])
        self.assertEqual(sorted(item["name"] for item in report["items"] if item["change"] == "changed"), ["ks", "two", "web"])

    def test_random_names_and_lines(self):
        """An object with a random name is compared all the same, and so are the lines beside one that is random."""
        role = ("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: 'r-{{ randAlphaNum 5 | lower }}'}\n"
                "rules: [{apiGroups: [''], resources: [secrets], verbs: [get%s]}]\n")
        text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  c: |\n    id={{ uuidv4 }}\n    mode=%s\n"
        self.commit(self.chart({"a.yaml": text % "old", "r.yaml": role % ""}))
        self.write({"web/web/templates/a.yaml": text % "new", "web/web/templates/r.yaml": role % ", list"})
        found, _ = self.rendered()
        self.assertEqual([o["change"] for o in found["web"].values()], ["changed"] * 2)
        self.assertIn("mode=new", str(found["web"]["ConfigMap/a"]["fields"]))
        self.assertIn("ClusterRole/r-random", found["web"])
        self.assertEqual(self.diff("--fail-on", "dangerous").status, 1)

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
        self.assertIn("the output differs at every run (random values or times): ***/*** ***.***\n", answer.err)
        self.assertNotIn(SECRET, answer.out + answer.err)

    def test_a_release_that_is_installed_anew(self):
        """With another name or namespace, all objects of the release are deleted and created, but for what Helm keeps."""
        claim = ("apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {resources: {requests: {storage: 1Gi}}}\n")
        keep = config("keep").replace(", namespace: prod}", ", annotations: {helm.sh/resource-policy: keep}}")
        hook = config("hook").replace(", namespace: prod}", ", annotations: {helm.sh/hook: pre-upgrade}}")
        files = {"a.yaml": claim, "keep.yaml": keep, "hook.yaml": hook}
        crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: as.example.com}\nspec: {}\n"
        self.commit({**self.chart(files), "web/web/crds/a.yaml": crd})
        for spec in ("  targetNamespace: other\n", "  releaseName: other\n", "  storageNamespace: other\n"):
            self.write({"flux/web.yaml": consumer("web", spec, "HelmRelease")})
            _, report = self.rendered()
            objects = report["rendered"][0]["objects"]
            self.assertEqual(sorted((o["name"], o["change"]) for o in objects), [
                ("data", "created"), ("data", "deleted"), ("keep", "created"), ("keep", "orphaned")], spec)
            self.assertEqual([o["dangers"][0]["kind"] for o in objects if "dangers" in o], ["deletes"])
            self.assertEqual(self.diff("--fail-on", "dangerous").status, 1)
        self.write({"flux/web.yaml": consumer("web", "  releaseName: web\n", "HelmRelease")})
        self.assertEqual([o for item in self.rendered()[1]["rendered"] for o in item["objects"]], [])

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


class RepeatedSecrets(NewestPrograms, RenderedCase):
    """Values of Secrets that stand in other objects, of the same and of other consumers, without any reference to the Secret."""

    WORDS = ("Planted-plain", "Planted-variable", "Planted-value")

    def files(self, end):
        plain, variable, value = (f"{word}-{end}" for word in self.WORDS)
        secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: apps}\nstringData: {%s: '%s'}\n"
        # Names and fields that say nothing of what is in them.
        data = "data: {one: '%s', two: 'x %s y', three: 'http://h/?%s', four: '%s', open: '%s'}\n" % (
            plain, variable, value, base64.b64encode(plain.encode()).decode(), end)
        plain_config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: prod}\n" + data
        env = ", env: [{name: LEVEL, value: '%s'}, {name: OTHER, value: '%s'}]" % (plain, value)
        return {
            "flux/web.yaml": consumer("web", "  postBuild: {substituteFrom: [{kind: Secret, name: vars}]}\n"),
            "flux/other.yaml": consumer("other"),
            "flux/rel.yaml": consumer("rel", "  valuesFrom: [{kind: Secret, name: values}]\n", "HelmRelease"),
            "secrets/vars.yaml": secret % ("vars", "token", variable) + "---\n" + secret % ("values", "values.yaml", f"level: {value}"),
            "web/s.yaml": secret % ("s", "word", plain), "web/c.yaml": plain_config, "other/c.yaml": plain_config,
            "other/d.yaml": deployment(env=env), "rel/rel/Chart.yaml": "apiVersion: v2\nname: rel\nversion: 1.0.0\n",
            "rel/rel/values.yaml": "level: low\n", "rel/rel/templates/c.yaml": plain_config}

    def assertHidden(self, answer, words=WORDS):
        text = answer.out + answer.err
        for word in words:
            for end in ("old", "new"):
                self.assertNotIn(f"{word}-{end}", text, answer.args if hasattr(answer, "args") else "")
                self.assertNotIn(base64.b64encode(f"{word}-{end}".encode()).decode(), text)

    def test_what_is_secret_for_one_consumer_is_shown_of_none(self):
        """In no format, and what changes is still shown; with --show-secrets everything is."""
        self.commit(self.files("old"), names=("web", "other", "rel"))
        self.write(self.files("new"))
        manifests = ["--manifests", f"{self.folder}/repo/secrets"]
        for output in ("json", "yaml", "github", "gitlab", "junit"):
            self.assertHidden(self.diff(*manifests, "-o", output))
        for output in ("markdown", "html"):
            answer = self.diff(*manifests, "-o", output)
            self.assertIn("data.open", answer.out)
            # Files are shown, too; what is in the values of a release is not known there.
            self.assertHidden(answer, self.WORDS[:2])
        answer = self.diff(*manifests)
        self.assertHidden(answer)
        self.assertEqual(answer.out.count("data.open: old → new\n"), 3)
        self.assertIn("value: *** (changed, 17 bytes)\n", answer.out)
        shown = self.diff(*manifests, "--show-secrets").out
        for word in self.WORDS:
            self.assertIn(f"{word}-new", shown)

    def test_render_shows_none_either(self):
        """Neither objects nor values alone, and one note counts them all."""
        self.commit(self.files("new"), names=("web", "other", "rel"))
        arguments = ["render", "-f", f"{self.folder}/repo/flux", "--source", f"repo={self.folder}/repo", "--manifests",
                     f"{self.folder}/repo/secrets"]
        answer = self.succeeds(TOOL, *arguments, **self.variables())
        self.assertHidden(answer)
        # Four in each ConfigMap, two in the Deployment, one in the Secret.
        self.assertIn("Note: 15 secret values are masked: do not apply this output", answer.err)
        self.assertEqual(answer.out.count("open: new\n"), 3)
        shown = self.succeeds(TOOL, *arguments, "--show-secrets", **self.variables())
        self.assertEqual(shown.out.count("one: Planted-plain-new\n"), 3)


class LiveCase(RenderedCase, support.ClusterCase):
    """What applies objects to the real API server, and compares with them."""

    SPACE = "live-objects"
    MANAGER = "kustomize-controller"

    def setUp(self):
        super().setUp()
        self.server = self.api()
        self.resources = fixtures.Resources(self.server)
        self.made = []
        self.addCleanup(self.clean)
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.SPACE}}, keep=True)

    def clean(self):
        for path in self.made:
            self.server.request("DELETE", path)

    def apply(self, document, manager=MANAGER, keep=False):
        path = self.resources.path(document)
        if not keep and path not in self.made:
            self.made.append(path)
        return self.server.expect([200, 201], "PATCH", f"{path}?fieldManager={manager}&force=true", document, fixtures.APPLY)

    def config(self, name, value="1", more=""):
        return config(name, value, more).replace("prod", self.SPACE)

    def workload(self, image="app:1", env="", selector="app"):
        return deployment(image, selector=selector, env=env).replace("prod", self.SPACE)

    def flags(self, files):
        return ["-f", f"{self.folder}/repo/flux", "--source", f"repo={self.folder}/repo"] + files

    def render(self):
        """The objects of the work tree, as `render` prints them."""
        answer = self.succeeds(TOOL, "render", *self.flags(["--show-secrets"]), **self.variables())
        return list(yaml.safe_load_all(answer.out))

    def publish(self, spec=""):
        """Applies what the work tree renders to, as kustomize-controller does, and its Kustomization with the inventory."""
        objects = self.render()
        for document in objects:
            self.apply(document)
        entries = [{"id": "%s_%s_%s_%s" % (o["metadata"].get("namespace", ""), o["metadata"]["name"],
                                           o["apiVersion"].rpartition("/")[0], o["kind"]),
                    "v": o["apiVersion"].rpartition("/")[2]} for o in objects]
        kustomization = yaml.safe_load(consumer("web", spec))
        kustomization["spec"].update({"interval": "1h", "path": "./"})
        self.apply(kustomization, "flux")
        path = f"{self.resources.path(kustomization)}/status?fieldManager=test&force=true"
        status = {key: kustomization[key] for key in ("apiVersion", "kind")}
        status["metadata"] = {"name": "web", "namespace": "apps"}
        self.server.expect([200], "PATCH", path, {**status, "status": {"inventory": {"entries": entries}}}, fixtures.APPLY)

    def live(self, *more, config="admin"):
        answer = self.diff(*more, "--kubeconfig", support.kubeconfig(config), "-n", "apps")
        return answer

    def report(self, flag, *more):
        answer = self.live(flag, "-o", "json", *more)
        self.assertIn(answer.status, (0, 1), answer)
        report = answer.json()
        self.assertEqual(schema.problems(report, "diff.json"), [])
        item = next(i for i in report["rendered"] if i["name"] == "web")
        return item, report

    def changes(self, item):
        return {f"{o['kind']}/{o['name']}": o["change"] for o in item["objects"]}

    def fields(self, item, name):
        found = next(o for o in item["objects"] if f"{o['kind']}/{o['name']}" == name)
        return {f["path"]: (f["change"], f.get("old"), f.get("new")) for f in found["fields"]}

    def stored(self):
        """What the server has of every object: versions and managers."""
        result = {}
        for path in self.made:
            status, found = self.server.request("GET", path)
            result[path] = found["metadata"] if status == 200 else None
        return result

    def kubectl_diff(self):
        """What `kubectl diff` says of the new objects: by file name, the lines that differ."""
        path = self.written(yaml.safe_dump_all(self.render()))
        answer = self.kubectl("diff", "--server-side", "--force-conflicts", f"--field-manager={self.MANAGER}", "-f", path,
                              PATH=f"{os.path.dirname(support.Setting.kubectl)}:/usr/bin:/bin")
        self.assertIn(answer.status, (0, 1), answer)
        found, name = {}, None
        for line in answer.out.splitlines():
            if line.startswith("diff "):
                name = line.split("/")[-1].split(".")
                name = f"{name[-3]}/{name[-1]}"
                found[name] = []
            elif line[:1] in "+-" and not line.startswith(("+++", "---")):
                found[name].append(re.sub(r"\s+", " ", line))
        return found


@unittest.skipUnless(shutil.which("kubectl"), "needs kubectl")
class Live(LiveCase):
    """`--live` and `--dry-run=server` on a real API server, beside `kubectl diff`."""

    def test_as_kubectl_diff(self):
        """Each object's change is right, drift is apart, and nothing is written."""
        env = ", env: [{name: GONE, value: x}, {name: KEPT, value: kept}], ports: [{containerPort: 80}], resources: {limits: {cpu: 1000m}}"
        self.commit({"flux/web.yaml": consumer("web"), "web/d.yaml": self.workload(env=env), "web/gone.yaml": self.config("gone"),
                     "web/drifted.yaml": self.config("drifted"), "web/both.yaml": self.config("both"),
                     "web/same.yaml": self.config("same"), "web/lost.yaml": self.config("lost")})
        self.publish()
        place = {"namespace": self.SPACE}
        self.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "drifted", **place}, "data": {"v": "edited"}},
                   "kubectl-edit")
        self.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "both", **place}, "data": {"v": "edited"}},
                   "kubectl-edit")
        self.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", **place}, "spec": {"replicas": 3}}, "hpa")
        self.server.expect([200], "DELETE", self.resources.path(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "lost", **place}}))
        self.write({"web/d.yaml": self.workload("app:2", env=env.replace("{name: GONE, value: x}, ", "")), "web/gone.yaml": None,
                    "web/new.yaml": self.config("new"), "web/both.yaml": self.config("both", "2")})
        before = self.stored()
        expected = self.kubectl_diff()
        self.assertEqual(set(expected), {"Deployment/web", "ConfigMap/new", "ConfigMap/both", "ConfigMap/drifted", "ConfigMap/lost"})
        for flag, mode in (("--live", "live"), ("--dry-run=server", "server")):
            item, report = self.report(flag)
            self.assertEqual(report["renderedMode"], mode)
            self.assertEqual(self.changes(item), {
                "Deployment/web": "changed", "ConfigMap/new": "created", "ConfigMap/both": "changed", "ConfigMap/gone": "deleted",
                "ConfigMap/lost": "created"}, flag)
            fields = self.fields(item, "Deployment/web")
            container = "spec.template.spec.containers[name=web]"
            self.assertEqual(fields.pop(f"{container}.image"), ("changed", "app:1", "app:2"))
            # kubectl counts generations; we do not.
            self.assertEqual({path: change[0] for path, change in fields.items()}, {f"{container}.env[name=GONE]": "removed"}, flag)
            self.assertEqual(self.fields(item, "ConfigMap/both"), {"data.v": ("changed", "edited", "2")})
            drift = {o["name"]: (o["change"], [(f.get("old"), f.get("new")) for f in o.get("fields", [])]) for o in item["drift"]}
            self.assertEqual(drift, {"drifted": ("changed", [("1", "edited")]), "both": ("changed", [("1", "edited")]),
                                     "lost": ("missing", [])}, flag)
            self.assertEqual(item["refusals"], [])
        self.assertIn("- image: app:1", expected["Deployment/web"])
        self.assertIn("+ image: app:2", expected["Deployment/web"])
        self.assertIn("- - name: GONE", expected["Deployment/web"])
        text = self.live("--live").out
        self.assertIn("\nObjects of consumers, compared with the live objects:\n", text)
        self.assertIn("  drift: these live objects differ from the base\n", text)
        self.assertIn("  - ConfigMap/live-objects/lost (not there)\n", text)
        self.assertEqual(self.stored(), before)

    def test_what_prune_leaves(self):
        """Objects of the inventory: orphaned by their own mark in the cluster, without their labels, or where prune is off."""
        self.commit({"flux/web.yaml": consumer("web"), "web/a.yaml": self.config("a"), "web/kept.yaml": self.config("kept"),
                     "web/foreign.yaml": self.config("foreign"), "web/gone.yaml": self.config("gone")})
        self.publish()
        mark = "kustomize.toolkit.fluxcd.io"
        for name, fields in (("kept", {"annotations": {f"{mark}/prune": "disabled"}}),
                             ("foreign", {"labels": {f"{mark}/name": "other"}})):
            self.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": self.SPACE, **fields}}, "x")
        self.write({f"web/{name}.yaml": None for name in ("kept", "foreign", "gone")})
        item, _ = self.report("--live")
        self.assertEqual(self.changes(item), {"ConfigMap/kept": "orphaned", "ConfigMap/foreign": "orphaned", "ConfigMap/gone": "deleted"})
        self.write({"flux/web.yaml": consumer("web").replace("prune: true", "prune: false")})
        item, _ = self.report("--live")
        self.assertEqual(set(self.changes(item).values()), {"orphaned"})

    def test_what_the_server_refuses(self):
        """Immutable fields, validation, a missing namespace and kind are findings of the object; a namespace that comes with it is none."""
        self.commit({"flux/web.yaml": consumer("web"), "web/d.yaml": self.workload()})
        self.publish()
        self.write({"web/d.yaml": self.workload(selector="other"),
                    "web/bad.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: bad, namespace: %s}\nspec: {ports: [{port: 0}]}\n" % self.SPACE,
                    "web/nowhere.yaml": config("nowhere").replace("prod", "live-nowhere"),
                    "web/kind.yaml": "apiVersion: example.com/v1\nkind: Nothing\nmetadata: {name: n, namespace: %s}\n" % self.SPACE,
                    "web/ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: live-coming}\n",
                    "web/coming.yaml": config("coming").replace("prod", "live-coming")})
        item, report = self.report("--dry-run=server")
        reasons = {r["name"]: (r["breaks"], r["reason"]) for r in item["refusals"]}
        self.assertEqual({name: breaks for name, (breaks, _) in reasons.items()},
                         {"web": True, "bad": True, "nowhere": True, "n": True, "coming": False})
        self.assertIn("field is immutable", reasons["web"][1])
        self.assertIn('namespaces "live-nowhere" not found', reasons["nowhere"][1])
        self.assertIn("breaks", [entry["kind"] for entry in report["impact"]])
        self.assertEqual(self.live("--dry-run=server", "--fail-on", "breaks").status, 1)

    def test_secrets(self):
        """What came from a Secret is masked in the cluster's objects as in the rendered ones."""
        def secret(value):
            return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: vars, namespace: apps}}\nstringData: {{level: {value}}}\n"
        spec = "  postBuild: {substituteFrom: [{kind: Secret, name: vars}]}\n"
        env = ", env: [{name: LEVEL, value: '${level}'}, {name: URL, value: 'db://${level}@db'}]"
        self.commit({"flux/web.yaml": consumer("web", spec), "flux/vars.yaml": secret(f"{SECRET}-old"), "web/d.yaml": self.workload(env=env)})
        self.publish(spec)
        # A value that no side renders is known to nobody.
        self.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": self.SPACE},
                    "spec": {"template": {"spec": {"containers": [{"name": "web", "env": [{"name": "OLD", "value": f"{SECRET}-older"}]}]}}}},
                   "kubectl")
        self.write({"flux/vars.yaml": secret(f"{SECRET}-new"), "web/d.yaml": self.workload("app:2", env=env)})
        for flag in ("--live", "--dry-run=server"):
            for output in ("", "json", "yaml", "markdown", "html"):
                answer = self.live(flag, *(["-o", output] if output else []))
                self.assertIn(answer.status, (0, 1), answer)
                self.assertNotIn(SECRET, answer.out + answer.err, f"{flag} {output}")
            self.assertIn("env[name=LEVEL].value: *** (changed", self.live(flag).out)

    def test_a_missing_permission(self):
        """The right that is missing is named, with status 2, and nothing is printed."""
        role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "live-reader"},
                "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}]}
        self.apply(role)
        self.apply({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "live-reader"},
                    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "live-reader"},
                    "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": "apps"}]})
        self.commit({"flux/web.yaml": consumer("web"), "web/d.yaml": self.workload(), "web/a.yaml": self.config("a")})
        self.publish()
        self.write({"web/d.yaml": self.workload("app:2")})
        account = ["--as", "system:serviceaccount:apps:reader"]
        item, _ = self.report("--live", *account)
        self.assertEqual(self.changes(item), {"Deployment/web": "changed"})
        answer = self.live("--dry-run=server", *account)
        self.assertEqual((answer.status, answer.out), (2, ""), answer)
        self.assertIn('error: no permission to patch configmaps in namespace "live-objects", or to patch deployments.apps in '
                      'namespace "live-objects": --dry-run=server requires it\n', answer.err)
        role["rules"][0]["apiGroups"] = ["kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io", "source.toolkit.fluxcd.io",
                                         "source.extensions.fluxcd.io"]
        self.apply(role)
        answer = self.live("--live", *account)
        self.assertEqual((answer.status, answer.out), (2, ""), answer)
        self.assertIn('no permission to get configmaps in namespace "live-objects"', answer.err)

    def test_two_local_sides_connect_to_nobody(self):
        """Without a flag that asks for the cluster, the server of the kubeconfig sees no connection."""
        self.commit({"flux/web.yaml": consumer("web"), "web/a.yaml": self.config("a")})
        self.write({"web/a.yaml": self.config("a", "2")})
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            config = self.written("apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
                                  "users: [{name: u, user: {token: t}}]\nclusters: [{name: c, cluster: {server: 'http://127.0.0.1:%d'}}]\n"
                                  % listener.getsockname()[1])
            self.assertEqual(self.diff(KUBECONFIG=config).status, 1)
            self.assertRaises(BlockingIOError, listener.accept)
            self.diff("--live", "--request-timeout", "1s", KUBECONFIG=config)
            listener.accept()[0].close()

    def test_flags_of_a_cluster(self):
        """What does not go together."""
        for arguments, text in ((["--live"], "--live requires --rendered"), (["--dry-run=server"], "--dry-run=server requires --rendered"),
                                (["--rendered", "--dry-run=client"], "invalid --dry-run client: use server"),
                                (["--rendered", "--live", "--dry-run=server"], "mutually exclusive"),
                                (["--rendered", "--live", "--base", "HEAD", "--snapshot", "x"], "mutually exclusive")):
            answer = support.run(TOOL, "diff", "-f", "x", *arguments, **self.variables())
            self.assertEqual((answer.status, answer.out), (2, ""), answer)
            self.assertIn(text, answer.err)
