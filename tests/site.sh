#!/usr/bin/env bash
# Builds the documentation site and checks it: the Dockerfiles of the guide by dockline, every link, and every page in a browser
# (no wider than a phone, nothing asked of another host, search and dark mode).
#
#   DOCKLINE=path  the program; else target/release/dockline
#   SHOTS=dir      where pictures go; target/site-shots by default
#
# Needs Python 3.11 and, for the browser, node with npm, and Chromium or root and apt to install it.
# --self-test proves that each check fails where it should.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
dockline=$(realpath "${DOCKLINE:-target/release/dockline}")
tools=$root/target/ci/site
site=$root/target/site
started=$SECONDS
mkdir -p "$tools"
fail() {
  echo "site: $*" >&2
  exit 1
}

install_python() {
  [ -x "$tools/venv/bin/python" ] || python3 -m venv "$tools/venv"
  "$tools/venv/bin/pip" --quiet --disable-pip-version-check install -r docs/site/requirements.txt
}

# Prints why there is no browser, if there is none.
install_browser() {
  command -v npm >/dev/null || { echo "no npm"; return; }
  if [ ! -d "$tools/npm/node_modules/playwright-core" ]; then
    mkdir -p "$tools/npm"
    (cd "$tools/npm" && npm_config_cache=$tools/npm-cache npm install --silent --no-save --no-package-lock playwright-core@1.65.1) >&2 ||
      { echo "npm could not install playwright-core"; return; }
  fi
  if [ -z "${CHROMIUM:-}" ] && ! command -v chromium >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
      echo "no Chromium, and no root or apt to install it"
      return
    fi
    apt-get update -qq >&2 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null 2>&1 ||
      { echo "apt could not install Chromium"; return; }
  fi
}

browser() {
  (cd "$tools/npm" && CHROMIUM=${CHROMIUM:-$(command -v chromium)} timeout 1200 node "$root/docs/site/browser.mjs" "$@")
}

# Expects the command to fail, with a text in what it prints.
must_fail() {
  local want=$1 said
  shift
  if said=$("$@" 2>&1); then fail "did not fail: $*"; fi
  grep -qF -- "$want" <<<"$said" || fail "failed without \"$want\": $said"
  echo "fails as it should: $want"
}

self_test() {
  local copy=$tools/broken
  rm -rf "$copy"
  cp -r "$site" "$copy"
  sed -i 's|</body>|<a href="nowhere.html">x</a><a href="#nothing">y</a><script src="https://example.com/x.js"></script></body>|' "$copy/performance.html"
  must_fail "nowhere.html: no such file" python3 docs/site/check_links.py "$copy"
  must_fail "#nothing: no such anchor" python3 docs/site/check_links.py "$copy"
  must_fail "loads https://example.com/x.js" python3 docs/site/check_links.py "$copy"
  # A program that reports nothing, so the shown mistakes are not what the pages say.
  printf '#!/bin/sh\nexec "%s" "$@" --rules hard-coded-secret\n' "$dockline" >"$tools/silent"
  chmod +x "$tools/silent"
  must_fail "download-layer: source-first: said" python3 docs/site/check_examples.py "$tools/silent"
  if [ -z "$without_browser" ]; then
    sed -i 's|</body>|<div style="width:1000px;height:9px"></div></body>|' "$copy/performance.html"
    must_fail "performance.html: 1000 px wide" browser "$copy" performance
    must_fail "asks https://example.com/x.js" browser "$copy" performance
  fi
  rm -rf "$copy" "$copy-links.txt"
}

install_python
echo "site: tools after $((SECONDS - started)) s: $("$tools/venv/bin/pip" freeze | grep -E '^mkdocs(-material)?==' | paste -sd' ')"
python3 docs/site/check_examples.py "$dockline"
"$tools/venv/bin/python" docs/site/build.py "$dockline"
python3 docs/site/check_links.py "$site"
without_browser=$(install_browser)
if [ -n "$without_browser" ]; then
  echo "site: the browser is skipped: $without_browser"
else
  SHOTS=${SHOTS:-$root/target/site-shots} browser "$site"
fi
if [ "${1:-}" = --self-test ]; then self_test; fi
echo "site: done after $((SECONDS - started)) s"
