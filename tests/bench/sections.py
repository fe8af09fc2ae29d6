"""The report's sweeps: what each is called, what its figures stand over, and how they are to be read."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Section:
    part: str
    title: str
    over: str  # what x is
    text: str
    logarithmic: bool = True


SECTIONS = (
    Section('batch', 'Batch size', 'MAX_BATCH, points', 'WebSocket, 64 connections, four batches in flight. With '
            'small batches each commit is paid by few points: the rate is the disk’s syncs times the batch. It '
            'levels out where the processors are busy, not the disk.'),
    Section('offered', 'Offered load', '% of the top rate', 'WebSocket, 64 connections, open loop: points are due by '
            'the clock, and latency counts from when they were. Below the top the latency is a commit’s; near it the '
            'queue is, and beyond it what waits grows until the windows are full: then latency says only how long '
            'the load lasted.', False),
    Section('idle connections', 'Idle connections', 'idle WebSockets', 'Memory grows by what a connection holds in '
            'sockets’ buffers, session and actor; nothing else grows, for an idle connection has nothing to do.'),
    Section('active connections', 'Active connections', 'WebSockets', 'As many points in flight as before (1,024, or '
            'one a connection), spread over more connections: each burst carries fewer points, so wake-ups, system '
            'calls and messages between actors are paid by fewer points. The server’s CPU a point is what grows '
            '(opening the connections is in it).'),
    Section('writers', 'Writers', 'NUM_POOL_WORKERS', 'One writer leaves the disk idle while it encodes, and the '
            'processors while it syncs; two overlap. More of them share the same points in smaller batches: each '
            'commit costs the same, so they cost PostgreSQL more CPU a point.', False),
    Section('large table', 'Table size', 'rows filled in before', 'PostgreSQL with 16 MB of shared '
            'buffers, so that the index does not fit. Ids in order land on the same few pages whatever the table’s '
            'size; random ones touch a page of the index each, to be read and written back, and its whole image goes '
            'to the log after each checkpoint. (goloca send is a dearer client than the lean one: compare the '
            'lines’ slopes, not their heights.)', False),
    Section('slow disk', 'Slow disk', 'ms added to each sync', 'A lone point waits for one sync, so its latency is '
            'the disk’s. Under load batches grow as the sync takes longer, until all that is in flight is in one: '
            'from there on the rate is what is in flight, divided by the time of a commit.', False),
    Section('replays', 'Points sent before', 'share of messages that are replays', 'COPY refuses a batch with a '
            'known id as a whole; the batch goes again by INSERT, and the rows that COPY had written are dead. While '
            'replays are rare, that costs less than INSERT always would; where they are not, the writer '
            'stays with INSERT, and few COPYs fail.'),
)
