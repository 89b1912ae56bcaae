"""`build`, from files: the same answer everywhere, without a cluster, without a kubeconfig."""
import hashlib
import os
import shutil
import signal
import subprocess
import time

import support

GENERATOR, REPO = f"{support.EXAMPLE}/generator.yaml", f"{support.EXAMPLE}/repo"
BUILD = ("kubectl-artifactgen", "build")
EXAMPLE = (*BUILD, "-f", GENERATOR, "--source", f"repo=dir:{REPO}")

MINIMAL = """\
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: one}
spec:
  sources:
  - {alias: repo, kind: GitRepository, name: shop}
  artifacts:
  - name: one
    copy:
    - {from: "@repo/apps/orders/**", to: "@artifact/"}
"""


class TheExample(support.Case):
    def test_json_has_one_item_for_each_artifact(self):
        built = self.succeeds(*EXAMPLE, "-o", "json").json()
        self.assertEqual((built["apiVersion"], built["kind"]), ("artifactgen/v1", "BuildList"))
        self.assertEqual([item["name"] for item in built["items"]], ["storefront", "orders", "payments"])
        self.assertFalse(built.get("errors"))
        for item in built["items"]:
            self.assertEqual(item["generator"], {"name": "shop", "namespace": "apps"})
            self.assertEqual(item["namespace"], "apps")
            self.assertEqual(item["labels"], {"shop.example.com/team": "platform"})
            self.assertRegex(item["filename"], r"^\d+\.tar\.gz$")

    def test_files_are_those_on_disk(self):
        items = self.succeeds(*EXAMPLE, "-o", "json").json()["items"]
        payments = {file["path"]: file for file in items[2]["files"]}
        self.assertEqual(
            sorted(payments), ["deployment.yaml", "kustomization.yaml", "service.yaml", "shared/network-policy.yaml"]
        )
        with open(f"{REPO}/apps/payments/deployment.yaml", "rb") as file:
            content = file.read()
        self.assertEqual(payments["deployment.yaml"]["size"], len(content))
        self.assertEqual(payments["deployment.yaml"]["digest"], "sha256:" + hashlib.sha256(content).hexdigest())

    def test_jq_reads_it(self):
        built = self.succeeds(*EXAMPLE, "-o", "json")
        self.succeeds("jq", "-e", ".items[0].filename", input=built.out.encode())

    def test_yaml_says_the_same_as_json(self):
        import yaml

        as_yaml = yaml.safe_load(self.succeeds(*EXAMPLE, "-o", "yaml").out)
        self.assertEqual(as_yaml, self.succeeds(*EXAMPLE, "-o", "json").json())

    def test_table_has_a_row_for_each_artifact(self):
        rows = self.succeeds(*EXAMPLE).rows()
        column = rows[0].index("ARTIFACT")
        self.assertEqual([row[column] for row in rows[1:]], ["storefront", "orders", "payments"])

    def test_names_are_those_of_the_artifacts(self):
        lines = self.succeeds(*EXAMPLE, "-o", "name").out.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertTrue(lines[0].endswith("/storefront"), lines)

    def test_output_directory_holds_the_archives(self):
        out = self.temporary()
        items = self.succeeds(*EXAMPLE, "-o", "json", "--output-dir", out, "--extract").json()["items"]
        for item in items:
            folder = f"{out}/{item['namespace']}/{item['name']}"
            self.assertTrue(os.path.isfile(f"{folder}/{item['filename']}"))
            listed = self.succeeds("tar", "-tzf", f"{folder}/{item['filename']}").out.splitlines()
            for file in item["files"]:
                self.assertIn(file["path"], listed)
        found = [name for _, _, names in os.walk(f"{out}/apps/payments") for name in names if name.endswith(".yaml")]
        self.assertEqual(sorted(found), ["deployment.yaml", "kustomization.yaml", "network-policy.yaml", "service.yaml"])

    def test_twice_is_the_same(self):
        first, second = self.temporary(), self.temporary()
        for out in (first, second):
            self.succeeds(*EXAMPLE, "--output-dir", out)
        self.succeeds("diff", "-r", first, second)

    def test_generator_from_standard_input(self):
        with open(GENERATOR, "rb") as file:
            text = file.read()
        piped = self.succeeds(*BUILD, "-f", "-", "--source", f"repo=dir:{REPO}", "-o", "json", input=text)
        self.assertEqual(piped.out, self.succeeds(*EXAMPLE, "-o", "json").out)

    def test_generators_from_a_directory(self):
        folder = os.path.dirname(self.written(MINIMAL))
        built = self.succeeds(*BUILD, "-f", folder, "--source", f"repo=dir:{REPO}", "-o", "json").json()
        self.assertEqual([item["name"] for item in built["items"]], ["one"])

    def test_source_by_object(self):
        built = self.succeeds(*BUILD, "-f", GENERATOR, "--source", f"GitRepository/apps/shop=dir:{REPO}", "-o", "json").json()
        self.assertEqual([source.pop("name") for source in built["sources"]], ["GitRepository/apps/shop"])
        expected = self.succeeds(*EXAMPLE, "-o", "json").json()
        self.assertEqual([source.pop("name") for source in expected["sources"]], ["repo"])
        self.assertEqual(built, expected)

    def test_kubeconfig_is_never_read(self):
        broken = self.written("{ this is no kubeconfig")
        self.succeeds(*EXAMPLE, KUBECONFIG=broken)

    def test_namespace_that_is_not_given(self):
        path = self.written(MINIMAL)
        for tool, namespace in (("kubectl-artifactgen", "default"), ("flux-externalartifact", "flux-system")):
            with self.subTest(tool):
                built = self.succeeds(tool, "build", "-f", path, "--source", f"repo=dir:{REPO}", "-o", "json").json()
                self.assertEqual(built["items"][0]["namespace"], namespace)
        built = self.succeeds(*BUILD, "-f", path, "-n", "other", "--source", f"repo=dir:{REPO}", "-o", "json").json()
        self.assertEqual(built["items"][0]["namespace"], "other")

    def test_closed_output_is_an_error(self):
        """Without a standard output, no file or connection gets its number, and our output with it."""
        reason = "error: cannot write output: Bad file descriptor\n"
        for closed, said in ((">&-", reason), ("<&- >&-", reason), ("<&- >&- 2>&-", "")):
            with self.subTest(closed):
                answer = self.fails("bash", "-c", f"kubectl-artifactgen build -f {GENERATOR} --source repo=dir:{REPO} {closed}")
                self.assertEqual((answer.out, answer.err), ("", said), answer)

    def test_closed_pipe_is_no_error(self):
        script = f'kubectl-artifactgen build -f {GENERATOR} --source repo=dir:{REPO} -o json | head -n 1; echo "${{PIPESTATUS[0]}}"'
        answer = self.succeeds("bash", "-c", script)
        self.assertEqual((answer.out, answer.err), ("{\n0\n", ""), answer)


