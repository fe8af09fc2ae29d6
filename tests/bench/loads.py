"""The loads: what each client is told."""
import dataclasses
import math

ARRAY_IN_FLIGHT = 800  # points a connection, below goloca's MAX_IN_FLIGHT of 1,024


@dataclasses.dataclass(frozen=True)
class Load:
    name: str
    tool: str  # wrk, go (wsload.go), lean (goloca bench) or send (goloca send)
    connections: int
    window: int = 1
    via: str = 'websocket'
    array: int = 1
    rate: float = 0  # points/s, on a fixed schedule; 0: as fast as the windows allow
    points: int = 0  # 0: for the time that is given
    replays: float = 0
    file: str = ''  # what goloca send sends
    least_seconds: float = 0  # what many connections need, for the cost of opening them not to show
    most_seconds: float = 1e9  # a lone point's latency is known soon
    servers: tuple = ('goloca',)  # names, and peer for all of these


def http(connections):
    return Load(f'HTTP c={connections}', 'wrk', connections, via='http', servers=('goloca', 'peer', 'nginx 201'))


def websocket(connections, window, tool, **more):
    settings = dict(most_seconds=2 if connections * window == 1 else 1e9, servers=('goloca', 'peer', 'bun echo'))
    return Load(f'WS {connections}x{window} {tool}', tool, connections, window, **(settings | more))


def arrays(size):
    return Load(f'WS arrays of {size} lean', 'lean', 8, ARRAY_IN_FLIGHT // size, array=size)


def on_store(store, load):
    """The same, of goloca alone, on that store."""
    return dataclasses.replace(load, name=f'{load.name}, {store}', servers=(f'goloca {store}',))


def main_loads():
    made = [http(connections) for connections in (16, 64, 256)]
    made.append(Load('HTTP c=64 lean', 'lean', 64, via='http', servers=('goloca', 'peer')))
    for tool in ('go', 'lean'):
        for connections, window in ((8, 64), (64, 16), (1, 1)):
            made.append(websocket(connections, window, tool))
    made += [arrays(50), arrays(200)]
    made += [on_store(store, websocket(8, 64, tool)) for store in ('sqlite', 'null') for tool in ('go', 'lean')]
    return made + [on_store('null', load) for load in (http(64), websocket(64, 16, 'go'))]  # what a store can cost them


def command(load, port, seconds, acked, tools):
    """What runs the load for that long and leaves the acked ids in a file. tools: name → path of the program."""
    address = f'127.0.0.1:{port}'
    if load.tool == 'wrk':
        return [tools['wrk'], '-t1', f'-c{load.connections}', f'-d{math.ceil(seconds)}s', '--latency', '-s',
                tools['acked.lua'], f'http://{address}', '--', '/add_datapoint']
    if load.tool == 'go':
        return [tools['go'], '-url', f'ws://{address}/ws', '-c', str(load.connections), '-w', str(load.window),
                '-d', f'{seconds:g}s', '-acked', acked]
    if load.tool == 'send':
        return [tools['send'], 'send', load.file, '--to', f'http://{address}', '--via', 'websocket', '--batch', '1',
                '--window', str(load.window), '--no-progress']
    made = [tools['lean'], 'bench', f'http://{address}', '--via', load.via, '--connections', str(load.connections),
            '--window', str(load.window), '--array', str(load.array), '--duration', f'{seconds * 1000:.0f}ms',
            '--acked', acked, '--json']
    for flag, value in (('--rate', load.rate), ('--points', load.points), ('--replays', load.replays)):
        made += [flag, f'{value:.10g}'] if value else []
    return made
