#!/usr/bin/env python3
"""Evaluates the expressions that `export policy` writes on requests that must pass and requests that must not.

usage: Tests/policy/run.py --tool PATH

The server of the test cluster is too old for admission policies, so the expressions are evaluated by cel-python, which
is installed from PyPI into the cache of the tests, once.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RELEASE = "0.5.0"


def library():
    """The folder with cel-python; what it is made of depends on the interpreter."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = f"{cache}/artifact-plugins/cel-python-{RELEASE}-{version}"
    if not os.path.isdir(folder):
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        with tempfile.TemporaryDirectory(dir=os.path.dirname(folder)) as place:
            command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--only-binary", ":all:"]
            # Warnings of pip are about packages of others.
            done = subprocess.run(
                [*command, "--target", f"{place}/new", f"cel-python=={RELEASE}"], capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"cel-python {RELEASE} cannot be installed:\n{done.stderr}")
            try:
                os.rename(f"{place}/new", folder)
            except OSError:
                # Another run was faster.
                if not os.path.isdir(folder):
                    raise
    return folder


sys.path.insert(0, library())
import celpy  # noqa: E402
import yaml  # noqa: E402


def merged(target, patch):
    """JSON merge patch, RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


class Rule:
    def __init__(self, validation):
        self.message = validation["message"]
        environment = celpy.Environment()
        self.program = environment.program(environment.compile(validation["expression"]))

    def holds(self, request):
        """An expression that fails counts as one that does not hold: `failurePolicy: Fail`."""
        try:
            return bool(self.program.evaluate({key: celpy.json_to_cel(value) for key, value in request.items()}))
        except celpy.CELEvalError:
            return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    tool = os.path.abspath(parser.parse_args().tool)
    answer = subprocess.run(
        [tool, "export", "policy", "--snapshot", f"{HERE}/cluster.yaml", "-o", "json"], capture_output=True, text=True)
    if answer.returncode or answer.stderr:
        sys.exit(f"export policy failed:\n{answer.stderr}")
    policy, binding = json.loads(answer.stdout)["items"]
    assert binding["spec"] == {"policyName": policy["metadata"]["name"], "validationActions": ["Deny"]}, binding
    assert policy["spec"]["failurePolicy"] == "Fail", policy
    rules = [Rule(validation) for validation in policy["spec"]["validations"]]
    assert len(rules) == 4, rules
    with open(f"{HERE}/requests.yaml", encoding="utf-8") as file:
        cases = yaml.safe_load(file)
    wrong = 0
    blamed = set()
    for case in cases["requests"]:
        request = merged(cases["base"], case["change"])
        broken = [rule.message for rule in rules if not rule.holds(request)]
        blamed.update(broken)
        if (not broken) != case["accepted"]:
            wrong += 1
            print(f"FAIL {case['name']}: {'refused: ' + '; '.join(broken) if broken else 'accepted'}")
    if len(blamed) != len(rules):
        wrong += 1
        print("FAIL a rule refuses nothing")
    print(f"{len(cases['requests'])} requests, {wrong} wrong")
    sys.exit(bool(wrong))


main()
