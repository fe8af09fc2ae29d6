#!/usr/bin/env bash
# A whole cluster on one machine, as root: edges and writers in network namespaces of their own, in front of three
# PostgreSQL servers that Patroni and etcd manage (synchronous, strict). For trying out, and for drills; not for data that
# is to be kept.
#
#   deploy/cluster.sh up [--edges N] [--writers N] [--in FOLDER]   brings it up, serves until Ctrl-C, takes all of it down
#     [--null] [--cap PERCENT] [--older PROGRAM]                   without databases, for speed; each node with so much of a core;
#                                                                  the goloca of the release before
#   deploy/cluster.sh status                                       who is there, and whom Patroni has made leader
#   deploy/cluster.sh stop|kill|freeze|thaw|start NODE             SIGTERM, SIGKILL, SIGSTOP, SIGCONT, started again
#   deploy/cluster.sh cut|drop-from|reset|heal NODE NODE           no packet either way; none from the first; each is answered
#                                                                  by a reset; all again
#   deploy/cluster.sh lose NODE NODE PERCENT, thin NODE KBIT       packets lost; a thin line (KBIT 0: as before)
#   deploy/cluster.sh detour NODE NODE PORT                        the first dials the second by way of this host's PORT
#   deploy/cluster.sh older NODE                                   started again as the release before
#   deploy/cluster.sh twin NODE                                    started again as process 1 of a PID namespace of its own
#   deploy/cluster.sh certify NODE good|expired|foreign|swapped    what it shows from now on; swapped: not of its key
#   deploy/cluster.sh scale [--at PERCENT] [--for SECONDS] [--most N]
#                                                                  adds an edge whenever they have been so busy for so long
#   deploy/cluster.sh leader, standby, whole                       the database that takes writes; its synchronous standby;
#                                                                  whether both standbys follow
#   deploy/cluster.sh layout                                       folder, database and nodes, for `goloca drill --cluster`
#   deploy/cluster.sh down                                         ends the `up`, or takes away what it left behind
#
# Nodes are edge-1.., writer-1.., db-1 to db-3. Clients reach edge N at 10.77.0.(10+N):8080, operators at :9180. A db node's
# parts: db-1 is all of it; db-1:etcd, and db-1:database (the server and its Patroni), are those alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
goloca=${GOLOCA:-$here/../build/release/goloca}
state=/run/goloca-cluster bridge=goloca net=10.77.0
postgres_bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)" 2>/dev/null || true)

. "$here/cluster_databases.sh"
. "$here/cluster_scale.sh"

say() { echo "cluster: $*" >&2; }
usage() { sed -n '6,23s/^# *//p' "$0" >&2; exit 64; }

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
  # In a folder that stays: whose program calls us may take its own away.
  env -C "$folder/$node" ip netns exec "$node" setsid setpriv --reuid "$user" --regid "$user" --init-groups "$@" \
    >>"$log" 2>&1 </dev/null &
  echo $! >"$folder/$node/$part.pid"
}

# In periods as short as may be (of a quota the kernel takes 1 ms at least): a node must not stand still for long.
cap_node() { # NODE
  local group=/sys/fs/cgroup/cpu/goloca-$1 cap period
  cap=$(cat "$folder/cap")
  period=$((100000 / cap > 10000 ? 100000 / cap : 10000))
  mkdir -p "$group"
  echo $period >"$group/cpu.cfs_period_us"
  echo $((period * cap / 100)) >"$group/cpu.cfs_quota_us"
  cat "$folder/$1/goloca.pid" >"$group/cgroup.procs"
}

start_goloca() { # NODE [COMMAND...]: by that command
  local node=$1 by=("${@:2}") settings=(CLUSTER=drill "NODE_NAME=$1" ADMIN_ADDRESS=0.0.0.0:9180 REQUEST_TIMEOUT=3s FAULT_INJECTION=on
    "LINK_CERTIFICATE=$folder/links/$1.crt" "LINK_KEY=$folder/links/$1.key" "LINK_AUTHORITY=$folder/links/ca.crt")
  case $node in
    writer-*) settings+=(ROLE=writer)
      if [ -e "$folder/null" ]; then settings+=(STORE=null ALLOW_WEAK_DURABILITY=true)
      else settings+=(STORE=postgres "DATABASE_URL=$(database_url)" DB_CONNECT_TIMEOUT=1s); fi ;;
    edge-*) settings+=(ROLE=edge "WRITERS=$(cat "$folder/writers")") ;;
  esac
  run_in "$node" goloca root "${by[@]}" env "${settings[@]}" "$goloca" serve
  if [ -e "$folder/cap" ]; then cap_node "$node"; fi
}

start_node() { # NODE, or db-N:etcd
  mkdir -p "$folder/${1%:*}"
  case $1 in
    db-*:etcd) start_etcd "${1%:*}" ;;
    db-*:database) start_database "${1%:*}" ;;
    db-*) chown postgres "$folder/$1"; start_etcd "$1"; start_database "$1" ;;
    *) start_goloca "$1" ;;
  esac
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

pids_of() { # NODE[:PART]: every process of it
  local node=${1%%:*}
  case $1 in
    *:etcd) cat "$folder/$node/etcd.pid" ;;
    *:database) ip netns pids "$node" | grep -vxF "$(cat "$folder/$node/etcd.pid")" || true ;;
    *) ip netns pids "$node" ;;
  esac
}

gone() { # NODE[:PART]
  local pid
  for pid in $(pids_of "$1"); do
    case $(ps -o stat= -p "$pid" || true) in '' | Z*) ;; *) return 1 ;; esac
  done
}

signal() { # SIGNAL NODE[:PART]
  pids_of "$2" | xargs -r kill "-$1" 2>/dev/null || true
}

