#!/usr/bin/env bash
# Configures and builds one preset of CMakePresets.json into build/PRESET, with as many jobs as cores and memory carry.
#
#   deploy/build.sh PRESET [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:?usage: deploy/build.sh PRESET [TARGET...]}
shift

# A sanitizer's build is clang's where there is one: it takes a third of the time that g++ does. What ships is g++'s.
newest_clang() { # clang 14 cannot read Asio's coroutines
  local version
  for version in 16 19 17 18 20 21 22; do
    if command -v "clang++-$version"; then return 0; fi
  done
  return 1
}
case $preset in
  dev | tsan) compiler=${CXX:-$(newest_clang)} || compiler=c++ ;;
  fuzz) compiler=${CXX:-$(newest_clang)} || { echo "build: no clang 16 or newer: run deploy/setup.sh" >&2; exit 1; } ;;
  *) compiler=${CXX:-c++} ;;
esac
export CXX=$compiler

export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-15G} # by default three presets with their precompiled headers drive each other out

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
