"""Code lists say what the forms print, and nothing else is a code."""

import pytest

from renpu.concepts.codes import UnknownCode, UnknownCodeList, code_list, code_lists
from renpu.concepts.household_status import APART_FROM_AWAY, REPORT_WORDS, Status, report_word


def test_a_list_gives_labels_in_both_languages_in_the_order_of_the_form():
    relations = code_list("relationship")
    assert relations.codes == tuple("0123456789")
    assert relations.ints == tuple(range(10))
    assert relations["0"] == ("户主", "Head of household")
    assert relations.label(0) is relations.label("0")
    assert list(relations.items())[1][1].zh == "配偶"


@pytest.mark.parametrize("name", code_lists())
def test_every_list_has_both_labels_for_every_code(name):
    labels = code_list(name)
    assert len(labels) > 1
    for code, label in labels.items():
        assert code == code.strip() != ""
        assert label.zh.strip() != ""
        assert label.en.strip() != ""


def test_a_list_is_read_once():
    assert code_list("sex") is code_list("sex")


def test_an_unknown_list_is_named():
    with pytest.raises(UnknownCodeList, match="'weather'"):
        code_list("weather")
    with pytest.raises(UnknownCodeList):
        code_list("../codes/sex")


def test_an_unknown_code_is_named_with_its_list():
    with pytest.raises(UnknownCode, match=r"sex has no code '7'"):
        code_list("sex")["7"]
    with pytest.raises(UnknownCode, match=r"sex has no code '7'"):
        code_list("sex").label(7)
    assert "7" not in code_list("sex")


def test_codes_printed_with_a_leading_zero_are_no_numbers():
    with pytest.raises(ValueError, match="'01' is printed as a text"):
        _ = code_list("ethnic_group").ints


def test_statuses_are_those_of_the_code_list():
    assert {int(status) for status in Status} == set(code_list("household_status").ints)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (Status.ORDINARY, "普通住户"), (Status.VACANT, "空户"), (Status.AWAY_UNDER_HALF_YEAR, "全户外出"),
        (Status.AWAY_HALF_YEAR_OR_MORE, "全户外出"), (Status.DIED_OUT, "全户死亡"), (Status.EMPTY_REGISTERED, "空挂户"),
        (Status.MOVED, "已搬离"), (Status.FOREIGN, ""), (Status.NOT_A_DWELLING, ""), (Status.NOT_CONTACTED, ""),
        (Status.REFUSED, ""),
    ],
)  # fmt: skip
def test_each_status_has_at_most_one_word_of_the_report(status, word):
    assert report_word(status) == word
    assert sum(status in row.statuses for row in REPORT_WORDS + APART_FROM_AWAY) == bool(word)


def test_a_collective_household_is_no_ordinary_one_in_the_report():
    assert report_word(Status.ORDINARY, collective=True) == ""
    assert report_word(Status.VACANT, collective=True) == "空户"
