#!/usr/bin/env bash
# Tests what the extension for Zed decides on this machine, and builds it as the component that Zed loads: for wasm32-wasip2, with a
# compiler from Debian's packages. No Zed runs here, so the columns of the matrix say so.
#
#   DOCKLINE: see lib.sh
editor=zed
. "$(dirname "$0")/lib.sh"
toolchain=$tools/zed-toolchain
target=$tools/zed-target
cd "$root/editors/zed"

cargo fmt --check
cargo test --quiet --locked --target-dir "$target" 2>"$tools/zed.log" || {
  cat "$tools/zed.log" >&2
  fail "the tests of the extension fail"
}

needs_debian "the compiler for the component"
code=0
[ -x "$toolchain/rustc" ] || "$here/zed/toolchain.sh" "$toolchain" || code=$?
[ "$code" = 3 ] && skip "Debian has the packages of the compiler for the component no more"
[ "$code" = 0 ] || fail "the compiler for the component can't be installed"
note "$("$toolchain/rustc" --version)"

started=$SECONDS
component=$("$here/zed/build.sh" "$toolchain" "$target" 2>"$tools/zed.log") || {
  cat "$tools/zed.log" >&2
  fail "the component is not built"
}
# A component, not a module; the version of Zed's interface is in a section of its own.
[ "$(head -c 8 "$component" | od -An -tx1 | tr -d ' \n')" = 0061736d0d000100 ] || fail "$component is no component"
grep -q 'zed:api-version' "$component" || fail "$component does not name the version of the interface"
for export in init-extension language-server-command language-server-workspace-configuration; do
  grep -q "$export" "$component" || fail "$component lacks $export"
done
api=$(sed -n '/name = "zed_extension_api"/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)
note "component of $(stat -c %s "$component") bytes"
reason="no: built as a component, no Zed here to load it"
MARKS=$(mktemp)
for column in $columns; do
  echo "$column $reason" >>"$MARKS"
done
row zed "api-$api" $((SECONDS - started))
rm -f "$MARKS"
