"""What replays cost: COPY is tried first while they are rare, and a refused COPY leaves dead rows."""
import dataclasses
import time

import loads
import postgres

# Of the messages, and how many seconds of arrays it takes for such rare ones to come at all. The shares of points
# are the same, but those of an array come together.
SHARES = {0: 0, 1e-4: 40, 1e-3: 10, 1e-2: 0, 1e-1: 0}
ARRAYS = dataclasses.replace(loads.arrays(200), connections=2)  # each counts its replays by itself
SETTLING = 1.5  # seconds until a server process has told its statistics


def run(bench, number):
    database = postgres.Postgres(f'{bench.folder}/replays-{number}', ('autovacuum = off',))
    try:
        for share, seconds in SHARES.items():
            arrays = dataclasses.replace(ARRAYS, least_seconds=0 if bench.quick else seconds)
            for load in (arrays, loads.websocket(8, 64, 'lean')):
                with bench.goloca(database) as server:  # anew each time: it remembers which path pays
                    measure_dead(bench, database, server, dataclasses.replace(load, replays=share), number)
    finally:
        database.stop()


def measure_dead(bench, database, server, load, number):
    server.empty()
    database.sql("select pg_stat_reset_single_table_counters('datapoint'::regclass)")
    made = bench.attempt(server, load, keep_table=True, part='replays', round=number, x=load.replays)
    if made:
        time.sleep(SETTLING)
        made['dead'] = int(database.sql("select n_dead_tup from pg_stat_user_tables where relname = 'datapoint'"))
        made['dead_share'] = made['dead'] / made['points']
        made['replayed'] = made['duplicates'] / (made['points'] + made['duplicates'])