class OddNames(support.Case):
    """Names that are not UTF-8 are names as any other; people see U+FFFD."""

    def setUp(self):
        above = os.fsencode(self.temporary())
        self.folder = above + b"/a\xff\xf4\x8f\xba\x80"
        self.repo = self.folder + b"/repo\xfe"
        shutil.copytree(os.fsencode(REPO), self.repo)
        with open(self.folder + b"/g\xfd.yaml", "w") as file:
            file.write(MINIMAL)
        self.plain = self.succeeds(*BUILD, "-f", self.written(MINIMAL), "--source", f"repo=dir:{REPO}", "-o", "json").json()

    def test_as_source_manifest_and_output(self):
        for manifest in (b"", b"/g\xfd.yaml"):
            with self.subTest(manifest):
                out = self.folder + b"/out\xfc"
                built = self.succeeds(
                    *BUILD, "-f", self.folder + manifest, "--source", b"repo=" + self.repo, "-o", "json",
                    "--output-dir", out, "--extract", TMPDIR=self.folder).json()
                self.assertEqual([item["digest"] for item in built["items"]], [item["digest"] for item in self.plain["items"]])
                path = built["items"][0]["path"]
                self.assertIn("a\ufffd", path)
                archives = [name for _, _, names in os.walk(out) for name in names if name.endswith(b".tar.gz")]
                self.assertEqual([os.path.basename(path).encode()], archives)
                shutil.rmtree(out)

    def test_names_from_inside_a_folder(self):
        built = self.succeeds(*BUILD, "-f", b"g\xfd.yaml", "--source", b"repo=repo\xfe", "-o", "json", cwd=self.folder).json()
        self.assertEqual(built["items"][0]["digest"], self.plain["items"][0]["digest"])

    def test_archive_as_source(self):
        archive = self.folder + b"/\xfb.tar.gz"
        subprocess.run(["tar", "-czf", archive, "-C", REPO, "."], check=True)
        built = self.succeeds(
            *BUILD, "-f", self.folder, "--source", b"repo=" + archive, "-o", "json", TMPDIR=self.folder).json()
        self.assertEqual(len(built["items"]), len(self.plain["items"]))

    def test_names_of_a_snapshot(self):
        shutil.rmtree(self.repo)  # which holds other files that end in .yaml
        for path in (self.folder, self.folder + b"/g\xfd.yaml"):
            with self.subTest(path):
                self.assertIn("one", self.succeeds("kubectl-artifactgen", "get", "-A", "--snapshot", path).out)

    def test_names_in_messages(self):
        line = self.fails_in_one_line(*BUILD, "-f", self.folder, "--source", b"repo=/nowhere\xff")
        self.assertIn("cannot read /nowhere\ufffd: no such file or directory", line)
        line = self.fails_in_one_line(*BUILD, "-f", b"/nowhere\xff", "--source", f"repo=dir:{REPO}")
        self.assertIn('the path "/nowhere\\xff" does not exist', line)

    def test_names_of_a_kubeconfig(self):
        path = self.folder + b"/config"
        with open(path, "w") as file:
            file.write("{ this is no kubeconfig")
        self.assertIn("error loading config file", self.fails("kubectl-artifactgen", "get", "--kubeconfig", path).err)
        self.assertIn("error loading config file", self.fails("kubectl-artifactgen", "get", KUBECONFIG=path).err)
        answer = self.fails("kubectl-artifactgen", "get", "--kubeconfig", "config", cwd=self.folder)
        self.assertIn("error loading config file", answer.err)


