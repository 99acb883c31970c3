"""What is typed into one box."""

import polars as pl
import pytest

from renpu.linkage.index import Index, search
from renpu.linkage.typed import Digits, Query, fields, read

BLOCK = "310199001001001"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("张伟", Query(name="张伟")),
        ("张 伟", Query(name="张伟")),
        ("张伟 1959", Query(name="张伟", digits=(Digits("1959"),))),
        ("张伟 1959年", Query(name="张伟", birth="1959")),
        ("张伟 男 1959-12-08", Query(name="张伟", sex=1, birth="19591208")),
        ("1959年12月", Query(birth="195912")),
        ("８０４７", Query(digits=(Digits("8047"),))),
        ("31019919591208047x", Query(digits=(Digits("31019919591208047X", "identity"),))),
        ("310199*8047", Query(digits=(Digits("310199*8047", "identity"),))),
        ("310199591208047", Query(digits=(Digits("310199195912080473", "identity"),))),
        ("12554757042", Query(digits=(Digits("12554757042"),))),
        ("买买提·艾力", Query(name="买买提·艾力")),
        ("maria lopez", Query(name="MARIA LOPEZ")),
        ("王建国，长阳路105弄3号", Query(name="王建国", address="长阳路105弄3号")),
        ("长阳路 105 3", Query(address="长阳路 105 3")),
        ("12", Query(unused=("12",))),
        ("", Query()),
        ("  ,, ", Query()),
    ],
)
def test_each_token_is_what_it_looks_like(text, query):
    assert read(text) == query


def test_nothing_to_look_for_is_false():
    assert not read("12 男")
    assert read("张")


def test_fields_say_themselves_what_they_are():
    asked = fields(name="张伟", birth="1959年12月8日", id_number="…8047", phone="125-5475-7042", address="长阳路")
    digits = (Digits("8047", "identity"), Digits("12554757042", "phone"))
    assert asked == Query("张伟", None, "19591208", digits, "长阳路")
    assert fields(id_number="12").unused == ("12",)
    assert fields(id_number="1X34", phone="1" * 16).unused == ("1X34", "1" * 16)


@pytest.mark.parametrize("length", [*range(1, 25), 60, 200])
def test_a_number_of_any_length_is_looked_for_or_left_out(length):
    people = {"area_code": [BLOCK], "name": ["张伟"], "sex": ["1"], "birth": ["1959-12-08"]}
    people |= {"id_number": ["310199195912080473"], "phone": ["12554757042"], "address": ["长阳路105弄"]}
    among = [(Index(pl.DataFrame(people)), None)]
    digits = "1" * length
    for query in (
        read(digits),
        read(digits + "*"),
        read("*" + digits),
        read(digits + "X"),
        fields(id_number=digits),
        fields(phone=digits),
        fields(id_number="X" * length),
        fields(id_number=digits + "*" + digits),
    ):
        search(among, query)
        assert query.digits or query.unused or query.birth


@pytest.mark.parametrize("text", ["*", "??", "X", "x" * 300, "1959-13-45", "\x00", "·", "-", "'"])
def test_odd_things_are_read_without_a_fault(text):
    read(text)
