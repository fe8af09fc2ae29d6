"""Gets ready what the loads need and this machine has: the load clients and the peers, built in a folder of ours."""
import os
import shutil
import subprocess

import servers

HERE = os.path.dirname(os.path.abspath(__file__))


def copy_yardstick(source, folder):
    """The peers and clients as they are, without what was built from them; False when there are none."""
    if not os.path.exists(f'{source}/run.sh'):
        return False
    os.makedirs(folder, exist_ok=True)
    for name in ('peers/bun.mjs', 'peers/common.mjs', 'peers/node.mjs', 'peers/ingest_peer.erl', 'schema.sql',
                 'post.lua', 'wsload.go', 'package.json'):
        os.makedirs(os.path.dirname(f'{folder}/{name}'), exist_ok=True)
        shutil.copyfile(f'{source}/{name}', f'{folder}/{name}')
    return True


def build(product, source, command, folder, **environment):
    """Makes product from source unless it is newer. Returns why it cannot, or nothing."""
    if os.path.exists(f'{folder}/{product}'):
        if os.path.getmtime(f'{folder}/{product}') >= os.path.getmtime(f'{folder}/{source}'):
            return None
    if not shutil.which(command[0]):
        return f'no {command[0]} here'
    try:
        done = subprocess.run(command, cwd=folder, env=dict(os.environ, **environment), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        return f'{command[0]} took too long'
    if done.returncode != 0:
        return f'{command[0]}: {(done.stderr or done.stdout).strip()[-300:]}'
    os.utime(f'{folder}/{product}')
    return None


def find_clients(folder, have_yardstick, binary, lean, skip):
    """name → path of each load client that runs here."""
    tools = {'acked.lua': f'{HERE}/acked.lua', 'post.lua': f'{folder}/post.lua', 'send': binary}
    wrk = shutil.which('wrk')
    if not wrk or not have_yardstick:
        skip('loads by wrk: ' + ('no post.lua without the yardstick' if wrk else 'no wrk here'))
    else:
        tools['wrk'] = wrk
    why = build('wsload', 'wsload.go', ['go', 'build', '-o', 'wsload', 'wsload.go'], folder, GO111MODULE='off',
                GOPATH='/usr/share/gocode') if have_yardstick else 'not without the yardstick'
    if why:
        skip(f'loads by the Go client: {why}')
    else:
        tools['go'] = f'{folder}/wsload'
    if '--connections' in subprocess.run([lean, 'bench', '--help'], capture_output=True, text=True).stdout:
        tools['lean'] = lean
    else:
        skip(f'loads by the lean client: {os.path.basename(lean)} has no command "bench"')
    return tools


def find_peers(folder, wanted, skip):
    """Those of the wanted peers that run here."""
    packages = build('node_modules', 'package.json', ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error'],
                     folder)
    needs = {
        'bun': packages,
        'node': packages or (None if shutil.which('node') else 'no node here'),
        'erlang': build('ingest_peer.beam', 'peers/ingest_peer.erl', ['erlc', 'peers/ingest_peer.erl'], folder),
    }
    found = []
    for name, kind in servers.peers(folder).items():
        if kind.of == 'peer' and wanted and name not in wanted:
            continue
        why = needs[next(start for start in needs if name.startswith(start))]
        if why:
            skip(f'peer {name}: {why}')
        else:
            found.append(kind)
    return found
