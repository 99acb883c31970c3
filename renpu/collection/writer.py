"""One writer thread a process gathers what waits into one transaction, so that many small submissions share a commit.

A request is answered after its group's commit. A group that fails is written request by request, so that one bad
request harms nobody else. On SQLite everything is written here; on PostgreSQL only small requests are, a batch has its
own connection.
"""

import queue
import threading
from collections.abc import Sequence

from django.db import connection

from renpu.collection import journal
from renpu.collection.fold import Arrived

LIMIT = 200  # events a group, so that the next one is decoded while this one is written
SMALL = 8  # events in a request that shares its commit on PostgreSQL


class Waiting:
    __slots__ = ("answers", "arrived", "devices", "done", "error")

    def __init__(self, arrived: Sequence[Arrived], devices: Sequence[tuple]):
        self.arrived = arrived
        self.devices = devices
        self.answers: list[journal.Answer] = []
        self.error: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()


class Writer:
    """The writer thread of this process."""

    def __init__(self, check):
        self.check = check
        self.queue: queue.SimpleQueue[Waiting] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="renpu-writer", daemon=True).start()

    def write(self, arrived: Sequence[Arrived], devices: Sequence[tuple]) -> list[journal.Answer]:
        """The answers, after the commit; raises what the store raised."""
        if connection.vendor == "postgresql" and len(arrived) > SMALL:
            return journal.write(arrived, check=self.check, devices=devices)
        waiting = Waiting(arrived, devices)
        self.queue.put(waiting)
        waiting.done.acquire()
        if waiting.error is not None:
            raise waiting.error
        return waiting.answers

    def _run(self) -> None:
        while True:
            group = [self.queue.get()]
            events = len(group[0].arrived)
            while events < LIMIT:
                try:
                    group.append(self.queue.get_nowait())
                except queue.Empty:
                    break
                events += len(group[-1].arrived)
            try:
                self._write(group)
            except Exception:
                connection.close()
                for one in group:
                    try:
                        self._write([one])
                    except Exception as error:
                        connection.close()
                        one.error = error
            for one in group:
                one.done.release()

    def _write(self, group: list[Waiting]) -> None:
        arrived = [event for one in group for event in one.arrived]
        devices = newest_of(device for one in group for device in one.devices)
        answers = journal.write(arrived, check=self.check, devices=devices)
        at = 0
        for one in group:
            one.answers = answers[at : at + len(one.arrived)]
            at += len(one.arrived)


def newest_of(devices) -> list[tuple]:
    """One row a device: (id, last_seen_at, offset_ms, highest seq)."""
    found: dict = {}
    for device_id, seen_at, offset_ms, seq in devices:
        before = found.get(device_id)
        found[device_id] = (device_id, seen_at, offset_ms, max(seq, before[3] if before else 0))
    return list(found.values())
