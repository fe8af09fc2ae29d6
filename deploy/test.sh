#!/usr/bin/env bash
# Installs what is missing, builds and tests. Prints PASS or FAIL a check and, last, "N passed, N failed, N skipped"; exits 1
# when one failed. As root, the tests' PostgreSQL servers run as the user postgres.
#
#   deploy/test.sh                 everything but --deploy
#   deploy/test.sh --quick         the unit suites, under ASan and UBSan
#   deploy/test.sh --only PRESET   the suites of one preset: dev, tsan or release
#   deploy/test.sh --fuzz          also: the fuzzers of the sessions, and 30 seconds of each one
#   deploy/test.sh --deploy        also: a fresh Debian, the container image, nginx (as root; slow)
#   deploy/test.sh --minutes N     begins no check after N minutes, and says which it left out: for a CI with a limit
set -euo pipefail
cd "$(dirname "$0")/.."

only='' deploy='' quick='' fuzz='' minutes=1000000
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=yes only=dev ;;
    --only) only=${2:?--only wants dev, tsan or release}; shift ;;
    --deploy) deploy=--deploy ;;
    --fuzz) fuzz=yes ;;
    --minutes) minutes=${2:?--minutes wants a number}; shift ;;
    *) sed -n '5,10s/^# *//p' "$0" >&2; exit 64 ;;
  esac
  shift
done

passed=0 failed=0 skipped=0
log=$(mktemp) report=$(mktemp)
trap 'rm -f "$log" "$report"' EXIT

attempt() { # NAME COMMAND...: one check; its output is shown when it fails
  local name=$1 started=$SECONDS
  shift
  if [ "$started" -gt $((minutes * 60)) ]; then
    skipped=$((skipped + 1))
    echo "SKIP $name: $((started / 60)) minutes are over"
    return 1
  fi
  if "$@" >"$log" 2>&1 </dev/null; then
    passed=$((passed + 1)) skipped=$((skipped + $(grep -c '^SKIP ' "$log" || true)))
    grep '^SKIP ' "$log" || true # what it could not look at is said also when the rest is well
    echo "PASS $name ($((SECONDS - started)) s)"
  else
    failed=$((failed + 1))
    cat "$log"
    echo "FAIL $name ($((SECONDS - started)) s)"
    return 1
  fi
}
check() { attempt "$@" || true; }

counted() { # NAME: that number of ctest's report, 0 when there is none
  sed -n "s/.*\\b$1=\"\\([0-9]*\\)\".*/\\1/p; /<testcase/q" "$report" | head -n 1 | grep . || echo 0
}

suites() { # PRESET LABELS [TARGET...]: builds, then runs the suites whose label matches
  local preset=$1 labels=$2 started=$SECONDS status=0 all bad left_out
  shift 2
  attempt "build $preset" deploy/build.sh "$preset" "$@" || return 0
  started=$SECONDS
  : >"$report"
  ctest --preset "$preset" -L "$labels" -j "$(nproc)" --no-tests=error --output-junit "$report" >"$log" 2>&1 || status=$?
  all=$(counted tests) bad=$(counted failures) left_out=$(counted skipped)
  [ "$status" = 0 ] || [ "$bad" != 0 ] || bad=1 all=$((all + 1)) # ctest itself failed
  passed=$((passed + all - bad - left_out)) failed=$((failed + bad)) skipped=$((skipped + left_out))
  if [ "$bad" = 0 ]; then grep -F '***Skipped' "$log" || true; else grep -vE '^ *Start |   Passed  ' "$log" || true; fi
  echo "$([ "$bad" = 0 ] && echo PASS || echo FAIL) suites $preset: $all tests, $bad failed ($((SECONDS - started)) s)"
}

shipped() { # the coroutines of the wires above all: what a compiler makes of them differs
  GOLOCA_BINARY=$PWD/build/release/goloca ctest --preset dev -L integration -R wire -j "$(nproc)" --no-tests=error
}

sources() { find . \( -path ./build -o -path ./.git \) -prune -o -name '*.[ch]pp' "$@"; }

formatted() { # clang-format's answers differ between versions: the tree is kept by Debian 12's
  if ! clang-format --version | grep -q 'version 14\.'; then
    echo "not checked: the tree is formatted by clang-format 14"
    return 0
  fi
  sources -print0 | xargs -0 clang-format --dry-run -Werror
}

# The rooms without Asio's coroutines, which clang-tidy 14 cannot read. Precompiled headers of g++ are none for clang.
tidy() {
  cmake --preset dev -B build/tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DGOLOCA_SANITIZE= \
    -DCMAKE_CXX_FLAGS=-Wno-unknown-warning-option >/dev/null
  find store setting*.cpp config*.cpp -name '*.cpp' -print0 |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build/tidy --quiet --warnings-as-errors='*'
}

scripts_parse() {
  find deploy tests .ci -name '*.sh' -o -path .ci/run | while read -r script; do bash -n "$script" || return 1; done
}

check "packages" deploy/setup.sh $deploy

# clang's sanitizers look for a symbolizer of their own version only; without one a report has no names, and TSan's
# suppressions, which are names, suppress nothing.
symbolizer=$(command -v llvm-symbolizer || compgen -c llvm-symbolizer- | head -n 1 | xargs -r which || true)
export ASAN_SYMBOLIZER_PATH=$symbolizer UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS="halt_on_error=1 suppressions=$PWD/tests/tsan.supp external_symbolizer_path=$symbolizer"

if [ -z "$only" ]; then
  check "shell scripts parse" scripts_parse
  check "clang-format" formatted
fi
case $only in
  '' | dev)
    if [ "$quick" ]; then
      suites dev '^unit_' unit_store unit_actors unit_net unit_node
    else
      suites dev .
    fi ;;
esac
if [ -z "$only" ]; then
  check "build release" deploy/build.sh release goloca simulation
  check "what ships, as g++ builds it, on the wire" shipped
  check "simulation: 20,000 seeds" build/release/tests/simulation --seeds 1..20000
  check "README's first screen" tests/deploy/readme_test.sh
  check "cmake --install" tests/deploy/install_test.sh
  check "kubernetes manifests" tests/deploy/kubernetes_test.sh
  check "a cluster in network namespaces" tests/deploy/cluster_test.sh
  check "bench: its own tests" /usr/bin/python3 -B -m unittest discover -s tests/bench -p '*_test.py'
  check "bench: a second a load" deploy/bench.sh --quick
  check "drill: each fault once, under ASan and UBSan" build/dev/goloca drill --quick --into build/dev/drill
fi
case $only in # unit_net doubles the build for few threads: it is for --only tsan
  '') suites tsan '^unit_actors$' unit_actors ;;
  tsan) suites tsan '^unit_(actors|net)$' unit_actors unit_net ;;
esac
case $only in release) suites release . ;; esac
if [ -z "$only" ]; then
  check "clang-tidy" tidy
  if [ "$fuzz" ]; then check "fuzzing: 30 seconds a target" deploy/fuzz.sh 30
  else check "fuzzing: the readers, 5 seconds a target" deploy/fuzz.sh --readers 5; fi
  check "simulation: it finds each planted bug" tests/simulation/mutants.sh release
fi
if [ "$deploy" ]; then
  check "nginx in front" tests/deploy/nginx_test.sh
  check "the container image" tests/deploy/container_test.sh
  check "the two commands on a fresh Debian" tests/deploy/fresh_root_test.sh
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
