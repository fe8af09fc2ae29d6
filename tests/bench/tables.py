"""The report's tables, as rows of text."""
import figures

LOAD_HEAD = ('load', 'server', 'points/s', 'min–max', '×COPY', 'p50', 'p99', 'CPU client / server / PostgreSQL',
             'lost', 'failed', 'unanswered', 'peak MiB', 'foreign', 'runs')


def as_markdown(head, rows):
    lines = ['| ' + ' | '.join(map(str, row)) + ' |' for row in (head, ['---'] * len(head), *rows)]
    return '\n'.join(lines)


def number(value, digits=2):
    return '–' if value is None else f'{value:,.{digits}f}'


def load_rows(runs):
    rows = []
    for (load, server), group in figures.group([run for run in runs if run['part'] == 'main'], 'load', 'server').items():
        seen = figures.summary(group)
        middle, least, most = seen['rate']
        rows.append((load, server, number(middle, 0), f'{least:,.0f}–{most:,.0f}', number(seen['ratio']),
                     number(seen['latency']['p50']), number(seen['latency']['p99']),
                     ' / '.join(number(seen['cpu'][name], 1) for name in ('client', 'server', 'database')),
                     number(seen['lost'], 0), seen['failed'], seen['unanswered'], number(seen['peak_mib'], 0),
                     number(seen['foreign']), seen['runs']))
    return rows
