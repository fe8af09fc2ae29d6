"""goloca for an hour under a steady load, with something going wrong every few seconds: are all acknowledged points there,
and does it hold no more at the end than it did at the beginning? Writes soak.md, soak.svg and soak.json; exits 1 when not."""
import argparse
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'bench'))
import postgres  # noqa: E402 (the folder comes first)
import processes  # noqa: E402

SEGMENT_SECONDS = 60  # of one sending: then its ledger is held against the table
WAYS = ('http', 'websocket')
# What goes wrong, and how it is switched: named faults by their plan, 'restart' and 'terminate' at the database.
FAULTS = (
    ('store.before_commit', {'count': 3}), ('store.after_commit', {'count': 3}), ('store.slow', {'count': 20}),
    ('store.hang', {'count': 1}), ('store.serialization_failure', {'count': 5}), ('writer.crash', {'count': 1}),
    ('pool.crash', {'count': 1}), ('connection.crash', {'count': 1}), ('supervisor.crash', {'count': 1}),
    ('net.reset', {'count': 2}), ('net.stall_write', {'count': 2}), ('net.short_read', {'count': 500}),
    ('memory.alloc', {'count': 1}), ('disk.full', {'count': 2}), ('store.connect', {'count': 2}),
    ('restart', None), ('terminate', None))
SETTINGS = {'STORE': 'postgres', 'LISTEN_ADDRESS': '127.0.0.1', 'FAULT_INJECTION': 'on', 'REQUEST_TIMEOUT': '3s',
            'DB_STATEMENT_TIMEOUT': '1s', 'SHUTDOWN_TIMEOUT': '8s'}


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--minutes', type=float, default=60)
    parser.add_argument('--rate', type=float, default=4000, help='points/s in all')
    parser.add_argument('--every', type=float, default=20, help='seconds between faults')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--into', default='build/soak')
    return parser.parse_args(arguments)


class Service:
    """The goloca under test, and what can be asked of it and of /proc."""

    def __init__(self, binary, folder, database):
        self.port, self.admin = processes.free_port(), processes.free_port()
        self.settings = dict(SETTINGS, DATABASE_URL=database.url(), PORT=str(self.port),
                             ADMIN_ADDRESS=f'127.0.0.1:{self.admin}')
        self.log = f'{folder}/goloca.log'
        self.process = processes.start([binary, 'serve'], self.log, env=dict(os.environ, **self.settings), cwd=folder)
        processes.wait_for(self.ready, 30, 'goloca is ready')

    def ask(self, path, method='GET', body=None):
        request = urllib.request.Request(f'http://127.0.0.1:{self.admin}{path}', method=method, data=body)
        with urllib.request.urlopen(request, timeout=5) as reply:
            return json.load(reply)

    def ready(self):
        try:
            return self.ask('/readyz')['status'] == 'ready'
        except OSError:
            return False

    def queued(self):
        try:
            return self.ask('/readyz')['queued']
        except OSError:  # 503: it says the same, in a body that urllib keeps to itself
            return None

    def holds(self):
        """Memory in MiB, descriptors and threads."""
        pid = self.process.pid
        with open(f'/proc/{pid}/status') as file:
            said = dict(line.split(':', 1) for line in file if ':' in line)
        return {'rss': int(said['VmRSS'].split()[0]) / 1024, 'threads': int(said['Threads']),
                'descriptors': len(os.listdir(f'/proc/{pid}/fd'))}


