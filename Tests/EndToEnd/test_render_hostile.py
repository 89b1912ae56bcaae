"""Hostile artifacts: `render` and the kubectl and helm that it starts are watched while they refuse or contain them."""
import io
import os
import re
import shutil
import socket
import tarfile
import unittest

import support
from test_render import CHART, KUSTOMIZATION, OBJECT, RELEASE, TEMPLATE, TOOL

HIDDEN = "hidden-outside-the-artifact"
EXTERNAL = "external plugins disabled"
REMOTE = "(remote): the controller would fetch it"
OUTSIDE = "the path is not in or below the artifact"
BOMB = "alias"
FUNCTION = "apiVersion: v1\nkind: F\nmetadata: {name: f, annotations: {config.kubernetes.io/function: '%s'}}\n"
PATCH = "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\npath: %s\n"


def bomb(first="", level=6):
    """About 400 bytes that come to 9^6 values."""
    text = first + "b0: &b0 [a,a,a,a,a,a,a,a,a]\n"
    for number in range(1, level):
        text += f"b{number}: &b{number} [{','.join([f'*b{number - 1}'] * 9)}]\n"
    return text


def built(line, **more):
    """A tree with a kustomization; a file named `x__yaml` is `x.yaml`."""
    return {"kustomization.yaml": line + "\n", "a.yaml": OBJECT, **{name.replace("__", "."): text for name, text in more.items()}}


class Link(str):
    """Where a symbolic link leads."""


def remote(port, outside):
    """Places elsewhere, in every spelling that kustomize understands, and in every field that names one."""
    references = {
        "a URL": "https://example.com/x.yaml", "a URL in upper case": "HTTPS://example.com/x", "a server on this machine":
        f"http://127.0.0.1:{port}/x.yaml", "GitHub without a scheme": "github.com/o/r", "GitHub's short form": "gh:o/r",
        "scp's form": "git@host:o/r", "scp's form of another user": "o@host:r", "a getter": "git::https://example.com/r",
        "a getter of a bucket": "s3::https://bucket/x", "ssh": "ssh://git@host/o/r", "a local URL": f"file://{outside}",
        "a suffix": "host/o/r.git", "a query": "host/o/r?ref=x", "a subdirectory of a repository": "host/o//dir",
        "Azure's form": "host/o/_git/r",
    }
    for name, reference in references.items():
        yield f"remote: {name}", built(f"resources: ['{reference}']"), "", REMOTE
    url = f"http://127.0.0.1:{port}/x.yaml"
    for name, line in {
        "bases": f"bases: ['{url}']", "components": f"components: ['{url}']", "crds": f"crds: ['{url}']",
        "openapi": f"openapi: {{path: '{url}'}}", "a patch": f"patches: [{{path: '{url}'}}]",
        "a generator's file": f"configMapGenerator: [{{name: g, files: ['k={url}']}}]", "a generator of objects":
        f"generators: ['{url}']", "a field in upper case": f"RESOURCES: ['{url}']",
    }.items():
        yield f"remote: in {name}", built(line), "", REMOTE
    fields = "apiVersion: builtin\nkind: %s\nmetadata: {name: g}\n%s\n"
    yield "remote: a patch that is YAML, too", built(f"resources: [a.yaml]\npatchesStrategicMerge: ['{url}#a: 1']"), "", REMOTE
    yield "remote: a plugin that is YAML, too", built(f"generators: ['{url}#a: 1']"), "", REMOTE
    yield "remote: a patch of a plugin that is YAML, too", built("resources: [a.yaml]\ntransformers: [g.yaml]", g__yaml=fields % (
        "PatchStrategicMergeTransformer", f"paths: ['{url}#a: 1']")), "", REMOTE
    for name, line in {"files": f"file\u017f: ['k={url}']", "envs": f"ENV\u017f: ['{url}']"}.items():
        yield f"remote: letters that Go folds in {name}", built("generators: [g.yaml]", g__yaml=fields % (
            "ConfigMapGenerator", line)), "", REMOTE
    yield "remote: in a base", {**built("resources: [base]"), "base/kustomization.yaml": f"resources: ['{url}']\n"}, "", REMOTE
    yield "remote: in the spec's components", built("resources: [a.yaml]"), f"  components: ['{url}']\n", "must be local and relative"


