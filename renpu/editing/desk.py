"""What the office decides about a household: each decision is an event through the one door, as in the field."""

from datetime import datetime
from uuid import UUID, uuid4, uuid5

import msgspec

from renpu.collection import events, journal
from renpu.collection.models import Event, MergeTask
from renpu.editing import problems
from renpu.editing.receipt import Incoming, Sender, receive
from renpu.listing.models import Household
from renpu.platform.office import author

DESKS = UUID("b3f0a9c2-8f0e-5d0a-9d9e-6a0f2c1d7e44")


class DecisionRefused(Exception):
    """A decision that could not be applied; the message is for the person who tried it. `task` names the merge task in
    which it was kept."""

    def __init__(self, message, task: UUID | None = None):
        super().__init__(message)
        self.task = task


def decide(
    household: Household,
    kind: str,
    payload: msgspec.Struct,
    *,
    by,
    at: datetime,
    key: UUID | None = None,
    seen: int | None = None,
):
    """Send one decision; DecisionRefused where it changed nothing.

    `key`: the same form sent twice is one decision. `seen`: the version of the form that the page showed (default: the
    newest).
    """
    body = msgspec.json.encode(
        {
            "id": key or uuid4(),
            "kind": kind,
            "about": household.id,
            "block": household.block_code,
            "made_at": at,
            "base_version": household.version if seen is None else seen,
            "payload": payload,
        }
    )
    sender = Sender(uuid5(DESKS, f"user {by.pk}"), author(by), household.census_id, False)
    answer = receive([Incoming(body, sender, at)], direct=True)[0]
    if answer.result in ("accepted", "duplicate"):
        return answer
    if answer.result == "merge":
        raise DecisionRefused(problems.LOCKED_FIRST if household.locked else problems.KEPT_BESIDE, answer.task)
    raise DecisionRefused(problems.CHANGED_MEANWHILE)


def change_persons(
    household: Household, seen: int, changes: dict[int, dict[str, object]], method: int, *, by, at, key=None
):
    """A new version of the form in which some items of some persons are answered anew: line -> {item: answer}.

    It starts from version `seen`, so that what others changed since in other sections stays, and what they changed in
    the same ones becomes a merge task (DecisionRefused with `task`). DecisionRefused too where there is no such form.
    """
    form = next((f for f in journal.held_where(about=household.id, version=seen) if seen), None)
    if (
        form is None
        or form.kind != "form"
        or any(not 0 < line <= len(form.payload.answers.persons) for line in changes)
    ):
        raise DecisionRefused(problems.NO_SUCH_FORM)
    persons = list(form.payload.answers.persons)
    for line, answers in changes.items():
        persons[line - 1] = msgspec.structs.replace(persons[line - 1], **answers)
    answers = msgspec.structs.replace(form.payload.answers, persons=persons)
    payload = msgspec.structs.replace(form.payload, answers=answers, method=method, signature="", read_back=False)
    return decide(household, "form", payload, by=by, at=at, key=key, seen=seen)


def settled_so_far(household: Household) -> list[events.Settled]:
    """What the office has settled of the newest form: the last settlement of it that was applied says all of it."""
    if household.form_event is None:
        return []
    rows = Event.objects.filter(about=household.id, kind="settle", result="accepted").order_by("-seq")
    for row in rows:
        payload = journal.opened(row.id, bytes(row.payload))[1]
        if payload.form_event == household.form_event:
            return payload.edits
    return []


def settle(household: Household, reasons: dict[tuple[str, int], str], *, by, at: datetime, key: UUID | None = None):
    """Settle edits of the newest form, (rule, line) -> reason; earlier settlements stand."""
    if not reasons:
        raise DecisionRefused(problems.REASON_NEEDED)
    edits = [s for s in settled_so_far(household) if (s.rule, s.line) not in reasons]
    edits += [events.Settled(rule, line, "office", text) for (rule, line), text in reasons.items()]
    return decide(household, "settle", events.Settle(household.form_event, edits), by=by, at=at, key=key)


def decide_merge(task: MergeTask, keep: str, reason: str, *, by, at: datetime, key: UUID | None = None):
    """Keep the current work or take the other; `keep` is current or other."""
    household = Household.objects.get(pk=task.household_id)
    return decide(household, "merge", events.Merge(task.id, keep, reason), by=by, at=at, key=key)
