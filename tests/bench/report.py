"""Writes the report: result.json has every run, report.md the tables, report.html the tables and the plots."""
import html
import json
import re

import contents

STYLE = """body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 78em; padding: 0 1em; color: #222;
  background: #fff }
table { border-collapse: collapse; font-size: 13px; margin: 1em 0; display: block; overflow-x: auto }
td, th { border-bottom: 1px solid #ddd; padding: .25em .7em; text-align: left; white-space: nowrap }
tr:hover { background: #f4f6f8 } svg { max-width: 100%; height: auto } p { max-width: 60em }"""


def write(folder, sessions, with_plots=True):
    """sessions: of each invocation its about, skipped, faults and runs."""
    runs = [run for session in sessions for run in session['runs']]
    blocks = contents.of(sessions, runs)
    with open(f'{folder}/result.json', 'w') as file:
        json.dump(dict(sessions=sessions), file, indent=1)
    with open(f'{folder}/report.md', 'w') as file:
        file.write('\n\n'.join(filter(None, map(as_markdown, blocks))) + '\n')
    with open(f'{folder}/report.html', 'w') as file:
        body = '\n'.join(as_html(block) for block in blocks if with_plots or not isinstance(block, contents.Plot))
        file.write(f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>goloca’s bench</title>'
                   f'<style>{STYLE}</style></head><body>\n{body}\n</body></html>\n')


def merged(old, new):
    """The old sessions without what the new one measured again, and the new one."""
    again = {(run['part'], run['load']) for run in new['runs']}
    kept = [dict(session, runs=[run for run in session['runs'] if (run['part'], run['load']) not in again])
            for session in old]
    return [session for session in kept if session['runs']] + [new]


def read(folder):
    try:
        with open(f'{folder}/result.json') as file:
            return json.load(file)['sessions']
    except FileNotFoundError:
        return []


def as_markdown(block):
    if isinstance(block, contents.Heading):
        return '#' * block.level + ' ' + block.text
    if isinstance(block, contents.Paragraph):
        return block.text
    if isinstance(block, contents.Bullets):
        return '\n'.join(f'- {line}' for line in block.lines)
    if isinstance(block, contents.Table):
        rows = (block.head, ['---'] * len(block.head), *block.rows)
        return '\n'.join('| ' + ' | '.join(map(str, row)) + ' |' for row in rows)
    return None  # a plot


def bold(text):
    return re.sub(r'\*\*(.+?)\*\*', r'<b>\1</b>', html.escape(str(text)))


def as_html(block):
    if isinstance(block, contents.Heading):
        return f'<h{block.level}>{bold(block.text)}</h{block.level}>'
    if isinstance(block, contents.Paragraph):
        return f'<p>{bold(block.text)}</p>'
    if isinstance(block, contents.Bullets):
        return '<ul>' + ''.join(f'<li>{bold(line)}</li>' for line in block.lines) + '</ul>'
    if isinstance(block, contents.Table):
        lines = [''.join(f'<{tag}>{bold(cell)}</{tag}>' for cell in row)
                 for tag, row in (('th', block.head), *(('td', row) for row in block.rows))]
        return '<table>' + ''.join(f'<tr>{line}</tr>' for line in lines) + '</table>'
    return block.draw() or ''
