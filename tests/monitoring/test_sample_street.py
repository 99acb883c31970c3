"""The sample street: every number of the report, at four times, against the values its generator expects."""

import json
from pathlib import Path

import pytest

from renpu.geography.models import Area
from renpu.monitoring.indicators import BY_CODE, INDICATORS, SLOTS, values
from renpu.monitoring.management.commands.report import at
from renpu.monitoring.rows import rows

EXPECTED = json.loads((Path(__file__).parents[1] / "data/street/expected.json").read_text("utf-8"))["report"]
STREET, COMMITTEE, BLOCK = "310109018", "310109018020", "310109018033001"
NEVER = ("S00", "S01", "S02", "S03", "S04", "E31")  # a name, and the parts of dates: their rows are those of S05
pytestmark = pytest.mark.django_db


def plain(value):
    return value if isinstance(value, int | str | None) else float(value)


@pytest.mark.parametrize("moment", sorted(next(iter(EXPECTED.values()))))
@pytest.mark.parametrize("name", EXPECTED)
def test_every_number_is_the_expected_one(street, name, moment):
    area = Area.objects.get(name=name, code__startswith=STREET)
    found = values(street, area.code, at(moment))
    assert set(SLOTS) <= set(EXPECTED[name][moment])
    assert {code: plain(found[code]) for code in EXPECTED[name][moment]} == EXPECTED[name][moment]


@pytest.mark.parametrize("moment", ["2020-10-20T18:00", "2020-11-07T18:00", "2030-01-01"])
@pytest.mark.parametrize("area", [STREET, COMMITTEE, BLOCK])
def test_the_rows_behind_a_number_add_up_to_it(street, area, moment):
    found = values(street, area, at(moment), BY_CODE)
    for indicator in INDICATORS:
        if indicator.code in NEVER or indicator.is_rate or found[indicator.code] is None:
            continue
        kind, query = rows(indicator, street, area, at(moment))
        if kind == "households":
            n = sum(line.adds for line in query)
        elif indicator.code == "S07":
            n = len({row.household_no for row in query})
        else:
            n = query.count()
        assert (indicator.code, n) == (indicator.code, found[indicator.code])


def test_committees_add_up_to_their_street_but_for_the_shared_numbers(street):
    moment = at("2020-11-07T18:00")
    whole = values(street, STREET, moment)
    parts = [
        values(street, code, moment)
        for code in Area.objects.filter(code__regex=r"^310109018\d{3}$").values_list("code", flat=True)
    ]
    for code in ("S05", "S07", "S08", "S11", "S12", "S15", "S19", "S21", "S22", "S26", "E01", "E04", "E06", "E24"):
        assert (code, sum(part[code] for part in parts)) == (code, whole[code])


def test_a_report_reads_counters_and_one_day_of_events_only(street, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        values(street, STREET, at("2020-11-07T18:00"))
