#!/usr/bin/python3
"""Runs `lint` over small trees and compares what it finds, places included.

usage: run.py [--tool COMMAND] [--record] [WORD ...]

A case is a folder below `cases`:

    flux/...        generators, sources, consumers
    repo/...        the files of the source `repo`
    args            the arguments, one a line, where they are not `-f flux --source repo=repo`
    expected        a line for each finding: FILE:LINE:COLUMN RULE MESSAGE

--record writes `expected`: read the difference before you commit it.
WORD takes the cases whose name holds one of the words.

Every case runs twice, the second time as SARIF, which has to have the same findings. The exit status has to be 1 where
there is an error, else 0, also in a third run whose output nobody reads. Prints a line for each case that differs. Exit status 1 when one differs.
"""
import argparse
import json
import os
import shlex
import subprocess
import sys

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")
PATIENCE = 60  # seconds for one run


def lint(tool, folder, *more, output=subprocess.PIPE):
    arguments = ["-f", "flux", "--source", "repo=repo"]
    if os.path.exists(f"{folder}/args"):
        arguments = open(f"{folder}/args").read().split("\n")[:-1]
    return subprocess.run(
        [*tool, "lint", *arguments, *more], cwd=folder, stdout=output, stderr=subprocess.PIPE, timeout=PATIENCE)


def unread(tool, folder):
    """The exit status of a run whose output is a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return lint(tool, folder, output=writer).returncode
    finally:
        os.close(writer)


def line(item):
    place = ":".join(str(item[key]) for key in ("file", "line", "column") if key in item)
    return f"{place or '-'} {item['rule']} {item['message']}".replace("\n", "\\n").replace("\x1b", "\\e")


def problems(tool, folder, record):
    run = lint(tool, folder, "-o", "json")
    if run.returncode not in (0, 1):
        return [f"exit status {run.returncode}: {run.stderr.decode(errors='replace').strip()}"]
    items = json.loads(run.stdout)["items"]
    found = [line(item) for item in items]
    has_error = any(item["severity"] == "error" for item in items)
    result = [] if run.returncode == has_error else [f"exit status {run.returncode}"]
    status = unread(tool, folder)
    if status != has_error:
        result.append(f"exit status {status} where nobody reads the output")
    log = json.loads(lint(tool, folder, "-o", "sarif").stdout)["runs"][0]["results"]
    if sorted(entry["ruleId"] for entry in log) != sorted(item["rule"] for item in items):
        result.append("sarif has other findings")
    path = f"{folder}/expected"
    if record:
        open(path, "w").write("".join(text + "\n" for text in found))
        return result
    wanted = open(path).read().split("\n")[:-1] if os.path.exists(path) else ["no file `expected`"]
    return (result + [f"missing: {text}" for text in wanted if text not in found]
            + [f"surplus: {text}" for text in found if text not in wanted])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default="kubectl-artifactgen")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    tool = shlex.split(options.tool)
    if "/" in tool[0]:
        tool[0] = os.path.abspath(tool[0])
    passed = failed = 0
    for name in sorted(os.listdir(CASES)):
        if options.words and not any(word in name for word in options.words):
            continue
        found = problems(tool, f"{CASES}/{name}", options.record)
        for text in found:
            print(f"{name}: {text}")
        passed, failed = passed + (not found), failed + bool(found)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
