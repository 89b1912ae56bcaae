#!/usr/bin/python3
"""Runs the tool on inputs that somebody made to break it: text, archives, chains of objects, answers of a server.

usage: run.py [--tool COMMAND] [--large] [WORD ...]

Each case names what it gives to the tool and what must come of it. Whatever that is, the tool must end by itself in good
time, with a status of its own (no signal), write no control character to standard error or into a table, and no second
message where one thing is wrong.

WORD     takes the cases whose name holds one of the words
--large  takes those with large inputs, too: for a release build

Prints a line for each case that fails and `N passed, M failed`. Exit status 1 when one fails.
"""
import argparse
import contextlib
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 120  # seconds for one command: it needs one or two, but a machine may be busy
CASES = {}
LARGE = set()


def case(function):
    CASES[function.__name__] = function
    return function


def large(function):
    """A case that takes minutes with a debug build."""
    LARGE.add(function.__name__)
    return case(function)


class Run:
    """One command of the tool, checked for what holds always."""

    def __init__(self, tool, arguments, cwd, problems, text=True):
        shown = " ".join(repr(each)[1:-1] for each in arguments)
        environment = dict(os.environ, HOME=cwd, TMPDIR=cwd, KUBECONFIG="", LC_ALL="C.UTF-8")
        try:
            done = subprocess.run(
                [*tool, *arguments], cwd=cwd, env=environment, capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            problems.append(f"{shown}: did not end")
            self.status, self.out, self.err = None, "", ""
            return
        self.status = done.returncode
        self.out, self.err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        if self.status not in (0, 1, 2):
            problems.append(f"{shown}: status {self.status}: {self.err[-300:]!r}")
        for name, stream in (("stdout", self.out if text else ""), ("stderr", self.err)):
            found = sorted({hex(ord(each)) for each in stream if acts_on_a_terminal(each)})
            if found:
                problems.append(f"{shown}: {name} holds {' '.join(found)}")
        heads = [line for line in self.err.splitlines() if line.startswith(("error:", "Error from server", "✗"))]
        # A word that may have been a name or a kind has an answer for each.
        if len(heads) > (2 if any("resource type" in each for each in heads) else 1) or "error: forged" in heads:
            problems.append(f"{shown}: several messages: {heads}")
        # What fails says why.
        if self.status == 1 and not self.err and not self.out:
            problems.append(f"{shown}: fails without a word")


def acts_on_a_terminal(letter):
    code = ord(letter)
    return (
        (code < 32 and letter not in "\n\t") or 0x7F <= code < 0xA0 or code in (0x61C, 0x200E, 0x200F)
        or 0x2028 <= code <= 0x202E or 0x2066 <= code <= 0x2069
    )


# --- text ------------------------------------------------------------------------------------------------------------


@case
def hostile_text(tool, folder, problems):
    """Names, messages, labels and revisions with control characters, C1, marks of direction, line breaks, markup."""
    for name in ("hostile.json", "hostileB.json"):
        path = f"{HERE}/hostile-text/{name}"
        with open(path) as file:
            items = json.load(file)["items"]
        commands = [["tree", "--all", "-A", *form] for form in ([], ["-o", "dot"], ["-o", "mermaid"])]
        for kind in ("ag", "ea", "git", "ks", "hr", "all"):
            for form in ([], ["-o", "wide"], ["-o", "name"], ["--show-labels"], ["--stale"],
                         ["-o", "custom-columns=\x1b[31mA\u202e:.metadata.name,B:.status.conditions"]):
                commands.append(["get", kind, "-A", *form])
        for item in items:
            names = item["metadata"]["name"], item["metadata"].get("namespace", "")
            if any("\0" in each for each in names):
                continue  # no argument of a program can hold it
            for verb in ("trace", "tree", "events", "get", "wait"):
                commands.append([verb, f"{item['kind']}/{names[0]}", "-n", names[1]])
        for command in commands:
            Run(tool, [*command, "--snapshot", path], folder, problems)
        # For programs the text is whole, and the encoding keeps it apart.
        for form in ("json", "yaml"):
            for command in (["get", "all", "-A"], ["tree", "--all", "-A"], ["check"]):
                Run(tool, [*command, "-o", form, "--snapshot", path], folder, problems, text=False)


@case
def names_that_speak_for_us(tool, folder, problems):
    """A name with a line break and a message behind it, in every place where a name can stand."""
    forged = "x\nerror: forged"
    snapshot = ["--snapshot", f"{HERE}/hostile-text/hostileB.json"]
    for words in (
        ["get", "ag", forged, *snapshot], ["get", f"ag/{forged}", *snapshot], ["get", forged, *snapshot],
        ["get", "ag", "-n", forged, *snapshot], ["get", "ag", "-o", forged, *snapshot], ["get", f"--{forged}"],
        ["tree", forged, *snapshot], ["trace", f"deploy/{forged}", *snapshot], ["events", f"ks/{forged}", *snapshot],
        ["wait", f"ag/{forged}", *snapshot], ["wait", "ag/x", "--for", forged, *snapshot], ["build", "-f", forged],
        ["get", "ag", "--snapshot", forged], ["get", "ag", "--kubeconfig", forged], ["get", "ag", "--timeout", forged],
    ):
        Run(tool, words, folder, problems)


# --- archives --------------------------------------------------------------------------------------------------------


def archive(folder, name, fill, form=tarfile.PAX_FORMAT):
    with tarfile.open(f"{folder}/{name}", "w:gz", format=form) as tar:
        fill(tar)


def add(tar, name, data=b"x", **fields):
    member = tarfile.TarInfo(name)
    member.size = len(data)
    for field, value in fields.items():
        setattr(member, field, value)
    tar.addfile(member, io.BytesIO(data) if member.isreg() else None)


def sparse(folder, name, size, *before):
    """A PAX 1.0 sparse file that holds nothing and claims `size` bytes."""
    head = tarfile.TarInfo("GNUSparseFile.0/s")
    head.size = 512
    head.pax_headers = {
        "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "s", "GNU.sparse.realsize": str(size)
    }
    with gzip.open(f"{folder}/{name}", "wb") as file:
        for each in before:
            file.write(each.tobuf(tarfile.PAX_FORMAT))
        file.write(head.tobuf(tarfile.PAX_FORMAT) + b"1\n0\n0\n".ljust(512, b"\0") + b"\0" * 1024)


GENERATOR = {
    "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
    "metadata": {"name": "g", "namespace": "apps"},
    "spec": {
        "sources": [{"alias": "s", "kind": "GitRepository", "name": "s"}],
        "artifacts": [{"name": "art", "copy": [{"from": "@s/**", "to": "@artifact/"}]}],
    },
}


@case
def archives(tool, folder, problems):
    """What an archive claims is what somebody wrote there."""
    negative = tarfile.TarInfo("d")
    negative.type, negative.pax_headers = tarfile.DIRTYPE, {"size": str(-(1 << 62))}
    sparse(folder, "exabytes.tgz", (1 << 63) - 1)
    sparse(folder, "negative.tgz", (1 << 63) - 1, negative)
    archive(folder, "longdeep.tgz", lambda tar: add(tar, "a/" * 150_000 + "f"))
    archive(folder, "deep.tgz", lambda tar: add(tar, "a/" * 3000 + "f"))
    archive(folder, "longname.tgz", lambda tar: add(tar, "n" * 900_000))
    archive(folder, "name256.tgz", lambda tar: add(tar, "n" * 256))
    archive(folder, "name255.tgz", lambda tar: add(tar, "n" * 255))
    archive(folder, "path4095.tgz", lambda tar: add(tar, "a/" * 2047 + "f"))
    archive(folder, "path4096.tgz", lambda tar: add(tar, "a/" * 2047 + "ff"))
    archive(folder, "escapes.tgz", lambda tar: add(tar, "a\x1b[31mb"))
    archive(folder, "parent.tgz", lambda tar: add(tar, ".."))
    archive(folder, "short.tgz", lambda tar: add(tar, "a", pax_headers={"size": "99999999999999"}))
    too_big = "is bigger than max archive size of 1073741824 bytes: raise the limit with --max-size"
    expected = {
        "exabytes.tgz": too_big, "negative.tgz": too_big, "short.tgz": too_big,
        "longdeep.tgz": "file name too long", "deep.tgz": "file name too long", "longname.tgz": "file name too long",
        "name256.tgz": "file name too long", "name255.tgz": None, "path4095.tgz": None,
        "path4096.tgz": "file name too long", "escapes.tgz": None, "parent.tgz": "open .: is a directory",
    }
    with open(f"{folder}/g.json", "w") as file:
        json.dump(GENERATOR, file)
    for name, reason in expected.items():
        build = Run(tool, ["build", "-f", "g.json", "--source", f"s={name}", "--compressor", "go1.26"], folder, problems)
        if build.status != (1 if reason else 0) or (reason or "") not in build.err:
            problems.append(f"{name}: status {build.status}: {build.err[-200:]!r}")
    left = [each for each in os.listdir(folder) if not each.endswith((".tgz", "g.json"))]
    if left:
        problems.append(f"left behind: {left}")


@case
def names_that_no_file_system_takes(tool, folder, problems):
    """A destination of more than 255 bytes, and paths of more than 4,095."""
    os.makedirs(f"{folder}/s/" + "d" * 200)
    with open(f"{folder}/s/f", "w") as file:
        file.write("x")
    for to, reason in (
        ("n" * 255, None),
        ("n" * 256, "openat nnn"),
        ("n" * 256 + "/", "mkdirat nnn"),
        ("a/" * 2047 + "f", None),
        ("a/" * 2047 + "ff", "failed to hash staging dir: lstat art/a/a/"),
        ("a/" * 200_000, "file name too long"),
    ):
        generator = json.loads(json.dumps(GENERATOR))
        generator["spec"]["artifacts"][0]["copy"] = [{"from": "@s/f", "to": f"@artifact/{to}"}]
        with open(f"{folder}/g.json", "w") as file:
            json.dump(generator, file)
        build = Run(tool, ["build", "-f", "g.json", "--source", "s=s", "--compressor", "go1.26"], folder, problems)
        if build.status != (1 if reason else 0) or (reason or "") not in build.err:
            problems.append(f"to {to[:9]}... ({len(to)} bytes): status {build.status}: {build.err[-200:]!r}")


# --- chains ----------------------------------------------------------------------------------------------------------


def generator(name, *sources):
    return {
        "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
        "metadata": {"name": name, "namespace": "a"},
        "spec": {
            "sources": [{"alias": f"s{index}", "kind": kind, "name": source} for index, (kind, source) in enumerate(sources)],
            "artifacts": [{"name": name, "copy": [{"from": "@s0/**", "to": "@artifact/"}]}],
        },
    }


def artifact(name):
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "ExternalArtifact",
        "metadata": {"name": name, "namespace": "a"},
        "spec": {
            "sourceRef": {
                "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator", "name": name, "namespace": "a"
            }
        },
        "status": {"artifact": {"revision": "latest@sha256:" + "0" * 64, "digest": "sha256:" + "0" * 64}},
    }


