"""examples/ci: the scripts of its files, as they stand there, on a repository with branches."""
import http.server
import json
import os
import ssl
import threading
import unittest
import urllib.parse

import yaml

import support

EXAMPLES = f"{support.ROOT}/examples/ci"
MANIFESTS = "clusters/production"

GENERATOR = """
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata:
  name: shop
  namespace: apps
spec:
  sources:
    - alias: repo
      kind: GitRepository
      name: shop
  artifacts:
"""
ARTIFACT = """
    - name: {name}
      originRevision: "@repo"
      copy:
        - from: "@repo/apps/{name}/**"
          to: "@artifact/"
"""
SOURCE = """
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: shop
  namespace: apps
spec:
  interval: 5m
  url: https://git.example.com/shop
  ref:
    branch: main
"""
CONSUMER = """
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: {name}
  namespace: apps
spec:
  interval: 10m
  prune: true
  path: ./overlays/{name}
  sourceRef:
    kind: ExternalArtifact
    name: {name}
"""
CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
data:
  colour: {colour}
"""
APPS = ("orders", "payments", "storefront")


class Comments(http.server.BaseHTTPRequestHandler):
    """The few calls of GitHub and GitLab that keep the comments of one request, over TLS."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        data = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.headers["Content-Type"].startswith("application/json"):
            return json.loads(data)["body"]
        return urllib.parse.parse_qs(data)["body"][0]

    def serve(self):
        server = self.server
        path = self.path.partition("?")[0]
        token = self.headers.get("PRIVATE-TOKEN") or self.headers.get("Authorization", "").removeprefix("token ")
        server.calls.append((self.command, path))
        if token != "the-token":
            return self.answer(401, {"message": "who are you?"})
        if path == "/api/v4/user":
            return self.answer(200, {"id": server.me["id"]})
        if self.command == "GET":
            return self.answer(200, server.comments)
        if self.command == "POST":
            server.comments.append({"id": len(server.comments) + 1, "user": server.me, "author": server.me, "body": self.body()})
            return self.answer(201, server.comments[-1])
        comment = server.comments[int(path.rpartition("/")[2]) - 1]
        comment["body"] = self.body()
        return self.answer(200, comment)

    do_GET = do_POST = do_PATCH = do_PUT = serve


class Examples(support.Case):
    def setUp(self):
        self.folder = self.temporary()
        origin = f"{self.folder}/origin"
        os.makedirs(f"{origin}/{MANIFESTS}")
        self.origin = origin
        self.git("init", "-q", "-b", "main", origin)
        self.manifests(APPS)
        for name in APPS:
            self.write(f"apps/{name}/overlays/{name}/config.yaml", CONFIG.format(name=name, colour="blue"))
        self.commit("All is blue")
        self.git("checkout", "-q", "-b", "green")
        self.write("apps/orders/overlays/orders/config.yaml", CONFIG.format(name="orders", colour="green"))
        self.commit("Orders are green")
        self.git("checkout", "-q", "-b", "gone", "main")
        self.git("mv", "apps/payments/overlays/payments", "apps/payments/overlays/pay")
        self.commit("A path moves")

    def manifests(self, names):
        artifacts = "".join(ARTIFACT.format(name=name) for name in names)
        consumers = "".join(CONSUMER.format(name=name) for name in names)
        self.write(f"{MANIFESTS}/shop.yaml", GENERATOR.rstrip("\n") + artifacts.replace("\n\n", "\n") + SOURCE + consumers)

    def write(self, path, text):
        os.makedirs(os.path.dirname(f"{self.origin}/{path}"), exist_ok=True)
        with open(f"{self.origin}/{path}", "w") as file:
            file.write(text.lstrip("\n"))

    def git(self, *words, cwd=None):
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
        return self.succeeds("git", *identity, *words, cwd=cwd or self.origin).out.strip()

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def checkout(self, branch):
        """As a runner has it: a clone, at the branch."""
        work = f"{self.folder}/{branch}"
        self.git("clone", "-q", "-b", branch, self.origin, work)
        return work

    def script(self, text, work, **variables):
        return support.run("bash", "-eo", "pipefail", "-c", text, cwd=work, **variables)

    def served(self, me):
        """A server of comments, with a certificate of its own."""
        certificate, key = f"{self.folder}/server.crt", f"{self.folder}/server.key"
        self.succeeds(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Comments)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.daemon_threads = True
        server.calls, server.me = [], me
        # Somebody else's, which begins with the same words, is not ours to change.
        other = {"id": 7, "login": "mallory"}
        server.comments = [{"id": 1, "user": other, "author": other, "body": "<!-- artifactgen diff -->\nnothing changes"}]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()

        def stop():
            server.shutdown()
            server.server_close()
            thread.join()

        self.addCleanup(stop)
        return server, certificate

    def judge(self, comments, changed):
        """One comment beside the other one, and what it says."""
        self.assertEqual(comments[0]["body"], "<!-- artifactgen diff -->\nnothing changes")
        self.assertEqual(len(comments), 2)
        body = comments[1]["body"]
        self.assertTrue(body.startswith("<!-- artifactgen diff -->\n"), body)
        for name in APPS:
            (self.assertIn if name == changed else self.assertNotIn)(f"{name}", body)
        return body


