#!/usr/bin/python3
"""Compares the tool's ignore rules with a model of source-controller's, on pattern sets and trees from a seed.

usage: run.py [--tool COMMAND] [--sets 20000] [--seed 1] [--keep]

The model is written from what is known of source-controller, not from the tool: patterns and paths as Python sees
them. Each set is a .sourceignore in a folder of its own, where it holds alone; some runs have a spec.ignore above all.
Prints each difference with its patterns, and `N sets, M differences`. Exit status 1 when there is one.
"""
import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

NAMES = ["a", "b", "c", "ab", "a.txt", "b.txt", ".x", "é", "A", "x y", "a-b", "[a", "deploy"]
PARTS = NAMES + ["*", "?", "a*", "*.txt", "*b", "[ab]", "[^a]", "[!a]", "[a-c]*", "**", "a**", "[", "\\a", "?b", "", ".", "x y ", "[[:alpha:]]"]


# --- the model -------------------------------------------------------------------------------------------------------

def go_match(pattern):
    """A regular expression for filepath.Match; None for a pattern that is malformed, which matches nothing."""
    out, i = "", 0
    while i < len(pattern):
        c = pattern[i]
        if c == "*":
            out += "[^/]*"
        elif c == "?":
            out += "[^/]"
        elif c == "\\":
            i += 1
            if i == len(pattern):
                return None
            out += re.escape(pattern[i])
        elif c == "[":
            i += 1
            negated = i < len(pattern) and pattern[i] == "^"
            i += negated
            ranges = []
            while True:
                if i < len(pattern) and pattern[i] == "]" and ranges:
                    break
                ends = []
                for _ in range(2):
                    if i >= len(pattern) or pattern[i] in "-]":
                        return None
                    if pattern[i] == "\\":
                        i += 1
                        if i >= len(pattern):
                            return None
                    ends.append(pattern[i])
                    i += 1
                    if i >= len(pattern):
                        return None
                    if pattern[i] != "-" or len(ends) == 2:
                        break
                    i += 1
                ranges.append((ends[0], ends[-1]))
            kept = [re.escape(a) + "-" + re.escape(b) for a, b in ranges if a <= b]
            if kept:
                out += "[" + ("^" if negated else "") + "".join(kept) + "]"
            else:
                out += "(?s:.)" if negated else "(?!)"
        else:
            out += re.escape(c)
        i += 1
    return re.compile(out, re.S)


class Pattern:
    def __init__(self, line):
        self.includes = line.startswith("!")
        if self.includes:
            line = line[1:]
        if not line.endswith("\\ "):
            line = line.rstrip(" ")
        self.only_directories = line.endswith("/")
        if self.only_directories:
            line = line[:-1]
        self.whole = "/" in line
        self.parts = line.split("/")
        self.compiled = [go_match(p) for p in self.parts]

    def fits(self, index, name):
        return self.compiled[index] is not None and self.compiled[index].fullmatch(name) is not None

    def matches(self, path, is_directory):
        if not self.whole:
            hits = [i for i, name in enumerate(path) if self.fits(0, name)]
            if not hits:
                return False
            return is_directory or not self.only_directories or hits[0] < len(path) - 1
        position, matched, skipping = 0, False, False
        for index, part in enumerate(self.parts):
            if part == "":
                skipping = False
            elif part == "**":
                if index == len(self.parts) - 1:
                    break
                skipping = True
            elif "**" in part or self.compiled[index] is None:
                return False
            else:
                if position == len(path):
                    return False
                if skipping:
                    skipping = False
                    place = next((p for p in range(position, len(path)) if self.fits(index, path[p])), None)
                    matched = place is not None
                    position = len(path) if place is None else place + 1
                else:
                    if not self.fits(index, path[position]):
                        return False
                    matched, position = True, position + 1
        return matched and not (self.only_directories and not is_directory and position == len(path))


def patterns(text):
    return [Pattern(line.removesuffix("\r")) for line in text.split("\n")
            if line.removesuffix("\r").strip() and not line.startswith("#")]


def excluded(rules, path, is_directory):
    """rules: (folder, pattern), the weakest first."""
    result = False
    for folder, pattern in rules:
        if len(path) > len(folder) and path[:len(folder)] == folder and pattern.matches(path[len(folder):], is_directory):
            result = not pattern.includes
    return result


# --- the comparison --------------------------------------------------------------------------------------------------

def line(random_):
    text = "/".join(random_.choice(PARTS) for _ in range(random_.choice([1, 1, 1, 2, 2, 3, 4])))
    return (random_.choice(["", "", "", "!"]) + random_.choice(["", "", "", "/"]) + text
            + random_.choice(["", "", "", "/", " ", "\\ ", "\t", "\r"]))


def tree(random_):
    paths = set()
    for _ in range(random_.randrange(4, 16)):
        paths.add(tuple(random_.choice(NAMES) for _ in range(random_.randrange(1, 5))))
    # A file cannot be a folder.
    return [p for p in paths if not any(q[:len(p)] == p for q in paths if len(q) > len(p))]


def compare(tool, random_, count, work):
    root = os.path.join(work, "tree")
    rules, wanted, texts = [], [], {}
    spec = "\n".join(line(random_) for _ in range(random_.randrange(3))) if random_.random() < 0.3 else ""
    for number in range(count):
        folder = (f"s{number}",)
        text = "\n".join(line(random_) for _ in range(random_.randrange(1, 6))) + "\n"
        texts[folder] = text
        rules += [(folder, pattern) for pattern in patterns(text)]
        os.makedirs(os.path.join(root, *folder))
        with open(os.path.join(root, *folder, ".sourceignore"), "w", newline="") as file:
            file.write(text)
        wanted.append((folder + (".sourceignore",), False))
        directories = {folder}
        for path in tree(random_):
            whole = folder + path
            os.makedirs(os.path.join(root, *whole[:-1]), exist_ok=True)
            with open(os.path.join(root, *whole), "w"):
                pass
            wanted.append((whole, False))
            directories.update(whole[:n] for n in range(1, len(whole)))
        wanted += [(path, True) for path in directories]
    rules += [((), pattern) for pattern in patterns(spec)]
    if not rules:
        return 0
    manifest = os.path.join(work, "source.yaml")
    with open(manifest, "w") as file:
        json.dump({"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
                   "metadata": {"name": "app", "namespace": "default"}, "spec": {"ignore": spec}}, file)
    got = subprocess.run([*tool, "ls", "--source", f"app=dir:{root}", "--manifests", manifest, "-o", "json"],
                         capture_output=True, check=True)
    # What is left out is listed, too: a folder above what is published may be left out itself.
    left_out = {tuple(item["path"].split("/")) for item in json.loads(got.stdout)["ignored"]}
    differences = 0
    for path, is_directory in wanted:
        model = excluded(rules, path, is_directory)
        if model != (path in left_out):
            differences += 1
            print(f"{'/'.join(path)}{'/' if is_directory else ''}: the model says {'out' if model else 'in'}; "
                  f".sourceignore {texts[path[:1]]!r}, spec.ignore {spec!r}")
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default="kubectl-artifactgen")
    parser.add_argument("--sets", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    random_ = random.Random(options.seed)
    done = differences = 0
    while done < options.sets and differences < 20:
        work = tempfile.mkdtemp(prefix="matcher-")
        count = min(20, options.sets - done)
        differences += compare(options.tool.split(), random_, count, work)
        done += count
        if not options.keep:
            shutil.rmtree(work)
    print(f"{done} sets, {differences} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
