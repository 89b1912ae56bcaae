#!/bin/bash
set -euo pipefail

usage() {
  cat <<'USAGE'
Builds and installs kubectl-artifactgen and flux-externalartifact, with man pages and completion.

usage: ./install.sh [--prefix DIR] [--no-deps] [--from DIR | --from ARCHIVE...] [--demo] [--dry-run]
       ./install.sh --uninstall [--prefix DIR] [--dry-run]

--prefix DIR    installation directory (default ~/.local): binaries in DIR/bin, other files under DIR/share
--no-deps       do not install system packages
--from DIR      do not build: use the two binaries in DIR
--from ARCHIVE  do not build: install an archive of packaging/release, after verifying its checksum in the file
                NAME_VERSION_checksums.txt beside it; an archive contains one plugin, so set it twice for both
--demo          then run a demo on examples/monorepo, without a cluster
--dry-run       only print what would be done
--uninstall     remove what an earlier run installed, and the directories that it created
--help          this text

flux discovers plugins in one directory only: flux-externalartifact is linked into $FLUXCD_PLUGINS, default
~/.fluxcd/plugins.
USAGE
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=(kubectl-artifactgen flux-externalartifact)
prefix=$HOME/.local dependencies=yes from='' archives=() demo=no uninstall=no dry=no

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "install.sh: $*"
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --prefix=* | --from=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
    --prefix | --from)
      [ -n "${2-}" ] || fail "$1 needs a path"
      if [ "$1" = --prefix ]; then
        prefix=$2
      elif [ -f "$2" ]; then
        archives+=("$2")
      elif [[ $2 == *.tar.gz ]]; then
        fail "$2 does not exist"
      elif [ -d "$2" ]; then
        from=$2
      else
        fail "$2 is not a directory or archive"
      fi
      shift 2
      ;;
    --no-deps) dependencies=no; shift ;;
    --demo) demo=yes; shift ;;
    --dry-run) dry=yes; shift ;;
    --uninstall) uninstall=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown argument $1" ;;
  esac
done
[ -z "$from" ] || [ ${#archives[@]} = 0 ] || fail "--from accepts a directory or archives, not both"
# One spelling, so that what was installed is found again however it is written then.
prefix=$(realpath -m -- "$prefix")

# Everything installed, a line for each: `file PATH`, `link PATH`, and `folder PATH` for what had to be made. It makes an upgrade drop what is no longer part of
# the suite, and an uninstall possible without the checkout that was installed. It is only a file, and whoever can write
# below the prefix can write to it: nothing is removed because it is named there, unless it can be ours.
record=$prefix/share/artifactgen/installed

case $prefix in
  *[[:cntrl:]]*) fail "the prefix $(printf %q "$prefix") contains a control character" ;;
esac
if [ -L "$record" ] || { [ -e "$record" ] && [ ! -f "$record" ]; }; then
  fail "$record was not created by this script; review and remove it"
fi

left_alone() { # PATH REASON
  say "skipped: $(printf %q "$1") ($2)"
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
      folder) ;; # when everything else is gone: `remove_folders`
      *) left_alone "$path" "the record does not state its type" ;;
    esac
  done <"$record"
}

# Whether a folder can be one that this script made: below the prefix, or on the way to it or to a link.
can_be_ours() { # FOLDER
  local link
  ! is_below_prefix "$1" || return 0
  case $prefix/ in "$1"/*) return 0 ;; esac
  while IFS= read -r link; do
    case $link in "$1"/*/flux-externalartifact | "$1"/flux-externalartifact) return 0 ;; esac
  done < <(sed -n 's/^link //p' "$record")
  return 1
}

# Removes the record, and the recorded folders that are empty then, the innermost first.
remove_folders() {
  local folder folders=()
  while IFS= read -r folder; do
    if can_be_ours "$folder"; then folders+=("$folder"); fi
  done < <(sed -n 's/^folder //p' "$record" | LC_ALL=C sort -r)
  rm -f -- "$record" "$record.new"
  for folder in "${record%/*}" "${folders[@]}"; do
    rmdir -- "$folder" 2>/dev/null || true
  done
}

# The record changes in one step, too.
write_record() { # FILE
  mkdir -p -- "${record%/*}"
  install -T -m 644 -- "$1" "$record.new"
  mv -fT -- "$record.new" "$record"
}

if [ $uninstall = yes ]; then
  [ -e "$record" ] || { say "nothing is installed in $prefix ($record is missing)"; exit 0; }
  if [ $dry = yes ]; then
    sed 's/^[^ ]* /would remove /' "$record"
    exit 0
  fi
  say "removing $(grep -cE '^(file|link) ' "$record") files from $prefix"
  remove_recorded
  remove_folders
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
      dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep 'ok installed' >/dev/null || missing+=("$package")
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
    fail "supports only apt and dnf
install the development files of libcurl (OpenSSL flavour), zlib and libyaml, and pkg-config; then ./install.sh --no-deps"
  fi
}

# --- building --------------------------------------------------------------------------------------------------------