class Sender(threading.Thread):
    """Sends at its rate over one way, a segment after the other, each held against the table by its ledger."""

    def __init__(self, binary, service, way, rate, first_id, end, folder):
        super().__init__(daemon=True)
        self.binary, self.service, self.way, self.rate, self.end, self.folder = binary, service, way, rate, end, folder
        self.ids = itertools.count(first_id)
        self.sent = self.lost = self.failed = self.segments = 0
        self.faults = []

    def run(self):
        try:
            while time.monotonic() < self.end:
                self.segment(min(SEGMENT_SECONDS, self.end - time.monotonic()))
        except Exception as failed:  # it must be seen in the report, not only on a thread's standard error
            self.faults.append(f'{self.way}: {failed!r}')

    def segment(self, seconds):
        ledger = f'{self.folder}/{self.way}.ledger'
        command = [self.binary, 'send', '-', '--to', f'http://127.0.0.1:{self.service.port}', '--via', self.way,
                   '--window', '512', '--batch', '1' if self.segments % 2 else '50', '--ledger', ledger, '--no-progress',
                   '--give-up-after', '60s']
        log = open(f'{self.folder}/{self.way}.log', 'wb')
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=self.folder)
        processes.started.append(process)
        self.feed(process.stdin, time.monotonic() + seconds)
        code = process.wait(90)
        processes.started.remove(process)
        if code != 0:
            self.failed += 1
            with open(log.name) as file:
                self.faults.append(f'{self.way}: send ended with {code}: {file.read()[-400:]}')
        log.close()
        self.verify(ledger)
        self.segments += 1

    def feed(self, to, until):
        began, sent = time.monotonic(), 0
        while (now := time.monotonic()) < until:
            due = int((now - began) * self.rate) - sent
            to.write(''.join(f'{{"id":"{next(self.ids)}","user_id":"{sent}","vehicle_model_id":"28","from_lat":12.92415,'
                             '"from_date":1356998400000,"online_booking":true}\n' for _ in range(due)).encode())
            to.flush()
            sent += due
            time.sleep(0.02)
        to.close()
        self.sent += sent

    def verify(self, ledger):
        done = subprocess.run([self.binary, 'verify', '--ledger', ledger, '--json'], capture_output=True, text=True,
                              timeout=120, env=dict(os.environ, **self.service.settings), cwd=self.folder)
        if done.returncode != 0:
            self.lost += 1
            self.faults.append(f'{self.way}: verify ended with {done.returncode}: {done.stdout[-600:]}{done.stderr[-300:]}')
        os.unlink(ledger)


class Trouble(threading.Thread):
    """Something goes wrong every few seconds."""

    def __init__(self, service, database, every, seed, began, end):
        super().__init__(daemon=True)
        self.service, self.database, self.every, self.began, self.end = service, database, every, began, end
        self.chance = random.Random(seed)
        self.done, self.faults = [], []
        self.may_end = threading.Event()

    def run(self):
        self.make_trouble()
        self.may_end.wait()  # a database dies with the thread that started it

    def make_trouble(self):
        while time.monotonic() + self.every < self.end:
            time.sleep(self.every)
            name, plan = self.chance.choice(FAULTS)
            self.done.append((time.monotonic() - self.began, name))
            try:
                self.make(name, plan)
            except Exception as failed:
                self.faults.append(f'{name}: {failed!r}')

    def make(self, name, plan):
        if name == 'terminate':
            self.database.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'goloca'",
                              'postgres')
        elif name == 'restart':
            self.database.restart()
        else:
            self.service.ask(f'/faults/{name}', 'PUT', json.dumps(plan).encode())


def watch(service, began, end):
    """A sample a second until the end."""
    samples = []
    while time.monotonic() < end and service.process.poll() is None:
        samples.append({'at': time.monotonic() - began, 'queued': service.queued(), **service.holds()})
        time.sleep(1)
    return samples


def growth(samples):
    """Of each figure: its median in the second quarter and in the last, and what is wrong with that."""
    quarter = len(samples) // 4
    rows, wrong = [], []
    for name, factor, slack in (('rss', 1.10, 8), ('descriptors', 1, 4), ('threads', 1, 1), ('queued', 1, 100)):
        def middle(some):
            return statistics.median([each[name] for each in some if each[name] is not None])
        early, late = middle(samples[quarter:2 * quarter]), middle(samples[-quarter:])
        rows.append((name, early, late, max(each[name] or 0 for each in samples)))
        if late > early * factor + slack:
            wrong.append(f'{name} grew from {early:.1f} to {late:.1f}')
    return rows, wrong


