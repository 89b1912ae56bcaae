"""Certificates, tokens and kubeconfigs: every way in which a client of the test cluster may say who it is.

One kubeconfig for each, `RUN_DIR/<name>.kubeconfig`, all with the default namespace `apps` unless said otherwise:

admin, admin-pkcs8, admin-ec    client certificate and key inline; keys as PKCS#1, PKCS#8 and SEC 1
restricted                      the same; may list ArtifactGenerators in `apps`, and nothing else
token, restricted-token         bearer token of admin, of restricted
tokenfile                       the same token from a file named relative to the kubeconfig
nobody                          a valid token of someone without any right
badtoken                        a token that the server does not know
anonymous                       no credential
badca                           the right token, but another authority than the server's
files                           CA, certificate and key as files relative to the kubeconfig; by host name; no namespace
exec, exec-cert                 an exec plugin that gives a token; that gives a certificate
exec-fail                       an exec plugin that fails, with an install hint
insecure                        no authority, insecure-skip-tls-verify
multi                           several contexts: admin (current; namespace apps), restricted, tenant (namespace tenant-a),
                                nobody, badtoken, and `dangling`, whose cluster is not defined
"""
import base64
import os
import subprocess

ADMIN_TOKEN = "admin-static-token-0123456789"
RESTRICTED_TOKEN = "restricted-static-token-987654"
NOBODY_TOKEN = "nobody-static-token-555555"
UNKNOWN_TOKEN = "this-token-is-not-known"

HERE = os.path.dirname(os.path.abspath(__file__))


def _openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {arguments[0]} failed: {done.stderr.strip()}")


def _write(path, text, mode=0o644):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)


def _authority(pki, name, common_name):
    _openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
        "-keyout", f"{pki}/{name}.key", "-out", f"{pki}/{name}.crt", "-subj", f"/CN={common_name}",
        "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )


def _certificate(pki, name, subject, extensions, key="rsa"):
    """Writes NAME.key and NAME.crt. The form of the key is part of what the tests need: see the key table above."""
    path = f"{pki}/{name}.key"
    {
        "rsa": lambda: _openssl("genrsa", "-traditional", "-out", path, "2048"),
        "pkcs8": lambda: _openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path),
        "ec": lambda: _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path),
    }[key]()
    _openssl("req", "-new", "-key", path, "-subj", subject, "-out", f"{pki}/{name}.csr")
    _write(f"{pki}/{name}.ext", "\n".join(extensions) + "\n")
    _openssl(
        "x509", "-req", "-in", f"{pki}/{name}.csr", "-CA", f"{pki}/ca.crt", "-CAkey", f"{pki}/ca.key",
        "-CAcreateserial", "-days", "30", "-extfile", f"{pki}/{name}.ext", "-out", f"{pki}/{name}.crt",
    )


def write_pki(run_dir):
    """Certificates, the service account key and the token table that the server is started with, in RUN_DIR/pki."""
    pki = f"{run_dir}/pki"
    os.makedirs(pki, exist_ok=True)
    _authority(pki, "ca", "artifact-plugins-test-ca")
    _authority(pki, "otherca", "some-other-ca")
    names = ["DNS:localhost", "DNS:kubernetes.default.svc", "IP:127.0.0.1", "IP:::1"]
    server = ["subjectAltName=" + ",".join(names), "extendedKeyUsage=serverAuth"]
    _certificate(pki, "apiserver", "/CN=kube-apiserver", server, "ec")
    client = ["extendedKeyUsage=clientAuth"]
    _certificate(pki, "admin", "/O=system:masters/CN=admin", client, "rsa")
    _certificate(pki, "admin-pkcs8", "/O=system:masters/CN=admin-pkcs8", client, "pkcs8")
    _certificate(pki, "admin-ec", "/O=system:masters/CN=admin-ec", client, "ec")
    _certificate(pki, "restricted", "/O=apps-readers/CN=restricted", client, "rsa")
    _openssl("genrsa", "-traditional", "-out", f"{pki}/sa.key", "2048")
    _openssl("rsa", "-in", f"{pki}/sa.key", "-pubout", "-out", f"{pki}/sa.pub")
    _write(
        f"{pki}/tokens.csv",
        f'{ADMIN_TOKEN},token-admin,u-1001,"system:masters"\n'
        f'{RESTRICTED_TOKEN},restricted,u-1002,"apps-readers"\n'
        f"{NOBODY_TOKEN},nobody,u-1003\n",
        0o600,
    )
    _write(f"{run_dir}/token.txt", ADMIN_TOKEN + "\n", 0o600)


