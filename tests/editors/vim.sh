#!/usr/bin/env bash
# Runs a real Vim in tmux on a copy of a small project, with ALE configured as editors/vim says: the findings appear, hover
# shows, completion and an action change the file, it is saved as expected, Vim has no error to tell of, the server ends. Vim and
# ALE come from Debian.
#
#   DOCKLINE=path  the server, see lib.sh
#
# --self-test proves that the test fails with a server that does nothing.
editor=vim
. "$(dirname "$0")/lib.sh"
. "$here/terminal.sh"
debian vim vim-ale tmux
of() { dpkg-query -W -f '${Version}' "$1" | sed 's/^[0-9]*://; s/[+-].*//'; }

command_line() {
  writes ":$1"
  types Enter
}

# number TITLE: of an entry in a numbered menu on the screen.
number() { terminal capture-pane -p | sed -nE "s/^ *([0-9]+)[.)] $1 *$/\1/p" | head -n 1; }

written() { grep -q 'go mod download' Dockerfile; }

# leaves CODE: writes, tells the messages, ends; the server is to end with this code.
leaves() {
  command_line w
  until_true "the file to be written" written
  saved
  command_line "redir! > $work/log/messages | silent messages | redir END | qall"
  closes
  until_true "the server to end" has_ended
  [ "$(sort -u "$work/log/exit-codes")" = "$1" ] || fail "the server ended with code $(tr '\n' ' ' <"$work/log/exit-codes")"
  if [ -s "$work/log/stderr" ]; then
    cat "$work/log/stderr" >&2
    fail "the server complained"
  fi
  if grep -E '^(E[0-9]+:|Error)' "$work/log/messages" >&2; then
    fail "Vim tells of errors"
  fi
  mark log ok
}

ale() {
  mkdir -p "$HOME/.vim"
  cp -R "$root/editors/vim/ale_linters" "$HOME/.vim/"
  opens "vim -u $here/vim/vimrc Dockerfile"
  shows 'every source change downloads all Go modules again'
  mark diagnostics ok
  types 1 G w
  command_line ALEHover
  shows 'A Docker official image.'
  mark hover ok
  command_line pclose
  types 8 G O
  writes 'ENV GOTRACE'
  types C-x C-o
  shows 'GOTRACEBACK='
  writes all
  types Escape
  shows 'ENV GOTRACEBACK=all'
  mark completion ok
  types 3 G 0
  command_line ALECodeAction
  shows 'Type number and'
  writes "$(number 'download the modules before the source is copied')"
  types Enter
  shows 'RUN go mod download'
  hides 'every source change downloads'
  mark action ok
  # ALE ends a server without a farewell.
  leaves 1
}

cleanup_ale() { kills; }

if [ "${1:-}" = --self-test ]; then
  self_test "$0"
  exit 0
fi
test_row ale vim-ale "$(of vim)+$(of vim-ale)"
