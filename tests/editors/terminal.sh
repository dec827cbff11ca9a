# shellcheck shell=bash
# shellcheck disable=SC2154 # tools and here are of lib.sh
# A terminal that the tests of the editors type into and read from: tmux, with a server of its own. To be sourced behind lib.sh.
tty=dockline$$

terminal() { tmux -L "$tty" -f /dev/null "$@"; }

# opens COMMAND: starts an editor in a terminal of 110 × 30.
opens() {
  terminal new-session -d -x 110 -y "${ROWS:-30}" "env TERM=${TERMINAL:-tmux-256color} COLORTERM=truecolor $*"
  # What the programs inside say in 24 bits is kept so.
  terminal set -ga terminal-overrides ',*:RGB' 2>/dev/null || true
}
# types KEY…: keys by name; writes TEXT: a text. Both as fast as somebody types: of keys that come all at once, Helix 25.01
# sends the changes to a server out of order.
types() {
  local key
  for key; do
    terminal send-keys -- "$key"
    sleep 0.05
  done
}
writes() {
  local index
  for ((index = 0; index < ${#1}; index++)); do
    terminal send-keys -l -- "${1:index:1}"
    sleep 0.05
  done
}
seen_on_screen() { terminal capture-pane -p 2>/dev/null | grep -qF -- "$1"; }
gone_from_screen() { ! seen_on_screen "$1"; }

# shows TEXT: waits until the terminal shows it; what it shows instead is printed.
shows() {
  local end=$((SECONDS + PATIENCE))
  until seen_on_screen "$1"; do
    if [ "$SECONDS" -ge "$end" ]; then
      terminal capture-pane -p >&2 || true
      fail "the terminal does not show: $1"
    fi
    sleep 0.1
  done
}

# hides TEXT: waits until the terminal shows it no more.
hides() { until_true "this to go: $1" gone_from_screen "$1"; }

closed() { ! terminal has-session 2>/dev/null; }
closes() {
  until_true "the editor to end" closed
}
kills() { terminal kill-server 2>/dev/null || true; }

# shoots NAME: a picture of the terminal in $PICTURES, when pictures are asked for.
shoots() {
  [ -n "${PICTURES:-}" ] || return 0
  [ -x "$tools/pictures/bin/python" ] || python3 -m venv "$tools/pictures"
  "$tools/pictures/bin/pip" --quiet --disable-pip-version-check install rich==15.0.0
  sleep 0.5
  mkdir -p "$PICTURES"
  terminal capture-pane -e -p | "$tools/pictures/bin/python" "$here/picture.py" >"$PICTURES/$1.svg"
  note "picture $PICTURES/$1.svg"
}
