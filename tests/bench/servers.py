"""Who is loaded: goloca over its stores, the peers, and the references of the network side."""
import contextlib
import dataclasses
import os
import shutil
import sqlite3
import subprocess
import urllib.error
import urllib.request

import processes

NGINX = """daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; location / {{
    default_type application/json; return 201 '{{"status":"success","id":"1"}}'; }} }} }}
"""


@dataclasses.dataclass
class Kind:
    """A server that can be started any number of times."""
    name: str
    command: list
    settings: dict = dataclasses.field(default_factory=dict)
    keeps: str = 'postgres'  # where points go: postgres, sqlite, or nowhere: then no id is looked up
    database: str = 'peers'
    of: str = 'peer'  # goloca, peer or reference
    ready: str = '/'


def goloca(binary, store='postgres', **settings):
    name = 'goloca' if store == 'postgres' else f'goloca {store}'
    keeps = 'nowhere' if store == 'null' else store
    weak = {'ALLOW_WEAK_DURABILITY': 'true'} if store == 'null' else {}
    fixed = {'STORE': store, 'LISTEN_ADDRESS': '127.0.0.1', 'ADMIN_ADDRESS': 'off', **weak}
    return Kind(name, [binary, 'serve'], {**fixed, **settings}, keeps, 'goloca', 'goloca', '/readyz')


def takes(binary, **settings):
    """Whether goloca knows these settings."""
    environment = dict(os.environ, **settings)
    return subprocess.run([binary, 'check-config'], env=environment, cwd='/', capture_output=True).returncode == 0


def nginx():
    return Kind('nginx 201', ['nginx', '-c', '{folder}/nginx.conf', '-e', '{folder}/nginx.log'], keeps='nowhere',
                of='reference')


def peers(folder):
    """All of them by name; which of them can run here is prepare's to say."""
    def script(name, run, file, **settings):
        return Kind(name, [*run, f'{folder}/peers/{file}'], {'POOL': '1', 'NODE_ENV': 'production', **settings})
    bun, node = [f'{folder}/node_modules/bun/bin/bun.exe'], ['node']
    erlang = ['erl', '+sbwt', 'none', '-noshell', '-pa', folder, '-s', 'ingest_peer']
    echo = script('bun echo', bun, 'bun.mjs', ECHO='1')
    echo.keeps, echo.of = 'nowhere', 'reference'
    kinds = [
        script('bun', bun, 'bun.mjs', MODE='unnest'),
        script('bun-copy', bun, 'bun.mjs', MODE='copy'),
        script('bun-copy x2', bun, 'bun.mjs', MODE='copy', PROCS='2'),
        script('node', node, 'node.mjs', MODE='unnest'),
        script('node x2', node, 'node.mjs', MODE='unnest', PROCS='2'),
        Kind('erlang', erlang, {'POOL': '1', 'ERL_CRASH_DUMP_SECONDS': '0'}),
        echo,
    ]
    return {kind.name: kind for kind in kinds}


class Running:
    """A server that was started and answers; its data, when it keeps them in a file, is in its folder."""

    def __init__(self, kind, folder, postgres=None):
        self.kind, self.folder, self.port, self.postgres = kind, folder, processes.free_port(), postgres
        os.makedirs(folder, exist_ok=True)
        command = [part.format(folder=folder) for part in kind.command]
        if kind.of == 'reference':
            with open(f'{folder}/nginx.conf', 'w') as file:
                file.write(NGINX.format(folder=folder, port=self.port))
        environment = dict(os.environ, PORT=str(self.port), SQLITE_PATH=f'{folder}/goloca.db', **kind.settings)
        if kind.keeps == 'postgres':
            environment['DATABASE_URL'] = postgres.url(kind.database)
        self.process = processes.start(command, f'{folder}/log', env=environment, cwd=folder)
        try:
            processes.wait_for(self._answers, 20, f'{kind.name} answers')
        except RuntimeError:
            processes.stop(self.process)
            raise

    def _answers(self):
        if self.process.poll() is not None:
            with open(f'{self.folder}/log', errors='replace') as file:
                raise RuntimeError(f'{self.kind.name} ended: {file.read()[-1000:].strip()}')
        try:
            urllib.request.urlopen(f'http://127.0.0.1:{self.port}{self.kind.ready}', timeout=1).close()
        except urllib.error.HTTPError:
            return self.kind.ready == '/'  # any answer will do, where nothing says that it is ready
        except OSError:
            return False
        return True

    @property
    def pid(self):
        return self.process.pid

    def empty(self):
        if self.kind.keeps == 'postgres':
            self.postgres.empty(self.kind.database)

    def lost(self, acked):
        """How many of the ids in a file it did not keep; None when it keeps nothing."""
        if self.kind.keeps == 'postgres':
            return self.postgres.lost(acked, self.kind.database)
        return lost_in_sqlite(f'{self.folder}/goloca.db', acked) if self.kind.keeps == 'sqlite' else None

    def stop(self):
        processes.stop(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def running(kind, folder, postgres):
    server = Running(kind, folder, postgres)
    try:
        yield server
    finally:
        server.stop()


def lost_in_sqlite(path, acked):
    with contextlib.closing(sqlite3.connect(path, timeout=30)) as database, open(acked) as file:
        database.execute('create temp table acked(id integer primary key)')
        database.executemany('insert or ignore into acked values (?)', ((int(line),) for line in file))
        return database.execute('select count(*) from acked where not exists '
                                '(select 1 from datapoint where datapoint.id = acked.id)').fetchone()[0]
