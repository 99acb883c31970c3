"""The journal's transaction: lock the blocks, read what the events are about, fold, write set-based, commit.

A write is complete or absent. The answer to an event may be given only after `write` has returned, for it returns
after the commit.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import compress
from operator import ne
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
from django.db import connection, transaction
from msgspec.structs import astuple

from renpu.collection import events, models
from renpu.collection.fold import Arrived, Edits, Folded, Held, Line, Task, fold
from renpu.collection.measures import MEASURES
from renpu.collection.store import Read, Store, Table, store
from renpu.collection.transitions import state_of
from renpu.listing.models import Household
from renpu.platform.models import TIME_ZONE
from renpu.platform.vault import chain, digest, seal_bytes, unseal_bytes

HOUSEHOLD = Table(Household, ("id",))
EVENT = Table(models.Event, ("id",))
PERSON = Table(models.Person, ("household_id", "line"))
DEATH = Table(models.Death, ("household_id", "line"))
FOREIGNER = Table(models.Foreigner, ("household_id", "line"))
TRACING = Table(models.Tracing, ("id",))
SLIP = Table(models.Slip, ("census_id", "number"))
TASK = Table(models.MergeTask, ("id",))
LEASE = Table(models.Lease, ("census_id", "block_code"))
BLOCK_DAY = Table(models.BlockDay, ("census_id", "block_code", "day"), add=MEASURES)
BLOCK_NOW = Table(models.BlockNow, ("census_id", "block_code"), add=MEASURES)
assert HOUSEHOLD.columns == Line.__struct_fields__
assert TASK.columns == Task.__struct_fields__

decode_form = msgspec.json.Decoder(events.Form)
decode_envelope = msgspec.json.Decoder(events.Envelope)
DECODERS = {kind: msgspec.json.Decoder(shape) for kind, shape in events.PAYLOADS.items()}


class Answer(NamedTuple):
    """What is said to the sender of one event."""

    id: UUID
    result: str
    version: int = 0
    state: str = ""
    task: UUID | None = None
    edits: str = ""
    reason: str = ""


class Batch:
    """The world of one transaction: what was read under the lock and what has been folded so far."""

    def __init__(self, at: Store, arrived: Sequence[Arrived], check):
        self.store = at
        self._check = check
        self.tasks: dict[UUID, Task] = {}
        self.folded: dict[UUID, tuple[Arrived, Folded]] = {}
        self.by_version: dict[tuple[UUID, int], UUID] = {}
        self.numbers: dict[tuple[int, str], set[str]] = {}
        blocks = sorted({e.block_code for e in arrived})
        known, rows, now, leases, days, slips = at.ask(
            Read(EVENT, "id", [e.id for e in arrived], ("id", "sha", "result", "version", "edits")),
            Read(HOUSEHOLD, "id", list({e.about for e in arrived})),
            Read(BLOCK_NOW, "block_code", blocks, ("census_id", "block_code", "last_received_at")),
            Read(LEASE, "block_code", blocks, ("census_id", "block_code", "fence")),
            Read(
                *(BLOCK_DAY, "block_code", blocks, ("census_id", "block_code", "day", "head")),
                since=min(e.day for e in arrived),
            ),
            Read(SLIP, "number", slips_of(arrived), ("census_id", "number")),
        )
        self.known = {row[0]: row[1:] for row in known}
        self.rows = {row[0]: row for row in rows}
        self.lines: dict[UUID, Line] = {key: Line(*row) for key, row in self.rows.items()}
        self.floors: dict[tuple[int, str], datetime] = {(c, b): last for c, b, last in now}
        self.fences: dict[tuple[int, str], int] = {(c, b): fence for c, b, fence in leases}
        self.heads: dict[tuple[int, str, date], bytes] = {(c, b, day): bytes(head) for c, b, day, head in days}
        self.slips: dict[tuple[int, str], bool] = dict.fromkeys(slips, False)

    def put_in_time(self, event: Arrived) -> None:
        """Receipt in a block is in the order of the journal, so that a report as of a moment stays as it was."""
        key = event.census_id, event.block_code
        floor = self.floors.get(key)
        if floor is not None and event.received_at < floor:
            event.received_at = floor
            event.day = floor.astimezone(TIME_ZONE).date()
        self.floors[key] = event.received_at

    def check(self, line: Line | None, payload: events.Form, census_id: int) -> Edits:
        return self._check(line, payload, census_id)

    def number(self, event: Arrived, wanted: str) -> str:
        key = event.census_id, event.block_code
        if key not in self.numbers:
            [rows] = self.store.ask(Read(HOUSEHOLD, "block_code", [key[1]], ("census_id", "household_no")))
            self.numbers[key] = {number for census_id, number in rows if census_id == key[0]}
        return next_number(self.numbers[key], wanted)

    def slip_is_new(self, event: Arrived, number: str) -> bool:
        new = self.slips.get((event.census_id, number), True)
        self.slips[event.census_id, number] = False
        return new

    def held(self, event_id: UUID) -> Held | None:
        if event_id in self.folded:
            event, folded = self.folded[event_id]
            return Held(
                *(
                    event.id,
                    event.device_id,
                    event.device_seq,
                    event.made_at,
                    event.received_at,
                    event.actor,
                    event.kind,
                ),
                *(folded.merged or event.payload, folded.edits),
            )
        return next(iter(held_where(id=event_id)), None)

    def form_of(self, household: UUID, version: int) -> Held | None:
        here = self.by_version.get((household, version))
        if here is not None:
            return self.held(here)
        return next(iter(held_where(about=household, version=version)), None)

    def task(self, task_id: UUID) -> Task | None:
        if task_id not in self.tasks:
            [rows] = self.store.ask(Read(TASK, "id", [task_id]))
            if not rows:
                return None
            self.tasks[task_id] = Task(*rows[0])
        return self.tasks[task_id]


def next_number(taken: set[str], wanted: str) -> str:
    """The household number wanted if it is free, else the block's highest + 1; it is then taken, and never used
    again."""
    got = wanted
    if wanted[:3] == "999":
        n = 1
        while got in taken:
            n += 1
            got = f"999-{n}"
    elif not wanted or wanted in taken:
        got = f"{max((int(no) for no in taken if no.isdigit() and no != '999'), default=0) + 1:03d}"
    taken.add(got)
    return got


def held_where(**conditions) -> Iterable[Held]:
    """Events of the journal, opened."""
    for row in models.Event.objects.filter(**conditions):
        kind, payload = opened(row.id, bytes(row.payload))
        if row.merged is not None:
            payload = decode_form.decode(unseal_bytes(row.merged, row.id.bytes))
        yield Held(
            *(row.id, row.device_id, row.device_seq, row.made_at, row.received_at, row.actor, kind, payload),
            edits_of(row.edits),
        )


def opened(event_id: UUID, sealed: bytes) -> tuple[str, Any]:
    """(kind, payload) of an event as the journal keeps it."""
    envelope = decode_envelope.decode(unseal_bytes(sealed, event_id.bytes))
    return envelope.kind, DECODERS[envelope.kind].decode(envelope.payload)


def edits_of(text: str) -> Edits:
    """The outcome of a check as the journal keeps it: [[rule, line, severity], …]."""
    found = msgspec.json.decode(text) if text else []
    return Edits(sum(s == "H" for *_, s in found), sum(s == "C" for *_, s in found), text)


def write(arrived: Sequence[Arrived], *, check, devices: Sequence[tuple] = ()) -> list[Answer]:
    """Append the events and fold them, in one transaction; the answers come in the order given.

    `check(line, form, census_id) -> Edits` is asked for every form, and again when two were merged by section; the
    line may be None. `devices` are (id, last_seen_at, offset_ms, seq_high) of the devices that sent the events.
    """
    with connection.wrap_database_errors, transaction.atomic():
        at = store()
        at.lock({e.block_code for e in arrived}, slips_of(arrived))
        batch = Batch(at, arrived, check)
        known = batch.known
        answers: dict[int, Answer] = {}
        fresh: list[tuple[Arrived, Folded]] = []
        for place in in_order(arrived):
            event = arrived[place]
            if event.id in known:
                answers[place] = _again(event, known[event.id])
                continue
            line = batch.lines.get(event.about)
            if line is not None and (line.census_id, line.block_code) != (event.census_id, event.block_code):
                answers[place] = Answer(event.id, "quarantined", reason="the household lies in another block")
                continue
            batch.put_in_time(event)
            if event.holder and event.kind in ("visit", "form"):
                event.fence_held = batch.fences.get((event.census_id, event.block_code), 0)
            if event.kind == "form":
                event.edits = batch.check(line, event.payload, event.census_id)
            out = fold(event, line, batch)
            line = batch.lines[event.about] = out.line
            batch.folded[event.id] = (event, out)
            if out.version:
                batch.by_version[line.id, out.version] = event.id
            if out.task is not None:
                batch.tasks[out.task.id] = out.task
            known[event.id] = (event.sha, out.result, out.version, out.edits.text)
            fresh.append((event, out))
            answers[place] = Answer(
                *(event.id, out.result, out.version, state_of(line)),
                *(out.task.id if out.task is not None and out.result == "merge" else None, out.edits.text),
            )
        _append(at, batch, fresh)
        if devices:
            at.touch(devices)
        for place, answer in answers.items():
            if answer.result == "quarantined":
                event = arrived[place]
                ticket = put_aside(event.body, answer.reason, device_id=event.device_id, at=event.received_at)
                answers[place] = answer._replace(task=ticket)
    return [answers[i] for i in range(len(arrived))]


def slips_of(arrived: Sequence[Arrived]) -> list[str]:
    """Numbers of the slips that visits name."""
    return sorted({e.payload.slip_no for e in arrived if e.kind == "visit" and e.payload.slip_no})


def in_order(arrived: Sequence[Arrived]) -> list[int]:
    """Places in the order of folding: as they came, but what a device sent at one moment by its own counter."""
    by_device: dict[tuple[UUID, datetime], list[int]] = {}
    for place, event in enumerate(arrived):
        by_device.setdefault((event.device_id, event.received_at), []).append(place)
    order = list(range(len(arrived)))
    for places in by_device.values():
        for slot, place in zip(places, sorted(places, key=lambda i: arrived[i].device_seq), strict=True):
            order[slot] = place
    return order


def _again(event: Arrived, held: tuple) -> Answer:
    sha, _result, version, edits = held
    if bytes(sha) != event.sha:
        return Answer(event.id, "quarantined", reason="the same id was sent before with other content")
    return Answer(event.id, "duplicate", version, edits=edits)


def _append(at: Store, batch: Batch, fresh: list[tuple[Arrived, Folded]]) -> None:
    """Write what a batch folded, one statement a table."""
    if not fresh:
        return
    journal, slips, tracing, tasks, lines = [], [], [], {}, {}
    newest: dict[UUID, Folded] = {}
    guests: dict[UUID, list[tuple]] = {}
    digests: dict[tuple[int, str, date], list[bytes]] = {}
    totals: dict[tuple[int, str, date], dict[str, int]] = {}
    last: dict[tuple[int, str, date], tuple[int, datetime]] = {}
    for seq, (event, out) in zip(at.next_seqs(len(fresh)), fresh, strict=True):
        line = out.line
        line.last_seq = seq
        lines[line.id] = line
        merged = out.merged
        journal.append(
            (
                *(seq, event.id, event.census_id, event.kind, event.about, event.block_code, event.day, event.made_at),
                *(event.received_at, event.device_id, event.actor, event.device_seq, event.base_version, event.fence),
                event.fence_held,
                event.sealed,
                None if merged is None else seal_bytes(msgspec.json.encode(merged), event.id.bytes),
                *(event.attested, event.sha, out.edits.text, out.result, out.version),
                msgspec.json.encode(out.effect).decode(),
            )
        )
        if out.persons is not None:
            newest[line.id] = out
        if out.foreigners is not None:
            guests[line.id] = out.foreigners
        if out.tracing is not None:
            tracing.append(out.tracing)
        if out.slip:
            slips.append((event.census_id, out.slip, line.id, event.block_code, event.made_at, event.id))
        if out.task is not None:
            tasks[out.task.id] = astuple(out.task)
        key = (event.census_id, event.block_code, event.day)
        digests.setdefault(key, []).append(event.sha)
        total = totals.setdefault(key, {})
        for name, n in out.effect.items():
            total[name] = total.get(name, 0) + n
        last[key] = (seq, event.received_at)
    days, now = [], {}
    for key in sorted(digests):
        total, (seq, received_at) = totals[key], last[key]
        counts = tuple([total.get(name, 0) for name in COUNTED])
        days.append((*counts, *key, chain(batch.heads.get(key, b""), digests[key]), seq))
        sums, _ = now.get(key[:2], ((0,) * len(COUNTED), None))
        now[key[:2]] = (tuple([a + b for a, b in zip(sums, counts, strict=True)]), (received_at, seq))
    new, old, changed = _lines(batch, lines.values())
    at.write(EVENT, journal)
    at.write(HOUSEHOLD, new)
    again = [key for key, out in newest.items() if out.line.version > 1]
    if again:
        at.delete(PERSON, "household_id", again)
        at.delete(DEATH, "household_id", again)
    at.write(PERSON, [row for out in newest.values() for row in out.persons or ()])
    at.write(DEATH, [row for out in newest.values() for row in out.deaths or ()])
    if guests:
        at.delete(FOREIGNER, "household_id", sorted(guests))
        at.write(FOREIGNER, [row for key in sorted(guests) for row in guests[key]])
    with at.together():
        if changed:
            at.change(HOUSEHOLD, changed, old)
        at.write(TRACING, list({row[0]: row for row in tracing}.values()), "update")
        at.write(SLIP, slips, "nothing")
        at.write(TASK, list(tasks.values()), "update")
        at.write(BLOCK_DAY, days, "update")
        at.write(BLOCK_NOW, [(*counts, *key, *tail) for key, (counts, tail) in sorted(now.items())], "update")


PLACES = range(len(HOUSEHOLD.columns))


def _lines(batch: Batch, lines: Iterable[Line]) -> tuple[list[tuple], list[tuple], list[int]]:
    """(rows of new lines, rows of lines that were there, places of the columns that changed in any of these)."""
    new, old, changed = [], [], set()
    for line in lines:
        row, before = astuple(line), batch.rows.get(line.id)
        if before is None:
            new.append(row)
            continue
        old.append(row)
        if before != row:
            changed.update(compress(PLACES, map(ne, before, row)))
    return new, old, sorted(changed)


COUNTED = tuple(f.name for f in models.Measures._meta.get_fields())


def put_aside(body: bytes, reason: str, *, device_id: UUID | None, at: datetime) -> UUID:
    """Keep what could not be read, sealed, and return its ticket; the same bytes once. Commits unless inside a
    transaction.
    """
    sha = digest(body)
    row, _ = models.Quarantine.objects.get_or_create(
        sha=sha,
        defaults={
            "ticket": uuid4(),
            "device_id": device_id,
            "received_at": at,
            "reason": reason[:300],
            "body": seal_bytes(body, sha),
        },
    )
    return row.ticket