class GitHub(Examples):
    @classmethod
    def setUpClass(cls):
        with open(f"{EXAMPLES}/github/artifacts.yaml") as file:
            cls.text = file.read()
        cls.workflow = yaml.safe_load(cls.text)
        cls.steps = {step.get("name", step.get("uses")): step for step in cls.workflow["jobs"]["artifacts"]["steps"]}

    def step(self, name, work, **variables):
        variables = {"GITHUB_BASE_REF": "main", "GITHUB_STEP_SUMMARY": f"{work}/../summary.md"} | variables
        return self.script(self.steps[name]["run"], work, **self.workflow["env"], **variables)

    def test_it_asks_for_no_more_than_it_needs(self):
        triggers = self.workflow[True]  # YAML 1.1 reads `on` so
        self.assertEqual(set(triggers), {"pull_request"})
        self.assertNotIn("pull_request_target", self.text)
        self.assertEqual(self.workflow["permissions"], {})
        self.assertEqual(
            self.workflow["jobs"]["artifacts"]["permissions"], {"contents": "read", "pull-requests": "write"})

    def test_a_change_is_one_comment_and_green(self):
        work = self.checkout("green")
        server, certificate = self.served({"id": 3, "login": "github-actions[bot]"})
        host = "127.0.0.1:%d" % server.server_address[1]
        self.assertEqual(self.step("Lint", work).status, 0)
        for _ in range(2):
            diff = self.step("Diff", work)
            self.assertEqual(diff.status, 0, diff)
            comment = self.step(
                "Comment", work, NUMBER="12", GITHUB_REPOSITORY="acme/shop", GH_HOST=host,
                GH_ENTERPRISE_TOKEN="the-token", GH_TOKEN=None, SSL_CERT_FILE=certificate)
            self.assertEqual(comment.status, 0, comment)
            body = self.judge(server.comments, "orders")
            self.assertIn("green", body)
        writes = [call for call in server.calls if call[0] != "GET"]
        self.assertEqual(writes, [
            ("POST", "/api/v3/repos/acme/shop/issues/12/comments"),
            ("PATCH", "/api/v3/repos/acme/shop/issues/comments/2"),
        ])

    def test_what_breaks_is_red_and_marked(self):
        work = self.checkout("gone")
        diff = self.step("Diff", work)
        self.assertEqual(diff.status, 1, diff)
        self.assertRegex(diff.out, r"(?m)^::error .*overlays/payments")
        with open(f"{work}/diff.md") as file:
            self.assertIn("payments", file.read())
        lint = self.step("Lint", work)
        self.assertEqual(lint.status, 1, lint)
        self.assertRegex(lint.out, rf"(?m)^::error file={MANIFESTS}/shop.yaml,line=\d+,")


