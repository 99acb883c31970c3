"""What a form is checked against: its answers as they arrive, and what else is known of the household.

The items are those of `renpu.collection.answers`. Any of them may be null or left out; a wrong type is refused by
msgspec. An empty text is the same as null.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from renpu.collection.answers import Answers, Death, Household, Person


class Context(msgspec.Struct, omit_defaults=True):
    """What the roster and the event know beside the answers; null where it is not known.

    household_status, household_type: codes; household_no: three digits (999 and a suffix for households that died
    out); county: six digits; n_here, n_away: persons living here, and persons with the hukou here living elsewhere, as
    listed.
    """

    household_status: int | None = None
    household_no: str | None = None
    household_type: int | None = None
    county: str | None = None
    n_here: int | None = None
    n_away: int | None = None


def decode(answers: bytes | str | Mapping[str, Any]) -> Answers:
    """The answers from JSON or from a decoded mapping; msgspec.ValidationError where a value has the wrong type."""
    if isinstance(answers, bytes | str):
        return msgspec.json.decode(answers, type=Answers)
    return msgspec.convert(answers, Answers)


def unknown_fields(answers: Mapping[str, Any]) -> list[str]:
    """Names in a decoded mapping that the short form does not have, such as `persons[2].D13`; empty when none."""
    found = _extra(answers, Answers, "")
    household = answers.get("household")
    if isinstance(household, Mapping):
        found += _extra(household, Household, "household.")
    for part, kind in (("persons", Person), ("deaths", Death)):
        rows = answers.get(part)
        if isinstance(rows, Sequence) and not isinstance(rows, str | bytes):
            for number, row in enumerate(rows, 1):
                if isinstance(row, Mapping):
                    found += _extra(row, kind, f"{part}[{number}].")
    return found


def _extra(given: Mapping[str, Any], kind: type[msgspec.Struct], where: str) -> list[str]:
    return [f"{where}{name}" for name in given if name not in kind.__struct_fields__]


__all__ = ["Answers", "Context", "Death", "Household", "Person", "decode", "unknown_fields"]
