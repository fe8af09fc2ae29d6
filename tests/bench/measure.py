"""One load on one server: its figures, its CPU by who spent it, and whether every acked id is there."""
import os
import time

import loads
import outputs
import processes


class Bench:
    """What a whole run shares: its PostgreSQL, its clients, its folder, and all that was measured."""

    def __init__(self, folder, postgres, tools, binary, seconds, log):
        self.folder, self.postgres, self.tools, self.binary = folder, postgres, tools, binary
        self.seconds, self.log = seconds, log
        self.runs = []  # one dict a measurement
        self.skipped = []  # what could not be measured, and why; a line each
        self.faults = []  # what must fail the bench; a line each
        self.servers_started = 0

    def new_folder(self):
        self.servers_started += 1
        return f'{self.folder}/server-{self.servers_started}'

    def skip(self, what):
        if what not in self.skipped:
            self.skipped.append(what)
            self.log(f'SKIPPED: {what}')

    def attempt(self, server, load, **about):
        """measure, but a failure is a line of the report and a fault of the bench."""
        try:
            run = self.measure(server, load, **about)
        except (OSError, RuntimeError, ValueError) as fault:
            self.faults.append(f'{load.name} on {server.kind.name}: {fault}')
            self.log(f'FAILED: {self.faults[-1]}')
            return None
        self.runs.append(run)
        self.log(one_line(run))
        return run

    def measure(self, server, load, keep_table=False, **about):
        """
        :param keep_table: for a load that is to find rows; else it finds an empty table.
        :param about: what else the record is to say: round, copy (rows/s of \\copy in this turn), part of the report.
        """
        if not keep_table:
            server.empty()
        acked = f'{self.folder}/acked'
        open(acked, 'w').close()
        seconds = min(self.seconds, load.most_seconds)
        processes.reset_peak(server.pid)
        before = self._cpu(server)
        out, err, wall, spent = self._load(load, server, seconds, acked)
        server_cpu, database_cpu, busy = (now - then for now, then in zip(self._cpu(server), before))
        figures = outputs.READERS[load.tool](out)
        if figures['points'] == 0:
            raise RuntimeError(f'nothing was acked: {err.strip()[:500]}')
        lost = server.lost(acked)
        if lost:
            self.faults.append(f'{load.name} on {server.kind.name}: {lost} acked ids are not in the table')
        return dict(load=load.name, server=server.kind.name, of=server.kind.of, tool=load.tool,
                    array=load.array, connections=load.connections, window=load.window, offered=load.rate,
                    wall=wall, **figures, **about, lost=lost, looked_up=count_lines(acked), said=err.strip()[:1000],
                    cpu=dict(client=spent, server=server_cpu, database=database_cpu),
                    foreign=max(0, (busy - spent - server_cpu - database_cpu) / wall),
                    peak_mib=processes.memory_kib(server.pid, 'VmHWM') / 1024, at=time.time())

    def _load(self, load, server, seconds, acked):
        patience = (60 if load.points else seconds) + 45
        code, out, err, wall, spent = processes.client(
            loads.command(load, server.port, seconds, acked, self.tools), patience,
            ACKED=acked, POST_LUA=self.tools.get('post.lua', ''))  # wrk's script has no other way to be told
        if not out.strip():
            raise RuntimeError(f'{load.tool} ended with {code}: {err.strip()[:500]}')
        return out, err, wall, spent

    def _cpu(self, server):
        return processes.cpu_seconds(server.pid), self.postgres.cpu_seconds(), processes.busy_seconds()


def count_lines(path):
    with open(path, 'rb') as file:
        return sum(block.count(b'\n') for block in iter(lambda: file.read(1 << 20), b''))


def one_line(run):
    share = ' '.join(f'{name} {spent / run["points"] * 1e6:.1f}' for name, spent in run['cpu'].items())
    latency = ' '.join(f'{name} {run["latency"][name]:.2f}' for name in ('p50', 'p99'))
    return (f'{run["load"]:28} {run["server"]:14} {run["rate"]:8.0f}/s {latency} ms, us a point: {share}, '
            f'foreign {run["foreign"]:.2f}, failed {run["failed"]}, unanswered {run["unanswered"]}, lost {run["lost"]}')
