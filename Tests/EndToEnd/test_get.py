"""`get` against a real API server."""
import base64
import json
import os
import signal
import subprocess

import yaml

import fixtures
import support
from support import kubeconfig, run

PLUGIN = ("artifactgen", "get")
TOOL = ("kubectl-artifactgen", "get")
FLUX_TOOL = ("flux-externalartifact", "get")

GENERATOR_COLUMNS = ["NAME", "READY", "SUSPENDED", "ARTIFACTS", "AGE", "STATUS"]
ARTIFACT_COLUMNS = ["NAME", "REVISION", "SOURCE", "READY", "FRESH", "AGE", "STATUS"]
GENERATORS_OF_APPS = [
    "build-failed", "chained", "fresh", "monorepo", "podinfo", "reconciling", "source-missing", "stalled-validation",
    "suspended", "suspended-init",
]


def column(rows, title):
    return [row[rows[0].index(title)] for row in rows[1:]]


class Generators(support.ClusterCase):
    def test_kubectl_passes_the_words_on(self):
        rows = self.kubectl(*PLUGIN).rows()
        self.assertEqual(rows[0], GENERATOR_COLUMNS)
        self.assertEqual(column(rows, "NAME"), GENERATORS_OF_APPS)

    def test_cells_are_those_of_the_objects(self):
        rows = self.kubectl(*PLUGIN).rows()
        by_name = {row[0]: dict(zip(rows[0], row)) for row in rows[1:]}
        podinfo, suspended, fresh = by_name["podinfo"], by_name["suspended"], by_name["fresh"]
        self.assertEqual((podinfo["READY"], podinfo["SUSPENDED"], podinfo["ARTIFACTS"]), ("True", "False", "2"))
        self.assertEqual(podinfo["STATUS"], "reconciliation succeeded, generated 2 artifact(s)")
        self.assertRegex(podinfo["AGE"], r"^\d+[smhdy](\d+[smhd])?$")
        self.assertEqual(suspended["SUSPENDED"], "True")
        self.assertEqual(by_name["suspended-init"]["SUSPENDED"], "True")  # written `Disabled`
        self.assertEqual(by_name["build-failed"]["READY"], "False")
        self.assertEqual(by_name["reconciling"]["READY"], "Unknown")
        self.assertNotEqual(fresh["READY"], "True")

    def test_wide_has_more_columns(self):
        rows = self.kubectl(*PLUGIN, "-o", "wide").rows()
        self.assertEqual(set(rows[0]) - set(GENERATOR_COLUMNS), {"FRESH", "BY", "SINCE", "WHY", "SOURCES", "REASON", "BECAUSE"})
        reasons = dict(zip(column(rows, "NAME"), column(rows, "REASON")))
        self.assertEqual(reasons["stalled-validation"], "ValidationFailed")

    def test_all_namespaces_are_shown(self):
        rows = self.kubectl(*PLUGIN, "-A").rows()
        self.assertEqual(rows[0], ["NAMESPACE", *GENERATOR_COLUMNS])
        seen = [tuple(row[:2]) for row in rows[1:]]
        self.assertIn(("tenant-a", "tenant-app"), seen)
        self.assertEqual(seen, sorted(seen))

    def test_namespace_flag_chooses_the_namespace(self):
        for flag in (["-n", "tenant-a"], ["-ntenant-a"], ["--namespace=tenant-a"], ["--namespace", "tenant-a"]):
            with self.subTest(flag):
                self.assertEqual(column(self.kubectl(*PLUGIN, *flag).rows(), "NAME"), ["access-denied", "tenant-app"])

    def test_flags_before_the_verb(self):
        answer = run("kubectl", "artifactgen", "-n", "tenant-a", "--kubeconfig", kubeconfig("admin"), "get")
        self.assertEqual(column(answer.rows(), "NAME"), ["access-denied", "tenant-app"], answer)

    def test_headers_can_be_left_out(self):
        with_headers, without = self.kubectl(*PLUGIN), self.kubectl(*PLUGIN, "--no-headers")
        self.assertEqual(len(without.out.splitlines()), len(with_headers.out.splitlines()) - 1)
        self.assertTrue(without.out.startswith("build-failed "), without)

    def test_one_is_found_by_name(self):
        for words in (["podinfo"], ["ag", "podinfo"], ["ag/podinfo"], ["artifactgenerator/podinfo"], ["generators", "podinfo"]):
            with self.subTest(words):
                answer = self.kubectl(*PLUGIN, *words)
                self.assertEqual(column(answer.rows(), "NAME"), ["podinfo"], answer)

    def test_several_names_come_in_the_order_asked_for(self):
        rows = self.kubectl(*PLUGIN, "podinfo", "chained").rows()
        self.assertEqual(column(rows, "NAME"), ["podinfo", "chained"])

    def test_labels_choose_the_objects(self):
        label = "kustomize.toolkit.fluxcd.io/name=flux-system"
        for flag in (["-l", label], [f"-l{label}"], [f"--selector={label}"]):
            with self.subTest(flag):
                self.assertEqual(column(self.kubectl(*PLUGIN, *flag).rows(), "NAME"), ["podinfo"])

    def test_names_are_one_a_line(self):
        self.assertEqual(
            self.kubectl(*PLUGIN, "-o", "name", "-n", "tenant-a").out,
            "artifactgenerator.source.extensions.fluxcd.io/access-denied\n"
            "artifactgenerator.source.extensions.fluxcd.io/tenant-app\n",
        )


