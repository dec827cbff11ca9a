# shellcheck shell=bash
# shellcheck disable=SC2154 # the variables named below are of the script that sources this
# How the tests of VS Code get code-server, Chromium and the extension, and how a window is opened. To be sourced, with `fail`, $here,
# $work, where all of it is installed, $extension, the folder of the extension, and $run, a folder that is removed at the end.

# quietly COMMAND…: its output is shown when it fails.
quietly() {
  ("$@") >"$work/last.log" 2>&1 || {
    cat "$work/last.log" >&2
    fail "failed: $*"
  }
}

# package FOLDER NAME@VERSION: installs it there once.
package() {
  local mark=$work/$1/$2
  if [ -e "$mark" ]; then return; fi
  rm -rf "${work:?}/$1"
  quietly npm install --no-fund --no-audit --prefix "$work/$1" "$2"
  touch "$mark"
}

system_packages() {
  local wanted=()
  chromium=${CHROMIUM:-$(command -v chromium || true)}
  if [ -z "$chromium" ]; then wanted+=(chromium); fi
  # The native modules of code-server are compiled with them.
  if [ ! -e /usr/include/krb5.h ]; then wanted+=(libkrb5-dev); fi
  if [ ! -e /usr/include/libsecret-1 ]; then wanted+=(libsecret-1-dev); fi
  if [ ${#wanted[@]} = 0 ]; then return; fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then fail "install ${wanted[*]} first"; fi
  export DEBIAN_FRONTEND=noninteractive
  quietly apt-get -o DPkg::Lock::Timeout=300 update
  quietly apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${wanted[@]}"
  chromium=${chromium:-$(command -v chromium)}
}

install() {
  mkdir -p "$work"
  export npm_config_cache=$work/npm npm_config_update_notifier=false
  system_packages
  package node node@24.21.0
  # code-server wants this Node; the others take what is there.
  PATH=$work/node/node_modules/node/bin:$PATH package code-server code-server@4.139.1
  package playwright playwright-core@1.65.1
}

# The extension by itself: types, unit tests, the package without a server.
build() {
  cd "$extension" || exit
  local installed=node_modules/.package-lock.json
  if [ ! -e "$installed" ] || [ package-lock.json -nt "$installed" ]; then
    quietly npm ci --ignore-scripts --no-fund --no-audit
  fi
  # The download cache is not needed again.
  rm -rf "$work/npm"
  quietly npm run check
  quietly npm test
  quietly npm run package -- --out "$work/packages"
}

# packed BINARY: packs this server.
packed() {
  quietly npm run package -- --target linux-x64 --binary "$1" --out "$work/packages"
}

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# starts COMMAND…: code-server, which listens on $port, in a group of processes of its own.
starts() {
  "$@" >"$run/code-server.log" 2>&1 &
  echo $! >"$run/pid"
  for _ in {1..100}; do
    if curl -fs "http://127.0.0.1:$port/healthz" >/dev/null; then return; fi
    sleep 0.3
  done
  fail "code-server does not start: $(cat "$run/code-server.log")"
}

# stop: ends code-server and all that it started.
stop() {
  if [ ! -e "$run/pid" ]; then return; fi
  local group
  group=$(cat "$run/pid")
  kill -- "-$group" 2>/dev/null || true
  for _ in {1..20}; do
    kill -0 -- "-$group" 2>/dev/null || break
    sleep 0.2
  done
  kill -KILL -- "-$group" 2>/dev/null || true
  rm "$run/pid"
}

# visit SCENARIO: a window on the folder $workspace.
visit() {
  local code=0
  mkdir -p "$run/shots"
  PLAYWRIGHT=$work/playwright CHROMIUM=$chromium SHOTS=$run/shots PORT=$port PROJECT=$workspace EXTENSIONS=$run/extensions \
    timeout 400 node "$here/vscode/e2e.mjs" "$1" || code=$?
  rm -rf "$work/shots"
  cp -R "$run/shots" "$work/shots"
  if [ "$code" != 0 ]; then fail "the window did not show what it should, see $work/shots/failed.png"; fi
}
