"""Faults of a whole cluster (deploy/cluster.sh, which must be up), each under load with a ledger, over HTTP and WebSocket.

    sudo python3 -B tests/cluster/drill.py [--only REGEX] [--via http|websocket] [--json FILE]

A run: points go to edge-1 by `goloca send --ledger`, lone points to every edge ten times a second; then the fault, a while later
its cure, then the verdict of `goloca verify` straight from the database, and whether each lone point that was acknowledged is
there. Exit code 1 when a promise broke: something lost, doubled or altered, or service back too late.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

TREE = pathlib.Path(__file__).resolve().parents[2]
CLUSTER = TREE / "deploy/cluster.sh"
GOLOCA = TREE / "build/release/goloca"
EDGE = "http://10.77.0.{}:8080"
DATABASE = "postgresql://postgres@10.77.0.71,10.77.0.72,10.77.0.73/postgres"
STATE = pathlib.Path("/run/goloca-cluster")
NODE_LIMIT, LEADER_LIMIT = 5.0, 12.0  # seconds; a node or link, the databases' leader


def cluster(*verb):
    return subprocess.run([CLUSTER, *verb], check=False, capture_output=True, text=True).stdout.strip()


def nodes(kind):
    return sorted(each.name for each in pathlib.Path(STATE.read_text().strip()).glob(kind + "-*"))


class Row:
    """A fault: what strikes, how long it lasts, what takes it away, how long service may then need."""

    def __init__(self, name, strike, cure=lambda: None, hold=3.0, limit=NODE_LIMIT, outage=None):
        self.name, self.strike, self.cure, self.hold, self.limit = name, strike, cure, hold, limit
        self.outage = outage  # seconds at most that an edge that is not struck may answer nobody; None: not looked at


def verbs(*all_of_them):
    return lambda: [cluster(*each) for each in all_of_them]


def rows():
    writers, edges = nodes("writer"), nodes("edge")
    leader = lambda: cluster("leader")
    struck = {}

    def strike_leader(verb):
        def strike():
            struck["leader"] = leader()
            cluster(verb, struck["leader"])
        return strike

    def strike_standby(verb):
        def strike():
            struck["standby"] = next(each for each in nodes("db") if each != leader())
            cluster(verb, struck["standby"])
        return strike

    def revive(whom, verb="start"):
        return lambda: cluster(verb, struck[whom])

    one, all_writers = writers[0], [(each,) for each in writers]
    brief = NODE_LIMIT
    yield Row("edge.killed", verbs(("kill", "edge-1")), verbs(("start", "edge-1")), hold=1)
    yield Row("edge.frozen", verbs(("freeze", "edge-1")), verbs(("thaw", "edge-1")), hold=5)
    yield Row("edge.stopped", verbs(("stop", "edge-1")), verbs(("start", "edge-1")), hold=3)
    yield Row("writer.killed", verbs(("kill", one)), verbs(("start", one)), outage=brief)
    yield Row("writer.frozen", verbs(("freeze", one)), verbs(("thaw", one)), hold=6, outage=brief)
    yield Row("writer.stopped", verbs(("stop", one)), verbs(("start", one)), outage=1.5)
    yield Row("writers.all-killed", verbs(*[("kill", *each) for each in all_writers]),
              verbs(*[("start", *each) for each in all_writers]), hold=1)
    yield Row("link.cut", verbs(("cut", "edge-1", one)), verbs(("heal", "edge-1", one)), hold=6, outage=brief)
    yield Row("link.deaf", verbs(("drop-from", one, "edge-1")), verbs(("heal", "edge-1", one)), hold=6, outage=brief)
    yield Row("link.dumb", verbs(("drop-from", "edge-1", one)), verbs(("heal", "edge-1", one)), hold=6, outage=brief)
    yield Row("link.lossy", verbs(("lose", "edge-1", one, "10")), verbs(("heal", "edge-1", one)), hold=6, outage=brief)
    yield Row("link.thin", verbs(("thin", one, "1000")), verbs(("thin", one, "0")), hold=6, outage=brief)
    yield Row("edge.cut-from-all", verbs(*[("cut", "edge-1", each) for each in writers]),
              verbs(*[("heal", "edge-1", each) for each in writers]), hold=6)
    yield Row("writer.cut-from-database", verbs(*[("cut", one, each) for each in nodes("db")]),
              verbs(*[("heal", one, each) for each in nodes("db")]), hold=6, outage=brief + 1)
    yield Row("database.leader-killed", strike_leader("kill"), revive("leader"), hold=LEADER_LIMIT, limit=1, outage=LEADER_LIMIT)
    yield Row("database.leader-frozen", strike_leader("freeze"), revive("leader", "thaw"), hold=LEADER_LIMIT, limit=LEADER_LIMIT)
    yield Row("database.standby-killed", strike_standby("kill"), revive("standby"), hold=4, limit=LEADER_LIMIT, outage=LEADER_LIMIT)
    if len(edges) > 1:
        yield Row("everything.rolling-restart", lambda: [roll(each) for each in writers + edges], hold=1)


def roll(node):
    """Stopped in order, and started when it is over; nothing before it serves again."""
    cluster("stop", node)
    folder = pathlib.Path(STATE.read_text().strip()) / node
    wait(20, lambda: not pathlib.Path(f"/proc/{(folder / 'goloca.pid').read_text().strip()}").exists())
    cluster("start", node)
    wait(20, lambda: ready(node))


def address_of(node):
    kind, number = node.split("-")
    return f"10.77.0.{ {'edge': 10, 'writer': 40}[kind] + int(number)}"


def ready(node):
    try:
        return urllib.request.urlopen(f"http://{address_of(node)}:9180/readyz", timeout=1).status == 200
    except OSError:
        return False


def linked(edge):
    try:
        page = json.load(urllib.request.urlopen(f"http://{address_of(edge)}:9180/cluster", timeout=1))
    except (OSError, ValueError):
        return False
    return all(each["state"] == "connected" for each in page["writers"])


def wait(seconds, holds):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Lone:
    """Lone points to one edge, ten times a second, each tried once."""

    def __init__(self, edge, first_id):
        self.url, self.next, self.acks, self.stop = f"http://{address_of(edge)}:8080/add_datapoint", first_id, [], False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stop:
            one, self.next = self.next, self.next + 1
            threading.Thread(target=self.send, args=(one,)).start()
            time.sleep(0.1)

    def send(self, point):
        body = json.dumps({"id": str(point), "user_id": f"lone-{point}", "vehicle_model_id": 12}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        try:
            if urllib.request.urlopen(request, timeout=12).status in (200, 201):
                self.acks.append((time.monotonic(), point))
        except OSError:
            pass  # refused, or nobody there: tried once

    def longest_gap(self, begin, end):
        times = sorted(at for at, _ in self.acks if begin <= at <= end)
        return max(b - a for a, b in zip([begin, *times], [*times, end]))

    def first_after(self, moment):
        return min((at for at, _ in self.acks if at >= moment), default=None)


def query(sql):
    return subprocess.run(["psql", DATABASE + "?target_session_attrs=read-write", "-Atc", sql], check=True, capture_output=True,
                          text=True).stdout.strip()


def points_file(folder, first, count):
    path = folder / "points.ndjson"
    with path.open("w") as to:
        for point in range(first, first + count):
            to.write(f'{{"id":"{point}","user_id":"u{point}","vehicle_model_id":12,"from_lat":12.5}}\n')
    return path


def perform(row, via, first_id):
    broken = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ledger = folder / "ledger"
        send = [GOLOCA, "send", points_file(folder, first_id, 400_000), "--to", EDGE.format(11), "--via", via, "--ledger", ledger,
                "--window", "400", "--batch", "20", "--no-progress"]
        sender = subprocess.Popen(send, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lone = {edge: Lone(edge, first_id + 500_000 + 100_000 * n) for n, edge in enumerate(nodes("edge"))}
        time.sleep(2)
        struck = time.monotonic()
        row.strike()
        time.sleep(max(0.0, row.hold - (time.monotonic() - struck)))
        row.cure()
        cured = time.monotonic()
        back = wait(row.limit + 5, lambda: all(each.first_after(cured) for each in lone.values()))
        recovery = max(each.first_after(cured) for each in lone.values()) - cured if back else None
        time.sleep(1)
        end = time.monotonic()
        sender.terminate()
        sender.wait()
        for each in lone.values():
            each.stop = True
        for each in lone.values():
            each.thread.join()
        others = [each for edge, each in lone.items() if edge != "edge-1"] or list(lone.values())
        outage = max(each.longest_gap(struck, end) for each in others)
        verdict = subprocess.run([GOLOCA, "verify", "--ledger", ledger, "--json"], check=False, capture_output=True, text=True,
                                 env={"STORE": "postgres", "DATABASE_URL": DATABASE})
        found = json.loads(verdict.stdout) if verdict.stdout else {}
        if verdict.returncode != 0:
            broken.append(f"verify: {verdict.stdout[:300]}{verdict.stderr[:300]}")
        acked = [point for each in lone.values() for _, point in each.acks]
        present = int(query(f"SELECT count(*) FROM datapoint WHERE id IN ({','.join(map(str, acked)) or 0})"))
        if present != len(acked):
            broken.append(f"{len(acked) - present} lone points lost")
        if recovery is None or recovery > row.limit:
            broken.append(f"recovery: {recovery}, the limit is {row.limit} s")
        if row.outage and outage > row.outage:
            broken.append(f"an outage of {outage:.1f} s at an edge that was not struck, the limit is {row.outage} s")
        kept = found.get("kept", {}).get("count", 0)
        return {"fault": row.name, "via": via, "acked": kept + len(acked), "lost": found.get("lost", {}).get("count"),
                "altered": found.get("altered", {}).get("count"), "outage": round(outage, 2),
                "recovery": None if recovery is None else round(recovery, 2), "broken": broken}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--via", choices=["http", "websocket"], action="append")
    parser.add_argument("--json", type=pathlib.Path)
    asked = parser.parse_args()
    if not STATE.exists():
        sys.exit("no cluster is up: deploy/cluster.sh up")
    first_id, done = int(query("SELECT coalesce(max(id), 0) + 1 FROM datapoint WHERE id < 1e12")), []
    for row in rows():
        if not re.search(asked.only, row.name):
            continue
        for via in asked.via or ["http", "websocket"]:
            if not wait(60, lambda: all(map(linked, nodes("edge"))) and all(map(ready, nodes("edge") + nodes("writer")))):
                sys.exit("the cluster does not get well: " + cluster("status"))
            result = perform(row, via, first_id)
            first_id += 1_000_000
            done.append(result)
            print(f"{'BROKEN' if result['broken'] else 'kept  '} {row.name:28} {via:9} acked {result['acked']:7} lost {result['lost']}"
                  f" altered {result['altered']} outage {result['outage']:6.2f} s recovery {result['recovery']} s"
                  f" {'; '.join(result['broken'])}", flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(done, indent=1))
    sys.exit(1 if any(each["broken"] for each in done) else 0)


if __name__ == "__main__":
    main()
