#!/usr/bin/env bash
# A whole cluster on one machine, as root: edges and writers in network namespaces of their own, in front of three
# PostgreSQL servers that Patroni and etcd manage (synchronous, strict). For trying out, and for drills; not for data that
# is to be kept.
#
#   deploy/cluster.sh up [--edges N] [--writers N] [--in FOLDER]   brings it up, serves until Ctrl-C, takes all of it down
#   deploy/cluster.sh status                                       who is there, and whom Patroni has made leader
#   deploy/cluster.sh stop|kill|freeze|thaw|start NODE             SIGTERM, SIGKILL, SIGSTOP, SIGCONT, started again
#   deploy/cluster.sh cut|drop-from|reset|heal NODE NODE           no packet either way; none from the first; each is answered
#                                                                  by a reset; all again
#   deploy/cluster.sh lose NODE NODE PERCENT, thin NODE KBIT       packets lost; a thin line (KBIT 0: as before)
#   deploy/cluster.sh detour NODE NODE PORT                        the first dials the second by way of this host's PORT
#   deploy/cluster.sh twin NODE                                    started again as process 1 of a PID namespace of its own
#   deploy/cluster.sh certify NODE good|expired|foreign|swapped    what it shows from now on; swapped: not of its key
#   deploy/cluster.sh leader, standby                              the database that takes writes; its synchronous standby
#   deploy/cluster.sh layout                                       folder, database and nodes, for `goloca drill --cluster`
#   deploy/cluster.sh down                                         what an `up` left behind
#
# Nodes are edge-1.., writer-1.., db-1 to db-3. Clients reach edge N at 10.77.0.(10+N):8080, operators at :9180. A db node's
# parts: db-1 is all of it; db-1:etcd and db-1:postgres (not to be started: Patroni does) are those alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
goloca=${GOLOCA:-$here/../build/release/goloca}
state=/run/goloca-cluster bridge=goloca net=10.77.0
postgres_bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)" 2>/dev/null || true)

say() { echo "cluster: $*" >&2; }
usage() { sed -n '6,19s/^# *//p' "$0" >&2; exit 64; }

address_of() { # edge-2 → 10.77.0.12
  local number=${1##*-}
  case $1 in
    edge-*) echo $net.$((10 + number)) ;;
    writer-*) echo $net.$((40 + number)) ;;
    db-*) echo $net.$((70 + number)) ;;
    *) say "$1 is no node"; exit 64 ;;
  esac
}

make_host() { # NODE: a namespace on the bridge
  ip netns add "$1"
  ip link add "v-$1" type veth peer name eth0 netns "$1"
  ip link set "v-$1" master $bridge up
  ip -n "$1" link set lo up
  ip -n "$1" addr add "$(address_of "$1")/24" dev eth0
  ip -n "$1" link set eth0 up
}

run_in() { # NODE PART USER COMMAND...: in the background; its process group is noted
  local node=$1 part=$2 user=$3 log=$folder/$1/$2.log
  shift 3
  ip netns exec "$node" setsid setpriv --reuid "$user" --regid "$user" --init-groups "$@" >>"$log" 2>&1 </dev/null &
  echo $! >"$folder/$node/$part.pid"
}

start_etcd() { # NODE
  local at members='' each
  at=$(address_of "$1")
  for each in 1 2 3; do members+=${members:+,}db-$each=http://$(address_of db-$each):2380; done
  run_in "$1" etcd postgres etcd --name "$1" --data-dir "$folder/$1/etcd" --heartbeat-interval 200 --election-timeout 1000 \
    --listen-peer-urls "http://$at:2380" --initial-advertise-peer-urls "http://$at:2380" \
    --listen-client-urls "http://$at:2379" --advertise-client-urls "http://$at:2379" \
    --initial-cluster "$members" --initial-cluster-state new --initial-cluster-token goloca
}

