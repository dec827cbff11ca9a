#!/usr/bin/env bash
# Prints what bash offers for the last word of a command: complete.sh COMPLETIONS dockline che
set -eu
# shellcheck source=/dev/null
. "$1"
COMP_WORDS=("${@:2}")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_dockline "$2" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
echo "${COMPREPLY[*]}"
