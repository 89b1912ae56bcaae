#!/usr/bin/python3
"""Whatever the controllers fail at, `lint` has an error: over the golden cases and the source cases.

usage: controller.py [--tool COMMAND] [WORD ...]

`lint` has to end with 0 or 1 (2 only where the input itself cannot be read), print JSON, and end with 1 where the
controller's own result is a failure. EXCEPTIONS are those where it may not, with the reason. Exit status 1 when a case
differs.
"""
import argparse
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 300  # seconds for one run

# Cases that the controller fails and lint does not, and why.
EXCEPTIONS = {}


def load(name):
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), f"{HERE}/../{name}/run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lint(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    said = done.stderr.decode(errors="replace").strip()[:300]
    if done.returncode not in (0, 1, 2):
        return None, f"exit status {done.returncode}: {said}"
    if done.returncode == 2:
        return 2, None if said else "status 2 without a message"
    items = json.loads(done.stdout)["items"]
    if done.returncode != any(item["severity"] == "error" for item in items):
        return None, f"exit status {done.returncode} with {items}"
    return done.returncode, None


def golden(tool, words):
    runner = load("golden-cases")
    for name in sorted(os.listdir(runner.CASES)):
        if words and not any(word in name for word in words):
            continue
        case, work = runner.Case(name), tempfile.mkdtemp(prefix="lint-")
        try:
            case.materialise(f"{work}/src")
            command = [*tool, "lint", "-f", f"{case.folder}/generator.yaml", "-o", "json"]
            for alias in sorted(os.listdir(f"{work}/src")):
                command += ["--source", f"{alias}={work}/src/{alias}"]
            if "-no-cross-namespace-refs" in case.about.get("args", []):
                command.append("--no-cross-namespace-refs")
            yield f"golden-cases/{name}", case.must_fail(), *lint(command)
        finally:
            subprocess.run(["chmod", "-R", "u+rwX", work], stderr=subprocess.DEVNULL)
            shutil.rmtree(work, ignore_errors=True)


def sources(tool, words):
    runner = load("source-cases")
    for name in sorted(os.listdir(runner.HERE)):
        folder = f"{runner.HERE}/{name}"
        if words and not any(word in name for word in words) or not os.path.exists(f"{folder}/generator.yaml"):
            continue
        meta, wanted = (json.load(open(f"{folder}/{file}.json")) for file in ("case", "expected"))
        work = tempfile.mkdtemp(prefix="lint-")
        try:
            src = f"{work}/src"
            os.makedirs(src)
            subprocess.run([sys.executable, f"{folder}/setup.py", src], check=True, capture_output=True)
            source = meta["source"]
            if "git" in source:
                spec = f"git:{src}/{source['git']}@{source['ref']}"
            elif "layers" in source:
                spec = runner.image_layout(src, meta)
            else:
                spec = f"{src}/objects"
            manifest = f"{folder}/source.yaml"
            command = [*tool, "lint", "-f", f"{folder}/generator.yaml", "--manifests", manifest, "-o", "json",
                       "--source", f"{meta['alias']}={spec}", *shlex.split(runner.included(manifest, src))]
            fails = wanted.get("stage") in ("source-controller", "consumer") or bool(wanted.get("message"))
            yield f"source-cases/{name}", fails, *lint(command)
        finally:
            subprocess.run(["chmod", "-R", "u+rwX", work], stderr=subprocess.DEVNULL)
            shutil.rmtree(work, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default="kubectl-artifactgen")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    os.umask(0o022)
    tool = shlex.split(options.tool)
    if "/" in tool[0]:
        tool[0] = os.path.abspath(tool[0])
    passed = failed = 0
    for cases in (golden, sources):
        for name, fails, status, problem in cases(tool, options.words):
            if not problem and fails and status == 0 and name not in EXCEPTIONS:
                problem = "the controller fails, and lint says nothing"
            if not problem and fails and status != 0 and name in EXCEPTIONS:
                problem = "is no exception any more"
            if problem:
                print(f"{name}: {problem}", flush=True)
            passed, failed = passed + (not problem), failed + bool(problem)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