# ttl, loop_wait and retry_timeout are as short as Patroni allows: a new leader within some ten seconds. Strict: without a
# standby nothing is committed, so that a failover never loses what was acknowledged.
patroni_settings() { # NODE
  local at each hosts=''
  at=$(address_of "$1")
  for each in 1 2 3; do hosts+=${hosts:+, }$(address_of db-$each):2379; done
  cat <<YAML
scope: goloca
name: $1
restapi: {listen: '$at:8008', connect_address: '$at:8008'}
etcd3: {hosts: [$hosts]}
bootstrap:
  dcs:
    ttl: 8
    loop_wait: 2
    retry_timeout: 3
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      parameters: {wal_log_hints: 'on', max_connections: 50, shared_buffers: 32MB, wal_receiver_timeout: 3s, wal_sender_timeout: 3s}
  initdb: [{encoding: UTF8}, {auth-local: trust}, {auth-host: trust}]
postgresql:
  listen: '$at:5432'
  connect_address: '$at:5432'
  data_dir: $folder/$1/data
  bin_dir: $postgres_bin
  pgpass: $folder/$1/pgpass
  authentication:
    superuser: {username: postgres}
    replication: {username: postgres}
    rewind: {username: postgres}
  parameters: {unix_socket_directories: '$folder/$1'}
  pg_hba: ['local all all trust', 'host all all $net.0/24 trust', 'host replication all $net.0/24 trust']
YAML
}

start_database() { # NODE
  patroni_settings "$1" >"$folder/$1/patroni.yml"
  run_in "$1" patroni postgres patroni "$folder/$1/patroni.yml"
}

database_url() {
  local each hosts=''
  for each in 1 2 3; do hosts+=${hosts:+,}$(address_of db-$each):5432; done
  echo "postgresql://postgres@$hosts/postgres"
}

start_goloca() { # NODE [COMMAND...]: by that command
  local node=$1 by=("${@:2}") settings=(CLUSTER=drill "NODE_NAME=$1" "ADMIN_ADDRESS=0.0.0.0:9180" "LINK_CERTIFICATE=$folder/links/$1.crt"
    "LINK_KEY=$folder/links/$1.key" "LINK_AUTHORITY=$folder/links/ca.crt" FAULT_INJECTION=on)
  case $node in
    writer-*) settings+=(ROLE=writer STORE=postgres "DATABASE_URL=$(database_url)" DB_CONNECT_TIMEOUT=2s) ;;
    edge-*) settings+=(ROLE=edge "WRITERS=$(cat "$folder/writers")") ;;
  esac
  run_in "$node" goloca root "${by[@]}" env -C "$folder/$node" "${settings[@]}" "$goloca" serve
}

start_node() { # NODE, or db-N:etcd
  mkdir -p "$folder/${1%:*}"
  case $1 in
    db-*:etcd) start_etcd "${1%:*}" ;;
    db-*) chown postgres "$folder/$1"; start_etcd "$1"; start_database "$1" ;;
    *) start_goloca "$1" ;;
  esac
}

leader() { # the db node that takes writes
  local each
  for each in 1 2 3; do
    if curl -fs -m 1 -o /dev/null "http://$(address_of db-$each):8008/primary"; then echo "db-$each"; return 0; fi
  done
  return 1
}

until_it_holds() { # SECONDS WHAT COMMAND...
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $end ]; then say "$what: not in time; logs are in $folder"; return 1; fi
    sleep 0.2
  done
}
answers() { curl -fs -m 2 -o /dev/null "http://$(address_of "$1"):9180/readyz"; }
standby() {
  "$postgres_bin/psql" -h "$(address_of "$(leader)")" -U postgres -Atc \
    "SELECT application_name FROM pg_stat_replication WHERE sync_state = 'sync' LIMIT 1" | grep .
}

