"""Following a separated person (人户分离追踪, workflow 3.10): the case is opened, what is learned is noted, both
households are named, the person is called, and it ends with an outcome, which can be taken back.

What a case says of a household goes in as a `tracing` event, what the person answers as a `form` event; the work item
it came from is closed through `coverage.work`. Each action names the version of the case that its page showed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from renpu.collection import events
from renpu.collection.models import Person, Tracing
from renpu.concepts.codes import code_list
from renpu.concepts.relative_place import residence_place
from renpu.coverage import work
from renpu.coverage.models import WorkItem
from renpu.editing import desk
from renpu.geography.models import Area
from renpu.linkage.models import line_key, row_key
from renpu.listing.models import Household
from renpu.platform.models import local
from renpu.platform.office import author
from renpu.platform.vault import seal, unseal
from renpu.registers.models import RegisterRow
from renpu.tracing import problems
from renpu.tracing.models import Case, CaseStep
from renpu.tracing.persons import parse_record

CASES = UUID("2f9d6c1a-33b5-5b0e-8a6f-0d6c6ad1f0b7")
ON_A_FORM = (1, 2, 4, 5)  # tracing_outcome: what they say stands on the form of the hukou side
ENUMERATED_THERE = (1, 2)  # and on that of the place of residence
TELEPHONE = 3  # collection_mode
BY_TELEPHONE = "电话"  # channel of a tracing event, as field records have it
ELSEWHERE = (2, 3, 4, 5, 6, 7)  # residence_place: not here


class TracingRefused(Exception):
    """An action that was not done; the message is for the person who tried it. `task` names the merge task in which an
    answer was kept."""

    def __init__(self, message, task: UUID | None = None):
        super().__init__(message)
        self.task = task


def open_case(census, record: str, *, by, at: datetime, item: WorkItem | None = None) -> Case:
    """The case of a record, opened at the first call. TracingRefused where there is no such record.

    `record` is a key of `linkage.models`; `item` the work item that it comes from: without one, one is opened. A case
    that the field has recorded about this line and not closed is taken up under its own number.
    """
    key = uuid5(CASES, f"{census.pk} {record}")
    with transaction.atomic():
        known = Case.objects.filter(pk=key).first()
        if known is not None:
            return known
        case = Case(id=key, census_id=census.pk, record=record, opened_at=at, opened_by=author(by))
        case.case_no = f"Z{key.int % 10**9:09d}"
        about_record(case)
        case.item_id = item.pk if item else work_of(census, case, by=by, at=at)
        case.save(force_insert=True)
        write(case, "opened", by=by, at=at)
        if case.household_id:
            tell(case, by=by, at=at)
    return case


def work_of(census, case: Case, *, by, at: datetime) -> UUID:
    """The work item of a case that came from none: the ledger knows of it, with an owner and a day."""
    opening = work.Opening(
        "tracing",
        case.area_code,
        case.record,
        household_id=case.household_id,
        line=case.line,
        row_id=case.row_id,
        evidence={"case": case.case_no},
    )
    work.open_items(census, [opening], by=author(by), at=at)
    return work.item_id(census.pk, opening.kind, opening.subject)


def about_record(case: Case) -> None:
    """Fill in where the case lies and what its record says."""
    try:
        found = parse_record(case.record)
    except ValueError:
        raise TracingRefused(problems.NO_SUCH_RECORD) from None
    if isinstance(found, int):
        row = RegisterRow.objects.filter(pk=found).first()
        if row is None:
            raise TracingRefused(problems.NO_SUCH_RECORD)
        case.row_id, case.area_code = row.pk, row.block_code or row.area_code
        return
    household, line = found
    home = Household.objects.filter(pk=household, census_id=case.census_id).first()
    person = Person.objects.filter(household_id=household, line=line).first()
    if home is None or person is None:
        raise TracingRefused(problems.NO_SUCH_RECORD)
    case.household_id, case.line, case.area_code = home.pk, line, home.block_code
    case.to_place = person.residence_place if person.residence_place in ELSEWHERE else None
    case.to_code = person.residence_code
    held = Tracing.objects.filter(household_id=household, line=line, outcome=None).order_by("case_no").first()
    if held is not None:
        case.case_no = held.case_no
        case.to_place, case.to_code = held.to_place or case.to_place, held.to_code or case.to_code


def record_of(item: WorkItem) -> str:
    """The record that a work item asks to be followed: the line of the hukou side, else the register row."""
    if item.household_id and item.line:
        return line_key(item.household_id, item.line)
    if item.row_id:
        return row_key(item.row_id)
    raise TracingRefused(problems.NO_SUCH_RECORD)


@contextmanager
def changing(case: Case, seen: int | None, *, closed: bool = False) -> Iterator[Case]:
    """The case, locked, in a transaction; TracingRefused where somebody changed it since `seen`, or it is closed."""
    with transaction.atomic():
        held = Case.objects.select_for_update().get(pk=case.pk)
        if seen is not None and held.version != seen:
            raise TracingRefused(problems.CHANGED_MEANWHILE)
        if (held.outcome is not None) != closed:
            raise TracingRefused(problems.CASE_OPEN if closed else problems.CASE_CLOSED)
        yield held
        held.version += 1
        held.save()


def write(case: Case, did: str, *, by, at: datetime, code: str = "", note: str = "") -> CaseStep:
    name = by if isinstance(by, str) else author(by)
    sealed = seal(note[:1000], case.id.bytes + b"note") if note else None
    return CaseStep.objects.create(case=case, at=at, by=name[:60], did=did, code=code, note=sealed)


def note_of(step: CaseStep) -> str:
    return unseal(step.note, step.case_id.bytes + b"note")


def tell(case: Case, *, by, at: datetime, channel: str = "") -> None:
    """Put the case as it stands into the journal of its household."""
    household = Household.objects.get(pk=case.household_id)
    payload = events.TracingCase(
        case_no=case.case_no,
        line=case.line,
        to_place=case.to_place,
        to_code=case.to_code,
        opened_on=f"{local(case.opened_at):%Y-%m-%d}",
        channel=channel,
        outcome=case.outcome,
        closed_on=f"{local(case.closed_at):%Y-%m-%d}" if case.closed_at else "",
    )
    try:
        desk.decide(household, "tracing", payload, by=by, at=at)
    except desk.DecisionRefused as refusal:
        raise TracingRefused(str(refusal)) from refusal


def add_hint(case: Case, source: str, text: str, *, by, at: datetime, seen: int | None) -> None:
    """Note what somebody said: a relative, a neighbour, the unit, the demolition office."""
    if not text.strip():
        raise TracingRefused(problems.HINT_EMPTY)
    with changing(case, seen) as held:
        write(held, "hint", by=by, at=at, code=source[:40], note=text.strip())


def name_household(case: Case, household: Household, line: int | None, *, by, at: datetime, seen: int | None) -> None:
    """Say which household of the roster is the hukou side of a case that came from a register."""
    person = Person.objects.filter(household_id=household.pk, line=line).first() if line else None
    if line and person is None:
        raise TracingRefused(problems.NO_SUCH_HOUSEHOLD)
    with changing(case, seen) as held:
        held.household_id, held.line, held.area_code = household.pk, line, household.block_code
        if person is not None and person.residence_place in ELSEWHERE:
            held.to_place, held.to_code = person.residence_place, person.residence_code
        write(held, "named", by=by, at=at, code=f"{household.block_code} {household.household_no} {line or ''}".strip())
        tell(held, by=by, at=at)


def name_there(case: Case, household: Household, line: int, *, by, at: datetime, seen: int | None = None) -> None:
    """Say in which household the person is enumerated at the place of residence."""
    if not Person.objects.filter(household_id=household.pk, line=line).exists():
        raise TracingRefused(problems.NO_SUCH_HOUSEHOLD)
    if household.pk == case.household_id:
        raise TracingRefused(problems.NO_SUCH_HOUSEHOLD)
    with changing(case, seen) as held:
        held.there_household_id, held.there_line = household.pk, line
        held.to_code = household.block_code[:12]
        held.to_place = residence_place(held.area_code, household.block_code) or held.to_place
        where = f"{household.block_code} {household.household_no} {line}"
        write(held, "found", by=by, at=at, code=where)


def call(
    case: Case, form_seen: int, answers: dict[str, object], *, by, at: datetime, seen: int | None, key=None
) -> None:
    """The person was reached by telephone: D7, D9 and D10 as answered, in a new version of the hukou side's form.

    `form_seen` is the version that the page showed. What others changed meanwhile in the person's answers is not
    overwritten: TracingRefused then names the merge task.
    """
    if not case.household_id or not case.line:
        raise TracingRefused(problems.NOT_ON_FORM)
    household = Household.objects.get(pk=case.household_id)
    refusal = None
    with changing(case, seen) as held:
        try:
            desk.change_persons(household, form_seen, {held.line: answers}, TELEPHONE, by=by, at=at, key=key)
        except desk.DecisionRefused as told:
            if told.task is None:
                raise TracingRefused(str(told)) from told
            refusal = told  # what was answered is kept beside the other: this is not rolled back
            write(held, "beside", by=by, at=at, code=str(told.task))
        else:
            held.to_place = answers.get("D7")
            held.to_code = str(answers.get("D7_code") or (held.to_code if held.to_place == case.to_place else ""))
            write(held, "called", by=by, at=at, code=f"residence_place:{held.to_place}")
            tell(held, by=by, at=at, channel=BY_TELEPHONE)
            tried(held, by=by, at=at)
    if refusal is not None:
        raise TracingRefused(str(refusal), refusal.task) from refusal


def tried(case: Case, *, by, at: datetime) -> None:
    """The call is a try of the work item, too: somebody answered."""
    item = WorkItem.objects.open().filter(pk=case.item_id).first() if case.item_id else None
    if item is not None:
        work.attempt(item, work.Try("phone", 1), by=author(by), at=at, seen=None)


def close(case: Case, outcome: int, *, by, at: datetime, seen: int | None, ground: str = "") -> None:
    """End a case with an outcome of the code list; its work item is closed for the same reason.

    TracingRefused: the outcome speaks of a form that is not named, or what the item must rest on is missing.
    """
    if outcome not in code_list("tracing_outcome").ints:
        raise TracingRefused(problems.NO_OUTCOME)
    try:
        with changing(case, seen) as held:
            if outcome in ON_A_FORM and not (held.household_id and held.line):
                raise TracingRefused(problems.NO_HOUSEHOLD)
            if outcome in ENUMERATED_THERE and lives_inside(held) and not held.there_household_id:
                raise TracingRefused(problems.NO_HOUSEHOLD_THERE)
            held.outcome, held.closed_at, held.closed_by = outcome, at, author(by)
            write(held, "closed", by=by, at=at, code=f"tracing_outcome:{outcome}", note=ground.strip())
            if held.household_id:
                tell(held, by=by, at=at)
            item = WorkItem.objects.open().filter(pk=held.item_id).first() if held.item_id else None
            if item is not None:
                reason = ("tracing_outcome", str(outcome))
                work.close(item, reason, by=author(by), at=at, seen=None, ground=ground.strip())
    except work.WorkRefused as refusal:
        raise TracingRefused(str(refusal)) from refusal


def lives_inside(case: Case) -> bool:
    """Does the person live in a committee of this installation?"""
    return len(case.to_code) == 12 and Area.objects.filter(code=case.to_code).exists()


def reopen(case: Case, why: str, *, by, at: datetime, seen: int | None) -> None:
    """Take an outcome back, with a reason; the work item is opened again."""
    if not why.strip():
        raise TracingRefused(problems.WHY)
    with changing(case, seen, closed=True) as held:
        held.outcome, held.closed_at, held.closed_by = None, None, ""
        write(held, "reopened", by=by, at=at, note=why.strip())
        if held.household_id:
            tell(held, by=by, at=at)
        item = WorkItem.objects.filter(pk=held.item_id, state=WorkItem.State.CLOSED).first() if held.item_id else None
        if item is not None:
            work.reopen(item, why, by=author(by), at=at, seen=None)
