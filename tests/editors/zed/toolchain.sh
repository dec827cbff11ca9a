#!/usr/bin/env bash
# toolchain.sh FOLDER: a Rust compiler and the source of its library, which can build for wasm32-wasip2, from Debian's packages;
# nothing is installed for the whole machine. Ends with code 3 when Debian has these packages no more.
set -euo pipefail
mkdir -p "$1"/{debs,root}
folder=$(cd "$1" && pwd)
apt-get -qq update
available() { apt-cache show "$1" >/dev/null 2>&1; }
available rustc-web && available rust-web-src && available wasi-libc || exit 3
# Its libraries carry versions in their names.
mapfile -t libraries < <(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
  --no-enhances rustc-web | grep -E '^(libstd-rust-web|libllvm)' | sort -u)
(cd "$folder/debs" && apt-get -qq -o APT::Sandbox::User=root download rustc-web rust-web-src wasi-libc "${libraries[@]}")
for package in "$folder"/debs/*.deb; do
  dpkg -x "$package" "$folder/root"
done
rm -rf "$folder/debs"
cat >"$folder/rustc.part" <<END
#!/bin/sh
export LD_LIBRARY_PATH=$folder/root/usr/lib/x86_64-linux-gnu
exec $folder/root/usr/bin/rustc "\$@"
END
chmod +x "$folder/rustc.part"
"$folder/rustc.part" --version
# Last: what is there is complete.
mv "$folder/rustc.part" "$folder/rustc"
