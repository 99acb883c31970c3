"""Everything that changes the ledger of work items: opened, given to somebody, tried, closed with a reason, reopened.

A step is appended and the counters are moved in the transaction that changes the item. An action names the version of
the item that its page showed (`seen`); whoever comes second is told who was there before. `by` is an author's name
(`platform.office.author`), or the name of what opens items; whether somebody may act is asked by the page
(`platform.office.must`): "work" to try, note, check and propose, "close" for the rest.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from django.db import transaction

from renpu.concepts.codes import code_list
from renpu.coverage import closing, counters, problems, vacancy_check
from renpu.coverage.kinds import kinds
from renpu.coverage.models import WorkItem, WorkStep
from renpu.platform.models import Census, local
from renpu.staff.models import Assignment, Staff

ITEMS = UUID("5b0e3f2c-7a41-5c8e-9d60-3f1c8a92e7d4")
# What a step did. "gone" and "found": the comparison no longer sees the difference, or sees it again;
# "sheet": put on a call sheet.
DID = (
    "opened", "gone", "found", "assigned", "due", "sheet", "try", "check", "note", "proposed", "closed", "reopened",
    "undone",
)  # fmt: skip
MODES = ("door", "phone", "desk")
TOGETHER = 500


class WorkRefused(Exception):
    """An action that was not done; the message is for the person who tried it."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A difference or task to be opened. `subject` is unique in the kind; without an owner it goes to who is on duty in
    the block, without a day it is due as its kind says. `evidence`: codes, counts and keys, nothing that names anybody.
    """

    kind: str
    area_code: str
    subject: str
    household_id: UUID | None = None
    line: int | None = None
    other_household_id: UUID | None = None
    other_line: int | None = None
    row_id: int | None = None
    unit_id: UUID | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    owner_id: UUID | None = None
    due_on: date | None = None


class Opened(NamedTuple):
    """Ids of the items that are new, that are open and were known (evidence renewed), and that a person has closed: a
    closed item stays closed."""

    new: list[UUID]
    known: list[UUID]
    closed: list[UUID]


def item_id(census_id: int, kind: str, subject: str) -> UUID:
    """The id of the item about this subject: the same, whenever and by whomever it is opened."""
    return uuid5(ITEMS, f"{census_id}/{kind}/{subject}")


def open_items(census: Census, openings: Iterable[Opening], *, by: str, at: datetime) -> Opened:
    """Open items, or find them again; KeyError for a kind that `work_kinds.csv` does not have."""
    wanted = {item_id(census.pk, one.kind, one.subject): one for one in openings}
    result = Opened([], [], [])
    with transaction.atomic():
        hold(census)
        owners = on_duty(wanted.values())
        known = {}
        for ids in chunks(sorted(wanted), TOGETHER):
            rows = WorkItem.objects.select_for_update().filter(pk__in=ids).order_by("pk")
            known |= {item.pk: item for item in rows}
        changes, new, renewed, steps = counters.Changes(), [], [], []
        for key, one in wanted.items():
            item = known.get(key)
            if item is None:
                item = new_item(key, census, one, owners, at)
                new.append(item)
                changes.enters(item)
                result.new.append(key)
                steps.append(WorkStep(item=item, at=at, by=by, did="opened"))
            elif item.state == WorkItem.State.CLOSED:
                result.closed.append(key)
            else:
                result.known.append(key)
                if not item.found:
                    changes.leaves(item)
                    item.found = True
                    item.version += 1
                    steps.append(
                        WorkStep(item=item, at=at, by=by, did="found", version=item.version, before={"found": False})
                    )
                    changes.enters(item)
                elif item.evidence == one.evidence:
                    continue
                item.evidence = one.evidence
                renewed.append(item)
        WorkItem.objects.bulk_create(new, batch_size=TOGETHER)
        WorkItem.objects.bulk_update(renewed, ["found", "evidence", "version"], batch_size=TOGETHER)
        WorkStep.objects.bulk_create(steps, batch_size=TOGETHER)
        counters.add(changes)
    return result


def hold(census: Census) -> None:
    """Items of a census are opened and lost by one at a time, so that nobody opens the same item twice."""
    Census.objects.select_for_update(no_key=True).get(pk=census.pk)


def on_duty(openings: Iterable[Opening]) -> dict[tuple[str, str], UUID]:
    """(block, duty) -> the member of staff on duty there."""
    blocks = sorted({one.area_code for one in openings if len(one.area_code) == len("310199001001001")})
    found = {}
    for codes in chunks(blocks, TOGETHER):
        held = Assignment.objects.filter(block_code__in=codes, until=None)
        found |= {(code, duty): staff for code, duty, staff in held.values_list("block_code", "duty", "staff_id")}
    return found


def new_item(key: UUID, census: Census, one: Opening, owners: dict[tuple[str, str], UUID], at: datetime) -> WorkItem:
    kind = kinds()[one.kind]
    return WorkItem(
        id=key,
        census_id=census.pk,
        kind=one.kind,
        area_code=one.area_code,
        subject=one.subject,
        household_id=one.household_id,
        line=one.line,
        other_household_id=one.other_household_id,
        other_line=one.other_line,
        row_id=one.row_id,
        unit_id=one.unit_id,
        evidence=one.evidence,
        owner_id=one.owner_id or owners.get((one.area_code, kind.owner)),
        due_on=one.due_on or local(at).date() + timedelta(days=kind.days),
        opened_at=at,
    )


def lose(census: Census, ids: Iterable[UUID], *, by: str, at: datetime) -> int:
    """The comparison no longer sees these differences. Open items are marked so and stay open; the number of them."""
    lost = 0
    with transaction.atomic():
        hold(census)
        changes = counters.Changes()
        for some in chunks(sorted(ids), TOGETHER):
            rows = WorkItem.objects.select_for_update().open().filter(pk__in=some, found=True, census_id=census.pk)
            items = list(rows.order_by("pk"))
            for item in items:
                changes.leaves(item)
                item.found = False
                item.version += 1
                changes.enters(item)
            WorkItem.objects.bulk_update(items, ["found", "version"])
            WorkStep.objects.bulk_create(
                WorkStep(item=item, at=at, by=by, did="gone", version=item.version, before={"found": True})
                for item in items
            )
            lost += len(items)
        counters.add(changes)
    return lost


@contextmanager
def changing(item: WorkItem, seen: int | None) -> Iterator[WorkItem]:
    """The item, locked, in a transaction. WorkRefused where somebody changed it since `seen`; None does not ask."""
    with transaction.atomic():
        held = WorkItem.objects.select_for_update().get(pk=item.pk)
        if seen is not None and held.version != seen:
            last = held.steps.order_by("-id").first()
            told = {"by": last.by, "at": f"{local(last.at):%Y-%m-%d %H:%M}"}
            raise WorkRefused(problems.CHANGED_MEANWHILE % told)
        yield held


def write(held: WorkItem, did: str, values: dict[str, Any], *, by: str, at: datetime, **step: Any) -> WorkStep:
    """Set the values on a locked item and append the step that says so, with what they were."""
    before = {name: as_json(getattr(held, name)) for name in values}
    for name, value in values.items():
        setattr(held, name, value)
    held.version += 1
    held.save(update_fields=[*values, "version"])
    return WorkStep.objects.create(item=held, at=at, by=by, did=did, version=held.version, before=before, **step)


def as_json(value: Any) -> Any:
    """A value of an item as `WorkStep.before` keeps it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def must_be_open(held: WorkItem) -> None:
    if held.state == WorkItem.State.CLOSED:
        raise WorkRefused(problems.CLOSED)


