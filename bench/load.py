"""A small HTTP/1.1 load generator on the loopback: prebuilt bodies, connections kept open, exact latencies."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Request(NamedTuple):
    """One POST to /api/sync: the token of its device, the ids of its events, the body."""

    token: str
    ids: Sequence[str]
    body: bytes


class Outcome(NamedTuple):
    seconds: float
    events: int
    latencies: list[float]  # seconds, sorted
    statuses: dict[int, int]
    lost: int  # requests that ended without an answer
    odd: list[bytes]

    def at(self, share: float) -> float:
        """Latency in milliseconds below which this share of the answers lies."""
        return 1000 * self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]

    @property
    def rate(self) -> float:
        return self.events / self.seconds


class Lane:
    """What one device has to send, in its order; made when it is wanted."""

    def __init__(self, requests: Iterable[Request]):
        self._rest = iter(requests)
        self._back: deque[Request] = deque()

    def take(self) -> Request | None:
        return self._back.popleft() if self._back else next(self._rest, None)

    def give_back(self, request: Request) -> None:
        """It was not answered: it comes next."""
        self._back.appendleft(request)

    def close(self) -> None:
        """Nothing new is begun; what was sent without an answer is still sent again."""
        self._rest = iter(())


class Connection(asyncio.Protocol):
    """One device: sends its next request when the last one is answered."""

    def __init__(self, run: "Run", lane: Lane):
        self.run, self.lane = run, lane
        self.buffer = b""
        self.now: Request | None = None
        self.finished = False

    def connection_made(self, transport):
        self.transport = transport
        self.next()

    def next(self):
        if self.transport.is_closing():
            return
        self.now = None if self.run.stopped else self.lane.take()
        if self.now is None:
            self.finished = True
            self.transport.close()
            return
        self.since = time.perf_counter()
        self.transport.write(head(self.now) + self.now.body)

    def data_received(self, data):
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        top = self.buffer[:end].lower()
        at = top.find(b"content-length:")
        length = int(top[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.buffer) < end + 4 + length:
            return
        body, self.buffer = self.buffer[end + 4 : end + 4 + length], b""
        request, self.now = self.now, None
        self.run.answered(request, int(top[9:12]), body, time.perf_counter() - self.since, self.lane)
        if self.run.stopped or int(top[9:12]) == 200:
            self.next()
        else:
            asyncio.get_running_loop().call_later(0.2, self.next)

    def connection_lost(self, exc):
        if self.now is not None:
            self.run.lost += 1
            if self.run.again:
                self.lane.give_back(self.now)
        self.run.closed(self.lane, self.finished)


class Run:
    def __init__(
        self, port: int, lanes: Iterable[Sequence[Request]], again: bool, hear: Callable[[Request, bytes], None] | None
    ):
        self.port, self.again, self.hear = port, again, hear
        self.lanes = [Lane(lane) for lane in lanes]
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.odd: list[bytes] = []
        self.lost = self.events = 0
        self.stopped = False

    def finish(self) -> None:
        """Let the devices end: nothing new is sent, what was not answered is."""
        for lane in self.lanes:
            lane.close()

    def answered(self, request: Request, status: int, body: bytes, seconds: float, lane: Lane) -> None:
        self.statuses[status] += 1
        self.latencies.append(seconds)
        if status == 200:
            self.events += len(request.ids)
            if self.hear:
                self.hear(request, body)
        else:
            if len(self.odd) < 5:
                self.odd.append(body[:300])
            if self.again and status >= 500:  # as a device does: later
                lane.give_back(request)

    def closed(self, lane: Lane, finished: bool) -> None:
        if self.again and not finished and not self.stopped:
            self.tasks.append(asyncio.get_running_loop().create_task(self.connect(lane)))
            return
        self.left -= 1
        if self.left == 0:
            self.done.set()

    async def connect(self, lane: Lane) -> None:
        while not self.stopped:
            try:
                await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self, lane), "127.0.0.1", self.port
                )
                return
            except OSError:
                if not self.again:
                    break
                await asyncio.sleep(0.1)
        self.left -= 1
        if self.left == 0:
            self.done.set()

    async def main(self, limit: float) -> Outcome:
        self.done = asyncio.Event()
        self.left = len(self.lanes)
        self.tasks: list[asyncio.Task] = []
        start = time.perf_counter()
        await asyncio.gather(*(self.connect(lane) for lane in self.lanes))
        try:
            await asyncio.wait_for(self.done.wait(), limit)
        except TimeoutError:
            self.stopped = True
        seconds = time.perf_counter() - start
        return Outcome(seconds, self.events, sorted(self.latencies), dict(self.statuses), self.lost, self.odd)


def head(request: Request) -> bytes:
    return (
        f"POST /api/sync HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {request.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(request.body)}\r\n\r\n"
    ).encode()


def send(
    port: int,
    lanes: Iterable[Sequence[Request]],
    *,
    again: bool = False,
    hear: Callable[[Request, bytes], None] | None = None,
    limit: float = 170,
) -> Outcome:
    """Send every lane's requests, one connection a lane. `again`: as a device does, send again what was not
    answered."""
    return asyncio.run(Run(port, lanes, again, hear).main(limit))
