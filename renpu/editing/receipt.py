"""The one door for events: from a device, from the office, from files of a season. Decode, seal, check, append, answer.

What cannot be decoded is kept in quarantine under a ticket; what fails a hard edit is kept with its edits open.
Nothing is refused for its content.
"""

import logging
import traceback
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import InterfaceError, OperationalError

from renpu.collection import journal
from renpu.collection.fold import Arrived, Edits
from renpu.collection.forms import facts
from renpu.collection.writer import Writer, newest_of
from renpu.editing.checks import check_form
from renpu.platform.models import TIME_ZONE
from renpu.platform.vault import digest, seal_bytes

log = logging.getLogger("renpu.receipt")
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
        except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as problem:
            ticket = journal.put_aside(raw, str(problem), device_id=sender.device_id, at=at)
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
        for place, answer in zip(places, held(arrived, newest_of(devices), direct), strict=True):
            answers[place] = answer
    return [a for a in answers if a is not None]


def held(arrived: Sequence[Arrived], devices: Sequence[tuple], direct: bool) -> list[journal.Answer]:
    """The answers of the journal. Events that it cannot take in together it is given one by one, so that one of them
    harms no other and a device is never stuck behind it; the one that fails alone goes to quarantine.

    OperationalError and InterfaceError are raised: the store is away, and everything is to be sent again.
    """
    try:
        return journal.write(arrived, check=check_form, devices=devices) if direct else writer().write(arrived, devices)
    except (OperationalError, InterfaceError):
        raise
    except Exception as problem:
        where = "".join(traceback.format_tb(problem.__traceback__)[-3:])
        log.error("%d events from %s on: %s\n%s", len(arrived), arrived[0].id, type(problem).__name__, where)
        if len(arrived) > 1:
            return [answer for event in arrived for answer in held([event], devices, direct)]
        event = arrived[0]
        reason = f"it could not be taken in ({type(problem).__name__})"
        ticket = journal.put_aside(event.body, reason, device_id=event.device_id, at=event.received_at)
        return [journal.Answer(event.id, "quarantined", task=ticket, reason=reason)]


def arrive(raw: bytes, sender: Sender, received_at: datetime, attested: bool) -> Arrived:
    """Decode one event and seal what is personal; msgspec.DecodeError says where it could not be read."""
    envelope = journal.decode_envelope.decode(raw)
    decoder = journal.DECODERS.get(envelope.kind)
    if decoder is None:
        raise msgspec.ValidationError(f"unknown kind of event {envelope.kind[:20]!r}")
    event = Arrived()
    event.payload = decoder.decode(envelope.payload)
    if b"\\u0000" in raw and holds_nul(msgspec.json.decode(raw)):
        raise msgspec.ValidationError("a text holds the character U+0000, which no text has")
    if envelope.kind == "visit" and event.payload.appointment_at is not None:
        event.payload.appointment_at.astimezone(UTC)  # OverflowError when no store could hold it
    event.id = envelope.id
    event.census_id = sender.census_id
    event.kind = envelope.kind
    event.about = envelope.about
    event.block_code = envelope.block
    event.made_at = (envelope.made_at + timedelta(milliseconds=sender.offset_ms)).astimezone(UTC)
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


def holds_nul(value: Any) -> bool:
    """Is there a U+0000 in a text of this decoded JSON? PostgreSQL takes none."""
    if isinstance(value, dict):
        return any(map(holds_nul, (*value.keys(), *value.values())))
    if isinstance(value, list):
        return any(map(holds_nul, value))
    return isinstance(value, str) and "\0" in value


def marker(raw: bytes) -> UUID | None:
    """The id of an event that could not be read as a whole, if at least that could be."""
    try:
        return msgspec.json.decode(raw, type=Marker).id
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
