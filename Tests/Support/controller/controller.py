"""Stand-ins for Flux's controllers on the test cluster, as far as a client can tell them from the real ones.

`SourceWatcher` follows source-watcher 2.2 (internal/controller): it wakes for a change of generation, of the annotation
reconcile.fluxcd.io/requestedAt and of a source's revision, and for nothing else; copies the annotation to
status.lastHandledReconcileAt at the *end* of every attempt, also of one that failed or that found the generator disabled;
leaves everything alone when it sees no drift, even a generator at Ready=Unknown; publishes artifacts one by one, so that a
failing one leaves the earlier published; and comes back for sources that are not there.

`Appliers` stands for source-, kustomize- and helm-controller and for the Flux Operator: an attempt for each request and
for each change of a source's revision.

All is driven by real watches, which reconnect and list anew like a client's. Content is not fetched: the digest of an
artifact is made from its copy operations and the digests of its sources.
"""
import datetime
import hashlib
import http.client
import json
import queue
import threading
import time

import fixtures
from fixtures import GENERATORS, MERGE, SOURCES

REQUESTED = "reconcile.fluxcd.io/requestedAt"
DISABLED = "source.extensions.fluxcd.io/reconcile"
FINALIZER = "source.extensions.fluxcd.io/finalizer"
ORIGIN = "org.opencontainers.image.revision"
IN_PROGRESS = "Reconciliation in progress"
PATHS = {
    "ArtifactGenerator": (GENERATORS, "artifactgenerators"),
    "ExternalArtifact": (SOURCES, "externalartifacts"),
    "GitRepository": (SOURCES, "gitrepositories"),
    "OCIRepository": (SOURCES, "ocirepositories"),
    "Bucket": (SOURCES, "buckets"),
    "HelmChart": (SOURCES, "helmcharts"),
    "HelmRepository": (SOURCES, "helmrepositories"),
    "Kustomization": ("kustomize.toolkit.fluxcd.io/v1", "kustomizations"),
    "HelmRelease": ("helm.toolkit.fluxcd.io/v2", "helmreleases"),
    "FluxInstance": ("fluxcd.controlplane.io/v1", "fluxinstances"),
}


