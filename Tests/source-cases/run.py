#!/usr/bin/python3
"""Runs the source cases against a tool and compares with what the real controllers' code made of them.

usage: run.py [--tool 'kubectl-artifactgen'] [--only tree|artifact|all] [--dir] [--compressor go1.26] [--keep] [WORD ...]

Each case NNN-slug holds setup.py (makes OUT/app and further repositories, OUT/layer*.tgz or OUT/objects/), source.yaml (the source object; further
documents: what it refers to), mostly generator.yaml, case.json and expected.json. For each case this runs the command lines below, and compares
  tree      the files which the consumer (source-watcher) has after its untar: path, type, mode, sha256   (expected "entries")
  artifact  the generator's artifacts: revision, digest, size, originRevision, or its error               (expected "items", "message")
A case whose expected.json has "stage": "source-controller" or "consumer" must fail (non-zero exit status, any message).
A case of deviations.json may differ as it says there: it is counted, and reported when it differs no more.
--dir runs the cases that have "dirEntries": the tool is given the directory in place of the git reference, and must publish what Archive makes of it.
Adjust COMMANDS to the tool. {tool} {spec} {alias} {manifest} {generator} {out} {extra} are filled in; a command is split before filling in.
"""
import argparse, hashlib, json, os, re, shlex, shutil, stat, subprocess, sys, tempfile

COMMANDS = {
    # writes the tree of the source to {out} (an empty directory); modes must be those of the consumer
    "tree": "{tool} pull --source {alias}={spec} {more} --manifests {manifest} --output-dir {out}",
    # prints JSON with items[] {name, revision, digest, size, originRevision, error} (and errors[])
    "artifact": "{tool} build -f {generator} --source {alias}={spec} {more} --manifests {manifest} {extra} --output-dir {out} -o json",
}
SPECS = {   # how a source is named
    "git": "git:{path}@{ref}",          # a repository and the ref in case.json ("source.ref"), which is what source.yaml's spec.ref resolves to
    "dir": "dir:{path}",             # read from disk, never through git; the source object's rules apply
    "layers": "{path}",                 # an OCI image layout (directory) with all layers of the case
    "objects": "{path}",                # a directory of objects
}
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "deviations.json"), encoding="utf-8") as file:
    DEVIATIONS = json.load(file)    # case: what differs on purpose, and why
TREE_MODES = True       # False: do not compare modes (a tool that shows none)

def listing(root):
    es = []
    for d, dirs, files in os.walk(os.fsencode(root)):
        for n in dirs + files:
            p = os.path.join(d, n); s = os.lstat(p); rel = os.fsdecode(os.path.relpath(p, os.fsencode(root)))
            e = {"path": rel, "type": "dir" if stat.S_ISDIR(s.st_mode) else "file" if stat.S_ISREG(s.st_mode) else "link", "mode": "%04o" % (s.st_mode & 0o777)}
            if e["type"] == "file":
                try: e["sha256"] = hashlib.sha256(open(p, "rb").read()).hexdigest()
                except OSError: e["sha256"] = "unreadable"
            es.append(e)
    return es

def norm(es, without):
    keys = ("type", "mode", "sha256") if TREE_MODES else ("type", "sha256")
    lossy = lambda p: p.encode("utf-8", "surrogateescape").decode("utf-8", "replace")    # names that are not UTF-8, as JSON shows them
    return {lossy(e["path"]): (lossy(e["path"]), *(e.get(k) for k in keys)) for e in es if not (without and (e["path"] + "/").startswith(without))}

def diff(want, got, without=None):
    w, g = norm(want, without), norm(got, without)
    return [f"missing {w[p]}" for p in sorted(w) if p not in g] + [f"surplus {g[p]}" for p in sorted(g) if p not in w] + \
           [f"want {w[p]} got {g[p]}" for p in sorted(w) if p in g and g[p] != w[p] and not (w[p][-1] == "unreadable" and g[p][:-1] == w[p][:-1])]

def run(template, **kw):
    argv = []
    for a in shlex.split(template):
        if a in ("{tool}", "{extra}", "{more}"): argv += shlex.split(kw[a[1:-1]])
        else: argv.append(a.format(**kw))
    return subprocess.run(argv, capture_output=True, timeout=600)

def image_layout(src, meta):
    """Writes the layers of a case as an OCI image layout and returns its directory."""
    root = src + "/image"; os.makedirs(root + "/blobs/sha256")
    def blob(data, **more):
        h = hashlib.sha256(data).hexdigest(); open(f"{root}/blobs/sha256/{h}", "wb").write(data)
        return {"digest": "sha256:" + h, "size": len(data), **more}
    layers = [blob(open(f"{src}/{l['file']}", "rb").read(), mediaType=l["mediaType"]) for l in meta["source"]["layers"]]
    config = blob(b"{}", mediaType="application/vnd.cncf.flux.config.v1+json")
    manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": layers,
                           "annotations": meta.get("metadata") or {}}).encode()
    index = {"schemaVersion": 2, "manifests": [blob(manifest, mediaType="application/vnd.oci.image.manifest.v1+json", annotations={"org.opencontainers.image.ref.name": "latest"})]}
    json.dump(index, open(root + "/index.json", "w")); json.dump({"imageLayoutVersion": "1.0.0"}, open(root + "/oci-layout", "w"))
    return root

