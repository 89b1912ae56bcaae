"""A server that goes away while it is asked: recovery where that is possible, one clear line where it is not."""
import re
import socket
import subprocess
import threading
import time

import cluster
import fixtures
import ports
import support

TOOL = "kubectl-artifactgen"
COUNT = 1200  # three pages


class Relay:
    """Passes connections on to a server, and can hold back what it answers from some byte on."""

    def __init__(self, port):
        self.target = port
        self.holder = ports.reserve()
        self.port = ports.number(self.holder)
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.hold_after = None  # bytes of answers that pass before the rest waits
        self.passed = 0
        self.is_held = threading.Event()
        self.may_go_on = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()
        except OSError:
            pass

    def serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            return client.close()
        threading.Thread(target=self.copy, args=(client, server, False), daemon=True).start()
        self.copy(server, client, True)

    def copy(self, source, target, is_answer):
        try:
            while data := source.recv(4096):
                if is_answer:
                    self.passed += len(data)
                    if self.hold_after is not None and self.passed > self.hold_after and not self.may_go_on.is_set():
                        self.is_held.set()
                        self.may_go_on.wait()
                target.sendall(data)
        except OSError:
            pass
        for each in (source, target):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def refuse(self):
        """From now on nobody listens."""
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def close(self):
        self.may_go_on.set()
        self.refuse()
        self.holder.close()


class SilentServer(support.Case):
    """A port that takes connections and says nothing: what a dead load balancer looks like."""

    def test_every_verb_ends_in_time(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        server = f"https://127.0.0.1:{listener.getsockname()[1]}"
        for words in (
            "get ag", "tree ag/app", "trace ag/app", "events", "export ag --all", "check",
            "reconcile ag/app", "suspend ag/app", "resume ag/app", "wait ag/app", "wait ag/app --consumers",
        ):
            with self.subTest(words):
                answer = self.fails(
                    f"{support.Setting.prefix}/bin/{TOOL}", *words.split(), "-s", server, "--insecure-skip-tls-verify", "--timeout=300ms")
                self.assertIn(
                    f"timed out after 300ms while waiting for {server.split('/')[2]}; use --timeout to wait longer\n", answer.err)


class ServerGoesAway(support.ClusterCase):
    """On a cluster of its own, whose server other tests do not miss."""

    @classmethod
    def setUpClass(cls):
        cls.place = cluster.start(load=False)
        cls.addClassCleanup(cluster.stop, cls.place)
        api = fixtures.API(cls.place)
        fixtures.load_definitions(api)
        api.expect([201], "POST", "/api/v1/namespaces", {"metadata": {"name": "many"}})
        maps = "/api/v1/namespaces/many/configmaps"
        for number in range(COUNT):
            body = {"metadata": {"name": f"map-{number:04}"}, "data": {"text": "x" * 200}}
            api.expect([201], "POST", maps, body)

    def setUp(self):
        with open(f"{self.place}/port") as file:
            self.port = int(file.read())

    def config(self, port):
        with open(f"{self.place}/admin.kubeconfig") as file:
            text = re.sub(r"server: .*", f"server: https://127.0.0.1:{port}", file.read())
        return self.written(text, "kubeconfig")

    def started(self, *arguments, port=None):
        process = subprocess.Popen(
            [f"{support.Setting.prefix}/bin/{TOOL}", *arguments, "--kubeconfig", self.config(port or self.port)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=support.environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def finished(self, process):
        out, err = process.communicate(timeout=support.PATIENCE)
        return support.Answer(process.args, process.returncode, out, err)

    def held(self, *arguments, after):
        """A command that waits for the rest of an answer, and what holds that back."""
        relay = Relay(self.port)
        self.addCleanup(relay.close)
        relay.hold_after = after
        process = self.started(*arguments, port=relay.port)
        until = time.monotonic() + support.PATIENCE
        while not relay.is_held.wait(0.1):
            if process.poll() is not None or time.monotonic() > until:
                process.kill()
                self.fail(self.finished(process))
        return process, relay

    def test_restart_in_the_middle_of_a_list(self):
        for after in (20_000, 250_000):  # in the first page and in a later one
            with self.subTest(after):
                process, relay = self.held("get", "configmaps", "-n", "many", "-o", "name", "--disable-compression", after=after)
                cluster.restart(self.place)
                relay.may_go_on.set()
                answer = self.finished(process)
                self.assertEqual(answer.status, 0, answer.err)
                self.assertEqual(answer.out.splitlines(), [f"configmap/map-{number:04}" for number in range(COUNT)])

    def test_a_server_that_does_not_come_back(self):
        process, relay = self.held("get", "configmaps", "-n", "many", "-o", "name", after=20_000)
        relay.refuse()
        restarted = threading.Thread(target=cluster.restart, args=(self.place, relay.may_go_on.set))
        restarted.start()
        answer = self.finished(process)
        restarted.join()
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertEqual(len(answer.err.splitlines()), 1, answer)
        self.assertIn(f"127.0.0.1:{relay.port}", answer.err)

    def changed(self, value):
        fixtures.API(self.place).expect(
            [200], "PATCH", "/api/v1/namespaces/many/configmaps/map-0007", {"metadata": {"labels": {"round": value}}}, fixtures.MERGE)

    def test_restart_in_the_middle_of_a_watch(self):
        process = self.started("get", "cm", "map-0007", "-n", "many", "-w", "--show-labels")
        self.assertIn(b"NAME", support.line(process))
        self.assertIn(b"map-0007", support.line(process))
        self.changed("before")
        self.assertIn(b"round=before", support.line(process))
        cluster.restart(self.place)
        self.changed("after")
        self.assertIn(b"round=after", support.line(process))
        process.kill()
        self.assertIn("; reconnecting\n", self.finished(process).err)
