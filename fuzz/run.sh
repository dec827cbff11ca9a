#!/usr/bin/env bash
# Fuzzes: run.sh N runs N executions of each target, `text` on WORKERS processes (1 unless set) beside one of `grammar`,
# for LIMIT seconds at most if that is set; TARGETS=text leaves `grammar` out.
# run.sh --planted builds a copy with two planted faults (planted_*.patch) and fails unless they are found.
#
# Needs clang with its sanitizers, and Python 3. Corpora and finds stay in target/fuzz/. A find is repaired, made small by hand or with
# `target/fuzz/build/<host>/debug/<target> -minimize_crash=1 FIND`, and kept in fuzz/regressions/<target>/, which `cargo test` checks.
set -euo pipefail
cd "$(dirname "$0")"
work=$PWD/../target/fuzz
mkdir -p "$work"
work=$(realpath "$work")
started=$SECONDS
# Most of the time would go into entropy, stacks of allocations, second executions in search of leaks, and looks at the folder.
export ASAN_OPTIONS=malloc_context_size=1:quarantine_size_mb=16:detect_leaks=0
options=(-max_len=600 -entropic=0 -timeout=30 -rss_limit_mb=4096 -print_final_stats=1 -detect_leaks=0 -reload=60 "-max_total_time=${LIMIT:-0}" "-dict=$work/dictionary")

# target N seed: the log goes to standard output.
fuzz() {
  local corpus=$work/corpus/$1
  mkdir -p "$corpus" "$work/finds"
  "$programs/$1" "$corpus" "$work/seeds" "regressions/$1" "${options[@]}" \
    "-runs=$2" "-seed=$3" "-artifact_prefix=$work/finds/$1-" 2>&1
}

# target log…: what was reached, from the corpus alone, and how fast.
report() {
  local target=$1 state
  shift
  state=$("$programs/$target" "$work/corpus/$target" "${options[@]}" -runs=0 2>&1 | grep -a -w DONE)
  awk -v target="$target" -v state="$state" '
    /^stat::number_of_executed_units/ { units += $2 }
    /^stat::average_exec_per_sec/ { speed += $2 }
    /^stat::peak_rss_mb/ && $2 > memory { memory = $2 }
    END {
      split(state, words, " ")
      for (at in words) if (words[at] == "cov:") edges = words[at + 1]
      for (at in words) if (words[at] == "corp:") corpus = words[at + 1]
      sub("/.*", "", corpus)
      printf "%s: %d executions, %d edges, %d inputs in the corpus, %d executions a second, %d MB\n",
        target, units, edges, corpus, speed, memory
    }' "$@"
}

# target log process: waits; shows a find.
finish() {
  wait "$3" && return
  echo "$1: FOUND" >&2
  { grep -a -m 1 -A 30 -E 'panicked at|ERROR: ' "$2" || tail -n 30 "$2"; } | cut -c 1-2000 >&2
  return 1
}

campaign() {
  local runs=$1 workers=${WORKERS:-1} worker code=0
  programs=$(./build.sh "$work/build")
  echo "built in $((SECONDS - started)) s"
  python3 seeds.py "$work/seeds" "$work/dictionary"
  mkdir -p "$work/logs"
  rm -f "$work/logs"/*
  local logs=() pids=()
  for ((worker = 1; worker <= workers; worker++)); do
    logs+=("$work/logs/text-$worker")
    fuzz text $(((runs + workers - 1) / workers)) "${SEED:-$RANDOM}$worker" > "${logs[-1]}" &
    pids+=($!)
  done
  if [ "${TARGETS:-}" != text ]; then
    fuzz grammar "$runs" "${SEED:-$RANDOM}" > "$work/logs/grammar" &
    finish grammar "$work/logs/grammar" $! || code=1
  fi
  for ((worker = 0; worker < workers; worker++)); do
    finish text "${logs[$worker]}" "${pids[$worker]}" || code=1
  done
  [ "$code" = 0 ] || exit 1
  [ ! -f "$work/logs/grammar" ] || report grammar "$work/logs/grammar"
  report text "${logs[@]}"
  echo "$((SECONDS - started)) s in all"
}

# target words: fuzzes the copy until its fault is found, which no seed shows.
must_find() {
  local log=$work/planted-$1.log
  rm -rf "$work/corpus/$1"
  if fuzz "$1" 300000 1 > "$log"; then
    echo "$1: the planted fault was not found" >&2
    exit 1
  fi
  grep -a -q '^#.*INITED' "$log" || { echo "$1: a seed is enough to find it" >&2; exit 1; }
  grep -a -q -E "$2" "$log" || { echo "$1: something else was found" >&2; tail -n 60 "$log" | cut -c 1-2000 >&2; exit 1; }
  echo "$1: the planted fault was found behind execution $(grep -a -o '^#[0-9][0-9]*' "$log" | tail -n 1): $(grep -a -m 1 -o -E "$2" "$log")"
}

# target patch words: plants the fault in a copy of its own, lest another one is found first or what was built of it stays.
planted() {
  local copy=$work/planted-$1
  rm -rf "$copy"
  mkdir -p "$copy" "$work/planted-run"
  for part in Cargo.toml Cargo.lock README.md build.rs src grammar benches fuzz; do
    cp -R -p "../$part" "$copy/"
  done
  patch --quiet --no-backup-if-mismatch --directory "$copy" --strip 1 < "$2"
  programs=$("$copy/fuzz/build.sh" "$work/build" "$1")
  # Another build would put its own program there.
  cp "$programs/$1" "$work/planted-run/"
  (
    work=$work/planted-run
    programs=$work
    options[-1]=-dict=$work/../dictionary
    ln -sfn ../seeds "$work/seeds"
    must_find "$1" "$3"
  )
}

case ${1:-} in
  --planted)
    python3 seeds.py "$work/seeds" "$work/dictionary"
    [ "${TARGETS:-}" = text ] || planted grammar planted_scanner.patch 'AddressSanitizer: heap-buffer-overflow|index [0-9]+ out of bounds'
    planted text planted_rule.patch 'a planted fault'
    ;;
  *[!0-9]* | '') sed -n '2,4s/^# //p' run.sh >&2; exit 2 ;;
  *) campaign "$1" ;;
esac