def outside(folder):
    """Files and directories that are not in the artifact."""
    secret = f"{folder}/hidden.txt"
    for name, line in {
        "a resource": f"resources: ['{folder}/object.yaml']", "a directory": f"resources: ['{folder}']",
        "a ConfigMap's file": f"configMapGenerator: [{{name: g, files: ['{secret}']}}]",
        "a Secret's variables": f"secretGenerator: [{{name: g, envs: ['{secret}']}}]", "a patch": f"patches: [{{path: '{secret}'}}]",
        "an old patch": f"patchesStrategicMerge: ['{secret}']", "a JSON patch":
        f"patchesJson6902: [{{target: {{version: v1, kind: ConfigMap, name: a}}, path: '{secret}'}}]",
        "replacements": f"replacements: [{{path: '{secret}'}}]", "a schema": f"openapi: {{path: '{secret}'}}",
        "configurations": f"configurations: ['{secret}']",
    }.items():
        yield f"absolute: {name}", built(line), "", OUTSIDE
    up = "../" * 40 + secret[1:]
    crossing = {"up.yaml": OBJECT, "k/a.yaml": OBJECT.replace("name: a", "name: b")}
    yield "above: a patch that is YAML, too", {
        **crossing, "k/kustomization.yaml": f"resources: [a.yaml, ../up.yaml]\npatchesStrategicMerge: ['a: /{up}']\n"}, "  path: k\n", OUTSIDE
    yield "above: a plugin that is YAML, too", {
        **crossing, "k/kustomization.yaml": "resources: [a.yaml, ../up.yaml]\ngenerators: [\"apiVersion: builtin\\nkind: ConfigMapGenerator"
        f"\\nx: a/{os.path.dirname(up)}\"]\n"}, "  path: k\n", OUTSIDE
    yield "absolute: with a combining character", {
        **crossing, "k/kustomization.yaml": f"resources: [a.yaml, ../up.yaml, \"/\u0301/..{folder}/object.yaml\"]\n"}, "  path: k\n", OUTSIDE
    yield "above: a file", built(f"configMapGenerator: [{{name: g, files: ['{up}']}}]"), "", OUTSIDE
    yield "above: a base of a base", {**built("resources: [base]"), "base/kustomization.yaml": f"resources: ['{up}']\n"}, "", OUTSIDE
    yield "above: a patch of a plugin", built("resources: [a.yaml]\ntransformers: [p.yaml]", p__yaml=PATCH % up), "", OUTSIDE
    yield "above: the spec's path", built("resources: [a.yaml]"), f"  path: '{os.path.dirname(up)}'\n", "kustomization path not found"
    link = "is a symbolic link"
    yield "link: a resource", built("resources: [l.yaml]", l__yaml=Link(f"{folder}/object.yaml")), "", link
    yield "link: a directory above", built("resources: [l/object.yaml]", l=Link(folder)), "", link
    yield "link: a relative one", built("configMapGenerator: [{name: g, files: [l]}]", l=Link("../outside/hidden.txt")), "", link
    yield "link: the kustomization", {"kustomization.yaml": Link(f"{folder}/object.yaml")}, "", link
    yield "link: among manifests", {"a.yaml": OBJECT, "l.yaml": Link(f"{folder}/object.yaml")}, "", link


def programs():
    """What would start something."""
    for name, function in {
        "exec": "exec: {path: ./run}", "container": "container: {image: example.com/x}",
        "starlark": "starlark: {path: ./run, name: x}"}.items():
        for field in ("generators", "transformers"):
            yield f"{name}: in {field}", built(f"{field}: [f.yaml]", f__yaml=FUNCTION % function, run="#!/bin/sh\n"), "", EXTERNAL
    plugin = "apiVersion: example.com/v1\nkind: Gen\nmetadata: {name: g}\n"
    yield "plugin: a file", built("generators: [g.yaml]", g__yaml=plugin), "", EXTERNAL
    yield "plugin: in the kustomization", built("validators: ['{apiVersion: x/v1, kind: G, metadata: {name: g}}']"), "", EXTERNAL
    yield ("plugin: a directory", {**built("transformers: [p]"), "p/kustomization.yaml": "resources: []\n"}, "",
           "only files of plugins are rendered")
    inflation = "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: c}\nname: c\nrepo: https://example.com\n"
    for name, line in {"helmCharts": "helmCharts: [{name: c, repo: 'https://example.com'}]",
                       "the old field": "helmChartInflationGenerator: [{chartName: c, chartRepoUrl: 'https://example.com'}]",
                       "a generator": "generators: [c.yaml]"}.items():
        yield f"inflation: {name}", built(line, c__yaml=inflation), "", "must specify --enable-helm"


