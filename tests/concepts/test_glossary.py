"""One word for one thing: the glossary agrees with the code lists, and a term has one Chinese word."""

import csv
import re
from importlib import resources
from pathlib import Path

import pytest

from renpu.concepts.codes import code_list
from renpu.concepts.household_status import APART_FROM_AWAY, REPORT_WORDS, Status

TEXT = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
VOCABULARIES = ("Places and people", "Hukou and residence", "Steps of the work", "What the software is made of")


def table(title):
    """The rows of the table under a heading that begins so, as dicts by column; bars and marks of code taken off."""
    section = re.search(rf"^## {re.escape(title)}.*?(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert section, title
    lines = [
        [cell.strip().strip("`") for cell in line.strip("| ").split("|")]
        for line in re.findall(r"^\|.*\|$", section[0], re.MULTILINE)
    ]
    header, _, *rows = lines
    return [dict(zip(header, row, strict=False)) for row in rows]


def terms():
    return [row for title in VOCABULARIES for row in table(title)]


def test_every_status_is_explained_by_its_code_list():
    labels = code_list("household_status")
    written = {row["code"]: (row["in code"], row["Chinese"], row["English"]) for row in table("Household statuses")}
    assert written == {str(int(s)): (s.name, *labels.label(int(s))) for s in Status}


def test_every_outcome_is_explained_by_its_code_list():
    written = {row["code"]: (row["Chinese"], row["English"]) for row in table("Visit outcomes")}
    assert written == {code: tuple(label) for code, label in code_list("visit_outcome").items()}


def test_the_words_of_the_report_cover_the_statuses_that_the_mapping_says():
    written = {
        row["Chinese"]: (row["English"], row["statuses"], row["collective households"])
        for row in table("Words of the progress report")
    }
    assert written == {
        word.word: (
            word.english,
            ", ".join(str(int(status)) for status in word.statuses),
            "counted" if word.collective_too else "left out",
        )
        for word in REPORT_WORDS + APART_FROM_AWAY
    }


def test_the_indicators_of_the_report_count_the_statuses_of_their_word():
    text = (resources.files("renpu.monitoring") / "indicators.csv").read_text(encoding="utf-8")
    indicators = {row["name_zh"]: row["source"] for row in csv.DictReader(text.splitlines())}
    for word in REPORT_WORDS:
        counted = " + ".join(f"status_{int(status)}" for status in word.statuses)
        assert indicators[word.word] == counted + ("" if word.collective_too else " - collective")


@pytest.mark.parametrize("column", ["in code", "English", "Chinese"])
def test_a_term_stands_once_and_has_one_word(column):
    written = [row[column] for row in terms()]
    assert all(written)
    assert sorted(written) == sorted(set(written))


def test_terms_that_are_codes_of_a_list_are_called_as_there():
    chinese = {row["in code"].strip("` ").split("`")[0]: row["Chinese"] for row in terms()}
    household_type, hukou_place = code_list("household_type"), code_list("hukou_place")
    assert chinese["family"] == household_type["1"].zh
    assert chinese["collective"] == household_type["2"].zh
    assert chinese["hukou_unsettled"] == hukou_place["5"].zh
    assert chinese["head"] == code_list("relationship")["0"].zh
    assert chinese["self_enumeration"] == code_list("collection_mode")["2"].zh


def test_the_pairs_use_the_words_of_the_vocabulary():
    known = {row["Chinese"] for row in terms()} | {word.word for word in REPORT_WORDS + APART_FROM_AWAY}
    for pair in table("Pairs that get mixed up"):
        for word in pair["Chinese"].split(" · "):
            assert any(word in one for one in known), word
