"""The rows behind a number: what an indicator counts in an area as of a moment, as a query set to be cut into pages.

Lines of the roster come with `adds`, what each adds to the number. As of now they are read from the roster itself; as
of an earlier moment from the journal: a line belongs to the number when the effects of its events until then do not
cancel out.
"""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Case, Exists, F, Func, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models import Value as Constant
from django.db.models.functions import Coalesce

from renpu.collection.measures import EVENT_MEASURES, LINE_MEASURES, OPEN, SELF_ENUMERATION, STATUSES
from renpu.collection.models import BlockNow, Event, Slip, Tracing
from renpu.geography.models import Area, Block
from renpu.listing.models import Household
from renpu.monitoring.facts import BLOCK, DUTY, HOURS, ORIGIN, committees_of, during, staff_of
from renpu.monitoring.indicators import Indicator
from renpu.platform.models import Census, local
from renpu.staff.models import Staff

ENTERED = ~Q(status__in=OPEN)
WITH_FORM = ENTERED & Q(version__gt=0)
LISTED = ENTERED & Q(version=0, n_here__isnull=False)
LISTED_PERSONS = F("n_here") + Coalesce(F("n_away"), 0)
# measure -> (which lines, what each adds); `measures.of_line` as the database decides it, held together by a test
LINES: dict[str, tuple[tuple[Q, object], ...]] = {
    "lines": ((Q(removed=False), 1),),
    **{f"status_{code}": ((Q(status=code), 1),) for code in STATUSES},
    "collective": ((Q(status=1, household_type=2), 1),),
    "entered": ((ENTERED, 1),),
    "persons": ((WITH_FORM, F("persons")), (LISTED, LISTED_PERSONS)),
    "hukou": ((WITH_FORM, F("persons_hukou")), (LISTED, Coalesce(F("n_hukou"), 0))),
    "resident": ((WITH_FORM, F("persons_resident")), (LISTED, Coalesce(F("n_resident"), 0))),
    "resident_lines": ((WITH_FORM & Q(persons_resident__gt=0), 1), (LISTED & Q(n_resident__gt=0), 1)),
    "forms": ((Q(version__gt=0), 1),),
    "accepted": ((Q(version__gt=0, accepted=True), 1),),
    "self_forms": ((Q(version__gt=0, form_method=SELF_ENUMERATION), 1),),
    "codes": ((Q(has_code=True), 1),),
    "here": ((WITH_FORM, F("persons_here")),),
    "away": ((WITH_FORM, F("persons_away")),),
    "separated": ((WITH_FORM, F("persons_separated")),),
    "births": ((WITH_FORM, F("births")),),
    "deaths": ((WITH_FORM, F("deaths")),),
    "foreigners": ((Q(status=8), Coalesce(F("n_here"), 0)),),
    "edits_open": ((Q(open_edits__gt=0), 1),),
    "tasks_open": ((Q(open_tasks__gt=0), 1),),
}
PILOT = {"pilot_persons": "persons"}  # every other fact of the pilot is about the lines entered


class Rows(NamedTuple):
    """`kind` names what the rows are: households, events, slips, register, staff, areas, blocks, cases, or none."""

    kind: str
    query: QuerySet


