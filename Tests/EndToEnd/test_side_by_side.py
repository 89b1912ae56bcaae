"""What `get` and `wait` print beside kubectl 1.36, byte for byte, on the same server.

The calls are those in which both tools mean the same: any format for programs, and tables of kinds that have no columns
of ours. With SIDE_BY_SIDE=1 in the environment it prints every call with what both printed.
"""
import os
import shlex
import subprocess
import sys
import tempfile
import time

import support
from support import Setting, environment, kubeconfig

PRINTS = bool(os.environ.get("SIDE_BY_SIDE"))

# Kinds whose tables are the server's.
PLAIN = ["cm", "deploy", "ns", "svc", "secret", "sa", "crd", "resourcesets", "cm,deploy", "ns,cm", "pods"]
# Every kind, also those that have columns of ours.
ALL = ["ag", "ea", "gitrepo", "ocirepo", "ks", "hr", "cm", "deploy", "ns", "resourcesets", "ag,ea", "ks,cm,ns"]
NAMED = ["ag/podinfo", "ea/podinfo", "ks/mono-api", "hr/podinfo", "cm/legacy-config", "deploy/podinfo", "ns/apps"]


def calls():
    for kind in PLAIN:
        for flags in ("-n apps", "-A", "-n apps -o wide", "-n apps --no-headers", "-n apps --show-labels",
                      "-n apps --show-kind"):
            yield f"get {kind} {flags}"
    for kind in ALL:
        for flags in ("-n apps -o yaml", "-A -o json", "-A -o name", "-n apps -o kyaml"):
            yield f"get {kind} {flags}"
    for name in NAMED:
        for flags in ("-o json", "-o kyaml", "-o name", "-o jsonpath={.metadata.name}", "-o jsonpath-as-json={.metadata}",
                      "-o custom-columns=N:.metadata.name,L:.metadata.labels,X:.nope", "-o yaml --show-managed-fields"):
            yield f"get {name} -n apps {flags}"
    yield from """
get cm -n apps -L app
get cm -n apps -L kustomize.toolkit.fluxcd.io/name,app -L x
get deploy -A -L app
get deploy -A -L app --show-labels
get deploy -A -L app --show-kind --no-headers
get deploy -n apps -l app=podinfo
get deploy -n apps -l app=nobody
get deploy -n apps -l app!=podinfo,app
get deploy -n apps --selector= 
get cm -n apps --field-selector metadata.name=legacy-config
get cm -n apps --field-selector=
get cm -n apps -l 'a b'
get cm -n apps --field-selector data=x
get cm -n apps --sort-by=.metadata.name
get cm -n apps --sort-by=
get deploy -n apps --sort-by=.spec.replicas
get deploy -n apps --sort-by={.metadata.creationTimestamp}
get cm,deploy -n apps --sort-by=.metadata.name -o name
get cm,deploy -n apps --sort-by=.metadata.name
get cm,deploy -n apps --sort-by=.spec.nope
get cm,deploy -n apps --sort-by=.metadata.name -o yaml
get cm -n apps -o jsonpath-as-json={.items[*].metadata.name}
get cm -n apps -o jsonpath-as-json={.items[*].nope}
get cm -n apps -o jsonpath-as-json={.items[0].data}
get cm -n apps -o 'jsonpath-as-json={range .items[*]}{.metadata.name}{"\\n"}{end}'
get cm -n apps -o 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'
get cm -n apps -o jsonpath={.items[0].nope}
get cm -n apps -o jsonpath-as-json
get cm -n apps -o jsonpath
get cm -n apps -o custom-columns
get cm -n apps -o custom-columns=
get cm -n apps -o custom-columns=A:.nope --allow-missing-template-keys=false
get cm -n apps -o custom-columns-file=
get cm -n apps -o custom-columns-file=/nowhere
get cm -n apps -o jsonpath-file=/nowhere
get cm -n apps -o jsonpath-file=
get cm -n apps -o jsonpath-file=FILES/names
get cm/legacy-config deploy/podinfo -n apps -o jsonpath-file=FILES/names
get cm -n apps -o jsonpath-file=FILES/unclosed
get cm -n apps -o jsonpath-file=FILES/empty
get cm,deploy -n apps -o custom-columns-file=FILES/columns
get ag -n apps -o custom-columns-file=FILES/columns --no-headers
get cm -n apps -o custom-columns-file=FILES/empty
get cm -n apps -o custom-columns-file=FILES/names
get cm -n apps -o jsonpath={.items[*].metadata.name} --allow-missing-template-keys=false
get cm -n apps -o jsonpath-file=FILES/nope
get cm -n apps -o jsonpath-file=FILES/nope --allow-missing-template-keys
get cm -n apps -o KYAML
get cm -n apps -o json --show-labels
get cm -n apps -o name --show-labels
get cm -n apps -o jsonpath={.x} --show-labels
get cm -n apps --output-watch-events
get --raw /version
get --raw /version -o json
get --raw /version -l a=b
get --raw /version -w
get --raw /nowhere
get --raw= cm -n apps
get cm --raw /version
get deploy.app -n apps
get deploy.apps -n apps
get deployments.v1.apps -n apps
get deployments.v1.apps/podinfo -n apps
get Deployment/podinfo -n apps
get deployments.v1.app -n apps
get gitrepositories.source -A -o name
get gitrepo.source.toolkit -A -o name
get ag.source -n apps podinfo -o name
get ks.kustomize/mono-api -n apps -o name
get cm.foo
get foo/bar
get foo bar
get foo,cm -n apps
get cm,foo -n apps
get cm/legacy-config foo/x -n apps
get cm nope -n apps
get cm nope -n nowhere
get cm -n nowhere
get cm nope -n apps --ignore-not-found
get cm nope -n apps -w --ignore-not-found
get cm nope -n apps -w
get cm legacy-config nope -n apps
get cm/legacy-config cm/nope deploy/podinfo -n apps
get cm legacy-config nope -n apps -o json --ignore-not-found
get cm/nope -n apps -o yaml --ignore-not-found
get cm legacy-config mono-api-config -n apps -o name
get cm x -n apps -l a=b
get cm -A legacy-config
get ns apps -A
get cm,deploy -n apps -w
get ag -n apps --context= --cluster= --user= --server= --token= -o name
get cm -n apps --as= --as-uid= -o name
get cm -n apps --as nobody
get cm -n apps --as nobody --as-user-extra team=web
wait ag/podinfo -n apps --for=condition=Ready
wait ag/podinfo -n apps --for=condition=ready
wait ag/podinfo -n apps --for=condition=Ready=True
wait ag/podinfo -n apps --for=condition=Ready=true -o json
wait ag/podinfo ag/chained -n apps --for=condition=Ready -o yaml
wait ag podinfo chained -n apps --for=condition=Ready
wait ag/podinfo -n apps --for=condition=Ready=False --timeout=0
wait ag/podinfo -n apps --for=condition=Ready=False --timeout=1s
wait ag/podinfo ag/chained -n apps --for=condition=Ready=False --timeout=1s
wait ag --all -n apps --for=condition=Ready --timeout=0
wait ag --all -n apps --for=create --timeout=1s
wait ag/podinfo -n apps --for=condition=Ready=Unknown --timeout=0
wait ag/podinfo -n apps --for=condition=Nope --timeout=1s
wait ag/nope -n apps --for=condition=Ready --timeout=1s
wait ag/nope ag/podinfo -n apps --for=condition=Ready --timeout=1s
wait ag/nope -n apps --for=delete --timeout=1s
wait ag/podinfo ag/nope -n apps --for=delete --timeout=1s
wait ag/podinfo -n apps --for=delete --timeout=0
wait ag/podinfo -n apps --for=create --timeout=1s
wait ag/nope -n apps --for=create --timeout=1s
wait ag/nope -n apps --for=create --timeout=0
wait ag/podinfo -n nowhere --for=condition=Ready --timeout=1s
wait deploy/podinfo -n apps --for=condition=Available
wait deploy --all -n apps --for=condition=Available --timeout=0
wait deploy -l app=podinfo -n apps --for=condition=Available
wait deploy -l app=nobody -n apps --for=condition=Available --timeout=1s
wait deploy -l app=nobody -n apps --for=delete --timeout=1s
wait ns/default --for=jsonpath={.status.phase}=Active
wait ns/default --for=jsonpath={.status.phase}=active --timeout=0
wait ns/default --for=jsonpath={.status.phase}
wait ns/default --for=jsonpath=.metadata.name=default
wait ag/podinfo -n apps --for=jsonpath={.metadata.nope} --timeout=0
wait ag/podinfo -n apps --for=jsonpath={.metadata.labels}=x --timeout=1s
wait ag/podinfo -n apps --for=jsonpath={.metadata.generation}=1 --timeout=1s
wait ag/podinfo -n apps --for='jsonpath={.status.conditions[?(@.type=="Ready")].status}=True'
wait ag/podinfo -n apps --for=jsonpath=
wait ag/podinfo -n apps --for=jsonpath={.metadata.name}=
wait ag/podinfo -n apps --for=jsonpath={.metadata.name=x
wait foo/podinfo -n apps --for=delete --timeout=1s
""".strip().splitlines()