def assign(item: WorkItem, owner: Staff | None, *, by: str, at: datetime, seen: int | None, note: str = "") -> None:
    """Give an open item to somebody who works in its area or above it; None takes it back."""
    with changing(item, seen) as held:
        must_be_open(held)
        if owner is not None and not works_there(owner, held.area_code):
            raise WorkRefused(problems.OWNER_ELSEWHERE % {"name": owner.name})
        write(held, "assigned", {"owner_id": owner.pk if owner else None}, by=by, at=at, note=note[:400])


def works_there(person: Staff, area_code: str) -> bool:
    """Does the person's area hold this one, or this one the person's area?"""
    return area_code.startswith(person.area_code) or person.area_code.startswith(area_code)


def set_due(item: WorkItem, due_on: date, *, by: str, at: datetime, seen: int | None, note: str = "") -> None:
    with changing(item, seen) as held:
        must_be_open(held)
        changes = counters.Changes()
        changes.leaves(held)
        write(held, "due", {"due_on": due_on}, by=by, at=at, note=note[:400])
        changes.enters(held)
        counters.add(changes)


def add_note(item: WorkItem, text: str, *, by: str, at: datetime, seen: int | None = None) -> None:
    """Write a note, also on a closed item."""
    if not text.strip():
        raise WorkRefused(problems.NOTE_NEEDED)
    with changing(item, seen) as held:
        write(held, "note", {}, by=by, at=at, note=text.strip()[:400])


class Try(NamedTuple):
    """An attempt to reach somebody: mode (MODES), outcome (code list visit_outcome), when, and an appointment."""

    mode: str
    outcome: int
    made_at: datetime | None = None
    next_at: datetime | None = None
    note: str = ""


