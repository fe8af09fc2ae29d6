"""One load on one server: its figures, its CPU by who spent it, and whether every acked id is there."""
import time

import loads
import outputs
import processes
import servers


class Bench:
    """What a whole run shares: its PostgreSQL, its clients, its folder, and all that was measured."""

    def __init__(self, folder, postgres, binary, options, log):
        self.folder, self.postgres, self.binary, self.log = folder, postgres, binary, log
        self.seconds, self.quick, self.table_rows = options.seconds, options.quick, options.table_rows
        self.tools = {}  # name → path of each load client
        self.runs = []  # one dict a measurement
        self.skipped = []  # what could not be measured, and why; a line each
        self.faults = []  # what must fail the bench; a line each
        self.servers_started = 0

    def new_folder(self):
        self.servers_started += 1
        return f'{self.folder}/server-{self.servers_started}'

    def goloca(self, postgres=None, **settings):
        """One of its own for a with block, on PostgreSQL."""
        return servers.running(servers.goloca(self.binary, **settings), self.new_folder(), postgres or self.postgres)

    def skip(self, what):
        if what not in self.skipped:
            self.skipped.append(what)
            self.log(f'SKIPPED: {what}')

    def fault(self, what):
        what = ' '.join(what.split())  # a client's usage has many lines
        self.faults.append(what)
        self.log(f'FAULT: {what}')

    def attempt(self, server, load, **about):
        """measure, but a failure is a line of the report and a fault of the bench. Nothing without its client."""
        if load.tool not in self.tools:
            return None
        try:
            run = self.measure(server, load, **about)
        except (OSError, RuntimeError, ValueError) as fault:
            self.fault(f'{load.name} on {server.kind.name}: {fault}')
            return None
        self.runs.append(run)
        self.log(one_line(run))
        return run

    def measure(self, server, load, keep_table=False, **about):
        """
        :param keep_table: for a load that is to find rows; else it finds an empty table.
        :param about: what else the record is to say: part (of the report), round, x, copy (its rate in this turn).
        """
        if not keep_table:
            server.empty()
        acked = f'{self.folder}/acked'
        open(acked, 'w').close()
        seconds = 60 if load.points else min(max(self.seconds, load.least_seconds), load.most_seconds)
        processes.reset_peak(server.pid)
        before = self._cpu(server)
        out, err, wall, spent = self._load(load, server, seconds, acked)
        server_cpu, database_cpu, busy = (now - then for now, then in zip(self._cpu(server), before))
        figures = outputs.READERS[load.tool](out)
        if figures['points'] == 0:
            raise RuntimeError(f'nothing was acked: {err.strip()[:500]}')
        if load.file:
            write_ids(load.file, acked)  # all of them are stored when it says so
        lost, looked_up = server.lost(acked), count_lines(acked)
        if looked_up < figures['points']:
            raise RuntimeError(f'{figures["points"]} points were acked, only {looked_up} ids were kept to look up')
        if load.tool == 'lean' and server.kind.of == 'goloca' and figures['unanswered']:
            self.fault(f'{load.name} on {server.kind.name}: {figures["unanswered"]} points were not answered')
        if lost:
            self.fault(f'{load.name} on {server.kind.name}: {lost} acked ids are not in the table')
        return dict(load=load.name, via=load.via, server=server.kind.name, of=server.kind.of, tool=load.tool,
                    array=load.array, connections=load.connections, window=load.window,
                    offered=load.rate, wall=wall, lost=lost, looked_up=looked_up,
                    said=err.strip()[:1000], **figures, **about,
                    cpu=dict(client=spent, server=server_cpu, database=database_cpu),
                    foreign=max(0, (busy - spent - server_cpu - database_cpu) / wall),
                    peak_mib=processes.memory_kib(server.pid, 'VmHWM') / 1024, at=time.time())

    def _load(self, load, server, seconds, acked):
        code, out, err, wall, spent = processes.client(
            loads.command(load, server.port, seconds, acked, self.tools), seconds + 45,
            ACKED=acked, POST_LUA=self.tools.get('post.lua', ''))  # wrk's script has no other way to be told
        if not out.strip():
            raise RuntimeError(f'{load.tool} ended with {code}: {err.strip()[:500]}')
        return out, err, wall, spent

    def _cpu(self, server):
        database = (server.postgres or self.postgres).cpu_seconds()
        return processes.cpu_seconds(server.pid), database, processes.busy_seconds()


def write_ids(rides, into):
    """The first column of a CSV of rides."""
    with open(rides) as file, open(into, 'w') as ids:
        next(file)
        ids.writelines(line.split(',', 1)[0] + '\n' for line in file)


def count_lines(path):
    with open(path, 'rb') as file:
        return sum(block.count(b'\n') for block in iter(lambda: file.read(1 << 20), b''))


def one_line(run):
    share = ' '.join(f'{name} {spent / run["points"] * 1e6:.1f}' for name, spent in run['cpu'].items())
    latency = ' '.join(f'{name} {run["latency"].get(name, 0):.2f}' for name in ('p50', 'p99'))
    return (f'{run["load"]:28} {run["server"]:14} {run["rate"]:8.0f}/s {latency} ms, us a point: {share}, '
            f'foreign {run["foreign"]:.2f}, failed {run["failed"]}, unanswered {run["unanswered"]}, lost {run["lost"]}')
