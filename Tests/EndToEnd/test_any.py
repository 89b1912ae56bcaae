"""`get` of any kind, beside kubectl's on the same server: the same words must give the same bytes."""
import concurrent.futures
import os
import re
import signal
import subprocess
import time

import support
from support import kubeconfig

TOOL = "kubectl-artifactgen"

# Ages grow between two commands; so do the blanks behind them.
AGE = re.compile(r"\b(\d+[smhdy]){1,2}\b *")

TABLES = """
configmaps -n apps
cm -A
configmap -n apps --no-headers
deploy -n apps
deployments.apps -A -o wide
deployments.v1.apps -n apps
nodes
ns
ns apps
ns/apps ns/default
crd
clusterroles --no-headers
clusterrolebindings
events -n apps
svc -A -o wide
resourcesets,rsip -A
flowschemas
fluxreports -A
cm,deploy -n apps
cm,cm -n apps
crd,ns
cm,deploy -A --no-headers
cm,secrets -n tenant-a
cm/frontend-config -n apps
cm/frontend-config deploy/podinfo -n apps
cm frontend-config legacy-config -n apps
deploy -n apps -l app=podinfo
deploy -n apps -l app!=podinfo
deploy -n apps --field-selector metadata.name=podinfo
deploy -n apps --show-labels
cm,deploy -A --show-labels
cm -n apps -o wide --show-labels
cm -n no-such-namespace
cm,deploy -n no-such-namespace
cm absent -n apps --ignore-not-found
cm absent frontend-config -n apps --ignore-not-found
cm -n no-such-namespace --ignore-not-found
nodes -A
deploy -A --sort-by .metadata.name
deploy -A --sort-by {.spec.replicas}
deploy -A --sort-by .metadata.creationTimestamp
deploy -A --sort-by .metadata.labels.app
deploy -A --sort-by .spec.template.spec.containers[0].image
""".strip().splitlines()

DOCUMENTS = """
deploy podinfo -n apps -o yaml
deploy podinfo -n apps -o json
deploy podinfo -n apps -o json --show-managed-fields
deploy -n apps -o name
cm/frontend-config deploy/podinfo -n apps -o yaml
cm/frontend-config deploy/podinfo -n apps -o json
cm/frontend-config deploy/podinfo -n apps -o name
ag,cm -n apps -o yaml
crd artifactgenerators.source.extensions.fluxcd.io -o yaml
clusterrole cluster-admin -o yaml
gitrepositories -A -o json
nodes -o yaml
deploy -n no-such-namespace -o json
deploy -A --sort-by .spec.replicas -o name
ag -A --sort-by .metadata.name -o name
--raw /version
--raw /apis
--raw /api/v1/namespaces/apps/configmaps?limit=1
""".strip().splitlines()

COLUMNS = """
NAME:.metadata.name,REPLICAS:.spec.replicas
NAME:metadata.name,LABELS:{.metadata.labels}
NAME:.metadata.name,CONTAINERS:.spec.template.spec.containers[*].name
NAME:.metadata.name,CONTAINERS:.spec.template.spec.containers
NAME:.metadata.name,NONE:.no.such.field
NAME:.metadata.name,EMPTY:
NAME:.metadata.name,READY:.status.conditions[?(@.type=="Available")].status
NAME:.metadata.name,ALL:.metadata..name
""".strip().splitlines()