def rows(indicator: Indicator, census: Census, area_code: str, as_of: datetime) -> Rows:
    """What an indicator counts, in a stable order; of a rate, what is above the line. Kind "": there are no rows."""
    terms = indicator.terms(census, as_of)
    word = terms[0][1]
    if word in LINE_MEASURES:
        return Rows("households", lines([census.pk], area_code, as_of, terms))
    if word.startswith("pilot_"):
        ids = list(census.pilots.values_list("pk", flat=True))
        return Rows("households", lines(ids, area_code, as_of, [(1, PILOT.get(word, "entered"))]))
    if word == "slips":
        left = contacts(census, area_code, as_of, word).filter(id=OuterRef("event_id"))
        slips = Slip.objects.in_area(area_code).filter(Exists(left), census_id=census.pk)
        return Rows("slips", slips.order_by("block_code", "left_at", "number"))
    if word in HOURS:
        made = during(contacts(census, area_code, as_of, "visits"), word, as_of)
        return Rows("events", made.order_by("day", "block_code", "seq"))
    if word in EVENT_MEASURES:
        return Rows("events", contacts(census, area_code, as_of, word).order_by("day", "block_code", "seq"))
    if word.startswith("police_"):
        from renpu.registers.queries import police_rows

        read = police_rows(area_code, as_of)
        if len(area_code) == BLOCK:
            read = read.none()
        if word != "police_rows":
            read = read.filter(duplicate_of=None)
        return Rows("register", read.order_by("number", "pk"))
    if word in STAFF:
        people = staff_of(area_code)
        for sign, name in terms:
            people = people.filter(STAFF[name]) if sign > 0 else people.exclude(STAFF[name])
        return Rows("staff", people.order_by("number"))
    if word == "areas":
        return Rows("areas", committees_of(area_code).order_by("code"))
    if word == "blocks":
        return Rows("blocks", Block.objects.in_area(area_code).order_by("code"))
    if word in ("traced", "traced_closed"):
        day = local(as_of).date().isoformat()
        cases = Tracing.objects.in_area(area_code).filter(opened_on__lte=day)
        if word == "traced_closed":
            cases = cases.filter(closed_on__gt="", closed_on__lte=day)
        return Rows("cases", cases.order_by("opened_on", "case_no", "id"))
    return Rows("", Area.objects.none())


STAFF = {
    "staff": Q(),
    "enumerators_seconded": Q(duty=Staff.Duty.ENUMERATOR, origin=Staff.Origin.SECONDED),
    **{name: Q(duty=duty) for name, duty in DUTY.items()},
    **{name: Q(origin=origin) for name, origin in ORIGIN.items()},
}


def contacts(census: Census, area_code: str, as_of: datetime, measure: str) -> QuerySet:
    """The events received until then that added to a measure of events."""
    received = Event.objects.in_area(area_code).filter(
        census_id=census.pk, day__lte=local(as_of).date(), received_at__lte=as_of
    )
    return received.filter(kind="visit", effect__contains=f'"{measure}"')


def lines(census_ids: list[int], area_code: str, as_of: datetime, terms: list[tuple[int, str]]) -> QuerySet:
    """Roster lines that add to a sum of line measures, each with what it `adds`."""
    found = Household.objects.in_area(area_code).filter(census_id__in=census_ids)
    if is_now(census_ids, area_code, as_of):
        conditions = [condition for _, name in terms for condition, _ in LINES[name]]
        total = sum((sign * _case(name) for sign, name in terms), Constant(0))
        found = found.filter(reduce(or_, conditions), removed=False).annotate(adds=total).exclude(adds=0)
    else:
        found = found.annotate(adds=_until(as_of, terms)).exclude(adds=0).exclude(adds=None)
    return found.order_by("block_code", "household_no", "id")


def is_now(census_ids: list[int], area_code: str, as_of: datetime) -> bool:
    """Was nothing received in the area after `as_of`?"""
    last = (
        BlockNow.objects.in_area(area_code).filter(census_id__in=census_ids).aggregate(at=Max("last_received_at"))["at"]
    )
    return last is None or as_of >= last


def _case(measure: str) -> Case:
    return Case(
        *(
            When(condition, then=adds if not isinstance(adds, int) else Constant(adds))
            for condition, adds in LINES[measure]
        ),
        default=Constant(0),
        output_field=IntegerField(),
    )


class _Effect(Func):
    """What the effect of an event (JSON text) adds to one measure; null if nothing."""

    output_field = IntegerField()

    def __init__(self, expression, measure: str):
        super().__init__(expression, measure=measure)

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="json_extract(%(expressions)s, '$.%(measure)s')", **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "(nullif(%(expressions)s, '')::json ->> '%(measure)s')::integer"
        return self.as_sql(compiler, connection, template=template, **context)


def _until(as_of: datetime, terms: list[tuple[int, str]]) -> Subquery:
    """The sum of the effects on a line of the events received until then."""
    received = Event.objects.filter(about=OuterRef("pk"), received_at__lte=as_of).exclude(effect="").order_by()
    total = sum((sign * Coalesce(Sum(_Effect(F("effect"), name)), 0) for sign, name in terms), Constant(0))
    return Subquery(received.values("about").annotate(total=total).values("total"), output_field=IntegerField())
