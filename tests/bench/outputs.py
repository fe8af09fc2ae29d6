"""What the load clients print, as figures of one shape: rates in points/s, latencies in ms."""
import json
import re

UNITS = {'us': 0.001, 'ms': 1, 's': 1000, 'm': 60_000}


def milliseconds(text):
    found = re.fullmatch(r'([\d.]+)(us|ms|s|m)', text)
    return float(found[1]) * UNITS[found[2]]


def first(pattern, text, default=None):
    found = re.search(pattern, text)
    if not found and default is None:
        raise ValueError(f'no {pattern} in: {text.strip()[:200]}')
    return found[1] if found else default


def read_wrk(out):
    asked = int(first(r'(\d+) requests in', out))
    refused = int(first(r'Non-2xx or 3xx responses: (\d+)', out, '0'))
    broken = sum(map(int, re.findall(r'(?:connect|read|write|timeout) (\d+)', first(r'Socket errors: (.*)', out, ' '))))
    acked = asked - refused
    rate = float(first(r'Requests/sec:\s+([\d.]+)', out)) * (acked / asked if asked else 0)
    latency = {name: milliseconds(first(rf'\s{name[1:]}%\s+(\S+)', out)) for name in ('p50', 'p90', 'p99')}
    return dict(acked=acked, points=acked, failed=refused, unanswered=broken, rate=rate, latency=latency)


def read_wsload(out):
    found = re.search(r'acked (\d+) failed (\d+) rate (\d+)/s p50 ([\d.]+) ms p99 ([\d.]+) ms max ([\d.]+)', out)
    if not found:
        raise ValueError(f'wsload: {out.strip()[:500]}')
    acked, failed, rate = map(int, found.groups()[:3])
    latency = dict(zip(('p50', 'p99', 'max'), map(float, found.groups()[3:])))
    return dict(acked=acked, points=acked, failed=failed, unanswered=0, rate=rate, latency=latency)


def read_lean(out):
    read = json.loads(out)
    warmup = read.get('warmup', {}).get('acked', 0)
    latency = {name.replace('.', '_'): value for name, value in read['latency_ms'].items()}
    return dict(acked=read['acked'], points=read['acked'] + warmup, failed=read['failed'],
                unanswered=read['unanswered'], duplicates=read['duplicates'], sent=read['sent'],
                behind=read.get('behind', 0), rate=read['rate'], seconds=read['seconds'], latency=latency,
                failed_by_code=read.get('failed_by_code', {}), histogram=read['histogram_ms'])


def read_send(out):
    count = r'([\d,]+)'
    found = re.search(rf'{count} stored, {count} duplicates, {count} refused in [\d.]+ s \({count}/s\)', out)
    if not found:
        raise ValueError(f'goloca send: {out.strip()[:500]}')
    stored, duplicates, refused, rate = (int(number.replace(',', '')) for number in found.groups())
    return dict(acked=stored, points=stored, duplicates=duplicates, failed=refused, unanswered=0, rate=rate, latency={})


READERS = {'wrk': read_wrk, 'go': read_wsload, 'lean': read_lean, 'send': read_send}