TEMPLATES = [
    "text",
    "text {.kind} more",
    "é {.kind} 日本",
    "{}", "{@}", "{$}", "{.kind}", "$.kind", "{ .kind }",
    "{.no.such.field}",
    "{.metadata}",
    "{.items}",
    "{.items[0].metadata.name}", "{.items[-1].metadata.name}", "{.items[0,1].metadata.name}",
    "{.items[0:2].metadata.name}", "{.items[-2:].metadata.name}", "{.items[::2].metadata.name}",
    "{.items[*].metadata.name}", "{.items..metadata.name}", "{..image}",
    "{.items[0].metadata.labels}",
    "{.items[0].spec.template.spec.containers}",
    "{.items[0].spec.template.metadata.creationTimestamp}",
    "{.items[0].metadata['name','namespace']}", "{.items[0]['metadata']['name']}",
    r"{.items[*].metadata.labels.app\.kubernetes\.io/managed-by}",
    "{.items[*].spec.replicas}",
    "{.items[*].metadata.managedFields[0].manager}",
    "{.items[?(@.metadata.name=='podinfo')].spec.replicas}",
    '{.items[?(@.metadata.name!="podinfo")].metadata.name}',
    "{.items[?(@.spec.replicas>1)].metadata.name}", "{.items[?(@.spec.replicas<=2)].metadata.name}",
    '{.items[?(@.metadata.name<"n")].metadata.name}',
    "{.items[?(@.status.none)].metadata.name}", "{.items[?(@.metadata.labels.app)].metadata.name}",
    "{.items[?(@.status.readyReplicas==@.spec.replicas)].metadata.name}",
    '{.items[?(@.metadata.name=="podinfo")].status.conditions[?(@.type=="Available")].status}',
    r'{range .items[*]}{.metadata.name}{"\t"}{.spec.replicas}{"\n"}{end}',
    "{range .items[*]}{.metadata.name}: {range .status.conditions[*]}{.type}={.status};{end}|{end}",
    "{range .items[*]}{.metadata.name}{end}{range .items[*]}{.kind}{end}",
    "{range .none[*]}x{end}", "{range .items[0,1]}{.kind}{end}",
    '{"a"}{1}{-2}{2.5}{true}', r'{"\u00e9\x41\t\"q\""}', "{'x y'}",
]

# Refused by the server, or for what the server has: in its words.
REFUSED = """
cm absent -n apps
cm absent -n no-such-namespace
cm frontend-config absent legacy-config -n apps
cm/absent deploy/podinfo -n apps
cm absent -n apps -w
cm -n apps -l a=(b
cm -n apps --field-selector nonsense
deploy,nosuch -n apps
nosuch -A
nosuch -l a=b
nosuch/x
--raw /nosuch
--raw /api/v1/namespaces/nosuch
""".strip().splitlines()

# For these kubectl prints more than we do: our text is the beginning of its first line.
REFUSED_TEMPLATES = {
    "{.items[99]}": 'error: error executing jsonpath "{.items[99]}": array index out of bounds: index 99, length ',
    "{.kind[0]}": 'error: error executing jsonpath "{.kind[0]}": string is not array or slice',
    "{.items[2:1]}": 'error: error executing jsonpath "{.items[2:1]}": starting index 2 is greater than ending index 1',
}


def comparable(table):
    """Our tables never end a line in blanks; kubectl's do when the last cells are empty.

    How wide the column of ages is depends on the second: 99s, 100s."""
    return [re.sub(r"\bAGE +", "AGE ", AGE.sub("AGE ", line)).rstrip() for line in table.splitlines()]


