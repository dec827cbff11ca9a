#!/usr/bin/env bash
# Fails where a file names another version than Cargo.toml, or that is not the version which is given.
#
#   versions.sh [VERSION]
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
bad=0
# expect FILE PATTERN: the first group of the pattern is a version, at least once.
expect() {
  local found
  [ -e "$1" ] || return 0
  found=$(sed -nE "s#.*$2.*#\1#p" "$1" | sort -u)
  if [ "$found" != "$version" ]; then
    echo "versions: $1 says ${found:-none}, Cargo.toml $version" >&2
    bad=1
  fi
}
expect grammar/Cargo.toml '^version = "(.*)"'
expect Cargo.toml '^dockline-grammar = .*version = "([^"]*)"'
expect packages/gitlab/dockline.yml 'dockline/dockline:(.*)$'
expect packages/gitlab/dockline.yml 'raw/v([^/]*)/'
expect editors/mason/package.yaml 'dockline@v(.*)$'
expect editors/vscode/package.json '^  "version": "(.*)"'
expect packages/README.md 'rev: v([^ ]*)'
expect packages/README.md 'dockline==([^"]*)"'
expect README.md 'dockline/dockline[:@]v?([0-9][^ `]*)'
if [ -n "${1:-}" ] && [ "$1" != "$version" ]; then
  echo "versions: the release is $1, Cargo.toml says $version" >&2
  bad=1
fi
[ "$bad" = 0 ] && echo "versions: $version everywhere"
exit "$bad"