class GitLab(Examples):
    @classmethod
    def setUpClass(cls):
        with open(f"{EXAMPLES}/gitlab/artifacts.gitlab-ci.yml") as file:
            cls.job = yaml.safe_load(file)["artifacts"]

    def job_of(self, branch, **variables):
        work = self.checkout(branch)
        base = self.git("merge-base", "origin/main", "HEAD", cwd=work)
        variables = {k: v for k, v in self.job["variables"].items() if k != "GIT_DEPTH"} | variables
        answer = self.script("\n".join(self.job["script"]), work, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, **variables)
        with open(f"{work}/code-quality.json") as file:
            quality = json.load(file)
        return answer, quality, work

    def test_a_change_is_one_note_and_green(self):
        server, certificate = self.served({"id": 3})
        address = "https://127.0.0.1:%d/api/v4" % server.server_address[1]
        for _ in range(2):
            answer, _, work = self.job_of(
                "green", ARTIFACTGEN_TOKEN="the-token", CI_API_V4_URL=address, CI_PROJECT_ID="5", CI_MERGE_REQUEST_IID="9",
                CURL_CA_BUNDLE=certificate)
            self.assertEqual(answer.status, 0, answer)
            self.judge(server.comments, "orders")
            self.succeeds("rm", "-rf", work)
        notes = "/api/v4/projects/5/merge_requests/9/notes"
        self.assertEqual([call for call in server.calls if call[0] != "GET"], [("POST", notes), ("PUT", f"{notes}/2")])

    def test_what_breaks_is_red_and_in_the_report(self):
        answer, quality, work = self.job_of("gone")
        self.assertEqual(answer.status, 1, answer)
        self.assertTrue(any(entry["location"]["path"] == f"{MANIFESTS}/shop.yaml" for entry in quality), quality)
        self.assertTrue(os.path.exists(f"{work}/diff.xml"))


class PreCommit(Examples):
    def test_a_commit_that_would_not_deploy_is_stopped(self):
        tool = f"{os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')}/artifact-plugins/workflow-tools-2/bin/pre-commit"
        if not os.path.exists(tool):
            raise unittest.SkipTest("pre-commit comes with Tests/workflows-check")
        with open(f"{EXAMPLES}/pre-commit/pre-commit-config.yaml") as file:
            config = file.read()
        work = self.checkout("main")
        with open(f"{work}/.pre-commit-config.yaml", "w") as file:
            file.write(config)
        self.git("add", ".pre-commit-config.yaml", cwd=work)
        self.succeeds(tool, "run", "--all-files", cwd=work)
        self.git("mv", "apps/payments/overlays/payments", "apps/payments/overlays/pay", cwd=work)
        answer = self.fails(tool, "run", "--all-files", cwd=work)
        self.assertIn("overlays/payments", answer.out)


class Reader(support.ClusterCase):
    """The role, as the API server takes it."""

    ROLE = f"{EXAMPLES}/reader.yaml"

    def test_the_role_only_reads(self):
        with open(self.ROLE) as file:
            role = next(yaml.safe_load_all(file))
        for rule in role["rules"]:
            self.assertLessEqual(set(rule["verbs"]), {"get", "list", "watch"})
            self.assertNotIn("secrets", rule["resources"])
            self.assertFalse("*" in rule["resources"] and "" in rule["apiGroups"], rule)

    def test_it_is_enough_to_read_and_for_nothing_else(self):
        answer = self.kubectl("apply", "-f", self.ROLE)
        self.assertEqual(answer.status, 0, answer)
        self.addCleanup(self.kubectl, "delete", "-f", self.ROLE)
        reader = ("--as", "ci", "--as-group", "artifactgen-readers")
        for words in (["get", "all", "-A"], ["tree", "-A", "--all"], ["status", "-A"], ["events", "-A"],
                      ["trace", "ag/podinfo", "-n", "apps"],
                      ["diff", "-f", f"{support.ROOT}/examples/monorepo/generator.yaml", "-n", "apps",
                       "--source", f"repo=dir:{support.ROOT}/examples/monorepo/repo"]):
            with self.subTest(words):
                answer = self.kubectl("artifactgen", *words, *reader)
                said = answer.out + answer.err
                self.assertNotIn("forbidden", said, answer)
                self.assertNotIn("permission", said, answer)
        answer = self.kubectl("artifactgen", "check", "-A", *reader)
        self.assertIn("permissions for get -w, wait and every command that waits are granted", answer.out)
        for words in ("cannot be checked: Error from server (Forbidden)", "cannot determine"):
            self.assertNotIn(words, answer.out + answer.err)
        answer = self.kubectl("artifactgen", "suspend", "ag/podinfo", "-n", "apps", *reader)
        self.assertEqual(answer.status, 1, answer)
        self.assertIn("no permission to patch artifactgenerators", answer.err, answer)