class Artifacts(support.ClusterCase):
    def test_they_are_found_by_kind(self):
        for kind in ("ea", "artifacts", "externalartifacts", "externalartifact"):
            with self.subTest(kind):
                answer = self.kubectl(*PLUGIN, kind)
                self.assertEqual(answer.rows()[0], ARTIFACT_COLUMNS, answer)

    def test_cells_are_those_of_the_objects(self):
        rows = self.kubectl(*PLUGIN, "ea").rows()
        by_name = {row[0]: dict(zip(rows[0], row)) for row in rows[1:]}
        self.assertTrue(by_name["podinfo"]["REVISION"].startswith("6.9.2@sha256:cc57fc19"), by_name["podinfo"])
        self.assertIn("podinfo", by_name["podinfo-frontend"]["SOURCE"])
        self.assertEqual(by_name["mono-api"]["READY"], "True")
        self.assertEqual(by_name["empty"]["REVISION"], "")

    def test_wide_has_more_columns(self):
        rows = self.kubectl(*PLUGIN, "ea", "-o", "wide").rows()
        self.assertEqual(set(rows[0]) - set(ARTIFACT_COLUMNS), {"DIGEST", "SIZE", "URL", "BECAUSE"})

    def test_flux_tool_lists_artifacts(self):
        rows = self.succeeds(*FLUX_TOOL, "-A", "--kubeconfig", kubeconfig("admin")).rows()
        self.assertEqual(rows[0], ["NAMESPACE", *ARTIFACT_COLUMNS])
        # Other tests make objects in namespaces of their own.
        self.assertEqual([row[0] for row in rows if row[0] in ("apps", "tenant-a")], ["apps"] * 12 + ["tenant-a"])

    def test_flux_tool_yaml(self):
        import yaml

        answer = self.succeeds(*FLUX_TOOL, "-n", "apps", "-o", "yaml", "--kubeconfig", kubeconfig("admin"))
        listed = yaml.safe_load(answer.out)
        self.assertEqual({item["kind"] for item in listed["items"]}, {"ExternalArtifact"})
        self.assertEqual(len(listed["items"]), 12)


class AsKubectlWrites(support.ClusterCase):
    """Objects come out of `-o json` and `-o yaml` byte for byte as kubectl writes them."""

    def compare(self, ours, theirs):
        self.assertEqual(self.kubectl("artifactgen", "get", *ours).out, self.kubectl("get", *theirs).out)

    def test_one_object_is_written_so(self):
        for form in ("json", "yaml"):
            for kind, name in (("ag", "podinfo"), ("ag", "fresh"), ("ea", "podinfo"), ("ea", "empty")):
                with self.subTest(form=form, kind=kind, name=name):
                    self.compare([f"{kind}/{name}", "-o", form], [f"{kind}/{name}", "-o", form])

    def test_a_list_is_written_so(self):
        for form in ("json", "yaml", "name"):
            for scope in (["-A"], ["-n", "apps"], ["-n", "tenant-a"], ["-n", "flux-system"]):
                with self.subTest(form=form, scope=scope):
                    self.compare(["ag", *scope, "-o", form], ["ag", *scope, "-o", form])

    def test_jq_reads_it(self):
        answer = self.kubectl(*PLUGIN, "-A", "-o", "json")
        filter = '[.items[] | select(.metadata.name == "podinfo")] | length == 1'
        self.succeeds("jq", "-e", filter, input=answer.out.encode())


