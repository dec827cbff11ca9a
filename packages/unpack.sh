#!/usr/bin/env bash
# Takes the program out of the archive of a release and prints where it is.
#
#   unpack.sh TARGET DIST FOLDER      DIST has dockline-TARGET.tar.gz or .zip; FOLDER then has TARGET/dockline
set -euo pipefail

target=${1:?usage: unpack.sh TARGET DIST FOLDER}
dist=${2:?usage: unpack.sh TARGET DIST FOLDER}
folder=${3:?usage: unpack.sh TARGET DIST FOLDER}/$target

mkdir -p "$folder"
if [[ $target == *windows* ]]; then
  unzip -q -o "$dist/dockline-$target.zip" dockline.exe -d "$folder"
  echo "$folder/dockline.exe"
else
  tar -xzf "$dist/dockline-$target.tar.gz" -C "$folder" dockline
  echo "$folder/dockline"
fi
