#!/usr/bin/env bash
# The check of the action: annotations in the log, and a SARIF report. What the inputs say comes in variables:
#
#   DOCKLINE_PATHS   files and folders, one a line      DOCKLINE_LEVEL     the lowest level that is shown
#   DOCKLINE_SARIF   where the report is written        DOCKLINE_FAIL_ON   the level that fails the job
#   DOCKLINE_CONFIG  a settings file                    GITHUB_OUTPUT      gets exit-code and sarif
set -euo pipefail

paths=()
while IFS= read -r path; do
  [ -z "$path" ] || paths+=("$path")
done <<<"${DOCKLINE_PATHS:-.}"
sarif=${DOCKLINE_SARIF:-dockline.sarif}
options=()
[ -z "${DOCKLINE_LEVEL:-}" ] || options+=(--level "$DOCKLINE_LEVEL")
[ -z "${DOCKLINE_FAIL_ON:-}" ] || options+=(--fail-on "$DOCKLINE_FAIL_ON")
[ -z "${DOCKLINE_CONFIG:-}" ] || options+=(--config "$DOCKLINE_CONFIG")

code=0
dockline check "${options[@]+"${options[@]}"}" --format sarif --output "$sarif" -- "${paths[@]}" || code=$?
# The same again for the log; its exit code is the same.
dockline check "${options[@]+"${options[@]}"}" --format github -- "${paths[@]}" || true
{
  echo "exit-code=$code"
  echo "sarif=$sarif"
} >>"${GITHUB_OUTPUT:-/dev/null}"