def bombs():
    """What is small and grows."""
    yield "bomb: a resource", built("resources: [b.yaml]", b__yaml=bomb(OBJECT)), "", BOMB
    yield "bomb: a manifest", {"a.yaml": OBJECT, "b.yaml": bomb(OBJECT)}, "", BOMB
    yield "bomb: a base", {**built("resources: [base]"), "base/kustomization.yaml": bomb("resources: []\n")}, "", BOMB
    yield "bomb: a patch", built("resources: [a.yaml]\npatches: [{path: b.yaml}]", b__yaml=bomb(OBJECT)), "", BOMB
    yield "bomb: a plugin", built("generators: [b.yaml]", b__yaml=bomb(PATCH % "a.yaml")), "", BOMB


def charts(folder):
    """By name: files of a chart, and what is said; nil where it renders, with nothing from outside."""
    yield "chart: a template without end", {"templates/x.yaml": "{{ range until 100000000 }}{{ . }} {{ . }} {{ . }}\n{{ end }}"}, ""
    yield "chart: a template that includes itself", {"templates/x.yaml": '{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}'}, ""
    yield "chart: aliases", {"templates/x.yaml": bomb(OBJECT)}, "excessive aliasing"
    yield "chart: a link", {"l.txt": Link(f"{folder}/hidden.txt"), "templates/x.yaml": '{{ .Files.Get "l.txt" }}'}, "path escapes"
    yield "chart: files above", {"templates/x.yaml": OBJECT.replace(
        "'1'", "'{{ .Files.Get \"../../outside/hidden.txt\" }}{{ .Files.Get \"%s/hidden.txt\" }}'" % folder)}, None
    yield "chart: names and objects of the network", {"templates/x.yaml": OBJECT.replace(
        "'1'", '\'{{ getHostByName "example.com" }}{{ lookup "v1" "Secret" "a" "b" }}\'')}, None


