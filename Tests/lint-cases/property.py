#!/usr/bin/python3
"""If lint is clean and kustomize builds the path of a consumer in the source, it builds it in the artifact, too.

usage: property.py [--tool COMMAND] [--kubectl COMMAND] [--cases N] [--seed N]

Each case is a random tree of bases, overlays, components and generators' files, a generator that copies parts of it
with and without excludes, and a Kustomization for each artifact. Where `lint` has no error for an artifact and `kubectl
kustomize` builds the directory in the source, it has to build the directory in the extracted artifact, and to the same
objects. And where it does not build there although it does in the source, lint has to have an error. Prints how
many of each there were. Exit status 1 when a case differs; its tree is kept.
"""
import argparse
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile

HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
PART = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def config_map(name):
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  a: b\n"


class Tree:
    """Directories with a kustomization each, which refer only to earlier ones: most of them build."""

    def __init__(self, rng, root):
        self.rng, self.root, self.folders, self.parts = rng, root, [], []
        for index in range(rng.randrange(3, 9)):
            self.add(index)

    def add(self, index):
        rng = self.rng
        folder = "/".join(rng.choice(["apps", "infra", "base", "x y"]) for _ in range(rng.randrange(0, 3)))
        folder = f"{folder}/d{index}".lstrip("/")
        is_part = rng.random() < 0.2
        lines = []
        names = [f"cm{number}.yaml" for number in range(rng.randrange(1, 3))]
        for name in names:
            write(f"{self.root}/{folder}/{name}", config_map(f"c{index}-{name[2]}"))
        resources = [] if is_part else list(names)
        for other in rng.sample(self.folders, min(len(self.folders), rng.choice([0, 0, 1, 1, 2]))):
            if not is_part:
                resources.append(os.path.relpath(other, folder))
        if rng.random() < 0.1:
            resources.append("gone.yaml")
        if resources:
            lines += ["resources:"] + [f"- {json.dumps(name)}" for name in resources]
        if self.parts and not is_part and rng.random() < 0.4:
            lines += ["components:", f"- {json.dumps(os.path.relpath(rng.choice(self.parts), folder))}"]
        if rng.random() < 0.5:
            place = rng.choice(["", "files/", "../common/"])
            for name in ("a.txt", "b.env"):
                write(f"{self.root}/{os.path.normpath(f'{folder}/{place}{name}')}", f"k{index}=v\n")
            # kustomize refuses files above the directory of a kustomization, unlike Flux.
            if not place.startswith(".."):
                lines += ["configMapGenerator:", f"- name: g{index}", f"  files: [\"key={place}a.txt\"]",
                          f"  envs: [\"{place}b.env\"]"]
        if resources and not is_part and rng.random() < 0.3:
            write(f"{self.root}/{folder}/patch.yaml", config_map(f"c{index}-0").replace("a: b", "a: c"))
            lines += ["patches:", "- path: patch.yaml"]
        head = PART if is_part else HEAD
        write(f"{self.root}/{folder}/{rng.choice(['kustomization.yaml'] * 4 + ['Kustomization'])}",
              head + "\n".join(lines) + "\n")
        (self.parts if is_part else self.folders).append(folder)


def copies(rng, tree):
    """Copy operations that keep the layout of the source."""
    folders = tree.folders + tree.parts
    if rng.random() < 0.2:
        result = [{"from": "@repo/**", "to": "@artifact/"}]
    else:
        chosen = rng.sample(folders, rng.randrange(1, len(folders) + 1))
        result = [{"from": f"@repo/{folder}/**", "to": f"@artifact/{folder}/"} for folder in chosen]
    for copy in result:
        if rng.random() < 0.2:
            copy["exclude"] = [rng.choice(["*.env", "cm1.yaml", "files/**", "base/**", "*.txt", "patch.yaml"])]
    return result


def kustomize(kubectl, path):
    done = subprocess.run([*kubectl, "kustomize", path], capture_output=True, timeout=60)
    return done.returncode == 0, done.stdout, done.stderr.decode(errors="replace").strip()[:300]


