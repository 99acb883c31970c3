"""The rules as data: each complete and bilingual, all of the catalogue there, the document up to date."""

import re
from pathlib import Path

import pytest

from renpu.editing.language import COLUMNS, NotARule, parse
from renpu.editing.rules import catalogue, client_program, rule_set

from .households import PARAMETERS

RULES = rule_set(PARAMETERS)
DOCUMENT = Path(__file__).parents[2] / "docs" / "edits.md"


def expected_ids():
    series = {
        "H": range(31),
        "V": range(1, 17),
        "R": range(1, 34),
        "P": range(1, 18),
        "E": range(1, 10),
        "M": range(1, 29),
    }
    return {f"{letter}-{number:03}" for letter, numbers in series.items() for number in numbers}


def test_every_short_form_rule_is_there_once():
    ids = [rule.id for rule in RULES.rules]
    assert len(ids) == len(set(ids))
    assert set(ids) - expected_ids() == {"M-010C", "M-012C"}  # one age, another severity
    assert expected_ids() <= set(ids)


def test_a_rule_is_decided_somehow_or_says_what_it_needs():
    checked = {check.rule for check in RULES.checks}
    for rule in RULES.rules:
        assert (rule.id in checked) != bool(rule.needs), rule.id


def test_titles_and_messages_stand_in_both_languages():
    for rule in RULES.rules:
        for zh, en in (rule.title, rule.message):
            assert re.search(r"[一-龥]", zh), rule.id
            assert not re.search(r"[一-龥]", en.replace("未取名", "")), rule.id
            assert "{" not in zh + en, rule.id


def test_fields_exist():
    known = {column for table in COLUMNS.values() for column in table}
    assert {field for check in RULES.checks for field in check.fields} <= known


def test_office_rules_stay_in_the_office():
    program = client_program(PARAMETERS)
    assert {rule["severity"] for rule in program["rules"].values()} == {"H", "C"}
    assert {check["rule"] for check in program["checks"]} <= set(program["rules"])


def test_the_document_is_up_to_date():
    # python -c "from renpu.editing.rules import catalogue; print(catalogue(), end='')" > docs/edits.md
    assert DOCUMENT.read_text(encoding="utf-8") == catalogue()


@pytest.mark.parametrize(
    "sql",
    [
        "D99 = 1",
        "D2 = :nothing",
        "D2 in ()",
        "now() > 1",
        "D2 / 2 = 1",
        "select 1",
        "D2 =",
        "exists (select 1 from dog a where a.x = 1)",
    ],
)
def test_what_is_not_in_the_language_is_refused(sql):
    with pytest.raises(NotARule):
        parse(sql, "person")
