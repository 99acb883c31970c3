"""Months, electricity and numbers of persons as lists state them.

read_kwh    35, "35度", "1,024 kWh", "估35": kWh of one month; what is no number is told, never taken for zero
read_count  3, "3人", "三口": persons
read_month  202005, "2020年5月", 2020-05-01: a month as 2020-05
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

FIRST_YEAR, LAST_YEAR = 1990, 2099
MOST_PERSONS = 9999
MOST_KWH = 1_000_000  # in a month; no dwelling uses as much, a spoilt cell may say so

_DIGITS = {d: i for i, d in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_NUMERAL = "〇零一二三四五六七八九十"
_MONTH = r"(?P<month>0?[1-9]|1[0-2]|十[一二]?|[一二三四五六七八九])"
_USE = r"(?:份?(?:的?(?:居民)?(?:总?用电量|电量|用电|电度|度数|示数差)|kwh)?)"
_WITH_YEAR = re.compile(
    rf"(?:(?P<year>(?:19|20)\d\d)(?:年|[-/.])|(?P<short>\d\d)年){_MONTH}(?:月|(?:[-/.]?01)(?:0000)?)?{_USE}"
)
_PACKED = re.compile(rf"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?:01)?{_USE}")
_MAYBE_OCTOBER = re.compile(r"\d{4}\.1")  # a cell that was taken for a quantity
_WITHOUT_YEAR = re.compile(rf"{_MONTH}月{_USE}")
_YEAR = re.compile(r"((?:19|20)\d\d)年?度?(?:用电量?|电量)?")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_TIME = re.compile(r"[ t]\d{1,2}:\d\d(:\d\d)?$")

_NONE = re.compile(r"[-—–/\\]+|无|无数据|未抄|未抄表|null|none|n/a", re.IGNORECASE)
_ESTIMATED = re.compile(r"估抄|估算|估计|预估|估值|估")
_KWH = re.compile(
    r"(?P<sign>[-−–]?)(?P<number>\d+|\d{1,3}(?:,\d{3})+)(?P<fraction>\.\d+)?(?:度|千瓦时|千瓦·时|kwh|kw·h|kw\.h)?",
    re.IGNORECASE,
)
_COUNT = re.compile(rf"(?P<number>\d+|[{_NUMERAL}两]+)(?:\.0+)?[人口名个位]?")


@dataclass(frozen=True, slots=True)
class MonthTitle:
    """The month that a header names; without a year where the header gives none."""

    year: int | None
    month: int

    def iso(self, on: date) -> str:
        """2020-05; without a year the latest such month that had begun by `on`."""
        year = self.year or (on.year if self.month <= on.month else on.year - 1)
        return f"{year}-{self.month:02d}"


@dataclass(frozen=True, slots=True)
class Kwh:
    """What was read: `value` in kWh, None where there is no reading or none could be read.

    `notes` may hold `estimated` and `none`; `problems` `negative` (kept: a correction), `unreadable`, `improbable`."""

    value: float | None
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def month_title(text: str) -> MonthTitle | None:
    """The month a header names (202005, 2020年5月, 5月用电量), or None."""
    plain = _plain(text)
    if _MAYBE_OCTOBER.fullmatch(plain):
        return None
    if found := _PACKED.fullmatch(plain) or _WITH_YEAR.fullmatch(plain):
        parts = found.groupdict()
        year = int(parts["year"]) if parts["year"] else 2000 + int(parts["short"])
        return MonthTitle(year, _number(parts["month"])) if FIRST_YEAR <= year <= LAST_YEAR else None
    if found := _WITHOUT_YEAR.fullmatch(plain):
        return MonthTitle(None, _number(found["month"]))
    return None


def year_title(text: str) -> int | None:
    """The year that stands over columns of months (2020年), or None."""
    found = _YEAR.fullmatch(_plain(text))
    return int(found[1]) if found and "年" in text else None


def month_within(text: str) -> str:
    """The month that a title or the name of a sheet mentions (北外滩2020年5月用电), as 2020-05; empty without one."""
    found = re.search(r"((?:19|20)\d\d)\s*[年.-]\s*(1[0-2]|0?[1-9])(?!\d)", unicodedata.normalize("NFKC", text))
    return f"{found[1]}-{int(found[2]):02d}" if found else ""


def read_month(text: str) -> str:
    """The month that a cell states as 2020-05; empty where it states none with its year."""
    month = month_title(text)
    return f"{month.year}-{month.month:02d}" if month and month.year else ""


def read_kwh(text: str) -> Kwh:
    """The electricity that a cell states. An empty cell is no reading."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).lstrip("'")
    if not plain:
        return Kwh(None)
    if _NONE.fullmatch(plain):
        return Kwh(None, ("none",))
    without = _ESTIMATED.sub("", plain)
    notes = ("estimated",) if without != plain else ()
    found = _KWH.fullmatch(without.replace("()", "").strip(":*"))
    if not found:
        return Kwh(None, notes, ("unreadable",))
    value = float(found["number"].replace(",", "") + (found["fraction"] or ""))
    if value > MOST_KWH:
        return Kwh(None, notes, ("improbable",))
    return Kwh(-value, notes, ("negative",)) if found["sign"] and value else Kwh(value, notes)


def read_count(text: str) -> int | None:
    """The number of persons that a cell states; None where it states none that can be read."""
    found = _COUNT.fullmatch("".join(unicodedata.normalize("NFKC", text).split()))
    if not found:
        return None
    try:
        number = _number(found["number"])
    except ValueError:
        return None
    return number if number <= MOST_PERSONS else None


def _plain(text: str) -> str:
    """A header without layout and brackets; a time of midnight, as a cell of a date has it, is taken off."""
    normal = _TIME.sub("", unicodedata.normalize("NFKC", text).casefold().strip())
    return "".join(_BRACKETS.sub("", normal).split()).strip("*:")


def _number(text: str) -> int:
    """12, 十二 or 二十三 as a number. Raises ValueError for numerals in no order."""
    if text.isascii():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        if len(ones) != 1:
            raise ValueError(text)
        return _DIGITS[ones]
    if len(tens) > 1 or len(ones) > 1 or "十" in tens + ones:
        raise ValueError(text)
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)
