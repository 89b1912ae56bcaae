#!/bin/bash
set -euo pipefail

usage() {
  cat <<'USAGE'
Builds kubectl-artifactgen and flux-externalartifact and installs them, with manual pages and completion.

usage: ./install.sh [--prefix DIR] [--no-deps] [--from DIR] [--demo]
       ./install.sh --uninstall [--prefix DIR]

--prefix DIR   where to install (~/.local): binaries in DIR/bin, the rest below DIR/share
--no-deps      do not install system packages
--from DIR     do not build: take the two binaries from DIR
--demo         afterwards build the artifacts of examples/monorepo, without a cluster, and show them
--uninstall    remove what an earlier run installed there
--help         this text

flux finds plugins in one folder only: flux-externalartifact is linked into $FLUXCD_PLUGINS, or else ~/.fluxcd/plugins.
USAGE
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=(kubectl-artifactgen flux-externalartifact)
prefix=$HOME/.local dependencies=yes from='' demo=no uninstall=no

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "install.sh: $*"
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --prefix=* | --from=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
    --prefix | --from)
      [ -n "${2-}" ] || fail "$1 needs a folder"
      if [ "$1" = --prefix ]; then prefix=$2; else from=$2; fi
      shift 2
      ;;
    --no-deps) dependencies=no; shift ;;
    --demo) demo=yes; shift ;;
    --uninstall) uninstall=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown argument $1" ;;
  esac
done
# One spelling, so that what was installed is found again however it is written then.
prefix=$(realpath -m -- "$prefix")

# Everything installed, a line for each: `file PATH` or `link PATH`. It makes an upgrade drop what is no longer part of
# the suite, and an uninstall possible without the checkout that was installed. It is only a file, and whoever can write
# below the prefix can write to it: nothing is removed because it is named there, unless it can be ours.
record=$prefix/share/artifactgen/installed

case $prefix in
  *[[:cntrl:]]*) fail "the prefix $(printf %q "$prefix") has a control character; a path is one line of the record" ;;
esac
if [ -L "$record" ] || { [ -e "$record" ] && [ ! -f "$record" ]; }; then
  fail "$record is not a file of this script's making; look at it and remove it"
fi

left_alone() { # PATH REASON
  say "left alone: $(printf %q "$1") ($2)"
}

# Whether a path is in the prefix, also after its links are followed; the last part may be a link itself.
is_below_prefix() {
  case $(realpath -m -- "$(dirname -- "$1")")/ in
    "${prefix%/}"/*) ;;
    *) return 1 ;;
  esac
  case ${1##*/} in '' | . | ..) return 1 ;; esac
}

remove_recorded() { # [FILE with the lines to keep]
  local line kind path
  [ -e "$record" ] || return 0
  while IFS= read -r line; do
    if [ -n "${1-}" ] && grep -qxF -- "$line" "$1"; then continue; fi
    kind=${line%% *} path=${line#* }
    if [ ! -e "$path" ] && [ ! -L "$path" ]; then continue; fi
    case $kind in
      file)
        if ! is_below_prefix "$path"; then
          left_alone "$path" "recorded, but not in $prefix"
        elif [ -d "$path" ] && [ ! -L "$path" ]; then
          left_alone "$path" "recorded as a file, but a folder"
        else
          rm -f -- "$path"
        fi
        ;;
      link)
        # What flux finds in its folder may be something else by now.
        if [ "$(readlink -- "$path")" = "$prefix/bin/flux-externalartifact" ]; then rm -f -- "$path"; fi
        ;;
      *) left_alone "$path" "the record does not say what it is" ;;
    esac
  done <"$record"
}

# The record changes in one step, too.
write_record() { # FILE
  mkdir -p -- "${record%/*}"
  install -T -m 644 -- "$1" "$record.new"
  mv -fT -- "$record.new" "$record"
}

