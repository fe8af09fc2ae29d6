#!/usr/bin/env bash
# A cluster in network namespaces, as deploy/cluster.sh brings it up, and some of the faults that `goloca drill --cluster` has for it,
# each with its ledger. Those of the databases take minutes, by Patroni's clocks: they are for a person.
. "$(dirname "$0")/common.sh"
cluster=$tree/deploy/cluster.sh

skip() { echo "SKIP a cluster in network namespaces: $*"; exit 0; }

[ "$(id -u)" = 0 ] || skip "only root can make them"
"$tree/deploy/setup.sh" --cluster
probe=goloca-probe-$$ # what the machine allows, tried
ip link add gp$$ type bridge 2>"$scratch/log" && ip link del gp$$ || skip "$(cat "$scratch/log")"
ip netns add $probe 2>"$scratch/log" || skip "$(cat "$scratch/log")"
filtered=yes
ip netns exec $probe iptables -A INPUT -s 10.77.0.1 -j DROP 2>"$scratch/log" || filtered=''
ip netns del $probe
[ "$filtered" ] || skip "$(cat "$scratch/log")"

chmod 755 "$scratch" # PostgreSQL's servers run as another user
GOLOCA=$binary start "$cluster" up --edges 2 --writers 2 --in "$scratch/cluster"
for ((i = 1500; i > 0; --i)); do
  ! grep -q 'cluster: up' "$scratch/log" || break
  kill -0 "${started[-1]}" 2>/dev/null || { cat "$scratch/log"; fail "the cluster does not come up"; }
  sleep 0.1
done
"$binary" drill --cluster "$cluster" --into "$scratch/drill" \
  --only '^(writer.killed/http|writer.frozen/websocket|edge.stopped/websocket|link.cut/http|link.strangers/websocket|certificate.foreign/http)/' ||
  { tail -n 40 "$scratch"/drill/*/*.log; fail "a promise was broken"; }
kill -TERM "${started[-1]}"
wait "${started[-1]}" || true
[ ! -e /run/goloca-cluster ] || fail "it left its cluster behind"
[ -z "$(ip netns list | grep -E '^(edge|writer|db)-')" ] || fail "it left its namespaces behind"
