"""The answers of a short form (R601), item by item, as the `form` event carries them. Item names are those of the
printed form.

Codes are integers as the forms print them; ethnic group, months (`yyyymm`) and identity numbers are text. Any item
may be null or left out; a wrong type is refused by msgspec. Whether an answer is possible is for the edit rules to say.
An empty text is the same as null.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

Whole = Annotated[int, Meta(ge=-9999, le=9999)]
SquareMetres = Annotated[int, Meta(ge=-9999, le=999999)]
Word = Annotated[str, Meta(max_length=60)]
Month = Annotated[str, Meta(max_length=6)]
Place = Annotated[str, Meta(max_length=12)]


class Household(msgspec.Struct, omit_defaults=True):
    H1: Whole | None = None
    H2a: Whole | None = None
    H2b: Whole | None = None
    H3m: Whole | None = None
    H3f: Whole | None = None
    H4m: Whole | None = None
    H4f: Whole | None = None
    H5: Whole | None = None
    H6: SquareMetres | None = None
    H7: Whole | None = None


class Person(msgspec.Struct, omit_defaults=True):
    """`uuid` names the person across versions of the form; `D3_reason` says why there is no identity number."""

    uuid: Annotated[str, Meta(max_length=36)] | None = None
    D1: Word | None = None
    D2: Whole | None = None
    D3: Annotated[str, Meta(max_length=30)] | None = None
    D3_reason: Whole | None = None
    D4: Whole | None = None
    D5: Month | None = None
    D6: Annotated[str, Meta(max_length=2)] | None = None
    D7: Whole | None = None
    D7_code: Place | None = None
    D8: Whole | None = None
    D8_code: Place | None = None
    D9: Whole | None = None
    D10: Whole | None = None
    D11: Whole | None = None
    D12: Whole | None = None


class Death(msgspec.Struct, omit_defaults=True):
    """A line of the deaths form."""

    name: Word | None = None
    sex: Whole | None = None
    birth: Month | None = None
    died: Month | None = None


class Answers(msgspec.Struct, omit_defaults=True):
    household: Household
    persons: Annotated[list[Person], Meta(max_length=999)] = []
    deaths: Annotated[list[Death], Meta(max_length=99)] = []
