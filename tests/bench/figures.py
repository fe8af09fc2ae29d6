"""Statistics over runs: pure functions."""
import statistics


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def spread(values):
    """Median, least and most; None of nothing."""
    values = list(values)
    return (statistics.median(values), min(values), max(values)) if values else None


def group(runs, *names):
    """The runs by what they have under these names, in order of first appearance."""
    made = {}
    for run in runs:
        made.setdefault(tuple(run.get(name) for name in names), []).append(run)
    return made


def micros_a_point(run):
    """CPU microseconds a point, by who spent them."""
    return {name: spent / run['points'] * 1e6 for name, spent in run['cpu'].items()}


def summary(runs):
    """Of all rounds of one load on one server."""
    latency = {name: median(run['latency'].get(name) for run in runs) for name in ('p50', 'p99', 'p99_9', 'max')}
    cpu = {name: median(micros_a_point(run)[name] for run in runs) for name in ('client', 'server', 'database')}
    lost = [run['lost'] for run in runs if run['lost'] is not None]
    return dict(rate=spread(run['rate'] for run in runs), latency=latency, cpu=cpu, runs=len(runs),
                ratio=median(run['rate'] / run['copy'] if run.get('copy') else None for run in runs),
                lost=sum(lost) if lost else None, failed=sum(run['failed'] for run in runs),
                unanswered=sum(run['unanswered'] for run in runs), foreign=median(run['foreign'] for run in runs),
                peak_mib=max(run['peak_mib'] for run in runs))


def merged(histograms):
    """Histograms ([upper bound, count] …) as one, in order."""
    made = {}
    for histogram in histograms:
        for upper, count in histogram:
            made[upper] = made.get(upper, 0) + count
    return sorted(made.items())


def quantile_curve(histogram):
    """(share of the points, their latency at most), rising."""
    total, passed, curve = sum(count for _, count in histogram), 0, []
    for upper, count in histogram:
        passed += count
        curve.append((passed / total, upper))
    return curve