pids_of() { # NODE[:PART]: process groups; a server's own is that of its postmaster
  local node=${1%%:*} file
  case $1 in
    *:postgres) head -n 1 "$folder/$node/data/postmaster.pid"; return 0 ;;
    *:*) cat "$folder/$node/${1#*:}.pid"; return 0 ;;
  esac
  for file in "$folder/$node"/*.pid; do cat "$file"; done
  if [ -e "$folder/$node/data/postmaster.pid" ]; then head -n 1 "$folder/$node/data/postmaster.pid"; fi
}

gone() { # NODE[:PART]
  local pid
  for pid in $(pids_of "$1"); do
    case $(ps -o stat= -p "$pid" || true) in '' | Z*) ;; *) return 1 ;; esac
  done
}

signal() { # SIGNAL NODE[:PART]
  local pid
  for pid in $(pids_of "$2"); do
    kill "-$1" -- "-$pid" 2>/dev/null || kill "-$1" "$pid" 2>/dev/null || true
  done
}

filter() { # NODE NODE RULE...: in the first one's namespace, for what comes from the second
  ip netns exec "$1" iptables -A INPUT -s "$(address_of "$2")" "${@:3}"
}

heal() { # NODE NODE: every rule of the first one's for packets from or to the second
  local table peer rule
  peer=$(address_of "$2")
  for table in filter nat; do
    ip netns exec "$1" iptables -t $table -S | grep -E -- "^-A .*-[sd] $peer/32" | sed 's/^-A/-D/' | while read -r rule; do
      # shellcheck disable=SC2086
      ip netns exec "$1" iptables -t $table $rule
    done || true
  done
}

# New connections go to the port, and those that are there must be made anew: the second rule meets their packets alone,
# for a translated one is not addressed to the second NODE any more. A reset may pass, so that the peer hears of it.
detour() { # NODE NODE PORT
  local to
  to=$(address_of "$2")
  ip netns exec "$1" iptables -t nat -A OUTPUT -d "$to" -p tcp -m tcp --dport 7420 -j DNAT --to-destination "$net.1:$3"
  ip netns exec "$1" iptables -A OUTPUT -d "$to" -p tcp -m tcp --dport 7420 ! --tcp-flags RST RST -j REJECT --reject-with tcp-reset
}

# Only `openssl ca` takes a day in the past.
make_expired() { # NODE: its certificate, of the authority, over since long
  local work
  work=$(mktemp -d)
  : >"$work/index"
  cat >"$work/cnf" <<CNF
[ca]
default_ca = links
[links]
database = $work/index
rand_serial = yes
default_md = sha256
policy = names
x509_extensions = uses
[names]
commonName = supplied
[uses]
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth,clientAuth
CNF
  openssl req -new -key "$folder/links/$1.key" -subj "/CN=$1" -out "$work/csr"
  openssl ca -batch -notext -config "$work/cnf" -cert "$folder/links/ca.crt" -keyfile "$folder/links/ca.key" -in "$work/csr" \
    -outdir "$work" -startdate 20200101000000Z -enddate 20200102000000Z -out "$work/crt" 2>/dev/null
  mv "$work/crt" "$folder/links/$1.crt"
  rm -r "$work"
}

certify() { # NODE good|expired|foreign|swapped
  local links=$folder/links
  case $2 in
    good) "$here/link_certificates.sh" "$links" "$1" ;;
    expired) make_expired "$1" ;;
    foreign) "$here/link_certificates.sh" "$links/foreign" "$1"; mv "$links/foreign/$1".{key,crt} "$links" ;;
    swapped) "$here/link_certificates.sh" "$links/other" "$1"; mv "$links/other/$1.crt" "$links" ;;
    *) usage ;;
  esac
}

layout() {
  local node
  echo "folder $folder"
  echo "host $net.1"
  echo "database $(database_url)"
  for node in $(nodes); do echo "$node $(address_of "$node")"; done
}

thin() { # NODE KBIT
  tc qdisc del dev "v-$1" root 2>/dev/null || true
  if [ "$2" != 0 ]; then tc qdisc add dev "v-$1" root tbf rate "$2kbit" burst 16kb latency 300ms; fi
}

nodes() { find "$folder" -mindepth 2 -maxdepth 2 -name '*.pid' -printf '%h\n' 2>/dev/null | xargs -rn 1 basename | sort -u; }

take_down() {
  local node
  for node in $(nodes); do signal CONT "$node"; signal KILL "$node"; done
  for node in $(ip netns list | awk '{ print $1 }' | grep -E '^(edge|writer|db)-[0-9]+$' || true); do
    ip netns pids "$node" | xargs -r kill -KILL 2>/dev/null || true
    ip netns del "$node"
  done
  ip link del $bridge 2>/dev/null || true
  rm -f $state
}

bring_up() {
  local edges=3 writers=3 keep='' i node
  folder=''
  while [ $# -gt 0 ]; do
    case $1 in
      --edges) edges=$2 ;;
      --writers) writers=$2 ;;
      --in) folder=$2 keep=yes ;;
      *) usage ;;
    esac
    shift 2
  done
  if [ -e $state ]; then say "there is one already (deploy/cluster.sh down)"; exit 1; fi
  "$here/setup.sh" --cluster
  [ -x "$goloca" ] || "$here/build.sh" release goloca
  postgres_bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)")
  if [ -n "$folder" ]; then mkdir -p "$folder"; folder=$(cd "$folder" && pwd); else folder=$(mktemp -d); fi
  chmod 755 "$folder"
  echo "$folder" >$state
  trap 'trap - EXIT; take_down; [ "$keep" ] || rm -rf "$folder"' EXIT
  trap 'exit 0' INT TERM

  local all=(db-1 db-2 db-3)
  for ((i = 1; i <= writers; ++i)); do all+=("writer-$i"); done
  for ((i = 1; i <= edges; ++i)); do all+=("edge-$i"); done
  "$here/link_certificates.sh" "$folder/links" "${all[@]:3}"
  for ((i = 1; i <= writers; ++i)); do echo "$(address_of "writer-$i"):7420"; done | paste -sd , >"$folder/writers"
  ip link add $bridge type bridge
  ip addr add $net.1/24 dev $bridge
  ip link set $bridge up
  for node in "${all[@]}"; do make_host "$node"; done
  for node in "${all[@]:0:3}"; do start_node "$node"; done
  until_it_holds 90 "a leader of the databases" leader
  until_it_holds 60 "its synchronous standby" standby
  for node in "${all[@]:3}"; do start_node "$node"; done
  for node in "${all[@]:3}"; do until_it_holds 60 "$node" answers "$node"; done
  for ((i = 1; i <= edges; ++i)); do say "edge-$i serves at http://$(address_of "edge-$i"):8080"; done
  say "up: $edges edges, $writers writers, 3 databases ($(leader) leads); logs in $folder; Ctrl-C takes it down"
  while sleep 1; do :; done
}

status() {
  local node
  for node in $(nodes); do
    case $node in
      db-*) curl -s -m 1 "http://$(address_of "$node"):8008/" | grep -o '"state": "[a-z ]*", [^}]*"role": "[a-z_]*"' | head -c 200 |
        sed "s/^/$node  /" || echo "$node  silent"; echo ;;
      *) echo "$node  $(curl -s -m 1 "http://$(address_of "$node"):9180/readyz" || echo silent)" ;;
    esac
  done
}

[ $# -ge 1 ] || usage
verb=$1
shift
[ "$(id -u)" = 0 ] || { say "must be run as root: it makes network namespaces"; exit 77; }
if [ "$verb" = up ]; then bring_up "$@"; exit; fi
if [ ! -e $state ]; then say "there is none (deploy/cluster.sh up)"; exit 1; fi
folder=$(cat $state)
case $verb-$# in
  status-0) status ;;
  leader-0) leader ;;
  standby-0) standby ;;
  down-0) take_down ;;
  stop-1) signal TERM "$1" ;;
  kill-1) signal KILL "$1" ;;
  freeze-1) signal STOP "$1" ;;
  thaw-1) signal CONT "$1" ;;
  start-1) until_it_holds 40 "the end of $1" gone "$1"; start_node "$1" ;;
  twin-1) until_it_holds 40 "the end of $1" gone "$1"; start_goloca "$1" unshare --pid --fork --kill-child=KILL ;;
  cut-2) filter "$1" "$2" -j DROP; filter "$2" "$1" -j DROP ;;
  drop-from-2) filter "$2" "$1" -j DROP ;;
  reset-2) for pair in "$1 $2" "$2 $1"; do
      # shellcheck disable=SC2086
      filter $pair -p tcp -j REJECT --reject-with tcp-reset
    done ;;
  lose-3) for pair in "$1 $2" "$2 $1"; do
      # shellcheck disable=SC2086
      filter $pair -m statistic --mode random --probability "0.$(printf %02d "$3")" -j DROP
    done ;;
  detour-3) detour "$1" "$2" "$3" ;;
  certify-2) certify "$1" "$2" ;;
  layout-0) layout ;;
  heal-2) heal "$1" "$2"; heal "$2" "$1" ;;
  thin-2) thin "$1" "$2" ;;
  *) usage ;;
esac