# What stands in the files that FILES/ leads to.
FILES = {
    "names": "{range .items[*]}{.kind}/{.metadata.name}{\"\\n\"}{end}",
    "nope": "{.items[0].nope}",
    "unclosed": "{.items[0",
    "empty": "",
    "columns": "NAME           LABELS\n.metadata.name .metadata.labels\n",
}


class Kubectl(support.ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.files = folder.name
        for name, text in FILES.items():
            with open(f"{cls.files}/{name}", "w") as file:
                file.write(text)
        cls.newest, _ = support.newest_programs()

    def answers(self, call):
        """Status, standard output and standard error of kubectl and of ours."""
        words = [*shlex.split(call.replace("FILES/", f"{self.files}/")), "--kubeconfig", kubeconfig("admin")]
        # Both at once, so that most ages are the same.
        running = [
            subprocess.Popen([program, *words], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for program in (self.newest, f"{Setting.prefix}/bin/kubectl-artifactgen")]
        results = []
        for process in running:
            out, err = process.communicate(timeout=support.PATIENCE)
            results.append((process.returncode, out.decode(), err.decode()))
        theirs, ours = results
        return theirs, (ours[0], ours[1], without_pointer(ours[2]))

    def test_200_calls_print_what_kubectl_prints(self):
        number = 0
        for number, call in enumerate(calls(), 1):
            with self.subTest(call):
                # Between the two, an age may become a second older; on a slow machine, always.
                for _ in range(5):
                    theirs, ours = self.answers(call)
                    if theirs == ours:
                        break
                else:
                    theirs, ours = ((status, support.ageless(out), err) for status, out, err in (theirs, ours))
                if PRINTS:
                    for tool, (status, out, err) in (("kubectl", theirs), ("kubectl artifactgen", ours)):
                        print(f"$ {tool} {call}\n{out}{err}[{status}]", file=sys.stderr)
                self.assertEqual(theirs, ours)
        self.assertGreaterEqual(number, 200)

    def test_watches_print_what_kubectl_prints(self):
        namespace = self.kubectl("create", "namespace", "side-by-side")
        self.addCleanup(self.kubectl, "delete", "namespace", "side-by-side", "--wait=false")
        self.assertEqual(namespace.status, 0, namespace)
        for flags in ("", "--no-headers", "-o name", "-o yaml", "-o kyaml", "-o json",
                      "-o jsonpath={.metadata.name}", "-o custom-columns=A:.metadata.name",
                      "--output-watch-events", "--output-watch-events -o json", "--output-watch-events -o yaml",
                      "--output-watch-events -o custom-columns=A:.type,B:.object.metadata.name",
                      "--output-watch-events -o jsonpath={.type}", "--output-watch-events --show-kind -L app"):
            with self.subTest(flags):
                self.kubectl("create", "configmap", "first", "-n", "side-by-side")
                watches = [
                    subprocess.Popen(
                        [program, *shlex.split(f"get cm -n side-by-side -w {flags}"), "--kubeconfig",
                         kubeconfig("admin")], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                    for program in (self.newest, f"{Setting.prefix}/bin/kubectl-artifactgen")]
                time.sleep(2)
                self.kubectl("create", "configmap", "second", "-n", "side-by-side")
                self.kubectl("label", "configmap", "second", "app=web", "-n", "side-by-side")
                self.kubectl("delete", "configmap", "second", "-n", "side-by-side")
                time.sleep(1)
                for watch in watches:
                    watch.terminate()
                theirs, ours = (watch.communicate()[0].decode() for watch in watches)
                self.assertEqual(support.ageless(theirs), support.ageless(ours))
                self.kubectl("delete", "configmap", "first", "-n", "side-by-side")


def without_pointer(err):
    """Without the line that names our help, which kubectl has for flags that it does not know only."""
    lines = err.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("See 'kubectl artifactgen"))
