"""The bench's command line: brings everything up, has every part measured, writes the report, ends what it started."""
import argparse
import os
import shutil
import signal
import sys
import tempfile
import time

import machine
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
    parser.add_argument('--only', default='', help='a regular expression: the loads to run, by name')
    parser.add_argument('--peers', default='', help='those to run, as bun,bun-copy,erlang; all when not given')
    parser.add_argument('--quick', action='store_true', help='a second a load, one round, goloca and nginx only')
    made = parser.parse_args()
    if made.quick:
        made.rounds, made.seconds = 1, 1
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
    if shutil.which('nginx'):
        made.append(servers.nginx())
    else:
        bench.skip('nginx 201: no nginx here')
    if options.quick:
        bench.skip('all peers: --quick does without them')
    elif not have_yardstick:
        bench.skip('ALL PEERS: no yardstick in PEERS_DIR, so nothing here says how goloca compares to them')
    else:
        made += prepare.find_peers(peers_folder, [name for name in options.peers.split(',') if name], bench.skip)
    return made


def run(options, folder):
    binary = os.path.abspath(os.environ['GOLOCA_BINARY'])
    peers_folder = os.path.abspath(f'{options.into}/peers')
    have_yardstick = prepare.copy_yardstick(os.environ['PEERS_DIR'], peers_folder)
    log(f'PostgreSQL starts in {folder}')
    bench = Bench(folder, postgres.Postgres(f'{folder}/postgres'), {}, binary, options.seconds, log)
    bench.tools = prepare.find_clients(peers_folder, have_yardstick, os.environ.get('BENCH_CLIENT', binary), bench.skip)
    fleet = rounds.Fleet(bench, kinds_to_load(bench, options, peers_folder, have_yardstick))
    if have_yardstick:
        with open(f'{peers_folder}/schema.sql') as file:
            bench.postgres.sql(file.read(), 'peers')
    fleet.get(fleet.kinds[0])  # goloca makes its own table, which \copy goes into
    about = machine.describe(bench, options)
    interrupted = None
    try:
        rounds.run(bench, fleet, options.rounds, options.only)
    except (KeyboardInterrupt, SystemExit) as ended:
        interrupted = ended  # what was measured is still worth a report
        bench.faults.append('the run was interrupted')
    finally:
        fleet.stop()
    report.write(bench, options, about)
    for fault in bench.faults:
        log(f'FAULT: {fault}')
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
