"""What a run is made of: each part is a function of the bench and the round's number."""
import re

import replays
import scale
import sweeps

ALONE = {'batch': sweeps.batches, 'offered': sweeps.offered, 'seed': sweeps.seed_table, 'idle': sweeps.idle_memory}
SCALE = {'idle connections': scale.idle_connections, 'active connections': scale.active_connections,
         'writers': scale.writers, 'large table': scale.large_table, 'slow disk': scale.slow_disk}
REPLAYS = {'replays': replays.run}


def chosen(options):
    """name → function of the parts beside the loads of rounds.py."""
    made = {}
    if not (options.scale or options.replays):
        made.update(ALONE)
    if options.scale:
        made.update(SCALE)
    if options.replays:
        made.update(REPLAYS)
    return {name: part for name, part in made.items() if re.search(options.only, name, re.IGNORECASE)}