SOURCE = {
    "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "g", "namespace": "a"},
    "spec": {"url": "https://example.com/g"}, "status": {"artifact": {"revision": "main@sha1:" + "0" * 40}},
}


@case
def chains(tool, folder, problems):
    """A chain of 8,000 artifacts, the same as a ring, and layers in which everything hangs on everything."""
    length, layers, width = 8000, 8, 25
    for name, first in (("chain", ("GitRepository", "g")), ("ring", ("ExternalArtifact", f"n{length - 1}"))):
        items, before = [SOURCE], first
        for index in range(length):
            items += [generator(f"n{index}", before), artifact(f"n{index}")]
            before = ("ExternalArtifact", f"n{index}")
        with open(f"{folder}/{name}.json", "w") as file:
            json.dump({"apiVersion": "v1", "kind": "List", "items": items}, file)
        for command in (["tree", "git/g"], ["tree", "ea/n0"], ["tree", f"ea/n{length - 1}", "--up"], ["trace", f"ea/n{length - 1}"]):
            Run(tool, [*command, "-n", "a", "--snapshot", f"{name}.json"], folder, problems)
    items = [SOURCE]
    for layer in range(layers):
        sources = [("ExternalArtifact", f"l{layer - 1}w{x}") for x in range(width)] if layer else [("GitRepository", "g")]
        for x in range(width):
            items += [generator(f"l{layer}w{x}", *sources), artifact(f"l{layer}w{x}")]
    with open(f"{folder}/dense.json", "w") as file:
        json.dump({"apiVersion": "v1", "kind": "List", "items": items}, file)
    for command in (["tree", "git/g"], ["tree", f"ea/l{layers - 1}w0", "--up"], ["trace", f"ea/l{layers - 1}w0"]):
        Run(tool, [*command, "-n", "a", "--snapshot", "dense.json"], folder, problems)


