"""The work items as people look through them: figures of an area, filters, search, pages by key.

Figures come from the counters (`WorkNow`, and `WorkDue` for what is overdue); only a committee's few overdue items are
counted, as their blocks stand in no counter. A page asks for its rows by key and never counts.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.fields.tuple_lookups import TupleGreaterThan
from django.db.models.functions import Substr

from renpu.collection import roster
from renpu.concepts import identity_number, names
from renpu.coverage.counters import FIELDS
from renpu.coverage.kinds import Kind, kinds
from renpu.coverage.models import WorkDue, WorkItem, WorkNow
from renpu.geography.places import COMMITTEE, Place, names_below
from renpu.listing.models import Household
from renpu.platform.given import uuid_of
from renpu.platform.models import Census
from renpu.platform.vault import blind_index
from renpu.registers.models import RegisterRow

PAGE = 50
FOUND_AT_MOST = 500
KEY = ("area_code", "kind", "id")
STATES = ("open", "overdue", "proposed", "gone", "unowned", "closed", "all")
TRIES = ("0", "1", "2", "3")


class Row(NamedTuple):
    """A line of the overview: what it is about, and its figures."""

    code: str
    name: Any
    open: int
    overdue: int
    proposed: int
    gone: int
    closed: int

    @property
    def all(self) -> int:
        return self.open + self.closed


class Overview(NamedTuple):
    kinds: list[Row]
    parts: list[Row]
    total: Row


def overview(user, census: Census, place: Place, today: date) -> Overview:
    """The figures of an area by kind, and by the parts below it: two queries, however many parts there are."""
    part = {"part": Substr("area_code", 1, place.child_length or len(place.code))}
    counted = WorkNow.objects.visible_to(user).in_area(place.code).filter(census_id=census.pk).annotate(**part)
    by_kind: dict[str, Counter] = {}
    by_part: dict[str, Counter] = {}
    for row in counted.values("part", "kind").annotate(**{f"sum_{name}": Sum(name) for name in FIELDS}).order_by():
        sums = {name: row[f"sum_{name}"] for name in FIELDS}
        for found, key in ((by_kind, row["kind"]), (by_part, row["part"])):
            found.setdefault(key, Counter()).update(sums)
    for row in late(user, census, place, today, part):
        for found, key in ((by_kind, row["kind"]), (by_part, row["part"])):
            found.setdefault(key, Counter())["overdue"] += row["n"]
    shown = [row_of(kind.code, kind, by_kind) for kind in kinds().values()]
    total = Row("", "", *(sum(column) for column in zip(*(row[2:] for row in shown), strict=True)))
    parts = []
    if place.child_length is not None:
        parts = [row_of(code, name, by_part) for code, name in names_below(place).items()]
        if place.code in by_part:
            parts.append(row_of(place.code, "", by_part))
    return Overview(shown, parts, total)


def row_of(code: str, name: Any, found: dict[str, Counter]) -> Row:
    sums = found.get(code, Counter())
    return Row(code, name, *(sums[word] for word in ("open", "overdue", "proposed", "gone", "closed")))


def late(user, census: Census, place: Place, today: date, part: dict[str, Any]) -> QuerySet:
    """What is overdue by part and kind, as `n`: added up from the days due of the committees, counted in one."""
    if len(place.code) < COMMITTEE:
        days = WorkDue.objects.visible_to(user).in_area(place.code).filter(census_id=census.pk, due_on__lt=today)
        return days.annotate(**part).values("part", "kind").annotate(n=Sum("open")).order_by()
    items = overdue(WorkItem.objects.visible_to(user).in_area(place.code).of(census), today)
    return items.annotate(**part).values("part", "kind").annotate(n=Count("pk")).order_by()


def overdue(items: WorkItem.QuerySet, today: date) -> WorkItem.QuerySet:
    return items.open().filter(due_on__lt=today)


class Wanted(NamedTuple):
    """What a list of items is asked for. Unknown words of a filter are no filter."""

    kind: str = ""
    state: str = "open"
    owner: str = ""  # "me", or the id of a member of staff
    tries: str = ""
    text: str = ""
    household: UUID | None = None
    here: bool = False  # only items of the area itself, of which no block is known
    after: tuple[str, str, UUID] | None = None

    @classmethod
    def read(cls, query) -> "Wanted":
        """From the parameters of an address or of a form."""
        state, owner = query.get("state", ""), query.get("owner", "")
        return cls(
            query.get("kind", "") if query.get("kind", "") in kinds() else "",
            state if state in STATES else "open",
            owner if owner == "me" or uuid_of(owner) else "",
            query.get("tries", "") if query.get("tries", "") in TRIES else "",
            query.get("q", "").strip()[:100],
            uuid_of(query.get("household", "")),
            query.get("here") == "1",
            read_key(query.get("after", "")),
        )

    @property
    def narrows(self) -> bool:
        return self._replace(after=None) != Wanted()

    @property
    def of_kind(self) -> Kind | None:
        return kinds().get(self.kind)

    def query(self) -> str:
        """The filter as parameters of an address, without the page."""
        words = {
            "kind": self.kind,
            "state": self.state,
            "owner": self.owner,
            "tries": self.tries,
            "q": self.text,
            "household": self.household or "",
            "here": "1" if self.here else "",
        }
        return urlencode({name: word for name, word in words.items() if word})


def found(user, census: Census, area_code: str, wanted: Wanted, today: date) -> WorkItem.QuerySet:
    """The items that fit, those that the user may see, in no order."""
    items = WorkItem.objects.visible_to(user).of(census)
    items = items.filter(area_code=area_code) if wanted.here else items.in_area(area_code)
    if wanted.kind:
        items = items.filter(kind=wanted.kind)
    match wanted.state:
        case "open":
            items = items.open()
        case "overdue":
            items = overdue(items, today)
        case "proposed":
            items = where_counted(items.open().exclude(reason=""), census, area_code, "proposed")
        case "gone":
            items = where_counted(items.open().filter(found=False), census, area_code, "gone")
        case "unowned":
            items = items.open().filter(owner=None)
        case "closed":
            items = items.filter(state=WorkItem.State.CLOSED)
    if wanted.owner:
        mine = {"owner__user": user} if wanted.owner == "me" else {"owner": wanted.owner}
        items = items.filter(**mine)
    if wanted.tries:
        items = items.filter(tries__gte=3) if wanted.tries == "3" else items.filter(tries=int(wanted.tries))
    if wanted.household:
        about = Q(household_id=wanted.household) | Q(other_household_id=wanted.household)
        items = items.filter(about)
    return search(items, user, census, area_code, wanted.text) if wanted.text else items


def where_counted(items: WorkItem.QuerySet, census: Census, area_code: str, name: str) -> WorkItem.QuerySet:
    """Few items of a large area: looked for only in the blocks whose counters have some."""
    counted = WorkNow.objects.in_area(area_code).filter(census_id=census.pk, **{f"{name}__gt": 0})
    codes = list(counted.order_by().values_list("area_code", flat=True).distinct()[: FOUND_AT_MOST + 1])
    return items.filter(area_code__in=codes) if len(codes) <= FOUND_AT_MOST else items


def search(items: WorkItem.QuerySet, user, census: Census, area_code: str, text: str) -> WorkItem.QuerySet:
    """Items about a person of this identity number or name (whole, by blind index), or else with this in the address of
    the household or of the register row."""
    homes = Household.objects.visible_to(user).in_area(area_code).filter(census_id=census.pk)
    homes, looked_in = roster.search(homes, user, text)
    rows = RegisterRow.objects.visible_to(user).in_area(area_code[:COMMITTEE])
    if looked_in == "number":
        rows = rows.filter(id_index=blind_index(identity_number.same(text), "id"))
    elif looked_in == "name":
        rows = rows.filter(name_index=blind_index(names.key(text), "name"))
    else:
        named = rows.filter(name_index=blind_index(names.key(text), "name"))
        rows = named if named.exists() else rows.filter(address__contains=text)
    home_ids = list(homes.order_by("pk").values_list("pk", flat=True)[:FOUND_AT_MOST])
    row_ids = list(rows.order_by("pk").values_list("pk", flat=True)[:FOUND_AT_MOST])
    return items.filter(Q(household_id__in=home_ids) | Q(other_household_id__in=home_ids) | Q(row_id__in=row_ids))


class Page(NamedTuple):
    rows: list[WorkItem]
    after: str  # key of the next page; "" on the last


def page(items: WorkItem.QuerySet, after: tuple[str, str, UUID] | None, size: int = PAGE) -> Page:
    """One page in the order of area, kind and id."""
    if after:
        items = items.filter(TupleGreaterThan(tuple(F(name) for name in KEY), after))
    rows = list(items.select_related("owner").order_by(*KEY)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, write_key(rows[-1]) if more else "")


def write_key(item: WorkItem) -> str:
    return f"{item.area_code}.{item.kind}.{item.id.hex}"


def read_key(text: str) -> tuple[str, str, UUID] | None:
    """The key of a page from an address; None for anything else."""
    area, _, rest = text.partition(".")
    kind, _, key = rest.rpartition(".")
    one = uuid_of(key)
    return (area, kind, one) if one and area.isdecimal() else None


def open_of_households(ids: Iterable[UUID]) -> dict[UUID, int]:
    """Household -> how many open items are about it, on either side; households without one are not in it."""
    ids = list(ids)
    found: dict[UUID, int] = {}
    for side in ("household_id", "other_household_id"):
        rows = WorkItem.objects.open().filter(**{f"{side}__in": ids}).values(side).annotate(n=Count("pk")).order_by()
        for row in rows:
            found[row[side]] = found.get(row[side], 0) + row["n"]
    return found
