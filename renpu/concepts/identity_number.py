"""Citizen identity number (公民身份号码, GB 11643-1999): read as offices write it, checked, never repaired.

6 digits of the county of first registration (which may be a code no longer in use), 8 of the birth date, 3 of a
sequence (odd male, even female) and a check character by ISO 7064 MOD 11-2. Residence permits of people from Hong Kong,
Macao and Taiwan are numbered alike, under 810000, 820000 and 830000.

Width, spaces, a leading apostrophe and a small x are ways to write the same number. Everything else that is wrong is
told as a problem and the number kept as it was written:

    unreadable        neither 18 nor 15 digits
    rounded           a spreadsheet took it for a quantity; the last digits are lost
    15_digits         a number of the old kind, without century and check character
    birth_impossible  the birth date is no date of the calendar
    check_wrong       the check character does not fit
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
OLDEST_YEAR = 1800
HMT_COUNTIES = ("810000", "820000", "830000")  # Hong Kong, Macao, Taiwan

_SPACES = r"[ \t\r\n\x{200b}\x{200c}\x{200d}\x{2060}\x{feff}]"  # after NFKC, which makes the other spaces plain ones
_APOSTROPHES = r"^['`\x{2018}\x{2019}]+"
_WHOLE = r"^[0-9]{17}[0-9X]$"
_REMOVED = re.compile("[ \t\r\n\u200b\u200c\u200d\u2060\ufeff]")
_LEADING = re.compile("^['`\u2018\u2019]+")
_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN = re.compile(r"[0-9]{15}")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?1[4-7]")
_VALUES = {character: value for value, character in enumerate("0123456789X")}


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """What was read. `number` is the text, its writing tidied; `birth`, `sex` (1 male, 2 female) and `county` are what
    stands in it where that can be read, also when the check character does not fit. `notes` may hold `tidied`."""

    number: str
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    birth: date | None = None
    sex: int | None = None
    county: str = ""

    @property
    def valid(self) -> bool:
        return bool(self.number) and not self.problems

    @property
    def value(self) -> str | None:
        """The number, where nothing is wrong with it."""
        return self.number if self.valid else None

    @property
    def is_test(self) -> bool:
        """Of a county code that was never assigned (..0199..), as invented people have: to be told, not refused."""
        return self.county[2:] == "0199"

    @property
    def is_hmt(self) -> bool:
        """Of a residence permit of people from Hong Kong, Macao or Taiwan."""
        return self.county in HMT_COUNTIES


def check_character(first_17: str) -> str:
    """The check character that belongs to 17 digits."""
    return CHECK_CHARACTERS[sum(int(d) * w for d, w in zip(first_17, WEIGHTS, strict=True)) % 11]


def read(text: str) -> IdentityNumber:
    """The identity number in a text. An empty text gives an empty number with the problem `unreadable`."""
    if _EIGHTEEN.fullmatch(text):
        return _eighteen(text, ())
    number = _LEADING.sub("", _REMOVED.sub("", unicodedata.normalize("NFKC", text))).upper()
    notes = ("tidied",) if number != text else ()
    if _EIGHTEEN.fullmatch(number):
        return _eighteen(number, notes)
    if _FIFTEEN.fullmatch(number):
        birth = _date(f"19{number[6:12]}")
        problems = ("15_digits",) if birth else ("15_digits", "birth_impossible")
        return IdentityNumber(number, notes, problems, birth, 2 - int(number[14]) % 2, number[:6])
    return IdentityNumber(number, notes, ("rounded" if _SCIENTIFIC.fullmatch(number) else "unreadable",))


def same(number: str) -> str:
    """A key that is equal for two writings of one number, one of them perhaps of the old kind with 15 digits: to
    compare
    with, never to show or to keep as a number. Numbers of the old kind 996-999 (born before 1900) stay as they are."""
    read_as = read(number)
    if read_as.problems == ("15_digits",) and read_as.number[12:] < "996":
        longer = read_as.number[:6] + "19" + read_as.number[6:]
        return longer + check_character(longer)
    return read_as.number


def check_expr(column: str | pl.Expr) -> pl.Expr:
    """The same check for a column of texts: true where `read(text).valid`, false elsewhere, null for null."""
    text = pl.col(column) if isinstance(column, str) else column
    return text.map_batches(_check, return_dtype=pl.Boolean, is_elementwise=True)


def _check(texts: pl.Series) -> pl.Series:
    """Judges in steps that keep what is used again; as one expression the tidying is done anew for each digit."""
    tidied = texts.str.normalize("NFKC").str.replace_all(_SPACES, "").str.replace(_APOSTROPHES, "").str.to_uppercase()
    number = pl.col("number")
    digits = [number.str.slice(place, 1).cast(pl.Int32, strict=False) for place in range(17)]
    left = pl.sum_horizontal(digit * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11
    check = left.replace_strict(list(range(11)), list(CHECK_CHARACTERS), return_dtype=pl.String)
    born = number.str.slice(6, 8)
    exists = born.str.to_date("%Y%m%d", strict=False).is_not_null() & (born >= f"{OLDEST_YEAR}0101")
    whole = number.str.contains(_WHOLE) & exists & (number.str.slice(17, 1) == check)
    valid = pl.when(number.is_not_null()).then(whole.fill_null(False))
    return tidied.to_frame("number").select(valid.alias(texts.name)).to_series()


def _eighteen(number: str, notes: tuple[str, ...]) -> IdentityNumber:
    birth = _date(number[6:14])
    problems: tuple[str, ...] = () if birth else ("birth_impossible",)
    weighed = sum([_VALUES[character] * weight for character, weight in zip(number, WEIGHTS, strict=False)])
    if CHECK_CHARACTERS[weighed % 11] != number[17]:
        problems = ("rounded",) if number.endswith("000") else (*problems, "check_wrong")
    return IdentityNumber(number, notes, problems, birth, 2 - int(number[16]) % 2, number[:6])


@lru_cache(maxsize=65536)
def _date(yyyymmdd: str) -> date | None:
    """The day, or None where the calendar has none or it lies before any person who can be met."""
    try:
        day = date(int(yyyymmdd[:4]), int(yyyymmdd[4:6]), int(yyyymmdd[6:]))
    except ValueError:
        return None
    return day if day.year >= OLDEST_YEAR else None
