#!/usr/bin/env bash
# The databases of cluster.sh, which sources this: three PostgreSQL servers, each with Patroni and etcd.

start_etcd() { # NODE
  local at members='' each
  at=$(address_of "$1")
  for each in 1 2 3; do members+=${members:+,}db-$each=http://$(address_of db-$each):2380; done
  run_in "$1" etcd postgres etcd --name "$1" --data-dir "$folder/$1/etcd" --heartbeat-interval 200 --election-timeout 1000 --enable-v2 \
    --listen-peer-urls "http://$at:2380" --initial-advertise-peer-urls "http://$at:2380" \
    --listen-client-urls "http://$at:2379" --advertise-client-urls "http://$at:2379" \
    --initial-cluster "$members" --initial-cluster-state new --initial-cluster-token goloca
}

# ttl, loop_wait and retry_timeout are as short as Patroni allows: a new leader within some ten seconds. Strict: without a
# standby nothing is committed, so that a failover never loses what was acknowledged. By etcd's old interface: over the new
# one Patroni 3.0.2 writes the leader's key without a look at who holds it, so that a leader that was frozen and replaced is
# leader again once it is thawed, and what its successor committed is rewound away (the drill saw that: leader.frozen).
patroni_settings() { # NODE
  local at each hosts=''
  at=$(address_of "$1")
  for each in 1 2 3; do hosts+=${hosts:+, }$(address_of db-$each):2379; done
  cat <<YAML
scope: goloca
name: $1
restapi: {listen: '$at:8008', connect_address: '$at:8008'}
etcd: {hosts: [$hosts]}
bootstrap:
  dcs:
    ttl: 7
    loop_wait: 1
    retry_timeout: 3
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      use_slots: false # a new leader makes them a turn later; until then nobody can follow it, and nothing is committed
      parameters:
        {wal_log_hints: 'on', max_connections: 50, shared_buffers: 32MB, wal_receiver_timeout: 3s, wal_sender_timeout: 3s,
         wal_retrieve_retry_interval: 100ms, wal_keep_size: 1GB} # a standby that follows the new leader late holds up every commit
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

leader() { # the db node that takes writes
  local each
  for each in 1 2 3; do
    if curl -fs -m 1 -o /dev/null "http://$(address_of db-$each):8008/primary"; then echo "db-$each"; return 0; fi
  done
  return 1
}

whole() { # a leader, and two that follow it, one of them synchronous
  local at counts
  if [ -e "$folder/null" ]; then return 0; fi
  at=$(leader) && counts=$("$postgres_bin/psql" -h "$(address_of "$at")" -U postgres -AtF ' ' -c \
    "SELECT count(*), count(*) FILTER (WHERE sync_state = 'sync') FROM pg_stat_replication WHERE state = 'streaming'") &&
    [ "$counts" = "2 1" ]
}

standby() {
  "$postgres_bin/psql" -h "$(address_of "$(leader)")" -U postgres -Atc \
    "SELECT application_name FROM pg_stat_replication WHERE sync_state = 'sync' LIMIT 1" | grep .
}
