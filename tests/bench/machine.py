"""What it was measured on, with what, and when: the head of the report."""
import os
import platform
import re
import statistics
import subprocess
import time

import servers


def output_of(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ''
    return (done.stdout or done.stderr).strip()


def first_line(*command):
    return output_of(*command).split('\n')[0]


def processor():
    with open('/proc/cpuinfo') as file:
        found = re.search(r'model name\s*:\s*(.*)', file.read())
    return found[1] if found else platform.machine()


def memory_gib():
    return os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30


def sync_milliseconds(folder):
    """The median time of writing and syncing 8 KiB where the database lies."""
    taken, path = [], f'{folder}/sync'
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        for _ in range(200):
            began = time.monotonic()
            os.pwrite(file, bytes(8192), 0)
            os.fdatasync(file)
            taken.append((time.monotonic() - began) * 1000)
    finally:
        os.close(file)
        os.unlink(path)
    return statistics.median(taken)


def goloca_settings(bench):
    """Those that are not at their default, besides where it listens and stores."""
    environment = dict(os.environ, **servers.goloca(bench.binary).settings)
    shown = subprocess.run([bench.binary, 'check-config'], env=environment, cwd='/', capture_output=True, text=True)
    own = ('PORT', 'LISTEN_ADDRESS', 'ADMIN_ADDRESS', 'STORE', 'SQLITE_PATH', 'DATABASE_URL')
    found = [line.split('#')[0].strip() for line in shown.stdout.splitlines()
             if not line.split('#')[-1].strip().startswith('default')]
    return [line for line in found if line.split('=')[0] not in own]


def versions(peers_folder):
    """Of whoever else takes part, as far as it is here."""
    asked = {
        'nginx': ('nginx', '-v'), 'wrk': ('wrk', '-v'), 'Go': ('go', 'version'), 'Node': ('node', '--version'),
        'Bun': (f'{peers_folder}/node_modules/bun/bin/bun.exe', '--version'),
        'Erlang/OTP': ('erl', '-noshell', '-eval', 'io:format(erlang:system_info(otp_release)), halt().'),
    }
    found = {name: re.search(r'\d[\d.]*', first_line(*command)) for name, command in asked.items()}
    return ', '.join(f'{name} {version[0]}' for name, version in found.items() if version)


def describe(bench, options, peers_folder):
    """Rows of name and value."""
    postgres = bench.postgres
    settings = postgres.sql("select name || '=' || current_setting(name) from pg_settings where name in ("
                            "'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size', "
                            "'wal_sync_method')").split('\n')
    file_system = first_line('stat', '--file-system', '--format=%T', bench.folder)
    load = os.getloadavg()[0]
    return [
        ('date', time.strftime('%Y-%m-%d %H:%M %Z')),
        ('goloca', first_line(bench.binary, 'version')),
        ('machine', f'{os.cpu_count()} × {processor()}, {memory_gib():.0f} GiB, Linux {platform.release()}'),
        ('disk', f'{file_system}, write and fdatasync of 8 KiB {sync_milliseconds(bench.folder):.2f} ms'),
        ('at the start', f'load average {load:.2f}' + (' (others are at work: figures suffer)' if load > 0.5 else '')),
        ('PostgreSQL', f'{postgres.sql("show server_version")}; {", ".join(settings)}'),
        ('goloca’s settings', ', '.join(goloca_settings(bench)) or 'all at their defaults'),
        ('others', versions(peers_folder)),
        ('rounds', f'{options.rounds} of {options.seconds:g} s a load; every figure is the median of its rounds'),
    ]
