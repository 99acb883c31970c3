"""The fold: one event and a roster line give the line as it then is. No database; what it needs of the world is
handed in."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID, uuid5

import msgspec

from renpu.collection import answers as items
from renpu.collection import events
from renpu.collection.forms import Facts, facts
from renpu.collection.measures import SELF_ENUMERATION, difference, of_line
from renpu.collection.transitions import state_of, table
from renpu.concepts.household_status import Status
from renpu.concepts.names import key as name_key
from renpu.platform.vault import blind_index, seal

TASK = UUID("7f0c3a52-6a55-5d1c-9f0e-6c1c0a7c5a10")
LISTED = (1, 2)  # listing or registration completed: the counts that the household gave
VAIN = (4, 5, 7, 12)  # door not opened, nobody who can answer, refused, no way into the building


class Edits(NamedTuple):
    """Outcome of the check of a form: open hard edits, open queries, and both as JSON without any answer."""

    hard: int = 0
    queries: int = 0
    text: str = ""


class Arrived:
    """An event on its way into the journal. `body` is as sent; `sealed` and `facts` are made before the transaction."""

    __slots__ = (
        "about",
        "actor",
        "attested",
        "base_version",
        "block_code",
        "body",
        "census_id",
        "day",
        "device_id",
        "device_seq",
        "edits",
        "facts",
        "fence",
        "fence_held",
        "holder",
        "id",
        "kind",
        "made_at",
        "payload",
        "received_at",
        "sealed",
        "sha",
    )
    id: UUID
    census_id: int
    kind: str
    about: UUID
    block_code: str
    made_at: datetime
    received_at: datetime
    day: date
    device_id: UUID
    actor: str
    device_seq: int
    base_version: int
    fence: int
    fence_held: int  # the fencing number in force on receipt; 0 where no lease is asked for
    holder: bool  # made on a device that holds blocks by lease; an office desk does not
    payload: Any
    body: bytes
    sealed: bytes
    sha: bytes
    edits: Edits
    attested: bool
    facts: Facts | None


class Line(msgspec.Struct):
    """A roster line in memory: the columns of `listing.Household`, in their order. By default one of which nothing is
    known but that it is there.
    """

    id: UUID
    census_id: int
    block_code: str
    building_id: UUID | None = None
    unit_id: UUID | None = None
    household_no: str = ""
    household_type: int = 1
    address: str = ""
    head: bytes | None = None
    head_index: bytes | None = None
    phone: bytes | None = None
    status: int = int(Status.NOT_CONTACTED)
    visit_status: int = int(Status.NOT_CONTACTED)
    visited_at: datetime | None = None
    visited_seq: int = 0
    visits: int = 0
    slips: int = 0
    last_outcome: int | None = None
    last_noted: bool = False
    appointment_at: datetime | None = None
    has_code: bool = False
    listed_at: datetime | None = None
    listed_seq: int = 0
    n_here: int | None = None
    n_away: int | None = None
    n_hukou: int | None = None
    n_resident: int | None = None
    version: int = 0
    form_event: UUID | None = None
    form_device: UUID | None = None
    form_seq: int = 0
    form_since: int = 0
    form_made_at: datetime | None = None
    form_method: int | None = None
    form_status: int | None = None
    accepted: bool = False
    open_edits: int = 0
    open_queries: int = 0
    persons: int = 0
    persons_here: int = 0
    persons_hukou: int = 0
    persons_resident: int = 0
    persons_away: int = 0
    persons_separated: int = 0
    births: int = 0
    deaths: int = 0
    foreigners: int = 0
    open_tasks: int = 0
    locked: bool = False
    removed: bool = False
    last_seq: int = 0


class Held(NamedTuple):
    """A form that the journal holds: what a later decision or a merge by section needs of it."""

    id: UUID
    device_id: UUID
    device_seq: int
    made_at: datetime
    received_at: datetime
    actor: str
    kind: str
    payload: Any
    edits: Edits


class World(Protocol):
    """What the fold asks about what it does not hold in its hands."""

    def number(self, event: Arrived, wanted: str) -> str: ...
    def slip_is_new(self, event: Arrived, number: str) -> bool: ...
    def held(self, event_id: UUID) -> Held | None: ...
    def form_of(self, household: UUID, version: int) -> Held | None: ...
    def task(self, task_id: UUID) -> "Task | None": ...
    def check(self, line: Line | None, payload: events.Form, census_id: int) -> Edits: ...


class Task(msgspec.Struct):
    """A merge task in memory: the columns of `collection.MergeTask`, in their order."""

    id: UUID
    census_id: int
    household_id: UUID
    block_code: str
    reason: str
    current_event: UUID | None
    other_event: UUID
    sections: str
    opened_at: datetime
    decided_at: datetime | None = None
    decision: str = ""
    decided_by: str = ""
    decided_why: str = ""


class Folded:
    """What one event did."""

    __slots__ = (
        "deaths",
        "edits",
        "effect",
        "foreigners",
        "line",
        "merged",
        "persons",
        "result",
        "slip",
        "task",
        "tracing",
        "version",
    )

    def __init__(self, line: Line, edits: Edits):
        self.line = line
        self.result = "accepted"
        self.version = 0
        self.edits = edits
        self.effect: dict[str, int] = {}
        self.persons: list[tuple] | None = None
        self.deaths: list[tuple] | None = None
        self.foreigners: list[tuple] | None = None
        self.tracing: tuple | None = None
        self.slip: str = ""
        self.merged: events.Form | None = None  # the answers that stand, where they are not those of the event itself
        self.task: Task | None = None


def fold(event: Arrived, line: Line | None, world: World) -> Folded:
    """Fold `event` into `line` (changed in place; None when the roster has no such line yet)."""
    cells = table()
    before = of_line(line) if line is not None else {}
    state = state_of(line)
    if cells[state, event.kind, "newer"].effect == "open_line":
        line = Line(event.about, event.census_id, event.block_code)
        state = "open"
    assert line is not None
    cell = cells[state, event.kind, order_of(event, line)]
    out = Folded(line, event.edits)
    EFFECTS[cell.effect](event, line, world, out, cell.reason)
    line.status = line.visit_status
    if line.status in (Status.NOT_CONTACTED, Status.REFUSED) and line.version and line.form_status is not None:
        line.status = line.form_status
    out.effect = difference(before, of_line(line))
    out.effect["events"] = 1
    if event.kind == "visit":
        out.effect["visits"] = 1
        if event.payload.mode == 1 and event.payload.outcome in VAIN:
            out.effect["vain_visits"] = 1
        if out.slip:
            out.effect["slips"] = 1
    return out


def order_of(event: Arrived, line: Line) -> str:
    """newer, older or former: by the lease it was made under, then by what it is about."""
    if event.fence < event.fence_held and event.kind in ("visit", "form"):
        return "former"
    if event.kind == "visit":
        known = (line.visited_at, line.visited_seq) if line.visited_at else None
        return "newer" if known is None or (event.made_at, event.device_seq) > known else "older"
    if event.kind == "form":
        if event.base_version >= line.version:
            return "newer"
        same_author = event.device_id == line.form_device and event.base_version >= line.form_since
        if same_author and event.device_seq > line.form_seq:
            return "newer"
        return "older"
    return "newer"


def _apply(event: Arrived, line: Line, world: World, out: Folded, reason: str) -> None:
    APPLY[event.kind](event, line, world, out)


def _history(event: Arrived, line: Line, world: World, out: Folded, reason: str) -> None:
    out.result = "history"


def _describe(event: Arrived, line: Line, world: World, out: Folded, reason: str) -> None:
    """Fill in what an implied line lacks; what is known stays."""
    p: events.Line = event.payload
    if line.household_no:
        out.result = "history"
        return
    line.household_no = world.number(event, p.household_no)
    line.household_type = p.household_type
    line.address = p.address
    line.building_id = p.building
    line.unit_id = p.unit
    if p.head and line.head is None:
        _head(line, p.head)


def _head(line: Line, name: str) -> None:
    line.head = seal(name, line.id.bytes + b"head")
    line.head_index = blind_index(name_key(name), "name")


def _contact(event: Arrived, line: Line, world: World, out: Folded) -> None:
    """What every visit adds, whenever it was made: it happened."""
    p: events.Visit = event.payload
    line.visits += 1
    if p.slip_no and world.slip_is_new(event, p.slip_no):
        line.slips += 1
        out.slip = p.slip_no
    if p.self_code:
        line.has_code = True
    if p.outcome in LISTED and p.n_here is not None:
        known = (line.listed_at, line.listed_seq) if line.listed_at else None
        if known is None or (event.made_at, event.device_seq) > known:
            line.listed_at, line.listed_seq = event.made_at, event.device_seq
            line.n_here, line.n_away, line.n_hukou, line.n_resident = p.n_here, p.n_away, p.n_hukou, p.n_resident


def _visit(event: Arrived, line: Line, world: World, out: Folded) -> None:
    p: events.Visit = event.payload
    _contact(event, line, world, out)
    line.visited_at, line.visited_seq = event.made_at, event.device_seq
    line.last_outcome = p.outcome
    line.last_noted = bool(p.note.strip())
    line.visit_status = p.status_after
    line.appointment_at = p.appointment_at
    if p.head:
        _head(line, p.head)
    if p.phone:
        line.phone = seal(p.phone, line.id.bytes + b"phone")


def _count(event: Arrived, line: Line, world: World, out: Folded, reason: str) -> None:
    _contact(event, line, world, out)
    if event.payload.head and line.head is None:
        _head(line, event.payload.head)
    out.result = "history"


def _form(event: Arrived, line: Line, world: World, out: Folded) -> None:
    same_run = line.form_device == event.device_id and event.base_version >= line.form_since and line.version
    if not same_run:
        line.form_since = line.version
    assert event.facts is not None
    _take_form(line, out, event, event.payload, event.facts, event.edits, event.attested)


def _take_form(
    line: Line,
    out: Folded,
    author: Arrived | Held,
    payload: events.Form,
    found: Facts,
    edits: Edits,
    attested: bool,
) -> None:
    """Make this form the line's newest version."""
    line.version += 1
    line.form_event = author.id
    line.form_device = author.device_id
    line.form_seq = author.device_seq
    line.form_made_at = author.made_at
    line.form_method = payload.method
    line.form_status = payload.household_status
    line.open_edits = edits.hard
    line.open_queries = edits.queries
    line.accepted = edits.hard == 0 or attested
    line.persons = len(found.persons)
    line.persons_here = found.here
    line.persons_hukou = found.hukou
    line.persons_resident = found.resident
    line.persons_away = found.away
    line.persons_separated = found.separated
    line.births = found.births
    line.deaths = found.died
    if found.head:
        _head(line, found.head)
    out.version = line.version
    out.persons, out.deaths = found.persons, found.deaths
    out.edits = edits


