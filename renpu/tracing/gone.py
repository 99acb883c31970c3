"""Balance between areas (workflow 3.10): persons recorded here as gone elsewhere, and whether anybody has enumerated
them there. Those not found are asked for, one letter a committee."""

from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from renpu.collection.models import Person
from renpu.linkage.models import line_key
from renpu.listing.models import Household
from renpu.tracing.hints import hints
from renpu.tracing.models import Case, HelpRequest
from renpu.tracing.persons import Who, of_line

PAGE = 100


class Gone(NamedTuple):
    """A person with the hukou here who lives elsewhere (`to_place`, `to_code` as the form says)."""

    record: str
    household: Household
    line: int
    who: Who
    to_place: int
    to_code: str
    found: bool
    case: Case | None
    asked: bool


class Wanted(NamedTuple):
    """`found`: found there (True), not yet (False), or all (None); `to_place`: code list residence_place."""

    found: bool | None = False
    to_place: int | None = None
    after: str = ""


def gone_from(user, census, area_code: str):
    """Lines of the area with the hukou here that live elsewhere; `found` says that another household has them."""
    there = Person.objects.filter(number_index=OuterRef("number_index"), residence_place=1)
    there = there.exclude(household_id=OuterRef("household_id"))
    lines = Person.objects.visible_to(user).in_area(area_code).filter(hukou_place=1, residence_place__gt=1)
    standing = Household.objects.filter(pk=OuterRef("household_id"), census_id=census.pk, removed=False)
    return lines.filter(Exists(standing)).annotate(found=Exists(there))


def counts(user, census, area_code: str) -> list[tuple[int, str, int, int]]:
    """(to_place, to_code, persons gone, of them found) by destination, the largest first."""
    totals: dict[tuple[int, str], list[int]] = {}
    rows = gone_from(user, census, area_code).values_list("residence_place", "residence_code", "found")
    for place, code, found in rows.iterator():
        of = totals.setdefault((place, code), [0, 0])
        of[0] += 1
        of[1] += found
    return sorted(((p, c, n, f) for (p, c), (n, f) in totals.items()), key=lambda row: (-row[2], row[0], row[1]))


def page(user, census, area_code: str, wanted: Wanted) -> tuple[list[Gone], str]:
    """One page of them in the order of blocks and households, and the key of the next."""
    rows = gone_from(user, census, area_code)
    if wanted.found is not None:
        rows = rows.filter(found=wanted.found)
    if wanted.to_place:
        rows = rows.filter(residence_place=wanted.to_place)
    if wanted.after:
        block, household, line = wanted.after.split("-")
        later = Q(block_code=block, household_id__gt=household) | Q(block_code__gt=block)
        rows = rows.filter(later | Q(block_code=block, household_id=household, line__gt=int(line)))
    people = list(rows.order_by("block_code", "household_id", "line")[: PAGE + 1])
    shown = people[:PAGE]
    homes = Household.objects.in_bulk([p.household_id for p in shown])
    records = {(p.household_id, p.line): line_key(p.household_id, p.line) for p in shown}
    known = {case.record: case for case in Case.objects.of(census).filter(record__in=records.values())}
    asked = set(HelpRequest.objects.filter(case__in=[c.pk for c in known.values()]).values_list("case_id", flat=True))
    found = []
    for p in shown:
        home, record = homes[p.household_id], records[p.household_id, p.line]
        case = known.get(record)
        who = of_line(p, home)
        place = (p.residence_place, p.residence_code)
        found.append(Gone(record, home, p.line, who, *place, p.found, case, case is not None and case.pk in asked))
    last = shown[-1] if len(people) > PAGE else None
    return found, f"{last.block_code}-{last.household_id.hex}-{last.line}" if last else ""


def committee_of(user, census, who: Who, record: str, own: str) -> str:
    """The committee of this system where the surest hint by identity number says that a person lives; "" for none."""
    for hint in hints(user, census, who, but=record):
        code = hint.area_code[:12]
        if hint.quality == "number" and len(code) == 12 and code != own[:12]:
            return code
    return ""
