"""Dates of birth as people and offices write them: what is certain is read, the rest is told."""

from datetime import date, datetime

import pytest
from borax.calendars.lunardate import LunarDate
from hypothesis import given
from hypothesis import strategies as st

from renpu.concepts import dates
from renpu.concepts.dates import age_at, read

DAYS = st.dates(date(1880, 1, 1), date(2020, 10, 31))
NUMERALS = "〇一二三四五六七八九"


def chinese(number):
    """1-31 as spoken: 十, 二十九."""
    tens, ones = divmod(number, 10)
    return f"{NUMERALS[tens] if tens > 1 else ''}{'十' if tens else ''}{NUMERALS[ones] if ones else ''}"


def digit_by_digit(number):
    return "".join(NUMERALS[int(digit)] for digit in str(number))


@given(DAYS)
def test_all_writings_of_a_day_read_alike(day):
    y, m, d = day.year, day.month, day.day
    written = (
        f"{day:%Y%m%d}", f"{y}-{m:02}-{d:02}", f"{y}/{m}/{d}", f"{y}.{m}.{d}", f"{y}年{m}月{d}日",
        f" {y} 年 {m} 月 {d} 日", f"公历{y}年{m}月{d}日", f"{day.isoformat()} 00:00:00",
        f"{digit_by_digit(y)}年{chinese(m)}月{chinese(d)}日",
        f"{day:%Y%m%d}".translate({ord("0") + n: ord("０") + n for n in range(10)}),
        int(f"{day:%Y%m%d}"), day, datetime(y, m, d),
    )  # fmt: skip
    assert {read(one).value for one in written} == {day.isoformat()}
    assert {read(one).problems + read(one).notes for one in written} == {()}


@pytest.mark.parametrize(
    "written", ["195912", "1959-12", "1959/12", "1959.12", "1959年12月", "一九五九年十二月", "1959年12月生", 195912]
)
def test_a_day_may_be_unknown(written):
    assert read(written) == dates.Birth("1959-12")


@pytest.mark.parametrize(
    "written", ["二○○一年十月廿一日", "公元二〇〇一年十月廿一", "二零零一年十月二十一日", "二〇〇一年十月二十一号"]
)
def test_zero_and_twenty_have_several_characters(written):
    assert read(written).value == "2001-10-21"


def test_a_number_in_a_cell_may_be_a_spreadsheets_serial_but_not_in_a_text():
    assert read(21892) == read(21892.0) == dates.Birth("1959-12-08", ("serial",))
    assert read("21892").problems == ("unreadable",)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("59.12.8", "two_digit_year"),
        ("591208", "two_digit_year"),
        ("59年12月8日", "two_digit_year"),
        ("1959", "month_missing"),
        (1959, "month_missing"),
        ("1959年", "month_missing"),
        ("8/12/1959", "ambiguous"),
        ("1959.1", "ambiguous"),
        (1959.1, "ambiguous"),
        ("农历1959年11月9日(公历)", "ambiguous"),
        ("公历1959年十一月初九", "ambiguous"),
        ("一九五九年十一月廿三", "ambiguous"),
        ("1959-02-29", "not_in_calendar"),
        ("19590230", "not_in_calendar"),
        ("1959年13月", "not_in_calendar"),
        ("19591200", "not_in_calendar"),
        ("0959-12-08", "not_in_calendar"),
        ("不详", "unreadable"),
        ("", "unreadable"),
        ("1959-12-", "unreadable"),
        ("一九五九年十二月廿十日", "unreadable"),
        (-3, "unreadable"),
        (float("1e300"), "unreadable"),
    ],
)
def test_what_is_not_certain_is_told_and_never_guessed(written, problem):
    assert read(written) == dates.Birth("", (), (problem,))


@pytest.mark.parametrize(
    ("written", "born"),
    [
        ("农历1959年十一月初九", "1959-12-08"),
        ("阴历一九五九年冬月初九", "1959-12-08"),
        ("旧历1959年11月9日", "1959-12-08"),
        ("1959年11月9日(农历)", "1959-12-08"),
        ("农历19591109", "1959-12-08"),
        ("1959年十一月初九", "1959-12-08"),
        ("1959年腊月廿三", "1960-01-21"),
        ("农历1960年正月初一", "1960-01-28"),
        ("农历2020年闰四月初一", "2020-05-23"),
        ("农历1978年八月初一", "1978-09-03"),  # new moon 9 minutes after midnight in Beijing
        ("农历1954年十一月初一", "1954-11-25"),
    ],
)
def test_a_lunar_date_becomes_a_gregorian_one_with_a_note(written, born):
    found = read(written)
    assert (found.value, found.notes, found.problems) == (born, ("lunar",), ())


def test_a_month_that_the_year_had_twice_is_told():
    assert read("农历1976年八月初八") == dates.Birth("1976-09-01", ("lunar", "lunar_leap_month_unsaid"))
    assert read("农历1976年闰八月初八") == dates.Birth("1976-10-01", ("lunar",))


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("农历1959年十一月", "lunar_day_missing"),
        ("农历1899年十一月初九", "lunar_out_of_range"),
        ("农历1975年闰八月初八", "not_in_calendar"),
        ("农历1959年腊月三十一", "not_in_calendar"),
        ("农历59年腊月三十", "two_digit_year"),
    ],
)
def test_a_lunar_date_without_a_day_or_outside_the_calendar_is_told(written, problem):
    assert read(written).problems == (problem,)


@given(st.dates(date(1900, 1, 31), date(2020, 10, 31)))
def test_every_day_has_one_lunar_date_that_leads_back_to_it(day):
    lunar = LunarDate.from_solar(day)
    leap = "闰" if lunar.leap else ""
    assert read(f"农历{lunar.year}年{leap}{chinese(lunar.month)}月{chinese(lunar.day)}").value == day.isoformat()


@given(st.text("0123456789年月日初十闰农历-/. 一二", max_size=16))
def test_any_text_is_read_or_told(text):
    found = read(text)
    assert bool(found.value) != bool(found.problems)


@pytest.mark.parametrize(
    ("year", "month", "age"),
    [(2020, 10, 0), (2019, 11, 0), (2019, 10, 1), (1960, 10, 60), (1960, 11, 59), (2020, 11, -1), (1920, 1, 100)],
)
def test_age_is_in_completed_years_at_the_reference_moment(year, month, age):
    assert age_at(date(2020, 11, 1), year, month) == age


def test_every_note_and_problem_is_explained():
    for code in (
        "lunar", "lunar_leap_month_unsaid", "serial", "unreadable", "two_digit_year", "month_missing", "ambiguous",
        "not_in_calendar", "lunar_day_missing", "lunar_out_of_range",
    ):  # fmt: skip
        assert f"    {code} " in dates.__doc__
