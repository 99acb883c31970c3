"""Events as devices send them: decoding, with every shape written once (ARCHITECTURE.md, section 4).

Decoding is strict: a wrong type raises `msgspec.ValidationError` with the place, and the event goes to quarantine as
it came.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from renpu.collection.answers import Answers

BlockCode = Annotated[str, Meta(pattern=r"^[0-9]{15}$")]
YearMonth = Annotated[str, Meta(pattern=r"^([0-9]{6})?$")]
Small = Annotated[int, Meta(ge=0, le=9999)]
Code = Annotated[int, Meta(ge=0, le=99)]
Moment = Annotated[datetime, Meta(tz=True)]
Number = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Text = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(max_length=60)]


class Envelope(Struct, frozen=True):
    """The part that every event has; the payload stays as it came until its kind is known."""

    id: UUID
    kind: str
    about: UUID
    block: BlockCode
    made_at: Moment
    payload: msgspec.Raw
    seq: Number = 0
    base_version: Number = 0
    fence: Number = 0


class Line(Struct, frozen=True):
    """A roster line is opened."""

    household_no: Annotated[str, Meta(pattern=r"^([0-9]{3}(-[0-9]{1,3})?)?$")] = ""
    household_type: Annotated[int, Meta(ge=1, le=2)] = 1
    address: Text = ""
    building: UUID | None = None
    unit: UUID | None = None
    head: Name = ""
    reason: Text = ""


class Visit(Struct, frozen=True):
    """A contact with a household, or an attempt at one."""

    mode: Code
    outcome: Code
    status_after: Code
    ended_at: Moment | None = None
    slip_no: Annotated[str, Meta(max_length=20)] = ""
    appointment_at: Moment | None = None
    with_police: bool = False
    self_code: Annotated[str, Meta(max_length=20)] = ""
    n_here: Small | None = None
    n_away: Small | None = None
    n_hukou: Small | None = None
    n_resident: Small | None = None
    head: Name = ""
    phone: Annotated[str, Meta(max_length=20)] = ""
    lon: float | None = None
    lat: float | None = None
    note: Annotated[str, Meta(max_length=1000)] = ""


class ForeignPerson(Struct, frozen=True):
    name: Name
    sex: Code | None = None
    birth: YearMonth = ""
    nationality: Annotated[str, Meta(max_length=40)] = ""
    document: Annotated[str, Meta(max_length=40)] = ""


class Foreign(Struct, frozen=True):
    """The persons of a household who belong on the form for HMT residents and foreigners."""

    persons: Annotated[list[ForeignPerson], Meta(max_length=999)]


class TracingCase(Struct, frozen=True):
    """A separated person followed to the place of residence."""

    case_no: Annotated[str, Meta(max_length=20)]
    line: Small | None = None
    to_place: Code | None = None
    to_code: Annotated[str, Meta(max_length=12)] = ""
    opened_on: Annotated[str, Meta(max_length=10)] = ""
    channel: Annotated[str, Meta(max_length=20)] = ""
    outcome: Code | None = None
    closed_on: Annotated[str, Meta(max_length=10)] = ""


class Settled(Struct, frozen=True):
    rule: Annotated[str, Meta(max_length=10)]
    line: Small = 0
    reason: Annotated[str, Meta(max_length=40)] = ""
    text: Text = ""


class Settle(Struct, frozen=True):
    """The office settles open edits of a form after a new contact with the household."""

    form_event: UUID
    edits: list[Settled]


class Merge(Struct, frozen=True):
    """A merge task is decided."""

    task: UUID
    keep: Annotated[str, Meta(pattern="^(current|other)$")]
    reason: Text


class Lock(Struct, frozen=True):
    locked: bool
    reason: Text = ""


class Remove(Struct, frozen=True):
    removed: bool
    reason: Text


class Form(Struct):
    """A short form as finished at the door, by telephone or by the household itself."""

    method: Code
    household_status: Code
    answers: Answers
    form: Annotated[str, Meta(max_length=40)] = "short"
    form_version: Annotated[str, Meta(max_length=40)] = ""
    confirmed: list[Settled] = []
    signature: Annotated[str, Meta(max_length=100_000)] = ""
    started_at: Moment | None = None
    read_back: bool = False


PAYLOADS: dict[str, type] = {
    "line": Line,
    "visit": Visit,
    "form": Form,
    "foreign": Foreign,
    "tracing": TracingCase,
    "settle": Settle,
    "merge": Merge,
    "lock": Lock,
    "remove": Remove,
}