# --- command line ----------------------------------------------------------------------------------------------------


@case
def indices(tool, folder, problems):
    """Numbers at the edge of what fits, in JSONPath."""
    with open(f"{folder}/s.json", "w") as file:
        json.dump({"apiVersion": "v1", "kind": "List", "items": [SOURCE]}, file)
    most, least = 2**63 - 1, -(2**63)
    for path in (most, least, f"0:{most}", f"{least}:", f":{least}", f"0:1:{most}", f"{least}:{least}", f"{most}:{most}", most + 1):
        for form in ("jsonpath={.items[%s]}" % path, "custom-columns=A:.spec[%s]" % path):
            Run(tool, ["get", "git", "-A", "-o", form, "--snapshot", "s.json"], folder, problems)
        Run(tool, ["get", "git", "-A", f"--sort-by={{.spec.x[{path}]}}", "--snapshot", "s.json"], folder, problems)


@case
def files_that_are_none(tool, folder, problems):
    """Devices, folders and pipes that nobody writes to, wherever a file is asked for."""
    os.mkfifo(f"{folder}/pipe")
    os.mkdir(f"{folder}/folder")
    for path in ("/dev/zero", "folder", "pipe"):
        for words in (
            ["get", "ag", "--snapshot", path], ["get", "ag", "--kubeconfig", path],
            ["build", "-f", path, "--source", "s=folder"],
            ["get", "ag", "-s", "https://127.0.0.1:1", "--certificate-authority", path],
        ):
            run = Run(tool, [*words, "--timeout", "2s"], folder, problems)
            if run.status == 0:
                problems.append(f"{words}: status 0")
    # Nobody named these; no --timeout ends them.
    os.mkdir(f"{folder}/pipes")
    os.mkfifo(f"{folder}/pipes/pipe.yaml")
    for words in (["get", "ag", "--snapshot", "pipes"], ["build", "-f", "pipes", "--source", "s=folder"]):
        run = Run(tool, words, folder, problems)
        if run.status != 1 or "pipe.yaml is not a regular file" not in run.err:
            problems.append(f"{words}: status {run.status}: {run.err[-300:]!r}")
    # Nor in a kubeconfig; these wait for half a minute, side by side.
    named = [("certificate-authority", "cluster"), ("tokenFile", "user")]
    started = []
    for field, entry in named:
        entries = {"cluster": {"server": "https://127.0.0.1:1"}, "user": {}}
        entries[entry][field] = f"{folder}/pipe"
        with open(f"{folder}/{field}", "w") as file:
            json.dump({
                "apiVersion": "v1", "kind": "Config", "current-context": "c",
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                "clusters": [{"name": "c", "cluster": entries["cluster"]}], "users": [{"name": "u", "user": entries["user"]}],
            }, file)
        started.append(subprocess.Popen(
            [*tool, "get", "ag", "--kubeconfig", f"{folder}/{field}"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, env=dict(os.environ, HOME=folder)))
    for (field, _), process in zip(named, started):
        try:
            err = process.communicate(timeout=PATIENCE)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            err = process.communicate()[1] + "did not end"
        if process.returncode != 1 or "a pipe without a writer" not in err:
            problems.append(f"{field}: status {process.returncode}: {err[-300:]!r}")


@case
def a_working_directory_that_is_gone(tool, folder, problems):
    """A relative path has no meaning there."""
    gone = f"{folder}/gone"
    os.mkdir(gone)
    with open(f"{folder}/g.json", "w") as file:
        json.dump(GENERATOR, file)
    os.mkdir(f"{folder}/s")
    command = [*tool, "build", "-f", f"{folder}/g.json", "--source", f"s={folder}/s", "--output-dir", "out"]
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", gone, *command], capture_output=True, timeout=PATIENCE, cwd="/",
        env=dict(os.environ, HOME=folder, TMPDIR=folder),
    )
    if done.returncode != 1 or done.stderr.count(b"\n") != 1:
        problems.append(f"status {done.returncode}: {done.stderr[-300:]!r}")