class Signals(support.Case):
    """What a signal interrupts leaves no temporary name behind, and does not keep the process."""

    def interrupted(self, number, repo, seen, *flags):
        """Sends the signal once `seen` says that something is being written; returns what is left and the status."""
        out = self.temporary()
        program = shutil.which("kubectl-artifactgen", path=support.environment()["PATH"])
        process = subprocess.Popen(
            [program, "build", "-f", self.written(MINIMAL), "--source", f"repo={repo}", "--output-dir", out, *flags],
            env=support.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self.addCleanup(process.kill)
        folder = f"{out}/default/one"
        until = time.monotonic() + support.PATIENCE
        while not (os.path.isdir(folder) and seen(folder)):
            self.assertIsNone(process.poll(), "it ended before it wrote anything")
            self.assertLess(time.monotonic(), until)
        start = time.monotonic()
        process.send_signal(number)
        said = process.communicate(timeout=support.PATIENCE)
        # 200 ms are promised; the rest is what a loaded machine may add.
        self.assertLess(time.monotonic() - start, 1)
        self.assertEqual(said, (b"", b""))
        return os.listdir(folder), process.returncode

    def test_while_an_archive_is_written(self):
        repo = self.temporary()
        os.makedirs(f"{repo}/apps/orders")
        with open(f"{repo}/apps/orders/large", "wb") as file:
            file.truncate(8 << 30)
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP)):
            with self.subTest(number):
                self.assertEqual(self.interrupted(number, repo, os.listdir), ([], status))

    def test_while_a_tree_is_written(self):
        repo = self.temporary()
        os.makedirs(f"{repo}/apps/orders")
        for index in range(3000):
            with open(f"{repo}/apps/orders/{index}", "wb") as file:
                file.write(b"x")
        with open(f"{repo}/apps/orders/zz", "wb") as file:
            file.write(os.urandom(4 << 20))

        def extracting(folder):
            return any(os.path.isdir(f"{folder}/{name}/new") for name in os.listdir(folder))

        left, status = self.interrupted(signal.SIGINT, repo, extracting, "--extract")
        self.assertEqual(status, 130)
        self.assertEqual([name for name in left if not name.endswith(".tar.gz")], [])


