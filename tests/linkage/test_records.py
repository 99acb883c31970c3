"""Records of the database as frames: what is in them, and in clear."""

import polars as pl
import pytest

from renpu.collection.models import Person
from renpu.linkage import records
from renpu.linkage.models import line_key, row_key
from renpu.listing.models import Household
from renpu.registers.models import Delivery, RegisterRow

STREET, COMMITTEE = "310109018", "310109018020"
pytestmark = pytest.mark.django_db


def test_the_rows_of_the_valid_list_come_in_clear(street):
    rows = records.register_rows(STREET, sources=["police"])
    assert len(rows) == 1601
    first = RegisterRow.objects.get(delivery__source="police", delivery__state="accepted", number=2)
    row = rows.row(by_predicate=pl.col("record") == row_key(first.pk), named=True)
    assert (row["name"], row["id_number"]) == ("杜文林", "310199195912080473")
    assert (row["sex"], row["birth"], row["area_code"]) == (1, "1959-12-08", COMMITTEE)
    assert rows["kin_name"].null_count() == 1601


def test_a_list_that_was_not_accepted_is_not_compared(street):
    waiting = Delivery.objects.get(state="received", area_code=COMMITTEE, source="police")
    assert waiting.pk not in {d for pairs in records.newest_deliveries(STREET).values() for d, _ in pairs}


def test_the_lines_of_forms_come_in_clear_with_their_address(street):
    lines = records.form_lines(street, COMMITTEE)
    assert len(lines) == Person.objects.in_area(COMMITTEE).count()
    person = Person.objects.in_area(COMMITTEE).exclude(number=None).order_by("household_id", "line").first()
    line = lines.row(by_predicate=pl.col("record") == line_key(person.household_id, person.line), named=True)
    assert line["birth"] == person.birth == line["id_number"][6:12]
    assert line["address"] == Household.objects.get(pk=person.household_id).address


def test_deaths_and_roster_lines_come_too(street):
    deaths = records.death_lines(street, STREET)
    assert len(deaths) > 10
    assert deaths["name"].str.len_chars().min() >= 2
    homes = records.households(street, STREET)
    assert len(homes) == Household.objects.of(street).in_area(STREET).count()
    assert homes["unit_id"].drop_nulls().str.contains("^[0-9a-f]{32}$").all()


def test_an_area_without_records_gives_empty_frames_with_the_same_columns(street):
    nowhere = "310109099"
    assert records.register_rows(nowhere).columns[-5:] == list(records.OPENED)
    assert records.form_lines(street, nowhere).schema == records.form_lines(street, STREET).schema
    assert records.households(street, nowhere).schema == records.households(street, STREET).schema
