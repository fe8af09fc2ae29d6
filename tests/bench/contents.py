"""What the report says, in order, whatever it is written as: headings, paragraphs, tables, plots."""
import dataclasses

import figures
import plots
import sections
import tables


@dataclasses.dataclass
class Heading:
    text: str
    level: int = 2


@dataclasses.dataclass
class Paragraph:
    text: str


@dataclasses.dataclass
class Bullets:
    lines: list


@dataclasses.dataclass
class Table:
    head: tuple
    rows: list


@dataclasses.dataclass
class Plot:
    name: str
    draw: object  # a function that gives an SVG, or nothing when there is nothing to draw


QUIET = 0.3  # cores that others may use
MOST_DISTURBED = 0.1  # of the runs: a median hides how many more there were
LOADS = ('Points/s are acked ones. ×COPY is their ratio to a \\copy of 300,000 rows into goloca’s table in the same '
         'turn. CPU is µs a point: of the load’s client, the server and PostgreSQL; goloca’s holds what its threads '
         'spend on looking out for work before they sleep. Latency is in ms, by the Go client and wrk from when a '
         'point was sent, by the lean client at a fixed rate from when it was due. '
         f'Foreign is how many cores others used meanwhile: above {QUIET} the figures are not goloca’s alone. Peak is '
         'the most memory that the server’s processes held.')


def verdict(faults, runs):
    looked_up = sum(run['looked_up'] for run in runs if run.get('lost') is not None)
    if faults:
        return [Paragraph('**FAILED:**'), Bullets(faults)]
    return [Paragraph(f'Complete: every one of {looked_up:,} acked ids was looked up in the table, and is there.')]


def of(session_list, runs):
    faults = [line for session in session_list for line in session['faults']]
    made = [Heading('goloca’s bench', 1), *verdict(faults, runs)]
    skipped = sorted({line for session in session_list for line in session['skipped']})
    if skipped:
        made += [Heading('Not measured'), Bullets([f'**SKIPPED**: {line}' for line in skipped])]
    if any(run['part'] == 'main' for run in runs):
        made += main_part(runs)
    for section in sections.SECTIONS:
        made += sweep(section, runs)
    made.append(Heading('Measured with'))
    for session in session_list:
        made.append(Table(('', ''), session['about']))
    return made


def trust(runs):
    """How far the verdicts may be believed: the goals ask for five rounds, of a machine with nothing else to do."""
    measured = [run for run in runs if run['part'] == 'main']
    rounds = min(map(len, figures.group(measured, 'load', 'server').values()))
    disturbed = sum(run['foreign'] > QUIET for run in measured)
    doubts = [f'only {rounds} of at least 5 rounds'] if rounds < 5 else []
    if disturbed > len(measured) * MOST_DISTURBED:
        doubts.append(f'in {disturbed} of {len(measured)} runs others used more than {QUIET} cores')
    said = f'Medians of {rounds} rounds; in {disturbed} of {len(measured)} runs others used more than {QUIET} cores.'
    return f'**No verdict to rely on: {"; ".join(doubts)}.**' if doubts else said


def main_part(runs):
    made = [Heading('Goals'), Paragraph(trust(runs)), Table(tables.GOAL_HEAD, tables.goal_rows(runs)),
            Heading('Each load'), Paragraph(LOADS), Table(tables.LOAD_HEAD, tables.load_rows(runs))]
    for heading, head, rows in (('What the database takes', tables.REFERENCE_HEAD, tables.reference_rows(runs)),
                                ('The seed’s table', tables.SEED_HEAD, tables.seed_rows(runs)),
                                ('Memory', tables.IDLE_HEAD, tables.idle_rows(runs, 'idle'))):
        if rows:
            made += [Heading(heading), Table(head, rows)]
    return made + [
        Heading('Throughput'), Plot('throughput', lambda: plots.throughput(runs)),
        Heading('Latency'), Plot('latency', lambda: plots.latency(runs)),
        Heading('CPU a point'), Plot('cpu', lambda: plots.cpu(runs)),
    ]


def sweep(section, runs):
    mine = [run for run in runs if run['part'] == section.part]
    if not mine:
        return []
    made = [Heading(section.title), Paragraph(section.text)]
    if section.part == 'idle connections':
        return made + [Plot(section.part, lambda: plots.idle(mine)),
                       Table(tables.IDLE_HEAD, tables.idle_rows(runs, section.part))]
    return made + [Plot(section.part, lambda: plots.sweep(mine, section)),
                   Table(tables.sweep_head(section), tables.sweep_rows(runs, section))]
