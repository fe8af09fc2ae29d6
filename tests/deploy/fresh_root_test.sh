#!/usr/bin/env bash
# The two commands on a fresh Debian of the host's release: deploy/serve.sh stores a point, deploy/test.sh passes its unit suites
# (all of it with FRESH_ROOT_TESTS=all). Packages come from where the host's come from.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/fresh_root.sh"
need_root
make_fresh_root "$scratch/root.tar"
mkdir "$scratch/root"
tar -C "$scratch/root" -xf "$scratch/root.tar"
rm "$scratch/root.tar"
copy_tree "$scratch/root/goloca"
cp -L /etc/resolv.conf /etc/hosts "$scratch/root/etc/"
# Some of what the suites need is there, not all: no reason for the service not to build.
mkdir -p "$scratch/root/usr/include/gtest"
: >"$scratch/root/usr/include/gtest/gtest.h"

port=$(free_port)
start "$tree/tests/deploy/in_root.sh" "$scratch/root" env LISTEN_ADDRESS=127.0.0.1 PORT="$port" ADMIN_ADDRESS=off /goloca/deploy/serve.sh
wait_for_ready "http://127.0.0.1:$port/readyz" 1800
post_point "http://127.0.0.1:$port" 201
post_point "http://127.0.0.1:$port" 200
end_service

options=(--quick)
[ "${FRESH_ROOT_TESTS:-}" != all ] || options=()
"$tree/tests/deploy/in_root.sh" "$scratch/root" /goloca/deploy/test.sh "${options[@]}"