def package(files):
    """A chart as a package, in which all files lie below one directory."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, text in files.items():
            content = text if isinstance(text, bytes) else text.encode()
            entry = tarfile.TarInfo(f"sub/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return data.getvalue()


def schemas(port, folder):
    """By name: files of a chart whose schemas refer to something else, in every way that JSON schemas know."""
    url, file = f"http://127.0.0.1:{port}/x.json", f"{folder}/schema.json"
    bundled = '{"$defs": {"a": {"$id": "%s", "type": "object"}}, "%s": {"$id": "%s"}, "$ref": "%s"}'
    for name, text in {
        "a reference": '{"$ref": "%s"}' % url, "a reference to a file": '{"$ref": "file://%s"}' % file,
        "a path from the root": '{"$ref": "%s"}' % file, "a relative path": '{"$ref": "%s"}' % file[1:],
        "a path with a fragment": '{"$ref": "%s#/a"}' % file, "another scheme": '{"$ref": "FTP://127.0.0.1/x"}',
        "deep inside": '{"properties": {"level": {"anyOf": [{"type": "string"}, {"$ref": "%s"}]}}}' % url,
        "a dynamic reference": '{"$dynamicRef": "%s"}' % url, "a recursive reference": '{"$recursiveRef": "%s"}' % url,
        "another base": '{"$id": "%s", "properties": {"level": {"$ref": "y.json"}}}' % url, "another base of old schemas":
        '{"$schema": "http://json-schema.org/draft-04/schema#", "id": "%s", "properties": {"level": {"$ref": "y.json"}}}' % url,
        "a schema of schemas": '{"$schema": "%s"}' % url, "a schema of schemas that is a file": '{"$schema": "file://%s"}' % file,
        "a draft that helm does not have": '{"$schema": "http://json-schema.org/draft-99/schema#"}', "an escape":
        '{"\\u0024ref": "%s"}' % url, "another escape": '{"$\\u0072ef": "%s"}' % url.replace("/", "\\/"), "a mark of the order of bytes":
        '\ufeff{"$ref": "%s"}' % url, "a number without bounds": '{"maximum": 1e999, "$ref": "%s"}' % url,
        "a name twice": '{"$ref": "#", "$ref": "%s"}' % url, "a name that is only pretended": bundled % ("urn:a", "default", url, url),
        "more levels than are read": '{"a": ' * 1500 + "1" + "}" * 1499 + ', "$ref": "%s"}' % url,
    }.items():
        yield f"schema: {name}", {"values.schema.json": text}
    inner = {"Chart.yaml": CHART.replace("demo", "sub"), "values.schema.json": '{"$ref": "%s"}' % url}
    yield "schema: of a chart in it", {f"charts/sub/{name}": text for name, text in inner.items()}
    yield "schema: of a package in it", {"charts/sub.tgz": package(inner)}
    yield "schema: of a package in a package", {"charts/sub.tgz": package({
        "Chart.yaml": CHART.replace("demo", "sub"), "values.yaml": "sub: {a: 1}\n", "charts/sub.tgz": package(inner)})}


@unittest.skipUnless(shutil.which("kubectl") and shutil.which("strace"), "needs kubectl and strace")
class HostileArtifacts(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.newest, cls.helm = support.newest_programs()

    def setUp(self):
        super().setUp()
        self.folder = self.temporary()
        self.outside = f"{self.folder}/outside"
        self.home = f"{self.folder}/home"
        self.write(self.folder, {
            "outside/hidden.txt": f"k={HIDDEN}\n", "outside/object.yaml": OBJECT.replace("'1'", HIDDEN),
            "outside/schema.json": '{"a": {"const": "%s"}, "const": "%s"}' % (HIDDEN, HIDDEN),
            # Defaults of the user, which would open the gates of kubectl.
            "home/.kube/kuberc": "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ndefaults:\n- command: kustomize\n"
            "  options: [{name: load-restrictor, default: LoadRestrictionsNone}, {name: enable-helm, default: 'true'},\n"
            "    {name: enable-alpha-plugins, default: 'true'}, {name: enable-exec, default: 'true'}]\n",
            "home/.kube/config": "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c}}]\n"
            "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n"})

    def write(self, folder, files):
        for name, text in files.items():
            path = f"{folder}/{name}"
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if isinstance(text, Link):
                os.symlink(text, path)
                continue
            with open(path, "wb") as file:
                file.write(text if isinstance(text, bytes) else text.encode())

    def rendered(self, consumer, kind, files):
        """The answer of `render`, and what it and its children opened, connected to and started."""
        shutil.rmtree(f"{self.folder}/tree", ignore_errors=True)
        shutil.rmtree(f"{self.folder}/tmp", ignore_errors=True)
        os.makedirs(f"{self.folder}/tmp")
        self.write(self.folder, {"consumer.yaml": consumer, **{f"tree/{name}": text for name, text in files.items()}})
        log = f"{self.folder}/log"
        tool = f"{support.Setting.prefix}/bin/{TOOL}"
        answer = support.run(
            "strace", "-f", "-qq", "-s", "200", "-o", log, "-e", "trace=socket,connect,open,openat,openat2,execve", tool, "render", "-f",
            f"{self.folder}/consumer.yaml", "--source", f"ExternalArtifact/{kind}=dir:{self.folder}/tree", KUBECTL_PATH=self.newest,
            HELM_PATH=self.helm, TMPDIR=f"{self.folder}/tmp", HOME=self.home, KUBERC=f"{self.home}/.kube/kuberc",
            KUBECONFIG=f"{self.home}/.kube/config")
        with open(log, errors="replace") as file:
            calls = file.read()
        self.assertEqual(os.listdir(f"{self.folder}/tmp"), [])
        self.assertNotRegex(calls, r"socket\(AF_INET6?\b|connect\([^)]*AF_INET")
        # Also what failed.
        opened = set(re.findall(r'open(?:at2?)?\([^"]*"([^"]+)"', calls))
        self.assertTrue(any(path.endswith("/consumer.yaml") for path in opened), answer)
        self.assertEqual([path for path in opened if path.startswith((self.outside, f"{self.home}/"))], [])
        self.assertNotIn(HIDDEN, answer.out + answer.err)
        started = re.findall(r'execve\("([^"]+)"', calls)
        self.assertEqual(started[0], tool)
        self.assertLessEqual(set(started[1:]), {self.newest, self.helm})
        return answer, started[1:]

    def test_what_is_hostile_is_refused_before_kubectl_starts(self):
        """Each says why; nothing connects, nothing outside is read, nothing is started, nothing is left."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            trees = [*remote(listener.getsockname()[1], self.outside), *outside(self.outside), *programs(), *bombs()]
            self.assertGreaterEqual(len({str((files, spec)) for _, files, spec, _ in trees}), 30)
            for name, files, spec, words in trees:
                with self.subTest(name):
                    answer, started = self.rendered(KUSTOMIZATION + spec, "apps", files)
                    self.assertEqual((answer.status, answer.out), (1, ""), answer)
                    self.assertIn(words, answer.err)
                    self.assertEqual(len(answer.err.splitlines()), 1, answer)
                    self.assertEqual(started, [])
            self.assertRaises(BlockingIOError, listener.accept)

    def test_what_is_not_hostile_is_rendered_without_the_users_configuration(self):
        """The watch sees what kubectl does: it is started, and reads what was checked."""
        answer, started = self.rendered(KUSTOMIZATION, "apps", built("resources: [a.yaml]"))
        self.assertEqual((answer.status, started), (0, [self.newest]), answer)

    def test_hostile_charts_are_contained(self):
        """Templates and values are helm's to read, in its closed environment, for a limited time."""
        for name, files, words in charts(self.outside):
            with self.subTest(name):
                chart = {"Chart.yaml": CHART, "values.yaml": "level: low\n", "templates/cm.yaml": TEMPLATE, **files}
                answer, started = self.rendered(RELEASE, "demo", {f"demo/{path}": text for path, text in chart.items()})
                self.assertEqual(answer.status, 0 if words is None else 1, answer)
                self.assertIn(words or "", answer.err)
                self.assertEqual(set(started), set() if name == "chart: a link" else {self.helm})

    def test_schemas_refer_to_nothing_outside(self):
        """The values are not checked then, and a note names the file and what it refers to."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            for name, files in schemas(listener.getsockname()[1], self.outside):
                with self.subTest(name):
                    chart = {"Chart.yaml": CHART, "values.yaml": "level: low\nsub: {a: 1, sub: {a: 1}}\n", "templates/cm.yaml": TEMPLATE, **files}
                    answer, started = self.rendered(RELEASE, "demo", {f"demo/{path}": text for path, text in chart.items()})
                    self.assertEqual((answer.status, set(started)), (0, {self.helm}), answer)
                    self.assertRegex(answer.err, r"the values are not checked: \S+ (references|cannot be read)")
                    self.assertIn("level: low", answer.out)
            self.assertRaises(BlockingIOError, listener.accept)

    def test_schemas_that_refer_to_themselves_are_used(self):
        """What lies in the same file is no reason not to check, whatever the schema is called."""
        for name in ("https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#", "http://json-schema.org/schema#"):
            schema = ('{"$schema": "%s", "$id": "https://example.com/values.json", "properties": {"level": {"$ref": "#/definitions/l"}, '
                      '"$ref": {"type": "string"}}, "definitions": {"l": {"enum": ["high"]}}}') % name
            chart = {"Chart.yaml": CHART, "values.yaml": "level: low\n", "templates/cm.yaml": TEMPLATE, "values.schema.json": schema}
            answer, started = self.rendered(RELEASE, "demo", {f"demo/{path}": text for path, text in chart.items()})
            self.assertEqual((answer.status, set(started)), (1, {self.helm}), answer)
            self.assertIn("value must be 'high'", answer.err)