def case(rng, tool, kubectl, root, counts):
    tree = Tree(rng, f"{root}/repo")
    documents = [{
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
        "metadata": {"name": "repo", "namespace": "apps"}, "spec": {"ref": {"branch": "main"}}}]
    artifacts, paths = [], {}
    for number in range(rng.randrange(1, 4)):
        artifacts.append({"name": f"a{number}", "copy": copies(rng, tree)})
        paths[f"a{number}"] = rng.choice(tree.folders or ["nowhere"])
        documents.append({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
            "metadata": {"name": f"a{number}", "namespace": "apps"},
            "spec": {"path": f"./{paths[f'a{number}']}", "sourceRef": {"kind": "ExternalArtifact", "name": f"a{number}"}}})
    documents.append({
        "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
        "metadata": {"name": "apps", "namespace": "apps"},
        "spec": {"sources": [{"alias": "repo", "kind": "GitRepository", "name": "repo"}], "artifacts": artifacts}})
    write(f"{root}/flux.yaml", "---\n".join(json.dumps(document) + "\n" for document in documents))
    place = ["-f", f"{root}/flux.yaml", "--source", f"repo={root}/repo"]
    done = subprocess.run([*tool, "lint", *place, "-o", "json"], capture_output=True, timeout=60)
    if done.returncode not in (0, 1):
        return [f"lint ends with {done.returncode}: {done.stderr.decode(errors='replace')[:300]}"]
    items = json.loads(done.stdout)["items"]
    built = subprocess.run([*tool, "build", *place, "--output-dir", f"{root}/out", "--extract", "-o", "json"],
                           capture_output=True, timeout=60)
    status = {item["name"]: item["status"] for item in json.loads(built.stdout)["items"]}
    problems = []
    for name, path in paths.items():
        errors = [item["message"] for item in items if item["severity"] == "error"
                  and (f"artifact {name} " in item["message"] + " " or item["object"].endswith(f"/apps/{name}"))]
        if status[name] != "built":
            counts["not built"] += 1
            # What blocks an artifact has the error, and the blocked one may have none.
            has_error = any(item["severity"] == "error" for item in items)
            if not has_error or (not errors and status[name] == "failed"):
                problems.append(f"{name} is not built, and lint has no error")
            continue
        source = kustomize(kubectl, f"{root}/repo/{path}")
        artifact = kustomize(kubectl, f"{root}/out/apps/{name}/content/{path}")
        if errors:
            counts["with errors"] += 1
            if source[0] and artifact[0]:
                problems.append(f"{name} builds, but lint says {errors}")
        elif not source[0]:
            counts["fails in the source"] += 1
        else:
            counts["clean"] += 1
            if not artifact[0]:
                problems.append(f"{name} is clean, but {path} does not build: {artifact[2]}")
            elif artifact[1] != source[1]:
                problems.append(f"{name} is clean, but {path} gives other objects")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default="kubectl-artifactgen")
    parser.add_argument("--kubectl", default="kubectl")
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tool, kubectl = shlex.split(options.tool), shlex.split(options.kubectl)
    if "/" in tool[0]:
        tool[0] = os.path.abspath(tool[0])
    os.environ.update(KUBECONFIG="/dev/null", KUBECTL_KUBERC="false")
    failed, counts = 0, dict.fromkeys(["clean", "with errors", "fails in the source", "not built"], 0)
    for seed in range(options.seed, options.seed + options.cases):
        root = tempfile.mkdtemp(prefix=f"lint-{seed}-")
        problems = case(random.Random(seed), tool, kubectl, root, counts)
        for text in problems:
            print(f"seed {seed}, {root}: {text}", flush=True)
        if not problems:
            shutil.rmtree(root)
        failed += bool(problems)
    print(", ".join(f"{count} {what}" for what, count in counts.items()) + f"; {failed} cases failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
