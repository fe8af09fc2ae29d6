#!/usr/bin/env bash
# Fuzzes the readers and the sessions (tests/fuzz) with libFuzzer, ASan and UBSan, as many targets at a time as there are
# cores. An input that breaks a law or crashes is kept in build/fuzz/found, and its name printed; exit code 1.
#
#   deploy/fuzz.sh [TARGET] [SECONDS]   one target or all, 20 seconds each; what it learns stays in build/fuzz/corpus
#   deploy/fuzz.sh --readers [SECONDS]  all but the sessions, which take more than half of the build
#   deploy/fuzz.sh --once [TARGET]      only the inputs of tests/fuzz/corpus, each once
set -euo pipefail
cd "$(dirname "$0")/.."
programs=build/fuzz/tests/fuzz found=build/fuzz/found

run() { # TARGET SECONDS (0: the kept inputs only): one program, and a line about it
  local target=$1 seconds=$2 log learnt=build/fuzz/corpus/$1 arguments=() number
  log=$(mktemp)
  mkdir -p "$learnt" "$found"
  if [ "$seconds" = 0 ]; then arguments+=(-runs=0); else arguments+=("-max_total_time=$seconds" "$learnt"); fi
  if [ -e "tests/fuzz/$target.dict" ]; then arguments+=("-dict=tests/fuzz/$target.dict"); fi
  if "$programs/${target}_fuzz" "${arguments[@]}" "tests/fuzz/corpus/$target" -max_len=4096 -timeout=10 \
    -print_final_stats=1 "-artifact_prefix=$found/$target-" >"$log" 2>&1 </dev/null; then
    number=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "PASS $target: $number inputs in $seconds s"
    rm -f "$log"
  else
    grep -vE '^#[0-9]+[[:space:]]+(NEW|REDUCE|pulse)|NEW_FUNC|^INFO' "$log" | head -n 60
    sed -n 's/.*Test unit written to /FAIL '"$target"': /p' "$log" | grep . || echo "FAIL $target"
    rm -f "$log"
    return 1
  fi
}

if [ "${1:-}" = --run ]; then
  run "$2" "$3"
  exit
fi

seconds=20 targets=() readers=''
for argument in "$@"; do
  case $argument in
    --once) seconds=0 ;;
    --readers) readers=yes ;;
    [0-9]*) seconds=$argument ;;
    *) [ -e "tests/fuzz/${argument}_fuzz.cpp" ] || { sed -n '5,7s/^# *//p' "$0" >&2; exit 64; }
       targets=("$argument") ;;
  esac
done
if [ ${#targets[@]} = 0 ]; then
  for file in tests/fuzz/*_fuzz.cpp; do
    [[ $readers && $file == *_session_fuzz.cpp ]] || targets+=("$(basename "$file" _fuzz.cpp)")
  done
fi

started=$SECONDS
deploy/build.sh fuzz "${targets[@]/%/_fuzz}"
echo "fuzz: built in $((SECONDS - started)) s"
ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer || compgen -c llvm-symbolizer- | head -n 1 | xargs -r which || true)
export ASAN_SYMBOLIZER_PATH
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I '{}' deploy/fuzz.sh --run '{}' "$seconds"
