"""Balance between areas (workflow 3.10): persons recorded here as gone elsewhere, and whether anybody has enumerated
them there. Those not found are asked for, one letter a committee."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from renpu.collection.models import Person, Tracing
from renpu.linkage.models import line_key
from renpu.listing.models import Household
from renpu.tracing import requests
from renpu.tracing.cases import TracingRefused, open_case
from renpu.tracing.hints import hints
from renpu.tracing.models import Case, HelpRequest, Letter
from renpu.tracing.persons import Who, of_line, who
from renpu.tracing.requests import Addressee, Asked

PAGE = 100


class Gone(NamedTuple):
    """A person with the hukou here who lives elsewhere (`to_place`, `to_code` as the form says); `field` is the outcome
    that the field has recorded."""

    record: str
    household: Household
    line: int
    who: Who
    to_place: int
    to_code: str
    found: bool
    case: Case | None
    asked: bool
    field: int | None


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
    rows = gone_from(user, census, area_code).values_list("residence_place", "residence_code")
    counted = rows.annotate(n=Count("line"), there=Count("line", filter=Q(found=True)))
    return sorted(counted.order_by(), key=lambda row: (-row[2], row[0], row[1]))


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
    closed = Tracing.objects.filter(household_id__in=homes).exclude(outcome=None).order_by("closed_on", "id")
    traced = {(h, line): outcome for h, line, outcome in closed.values_list("household_id", "line", "outcome")}
    found = []
    for p in shown:
        home, record = homes[p.household_id], records[p.household_id, p.line]
        case = known.get(record)
        who = of_line(p, home)
        place = (p.residence_place, p.residence_code)
        outcome = traced.get((p.household_id, p.line))
        found.append(
            Gone(record, home, p.line, who, *place, p.found, case, case is not None and case.pk in asked, outcome)
        )
    last = shown[-1] if len(people) > PAGE else None
    return found, f"{last.block_code}-{last.household_id.hex}-{last.line}" if last else ""


def committee_of(user, census, who: Who, record: str, own: str) -> str:
    """The committee of this system where the surest hint by identity number says that a person lives; "" for none."""
    for hint in hints(user, census, who, but=record):
        code = hint.area_code[:12]
        if hint.quality == "number" and len(code) == 12 and code != own[:12]:
            return code
    return ""


def read_after(text: str) -> str:
    """The key of a page as an address gives it; "" for anything else."""
    parts = text.split("-")
    try:
        UUID(hex=parts[1])
    except (IndexError, ValueError):
        return ""
    return text if len(parts) == 3 and parts[0].isdecimal() and parts[2].isdecimal() and len(parts[2]) < 5 else ""


class Sent(NamedTuple):
    """Letters sent, persons asked for, persons of whom no register names a committee, and why others were not asked."""

    letters: list[Letter]
    asked: int
    unknown: int
    refused: list[str]


def ask_all(user, census, lines, to: Addressee | None, asked: Asked, *, at: datetime) -> Sent:
    """Open a case for each line (record, household) and send letters: one from each committee to each addressee.

    Without `to` each person is asked for at the committee that the surest hint names; who has none is only counted.
    """
    groups: dict[tuple[str, Addressee], list[tuple[Case, str]]] = {}
    unknown, refused = 0, []
    for record, household in lines:
        with transaction.atomic():
            case = open_case(census, record, by=user, at=at)
            target = to
            if target is None:
                code = committee_of(user, census, who(case), record, household.block_code)
                target = Addressee("committee", code) if code else None
            if target is None:
                unknown += 1
                continue
        try:
            requests.check_letter([(case, "")], target, asked, household.block_code[:12], at)
        except TracingRefused as refusal:
            refused.append(str(refusal))
            continue
        groups.setdefault((household.block_code[:12], target), []).append((case, ""))
    letters = []
    for (from_code, target), people in sorted(groups.items(), key=lambda group: group[0]):
        letters.append(requests.send(people, target, asked, from_code=from_code, by=user, at=at))
    return Sent(letters, sum(map(len, groups.values())), unknown, refused)
