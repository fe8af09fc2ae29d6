"""The report's tables: a head, and rows of text."""
import figures
import goals

LOAD_HEAD = ('load', 'server', 'points/s', 'min–max', '×COPY', 'p50', 'p99', 'CPU client / server / PostgreSQL',
             'lost', 'failed', 'unanswered', 'peak MiB', 'foreign', 'runs')
GOAL_HEAD = ('load', 'goal', 'seen', 'verdict')
SEED_HEAD = ('', 'the seed', 'goloca')
IDLE_HEAD = ('idle WebSockets', 'KiB each', 'MiB in all')
SEED_FIGURES = {'1000 requests, 50 at a time': '3.5 s', '1000 requests, 1 at a time': '24 s', 'one request': '20 ms'}


def number(value, digits=2):
    return '–' if value is None else f'{value:,.{digits}f}'


def times(value):
    return number(value, 2 if value is None or value < 100 else 0)


def cpu_split(seen):
    return ' / '.join(number(seen['cpu'][name], 1) for name in ('client', 'server', 'database'))


def load_rows(runs):
    rows = []
    main = [run for run in runs if run['part'] == 'main']
    for (load, server), group in figures.group(main, 'load', 'server').items():
        seen = figures.summary(group)
        middle, least, most = seen['rate']
        rows.append((load, server, number(middle, 0), f'{least:,.0f}–{most:,.0f}', number(seen['ratio']),
                     times(seen['latency']['p50']), times(seen['latency']['p99']), cpu_split(seen),
                     number(seen['lost'], 0), seen['failed'], seen['unanswered'], number(seen['peak_mib'], 0),
                     number(seen['foreign']), seen['runs']))
    return rows


def reference_rows(runs):
    rows = []
    for (load,), group in figures.group([run for run in runs if run['part'] == 'reference'], 'load').items():
        middle, least, most = figures.spread(run['rate'] for run in group)
        p50 = figures.median(run.get('latency', {}).get('p50') for run in group)
        rows.append((load, number(middle, 0), f'{least:,.0f}–{most:,.0f}', number(p50), len(group)))
    return rows


REFERENCE_HEAD = ('reference', 'rows/s', 'min–max', 'p50', 'runs')


def goal_rows(runs):
    return goals.rows(runs)


def seed_rows(runs):
    rows = []
    for (load,), group in figures.group([run for run in runs if run['part'] == 'seed'], 'load').items():
        if load == 'one request':
            seen = f'{number(figures.median(run["latency"]["p50"] for run in group))} ms'
        else:
            seen = f'{number(figures.median(run["seconds"] for run in group))} s'
        rows.append((load, SEED_FIGURES.get(load, '–'), seen))
    rate = figures.median(run['rate'] for run in runs if run['part'] == 'main' and run['via'] == 'http'
                          and run['connections'] == 64 and run['server'] == 'goloca')
    if rate:
        rows.append(('requests a minute (HTTP c=64)', '15,000', number(rate * 60, 0)))
    return rows


def sweep_head(section):
    more = ('replays seen', 'dead rows a point') if section.part == 'replays' else ()
    return ('load', section.over, 'points/s', 'min–max', 'p50', 'p99', 'CPU client / server / PostgreSQL', 'lost',
            'failed', 'unanswered', *more, 'runs')


def sweep_rows(runs, section):
    rows = []
    for (load, x), group in sorted(figures.group([run for run in runs if run['part'] == section.part],
                                                 'load', 'x').items()):
        seen = figures.summary(group)
        middle, least, most = seen['rate']
        more = tuple(f'{figures.median(run.get(name) for run in group):.5f}' for name in ('replayed', 'dead_share')
                     ) if section.part == 'replays' else ()
        rows.append((load, f'{x:,}', number(middle, 0), f'{least:,.0f}–{most:,.0f}', times(seen['latency']['p50']),
                     times(seen['latency']['p99']), cpu_split(seen), number(seen['lost'], 0), seen['failed'],
                     seen['unanswered'], *more, seen['runs']))
    return rows


def idle_rows(runs, part):
    return [(f'{x:,}', number(figures.median(run['kib_each'] for run in group), 1),
             number(figures.median(run['resident_mib'] for run in group), 1))
            for (x,), group in sorted(figures.group([run for run in runs if run['part'] == part], 'x').items())]