@case
def output_that_leads_elsewhere(tool, folder, problems):
    """Links below --output-dir, folders of somebody else, sources where an artifact goes."""
    with open(f"{folder}/g.json", "w") as file:
        json.dump(GENERATOR, file)
    for path in ("s", "home", "out1/apps", "out2", "out3/apps/art/content", "out4/apps"):
        os.makedirs(f"{folder}/{path}")
    for path in ("s/f", "home/precious", "out3/apps/art/content/precious"):
        with open(f"{folder}/{path}", "w") as file:
            file.write("x")
    os.symlink(f"{folder}/s", f"{folder}/out1/apps/art")
    os.symlink(f"{folder}/home", f"{folder}/out2/apps")
    for out, source, text in (
        ("out1", "s", "out1/apps/art is a symbolic link"), ("out2", "s", "out2/apps is a symbolic link"),
        ("out3", "s", "out3/apps/art/content would be replaced"), ("out4", "out4/apps", "is inside a source"), ("", "s", "has an empty path"),
    ):
        words = ["build", "-f", "g.json", "--source", f"s={source}", "--output-dir", out, "--extract"]
        build = Run(tool, words, folder, problems)
        if build.status != 1 or text not in build.err:
            problems.append(f"{out}: status {build.status}: {build.err[-200:]!r}")
    found = sorted(os.path.join(base, name)[len(folder):] for base, _, names in os.walk(folder) for name in names)
    if found != ["/g.json", "/home/precious", "/out3/apps/art/content/precious", "/s/f"]:
        problems.append(f"there is now {found}")


