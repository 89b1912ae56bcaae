#!/usr/bin/python3
"""Builds the golden cases with the tool and compares with what the controller published for them.

usage: run.py [--tool COMMAND] [--compressor go1.26|go1.27] [--only files|all] [--overwrite-only] [--jobs N] [WORD ...]

A case is a folder below `cases`:

    generator.yaml    the ArtifactGenerator
    src/ALIAS/...     its sources; `setup.py SRC` adds what git cannot hold (links, modes, archives, big files)
    case.json         `aliases` (sources that may be empty), `args` (how the controller was started)
    revisions.json    revision and origin revision of the sources, where they matter
    expected.json     what the controller made of it

A tool passes a case when its artifacts, their metadata and the archives on disk are those of the controller; when it
reports the controller's error in the controller's words; and when its exit status says so. Artifacts that the
controller did not get to, because an earlier one failed, may come on top (`blockedBy`). Where the controller's own
result varies, the tool must give one of its results, and the same one twice.

--only files       leaves out what depends on the compressed bytes: digest, size, revision
--overwrite-only   takes the cases without pathPattern, Merge and Extract
WORD               takes the cases whose name holds one of the words

Prints a line for each case that differs and `N passed, M failed`. Exit status 1 when one differs. Python's own library
is enough.
"""
import argparse
import concurrent.futures
import gzip
import hashlib
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")
PATIENCE = 300  # seconds for one build

# What the controller does and we refuse to do, and why.
REFUSED = {"164-extract-dest-traversal": "extracting outside of the artifact must be an error"}

ORIGIN = "org.opencontainers.image.revision"


def read_json(path, default=None):
    if default is not None and not os.path.exists(path):
        return default
    with open(path) as file:
        return json.load(file)


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Case:
    """The input of one case, and what is expected of it."""

    def __init__(self, name):
        self.name = name
        self.folder = os.path.join(CASES, name)
        self.about = read_json(f"{self.folder}/case.json")
        self.revisions = read_json(f"{self.folder}/revisions.json", {})
        self.expected = read_json(f"{self.folder}/expected.json")

    def overwrites_only(self):
        with open(f"{self.folder}/generator.yaml", errors="replace") as file:
            text = file.read()
        return not any(word in text for word in ("pathPattern", "Merge", "Extract"))

    def varies(self):
        return bool(self.expected.get("nondeterministic"))

    def error_of(self, artifact):
        """The controller does not run as root: where that makes a difference, its own error counts."""
        return self.expected.get("nonRootError") or artifact.get("error")

    def must_fail(self):
        return bool(
            self.name in REFUSED
            or self.expected.get("error")
            or any(self.error_of(artifact) for artifact in self.expected["artifacts"])
        )

    def materialise(self, sources):
        if os.path.isdir(f"{self.folder}/src"):
            shutil.copytree(f"{self.folder}/src", sources, symlinks=True)
        for alias in self.about.get("aliases", []):
            os.makedirs(f"{sources}/{alias}", exist_ok=True)
        os.makedirs(sources, exist_ok=True)
        if os.path.exists(f"{self.folder}/setup.py"):
            subprocess.run([sys.executable, f"{self.folder}/setup.py", sources], check=True)

    def command(self, options, sources, output):
        words = shlex.split(options.tool)
        words += ["build", "-f", f"{self.folder}/generator.yaml", "-o", "json", "--output-dir", output]
        if options.only == "all":
            words += ["--compressor", options.compressor]
        for alias in sorted(os.listdir(sources)):
            words += ["--source", f"{alias}={sources}/{alias}"]
        for alias, known in self.revisions.items():
            for key, flag in (("revision", "--revision"), ("originRevision", "--origin-revision")):
                if known.get(key):
                    words += [flag, f"{alias}={known[key]}"]
        if "-no-cross-namespace-refs" in self.about.get("args", []):
            words.append("--no-cross-namespace-refs")
        return words


def entries(archive):
    """The archive's entries in the form of expected.json, sorted by name."""
    found = []
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive))) as tar:
        for member in tar:
            entry = {"name": member.name, "type": "5" if member.isdir() else "0"}
            entry.update(mode="%04o" % member.mode, size=member.size)
            if member.isfile():
                entry["sha256"] = sha256(tar.extractfile(member).read()).split(":")[1]
            found.append(entry)
    return sorted(found, key=lambda entry: entry["name"])


def tar_difference(archive, artifact):
    if "entries" not in artifact:
        return "the tar stream differs"
    keys = ("name", "type", "mode", "size", "sha256")
    wanted = [{key: entry[key] for key in keys if key in entry} for entry in artifact["entries"]]
    ours = entries(archive)
    extra = [entry for entry in ours if entry not in wanted]
    missing = [entry for entry in wanted if entry not in ours]
    return f"the tar has {extra}, lacks {missing}" if extra or missing else "the tar differs in headers or order"


def same_error(wanted, ours):
    """A `$` in the controller's text stands for a path of its workspace: only what surrounds it can be the same."""
    if "$" not in wanted:
        return ours == wanted
    return str(ours).startswith(wanted.split("$", 1)[0]) and str(ours).endswith(wanted.rsplit(":", 1)[1])


