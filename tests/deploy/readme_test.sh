#!/usr/bin/env bash
# The README's first screen, run as it is written: each `$ ` line of its first console block must print the lines that follow it.
# Only the port is another, and deploy/serve.sh, which is a test of its own, gives way to the binary that it starts.
. "$(dirname "$0")/common.sh"
port=$(free_port)
awk '/^```console$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' "$tree/README.md" >"$scratch/block"
grep -q '^\$ deploy/serve\.sh' "$scratch/block" || fail "README's first console block does not start the service"

mkdir -p "$scratch/build"
ln -s "$tree/build/release" "$scratch/build/release"
start_service "$port"

run=0
while IFS= read -r -u 5 line; do
  case $line in
    '$ git clone'* | '$ cd '* | '$ deploy/'*) continue ;;
    '$ '*)
      command=${line#??}
      command=${command//localhost:8080/127.0.0.1:$port}
      case $command in *' send '*) command="${command/ send / send --to http://127.0.0.1:$port }" ;; esac
      printf '$ %s\n' "$command"
      (cd "$scratch" && timeout 60 bash -c "$command") >"$scratch/printed" || fail "it failed"
      cat "$scratch/printed"
      run=$((run + 1)) ;;
    '' | '#'*) ;;
    *) grep -qxF -- "$line" "$scratch/printed" || fail "not printed: $line" ;;
  esac
done 5<"$scratch/block"
[ "$run" -ge 2 ] || fail "only $run commands in README's first console block"
end_service
