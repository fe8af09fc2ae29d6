"""The main part: every load on every server, several rounds, each load's turn beside a \\copy of its own."""
import re

import loads
import servers


def matches(wanted, name):
    return not wanted or re.search(wanted, name, re.IGNORECASE) is not None


class Fleet:
    """All servers, each started when it is first wanted and then left up: idle ones cost next to nothing."""

    def __init__(self, bench, kinds):
        self.bench, self.kinds, self.running = bench, kinds, {}

    def serving(self, load):
        """Those kinds that the load is for."""
        return [kind for kind in self.kinds if kind.name in load.servers or kind.of in load.servers
                and (kind.of != 'goloca' or kind.name == 'goloca')]

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


def turn(bench, fleet, load, number):
    """One load: goloca right after the \\copy, then the others, who take turns in going first."""
    copied = bench.postgres.copy_rate()
    kinds = fleet.serving(load)
    mine = [kind for kind in kinds if kind.of == 'goloca']
    others = [kind for kind in kinds if kind.of != 'goloca']
    shift = number % len(others) if others else 0
    for kind in mine + others[shift:] + others[:shift]:
        try:
            server = fleet.get(kind)
        except RuntimeError as fault:
            bench.skip(f'{kind.name}: {fault}') if kind.of != 'goloca' else bench.faults.append(str(fault))
            fleet.kinds.remove(kind)
            continue
        bench.attempt(server, load, part='main', round=number, copy=copied)
        if kind.keeps == 'sqlite':
            fleet.drop(kind)  # the next load finds an empty table


def references(bench, number):
    copied = bench.postgres.copy_rate()
    for clients in (8, 1):
        rate, latencies = bench.postgres.pgbench(clients, max(1, min(bench.seconds, 3)))
        latencies.sort()
        middle = latencies[len(latencies) // 2] if latencies else clients / rate * 1000
        bench.runs.append(dict(part='reference', load=f'pgbench c={clients}', server='PostgreSQL', round=number,
                               copy=copied, rate=rate, latency=dict(p50=middle)))
        bench.log(f'pgbench c={clients}: {rate:.0f} transactions/s, p50 {middle:.2f} ms; \\copy {copied:.0f} rows/s')


def run(bench, fleet, rounds, only):
    wanted = [load for load in loads.main_loads() if matches(only, load.name) and load.tool in bench.tools]
    for number in range(rounds):
        bench.log(f'round {number + 1} of {rounds}')
        if matches(only, 'pgbench'):
            references(bench, number)
        for load in wanted:
            turn(bench, fleet, load, number)