def path(kind, namespace, name=None, subresource=None):
    version, plural = PATHS[kind]
    parts = [f"/apis/{version}/namespaces/{namespace}/{plural}", name, subresource]
    return "/".join(part for part in parts if part)


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def sha256(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def sources_digest(observed):
    """HashObservedSources of source-watcher's api/v1beta1."""
    return sha256("|".join(sorted(f"{a}=[digest={s['digest']},revision={s['revision']},url={s['url']}]" for a, s in observed.items())))


def condition(obj, kind):
    return next((c for c in obj.get("status", {}).get("conditions", []) if c["type"] == kind), None)


def with_condition(conditions, kind, status, reason, message, generation):
    """The time of the transition changes with the status only."""
    old = next((c for c in conditions if c["type"] == kind), None)
    since = old["lastTransitionTime"] if old and old["status"] == status else now()
    new = {
        "type": kind, "status": status, "reason": reason, "message": message,
        "lastTransitionTime": since, "observedGeneration": generation,
    }
    return [c for c in conditions if c["type"] != kind] + [new]


def requested(obj):
    return obj["metadata"].get("annotations", {}).get(REQUESTED)


class Controller:
    """Threads that watch kinds in one namespace, and one that works through what they bring."""

    def __init__(self, run_dir, namespace, kinds):
        self.run_dir, self.namespace, self.kinds = run_dir, namespace, kinds
        self.work = queue.Queue()
        self.stopped = threading.Event()
        self.seen = {}
        self.connections = set()
        self.threads = []
        self.listed = set()
        self.timers = 0

    def __enter__(self):
        self.threads = [threading.Thread(target=self._watch, args=(kind,), daemon=True) for kind in self.kinds]
        self.threads.append(threading.Thread(target=self._work, daemon=True))
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.work.put(None)
        for connection in list(self.connections):
            try:
                connection.sock and connection.sock.shutdown(2)
            except OSError:
                pass
        for thread in self.threads:
            thread.join(timeout=10)

    def _watch(self, kind):
        version = None
        while not self.stopped.is_set():
            api = fixtures.API(self.run_dir)
            self.connections.add(api.connection)
            try:
                if version is None:
                    listed = api.expect([200], "GET", path(kind, self.namespace))
                    for obj in listed["items"]:
                        self._take(kind, obj)
                    version = listed["metadata"]["resourceVersion"]
                    self.listed.add(kind)
                api.connection.request("GET", f"{path(kind, self.namespace)}?watch=true&resourceVersion={version}")
                answer = api.connection.getresponse()
                if answer.status != 200:
                    version = None
                    continue
                for line in iter(answer.readline, b""):
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        version = None
                        break
                    version = event["object"]["metadata"]["resourceVersion"]
                    if event["type"] != "DELETED":
                        self._take(kind, event["object"])
            except (OSError, http.client.HTTPException, ValueError, fixtures.LoadError, AttributeError):
                version = None
                self.stopped.wait(0.2)
            finally:
                self.connections.discard(api.connection)
                api.connection.close()

    def _take(self, kind, obj):
        metadata = obj["metadata"]
        key = (kind, metadata["name"])
        new = self.trigger(kind, obj)
        if self.seen.get(key) != new:
            # Noted only once it is done: what fails because the server goes away comes again with the next list.
            self.changed(kind, metadata["name"])
            self.seen[key] = new

    def _work(self):
        self.api = fixtures.API(self.run_dir)
        while not self.stopped.is_set():
            item = self.work.get()
            if item is None:
                return
            try:
                self.reconcile(*item)
            except (OSError, http.client.HTTPException, fixtures.LoadError):
                # The server is away: come back, with a new connection.
                self.api = fixtures.API(self.run_dir)
                self.later(0.2, item)
            finally:
                self.work.task_done()

    def later(self, delay, item):
        def put():
            if not self.stopped.wait(delay):
                self.work.put(item)
            self.timers -= 1

        self.timers += 1
        threading.Thread(target=put, daemon=True).start()

    def idle(self):
        """Knows all there was at the start, and has nothing left to do."""
        return self.listed == set(self.kinds) and self.timers == 0 and self.work.unfinished_tasks == 0

    def get(self, kind, name, namespace=None):
        status, obj = self.api.request("GET", path(kind, namespace or self.namespace, name))
        if status == 404 and obj is not None:
            return None
        # A server that has just started does not know the definitions yet: its 404 is plain text, and says nothing of
        # the object.
        if status != 200:
            raise fixtures.LoadError(f"{kind} {name}: {status}")
        return obj

    def patch_status(self, kind, name, status, manager):
        target = f"{path(kind, self.namespace, name, 'status')}?fieldManager={manager}"
        code, obj = self.api.request("PATCH", target, {"status": status}, MERGE)
        if code != 200 and (code != 404 or obj is None):
            raise fixtures.LoadError(f"status of {kind} {name}: {code} {obj}")


class SourceWatcher(Controller):
    """Knobs: `failing` maps names of artifacts to what goes wrong with them; `pause` is how long a build takes; with
    `crashes` set to n, the next n attempts end in the middle, as when the process is killed."""

    MANAGER = "source-watcher"
    RETRY = 1.0  # five seconds in the original

    def __init__(self, run_dir, namespace):
        kinds = ["ArtifactGenerator", "GitRepository", "OCIRepository", "Bucket", "HelmChart", "ExternalArtifact"]
        super().__init__(run_dir, namespace, kinds)
        self.failing, self.pause, self.crashes = {}, 0.0, 0
        self.attempts = []

    def trigger(self, kind, obj):
        if kind == "ArtifactGenerator":
            deleted = "deletionTimestamp" in obj["metadata"]
            return obj["metadata"]["uid"], obj["metadata"].get("generation"), requested(obj), deleted
        return (obj.get("status", {}).get("artifact") or {}).get("revision")

    def changed(self, kind, name):
        if kind == "ArtifactGenerator":
            self.work.put((name,))
            return
        # The index of sources: which generators name it.
        api = fixtures.API(self.run_dir)
        listed = api.expect([200], "GET", path("ArtifactGenerator", self.namespace))
        for generator in listed["items"]:
            if any((s["kind"], s["name"]) == (kind, name) for s in generator["spec"]["sources"]):
                self.work.put((generator["metadata"]["name"],))

    def reconcile(self, name):
        generator = self.get("ArtifactGenerator", name)
        if generator is None:
            return
        metadata = generator["metadata"]
        if "deletionTimestamp" in metadata:
            for entry in generator.get("status", {}).get("inventory", []):
                self.api.request("DELETE", path("ExternalArtifact", self.namespace, entry["name"]))
            self.api.request("PATCH", path("ArtifactGenerator", self.namespace, name), {"metadata": {"finalizers": None}}, MERGE)
            return
        status = {"conditions": generator.get("status", {}).get("conditions", [])}
        if FINALIZER not in metadata.get("finalizers", []):
            body = {"metadata": {"finalizers": [FINALIZER]}}
            self.api.request("PATCH", path("ArtifactGenerator", self.namespace, name), body, MERGE)
            self._mark(status, generator, "Ready", "Unknown", "Progressing", IN_PROGRESS)
            self._mark(status, generator, "Reconciling", "True", "Progressing", IN_PROGRESS)
            self._finish(name, generator, status)
            self.work.put((name,))
            return
        if metadata.get("annotations", {}).get(DISABLED, "").lower() == "disabled":
            self._finish(name, generator, status)
            return
        aliases = [source["alias"] for source in generator["spec"]["sources"]]
        for alias in aliases:
            if aliases.count(alias) > 1:
                text = f"duplicate source alias '{alias}' found"
                self._mark(status, generator, "Stalled", "True", "ValidationFailed", text)
                self._fail(name, generator, status, "ValidationFailed", text)
                return
        self._attempt(name, generator, status)

    def _attempt(self, name, generator, status):
        observed = {}
        for source in generator["spec"]["sources"]:
            found = self.get(source["kind"], source["name"], source.get("namespace"))
            artifact = (found or {}).get("status", {}).get("artifact")
            if artifact is None:
                place = f"{source.get('namespace', self.namespace)}/{source['name']}"
                text = f"source '{source['kind']}/{place}' is not ready"
                if found is None:
                    text = f"{PATHS[source['kind']][1]}.source.toolkit.fluxcd.io \"{source['name']}\" not found"
                self._fail(name, generator, status, "SourceFetchFailed", f"get sources failed: {text}")
                self.later(self.RETRY, (name,))
                return
            observed[source["alias"]] = artifact
        digest = sources_digest(observed)
        drift = self._drift(generator, digest)
        self.attempts.append((name, drift))
        if drift is None:
            self._finish(name, generator, status)
            return
        self._mark(status, generator, "Ready", "Unknown", "Progressing", IN_PROGRESS)
        self._mark(status, generator, "Reconciling", "True", "Progressing", IN_PROGRESS)
        self.patch_status("ArtifactGenerator", name, dict(status), self.MANAGER)
        if self.pause:
            self.stopped.wait(self.pause)
        if self.crashes:
            self.crashes -= 1
            return
        inventory = []
        for artifact in generator["spec"]["artifacts"]:
            if artifact["name"] in self.failing:
                text = f"{artifact['name']} build failed: {self.failing[artifact['name']]}"
                self._fail(name, generator, status, "BuildFailed", text)
                return
            inventory.append(self._publish(generator, artifact, observed))
        for old in generator.get("status", {}).get("inventory", []):
            if old["name"] not in [entry["name"] for entry in inventory]:
                self.api.request("DELETE", path("ExternalArtifact", self.namespace, old["name"]))
        status.update(inventory=inventory, observedSourcesDigest=digest)
        text = f"reconciliation succeeded, generated {len(inventory)} artifact(s)"
        self._mark(status, generator, "Ready", "True", "Succeeded", text)
        status["conditions"] = [c for c in status["conditions"] if c["type"] not in ("Reconciling", "Stalled")]
        self._finish(name, generator, status)

    def _drift(self, generator, digest):
        """detectDrift, in its order."""
        ready, state = condition(generator, "Ready"), generator.get("status", {})
        if ready and ready["status"] == "False":
            return "NotReady"
        if not ready or ready.get("observedGeneration") != generator["metadata"]["generation"]:
            return "GenerationChanged"
        if state.get("observedSourcesDigest") != digest:
            return "SourcesChanged"
        inventory = state.get("inventory", [])
        if len(inventory) != len(generator["spec"]["artifacts"]):
            return "ArtifactsChanged"
        for entry in inventory:
            artifact = self.get("ExternalArtifact", entry["name"])
            if artifact is None or (artifact.get("status", {}).get("artifact") or {}).get("digest") != entry["digest"]:
                return "ExternalArtifactsChanged"
        return None

    def _publish(self, generator, artifact, observed):
        used = sorted({operation["from"][1:].split("/")[0] for operation in artifact["copy"]})
        content = json.dumps([artifact["copy"], [observed[alias]["digest"] for alias in used if alias in observed]])
        digest, name = sha256(content), artifact["name"]
        revision = f"latest@{digest}"
        if "revision" in artifact:
            revision = observed[artifact["revision"][1:]]["revision"]
        origin = observed.get(artifact.get("originRevision", "@")[1:], {}).get("revision")
        body = {
            "apiVersion": SOURCES, "kind": "ExternalArtifact",
            "metadata": {"name": name, "namespace": self.namespace, "labels": {
                "app.kubernetes.io/managed-by": "source-watcher",
                "source.extensions.fluxcd.io/generator": generator["metadata"]["uid"],
            }},
            "spec": {"sourceRef": {
                "apiVersion": GENERATORS, "kind": "ArtifactGenerator",
                "name": generator["metadata"]["name"], "namespace": self.namespace,
            }},
        }
        target = f"{path('ExternalArtifact', self.namespace, name)}?fieldManager={self.MANAGER}&force=true"
        self.api.expect([200, 201], "PATCH", target, body, fixtures.APPLY)
        file = f"{int(digest[7:15], 16)}.tar.gz"
        place = f"externalartifact/{self.namespace}/{name}/{file}"
        state = {
            "artifact": {
                "digest": digest, "revision": revision, "path": place, "size": 1000, "lastUpdateTime": now(),
                "url": f"http://source-watcher.flux-system.svc.cluster.local./{place}",
                "metadata": {ORIGIN: origin} if origin else None,
            },
            "conditions": with_condition([], "Ready", "True", "Succeeded", "Artifact is ready", 1),
        }
        self.patch_status("ExternalArtifact", name, state, self.MANAGER)
        return {"name": name, "namespace": self.namespace, "digest": digest, "filename": file}

    def _mark(self, status, generator, *values):
        status["conditions"] = with_condition(status["conditions"], *values, generator["metadata"]["generation"])

    def _fail(self, name, generator, status, reason, text):
        self._mark(status, generator, "Ready", "False", reason, text)
        self._finish(name, generator, status)

    def _finish(self, name, generator, status):
        """summarizeStatus: the end of every attempt, however it went."""
        if requested(generator):
            status["lastHandledReconcileAt"] = requested(generator)
        if any(c["type"] == "Stalled" for c in status["conditions"]):
            status["conditions"] = [c for c in status["conditions"] if c["type"] != "Reconciling"]
        self.patch_status("ArtifactGenerator", name, status, self.MANAGER)


class Appliers(Controller):
    """`revisions` maps a source to the revision it is to find at the next request; `failing` maps names to messages."""

    KINDS = ["GitRepository", "OCIRepository", "Bucket", "HelmRepository", "Kustomization", "HelmRelease", "FluxInstance", "ExternalArtifact"]

    def __init__(self, run_dir, namespace):
        super().__init__(run_dir, namespace, self.KINDS)
        self.revisions, self.failing, self.asleep = {}, {}, set()
        self.handled = []  # kinds of objects, with the request if there was one

    def trigger(self, kind, obj):
        if kind == "ExternalArtifact":
            return (obj.get("status", {}).get("artifact") or {}).get("revision")
        return obj["metadata"]["uid"], obj["metadata"].get("generation"), requested(obj)

    def changed(self, kind, name):
        if kind != "ExternalArtifact":
            self.work.put((kind, name))
            return
        api = fixtures.API(self.run_dir)
        for user in ("Kustomization", "HelmRelease"):
            for obj in api.expect([200], "GET", path(user, self.namespace))["items"]:
                reference = obj["spec"].get("sourceRef") or obj["spec"].get("chartRef") or {}
                if (reference.get("kind"), reference.get("name")) == (kind, name):
                    self.work.put((user, obj["metadata"]["name"]))

    def reconcile(self, kind, name):
        obj = self.get(kind, name)
        if obj is None or name in self.asleep or obj["spec"].get("suspend"):
            return
        if obj["metadata"].get("annotations", {}).get("fluxcd.controlplane.io/reconcile", "").lower() == "disabled":
            return
        status = {"conditions": obj.get("status", {}).get("conditions", [])}
        generation = obj["metadata"]["generation"]
        self.handled.append((kind, requested(obj)))
        if name in self.failing:
            message, values = self.failing[name], ("Ready", "False", "Failed", self.failing[name])
        elif kind in ("Kustomization", "HelmRelease"):
            reference = obj["spec"].get("sourceRef") or obj["spec"]["chartRef"]
            source = self.get(reference["kind"], reference["name"]) or {}
            artifact = source.get("status", {}).get("artifact")
            if not artifact:
                values = ("Ready", "False", "SourceNotReady", "Source artifact not found")
            else:
                status["lastAttemptedRevision"] = artifact["revision"]
                if kind == "Kustomization":
                    status["lastAppliedRevision"] = artifact["revision"]
                else:
                    status["lastAttemptedRevisionDigest"] = artifact["digest"]
                values = ("Ready", "True", "ReconciliationSucceeded", f"Applied revision: {artifact['revision']}")
        elif kind == "FluxInstance":
            values = ("Ready", "True", "ReconciliationSucceeded", "Reconciliation finished in 1s")
        else:
            revision = self.revisions.get(name, "main@sha1:" + hashlib.sha1(name.encode()).hexdigest())
            status["artifact"] = {
                "revision": revision, "digest": sha256(revision), "size": 1, "lastUpdateTime": now(),
                "path": f"{name}.tar.gz", "url": f"http://source-controller.flux-system.svc.cluster.local./{name}.tar.gz",
            }
            values = ("Ready", "True", "Succeeded", f"stored artifact for revision '{revision}'")
        status["conditions"] = with_condition(status["conditions"], *values, generation)
        status["observedGeneration"] = generation
        if requested(obj):
            status["lastHandledReconcileAt"] = requested(obj)
        self.patch_status(kind, name, status, "stand-in")
