"""The bench's command line: brings everything up, has every part measured, writes the report, ends what it started."""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import machine
import parts
import postgres
import prepare
import processes
import report
import rounds
import servers
from measure import Bench


def arguments():
    parser = argparse.ArgumentParser(prog='deploy/bench.sh', description='Measures goloca; see the head of the script.')
    parser.add_argument('--into', default='build/bench', help='the folder of the report')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--seconds', type=float, default=4, help='of each load')
    parser.add_argument('--only', default='', help='a regular expression: which loads and parts, by name')
    parser.add_argument('--peers', default='', help='which of them, as bun,bun-copy,erlang; all when not given')
    parser.add_argument('--quick', action='store_true', help='a second a load, one round, goloca and nginx only')
    parser.add_argument('--scale', action='store_true', help='instead: connections, writers, large table, slow disk')
    parser.add_argument('--replays', action='store_true', help='instead: what points that were sent before cost')
    parser.add_argument('--table-rows', type=int, default=20_000_000, help='of the large table')
    parser.add_argument('--add', action='store_true', help='to the last report, keeping what is not measured again')
    made = parser.parse_args()
    if made.quick:
        made.rounds, made.seconds, made.table_rows = 1, 1, 100_000
    return made


def log(text):
    print(f'{time.strftime("%H:%M:%S")} {text}', flush=True)


def kinds_to_load(bench, options, peers_folder, have_yardstick):
    binary = bench.binary
    made = [servers.goloca(binary), servers.goloca(binary, 'sqlite')]
    if servers.takes(binary, STORE='null', ALLOW_WEAK_DURABILITY='true'):
        made.append(servers.goloca(binary, 'null'))
    else:
        bench.skip('goloca with a null store: this binary refuses STORE=null')
    if 'wrk' not in bench.tools:
        bench.skip('nginx 201: only wrk loads it')
    elif shutil.which('nginx'):
        made.append(servers.nginx())
    else:
        (bench.fault if options.quick else bench.skip)('nginx 201: no nginx here')
    if options.quick:
        bench.skip('all peers: --quick does without them')
    elif not have_yardstick:
        bench.skip('ALL PEERS: no yardstick in PEERS_DIR, so nothing here says how goloca compares to them')
    else:
        made += prepare.find_peers(peers_folder, [name for name in options.peers.split(',') if name], bench.skip)
    return made


def bring_up(options, folder, peers_folder):
    """The bench, its PostgreSQL and goloca's own table, which \\copy goes into."""
    have_yardstick = prepare.copy_yardstick(os.environ['PEERS_DIR'], peers_folder)
    database = postgres.Postgres(f'{folder}/postgres', copied_rows=30_000 if options.quick else 300_000)
    log(f'PostgreSQL is up in {folder}')
    bench = Bench(folder, database, os.path.abspath(os.environ['GOLOCA_BINARY']), options, log)
    lean = os.environ.get('BENCH_CLIENT', bench.binary)
    bench.tools = prepare.find_clients(peers_folder, have_yardstick, bench.binary, lean, bench.skip)
    if 'lean' not in bench.tools:
        bench.fault('without the lean client the report is incomplete')
    if have_yardstick:
        with open(f'{peers_folder}/schema.sql') as file:
            database.sql(file.read(), 'peers')
    with bench.goloca():
        pass
    return bench, have_yardstick


def measure(bench, options, peers_folder, have_yardstick):
    others = parts.chosen(options)
    loads_too = not (options.scale or options.replays)
    fleet = rounds.Fleet(bench, kinds_to_load(bench, options, peers_folder, have_yardstick) if loads_too else [])
    try:
        for number in range(options.rounds):
            log(f'round {number + 1} of {options.rounds}')
            if loads_too:
                rounds.run(bench, fleet, number, options.only)
            for name, part in others.items():
                try:
                    part(bench, number)
                except (OSError, RuntimeError, subprocess.SubprocessError) as fault:
                    bench.fault(f'{name}: {fault}')
        for name in others:
            if not any(run['part'] == name for run in bench.runs):
                bench.fault(f'{name}: nothing was measured')
    finally:
        fleet.stop()


def run(options, folder):
    peers_folder = os.path.abspath(f'{options.into}/peers')
    bench, have_yardstick = bring_up(options, folder, peers_folder)
    about = machine.describe(bench, options, peers_folder)
    interrupted = False
    try:
        measure(bench, options, peers_folder, have_yardstick)
    except (KeyboardInterrupt, SystemExit):  # what was measured is still worth a report
        interrupted = True
        bench.fault('the run was interrupted')
    new = dict(about=about, skipped=bench.skipped, faults=bench.faults, runs=bench.runs)
    report.write(options.into, report.merged(report.read(options.into), new) if options.add else [new])
    log(f'{options.into}/report.md and report.html are written')
    return 130 if interrupted else 1 if bench.faults else 0


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.makedirs(options.into, exist_ok=True)
    folder = tempfile.mkdtemp(prefix='goloca-bench-')
    os.chmod(folder, 0o711)  # PostgreSQL may run as someone else
    try:
        return run(options, folder)
    finally:
        processes.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
