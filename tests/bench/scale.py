"""How cost grows: connections, writers, the table, the disk. Each loads goloca alone."""
import os
import random
import subprocess

import idle
import loads
import postgres
import sweeps

IDLE = (1, 10, 100, 1000, 5000, 10_000)
ACTIVE = (1, 8, 64, 256, 1000, 4000, 10_000)
IN_FLIGHT = 1024  # points, over all active connections while these are fewer
WRITERS = (1, 2, 3, 4, 6, 8)
SYNC_MILLISECONDS = (0, 1, 2, 5, 10, 20, 50)
FILL_SHARES = (0, 0.05, 0.25, 0.5, 1)
RANDOM_ROWS = 100_000
SPREAD = 2**62  # the ids of a large table lie evenly below it
ROOM = {'MAX_CONNECTIONS': '12000'}


def idle_connections(bench, number):
    most = idle.allow_descriptors() - 200
    for count in IDLE:
        if count > most:
            bench.skip(f'{count} connections: this process may have {most}')
        else:
            sweeps.hold_idle(bench, number, 'idle connections', count, **ROOM)


def active_connections(bench, number):
    most = idle.allow_descriptors() - 200
    for count in (count for count in ACTIVE if count <= most):
        window = max(1, IN_FLIGHT // count)
        load = loads.Load('WS lean', 'lean', count, window, least_seconds=count / 1000)
        with bench.goloca(**ROOM) as server:
            bench.attempt(server, load, part='active connections', round=number, x=count)


def writers(bench, number):
    shapes = (loads.websocket(64, 16, 'lean'), loads.arrays(200),
              loads.Load('HTTP c=64 lean', 'lean', 64, via='http'))
    for count in WRITERS:
        with bench.goloca(NUM_POOL_WORKERS=str(count)) as server:
            for load in shapes:
                bench.attempt(server, load, part='writers', round=number, x=count)


def build_slow_sync(folder):
    made = f'{folder}/slow_sync.so'
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'slow_sync.c')
    subprocess.run(['gcc', '-shared', '-fPIC', '-O1', '-o', made, source, '-ldl'], check=True, timeout=60)
    os.chmod(made, 0o755)
    return made


def slow_disk(bench, number):
    shim = build_slow_sync(bench.folder)
    shapes = (loads.websocket(8, 64, 'lean'), loads.arrays(200), loads.websocket(1, 1, 'lean'))
    for delay in SYNC_MILLISECONDS:
        database = postgres.Postgres(f'{bench.folder}/slow-{number}-{delay}', LD_PRELOAD=shim, SLOW_SYNC_MS=str(delay))
        try:
            with bench.goloca(database) as server:
                for load in shapes:
                    bench.attempt(server, load, part='slow disk', round=number, x=delay)
        finally:
            database.stop()


def large_table(bench, number):
    """In a server with little memory: ids in order land beside each other, random ones all over the index."""
    database = postgres.Postgres(f'{bench.folder}/large-{number}', ('shared_buffers = 16MB', 'max_wal_size = 4GB'))
    rides = f'{bench.folder}/rides.csv'
    in_order = loads.websocket(8, 64, 'lean')
    at_random = loads.Load('random ids, goloca send', 'send', 1, 1024, file=rides)
    try:
        with bench.goloca(database) as server:
            filled = 0
            for step, share in enumerate(FILL_SHARES):
                wanted = int(bench.table_rows * share)
                if wanted > filled:
                    bench.log(f'filling the table up to {wanted} rows')
                    fill(database, wanted - filled, step)
                    filled = wanted
                database.sql('checkpoint')
                write_random_rides(rides)
                for load in (in_order, at_random):
                    bench.attempt(server, load, keep_table=True, part='large table', round=number, x=filled)
    finally:
        database.stop()


def fill(database, count, step):
    """That many rows, their ids evenly over the whole range, between those of the steps before."""
    database.sql(f"""insert into datapoint({postgres.COLUMNS})
        select i * {SPREAD // count} - {step}, 'u' || i, '12', 1, 2, '83', '448', '15', '1', 1356998400000,
          1357002000000, true, false, 1356991200000, 12.92415, 77.67229, 12.92732, 77.63575, false
        from generate_series(1, {count}::bigint) i on conflict do nothing;
        vacuum analyze datapoint""", patience=3000)


def write_random_rides(path):
    with open(path, 'w') as file:
        file.write(postgres.COLUMNS.replace(' ', '').replace('car_cancellation', 'Car_Cancellation') + '\n')
        for key in random.sample(range(1, SPREAD), RANDOM_ROWS):
            file.write(f'{key},u{key},12,1,2,83,448,15,1,1356998400000,1357002000000,1,0,1356991200000,12.92415,'
                       '77.67229,12.92732,77.63575,0\n')
