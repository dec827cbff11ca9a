#!/usr/bin/env bash
# Asks a real registry on loopback, Debian's docker-registry: without credentials, over HTTPS, with Basic credentials, with a token
# server, stopped and killed. Nothing leaves the machine but what apt fetches.
#
#   DOCKLINE=path  the program; else target/release/dockline
#
# Needs Python 3 and docker-registry, or root and apt to install it.
set -euo pipefail
cd "$(dirname "$0")/.."
dockline=$(realpath "${DOCKLINE:-target/release/dockline}")
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker-registry openssl >/dev/null; }

if ! command -v docker-registry >/dev/null || ! command -v openssl >/dev/null; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "skipped: no docker-registry, and no root or apt to install it"
    exit 0
  fi
  # The lists may be missing or old.
  install 2>/dev/null || { apt-get update -qq && install; }
fi
timeout 120 python3 tests/registry/real.py "$dockline"
