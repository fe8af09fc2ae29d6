"""All six nodes restarted in turn under 1,000 WebSockets: nothing lost, no answer missing, and nothing that one resend does not cure.

    sudo python3 -B tests/cluster/rolling.py [--clients 1000]     with deploy/cluster.sh up

Each client sends a point about every second and waits for its answer; when its connection ends, it sends the same point once
more by the next edge.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import time

import nodes


class WebSocket:
    """As much of RFC 6455 as a client of small messages wants."""

    async def open(self, edge):
        self.reader, self.writer = await asyncio.wait_for(asyncio.open_connection(nodes.address(edge), 8080), 2)
        self.writer.write(f"GET /ws HTTP/1.1\r\nHost: {edge}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 3)
        if b" 101 " not in head:
            raise ConnectionError(head.split(b"\r\n")[0].decode())

    def send(self, text):
        mask, body = os.urandom(4), text.encode()
        self.writer.write(bytes([0x81, 0x80 | len(body)]) + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(body)))

    async def receive(self):
        while True:
            kind, size = await self.reader.readexactly(2)
            if size == 126:
                size = int.from_bytes(await self.reader.readexactly(2), "big")
            body = await self.reader.readexactly(size)
            if kind == 0x88:
                raise ConnectionError(int.from_bytes(body[:2], "big"))
            if kind == 0x81:
                return json.loads(body)

    def close(self):
        self.writer.close()


class Crowd:
    def __init__(self, count, edges):
        self.count, self.edges, self.over = count, edges, False
        self.acked, self.twice, self.closes, self.slowest, self.incurable = set(), 0, {}, 0.0, []

    async def point(self, socket, number):
        socket.send(json.dumps({"id": str(number), "user_id": f"rolling {number}", "vehicle_model_id": 12}))
        answer = await asyncio.wait_for(socket.receive(), 5)
        if answer["status"] != "success":
            raise ConnectionError(json.dumps(answer))

    async def reach(self, which):
        """A socket to whichever edge takes it; who is not there yet has cost nobody a point."""
        while True:
            socket = WebSocket()
            try:
                await socket.open(self.edges[which % len(self.edges)])
                return socket, which
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
                which += 1
                await asyncio.sleep(random.uniform(0.05, 0.2))

    async def client(self, one, base):
        number, which = base + one * 10_000, one
        socket, which = await self.reach(which)
        while not self.over:
            await asyncio.sleep(random.uniform(0.5, 1.5))
            number += 1
            start = time.monotonic()
            for attempt in (1, 2, 3, 4, 5):
                try:
                    await self.point(socket, number)
                    self.acked.add(number)
                    break
                except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as why:
                    if attempt > 1:
                        self.incurable.append(f"{number}: attempt {attempt}: {why!r}")
                    self.twice += attempt == 1
                    self.closes[str(why)[:60]] = self.closes.get(str(why)[:60], 0) + 1
                    socket.close()
                    socket, which = await self.reach(which + 1)
            self.slowest = max(self.slowest, time.monotonic() - start)
        socket.close()


def roll(node):
    subprocess.run([nodes.CLUSTER, "stop", node], check=True)
    subprocess.run([nodes.CLUSTER, "start", node], check=True)  # waits for its end
    while True:
        try:
            if nodes.ready(node):
                return
        except OSError:
            pass
        time.sleep(0.1)


async def run(asked):
    edges = nodes.edges()
    crowd = Crowd(asked.clients, edges)
    base = int(time.time()) * 100_000_000
    clients = [asyncio.create_task(crowd.client(one, base)) for one in range(asked.clients)]
    await asyncio.sleep(5)
    for node in nodes.writers() + edges:
        begin = time.monotonic()
        await asyncio.to_thread(roll, node)
        print(f"{node}: restarted in {time.monotonic() - begin:.1f} s; {len(crowd.acked)} points acked so far", flush=True)
        await asyncio.sleep(3)
    crowd.over = True
    await asyncio.gather(*clients)
    found = nodes.count_rows(base, base + asked.clients * 10_000)
    print(f"{asked.clients} WebSockets: {len(crowd.acked)} points acked, {len(crowd.acked) - found} lost; {crowd.twice} sent twice"
          f" (why: {crowd.closes}); {len(crowd.incurable)} not cured by one resend; slowest {crowd.slowest:.1f} s")
    for each in crowd.incurable[:10]:
        print("  " + each)
    return len(crowd.acked) != found or bool(crowd.incurable)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=1000)
    raise SystemExit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
