"""Sources from real repositories, as `--source` reads them: what git makes of them, and what ends a reading."""
import os
import shutil
import signal
import subprocess
import time

import support

TOOL = "kubectl-artifactgen"
OBJECT = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: app, namespace: apps}
spec: {url: "https://example.com/app.git", ref: REF}
"""
OCI = OBJECT.replace("GitRepository", "OCIRepository").replace("https://example.com/app.git", "oci://example.com/app")
GENERATOR = """\
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: app, namespace: apps}
spec:
  sources: [{alias: repo, kind: GitRepository, name: app}]
  artifacts: [{name: app, revision: "@repo", copy: [{from: "@repo/deploy/**", to: "@artifact/"}]}]
"""


class Repository(support.Case):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary()
        self.repository = f"{self.folder}/app"
        self.git("init", "-q", "-b", "main", self.repository, inside=None)
        self.add("deploy/a.yaml", "a: 1\n")

    def git(self, *arguments, inside="", **variables):
        place = [] if inside is None else ["-C", inside or self.repository]
        names = {f"GIT_{who}_{what}": f"{who.lower()}@example.com" for who in ("AUTHOR", "COMMITTER")
                 for what in ("NAME", "EMAIL")}
        run = subprocess.run(["git", *place, *arguments], check=True, capture_output=True, text=True,
                             env={**support.environment(), **names, "GIT_CONFIG_NOSYSTEM": "1", **variables})
        return run.stdout.strip()

    def write(self, name, text):
        path = f"{self.repository}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    def add(self, name, text, *tags, date="2026-01-01T00:00:00Z"):
        """Commits a file; returns the commit."""
        self.write(name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", name, GIT_COMMITTER_DATE=date)
        for tag in tags:
            self.git("tag", tag)
        return self.git("rev-parse", "HEAD")

    def listed(self, spec, ref=None, status=0, more=()):
        """The answer of `ls -o json`, and the source in it."""
        arguments = [TOOL, "ls", "-o", "json", "--source", f"app={spec}", *more]
        if ref:
            arguments += ["--manifests", self.written(OBJECT.replace("REF", ref), "object.yaml")]
        if status:
            return self.fails(*arguments, status=status)
        answer = self.succeeds(*arguments)
        return answer, answer.json()["source"]


class References(Repository):
    """Which commit `spec.ref` takes, and what is said where another one is read."""

    def setUp(self):
        super().setUp()
        self.first = self.add("deploy/b.yaml", "b: 1\n", "v1.0.0")
        self.second = self.add("deploy/b.yaml", "b: 2\n", "v1.1.0", "v2.0.0-rc.1")
        self.third = self.add("deploy/b.yaml", "b: 3\n")

    def test_a_range_of_versions_names_the_revision(self):
        for ref, spec, revision in (
            ("{semver: 1.x}", "@v1.1.0", f"v1.1.0@sha1:{self.second}"),
            ("{semver: 1.x}", f"@{self.second}", f"v1.1.0@sha1:{self.second}"),
            ("{semver: '>=1.0.0-0'}", f"@{self.second}", f"v2.0.0-rc.1@sha1:{self.second}"),
            ("{semver: ~1.0.0}", "@v1.0.0", f"v1.0.0@sha1:{self.first}"),
            ("{semver: ~1.0.0, branch: main}", "@v1.0.0^{commit}", f"v1.0.0@sha1:{self.first}"),
        ):
            with self.subTest(ref=ref, spec=spec):
                answer, source = self.listed(f"git:{self.repository}{spec}", ref)
                self.assertEqual(source["revision"], revision)
                self.assertEqual(answer.err, "")

    def test_another_commit_than_that_of_the_reference_is_told(self):
        for ref, spec, said in (
            ("{semver: 1.x}", "", f"selects tag v1.1.0 ({self.second[:12]}), but this is {self.third[:12]}"),
            ("{branch: main}", "@v1.0.0", f"selects branch main ({self.third[:12]}), but this is {self.first[:12]}"),
            ("{tag: v1.1.0}", "@main", f"selects tag v1.1.0 ({self.second[:12]})"),
            (f"{{commit: {self.first}}}", "@main", f"selects commit {self.first[:12]} "),
        ):
            with self.subTest(ref=ref):
                answer, _ = self.listed(f"git:{self.repository}{spec}", ref)
                self.assertIn(said, answer.err)
                self.assertEqual(len(answer.err.splitlines()), 1)

    def test_of_equal_versions_that_with_the_later_commit_is_taken(self):
        later = self.add("deploy/b.yaml", "b: 4\n", "v3.0.0+a", date="2026-03-01T00:00:00Z")
        self.add("deploy/b.yaml", "b: 5\n", "v3.0.0+b", date="2026-02-01T00:00:00Z")
        _, source = self.listed(f"git:{self.repository}@{later}", "{semver: 3.x}")
        self.assertEqual(source["revision"], f"v3.0.0+a@sha1:{later}")

    def test_a_range_that_holds_no_tag_or_is_none_fails(self):
        self.assertIn("no match found for semver: 9.x", self.listed(f"git:{self.repository}", "{semver: 9.x}", 1).err)
        self.assertIn("semver parse error", self.listed(f"git:{self.repository}", "{semver: one}", 1).err)

    def test_a_work_tree_is_read_whatever_the_range_says(self):
        self.write("deploy/new.yaml", "n: 1\n")
        answer, source = self.listed(self.repository, "{semver: 1.x}")
        self.assertNotIn("revision", source)
        self.assertIn("1 untracked file is not committed", answer.err)


class Places(Repository):
    """What is said of a place that is neither a commit nor the top of a work tree."""

    def test_a_directory_in_a_work_tree_is_read_from_disk_and_told(self):
        self.write(".gitignore", "*.log\n")
        self.write("deploy/x.log", "x\n")
        note = (f"{self.repository}/deploy is part of the work tree {self.repository} and is read from disk, including ignored "
                f"files: use git:{self.repository} for the commit, dir:{self.repository}/deploy to hide this note")
        for more in ((), ("--manifests", self.written(OBJECT.replace("REF", "{branch: main}"), "object.yaml"))):
            answer, _ = self.listed(f"{self.repository}/deploy", more=more)
            self.assertEqual(answer.err.count(note), 1, answer)
            self.assertIn("x.log", [item["path"] for item in answer.json()["items"]])
        self.assertNotIn("work tree", self.listed(f"dir:{self.repository}/deploy")[0].err)
        generator = self.written(GENERATOR.replace("@repo/deploy/**", "@repo/**").replace('revision: "@repo", ', ""))
        built = self.succeeds(TOOL, "build", "-f", generator, "--source", f"repo={self.repository}/deploy", "-o", "name")
        self.assertEqual(built.err.count(note), 1, built)

    def test_a_commit_for_an_image_names_push(self):
        manifest = self.written(OCI.replace("REF", "{tag: latest}"), "object.yaml")
        for spec, wanted in ((f"git:{self.repository}@main", f"push:{self.repository}@main"),
                             (self.repository, f"push:{self.repository}")):
            answer = self.fails(TOOL, "ls", "--source", f"app={spec}", "--manifests", manifest)
            self.assertIn(wanted, answer.err)
        self.succeeds(TOOL, "ls", "--source", f"app=push:{self.repository}@main", "--manifests", manifest)

    def test_what_is_not_in_a_partial_clone_is_named_with_the_command(self):
        self.git("config", "uploadpack.allowFilter", "true")
        partial = f"{self.folder}/partial"
        self.git("clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{self.repository}", partial, inside=None)
        answer = self.fails(TOOL, "ls", "--source", f"app=git:{partial}")
        self.assertIn(f"git -C {partial} fetch --refetch --no-filter", answer.err)

    def test_bare_linked_and_shallow_clones_are_read(self):
        self.add("deploy/b.yaml", "b: 2\n")
        self.git("clone", "-q", "--bare", self.repository, f"{self.folder}/bare.git", inside=None)
        self.git("clone", "-q", "--depth=1", f"file://{self.repository}", f"{self.folder}/shallow", inside=None)
        self.git("worktree", "add", "-q", "--detach", f"{self.folder}/linked")
        wanted = self.listed(f"git:{self.repository}")[0].json()["items"]
        for spec in ("git:{}/bare.git", "git:{}/shallow", "git:{}/linked", "{}/linked", "git:{}/app/deploy"):
            with self.subTest(spec):
                self.assertEqual(self.listed(spec.format(self.folder))[0].json()["items"], wanted)


    def test_a_pushed_directory_is_that_of_the_commit(self):
        self.write("deploy/sub/b.yaml", "b: 1\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "sub")
        manifest = ("--manifests", self.written(OCI.replace("REF", "{tag: latest}"), "object.yaml"))
        for spec, paths in (("push:{}/deploy@HEAD", ["a.yaml", "sub", "sub/b.yaml"]), ("push:{}/deploy", ["a.yaml", "sub", "sub/b.yaml"]),
                            ("push:{}/deploy/sub@HEAD", ["b.yaml"]), ("push:{}@HEAD", ["deploy", "deploy/a.yaml", "deploy/sub", "deploy/sub/b.yaml"])):
            with self.subTest(spec):
                answer, _ = self.listed(spec.format(self.repository), more=manifest)
                self.assertEqual([item["path"] for item in answer.json()["items"]], paths)
        self.assertIn("has no directory deploy/sub/", self.fails(
            TOOL, "ls", "--source", f"app=push:{self.repository}/deploy/sub@HEAD~1", *manifest).err)
        self.assertIn(f"use push:{self.repository}@HEAD", self.fails(
            TOOL, "ls", "--source", f"app=push:{self.repository}", "--require-clean", *manifest).err)

    def test_what_git_keeps_is_no_source(self):
        self.git("clone", "-q", "--bare", self.repository, f"{self.folder}/bare.git", inside=None)
        for spec, right in ((f"{self.folder}/bare.git", f"{self.folder}/bare.git"), (f"{self.repository}/.git", self.repository),
                            (f"{self.folder}/bare.git/refs", f"{self.folder}/bare.git"), (f"{self.repository}/.git/objects", self.repository)):
            for kind in (OBJECT, OCI):
                manifest = self.written(kind.replace("REF", "{branch: main}" if kind is OBJECT else "{tag: latest}"), "object.yaml")
                with self.subTest(spec):
                    self.assertIn(f"use git:{right} for its commit", self.fails(
                        TOOL, "ls", "--source", f"app={spec}", "--manifests", manifest).err)
            self.assertIn(f"use git:{right} for its commit", self.fails(TOOL, "ls", "--source", f"app={spec}").err)
        self.listed(f"dir:{self.folder}/bare.git")

    def test_lost_objects_are_told_from_those_of_a_partial_clone(self):
        borrowing = f"{self.folder}/borrowing"
        self.git("clone", "-q", "--shared", self.repository, borrowing, inside=None)
        os.rename(f"{self.repository}/.git/objects", f"{self.repository}/.git/gone")
        for spec in (f"git:{borrowing}", borrowing):
            with self.subTest(spec):
                answer = self.fails(TOOL, "ls", "--source", f"app={spec}")
                self.assertIn(f"borrows objects from {self.repository}/.git/objects, which does not exist", answer.err)
        os.rename(f"{self.repository}/.git/gone", f"{self.repository}/.git/objects")
        blob = self.git("rev-parse", "HEAD:deploy/a.yaml")
        os.unlink(f"{self.repository}/.git/objects/{blob[:2]}/{blob[2:]}")
        answer = self.fails(TOOL, "ls", "--source", f"app=git:{self.repository}")
        self.assertIn("fsck lists what is missing", answer.err)

    def test_a_merge_conflict_is_named(self):
        self.git("checkout", "-q", "-b", "side")
        self.add("deploy/a.yaml", "a: 2\n")
        self.git("checkout", "-q", "main")
        self.add("deploy/a.yaml", "a: 3\n")
        with self.assertRaises(subprocess.CalledProcessError):
            self.git("merge", "-q", "side")
        self.assertIn("deploy/a.yaml has a merge conflict", self.fails(TOOL, "ls", "--source", f"app={self.repository}").err)

    def test_a_branch_of_a_remote_has_its_own_name(self):
        self.git("clone", "-q", self.repository, f"{self.folder}/clone", inside=None)
        _, source = self.listed(f"git:{self.folder}/clone@origin/main")
        self.assertEqual(source["revision"], f"main@sha1:{self.git('rev-parse', 'HEAD')}")


class Includes(Repository):
    """A GitRepository that contains another."""

    def setUp(self):
        super().setUp()
        self.other = f"{self.folder}/other"
        self.git("init", "-q", "-b", "main", self.other, inside=None)
        self.write("../other/lib/l.yaml", "l: 1\n")
        self.write("../other/.sourceignore", "*.md\n")
        self.write("../other/lib/x.md", "x\n")
        self.git("add", "-A", inside=self.other)
        self.git("commit", "-q", "-m", "x", inside=self.other)
        including = OBJECT.replace("ref: REF", "ref: {branch: main}, include: [{repository: {name: other}}]")
        included = OBJECT.replace("name: app", "name: other").replace("REF", "{branch: main}")
        self.manifest = self.written(including + "---\n" + included, "objects.yaml")
        self.sources = ("--source", f"repo={self.repository}", "--source", f"GitRepository/apps/other={self.other}",
                        "--manifests", self.manifest)
        self.build = (TOOL, "build", "-f", self.written(GENERATOR.replace("@repo/deploy/**", "@repo/**")), *self.sources)

    def test_uncommitted_files_of_it_count(self):
        self.write("../other/lib/new.yaml", "n: 1\n")
        answer = self.succeeds(*self.build, "--revision", "repo=1", "-o", "json")
        self.assertIn("1 untracked file is not committed", answer.err)
        source = next(source for source in answer.json()["sources"] if source["name"] == "GitRepository/apps/other")
        self.assertEqual((source["dirty"], source["changed"], source["untracked"]), (True, 0, 1))
        self.assertIn("1 untracked file", self.fails(*self.build, "--require-clean").err)

    def test_what_its_rules_leave_out_is_explained(self):
        answer = self.succeeds(TOOL, "ls", "--ignored", *self.sources[:2], *self.sources[2:])
        self.assertIn("other/lib/x.md  not in the included GitRepository other: '*.md' of .sourceignore:1", answer.out)

    def test_a_cycle_is_told(self):
        cycle = OBJECT.replace("name: app", "name: other").replace("ref: REF", "ref: {branch: main}, include: [{repository: {name: app}}]")
        with open(self.manifest) as file:
            first = file.read().split("---")[0]
        manifest = self.written(first + "---\n" + cycle, "cycle.yaml")
        answer = self.fails(TOOL, "ls", "--source", f"GitRepository/apps/app={self.repository}", "--source", f"GitRepository/apps/other={self.other}", "--manifests", manifest)
        self.assertIn("GitRepository apps/app includes itself (app → other → app)", answer.err)

    def test_a_source_that_nothing_draws_on_is_named(self):
        answer = self.succeeds(*self.build, "--source", f"GitRepository/apps/ohter={self.other}", "--revision", "repo=1", "-o", "json")
        self.assertEqual([line for line in answer.err.splitlines() if "matches no source" in line],
                         [f"Warning: --source GitRepository/apps/ohter={self.other} matches no source"])
        answer = self.succeeds(*self.build, "--source", f"GitRepository/apps/apps={self.other}", "--revision", "rpeo=1", "--revision", "repo=1", "-o", "json")
        self.assertIn("--revision rpeo=1 matches no source (did you mean repo?)", answer.err)
        self.assertIn(f"--source GitRepository/apps/apps={self.other} matches no source (did you mean GitRepository/apps/app?)", answer.err)


class Stages(Repository):
    """Whose failure it is, in text and in data."""

    def test_the_stage_that_fails_is_named(self):
        manifest = self.written(OBJECT.replace("REF", "{branch: main}"), "object.yaml")
        generator = self.written(GENERATOR)
        for name, stage in (("aux.yaml", "source-controller"), ("a\\b", "consumer")):
            with self.subTest(stage):
                self.write(f"deploy/{name}", "x\n")
                source = ("--source", f"repo={self.repository}", "--manifests", manifest)
                self.assertIn(f"(stage {stage})", self.fails(TOOL, "ls", *source).err)
                built = (TOOL, "build", "-f", generator, "--revision", "repo=1", *source)
                self.assertIn(f"(stage {stage})", self.fails(*built).err)
                self.assertEqual(self.fails(*built, "-o", "json").json()["errors"][0]["stage"], stage)
                os.unlink(f"{self.repository}/deploy/{name}")


class Endings(Repository):
    """A reading that would not end, or that is ended."""

    def test_a_named_pipe_where_git_reads_is_named(self):
        self.write("deploy/b.yaml", "b: 1\n")
        for name in (".gitignore", ".git/HEAD"):
            with self.subTest(name):
                path = f"{self.repository}/{name}"
                kept = f"{self.folder}/kept"
                if os.path.exists(path):
                    os.rename(path, kept)
                os.mkfifo(path)
                answer = self.fails(TOOL, "ls", "--source", f"app={self.repository}")
                self.assertIn(f"{path}, which is a named pipe", answer.err)
                os.unlink(path)
                if os.path.exists(kept):
                    os.rename(kept, path)

    def test_a_named_pipe_in_the_configuration_is_named(self):
        home = self.temporary()
        pipe = f"{home}/pipe"
        os.mkfifo(pipe)
        self.write("deploy/b.yaml", "b: 1\n")
        for text in (f"[include]\n\tpath = {pipe}\n", "[include]\n\tpath = pipe\n", f'[core]\n\texcludesFile = "{pipe}"\n', "[core]\n\texcludesfile = ~/pipe\n"):
            with self.subTest(text):
                with open(f"{home}/.gitconfig", "w") as file:
                    file.write(text)
                answer = self.fails(TOOL, "ls", "--source", f"app={self.repository}", HOME=home)
                self.assertIn("pipe, which is a named pipe", answer.err)
        os.unlink(f"{home}/.gitconfig")
        os.mkfifo(f"{home}/.gitconfig")
        answer = self.fails(TOOL, "ls", "--source", f"app=git:{self.repository}", HOME=home)
        self.assertIn(f"{home}/.gitconfig, which is a named pipe", answer.err)

    def test_a_named_pipe_among_the_files_is_left_out(self):
        os.mkfifo(f"{self.repository}/deploy/pipe")
        os.mkfifo(f"{self.repository}/.sourceignore")
        for spec in (f"dir:{self.repository}", self.repository):
            answer, _ = self.listed(spec, "{branch: main}")
            self.assertEqual([item["path"] for item in answer.json()["items"]], ["deploy", "deploy/a.yaml"])

    def test_a_signal_leaves_no_folder_behind(self):
        """Also while git writes into it: it is ended first."""
        home, scratch = self.temporary(), self.temporary()
        self.git("config", "--file", f"{home}/.gitconfig", "filter.slow.clean", f"touch {home}/began; sleep 600; cat")
        self.write(".gitattributes", "*.slow filter=slow\n")
        for index in range(50):
            self.write(f"deploy/{index}.yaml", "x\n")
        self.write("zz.slow", "x\n")
        program = shutil.which(TOOL, path=support.environment()["PATH"])
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)):
            with self.subTest(number):
                process = subprocess.Popen(
                    [program, "ls", "--source", f"app={self.repository}"],
                    env=support.environment(HOME=home, TMPDIR=scratch), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.addCleanup(process.kill)
                until = time.monotonic() + support.PATIENCE
                while not os.path.exists(f"{home}/began"):
                    self.assertIsNone(process.poll(), "it ended before its filter ran")
                    self.assertLess(time.monotonic(), until)
                    time.sleep(0.01)
                self.assertNotEqual(os.listdir(scratch), [])
                # Two at once, as `timeout` sends them.
                process.send_signal(number)
                process.send_signal(number)
                process.communicate(timeout=support.PATIENCE)
                self.assertEqual(process.returncode, status)
                self.assertEqual(os.listdir(scratch), [])
                os.unlink(f"{home}/began")

    def test_two_signals_at_any_moment_leave_no_folder_behind(self):
        scratch = self.temporary()
        for index in range(50):
            self.write(f"deploy/{index}.yaml", "x\n")
        program = shutil.which(TOOL, path=support.environment()["PATH"])
        for delay in range(50):
            process = subprocess.Popen(
                [program, "ls", "--source", f"app={self.repository}"],
                env=support.environment(TMPDIR=scratch), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay / 200)
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=support.PATIENCE)
            self.assertEqual(os.listdir(scratch), [], f"after {delay * 5} ms")


class Explanations(Repository):
    """Why a source is not read, or is read in another way than somebody may think."""

    def test_a_repository_of_somebody_else(self):
        if os.geteuid() != 0:
            self.skipTest("takes root")
        for folder, _, files in os.walk(self.repository):
            for name in [folder, *(os.path.join(folder, file) for file in files)]:
                os.chown(name, 65534, 65534, follow_symlinks=False)
        answer = self.fails(TOOL, "ls", "--source", f"repo=git:{self.repository}")
        self.assertIn(f"it belongs to another user; if you trust it, run git config --global --add safe.directory {self.repository}", answer.err)

    def test_a_chart_that_comes_from_a_helm_repository(self):
        chart = self.written(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\nmetadata: {name: web, namespace: apps}\n"
            "spec: {chart: web, sourceRef: {kind: HelmRepository, name: charts}}\n", "chart.yaml")
        answer = self.fails(TOOL, "ls", "--source", f"HelmChart/apps/web=git:{self.repository}", "--manifests", chart)
        self.assertIn("is downloaded from HelmRepository apps/charts, not packed from a directory or commit: give the packed chart (.tgz)", answer.err)

    def test_a_name_without_an_object(self):
        answer = self.succeeds(TOOL, "ls", "--source", f"any=git:{self.repository}")
        self.assertIn("Note: the object of source any is unknown (use --manifests FILE): its spec is assumed to be empty", answer.err)

    def test_what_push_drops(self):
        self.write("deploy/notes.zip", "z")
        os.symlink("a.yaml", f"{self.repository}/deploy/link.yaml")
        manifest = self.written(OCI.replace("REF", "{tag: latest}"), "oci.yaml")
        answer = self.succeeds(TOOL, "ls", "--ignored", "--source", f"OCIRepository/apps/app=push:{self.repository}", "--manifests", manifest)
        lines = {line.split()[0]: line for line in answer.out.splitlines()}
        self.assertIn("deploy/notes.zip", lines, answer)
        self.assertIn("symbolic link (to a.yaml)", lines["deploy/link.yaml"])

    def test_a_layout_whose_index_is_a_pipe(self):
        layout = self.temporary()
        with open(f"{layout}/oci-layout", "w") as file:
            file.write('{"imageLayoutVersion": "1.0.0"}')
        os.mkfifo(f"{layout}/index.json")
        answer = self.fails(TOOL, "ls", "--source", f"OCIRepository/apps/app={layout}")
        self.assertIn("index.json", answer.err)

    def test_a_manifest_that_cannot_be_read_is_named(self):
        folder = self.temporary()
        with open(f"{folder}/object.yaml", "w") as file:
            file.write(OBJECT.replace("REF", "{branch: main}"))
        with open(f"{folder}/huge.yaml", "w") as file:
            file.truncate((64 << 20) + 1)
        answer = self.succeeds(TOOL, "ls", "--source", f"repo={self.repository}", "--manifests", folder)
        self.assertIn(f"{folder}/huge.yaml is not read: file too large", answer.err)
