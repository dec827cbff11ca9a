#!/usr/bin/env bash
# Packs the extension for VS Code: for each platform with the program of a release in it, and once without.
#
#   vscode.sh DIST OUT      DIST has the archives of the release; `npm ci` was run in editors/vscode
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
dist=$(realpath "${1:?usage: vscode.sh DIST OUT}")
mkdir -p "${2:?usage: vscode.sh DIST OUT}"
out=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$here/../editors/vscode"
npm run package -- --out "$out"
while read -r platform target; do
  program=$("$here/unpack.sh" "$target" "$dist" "$work")
  npm run package -- --target "$platform" --binary "$program" --out "$out"
done <<'END'
linux-x64 x86_64-unknown-linux-gnu
linux-arm64 aarch64-unknown-linux-gnu
alpine-x64 x86_64-unknown-linux-musl
alpine-arm64 aarch64-unknown-linux-musl
darwin-x64 x86_64-apple-darwin
darwin-arm64 aarch64-apple-darwin
win32-x64 x86_64-pc-windows-msvc
win32-arm64 aarch64-pc-windows-msvc
END
