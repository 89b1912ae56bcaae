"""Credential plugins as child processes: they go with the command, and reach the terminal where they may."""
import fcntl
import json
import os
import pty
import shutil
import signal
import subprocess
import termios
import time

import support

CREDENTIAL = '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"x"}}'
OPEN_END = "sleep 60 & echo $! >>pids; echo $$ >>pids; mv pids all; wait"


class PluginCase(support.Case):
    def started(self, script, mode="Never", **options):
        """Starts a command whose kubeconfig names the script as its plugin; it works in the returned folder."""
        folder = self.temporary()
        with open(f"{folder}/plugin", "w") as file:
            file.write(f"#!/bin/sh\ncd {folder}\n{script}\n")
        os.chmod(f"{folder}/plugin", 0o755)
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": f"https://127.0.0.1:{support.closed_port()}"}}],
            "users": [{"name": "u", "user": {"exec": {
                "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": mode, "command": f"{folder}/plugin"}}}],
        }
        program = shutil.which("kubectl-artifactgen", path=support.environment()["PATH"])
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        process = subprocess.Popen(
            [program, "get", "--kubeconfig", self.written(json.dumps(config), "config")], env=support.environment(), **options)
        self.addCleanup(process.kill)
        return folder, process

    def content(self, path):
        until = time.monotonic() + support.PATIENCE
        while not os.path.exists(path):
            self.assertLess(time.monotonic(), until, f"{path} never appeared")
            time.sleep(0.01)
        with open(path) as file:
            return file.read()

    def assertGone(self, pids):
        def lives(pid):
            try:
                with open(f"/proc/{pid}/stat") as file:
                    return ") Z " not in file.read()
            except FileNotFoundError:
                return False

        until = time.monotonic() + 5
        while any(map(lives, pids)):
            self.assertLess(time.monotonic(), until, f"of {pids} one is still there")
            time.sleep(0.01)


class Output(support.Case):
    def test_what_nobody_can_read_is_an_error(self):
        """Unlike kubectl, which takes a closed standard output for an open one."""
        program = shutil.which("kubectl-artifactgen", path=support.environment()["PATH"])
        snapshot = self.written("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}", "snapshot.yaml")
        for words in ("version", "--help", f"get cm --snapshot {snapshot} -n default", "completion bash"):
            for stream in (">&-", ">/dev/full"):
                with self.subTest(words + stream):
                    done = subprocess.run(
                        ["/bin/sh", "-c", f"exec {program} {words} {stream}"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                        env=support.environment(), text=True, timeout=support.PATIENCE)
                    self.assertEqual(done.returncode, 1, done)
                    self.assertIn("error: cannot write output: ", done.stderr)
                    self.assertEqual(done.stderr.count("\n"), 1)

    def test_what_has_nothing_to_say_needs_no_output(self):
        snapshot = self.written("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}", "snapshot.yaml")
        program = shutil.which("kubectl-artifactgen", path=support.environment()["PATH"])
        done = subprocess.run(
            ["/bin/sh", "-c", f"exec {program} get cm --snapshot {snapshot} -n apps >&-"], stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env=support.environment(), text=True, timeout=support.PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, "No resources found in apps namespace.\n"))


class Ending(PluginCase):
    def interrupted(self, script, number):
        # A shell that starts the tests in the background has them ignore SIGQUIT.
        folder, process = self.started(script, preexec_fn=lambda: signal.signal(signal.SIGQUIT, signal.SIG_DFL))
        pids = self.content(f"{folder}/all").split()
        start = time.monotonic()
        process.send_signal(number)
        process.communicate(timeout=support.PATIENCE)
        # 200 ms are promised; the rest is what a loaded machine may add.
        self.assertLess(time.monotonic() - start, 1)
        self.assertGone(pids)
        return process.returncode

    def test_a_signal_takes_the_plugin_and_its_children(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP),
                               (signal.SIGQUIT, -signal.SIGQUIT)):
            with self.subTest(number):
                self.assertEqual(self.interrupted(OPEN_END, number), status)

    def test_a_signal_takes_a_plugin_that_hears_none(self):
        self.assertEqual(self.interrupted(f"trap '' TERM INT HUP\n{OPEN_END}", signal.SIGTERM), -signal.SIGTERM)


class Terminal(PluginCase):
    def on_a_terminal(self, script, mode, typed=b""):
        """Runs on a terminal of its own; returns the folder and all that was shown."""
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)

        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        folder, process = self.started(
            script, mode, stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=take_terminal)
        os.close(slave)
        os.write(master, typed)
        shown, _ = process.communicate(timeout=support.PATIENCE)
        return folder, shown.decode()

    def test_a_plugin_that_may_ask_reads_the_terminal(self):
        for mode in ("IfAvailable", "Always"):
            with self.subTest(mode):
                folder, shown = self.on_a_terminal(f"read answer; echo \"$answer\" >got; echo '{CREDENTIAL}'", mode, b"yes\n")
                self.assertEqual(self.content(f"{folder}/got"), "yes\n", shown)

    def test_a_plugin_that_asks_all_the_same_is_told_apart(self):
        """It would wait for an answer from the background for ever."""
        _, shown = self.on_a_terminal("read answer </dev/tty; echo x >got", "Never", b"yes\n")
        self.assertIn("needs the terminal; set interactiveMode: IfAvailable", shown)
