#!/usr/bin/python3
"""Runs the tool with kubeconfigs of every kind, against a server that says who called and how.

usage: run.py [--tool COMMAND] [--as-kubectl] [--jobs N] [WORD ...]

A case is a folder below `cases`: kubeconfigs and whatever else they name, and

    case.json     title; probe (what is asked for, see PROBES); args, env, cwd, stdin of the tool; prepare (what git
                  cannot hold); expect; source (the file of client-go that makes it so)

In all of them, and in the expectations, `@DIR@` is the folder that the case runs in, `@PKI@` the folder of the
certificates, `@A@` and the like the port of a listener (standin.py), `@B64:FILE@` a file of the certificates in base64
and `@B64FOLD:FILE@` the same in several lines. Keys and certificates are made anew for every run.

What a case expects is what kubectl 1.32 does. Where the tool does something else on purpose, deviations.json has the
reason, and what is expected instead. --as-kubectl leaves the deviations out: `--tool "$(Tests/cluster/kubectl)"
--as-kubectl` asks kubectl itself.

Prints a line for each case that differs and `N passed, M failed`. Exit status 1 when one differs. Needs Python's own
library and the openssl command.
"""
import argparse
import base64
import concurrent.futures
import json
import os
import queue
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)

import standin  # noqa: E402

CASES = os.path.join(HERE, "cases")
PATIENCE = 60  # seconds for one command

# What a case asks for. Flags of the case stand before it.
PROBES = {
    "raw": ["get", "--raw", "/x"],
    "list": ["get", "configmaps"],
    "several": ["get", "things"],  # takes several requests
    "tokens": ["get", "--raw", "/tokens"],
    "slow": ["get", "--raw", "/slow?s=3"],
    "redirect": ["get", "--raw", "/redirect"],
}


def read(path, absent=None):
    if absent is not None and not os.path.exists(path):
        return absent
    with open(path, newline="") as file:
        return file.read()


