#!/usr/bin/env bash
# Runs a real Helix in tmux on a copy of a small project, with each of the two configurations of editors/helix: the findings
# appear, hover shows, completion and an action change the file, it is saved as expected, Helix logs no error, the server ends
# with code 0. Helix 25.01.1 comes from Debian trixie, docker-dockerfile-language-server 0.15.0 from npm.
#
#   HX=path        the Helix to use
#   DOCKLINE, PICTURES: see lib.sh
#
# --self-test proves that the test fails with a server that does nothing.
editor=helix
. "$(dirname "$0")/lib.sh"
. "$here/terminal.sh"

if [ -z "${HX:-}" ]; then
  HX=$tools/helix/hx
  needs_debian Helix
  [ -x "$HX" ] || "$here/helix/install.sh" "$tools/helix"
fi
debian tmux
version=$("$HX" --version | sed 's/^helix //; s/ .*//')

# starts LANGUAGES: with this languages.toml.
starts() {
  mkdir -p "$XDG_CONFIG_HOME/helix"
  cp "$here/helix/config.toml" "$XDG_CONFIG_HOME/helix/config.toml"
  cp "$root/editors/helix/$1" "$XDG_CONFIG_HOME/helix/languages.toml"
  opens "$HX -v Dockerfile"
}

scenario() {
  shows 'every source change downloads all Go modules again'
  mark diagnostics ok
  types g g 5 l Space k
  shows 'A Docker official image.'
  shoots helix
  mark hover ok
  types Escape
  hides 'A Docker official image.'

  # A new line above ENTRYPOINT; the menu comes by itself.
  types 8 g g O
  writes 'ENV GOTRACE'
  shows 'GOTRACEBACK'
  types Tab
  shows 'How much a crash prints'
  types Enter
  shows 'ENV GOTRACEBACK='
  writes all
  types Escape
  shows 'ENV GOTRACEBACK=all'
  mark completion ok

  types 3 g g Space a
  shows 'download the modules before the source is copied'
  shoots helix-actions
  types Enter
  hides 'every source change downloads all Go modules again'
  shows 'RUN go mod download'
  mark action ok
  writes :w
  types Enter
  shows "written"
  saved
}

# ends [COMPLAINTS]: of another server, which do not count.
ends() {
  writes :q
  types Enter
  closes
  ended
  # Debian's Helix has no grammars, and docker-langserver registers what Helix has not asked for. Behind `exit`, Helix logs that a server ends when it is told to and the editor still runs.
  if sed '/ -> {"jsonrpc":"2.0","method":"exit"}/q' "$XDG_CACHE_HOME/helix/helix.log" | grep -E ' \[(WARN|ERROR)\]' |
    grep -vE "Failed to load tree-sitter parser${1:+|$1}" >&2; then
    fail "Helix logs errors"
  fi
  mark log ok
}

alone() {
  starts languages.toml
  scenario
  ends
}

# Beside docker-langserver: what that one alone reports is there too.
both() {
  PATH=$npm/.bin:$PATH
  printf 'FROM alpine:latest\nMAINTAINER somebody\n' >Dockerfile.other
  starts languages-both.toml
  scenario
  writes ':o Dockerfile.other'
  types Enter
  shows 'MAINTAINER has been deprecated'
  types 1 g g
  shows 'latest'
  ends 'Ignoring a client/registerCapability request'
}

cleanup_alone() { kills; }
cleanup_both() { kills; }

if [ "${1:-}" = --self-test ]; then
  self_test "$0"
  exit 0
fi
test_row alone helix "$version"
npm=$(npm_tool dockerfile-language-server-nodejs@0.15.0)
PICTURES='' test_row both helix-beside-docker-langserver "$version"
