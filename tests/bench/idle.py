"""WebSockets that say nothing."""
import contextlib
import resource
import socket

REQUEST = ('GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
           'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n').encode()


def allow_descriptors():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def open_one(port):
    made = socket.create_connection(('127.0.0.1', port), timeout=10)
    made.sendall(REQUEST)
    answer = made.recv(1024)
    if not answer.startswith(b'HTTP/1.1 101 '):
        raise RuntimeError(f'no WebSocket: {answer[:100]!r}')
    return made


@contextlib.contextmanager
def websockets(port, count):
    """Opens them for a with block; gives how many are open."""
    with contextlib.ExitStack() as held:
        for _ in range(count):
            held.enter_context(open_one(port))
        yield count