if [ $uninstall = yes ]; then
  [ -e "$record" ] || { say "nothing is installed in $prefix ($record is missing)"; exit 0; }
  say "removing $(wc -l <"$record") files from $prefix"
  remove_recorded
  rm -f -- "$record" "$record.new"
  rmdir -- "${record%/*}" 2>/dev/null || true
  exit 0
fi

# --- system packages -------------------------------------------------------------------------------------------------

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "needs root for: $*
run that as root, then ./install.sh --no-deps"
  fi
}

install_dependencies() {
  local package missing=()
  if command -v apt-get >/dev/null; then
    for package in libcurl4-openssl-dev zlib1g-dev libyaml-dev pkg-config; do
      dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing packages: ${missing[*]}"
    as_root apt-get -q update >&2
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}" >&2
  elif command -v dnf >/dev/null; then
    for package in libcurl-devel zlib-devel libyaml-devel pkgconf-pkg-config; do
      rpm -q --whatprovides "$package" >/dev/null 2>&1 || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing packages: ${missing[*]}"
    as_root dnf install -y "${missing[@]}" >&2
  else
    fail "knows apt and dnf only
install the development files of libcurl (OpenSSL flavour), zlib and libyaml, and pkg-config; then ./install.sh --no-deps"
  fi
}

# --- building --------------------------------------------------------------------------------------------------------

build() {
  # Needs no Swift where it runs. Without --no-export-dynamic the static runtime would export all it has, and the linker
  # could drop nothing of it: 1.5 MB. Tables for unwinding, which only C++ exceptions and debuggers read, are 3 MB more;
  # lld, which comes with Swift, can leave them out. What is C is cryptography of which only digests run, and those are
  # assembly: small costs nothing there.
  local tag release=(
    --package-path "$root" -c release --static-swift-stdlib -Xswiftc -use-ld=lld -Xcc -Os
    -Xlinker -s -Xlinker --no-export-dynamic
    -Xlinker --no-eh-frame-hdr -Xlinker -T -Xlinker "$root/.build/release.ld"
  )
  mkdir -p "$root/.build"
  echo 'SECTIONS { /DISCARD/ : { *(.eh_frame) } } INSERT AFTER .rodata;' >"$root/.build/release.ld"
  command -v swift >/dev/null || fail "swift is missing: install Swift 6.2 or newer from https://www.swift.org/install/linux"
  if git -C "$root" rev-parse --git-dir >/dev/null 2>&1; then
    export ARTIFACTGEN_COMMIT ARTIFACTGEN_DATE
    ARTIFACTGEN_COMMIT=$(git -C "$root" rev-parse --short=10 HEAD)
    ARTIFACTGEN_DATE=$(git -C "$root" log -1 --format=%cs)
    if tag=$(git -C "$root" describe --tags --exact-match --match 'v[0-9]*' 2>/dev/null); then
      export ARTIFACTGEN_VERSION=${tag#v}
    fi
  fi
  local tool
  for tool in "${tools[@]}"; do
    say "building $tool (minutes the first time)"
    swift build "${release[@]}" --product "$tool" >&2 || fail "$tool cannot be built"
  done
  from=$(swift build "${release[@]}" --show-bin-path)
}

# --- installing ------------------------------------------------------------------------------------------------------

shopt -s nullglob
installed=$(mktemp)
trap 'rm -f "$installed" "$installed.all"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# What is to be put in place: mode, source and destination, one after the other.
planned=()

plan() { # MODE SOURCE DESTINATION
  [ ! -d "$3" ] || [ -L "$3" ] || fail "$3 is a folder, and a file of that name is to be installed: move it away"
  planned+=("$@")
  printf 'file %s\n' "$3" >>"$installed"
}

plan_files() {
  local file name
  for name in "${tools[@]}"; do
    [ -x "$from/$name" ] && [ -f "$from/$name" ] || fail "$from/$name is missing, or no program"
    plan 755 "$from/$name" "$prefix/bin/$name"
  done
  for file in "$root"/man/*.1; do
    plan 644 "$file" "$prefix/share/man/man1/${file##*/}"
  done
  for file in "$root"/completions/*; do
    name=${file##*/}
    case $name in
      kubectl_complete-*) plan 755 "$file" "$prefix/bin/$name" ;;
      *.bash) plan 644 "$file" "$prefix/share/bash-completion/completions/${name%.bash}" ;;
      *.fish) plan 644 "$file" "$prefix/share/fish/vendor_completions.d/$name" ;;
      *.zsh)
        # zsh loads a function from the file of its name.
        name=${name%.zsh}
        plan 644 "$file" "$prefix/share/zsh/site-functions/_${name//-/_}"
        ;;
    esac
  done
}

