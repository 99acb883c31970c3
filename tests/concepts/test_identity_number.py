"""Identity numbers as offices write them. All numbers are of the county ..0199.., which was never assigned."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renpu.concepts import identity_number
from renpu.concepts.identity_number import CHECK_CHARACTERS, check_character, check_expr, read, same

GOOD = "310199195912080473"
WITH_X = "31019919510203001X"


@st.composite
def numbers(draw):
    body = f"310199{draw(st.dates(date(1880, 1, 1), date(2020, 10, 31))):%Y%m%d}{draw(st.integers(0, 999)):03}"
    return body + check_character(body)


@pytest.mark.parametrize(
    "written",
    [
        f" {GOOD} ", f"'{GOOD}", f"’{GOOD}", "310199 19591208 0473", "３１０１９９１９５９１２０８０４７３",
        f"\ufeff{GOOD}\u200b", f"{GOOD}\t", f"{GOOD[:6]}\u3000{GOOD[6:]}",
    ],
)  # fmt: skip
def test_width_spaces_and_apostrophes_are_ways_to_write_the_same_number(written):
    found = read(written)
    assert (found.value, found.notes, found.problems) == (GOOD, ("tidied",), ())


@pytest.mark.parametrize("written", [WITH_X.lower(), WITH_X[:-1] + "Ｘ", WITH_X[:-1] + "ｘ"])
def test_a_small_or_wide_x_is_x(written):
    assert read(written).value == WITH_X


def test_a_clean_number_has_nothing_to_tell():
    found = read(GOOD)
    assert (found.notes, found.problems, found.birth, found.sex) == ((), (), date(1959, 12, 8), 1)
    assert found.county == "310199"


@pytest.mark.parametrize(
    ("written", "problems"),
    [
        (GOOD[:-1] + "4", ("check_wrong",)),
        ("310199195902300473", ("birth_impossible", "check_wrong")),
        ("310199591208047", ("15_digits",)),
        ("310199591308047", ("15_digits", "birth_impossible")),
        (GOOD[:-1], ("unreadable",)),
        (GOOD + "1", ("unreadable",)),
        ("3101991959120804七三", ("unreadable",)),
        ("X" + GOOD[1:], ("unreadable",)),
        ("无", ("unreadable",)),
        ("", ("unreadable",)),
        ("3.10199E+17", ("rounded",)),
        ("3.10199195912080e+17", ("rounded",)),
        ("310199198801010000", ("rounded",)),
    ],
)
def test_what_is_wrong_is_told_and_never_repaired(written, problems):
    found = read(written)
    assert found.problems == problems
    assert found.value is None
    assert not found.valid
    assert found.number == written.upper()


def test_birth_and_sex_stand_in_the_number_even_if_a_digit_is_wrong():
    found = read(GOOD[:-1] + "4")
    assert (found.birth, found.sex) == (date(1959, 12, 8), 1)
    assert (read("310199591208048").birth, read("310199591208048").sex) == (date(1959, 12, 8), 2)


def test_an_invented_number_is_told_from_a_real_one_and_not_refused():
    assert read(GOOD).is_test
    assert read(GOOD).valid
    assert not read("81000019900101001" + check_character("81000019900101001")).is_test


@pytest.mark.parametrize("county", ["810000", "820000", "830000"])
def test_residence_permits_of_hong_kong_macao_and_taiwan_are_numbers_too(county):
    body = f"{county}19900101001"
    found = read(body + check_character(body))
    assert found.valid
    assert found.is_hmt


def test_the_check_character_is_that_of_the_standard():
    # by hand: 3*7 + 1*9 + 0*10 + 1*5 + 9*8 + 9*4 + 1*2 + 9*1 + 5*6 + 9*3 + 1*7 + 2*9 + 0*10 + 8*5 + 0*8 + 4*4 + 7*2
    # is 306, which leaves 9 when divided by 11
    assert check_character(GOOD[:17]) == CHECK_CHARACTERS[9] == "3"


@given(numbers())
def test_of_eleven_characters_one_fits(number):
    assert [c for c in CHECK_CHARACTERS if read(number[:17] + c).valid] == [number[17]]


@given(numbers(), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(number, place, step):
    wrong = str((int(number[place]) + step) % 10)
    assert not read(number[:place] + wrong + number[place + 1 :]).valid


def test_the_old_number_of_a_person_compares_equal_to_the_new_one():
    assert same("310199591208047") == same(f" {GOOD}") == GOOD
    assert same("310199591208997") == "310199591208997"  # born in the 19th century: which year is not known


@given(
    st.lists(
        st.one_of(
            st.none(),
            numbers(),
            st.text(" '0123456789Xx０Ｘ.E+\u3000\ufeff\t", max_size=20),
            st.builds(
                lambda number, place, character: number[:place] + character + number[place + 1 :],
                numbers(),
                st.integers(0, 17),
                st.sampled_from(" 'Xx0129９ 　字"),
            ),
            st.builds(lambda number, before: f"{before}{number} ", numbers(), st.sampled_from(" '’")),
        ),
        max_size=20,
    )
)
def test_a_column_is_judged_like_each_of_its_numbers(column):
    frame = pl.DataFrame({"number": pl.Series(column, dtype=pl.String)})
    judged = frame.select(check_expr("number")).to_series().to_list()
    assert judged == [None if number is None else read(number).valid for number in column]


def test_every_problem_is_explained():
    for code in ("unreadable", "rounded", "15_digits", "birth_impossible", "check_wrong"):
        assert f"    {code} " in identity_number.__doc__
