#!/usr/bin/env bash
# The scaler of cluster.sh, which sources this.
#
# The rule of kubernetes/scaling.yaml for edges: how busy they are is the mean of their greatest share (CPU, connections,
# buffers), and one is added when the least of a whole period was not below the mark.

figures_of() { # NODE: seconds of CPU so far, and in per cent the greater of connections and buffers
  curl -fs -m 1 "http://$(address_of "$1"):9180/metrics" | awk '
    /^process_cpu_seconds_total/ { cpu = $2 }
    /^goloca_connections\{.*"clients"/ { open = $2 }
    /^goloca_connections_limit\{.*"clients"/ { most = $2 }
    /^goloca_buffered_bytes / { held = $2 }
    /^goloca_buffered_bytes_limit / { room = $2 }
    END {
      connections = most > 0 ? 100 * open / most : 0
      buffers = room > 0 ? 100 * held / room : 0
      print cpu + 0, (connections > buffers ? connections : buffers)
    }'
}

busy_edges() { # per cent, since the last call; 0 for an edge that is new
  local edge cpu others now total=0 count=0
  for edge in $(nodes | grep ^edge-); do
    read -r cpu others < <(figures_of "$edge" || echo 0 0)
    now=$(date +%s.%N)
    total=$(awk -v total=$total -v cpu="$cpu" -v before="${cpu_before[$edge]:-$cpu}" -v now="$now" -v then="${seen_at[$edge]:-0}" \
      -v cores="$cores" -v others="$others" 'BEGIN {
        share = now > then ? 100 * (cpu - before) / (now - then) / cores : 0
        print total + (share > others ? share : others) # in brackets: else it is a redirection
      }')
    cpu_before[$edge]=$cpu seen_at[$edge]=$now
    count=$((count + 1))
  done
  busy=$(awk -v total="$total" -v count=$count 'BEGIN { printf "%d", count ? total / count : 0 }')
}

add_edge() {
  local edge
  edge=edge-$(($(nodes | grep -c ^edge-) + 1))
  "$here/link_certificates.sh" "$folder/links" "$edge"
  make_host "$edge"
  start_node "$edge"
  until_it_holds 30 "$edge" answers "$edge"
}

scale() {
  local at=90 for=60 most=8 cores since busy
  local -A cpu_before=() seen_at=()
  while [ $# -gt 0 ]; do
    case $1 in
      --at) at=$2 ;;
      --for) for=$2 ;;
      --most) most=$2 ;;
      *) usage ;;
    esac
    shift 2
  done
  cores=$(nproc)
  if [ -e "$folder/cap" ]; then cores=0.$(printf %02d "$(cat "$folder/cap")"); fi
  since=$SECONDS
  while [ "$(nodes | grep -c ^edge-)" -lt "$most" ]; do
    sleep 2
    busy_edges
    if [ "$busy" -lt "$at" ]; then since=$SECONDS; fi
    say "$(nodes | grep -c ^edge-) edges are at $busy %, at $at % or more for $((SECONDS - since)) s"
    if [ $((SECONDS - since)) -ge "$for" ]; then
      add_edge
      say "one more edge"
      since=$SECONDS
    fi
  done
}
