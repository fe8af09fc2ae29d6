#!/usr/bin/env bash
# deploy/Dockerfile, built by buildah on a base image made here (no engine and no image registry needed), then run: as its own
# user, with its own command and health check; a point is stored and the end is a drain.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/fresh_root.sh"
need_root
base=$(sed -n 's/^ARG BASE=//p' "$tree/deploy/Dockerfile")
b() { buildah --root "$scratch/images" --runroot "$scratch/run" --storage-driver vfs "$@"; }

make_fresh_root "$scratch/root.tar"
b from --name base scratch
b add --quiet base "$scratch/root.tar" /
rm "$scratch/root.tar"
b config --cmd bash --env PATH=/usr/sbin:/usr/bin:/sbin:/bin base
b commit --quiet --rm base "localhost/$base"

copy_tree "$scratch/context" # as the build's context is in a clone: .dockerignore does the rest
b bud --isolation chroot --network host --pull-never --format docker --build-arg "BASE=localhost/$base" \
  --file "$scratch/context/deploy/Dockerfile" --tag goloca "$scratch/context"
b from --name service --pull-never localhost/goloca

port=$(free_port)
mapfile -t command < <(b inspect --format '{{range .OCIv1.Config.Entrypoint}}{{println .}}{{end}}{{range .OCIv1.Config.Cmd}}{{println .}}{{end}}' service |
  sed '/^$/d')
mapfile -t health < <(b inspect --format '{{range .Docker.Config.Healthcheck.Test}}{{println .}}{{end}}' service | sed '/^$/d')
[ "${health[0]}" = CMD ] || fail "no health check in the image"
inside() { b run --isolation chroot --network host --env PORT="$port" --env LISTEN_ADDRESS=127.0.0.1 --env ADMIN_ADDRESS=off service -- "$@"; }

[ "$(inside id -u)" != 0 ] || fail "the image runs as root"
start inside "${command[@]}"
wait_for_ready "http://127.0.0.1:$port/readyz" 60
post_point "http://127.0.0.1:$port" 201
inside "${health[@]:1}"

# the service itself is below processes of buildah's: the one with our port in its environment and the image's command line
pid=''
for process in /proc/[0-9]*; do
  grep -qzx "PORT=$port" "$process/environ" 2>/dev/null || continue
  [ "$(tr '\0' ' ' <"$process/cmdline")" != "${command[*]} " ] || pid=${process#/proc/}
done
[ "$pid" ] || fail "no process ${command[*]}"
kill -TERM "$pid"
wait "${started[-1]}" || fail "it ended with $? after SIGTERM"
! inside "${health[@]:1}" 2>/dev/null || fail "the health check passes without a service"
