"""The sample street's police register, against who each of its rows really is (samples/street/links.csv; row = line
or sheet row)."""

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from renpu.registers.reading import Reading
from renpu.registers.sources import find

STREET = Path(__file__).parent / "samples" / "street"


def truth(name: str) -> dict[int, dict]:
    with (STREET / "links.csv").open(encoding="utf-8", newline="") as file:
        return {int(row["row"]): row for row in csv.DictReader(file) if row["file"] == name}


@pytest.mark.parametrize(("name", "names_written_otherwise"), [("hukou_all.csv", 3), ("hukou_310109018020.xlsx", 0)])
def test_every_row_of_the_register_is_read_where_it_stands_and_no_other(name, names_written_otherwise):
    reading = Reading(STREET / name, find("police"), date(2020, 10, 8))
    rows = {row.number: row for rows in reading.slices() for row in rows}
    people = truth(name)
    assert set(rows) == set(people)
    assert not reading.refusals
    differs = 0
    for number, row in rows.items():
        person = people[number]
        if not person["name"]:
            continue  # a row of nobody: moved out long ago
        if row.name != person["name"]:
            differs += 1  # a homophone, or a character the police system could not write
            assert re.sub(r"[?*]", "", row.name) == "" or set(row.name) & set(person["name"])
        assert row.id in ("", person["id"]) or row.problems
        assert row.birth in ("", person["birth"]) or "birth_differs_from_id" in row.codes
    assert differs <= names_written_otherwise
