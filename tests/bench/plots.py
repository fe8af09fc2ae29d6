"""The report's plots, as SVG."""
import io
import math

import figures
import matplotlib
import matplotlib.ticker

matplotlib.use('svg')
import matplotlib.pyplot as pyplot  # noqa: E402 (the backend is chosen first)

pyplot.rcParams.update({'svg.fonttype': 'none', 'svg.hashsalt': 'goloca', 'font.size': 9, 'axes.spines.top': False,
                        'axes.spines.right': False, 'axes.grid': True, 'grid.alpha': 0.3, 'axes.axisbelow': True})
PAYERS = (('client', 'client', '#b8c4ce'), ('server', 'server', '#2f6fb0'), ('database', 'PostgreSQL', '#d98e32'))
COLUMNS = 3


def colour_of(server):
    return '#c0392b' if server.startswith('goloca') else '#c9c9c9' if server in ('nginx 201', 'bun echo') else '#7f9bb3'


def as_svg(figure):
    out = io.StringIO()
    figure.savefig(out, format='svg', metadata={'Date': None}, bbox_inches='tight')
    pyplot.close(figure)
    return out.getvalue()[out.getvalue().index('<svg'):]


def thousands(value, _):
    return f'{value:,.0f}'


def plain(value, _):
    return f'{value:g}'


def grid(count, row_height):
    columns = min(COLUMNS, count)
    rows = math.ceil(count / columns)
    figure, axes = pyplot.subplots(rows, columns, squeeze=False, figsize=(4.2 * columns, row_height * rows),
                                   constrained_layout=True)
    panels = list(axes.flat)
    for unused in panels[count:]:
        unused.set_visible(False)
    return figure, panels


def main_by_load(runs):
    return figures.group([run for run in runs if run['part'] == 'main'], 'load')


def panels_of_bars(runs):
    """Title → (name of a bar → its runs): a panel for each load with several servers, one for what goloca did alone."""
    made, alone = {}, {}
    for (load,), group in main_by_load(runs).items():
        servers = {server: some for (server,), some in figures.group(group, 'server').items()}
        if len(servers) > 1:
            made[load] = servers
        else:
            alone[load] = group
    return made | ({'goloca alone': alone} if alone else {})


def bars(runs, unit, draw):
    """draw(panel, place, name, runs) draws one bar."""
    loads = panels_of_bars(runs)
    figure, panels = grid(len(loads), 0.5 + 0.22 * max(map(len, loads.values())))
    for panel, (title, named) in zip(panels, loads.items()):
        for place, (name, some) in enumerate(reversed(named.items())):
            draw(panel, place, name, some)
        panel.set_yticks(range(len(named)), reversed(named))
        panel.set_title(f'{title}, {unit}', fontsize=9)
        panel.grid(axis='y', visible=False)
        panel.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(4))
    return figure, panels


def throughput(runs):
    def draw(panel, place, name, some):
        middle, least, most = figures.spread(run['rate'] for run in some)
        panel.barh(place, middle, color=colour_of(some[0]['server']))
        panel.plot((least, most), (place, place), color='black', linewidth=1, marker='|', markersize=6)
        panel.xaxis.set_major_formatter(thousands)
    return as_svg(bars(runs, 'points/s', draw)[0])


def cpu(runs):
    def draw(panel, place, name, some):
        start, seen = 0, figures.summary(some)['cpu']
        for payer, label, colour in PAYERS:
            panel.barh(place, seen[payer], left=start, color=colour, label=label if place == 0 else None)
            start += seen[payer]
    figure, panels = bars(runs, 'CPU µs a point', draw)
    panels[0].legend(fontsize=7)
    return as_svg(figure)