class Rendering:
    """Puts this run's folders, ports and certificates into texts."""

    def __init__(self, folder, pki, ports):
        self.pki = pki
        self.words = {"@DIR@": folder, "@PKI@": f"{folder}/pki"}
        self.words |= {f"@{name}@": str(port) for name, port in ports.items()}

    def text(self, text):
        text = re.sub(r"@B64:([\w.-]+)@", lambda match: self.encoded(match[1]), text)
        text = re.sub(r"@B64FOLD:([\w.-]+)@", lambda match: self.folded(match[1]), text)
        for word, meaning in self.words.items():
            text = text.replace(word, meaning)
        return text

    def value(self, value):
        if isinstance(value, dict):
            return {self.text(key): self.value(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.value(each) for each in value]
        return self.text(value) if isinstance(value, str) else value

    def encoded(self, name):
        with open(f"{self.pki}/{name}", "rb") as file:
            return base64.b64encode(file.read()).decode()

    def folded(self, name):
        text = self.encoded(name)
        return "\n        ".join(text[start:start + 64] for start in range(0, len(text), 64))

    def tree(self, source, folder):
        for parent, _, names in os.walk(source):
            target = os.path.normpath(os.path.join(folder, os.path.relpath(parent, source)))
            os.makedirs(target, exist_ok=True)
            for name in names:
                with open(f"{target}/{name}", "w", newline="") as file:
                    file.write(self.text(read(f"{parent}/{name}")))
                shutil.copymode(f"{parent}/{name}", f"{target}/{name}")


class Case:
    def __init__(self, name, deviation):
        self.name = name
        self.about = json.loads(read(f"{CASES}/{name}/case.json"))
        self.expected = (deviation or self.about)["expect"]

    def prepare(self, folder, rendering):
        rendering.tree(f"{CASES}/{self.name}", folder)
        os.symlink(rendering.pki, f"{folder}/pki")
        os.makedirs(f"{folder}/home", exist_ok=True)
        wanted = self.about.get("prepare", {})
        for name, target in wanted.get("links", {}).items():
            os.symlink(f"{folder}/{target}", f"{folder}/{name}")
        if pair := wanted.get("credential"):
            certificate, key = (read(f"{rendering.pki}/{pair}.{kind}") for kind in ("crt", "key"))
            answer = {
                "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                "status": {"clientCertificateData": certificate, "clientKeyData": key},
            }
            with open(f"{folder}/cred.json", "w") as file:
                json.dump(answer, file)

    def run(self, tool, folder, rendering):
        about = rendering.value(self.about)
        words, probe = about.get("args", []), PROBES[about["probe"]]
        # The namespace flags belong behind `get KIND`; the rest may stand before the verb as well.
        command = tool + (probe + words if about["probe"] == "list" else words + probe)
        environment = {"PATH": "/usr/bin:/bin", "HOME": f"{folder}/home"} | about["env"]
        # The debug build finds the Swift runtime where the toolchain was; a relocated toolchain says so here.
        if "LD_LIBRARY_PATH" in os.environ:
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        return subprocess.run(
            command, cwd=about.get("cwd", folder), env=environment, input=about.get("stdin", ""),
            capture_output=True, text=True, errors="replace", timeout=PATIENCE,
        )


class Seen:
    """What the server and the proxies saw of a run."""

    def __init__(self, records):
        self.requests = [record for record in records if "method" in record]
        self.proxied = [record for record in records if "line" in record]
        self.last = self.requests[-1] if self.requests else {}
        self.headers = {}
        for name, value in self.last.get("headers", []):
            self.headers.setdefault(name.lower(), []).append(value)

    @property
    def auth(self):
        text = self.headers.get("authorization", ["none"])[0]
        if text.startswith("Bearer "):
            return "bearer:" + text[7:]
        return "basic:" + base64.b64decode(text[6:]).decode() if text.startswith("Basic ") else text

    @property
    def proxy(self):
        """The first request to a proxy; SOCKS ones can ask for a name or for an address."""
        if not self.proxied:
            return None
        kind = self.proxied[0].get("kind")
        return self.proxied[0]["line"] + ("" if kind is None else " (by name)" if kind == 3 else " (by address)")

    def of_proxy(self, get):
        return get(self.proxied[0]) if self.proxied else None


def compare(expected, done, seen):
    """Yields a text for each difference. Every key of `expect` has its line here."""
    simple = {
        "exit": done.returncode,
        "listener": seen.last.get("listener"),
        "path": seen.last.get("path"),
        "sni": seen.last.get("sni"),
        "client_cn": seen.last.get("client_cn"),
        "auth": seen.auth,
        "proxy": seen.proxy,
        "proxy_auth": seen.of_proxy(lambda record: dict(record["headers"]).get("Proxy-Authorization")),
        "socks_user": seen.of_proxy(lambda record: record.get("user")),
        "requests": len(seen.requests),
        "stdout": done.stdout,
    }
    for key, wanted in expected.items():
        if key in simple:
            if simple[key] != wanted:
                yield f"{key} is {simple[key]!r}, not {wanted!r}"
        elif key == "stderr":
            yield from (f"stderr lacks {text!r}" for text in wanted if text not in done.stderr)
        elif key == "stderr_lacks":
            yield from (f"stderr has {text!r}" for text in wanted if text in done.stderr)
        elif key == "headers":
            for name, values in wanted.items():
                if seen.headers.get(name.lower()) != values:
                    yield f"{name} is {seen.headers.get(name.lower())}, not {values}"
        elif key == "absent_headers":
            yield from (f"{name} was sent" for name in wanted if name.lower() in seen.headers)
        elif key == "no_file":
            if os.path.exists(wanted):
                yield f"{os.path.basename(wanted)} exists"
        elif key in ("file", "file_contains", "lines", "min_lines"):
            for path, value in wanted.items():
                yield from compare_file(key, os.path.basename(path), read(path, absent="<absent>"), value)
        else:
            yield f"the case expects {key}, which nothing compares"
    for secret in ("PRIVATE KEY", "LS0tLS1CRUdJTi"):  # the latter: the same in base64
        if secret in done.stdout + done.stderr:
            yield "a private key was printed"


def compare_file(key, name, text, wanted):
    count = len(text.splitlines())
    if key == "file" and text.strip() != wanted:
        yield f"{name} is {text!r}, not {wanted!r}"
    elif key == "file_contains":
        yield from (f"{name} lacks {each!r}: {text!r}" for each in wanted if each not in text)
    elif key == "lines" and count != wanted:
        yield f"{name} has {count} lines, not {wanted}"
    elif key == "min_lines" and count < wanted:
        yield f"{name} has {count} lines, fewer than {wanted}"


def check(case, tool, pki, server, work):
    """The differences of one case, as one text; empty when there are none."""
    folder = f"{work}/{case.name}"
    rendering = Rendering(folder, pki, server.ports)
    server.journal.take()
    case.prepare(folder, rendering)
    try:
        done = case.run(tool, folder, rendering)
    except subprocess.TimeoutExpired:
        return f"not done after {PATIENCE} s"
    differences = list(compare(rendering.value(case.expected), done, Seen(server.journal.take())))
    if differences and done.stderr:
        differences.append("stderr: " + done.stderr.strip()[-500:])
    return "; ".join(differences)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("--tool", default="kubectl-artifactgen")
    parser.add_argument("--as-kubectl", action="store_true")
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("words", nargs="*", metavar="WORD")
    options = parser.parse_args()
    tool = shlex.split(options.tool)
    if os.path.exists(tool[0]):
        tool[0] = os.path.abspath(tool[0])

    deviations = {} if options.as_kubectl else json.loads(read(f"{HERE}/deviations.json"))
    names = sorted(os.listdir(CASES))
    if unknown := set(deviations) - set(names):
        sys.exit(f"run.py: deviations.json has cases that do not exist: {', '.join(sorted(unknown))}")
    if options.words:
        names = [name for name in names if any(word in name for word in options.words)]
    if not names:
        sys.exit("run.py: no such case")

    work = tempfile.mkdtemp(prefix="kubeconfig-cases-")
    try:
        pki = f"{work}/pki"
        subprocess.run([f"{standin.SHARED}/make-pki", pki], check=True)
        # A server for each case that runs at a time: what it saw is then of that case.
        servers = queue.SimpleQueue()
        for _ in range(options.jobs):
            servers.put(standin.StandIn(pki))

        def lend(name):
            server = servers.get()
            try:
                return check(Case(name, deviations.get(name)), tool, pki, server, work)
            finally:
                servers.put(server)

        failed = 0
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for name, differences in zip(names, pool.map(lend, names)):
                if differences:
                    failed += 1
                    print(f"{name}: {differences}", flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{len(names) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
