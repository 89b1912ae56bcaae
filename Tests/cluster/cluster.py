#!/usr/bin/python3
"""A real kube-apiserver on a real etcd, on loopback, for tests.

usage: cluster.py start [--run-dir DIR] [--empty] [-- KUBE-APISERVER-FLAG...]
       cluster.py load RUN_DIR
       cluster.py bulk-load RUN_DIR COUNT [--namespace NAME]
       cluster.py stop RUN_DIR [--keep]

start      makes the servers first if need be (see `build`), starts them on ports of their own, writes a kubeconfig for every
           kind of credential (see credentials.py), loads the fixtures unless --empty, and prints the run directory: a
           new temporary one unless given. Any number of clusters run side by side.
load       loads the fixtures (again: it changes nothing that is already so).
bulk-load  makes COUNT ArtifactGenerators with status and one ExternalArtifact each, spread over ten namespaces.
stop       ends what start began, and nothing else, and removes the run directory unless --keep.
"""
import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import credentials  # noqa: E402
import fixtures  # noqa: E402
import ports  # noqa: E402

ATTEMPTS = 5
READY_WITHIN = 120  # seconds; five are usual


class ClusterError(Exception):
    """What went wrong, for the person who started the cluster."""


class Server:
    """One child process, its log, and the note on disk by which `stop` finds it in another process."""

    def __init__(self, run_dir, name, command, inherited=()):
        self.log = f"{run_dir}/{name}.log"
        with open(self.log, "w") as log:
            # A session of its own: Ctrl-C in the terminal is for the tests, which stop the servers themselves.
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=run_dir,
                pass_fds=[each.fileno() for each in inherited],
            )
        with open(f"{run_dir}/{name}.pid", "w") as note:
            note.write(f"{self.process.pid}\n")

    def died(self):
        return self.process.poll() is not None

    def last_words(self):
        with open(self.log, errors="replace") as log:
            return "".join(log.readlines()[-15:])


def _pid_of(run_dir, name):
    """The process that the note of NAME means, or None if there is no such process (any more).

    A process id can have been given to another process since: ours has the run directory in its command line.
    """
    try:
        with open(f"{run_dir}/{name}.pid") as note:
            pid = int(note.read())
        with open(f"/proc/{pid}/cmdline", "rb") as words:
            return pid if run_dir.encode() + b"/" in words.read() else None
    except (OSError, ValueError):
        return None


def _is_gone(pid):
    """Whether every thread of a process has ended: as long as one has not, its ports are taken, although the process
    has no command line any more."""
    try:
        os.waitpid(pid, os.WNOHANG)  # reaps it when it is our own child
    except ChildProcessError:
        pass
    try:
        with open(f"/proc/{pid}/stat") as stat:
            is_zombie = stat.read().rpartition(")")[2].split()[0] == "Z"
        return is_zombie and len(os.listdir(f"/proc/{pid}/task")) <= 1
    except OSError:
        return True


def _end(run_dir, name, signals=((signal.SIGTERM, 10), (signal.SIGKILL, 5))):
    pid = _pid_of(run_dir, name)
    if pid is None:
        return
    for kind, patience in signals:
        os.kill(pid, kind)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if _is_gone(pid):
                return
            time.sleep(0.05)


def stop(run_dir, keep=False):
    run_dir = os.path.abspath(run_dir)
    for name in ("apiserver", "etcd"):
        _end(run_dir, name)
        try:
            os.remove(f"{run_dir}/{name}.pid")
        except FileNotFoundError:
            pass
    if not keep and os.path.exists(f"{run_dir}/cluster"):
        shutil.rmtree(run_dir, ignore_errors=True)


def _attempt(home, run_dir, flags):
    with contextlib.ExitStack() as stack:
        # etcd inherits them and so keeps the ports, also while the API server is away.
        holders = [stack.enter_context(ports.reserve()) for _ in range(3)]
        return _started(home, run_dir, flags, holders)


