"""A cluster of capped nodes without databases (deploy/cluster.sh up --null --cap), loaded and looked at."""

import json
import pathlib
import re
import signal
import subprocess
import time
import urllib.request

TREE = pathlib.Path(__file__).resolve().parents[2]
CLUSTER = TREE / "deploy/cluster.sh"
GOLOCA = TREE / "build/release/goloca"


class Cluster:
    """Up as long as the block lasts."""

    def __init__(self, edges, writers, cap, log):
        self.command = [CLUSTER, "up", "--null", "--cap", str(cap), "--edges", str(edges), "--writers", str(writers)]
        self.log = log

    def __enter__(self):
        with self.log.open("ab") as log:
            start = self.log.stat().st_size
            self.process = subprocess.Popen(self.command, stderr=log, stdout=log)
        end = time.monotonic() + 120
        while b"cluster: up" not in self.log.read_bytes()[start:]:
            if self.process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise SystemExit(f"the cluster does not come up: {self.log}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)


def address(node):
    kind, number = node.split("-")
    return f"10.77.0.{ {'edge': 10, 'writer': 40}[kind] + int(number)}"


def metric(node, name):
    page = urllib.request.urlopen(f"http://{address(node)}:9180/metrics", timeout=2).read().decode()
    return float(re.search(rf"^{name} (\S+)$", page, re.M).group(1))


def layout():
    return subprocess.run([CLUSTER, "layout"], check=True, capture_output=True, text=True).stdout


def edges():
    return sorted(re.findall(r"^(edge-\d+) ", layout(), re.M), key=lambda each: int(each.split("-")[1]))


def writers():
    return re.findall(r"^(writer-\d+) ", layout(), re.M)


def ready(node):
    return urllib.request.urlopen(f"http://{address(node)}:9180/readyz", timeout=1).status == 200


def count_rows(first, last):
    """Of the ids from the first to the last."""
    database = re.search(r"^database (\S+)", layout(), re.M).group(1)
    counted = subprocess.run(["psql", database + "?target_session_attrs=read-write", "-Atc",
                              f"SELECT count(*) FROM datapoint WHERE id BETWEEN {first} AND {last}"], check=True,
                             capture_output=True, text=True)
    return int(counted.stdout)


def bench(edge, *options):
    """`goloca bench` against it, begun."""
    return subprocess.Popen([GOLOCA, "bench", f"http://{address(edge)}:8080", "--json", *map(str, options)],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def outcome(of):
    return json.loads(of.communicate()[0])
