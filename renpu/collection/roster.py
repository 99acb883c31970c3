"""The roster as the office looks through it: filters, search, pages by key. A row shows its head masked."""

import re
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import F
from django.db.models.fields.tuple_lookups import TupleGreaterThan

from renpu.collection.models import Person
from renpu.collection.transitions import state_of
from renpu.concepts import identity_number, names
from renpu.concepts.household_status import Status
from renpu.concepts.masking import mask_name
from renpu.listing.models import Household, HouseholdQuerySet
from renpu.platform.models import Census
from renpu.platform.vault import blind_index, unseal

PAGE = 50
FOUND_AT_MOST = 500  # households that one name or number is looked up for; more than that is no search
STAGES = ("uncontacted", "contacted", "entered", "form", "accepted", "settled", "removed")
OPEN_WORK = ("edits", "queries", "tasks", "appointment")
KEY = ("block_code", "household_no", "id")
_NUMBER = re.compile(r"^[0-9 ]{14,}[0-9Xx]?$")
_DIGIT = re.compile(r"[0-9]")


class Wanted(NamedTuple):
    """What the office asks the roster for. Unknown words of a filter are no filter."""

    statuses: tuple[int, ...] = ()
    household_type: int | None = None
    stage: str = ""
    open_work: str = ""
    text: str = ""
    after: tuple[str, str, UUID] | None = None

    @classmethod
    def read(cls, query) -> "Wanted":
        """From the parameters of an address."""
        known = {str(int(s)) for s in Status}
        stage, open_work = query.get("stage", ""), query.get("open", "")
        return cls(
            tuple(int(s) for s in query.getlist("status") if s in known),
            int(query["type"]) if query.get("type") in ("1", "2") else None,
            stage if stage in STAGES else "",
            open_work if open_work in OPEN_WORK else "",
            query.get("q", "").strip()[:100],
            read_key(query.get("after", "")),
        )

    @property
    def narrows(self) -> bool:
        return bool(self.statuses or self.household_type or self.stage or self.open_work or self.text)


class Page(NamedTuple):
    rows: list[Household]
    after: str  # key of the next page; "" on the last
    searched: str  # what a search looked in: number, name, address, or ""


def roster_page(user, census: Census, area_code: str, wanted: Wanted, now: datetime) -> Page:
    """One page of the lines of an area that the user may see, in the order of block and number."""
    lines = Household.objects.visible_to(user).in_area(area_code).filter(census_id=census.pk)
    lines = filtered(lines, wanted, now)
    searched = ""
    if wanted.text:
        lines, searched = search(lines, user, wanted.text)
    if wanted.after:
        lines = lines.filter(TupleGreaterThan(tuple(F(name) for name in KEY), wanted.after))
    rows = list(lines.order_by(*KEY)[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    for h in rows:
        h.state = state_of(h)
        listed = None if h.n_here is None else h.n_here + (h.n_away or 0)
        h.people = h.persons if h.version else listed
        h.head_masked = mask_name(unseal(h.head, h.id.bytes + b"head"))
    return Page(rows, write_key(rows[-1]) if more else "", searched)


def filtered(lines: HouseholdQuerySet, wanted: Wanted, now: datetime) -> HouseholdQuerySet:
    lines = lines.filter(removed=wanted.stage == "removed")
    if wanted.statuses:
        lines = lines.with_status(*wanted.statuses)
    if wanted.household_type:
        lines = lines.filter(household_type=wanted.household_type)
    match wanted.stage:
        case "uncontacted":
            lines = lines.with_status(Status.NOT_CONTACTED)
        case "contacted":
            lines = lines.exclude(status=Status.NOT_CONTACTED)
        case "entered":
            lines = lines.exclude(status__in=(Status.NOT_CONTACTED, Status.REFUSED))
        case "form":
            lines = lines.filter(version__gt=0)
        case "accepted":
            lines = lines.filter(version__gt=0, accepted=True)
        case "settled":
            lines = lines.filter(locked=True)
    match wanted.open_work:
        case "edits":
            lines = lines.filter(open_edits__gt=0)
        case "queries":
            lines = lines.filter(open_queries__gt=0)
        case "tasks":
            lines = lines.filter(open_tasks__gt=0)
        case "appointment":
            lines = lines.filter(appointment_at__lt=now)
    return lines


def search(lines: HouseholdQuerySet, user, text: str) -> tuple[HouseholdQuerySet, str]:
    """Lines with a person of this identity number or name (whole, by blind index), or else with this in the address."""
    if _NUMBER.match(text):
        number = identity_number.read(text).number
        people = Person.objects.visible_to(user).filter(number_index=blind_index(number, "number"))
        return lines.filter(id__in=_households(people)), "number"
    index = blind_index(names.key(text), "name")
    if not _DIGIT.search(text):
        people = Person.objects.visible_to(user).filter(name_index=index)
        ids = _households(people)
        heads = Household.objects.visible_to(user).filter(head_index=index)
        ids |= set(heads.values_list("id", flat=True)[:FOUND_AT_MOST])
        if ids:
            return lines.filter(id__in=ids), "name"
    return lines.filter(address__contains=text), "address"


def _households(people) -> set[UUID]:
    return set(people.values_list("household_id", flat=True)[:FOUND_AT_MOST])


def write_key(h: Household) -> str:
    return f"{h.block_code}.{h.household_no}.{h.id.hex}"


def read_key(text: str) -> tuple[str, str, UUID] | None:
    """The key of a page from an address; None for anything else."""
    block, _, rest = text.partition(".")
    number, _, key = rest.rpartition(".")
    try:
        return (block, number, UUID(hex=key)) if block.isdecimal() else None
    except ValueError:
        return None