def _reconcile(event: Arrived, line: Line, world: World, out: Folded, reason: str) -> None:
    """A form whose author had not seen the newest version: merge by section, let the later visit's form stand, or
    ask."""
    if event.device_id == line.form_device and event.device_seq <= line.form_seq:
        out.result = "history"  # the same author has already sent a later one
        return
    current = world.form_of(line.id, line.version)
    if SELF_ENUMERATION in (event.payload.method, line.form_method) and event.payload.method != line.form_method:
        later = line.form_made_at is None or event.made_at > line.form_made_at
        _open_task(event, line, out, "self_and_visit", "")
        if later:
            _form(event, line, world, out)
        return
    base = world.form_of(line.id, event.base_version) if event.base_version else None
    if base is not None and current is not None:
        mine = changed_sections(base.payload.answers, event.payload.answers)
        theirs = changed_sections(base.payload.answers, current.payload.answers)
        if not mine & theirs:
            merged = msgspec.structs.replace(
                current.payload, answers=merge_sections(current.payload.answers, event.payload.answers, mine)
            )
            line.form_since = line.version
            out.merged = merged
            _take_form(
                line,
                out,
                event,
                merged,
                facts(merged.answers, line.id, line.block_code),
                world.check(line, merged, line.census_id),
                False,
            )
            return
        sections = mine & theirs
    else:
        sections = (
            changed_sections(current.payload.answers, event.payload.answers) if current is not None else {"household"}
        )
        if not sections:
            out.result = "history"  # both say the same
            return
    _open_task(event, line, out, "same_section", ",".join(sorted(sections)))


