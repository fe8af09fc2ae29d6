"""Processes: started here, measured by /proc, ended by their pid whatever happens."""
import ctypes
import os
import re
import signal
import socket
import subprocess
import time

TICK = os.sysconf('SC_CLK_TCK')
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)
started = []  # newest last


def start(command, log, user=None, die_by=signal.SIGTERM, **more):
    """In the background and in a session of its own: a Ctrl-C is ours, and it dies with us even if we are killed."""
    output = open(log, 'ab')
    owner = dict(user=user, group=user, extra_groups=[]) if user else {}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                               start_new_session=True, preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, die_by),
                               **owner, **more)
    output.close()
    started.append(process)
    return process


def stop(process, by=signal.SIGTERM, patience=10):
    """Ends it with its children."""
    family = tree(process.pid)
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pid in family[1:]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    if process in started:
        started.remove(process)


def stop_all():
    for process in reversed(list(started)):
        stop(process)


def stat(pid):
    """Its parent, and the CPU seconds of itself and of its children that ended; None when it is gone."""
    try:
        with open(f'/proc/{pid}/stat') as file:
            fields = file.read().rsplit(')', 1)[1].split()
    except OSError:
        return None
    return int(fields[1]), sum(map(int, fields[11:15])) / TICK


def tree(root):
    """The pids of a process and of all below it, itself first."""
    children = {}
    for pid in filter(str.isdigit, os.listdir('/proc')):
        seen = stat(pid)
        if seen:
            children.setdefault(seen[0], []).append(int(pid))
    found, left = [], [root]
    while left:
        found.append(left.pop())
        left += children.get(found[-1], [])
    return found


def cpu_seconds(root):
    return sum(seen[1] for seen in map(stat, tree(root)) if seen)


def busy_seconds():
    """CPU seconds that the whole machine has worked since it came up, or that its host has kept from it."""
    with open('/proc/stat') as file:
        fields = list(map(int, file.readline().split()[1:9]))
    idle, waiting = fields[3], fields[4]
    return (sum(fields) - idle - waiting) / TICK


def memory_kib(root, field):
    """Of the whole tree; field is VmRSS (now) or VmHWM (the most since it started, or since reset_peak)."""
    total = 0
    for pid in tree(root):
        try:
            with open(f'/proc/{pid}/status') as file:
                found = re.search(rf'{field}:\s+(\d+)', file.read())
        except OSError:
            continue
        total += int(found[1]) if found else 0
    return total


def reset_peak(root):
    for pid in tree(root):
        try:
            with open(f'/proc/{pid}/clear_refs', 'w') as file:
                file.write('5')
        except OSError:
            pass  # gone, or not ours: then the peak is of its whole life


def client(command, patience, **environment):
    """Runs a load client to its end. Returns its code, both outputs as text, its seconds and its CPU seconds."""
    before, began = os.times(), time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, start_new_session=True, env=dict(os.environ, **environment),
                               preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM))
    started.append(process)
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f'{command[0]} did not end in {patience:g} s') from None
    finally:
        stop(process)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return process.returncode, out, err, time.monotonic() - began, spent


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def wait_for(holds, patience, what):
    until = time.monotonic() + patience
    while not holds():
        if time.monotonic() > until:
            raise RuntimeError(f'{what}: not in {patience:g} s')
        time.sleep(0.05)