@case
def fields_that_nobody_knows(tool, folder, problems):
    """Unknown and duplicate fields, with names that would move the cursor or speak for us."""
    os.mkdir(f"{folder}/s")
    with open(f"{folder}/s/f", "w") as file:
        file.write("x")
    text = json.dumps(GENERATOR)
    for name, manifest, words in (
        ("unknown", text.replace('"spec": {', '"spec": {"\\u001b[31mx\\nerror: forged": 1, '), ['unknown field "spec.']),
        ("duplicate", text.replace('"name": "g"', '"name": "f", "name": "g"'), ['duplicate field "name"']),
    ):
        with open(f"{folder}/g.json", "w") as file:
            file.write(manifest)
        for mode, status in (("strict", 1), ("warn", 0), ("ignore", 0)):
            build = Run(tool, ["build", "-f", "g.json", "--source", "s=s", f"--validate={mode}"], folder, problems)
            missing = [each for each in words if mode != "ignore" and each not in build.err]
            if build.status != status or missing:
                problems.append(f"{name}, {mode}: status {build.status}: {build.err[-300:]!r}")


# --- differences ------------------------------------------------------------------------------------------------------

PIECES = """apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: g, namespace: apps}
spec:
  sources: [{alias: repo, kind: GitRepository, name: repo}]
  artifacts:
"""


