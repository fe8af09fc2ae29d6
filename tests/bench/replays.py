"""What replays cost: COPY is tried first while they are rare, and a refused COPY leaves dead rows."""
import dataclasses
import time

import loads
import postgres

SHARES = (0, 1e-4, 1e-3, 1e-2, 1e-1)  # of the messages; of points as well, but in arrays they come together
SETTLING = 1.5  # seconds until a server process has told its statistics


def run(bench, number):
    database = postgres.Postgres(f'{bench.folder}/replays-{number}', ('autovacuum = off',))
    try:
        for share in SHARES:
            for load in (loads.arrays(200), loads.websocket(8, 64, 'lean')):
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
