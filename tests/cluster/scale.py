"""How much more N edges with N writers take than one of each: on one machine, so each node has little of a core
(--cap, per cent), the store is null, and the clients have what is left.

    sudo python3 -B tests/cluster/scale.py [--nodes 1 2 4 8] [--cap 5] [--rounds 5] [--seconds 6] [--into FILE]
"""

import argparse
import json
import pathlib
import statistics
import tempfile

import nodes


def measure(count, asked, log):
    """Points/s of each round, all edges together, and how much of their caps the nodes used."""
    rates, busy = [], []
    with nodes.Cluster(count, count, asked.cap, log):
        edges, writers = nodes.edges(), [f"writer-{i + 1}" for i in range(count)]
        for _ in range(asked.rounds):
            cpu = [nodes.metric(each, "process_cpu_seconds_total") for each in edges + writers]
            loads = [nodes.bench(each, "--connections", 4, "--window", 64, "--duration", f"{asked.seconds}s", "--warmup", "2s")
                     for each in edges]
            ended = [nodes.outcome(each) for each in loads]
            spent = [nodes.metric(each, "process_cpu_seconds_total") - before for each, before in zip(edges + writers, cpu)]
            rates.append(sum(each["rate"] for each in ended))
            whole = (asked.seconds + 2) * asked.cap / 100
            busy.append([statistics.mean(part) / whole for part in (spent[:count], spent[count:])])
            if any(each["failed"] or each["unanswered"] for each in ended):
                raise SystemExit(f"not all was acked: {ended}")
    return rates, [statistics.median(each) for each in zip(*busy)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--cap", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--into", type=pathlib.Path)
    asked = parser.parse_args()
    log = pathlib.Path(tempfile.mkstemp(prefix="goloca-scale-")[1])
    table, one = [], None
    print(f"{asked.rounds} rounds of {asked.seconds} s, each node with {asked.cap} % of a core; points/s, median (least to most)")
    for count in asked.nodes:
        rates, (edge, writer) = measure(count, asked, log)
        median = statistics.median(rates)
        one = one or median / count
        table.append({"edges": count, "writers": count, "rates": rates, "of_linear": median / one / count, "edge_busy": edge,
                      "writer_busy": writer})
        print(f"{count:2} edges, {count:2} writers: {median:8.0f} ({min(rates):.0f} to {max(rates):.0f}), {median / one / count:.2f} of linear;"
              f" of their caps edges used {edge:.0%}, writers {writer:.0%}", flush=True)
    if asked.into:
        asked.into.write_text(json.dumps(table, indent=1) + "\n")
    log.unlink()


if __name__ == "__main__":
    main()
