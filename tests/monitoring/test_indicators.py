"""Numbers from counters and a day's events put in by hand; definitions; the switch at the reference moment."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renpu.collection.measures import LINE_MEASURES, MEASURES, STATUSES, of_line
from renpu.collection.models import BlockDay, Event
from renpu.geography.models import Area, Block
from renpu.listing.models import Household
from renpu.monitoring.facts import GROUP_OF, counts
from renpu.monitoring.indicators import BY_CODE, INDICATORS, SLOTS, percent, values
from renpu.monitoring.rows import LINES, lines
from renpu.platform.models import TIME_ZONE, Census
from renpu.staff.models import Assignment, Staff

COMMITTEE = "310199001001"
BLOCK = COMMITTEE + "001"
T0 = datetime(2020, 11, 1, tzinfo=TIME_ZONE)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TIME_ZONE)


@pytest.fixture
def census(db):
    Area.objects.create(code=COMMITTEE, name="幸福居委会")
    for n in (1, 2):
        Block.objects.create(code=f"{COMMITTEE}00{n}", name=f"第{n}普查小区")
    return Census.objects.create(code="main", name="第七次全国人口普查", t0=T0, area_code=COMMITTEE[:9])


def whole_day(census, day: str, block=BLOCK, **measures):
    BlockDay.objects.create(census_id=census.pk, block_code=block, day=day, head=b"", last_seq=0, **measures)


def event(census, received: str, effect: dict, *, block=BLOCK, about=None):
    at = moment(received)
    Event.objects.create(
        id=uuid4(), census_id=census.pk, kind="visit", about=about or uuid4(), block_code=block, day=at.date(),
        made_at=at - timedelta(hours=3), received_at=at, device_id=uuid4(), actor="S1", device_seq=1, payload=b"",
        sha=b"", result="accepted", effect=json.dumps(effect),
    )  # fmt: skip


def test_a_day_counts_by_the_event_until_it_is_over_and_whole_from_then_on(census):
    whole_day(census, "2020-10-12", visits=5, lines=7)
    whole_day(census, "2020-10-13", visits=3, lines=2)
    event(census, "2020-10-13T09:00:00", {"visits": 1, "lines": 1})
    event(census, "2020-10-13T18:00:00", {"visits": 1, "lines": 1})
    event(census, "2020-10-13T18:00:01", {"visits": 1})
    told = {
        at: values(census, COMMITTEE, moment(at), ("E04", "E01"))
        for at in ("2020-10-12T23:59:59", "2020-10-13T00:00:00", "2020-10-13T18:00:00", "2020-10-14T00:00:00")
    }
    assert told == {
        "2020-10-12T23:59:59": {"E04": 0, "E01": 0},  # its events are gone here: a day's own are the journal's
        "2020-10-13T00:00:00": {"E04": 5, "E01": 7},
        "2020-10-13T18:00:00": {"E04": 7, "E01": 9},
        "2020-10-14T00:00:00": {"E04": 8, "E01": 9},
    }


def test_the_day_is_the_census_clocks_day(census):
    event(census, "2020-10-13T07:00:00", {"visits": 1})  # still the 12th in Greenwich
    assert values(census, COMMITTEE, moment("2020-10-13T08:00:00"), ("E04",)) == {"E04": 1}
    assert values(census, COMMITTEE, datetime.fromisoformat("2020-10-12T23:30:00+00:00"), ("E04",)) == {"E04": 1}
    assert values(census, COMMITTEE, datetime.fromisoformat("2020-10-12T22:30:00+00:00"), ("E04",)) == {"E04": 0}


def test_another_area_and_another_census_do_not_count(census):
    pilot = Census.objects.create(code="pilot", name="试点", t0=T0, pilot_of=census)
    whole_day(census, "2020-10-12", visits=5)
    whole_day(census, "2020-10-12", block="310199001002001", visits=50)
    whole_day(pilot, "2020-10-12", visits=500)
    at = moment("2020-10-20T12:00:00")
    assert [
        values(census, code, at, ("E04",))["E04"] for code in (BLOCK, COMMITTEE, "310199001", "310199", "310198")
    ] == [*(5, 5, 55, 55, 0)]


def test_counts_can_be_told_by_block_and_by_day(census):
    whole_day(census, "2020-10-12", visits=5)
    whole_day(census, "2020-10-12", block=COMMITTEE + "002", visits=2)
    event(census, "2020-10-13T09:00:00", {"visits": 1, "codes": 1})
    at = moment("2020-10-13T10:00:00")
    by_block = counts([census.pk], COMMITTEE, at, ("visits", "codes"), by="block_code")
    assert by_block == {BLOCK: {"visits": 6, "codes": 1}, COMMITTEE + "002": {"visits": 2, "codes": 0}}
    by_day = counts([census.pk], COMMITTEE, at, ("visits",), by="day")
    assert by_day == {date(2020, 10, 12): {"visits": 7}, date(2020, 10, 13): {"visits": 1}}


def test_the_pilot_runs_from_its_first_completed_household_to_its_last(census):
    pilot = Census.objects.create(code="pilot", name="试点", t0=T0, pilot_of=census)
    whole_day(pilot, "2020-08-14", lines=9)
    whole_day(pilot, "2020-08-15", entered=4, persons=9)
    whole_day(pilot, "2020-08-24", entered=2, persons=3)
    codes = ("S01", "S02", "S03", "S04", "S05", "S06")
    assert list(values(census, COMMITTEE, moment("2020-10-01T00:00:00"), codes).values()) == [8, 15, 8, 24, 6, 12]
    assert list(values(census, COMMITTEE, moment("2020-08-20T00:00:00"), codes).values()) == [8, 15, 8, 15, 4, 9]
    assert list(values(census, "310199002001", moment("2020-10-01T00:00:00"), codes[:-1]).values()) == [0] * 5


def test_self_enumeration_is_codes_before_the_reference_moment_and_forms_from_it_on(census):
    whole_day(census, "2020-10-12", codes=6, status_1=10, collective=2)
    whole_day(census, "2020-11-01", self_forms=1)
    before, after = moment("2020-10-31T23:59:59"), moment("2020-11-02T00:00:00")
    assert values(census, COMMITTEE, before, ("S15", "S19", "S20")) == {"S15": 8, "S19": 6, "S20": Decimal("75.0")}
    assert values(census, COMMITTEE, after, ("S15", "S19", "S20")) == {"S15": 8, "S19": 1, "S20": Decimal("12.5")}
    assert values(census, COMMITTEE, T0, ("S19",)) == {"S19": 0}


def test_an_area_without_anything_counts_nothing(census):
    found = values(census, COMMITTEE, T0)
    assert {code: n for code, n in found.items() if n} == {"S00": "幸福居委会", "S22": 1, "S24": 1, "E08": 2}


def test_staff_are_counted_by_duty_and_origin_and_in_a_block_by_assignment(census):
    people = [
        Staff.objects.create(number=f"S{n}", name="何敏", duty=duty, origin=origin, area_code=COMMITTEE)
        for n, (duty, origin) in enumerate(
            (
                ("enumerator", "seconded"),
                ("enumerator", "group_leader"),
                ("supervisor", "cadre"),
                ("assistant", "group_leader"),
            )
        )
    ]
    Assignment.objects.create(block_code=BLOCK, staff=people[0], duty="enumerator", since=T0)
    codes = ("S23", "S25", "S26", "S27", "E26")
    assert list(values(census, COMMITTEE, T0, codes).values()) == [2, 1, 2, 1, 4]
    assert list(values(census, BLOCK, T0, codes).values()) == [0, 0, 1, 0, 1]


def test_the_police_register_is_not_told_by_block(census):
    assert values(census, BLOCK, T0, ("S07", "S08", "S22")) == {"S07": None, "S08": None, "S22": 1}


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_rate_is_the_nearest_tenth_and_halves_go_up(over, under):
    rate = percent(over, under)
    if not under:
        assert rate == 0
    else:
        assert -50 * under < (rate * under - 100 * over) * 1000 <= 50 * under
    assert rate.as_tuple().exponent == -1


def test_every_definition_is_complete_and_made_of_known_facts():
    assert set(SLOTS) < set(BY_CODE)
    assert len(BY_CODE) == len(INDICATORS)
    census = SimpleNamespace(t0=T0)
    for indicator in INDICATORS:
        assert all(getattr(indicator, name) for name in indicator._fields if name != "unit"), indicator.code
        for at in (T0 - timedelta(1), T0):
            assert all(word in GROUP_OF for _, word in indicator.terms(census, at)), indicator.code
    assert BY_CODE["S24"].source == "S22"
    assert set(LINES) == set(LINE_MEASURES)
    assert set(LINE_MEASURES) <= set(MEASURES)


LINE = st.fixed_dictionaries(
    {
        "status": st.sampled_from(STATUSES),
        "household_type": st.sampled_from((1, 2)),
        "removed": st.booleans(),
        "version": st.integers(0, 2),
        "accepted": st.booleans(),
        "form_method": st.sampled_from((None, 1, 2, 3)),
        "has_code": st.booleans(),
        "open_edits": st.integers(0, 2),
        "open_tasks": st.integers(0, 2),
        **{name: st.sampled_from((None, 0, 1, 3)) for name in ("n_here", "n_away", "n_hukou", "n_resident")},
        **{
            name: st.integers(0, 3)
            for name in (
                *("persons", "persons_here", "persons_hukou", "persons_resident", "persons_away"),
                *("persons_separated", "births", "deaths", "foreigners"),
            )
        },
    }
)


def test_the_database_decides_each_line_as_the_fold_does(census):
    """`rows.LINES` against `measures.of_line`, on lines of every kind."""
    found: list[dict] = []

    @given(LINE)
    def collect(line):
        found.append(line)

    collect()
    Household.objects.bulk_create(Household(census_id=census.pk, block_code=BLOCK, household_no="", **f) for f in found)
    everyone = list(Household.objects.all())
    for measure in LINE_MEASURES:
        query = lines([census.pk], COMMITTEE, T0, [(1, measure)])
        expected = {h.pk: n for h in everyone if (n := of_line(h).get(measure))}
        assert {h.pk: h.adds for h in query} == expected, measure
