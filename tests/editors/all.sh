#!/usr/bin/env bash
# Runs the tests of all editors and prints what they saw as one table. A test that can't run says why and is listed as skipped; a
# test that fails makes this fail, after all have run.
#
#   DOCKLINE=path, NVIM=path, PICTURES=dir: see lib.sh and the tests
#   ONLY="neovim helix"  these tests alone
#
# --self-test proves of the tests in terminals that they fail with a server that does nothing.
editor=all
. "$(dirname "$0")/lib.sh"
export DOCKLINE
if [ "${1:-}" = --self-test ]; then
  for name in ${ONLY:-neovim helix emacs vim}; do
    "$here/$name.sh" --self-test
  done
  exit 0
fi
failed=()
matrix=$(mktemp)
for name in ${ONLY:-neovim helix emacs vim vscode zed}; do
  script=$here/$name.sh
  [ -x "$script" ] || continue
  started=$SECONDS
  code=0
  "$script" 2>&1 | tee "$tools/$name.out" || code=$?
  if [ "$code" != 0 ]; then
    note "$name failed; a window may be late on a busy machine, so once more"
    code=0
    "$script" 2>&1 | tee "$tools/$name.out" || code=$?
  fi
  grep -aE '^[a-z][a-z-]* [^ ]+ diagnostics ' "$tools/$name.out" >>"$matrix" || true
  sed -n "s/^$name: skipped: /$name - skipped: /p" "$tools/$name.out" >>"$matrix"
  [ "$code" = 0 ] || failed+=("$name")
  note "$name took $((SECONDS - started)) s with what it installs"
done

echo
python3 "$here/matrix.py" <"$matrix"
rm -f "$matrix"
[ ${#failed[@]} = 0 ] || fail "failed: ${failed[*]}"
