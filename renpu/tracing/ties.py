"""The two records of a separated person, tied by somebody: whether they agree in D7, D8 and D9, and how a difference
is settled.

The record of the place of residence decides where the person lives (D7), that of the hukou side where the hukou is
(D8); how long (D9) is asked. Source: workflow 3.9, "both records exist, D7, D8, D9 disagree". Every change is a form
event.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from renpu.collection.models import Person
from renpu.concepts.relative_place import hukou_place, residence_place
from renpu.editing import desk
from renpu.linkage import clerical
from renpu.linkage.models import Link, line_key
from renpu.listing.models import Household
from renpu.tracing import problems
from renpu.tracing.cases import TELEPHONE, TracingRefused, changing, write
from renpu.tracing.models import Case

LINKS = UUID("c0c9a8f1-6d0a-5a57-8a35-6a2e0d2f7c11")
HERE, THERE, BOTH = "here", "there", "both"  # hukou side, place of residence, both stay as they are
STANDS = {"D7": (THERE, BOTH), "D8": (HERE, BOTH), "D9": (HERE, THERE, BOTH)}
LIVES_HERE = HUKOU_HERE = 1  # D7, D8
NOT_LEFT = 1  # D9: counts from leaving the township or street of the hukou
TOWNSHIP = 9  # digits of its code


class Item(NamedTuple):
    """D7, D8 or D9 on both forms, what each should be seen from the other, and whether they fit each other; `settled`
    where both were left as they are."""

    name: str
    here: int | None
    there: int | None
    here_should: int | None
    there_should: int | None
    fits: bool
    settled: bool = False

    @property
    def agrees(self) -> bool:
        return self.fits or self.settled

    @property
    def choices(self) -> tuple[str, ...]:
        return STANDS[self.name]

    @property
    def code_list(self) -> str:
        return {"D7": "residence_place", "D8": "hukou_place", "D9": "away_duration"}[self.name]


class Sides(NamedTuple):
    here: Household
    there: Household
    items: tuple[Item, ...]

    @property
    def agree(self) -> bool:
        return all(item.agrees for item in self.items)


def sides(case: Case) -> Sides | None:
    """The two records of a case beside each other; None while one of them is missing."""
    if not (case.household_id and case.line and case.there_household_id and case.there_line):
        return None
    homes = Household.objects.in_bulk([case.household_id, case.there_household_id])
    here, there = homes.get(case.household_id), homes.get(case.there_household_id)
    me = Person.objects.filter(household_id=case.household_id, line=case.line).first()
    other = Person.objects.filter(household_id=case.there_household_id, line=case.there_line).first()
    if here is None or there is None or me is None or other is None:
        return None
    left = set(case.steps.filter(did="settled").values_list("code", flat=True))
    items = []
    for item in compared(me, other, here.block_code, there.block_code):
        items.append(item._replace(settled=settled_code(item) in left))
    return Sides(here, there, tuple(items))


def compared(me: Person, other: Person, here: str, there: str) -> tuple[Item, Item, Item]:
    """D7, D8 and D9 of the hukou side (`me`, in block `here`) and of the place of residence (`other`, in `there`)."""
    lives, hukou = residence_place(here, there), hukou_place(there, here)
    d7 = me.residence_place == lives and other.residence_place == LIVES_HERE
    d8 = me.hukou_place == HUKOU_HERE and other.hukou_place == hukou
    within = here[:TOWNSHIP] == there[:TOWNSHIP]
    d9 = me.away_duration == other.away_duration and (me.away_duration == NOT_LEFT) == within
    return (
        Item("D7", me.residence_place, other.residence_place, lives, LIVES_HERE, d7),
        Item("D8", me.hukou_place, other.hukou_place, HUKOU_HERE, hukou, d8),
        Item("D9", me.away_duration, other.away_duration, other.away_duration, me.away_duration, d9),
    )


def settled_code(item: Item) -> str:
    """A difference that was left as it is, with the values it had: another value is another difference."""
    return f"{item.name} {item.here}/{item.there} {BOTH}"


def tie(case: Case, *, by, at: datetime, seen: int | None, status: str = Link.Status.LINKED, note: str = "") -> Link:
    """Say that the two records are one person (or, with status `apart`, that they are not); a person's word stands.

    Where another clerk has said the contrary the link is contested and stays unsure.
    """
    if not (case.household_id and case.line and case.there_household_id and case.there_line):
        raise TracingRefused(problems.BOTH_SIDES)
    keys = sorted((line_key(case.household_id, case.line), line_key(case.there_household_id, case.there_line)))
    with changing(case, seen) as held:
        link, _new = Link.objects.select_for_update().get_or_create(
            census_id=held.census_id,
            left=keys[0],
            right=keys[1],
            defaults={
                "id": uuid5(LINKS, f"{held.census_id} {keys[0]} {keys[1]}"),
                "area_code": held.area_code,
                "probability": 1.0,
                "status": Link.Status.UNSURE,
                "reason": "tracing",
            },
        )
        link = clerical.decide(link, status, by=by, at=at, note=note)
        write(held, "tied" if status == Link.Status.LINKED else "untied", by=by, at=at, note=note)
        if status == Link.Status.APART:
            held.there_household_id, held.there_line = None, None
    return link


def tied(case: Case) -> Link | None:
    """The decided link between the two records of a case."""
    if not (case.household_id and case.line and case.there_household_id and case.there_line):
        return None
    keys = sorted((line_key(case.household_id, case.line), line_key(case.there_household_id, case.there_line)))
    return (
        Link.objects.filter(census_id=case.census_id, left=keys[0], right=keys[1], status=Link.Status.LINKED)
        .exclude(decided_at=None)
        .first()
    )


def to_change(case: Case, name: str, stands: str) -> tuple[Household, int, dict[str, object]] | None:
    """(household, line, answers) of the form that a settlement changes; None where both stay as they are."""
    both = sides(case)
    if both is None or stands not in STANDS.get(name, ()):
        raise TracingRefused(problems.BOTH_SIDES)
    if stands == BOTH:
        return None
    item = next(one for one in both.items if one.name == name)
    if name == "D7":
        county = both.there.block_code[:6] if item.here_should == 5 else None
        return both.here, case.line, {"D7": item.here_should, "D7_code": county}
    if name == "D8":
        county = both.here.block_code[:6] if item.there_should == 4 else None
        return both.there, case.there_line, {"D8": item.there_should, "D8_code": county}
    if stands == HERE:
        return both.there, case.there_line, away_answers(item.here, both.here.id, case.line)
    return both.here, case.line, away_answers(item.there, both.there.id, case.there_line)


def away_answers(duration: int | None, household: UUID, line: int | None) -> dict[str, object]:
    """D9 as the other form has it, with its D10: the reason is asked of those who have left, and only of them."""
    reason = Person.objects.filter(household_id=household, line=line).values_list("away_reason", flat=True).first()
    return {"D9": duration, "D10": None if duration in (None, NOT_LEFT) else reason}


def settle(
    case: Case, name: str, stands: str, reason: str, versions: dict[UUID, int], *, by, at, seen, key=None
) -> None:
    """Settle one item: the form that is wrong is answered anew, or both stay with a reason. `versions` are those of the
    forms that the page showed."""
    if not reason.strip():
        raise TracingRefused(problems.WHY)
    change = to_change(case, name, stands)
    item = next(one for one in sides(case).items if one.name == name)
    refusal = None
    with changing(case, seen) as held:
        if change is None:
            write(held, "settled", by=by, at=at, code=settled_code(item), note=reason.strip())
            return
        household, line, answers = change
        try:
            desk.change_persons(
                household, versions.get(household.id, 0), {line: answers}, TELEPHONE, by=by, at=at, key=key
            )
        except desk.DecisionRefused as told:
            if told.task is None:
                raise TracingRefused(str(told)) from told
            refusal = told
            write(held, "beside", by=by, at=at, code=str(told.task))
        else:
            write(held, "settled", by=by, at=at, code=f"{name} {stands}", note=reason.strip())
    if refusal is not None:
        raise TracingRefused(str(refusal), refusal.task) from refusal
