"""Content of a cluster: the real API server's proxies before servers that serve, lie, stall, cut and reset."""
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import support

SUPPORT = f"{support.ROOT}/Tests/Support/content"
sys.path.insert(0, SUPPORT)

import hostile  # noqa: E402

SERVICE, FORWARD = ("--via", "service-proxy"), ("--via", "port-forward")


class ContentCase(support.ClusterCase):
    """A cluster of its own in a network namespace of its own; see Tests/Support/content/bed.py."""

    bed = None

    @classmethod
    def setUpClass(cls):
        if not shutil.which("nginx", path="/usr/sbin:/usr/bin"):
            raise support.unittest.SkipTest("there is no nginx")
        if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
            raise support.unittest.SkipTest("no network namespace can be made here")
        cls.folder = tempfile.mkdtemp(prefix="artifact-plugins-bed-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        with open(f"{cls.folder}/bed.err", "w") as errors:
            cls.bed = subprocess.Popen(
                ["unshare", "-rn", "/usr/bin/python3", f"{SUPPORT}/bed.py", cls.folder], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=errors, env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"})
        cls.addClassCleanup(cls.end)
        line = cls.bed.stdout.readline()
        if not line:
            with open(f"{cls.folder}/bed.err") as file:
                raise AssertionError(f"the bed was not made: {file.read()}")
        cls.run_dir = json.loads(line)

    @classmethod
    def end(cls):
        cls.bed.stdin.close()
        cls.bed.wait(60)
        cls.bed.stdout.close()

    def command(self, *arguments, cluster=True):
        flags = ["--kubeconfig", f"{self.run_dir}/admin.kubeconfig", "-n", "apps"] if cluster else []
        return ["nsenter", "-t", str(self.bed.pid), "-U", "-n", "--preserve-credentials",
                f"{support.Setting.prefix}/bin/kubectl-artifactgen", *arguments, *flags]

    def tool(self, *arguments, status=0, cache=None, cluster=True, **changes):
        """Runs the tool in the namespace; without a cache unless one is given."""
        changes["CI"], changes["XDG_CACHE_HOME"] = ("" if cache else "yes"), cache
        answer = support.run(*self.command(*arguments, cluster=cluster), **changes)
        self.assertEqual(answer.status, status, answer)
        return answer

    def log(self, name):
        with open(f"{self.folder}/{name}.log") as file:
            return file.read().splitlines()

    def served(self, name):
        with open(f"{self.folder}/www/{name}", "rb") as file:
            return file.read()


    def publish(self, name, status, archive):
        """Gives an ExternalArtifact a status, as a publisher does, and serves the archive."""
        with open(f"{self.folder}/www/{archive}", "rb") as file:
            self.assertEqual(os.fstat(file.fileno()).st_size, status["artifact"]["size"])
        body = {"status": {**status, "conditions": [{
            "type": "Ready", "status": "True", "reason": "Succeeded", "message": "published", "lastTransitionTime": "2026-11-20T10:15:30Z"}]}}
        path = f"/apis/source.toolkit.fluxcd.io/v1/namespaces/apps/externalartifacts/{name}/status"
        script = "import sys, json, fixtures; print(fixtures.API(sys.argv[1]).request('PATCH', sys.argv[2], json.loads(sys.argv[3]), fixtures.MERGE)[0])"
        done = subprocess.run(
            ["nsenter", "-t", str(self.bed.pid), "-U", "-n", "--preserve-credentials", "/usr/bin/python3", "-c", script,
             self.run_dir, path, json.dumps(body)],
            env={**os.environ, "PYTHONPATH": f"{support.ROOT}/Tests/cluster"}, capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, "200\n")


class TestContent(ContentCase):
    def test_reading_through_both_proxies(self):
        for way, log, words in ((SERVICE, "nginx", "/web.tar.gz"), (FORWARD, "kubelet", "GET /portForward/flux-system/source-controller-0?port=9090")):
            before = len(self.log(log))
            listing = self.tool("ls", "ea/web", *way).out.splitlines()
            self.assertEqual([line.split()[0] + " " + line.split()[-1] for line in listing], ["0600 app.yaml", "0750 bin/", "0700 bin/run"])
            self.assertEqual(self.tool("cat", "git/mono", "app.yaml", *way).out, "kind: ConfigMap\n")
            target = f"{self.temporary()}/tree"
            self.tool("pull", "ea/web", "--output-dir", target, *way)
            with open(f"{target}/bin/run", "rb") as file:
                self.assertEqual(file.read(), b"\x7fELF\x00\x01\xff")
            self.assertEqual(os.stat(f"{target}/bin/run").st_mode & 0o777, 0o700)
            new = self.log(log)[before:]
            self.assertEqual(len(new), 3, new)
            self.assertTrue(all(words in line for line in new), new)
        self.assertEqual(self.tool("ls", "ea/web", "-o", "json").json()["source"]["from"], "cluster")

    def test_an_archive_is_written_byte_by_byte(self):
        for way in (SERVICE, FORWARD):
            for name, file in (("ea/big", "big.tar.gz"), ("ea/sha512", "web.tar.gz"), ("helmrepo/charts", "index.yaml"),
                               ("ea/odd-chunked", "big.tar.gz"), ("ea/odd-unsized", "big.tar.gz")):
                target = f"{self.temporary()}/file"
                self.tool("pull", name, "--archive", target, *way)
                with open(target, "rb") as written:
                    self.assertEqual(written.read(), self.served(file))
        self.assertIn("is its index, not an archive", self.tool("ls", "helmrepo/charts", status=1).err)

    def test_what_is_kept_is_asked_for_once(self):
        cache, folder = self.temporary(), f"{self.temporary()}"
        before = len(self.log("nginx"))
        for number in range(3):
            self.tool("pull", "ea/big", "--output-dir", f"{folder}/{number}", cache=cache)
        self.assertEqual(len(self.log("nginx")) - before, 1)
        content = f"{cache}/artifactgen/content"
        name = f"sha256-{hashlib.sha256(self.served('big.tar.gz')).hexdigest()}"
        self.assertEqual(os.listdir(content), [name])
        self.assertEqual(os.stat(f"{content}/{name}").st_mode & 0o777, 0o600)
        with open(f"{content}/{name}", "r+b") as file:
            file.write(b"damaged")
        self.tool("pull", "ea/big", "--output-dir", f"{folder}/3", cache=cache)
        self.tool("pull", "ea/big", "--output-dir", f"{folder}/4", "--no-cache", cache=cache)
        self.assertEqual(len(self.log("nginx")) - before, 3)

    def test_what_is_not_the_artifact_is_never_written(self):
        cases = {
            "wrong-digest": "digest mismatch", "odd-lie": "digest mismatch",
            "too-long": "sent more than the", "odd-longer": "sent more than the", "too-short": "bytes (status.artifact.size)",
            "odd-cut": None, "odd-reset": None, "odd-missing": "the server responded with status 404",
            "odd-redirect": "the server responded with status 302", "gone": "the server responded with status 404",
        }
        for way in (SERVICE, FORWARD):
            for name, words in cases.items():
                with self.subTest(way=way[1], name=name):
                    cache, folder = self.temporary(), self.temporary()
                    answer = self.tool("pull", f"ea/{name}", "--archive", f"{folder}/file", *way, status=1, cache=cache)
                    self.assertIn(words or f"\n  {way[1]}: ", answer.err)
                    self.assertTrue(answer.err.startswith(f"error: ExternalArtifact apps/{name}: "), answer.err)
                    self.assertEqual(os.listdir(folder), [])
                    self.assertEqual(os.listdir(f"{cache}/artifactgen/content"), [])
        self.assertEqual([line for line in self.log("odd") if "followed" in line or " " in line], [])

    def test_a_service_that_the_proxy_does_not_reach_is_left_for_a_forwarded_port(self):
        """The API server itself gives the black hole up after 30 s: this ends sooner."""
        before = len(self.log("kubelet"))
        self.assertEqual(self.tool("cat", "ea/hole", "app.yaml", "--timeout", "25s").out, "kind: ConfigMap\n")
        new = self.log("kubelet")[before:]
        self.assertEqual(len(new), 1, new)
        self.assertIn("/portForward/flux-system/hole-0?port=9090", new[0])

    def test_every_way_has_a_line_where_none_leads_there(self):
        answer = self.tool("ls", "ea/web", "--as", "reader", status=1)
        self.assertEqual(answer.err.splitlines()[1:], [
            "  service-proxy: no permission to get services/proxy http:source-controller:80 in namespace flux-system",
            "  port-forward: no permission: needs get services, list endpointslices or pods, and get and create pods/portforward in "
            "namespace flux-system",
            "  direct: not running in a pod of the cluster"])
        answer = self.tool("ls", "ea/absent", status=1)
        self.assertIn('  service-proxy: services "absent" not found\n', answer.err)
        self.assertIn('  port-forward: services "absent" not found\n', answer.err)
        self.assertIn("blake3 is not supported", self.tool("ls", "ea/blake3", status=1).err)
        self.assertIn("its path contains ..", self.tool("ls", "ea/leads-up", status=1).err)
        self.assertIn('"nowhere" not found', self.tool("ls", "ea/nowhere", status=1).err)

    def test_in_a_pod_the_server_is_asked_itself(self):
        self.assertIn("is not the name of a Service", self.tool("ls", "ea/direct", status=1).err)
        self.tool("ls", "ea/direct", KUBERNETES_SERVICE_HOST="10.96.0.1")

    def test_the_time_out_holds_for_a_server_that_stalls(self):
        for way in (SERVICE, FORWARD):
            for name in ("odd-stall", "odd-silent"):
                cache, folder = self.temporary(), self.temporary()
                answer = self.tool("pull", f"ea/{name}", "--archive", f"{folder}/file", "--timeout", "2s", *way, status=1, cache=cache)
                self.assertIn("timed out after 2s", answer.err)
                self.assertEqual(os.listdir(folder) + os.listdir(f"{cache}/artifactgen/content"), [])

    def test_an_interrupted_fetch_leaves_nothing(self):
        cache, folder, before = self.temporary(), self.temporary(), len(self.log("odd"))
        process = subprocess.Popen(
            self.command("pull", "ea/odd-stall", "--archive", f"{folder}/file", *SERVICE),
            env=support.environment(XDG_CACHE_HOME=cache, TMPDIR=folder), stderr=subprocess.PIPE)
        content = f"{cache}/artifactgen/content"
        until = time.monotonic() + support.PATIENCE
        while time.monotonic() < until and (len(self.log("odd")) == before or not os.path.isdir(content)
                                            or not any(os.path.getsize(f"{content}/{each}") for each in os.listdir(content))):
            time.sleep(0.02)
        self.assertNotEqual(os.listdir(content), [])
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(support.PATIENCE), 130)
        process.stderr.close()
        self.assertEqual(os.listdir(content) + os.listdir(folder), [])

    def test_hostile_archives_are_refused_by_name(self):
        # A debug build takes half a minute for 200,000 entries, and much longer on a loaded machine.
        self.addCleanup(setattr, support, "PATIENCE", support.PATIENCE)
        support.PATIENCE = 600
        kinds = list(hostile.archives())
        self.assertGreaterEqual(len(kinds), 25)
        folder, cache = self.temporary(), self.temporary()
        names = [f"ea/hostile-{name}" for name, _, _ in kinds]
        lines = {}
        for start in range(0, len(names), 6):
            some = names[start : start + 6]
            answer = self.tool("pull", *some, "--output-dir", f"{folder}/tree", status=1, TMPDIR=cache)
            lines |= {line.split(": ")[1]: line for line in answer.err.splitlines()}
        for name, _, words in kinds:
            with self.subTest(name):
                line = lines[f"ExternalArtifact apps/hostile-{name}"]
                self.assertTrue(any(each in line for each in ([words] if isinstance(words, str) else words)), line)
                self.assertLess(len(line), 600)
        self.assertEqual(os.listdir(folder) + os.listdir(cache), [])

    def test_several_are_pulled_at_once(self):
        folder = self.temporary()
        answer = self.tool("pull", "ea/web", "ea/big", "ea/gone", "git/mono", "--output-dir", f"{folder}/all", status=1)
        self.assertIn("ExternalArtifact apps/gone", answer.err)
        self.assertEqual(sorted(os.listdir(f"{folder}/all")), ["big", "mono", "web"])

    def test_a_generator_of_the_cluster_is_built_from_its_sources(self):
        generator = self.written(
            "apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\nmetadata: {name: gen, namespace: apps}\n"
            "spec:\n  sources: [{alias: repo, kind: GitRepository, name: mono}]\n"
            "  artifacts: [{name: made, copy: [{from: '@repo/**', to: '@artifact/'}]}]\n")
        before = len(self.log("nginx"))
        local = self.tool("build", "-f", generator, "--source", f"repo={self.folder}/www/web.tar.gz", "-o", "json").json()
        self.assertEqual(len(self.log("nginx")), before)
        for words in (("gen",), ("-f", generator, "--from-cluster")):
            for way in (SERVICE, FORWARD):
                self.assertEqual(self.tool("build", *words, "-o", "json", *way).json()["items"], local["items"])
        self.assertEqual(len(self.log("nginx")) - before, 4)

    def test_what_pack_makes_is_verified_and_tampering_is_found(self):
        source, archive = self.temporary(), f"{self.folder}/www/packed.tar.gz"
        with open(f"{source}/app.yaml", "w") as file:
            file.write("kind: ConfigMap\n")
        status = self.tool(
            "pack", source, "--revision", "v1.2.3", "--archive", archive, "-o", "json",
            "--url", "http://source-controller.flux-system.svc.cluster.local.", cluster=False).json()["status"]
        self.publish("packed", status, "packed.tar.gz")
        rules = {rule["rule"]: rule["result"] for rule in self.tool("verify", "ea/packed", "-o", "json").json()["items"][0]["rules"]}
        # There are no controllers in this cluster, and its server knows no slices.
        self.assertEqual(rules, {
            "revision": "passed", "digest": "passed", "size": "passed", "archive": "passed", "ready": "passed", "host": "passed",
            "feature-gate": "unknown", "network-policy": "unknown"})
        # What was fetched before says nothing of what is served now.
        cache = self.temporary()
        self.tool("verify", "ea/packed", cache=cache)
        shutil.copy(f"{self.folder}/www/web.tar.gz", archive)
        for kept in (None, cache):
            self.assertIn("failed   ", self.tool("verify", "ea/packed", status=1, cache=kept).out)

    def test_what_cannot_be_fetched_is_unknown_and_no_success(self):
        answer = self.tool("verify", "ea/web", "--as", "nobody", "-o", "json", status=1, cache=None)
        self.assertIn("forbidden", answer.err)
        item = self.tool("verify", "ea/web", "--via", "direct", "-o", "json", status=1).json()["items"][0]
        rules = {rule["rule"]: rule["result"] for rule in item["rules"]}
        self.assertEqual([rules[name] for name in ("digest", "size", "archive", "host")], ["unknown", "unknown", "unknown", "passed"])
        for name, rule in (("too-long", "size"), ("wrong-digest", "digest"), ("gone", "digest")):
            rules = {each["rule"]: each["result"] for each in self.tool("verify", f"ea/{name}", "-o", "json", status=1).json()["items"][0]["rules"]}
            self.assertEqual(rules[rule], "failed", name)
            self.assertEqual({"digest", "size", "archive"} - set(rules), set(), name)

    def test_a_generator_of_a_file_and_one_of_the_cluster_are_built_together(self):
        folder = self.temporary()
        with open(f"{folder}/other.yaml", "w") as file:
            file.write("apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\nmetadata: {name: other}\nspec:\n"
                       "  sources: [{alias: mono, kind: GitRepository, name: mono}]\n"
                       "  artifacts: [{name: other-made, copy: [{from: '@mono/**', to: '@artifact/'}]}]\n")
        items = self.tool("build", "gen", "other", "-f", f"{folder}/other.yaml", "--from-cluster", "-o", "json").json()["items"]
        self.assertEqual([item["name"] for item in items], ["other-made", "made"])
        err = self.tool("build", "nope", "-f", f"{folder}/other.yaml", "--from-cluster", status=1).err
        self.assertIn('"nope" not found', err)

    def test_a_full_cache_is_no_cache(self):
        cache = self.temporary()
        mount = subprocess.run(
            ["nsenter", "-t", str(self.bed.pid), "-U", "-n", "--preserve-credentials", "unshare", "-m", "/bin/bash", "-c",
             'mount -t tmpfs -o size=1m none "$1" && shift && exec "$@"', "_", cache,
             *self.command("ls", "ea/big")[6:]],
            env={**os.environ, "XDG_CACHE_HOME": cache, "CI": ""}, capture_output=True, text=True)
        self.assertEqual((mount.returncode, mount.stderr), (0, ""))

    def test_a_generator_is_rebuilt_and_compared(self):
        folder = self.temporary()
        item = self.tool("build", "gen", "-o", "json", "--output-dir", folder).json()["items"][0]
        shutil.copy(f"{folder}/apps/made/{item['filename']}", f"{self.folder}/www/made.tar.gz")
        artifact = {"digest": item["digest"], "size": item["size"], "revision": item["revision"], "path": "made.tar.gz",
                    "url": "http://source-controller.flux-system.svc.cluster.local./made.tar.gz", "lastUpdateTime": "2026-11-20T10:15:30Z"}
        self.publish("made", {"artifact": artifact}, "made.tar.gz")
        self.assertIn("passed     artifact  made matches sha256:", self.tool("verify", "ag/gen").out)
        # The status is right and what is served is not.
        cache = self.temporary()
        self.assertIn("passed     content   made is served", self.tool("verify", "ag/gen", cache=cache).out)
        with open(f"{self.folder}/www/made.tar.gz", "r+b") as file:
            file.seek(30)
            file.write(b"tampered")
        self.assertIn("failed     content   made: digest mismatch", self.tool("verify", "ag/gen", status=1, cache=cache).out)
        shutil.copy(f"{self.folder}/www/web.tar.gz", f"{self.folder}/www/made.tar.gz")
        web = self.served("web.tar.gz")
        self.publish("made", {"artifact": {**artifact, "digest": f"sha256:{hashlib.sha256(web).hexdigest()}", "size": len(web)}}, "made.tar.gz")
        self.assertIn("failed     artifact  made differs", self.tool("verify", "ag/gen", status=1).out)