def _started(home, run_dir, flags, holders):
    port, etcd_port, peer_port = map(ports.number, holders)
    pki = f"{run_dir}/pki"
    clients, peers = f"http://127.0.0.1:{etcd_port}", f"http://127.0.0.1:{peer_port}"
    shutil.rmtree(f"{run_dir}/etcd", ignore_errors=True)
    etcd = Server(run_dir, "etcd", [
        f"{home}/etcd", "--name=test", f"--data-dir={run_dir}/etcd",
        f"--listen-client-urls={clients}", f"--advertise-client-urls={clients}",
        f"--listen-peer-urls={peers}", f"--initial-advertise-peer-urls={peers}", f"--initial-cluster=test={peers}",
    ], inherited=holders)
    apiserver = Server(run_dir, "apiserver", [
        f"{home}/kube-apiserver", f"--etcd-servers={clients}",
        "--bind-address=127.0.0.1", f"--secure-port={port}", "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.96.0.0/16", f"--cert-dir={run_dir}/certs",
        f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key",
        f"--client-ca-file={pki}/ca.crt", f"--token-auth-file={pki}/tokens.csv",
        "--authorization-mode=RBAC", "--anonymous-auth=true", "--disable-admission-plugins=ServiceAccount",
        "--service-account-issuer=https://kubernetes.default.svc", f"--service-account-key-file={pki}/sa.pub",
        f"--service-account-signing-key-file={pki}/sa.key", *flags,
    ])
    with open(f"{run_dir}/port", "w") as file:
        file.write(f"{port}\n")
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        for server in (etcd, apiserver):
            if server.died():
                raise ClusterError(f"{server.log} ends with:\n{server.last_words()}")
        if fixtures.API(run_dir).ready():
            return port
        time.sleep(0.1)
    raise ClusterError(f"not ready after {READY_WITHIN} s; {apiserver.log} ends with:\n{apiserver.last_words()}")


def start(run_dir=None, flags=(), load=True):
    """Starts a cluster and returns its run directory."""
    built = subprocess.run([f"{HERE}/build"], stdout=subprocess.PIPE, text=True)
    if built.returncode:
        raise ClusterError("the servers cannot be built")
    home = built.stdout.strip()
    run_dir = os.path.abspath(run_dir or tempfile.mkdtemp(prefix="artifact-plugins-cluster-"))
    os.makedirs(run_dir, exist_ok=True)
    if any(_pid_of(run_dir, name) for name in ("apiserver", "etcd")):
        raise ClusterError(f"a cluster already runs in {run_dir}")
    with open(f"{run_dir}/cluster", "w"):
        pass  # marks the folder as ours to remove
    try:
        credentials.write_pki(run_dir)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                port = _attempt(home, run_dir, flags)
                break
            except ClusterError as error:
                stop(run_dir, keep=True)
                if attempt == ATTEMPTS or "address already in use" not in str(error):
                    raise
        credentials.write_kubeconfigs(run_dir, port)
        if load:
            fixtures.load(fixtures.API(run_dir))
    except BaseException:
        stop(run_dir)
        raise
    return run_dir


def restart(run_dir, between=lambda: None):
    """Kills the API server without a warning, as a crash does, and starts it again on the same port and data.

    `between` is called while there is none.
    """
    pid = _pid_of(run_dir, "apiserver")
    with open(f"/proc/{pid}/cmdline") as words:
        command = words.read().split("\0")[:-1]
    _end(run_dir, "apiserver", ((signal.SIGKILL, 15),))
    between()
    server = Server(run_dir, "apiserver", command)
    until = time.monotonic() + READY_WITHIN
    while not fixtures.API(run_dir).ready():
        if server.died() or time.monotonic() > until:
            raise ClusterError(f"{server.log} ends with:\n{server.last_words()}")
        time.sleep(0.1)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("start")
    command.add_argument("--run-dir")
    command.add_argument("--empty", action="store_true")
    command.add_argument("flags", nargs="*")
    command = commands.add_parser("load")
    command.add_argument("run_dir")
    command = commands.add_parser("bulk-load")
    command.add_argument("run_dir")
    command.add_argument("count", type=int)
    command.add_argument("--namespace")
    command = commands.add_parser("stop")
    command.add_argument("run_dir")
    command.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if arguments.command == "start":
            print(start(arguments.run_dir, arguments.flags, not arguments.empty))
        elif arguments.command == "stop":
            stop(arguments.run_dir, arguments.keep)
        elif arguments.command == "load":
            fixtures.load(fixtures.API(arguments.run_dir))
        else:
            fixtures.bulk_load(lambda: fixtures.API(arguments.run_dir), arguments.count, arguments.namespace)
    except (ClusterError, fixtures.LoadError, RuntimeError, OSError) as error:
        sys.exit(f"cluster: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