class Nothing(support.ClusterCase):
    def test_empty_namespace(self):
        """#59"""
        answer = self.kubectl(*PLUGIN, "-n", "flux-system")
        self.assertEqual((answer.status, answer.out), (0, ""), answer)
        self.assertEqual(answer.err, "No resources found in flux-system namespace.\n")

    def test_no_match_anywhere(self):
        answer = self.kubectl(*PLUGIN, "-A", "-l", "no=such")
        self.assertEqual((answer.status, answer.out, answer.err), (0, "", "No resources found\n"), answer)

    def test_empty_list_as_json(self):
        listed = self.kubectl(*PLUGIN, "-n", "flux-system", "-o", "json").json()
        self.assertEqual((listed["kind"], listed["items"]), ("List", []))

    def test_one_that_is_not_there(self):
        answer = self.kubectl(*PLUGIN, "nope")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        # It may have been meant as a kind.
        self.assertEqual(
            answer.err,
            'Error from server (NotFound): artifactgenerators.source.extensions.fluxcd.io "nope" not found, '
            'and the server doesn\'t have a resource type "nope"\n')

    def test_one_of_several_not_found(self):
        answer = self.kubectl(*PLUGIN, "nope", "podinfo")
        self.assertEqual(answer.status, 1, answer)
        self.assertEqual(column(answer.rows(), "NAME"), ["podinfo"], answer)
        self.assertIn('"nope" not found', answer.err)

    def test_unknown_kind_is_named(self):
        answer = self.kubectl(*PLUGIN, "nosuch/thing")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertIn("nosuch", answer.err)


class Namespaces(support.ClusterCase):
    """Each tool's default namespace is that of its host."""

    def flux_tool(self, *arguments, config="admin", **changes):
        return run(*FLUX_TOOL, *arguments, "--kubeconfig", kubeconfig(config), **changes)

    def test_kubectl_tool_takes_the_context(self):
        answer = self.kubectl(*PLUGIN, "--context", "tenant", config="multi")
        self.assertEqual(column(answer.rows(), "NAME"), ["access-denied", "tenant-app"], answer)

    def test_kubectl_tool_without_a_namespace(self):
        answer = self.kubectl(*PLUGIN, config="files")
        self.assertEqual(answer.err, "No resources found in default namespace.\n", answer)

    def test_flux_tool_takes_flux_system(self):
        self.assertEqual(self.flux_tool().err, "No resources found in flux-system namespace.\n")

    def test_flux_tool_by_variable(self):
        answer = self.flux_tool(FLUX_SYSTEM_NAMESPACE="tenant-a")
        self.assertEqual(column(answer.rows(), "NAME"), ["tenant-app"], answer)

    def test_flux_tool_follows_the_context(self):
        answer = self.flux_tool("--ns-follows-kube-context", "--context", "tenant", config="multi")
        self.assertEqual(column(answer.rows(), "NAME"), ["tenant-app"], answer)


