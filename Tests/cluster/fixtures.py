"""Fills the test cluster: our CRDs, the objects of Tests/Fixtures/cluster, and any number of objects for load tests."""
import http.client
import json
import os
import queue
import re
import ssl
import threading
import time
import urllib.parse
from hashlib import sha1, sha256

import yaml  # the package python3-yaml; it is why these scripts name /usr/bin/python3

FIXTURES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Fixtures", "cluster")
APPLY, MERGE = "application/apply-patch+yaml", "application/merge-patch+json"
GENERATORS = "source.extensions.fluxcd.io/v1beta1"
SOURCES = "source.toolkit.fluxcd.io/v1"

# Who writes an object and who writes its status in a real cluster: `managedFields` shows it, and tools read that.
OWNERS = {"ExternalArtifact": "source-watcher", "ArtifactGenerator": "kustomize-controller", "Deployment": "kustomize-controller"}
STATUS_OWNERS = {
    "ArtifactGenerator": "source-watcher",
    "ExternalArtifact": "source-watcher",
    "Kustomization": "kustomize-controller",
    "HelmRelease": "helm-controller",
    "Deployment": "kube-controller-manager",
}


class LoadError(Exception):
    """What the server did not accept."""


class API:
    """The server of a run directory, as its administrator, over one connection."""

    def __init__(self, run_dir):
        with open(f"{run_dir}/port") as file:
            port = int(file.read())
        trust = ssl.create_default_context(cafile=f"{run_dir}/pki/ca.crt")
        trust.load_cert_chain(f"{run_dir}/pki/admin.crt", f"{run_dir}/pki/admin.key")
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, context=trust, timeout=60)

    def request(self, method, path, body=None, content_type="application/json"):
        """The status code and the decoded body of the answer (None when it is no JSON)."""
        text = None if body is None else json.dumps(body)
        self.connection.request(method, path, text, {"Content-Type": content_type, "User-Agent": "fixtures"})
        answer = self.connection.getresponse()
        data = answer.read()
        try:
            return answer.status, json.loads(data)
        except ValueError:
            return answer.status, None

    def expect(self, statuses, method, path, body=None, content_type="application/json"):
        status, answer = self.request(method, path, body, content_type)
        if status not in statuses:
            raise LoadError(f"{method} {path}: {status} {(answer or {}).get('message', '')}")
        return answer

    def ready(self):
        try:
            return self.request("GET", "/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            self.connection.close()


def _documents(*pattern):
    folder = os.path.join(FIXTURES, *pattern[:-1])
    for name in sorted(os.listdir(folder)):
        if name.endswith(pattern[-1]):
            with open(os.path.join(folder, name)) as file:
                yield from (document for document in yaml.safe_load_all(file) if document)


def _established(api, name):
    definition = api.expect([200], "GET", f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}")
    return any(c["type"] == "Established" and c["status"] == "True" for c in definition["status"].get("conditions", []))


def _until(what, condition, patience=30):
    until = time.monotonic() + patience
    while not condition():
        if time.monotonic() > until:
            raise LoadError(f"{what}: not so after {patience} s")
        time.sleep(0.05)


def load_definitions(api):
    names = []
    for definition in _documents("crds", ".yaml"):
        names.append(definition["metadata"]["name"])
        path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{names[-1]}?fieldManager=fixtures&force=true"
        api.expect([200, 201], "PATCH", path, definition, APPLY)
    for name in names:
        _until(f"{name} is established", lambda: _established(api, name))


class Resources:
    """Kind to path, as the server's discovery tells it."""

    def __init__(self, api):
        self.api = api
        self.known = {}

    def _find(self, api_version, kind):
        base = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
        for resource in (self.api.request("GET", base)[1] or {}).get("resources", []):
            if "/" not in resource["name"]:
                self.known[api_version, resource["kind"]] = (base, resource["name"], resource["namespaced"])
        return (api_version, kind) in self.known

    def path(self, document):
        key = document["apiVersion"], document["kind"]
        # Discovery lags behind the CRD's own condition for a moment.
        _until(f"{key} is served", lambda: key in self.known or self._find(*key))
        base, plural, namespaced = self.known[key]
        namespace = f"/namespaces/{document['metadata']['namespace']}" if namespaced else ""
        return f"{base}{namespace}/{plural}/{urllib.parse.quote(document['metadata']['name'], safe=':')}"


def load(api):
    """Applies the definitions and objects of Tests/Fixtures/cluster."""
    load_definitions(api)
    load_objects(api, "objects")


def load_objects(api, folder):
    """Applies the objects of a folder of Tests/Fixtures/cluster, with their status.

    In an object, `${UID:name}` stands for the UID that the server gave to the ArtifactGenerator `name` of the same
    namespace: the label by which an ExternalArtifact names its generator.
    """
    resources = Resources(api)
    uids = {}
    for document in _documents(folder, ".yaml"):
        metadata = document["metadata"]
        namespace = metadata.get("namespace")
        document = json.loads(
            re.sub(r"\$\{UID:([^}]+)\}", lambda found: uids[namespace, found[1]], json.dumps(document))
        )
        status, kind = document.pop("status", None), document["kind"]
        path = resources.path(document)
        owner = OWNERS.get(kind, "fixtures")
        made = api.expect([200, 201], "PATCH", f"{path}?fieldManager={owner}&force=true", document, APPLY)
        if kind == "ArtifactGenerator":
            uids[namespace, metadata["name"]] = made["metadata"]["uid"]
        if status:
            name = {key: metadata[key] for key in ("name", "namespace") if key in metadata}
            body = {"apiVersion": document["apiVersion"], "kind": kind, "metadata": name, "status": status}
            owner = STATUS_OWNERS.get(kind, "fixtures")
            api.expect([200], "PATCH", f"{path}/status?fieldManager={owner}&force=true", body, APPLY)


def unload_objects(api, folder):
    """Removes what `load_objects` applied, except namespaces, which nobody here would bring to their end."""
    resources = Resources(api)
    for document in _documents(folder, ".yaml"):
        if document["kind"] != "Namespace":
            api.expect([200, 404], "DELETE", resources.path(document))


def _condition(kind, status, reason, message):
    return {
        "type": kind, "status": status, "reason": reason, "message": message,
        "lastTransitionTime": "2026-11-20T10:15:30Z", "observedGeneration": 1,
    }


def _bulk_conditions(index, name):
    """Of 50 generators 1 is stalled, 5 fail, the others are ready."""
    if index % 50 == 7:
        text = "duplicate source alias 'repo' found"
        return [_condition("Stalled", "True", "ValidationFailed", text), _condition("Ready", "False", "ValidationFailed", text)]
    if index % 10 == 3:
        text = f"{name} build failed: no files match pattern 'apps/{name}/**' in source 'repo'"
        progress = _condition("Reconciling", "True", "ProgressingWithRetry", "Reconciliation in progress")
        return [progress, _condition("Ready", "False", "BuildFailed", text)]
    return [_condition("Ready", "True", "Succeeded", "reconciliation succeeded, generated 1 artifact(s)")]


def _bulk_pair(api, index, namespace):
    name = f"gen-{index:06d}"
    digest = "sha256:" + sha256(name.encode()).hexdigest()
    filename = f"{int(digest[7:15], 16)}.tar.gz"
    place = {"name": name, "namespace": namespace}
    generator = {
        "apiVersion": GENERATORS, "kind": "ArtifactGenerator",
        "metadata": {**place, "labels": {"team": f"team-{index % 17}"}},
        "spec": {
            "sources": [{"alias": "repo", "kind": "GitRepository", "name": "monorepo", "namespace": "apps"}],
            "artifacts": [{"name": name, "copy": [{"from": f"@repo/apps/{name}/**", "to": "@artifact/"}]}],
        },
    }
    if index % 25 == 9:
        generator["metadata"]["annotations"] = {"source.extensions.fluxcd.io/reconcile": "disabled"}
    path = f"/apis/{GENERATORS}/namespaces/{namespace}/artifactgenerators/{name}"
    made = api.expect([200, 201], "PATCH", f"{path}?fieldManager=fixtures&force=true", generator, APPLY)
    status = {
        "conditions": _bulk_conditions(index, name), "observedSourcesDigest": digest,
        "inventory": [{**place, "digest": digest, "filename": filename}],
    }
    api.expect([200], "PATCH", f"{path}/status?fieldManager=source-watcher", {"status": status}, MERGE)

    artifact = {
        "apiVersion": SOURCES, "kind": "ExternalArtifact",
        "metadata": {**place, "labels": {
            "app.kubernetes.io/managed-by": "source-watcher",
            "source.extensions.fluxcd.io/generator": made["metadata"]["uid"],
        }},
        "spec": {"sourceRef": {"apiVersion": GENERATORS, "kind": "ArtifactGenerator", **place}},
    }
    path = f"/apis/{SOURCES}/namespaces/{namespace}/externalartifacts/{name}"
    api.expect([200, 201], "PATCH", f"{path}?fieldManager=source-watcher&force=true", artifact, APPLY)
    file = f"externalartifact/{namespace}/{name}/{filename}"
    status = {
        "artifact": {
            "path": file, "url": f"http://source-watcher.flux-system.svc.cluster.local./{file}",
            "revision": f"main@sha1:{sha1(name.encode()).hexdigest()}", "digest": digest, "size": 2048 + index,
            "lastUpdateTime": "2026-11-20T10:15:30Z",
        },
        "conditions": [_condition("Ready", "True", "Succeeded", "Artifact is ready")],
    }
    api.expect([200], "PATCH", f"{path}/status?fieldManager=source-watcher", {"status": status}, MERGE)


def bulk_load(connect, count, namespace=None):
    """Makes `count` generators with one artifact each, in `namespace` or spread over scale-0 to scale-9."""
    namespaces = [namespace] if namespace else [f"scale-{index}" for index in range(10)]
    api = connect()
    for name in namespaces:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        api.expect([201, 409], "POST", "/api/v1/namespaces", body)
    indices, failures = queue.SimpleQueue(), []
    for index in range(count):
        indices.put(index)

    def work():
        own = connect()
        try:
            while not failures:
                index = indices.get_nowait()
                _bulk_pair(own, index, namespaces[index % len(namespaces)])
        except queue.Empty:
            pass
        except (LoadError, OSError, http.client.HTTPException) as error:
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise LoadError(str(failures[0]))
