#!/usr/bin/env bash
# What the deploy tests share; sourced. Each test is a script that exits 0 when what it names works, and leaves nothing behind.
set -euo pipefail
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/goloca-deploy.XXXXXX")
binary=${GOLOCA_BINARY:-$tree/build/release/goloca}
point='{"id":"132516","user_id":"17712","vehicle_model_id":"12"}'
started=() # pids of what runs in the background, newest last; each leads a process group of its own

cleanup() {
  local i
  for ((i = ${#started[@]} - 1; i >= 0; --i)); do kill -- "-${started[i]}" 2>/dev/null || true; done
  for ((i = 100; i > 0 && $(jobs -r | wc -l) > 0; --i)); do sleep 0.1; done
  for i in "${started[@]}"; do kill -KILL -- "-$i" 2>/dev/null || true; done
  rm -rf --one-file-system "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

fail() { echo "$*" >&2; exit 1; }

need_root() { [ "$(id -u)" = 0 ] || fail "this test makes a root file system: run it as root"; }

free_port() { # a port of 127.0.0.1 that nothing listens on
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

start() { # COMMAND...: in the background, its output in $scratch/log, its pid in $started
  set -m
  "$@" >>"$scratch/log" 2>&1 </dev/null &
  set +m
  started+=($!)
}

wait_for_ready() { # URL SECONDS: until it answers 200; the newest started process must live
  local deadline=$((SECONDS + $2))
  until curl -sf -o "$scratch/ready" --max-time 2 "$1"; do
    kill -0 "${started[-1]}" 2>/dev/null || { cat "$scratch/log"; fail "it ended before $1 answered"; }
    [ $SECONDS -lt $deadline ] || { cat "$scratch/log"; fail "no answer from $1 in $2 s"; }
    sleep 0.1
  done
}

start_service() { # PORT: the release binary on SQLite in the scratch folder
  start env --chdir "$scratch" "$binary" serve --listen-address 127.0.0.1 --port "$1" --admin-address off
  wait_for_ready "http://127.0.0.1:$1/readyz" 30
}

post_point() { # URL EXPECTED-CODE [BODY]: posts, prints the reply, checks the code
  local code
  code=$(curl -s -o "$scratch/reply" -w '%{http_code}' --max-time 20 -d "${3:-$point}" "$1/add_datapoint")
  cat "$scratch/reply"
  echo " ($code)"
  [ "$code" = "$2" ] || { cat "$scratch/log"; fail "expected $2"; }
}

over_websocket() { # PORT: one point by a WebSocket made of bash, so that nothing of goloca's is on the other side
  local line reply='' length frame='{"id":"2","user_id":"17712","vehicle_model_id":"12"}'
  exec 4<>"/dev/tcp/127.0.0.1/$1"
  printf 'GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' >&4
  printf 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n' >&4
  read -r -t 10 line <&4
  case $line in *' 101 '*) ;; *) fail "no upgrade: $line" ;; esac
  while read -r -t 10 line <&4 && [ "$line" != $'\r' ]; do :; done
  # a final text frame, masked with zeros
  printf "\\x81\\x$(printf %02x $((128 + ${#frame})))\\x00\\x00\\x00\\x00%s" "$frame" >&4
  length=$(dd bs=1 count=2 status=none <&4 | od -An -tu1 | awk '{ print $2 }')
  reply=$(dd bs=1 count="$length" status=none <&4)
  exec 4>&-
  echo "$reply"
  [ "$reply" = '{"status":"success","error":null,"id":"2"}' ] || fail "unexpected reply"
}

end_service() { # drains the newest started process: it must end with 0
  local pid=${started[-1]} status=0
  kill -TERM -- "-$pid"
  wait "$pid" || status=$?
  unset 'started[-1]'
  [ "$status" = 0 ] || { cat "$scratch/log"; fail "it ended with $status after SIGTERM"; }
}