require_swift() {
  command -v swift >/dev/null || fail "swift is missing: install Swift 6.2 or newer from https://www.swift.org/install/linux
or install a release archive: ./install.sh --from ARCHIVE
(to build one on another machine: packaging/release VERSION)$(releases)"
}

# The page of releases, if this checkout has an origin on the web.
releases() {
  local origin
  # As it was written: an address that `insteadOf` made may be a mirror.
  origin=$(git -C "$root" config --get remote.origin.url 2>/dev/null) || return 0
  origin=${origin%/}
  origin=${origin%.git}
  case $origin in
    ssh://git@*) origin=https://${origin#ssh://git@} ;;
    git@*:*) origin=${origin#git@} origin=https://${origin%%:*}/${origin#*:} ;;
  esac
  case $origin in
    # Without a user and a token in it.
    https://*) printf '\nreleases: https://%s/releases' "$(sed -E 's|^https://([^/@]*@)?||' <<<"$origin")" ;;
  esac
}

# Compares an archive with its checksum, and unpacks it into $unpacked.
unpack() { # ARCHIVE
  local folder name sums architecture
  folder=$(dirname -- "$1") name=$(basename -- "$1")
  case $name in
    *_*_linux_*.tar.gz) ;;
    *) fail "$1 is not named NAME_VERSION_linux_ARCH.tar.gz" ;;
  esac
  case $(uname -m) in
    x86_64) architecture=amd64 ;;
    aarch64) architecture=arm64 ;;
    *) architecture=$(uname -m) ;;
  esac
  case $name in
    *_linux_"$architecture".tar.gz) ;;
    *) fail "$1 is for another machine: this one is $architecture" ;;
  esac
  sums=$folder/${name%_linux_*}_checksums.txt
  [ -f "$sums" ] || fail "$sums is missing: it contains the checksum of $name"
  grep -qE "^[0-9a-f]{64}  ${name//./\\.}\$" "$sums" || fail "$sums has no checksum of $name"
  (cd -- "$folder" && grep -E "^[0-9a-f]{64}  ${name//./\\.}\$" "${sums##*/}" | sha256sum --check --status) ||
    fail "$1 does not match the checksum in $sums: do not use it"
  tar --extract --gzip --no-same-owner --directory="$unpacked" --file="$1" 2>/dev/null ||
    fail "$1 is not an archive of packaging/release: it cannot be unpacked"
  check_contents "$1" "${name%%_*}"
}

# Whether everything that will be installed was in an archive.
check_contents() { # ARCHIVE TOOL
  local file files
  case " ${tools[*]} " in
    *" $2 "*) ;;
    *) fail "$1 is not an archive of packaging/release: it is named after neither ${tools[0]} nor ${tools[1]}" ;;
  esac
  files=("$2" "man/$2.1" "completions/$2.bash" "completions/$2.fish" "completions/$2.zsh")
  [ "$2" != kubectl-artifactgen ] || files+=(kubectl_complete-artifactgen)
  for file in "${files[@]}"; do
    if [ ! -f "$unpacked/$file" ] || [ -L "$unpacked/$file" ]; then
      fail "$1 is not an archive of packaging/release: $file is missing"
    fi
  done
}

unpack_all() {
  local archive name found=()
  unpacked=$(mktemp -d)
  for archive in "${archives[@]}"; do unpack "$archive"; done
  for name in "${tools[@]}"; do
    [ -e "$unpacked/$name" ] || continue
    "$unpacked/$name" --version >/dev/null || fail "$name does not run here: it needs glibc 2.35 or newer (and not musl)"
    found+=("$name")
  done
  tools=("${found[@]}")
  from=$unpacked
}

# --- installing ------------------------------------------------------------------------------------------------------

shopt -s nullglob
installed=$(mktemp)
unpacked=''
trap 'rm -rf "$installed" "$installed.all" ${unpacked:+"$unpacked"}' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# What is to be put in place: mode, source and destination, one after the other.
planned=()

plan() { # MODE SOURCE DESTINATION
  [ -f "$2" ] || fail "$2 is missing"
  [ ! -d "$3" ] || [ -L "$3" ] || fail "$3 is a directory, but a file with that name must be installed: move it"
  planned+=("$@")
  printf 'file %s\n' "$3" >>"$installed"
}

