#!/bin/bash
# down.sh FOLDER: stops the engine that up.sh started there. The folder can be deleted then.
set -u
work=$(realpath "${1:?usage: down.sh FOLDER}")
kill "$(cat "$work/dockerd.pid")"
for _ in $(seq 40); do
    kill -0 "$(cat "$work/dockerd.pid")" 2>/dev/null || exit 0
    sleep 0.25
done
echo "the engine does not stop" >&2
exit 1
