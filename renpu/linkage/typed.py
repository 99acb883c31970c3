"""What somebody types to find a person, read token by token: 张伟 1959 8047 长阳路105弄.

A token is a name, a date, digits of a number, or words of an address, by its own look. Digits that can be several
things (8047: the end of an identity number or of a telephone number; 1959: a year of birth too) are kept as that, and
each reading is tried.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from renpu.concepts import dates, identity_number

SHORTEST = 4  # digits of a number that are worth looking up
LONGEST = {"identity": 18, "phone": 15, "any": 18}  # digits that such a number can have
_SPLIT = re.compile(r"[\s,，、;；|]+")
_DIGITS = re.compile(r"[0-9]+X?")
_PATTERN = re.compile(r"[0-9X]*[*?]+[0-9X*?]*")
_YEAR = re.compile(r"((?:18|19|20)[0-9]{2})年?(?:生|出生)?")
_DATE = re.compile(r"[0-9〇一二三四五六七八九十廿卅]+(?:年.*|[-/.][0-9]{1,2}([-/.][0-9]{1,2})?)")
_HAN = re.compile("[\u3400-\u9fff〇]+")
_PLACE = re.compile("(?:路|街|弄|号|巷|镇|乡|小区|社区|新村|大道|公寓|花园|居委会|[一二三四五六七八九十]村)$")
_SEXES = {"男": 1, "女": 2}


@dataclass(frozen=True, slots=True)
class Digits:
    """Digits of a number. `kind` identity, phone or any; `text` the digits, `*` for some that are not known."""

    text: str
    kind: str = "any"


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. `birth` is yyyy, yyyymm or yyyymmdd. `unused` are tokens too short or too long to look up."""

    name: str = ""
    sex: int | None = None
    birth: str = ""
    digits: tuple[Digits, ...] = ()
    address: str = ""
    unused: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.name or self.birth or self.digits or self.address)


@dataclass(slots=True)
class _Reading:
    names: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    digits: list[Digits] = field(default_factory=list)
    short: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    birth: str = ""
    sex: int | None = None


def read(text: str) -> Query:
    """What was typed into one box."""
    found = _Reading()
    for token in _SPLIT.split(unicodedata.normalize("NFKC", text[:200]).upper().strip()):
        if token:
            _take(found, token)
    address = " ".join(found.addresses + (found.short if found.addresses else []))
    return Query(
        _joined(found.names), found.sex, found.birth, tuple(found.digits), address,
        (*(() if found.addresses else found.short), *found.unused),
    )  # fmt: skip


def fields(name: str = "", birth: str = "", id_number: str = "", phone: str = "", address: str = "") -> Query:
    """What was given field by field."""
    digits = []
    number = re.sub(r"[^0-9X*?]", "", unicodedata.normalize("NFKC", id_number).upper())
    if number:
        digits.append(Digits(_long(number), "identity"))
    if called := re.sub(r"\D", "", unicodedata.normalize("NFKC", phone)):
        digits.append(Digits(called, "phone"))
    kept = tuple(d for d in digits if len(d.text) >= SHORTEST and _is_number(d))
    unused = tuple(d.text for d in digits if d not in kept)
    return Query(name.strip(), None, _birth(birth.strip()), kept, address.strip(), unused)


def _take(found: _Reading, token: str) -> None:
    if token in _SEXES:
        found.sex = _SEXES[token]
    elif (year := _YEAR.fullmatch(token)) and "年" in token:
        found.birth = year[1]
    elif _PATTERN.fullmatch(token):
        _take_digits(found, Digits(re.sub(r"[*?]+", "*", token), "identity"))
    elif _DIGITS.fullmatch(token):
        if len(token) < SHORTEST:
            found.short.append(token)
        elif len(token) in (15, 18):
            found.digits.append(Digits(_long(token), "identity"))
        else:
            _take_digits(found, Digits(token))
    elif _DATE.fullmatch(token) and (born := _birth(token)):
        found.birth = born
    elif _HAN.fullmatch(token):
        place = len(token) > 4 or (len(token) > 2 and _PLACE.search(token))
        (found.addresses if place else found.names).append(token)
    elif any(c.isdigit() for c in token) and _HAN.search(token):
        found.addresses.append(token)
    elif "·" in token or token.replace("-", "").replace("'", "").replace(".", "").isalpha():
        found.names.append(token)
    else:
        found.short.append(token)


def _take_digits(found: _Reading, digits: Digits) -> None:
    if _is_number(digits):
        found.digits.append(digits)
    else:
        found.unused.append(digits.text)


def _is_number(digits: Digits) -> bool:
    """Can a number have these digits? X is an identity number's last alone."""
    known = digits.text.replace("*", "")
    return len(known) <= LONGEST[digits.kind] and "X" not in digits.text[:-1]


def _joined(names: list[str]) -> str:
    """张 三 is one name, MARIA LOPEZ too."""
    return ("" if all(map(_HAN.fullmatch, names)) else " ").join(names)


def _long(number: str) -> str:
    return identity_number.same(number) if len(number) == 15 and number.isdigit() else number


def _birth(text: str) -> str:
    if year := _YEAR.fullmatch(text):
        return year[1]
    return dates.read(text).value.replace("-", "") if text else ""
