# Sourced by the scripts of this folder: where things are kept, how a script speaks, and private apt access.
# shellcheck shell=bash

# What a build of the servers leaves behind is kept here. It only saves time: without it everything is made again.
# The last component changes with the recipe in `build`, so that an older result is never taken for a newer one.
cluster_cache() {
  printf '%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/artifact-plugins/cluster-1"
}

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
fail() { say "$*"; exit 1; }

# The mirror that this machine uses, if it is a Debian, or else the one for all.
debian_mirror() {
  local mirror
  mirror=$(awk '/^URIs:/ && /debian\/?$/ {print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
  printf '%s\n' "${mirror:-http://deb.debian.org/debian}"
}

# private_apt DIR SUITE TYPES: writes DIR/options, an apt configuration that knows one Debian suite and nothing else.
# The machine's own package sources stay as they are, and no command that uses it needs root.
private_apt() {
  local dir=$1 suite=$2 types=$3 keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -r "$keyring" ] || fail "$keyring is missing: install debian-archive-keyring"
  mkdir -p "$dir/lists/partial" "$dir/archives/partial"
  cat >"$dir/debian.sources" <<SOURCES
Types: $types
URIs: $(debian_mirror)
Suites: $suite
Components: main
Signed-By: $keyring
SOURCES
  cat >"$dir/options" <<OPTIONS
Dir::Etc::SourceList "$dir/debian.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$dir/lists";
Dir::Cache "$dir";
Dir::Cache::Archives "$dir/archives";
APT::Sandbox::User "root";
APT::Get::List-Cleanup "false";
Acquire::Languages "none";
Acquire::Retries "5";
OPTIONS
}
