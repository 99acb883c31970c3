"""The sample street's lists: the police register against who each of its rows really is (samples/street/links.csv; row
= line or sheet row), the others cell by cell."""

import csv
import re
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from renpu.registers.reading import Reading
from renpu.registers.recognise import recognise, the_one
from renpu.registers.sources import SOURCES, find
from renpu.synthetic.frame import packaged_street

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


LISTS = packaged_street() / "registers"


def read(name: str):
    """The register that a list of the street is found to be, and its rows by (sheet, row)."""
    source = the_one(recognise(LISTS / name, SOURCES))
    reading = Reading(LISTS / name, source, date(2020, 11, 4))
    rows = {(row.sheet, row.number): row for rows in reading.slices() for row in rows}
    assert reading.kept == reading.read == len(rows)
    return source.name, rows


def lines_of(name: str, encoding: str) -> dict[int, dict[str, str]]:
    with (LISTS / name).open(encoding=encoding, newline="") as file:
        return dict(enumerate(csv.DictReader(file), 2))


def test_every_meter_of_the_street_has_its_electricity_of_every_month():
    source, rows = read("electricity.csv")
    assert source == "electricity"
    expected = {}
    for number, line in lines_of("electricity.csv", "utf-8-sig").items():
        kwh = {f"{title[:4]}-{title[4:]}": float(value) for title, value in line.items() if title.startswith("20")}
        expected["", number] = line["户号(电表)"], line["用电地址"], kwh
    assert {at: (row.household_no, row.values["address"], row.kwh) for at, row in rows.items()} == expected


def test_every_birth_of_the_street_has_its_infant_and_its_mother():
    source, rows = read("births_health.csv")
    assert source == "births"
    for number, line in lines_of("births_health.csv", "gbk").items():
        row = rows["", number]
        assert (row.name, row.kin_name, row.kin_id) == (line["新生儿姓名"], line["母亲姓名"], line["母亲身份证号"])
        assert (row.sex, row.happened_on) == ({"男": 1, "女": 2}[line["性别"]], line["出生日期"])


def test_every_dwelling_of_the_grid_has_its_use_and_head_count_sheet_by_sheet():
    source, rows = read("grid_property.xlsx")
    assert source == "grid"
    book = openpyxl.load_workbook(LISTS / "grid_property.xlsx", read_only=True)
    expected = {
        (sheet.title, number): (cells[3] + (cells[2] if cells[3].endswith("号") else ""), cells[4], cells[6])
        for sheet in book
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1)
        if number > 2
    }
    assert {at: (row.values["address"], row.values["use"], row.persons) for at, row in rows.items()} == expected


def test_the_staff_of_the_street_are_told_by_where_their_hukou_is_kept():
    source, rows = read("employer_collective.xlsx")
    assert source == "employer"
    sheet = openpyxl.load_workbook(LISTS / "employer_collective.xlsx", read_only=True).worksheets[0]
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > 2:
            row = rows[sheet.title, number]
            assert (row.name, row.values["staff_no"]) == (cells[1], cells[0])
            assert ("household_kind" in row.values) == (cells[5] == "是")
            assert row.values.get("lives_at", "") == (cells[8] or "")