def compare_metadata(case, artifact, item):
    if not case.varies() and item.get("filename") != artifact["filename"]:
        yield f"filename is {item.get('filename')}, not {artifact['filename']}"
    for field in ("labels", "annotations"):
        if (item.get(field) or {}) != artifact[field]:
            yield f"{field} are {item.get(field)}, not {artifact[field]}"
    origin = (artifact.get("metadata") or {}).get(ORIGIN)
    if origin and item.get("originRevision") != origin:
        yield f"originRevision is {item.get('originRevision')}, not {origin}"


def compare_archive(case, artifact, item, output, options):
    path = os.path.join(output, item.get("namespace", ""), artifact["name"], str(item.get("filename")))
    if not os.path.exists(path):
        yield f"there is no {os.path.relpath(path, output)}"
        return
    with open(path, "rb") as file:
        archive = file.read()
    if not case.varies() and sha256(gzip.decompress(archive)).split(":")[1] != artifact["tarSha256"]:
        yield tar_difference(archive, artifact)
    if options.only == "files":
        return
    if case.varies():
        # The other compressor's results are not recorded for these.
        if options.compressor == "go1.26" and sha256(archive) not in case.expected["possibleDigests"]:
            yield "the digest is none of the controller's"
        return
    older = options.compressor == "go1.26"
    digest, size = artifact["digest" if older else "digestGo127"], artifact["size" if older else "sizeGo127"]
    wanted = {
        "digest": digest, "size": size, "revision": artifact["revision"].replace(artifact["digest"], digest),
        "file": digest,
    }
    ours = {key: item.get(key) for key in ("digest", "size", "revision")} | {"file": sha256(archive)}
    if ours != wanted:
        yield f"{ours}, not {wanted}"


def compare_artifact(case, artifact, item, output, options):
    if item is None:
        yield "missing"
        return
    error = case.error_of(artifact)
    if error:
        if not same_error(error, item.get("error")):
            yield f"error is {item.get('error')!r}, not {error!r}"
    elif item.get("error"):
        yield f"unexpected error {item['error']!r}"
    else:
        yield from compare_metadata(case, artifact, item)
        yield from compare_archive(case, artifact, item, output, options)


def compare(case, result, output, options):
    """Yields a text for each difference."""
    expected, items = case.expected, result.get("items", [])
    # Those that belong to one artifact say so; its item has the same error.
    errors = [error for error in result.get("errors", []) if not error.get("artifact")]
    if case.name in REFUSED:
        if not result.get("errors") and not any(item.get("error") for item in items):
            yield REFUSED[case.name]
        return
    if expected.get("error"):
        wanted = {"message": expected["error"], "reason": expected.get("reason"), "terminal": expected.get("terminal")}
        ours = [{key: error.get(key) for key in wanted} for error in errors]
        if wanted not in ours:
            yield f"errors are {ours}, without {wanted}"
        return
    if errors:
        yield f"unexpected errors {errors}"
        return
    known = {artifact["name"] for artifact in expected["artifacts"]}
    surplus = [item["name"] for item in items if item["name"] not in known and not item.get("blockedBy")]
    if surplus:
        yield f"artifacts that the controller does not have: {surplus}"
    by_name = {item["name"]: item for item in items}
    for artifact in expected["artifacts"]:
        for text in compare_artifact(case, artifact, by_name.get(artifact["name"]), output, options):
            yield f"{artifact['name']}: {text}"


def run(case, options, work):
    sources, output = f"{work}/src", f"{work}/out"
    case.materialise(sources)
    command = case.command(options, sources, output)

    def build():
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            said = done.stderr.decode(errors="replace").strip()[:300]
            raise OSError(f"exit status {done.returncode} without JSON on stdout: {said}")

    status, result = build()
    differences = list(compare(case, result, output, options))
    if case.varies() and options.only == "all":
        first, second = ([item.get("digest") for item in each["items"]] for each in (result, build()[1]))
        if first != second:
            differences.append("two runs gave different digests")
    if (status != 0) != case.must_fail():
        differences.append(f"exit status {status}")
    return differences


def check(name, options):
    """The differences of one case, as one text; empty when there are none."""
    work = tempfile.mkdtemp(prefix="golden-")
    try:
        return "; ".join(run(Case(name), options, work))
    except (OSError, EOFError, subprocess.SubprocessError, tarfile.TarError) as error:
        return str(error)
    finally:
        subprocess.run(["chmod", "-R", "u+rwX", work], stderr=subprocess.DEVNULL)
        shutil.rmtree(work, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("--tool", default="kubectl-artifactgen")
    parser.add_argument("--compressor", default="go1.26", choices=["go1.26", "go1.27"])
    parser.add_argument("--only", default="all", choices=["all", "files"])
    parser.add_argument("--overwrite-only", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("words", nargs="*", metavar="WORD")
    options = parser.parse_args()
    os.umask(0o022)  # the modes of what a case makes are part of the case

    names = [name for name in sorted(os.listdir(CASES)) if not options.words or any(w in name for w in options.words)]
    if options.overwrite_only:
        names = [name for name in names if Case(name).overwrites_only()]
    if not names:
        sys.exit("run.py: no such case")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, differences in zip(names, pool.map(lambda name: check(name, options), names)):
            if differences:
                failed += 1
                print(f"{name}: {differences[:600]}", flush=True)
    print(f"{len(names) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
