#!/usr/bin/env bash
# Builds dockline's image with the engine at hand (tests/e2e/up.sh) and runs it. A program for musl can't be built everywhere, and
# there is no registry: Debian stands in for Alpine, and DOCKLINE, which was built for glibc, for the program of a release.
#
#   DOCKLINE=path [BASE=image] tests/install/image.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
dockline=$(realpath "${DOCKLINE:?DOCKLINE=path of the program}")
base=${BASE:-debian:trixie-slim}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
start=$SECONDS

fail() {
  echo "image: $*" >&2
  exit 1
}

# A copy of the folder that is built in, so that nothing is left in this one.
context=$(mktemp -d)
image=dockline-image-test:$$
# shellcheck disable=SC2329 # it is called by the trap
stop() {
  docker image rm --force "$image" >/dev/null 2>&1 || true
  rm -rf "$context"
}
trap stop EXIT
mkdir -p "$context/packages" "$context/dist/image/amd64"
cp -R packages/docker "$context/packages/docker"
cp "$dockline" "$context/dist/image/amd64/dockline"
chmod 644 "$context/dist/image/amd64/dockline"
echo secret >"$context/.env"

"$dockline" check --level hint --context "$context" "$context/packages/docker" || fail "the Dockerfile has findings"
alpine=$(sed -n 's/^FROM //p' packages/docker/Dockerfile)
timeout 300 docker build --quiet --network none --build-context "$alpine=docker-image://$base" \
  -f "$context/packages/docker/Dockerfile" -t "$image" "$context" >/dev/null || fail "it is not built"

run() { timeout 60 docker run --rm --network none "$@"; }
[ "$(run "$image" --version)" = "dockline $version" ] || fail "it does not start"
# Without arguments it checks what lies in /work; the engine may see other folders than we do, so the file is copied.
printf 'FROM scratch\nCOPPY app /app\n' >"$context/Dockerfile"
container=$(docker create --network none "$image")
docker cp --quiet "$context/Dockerfile" "$container:/work/Dockerfile"
code=0
found=$(timeout 60 docker start --attach "$container" 2>&1) || code=$?
docker rm --force "$container" >/dev/null
[ "$code" = 1 ] || fail "the check ends with $code"
[[ $found == *unknown-instruction* ]] || fail "the check says: $found"
[ "$(run --entrypoint id "$image" -u)" = 65532 ] || fail "it runs as another user"
# As GitLab starts jobs: a shell.
[ "$(run --entrypoint "" "$image" sh -c 'dockline --version')" = "dockline $version" ] || fail "no shell"
echo "image: ok on $base: $(docker image inspect --format '{{.Size}}' "$image") bytes ($((SECONDS - start)) s)"