def attempt(item: WorkItem, tried: Try, *, by: str, at: datetime, seen: int | None, batch: UUID | None = None) -> None:
    """Record a try. Without `made_at` it was now."""
    if tried.mode not in MODES or tried.outcome not in code_list("visit_outcome").ints:
        raise WorkRefused(problems.NO_SUCH_OUTCOME)
    made_at = tried.made_at or at
    if made_at > at:
        raise WorkRefused(problems.TRY_AHEAD)
    if tried.next_at is not None and tried.next_at <= made_at:
        raise WorkRefused(problems.APPOINTMENT_PAST)
    with changing(item, seen) as held:
        must_be_open(held)
        values = {"tries": held.tries + 1, "next_at": tried.next_at}
        if held.last_try_at is None or made_at >= held.last_try_at:
            values |= {"last_try_at": made_at, "last_outcome": tried.outcome}
        write(
            held,
            "try",
            values,
            by=by,
            at=at,
            batch=batch,
            mode=tried.mode,
            outcome=tried.outcome,
            note=tried.note[:400],
            facts={"made_at": made_at.isoformat()} if tried.made_at else {},
        )


class Looked(NamedTuple):
    """One of the three checks of a dwelling listed as vacant (`vacancy_check`)."""

    check: str
    showed: str
    whom: str = ""
    made_at: datetime | None = None
    note: str = ""


def record_check(item: WorkItem, looked: Looked, *, by: str, at: datetime, seen: int | None) -> None:
    if item.kind != "vacancy":
        raise WorkRefused(problems.ONLY_VACANCY)
    asks = looked.check == "ask"
    if (
        looked.check not in vacancy_check.CHECKS
        or looked.showed not in vacancy_check.SHOWED
        or (asks and looked.whom not in vacancy_check.ASKED)
    ):
        raise WorkRefused(problems.NO_SUCH_CHECK)
    if looked.made_at is not None and looked.made_at > at:
        raise WorkRefused(problems.TRY_AHEAD)
    facts = {"check": looked.check, "showed": looked.showed}
    if asks:
        facts["with"] = looked.whom
    if looked.made_at:
        facts["made_at"] = looked.made_at.isoformat()
    with changing(item, seen) as held:
        must_be_open(held)
        write(held, "check", {}, by=by, at=at, facts=facts, note=looked.note[:400])


Reason = tuple[str, str]  # code list, code


def propose(item: WorkItem, reason: Reason, *, by: str, at: datetime, seen: int | None, note: str = "") -> None:
    """Say what it turned out to be, for the supervisor to close it with."""
    with changing(item, seen) as held:
        must_be_open(held)
        must_be_allowed(held.kind, reason)
        changes = counters.Changes()
        changes.leaves(held)
        values = {"reason_list": reason[0], "reason": reason[1]}
        write(held, "proposed", values, by=by, at=at, reason_list=reason[0], reason=reason[1], note=note[:400])
        changes.enters(held)
        counters.add(changes)


def must_be_allowed(kind: str, reason: Reason) -> None:
    if tuple(reason) not in kinds()[kind].reasons:
        raise WorkRefused(problems.NO_SUCH_REASON)


def close(
    item: WorkItem, reason: Reason, *, by: str, at: datetime, seen: int | None, ground: str = "", note: str = ""
) -> None:
    """Close an item with one of the reasons of its kind, when what the reason rests on is there (`closing`)."""
    ground = ground.strip()
    with changing(item, seen) as held:
        must_be_open(held)
        must_be_allowed(held.kind, reason)
        left = closing.obstacles([held], reason, ground, census_of(held))
        if held.pk in left:
            raise WorkRefused(left[held.pk])
        changes = counters.Changes()
        changes.leaves(held)
        said = (ground or note.strip())[:400]
        values = {**closed_values(reason, by, at), "note": said}
        write(held, "closed", values, by=by, at=at, reason_list=reason[0], reason=reason[1], note=said)
        changes.enters(held)
        counters.add(changes)


def closed_values(reason: Reason, by: str, at: datetime) -> dict[str, Any]:
    return {
        "state": WorkItem.State.CLOSED,
        "reason_list": reason[0],
        "reason": reason[1],
        "closed_at": at,
        "closed_by": by[:40],
        "next_at": None,
    }


def census_of(item: WorkItem) -> Census:
    return Census.objects.get(pk=item.census_id)


def confirm_gone(item: WorkItem, reason: Reason, *, by: str, at: datetime, seen: int | None, note: str = "") -> None:
    """Close an item that the comparison no longer sees: still with a reason, without another contact."""
    if WorkItem.objects.filter(pk=item.pk, found=True).exists():
        raise WorkRefused(problems.STILL_SEEN)
    close(item, reason, by=by, at=at, seen=seen, note=note)


def reopen(item: WorkItem, why: str, *, by: str, at: datetime, seen: int | None) -> None:
    if not why.strip():
        raise WorkRefused(problems.WHY_REOPEN)
    with changing(item, seen) as held:
        if held.state == WorkItem.State.OPEN:
            raise WorkRefused(problems.NOT_CLOSED)
        changes = counters.Changes()
        changes.leaves(held)
        values = {
            "state": WorkItem.State.OPEN,
            "reason_list": "",
            "reason": "",
            "closed_at": None,
            "closed_by": "",
            "note": "",
        }
        write(held, "reopened", values, by=by, at=at, note=why.strip()[:400])
        changes.enters(held)
        counters.add(changes)


def chunks(values: list, size: int) -> Iterator[list]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
