#!/usr/bin/env bash
# Plants each bug of tests/simulation/mutants, one at a time, and lets the simulation find it, where few seeds do not in
# clusters only. A line a bug: at which seed, and which promise broke. Exits 1 when one survives, or its patch no longer
# fits the source.
#
#   tests/simulation/mutants.sh [PRESET]     release
set -euo pipefail
cd "$(dirname "$0")/../.."
preset=${1:-release}
seeds=1..20000 # the shyest is found among the first 18,000; what is not, in as many clusters

# NAME [--clusters N]: what was found; fails where nothing was.
search() {
  timeout 60 "build/$preset/tests/mutant_$1" "${@:2}" --seeds $seeds --no-shrink --expect-failure 2>&1
}

deploy/build.sh "$preset" mutants
survived=0 all=0
for patch in tests/simulation/mutants/*.patch; do
  name=$(basename "$patch" .patch)
  all=$((all + 1))
  if found=$(search "$name") || found="--clusters 3, $(search "$name" --clusters 3)"; then
    printf '%-40s %s\n' "$name" "$found"
  else
    survived=$((survived + 1))
    printf '%-40s SURVIVED: %s\n' "$name" "$(head -n 1 "$patch")"
    printf '%s\n' "$found"
  fi
done
echo "$all mutants, $survived survived"
[ "$survived" = 0 ]
