#!/usr/bin/env bash
# Packs a program as a release has it: dockline-TARGET.tar.gz, for Windows .zip, with the program at the top.
#
#   archive.sh TARGET PROGRAM OUT      archive.sh x86_64-unknown-linux-gnu target/release/dockline dist
set -euo pipefail

target=${1:?usage: archive.sh TARGET PROGRAM OUT}
program=$(realpath "${2:?usage: archive.sh TARGET PROGRAM OUT}")
mkdir -p "${3:?usage: archive.sh TARGET PROGRAM OUT}"
out=$(realpath "$3")
root=$(cd "$(dirname "$0")/.." && pwd)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
name=dockline
[[ $target == *windows* ]] && name=dockline.exe
cp "$program" "$folder/$name"
chmod 755 "$folder/$name"
cp "$root/LICENSE-MIT" "$root/LICENSE-APACHE" "$root/README.md" "$root/CHANGELOG.md" "$folder"
cd "$folder"
if [[ $target == *windows* ]]; then
  archive=dockline-$target.zip
  rm -f "$out/$archive"
  if command -v 7z >/dev/null; then
    7z a -bso0 "$out/$archive" ./*
  else
    zip -q "$out/$archive" ./*
  fi
else
  archive=dockline-$target.tar.gz
  tar -czf "$out/$archive" -- *
fi
echo "$out/$archive"
