#!/usr/bin/env bash
# cmake --install into a prefix: what is installed is whole, serves from there, and drains.
. "$(dirname "$0")/common.sh"
cmake --install "$tree/build/release" --prefix "$scratch/prefix" >"$scratch/log"
binary=$scratch/prefix/bin/goloca
for file in lib/systemd/system/goloca.service share/goloca/rides.schema.json share/goloca/config.env \
  share/doc/goloca/README.md share/doc/goloca/RUNBOOK.md; do
  [ -s "$scratch/prefix/$file" ] || fail "not installed: $file"
done
[ ! -e "$scratch/prefix/etc" ] || fail "an install writes where somebody's own configuration is"

port=$(free_port)
start_service "$port"
post_point "http://127.0.0.1:$port" 201
end_service
start_service "$port"
post_point "http://127.0.0.1:$port" 200 # the point outlived the process
end_service

if command -v systemd-analyze >/dev/null; then
  sed "s#/usr/local/bin/goloca#$binary#" "$scratch/prefix/lib/systemd/system/goloca.service" >"$scratch/goloca.service"
  systemd-analyze verify "$scratch/goloca.service"
fi
