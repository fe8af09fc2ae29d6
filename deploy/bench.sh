#!/usr/bin/env bash
# Measures goloca beside its peers and what the database can take, on a PostgreSQL of its own. Writes build/bench/report.md,
# report.html (with plots) and result.json (every run). Exits 1 when an acknowledged point is missing from the table, or
# something that was to be measured from the report.
#
#   deploy/bench.sh                     five rounds of four seconds a load: about an hour
#   deploy/bench.sh --quick             a second a load, once, goloca and nginx only: whether all of it works
#   deploy/bench.sh --rounds N --seconds S --only REGEX     REGEX chooses loads, as 'HTTP c=64' or 'lean'
#   deploy/bench.sh --scale             instead how cost grows: connections, writers, a large table, a slow disk
#   deploy/bench.sh --replays           instead what points that were sent before cost
#   deploy/bench.sh --help              all options
#
# A report in parts: deploy/bench.sh && deploy/bench.sh --scale --add && deploy/bench.sh --replays --add
#
# GOLOCA_BINARY is measured when set, else build/release/goloca is built. PEERS_DIR has the yardstick's peers and clients
# (../shared/peers beside the repository). goloca's settings are taken from the environment: NUM_POOL_WORKERS=3 deploy/bench.sh
set -euo pipefail
cd "$(dirname "$0")/.."

packages=--bench
for option in "$@"; do
  case $option in
    --quick) packages= ;; # it does without the yardstick, but takes what is here
    --help) packages=none ;;
  esac
done
if [ "$packages" != none ]; then
  # shellcheck disable=SC2086 # nothing or one option
  deploy/setup.sh $packages || echo "bench: not all packages could be had; the report says what is left out" >&2
  [ -n "${GOLOCA_BINARY:-}" ] || deploy/build.sh release goloca
fi

export GOLOCA_BINARY="${GOLOCA_BINARY:-$PWD/build/release/goloca}" PEERS_DIR="${PEERS_DIR:-$PWD/../shared/peers}"
export PYTHONPYCACHEPREFIX="$PWD/build/bench/pycache" # the tree stays as it is
exec /usr/bin/python3 tests/bench/run.py --into build/bench "$@" # Debian's python3 has Debian's matplotlib