def _inline(path):
    with open(path, "rb") as file:
        return base64.b64encode(file.read()).decode()


def _pair(pki, name):
    return (
        f"client-certificate-data: {_inline(f'{pki}/{name}.crt')}",
        f"client-key-data: {_inline(f'{pki}/{name}.key')}",
    )


def _exec(*environment):
    lines = ["exec:", "  apiVersion: client.authentication.k8s.io/v1", f"  command: {HERE}/exec-credential"]
    lines += ["  args: [for, the-tests]", "  env:"]
    for name, value in environment:
        lines += [f"  - name: {name}", f"    value: {value}"]
    lines += ["  interactiveMode: IfAvailable", "  provideClusterInfo: true"]
    return (*lines, "  installHint: the exec plugin of the tests is in Tests/cluster")


def _indented(lines, by):
    return "".join(" " * by + line + "\n" for line in lines)


def _kubeconfig(path, clusters, users, contexts, current):
    """`clusters` and `users`: name to lines of YAML. `contexts`: name to (cluster, user, namespace or None)."""
    text = "apiVersion: v1\nkind: Config\nclusters:\n"
    for name, lines in clusters.items():
        text += f"- name: {name}\n  cluster:\n" + _indented(lines, 4)
    text += "users:\n"
    for name, lines in users.items():
        text += f"- name: {name}\n  user:\n" + (_indented(lines, 4) if lines else "    {}\n")
    text += "contexts:\n"
    for name, (cluster, user, namespace) in contexts.items():
        text += f"- name: {name}\n  context:\n    cluster: {cluster}\n    user: {user}\n"
        text += f"    namespace: {namespace}\n" if namespace else ""
    _write(path, text + f"current-context: {current}\n", 0o600)


def write_kubeconfigs(run_dir, port):
    pki = f"{run_dir}/pki"
    server = f"server: https://127.0.0.1:{port}"
    verified = (server, f"certificate-authority-data: {_inline(f'{pki}/ca.crt')}")
    users = {
        "admin": _pair(pki, "admin"),
        "admin-pkcs8": _pair(pki, "admin-pkcs8"),
        "admin-ec": _pair(pki, "admin-ec"),
        "restricted": _pair(pki, "restricted"),
        "token": (f"token: {ADMIN_TOKEN}",),
        "restricted-token": (f"token: {RESTRICTED_TOKEN}",),
        "tokenfile": ("tokenFile: token.txt",),
        "nobody": (f"token: {NOBODY_TOKEN}",),
        "badtoken": (f"token: {UNKNOWN_TOKEN}",),
        "anonymous": (),
        "badca": (f"token: {ADMIN_TOKEN}",),
        "exec": _exec(("CREDENTIAL_TOKEN", ADMIN_TOKEN), ("CREDENTIAL_LIFETIME", '"3600"')),
        "exec-cert": _exec(("CREDENTIAL_CERTIFICATE", f"{pki}/admin.crt"), ("CREDENTIAL_KEY", f"{pki}/admin.key")),
        "exec-fail": _exec(("CREDENTIAL_FAIL", "no session")),
        "insecure": (f"token: {ADMIN_TOKEN}",),
    }
    for name, user in users.items():
        cluster = {
            "badca": (server, f"certificate-authority-data: {_inline(f'{pki}/otherca.crt')}"),
            "insecure": (server, "insecure-skip-tls-verify: true"),
        }.get(name, verified)
        context = f"{name}@test"
        path = f"{run_dir}/{name}.kubeconfig"
        _kubeconfig(path, {"test": cluster}, {name: user}, {context: ("test", name, "apps")}, context)

    _kubeconfig(
        f"{run_dir}/files.kubeconfig",
        {"test": (f"server: https://localhost:{port}", "certificate-authority: pki/ca.crt")},
        {"admin": ("client-certificate: pki/admin.crt", "client-key: pki/admin.key")},
        {"files": ("test", "admin", None)},
        "files",
    )
    several = {name: users[name] for name in ("admin", "restricted", "nobody", "badtoken")}
    contexts = {name: ("test", name, "apps") for name in several}
    contexts["tenant"] = ("test", "admin", "tenant-a")
    contexts["dangling"] = ("gone", "admin", None)
    _kubeconfig(f"{run_dir}/multi.kubeconfig", {"test": verified}, several, contexts, "admin")
