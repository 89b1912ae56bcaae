"""TAB, as it reaches the tools: from kubectl, from flux, and from the shells' own scripts."""
import os
import pty
import select
import signal
import time

import support
from support import run

TOOLS = ("kubectl-artifactgen", "flux-externalartifact")


def candidates(answer):
    return [line.split("\t")[0] for line in answer.out.splitlines()[:-1]]


class Protocol(support.Case):
    """Cobra's: candidates, one on a line, and the directive on the last."""

    def complete(self, *words, tool="kubectl-artifactgen", command="__complete", **changes):
        answer = self.succeeds(tool, command, *words, **changes)
        self.assertRegex(answer.out.splitlines()[-1], r"^:\d+$", answer)
        return answer

    def test_verbs_are_offered_first(self):
        for tool in TOOLS:
            with self.subTest(tool):
                answer = self.complete("", tool=tool)
                self.assertIn("get", candidates(answer))
                self.assertIn("build", candidates(answer))

    def test_prefix_narrows_the_candidates(self):
        self.assertEqual(candidates(self.complete("ge")), ["get"])
        self.assertEqual(candidates(self.complete("zzz")), [])

    def test_descriptions(self):
        """#66"""
        described = self.complete("get", "--no-h")
        self.assertRegex(described.out, r"^--no-headers\t\S")
        bare = self.complete("get", "--no-h", command="__completeNoDesc")
        self.assertEqual(bare.out.splitlines()[0], "--no-headers")

    def test_values_of_a_flag_are_offered(self):
        expected = {"json", "yaml", "name", "wide"}
        for words in (["get", "-o", ""], ["get", "--output", ""], ["get", "--output="]):
            with self.subTest(words):
                seen = {each.split("=")[-1] for each in candidates(self.complete(*words))}
                self.assertLessEqual(expected, seen)

    def test_files_are_left_to_the_shell(self):
        self.assertEqual(int(self.complete("build", "-f", "").out.splitlines()[-1][1:]) & 4, 0)


class FromKubectl(support.ClusterCase):
    def complete(self, *words, **changes):
        return run("kubectl", "__complete", "artifactgen", *words, **changes)

    def test_verbs(self):
        """#66"""
        answer = self.complete("ge")
        self.assertEqual(candidates(answer), ["get"], answer)

    def test_values_of_a_flag_are_offered(self):
        answer = self.complete("get", "-o", "ya")
        self.assertEqual(candidates(answer), ["yaml"], answer)

    def test_flags_are_offered_too(self):
        answer = self.complete("get", "--no-h")
        self.assertEqual(candidates(answer), ["--no-headers"], answer)


class Scripts(support.Case):
    """The files that install.sh puts where shells look for them."""

    def share(self, *path):
        return os.path.join(support.Setting.prefix, "share", *path)

    def test_bash_completes_a_line(self):
        for tool in TOOLS:
            with self.subTest(tool):
                script = f"""
                  . /usr/share/bash-completion/bash_completion
                  . {self.share("bash-completion", "completions", tool)}
                  function=$(complete -p {tool} | sed -E 's/.* -F ([^ ]+) .*/\\1/')
                  COMP_LINE='{tool} ge' COMP_POINT=${{#COMP_LINE}} COMP_WORDS=({tool} ge) COMP_CWORD=1
                  $function {tool} ge {tool}
                  printf '%s\\n' "${{COMPREPLY[@]}}"
                """
                # A line is what is typed with Enter before the assignments: bash needs them as plain variables.
                answer = self.succeeds("bash", "--norc", "-c", script.replace("COMP_POINT=$", "\n COMP_POINT=$"))
                self.assertEqual([line.strip() for line in answer.out.splitlines()], ["get"], answer)

    def test_fish_completes_a_line(self):
        for tool in TOOLS:
            with self.subTest(tool):
                script = f"source {self.share('fish', 'vendor_completions.d', tool + '.fish')}; complete -C '{tool} ge'"
                answer = self.succeeds("fish", "--no-config", "-c", script)
                self.assertEqual([line.split("\t")[0] for line in answer.out.splitlines()], ["get"], answer)

    def test_zsh(self):
        """zsh completes at its prompt only: types at a terminal, and has a key write down what stands there."""
        for tool in TOOLS:
            with self.subTest(tool):
                folder = self.temporary()
                setup = (
                    f"PS1='> '; fpath=({self.share('zsh', 'site-functions')} $fpath)\n"
                    f"autoload -Uz compinit; compinit -u -d {folder}/dump\n"
                    f"note() {{ print -r -- \"$BUFFER\" > {folder}/new; mv {folder}/new {folder}/line }}\n"
                    "zle -N note; bindkey '^T' note\n"
                )
                with open(f"{folder}/.zshrc", "w") as file:
                    file.write(setup)
                self.assertEqual(self.typed(folder, f"{tool} ge\t\x14"), f"{tool} get")

    def typed(self, folder, keys):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve("/usr/bin/zsh", ["zsh", "-i"], support.environment(ZDOTDIR=folder, TERM="vt100"))
        try:
            seen, sent, until = b"", False, time.monotonic() + support.PATIENCE
            while time.monotonic() < until:
                if os.path.exists(f"{folder}/line"):
                    with open(f"{folder}/line") as file:
                        return file.read().strip()
                if select.select([terminal], [], [], 0.05)[0]:
                    seen += os.read(terminal, 4096)
                if not sent and seen.endswith(b"> ") or not sent and b"> \x1b" in seen:
                    os.write(terminal, keys.encode())
                    sent = True
            self.fail(f"zsh did not answer; the terminal shows {seen!r}")
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(terminal)
