#!/usr/bin/env bash
# Publishes the npm packages of a release, made from its archives: first the platforms, then the launcher that names them.
#
#   publish.sh DIST [OPTION…]      publish.sh dist --dry-run      the options are those of npm publish
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
dist=$(realpath "${1:?usage: publish.sh DIST [OPTION…]}")
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

pairs=()
while read -r platform target; do
  pairs+=("$platform=$("$here/../unpack.sh" "$target" "$dist" "$work")")
done < <(node -p 'Object.entries(require(process.argv[1])).map(([name, one]) => name + " " + one.target).join("\n")' "$here/platforms.json")
# It prints the launcher first.
mapfile -t packages < <(node "$here/build.mjs" "$work/packages" "${pairs[@]}")
[ "${#packages[@]}" = $((${#pairs[@]} + 1)) ] || { echo "npm: a package is missing: ${packages[*]}" >&2; exit 1; }
for package in "${packages[@]:1}" "${packages[0]}"; do
  npm publish --access public "$@" "$package"
done
