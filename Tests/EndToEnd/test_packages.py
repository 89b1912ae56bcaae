"""What packaging/release makes, installed in the ways that there are. Only with `run.py --release DIR`."""
import fnmatch
import glob
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import tarfile

import yaml

import support
from support import run

KUBECTL, FLUX = "kubectl-artifactgen", "flux-externalartifact"
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
FLOOR = (2, 35)


class PackageCase(support.Case):
    """Tests that need the files of a release."""

    def setUp(self):
        if not support.Setting.release:
            self.skipTest("no release: run.py --release DIR")
        self.folder = self.temporary()

    def file(self, pattern):
        found = glob.glob(f"{support.Setting.release}/{pattern}")
        self.assertEqual(len(found), 1, pattern)
        return found[0]

    def archive(self, tool):
        return self.file(f"{tool}_*_linux_{ARCHITECTURE}.tar.gz")

    def document(self, name):
        with open(self.file(name), encoding="utf-8") as file:
            return yaml.safe_load(file)

    def unpacked(self, tool, to=None):
        to = to or f"{self.folder}/{tool}"
        with tarfile.open(self.archive(tool)) as archive:
            archive.extractall(to)
        return to


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Contents(PackageCase):
    def test_archives_hold_the_tool_at_the_root_and_all_that_goes_with_it(self):
        for tool in (KUBECTL, FLUX):
            with self.subTest(tool), tarfile.open(self.archive(tool)) as archive:
                members = {member.name: member for member in archive.getmembers()}
                expected = {tool, "LICENSE", "THIRD-PARTY-NOTICES.txt", f"man/{tool}.1", f"man/{tool}-get.1"}
                expected |= {f"completions/{tool}.{shell}" for shell in ("bash", "zsh", "fish")}
                self.assertLessEqual(expected, set(members))
                self.assertEqual("kubectl_complete-artifactgen" in members, tool == KUBECTL)
                for name, member in members.items():
                    self.assertIn(member.type, (tarfile.REGTYPE, tarfile.DIRTYPE), name)
                    self.assertEqual((member.uid, member.gid), (0, 0), name)
                    is_program = member.isdir() or name in (tool, "kubectl_complete-artifactgen")
                    self.assertEqual(member.mode, 0o755 if is_program else 0o644, name)

    def test_binaries_need_no_more_than_the_c_library_of_the_floor(self):
        """glibc 2.35; what is linked in is not asked for."""
        for tool in (KUBECTL, FLUX):
            with self.subTest(tool):
                path = f"{self.unpacked(tool)}/{tool}"
                symbols = self.succeeds("readelf", "--wide", "--dyn-syms", path).out
                versions = {tuple(map(int, text.split("."))) for text in re.findall(r"GLIBC_([0-9.]+)", symbols)}
                self.assertLessEqual(max(versions), FLOOR)
                for other in ("GLIBCXX_", "CXXABI_", "GCC_"):
                    self.assertNotIn(other, symbols)
                needed = re.findall(r"\(NEEDED\).*\[(.*)\]", self.succeeds("readelf", "-d", path).out)
                for library in needed:
                    self.assertRegex(library, r"^(libc|libm|ld-linux-[a-z0-9-]+)\.so\.")

    def test_every_file_is_in_a_list_of_checksums(self):
        listed = {}
        for sums in glob.glob(f"{support.Setting.release}/*_checksums.txt"):
            with open(sums) as file:
                for line in file:
                    digest, name = line.rstrip("\n").split("  ")
                    listed[name] = digest
        names = os.listdir(support.Setting.release)
        named = {name for name in names if not name.endswith((".yaml", "_checksums.txt"))}
        self.assertEqual(set(listed), named)
        for name, digest in listed.items():
            self.assertEqual(digest, sha256(f"{support.Setting.release}/{name}"), name)

    def test_notices_name_every_part_of_the_list(self):
        """The list of parts is SPDX 2.3, and each part has its licence in the notices."""
        with open(self.file(f"artifactgen_*_linux_{ARCHITECTURE}.spdx.json")) as file:
            document = json.load(file)
        self.assertEqual((document["spdxVersion"], document["SPDXID"]), ("SPDX-2.3", "SPDXRef-DOCUMENT"))
        self.assertRegex(document["creationInfo"]["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        packages = {package["SPDXID"]: package for package in document["packages"]}
        self.assertEqual(len(packages), len(document["packages"]))
        for one in packages.values():
            self.assertRegex(one["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
            self.assertTrue(one["versionInfo"], one)
        known = {"SPDXRef-DOCUMENT", *packages}
        for relationship in document["relationships"]:
            self.assertIn(relationship["spdxElementId"], known)
            self.assertIn(relationship["relatedSpdxElement"], known)
        parts = {one["name"] for one in packages.values() if "checksums" not in one}
        self.assertEqual(
            parts,
            {
                "swift-runtime", "swift-argument-parser", "swift-crypto", "swift-system", "boringssl", "xkcp",
                "libyaml", "zlib", "libstdc++", "libgcc",
            },
        )
        with open(f"{self.unpacked(FLUX)}/THIRD-PARTY-NOTICES.txt", encoding="utf-8") as file:
            notices = file.read()
        for words in ("libyaml", "Kirill Simonov", "Jean-loup Gailly", "GCC RUNTIME LIBRARY EXCEPTION", "swift-crypto", "BoringSSL", "XKCP"):
            self.assertIn(words, notices)


class Versions(support.Case):
    """packaging/check-version, on files of its own."""

    def check(self, version, changelog, package):
        folder = self.temporary()
        os.makedirs(f"{folder}/packaging")
        shutil.copy(f"{support.ROOT}/packaging/check-version", f"{folder}/packaging")
        with open(f"{folder}/CHANGELOG.md", "w") as file:
            file.write(f"# Changelog\n\n## [Unreleased]\n\n## [{changelog}] - 2027-01-31\n\n## [0.0.1] - 2026-01-01\n")
        with open(f"{folder}/Package.swift", "w") as file:
            file.write(f'let version = environment["ARTIFACTGEN_VERSION"] ?? "{package}"\n')
        return run(f"{folder}/packaging/check-version", version)

    def test_a_tag_that_the_files_do_not_have_is_refused(self):
        self.assertEqual(self.check("1.2.3", "1.2.3", "1.2.3").status, 0)
        self.assertIn("in CHANGELOG.md is 1.2.2, not 1.2.3", self.check("1.2.3", "1.2.2", "1.2.3").err)
        self.assertIn("in Package.swift is 1.2.2, not 1.2.3", self.check("1.2.3", "1.2.3", "1.2.2").err)
        self.assertIn("not a version", self.check("1.2", "1.2", "1.2").err)
        self.assertEqual(self.check("1.2.3-rc.1", "1.2.2", "1.2.2").status, 0)

    def test_the_files_of_this_checkout_are_read(self):
        with open(f"{support.ROOT}/Package.swift") as file:
            version = re.search(r'ARTIFACTGEN_VERSION"\] \?\? "(.*)"', file.read())[1]
        self.succeeds(f"{support.ROOT}/packaging/check-version", version)


class Installer(PackageCase):
    """install.sh --from ARCHIVE."""

    def install(self, *archives, expected=0):
        words = [word for archive in archives for word in ("--from", archive)]
        answer = run(
            f"{support.ROOT}/install.sh", "--prefix", f"{self.folder}/prefix", *words, FLUXCD_PLUGINS=f"{self.folder}/plugins"
        )
        self.assertEqual(answer.status, expected, answer)
        return answer

    def copied(self):
        """The archive of kubectl's plugin with its checksums, in a folder of its own."""
        for name in (self.archive(KUBECTL), self.file(f"{KUBECTL}_*_checksums.txt")):
            shutil.copy(name, self.folder)
        return f"{self.folder}/{os.path.basename(self.archive(KUBECTL))}"

    def test_both_archives_are_installed_as_a_build_is(self):
        self.install(self.archive(KUBECTL), self.archive(FLUX))

        def below(prefix):
            paths = glob.glob(f"{prefix}/**", recursive=True)
            return sorted(os.path.relpath(path, prefix) for path in paths if os.path.isfile(path))

        self.assertEqual(below(f"{self.folder}/prefix"), below(support.Setting.prefix))
        self.succeeds(f"{self.folder}/plugins/{FLUX}", "--version")

    def test_one_archive_is_one_tool(self):
        self.install(self.archive(KUBECTL))
        self.assertEqual(sorted(os.listdir(f"{self.folder}/prefix/bin")), [KUBECTL, "kubectl_complete-artifactgen"])
        self.assertFalse(os.path.exists(f"{self.folder}/plugins"))

    def test_another_checksum_is_refused(self):
        archive = self.copied()
        with open(archive, "ab") as file:
            file.write(b"more")
        self.assertIn("do not use it", self.install(archive, expected=1).err)
        self.assertFalse(os.path.exists(f"{self.folder}/prefix"))

    def test_an_archive_without_a_checksum_is_refused(self):
        archive = self.copied()
        sums = glob.glob(f"{self.folder}/*_checksums.txt")[0]
        with open(sums, "w") as file:
            file.write("")
        self.assertIn("has no checksum of", self.install(archive, expected=1).err)
        os.remove(sums)
        self.assertIn("is missing: it contains the checksum", self.install(archive, expected=1).err)
        self.assertFalse(os.path.exists(f"{self.folder}/prefix"))

    def test_an_archive_for_another_machine_is_refused(self):
        other = "arm64" if ARCHITECTURE == "amd64" else "amd64"
        archive = self.copied()
        renamed = archive.replace(f"_{ARCHITECTURE}.", f"_{other}.")
        os.rename(archive, renamed)
        self.assertIn("is for another machine", self.install(renamed, expected=1).err)


class Krew(PackageCase):
    """The manifest by the rules of krew's pkg/index/validation, and an installation as pkg/installation does it."""

    def test_the_manifest_keeps_the_rules(self):
        manifest = self.document("artifactgen.yaml")
        self.assertEqual(manifest["apiVersion"], "krew.googlecontainertools.github.com/v1alpha2")
        self.assertEqual(manifest["kind"], "Plugin")
        self.assertEqual(manifest["metadata"], {"name": "artifactgen"})
        spec = manifest["spec"]
        self.assertRegex(spec["version"], r"^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$")
        self.assertRegex(spec["shortDescription"], r"^[^\n]{1,50}$")
        self.assertTrue(spec["homepage"].startswith("https://"))
        allowed = {"version", "homepage", "shortDescription", "description", "caveats", "platforms"}
        self.assertLessEqual(set(spec), allowed)
        self.assertTrue(spec["platforms"])
        for one in spec["platforms"]:
            self.assertEqual(set(one), {"selector", "uri", "sha256", "bin", "files"})
            self.assertLessEqual(set(one["selector"]["matchLabels"]), {"os", "arch"})
            self.assertTrue(one["selector"]["matchLabels"])
            self.assertRegex(one["uri"], r"^https://\S+\.tar\.gz$")
            self.assertRegex(one["sha256"], r"^[a-f0-9]{64}$")
            self.assertTrue(one["files"])

    def installed(self):
        """An installation as krew makes it; gives the folder that krew has people put into PATH."""
        spec = self.document("artifactgen.yaml")["spec"]
        here = {"os": "linux", "arch": ARCHITECTURE}
        chosen = [one for one in spec["platforms"] if one["selector"]["matchLabels"].items() <= here.items()][0]
        archive = f"{support.Setting.release}/{chosen['uri'].rsplit('/', 1)[1]}"
        self.assertEqual(sha256(archive), chosen["sha256"])
        self.assertTrue(chosen["uri"].endswith(f"/{spec['version']}/{os.path.basename(archive)}"))
        download, store = f"{self.folder}/download", f"{self.folder}/krew/store/artifactgen/{spec['version']}"
        with tarfile.open(archive) as tar:
            tar.extractall(download)
        os.makedirs(store)
        for operation in chosen["files"]:
            names = fnmatch.filter(os.listdir(download), operation["from"])
            self.assertTrue(names, operation)
            for name in names:
                os.rename(f"{download}/{name}", os.path.normpath(f"{store}/{operation['to']}/{name}"))
        self.assertTrue(os.path.isfile(f"{store}/LICENSE"), "krew asks for a licence in the archive")
        folder = f"{self.folder}/krew/bin"
        os.makedirs(folder)
        os.symlink(f"{store}/{chosen['bin']}", f"{folder}/kubectl-" + "artifactgen".replace("-", "_"))
        return folder

    def test_the_tool_works_from_krews_folders(self):
        folder = self.installed()
        answer = self.succeeds(KUBECTL, "completion", "install", PATH=f"{folder}:/usr/bin:/bin")
        self.assertEqual(answer.out, f"{folder}/kubectl_complete-artifactgen\n")
        if not support.Setting.kubectl:
            return
        path = f"{folder}:{os.path.dirname(support.Setting.kubectl)}:/usr/bin:/bin"
        self.assertIn(KUBECTL, self.succeeds("kubectl", "artifactgen", "--version", PATH=path).out)
        answer = self.succeeds("kubectl", "__complete", "artifactgen", "ge", PATH=path)
        self.assertEqual(answer.out.splitlines()[0].split("\t")[0], "get", answer)


class Catalog(PackageCase):
    """The manifest by the schema of Flux's catalog (cli.fluxcd.io/v1beta1), and an installation as flux does it."""

    def test_the_manifest_keeps_the_rules(self):
        manifest = self.document("externalartifact.yaml")
        fields = {"apiVersion", "kind", "name", "description", "homepage", "source", "bin", "versions"}
        self.assertEqual(set(manifest), fields)
        self.assertEqual((manifest["apiVersion"], manifest["kind"]), ("cli.fluxcd.io/v1beta1", "Plugin"))
        self.assertRegex(manifest["name"], r"^[a-z][a-z0-9-]*$")
        self.assertRegex(manifest["bin"], r"^flux-[a-z][a-z0-9-]*$")
        for field in ("homepage", "source"):
            self.assertRegex(manifest[field], r"^https://")
        self.assertTrue(manifest["versions"])
        for version in manifest["versions"]:
            self.assertEqual(set(version), {"version", "platforms"})
            self.assertRegex(version["version"], r"^[0-9]+\.[0-9]+\.[0-9]+(-.+)?$")
            self.assertTrue(version["platforms"])
            for one in version["platforms"]:
                self.assertEqual(set(one), {"os", "arch", "url", "checksum"})
                self.assertIn((one["os"], one["arch"]), {("linux", "amd64"), ("linux", "arm64")})
                self.assertRegex(one["url"], r"^https://")
                self.assertRegex(one["checksum"], r"^sha256:[a-f0-9]{64}$")

    def test_the_plugin_works_from_the_folder_of_flux(self):
        manifest = self.document("externalartifact.yaml")
        version = manifest["versions"][0]
        chosen = [one for one in version["platforms"] if one["arch"] == ARCHITECTURE][0]
        archive = f"{support.Setting.release}/{chosen['url'].rsplit('/', 1)[1]}"
        # The catalog's own rule for the names of what a release has.
        stem = f"{manifest['bin']}_{version['version']}"
        self.assertEqual(os.path.basename(archive), f"{stem}_linux_{ARCHITECTURE}.tar.gz")
        self.assertTrue(os.path.isfile(f"{support.Setting.release}/{stem}_checksums.txt"))
        self.assertEqual(f"sha256:{sha256(archive)}", chosen["checksum"])
        plugins = f"{self.folder}/plugins"
        os.makedirs(plugins)
        with tarfile.open(archive) as tar:
            tar.extract(manifest["bin"], plugins)
        with open(f"{plugins}/{manifest['bin']}.yaml", "w") as receipt:
            json.dump(manifest, receipt)
        answer = self.succeeds("flux", "externalartifact", "version", FLUXCD_PLUGINS=plugins)
        self.assertIn(FLUX, answer.out)
        answer = self.succeeds("flux", "__complete", "externalartifact", "ge", FLUXCD_PLUGINS=plugins)
        self.assertEqual(answer.out.splitlines()[0].split("\t")[0], "get")


class Action(PackageCase):
    """The action's own part, with the files of the release in place of those of a host."""

    def set_up(self, release, version=None, name=""):
        version = version or self.document("externalartifact.yaml")["versions"][0]["version"]
        return run(
            f"{support.ROOT}/action/setup", ADDRESS=f"file://{release}", VERSION=version, KUBECTL_NAME=name,
            FOLDER=f"{self.folder}/tools", GITHUB_PATH=f"{self.folder}/path", FLUXCD_PLUGINS=f"{self.folder}/plugins",
        )

    def test_both_tools_are_where_their_hosts_look(self):
        answer = self.set_up(support.Setting.release, name="flux-artifactgen")
        self.assertEqual(answer.status, 0, answer)
        with open(f"{self.folder}/path") as file:
            self.assertEqual(file.read(), f"{self.folder}/tools/bin\n")
        self.assertEqual(
            sorted(os.listdir(f"{self.folder}/tools/bin")), [FLUX, KUBECTL, "kubectl-flux_artifactgen"]
        )
        self.succeeds("flux", "externalartifact", "--version", FLUXCD_PLUGINS=f"{self.folder}/plugins")
        self.succeeds(f"{self.folder}/tools/bin/kubectl-flux_artifactgen", "--version")

    def test_another_checksum_is_refused(self):
        release = f"{self.folder}/release"
        shutil.copytree(support.Setting.release, release)
        with open(f"{release}/{os.path.basename(self.archive(KUBECTL))}", "ab") as file:
            file.write(b"more")
        answer = self.set_up(release)
        self.assertEqual(answer.status, 1, answer)
        self.assertIn("::error::", answer.out)
        self.assertFalse(os.path.exists(f"{self.folder}/path"))

    def test_words_that_are_no_version_or_name_are_refused(self):
        for version, name in (("latest", ""), ("1.2.3/../x", ""), ("1.2.3", "a b"), ("1.2.3", "../x")):
            with self.subTest(version=version, name=name):
                self.assertEqual(self.set_up(support.Setting.release, version, name).status, 1)


class OnDebian(PackageCase, support.ClusterCase):
    """On a Debian of its own without Swift: up to an answer of the API server over TLS, a build, TAB and man."""

    USE = r"""
    kubectl artifactgen get -A --kubeconfig /in/kubeconfig >/tmp/objects
    grep -q '^tenant-a ' /tmp/objects
    flux-externalartifact get -A --kubeconfig /in/kubeconfig >/tmp/objects
    grep -q '^tenant-a ' /tmp/objects
    """
    OFFLINE = r"""
    cd /in
    kubectl artifactgen build -f examples/monorepo/generator.yaml --source repo=examples/monorepo/repo -o name
    # grep reads to the end: a pipe that breaks early would be the status of the whole.
    kubectl __complete artifactgen ge 2>/dev/null | grep '^get' >/dev/null
    flux-externalartifact __complete ge 2>/dev/null | grep '^get' >/dev/null
    . /usr/share/bash-completion/bash_completion
    _completion_loader kubectl-artifactgen || true
    COMP_LINE='kubectl-artifactgen ge'
    COMP_POINT=${#COMP_LINE} COMP_CWORD=1
    COMP_WORDS=(kubectl-artifactgen ge)
    function=$(complete -p kubectl-artifactgen | sed -E 's/.* -F ([^ ]+) .*/\1/')
    $function kubectl-artifactgen ge kubectl-artifactgen
    [ "$(echo ${COMPREPLY[0]})" = get ]
    man kubectl-artifactgen-build | grep SYNOPSIS >/dev/null
    man flux-externalartifact | grep SYNOPSIS >/dev/null
    """
    CURL = "apt-get -q install --yes --no-install-recommends --no-download libcurl4"

    def on(self, suite, script):
        """Runs a script as root in a copy of a plain Debian that is gone afterwards."""
        inputs = f"{self.folder}/in-{suite}"
        os.makedirs(inputs)
        shutil.copytree(f"{support.ROOT}/examples", f"{inputs}/examples")
        shutil.copytree(support.Setting.release, f"{inputs}/release")
        for path, name in (
            (f"{support.ROOT}/install.sh", "install.sh"), (f"{support.ROOT}/packaging/image-setup", "image-setup"),
            (support.Setting.kubectl, "kubectl"), (support.kubeconfig("admin"), "kubeconfig"),
        ):
            shutil.copy(path, f"{inputs}/{name}")
        with open(f"{inputs}/script", "w") as file:
            file.write(f"set -eux -o pipefail\nexport LC_ALL=C.UTF-8 PATH=$PATH:/in\n{script}\n")
        made = subprocess.run(
            [f"{support.ROOT}/Tests/packages/chroot", suite], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if made.returncode:
            self.skipTest(f"no Debian {suite} can be made here: {made.stderr.strip()[-300:]}")
        base = made.stdout.strip()
        # The mounts are in a name space of their own: they go with the last process in it.
        prepare = r"""
        set -eu
        base=$1 inputs=$2 work=$3
        mount -t tmpfs tmpfs "$work"
        mkdir "$work/changes" "$work/scratch" "$work/root"
        mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/changes,workdir=$work/scratch" "$work/root"
        mount --rbind /dev "$work/root/dev"
        mount -t proc proc "$work/root/proc"
        mkdir "$work/root/in"
        mount --bind "$inputs" "$work/root/in"
        exec env -i HOME=/root PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
          chroot "$work/root" /bin/bash /in/script
        """
        work = f"{self.folder}/work-{suite}"
        os.makedirs(work)
        command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", prepare, "sh", base, inputs, work]
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        done = subprocess.run(
            sudo + command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
            encoding="utf-8", errors="replace",
        )
        self.assertEqual(done.returncode, 0, f"on Debian {suite}:\n{done.stdout}")

    def test_image(self):
        """packaging/image-setup, on the Debian that the Containerfile begins with; helm is a stand-in."""
        self.on("trixie", r"""
        mkdir -p /setup /tmp/linux
        printf '#!/bin/sh\necho helm\n' >/tmp/linux/helm
        chmod 755 /tmp/linux/helm
        tar -czf /setup/helm.tar.gz -C /tmp linux
        cp /in/release/artifactgen_*.deb /in/image-setup /setup
        echo 'Acquire::http::Proxy "http://127.0.0.1:9"; Acquire::Retries "0";' >/etc/apt/apt.conf.d/99nowhere
        rm /in/kubectl
        /setup/image-setup
        cd /in
        run() { setpriv --reuid 65532 --regid 65532 --clear-groups env HOME=/work "$@"; }
        run kubectl artifactgen build -f examples/monorepo/generator.yaml --source repo=examples/monorepo/repo -o name
        run git --version
        [ "$(run helm)" = helm ]
        run sh -c 'test -x ~/.fluxcd/plugins/flux-externalartifact && touch ~/writable'
        """)

    def from_archive(self, suite):
        """An archive; what needs no cluster needs no libcurl, and without it the message has its package's name."""
        self.on(suite, rf"""
        /in/install.sh --prefix /usr/local --from /in/release/{os.path.basename(self.archive(KUBECTL))} \
          --from /in/release/{os.path.basename(self.archive(FLUX))}
        ({self.OFFLINE})
        status=0
        kubectl artifactgen get -A --kubeconfig /in/kubeconfig >/tmp/out 2>/tmp/errors || status=$?
        [ $status = 1 ] && [ ! -s /tmp/out ] && [ "$(wc -l </tmp/errors)" = 1 ]
        grep -q 'install libcurl4 (Debian, Ubuntu, openSUSE), libcurl (Fedora, RHEL) or curl (Arch)' /tmp/errors
        {self.CURL}
        {self.USE}
        /in/install.sh --prefix /usr/local --uninstall
        [ -z "$(find / -xdev \( -path /in -o -path /proc -o -path /dev -o -path /tmp \) -prune -o -name '*artifact*' -print)" ]
        """)

    def from_package(self, suite):
        """The Debian package, with what it depends on; a proxy that is not there keeps apt from the network."""
        self.on(suite, rf"""
        apt-get -q install --yes --no-install-recommends -o Acquire::http::Proxy=http://127.0.0.1:9 \
          /in/release/artifactgen_*.deb
        ({self.OFFLINE})
        {self.USE}
        apt-get -q purge --yes artifactgen
        [ -z "$(find /usr /etc /var/lib/dpkg/info -name '*artifact*' -print)" ]
        """)

    def test_archive_on_debian_12(self):
        self.from_archive("bookworm")

    def test_archive_on_debian_13(self):
        self.from_archive("trixie")

    def test_package_on_debian_12(self):
        self.from_package("bookworm")

    def test_package_on_debian_13(self):
        self.from_package("trixie")
