"""The short form: its 19 items, every skip of the skip graph, choices from the code lists, no year of its own."""

import csv
import re
from pathlib import Path

import pytest
from lxml import etree

from renpu.editing import questionnaire
from renpu.editing.language import HOUSEHOLD_ITEMS, PERSON_ITEMS, evaluate
from renpu.editing.questionnaire import item_numbers, items, xform

from .households import PARAMETERS

SOURCE = Path(questionnaire.__file__).parent / "questionnaires" / "short.md"
BY_NAME = {item.name: item for item in items(PARAMETERS)}
NS = {"x": "http://www.w3.org/2002/xforms", "h": "http://www.w3.org/1999/xhtml"}


def asked(name, **given):
    """Whether the form asks for an item, given the answers so far."""
    item = BY_NAME[name]
    row = dict.fromkeys((*HOUSEHOLD_ITEMS, *PERSON_ITEMS, "age", "household_status")) | given
    return evaluate(item.relevant, {"household": row, "person": row}, {}) is True


def test_it_has_the_nineteen_items_of_the_short_form():
    names = [name for name, item in BY_NAME.items() if item.table != "death"]
    assert item_numbers(names) == [*(f"H{n}" for n in range(1, 8)), *(f"D{n}" for n in range(1, 13))]
    assert len(item_numbers(names)) == 19
    parts = [name for name in names if name not in {"D3_reason", "D7_code", "D8_code"}]
    assert parts == ["H1", "H2a", "H2b", "H3m", "H3f", "H4m", "H4f", "H5", "H6", "H7", *(f"D{n}" for n in range(1, 13))]


@pytest.mark.parametrize(
    ("item", "given", "is_asked"),
    [
        ("H6", {"H5": 1}, True),
        *[("H6", {"H5": code}, False) for code in (2, 3, 4, 5)],
        ("H7", {"H5": 1}, True),
        *[("H7", {"H5": code}, False) for code in (2, 3, 4, 5)],
        *[("H5", {"household_status": code}, True) for code in (1, 2, 3)],
        *[("H5", {"household_status": code}, False) for code in (4, 5, 7)],
        ("D3_reason", {"D3": None}, True),
        ("D3_reason", {"D3": "310199197501012393"}, False),
        *[("D7_code", {"D7": code}, code == 5) for code in range(1, 8)],
        *[("D8_code", {"D8": code}, code == 4) for code in range(1, 6)],
        *[("D9", {"D8": code}, code != 5) for code in range(1, 6)],
        *[("D10", {"D8": 4, "D9": code}, code != 1) for code in range(1, 10)],
        ("D10", {"D8": 5, "D9": None}, False),
        ("D11", {"age": 2}, False),
        ("D11", {"age": 3}, True),
        ("D11", {"age": 70, "D8": 5}, True),
        ("D12", {"age": 14}, False),
        ("D12", {"age": 15}, True),
    ],
)
def test_each_skip(item, given, is_asked):
    assert asked(item, **given) is is_asked


def test_all_other_items_are_asked_of_everyone():
    skipped = {"H5", "H6", "H7", "D3_reason", "D7_code", "D8_code", "D9", "D10", "D11", "D12"}
    assert {name for name, item in BY_NAME.items() if item.relevant is not True} == skipped
    optional = {name for name, item in BY_NAME.items() if item.required is not True}
    assert optional == {"D3", "H5"}  # no number: a reason is asked; H5: where nobody lives it may be left out


def test_choices_are_those_of_the_code_lists_in_both_languages():
    tree = etree.fromstring(xform(PARAMETERS).xml.encode())
    texts = {
        (translation.get("lang"), text.get("id")): text.findtext("x:value", namespaces=NS)
        for translation in tree.iterfind(".//x:itext/x:translation", NS)
        for text in translation.iterfind("x:text", NS)
    }
    folder = Path(questionnaire.__file__).parents[1] / "concepts" / "codes"
    for name in ("relationship", "away_reason", "ethnic_group", "hukou_place"):
        rows = list(csv.DictReader((folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()))
        for place, row in enumerate(rows):
            assert texts["中文 (zh)", f"{name}-{place}"] == row["label_zh"]
            assert texts["English (en)", f"{name}-{place}"] == row["label_en"]


def test_every_question_speaks_both_languages():
    for row in questionnaire._rows(SOURCE.read_text(encoding="utf-8"), "survey"):
        if row["type"].split()[0] in ("integer", "text", "select_one", "begin_group", "begin_repeat"):
            for kind in ("label", "hint", "constraint_message"):
                zh, en = row[f"{kind}::中文 (zh)"], row[f"{kind}::English (en)"]
                assert bool(zh) == bool(en), row["name"]
            assert row["label::中文 (zh)"], row["name"]


def test_no_year_stands_in_the_source():
    assert not re.search(
        r"\b(19|20)\d\d\b(?!\|)", SOURCE.read_text(encoding="utf-8").replace("196203", "").replace("190001", "")
    )


def test_dates_and_ages_follow_the_census():
    pilot = xform({"t0": "2020-05-07", "education_min_age": 6})
    assert "2020年5月6日晚" in pilot.xml
    assert ". &lt;= 202005" in pilot.xml
    assert "&gt;= 6" in pilot.xml
    assert "2020年10月31日晚" in xform(PARAMETERS).xml


def test_the_version_changes_with_the_content_and_only_then(monkeypatch):
    first = xform(PARAMETERS)
    assert first.version == xform({"t0": "2020-11-01T00:00:00+08:00"}).version
    assert first.version != xform({"t0": "2020-11-01", "literacy_min_age": 14}).version
    source = questionnaire._source()
    monkeypatch.setattr(questionnaire, "_source", lambda: source.replace("Gross floor area", "Floor area"))
    questionnaire._xform.cache_clear()
    assert xform(PARAMETERS).version != first.version
    questionnaire._xform.cache_clear()


def test_no_date_function_can_meet_an_impossible_date():
    """The form engine throws on impossible dates, so the form computes with digits and never calls one."""
    calls = re.findall(r"\b(date|format-date|decimal-date-time|today|now)\(", xform(PARAMETERS).xml)
    assert calls == []
