#!/bin/sh
# Runs a real VS Code (code-server in Chromium) on a copy of the examples: the extension is checked, packed and installed,
# the findings appear, hover and completion answer, the actions of the light bulb are applied, the files are saved as expected,
# the server ends, the logs hold no warning.
#
#   DOCKLINE=path  the server that is packed; else target/debug/dockline is built
#   PICTURES=1     writes the pictures of the README anew
#   WORK=folder    where all that is needed is installed; target/ci/vscode by default
#
# Needs Node 20.11 or later, npm, curl; Chromium and two libraries are installed by apt where they are missing.
# --self-test proves that the test fails with a server that does nothing, and with a file that is not as expected.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${WORK:-$root/target/ci/vscode}
extension=$root/editors/vscode
code_server_version=4.139.1
node_version=24.21.0
playwright_version=1.65.1

fail() {
  echo "vscode: $*" >&2
  exit 1
}

# quietly COMMAND…: its output is shown when it fails.
quietly() {
  "$@" >"$work/last.log" 2>&1 || {
    cat "$work/last.log" >&2
    fail "failed: $*"
  }
}

# package FOLDER NAME@VERSION: installs it there once.
package() {
  mark=$work/$1/$(echo "$2" | tr '/@' '__')
  [ -e "$mark" ] && return
  rm -rf "${work:?}/$1"
  quietly npm install --no-fund --no-audit --prefix "$work/$1" "$2"
  touch "$mark"
}

system_packages() {
  chromium=${CHROMIUM:-$(command -v chromium || true)}
  wanted=
  [ -n "$chromium" ] || wanted=chromium
  # The native modules of code-server are compiled with them.
  [ -e /usr/include/krb5.h ] || wanted="$wanted libkrb5-dev"
  [ -e /usr/include/libsecret-1 ] || wanted="$wanted libsecret-1-dev"
  [ -n "$wanted" ] || return 0
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "install$wanted first"
  quietly apt-get -o DPkg::Lock::Timeout=300 update
  # shellcheck disable=SC2086 # several names
  DEBIAN_FRONTEND=noninteractive quietly apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $wanted
  chromium=${chromium:-$(command -v chromium)}
}

install() {
  mkdir -p "$work"
  export npm_config_cache="$work/npm" npm_config_update_notifier=false
  system_packages
  package node "node@$node_version"
  # code-server wants this Node; the others take what is there.
  PATH=$work/node/node_modules/node/bin:$PATH package code-server "code-server@$code_server_version"
  package playwright "playwright-core@$playwright_version"
  # The download cache is not needed again.
  rm -rf "$work/npm"
}

# The extension by itself: types, unit tests, both packages.
build() {
  cd "$extension"
  [ -e node_modules/.package-lock.json ] && [ ! package-lock.json -nt node_modules/.package-lock.json ] ||
    quietly npm ci --ignore-scripts --no-fund --no-audit
  quietly npm run check
  quietly npm test
  quietly npm run package -- --out "$work/packages"
}

# packed BINARY: packs this server.
packed() {
  cd "$extension"
  quietly npm run package -- --target linux-x64 --binary "$1" --out "$work/packages"
}

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# code ARGUMENT…: code-server with folders of its own.
code() {
  env -u NODE_OPTIONS XDG_CONFIG_HOME="$run/config" XDG_DATA_HOME="$run/data" XDG_CACHE_HOME="$run/cache" \
    PATH="$work/node/node_modules/node/bin:$PATH" \
    "$work/code-server/node_modules/.bin/code-server" --user-data-dir "$run/user" --extensions-dir "$run/extensions" "$@"
}

# start: code-server on $port, with the extension.
start() {
  mkdir -p "$run/user/User"
  cp "$here/vscode/settings.json" "$run/user/User/settings.json"
  quietly code --install-extension "$work/packages"/dockline-linux-x64-*.vsix --force
  port=$(free_port)
  code --auth none --bind-addr "127.0.0.1:$port" --disable-telemetry --disable-update-check --disable-workspace-trust \
    --disable-getting-started-override >"$run/code-server.log" 2>&1 &
  pid=$!
  for _ in $(seq 100); do
    curl -fs "http://127.0.0.1:$port/healthz" >/dev/null && return
    sleep 0.3
  done
  fail "code-server does not start: $(cat "$run/code-server.log")"
}

# once EXPECTED: the whole test with the packed server; the files are compared with those of this folder.
once() (
  run=$(mktemp -d)
  pid=
  trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; sleep 1; rm -rf "$run"' EXIT
  cp -R "$root/examples" "$run/project"
  # One Dockerfile each: they are what the pictures show.
  rm "$run/project/hobby-api/cached.Dockerfile" "$run/project/cgo-service/debian.Dockerfile" "$run/project/good/Dockerfile"
  mkdir "$run/shots"
  start
  code=0
  PLAYWRIGHT=$work/playwright CHROMIUM=$chromium SHOTS=$run/shots \
    PORT=$port PROJECT=$run/project EXTENSIONS=$run/extensions \
    timeout 300 node "$here/vscode/e2e.mjs" || code=$?
  rm -rf "$work/shots"
  cp -R "$run/shots" "$work/shots"
  [ "$code" = 0 ] || fail "the window did not show what it should, see $work/shots/failed.png"
  for project in hobby-api cgo-service; do
    diff -u "$1/$project.Dockerfile" "$run/project/$project/Dockerfile" >&2 || fail "the saved file of $project is not as expected"
  done
  logs
)

# Nobody complained.
logs() {
  cat "$run"/user/logs/*/exthost*/dockline.dockline/dockline.log >"$run/dockline.log"
  grep -q 'bundled' "$run/dockline.log" || fail "the log does not name the server: $(cat "$run/dockline.log")"
  if grep -E '\[(warning|error)\]|WARN|ERROR' "$run/dockline.log" >&2; then
    fail "the log of the extension holds warnings"
  fi
  if grep -rhE '\[error\].*dockline' "$run"/user/logs/*/exthost*/remoteexthost.log >&2; then
    fail "the log of the extension host holds errors"
  fi
}

begun=$(date +%s)
if [ -z "${DOCKLINE:-}" ]; then
  (cd "$root" && cargo build --quiet)
  DOCKLINE=${CARGO_TARGET_DIR:-$root/target}/debug/dockline
fi
case $DOCKLINE in /*) ;; *) DOCKLINE=$PWD/$DOCKLINE ;; esac
install
build

if [ "${1:-}" = --self-test ]; then
  nothing=$work/nothing
  printf '#!/bin/sh\n[ "$1" = --version ] && echo dockline 9.9.9\n' >"$nothing"
  chmod +x "$nothing"
  packed "$nothing"
  if (PATIENCE_MS=20000 once "$here/vscode") >/dev/null 2>&1; then
    fail "the test passes with a server that does nothing"
  fi
  echo "vscode: fails as it should with a server that does nothing"
  exit 0
fi

packed "$DOCKLINE"
once "$here/vscode"
if [ -n "${PICTURES:-}" ]; then
  for picture in diagnostics hover actions multi-stage; do
    cp "$work/shots/$picture.png" "$extension/images/$picture.png"
  done
fi
version=$(code_version=$(cat "$work"/code-server/node_modules/code-server/lib/vscode/package.json) && echo "$code_version" | sed -n 's/.*"version": "\([^"]*\)".*/\1/p' | head -n 1)
echo "vscode $version diagnostics ok hover ok completion ok action ok saved ok log ok $(($(date +%s) - begun))"
