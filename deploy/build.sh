#!/usr/bin/env bash
# Configures and builds one preset of CMakePresets.json into build/PRESET, with as many jobs as cores and memory carry.
#
#   deploy/build.sh PRESET [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:?usage: deploy/build.sh PRESET [TARGET...]}
shift

mib_per_job=1500 # what the greediest source (coroutines over Beast, under a sanitizer) takes to compile
available_mib=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
jobs=$((available_mib / mib_per_job))
cores=$(nproc)
[ "$jobs" -le "$cores" ] || jobs=$cores
[ "$jobs" -ge 1 ] || jobs=1

# With setup.sh --run there is nothing to build the suites with, or not all of it.
suites=ON
for header in gtest/gtest.h gmock/gmock.h rapidcheck.h; do
  [ -e "/usr/include/$header" ] || suites=OFF
done

echo "build: $preset${*:+ ($*)}, $jobs jobs"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --preset "$preset" -DGOLOCA_TESTS=$suites >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
target=()
[ $# = 0 ] || target=(--target "$@")
quiet=() # ninja's progress is one line on a terminal, hundreds elsewhere
[ -t 1 ] || quiet=(-- --quiet)
cmake --build --preset "$preset" --parallel "$jobs" "${target[@]}" "${quiet[@]}"
