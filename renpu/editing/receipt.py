"""The one door for events: from a device, from the office, from files of a season. Decode, seal, check, append, answer.

What cannot be decoded is kept in quarantine under a ticket; what fails a hard edit is kept with its edits open. Nothing is refused for
its content.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec

from renpu.collection import journal
from renpu.collection.fold import Arrived, Edits
from renpu.collection.forms import facts
from renpu.collection.writer import Writer, newest_of
from renpu.editing.checks import check_form
from renpu.platform.models import TIME_ZONE
from renpu.platform.vault import digest, seal_bytes

MAX_EVENTS = 200
MAX_BYTES = 2_000_000
BEFORE_ALL = 1990


class Sender(NamedTuple):
    """Who sends: `blocks` are those the device may write to (None = any); `holder` says that it works under leases."""

    device_id: UUID
    actor: str
    census_id: int
    holder: bool
    blocks: Collection[str] | None = None
    offset_ms: int = 0


class Marker(msgspec.Struct):
    """As much of an event as must be read to answer for it."""

    id: UUID


class Batch(msgspec.Struct):
    """The body of a sync request."""

    events: list[msgspec.Raw]
    sent_at: datetime | None = None


decode_batch = msgspec.json.Decoder(Batch)


@lru_cache(maxsize=1)
def writer() -> Writer:
    """The writer thread of this process."""
    return Writer(check_form)


class Incoming(NamedTuple):
    """One event as it came. `attested`: the source says that the form was accepted in the field."""

    body: bytes | msgspec.Raw
    sender: Sender
    received_at: datetime
    attested: bool = False


def receive(incoming: Sequence[Incoming], *, direct: bool = False) -> list[journal.Answer]:
    """Append events and answer for each, in the order given, after the commit.

    `direct`: on this thread's own connection, as a command does; else through the process's writer.
    """
    answers: list[journal.Answer | None] = [None] * len(incoming)
    arrived: list[Arrived] = []
    places: list[int] = []
    devices = []
    for place, (body, sender, at, attested) in enumerate(incoming):
        raw = bytes(body)
        try:
            event = arrive(raw, sender, at, attested)
        except (msgspec.DecodeError, ValueError, OverflowError) as problem:
            ticket = journal.put_aside(raw, str(problem), device_id=sender.device_id, at=at, ticket=uuid4())
            answers[place] = journal.Answer(
                marker(raw) or ticket, "quarantined", task=ticket, reason=str(problem)[:300]
            )
            continue
        if sender.blocks is not None and event.block_code not in sender.blocks:
            answers[place] = journal.Answer(event.id, "refused", reason="this block is not assigned to the device")
            continue
        arrived.append(event)
        places.append(place)
        if sender.holder:
            devices.append((sender.device_id, at, sender.offset_ms, event.device_seq))
    if arrived:
        seen = newest_of(devices)
        written = journal.write(arrived, check=check_form, devices=seen) if direct else writer().write(arrived, seen)
        for place, answer in zip(places, written, strict=True):
            answers[place] = answer
    return [a for a in answers if a is not None]


def arrive(raw: bytes, sender: Sender, received_at: datetime, attested: bool) -> Arrived:
    """Decode one event and seal what is personal; msgspec.DecodeError says where it could not be read."""
    envelope = journal.decode_envelope.decode(raw)
    decoder = journal.DECODERS.get(envelope.kind)
    if decoder is None:
        raise msgspec.ValidationError(f"unknown kind of event {envelope.kind[:20]!r}")
    if envelope.made_at.tzinfo is None:
        raise msgspec.ValidationError("made_at has no offset from UTC")
    event = Arrived()
    event.payload = decoder.decode(envelope.payload)
    event.id = envelope.id
    event.census_id = sender.census_id
    event.kind = envelope.kind
    event.about = envelope.about
    event.block_code = envelope.block
    event.made_at = envelope.made_at
    if sender.offset_ms:
        event.made_at += timedelta(milliseconds=sender.offset_ms)
    if event.made_at.year < BEFORE_ALL:
        raise msgspec.ValidationError("made_at lies before any census that this system could hold")
    event.received_at = received_at
    event.day = received_at.astimezone(TIME_ZONE).date()
    event.device_id = sender.device_id
    event.actor = sender.actor
    event.device_seq = envelope.seq
    event.base_version = envelope.base_version
    event.fence = envelope.fence
    event.fence_held = 0
    event.holder = sender.holder
    event.body = raw
    event.sealed = seal_bytes(raw, envelope.id.bytes)
    event.sha = digest(raw)
    event.edits = Edits()
    event.attested = attested
    event.facts = facts(event.payload.answers, event.about, event.block_code) if event.kind == "form" else None
    return event


def marker(raw: bytes) -> UUID | None:
    """The id of an event that could not be read as a whole, if at least that could be."""
    try:
        return msgspec.json.decode(raw, type=Marker).id
    except msgspec.DecodeError:
        return None
