"""The manual pages, as man shows them."""
import glob
import os

import support

TOOLS = ("kubectl-artifactgen", "flux-externalartifact")


class ManualPages(support.Case):
    def pages(self):
        return sorted(glob.glob(f"{support.Setting.prefix}/share/man/man1/*.1"))

    def test_a_page_for_each_verb(self):
        names = [os.path.basename(page) for page in self.pages()]
        for tool in TOOLS:
            for page in (tool, f"{tool}-get", f"{tool}-build"):
                self.assertIn(f"{page}.1", names)

    def test_man_finds_no_fault(self):
        for page in self.pages():
            with self.subTest(os.path.basename(page)):
                answer = self.succeeds("man", "--warnings", "-E", "UTF-8", "-l", page, MANWIDTH="100", MANROFFSEQ="")
                self.assertEqual(answer.err, "")
                self.assertIn("SYNOPSIS", answer.out)

    def test_man_finds_the_page_by_name(self):
        folder = f"{support.Setting.prefix}/share/man"
        self.assertIn("build", self.succeeds("man", "-M", folder, "kubectl-artifactgen-build", MANPAGER="cat").out)