def latency(runs):
    """Each lean load's whole distribution, so far out as it goes: 90 %, 99 %, 99.9 % … at equal distances."""
    loads = {key: [run for run in group if run.get('histogram')] for key, group in main_by_load(runs).items()}
    loads = {key: group for key, group in loads.items() if group}
    if not loads:
        return None
    figure, panels = grid(len(loads), 2.8)
    for panel, ((load,), group) in zip(panels, loads.items()):
        for (server,), some in figures.group(group, 'server').items():
            curve = figures.quantile_curve(figures.merged(run['histogram'] for run in some))
            inner = [(1 / (1 - share), upper) for share, upper in curve if share < 1]
            colour = None if some[0]['of'] == 'peer' else colour_of(server)  # peers are told apart
            panel.plot(*zip(*inner), label=server, linewidth=2 if server.startswith('goloca') else 1,
                       color=colour)
        panel.set_xscale('log')
        plain_log(panel)
        panel.set_xticks((2, 10, 100, 1000, 10_000), ('50 %', '90 %', '99 %', '99.9 %', '99.99 %'))
        panel.set_xlim(1, 50_000)
        panel.set_title(f'{load}, latency ms', fontsize=9)
        panel.legend(fontsize=6)
    return as_svg(figure)


def plain_log(panel):
    panel.set_yscale('log')
    for formatter in (panel.yaxis.set_major_formatter, panel.yaxis.set_minor_formatter):
        formatter(matplotlib.ticker.LogFormatter(labelOnlyBase=False, minor_thresholds=(2, 0.5)))
    panel.yaxis.set_major_formatter(plain)


def sweep(runs, section):
    """The rate with its least and most, beside p50 and p99, and beside the CPU a point."""
    figure, (rate, latencies, spent) = pyplot.subplots(1, 3, figsize=(12.6, 3.2), constrained_layout=True)
    for number, ((load,), group) in enumerate(figures.group(runs, 'load').items()):
        colour, places = f'C{number}', sorted(figures.group(group, 'x').items())
        xs = [x for (x,), _ in places]
        seen = [figures.summary(some) for _, some in places]
        middle, least, most = zip(*(one['rate'] for one in seen))
        rate.fill_between(xs, least, most, color=colour, alpha=0.2)
        rate.plot(xs, middle, marker='o', markersize=3, color=colour, label=load)
        for name, style in (('p50', '-'), ('p99', '--')):
            known = [(x, one['latency'][name]) for x, one in zip(xs, seen) if one['latency'][name] is not None]
            if known:
                latencies.plot(*zip(*known), style, marker='o', markersize=3, color=colour, label=f'{load}, {name}')
        for payer, style in (('server', '-'), ('database', '--')):
            label = f'{load}, {dict((key, label) for key, label, _ in PAYERS)[payer]}'
            spent.plot(xs, [one['cpu'][payer] for one in seen], style, marker='o', markersize=3, color=colour,
                       label=label)
    for panel, title in ((rate, 'points/s'), (latencies, 'latency, ms'), (spent, 'CPU, µs a point')):
        panel.set_title(title, fontsize=9)
        panel.set_xlabel(section.over)
        panel.legend(fontsize=6)
        if section.logarithmic:
            panel.set_xscale('symlog', linthresh=smallest(runs))
        panel.set_ylim(bottom=0)
    latencies.set_ylim(auto=True)
    plain_log(latencies)
    rate.yaxis.set_major_formatter(thousands)
    return as_svg(figure)


def smallest(runs):
    return min(run['x'] for run in runs if run['x'] > 0)


def idle(runs):
    figure, (all_of_it, each) = pyplot.subplots(1, 2, figsize=(8.4, 3), constrained_layout=True)
    places = sorted(figures.group(runs, 'x').items())
    xs = [x for (x,), _ in places]
    for panel, name, title in ((all_of_it, 'resident_mib', 'resident, MiB'), (each, 'kib_each', 'KiB a connection')):
        panel.plot(xs, [figures.median(run[name] for run in some) for _, some in places], marker='o', color='#c0392b')
        panel.set_xscale('log')
        panel.set_xlabel('idle WebSockets')
        panel.set_title(title, fontsize=9)
        panel.set_ylim(bottom=0)
    return as_svg(figure)