class AnyKind(support.ClusterCase):
    def both(self, *arguments, config="admin"):
        theirs = self.kubectl("get", *arguments, config=config)
        ours = support.run(TOOL, "get", *arguments, "--kubeconfig", kubeconfig(config))
        return theirs, ours

    def same(self, commands, config="admin", form=str):
        """Commands as lists of words, or as lines of words."""
        commands = [each.split() if isinstance(each, str) else each for each in commands]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda words: self.both(*words, config=config), commands))
        for words, (theirs, ours) in zip(commands, answers):
            with self.subTest(words):
                self.assertEqual(form(ours.out), form(theirs.out), ours)
                self.assertEqual((ours.status, ours.err), (theirs.status, theirs.err), ours)

    def test_tables_are_those_of_kubectl(self):
        self.same(TABLES, form=comparable)

    def test_documents_are_those_of_kubectl(self):
        self.same(DOCUMENTS)

    def test_templates_are_those_of_kubectl(self):
        self.same([["deploy", "-n", "apps", "-o", f"jsonpath={template}"] for template in TEMPLATES])

    def test_templates_of_one_object(self):
        templates = ("{.metadata.name}", "{.spec}", "{.items}", "{.metadata.managedFields[*].manager}")
        self.same([["deploy", "podinfo", "-n", "apps", "-o", f"jsonpath={each}"] for each in templates])

    def test_templates_of_flux_kinds(self):
        templates = ("{.items[*].metadata.name}", "{.items[*].spec}", "{.items[*].status.inventory[*].digest}")
        self.same([["ag", "-n", "apps", "-o", f"jsonpath={each}"] for each in templates])

    def test_columns_are_those_of_kubectl(self):
        scopes = (["deploy", "-n", "apps"], ["ag,cm", "-n", "apps"], ["cm", "-n", "no-such-namespace"])
        options = [["-o", f"custom-columns={columns}"] for columns in COLUMNS]
        commands = [[*scope, *option] for scope in scopes for option in options]
        commands += [[*scopes[0], *options[0], *more] for more in (["--no-headers"], ["--sort-by", ".spec.replicas"])]
        self.same(commands, form=comparable)

    def test_refusals_are_those_of_kubectl(self):
        self.same(REFUSED, form=comparable)

    def test_refusals_of_people(self):
        self.same(
            ["cm -n apps", "cm frontend-config -n apps", "deploy,cm -A", "--raw /api/v1/secrets"], config="nobody")
        self.same(["secrets -A"], config="restricted")
        self.same(["cm -n apps"], config="badtoken")

    def test_templates_are_refused_as_by_kubectl(self):
        for template, text in REFUSED_TEMPLATES.items():
            with self.subTest(template):
                theirs, ours = self.both("deploy", "-n", "apps", "-o", f"jsonpath={template}")
                self.assertEqual((theirs.status, ours.status, ours.out), (1, 1, ""), ours)
                self.assertTrue(ours.err.startswith(text) and len(ours.err.splitlines()) == 1, ours)
                self.assertIn(text.split('": ')[1], theirs.err)

    def test_order_of_a_field_that_nothing_has(self):
        """kubectl prints nothing and succeeds."""
        line = self.fails_in_one_line(TOOL, "get", "cm", "-A", "--sort-by", ".no.such", "--kubeconfig", kubeconfig("admin"))
        self.assertEqual(line, 'error: couldn\'t find any field with path "{.no.such}" in the list of objects')

    def test_order_of_texts_and_quantities(self):
        import yaml

        # Each list has one order only: where a text meets a quantity, kubectl's comparison is none.
        values = {"quantity": ["10", "2", "1k", "100m", "1Ki", "-5", "007", "0.5", "2Gi"],
                  "text": ["a10", "a2", "v1.10", "v1.9", "B", "b", "", "1.2.3", "\u00e9"]}
        maps = [{"apiVersion": "v1", "kind": "ConfigMap", "data": {"x": value},
                 "metadata": {"name": f"{kind}-{index}", "namespace": "sorting", "labels": {"of": kind}}}
                for kind, listed in values.items() for index, value in enumerate(listed)]
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "sorting"}}
        path = self.written(yaml.safe_dump_all([namespace, *maps]))
        self.assertEqual(self.kubectl("create", "-f", path).status, 0)
        self.addCleanup(self.kubectl, "delete", "--wait=false", "-f", path)
        self.same([f"cm -n sorting -l of={kind} --sort-by .data.x -o {form}" for kind in values
                   for form in ("name", "custom-columns=X:.data.x")])

    def test_name_comes_before_kind(self):
        """A word alone is a name where something has it; kubectl knows no such short form."""
        answer = self.kubectl("artifactgen", "get", "podinfo", "-n", "apps", "-o", "name")
        self.assertEqual(answer.out, "artifactgenerator.source.extensions.fluxcd.io/podinfo\n", answer)
        answer = self.kubectl("artifactgen", "get", "fluxreports", "-n", "flux-system", "-o", "name")
        self.assertEqual(answer.out, "fluxreport.fluxcd.controlplane.io/flux\n", answer)

    def test_order_of_texts(self):
        """Quantities by value, everything else by bytes."""
        values = ["10", "9", "1k", "100m", "2", "abc", "Abc", "1e3", "1Gi", "5Mi", "a2", "a10", "-1", "B", "1.5", "x-2", "x-10"]
        for number, value in enumerate(values):
            name = f"order-{number}"
            self.kubectl("create", "configmap", name, "-n", "tenant-a")
            self.addCleanup(self.kubectl, "delete", "configmap", name, "-n", "tenant-a")
            self.kubectl("annotate", "configmap", name, f"value={value}", "-n", "tenant-a")
            self.kubectl("label", "configmap", name, "ordered=yes", "-n", "tenant-a")
        fields = (".metadata.annotations.value", ".metadata.name")
        self.same([["cm", "-n", "tenant-a", "-l", "ordered=yes", "-o", "name", "--sort-by", field] for field in fields])

    def test_watch(self):
        """The first lines and those of three changes, beside kubectl's."""
        for name in ("first-of-two", "second"):
            self.kubectl("create", "configmap", name, "-n", "tenant-a")
            self.addCleanup(self.kubectl, "delete", "configmap", name, "-n", "tenant-a")
            self.kubectl("label", "configmap", name, "watched=yes", "-n", "tenant-a")
        selected = ["cm", "-l", "watched=yes"]
        forms = [
            ["cm", "second"], ["cm", "--field-selector", "metadata.name=second"],
            selected, [*selected, "--no-headers"], [*selected, "--show-labels"], [*selected, "-o", "wide"], [*selected, "-o", "name"],
            [*selected, "-o", "custom-columns=N:.metadata.name,L:.metadata.labels.round"],
            [*selected, "-o", r'jsonpath={.metadata.name}{"\n"}'], [*selected, "--sort-by", ".metadata.name", "-o", "name"],
        ]
        programs = [support.Setting.kubectl, f"{support.Setting.prefix}/bin/{TOOL}"]
        processes = []
        for form in forms:
            for program in programs:
                command = [program, "get", *form, "-n", "tenant-a", "-w", "--kubeconfig", kubeconfig("admin")]
                process = subprocess.Popen(
                    command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=support.environment())
                self.addCleanup(process.stdout.close)
                self.addCleanup(process.stderr.close)
                self.addCleanup(process.wait)
                self.addCleanup(process.kill)
                line = support.line(process)
                while b"second" not in line:
                    line += support.line(process)
                processes.append((form, process, [line]))
        for value in ("one", "two", "last"):
            self.kubectl("label", "--overwrite", "configmap", "second", f"round={value}", "-n", "tenant-a")
            for _, process, lines in processes:
                lines.append(support.line(process))
        for (form, _, theirs), (_, process, ours) in zip(processes[::2], processes[1::2]):
            with self.subTest(form):
                self.assertEqual(comparable(b"".join(ours).decode()), comparable(b"".join(theirs).decode()))
                began = time.monotonic()
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(), 130)
                self.assertLess(time.monotonic() - began, 1)

    def test_refused_watches(self):
        """kubectl prints the objects before it refuses to watch several."""
        for words, text in {
            ("cm,deploy",): "you may only specify a single resource type",
            ("cm", "frontend-config", "legacy-config"): "you may only watch a single resource or type of resource at a time",
        }.items():
            with self.subTest(words):
                theirs, ours = self.both(*words, "-n", "apps", "-w")
                self.assertEqual(theirs.err, f"error: {text}\n")
                self.assertEqual((ours.status, ours.out), (1, ""), ours)
                self.assertTrue(ours.err.startswith(f"error: {text}\n"), ours)

    def test_discovery_is_remembered_for_the_user_alone(self):
        home = self.temporary()
        self.succeeds(TOOL, "get", "fluxreports", "-A", "--kubeconfig", kubeconfig("admin"), HOME=home)
        listing = subprocess.run(["find", home, "-type", "f", "-printf", "%m %p\n"], capture_output=True, text=True)
        modes = {line.split()[0] for line in listing.stdout.splitlines()}
        self.assertEqual(modes, {"600"}, listing.stdout)
        self.assertFalse(os.path.exists(f"{home}/.kube/cache"), "that folder is kubectl's")

    def test_discovery_is_remembered_where_one_says(self):
        home, folder = self.temporary(), self.temporary()
        words = [TOOL, "get", "fluxreports", "-A", "-v=6", "--cache-dir", f"{folder}/new", "--kubeconfig", kubeconfig("admin")]
        self.assertIn("/apis/apps/v1?", self.succeeds(*words, HOME=home).err)
        self.assertNotIn("/apis/apps/v1?", self.succeeds(*words, HOME=home).err)
        self.assertEqual(len(os.listdir(f"{folder}/new")), 1)
        self.assertEqual(os.listdir(home), [])
