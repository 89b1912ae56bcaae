"""`render` beside a kubectl and a helm that are watched: what they open, where they connect, what they leave behind."""
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import unittest

import support

TOOL = "kubectl-artifactgen"
KUSTOMIZATION = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  sourceRef: {kind: ExternalArtifact, name: apps}
  prune: true
"""
OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: '1'}\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  template:
    spec:
      containers: [{name: app, image: "app:1", env: [{name: LEVEL, value: "${level}"}, {name: URL, value: "db://${level}@db"}]}]
"""
SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: vars, namespace: flux-system}
stringData: {level: hunter2}
"""


RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: demo, namespace: apps}
spec:
  chartRef: {kind: ExternalArtifact, name: demo}
"""
CHART = "apiVersion: v2\nname: demo\nversion: 1.2.3\n"
TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}", labels: {helm.sh/chart: "{{ .Chart.Version | replace "+" "_" }}"}}
data: {level: "{{ .Values.level }}"}
"""


class RenderCase(support.Case):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary()
        os.mkdir(f"{self.folder}/tmp")

    def write(self, files):
        for name, text in files.items():
            path = f"{self.folder}/{name}"
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text)

    def leaves_nothing(self):
        self.assertEqual(os.listdir(f"{self.folder}/tmp"), [])


@unittest.skipUnless(shutil.which("kubectl"), "needs kubectl")
class Render(RenderCase):
    def arguments(self, *more):
        return ["render", "-f", f"{self.folder}/apps.yaml", "--source",
                f"ExternalArtifact/apps=dir:{self.folder}/tree", *more]

    def prepare(self, files, spec=""):
        self.write({"apps.yaml": KUSTOMIZATION + spec, **{f"tree/{name}": text for name, text in files.items()}})

    def variables(self, **more):
        kubectl = os.path.realpath(shutil.which("kubectl"))
        return {"KUBECTL_PATH": kubectl, "TMPDIR": f"{self.folder}/tmp", **more}

    def test_objects_with_owner_labels(self):
        """The objects have the owner labels, and nothing is left in the temporary directory."""
        self.prepare({"a.yaml": OBJECT})
        answer = self.succeeds(TOOL, *self.arguments(), **self.variables())
        self.assertIn("kustomize.toolkit.fluxcd.io/name: apps", answer.out)
        self.leaves_nothing()

    def test_secrets_in_an_environment(self):
        """A secret that is substituted into a Deployment's env appears in no output."""
        spec = "  postBuild: {substituteFrom: [{kind: Secret, name: vars}]}\n"
        self.prepare({"d.yaml": DEPLOYMENT, "s.yaml": SECRET}, spec)
        self.write({"vars.yaml": SECRET})
        answer = self.succeeds(TOOL, *self.arguments("--manifests", f"{self.folder}/vars.yaml"), **self.variables())
        for text in ("hunter2", base64.b64encode(b"hunter2").decode()):
            self.assertNotIn(text, answer.out + answer.err)
        self.assertIn("masked: do not apply", answer.err)
        data = re.search(r"level: (\S+)", answer.out).group(1)
        self.assertTrue(base64.b64decode(data, validate=True).startswith(b"*** ("))
        shown = self.succeeds(
            TOOL, *self.arguments("--manifests", f"{self.folder}/vars.yaml", "--show-secrets"), **self.variables())
        self.assertIn("db://hunter2@db", shown.out)

    def test_messages_that_quote_secrets(self):
        """kustomize quotes what it cannot read."""
        for files in ({"kustomization.yaml": "secretGenerator: [{name: s, literals: [planted]}]\n"},
                      {"kustomization.yaml": "resources: [a.yaml]\npatches: [{target: {kind: Secret}, patch: 'data: [planted'}]\n", "a.yaml": SECRET},
                      {"kustomization.yaml": "secretGenerator: [{name: s, envs: [e.env]}]\n"}):
            self.prepare(files)
            with open(f"{self.folder}/tree/e.env", "wb") as file:
                file.write(b"DB_PASS=latin\xe4planted\n")
            answer = self.fails(TOOL, *self.arguments(), **self.variables())
            self.assertNotIn("planted", answer.out + answer.err)
            self.assertIn("the rest may quote secrets: set --show-secrets", answer.err)
            self.assertIn("planted", self.fails(TOOL, *self.arguments("--show-secrets"), **self.variables()).err)
        shutil.rmtree(f"{self.folder}/tree")
        sops = "apiVersion: v1\nkind: Secret\nmetadata: {name: '${level}'}\nsops: {mac: abc}\n"
        self.prepare({"s.yaml": sops}, "  postBuild: {substituteFrom: [{kind: Secret, name: vars}]}\n")
        self.write({"vars.yaml": SECRET})
        answer = self.fails(TOOL, *self.arguments("--manifests", f"{self.folder}/vars.yaml"), **self.variables())
        self.assertIn("is SOPS encrypted", answer.err)
        self.assertNotIn("hunter2", answer.err)
        shutil.rmtree(f"{self.folder}/tree")

    def test_names_that_are_masked(self):
        """Two of them stay two."""
        self.prepare({"a.yaml": OBJECT.replace("name: a", "name: '${k1}'").replace("x: '1'", "'${k1}': a, '${k2}': b"),
                      "b.yaml": OBJECT.replace("name: a", "name: '${k2}'")}, "  postBuild: {substituteFrom: [{kind: Secret, name: vars}]}\n")
        self.write({"vars.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: vars, namespace: flux-system}\nstringData: {k1: one, k2: two}\n"})
        answer = self.succeeds(TOOL, *self.arguments("--manifests", f"{self.folder}/vars.yaml"), **self.variables())
        for text in ("'***': '*** (1 byte)'\n", "'*** (2)': '*** (1 byte)'\n", "name: '*** (3 bytes)'\n", "name: '*** (2)'\n"):
            self.assertIn(text, answer.out)

    def test_mappings_that_match_nothing(self):
        """A misspelled --source or --revision is an error."""
        self.prepare({"a.yaml": OBJECT})
        for flag in ("--source", "--revision"):
            answer = self.fails(TOOL, *self.arguments(flag, "ExternalArtifact/app=dir:x"), **self.variables())
            self.assertIn(f"{flag} ExternalArtifact/app=dir:x matches no source", answer.err)

    def test_a_program_that_is_not_kubectl(self):
        """One that prints nothing has to print its version; a tree without objects is no reason to fail."""
        self.prepare({"a.yaml": OBJECT})
        answer = self.fails(TOOL, *self.arguments(), **self.variables(KUBECTL_PATH=shutil.which("true")))
        self.assertIn("so it is not kubectl: set KUBECTL_PATH", answer.err)
        shutil.rmtree(f"{self.folder}/tree")
        self.prepare({"a.txt": ""})
        answer = self.succeeds(TOOL, *self.arguments(), **self.variables())
        self.assertEqual(answer.out, "")
        self.assertIn("Kustomization flux-system/apps applies no objects", answer.err)

    def test_partial(self):
        """What cannot be looked up stays as it is, and is a failure unless it is allowed."""
        spec = "  postBuild: {substituteFrom: [{kind: Secret, name: vars}]}\n"
        self.prepare({"d.yaml": DEPLOYMENT}, spec)
        answer = self.fails(TOOL, *self.arguments(), **self.variables())
        self.assertIn("${level}", answer.out)
        self.assertIn("Secret/vars is unknown", answer.err)
        self.succeeds(TOOL, *self.arguments("--allow-partial"), **self.variables())

    def test_the_users_configuration_changes_nothing(self):
        """kuberc, kubeconfig and PATH of the user are not looked at by kubectl."""
        home = f"{self.folder}/home"
        self.write({"home/.kube/kuberc": "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ndefaults:\n"
                    "- command: kustomize\n  options: [{name: output, default: /tmp/stolen}]\n"})
        self.prepare({"a.yaml": OBJECT})
        self.succeeds(TOOL, *self.arguments(), **self.variables(HOME=home, KUBERC=f"{home}/.kube/kuberc"))
        self.assertFalse(os.path.exists("/tmp/stolen"))

    def test_endless_output(self):
        """A kubectl that never ends or prints without end is ended, with its group."""
        self.prepare({"a.yaml": OBJECT})
        self.write({"kubectl": "#!/bin/sh\nwhile :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done\n"})
        os.chmod(f"{self.folder}/kubectl", 0o755)
        answer = self.fails(TOOL, *self.arguments(), **self.variables(KUBECTL_PATH=f"{self.folder}/kubectl"))
        self.assertIn("printed more than 64 MiB", answer.err)
        self.leaves_nothing()

    def test_what_is_the_same_is_built_once(self):
        """Consumers that differ in variables alone share what kubectl makes, although they are rendered side by side."""
        self.prepare({"a.yaml": OBJECT.replace("'1'", "'${v}'")})
        log = f"{self.folder}/log"
        self.write({"kubectl": f"#!/bin/sh\necho started >>{log}\nexec {self.variables()['KUBECTL_PATH']} \"$@\"\n", "many.yaml": "---\n".join(
            KUSTOMIZATION.replace("{name: apps,", f"{{name: apps{number},") + f"  postBuild: {{substitute: {{v: 'x{number}'}}}}\n"
            for number in range(6))})
        os.chmod(f"{self.folder}/kubectl", 0o755)
        answer = self.succeeds(TOOL, *self.arguments("-f", f"{self.folder}/many.yaml"), **self.variables(KUBECTL_PATH=f"{self.folder}/kubectl"))
        self.assertEqual(sorted(re.findall(r": (x\d)", answer.out)), [f"x{number}" for number in range(6)])
        with open(log) as file:
            self.assertEqual(file.read(), "started\n")

    def test_no_kubectl(self):
        """Without kubectl, the error says how to set it."""
        self.prepare({"a.yaml": OBJECT})
        tool = f"{support.Setting.prefix}/bin/{TOOL}"
        answer = self.fails(tool, *self.arguments(), PATH="/nowhere", TMPDIR=f"{self.folder}/tmp")
        self.assertIn("KUBECTL_PATH", answer.err)

    @unittest.skipUnless(shutil.which("strace"), "needs strace")
    def test_nothing_outside_is_touched(self):
        """kubectl opens no socket to anywhere and reads no file of the user or beside the artifact."""
        self.write({"outside/hidden.txt": "hidden\n"})
        base = f"{self.folder}/outside"
        self.prepare({
            "kustomization.yaml": "resources: [a.yaml, base]\nconfigMapGenerator: [{name: g, files: [f.txt]}]\n"
            "patches: [{path: p.yaml}]\n",
            "a.yaml": OBJECT, "f.txt": "f\n", "p.yaml": OBJECT, "base/kustomization.yaml": "resources: [b.yaml]\n",
            "base/b.yaml": OBJECT.replace("name: a", "name: b"), "other.yaml": OBJECT,
        })
        log = f"{self.folder}/log"
        kubectl = self.variables()["KUBECTL_PATH"]
        self.write({"kubectl": f"#!/bin/sh\nexec {shutil.which('strace')} -f -o {log} -e trace=%network,open,openat "
                    f"{kubectl} \"$@\"\n"})
        os.chmod(f"{self.folder}/kubectl", 0o755)
        self.succeeds(TOOL, *self.arguments(), **self.variables(KUBECTL_PATH=f"{self.folder}/kubectl"))
        with open(log) as file:
            calls = file.read()
        self.assertNotRegex(calls, r"connect\(.*(AF_INET|AF_INET6)")
        opened = set(re.findall(r'open(?:at)?\([^"]*"([^"]+)"[^)]*\) = \d', calls))
        for path in opened:
            self.assertFalse(path.startswith((base, f"{self.folder}/tree", os.path.expanduser("~/.kube"))), path)
        self.assertTrue(any(path.endswith("/artifact/base/b.yaml") for path in opened))
        self.assertFalse(any(path.endswith("other.yaml") for path in opened))