class OutOfTime(support.Case):
    """`--timeout` ends a build, also one that keeps every core busy or waits for what never comes."""

    def test_more_large_artifacts_than_cores(self):
        """What was built in time is shown and kept, and of the rest nothing is left."""
        repo, out, count = self.temporary(), self.temporary(), os.cpu_count() + 1
        with open(f"{repo}/small", "w") as file:
            file.write("a")
        with open(f"{repo}/large", "wb") as file:
            file.truncate(8 << 30)
        large = [f"large-{number}" for number in range(count)]
        generator = MINIMAL.split("  - name:")[0] + "".join(
            f'  - {{name: {name}, copy: [{{from: "@repo/{name.split("-")[0]}", to: "@artifact/"}}]}}\n'
            for name in ["small", *large])
        answer = self.fails(
            *BUILD, "-f", self.written(generator), "--source", f"repo={repo}", "--output-dir", out, "--timeout=3s")
        self.assertEqual(
            [line.split()[:2] for line in answer.out.splitlines()],
            [["ARTIFACT", "STATUS"], ["small", "Built"], *([name, "Failed"] for name in large)])
        self.assertEqual(
            answer.err,
            "".join(f"error: default/one: {name} build failed: was not finished before the timeout\n" for name in large)
            + "error: timed out after 3s; use --timeout to wait longer\n")
        left = [name for _, _, names in os.walk(out) for name in names]
        self.assertEqual(len(left), 1, left)

    def test_standard_input_that_nobody_writes_to(self):
        program = shutil.which("kubectl-artifactgen", path=support.environment()["PATH"])
        process = subprocess.Popen(
            [program, "build", "-f", "-", "--source", "repo=.", "--timeout=300ms"],
            env=support.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.assertEqual(process.wait(support.PATIENCE), 1)
        self.assertEqual(
            process.stderr.read().decode(),
            "error: timed out after 300ms while reading standard input; use --timeout to wait longer\n")


class BadInput(support.Case):
    def refuses(self, *arguments, **changes):
        return self.fails_in_one_line(*BUILD, *arguments, **changes)

    def test_no_such_file(self):
        line = self.refuses("-f", "no-such.yaml", "--source", f"repo=dir:{REPO}")
        self.assertIn("no-such.yaml", line)

    def test_malformed_yaml_says_where(self):
        path = self.written("apiVersion: v1\nkind: [\n")
        line = self.refuses("-f", path, "--source", f"repo=dir:{REPO}")
        self.assertIn(path, line)
        self.assertRegex(line, r"line 3|:3:", line)

    def test_wrong_kind_is_named(self):
        path = self.written("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")
        self.assertIn("ConfigMap", self.refuses("-f", path, "--source", f"repo=dir:{REPO}"))

    def test_unmapped_alias_names_the_flag(self):
        line = self.refuses("-f", GENERATOR)
        self.assertIn("repo", line)
        self.assertIn("--source", line)

    def test_unknown_alias_is_named(self):
        path = self.written(MINIMAL.replace("@repo/", "@nope/"))
        answer = self.fails(*BUILD, "-f", path, "--source", f"repo=dir:{REPO}")
        self.assertIn("source alias 'nope' not found", answer.out + answer.err)

    def test_mapping_of_an_alias_that_is_not_there(self):
        answer = self.succeeds(*BUILD, "-f", GENERATOR, "--source", f"repo=dir:{REPO}", "--source", f"nope=dir:{REPO}")
        self.assertRegex(answer.err, r"^Warning: --source nope=.*\n$")

    def test_absent_directory_is_named(self):
        self.assertIn("/no/such/folder", self.refuses("-f", GENERATOR, "--source", "repo=/no/such/folder"))

    def test_a_commit_of_what_is_no_repository(self):
        folder = self.temporary()
        self.assertIn("not a git repository", self.refuses("-f", GENERATOR, "--source", f"repo=git:{folder}"))

    def test_unknown_flag_is_named(self):
        answer = self.fails(*BUILD, "--no-such-flag")
        self.assertIn("--no-such-flag", answer.err)
        self.assertEqual(answer.out, "")

    def test_failing_artifact_in_the_words_of_the_controller(self):
        path = self.written(MINIMAL.replace("apps/orders/**", "missing/**"))
        answer = self.fails(*BUILD, "-f", path, "--source", f"repo=dir:{REPO}", "-o", "json")
        item = answer.json()["items"][0]
        self.assertTrue(item["error"].endswith("no files match pattern 'missing/**' in source 'repo'"), item)
        self.assertEqual(item["reason"], "BuildFailed")
        self.assertTrue(item["message"].startswith("one build failed: "), item)
