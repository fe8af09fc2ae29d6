"""Writes the report: result.json has every run, report.md the tables."""
import json

import tables


def write(bench, options, about):
    with open(f'{options.into}/result.json', 'w') as file:
        json.dump(dict(about=dict(about), skipped=bench.skipped, faults=bench.faults, runs=bench.runs), file, indent=1)
    with open(f'{options.into}/report.md', 'w') as file:
        file.write(markdown(bench, about))


def markdown(bench, about):
    parts = ['# goloca’s bench', verdict(bench), tables.as_markdown(('', ''), about)]
    if bench.skipped:
        parts += ['## Not measured', '\n'.join(f'- **SKIPPED**: {what}' for what in bench.skipped)]
    parts += ['## Each load', EXPLAINED, tables.as_markdown(tables.LOAD_HEAD, tables.load_rows(bench.runs))]
    return '\n\n'.join(parts) + '\n'


def verdict(bench):
    looked_up = sum(run['looked_up'] for run in bench.runs if run.get('lost') is not None)
    if not bench.faults:
        return f'Complete. Every one of {looked_up:,} acked ids was looked up in the table, and is there.'
    return '**FAILED:**\n\n' + '\n'.join(f'- {fault}' for fault in bench.faults)


EXPLAINED = """Points/s are acked ones; ×COPY is their ratio to a `\\copy` of 300,000 rows into goloca's table in the same \
turn. CPU is µs a point, of the load's client / the server / PostgreSQL; *foreign* is what others took of the machine's \
cores. Latencies are ms."""
