"""Facts about an area as the server knew them at a moment: what the indicators are made of.

Facts are read in groups, one query or two a group, when the first of them is asked for. A fact of the field is the sum
of the whole days before the moment (`BlockDay`) and of what the day's events received until then added
(`Event.effect`).
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.db.models import Count, Func, Min, Q, Sum, TextField
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from renpu.collection.measures import MEASURES
from renpu.collection.models import BlockDay, Event, Tracing
from renpu.geography.models import Area, Block
from renpu.platform.areas import code_range
from renpu.platform.models import Census, local
from renpu.staff.models import Assignment, Staff

COMMITTEE = 12
BLOCK = 15
DUTY = {"supervisors": Staff.Duty.SUPERVISOR, "enumerators": Staff.Duty.ENUMERATOR}
ORIGIN = {
    "group_leaders": Staff.Origin.GROUP_LEADER,
    "cadres": Staff.Origin.CADRE,
    "rehired": Staff.Origin.REHIRED,
    "volunteers": Staff.Origin.VOLUNTEER,
}
HOURS = {"visits_morning": (0, 12), "visits_afternoon": (12, 18), "visits_evening": (18, 24)}

decode_effect = msgspec.json.Decoder(dict[str, int]).decode


class Facts:
    """`facts[word]` of one census in an area (2 to 12 digits, or a block's 15) at a moment; KeyError: unknown word."""

    def __init__(self, census: Census, area_code: str, as_of: datetime):
        self.census = census
        self.area_code = area_code
        self.as_of = as_of
        self._known: dict[str, Any] = {}

    def __getitem__(self, word: str) -> Any:
        if word not in self._known:
            self._known |= GROUP_OF[word](self)
        return self._known[word]

    @property
    def day(self) -> date:
        """The day of the moment on the clock of the census."""
        return local(self.as_of).date()

    @property
    def is_block(self) -> bool:
        return len(self.area_code) == BLOCK


def _field(facts: Facts) -> dict[str, Any]:
    return counts([facts.census.pk], facts.area_code, facts.as_of).get(None, dict.fromkeys(MEASURES, 0))


def counts(
    census_ids: Sequence[int],
    area_code: str,
    as_of: datetime,
    measures: Sequence[str] = MEASURES,
    by: str | None = None,
) -> dict[Any, dict[str, int]]:
    """The measures of an area as known at `as_of`: {None: {measure: n}}, or by `block_code` or `day` of receipt."""
    day = local(as_of).date()
    keys = [by] if by else []
    sums = {f"sum_{name}": Sum(name) for name in measures}
    of_days = BlockDay.objects.in_area(area_code).filter(census_id__in=census_ids, day__lt=day)
    found: dict[Any, dict[str, int]] = {}
    for row in of_days.values(*keys).annotate(**sums).order_by(*keys) if by else [of_days.aggregate(**sums)]:
        found[row.get(by)] = {name: row[f"sum_{name}"] or 0 for name in measures}
    events = Event.objects.in_area(area_code).filter(census_id__in=census_ids, day=day, received_at__lte=as_of)
    for *key, effect, times in events.values_list(*keys, "effect").annotate(times=Count("seq")).order_by():
        of_key = found.setdefault(key[0] if key else None, dict.fromkeys(measures, 0))
        for name, n in decode_effect(effect).items() if effect else ():
            if name in of_key:
                of_key[name] += n * times
    return found


def _pilot(facts: Facts) -> dict[str, Any]:
    """What the pilots of the census completed; days are those on which a household was completed."""
    ids = list(facts.census.pilots.values_list("pk", flat=True))
    found = counts(ids, facts.area_code, facts.as_of, ("entered", "persons"), by="day") if ids else {}
    days = sorted(day for day, of_day in found.items() if of_day["entered"] > 0)
    first, last = (days[0], days[-1]) if days else (None, None)
    return {
        "pilot_first_month": first.month if first else 0,
        "pilot_first_day": first.day if first else 0,
        "pilot_last_month": last.month if last else 0,
        "pilot_last_day": last.day if last else 0,
        "pilot_entered": sum(of_day["entered"] for of_day in found.values()),
        "pilot_persons": sum(of_day["persons"] for of_day in found.values()),
    }


def _police(facts: Facts) -> dict[str, Any]:
    from renpu.registers.queries import police_totals

    told = (None, None, None) if facts.is_block else police_totals(facts.area_code, facts.as_of)
    return dict(zip(("police_households", "police_persons", "police_rows"), told, strict=True))


def staff_of(area_code: str):
    """Members of staff of an area; of a block, those who work it now."""
    if len(area_code) == BLOCK:
        on_duty = Assignment.objects.filter(block_code=area_code, until=None)
        return Staff.objects.filter(pk__in=on_duty.values("staff_id"))
    return Staff.objects.in_area(area_code)


def _staff(facts: Facts) -> dict[str, Any]:
    is_enumerator = Q(duty=Staff.Duty.ENUMERATOR)
    found = {
        "staff": Count("pk"),
        "enumerators_seconded": Count("pk", filter=is_enumerator & Q(origin=Staff.Origin.SECONDED)),
        **{name: Count("pk", filter=Q(duty=duty)) for name, duty in DUTY.items()},
        **{name: Count("pk", filter=Q(origin=origin)) for name, origin in ORIGIN.items()},
    }
    return staff_of(facts.area_code).aggregate(**found)


def committees_of(area_code: str):
    """The committees (普查区) in an area; of a block, the one in which it lies."""
    return Area.objects.in_area(area_code[:COMMITTEE]).annotate(digits=Length("code")).filter(digits=COMMITTEE)


def _geography(facts: Facts) -> dict[str, Any]:
    code = facts.area_code
    name = Block.objects.get(code=code).name or code if facts.is_block else Area.objects.get(code=code).name
    return {
        "area_name": name,
        "areas": committees_of(code).count(),
        "blocks": Block.objects.in_area(code).count(),
    }


class _ClockUTC(Func):
    """Hour and minute of a moment in UTC, "09:30"; Django's extraction calls Python for each row on SQLite."""

    output_field = TextField()

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="substr(%(expressions)s, 12, 5)", **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "to_char(%(expressions)s at time zone 'UTC', 'HH24:MI')"
        return self.as_sql(compiler, connection, template=template, **context)


def _visit_hours(facts: Facts) -> dict[str, Any]:
    """Visits and calls by the hour of the census's clock at which they were made."""
    visits = Event.objects.in_area(facts.area_code).filter(
        census_id=facts.census.pk, kind="visit", day__lte=facts.day, received_at__lte=facts.as_of
    )
    return visits.aggregate(**{word: Count("seq", filter=_in_hours(word, facts.as_of)) for word in HOURS})


def during(visits, word: str, as_of: datetime):
    """Those of the visits that were made in the hours that `word` of HOURS stands for."""
    return visits.filter(_in_hours(word, as_of))


def _in_hours(word: str, as_of: datetime) -> Q:
    """The hours are those of the census's clock, with the offset that it has at `as_of`."""
    first, last = (timedelta(hours=hour) - (local(as_of).utcoffset() or timedelta()) for hour in HOURS[word])
    begin, end = (f"{at // timedelta(hours=1) % 24:02}:{at // timedelta(minutes=1) % 60:02}" for at in (first, last))
    from_begin, to_end = Q(GreaterThanOrEqual(_ClockUTC("made_at"), begin)), Q(LessThan(_ClockUTC("made_at"), end))
    return from_begin & to_end if begin < end else from_begin | to_end


def _tracing(facts: Facts) -> dict[str, Any]:
    day = facts.day.isoformat()
    cases = Tracing.objects.in_area(facts.area_code).filter(opened_on__lte=day)
    return {
        "traced": cases.count(),
        "traced_closed": cases.filter(closed_on__gt="", closed_on__lte=day).count(),
    }


def _began(facts: Facts) -> dict[str, Any]:
    """The month in which the first list or record of the area came in; None when there is none."""
    from renpu.registers.models import Delivery

    area = Q(area_code__in=_above(facts.area_code)) | Q(area_code__range=code_range(facts.area_code))
    events = Event.objects.filter(census_id=facts.census.pk).order_by("seq").values_list("received_at", flat=True)
    first = [Delivery.objects.filter(area).aggregate(at=Min("received_at"))["at"], events.first()]
    moments = [local(at) for at in first if at is not None and at <= facts.as_of]
    return {"began_month": min(moments).month if moments else None}


def _above(area_code: str) -> list[str]:
    """The code of an area and those of the areas in which it lies."""
    return [area_code[:n] for n in (2, 4, 6, 9, 12, 15) if n <= len(area_code)]


GROUPS: dict[Callable[[Facts], dict[str, Any]], tuple[str, ...]] = {
    _field: MEASURES,
    _pilot: (
        *("pilot_first_month", "pilot_first_day", "pilot_last_month", "pilot_last_day"),
        *("pilot_entered", "pilot_persons"),
    ),
    _police: ("police_households", "police_persons", "police_rows"),
    _staff: ("staff", "enumerators_seconded", *DUTY, *ORIGIN),
    _geography: ("area_name", "areas", "blocks"),
    _visit_hours: tuple(HOURS),
    _tracing: ("traced", "traced_closed"),
    _began: ("began_month",),
}
GROUP_OF = {word: group for group, words in GROUPS.items() for word in words}
