#!/usr/bin/env python3
"""Renders the cases with the tool and compares with what Flux's own code made of them.

usage: run.py [--tool '.build/debug/kubectl-artifactgen'] [--words] [WORD ...]

TOOL render -f kustomization-cr.yaml --source ExternalArtifact/flux-system/apps=dir:tree [--manifests vars.yaml] --raw
[--strict-substitution=false] [--no-remote-bases] must print expected.yaml, byte for byte, or fail where there is
expected-error.txt; --words compares the text of the error, too. KUBECTL_PATH says which kubectl.

The cases are what fluxcd/pkg e2cfd1a and kustomize-controller v1.9.4 (kustomize 5.8.1) made of the trees; cases-index.tsv has
a line on each, kubectl-compat.tsv what kubectl 1.32.4 and 1.36.3 make of the prepared trees.

A case that kubectl 1.32 cannot do is named below, with the reason. Prints a line for each case that differs and a closing
line; status 1 when one differs.
"""
import argparse, os, re, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Of what Flux renders, kubectl 1.32 (kustomize 5.5.0) does not know `replacements[].sourceValue`; no case of these has it.
DEVIATIONS = {}

parser = argparse.ArgumentParser()
parser.add_argument("--tool", default=os.path.join(HERE, "../../.build/debug/kubectl-artifactgen"))
parser.add_argument("--words", action="store_true")
parser.add_argument("word", nargs="*")
options = parser.parse_args()


def read(path):
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        return file.read()


def problem(folder):
    arguments = [
        options.tool, "render", "-f", f"{folder}/kustomization-cr.yaml", "--source",
        f"ExternalArtifact/flux-system/apps=dir:{folder}/tree", "--raw",
    ]
    if os.path.exists(f"{folder}/vars.yaml"):
        arguments += ["--manifests", f"{folder}/vars.yaml"]
    flags = read(f"{folder}/options.yaml") or b""
    if b"strict: false" in flags:
        arguments.append("--strict-substitution=false")
    if b"noRemoteBases: true" in flags:
        arguments.append("--no-remote-bases")
    result = subprocess.run(arguments, capture_output=True, timeout=120, check=False)
    said = result.stderr.decode(errors="replace").strip()
    wanted, error = read(f"{folder}/expected.yaml"), read(f"{folder}/expected-error.txt")
    if error is None:
        if result.returncode != 0:
            return f"fails: {said[:300]}"
        return None if result.stdout == wanted else "other bytes"
    if result.returncode == 0 or re.search("unknown (flag|command)|Unexpected argument|Unknown option", said):
        return f"is not refused as Flux does: {said[:200]}"
    text = error.decode().split(": ", 1)[-1].strip().replace("<ROOT>", "")
    if options.words and text not in said:
        return f"other words: {said[:300]!r}, want {text[:300]!r}"
    return None


passed = failed = 0
for name in sorted(os.listdir(f"{HERE}/cases")):
    if options.word and not any(word in name for word in options.word):
        continue
    found = problem(f"{HERE}/cases/{name}")
    if found and name not in DEVIATIONS:
        failed += 1
        print(f"{name}: {found}")
    else:
        passed += 1
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
