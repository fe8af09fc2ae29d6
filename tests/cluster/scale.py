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
    """Points/s of all edges together, and how much of their caps edges and writers used."""
    with nodes.Cluster(count, count, asked.cap, log):
        edges, writers = nodes.edges(), nodes.writers()
        cpu = [nodes.metric(each, "process_cpu_seconds_total") for each in edges + writers]
        loads = [nodes.bench(each, "--connections", 4, "--window", 64, "--duration", f"{asked.seconds}s", "--warmup", "1s")
                 for each in edges]
        ended = [nodes.outcome(each) for each in loads]
        spent = [nodes.metric(each, "process_cpu_seconds_total") - before for each, before in zip(edges + writers, cpu)]
        if any(each["failed"] or each["unanswered"] for each in ended):
            raise SystemExit(f"not all was acked: {ended}")
        whole = (asked.seconds + 1) * asked.cap / 100
        return sum(each["rate"] for each in ended), *(statistics.mean(part) / whole for part in (spent[:count], spent[count:]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--cap", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--into", type=pathlib.Path)
    asked = parser.parse_args()
    log = pathlib.Path(tempfile.mkstemp(prefix="goloca-scale-")[1])
    # Size after size, round after round: a machine that gets slower does so for each.
    seen = {count: [] for count in asked.nodes}
    for _ in range(asked.rounds):
        for count in asked.nodes:
            seen[count].append(measure(count, asked, log))
    table, one = [], None
    print(f"{asked.rounds} rounds of {asked.seconds} s, each node with {asked.cap} % of a core; points/s, median (least to most)")
    for count, rounds in seen.items():
        rates = [each[0] for each in rounds]
        median, edge, writer = (statistics.median(each) for each in zip(*rounds))
        one = one or median / count
        table.append({"edges": count, "writers": count, "rates": rates, "of_linear": median / one / count, "edge_busy": edge,
                      "writer_busy": writer})
        print(f"{count:2} edges, {count:2} writers: {median:8.0f} ({min(rates):.0f} to {max(rates):.0f}), {median / one / count:.2f} of linear;"
              f" of their caps edges used {edge:.0%}, writers {writer:.0%}")
    if asked.into:
        asked.into.write_text(json.dumps(table, indent=1) + "\n")
    log.unlink()


if __name__ == "__main__":
    main()
