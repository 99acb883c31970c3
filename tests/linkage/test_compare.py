"""Small truths by hand: who is linked, who is not, and who is left to a person."""

import polars as pl
import pytest

from renpu.concepts.identity_number import check_character
from renpu.linkage import compare
from renpu.synthetic.persons import lists

FIELDS = ("id", "name", "sex", "birth", "id_number", "address", "household", "phone")


@pytest.fixture(scope="module")
def crowd():
    """A thousand others, so that there is something to learn from."""
    return lists(1200, seed=5)


def linked(crowd, left, right):
    """The links of the people in question, among the crowd."""
    pairs = compare(_with(crowd.register, left), _with(crowd.count, right), id="id")
    asked = {row["id"] for row in left}
    return {(a, b): status for a, b, _, status, _ in pairs.iter_rows() if a in asked}


def _with(frame, rows):
    return pl.concat([frame, pl.DataFrame(rows, schema=dict.fromkeys(FIELDS, pl.String))])


def person(id, name, sex, birth, number=None, address="东长路91弄8号101室", household="h1", phone=None):
    return dict(zip(FIELDS, (id, name, sex, birth, number, address, household, phone), strict=True))


def number(body):
    return body + check_character(body)


def test_a_person_is_found_by_number_and_name(crowd):
    left = [person("a", "周小燕", "2", "19800203", number("31019919800203122"))]
    right = [person("b", "周小燕", "女", "1980年2月3日", number("31019919800203122") + " ", household="z")]
    assert linked(crowd, left, right) == {("a", "b"): "linked"}


def test_a_number_alone_never_links(crowd):
    left = [person("a", "周小燕", "2", "19800203", number("31019919800203122"))]
    right = [person("b", "吴大宝", "1", "19580917", number("31019919800203122"), "西海街5弄1号202室", "z")]
    assert "linked" not in linked(crowd, left, right).values()


def test_twins_are_told_apart_also_when_one_is_missing(crowd):
    twins = [
        person("a1", "周明东", "1", "20100506", number("31019920100506111")),
        person("a2", "周明西", "1", "20100506", number("31019920100506113")),
    ]
    same = [dict(t, id=t["id"].replace("a", "b"), household="z") for t in twins]
    assert linked(crowd, twins, same) == {("a1", "b1"): "linked", ("a2", "b2"): "linked"}
    assert "linked" not in linked(crowd, twins[:1], same[1:]).values()
