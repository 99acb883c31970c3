"""D7 and D8 seen from two blocks."""

import pytest

from renpu.concepts.codes import code_list
from renpu.concepts.relative_place import hukou_place, residence_place

HERE = "310199001001001"


@pytest.mark.parametrize(("there", "d7", "d8"), [
    ("310199001001001", 1, 1),
    ("310199001001002", 2, 1),
    ("310199001002001", 3, 2),
    ("310199002001001", 4, 3),
    ("310115001001001", 5, 4),
    ("510199001001001", 5, 4),
    ("310115", 5, 4),
    ("310199002", 4, 3),
    ("310199001002", 3, 2),
    ("310199001001", None, 1),
    ("310199", None, None),
    ("", None, None),
])  # fmt: skip
def test_the_first_level_that_both_share_decides(there, d7, d8):
    assert residence_place(HERE, there) == d7
    assert hukou_place(HERE, there) == d8


def test_the_codes_are_those_of_the_form():
    assert [code_list("residence_place")[str(n)].zh[:2] for n in (1, 2, 3, 4, 5)] == [
        "本普",
        "本村",
        "本乡",
        "本县",
        "其他",
    ]
    assert [code_list("hukou_place")[str(n)].zh[:2] for n in (1, 2, 3, 4)] == ["本村", "本乡", "本县", "其他"]
