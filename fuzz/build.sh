#!/usr/bin/env bash
# Builds the fuzz targets of the tree that it lies in, or one of them: build.sh FOLDER [TARGET]. Prints where the programs are.
#
# dockline is built with the coverage pass of stable rustc; C with clang's address and undefined-behaviour sanitizers, and
# their runtime is linked in. Cargo keeps build scripts out of it because a target is named.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p "$1"
folder=$(realpath "$1")
host=$(rustc -vV | sed -n 's/^host: //p')
vars=${host//-/_}

# The tables of generated parsers would only drown what the scanners tell.
printf 'src:*scanner.c\nfun:*\n' > "$folder/coverage.txt"
# Neither do the libraries of others count: libFuzzer looks at every counter behind every execution.
cat > "$folder/rustc" << 'END'
#!/bin/sh
case " $* " in
  *" --crate-name dockline "* | *" --crate-name dockline_fuzz "*)
    for option in level=4 inline-8bit-counters pc-table trace-compares; do
      set -- "$@" "-Cllvm-args=-sanitizer-coverage-$option"
    done
    set -- "$@" -Cpasses=sancov-module
    ;;
esac
exec "$@"
END
chmod +x "$folder/rustc"
rust=(-Cdebug-assertions=on -Coverflow-checks=on)
c=(-g1 -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all)
c+=(-fsanitize=fuzzer-no-link "-fsanitize-coverage-allowlist=$folder/coverage.txt")
export RUSTC_WRAPPER=$folder/rustc
export RUSTFLAGS="${rust[*]} -Clinker=clang -Clink-arg=-fsanitize=address,undefined"
export "CC_$vars=clang" "CFLAGS_$vars=${c[*]}"
library=$(clang -print-resource-dir)/lib/linux/libclang_rt.fuzzer-$(uname -m).a
[ ! -f "$library" ] || export CUSTOM_LIBFUZZER_PATH=$library

cp ../Cargo.lock . # the versions of dockline, to which cargo adds libFuzzer
bins=(--bins)
[ -z "${2:-}" ] || bins=(--bin "$2")
cargo build --quiet "${bins[@]}" --target "$host" --target-dir "$folder" ${JOBS:+-j "$JOBS"} >&2
echo "$folder/$host/debug"