class Credentials(support.ClusterCase):
    def test_every_kind_gives_the_same_answer(self):
        expected = self.kubectl("get", "ag", "-n", "apps", "-o", "name").out
        configs = "admin admin-pkcs8 admin-ec token tokenfile files insecure multi restricted restricted-token exec exec-cert"
        for config in configs.split():
            with self.subTest(config):
                answer = self.kubectl(*PLUGIN, "-n", "apps", "-o", "name", config=config)
                self.assertEqual((answer.out, answer.err), (expected, ""), answer)

    def test_kubeconfig_from_the_environment(self):
        answer = run(*TOOL, "-o", "name", KUBECONFIG=f"/no/such:{kubeconfig('admin')}")
        self.assertEqual(len(answer.out.splitlines()), len(GENERATORS_OF_APPS), answer)

    def test_kubeconfig_from_the_home_folder(self):
        home = self.temporary()
        os.makedirs(f"{home}/.kube")
        os.symlink(kubeconfig("admin"), f"{home}/.kube/config")
        answer = run(*TOOL, "-o", "name", HOME=home)
        self.assertEqual(len(answer.out.splitlines()), len(GENERATORS_OF_APPS), answer)

    def test_refusals_are_those_of_kubectl(self):
        cases = {
            "nobody": ["-n", "apps"],
            "badtoken": ["-n", "apps"],
            "restricted": ["-A"],
            "restricted-token": ["-n", "tenant-a"],
        }
        for config, scope in cases.items():
            with self.subTest(config):
                theirs = self.kubectl("get", "ag", *scope, config=config)
                ours = self.kubectl(*PLUGIN, *scope, config=config)
                self.assertEqual((ours.status, ours.out, ours.err), (1, "", theirs.err))

    def test_failing_exec_plugin(self):
        answer = self.kubectl(*PLUGIN, config="exec-fail")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        program = f"{support.ROOT}/Tests/cluster/exec-credential"
        self.assertEqual(
            answer.err,
            "no session\nUnable to connect to the server: getting credentials: "
            f"exec: executable {program} failed with exit code 1\n",
        )

    def test_exec_plugin_finds_broken_pipes_deadly_as_usual(self):
        """A program that is started with SIGPIPE ignored, such as `yes | head`, may never end."""
        folder = self.temporary()
        plugin = self.written(
            '#!/bin/sh\ngrep SigIgn /proc/self/status >"$1"\n'
            'printf \'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"x"}}\'\n')
        os.chmod(plugin, 0o755)
        with open(kubeconfig("exec")) as file:
            config = yaml.safe_load(file)
        config["users"] = [{"name": user["name"], "user": {"exec": {
            "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", "command": plugin,
            "args": [f"{folder}/signals"]}}} for user in config["users"]]
        self.fails("kubectl-artifactgen", "get", "-A", "--kubeconfig", self.written(yaml.safe_dump(config)))
        with open(f"{folder}/signals") as file:
            ignored = int(file.read().split()[1], 16)
        self.assertEqual(ignored >> (signal.SIGPIPE - 1) & 1, 0)

    def test_nobody_is_not_asked_who_he_is(self):
        """kubectl asks for a user name here, on stdout."""
        answer = self.kubectl(*PLUGIN, config="anonymous")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertIn('User "system:anonymous" cannot list resource', answer.err)

    def test_another_authority_is_not_trusted(self):
        answer = self.kubectl(*PLUGIN, config="badca")
        self.assertEqual((answer.status, answer.out), (1, ""), answer)
        self.assertTrue(answer.err.startswith("Unable to connect to the server: "), answer)
        self.assertIn("certificate", answer.err)

    def test_authority_of_the_system_is_not_trusted_beside_that_of_the_kubeconfig(self):
        """libcurl keeps its folder of authorities in mind even when it is given one of ours."""
        folder = self.temporary()
        self.succeeds("cp", f"{support.Setting.run_dir}/pki/ca.crt", folder)
        self.succeeds("openssl", "rehash", folder)
        answer = self.kubectl(*PLUGIN, config="badca", SSL_CERT_DIR=folder)
        self.assertEqual((answer.status, answer.out), (1, ""), answer)


class Unreachable(support.ClusterCase):
    def moved(self, config, port):
        with open(kubeconfig(config)) as file:
            text = file.read()
        with open(f"{support.Setting.run_dir}/port") as file:
            return self.written(text.replace(f":{file.read().strip()}", f":{port}"), "config")

    def test_nobody_listens_at_the_port(self):
        port = support.closed_port()
        line = self.fails_in_one_line(*TOOL, "--kubeconfig", self.moved("admin", port))
        text = f"The connection to the server 127.0.0.1:{port} was refused - did you specify the right host or port?"
        self.assertEqual(line, text)

    def test_there_is_no_kubeconfig(self):
        line = self.fails_in_one_line(*TOOL, "--kubeconfig", "/no/such/config")
        self.assertIn("/no/such/config", line)

    def test_no_configuration_at_all(self):
        answer = self.fails(*TOOL)
        self.assertEqual(answer.out, "", answer)

    def test_unknown_context_is_named(self):
        line = self.fails_in_one_line(*TOOL, "--kubeconfig", kubeconfig("multi"), "--context", "zz")
        self.assertEqual(line, 'error: context "zz" does not exist')

    def test_context_without_a_cluster(self):
        line = self.fails_in_one_line(*TOOL, "--kubeconfig", kubeconfig("multi"), "--context", "dangling")
        self.assertIn("gone", line)