class RenderRelease(RenderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.newest, cls.helm = support.newest_programs()

    def prepare(self, files, spec=""):
        chart = {"Chart.yaml": CHART, "values.yaml": "level: low\n", "templates/cm.yaml": TEMPLATE, **files}
        self.write({"demo.yaml": RELEASE + spec, **{f"tree/demo/{name}": text for name, text in chart.items()}})

    def arguments(self, *more):
        return ["render", "-f", f"{self.folder}/demo.yaml", "--source",
                f"ExternalArtifact/demo=dir:{self.folder}/tree", *more]

    def variables(self, **more):
        return {"HELM_PATH": self.helm, "KUBECTL_PATH": self.newest, "TMPDIR": f"{self.folder}/tmp", **more}

    def secret(self, **values):
        lines = "".join(f"    {key}: {value}\n" for key, value in values.items())
        self.write({"vars.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: vars, namespace: apps}\nstringData:\n"
                    f"  values.yaml: |\n{lines}"})
        return "  valuesFrom: [{kind: Secret, name: vars}]\n"

    def test_objects_with_origin_labels(self):
        """The objects have the origin's labels, and the chart's version has the artifact's digest."""
        self.prepare({})
        answer = self.succeeds(TOOL, *self.arguments(), **self.variables())
        self.assertIn("helm.toolkit.fluxcd.io/name: demo", answer.out)
        built = re.search(r"helm.sh/chart: 1\.2\.3_([0-9a-f]{12})\n", answer.out)
        self.assertTrue(built, answer.out)
        given = self.succeeds(
            TOOL, *self.arguments("--revision", f"ExternalArtifact/demo=latest@sha256:{'ab' * 32}"), **self.variables())
        self.assertIn("helm.sh/chart: 1.2.3_abababababab", given.out)
        self.leaves_nothing()

    def test_what_comes_from_a_secret(self):
        """What a chart makes of a secret appears in no output: as it is, encoded, hashed, in an error."""
        spec = self.secret(level="hunter2", word="wordy")
        more = TEMPLATE.replace("{{ .Release.Name }}", "more").replace(
            "{{ .Values.level }}", "{{ .Values.level | b64enc }} {{ .Values.level | sha256sum }}")
        self.prepare({"templates/more.yaml": more}, spec)
        words = ["hunter2", base64.b64encode(b"hunter2").decode(), hashlib.sha256(b"hunter2").hexdigest()]
        manifests = ["--manifests", f"{self.folder}/vars.yaml"]
        answer = self.succeeds(TOOL, *self.arguments(*manifests), **self.variables())
        shown = self.succeeds(TOOL, *self.arguments(*manifests, "--show-secrets"), **self.variables())
        values = self.succeeds(TOOL, *self.arguments(*manifests, "--values-only"), **self.variables())
        for word in words:
            self.assertNotIn(word, answer.out + answer.err + values.out + values.err)
            self.assertIn(word, shown.out)
        self.assertIn("masked: do not apply", answer.err)
        self.assertIn("level: '*** (7 bytes)'", values.out)
        # One of them is a whole text and a word in another.
        self.assertIn("2 secret values are masked", values.err)
        for text in ("{{ fail .Values.level }}", '{{ if eq .Values.level "hunter2" }}{{ fail (b64enc .Values.level) }}{{ end }}'):
            self.write({"tree/demo/templates/more.yaml": text})
            failed = self.fails(TOOL, *self.arguments(*manifests), **self.variables())
            for word in words:
                self.assertNotIn(word, failed.out + failed.err)
            self.assertIn("--show-secrets", failed.err)

    def test_names_that_come_from_a_secret(self):
        """An object whose name, and fields whose names are made of a secret show nothing, whether helm takes other values or not."""
        spec = self.secret(level="hunter2")
        manifests = ["--manifests", f"{self.folder}/vars.yaml"]
        template = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "%s"}\ndata: {"a{{ .Values.level }}": "1", open: "2"}\n'
        for name in ("{{ .Values.level }}", "fixed"):
            for check in ("", '{{ if ne .Values.level "hunter2" }}{{ fail "no" }}{{ end }}'):
                self.prepare({"templates/more.yaml": template % name + check}, spec)
                answer = self.succeeds(TOOL, *self.arguments(*manifests), **self.variables())
                self.assertNotIn("hunter2", answer.out + answer.err)
                self.assertIn("kind: '*** (9 bytes)'" if name != "fixed" and not check else "open: \"2\"", answer.out)

    def test_secrets_of_any_letters(self):
        """Signs, other alphabets, numbers and what a schema fixes: nothing of a secret is shown, whatever a chart makes of it."""
        secret = {"pw": "парольсекрет", "sym": "!#$%^&*()", "pin": 83726154, "big": 123456789012345678, "mode": "prod",
                  "key": "-----BEGIN KEY-----\nkeyplanted\n-----END KEY-----\n"}
        self.write({"vars.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: vars, namespace: apps}\nstringData:\n"
                    f"  values.yaml: '{json.dumps(secret)}'\n"})
        text = ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\ndata:\n  a: '{{ upper .Values.pw }}'\n"
                "  b: '{{ printf \"user:%s\" .Values.pw | b64enc }}'\n  c: '{{ sha256sum .Values.sym }}'\n  d: '{{ div .Values.pin 1000 }}'\n"
                "  e: '{{ add .Values.big 1 }}'\n  f: |\n{{ .Values.key | indent 4 }}\n  g: '{{ .Values.key | b64enc }}'\n")
        spec = "  valuesFrom: [{kind: Secret, name: vars}]\n"
        schema = {"properties": {"mode": {"enum": ["prod", "dev"]}, "key": {"pattern": "^-----BEGIN KEY"}}}
        words = ["ПАРОЛЬ", base64.b64encode("user:парольсекрет".encode()).decode(), hashlib.sha256(b"!#$%^&*()").hexdigest(), "83726", "1234567890",
                 "keyplanted", base64.b64encode(secret["key"].encode()).decode()]
        for more in ({}, {"values.schema.json": json.dumps(schema)}):
            self.prepare({"templates/more.yaml": text, **more}, spec)
            arguments = self.arguments("--manifests", f"{self.folder}/vars.yaml")
            shown = self.succeeds(TOOL, *arguments, "--show-secrets", **self.variables())
            answer = self.succeeds(TOOL, *arguments, **self.variables())
            for word in words:
                self.assertIn(word, shown.out)
                self.assertNotIn(word, answer.out + answer.err)
            self.assertEqual("refuses other values in place of 2 secret ones" in answer.err, bool(more), answer.err)

    def test_values_that_are_named_like_credentials(self):
        """They are secret wherever they land, as variables of Kustomizations are."""
        self.prepare({"templates/more.yaml": TEMPLATE.replace("{{ .Release.Name }}", "more").replace(
            "{{ .Values.level }}", "{{ .Values.db.password | b64enc }} {{ .Values.db.user }}")}, "  values: {db: {password: hunter2, user: userseen}}\n")
        answer = self.succeeds(TOOL, *self.arguments(), **self.variables())
        self.assertNotIn(base64.b64encode(b"hunter2").decode(), answer.out)
        self.assertIn("level: '*** (21 bytes)'", answer.out)
        self.assertIn("userseen", self.succeeds(TOOL, *self.arguments("--show-secrets"), **self.variables()).out)

    def test_values_need_neither_chart_nor_helm(self):
        """--values-only merges values without looking at the chart."""
        self.prepare({}, "  values: {level: high}\n")
        answer = self.succeeds(
            TOOL, "render", "-f", f"{self.folder}/demo.yaml", "--values-only", **self.variables(HELM_PATH="/nowhere"))
        self.assertEqual(answer.out, "level: high\n")

    def test_values_that_are_not_known(self):
        """A required reference that cannot be looked up is a failure, unless that is allowed."""
        self.prepare({}, "  valuesFrom: [{kind: ConfigMap, name: absent}]\n")
        answer = self.fails(TOOL, *self.arguments(), **self.variables())
        self.assertIn("ConfigMap/absent is unknown", answer.err)
        self.assertIn("level: low", answer.out)
        self.succeeds(TOOL, *self.arguments("--allow-partial"), **self.variables())

    def test_what_helm_cannot_know(self):
        """Random output, lookups and the cluster's version are reported; the latter can be set."""
        self.prepare({"templates/more.yaml": TEMPLATE.replace("{{ .Release.Name }}", "more").replace(
            "{{ .Values.level }}", '{{ randAlphaNum 9 }} {{ lookup "v1" "Secret" "a" "b" }} {{ .Capabilities.KubeVersion }}')})
        answer = self.succeeds(TOOL, *self.arguments(), **self.variables())
        self.assertIn("differs at every run (random values or times): ConfigMap/more data.level", answer.err)
        self.assertIn("lookup", answer.err)
        self.assertIn("--kube-version", answer.err)
        told = self.succeeds(TOOL, *self.arguments("--kube-version", "1.30.0"), **self.variables())
        self.assertIn("v1.30.0", told.out)
        self.assertNotIn("--kube-version", told.err)

    def test_api_versions(self):
        """A chart is told which APIs there are."""
        self.prepare({"templates/cm.yaml": '{{ if .Capabilities.APIVersions.Has "x.example/v1/Thing" }}' + TEMPLATE + "{{ end }}"})
        self.assertEqual(self.succeeds(TOOL, *self.arguments(), **self.variables()).out, "")
        told = self.succeeds(TOOL, *self.arguments("--api-versions", "x.example/v1/Thing"), **self.variables())
        self.assertIn("kind: ConfigMap", told.out)

    def test_dependencies_that_are_missing(self):
        """A chart that lacks dependencies is rendered without them, as the controller does."""
        self.prepare({"Chart.yaml": CHART + "dependencies: [{name: sub, version: 1.0.0, repository: 'https://example.com'}]\n"})
        answer = self.succeeds(TOOL, *self.arguments(), **self.variables())
        self.assertIn("kind: ConfigMap", answer.out)
        self.assertIn("without them: sub", answer.err)

    def test_post_renderers(self):
        """Post-renderers run with kubectl."""
        patch = '[{"op": "add", "path": "/data/more", "value": "x"}]'
        self.prepare({}, f"  postRenderers: [{{kustomize: {{patches: [{{target: {{kind: ConfigMap}}, patch: '{patch}'}}]}}}}]\n")
        self.assertIn("more: x", self.succeeds(TOOL, *self.arguments(), **self.variables()).out)
        self.leaves_nothing()

    def test_no_helm(self):
        """Without helm, one line says how to set it, and what does not need it is rendered."""
        self.prepare({})
        self.write({"more.yaml": KUSTOMIZATION + "---\n" + RELEASE.replace("name: demo,", "name: other,"), "apps/a.yaml": OBJECT})
        tool = f"{support.Setting.prefix}/bin/{TOOL}"
        answer = self.fails(
            tool, *self.arguments("-f", f"{self.folder}/more.yaml", "--source", f"ExternalArtifact/apps=dir:{self.folder}/apps"),
            PATH="/nowhere", KUBECTL_PATH=self.newest, TMPDIR=f"{self.folder}/tmp")
        self.assertIn("kustomize.toolkit.fluxcd.io/name: apps", answer.out)
        self.assertEqual(answer.err.count("HELM_PATH"), 1)

    def test_all_of_a_cluster(self):
        """--all renders both kinds; for values alone, Kustomizations are not needed."""
        self.prepare({})
        self.write({"both.yaml": RELEASE + "---\n" + KUSTOMIZATION.replace("flux-system", "apps"), "apps/a.yaml": OBJECT})
        arguments = ["render", "--all", "-n", "apps", "--source", f"ExternalArtifact/demo=dir:{self.folder}/tree",
                     "--source", f"ExternalArtifact/apps=dir:{self.folder}/apps"]
        answer = self.succeeds(TOOL, *arguments, "--snapshot", f"{self.folder}/both.yaml", **self.variables())
        self.assertEqual(re.findall("^# (.*)", answer.out, re.M), ["Kustomization apps/apps", "HelmRelease apps/demo"])
        values = self.succeeds(TOOL, *arguments, "--values-only", "--snapshot", f"{self.folder}/demo.yaml", **self.variables())
        self.assertEqual(values.out, "{}\n")

    def test_artifacts_of_generators(self):
        """The chart that a generator makes has the digest of the artifact that it publishes, or the revision of its source."""
        self.prepare({})
        generator = """\
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: g, namespace: apps}
spec:
  sources: [{alias: repo, kind: GitRepository, name: repo}]
  artifacts: [{name: demo, copy: [{from: "@repo/demo/**", to: "@artifact/demo/"}]}]
"""
        self.write({"g.yaml": generator, "h.yaml": generator.replace("name: demo, copy", 'name: demo, revision: "@repo", copy')})
        source = ["--source", f"repo=dir:{self.folder}/tree"]
        built = json.loads(self.succeeds(TOOL, "build", "-f", f"{self.folder}/g.yaml", *source, "-o", "json").out)
        digest = re.search(r"latest@sha256:([0-9a-f]{12})", json.dumps(built)).group(1)
        arguments = ["render", "-f", f"{self.folder}/demo.yaml", *source]
        answer = self.succeeds(TOOL, *arguments, "-f", f"{self.folder}/g.yaml", **self.variables())
        self.assertIn(f"helm.sh/chart: 1.2.3_{digest}\n", answer.out)
        unknown = self.succeeds(TOOL, *arguments, "-f", f"{self.folder}/h.yaml", **self.variables())
        self.assertIn("helm.sh/chart: 1.2.3\n", unknown.out)
        self.assertIn("--revision ExternalArtifact/apps/demo=", unknown.err)
        given = self.succeeds(
            TOOL, *arguments, "-f", f"{self.folder}/h.yaml", "--revision", f"repo=main@sha1:{'cd' * 20}", **self.variables())
        self.assertIn("helm.sh/chart: 1.2.3_cdcdcdcdcdcd\n", given.out)
        # A Kustomization that uses the source itself: the alias of a generator stands for it.
        self.write({"k.yaml": KUSTOMIZATION.replace("flux-system", "apps").replace("ExternalArtifact, name: apps", "GitRepository, name: repo")
                    + "  path: ./plain\n", "tree/plain/x.yaml": OBJECT})
        own = self.succeeds(TOOL, "render", "ks/apps", "-f", f"{self.folder}/g.yaml", "-f", f"{self.folder}/k.yaml", *source,
                            **self.variables())
        self.assertIn("kind: ConfigMap\n", own.out)

    def test_policies_of_definitions(self):
        """What becomes of CRDs in crds/ at an upgrade, by spec.upgrade.crds, which is Create if it is not set."""
        crd = ("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: as.example.com}\n"
               "spec: {group: example.com, scope: Namespaced, names: {plural: as, kind: A}, versions: []}\n")
        for policy, text in (("", "are not updated (spec.upgrade.crds: Create by default)"),
                             ("  upgrade: {crds: Create}\n", "are not updated (spec.upgrade.crds: Create)"),
                             ("  upgrade: {crds: Skip}\n", "created with the release, but not by an upgrade"),
                             ("  upgrade: {crds: CreateReplace}\n", None)):
            self.prepare({"crds/crd.yaml": crd}, policy)
            answer = self.succeeds(TOOL, *self.arguments(), **self.variables())
            if text:
                self.assertIn(text, answer.err)
            else:
                self.assertNotIn("crds/", answer.err)

    def test_hostile_charts(self):
        """Charts with links, bombs and endless templates are refused or ended."""
        self.prepare({})
        os.symlink("/etc/hostname", f"{self.folder}/tree/demo/link.txt")
        self.assertIn("link", self.fails(TOOL, *self.arguments(), **self.variables()).err)
        os.remove(f"{self.folder}/tree/demo/link.txt")
        bomb = "b0: &b0 [a,a,a,a,a,a,a,a,a]\n"
        for level in range(1, 6):
            bomb += f"b{level}: &b{level} [{','.join([f'*b{level - 1}'] * 9)}]\n"
        self.write({"tree/demo/templates/bomb.yaml": OBJECT + bomb})
        answer = self.fails(TOOL, *self.arguments(), **self.variables())
        self.assertIn("excessive aliasing", answer.err)
        self.assertNotIn("--debug", answer.err)
        self.write({"tree/demo/templates/bomb.yaml": "{{ range until 100000000 }}{{ . }} {{ . }} {{ . }} {{ . }}\n{{ end }}"})
        self.assertIn("not rendered", self.fails(TOOL, *self.arguments(), **self.variables()).err)
        self.leaves_nothing()

    @unittest.skipUnless(shutil.which("strace"), "needs strace")
    def test_nothing_outside_is_touched(self):
        """helm opens no socket to anywhere, reads no file of the user or of the artifact's folder, and sees none of our variables."""
        schema = '{"properties": {"level": {"$ref": "http://192.0.2.1/schema.json"}}}'
        self.prepare({
            "templates/more.yaml": '{{ $x := getHostByName "example.com" }}{{ $y := lookup "v1" "Secret" "a" "b" }}',
            "values.schema.json": "{}",
        })
        log = f"{self.folder}/log"
        self.write({"helm": f"#!/bin/sh\n/usr/bin/env >{self.folder}/environment\nexec {shutil.which('strace')} -f -o {log} "
                    f"-e trace=%network,open,openat {self.helm} \"$@\"\n", "home/.config/helm/repositories.yaml": "{}\n"})
        os.chmod(f"{self.folder}/helm", 0o755)
        variables = self.variables(HELM_PATH=f"{self.folder}/helm", HOME=f"{self.folder}/home", HELM_DRIVER="sql", TOKEN="hunter2")
        self.succeeds(TOOL, *self.arguments(), **variables)
        with open(log) as file:
            calls = file.read()
        self.assertNotRegex(calls, r"connect\(.*(AF_INET|AF_INET6)")
        for path in re.findall(r'open(?:at)?\([^"]*"([^"]+)"[^)]*\) = \d', calls):
            self.assertFalse(path.startswith((f"{self.folder}/tree", f"{self.folder}/home")), path)
        with open(f"{self.folder}/environment") as file:
            names = {line.split("=", 1)[0] for line in file}
        self.assertFalse(names & {"HELM_DRIVER", "TOKEN"}, names)
        # A schema elsewhere is not fetched, and helm is not told to.
        self.write({"tree/demo/values.schema.json": schema})
        answer = self.succeeds(TOOL, *self.arguments(), **variables)
        self.assertIn("the values are not checked: values.schema.json references http://192.0.2.1/schema.json", answer.err)
        with open(log) as file:
            self.assertNotIn("inet_addr", file.read())
        self.leaves_nothing()
