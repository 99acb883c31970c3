"""The parts of the kernel by themselves: who meets, who rivals whom, what is stated of the whole."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renpu.linkage import candidates, linking, quality, rivals
from renpu.linkage.fields import prepare, standard


def among(*pairs, records=(1000, 1000), says=None):
    """Probabilities of (l, r, odds) among so many records; `says`: rows of both files that say less than others."""
    frame = pl.DataFrame(pairs, schema={"l": pl.UInt32, "r": pl.UInt32, "odds": pl.Float64}, orient="row")
    left, right = (
        pl.DataFrame({side: pl.int_range(n, dtype=pl.UInt32, eager=True)}).with_columns(
            says=pl.col(side).is_in(list(says or ())).cast(pl.UInt8)
        )
        for side, n in zip("lr", records, strict=True)
    )
    told = rivals.among(frame, (left, right))
    return {(a, b): (p, chosen) for a, b, p, chosen in told.select("l", "r", "probability", "chosen").iter_rows()}


def test_two_weak_candidates_share_one_person():
    told = among((1, 1, 4.0), (1, 2, 4.0))
    assert told[1, 1][0] == pytest.approx(told[1, 2][0])
    assert told[1, 1][0] < 0.6 < among((1, 1, 4.0))[1, 1][0]


def test_two_strong_candidates_are_one_person_twice():
    told = among((1, 1, 1e6), (1, 2, 1e5))
    assert min(p for p, _ in told.values()) > 0.99
    assert [pair for pair, (_, chosen) in told.items() if chosen] == [(1, 1)]


def test_a_row_that_is_somebody_elses_is_no_rival():
    rival = among((1, 1, 20.0), (1, 2, 60.0))
    taken = among((1, 1, 20.0), (1, 2, 60.0), (2, 2, 1e9))
    assert rival[1, 1][0] < 0.5
    assert taken[1, 1][0] > 0.9


def test_the_last_two_of_a_hundred_are_likelier_a_pair_than_any_two():
    others = [(n, n, 1e6) for n in range(98)]
    assert among((99, 99, 0.5), records=(1000, 1000))[99, 99][0] < 0.4
    assert among(*others, (99, 99, 0.5), records=(100, 100))[99, 99][0] > 0.9


def test_who_has_no_partner_is_learned_by_what_records_say():
    silent = range(400)  # left for what they do not say, and nearly all have a partner
    others = [(n, n, 1e6) for n in silent[:-20]]
    pair = (999, 999, 0.3)  # says everything, was left all the same, and so have most nobody
    alike = among(*others, pair)[999, 999][0]
    apart = among(*others, pair, says=silent)[999, 999][0]
    assert apart < alike
    shy = (399, 399, 0.3)
    assert among(*others, shy, says=silent)[399, 399][0] > 0.9 > among(*others, shy)[399, 399][0]


def test_each_record_is_chosen_once_the_best_first():
    told = among((1, 1, 50.0), (1, 2, 40.0), (2, 1, 45.0), (2, 2, 1.0))
    assert {pair for pair, (_, chosen) in told.items() if chosen} == {(1, 1), (2, 2)}


KEYS = st.lists(st.one_of(st.none(), st.integers(0, 6)), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(KEYS, KEYS)
def test_all_who_agree_in_a_key_meet_while_there_is_room(left, right):
    sides = [pl.Series(side, dtype=pl.UInt64) for side in (left, right)]
    rows = tuple(pl.int_range(0, len(side), dtype=pl.UInt32, eager=True) for side in sides)
    met = candidates.meeting([("name", sides[0])], [("name", sides[1])], rows, 10_000)
    agree = {(i, j) for i, a in enumerate(left) for j, b in enumerate(right) if a is not None and a == b}
    assert set(met.iter_rows()) == agree
    own = candidates.meeting([("name", sides[0])], [("name", sides[0])], (rows[0], rows[0]), 10_000, within=True)
    assert set(own.iter_rows()) == {
        (i, j) for i, a in enumerate(left) for j, b in enumerate(left) if i < j and a is not None and a == b
    }


def test_what_is_too_common_in_one_key_meets_in_two():
    n = 400
    name = pl.Series([1] * n, dtype=pl.UInt64)
    day = pl.Series([i // 8 for i in range(n)], dtype=pl.UInt64)
    rows = pl.int_range(0, n, dtype=pl.UInt32, eager=True)
    keys = [("name", name), ("birth", day)]
    assert candidates.meeting(keys[:1], keys[:1], (rows, rows), 1000).is_empty()
    met = candidates.meeting(keys, keys, (rows, rows), 3000)
    assert set(met.iter_rows()) <= {(i, j) for i in range(n) for j in range(n) if i // 8 == j // 8}


def test_where_nothing_is_expected_to_be_wrong_three_may_be():
    told = quality.stated(linked=1000, wrong=0.0, missed=0.0, unmet=0.0)
    assert told.precision == quality.Estimate(1.0, 0.997, 1.0)
    assert told.recall == quality.Estimate(1.0, 0.997, 1.0)


def test_more_errors_make_a_wider_interval_around_a_lower_share():
    few, many = quality.stated(1000, 2.0, 5.0, 1.0), quality.stated(1000, 20.0, 50.0, 1.0)
    assert many.precision.low < many.precision.value == 0.98 < many.precision.high < few.precision.high
    assert many.recall.low < many.recall.value < many.recall.high < few.recall.high
    assert quality.stated(0, 0.0, 0.0, 0.0).precision.value == 1.0


def test_pairs_seen_once_and_twice_tell_of_those_never_seen():
    assert quality.chao(once=20, twice=9) == pytest.approx(19.0)
    assert quality.chao(once=0, twice=9) == 0.0


def seen(*combinations):
    """(agree in a, in b, in c, how many)."""
    frame = pl.DataFrame(combinations, schema=["a", "b", "c", "n"], orient="row")
    return quality.never_met(frame.drop("n"), frame["n"])


def test_who_agrees_in_one_field_or_none_is_missed_by_as_many_as_independent_faults_would_make():
    met = [(True, True, True, 729.0), (True, True, False, 81.0), (True, False, True, 81.0), (False, True, True, 81.0)]
    assert seen(*met) == pytest.approx(21, abs=3), "28 of 1,000, and those who met make faults look rarer than they are"
    lonely = [(True, False, False, 9.0), (False, True, False, 9.0), (False, False, True, 9.0)]
    assert seen(*met, *lonely) < 2, "they met"
    assert quality.never_met(pl.DataFrame({"a": [True]}), pl.Series([5.0])) == 0


def test_faults_that_come_together_are_counted_by_those_seen_once():
    met = [(True, True, True, 900.0), (True, True, False, 9.0), (True, False, False, 30.0)]
    assert seen(*met) == pytest.approx(quality.chao(30, 9))


def test_a_name_says_the_sex_as_far_as_it_does_in_the_file():
    people = [("王伟", "1"), ("王芳", "2")] * 60 + [("王平", "1"), ("王平", "2")] * 60
    file = pl.DataFrame([(str(n), *one) for n, one in enumerate(people)], schema=["id", "name", "sex"], orient="row")
    columns = {c.name: c for c in prepare(file, file, standard(file.columns, file.columns), (None, None))}
    ((name, code, by_level),) = linking._Run(columns, within=False)._tied()
    assert (name, code, by_level[-1]) == ("name", "sex", 1.0)
    assert 1.2 < by_level[1] < 1.7, "half of the namesakes bear a name of one sex"
    assert by_level[0] < 0.8
