"""Reasons in words."""

import pytest
from django.utils import translation

from renpu.linkage import wording
from renpu.linkage.agreement import LEVELS
from renpu.linkage.fields import STANDARD
from renpu.linkage.settle import PASSES


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        (
            "name=sound birth=same address=differ weight=3.2",
            "姓名同音，出生日期相同，地址不同",
            "name sounds alike, birth date the same, address different",
        ),
        ("pass=id_number+name~+birth", "证件号码相同，姓名相近，出生日期相同", None),
        ("name=same weight=12.1 double", "姓名相同，该人的另一条记录已对上", None),
        ("shoe=same name=same", "shoe=same，姓名相同", None),
    ],
)
def test_a_reason_reads_as_a_clerk_would_say_it(reason, zh, en):
    with translation.override("zh-hans"):
        assert wording.sentence(reason) == zh
    if en:
        with translation.override("en"):
            assert wording.sentence(reason) == en


def test_every_level_of_every_kind_has_words():
    for kind, levels in LEVELS.items():
        for level in levels:
            assert (kind, level) in wording.agreements(), f"{kind} {level}: add it to agreement_words.csv"


def test_every_standard_field_and_pass_has_a_name():
    assert set(STANDARD) <= set(wording.FIELDS)
    assert all(wording.FIELDS[field][0] == kind for field, kind in STANDARD.items())
    for one in PASSES:
        assert all(key.rstrip("~") in wording.FIELDS for key in one.split("+"))
