#!/usr/bin/env bash
# build.sh TOOLCHAIN TARGET: builds the extension of Zed as the component that Zed loads, and prints its path. The compiler is that of
# toolchain.sh, the linker that of the Rust toolchain of this machine.
set -euo pipefail
toolchain=$(realpath "$1")
target=$(realpath -m "$2")
cd "$(dirname "$0")/../../../editors/zed"
tools=$(rustc --print sysroot)/lib/rustlib/x86_64-unknown-linux-gnu/bin
[ -x "$tools/rust-lld" ] && [ -x "$tools/wasm-component-ld" ] || exit 3
export PATH=$tools:$PATH RUSTC=$toolchain/rustc RUSTC_BOOTSTRAP=1
export RUSTFLAGS="-L $toolchain/root/usr/lib/wasm32-wasi -C link-self-contained=no -C panic=abort"
cargo build --release --locked --target-dir "$target" -Zbuild-std=std,panic_abort --target wasm32-wasip2
echo "$target/wasm32-wasip2/release/dockline_zed.wasm"
