"""The current tables and counters, made again from the journal alone: to prove them, or to replace them.

Block by block, so that memory stays flat: what a block's events say is folded in memory and set against what the
tables hold. Sealed values are compared opened; a difference is told by table, key and column, never by its value.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction
from msgspec.structs import astuple

from renpu.collection import events, journal
from renpu.collection.fold import Arrived, Edits, Folded, Held, Line, Task, fold
from renpu.collection.forms import facts
from renpu.collection.models import BlockDay, BlockNow, Event
from renpu.collection.store import Read, store
from renpu.platform.vault import chain, digest, unseal_bytes


class Difference(NamedTuple):
    """One place where a table and the journal disagree."""

    table: str
    key: str
    what: str


class Replay:
    """One block of one census, folded from its first event to its last. It is the fold's world while it runs."""

    def __init__(self, census_id: int, block_code: str):
        self.census_id = census_id
        self.block_code = block_code
        self.lines: dict[UUID, Line] = {}
        self.persons: dict[UUID, list[tuple]] = {}
        self.deaths: dict[UUID, list[tuple]] = {}
        self.foreigners: dict[UUID, list[tuple]] = {}
        self.tracing: dict[UUID, tuple] = {}
        self.slips: dict[str, tuple] = {}
        self.tasks: dict[UUID, Task] = {}
        self.days: dict[date, tuple[dict[str, int], list[bytes], int]] = {}
        self.last: tuple[Any, int] | None = None
        self.differences: list[Difference] = []
        self.events = 0
        self._forms: dict[UUID, Held] = {}
        self._versions: dict[tuple[UUID, int], UUID] = {}
        self._numbers: set[str] = set()
        self._stored: Edits = Edits()
        left = journal.SLIP.model.objects.filter(census_id=census_id, block_code=block_code)
        self._slips: dict[str, UUID] = dict(left.values_list("number", "event_id"))

    def number(self, event: Arrived, wanted: str) -> str:
        return journal.next_number(self._numbers, wanted)

    def slip_is_new(self, event: Arrived, number: str) -> bool:
        return self._slips.get(number) == event.id and number not in self.slips

    def held(self, event_id: UUID) -> Held | None:
        return self._forms.get(event_id)

    def form_of(self, household: UUID, version: int) -> Held | None:
        event_id = self._versions.get((household, version))
        return self._forms.get(event_id) if event_id else None

    def task(self, task_id: UUID) -> Task | None:
        return self.tasks.get(task_id)

    def check(self, line: Line | None, payload: events.Form, census_id: int) -> Edits:
        return self._stored

    def run(self) -> "Replay":
        rows = Event.objects.filter(block_code=self.block_code, census_id=self.census_id).order_by("seq")
        for row in rows.iterator(chunk_size=500):
            self._one(row)
        return self

    def _one(self, row: Event) -> None:
        self.events += 1
        body = unseal_bytes(row.payload, row.id.bytes)
        if digest(body) != bytes(row.sha):
            self.differences.append(Difference("event", str(row.seq), "the event is not the one that was hashed"))
        event = as_arrived(row, body)
        self._stored = event.edits
        out = fold(event, self.lines.get(event.about), self)
        line = self.lines[event.about] = out.line
        line.last_seq = row.seq
        self._keep(event, out)
        if (out.result, out.version, out.effect) != (row.result, row.version, msgspec.json.decode(row.effect)):
            self.differences.append(Difference("event", str(row.seq), "result, version or effect"))
        counts, digests, _ = self.days.get(row.day, ({}, [], 0))
        for name, n in out.effect.items():
            counts[name] = counts.get(name, 0) + n
        digests.append(bytes(row.sha))
        self.days[row.day] = counts, digests, row.seq
        self.last = row.received_at, row.seq

    def _keep(self, event: Arrived, out: Folded) -> None:
        line = out.line
        if event.kind in ("form", "visit") or out.merged is not None:
            self._forms[event.id] = Held(
                *(
                    event.id,
                    event.device_id,
                    event.device_seq,
                    event.made_at,
                    event.received_at,
                    event.actor,
                    event.kind,
                ),
                *(out.merged or event.payload, out.edits),
            )
        if out.version:
            self._versions[line.id, out.version] = event.id
        if out.persons is not None:
            self.persons[line.id], self.deaths[line.id] = out.persons, out.deaths or []
        if out.foreigners is not None:
            self.foreigners[line.id] = out.foreigners
        if out.tracing is not None:
            self.tracing[out.tracing[0]] = out.tracing
        if out.slip:
            self.slips[out.slip] = (event.census_id, out.slip, line.id, event.block_code, event.made_at, event.id)
        if out.task is not None:
            self.tasks[out.task.id] = out.task

    def rows(self) -> dict[journal.Table, list[tuple]]:
        """What each table should hold of this block."""
        days, total = [], dict.fromkeys(journal.COUNTED, 0)
        for day, (counts, digests, seq) in sorted(self.days.items()):
            numbers = [counts.get(name, 0) for name in journal.COUNTED]
            days.append((*numbers, self.census_id, self.block_code, day, chain(b"", digests), seq))
            for name, n in counts.items():
                total[name] += n
        now = [(*total.values(), self.census_id, self.block_code, *self.last)] if self.last else []
        return {
            journal.HOUSEHOLD: [astuple(line) for line in self.lines.values()],
            journal.PERSON: [r for rows in self.persons.values() for r in rows],
            journal.DEATH: [r for rows in self.deaths.values() for r in rows],
            journal.FOREIGNER: [r for rows in self.foreigners.values() for r in rows],
            journal.TRACING: list(self.tracing.values()),
            journal.SLIP: list(self.slips.values()),
            journal.TASK: [astuple(t) for t in self.tasks.values()],
            journal.BLOCK_DAY: days,
            journal.BLOCK_NOW: now,
        }


