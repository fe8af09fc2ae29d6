"""A PostgreSQL of the bench's own, with fsync on, and what is asked of it."""
import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
import time

import processes

COLUMNS = ('id, user_id, vehicle_model_id, package_id, travel_type_id, from_area_id, to_area_id, from_city_id, '
           'to_city_id, from_date, to_date, online_booking, mobile_site_booking, booking_created, from_lat, from_long, '
           'to_lat, to_long, car_cancellation')


def programs():
    """The newest server's folder: Debian keeps it out of PATH."""
    found = glob.glob('/usr/lib/postgresql/*/bin/initdb')
    if not found:
        raise RuntimeError('no PostgreSQL server here: deploy/setup.sh --bench gets it')
    return os.path.dirname(max(found, key=lambda path: float(path.split('/')[4])))


class Postgres:
    """One server; goloca's table is in the database goloca, the peers' in the database peers."""

    def __init__(self, folder, settings=(), copied_rows=300_000, **environment):
        self.folder, self.copied_rows = folder, copied_rows
        self.port = processes.free_port()
        self.user = 'postgres' if os.geteuid() == 0 else None  # it refuses to run as root
        os.makedirs(folder)
        if self.user:
            shutil.chown(folder, self.user, pwd.getpwnam(self.user).pw_gid)
        self.environment = environment
        self._initialise(settings)
        self._start()
        for database in ('goloca', 'peers'):
            self.sql(f'create database {database}', 'postgres')

    def _initialise(self, settings):
        owner = dict(user=self.user, group=self.user, extra_groups=[]) if self.user else {}
        subprocess.run([f'{programs()}/initdb', '--no-sync', '--auth=trust', '--username=goloca', '--encoding=UTF8',
                        '--locale=C', '--pgdata', f'{self.folder}/data'], check=True, capture_output=True, cwd='/',
                       **owner)
        with open(f'{self.folder}/data/postgresql.conf', 'a') as file:
            file.write('\n'.join([f"unix_socket_directories = '{self.folder}'", f'port = {self.port}',
                                  "listen_addresses = '127.0.0.1'", 'fsync = on', *settings, '']))

    def _start(self):
        self.process = processes.start([f'{programs()}/postgres', '-D', f'{self.folder}/data'], f'{self.folder}/log',
                                       self.user, die_by=signal.SIGQUIT, env=dict(os.environ, **self.environment),
                                       cwd='/')
        processes.wait_for(self._answers, 60, 'PostgreSQL answers')

    def restart(self):
        """As after a crash: it ends at once and recovers from its log."""
        processes.stop(self.process, signal.SIGQUIT)
        self._start()

    def _answers(self):
        if self.process.poll() is not None:
            with open(f'{self.folder}/log') as file:
                raise RuntimeError('PostgreSQL ended: ' + file.read()[-2000:])
        return subprocess.run(['psql', '-qAtX', self.target('postgres'), '-c', 'select 1'],
                              capture_output=True).returncode == 0

    def target(self, database='goloca'):
        return f'host=127.0.0.1 port={self.port} user=goloca dbname={database}'

    def url(self, database='goloca'):
        return f'postgres://goloca@127.0.0.1:{self.port}/{database}'

    def sql(self, text, database='goloca', patience=600):
        """One command a line; what they print. Each in a transaction of its own."""
        done = subprocess.run(['psql', '-qAtX', '-v', 'ON_ERROR_STOP=1', self.target(database)],
                              input=text, capture_output=True, text=True, timeout=patience)
        if done.returncode != 0:
            raise RuntimeError(f'psql: {done.stderr.strip()}')
        return done.stdout.strip()

    def empty(self, database='goloca'):
        self.sql('truncate datapoint;\ncheckpoint', database)

    def copy_rate(self):
        """Rows/s of one \\copy into goloca's table: what the database takes at best, at this moment."""
        path = f'{self.folder}/{self.copied_rows}.tsv'
        if not os.path.exists(path):
            with open(path, 'w') as file:
                for key in range(10**15, 10**15 + self.copied_rows):
                    file.write(f'{key}\tu{key}\t12\t1\t2\t83\t448\t15\t1\t1356998400000\t1357002000000\tt\tf\t'
                               '1356991200000\t12.92415\t77.67229\t12.92732\t77.63575\tf\n')
        self.empty()
        began = time.monotonic()
        self.sql(f'\\copy datapoint({COLUMNS}) from {path}')
        seconds = time.monotonic() - began
        self.empty()
        return self.copied_rows / seconds

    def pgbench(self, clients, seconds):
        """Prepared single-row inserts: transactions/s and, of one client, the latencies in ms."""
        self.empty()
        self.sql('create sequence if not exists bench_id cache 100')
        script, prefix = f'{self.folder}/one.sql', f'{self.folder}/pgbench_log'
        with open(script, 'w') as file:
            file.write(f"insert into datapoint({COLUMNS}) values (nextval('bench_id'), 'u1700000000000000', 12, 1, 2, "
                       '83, 448, 15, 1, 1356998400000, 1357002000000, true, false, 1356991200000, 12.92415, 77.67229, '
                       '12.92732, 77.63575, false) on conflict do nothing;\n')
        each = ['-l', '--log-prefix', prefix] if clients == 1 else []
        _, out, err, _, _ = processes.client(
            [f'{programs()}/pgbench', '-n', '-M', 'prepared', '-c', str(clients), '-j', '1', '-T', f'{seconds:.0f}',
             *each, '-f', script, self.target()], seconds + 30)
        rate = re.search(r'tps = ([\d.]+)', out)
        if not rate:
            raise RuntimeError('pgbench: ' + err)
        latencies = []
        for path in glob.glob(prefix + '*'):
            with open(path) as file:
                latencies += [int(line.split()[2]) / 1000 for line in file]
            os.unlink(path)
        self.sql('drop sequence bench_id')
        self.empty()
        return float(rate[1]), latencies

    def lost(self, acked, database='goloca'):
        """How many of the ids in a file are not in the table."""
        return int(self.sql('create temp table acked(id bigint);\n'
                            f'\\copy acked from {acked}\n'
                            'select count(*) from acked where not exists '
                            '(select from datapoint where datapoint.id = acked.id)', database))

    def count(self, database='goloca'):
        return int(self.sql('select count(*) from datapoint', database))

    def cpu_seconds(self):
        return processes.cpu_seconds(self.process.pid)

    def stop(self):
        processes.stop(self.process, signal.SIGQUIT)  # at once: the data goes with it
        shutil.rmtree(self.folder, ignore_errors=True)
