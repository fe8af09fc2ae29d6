"""The scaler of deploy/cluster.sh on a load that grows: one edge at first; the load is spread over those that are there, as a
balancer would. Shows when an edge was added, and that what was offered was taken.

    sudo python3 -B tests/cluster/ramp.py [--cap 5] [--for 10] [--most 4] [--step 1000] [--every 15] [--until 15000]
"""

import argparse
import pathlib
import subprocess
import tempfile

import nodes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cap", type=int, default=5, help="per cent of a core, each node")
    parser.add_argument("--for", dest="period", type=int, default=10, help="seconds that the edges must have been busy")
    parser.add_argument("--most", type=int, default=4, help="edges")
    parser.add_argument("--step", type=int, default=1000, help="points/s more, each time")
    parser.add_argument("--every", type=int, default=15, help="seconds")
    parser.add_argument("--until", type=int, default=15000, help="points/s")
    asked = parser.parse_args()
    log = pathlib.Path(tempfile.mkstemp(prefix="goloca-ramp-")[1])
    with nodes.Cluster(1, 2, asked.cap, log):
        scaler = subprocess.Popen([nodes.CLUSTER, "scale", "--for", str(asked.period), "--most", str(asked.most)])
        try:
            for offered in range(asked.step, asked.until + 1, asked.step):
                edges = nodes.edges()
                loads = [nodes.bench(each, "--connections", 4, "--rate", offered / len(edges), "--duration", f"{asked.every}s") for each in edges]
                ended = [nodes.outcome(each) for each in loads]
                print(f"{len(edges)} edges, {offered} points/s offered: {sum(each['rate'] for each in ended):.0f} taken,"
                      f" {sum(each['failed'] + each['unanswered'] for each in ended)} not; p99"
                      f" {max(each['latency_ms']['p99'] for each in ended):.0f} ms", flush=True)
        finally:
            scaler.terminate()
            scaler.wait()
    log.unlink()


if __name__ == "__main__":
    main()
