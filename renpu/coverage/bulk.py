"""One action on many items at once, with a batch that can be taken back as long as nobody has touched them since."""

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef

from renpu.coverage import closing, counters, problems
from renpu.coverage.kinds import kinds
from renpu.coverage.models import WorkItem, WorkStep
from renpu.coverage.work import (
    TOGETHER,
    Reason,
    WorkRefused,
    as_json,
    census_of,
    chunks,
    closed_values,
    hold,
    works_there,
)
from renpu.platform.models import Census
from renpu.staff.models import Staff

MOST = 5_000  # items of one action


class Assign(NamedTuple):
    owner: Staff


class Due(NamedTuple):
    due_on: date


class Close(NamedTuple):
    reason: Reason
    ground: str = ""


Change = Assign | Due | Close


class Done(NamedTuple):
    """What a bulk action did: items changed, and how many were refused for which reason."""

    batch: UUID
    changed: int
    refused: dict[str, int]


def change(items, wanted: Change, *, by: str, at: datetime, expected: int | None = None) -> Done:
    """Change the items of a query set in one transaction; items that may not be changed stay and are told.

    `expected` is the number that was shown before. WorkRefused: none chosen, too many, or another number by now.
    """
    batch, refused, changed = uuid4(), Counter(), 0
    with transaction.atomic():
        ids = sorted(items.order_by().values_list("pk", flat=True)[: MOST + 1])
        if not ids:
            raise WorkRefused(problems.NOTHING_CHOSEN)
        if len(ids) > MOST:
            raise WorkRefused(problems.TOO_MANY % {"n": items.count(), "most": MOST})
        if expected is not None and len(ids) != expected:
            raise WorkRefused(problems.COUNT_CHANGED % {"before": expected, "now": len(ids)})
        hold_of(ids)
        moved = counters.Changes()
        for some in chunks(ids, TOGETHER):
            held = list(WorkItem.objects.select_for_update().filter(pk__in=some).order_by("pk"))
            left = refusals(held, wanted)
            refused.update(left.values())
            todo = [item for item in held if item.pk not in left]
            save(todo, wanted, moved, batch, by=by, at=at)
            changed += len(todo)
        counters.add(moved)
    return Done(batch, changed, dict(refused.most_common()))


def hold_of(ids: list[UUID]) -> None:
    """Wait for a comparison that is being written, and let the next one wait: it locks items in no order."""
    for census in Census.objects.filter(pk__in=WorkItem.objects.filter(pk=ids[0]).values("census_id")):
        hold(census)


def preview(items, wanted: Change, *, by: str, at: datetime) -> Done:
    """What `change` would do, without doing it."""
    with transaction.atomic():
        done = change(items, wanted, by=by, at=at)
        transaction.set_rollback(True)
    return done


def refusals(held: list[WorkItem], wanted: Change) -> dict[UUID, str]:
    """Item -> why it stays as it is."""
    found = {item.pk: str(problems.CLOSED) for item in held if item.state == WorkItem.State.CLOSED}
    rest = [item for item in held if item.pk not in found]
    match wanted:
        case Assign(owner):
            told = problems.OWNER_ELSEWHERE % {"name": owner.name}
            found |= {item.pk: told for item in rest if not works_there(owner, item.area_code)}
        case Close(reason, ground):
            wrong = {item.pk for item in rest if reason not in kinds()[item.kind].reasons}
            found |= dict.fromkeys(wrong, str(problems.NO_SUCH_REASON))
            able = [item for item in rest if item.pk not in wrong]
            if able:
                found |= closing.obstacles(able, reason, ground.strip(), census_of(able[0]))
    return found


def save(items: list[WorkItem], wanted: Change, moved: counters.Changes, batch: UUID, *, by: str, at: datetime) -> None:
    did, values = to_set(wanted, by, at)
    more = {"reason_list": wanted.reason[0], "reason": wanted.reason[1]} if isinstance(wanted, Close) else {}
    steps = []
    for item in items:
        before = {name: as_json(getattr(item, name)) for name in values}
        moved.leaves(item)
        for name, value in values.items():
            setattr(item, name, value)
        item.version += 1
        moved.enters(item)
        note = wanted.ground[:400] if isinstance(wanted, Close) else ""
        steps.append(
            WorkStep(
                item=item,
                at=at,
                by=by,
                did=did,
                batch=batch,
                version=item.version,
                before=before,
                note=note,
                **more,
            )
        )
    WorkItem.objects.bulk_update(items, [*values, "version"], batch_size=TOGETHER)
    WorkStep.objects.bulk_create(steps, batch_size=TOGETHER)


def to_set(wanted: Change, by: str, at: datetime) -> tuple[str, dict[str, Any]]:
    """(what the step did, the values of the items)."""
    match wanted:
        case Assign(owner):
            return "assigned", {"owner_id": owner.pk}
        case Due(due_on):
            return "due", {"due_on": due_on}
        case Close(reason, ground):
            return "closed", {**closed_values(reason, by, at), "note": ground.strip()[:400]}


class Undone(NamedTuple):
    """Items put back as they were, and those that somebody touched since and that stay as they are."""

    back: int
    touched: list[UUID]


def steps_of(batch: UUID):
    """The steps of a batch that are the newest of their items."""
    later = WorkStep.objects.filter(item=OuterRef("item"), id__gt=OuterRef("id"))
    return WorkStep.objects.filter(batch=batch).annotate(touched=Exists(later))


def undo(batch: UUID, *, by: str, at: datetime) -> Undone:
    """Take a batch back. WorkRefused where it is none, or nothing of it can be taken back any more."""
    with transaction.atomic():
        ids = sorted(WorkStep.objects.filter(batch=batch).exclude(did="try").values_list("item_id", flat=True))
        if not ids:
            raise WorkRefused(problems.NO_SUCH_BATCH)
        hold_of(ids)
        moved, back, touched = counters.Changes(), 0, []
        for some in chunks(ids, TOGETHER):
            held = {i.pk: i for i in WorkItem.objects.select_for_update().filter(pk__in=some).order_by("pk")}
            put, steps = defaultdict(list), []
            for step in steps_of(batch).filter(item__in=some).order_by("item_id"):
                if step.touched:
                    touched.append(step.item_id)
                    continue
                item = held[step.item_id]
                now = put_back(item, step, moved)
                put[tuple(step.before)].append(item)
                steps.append(
                    WorkStep(item=item, at=at, by=by, did="undone", version=item.version, before=now, note=step.did)
                )
            for names, items in put.items():
                WorkItem.objects.bulk_update(items, [*names, "version"], batch_size=TOGETHER)
            WorkStep.objects.bulk_create(steps, batch_size=TOGETHER)
            back += len(steps)
        if not back:
            raise WorkRefused(problems.NO_SUCH_BATCH)
        counters.add(moved)
    return Undone(back, touched)


def put_back(item: WorkItem, step: WorkStep, moved: counters.Changes) -> dict[str, Any]:
    """The item as it was before the step; what it was until now, for the step that says so."""
    now = {name: as_json(getattr(item, name)) for name in step.before}
    moved.leaves(item)
    for name, value in step.before.items():
        setattr(item, name, WorkItem._meta.get_field(name).to_python(value))
    item.version += 1
    moved.enters(item)
    return now