stop() { # NODE[:PART]: in order: Patroni ends its server itself
  local part parts=("$folder/${1%:*}"/*.pid)
  case $1 in
    edge-* | writer-*) signal TERM "$1"; return 0 ;; # what runs it as a twin passes no signal on
    *:database) parts=("$folder/${1%:*}/patroni.pid") ;;
    *:*) parts=("$folder/${1%:*}/${1#*:}.pid") ;;
  esac
  for part in "${parts[@]}"; do kill -TERM "$(cat "$part")" 2>/dev/null || true; done
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
  if [ -e "$folder/older" ]; then echo "older $(cat "$folder/older")"; fi
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
  for node in /sys/fs/cgroup/cpu/goloca-*; do rmdir "$node" 2>/dev/null || true; done
  for node in $(ip netns list | awk '{ print $1 }' | grep -E '^(edge|writer|db)-[0-9]+$' || true); do
    ip netns pids "$node" | xargs -r kill -KILL 2>/dev/null || true
    ip link del "v-$node" 2>/dev/null || true # at once: a namespace goes in its own time
    ip netns del "$node"
  done
  ip link del $bridge 2>/dev/null || true
  rm -f $state
}

bring_up() {
  local edges=3 writers=3 keep='' null='' cap='' older='' i node
  folder=''
  while [ $# -gt 0 ]; do
    case $1 in
      --edges) edges=$2 ;;
      --writers) writers=$2 ;;
      --in) folder=$2 keep=yes ;;
      --cap) cap=$2 ;;
      --older) older=$(realpath "$2") ;;
      --null) null=yes; shift; continue ;;
      *) usage ;;
    esac
    shift 2
  done
  if [ "$cap" ] && [ ! -e /sys/fs/cgroup/cpu/cpu.cfs_quota_us ] && [ ! -e /sys/fs/cgroup/cpu/cpu.shares ]; then
    say "--cap wants the cpu controller of cgroup v1 at /sys/fs/cgroup/cpu"
    exit 77
  fi
  if [ -e $state ]; then say "there is one already (deploy/cluster.sh down)"; exit 1; fi
  "$here/setup.sh" --cluster
  [ -x "$goloca" ] || "$here/build.sh" release goloca
  postgres_bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)")
  if [ -n "$folder" ]; then mkdir -p "$folder"; folder=$(cd "$folder" && pwd); else folder=$(mktemp -d); fi
  chmod 755 "$folder"
  rm -f "$folder"/{null,cap,older}
  if [ "$null" ]; then touch "$folder/null"; fi
  if [ "$cap" ]; then echo "$cap" >"$folder/cap"; fi
  if [ "$older" ]; then echo "$older" >"$folder/older"; fi
  echo "$goloca" >"$folder/program" # what is started later is no other
  echo $$ >"$folder/up"
  echo "$folder" >$state
  # shellcheck disable=SC2064 # as they are now
  trap "trap - EXIT; take_down; [ '$keep' ] || rm -rf '$folder'" EXIT
  trap 'exit 0' INT TERM

  local databases=(db-1 db-2 db-3) all=()
  if [ "$null" ]; then databases=(); fi
  for ((i = 1; i <= writers; ++i)); do all+=("writer-$i"); done
  for ((i = 1; i <= edges; ++i)); do all+=("edge-$i"); done
  "$here/link_certificates.sh" "$folder/links" "${all[@]}"
  for ((i = 1; i <= writers; ++i)); do echo "$(address_of "writer-$i"):7420"; done | paste -sd , >"$folder/writers"
  ip link add $bridge type bridge
  ip addr add $net.1/24 dev $bridge
  ip link set $bridge up
  for node in "${databases[@]}" "${all[@]}"; do make_host "$node"; done
  for node in "${databases[@]}"; do start_node "$node"; done
  if [ ! "$null" ]; then
    until_it_holds 90 "a leader of the databases" leader
    until_it_holds 60 "its synchronous standby" standby
  fi
  for node in "${all[@]}"; do start_node "$node"; done
  for node in "${all[@]}"; do until_it_holds 60 "$node" answers "$node"; done
  for ((i = 1; i <= edges; ++i)); do say "edge-$i serves at http://$(address_of "edge-$i"):8080"; done
  say "up: $edges edges, $writers writers, $([ "$null" ] && echo "no database" || echo "3 databases ($(leader) leads)"); logs in $folder; Ctrl-C takes it down"
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
if [ "$verb" = down ] && [ ! -e $state ]; then # perhaps somebody killed an `up`
  folder=/nonexistent
  take_down
  exit
fi
if [ ! -e $state ]; then say "there is none (deploy/cluster.sh up)"; exit 1; fi
folder=$(cat $state) goloca=$(cat "$(cat $state)/program")
case $verb-$# in
  status-0) status ;;
  leader-0) leader ;;
  standby-0) standby ;;
  whole-0) whole ;;
  down-0) kill "$(cat "$folder/up")" 2>/dev/null && until_it_holds 30 "its end" [ ! -e $state ] || take_down ;;
  stop-1) stop "$1" ;;
  kill-1) signal KILL "$1" ;;
  freeze-1) signal STOP "$1" ;;
  thaw-1) signal CONT "$1" ;;
  start-1) until_it_holds 40 "the end of $1" gone "$1"; start_node "$1" ;;
  older-1) goloca=$(cat "$folder/older" 2>/dev/null || true)
    [ -x "$goloca" ] || { say "no older goloca was given to up"; exit 2; }
    until_it_holds 40 "the end of $1" gone "$1"; start_goloca "$1" ;;
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
  scale-*) scale "$@" ;;
  layout-0) layout ;;
  heal-2) heal "$1" "$2"; heal "$2" "$1" ;;
  thin-2) thin "$1" "$2" ;;
  *) usage ;;
esac
