"""The goals, and what was seen of each."""
import figures
import sweeps

PEER_MARGIN = {'WS 8x64 go': 1.35, 'WS 64x16 go': 1.35, 'HTTP c=16': 1.4, 'HTTP c=64': 1.4, 'HTTP c=256': 1.4}
COPY_SHARE = {'WS 8x64 lean': 0.45, 'WS arrays of 200 lean': 0.7}
LONE = ('WS 1x1 go', 'WS 1x1 lean')
HALF = sweeps.HALF_OF_TOP


class Seen:
    """What was measured, by part, load and server."""

    def __init__(self, runs):
        self.runs = runs

    def of(self, load, server='goloca', part='main'):
        return [run for run in self.runs if (run['part'], run['load'], run['server']) == (part, load, server)]

    def rate(self, load, server='goloca'):
        return figures.median(run['rate'] for run in self.of(load, server))

    def p50(self, load, server='goloca', part='main'):
        return figures.median(run['latency'].get('p50') for run in self.of(load, server, part))

    def peers(self, load):
        return sorted({run['server'] for run in self.runs if run['load'] == load and run.get('of') == 'peer'})


def goal(load, wanted, value, limit, text, at_least=True):
    """A row: load, goal, what was seen, and the verdict. Nothing measured is no success."""
    if value is None:
        return load, wanted, '–', 'not measured'
    return load, wanted, text, 'ok' if (value >= limit if at_least else value <= limit) else '**not**'


def against_peers(seen, load, margin):
    mine, theirs = seen.rate(load), {name: seen.rate(load, name) for name in seen.peers(load)}
    wanted = f'≥ {margin} × the best peer'
    if not mine or not theirs:
        return goal(load, wanted, None, margin, '')
    best = max(theirs, key=theirs.get)
    ratio = mine / theirs[best]
    return goal(load, wanted, ratio, margin, f'{ratio:.2f} ({mine:,.0f}/s; {best} {theirs[best]:,.0f}/s)')


def ratio_of(load, wanted, mine, other, limit):
    ratio = mine / other if mine and other else None
    return goal(load, wanted, ratio, limit, ratio and f'{ratio:.2f} ({mine:,.0f}/s; {other:,.0f}/s)')


def against_copy(seen, load, share):
    runs = seen.of(load)
    ratios = [run['rate'] / run['copy'] for run in runs if run.get('copy')]
    middle = figures.median(ratios)
    return goal(load, f'≥ {share} × COPY', middle, share,
                middle and f'{middle:.2f} ({min(ratios):.2f}–{max(ratios):.2f}; {seen.rate(load):,.0f}/s)')


def lone_latency(seen, load):
    mine, database = seen.p50(load), seen.p50('pgbench c=1', 'PostgreSQL', 'reference')
    ratio = mine / database if mine and database else None
    rows = [goal(f'{load}, p50', '≤ 1.5 × pgbench c=1', ratio, 1.5,
                 ratio and f'{ratio:.2f} ({mine:.2f} ms; {database:.2f} ms)', at_least=False)]
    theirs = {name: seen.p50(load, name) for name in seen.peers(load)}
    quickest = min(theirs, key=theirs.get) if theirs else None
    enough = mine if quickest else None
    rows.append(goal(f'{load}, p50', 'below every peer', enough, quickest and theirs[quickest],
                     enough and f'{mine:.2f} ms; {quickest} {theirs[quickest]:.2f} ms', at_least=False))
    return rows


def paced(seen):
    runs = seen.of(HALF)
    middle = figures.median(run['latency'].get('p99') for run in runs)
    unanswered = sum(run['failed'] + run['unanswered'] for run in runs)
    return goal(f'{HALF}, p99', '≤ 10 ms with no timeout', None if middle is None else middle + 1e9 * unanswered, 10,
                middle and f'{middle:.2f} ms, {unanswered} without success', at_least=False)


def memory(seen):
    each = figures.median(run['kib_each'] for run in seen.runs if run['part'] == 'idle')
    tops = [run['peak_mib'] * 2**20 / 1e6 for run in seen.runs if run['part'] == 'main' and run['server'] == 'goloca']
    return [goal('memory, an idle WebSocket', '≤ 48 KiB', each, 48, each and f'{each:.1f} KiB', at_least=False),
            goal('memory at top load', '≤ 60 MB', max(tops, default=None), 60,
                 tops and f'{max(tops):.0f} MB at the most', at_least=False)]


def rows(runs):
    seen = Seen(runs)
    made = [against_peers(seen, load, margin) for load, margin in PEER_MARGIN.items()]
    made.append(ratio_of('HTTP c=64', '≥ 0.5 × nginx 201', seen.rate('HTTP c=64'), seen.rate('HTTP c=64', 'nginx 201'),
                         0.5))
    made += [against_copy(seen, load, share) for load, share in COPY_SHARE.items()]
    for load in LONE:
        made += lone_latency(seen, load)
    made.append(paced(seen))
    made.append(ratio_of('WS 8x64 go, sqlite', '≥ 1.2 × the same on PostgreSQL',
                         seen.rate('WS 8x64 go, sqlite', 'goloca sqlite'), seen.rate('WS 8x64 go'), 1.2))
    made += memory(seen)
    null = seen.rate('WS 8x64 lean, null', 'goloca null')
    made.append(goal('WS 8x64 lean, null', '≥ 300,000/s', null, 300_000, null and f'{null:,.0f}/s'))
    return made