class ManyObjects(support.ClusterCase):
    """More than one page of 500, and more output than a pipe holds."""

    COUNT, NAMESPACE = 620, "many"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fixtures.bulk_load(lambda: fixtures.API(support.Setting.run_dir), cls.COUNT, cls.NAMESPACE)

    @classmethod
    def tearDownClass(cls):
        api = fixtures.API(support.Setting.run_dir)
        for version, plural in ((fixtures.GENERATORS, "artifactgenerators"), (fixtures.SOURCES, "externalartifacts")):
            api.expect([200], "DELETE", f"/apis/{version}/namespaces/{cls.NAMESPACE}/{plural}")

    def test_all_pages_are_shown(self):
        for form in ("name", "table"):
            with self.subTest(form):
                answer = self.kubectl(*PLUGIN, "-n", self.NAMESPACE, "--no-headers", "-o", form)
                lines = answer.out.splitlines()
                self.assertEqual(len(lines), self.COUNT, answer.err)
                self.assertEqual(len(set(lines)), self.COUNT)

    def test_as_kubectl_writes_it(self):
        ours = self.kubectl(*PLUGIN, "-n", self.NAMESPACE, "-o", "json")
        theirs = self.kubectl("get", "ag", "-n", self.NAMESPACE, "-o", "json")
        self.assertEqual(ours.out, theirs.out)

    def test_closed_pipe_is_no_error(self):
        command = [f"{support.Setting.prefix}/bin/kubectl-artifactgen", "get", "-n", self.NAMESPACE, "-o", "yaml"]
        child = subprocess.Popen(
            [*command, "--kubeconfig", kubeconfig("admin")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=support.environment(),
        )
        first = child.stdout.readline()
        child.stdout.close()
        err = child.stderr.read()
        child.stderr.close()
        self.assertEqual((first, child.wait(timeout=support.PATIENCE), err), (b"apiVersion: v1\n", 0, b""))


class Secrets(support.ClusterCase):
    def test_token_is_not_in_the_log(self):
        """#67"""
        import credentials

        answer = self.kubectl(*PLUGIN, "-v=9", config="token")
        self.assertEqual(answer.status, 0, answer)
        self.assertNotIn(credentials.ADMIN_TOKEN, answer.out + answer.err)

    def test_secrets_are_in_no_file_and_no_command_line(self):
        """#67: while a watch runs with a key from the kubeconfig, and a plugin with a token has been run."""
        import credentials

        for config in ("admin", "exec"):
            with self.subTest(config):
                folder = self.temporary()
                process = subprocess.Popen(
                    [*TOOL, "configmaps", "-A", "-w", "-v=9", "--kubeconfig", kubeconfig(config)],
                    executable=f"{support.Setting.prefix}/bin/{TOOL[0]}", stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=support.environment(TMPDIR=folder))
                self.addCleanup(process.stdout.close)
                self.addCleanup(process.wait)
                self.addCleanup(process.kill)
                self.assertIn(b"NAME", support.line(process))
                self.assertEqual(os.listdir(folder), [])
                for place in ("cmdline", "environ"):
                    with open(f"/proc/{process.pid}/{place}") as file:
                        text = file.read()
                    self.assertNotIn(credentials.ADMIN_TOKEN, text)
                    self.assertNotIn("PRIVATE KEY", text)

    def test_key_is_not_in_an_error(self):
        with open(kubeconfig("admin")) as file:
            text = file.read()
        broken = text.replace("client-key-data: LS0t", "client-key-data: LS!t")
        path = self.written(broken, "config")
        key = [line for line in text.splitlines() if "client-key-data" in line][0].split()[1]
        answer = self.fails(*TOOL, "--kubeconfig", path)
        self.assertNotIn(key[40:80], answer.out + answer.err)
        self.assertNotIn(base64.b64decode(key).decode().splitlines()[1], answer.out + answer.err)
