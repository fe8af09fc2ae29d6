"""The main part: every load on every server, several rounds, each load's turn beside a \\copy of its own."""
import re
import statistics

import loads
import servers
import sweeps


def matches(wanted, name):
    return not wanted or re.search(wanted, name, re.IGNORECASE) is not None


class Fleet:
    """All servers, each started when it is first wanted and then left up: idle ones cost next to nothing."""

    def __init__(self, bench, kinds):
        self.bench, self.kinds, self.running = bench, kinds, {}

    def serving(self, load):
        """Those kinds that the load is for, by name or as one of the peers."""
        return [kind for kind in self.kinds
                if kind.name in load.servers or (kind.of == 'peer' and 'peer' in load.servers)]

    def get(self, kind):
        if kind.name not in self.running:
            self.running[kind.name] = servers.Running(kind, self.bench.new_folder(), self.bench.postgres)
        return self.running[kind.name]

    def drop(self, kind):
        if kind.name in self.running:
            self.running.pop(kind.name).stop()

    def stop(self):
        for kind in list(self.kinds):
            self.drop(kind)


def rotated(all_of_them, number):
    """Each goes first in one round of as many as there are."""
    shift = number % max(1, len(all_of_them))
    return all_of_them[shift:] + all_of_them[:shift]


def turn(bench, fleet, load, number):
    """One load on each server, after a \\copy, whose rows the disk may still be at: all take turns in going first."""
    copied = bench.postgres.copy_rate()
    for kind in rotated(fleet.serving(load), number):
        try:
            server = fleet.get(kind)
        except RuntimeError as fault:
            (bench.skip if kind.of == 'peer' else bench.fault)(f'{kind.name}: {fault}')
            fleet.kinds.remove(kind)
            continue
        bench.attempt(server, load, part='main', round=number, copy=copied)
        if load.name == sweeps.PACED.name and kind.name == 'goloca':
            sweeps.half_of_top(bench, server, number)
        if kind.keeps == 'sqlite':
            fleet.drop(kind)  # the next load finds an empty table


def references(bench, number):
    copied = bench.postgres.copy_rate()
    bench.runs.append(dict(part='reference', load='\\copy', server='PostgreSQL', round=number, rate=copied))
    bench.log(f'\\copy: {copied:.0f} rows/s')
    for clients in (8, 1):
        rate, latencies = bench.postgres.pgbench(clients, max(1, min(bench.seconds, 3)))
        latency = dict(p50=statistics.median(latencies)) if latencies else {}
        bench.runs.append(dict(part='reference', load=f'pgbench c={clients}', server='PostgreSQL', round=number,
                               rate=rate, latency=latency))
        bench.log(f'pgbench c={clients}: {rate:.0f} transactions/s {latency}')


def run(bench, fleet, number, only):
    if matches(only, 'pgbench'):
        references(bench, number)
    for load in loads.main_loads():
        if matches(only, load.name) and load.tool in bench.tools:
            turn(bench, fleet, load, number)
