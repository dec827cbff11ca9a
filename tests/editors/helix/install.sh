#!/usr/bin/env bash
# install.sh FOLDER: Helix of Debian trixie for a machine of an older Debian. The package is unpacked beside the libc that it
# needs; the sources of apt and the libc of the machine stay as they are.
set -euo pipefail
mkdir -p "$1"/{lists/partial,debs,root}
folder=$(cd "$1" && pwd)
# Without lists apt does not say where its packages come from.
apt-get -qq update
# shellcheck disable=SC2016 # apt expands it
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | sort -u | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$folder/sources.list"
apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$folder/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root "$@"
}
apt update
(cd "$folder/debs" && apt download hx libc6 libgcc-s1)
for package in "$folder"/debs/*.deb; do
  dpkg -x "$package" "$folder/root"
done
rm -rf "$folder/lists" "$folder/debs"
cat >"$folder/hx" <<END
#!/bin/sh
export HELIX_RUNTIME=$folder/root/usr/lib/hx/runtime
exec $folder/root/usr/lib64/ld-linux-x86-64.so.2 --library-path $folder/root/usr/lib/x86_64-linux-gnu $folder/root/usr/lib/hx/hx "\$@"
END
chmod +x "$folder/hx"