def as_arrived(row: Event, body: bytes) -> Arrived:
    """A journal row as the fold takes it."""
    envelope = journal.decode_envelope.decode(body)
    event = Arrived()
    for name in (
        "id",
        "census_id",
        "kind",
        "about",
        "block_code",
        "made_at",
        "received_at",
        "day",
        "device_id",
        "actor",
    ):
        setattr(event, name, getattr(row, name))
    for name in ("device_seq", "base_version", "fence", "fence_held", "attested"):
        setattr(event, name, getattr(row, name))
    event.holder = row.fence_held > 0
    event.payload = journal.DECODERS[row.kind].decode(envelope.payload)
    event.body, event.sealed, event.sha = body, bytes(row.payload), bytes(row.sha)
    event.edits = journal.edits_of(row.edits)
    event.facts = facts(event.payload.answers, row.about, row.block_code) if row.kind == "form" else None
    return event


SEALED = {
    ("listing_household", "head"): lambda row: row["id"].bytes + b"head",
    ("listing_household", "phone"): lambda row: row["id"].bytes + b"phone",
    ("collection_person", "name"): lambda row: row["household_id"].bytes + bytes((row["line"] & 255,)) + b"name",
    ("collection_person", "number"): lambda row: row["household_id"].bytes + bytes((row["line"] & 255,)) + b"number",
    ("collection_death", "name"): lambda row: row["household_id"].bytes + bytes((row["line"] & 255,)) + b"death",
    ("collection_foreigner", "name"): lambda row: (
        row["household_id"].bytes + bytes((row["line"] & 255,)) + b"foreigner"
    ),
    ("collection_foreigner", "document"): lambda row: (
        row["household_id"].bytes + bytes((row["line"] & 255,)) + b"document"
    ),
}


def compare(table: journal.Table, wanted: list[tuple], found: list[tuple]) -> Iterator[Difference]:
    """Where the rows of a table differ from those wanted; sealed values are compared opened."""

    def plain(row: tuple) -> dict[str, Any]:
        named = dict(zip(table.columns, row, strict=True))
        for column in table.columns:
            value = named[column]
            if isinstance(value, memoryview):
                value = named[column] = bytes(value)
            bound = SEALED.get((table.name, column))
            if bound is not None and value is not None:
                named[column] = unseal_bytes(value, bound(named))
        return named

    def by_key(rows: list[tuple]) -> dict[tuple, dict[str, Any]]:
        named = [plain(row) for row in rows]
        return {tuple(str(row[k]) for k in table.key): row for row in named}

    want, have = by_key(wanted), by_key(found)
    for key in sorted(want.keys() | have.keys()):
        if key not in have:
            yield Difference(table.name, "/".join(key), "missing")
        elif key not in want:
            yield Difference(table.name, "/".join(key), "not in the journal")
        else:
            columns = [c for c in table.columns if want[key][c] != have[key][c]]
            if columns:
                yield Difference(table.name, "/".join(key), ", ".join(columns))


def blocks() -> list[tuple[int, str]]:
    """Every block that the journal or a counter names."""
    named = set(Event.objects.values_list("census_id", "block_code").distinct())
    for model in (BlockDay, BlockNow):
        named |= set(model.objects.values_list("census_id", "block_code").distinct())
    return sorted(named)


@transaction.atomic
def check_block(census_id: int, block_code: str) -> tuple[int, list[Difference]]:
    """(events replayed, differences) of one block."""
    at = store()
    at.lock([block_code])
    replay = Replay(census_id, block_code).run()
    found = replay.differences
    for table, wanted in replay.rows().items():
        [held] = at.ask(Read(table, "block_code", [block_code]))
        if "census_id" in table.columns:
            place = table.columns.index("census_id")
            held = [row for row in held if row[place] == census_id]
        else:
            place = table.columns.index("household_id")
            held = [row for row in held if row[place] in replay.lines]
        found.extend(compare(table, wanted, held))
    return replay.events, found


@transaction.atomic
def rewrite_block(census_id: int, block_code: str) -> int:
    """Replace what the tables hold of one block by what its journal says; the number of events replayed."""
    at = store()
    at.lock([block_code])
    replay = Replay(census_id, block_code).run()
    for table, wanted in replay.rows().items():
        held = table.model.objects.filter(block_code=block_code)
        if "census_id" in table.columns:
            held = held.filter(census_id=census_id)
        else:
            held = held.filter(household_id__in=list(replay.lines))
        held.delete()
        at.write(table, wanted)
    return replay.events
