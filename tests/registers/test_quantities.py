"""Months, electricity and numbers of persons, as lists write them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renpu.registers import quantities
from renpu.registers.quantities import Kwh
from renpu.registers.reading import Reading
from renpu.registers.sources import find


@pytest.mark.parametrize(
    ("title", "month"),
    [
        ("202005", "2020-05"),
        ("2020年5月", "2020-05"),
        ("２０２０年０５月", "2020-05"),
        ("2020-05", "2020-05"),
        ("2020/5", "2020-05"),
        ("2020.11", "2020-11"),
        ("2020-05-01 00:00:00", "2020-05"),
        ("20200501", "2020-05"),
        ("2020年05月用电量(千瓦时)", "2020-05"),
        ("20年5月", "2020-05"),
        ("2020.1", ""),  # perhaps October, in a cell that was taken for a quantity
        ("20205", ""),
        ("202013", ""),
        ("5月", ""),  # no year
        ("2020", ""),
        ("", ""),
    ],
)
def test_a_cell_states_a_month_with_its_year_or_none(title, month):
    assert quantities.read_month(title) == month


@pytest.mark.parametrize(
    ("title", "received", "month"),
    [("5月用电量", "2020-10-08", "2020-05"), ("十月", "2020-10-08", "2020-10"), ("11月份", "2020-10-08", "2019-11")],
)
def test_a_month_without_a_year_is_the_latest_that_had_begun(title, received, month):
    assert quantities.month_title(title).iso(date.fromisoformat(received)) == month


@pytest.mark.parametrize("title", ["近三月用电量", "12", "月份", "5", "合计", "2020年", "13月"])
def test_what_names_no_month_is_no_column_of_a_month(title):
    assert quantities.month_title(title) is None


@pytest.mark.parametrize(
    ("text", "kwh"),
    [
        ("35", Kwh(35.0)),
        ("35度", Kwh(35.0)),
        ("1,024 kWh", Kwh(1024.0)),
        ("１２．５千瓦时", Kwh(12.5)),
        ("0", Kwh(0.0)),
        ("", Kwh(None)),
        ("—", Kwh(None, ("none",))),
        ("未抄表", Kwh(None, ("none",))),
        ("估30", Kwh(30.0, ("estimated",))),
        ("3*估抄", Kwh(3.0, ("estimated",))),
        ("-24", Kwh(-24.0, (), ("negative",))),
        ("1,02", Kwh(None, (), ("unreadable",))),
        ("12.5万", Kwh(None, (), ("unreadable",))),
        ("O", Kwh(None, (), ("unreadable",))),
        ("七度", Kwh(None, (), ("unreadable",))),
        ("1200000", Kwh(None, (), ("improbable",))),
    ],
)
def test_a_cell_states_electricity_or_says_why_not(text, kwh):
    assert quantities.read_kwh(text) == kwh


@pytest.mark.parametrize(
    ("text", "persons"),
    [("3", 3), ("3人", 3), ("３", 3), ("三口", 3), ("两人", 2), ("十二人", 12), ("二十人", 20), ("0", 0), ("4.0", 4)],
)
def test_a_number_of_persons_is_read_in_digits_and_words(text, persons):
    assert quantities.read_count(text) == persons


@pytest.mark.parametrize("text", ["", "约3人", "2-3", "-1", "3+1", "二三", "99999", "十十", "若干"])
def test_what_is_no_number_of_persons_is_not_taken_for_one(text):
    assert quantities.read_count(text) is None


METERS = st.dictionaries(
    st.integers(1, 400),
    st.dictionaries(st.sampled_from(range(1, 11)), st.integers(0, 2000), min_size=1, max_size=10),
    min_size=1,
    max_size=12,
)


def meters_of(path) -> dict[str, dict[str, float]]:
    reading = Reading(path, find("electricity"), date(2020, 11, 8))
    rows = [row for rows in reading.slices() for row in rows]
    assert len({row.household_no for row in rows}) == len(rows) == reading.read
    return {row.household_no: row.kwh for row in rows}


@settings(max_examples=40, deadline=None)
@given(METERS, st.randoms())
def test_wide_and_long_lists_say_the_same_in_any_order_of_lines(tmp_path_factory, meters, chance):
    folder = tmp_path_factory.mktemp("meters")
    months = sorted({month for of in meters.values() for month in of})
    wide = ["户号,户名,用电地址," + ",".join(f"2020{month:02d}" for month in months)]
    for meter, of in meters.items():
        wide.append(f"{meter:04d},户,唐山路{meter}号," + ",".join(str(of.get(month, "")) for month in months))
    lines = [f"{m:04d},户,唐山路{m}号,2020年{month}月,{kwh}度" for m, of in meters.items() for month, kwh in of.items()]
    chance.shuffle(lines)
    (folder / "wide.csv").write_text("\n".join(wide) + "\n", encoding="gb18030")
    (folder / "long.csv").write_text("\n".join(["户号,户名,用电地址,年月,用电量", *lines]) + "\n", encoding="utf-16")
    expected = {f"{m:04d}": {f"2020-{month:02d}": float(kwh) for month, kwh in of.items()} for m, of in meters.items()}
    assert meters_of(folder / "wide.csv") == meters_of(folder / "long.csv") == expected
