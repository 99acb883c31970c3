"""The indicators: one definition each (`indicators.csv`), and their values in an area as of a moment.

A `source` is a sum of words (`status_1 - collective`), a rate (`S19 / S15`: percent with one decimal, half up; 0 when
S15 is 0), or two sums around the reference moment (`codes before T0 else self_forms`). A word is a fact of
`renpu.monitoring.facts` or the code of another indicator, which it then equals.
"""

import csv
import re
from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from renpu.monitoring.facts import HOURS, Facts
from renpu.platform.models import Census

Value = int | Decimal | str | None
BEFORE_T0 = " before T0 else "


class Indicator(NamedTuple):
    """A number of the report, dashboard or wall: its code, names, unit and definition, and the words it is made of."""

    code: str
    name_zh: str
    name_en: str
    unit: str
    source: str
    definition_zh: str
    definition_en: str

    @property
    def is_rate(self) -> bool:
        return "/" in self.source

    def source_at(self, census: Census, as_of: datetime) -> str:
        """The source that holds at `as_of`."""
        before, _, after = self.source.partition(BEFORE_T0)
        return after if after and as_of >= census.t0 else before

    def terms(self, census: Census, as_of: datetime) -> list[tuple[int, str]]:
        """(+1 or -1, fact) of a sum, other indicators opened; of a rate, those of its numerator."""
        found: list[tuple[int, str]] = []
        source = self.source_at(census, as_of).partition("/")[0]
        for sign, word in re.findall(r"([+-]?)\s*(\w+)", source):
            of = [(1, word)] if word not in BY_CODE else BY_CODE[word].terms(census, as_of)
            found += [(-n if sign == "-" else n, w) for n, w in of]
        return found


@cache
def _read() -> tuple[Indicator, ...]:
    text = files("renpu.monitoring").joinpath("indicators.csv").read_text("utf-8")
    return tuple(Indicator(**row) for row in csv.DictReader(text.splitlines()))


INDICATORS = _read()
BY_CODE = {i.code: i for i in INDICATORS}
COUNTED = tuple(i.code for i in INDICATORS if i.source not in HOURS)
"""The indicators that need no reading of the whole journal."""
SLOTS = tuple(f"S{n:02d}" for n in range(28))


def values(census: Census, area_code: str, as_of: datetime, codes: Iterable[str] | None = None) -> dict[str, Value]:
    """code -> value of the indicators `codes` (default: `COUNTED`) in an area or block, as known at `as_of`.

    None where no such number exists for the area: the police register is not told by block.
    """
    facts = Facts(census, area_code, as_of)
    return {code: value_of(BY_CODE[code], facts) for code in (codes or COUNTED)}


def value_of(indicator: Indicator, facts: Facts) -> Value:
    """The value of one indicator by facts that may be shared with others."""
    if indicator.is_rate:
        over, under = (value_of(BY_CODE[code.strip()], facts) for code in indicator.source.split("/"))
        return percent(int(over or 0), int(under or 0))
    terms = indicator.terms(facts.census, facts.as_of)
    found = [facts[word] for _, word in terms]
    if len(found) == 1:
        return found[0]
    return sum(sign * int(n) for (sign, _), n in zip(terms, found, strict=True))


def percent(over: int, under: int) -> Decimal:
    """100 * over / under with one decimal, half up; 0 when there is nothing to compare with."""
    if not under:
        return Decimal("0.0")
    return (Decimal(100 * over) / Decimal(under)).quantize(Decimal("0.1"), ROUND_HALF_UP)
