#!/usr/bin/env bash
# Downloads the program of a release for this machine, compares its checksum with that of the release, and unpacks it.
#
#   install.sh VERSION FOLDER      VERSION such as 0.1.0; FOLDER then holds dockline
#
#   DOCKLINE_RELEASES   where releases lie, for mirrors: a folder v0.1.0 with the archives and SHA256SUMS is expected there
set -euo pipefail

version=${1:?usage: install.sh VERSION FOLDER}
folder=${2:?usage: install.sh VERSION FOLDER}
releases=${DOCKLINE_RELEASES:-https://github.com/dockline/dockline/releases/download}

fail() {
  echo "dockline: $*" >&2
  exit 1
}

# The name of this machine in the names of the archives.
target() {
  local system machine
  system=${RUNNER_OS:-$(uname -s)}
  machine=${RUNNER_ARCH:-$(uname -m)}
  case $machine in
    X64 | x86_64 | amd64) machine=x86_64 ;;
    ARM64 | aarch64 | arm64) machine=aarch64 ;;
    *) fail "there is no program for $machine" ;;
  esac
  case $system in
    # It needs no library of the system.
    Linux) echo "$machine-unknown-linux-musl" ;;
    macOS | Darwin) echo "$machine-apple-darwin" ;;
    Windows | MINGW* | MSYS*) echo "$machine-pc-windows-msvc" ;;
    *) fail "there is no program for $system" ;;
  esac
}

download() {
  local protocols='=https'
  # Mirrors may be on this machine.
  [[ $releases == https://* ]] || protocols='=http,https,file'
  curl --proto "$protocols" --fail --silent --show-error --location --retry 3 --max-time 300 --output "$1" \
    "$releases/v$version/$1" || fail "can't download $releases/v$version/$1"
}

checksum() {
  if command -v sha256sum >/dev/null; then
    sha256sum "$1"
  else
    shasum --algorithm 256 "$1"
  fi | cut -d ' ' -f 1
}

[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "$version is no version such as 0.1.0"
name=$(target)
archive=dockline-$name.tar.gz
[[ $name == *windows* ]] && archive=dockline-$name.zip
mkdir -p "$folder"
cd "$folder"
download "$archive"
download SHA256SUMS
# `*` in front of a name: read as binary.
expected=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' SHA256SUMS)
[ -n "$expected" ] || fail "SHA256SUMS of $version has no $archive"
found=$(checksum "$archive")
if [ "$found" != "$expected" ]; then
  rm -f "$archive"
  fail "the checksum of $archive is $found, and should be $expected"
fi
if [[ $archive == *.zip ]]; then
  unzip -q -o "$archive"
else
  tar -xzf "$archive"
fi
rm -f "$archive" SHA256SUMS
./dockline --version
