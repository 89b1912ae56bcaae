"""What the end-to-end tests share: an installation of the binaries, a cluster, and a way to run commands."""
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLE = f"{ROOT}/examples/monorepo"
sys.path.insert(0, f"{ROOT}/Tests/cluster")

import cluster  # noqa: E402
import fixtures  # noqa: E402
import ports  # noqa: E402

PATIENCE = 60  # seconds: a hanging command must not hang the tests


class Setting:
    """Where things are in this run. Filled by `prepared`."""

    binaries = None  # as built
    release = None  # the folder of a release; None when there is none
    prefix = None  # as installed
    home = None  # the HOME of the commands: empty, so without ~/.kube
    plugins = None  # flux's plugin folder
    kubectl = None
    run_dir = None  # of the cluster; None when there is none


class Answer:
    """The outcome of a command. `out` and `err` are text; undecodable bytes fail the test, as they should."""

    def __init__(self, arguments, status, out, err):
        self.arguments, self.status = arguments, status
        self.out, self.err = out.decode(), err.decode()

    def __repr__(self):
        return f"{self.arguments}\nstatus {self.status}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"

    def json(self):
        return json.loads(self.out)

    def rows(self):
        """A table, as lists of cells: columns are at least three spaces apart and start where their title starts."""
        lines = self.out.splitlines()
        titles, starts = [], []
        for index, letter in enumerate(lines[0]):
            if letter != " " and (index == 0 or lines[0][index - 3 : index] == "   "):
                starts.append(index)
        ends = starts[1:] + [None]
        return [[line[start:end].strip() for start, end in zip(starts, ends)] for line in lines]


def environment(**changes):
    """A user's plain environment: nothing of the machine's configuration gets in."""
    plain = {
        "HOME": Setting.home,
        "PATH": ":".join([f"{Setting.prefix}/bin", f"{ROOT}/Tests/hosts", os.path.dirname(Setting.kubectl or "/bin/x"), "/usr/bin", "/bin"]),
        "FLUXCD_PLUGINS": Setting.plugins,
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "TMPDIR": os.path.dirname(Setting.prefix),
    }
    # The debug build finds the Swift runtime where the toolchain was; a relocated toolchain says so here.
    if "LD_LIBRARY_PATH" in os.environ:
        plain["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    plain.update(changes)
    return {name: value for name, value in plain.items() if value is not None}


def run(*arguments, input=b"", cwd=ROOT, **changes):
    """Runs a command from PATH. Keyword arguments change the environment; None removes a variable."""
    path = environment(**changes)["PATH"]
    program = shutil.which(arguments[0], path=path) or arguments[0]
    done = subprocess.run(
        [program, *arguments[1:]], input=input, cwd=cwd, env=environment(**changes), capture_output=True, timeout=PATIENCE
    )
    return Answer(arguments, done.returncode, done.stdout, done.stderr)


def newest_programs():
    """The paths of the newest kubectl that is compared with, and of the helm beside it."""
    fetch = subprocess.run([f"{ROOT}/Tests/cluster/kubectl-1.36"], stdout=subprocess.PIPE, text=True, check=True)
    kubectl = fetch.stdout.strip()
    return kubectl, f"{os.path.dirname(kubectl)}/helm"


def line(process):
    """The next line of a command that goes on. One that has ended instead fails the test with what it said."""
    text = process.stdout.readline()
    if not text:
        status = process.wait(PATIENCE)
        said = process.stderr.read() if process.stderr else b""
        raise AssertionError(f"{process.args} has ended with {status}: {said.decode(errors='replace')}")
    return text


def ageless(text):
    """Without ages, which differ from one second to the next, and without the padding that depends on them."""
    return re.sub(r"  +", "  ", re.sub(r"\b(\d+[smhdy])(\d+[smhd])?\b( ago)?", "AGE", text))


def kubeconfig(name):
    return f"{Setting.run_dir}/{name}.kubeconfig"


def closed_port():
    """A port of this machine on which nobody listens, as long as the tests run."""
    holder = ports.reserve()
    _closed.append(holder)
    return ports.number(holder)


_closed = []


class Case(unittest.TestCase):
    """With the checks that most tests need. A failed check shows the command and all of its output."""

    maxDiff = None

    def succeeds(self, *arguments, **changes):
        answer = run(*arguments, **changes)
        self.assertEqual(answer.status, 0, answer)
        return answer

    def fails(self, *arguments, status=1, **changes):
        answer = run(*arguments, **changes)
        self.assertEqual(answer.status, status, answer)
        return answer

    def fails_in_one_line(self, *arguments, **changes):
        """Nothing on stdout, one line on stderr, status 1: returns the line."""
        answer = self.fails(*arguments, **changes)
        self.assertEqual(answer.out, "", answer)
        self.assertEqual(len(answer.err.splitlines()), 1, answer)
        self.assertTrue(answer.err.endswith("\n"), answer)
        return answer.err.rstrip("\n")

    def temporary(self):
        folder = tempfile.mkdtemp(dir=os.path.dirname(Setting.prefix))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def written(self, text, name="file.yaml"):
        path = f"{self.temporary()}/{name}"
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path


class ClusterCase(Case):
    """Tests that need the API server."""

    def kubectl(self, *arguments, config="admin", **changes):
        """The real kubectl, which finds our plugin in PATH."""
        return run("kubectl", *arguments, "--kubeconfig", kubeconfig(config), **changes)

    def api(self):
        return fixtures.API(Setting.run_dir)


@contextlib.contextmanager
def prepared(binaries, run_dir, with_cluster):
    """Installs the binaries, starts a cluster unless one is given, and undoes both."""
    work = tempfile.mkdtemp(prefix="artifact-plugins-e2e-")
    own_cluster = None
    try:
        Setting.binaries = os.path.abspath(binaries)
        Setting.prefix, Setting.home, Setting.plugins = f"{work}/prefix", f"{work}/home", f"{work}/plugins"
        os.makedirs(Setting.home)
        arguments = [f"{ROOT}/install.sh", "--from", Setting.binaries, "--prefix", Setting.prefix]
        subprocess.run(arguments, check=True, env={**os.environ, "FLUXCD_PLUGINS": Setting.plugins})
        if with_cluster:
            fetch = subprocess.run([f"{ROOT}/Tests/cluster/kubectl"], stdout=subprocess.PIPE, text=True, check=True)
            Setting.kubectl = fetch.stdout.strip()
            if run_dir is None:
                own_cluster = run_dir = cluster.start()
            Setting.run_dir = os.path.abspath(run_dir)
        yield
    finally:
        if own_cluster:
            cluster.stop(own_cluster)
        shutil.rmtree(work, ignore_errors=True)
