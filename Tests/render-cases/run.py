#!/usr/bin/env python3
"""Renders the cases with the tool and compares with what Flux's own code made of them.

usage: run.py [--tool '.build/debug/kubectl-artifactgen'] [--words] [WORD ...]

TOOL render -f kustomization-cr.yaml --source ExternalArtifact/flux-system/apps=dir:tree [--manifests vars.yaml] --raw
[--strict-substitution=false] [--no-remote-bases] must print expected.yaml, byte for byte, or fail where there is
expected-error.txt; --words compares the text of the error, too. KUBECTL_PATH says which kubectl.

TOOL render -f helmrelease.yaml --source ExternalArtifact/apps/demo=dir:tree [--manifests vars.yaml] --kube-version 1.36.0
--raw --revision ... must print the objects of expected-postrender.yaml, and with --values-only the values of
expected-values.yaml, or fail where there are none. HELM_PATH says which helm; without one, these cases are not run.

The cases are what fluxcd/pkg e2cfd1a, kustomize-controller v1.9.4 (kustomize 5.8.1) and helm-controller v1.6.3 made of the
trees, and helm 4.2.3 of the charts; cases-index.tsv and helm-cases-index.tsv have a line on each, kubectl-compat.tsv what kubectl
1.32.4 and 1.36.3 make of the prepared trees.

A case that cannot be the same is named below, with the reason. Prints a line for each case that differs and a closing line;
status 1 when one differs.
"""
import argparse, os, re, shutil, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Of what Flux renders, kubectl 1.32 (kustomize 5.5.0) does not know `replacements[].sourceValue`; no case of these has it.
DEVIATIONS = {}
# The digest that the cases have in the versions of their charts.
REVISION = "latest@sha256:2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea"

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


def render(arguments, folder):
    if os.path.exists(f"{folder}/vars.yaml"):
        arguments += ["--manifests", f"{folder}/vars.yaml"]
    result = subprocess.run([options.tool, "render", *arguments, "--raw"], capture_output=True, timeout=120, check=False)
    return result, result.stderr.decode(errors="replace").strip()


def refusal_problem(result, said, error):
    """What is wrong with a failure that should be this one."""
    if result.returncode == 0 or re.search("unknown (flag|command)|Unexpected argument|Unknown option", said):
        return f"is not refused as Flux does: {said[:200]}"
    text = (error or b"").decode().split(": ", 1)[-1].strip().replace("<ROOT>", "")
    if options.words and text not in said:
        return f"other words: {said[:300]!r}, want {text[:300]!r}"
    return None


def kustomization_problem(folder):
    arguments = ["-f", f"{folder}/kustomization-cr.yaml", "--source", f"ExternalArtifact/flux-system/apps=dir:{folder}/tree"]
    flags = read(f"{folder}/options.yaml") or b""
    if b"strict: false" in flags:
        arguments.append("--strict-substitution=false")
    if b"noRemoteBases: true" in flags:
        arguments.append("--no-remote-bases")
    result, said = render(arguments, folder)
    wanted, error = read(f"{folder}/expected.yaml"), read(f"{folder}/expected-error.txt")
    if error is not None:
        return refusal_problem(result, said, error)
    if result.returncode != 0:
        return f"fails: {said[:300]}"
    return None if result.stdout == wanted else "other bytes"


def release_problem(folder):
    import yaml

    arguments = ["-f", f"{folder}/helmrelease.yaml", "--source", f"ExternalArtifact/apps/demo=dir:{folder}/tree",
                 "--kube-version", "1.36.0", "--revision", f"ExternalArtifact/apps/demo={REVISION}"]
    values = read(f"{folder}/expected-values.yaml")
    if values is not None:
        result, said = render([*arguments, "--values-only"], folder)
        if result.returncode != 0:
            return f"values fail: {said[:300]}"
        if yaml.safe_load(result.stdout) != yaml.safe_load(values):
            return "other values"

    def objects(text):
        found = [each for each in yaml.safe_load_all(text) if each]
        keys = [repr((each["apiVersion"], each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])) for each in found]
        # What is random or a time differs anyway.
        return sorted((key, None if "/H13-" in folder else each) for key, each in zip(keys, found))

    result, said = render(arguments, folder)
    wanted = read(f"{folder}/expected-postrender.yaml")
    if "/H08-" in folder:
        # helm refuses the chart, the controller does not: we render what there is.
        return None if result.returncode == 0 and "renders without them: sub" in said else f"fails: {said[:300]}"
    if wanted is None:
        errors = (read(f"{folder}/expected-{stage}error.txt") for stage in ("", "template-", "postrender-"))
        return refusal_problem(result, said, next(error for error in errors if error is not None))
    if result.returncode != 0:
        return f"fails: {said[:300]}"
    return None if objects(result.stdout) == objects(wanted) else "other objects"


passed = failed = 0
kinds = [("cases", kustomization_problem)]
if os.environ.get("HELM_PATH") or shutil.which("helm"):
    kinds.append(("helm-cases", release_problem))
else:
    print("no helm: the cases of HelmReleases are left out")
for kind, problem in kinds:
    for name in sorted(os.listdir(f"{HERE}/{kind}")):
        if options.word and not any(word in name for word in options.word):
            continue
        found = problem(f"{HERE}/{kind}/{name}")
        if found and name not in DEVIATIONS:
            failed += 1
            print(f"{name}: {found}")
        else:
            passed += 1
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
