#!/usr/bin/env bash
# goloca for an hour under a steady load, with a fault every 20 seconds, on a PostgreSQL of its own. Each minute's points are
# held against the table by their ledger. Writes build/soak/soak.md with a plot of memory, descriptors, threads and queue.
# Exits 1 when a point was lost, altered or doubled, or when it holds more at the end than it did at the beginning.
#
#   deploy/soak.sh [--minutes M] [--rate POINTS_PER_SECOND] [--every SECONDS] [--seed N]
#
# GOLOCA_BINARY is taken when set, else build/release/goloca is built.
set -euo pipefail
cd "$(dirname "$0")/.."
deploy/setup.sh --bench || echo "soak: not all packages could be had" >&2
[ -n "${GOLOCA_BINARY:-}" ] || deploy/build.sh release goloca
export GOLOCA_BINARY="${GOLOCA_BINARY:-$PWD/build/release/goloca}" PYTHONPYCACHEPREFIX="$PWD/build/bench/pycache"
exec /usr/bin/python3 tests/soak/soak.py --into "$PWD/build/soak" "$@"