def included(manifest, src):
    """--source for every further GitRepository of the manifest that the case makes a repository for."""
    more = ""
    for doc in open(manifest, encoding="utf-8", errors="surrogateescape").read().split("\n---")[1:]:
        name = re.search(r"metadata: \{name: ([\w.-]+), namespace: ([\w.-]+)\}", doc)
        if not name or "kind: GitRepository" not in doc or not os.path.isdir(f"{src}/{name[1]}"): continue
        ref = re.search(r"ref: \{\w+: \"?([^}\"]+)\"?\}", doc)
        more += f" --source GitRepository/{name[2]}/{name[1]}=" + SPECS["git"].format(path=f"{src}/{name[1]}", ref=ref[1] if ref else "master")
    return more

def refused(r):
    """A failure that counts: not one of the command line itself."""
    return r.returncode != 0 and not re.search(rb"unknown (flag|command)|unrecogni[sz]ed|Unexpected argument|Unknown option", r.stderr)

def main():
    p = argparse.ArgumentParser()
    p.add_argument("--tool", default="kubectl-artifactgen"); p.add_argument("--only", default="all", choices=["tree", "artifact", "all"])
    p.add_argument("--dir", action="store_true"); p.add_argument("--keep", action="store_true"); p.add_argument("--compressor", default="")
    p.add_argument("--cases", default=HERE); p.add_argument("words", nargs="*")
    o = p.parse_args()
    os.umask(0o022)
    ok = bad = deviating = 0
    for case in sorted(os.listdir(o.cases)):
        c = os.path.join(o.cases, case)
        if not os.path.exists(c + "/expected.json") or (o.words and not any(w in case for w in o.words)): continue
        meta, want = json.load(open(c + "/case.json")), json.load(open(c + "/expected.json"))
        if o.dir and "dirEntries" not in want and "dirError" not in want: continue
        work = tempfile.mkdtemp(prefix="src-"); probs = []
        try:
            src = work + "/src"; os.makedirs(src)
            subprocess.run([sys.executable, c + "/setup.py", src], check=True, capture_output=True)
            s = meta["source"]
            if o.dir: spec = SPECS["dir"].format(path=f"{src}/{s['dir']}")
            elif "git" in s: spec = SPECS["git"].format(path=f"{src}/{s['git']}", ref=s["ref"])
            elif "layers" in s: spec = SPECS["layers"].format(path=image_layout(src, meta))
            else: spec = SPECS["objects"].format(path=f"{src}/objects")
            kw = dict(tool=o.tool, spec=spec, alias=meta["alias"], manifest=c + "/source.yaml", generator=c + "/generator.yaml", more=included(c + "/source.yaml", src))
            without = (meta.get("compare") or {}).get("without")
            fails = want.get("stage") in ("source-controller", "consumer")
            if o.only != "artifact":
                out = work + "/tree"; os.makedirs(out, 0o755)
                r = run(COMMANDS["tree"], out=out, extra="", **kw)
                if fails and not o.dir:
                    if not refused(r): probs.append(f"tree: should be refused: {want['error'][:120]}")
                elif r.returncode != 0: probs.append(f"tree: exit status {r.returncode}: {r.stderr.decode(errors='replace').strip()[:300]}")
                else: probs += ["tree: " + x for x in diff(want["dirEntries"] if o.dir else want["entries"], listing(out), without)]
            if o.only != "tree" and not o.dir and os.path.exists(kw["generator"]):
                out = work + "/out"; extra = f"--compressor {o.compressor}" if o.compressor else ""
                if meta.get("revision"): extra += f" --revision {meta['alias']}={meta['revision']}"
                origin = (meta.get("metadata") or {}).get("org.opencontainers.image.revision")
                if origin: extra += f" --origin-revision {meta['alias']}={origin}"
                r = run(COMMANDS["artifact"], out=out, extra=extra, **kw)
                if fails:
                    if not refused(r): probs.append("artifact: should be refused")
                else:
                    try: got = json.loads(r.stdout)
                    except ValueError: got = None; probs.append(f"artifact: no JSON (exit status {r.returncode}): {r.stderr.decode(errors='replace').strip()[:300]}")
                    if got is not None:
                        items = {i["name"]: i for i in got.get("items") or []}
                        if want.get("message"):
                            errs = [i.get("error", "") for i in items.values()] + [e.get("message", "") for e in got.get("errors") or []]
                            pattern = ".*".join(map(re.escape, want["error"].split("$TMP")))      # $TMP: a path of the reference's own
                            if not any(re.fullmatch(pattern, e or "", re.S) for e in errs): probs.append(f"artifact: want error {want['error']!r}, got {errs}")
                        for a in want.get("items") or []:
                            i = items.get(a["name"]) or {}
                            fields = [("revision", a["revision"]), ("digest", a["digest"]), ("size", a["size"])]
                            om = (a.get("metadata") or {}).get("org.opencontainers.image.revision")
                            if om: fields.append(("originRevision", om))
                            probs += [f"artifact {a['name']}: {k} want {v!r} got {i.get(k)!r} {i.get('error', '')}" for k, v in fields if i.get(k) != v]
        except (OSError, subprocess.SubprocessError) as e: probs.append(str(e))
        finally:
            if o.keep: print(case, work)
            else: subprocess.run(["chmod", "-R", "u+rwX", work]); shutil.rmtree(work, ignore_errors=True)
        known = DEVIATIONS.get(case)
        if known and (o.dir or o.only not in ("all", known["in"])): known = None
        if known and not probs: bad += 1; print(f"FAIL {case}: is no deviation any more"); continue
        if known: deviating += 1; continue
        if probs: bad += 1; print(f"FAIL {case}: {meta['description']}\n     " + "\n     ".join(probs[:6]))
        else: ok += 1
    print(f"{ok} ok, {deviating} deviations, {bad} failed")
    sys.exit(1 if bad else 0)
if __name__ == "__main__": main()