def _task(event: Arrived, line: Line, world: World, out: Folded, reason: str) -> None:
    _open_task(event, line, out, reason, "")


def _open_task(event: Arrived, line: Line, out: Folded, reason: str, sections: str) -> None:
    out.task = Task(
        *(uuid5(TASK, event.id.hex), event.census_id, line.id, line.block_code, reason, line.form_event, event.id),
        *(sections[:2000], event.received_at),
    )
    line.open_tasks += 1
    out.result = "merge"


def changed_sections(base: items.Answers, other: items.Answers) -> set[str]:
    """The sections in which two forms differ: `household`, `deaths`, and each person by uuid, else by line."""
    changed = set()
    if base.household != other.household:
        changed.add("household")
    if base.deaths != other.deaths:
        changed.add("deaths")
    before, after = by_section(base.persons), by_section(other.persons)
    changed.update(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    return changed


def by_section(persons: list[items.Person]) -> dict[str, items.Person]:
    """The persons of a form by section: the uuid, or the line where there is none or another has it too."""
    found: dict[str, items.Person] = {}
    for n, p in enumerate(persons, 1):
        found[p.uuid if p.uuid and p.uuid not in found else f"line {n}"] = p
    return found


def merge_sections(current: items.Answers, other: items.Answers, mine: set[str]) -> items.Answers:
    """`current` with the sections `mine` taken from `other`; persons keep their order, new ones follow."""
    theirs, ours = by_section(other.persons), by_section(current.persons)
    persons = []
    for key, p in ours.items():
        if key not in mine:
            persons.append(p)
        elif key in theirs:
            persons.append(theirs.pop(key))
    persons += [p for key, p in theirs.items() if key in mine and key not in ours]
    return items.Answers(
        household=other.household if "household" in mine else current.household,
        persons=persons,
        deaths=other.deaths if "deaths" in mine else current.deaths,
    )


def _foreign(event: Arrived, line: Line, world: World, out: Folded) -> None:
    people = event.payload.persons
    line.foreigners = len(people)
    out.foreigners = [
        (
            *(line.id, n, line.block_code, seal(p.name, line.id.bytes + bytes((n & 255,)) + b"foreigner")),
            seal(p.document, line.id.bytes + bytes((n & 255,)) + b"document") if p.document else None,
            *(p.sex, p.birth, p.nationality),
        )
        for n, p in enumerate(people, 1)
    ]


def _tracing(event: Arrived, line: Line, world: World, out: Folded) -> None:
    p: events.TracingCase = event.payload
    out.tracing = (
        *(uuid5(line.id, p.case_no), line.id, line.block_code, p.case_no, p.line, p.to_place, p.to_code, p.opened_on),
        *(p.channel, p.outcome, p.closed_on),
    )


def _settle(event: Arrived, line: Line, world: World, out: Folded) -> None:
    """Open edits settled by the office; once no hard one is left, the form counts as accepted."""
    p: events.Settle = event.payload
    if p.form_event != line.form_event:
        out.result = "history"
        return
    form = world.held(p.form_event)
    left = still_open(form.edits.text if form else "", p.edits)
    line.open_edits, line.open_queries = left
    line.accepted = line.accepted or line.open_edits == 0


def still_open(edits: str, settled: list[events.Settled]) -> tuple[int, int]:
    """(hard, queries) of an outcome of the check that `settled` leaves open. A settlement says all that is settled
    so far."""
    done = {(s.rule, s.line) for s in settled}
    found = msgspec.json.decode(edits) if edits else []
    hard = sum(1 for rule, line, severity in found if severity == "H" and (rule, line) not in done)
    queries = sum(1 for rule, line, severity in found if severity == "C" and (rule, line) not in done)
    return hard, queries


def _merge(event: Arrived, line: Line, world: World, out: Folded) -> None:
    p: events.Merge = event.payload
    task = world.task(p.task)
    if task is None or task.decided_at is not None or task.household_id != line.id:
        out.result = "history"
        return
    task.decided_at, task.decision, task.decided_by, task.decided_why = event.received_at, p.keep, event.actor, p.reason
    out.task = task
    line.open_tasks -= 1
    if p.keep == "other":
        chosen = task.other_event
    else:
        chosen = task.current_event if line.form_event == task.other_event else None
    held = world.held(chosen) if chosen is not None and chosen != line.form_event else None
    if held is None:
        return
    if held.kind == "form":
        line.form_since = line.version
        found = facts(held.payload.answers, line.id, line.block_code)
        _take_form(line, out, held, held.payload, found, held.edits, False)
        out.merged = held.payload
    elif held.kind == "visit":
        line.visit_status = held.payload.status_after
        line.last_outcome = held.payload.outcome
        line.last_noted = bool(held.payload.note.strip())
        line.visited_at, line.visited_seq = held.made_at, held.device_seq


def _lock(event: Arrived, line: Line, world: World, out: Folded) -> None:
    line.locked = event.payload.locked


def _remove(event: Arrived, line: Line, world: World, out: Folded) -> None:
    line.removed = event.payload.removed


EFFECTS: dict[str, Callable[..., None]] = {
    "apply": _apply,
    "count": _count,
    "describe": _describe,
    "history": _history,
    "reconcile": _reconcile,
    "task": _task,
}
APPLY: dict[str, Callable[..., None]] = {
    "visit": _visit,
    "form": _form,
    "foreign": _foreign,
    "tracing": _tracing,
    "settle": _settle,
    "merge": _merge,
    "lock": _lock,
    "remove": _remove,
}
