#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A cluster whose sources and artifacts are really served, for tests of fetching: run it in a namespace of its own.

usage: unshare -rn bed.py FOLDER

On an address that is no loopback address, because kube-apiserver passes nothing on to such: nginx with the artifacts
behind Service source-controller, `misbehaving.py` behind Service odd, and behind Service hole a listener that answers no
connection. Node node-a is the stand-in for a kubelet, which forwards ports to the same address. Prints the run directory
of the cluster when all is there, and ends with its standard input. FOLDER/www is what nginx serves; FOLDER/nginx.log,
FOLDER/odd.log and FOLDER/kubelet.log tell who asked for what.
"""
import gzip
import hashlib
import io
import json
import os
import random
import socket
import subprocess
import sys
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, f"{HERE}/../../cluster"]

import cluster  # noqa: E402
import fixtures  # noqa: E402
import hostile  # noqa: E402

ADDRESS = "10.90.0.2"
SOURCE, FLUX = "source.toolkit.fluxcd.io/v1", "flux-system"


def archive(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data, mode in files:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), mode
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(buffer.getvalue(), 6, mtime=0)


def contents():
    yield "web.tar.gz", archive([("app.yaml", b"kind: ConfigMap\n", 0o600), ("bin/run", b"\x7fELF\x00\x01\xff", 0o700)])
    yield "big.tar.gz", archive([("random", random.Random(1).randbytes(3 << 20), 0o600)])
    yield "index.yaml", b"apiVersion: v1\nentries: {}\n"
    for name, data, _ in hostile.archives():
        yield f"hostile/{name}.tgz", data() if callable(data) else data


def artifact(service, path, data, **changes):
    url = f"http://{service}.{FLUX}.svc.cluster.local./{path}"
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return {"path": path, "url": url, "digest": digest, "size": len(data), "revision": f"v1@{digest}",
            "lastUpdateTime": "2026-11-20T10:15:30Z", **changes}


def served(www):
    """Kind, name and artifact of each object."""
    def read(name):
        with open(f"{www}/{name}", "rb") as file:
            return file.read()
    web, big = read("web.tar.gz"), read("big.tar.gz")
    yield "ExternalArtifact", "web", artifact("source-controller", "web.tar.gz", web)
    yield "ExternalArtifact", "big", artifact("source-controller", "big.tar.gz", big)
    yield "GitRepository", "mono", artifact("source-controller", "web.tar.gz", web)
    yield "HelmRepository", "charts", artifact("source-controller", "index.yaml", read("index.yaml"))
    yield "ExternalArtifact", "hole", artifact("hole", "web.tar.gz", web)
    yield "ExternalArtifact", "absent", artifact("absent", "web.tar.gz", web)
    yield "ExternalArtifact", "gone", artifact("source-controller", "gone.tar.gz", web)
    yield "ExternalArtifact", "sha512", artifact(
        "source-controller", "web.tar.gz", web, digest=f"sha512:{hashlib.sha512(web).hexdigest()}")
    yield "ExternalArtifact", "blake3", artifact("source-controller", "web.tar.gz", web, digest=f"blake3:{'0' * 64}")
    yield "ExternalArtifact", "wrong-digest", artifact("source-controller", "web.tar.gz", web, digest=f"sha256:{'0' * 64}")
    yield "ExternalArtifact", "too-long", artifact("source-controller", "web.tar.gz", web, size=len(web) - 1)
    yield "ExternalArtifact", "too-short", artifact("source-controller", "web.tar.gz", web, size=len(web) + 1)
    yield "ExternalArtifact", "direct", artifact(
        "source-controller", "web.tar.gz", web, url=f"http://{ADDRESS}:9090/web.tar.gz")
    yield "ExternalArtifact", "leads-up", artifact(
        "source-controller", "x", web,
        url=f"http://source-controller.{FLUX}/../../../../../../api/v1/namespaces/apps/secrets/token")
    for path in ("cut", "reset", "stall", "silent", "redirect", "missing", "chunked", "unsized", "lie", "longer"):
        yield "ExternalArtifact", f"odd-{path}", artifact("odd", path, big)
    for name, _, _ in hostile.archives():
        path = f"hostile/{name}.tgz"
        yield "ExternalArtifact", f"hostile-{name}", artifact("source-controller", path, read(path))


def service(name, app, port, endpoints=None):
    pod = f"{app}-0"
    yield {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": FLUX}, "spec": {
        "selector": {"app": app}, "ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": "http"}]}}
    yield {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod, "namespace": FLUX, "labels": {"app": app}},
           "spec": {"nodeName": "node-a", "containers": [
               {"name": "manager", "image": "x", "ports": [{"name": "http", "containerPort": port, "protocol": "TCP"}]}]},
           "status": {"phase": "Running", "podIP": ADDRESS, "podIPs": [{"ip": ADDRESS}],
                      "conditions": [{"type": "Ready", "status": "True"}]}}
    target = {"kind": "Pod", "name": pod, "namespace": FLUX}
    yield {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": name, "namespace": FLUX}, "subsets": [
        {"addresses": [{"ip": ADDRESS, "targetRef": target}], "ports": [{"name": "http", "port": endpoints or port, "protocol": "TCP"}]}]}


def reader():
    """A user who may read the objects, and nothing that leads to their content."""
    rule = {"apiGroups": ["source.toolkit.fluxcd.io"], "resources": ["*"], "verbs": ["get", "list"]}
    meta, kind = {"name": "reader"}, "rbac.authorization.k8s.io"
    yield {"apiVersion": f"{kind}/v1", "kind": "ClusterRole", "metadata": meta, "rules": [rule]}
    yield {"apiVersion": f"{kind}/v1", "kind": "ClusterRoleBinding", "metadata": meta,
           "roleRef": {"apiGroup": kind, "kind": "ClusterRole", "name": "reader"},
           "subjects": [{"kind": "User", "name": "reader", "apiGroup": kind}]}


def infrastructure(kubelet_port):
    """What all artifacts need: namespaces, the node and who serves."""
    for name in (FLUX, "apps"):
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    yield {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-a"}, "status": {
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": kubelet_port}}}}
    yield from service("source-controller", "source-controller", 9090)


def objects(www, kubelet_port):
    yield from infrastructure(kubelet_port)
    yield from service("odd", "odd", 9091)
    yield from service("hole", "hole", 9090, endpoints=9092)
    yield from reader()
    yield {"apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
           "metadata": {"name": "gen", "namespace": "apps"}, "spec": {
               "sources": [{"alias": "repo", "kind": "GitRepository", "name": "mono"}],
               "artifacts": [{"name": "made", "copy": [{"from": "@repo/**", "to": "@artifact/"}]}]}}
    generator = {"apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator", "name": "gen"}
    release = {"apiVersion": "example.com/v1", "kind": "Release", "name": "packed"}
    for name, publisher in (("made", generator), ("packed", release)):
        yield {"apiVersion": SOURCE, "kind": "ExternalArtifact", "metadata": {"name": name, "namespace": "apps"},
               "spec": {"sourceRef": {**publisher, "namespace": "apps"}}}
    for kind, name, status in served(www):
        spec = {"interval": "1m", "url": "https://example.com"} if kind != "ExternalArtifact" else {
            "sourceRef": {"apiVersion": "example.com/v1", "kind": "Release", "name": name, "namespace": "apps"}}
        yield {"apiVersion": SOURCE, "kind": kind, "metadata": {"name": name, "namespace": "apps"}, "spec": spec,
               "status": {"artifact": status, "conditions": []}}


def load(api, all_objects):
    resources = fixtures.Resources(api)
    for document in all_objects:
        path = resources.path(document)
        status = document.pop("status", None)
        if document["kind"] == "Node":
            document["status"] = status
        api.expect([200, 201], "PATCH", f"{path}?fieldManager=bed&force=true", document, fixtures.APPLY)
        if status:
            api.expect([200], "PATCH", f"{path}/status", {"status": status}, fixtures.MERGE)


NGINX = """
daemon off;
user root;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log {folder}/nginx.log;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  types {{ application/gzip gz tgz; }}
  server {{ listen {address}:9090; root {folder}/www; }}
}}
"""


def start(folder, children):
    """Starts the servers; the port of the kubelet."""
    def child(command, log):
        with open(f"{folder}/{log}", "w") as errors:
            children.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True))
        return children[-1]

    with open(f"{folder}/nginx.conf", "w") as file:
        file.write(NGINX.format(folder=folder, address=ADDRESS))
    child(["nginx", "-c", f"{folder}/nginx.conf", "-e", f"{folder}/nginx.err"], "nginx.err")
    with open(f"{folder}/odd.log", "w") as log:
        command = [sys.executable, f"{HERE}/misbehaving.py", f"{ADDRESS}:9091", f"{folder}/www/big.tar.gz"]
        children.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", "/CN=node",
         "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"], check=True, capture_output=True)
    kubelet = child(
        [sys.executable, f"{HERE}/kubelet.py", "--listen", "127.0.0.1:0", "--cert", f"{folder}/cert.pem",
         "--key", f"{folder}/key.pem", "--target", ADDRESS], "kubelet.log")
    return int(kubelet.stdout.readline())


def black_hole():
    """A listener that is full: whoever connects gets no answer."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((ADDRESS, 9092))
    listener.listen(0)
    held = [listener]
    for _ in range(4):
        held.append(socket.socket())
        held[-1].setblocking(False)
        held[-1].connect_ex((ADDRESS, 9092))
    return held


def bring_up_addresses():
    for command in ("ip link set lo up", f"ip addr add {ADDRESS}/32 dev lo"):
        subprocess.run(command.split(), check=True)


def main():
    folder = os.path.abspath(sys.argv[1])
    bring_up_addresses()
    for name, data in contents():
        os.makedirs(os.path.dirname(f"{folder}/www/{name}"), exist_ok=True)
        with open(f"{folder}/www/{name}", "wb") as file:
            file.write(data)
    children, run_dir, held = [], None, black_hole()
    try:
        port = start(folder, children)
        run_dir = cluster.start(load=False)
        api = fixtures.API(run_dir)
        fixtures.load_definitions(api)
        load(api, objects(f"{folder}/www", port))
        print(json.dumps(run_dir), flush=True)
        sys.stdin.read()
    finally:
        for each in children:
            each.terminate()
        if run_dir:
            cluster.stop(run_dir)
        for each in held:
            each.close()


if __name__ == "__main__":
    main()