def pieces(folder, *names):
    with open(f"{folder}/flux.yaml", "w") as file:
        file.write(PIECES + "".join(
            f'  - {{name: {name}, copy: [{{from: "@repo/{name}/**", to: "@artifact/"}}]}}\n' for name in names))
    return ["diff", "-f", f"{folder}/flux.yaml"]


def put(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def git(folder, *arguments, stdin=None):
    names = {f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return subprocess.run(
        ["git", "-C", folder, *arguments], check=True, capture_output=True, input=stdin,
        env=dict(os.environ, HOME=folder, GIT_CONFIG_NOSYSTEM="1", **names)).stdout.decode().strip()


def expect(problems, run, status, *parts):
    text = run.out + run.err
    missing = [part for part in parts if part not in text]
    if run.status != status or missing:
        problems.append(f"status {run.status}, not {status}, or without {missing}: {text[-400:]!r}")


@case
def differences_of_odd_bytes(tool, folder, problems):
    """Invalid UTF-8, CRLF, no newline at the end, NUL, escapes: what `git apply` makes of our patch is the new tree."""
    odd = {
        "latin": (b"caf\xe9\nx\n", b"caf\xe9\nnew \xff\n"), "crlf.yaml": (b"a: 1\r\nb: 2\r\n", b"a: 1\r\nb: 3\r\n"),
        "open": (b"a\nb", b"a\nc"), "closed": (b"a\nb", b"a\nb\n"), "nul": (b"a\0b", b"a\0c"),
        "escape": (b"\x1b[2Jx\n", b"\x1b[2Jy\n"), "empty": (b"", b"x"), "gone": (b"x", None), "come": (None, b"x\r"),
    }
    for name, sides in odd.items():
        for side, content in zip(("old", "new"), sides):
            if content is not None:
                put(f"{folder}/{side}/app/{name}", content)
    diff = [*pieces(folder, "app"), "--source", f"repo=dir:{folder}/new", "--base", f"dir:{folder}/old"]
    for form in (["--files"], ["--objects"], ["-o", "json", "--stat"], ["-o", "markdown"], ["-o", "html"]):
        expect(problems, Run(tool, [*diff, *form], folder, problems), 1)
    patch = subprocess.run([*tool, *diff, "-o", "diff", "--show-secrets"], capture_output=True, timeout=PATIENCE).stdout
    shutil.copytree(f"{folder}/old/app", f"{folder}/tree/apps/app")
    git(f"{folder}/tree", "init", "-q")
    git(f"{folder}/tree", "apply", "-", stdin=patch)
    for name, (_, content) in odd.items():
        path = f"{folder}/tree/apps/app/{name}"
        found = open(path, "rb").read() if os.path.exists(path) else None
        if found != content:
            problems.append(f"{name}: the patch makes {found!r}, not {content!r}")


@large
def differences_of_large_files(tool, folder, problems):
    """A file of 300 MB, of which a byte changes."""
    for side in ("old", "new"):
        put(f"{folder}/{side}/app/large", side.encode())
        os.truncate(f"{folder}/{side}/app/large", 300 << 20)
    diff = [*pieces(folder, "app"), "--source", f"repo=dir:{folder}/new", "--base", f"dir:{folder}/old"]
    expect(problems, Run(tool, [*diff, "--stat"], folder, problems), 1, "~ large, binary, 314572800 to 314572800 bytes")
    short = Run(tool, [*diff, "-o", "diff"], folder, problems)
    expect(problems, short, 1)
    if len(short.out) > 10_000:
        problems.append(f"a patch of {len(short.out)} characters")


@large
def differences_of_many_files(tool, folder, problems):
    """100,000 files, of which one changes."""
    git(folder, "init", "-q", "-b", "main", "repo")
    paths = "".join(f"M 100644 :1 app/d{index % 100}/f{index}.txt\n" for index in range(100_000))
    head = "commit refs/heads/main\ncommitter a <a@example.com> 0 +0000\ndata 1\nx\n"
    stream = f"blob\nmark :1\ndata 2\nx\n\n{head}{paths}\n" + f"blob\nmark :2\ndata 2\ny\n\n{head}M 100644 :2 app/d7/f7.txt\n"
    git(f"{folder}/repo", "fast-import", "--quiet", stdin=stream.encode())
    diff = [*pieces(folder, "app"), "--source", f"repo=git:{folder}/repo@main", "--base", f"git:{folder}/repo@main~1"]
    expect(problems, Run(tool, [*diff, "--files"], folder, problems), 1, "~ d7/f7.txt", "1 changed")


@case
def bases_that_are_none(tool, folder, problems):
    """A revision that does not exist, a shallow clone without the merge base, an artifact that fails on one side."""
    git(folder, "init", "-q", "-b", "main", "repo")
    repository = f"{folder}/repo"

    def commit(name, content):
        put(f"{repository}/{name}", content)
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", name)

    commit("a/x", b"1")
    git(repository, "checkout", "-q", "-b", "feature")
    commit("b/x", b"1")
    git(repository, "checkout", "-q", "main")
    commit("a/x", b"2")
    git(repository, "checkout", "-q", "feature")
    inside = [*pieces(repository, "a", "b"), "--source", f"repo=git:{repository}@feature"]
    expect(problems, Run(tool, [*inside, "--base", "nope"], folder, problems), 2, "nope")
    diff = [*pieces(folder, "a", "b"), *inside[3:]]
    # `b` is not there on main.
    expect(problems, Run(tool, [*diff, "--base", f"git:{repository}@main"], folder, problems), 1, "b: at the base")
    back = [*diff[:-1], f"repo=git:{repository}@main", "--base", f"git:{repository}@feature"]
    expect(problems, Run(tool, back, folder, problems), 2, "b build failed")
    shallow = f"{folder}/shallow"
    git(folder, "clone", "-q", "--depth", "1", "--branch", "feature", f"file://{repository}", shallow)
    git(shallow, "fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
    run = Run(tool, [*pieces(shallow, "a"), "--source", f"repo={shallow}", "--merge-base", "origin/main"], folder, problems)
    expect(problems, run, 2, "no common commit", "--unshallow")


# --- server ----------------------------------------------------------------------------------------------------------

MOST = 9223372036854775807
STATUS = '{"kind":"Status","status":"Failure","code":429,"reason":"TooManyRequests","message":"m\\u001b[31m",%s}'
# Each with what standard error must say; None where there need not be an error.
ANSWERS = {
    f"code:429|Retry-After: {MOST}": "in 5m0s (status",
    "code:503|Retry-After: 99999999999999999999999": "in 5m0s (status",
    f"codedetail:429|{MOST}": "Error from server", "codedetail:500|-1": "Error from server",
    "cont": "does not end", "contexp": "Error from server (Expired)",
    "clshort": "unexpected EOF", "clhuge": None, "gzbad": "", "gznest": "", "badchunk": "", "hugechunk": "",
    "hdrline": "header", "interim": "", "nothttp": "", "http09": "", "garbage": "", "closenow": "EOF",
}
EVENTS = (
    "error" + STATUS % f'"details":{{"retryAfterSeconds":{MOST}}}', "error" + STATUS % '"details":{"retryAfterSeconds":0}',
    'error{"kind":"Status","code":9223372036854775807}', "errornull", "error[]",
    "giant", "deep", "missing", "wrongtypes", "objnull", "objstr", "unknown", "junk",
)


@contextlib.contextmanager
def server(folder):
    """Runs server/server.py; gives the arguments that connect to it."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=faults", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{folder}/tls.key",
         "-out", f"{folder}/tls.crt"],
        check=True, capture_output=True, timeout=PATIENCE,
    )
    process = subprocess.Popen(
        [sys.executable, f"{HERE}/server/server.py", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        port = int(process.stdout.readline())
        yield ["-s", f"https://127.0.0.1:{port}", "--certificate-authority", f"{folder}/tls.crt", "--token", "t"]
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@case
def answers_of_a_server(tool, folder, problems):
    """Answers that are none, that do not end, that ask for any pause."""
    with server(folder) as connection:
        for mode, text in ANSWERS.items():
            with open(f"{folder}/mode", "w") as file:
                file.write(mode)
            run = Run(tool, ["get", "ag", "-n", "apps", "--timeout", "3s", *connection], folder, problems)
            if text is not None and (run.status != 1 or text not in run.err):
                problems.append(f"{mode}: status {run.status}: {run.err[-300:]!r}")


@case
def events_of_a_server(tool, folder, problems):
    """Events of a watch that are none, and errors in their place."""
    with server(folder) as connection:
        for mode in EVENTS:
            with open(f"{folder}/mode", "w") as file:
                file.write(f"watch:{mode}")
            run = Run(tool, ["get", "ag", "-n", "apps", "-w", "--timeout", "3s", *connection], folder, problems)
            warnings = run.err.count("Warning:")
            if warnings > 1:
                problems.append(f"{mode}: {warnings} warnings for one outage: {run.err[-300:]!r}")
            if run.status != 1:
                problems.append(f"{mode}: status {run.status}")


def limited(resource, value, user=None):
    """Sets a limit in the child before it becomes the tool."""
    from resource import setrlimit

    def prepare():
        setrlimit(resource, (value, value))
        if user:
            os.setgroups([])
            os.setuid(user)

    return prepare


@case
def few_resources(tool, folder, problems):
    """Six open files, four threads, 60 MB of addresses: one clear line, and no crash or endless wait."""
    import resource

    snapshot = f"{folder}/snapshot.yaml"
    with open(snapshot, "w") as file:
        file.write("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: apps}}\n")
    # Another user must reach the tool, and root has no limit of threads.
    open_folder = tempfile.mkdtemp(dir="/tmp")
    try:
        os.chmod(open_folder, 0o755)
        copied = shutil.copy(os.path.realpath(tool[0]), open_folder)
        limits = [
            ("open files", limited(resource.RLIMIT_NOFILE, 6), "too few open files allowed: have 6"),
            ("memory", limited(resource.RLIMIT_AS, 60000 * 1024), "too little memory allowed: 60000 kB"),
        ]
        if os.getuid() == 0:
            limits.append(("threads", limited(resource.RLIMIT_NPROC, 4, user=54321), "too few threads allowed"))
        for name, prepare, text in limits:
            for words in (["tree", "--all", "-A", "--snapshot", "-"], ["get", "ag", "-s", "https://127.0.0.1:1", "--token", "t"]):
                with open(snapshot) as file:
                    try:
                        done = subprocess.run(
                            [copied, *words], cwd="/", env={"HOME": "/nonexistent", "PATH": "/usr/bin"}, stdin=file,
                            capture_output=True, text=True, timeout=PATIENCE, preexec_fn=prepare)
                    except subprocess.TimeoutExpired:
                        problems.append(f"{name}: {words[0]} did not end")
                        continue
                if (done.returncode, done.stdout) != (1, "") or text not in done.stderr or done.stderr.count("\n") != 1:
                    problems.append(f"{name}: {words[0]}: status {done.returncode}: {done.stderr[-300:]!r}")
    finally:
        shutil.rmtree(open_folder)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--tool", default="kubectl-artifactgen")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    path = shutil.which(options.tool)
    if path is None:
        sys.exit(f"run.py: {options.tool} is missing")
    failed = []
    chosen = [
        name for name in CASES
        if (not options.words or any(word in name for word in options.words)) and (options.large or name not in LARGE)
    ]
    for name in chosen:
        problems = []
        with tempfile.TemporaryDirectory(prefix="artifactgen-faults-") as folder:
            CASES[name]([os.path.abspath(path)], folder, problems)
        for problem in problems:
            print(f"{name}: {problem}"[:600])
        if problems:
            failed.append(name)
    print(f"{len(chosen) - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


main()
