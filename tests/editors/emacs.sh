#!/usr/bin/env bash
# Runs a real Emacs on a copy of a small project, with each of the two configurations of editors/emacs, Eglot and lsp-mode: the
# findings appear, hover answers, completion and an action change the file, it is saved as expected, nothing is warned of, the
# server ends with code 0. All comes from Debian.
#
#   DOCKLINE, PICTURES: see lib.sh
#
# --self-test proves that the test fails with a server that does nothing.
editor=emacs
. "$(dirname "$0")/lib.sh"
. "$here/terminal.sh"
debian emacs-nox elpa-eglot elpa-lsp-mode elpa-dockerfile-mode tmux
of() { dpkg-query -W -f '${Version}' "$1" | sed 's/^[0-9]*://; s/[+-].*//'; }

# batch CLIENT: Emacs without a screen runs the steps.
batch() {
  local code=0
  CONFIGURATION=$root/editors/emacs/$1.el timeout 120 emacs --batch -l "$here/emacs/$1.el" >"$work/log/emacs" 2>&1 || code=$?
  cat "$work/log/emacs"
  [ "$code" = 0 ] || fail "Emacs ended with code $code"
  saved
  ended
  # lsp-mode 8 switches on Flymake before it takes away what Flymake comes with.
  if grep -iE 'warning|error' "$work/log/emacs" | grep -v 'Disabling backend flymake-proc-legacy-flymake' >&2; then
    fail "Emacs warns"
  fi
  mark log ok
}

eglot() { batch eglot; }
lsp_mode() { batch lsp-mode; }

# As a user sees it.
picture() {
  printf '%s\n' "(package-initialize)" "(require 'eglot)" "(load \"$root/editors/emacs/eglot.el\")" \
    "(menu-bar-mode -1)" "(setq native-comp-async-report-warnings-errors nil)" "(setq eldoc-echo-area-use-multiline-p 14 inhibit-startup-screen t)" >"$work/init.el"
  opens "emacs -nw -q -l $work/init.el Dockerfile"
  shows '[eglot:project]'
  types C-s
  writes golang
  types Enter
  types M-x
  writes flymake-show-buffer-diagnostics
  types Enter
  shows 'every source change downloads'
  shoots emacs
}
cleanup_picture() { kills; }

if [ "${1:-}" = --self-test ]; then
  self_test "$0"
  exit 0
fi
code=0
test_row eglot emacs-eglot "$(of emacs-nox)+$(of elpa-eglot)" || code=1
test_row lsp_mode emacs-lsp-mode "$(of emacs-nox)+$(of elpa-lsp-mode)" || code=1
[ -z "${PICTURES:-}" ] || in_workshop picture
exit "$code"
