"""install.sh, on folders of its own."""
import hashlib
import os
import platform
import shutil
import subprocess
import tarfile

import support


class Installing(support.Case):
    def setUp(self):
        self.folder = self.temporary()
        self.prefix, self.plugins = f"{self.folder}/prefix", f"{self.folder}/plugins"

    def install(self, *arguments, **changes):
        changes.setdefault("FLUXCD_PLUGINS", self.plugins)
        return self.succeeds(f"{support.ROOT}/install.sh", "--prefix", self.prefix, *arguments, **changes)

    def installed(self, below=None):
        return sorted(
            os.path.relpath(os.path.join(folder, name), self.folder)
            for folder, _, names in os.walk(below or self.folder)
            for name in names
        )

    def test_what_is_where(self):
        self.install("--from", support.Setting.binaries)
        files = self.installed()
        for path in (
            "prefix/bin/kubectl-artifactgen",
            "prefix/bin/flux-externalartifact",
            "prefix/bin/kubectl_complete-artifactgen",
            "prefix/share/man/man1/kubectl-artifactgen.1",
            "prefix/share/bash-completion/completions/kubectl-artifactgen",
            "prefix/share/zsh/site-functions/_kubectl_artifactgen",
            "prefix/share/fish/vendor_completions.d/flux-externalartifact.fish",
            "plugins/flux-externalartifact",
        ):
            self.assertIn(path, files)
        self.assertTrue(os.access(f"{self.prefix}/bin/kubectl_complete-artifactgen", os.X_OK))
        self.assertFalse(os.access(f"{self.prefix}/share/man/man1/kubectl-artifactgen.1", os.X_OK))

    def test_again_changes_nothing(self):
        self.install("--from", support.Setting.binaries)
        before = self.installed()
        self.install("--from", support.Setting.binaries)
        self.assertEqual(self.installed(), before)

    def test_uninstall_leaves_nothing(self):
        self.install("--from", support.Setting.binaries)
        self.install("--uninstall")
        self.assertEqual(os.listdir(self.folder), [])
        self.install("--uninstall")  # once more is no error

    def test_uninstall_leaves_folders_that_were_there_or_are_in_use(self):
        os.makedirs(f"{self.prefix}/share")
        self.install("--from", support.Setting.binaries)
        self.install("--from", support.Setting.binaries)  # the second run finds the folders of the first
        with open(f"{self.prefix}/bin/other", "w") as file:
            file.write("somebody's")
        self.install("--uninstall")
        self.assertEqual(sorted(os.listdir(self.prefix)), ["bin", "share"])
        self.assertEqual(self.installed(), ["prefix/bin/other"])
        self.assertEqual(os.listdir(f"{self.prefix}/share"), [])

    def test_the_record_removes_no_folder_elsewhere(self):
        elsewhere = f"{self.folder}/elsewhere"
        os.makedirs(elsewhere)
        self.record(f"folder {elsewhere}", f"folder {self.prefix}/../elsewhere")
        self.install("--uninstall")
        self.assertEqual(os.listdir(self.folder), ["elsewhere"])

    def test_dry_run_changes_nothing(self):
        answer = self.install("--from", support.Setting.binaries, "--dry-run")
        self.assertEqual(os.listdir(self.folder), [])
        said = [line.removeprefix("would install ") for line in answer.out.splitlines()]
        self.assertIn(f"{self.prefix}/bin/kubectl-artifactgen", said)
        self.assertEqual(self.install("--dry-run").out, answer.out)  # nothing is built for it
        self.install("--from", support.Setting.binaries)
        present = {f"{self.folder}/{path}" for path in self.installed()}
        self.assertEqual(set(said), present - {f"{self.prefix}/share/artifactgen/installed"})
        answer = self.install("--uninstall", "--dry-run")
        self.assertLessEqual({f"would remove {path}" for path in said}, set(answer.out.splitlines()))
        self.assertEqual({f"{self.folder}/{path}" for path in self.installed()}, present)

    def test_uninstall_knows_the_prefix_in_any_spelling(self):
        for one, other in ((f"{self.prefix}/", self.prefix), (f"{self.folder}/./prefix", f"{self.folder}/x/../prefix")):
            with self.subTest(one):
                self.prefix = one
                self.install("--from", support.Setting.binaries)
                self.prefix = other
                self.install("--uninstall")
                self.assertEqual(self.installed(), [])

    def test_a_foreign_link_is_replaced_with_a_word(self):
        os.makedirs(self.plugins)
        os.symlink("/somewhere/else", f"{self.plugins}/flux-externalartifact")
        self.assertIn("which pointed to /somewhere/else", self.install("--from", support.Setting.binaries).err)
        self.assertNotIn("which led to", self.install("--from", support.Setting.binaries).err)

    def test_upgrade_drops_what_is_gone(self):
        self.install("--from", support.Setting.binaries)
        old = f"{self.prefix}/share/man/man1/kubectl-artifactgen-old-verb.1"
        with open(old, "w"), open(f"{self.prefix}/share/artifactgen/installed", "a") as record:
            record.write(f"file {old}\n")
        self.install("--from", support.Setting.binaries)
        self.assertFalse(os.path.exists(old))

    def test_foreign_file_in_the_folder_of_flux_stays(self):
        os.makedirs(self.plugins)
        foreign = f"{self.plugins}/flux-externalartifact"
        with open(foreign, "w") as file:
            file.write("not ours")
        self.assertIn("skipped: ", self.install("--from", support.Setting.binaries).err)
        self.install("--uninstall")
        with open(foreign) as file:
            self.assertEqual(file.read(), "not ours")

    def record(self, *lines):
        self.install("--from", support.Setting.binaries)
        with open(f"{self.prefix}/share/artifactgen/installed", "a") as record:
            record.writelines(line + "\n" for line in lines)

    def test_the_record_removes_nothing_outside_of_the_prefix(self):
        outside, folder = f"{self.folder}/outside", f"{self.prefix}/share/folder"
        os.makedirs(f"{self.prefix}/share")
        for path in (outside, f"{self.folder}/dash"):
            with open(path, "w") as file:
                file.write("somebody's")
        os.symlink(self.folder, f"{self.prefix}/share/way")
        os.symlink("/somewhere", f"{self.folder}/link")
        self.record(
            f"file {outside}",
            f"file {self.prefix}/share/../../outside",
            f"file {self.prefix}/share/way/outside",
            f"link {self.folder}/link",
            f"link {outside}",
            f"file {folder}",
            f"file {self.prefix}",
            "file -rf",
            f"{outside}",
            "",
        )
        os.makedirs(f"{folder}/kept")
        before = self.installed()
        # An upgrade and an uninstall read the same record.
        self.install("--from", support.Setting.binaries)
        self.assertEqual(self.installed(), before)
        self.record(f"file {outside}", f"file {self.prefix}/share/way/outside", f"file {folder}", f"file {self.prefix}")
        said = self.install("--uninstall").err
        for path in (outside, f"{self.prefix}/share/way/outside", folder, self.prefix):
            self.assertIn(f"skipped: {path} (", said)
        self.assertEqual(self.installed(), ["dash", "link", "outside"])
        self.assertTrue(os.path.isdir(f"{folder}/kept"))

    def test_a_record_that_is_a_link_is_refused(self):
        self.install("--from", support.Setting.binaries)
        record = f"{self.prefix}/share/artifactgen/installed"
        os.rename(record, f"{self.folder}/elsewhere")
        os.symlink(f"{self.folder}/elsewhere", record)
        before = self.installed()
        for words in (["--uninstall"], ["--from", support.Setting.binaries]):
            with self.subTest(words):
                answer = self.fails(f"{support.ROOT}/install.sh", "--prefix", self.prefix, *words)
                self.assertIn("was not created by this script", answer.err)
                self.assertEqual(self.installed(), before)

    def test_a_prefix_with_a_newline_is_refused(self):
        answer = self.fails(
            f"{support.ROOT}/install.sh", "--prefix", f"{self.folder}/a\nfile /etc/passwd", "--from", support.Setting.binaries
        )
        self.assertIn("control character", answer.err)
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_folder_in_the_place_of_a_binary_is_an_error(self):
        os.makedirs(f"{self.prefix}/bin/kubectl-artifactgen")
        answer = self.fails(f"{support.ROOT}/install.sh", "--prefix", self.prefix, "--from", support.Setting.binaries)
        self.assertIn("kubectl-artifactgen is a directory", answer.err)
        self.assertEqual(self.installed(), [])

    def test_an_interrupted_run_leaves_nothing_unknown(self):
        # A program of the system that fails at its fifth call stands for an interruption between two files.
        tools = f"{self.folder}/tools"
        os.makedirs(tools)
        for name in ("install", "mv"):
            with self.subTest(name):
                for allowed in (1, 2, 5):
                    with open(f"{tools}/{name}", "w") as file:
                        file.write(
                            f"#!/bin/bash\necho >>{self.folder}/calls\n"
                            f"[ $(wc -l <{self.folder}/calls) -le {allowed} ] || kill -KILL $PPID\n"
                            f'exec /usr/bin/{name} "$@"\n'
                        )
                    os.chmod(f"{tools}/{name}", 0o755)
                    answer = support.run(
                        f"{support.ROOT}/install.sh", "--prefix", self.prefix, "--from", support.Setting.binaries,
                        FLUXCD_PLUGINS=self.plugins, PATH=f"{tools}:/usr/bin:/bin",
                    )
                    self.assertNotEqual(answer.status, 0)
                    os.remove(f"{self.folder}/calls")
                    os.remove(f"{tools}/{name}")
                    self.install("--uninstall")
                    self.assertEqual(self.installed(), [])

    def test_default_folder_of_flux(self):
        home = f"{self.folder}/home"
        os.makedirs(home)
        self.install("--from", support.Setting.binaries, HOME=home, FLUXCD_PLUGINS=None)
        self.assertTrue(os.path.islink(f"{home}/.fluxcd/plugins/flux-externalartifact"))

    def test_says_what_is_missing_in_path(self):
        self.assertIn(f"{self.prefix}/bin is not in PATH", self.install("--from", support.Setting.binaries).err)
        path = f"{self.prefix}/bin:/usr/bin:/bin"
        self.assertNotIn("is not in PATH", self.install("--from", support.Setting.binaries, PATH=path).err)

    def test_without_swift_it_says_what_else_there_is(self):
        if shutil.which("swift", path="/usr/bin:/bin"):
            self.skipTest("swift is everywhere on this machine")
        answer = self.fails(f"{support.ROOT}/install.sh", "--prefix", self.prefix, "--no-deps")
        self.assertIn("swift is missing", answer.err)
        self.assertIn("./install.sh --from ARCHIVE", answer.err)
        self.assertIn("packaging/release VERSION", answer.err)
        self.assertEqual(os.listdir(self.folder), [])

    def test_without_swift_it_names_the_releases_of_the_origin(self):
        if shutil.which("swift", path="/usr/bin:/bin"):
            self.skipTest("swift is everywhere on this machine")
        checkout = f"{self.folder}/checkout"
        subprocess.run(["git", "init", "--quiet", checkout], check=True)
        shutil.copy(f"{support.ROOT}/install.sh", checkout)
        origins = {
            "https://github.com/example/shop.git": "https://github.com/example/shop/releases",
            "git@gitlab.example.com:team/shop.git": "https://gitlab.example.com/team/shop/releases",
            "ssh://git@example.com/team/shop": "https://example.com/team/shop/releases",
            "https://user:secret@example.com/shop": "https://example.com/shop/releases",
            "/srv/git/shop.git": None,
        }
        for origin, address in origins.items():
            with self.subTest(origin):
                subprocess.run(["git", "-C", checkout, "config", "remote.origin.url", origin], check=True)
                said = self.fails(f"{checkout}/install.sh", "--prefix", self.prefix, "--no-deps").err
                self.assertEqual(f"releases: {address}\n" in said, address is not None, said)
                self.assertEqual("releases: " in said, address is not None, said)

    def archive(self, *files, compressed=True):
        """An archive of kubectl's plugin with these files, and a checksum that is right."""
        machine = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
        name = f"kubectl-artifactgen_9.9.9_linux_{machine}.tar.gz"
        path, empty = f"{self.folder}/{name}", f"{self.folder}/empty"
        open(empty, "w").close()
        with tarfile.open(path, "w:gz" if compressed else "w") as archive:
            for file in files:
                tool = os.path.join(support.Setting.binaries, file)
                archive.add(tool if os.path.exists(tool) else empty, file)
        os.remove(empty)
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        with open(f"{self.folder}/kubectl-artifactgen_9.9.9_checksums.txt", "w") as file:
            file.write(f"{digest}  {name}\n")
        return path

    def test_an_incomplete_archive_installs_nothing(self):
        tool = "kubectl-artifactgen"
        completions = [f"completions/{tool}.{shell}" for shell in ("bash", "fish", "zsh")]
        complete = [tool, f"man/{tool}.1", "kubectl_complete-artifactgen", *completions]
        for missing in complete:
            with self.subTest(missing):
                archive = self.archive(*(file for file in complete if file != missing))
                answer = self.fails(f"{support.ROOT}/install.sh", "--prefix", self.prefix, "--from", archive)
                self.assertEqual(
                    answer.err, f"install.sh: {archive} is not an archive of packaging/release: {missing} is missing\n"
                )
                self.assertFalse(os.path.exists(self.prefix))
        self.install("--from", self.archive(*complete))
        self.succeeds(f"{self.prefix}/bin/{tool}", "--version")

    def test_what_is_no_archive_is_named(self):
        archive = self.archive("kubectl-artifactgen", compressed=False)
        answer = self.fails(f"{support.ROOT}/install.sh", "--prefix", self.prefix, "--from", archive)
        self.assertEqual(
            answer.err, f"install.sh: {archive} is not an archive of packaging/release: it cannot be unpacked\n"
        )
        answer = self.fails(f"{support.ROOT}/install.sh", "--prefix", self.prefix, "--from", "/nope")
        self.assertEqual(answer.err, "install.sh: /nope is not a directory or archive\n")
        self.assertFalse(os.path.exists(self.prefix))

    def test_demo_runs_after_it(self):
        answer = self.install("--from", support.Setting.binaries, "--demo", TMPDIR=self.folder)
        for name in ("storefront", "orders", "payments"):
            self.assertIn(name, answer.out)
        for verb in ("build", "diff", "tree", "trace"):
            self.assertIn(f"$ kubectl artifactgen {verb} ", answer.out)
        self.assertIn("Kustomization/orders", answer.out)
        self.assertNotIn("Note: ", answer.out + answer.err)
        self.assertEqual(len(answer.out.split("\nNext:\n")[1].splitlines()), 3)
        self.assertEqual(sorted(os.listdir(self.folder)), ["plugins", "prefix"])

    def test_bad_arguments_are_refused(self):
        for words in (["--no-such"], ["--from"], ["--from", "/no/such/folder"], ["--from", "/no/such.tar.gz"]):
            with self.subTest(words):
                self.fails(f"{support.ROOT}/install.sh", "--prefix", self.prefix, *words, FLUXCD_PLUGINS=self.plugins)
                self.assertEqual(self.installed(), [])
