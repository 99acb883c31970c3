"""Dates of birth as people and offices write them, read as an ISO date (1959-12-08) or a year and month (1959-12).

What can be meant in two ways is told as a problem and never guessed. A date of the Chinese calendar (农历, 阴历,
旧历, or told by its words: 初九, 腊月) is turned into the Gregorian one, with a note, where day and month are given.

    lunar                    note: the date was a lunar one
    lunar_leap_month_unsaid  note: that year had the month twice; the first was taken, as is the custom
    serial                   note: the cell held a spreadsheet's number of days

    unreadable               no date
    two_digit_year           the century is not given
    month_missing            nothing but a year
    ambiguous                8/12/1959; 1959.1, which may have been 1959.10; 十一月廿三 without 日, of either calendar
    not_in_calendar          the year has no such month or day
    lunar_day_missing        a lunar month lies in two Gregorian ones
    lunar_out_of_range       before 1900
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from borax.calendars.lunardate import LunarDate  # type: ignore[import-untyped]

FIRST_YEAR, LAST_YEAR = 1800, 2100
LUNAR_FIRST_YEAR, LUNAR_LAST_YEAR = 1900, 2100  # what borax holds

_DIGITS = {**{d: i for i, d in enumerate("〇一二三四五六七八九")}, "○": 0, "零": 0}
_NUMERAL = "〇○零一二三四五六七八九十廿卅"
_LUNAR_MARK = re.compile(r"[(\[]?(?:农历|阴历|旧历|夏历)[)\]]?")
_GREGORIAN_MARK = re.compile(r"[(\[]?(?:公历|阳历|新历|西历|公元)[)\]]?")
_LUNAR_WORDS = re.compile(r"初[一二三四五六七八九十\d]|正月|冬月|腊月|闰")
_NAMED_MONTHS = {"正": 1, "冬": 11, "腊": 12}
_WRITTEN = re.compile(
    rf"(?P<year>\d+|[{_NUMERAL}]+)年(?:(?P<leap>闰)?(?P<month>\d{{1,2}}|[{_NUMERAL}]{{1,3}}|[正冬腊])月"
    rf"(?:(?P<day>初?(?:\d{{1,2}}|[{_NUMERAL}]{{1,3}}))(?P<suffix>[日号]?))?)?(?:出?生)?"
)
_SEPARATED = re.compile(r"(?P<year>\d+)(?P<by>[-/.])(?P<month>\d{1,2})(?:(?P=by)(?P<day>\d{1,2}))?")
_DAY_FIRST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
_TIME = re.compile(r"[ T]+\d{1,2}:\d\d(:\d\d(\.\d+)?)?$")
_SERIAL_ZERO = datetime(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Birth:
    """What was read: `value` is an ISO date, a year and month, or empty where there is a problem."""

    value: str
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def read(stated: str | int | float | date) -> Birth:
    """The date of birth in a text or a cell. A number of at most five digits in a cell is a spreadsheet's serial;
    the same
    digits in a text are not."""
    if isinstance(stated, date):
        return Birth((stated.date() if isinstance(stated, datetime) else stated).isoformat())
    if isinstance(stated, str):
        return _text(stated)
    if isinstance(stated, float) and not stated.is_integer():
        return _problem("ambiguous" if FIRST_YEAR <= stated <= LAST_YEAR else "unreadable")
    if not 0 < stated < 100_000:
        return _text(str(int(stated)))
    if FIRST_YEAR <= stated <= LAST_YEAR:
        return _problem("month_missing")
    if stated <= 60:  # before March 1900 a serial counts a day that never was
        return _problem("unreadable")
    return Birth((_SERIAL_ZERO + timedelta(days=int(stated))).date().isoformat(), ("serial",))


def age_at(t0: date, year: int, month: int) -> int:
    """Completed years of somebody born in a year and month, at `t0`, the first day of a month; negative for the unborn.

    Who was born in the month of `t0` has not had the birthday yet. Source: the short form of 2020, whose filters by age
    are printed as birth dates."""
    return t0.year - year - (month >= t0.month)


@lru_cache(maxsize=65536)
def _text(stated: str) -> Birth:
    text = unicodedata.normalize("NFKC", stated).strip().lstrip("'")
    text, gregorian_marks = _GREGORIAN_MARK.subn("", text)
    text, lunar_marks = _LUNAR_MARK.subn("", text)
    text = _TIME.sub("", text.strip())
    text = re.sub(r"\s+", "", text)
    lunar = bool(lunar_marks or _LUNAR_WORDS.search(text))
    if lunar and gregorian_marks:
        return _problem("ambiguous")
    if text.isascii() and text.isdigit():
        return _packed(text, lunar)
    if parts := _SEPARATED.fullmatch(text):
        if len(parts["year"]) == 4 and not parts["day"] and parts["by"] == "." and parts["month"] == "1":
            return _problem("ambiguous")
        return _date(parts["year"], parts["month"], parts["day"], lunar)
    if _DAY_FIRST.fullmatch(text):
        return _problem("ambiguous")
    if parts := _WRITTEN.fullmatch(text):
        if not parts["month"]:
            return _problem("month_missing" if len(parts["year"]) == 4 else "two_digit_year")
        if not (lunar or gregorian_marks or parts["suffix"]) and parts["day"] and not parts["day"].isascii():
            return _problem("ambiguous")  # 十一月廿三: so a day of the Chinese calendar is called, too
        return _date(parts["year"], parts["month"], parts["day"], lunar, leap=bool(parts["leap"]))
    return _problem("unreadable")


def _packed(digits: str, lunar: bool) -> Birth:
    """19591208, 195912; 591208 has no century."""
    if len(digits) == 8:
        return _date(digits[:4], digits[4:6], digits[6:], lunar)
    if len(digits) == 6:
        if FIRST_YEAR <= int(digits[:4]) <= LAST_YEAR and 1 <= int(digits[4:]) <= 12:
            return _date(digits[:4], digits[4:], None, lunar)
        return _problem("two_digit_year")
    if len(digits) == 4 and FIRST_YEAR <= int(digits) <= LAST_YEAR:
        return _problem("month_missing")
    return _problem("unreadable")


def _date(year_text: str, month_text: str, day_text: str | None, lunar: bool, leap: bool = False) -> Birth:
    if len(year_text) != 4:
        return _problem("two_digit_year" if len(year_text) == 2 else "unreadable")
    year = _number(year_text, spoken=False)
    month = _NAMED_MONTHS.get(month_text) or _number(month_text)
    day = _number(day_text.removeprefix("初")) if day_text else None
    if year is None or month is None or (day_text and day is None):
        return _problem("unreadable")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return _problem("not_in_calendar")
    if lunar:
        return _lunar(year, month, day, leap)
    try:
        whole = date(year, month, day or 1).isoformat()
    except ValueError:
        return _problem("not_in_calendar")
    return Birth(whole if day is not None else whole[:7]) if day != 0 else _problem("not_in_calendar")


def _lunar(year: int, month: int, day: int | None, leap: bool) -> Birth:
    if not LUNAR_FIRST_YEAR <= year <= LUNAR_LAST_YEAR:
        return _problem("lunar_out_of_range")
    if day is None:
        return _problem("lunar_day_missing")
    try:
        found = LunarDate(year, month, day, int(leap)).to_solar_date()
    except ValueError:
        return _problem("not_in_calendar")
    notes: tuple[str, ...] = ("lunar",)
    if not leap and _has_leap(year, month):
        notes = ("lunar", "lunar_leap_month_unsaid")
    return Birth(found.isoformat(), notes)


def _has_leap(year: int, month: int) -> bool:
    try:
        LunarDate(year, month, 1, 1)
    except ValueError:
        return False
    return True


def _number(text: str, spoken: bool = True) -> int | None:
    """A number in digits or Chinese numerals, digit by digit (一九五九) or spoken (二十九, 廿九); None where it is
    neither."""
    if text.isascii():
        return int(text)
    if not spoken or not re.search("[十廿卅]", text):
        digits = [_DIGITS.get(character) for character in text]
        return None if None in digits else int("".join(map(str, digits)))
    text = text.replace("廿", "二十").replace("卅", "三十")
    tens, _, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return None
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)


def _problem(code: str) -> Birth:
    return Birth("", (), (code,))