plan_files() {
  local tool file name man completions shim
  # An archive brings its own; a folder of binaries goes with this checkout.
  if [ -n "$unpacked" ]; then
    man=$from/man completions=$from/completions shim=$from/kubectl_complete-artifactgen
  else
    man=$root/man completions=$root/completions shim=$root/completions/kubectl_complete-artifactgen
  fi
  for tool in "${tools[@]}"; do
    if [ ! -x "$from/$tool" ] || [ ! -f "$from/$tool" ]; then fail "$from/$tool is missing or not executable"; fi
    [ -f "$man/$tool.1" ] || fail "$man/$tool.1 is missing"
    plan 755 "$from/$tool" "$prefix/bin/$tool"
    for file in "$man/$tool"*.1; do
      plan 644 "$file" "$prefix/share/man/man1/${file##*/}"
    done
    plan 644 "$completions/$tool.bash" "$prefix/share/bash-completion/completions/$tool"
    plan 644 "$completions/$tool.fish" "$prefix/share/fish/vendor_completions.d/$tool.fish"
    # zsh loads a function from the file of its name.
    name=${tool//-/_}
    plan 644 "$completions/$tool.zsh" "$prefix/share/zsh/site-functions/_$name"
    [ "$tool" != kubectl-artifactgen ] || plan 755 "$shim" "$prefix/bin/kubectl_complete-artifactgen"
  done
}

# The folders that will have to be made: an uninstall takes them away again. Those of an earlier run stay on record.
plan_folders() {
  local folder
  {
    if [ -e "$record" ]; then grep '^folder ' "$record" || true; fi
    {
      sed -E 's/^(file|link) //' "$installed"
      printf '%s\n' "$record"
    } | while IFS= read -r folder; do
      folder=$(dirname -- "$folder")
      while [ ! -e "$folder" ]; do
        printf 'folder %s\n' "$folder"
        folder=$(dirname -- "$folder")
      done
    done
  } | LC_ALL=C sort -u >"$installed.all"
  cat -- "$installed.all" >>"$installed"
}

# Written before anything is installed: with what was there, what will be there, and the names that are there only for a
# moment. So a run that is interrupted leaves nothing that an uninstall does not know.
announce() {
  {
    if [ -e "$record" ]; then cat -- "$record"; fi
    cat -- "$installed"
    sed -E '/^folder /d; s/$/.new/' "$installed"
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
  link=''
  case " ${tools[*]} " in
    *' flux-externalartifact '*) ;;
    *) return 0 ;;
  esac
  folder=$(realpath -m -- "${FLUXCD_PLUGINS:-$HOME/.fluxcd/plugins}")
  link=$folder/flux-externalartifact
  if [ -e "$link" ] && [ ! -L "$link" ]; then
    say "skipped: $link is a file, not a link (remove it so that flux runs this build)"
    link=''
    return 0
  fi
  case $link in
    *[[:cntrl:]]*) fail "the plugin directory of flux, $(printf %q "$folder"), contains a control character" ;;
  esac
  printf 'link %s\n' "$link" >>"$installed"
}

link_into_flux() {
  [ -n "$link" ] || return 0
  if [ -L "$link" ] && [ "$(readlink -- "$link")" != "$prefix/bin/flux-externalartifact" ]; then
    say "replacing the link $link, which pointed to $(printf %q "$(readlink -- "$link")")"
  fi
  mkdir -p -- "${link%/*}"
  ln -sfT -- "$prefix/bin/flux-externalartifact" "$link.new"
  mv -fT -- "$link.new" "$link"
}

advise() {
  case :$PATH: in
    *:"$prefix/bin":*) ;;
    *) say "$prefix/bin is not in PATH; kubectl discovers plugins only in PATH" ;;
  esac
  case ${SHELL-} in
    */zsh) say "for completion in zsh, before compinit: fpath=($prefix/share/zsh/site-functions \$fpath)" ;;
  esac
}

# One command of the demonstration, as it would be typed.
show() { # ARGUMENT...
  echo
  echo "\$ $host $*"
  # `diff` says by its exit status that something changes.
  "$prefix/bin/${tools[0]}" "$@" || [ "$1" = diff ]
}

run_demo() {
  local host=${tools[0]/-/ } example=examples/monorepo build
  build=(-f "$example/generator.yaml" --source "repo=dir:$example/repo")
  cd "$root"
  show build "${build[@]}"
  show diff "${build[@]}" --snapshot $example/cluster.yaml
  show tree git/shop -n apps --snapshot $example/cluster.yaml
  show trace deployment/orders -n apps --snapshot $example/cluster.yaml
  cat <<NEXT

Next:
  $host build -f DIR --source ALIAS=DIR    show what your own generators will publish
  $host status -A                          show what is stale, failing or suspended in your cluster
  $host --help                             show all commands; see also man ${tools[0]}
NEXT
}

if [ $dry = yes ]; then
  if [ ${#archives[@]} -gt 0 ]; then
    unpack_all
  elif [ -z "$from" ]; then
    # Only the names of what will be installed count now.
    say "would build the two tools with swift"
    from=$(mktemp -d) unpacked=''
    trap 'rm -rf "$installed" "$installed.all" "$from"' EXIT
    for tool in "${tools[@]}"; do install -m 755 /dev/null "$from/$tool"; done
  fi
  plan_files
  plan_link
  sed -E 's/^(file|link) /would install /' "$installed"
  exit 0
fi
if [ ${#archives[@]} -gt 0 ]; then
  unpack_all
elif [ -z "$from" ]; then
  require_swift
  [ $dependencies = no ] || install_dependencies
  from=$("$root/packaging/compile") || exit 1
fi
plan_files
plan_link
say "installing into $prefix"
plan_folders
announce
install_files
link_into_flux
remove_recorded "$installed"
write_record "$installed"
advise
[ $demo = no ] || run_demo
