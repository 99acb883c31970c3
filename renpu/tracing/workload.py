"""The work of an area as doors and calls: a block of few doors may hold thousands who are to be telephoned.

Persons of a line are those of its form, else those counted at listing; of a line without either, one. What a staff
member can do follows from the parameters of the census: a block's households and persons, calls a day.
"""

from math import ceil
from typing import NamedTuple

from django.db.models import Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import Substr

from renpu.coverage.models import WorkNow
from renpu.geography.models import Block
from renpu.geography.places import Place, names_below
from renpu.listing.models import Household
from renpu.platform.models import Census
from renpu.staff.models import Assignment
from renpu.tracing.reach import KINDS

CALLED = (4, 5)  # empty-registered; left through demolition or moving
NO_DOOR = (6, 9)  # vacant; not a dwelling: a door, but nobody to register


class Load(NamedTuple):
    """Work of a block or an area. `doors` are lines to be visited, `lines` those to be called, each with its persons;
    `open` are work items still to be called or traced by telephone; `staff` are enumerators on duty."""

    code: str
    name: str
    virtual: bool
    doors: int
    door_persons: int
    lines: int
    line_persons: int
    open: int
    staff: int
    households_each: int
    persons_each: int
    calls_a_day: int

    @property
    def persons(self) -> int:
        return self.door_persons + self.line_persons

    @property
    def households(self) -> int:
        return self.doors + self.lines

    @property
    def needed(self) -> int:
        """Enumerators that the households and persons ask for, by the parameters of a block."""
        return max(ceil(self.households / self.households_each), ceil(self.persons / self.persons_each))

    @property
    def extra(self) -> int:
        return max(self.needed - self.staff, 0)

    @property
    def too_many_households(self) -> bool:
        return self.households > self.households_each * max(self.staff, 1)

    @property
    def too_many_persons(self) -> bool:
        return self.persons > self.persons_each * max(self.staff, 1)

    @property
    def call_days(self) -> int:
        """Days in which one caller is through with the lines to be called."""
        return ceil(self.lines / self.calls_a_day)


def workload(user, census: Census, place: Place) -> tuple[list[Load], Load]:
    """The parts of a place one level below (a block: itself), and the place as a whole."""
    length = place.child_length or len(place.code)
    lines = Household.objects.visible_to(user).in_area(place.code).of(census)
    people = Case(
        When(version__gt=0, then=F("persons")),
        default=Case(
            When(n_hukou__gt=0, then=F("n_hukou")), When(n_here__isnull=False, then=F("n_here")), default=Value(1)
        ),
    )
    called = Q(status__in=CALLED)
    door = ~called & ~Q(status__in=NO_DOOR)
    counted = (
        lines.annotate(part=Substr("block_code", 1, length), people=people)
        .values("part")
        .annotate(
            doors=Count("pk", filter=door),
            door_persons=Sum("people", filter=door),
            lines=Count("pk", filter=called),
            line_persons=Sum("people", filter=called),
        )
    )
    rows = {row["part"]: row for row in counted.order_by("part")}
    open_calls: dict[str, int] = {}
    for code, n in (
        WorkNow.objects.visible_to(user)
        .in_area(place.code)
        .filter(census_id=census.pk, kind__in=KINDS)
        .values_list("area_code", "open")
    ):
        open_calls[code[:length]] = open_calls.get(code[:length], 0) + n
    staff: dict[str, set] = {}
    on_duty = Assignment.objects.visible_to(user).in_area(place.code).filter(until=None, duty="enumerator")
    for code, person in on_duty.values_list("block_code", "staff_id"):
        staff.setdefault(code[:length], set()).add(person)
    names = names_below(place) or {place.code: place.name}
    virtual = set(Block.objects.in_area(place.code).filter(virtual=True).values_list("code", flat=True))
    each = [census.parameter(name) for name in ("block_households", "block_persons", "calls_a_day")]
    parts = []
    for code, name in names.items():
        row = rows.get(code, {})
        numbers = [row.get(k) or 0 for k in ("doors", "door_persons", "lines", "line_persons")]
        at_work = len(staff.get(code, ()))
        parts.append(Load(code, name, code in virtual, *numbers, open_calls.get(code, 0), at_work, *each))
    sums = [
        sum(getattr(p, field) for p in parts) for field in ("doors", "door_persons", "lines", "line_persons", "open")
    ]
    everybody = len(set().union(*staff.values())) if staff else 0
    return parts, Load(place.code, place.name, False, *sums, everybody, *each)
