#!/usr/bin/env bash
# Runs a real VS Code (code-server in Chromium) on a copy of the examples: the extension is checked, packed and installed,
# the findings appear, hover and completion answer, the actions of the light bulb are applied, the files are saved as expected,
# the server ends, the logs hold no warning.
#
#   DOCKLINE=path  the server that is packed; else target/debug/dockline is built
#   PICTURES=1     writes the pictures of the README anew
#   WORK=folder    where all that is needed is installed; target/ci/vscode by default
#
# Needs Node 20.11 or later, npm, curl; Chromium and two libraries are installed by apt where they are missing.
# --self-test proves that the test fails with a server that does nothing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${WORK:-$root/target/ci/vscode}
extension=$root/editors/vscode
begun=$SECONDS

fail() {
  echo "vscode: $*" >&2
  exit 1
}

. "$here/vscode/lib.sh"

# code ARGUMENT…: code-server with folders of its own, in a group of processes of its own.
code() {
  exec env -u NODE_OPTIONS XDG_CONFIG_HOME="$run/config" XDG_DATA_HOME="$run/data" XDG_CACHE_HOME="$run/cache" \
    PATH="$work/node/node_modules/node/bin:$PATH" \
    setsid "$work/code-server/node_modules/.bin/code-server" \
    --user-data-dir "$run/user" --extensions-dir "$run/extensions" "$@"
}

# start FLAG…: code-server on $port.
start() {
  port=$(free_port)
  starts code --auth none --bind-addr "127.0.0.1:$port" --disable-telemetry --disable-update-check \
    --disable-getting-started-override "$@"
}

# The extension with the server that is packed; the files are compared with those beside this script.
once() {
  local project
  cp -R "$root/examples" "$run/project"
  # One Dockerfile each: they are what the pictures show. One project gets a new one.
  rm "$run"/project/{hobby-api/cached,cgo-service/debian}.Dockerfile "$run/project/good/Dockerfile"
  mkdir -p "$run/user/User"
  cp "$here/vscode/settings.json" "$run/user/User/settings.json"
  quietly code --install-extension "$work"/packages/dockline-linux-x64-*.vsix --force
  start --disable-workspace-trust
  visit trusted
  for project in hobby-api cgo-service; do
    diff -u "$here/vscode/$project.Dockerfile" "$run/project/$project/Dockerfile" >&2 ||
      fail "the saved file of $project is not as expected"
  done
  logs
  stop
}

# A workspace that nobody trusts names a server: it is not started, the one of the extension is.
restricted() {
  printf '#!/bin/sh\ntouch "%s"\n' "$run/was-run" >"$run/planted"
  chmod +x "$run/planted"
  printf '{ "dockline.server.path": "%s" }\n' "$run/planted" >"$run/project/.vscode/settings.json"
  start
  visit restricted
  if [ -e "$run/was-run" ]; then fail "a program that an untrusted workspace names was run"; fi
  stop
}

# Nobody complained but of the servers that were killed.
logs() {
  local log=$run/dockline.log
  cat "$run"/user/logs/*/exthost*/dockline.dockline/dockline.log >"$log"
  grep -q '(bundled)' "$log" || fail "the log does not name the server: $(cat "$log")"
  if grep -E '\[(warning|error)\]|WARN|ERROR' "$log" | grep -vE 'exited with signal SIGKILL|server crashed 5 times' >&2; then
    fail "the log of the extension holds warnings"
  fi
  grep -q "Sending request 'initialize" "$run"/user/logs/*/exthost*/dockline.dockline/"dockline trace.log" || fail "there is no trace"
  if grep -hE '\[error\].*dockline' "$run"/user/logs/*/exthost*/remoteexthost.log >&2; then
    fail "the log of the extension host holds errors"
  fi
}

self_test() {
  local nothing=$run/nothing
  # shellcheck disable=SC2016 # for the script
  printf '#!/bin/sh\n[ "$1" = --version ] && echo dockline 9.9.9\n' >"$nothing"
  chmod +x "$nothing"
  packed "$nothing"
  if (PATIENCE_MS=20000 once) >"$work/self-test.log" 2>&1; then
    fail "the test passes with a server that does nothing"
  fi
  grep -q 'waited in vain for findings' "$work/self-test.log" || fail "fails otherwise: $(cat "$work/self-test.log")"
  echo "vscode: fails as it should with a server that does nothing"
}

if [ -z "${DOCKLINE:-}" ]; then
  (cd "$root" && cargo build --quiet)
  DOCKLINE=${CARGO_TARGET_DIR:-$root/target}/debug/dockline
fi
DOCKLINE=$(realpath "$DOCKLINE")
install
build
run=$(mktemp -d)
workspace=$run/project
trap 'stop; rm -rf "$run"' EXIT
if [ "${1:-}" = --self-test ]; then
  self_test
  exit
fi
packed "$DOCKLINE"
once
restricted
if [ -n "${PICTURES:-}" ]; then
  cp "$work"/shots/{diagnostics,hover,actions,multi-stage}.png "$extension/images"
fi
version=$(node -p "require('$work/code-server/node_modules/code-server/lib/vscode/package.json').version")
echo "vscode $version diagnostics ok hover ok completion ok action ok saved ok log ok $((SECONDS - begun))"