# Written before anything is installed: with what was there, what will be there, and the names that are there only for a
# moment. So a run that is interrupted leaves nothing that an uninstall does not know.
announce() {
  {
    if [ -e "$record" ]; then cat -- "$record"; fi
    cat -- "$installed"
    sed 's/$/.new/' "$installed"
  } | awk '!seen[$0]++' >"$installed.all"
  write_record "$installed.all"
}

install_files() {
  local index
  for ((index = 0; index < ${#planned[@]}; index += 3)); do
    put "${planned[@]:index:3}"
  done
}

# A name changes in one step from the old file to the new one: a run in progress keeps its own.
put() { # MODE SOURCE DESTINATION
  mkdir -p -- "$(dirname -- "$3")"
  install -T -m "$1" -- "$2" "$3.new"
  mv -fT -- "$3.new" "$3"
}

# Sets `link`, or leaves it empty if there is something else in its place.
plan_link() {
  local folder
  folder=$(realpath -m -- "${FLUXCD_PLUGINS:-$HOME/.fluxcd/plugins}")
  link=$folder/flux-externalartifact
  if [ -e "$link" ] && [ ! -L "$link" ]; then
    say "left alone: $link is a file, not a link (remove it to have flux run this build)"
    link=''
    return 0
  fi
  case $link in
    *[[:cntrl:]]*) fail "the folder of flux's plugins, $(printf %q "$folder"), has a control character" ;;
  esac
  printf 'link %s\n' "$link" >>"$installed"
}

link_into_flux() {
  [ -n "$link" ] || return 0
  if [ -L "$link" ] && [ "$(readlink -- "$link")" != "$prefix/bin/flux-externalartifact" ]; then
    say "replacing the link $link, which led to $(printf %q "$(readlink -- "$link")")"
  fi
  mkdir -p -- "${link%/*}"
  ln -sfT -- "$prefix/bin/flux-externalartifact" "$link.new"
  mv -fT -- "$link.new" "$link"
}

advise() {
  case :$PATH: in
    *:"$prefix/bin":*) ;;
    *) say "missing in PATH: $prefix/bin (kubectl finds plugins there only)" ;;
  esac
  case ${SHELL-} in
    */zsh) say "for completion in zsh, before compinit: fpath=($prefix/share/zsh/site-functions \$fpath)" ;;
  esac
}

run_demo() {
  local out command
  out=$(mktemp -d "${TMPDIR:-/tmp}/artifactgen-demo.XXXXXX")
  cd "$root"
  command=(build -f examples/monorepo/generator.yaml --source repo=examples/monorepo/repo --output-dir "$out" --extract)
  echo
  echo "\$ kubectl artifactgen ${command[*]}"
  "$prefix/bin/kubectl-artifactgen" "${command[@]}"
  echo
  echo "$out"
  # A sorted list of paths, each folder in front of a name made two spaces.
  (
    cd "$out"
    find . -mindepth 1 \( -type d -printf '%P/\n' -o -printf '%P\n' \) | LC_ALL=C sort |
      sed -E ':again; s#^( *)[^ /]+/(.)#\1  \2#; t again; s#^#  #'
  )
}

if [ -z "$from" ]; then
  [ $dependencies = no ] || install_dependencies
  build
fi
say "installing into $prefix"
plan_files
plan_link
announce
install_files
link_into_flux
remove_recorded "$installed"
write_record "$installed"
advise
[ $demo = no ] || run_demo
