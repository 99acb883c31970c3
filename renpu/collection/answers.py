"""The answers of a short form (R601), item by item, as the `form` event carries them. Item names are those of the printed form.

Types are strict and values free: whether an answer is possible is for the edit rules to say. `None` or "" = not answered.
"""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

Whole = Annotated[int, Meta(ge=-9999, le=99999)]
YearMonth = Annotated[str, Meta(pattern=r"^([0-9]{6})?$")]
Word = Annotated[str, Meta(max_length=60)]


class Household(Struct):
    """Household items; the question of an item that was not asked stays None."""

    H1: Whole | None = None
    H2a: Whole | None = None
    H2b: Whole | None = None
    H3m: Whole | None = None
    H3f: Whole | None = None
    H4m: Whole | None = None
    H4f: Whole | None = None
    H5: Whole | None = None
    H6: Whole | None = None
    H7: Whole | None = None


class Person(Struct):
    """Person items. `D3_reason` says why there is no identity number; codes of places are six digits."""

    uuid: UUID
    D1: Word = ""
    D2: Whole | None = None
    D3: Annotated[str, Meta(max_length=30)] = ""
    D3_reason: Word = ""
    D4: Whole | None = None
    D5: YearMonth = ""
    D6: Annotated[str, Meta(max_length=2)] = ""
    D7: Whole | None = None
    D7_code: Annotated[str, Meta(max_length=12)] = ""
    D8: Whole | None = None
    D8_code: Annotated[str, Meta(max_length=12)] = ""
    D9: Whole | None = None
    D10: Whole | None = None
    D11: Whole | None = None
    D12: Whole | None = None


class Deceased(Struct):
    """A line of the deaths form."""

    name: Word = ""
    sex: Whole | None = None
    birth: YearMonth = ""
    died: YearMonth = ""


class Answers(Struct):
    household: Household
    persons: list[Person] = []
    deaths: list[Deceased] = []
