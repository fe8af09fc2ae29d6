"""goloca alone over one changing quantity: the most points in a batch, and the load that is offered."""
import dataclasses

import idle
import loads
import processes

BATCH_SIZES = (1, 10, 50, 100, 250, 500, 1000, 2000)
OFFERED_PERCENT = (10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110)
PACED = loads.websocket(64, 16, 'lean')
HALF_OF_TOP = f'{PACED.name}, half the top rate'


def batches(bench, number):
    """With four batches in flight over 64 connections: two at the writers, two that wait."""
    for size in (10, 1000) if bench.quick else BATCH_SIZES:
        load = loads.Load('WS lean', 'lean', 64, max(1, 4 * size // 64))
        with bench.goloca(MAX_BATCH=str(size)) as server:
            bench.attempt(server, load, part='batch', round=number, x=size)


def offered(bench, number):
    """From a tenth of what it takes at most on, by the clock: latency counts from when a point was due."""
    with bench.goloca() as server:
        top = bench.attempt(server, PACED, part='top', round=number)
        if not top:
            return
        for percent in (50, 100) if bench.quick else OFFERED_PERCENT:
            load = dataclasses.replace(PACED, rate=top['rate'] * percent / 100)
            bench.attempt(server, load, part='offered', round=number, x=percent)


def half_of_top(bench, server, number):
    """At half of what it took at most in this round."""
    tops = [run['rate'] for run in bench.runs if run['load'] == PACED.name and run['round'] == number
            and run['server'] == server.kind.name and run['part'] == 'main']
    if tops:
        load = dataclasses.replace(PACED, name=HALF_OF_TOP, rate=tops[-1] / 2)
        bench.attempt(server, load, part='main', round=number)


def seed_table(bench, number):
    """The seed's own figures, asked for as it did: so many requests over so many connections."""
    requests = 100 if bench.quick else 1000
    with bench.goloca() as server:
        for connections, points in ((50, requests), (1, requests), (1, 1)):
            load = loads.Load(f'{points} requests, {connections} at a time' if points > 1 else 'one request', 'lean',
                              connections, via='http', points=points)
            bench.attempt(server, load, part='seed', round=number)


def idle_memory(bench, number):
    hold_idle(bench, number, 'idle', 100 if bench.quick else 1000)


def hold_idle(bench, number, part, count, **settings):
    with bench.goloca(**settings) as server:
        before = processes.memory_kib(server.pid, 'VmRSS')
        with idle.websockets(server.port, count) as opened:
            after = processes.memory_kib(server.pid, 'VmRSS')
        each = (after - before) / opened
        bench.runs.append(dict(part=part, load='idle WebSockets', server='goloca', round=number, x=opened,
                               resident_mib=after / 1024, kib_each=each))
        bench.log(f'{opened} idle WebSockets: {each:.1f} KiB each, {after / 1024:.1f} MiB in all')
