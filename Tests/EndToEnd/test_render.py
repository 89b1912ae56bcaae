"""`render` beside a kubectl that is watched: what it opens, where it connects, what it leaves behind."""
import base64
import glob
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


@unittest.skipUnless(shutil.which("kubectl"), "needs kubectl")
class Render(support.Case):
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

    def arguments(self, *more):
        return ["render", "-f", f"{self.folder}/apps.yaml", "--source",
                f"ExternalArtifact/apps=dir:{self.folder}/tree", *more]

    def prepare(self, files, spec=""):
        self.write({"apps.yaml": KUSTOMIZATION + spec, **{f"tree/{name}": text for name, text in files.items()}})

    def variables(self, **more):
        kubectl = os.path.realpath(shutil.which("kubectl"))
        return {"KUBECTL_PATH": kubectl, "TMPDIR": f"{self.folder}/tmp", **more}

    def leaves_nothing(self):
        self.assertEqual(os.listdir(f"{self.folder}/tmp"), [])

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

    def test_hostile_artifacts(self):
        """Each is refused before kubectl starts, and says why."""
        os.makedirs(f"{self.folder}/started")
        self.write({"kubectl": f"#!/bin/sh\n: >{self.folder}/started/it\n"})
        os.chmod(f"{self.folder}/kubectl", 0o755)
        references = [
            "https://example.com/x", "http://127.0.0.1/x", "github.com/o/r", "gh:o/r", "git@host:o/r", "git::x",
            "ssh://host/o/r", "file:///etc", "host/o/r.git", "host/o/r?ref=x", "o@host:r", "/etc/hostname",
            "../../../../../../etc/hostname",
        ]
        lines = [f"resources: ['{reference}']" for reference in references]
        lines += [f"configMapGenerator: [{{name: g, files: ['k={reference}']}}]" for reference in references[:2]]
        lines += [
            "configMapGenerator: [{name: g, files: [/etc/hostname]}]", "secretGenerator: [{name: g, envs: [/etc/hostname]}]",
            "patches: [{path: /etc/hostname}]", "patchesStrategicMerge: [/etc/hostname]", "openapi: {path: /etc/hostname}",
            "crds: [/etc/hostname]", "configurations: [/etc/hostname]", "components: ['https://example.com/x']",
            "bases: ['https://example.com/x']", "resources: [link.yaml]", "resources: [folder/x.yaml]",
            "helmCharts: [{name: c, repo: 'https://example.com'}]", "generators: [gen.yaml]", "transformers: [gen.yaml]",
            "validators: [gen.yaml]", "transformers: [plugins]", "generators: [exec.yaml]", "resources: [bomb.yaml]",
            "RESOURCES: ['https://example.com/x']",
        ]
        bomb = OBJECT + "b0: &b0 [a,a,a,a,a,a,a,a,a]\n"
        for level in range(1, 6):
            bomb += f"b{level}: &b{level} [{','.join([f'*b{level - 1}'] * 9)}]\n"
        function = "apiVersion: v1\nkind: F\nmetadata: {name: f, annotations: {config.kubernetes.io/function: 'exec: {path: ./x}'}}\n"
        for line in lines:
            with self.subTest(line):
                shutil.rmtree(f"{self.folder}/tree", ignore_errors=True)
                self.prepare({
                    "kustomization.yaml": line + "\n", "gen.yaml": "apiVersion: x/v1\nkind: Gen\nmetadata: {name: g}\n",
                    "exec.yaml": function, "plugins/kustomization.yaml": "resources: []\n", "bomb.yaml": bomb,
                })
                os.symlink("/etc/hostname", f"{self.folder}/tree/link.yaml")
                os.symlink("/etc", f"{self.folder}/tree/folder")
                self.fails(TOOL, *self.arguments(), **self.variables(KUBECTL_PATH=f"{self.folder}/kubectl"))
                self.assertEqual(glob.glob(f"{self.folder}/started/*"), [])
                self.leaves_nothing()
