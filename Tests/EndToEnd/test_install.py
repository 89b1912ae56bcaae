"""install.sh, on folders of its own."""
import os

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
        self.assertEqual(self.installed(), [])
        self.install("--uninstall")  # once more is no error

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
        self.assertIn("which led to /somewhere/else", self.install("--from", support.Setting.binaries).err)
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
        self.assertIn("left alone", self.install("--from", support.Setting.binaries).err)
        self.install("--uninstall")
        with open(foreign) as file:
            self.assertEqual(file.read(), "not ours")

    def test_default_folder_of_flux(self):
        home = f"{self.folder}/home"
        os.makedirs(home)
        self.install("--from", support.Setting.binaries, HOME=home, FLUXCD_PLUGINS=None)
        self.assertTrue(os.path.islink(f"{home}/.fluxcd/plugins/flux-externalartifact"))

    def test_says_what_is_missing_in_path(self):
        self.assertIn(f"missing in PATH: {self.prefix}/bin", self.install("--from", support.Setting.binaries).err)
        path = f"{self.prefix}/bin:/usr/bin:/bin"
        self.assertNotIn("missing in PATH", self.install("--from", support.Setting.binaries, PATH=path).err)

    def test_demo_runs_after_it(self):
        answer = self.install("--from", support.Setting.binaries, "--demo", TMPDIR=self.folder)
        for name in ("storefront", "orders", "payments"):
            self.assertIn(name, answer.out)
        trees = [name for name in os.listdir(self.folder) if name.startswith("artifactgen-demo")]
        self.assertEqual(len(trees), 1)
        files = self.installed(f"{self.folder}/{trees[0]}")
        self.assertTrue(any(path.endswith("shared/network-policy.yaml") for path in files), files)

    def test_bad_arguments_are_refused(self):
        for words in (["--no-such"], ["--from"], ["--from", "/no/such/folder"]):
            with self.subTest(words):
                self.fails(f"{support.ROOT}/install.sh", "--prefix", self.prefix, *words, FLUXCD_PLUGINS=self.plugins)
                self.assertEqual(self.installed(), [])