def draw(samples, trouble, path):
    import matplotlib
    matplotlib.use('svg')
    import matplotlib.pyplot as pyplot
    figure, axes = pyplot.subplots(4, 1, sharex=True, figsize=(9, 7))
    for axis, (name, label) in zip(axes, (('rss', 'memory, MiB'), ('descriptors', 'descriptors'),
                                          ('threads', 'threads'), ('queued', 'queue, points'))):
        for at, _ in trouble:
            axis.axvline(at / 60, color='#d98e32', alpha=0.3, linewidth=0.6)
        axis.plot([each['at'] / 60 for each in samples], [each[name] for each in samples], color='#2f6fb0', linewidth=0.8)
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
    axes[-1].set_xlabel('minutes (a line: something went wrong)')
    figure.savefig(path, metadata={'Date': None})


def report(options, senders, trouble, samples, wrong, rows):
    counts = {}
    for _, name in trouble.done:
        counts[name] = counts.get(name, 0) + 1
    lines = [f'# Soak: {options.minutes:g} minutes at {options.rate:g} points/s, a fault every {options.every:g} s, '
             f'seed {options.seed}', '',
             f'{sum(each.sent for each in senders):,} points sent in {sum(each.segments for each in senders)} sendings, each '
             f'held against the table: {sum(each.lost for each in senders)} with anything lost, altered or doubled; '
             f'{len(trouble.done)} faults.', '', '| | second quarter | last quarter | most |', '|---|---|---|---|']
    lines += [f'| {name} | {early:.1f} | {late:.1f} | {most:.1f} |' for name, early, late, most in rows]
    lines += ['', 'Faults: ' + ', '.join(f'{name} {count}' for name, count in sorted(counts.items())), '',
              '**Wrong:** ' + '; '.join(wrong) if wrong else 'Nothing was wrong.', '', '![what goloca held](soak.svg)', '']
    return '\n'.join(lines)


def run(options, folder):
    binary = os.environ['GOLOCA_BINARY']
    database = postgres.Postgres(f'{folder}/postgres')
    service = Service(binary, folder, database)
    began = time.monotonic()
    end = began + options.minutes * 60
    first = time.time_ns() // 1000
    senders = [Sender(binary, service, way, options.rate / len(WAYS), first + i * 2**50, end, folder)
               for i, way in enumerate(WAYS)]
    trouble = Trouble(service, database, options.every, options.seed, began, end)
    for each in (*senders, trouble):
        each.start()
    samples = watch(service, began, end)
    for each in senders:
        each.join(300)
    trouble.may_end.set()
    trouble.join(300)
    rows, wrong = growth(samples)
    wrong += [fault for each in (*senders, trouble) for fault in each.faults]
    if any(each.is_alive() for each in senders):
        wrong.append('a sender did not end')
    if service.process.poll() is not None:
        wrong.append(f'goloca ended with {service.process.poll()}')
    processes.stop(service.process)
    with open(service.log) as file:
        log = file.read()
    if 'does not balance' in log:
        wrong.append('the account does not balance')
    shutil.copy(service.log, f'{options.into}/goloca.log')
    draw(samples, trouble.done, f'{options.into}/soak.svg')
    with open(f'{options.into}/soak.json', 'w') as file:
        json.dump({'samples': samples, 'faults': trouble.done, 'wrong': wrong}, file)
    text = report(options, senders, trouble, samples, wrong, rows)
    with open(f'{options.into}/soak.md', 'w') as file:
        file.write(text)
    print(text)
    return 1 if wrong else 0


def main():
    options = parse(sys.argv[1:])
    os.makedirs(options.into, exist_ok=True)
    folder = tempfile.mkdtemp(prefix='goloca-soak-')
    os.chmod(folder, 0o755)
    try:
        return run(options, folder)
    finally:
        processes.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
