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
        self.assertEqual(candidates(answer), ["--no-headers", "--no-header"], answer)


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

    def test_bash_inserts_no_name_that_the_shell_would_act_on(self):
        """Names of contexts that are commands, with blanks, quotes and line breaks."""
        cases = [
            ("zz", "zz\\;touch\\ pwned\\;"),
            ("my", "my\\ ctx"),
            ("my\\ c", "my\\ ctx"),
            ("'my c", "'my ctx'"),
            ('"zz', '"zz;touch pwned;"'),
            ("a\\$", "a\\$\\(touch\\ pwned2\\)"),
            ('"a\\$', '"a\\$(touch pwned2)"'),
            ("q", "q\\'uote"),
            ("'q", "'q'\\''uote'"),
            ('"q', '"q\'uote"'),
            ("arn:aws:eks:e", "arn:aws:eks:eu:1:cluster/prod"),
            ("nl", "nl"),
        ]
        folder = self.temporary()
        with open(f"{support.ROOT}/Tests/faults/completion/kubeconfig") as file:
            hostile = file.read()
        named = hostile.replace(
            "contexts:", 'contexts:\n- {name: "arn:aws:eks:eu:1:cluster/prod", context: {cluster: c, user: u}}'
        )
        with open(f"{folder}/kubeconfig", "w") as file:
            file.write(named)
        with open(f"{folder}/rc", "w") as file:
            file.write(
                "PS1='> '; bind 'set enable-bracketed-paste off'; bind 'set bell-style none'\n"
                ". /usr/share/bash-completion/bash_completion\n"
                f". {self.share('bash-completion', 'completions', 'kubectl-artifactgen')}\n"
                f"note() {{ printf '%s' \"$READLINE_LINE\" >{folder}/new; mv {folder}/new {folder}/line; }}\n"
                "bind -x '\"\\C-t\": note'\n"
            )
        for breaks in ("", "COMP_WORDBREAKS=${COMP_WORDBREAKS//:}\n", "COMP_WORDBREAKS=${COMP_WORDBREAKS//=}\n"):
            with open(f"{folder}/rc", "a") as file:
                file.write(breaks)
            for flag in ("--context ", "--context="):
                for keys, expected in cases:
                    with self.subTest(breaks + flag + keys):
                        shell = ["/usr/bin/bash", "--noprofile", "--rcfile", f"{folder}/rc", "-i"]
                        line = self.typed(
                            folder, f"kubectl-artifactgen get {flag}{keys}\t\x14", shell,
                            KUBECONFIG=f"{folder}/kubeconfig",
                        )
                        self.assertEqual(line, f"kubectl-artifactgen get {flag}{expected}")
            shell = ["/usr/bin/bash", "--noprofile", "--rcfile", f"{folder}/rc", "-i"]
            line = self.typed(
                folder, 'kubectl-artifactgen get "--context=zz\t\x14', shell, KUBECONFIG=f"{folder}/kubeconfig"
            )
            self.assertEqual(line, 'kubectl-artifactgen get "--context=zz;touch pwned;"')
            # A value with an equals sign of its own.
            for flag in ("--for ", "--for="):
                line = self.typed(folder, f"kubectl-artifactgen wait {flag}condition=Reco\t\x14", shell)
                self.assertEqual(line, f"kubectl-artifactgen wait {flag}condition=Reconciling")

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
                hostile = {"KUBECONFIG": f"{support.ROOT}/Tests/faults/completion/kubeconfig"}
                line = self.typed(folder, f"{tool} get --context zz\t\x14", **hostile)
                self.assertEqual(line, f"{tool} get --context zz\\;touch\\ pwned\\;")

    def typed(self, folder, keys, shell=("/usr/bin/zsh", "-i"), **changes):
        """What stands at a shell's prompt when the keys have been typed; the last has it written to a file."""
        if os.path.exists(f"{folder}/line"):
            os.remove(f"{folder}/line")
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.execve(shell[0], list(shell), support.environment(ZDOTDIR=folder, TERM="vt100", **changes))
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
            self.fail(f"the shell did not answer; the terminal shows {seen!r}")
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(terminal)
