"""Short forms from the files of a season's field records, as the `answers` of a form event.

The files are CSV as the field system of the time exported them: every value text, an empty text where nothing was
answered, the ethnic group by its Chinese name.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from renpu.collection.answers import Death, Household, Person
from renpu.concepts.codes import code_list

TEXTS = {"D1", "D3", "D5", "D6", "D7_code", "D8_code", "name", "birth", "died"}


def from_field_record(
    household: Mapping[str, str | None],
    persons: Iterable[Mapping[str, str | None]],
    deaths: Iterable[Mapping[str, str | None]] = (),
) -> dict[str, Any]:
    """The `answers` of one form from its rows: one of households, its persons by line, its deaths.

    ValueError names the item whose value is no whole number. An ethnic group that is in no code list stays as it is
    written, so that the edits tell it.
    """
    return {
        "household": _answers(household, Household.__struct_fields__),
        "persons": [_person(row) for row in sorted(persons, key=lambda row: int(row.get("line") or 0))],
        "deaths": [_answers(row, Death.__struct_fields__) for row in deaths],
    }


def _person(row: Mapping[str, str | None]) -> dict[str, Any]:
    answers = _answers(row, Person.__struct_fields__)
    if "D6" in answers:
        answers["D6"] = _ethnic_codes().get(answers["D6"], answers["D6"])
    return answers


def _answers(row: Mapping[str, str | None], items: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items:
        value = row.get(item)
        if value is None or value == "" or item == "uuid":
            continue
        if item in TEXTS:
            found[item] = value
        elif value.lstrip("-").isdecimal():
            found[item] = int(value)
        else:
            raise ValueError(f"{item}: a whole number is wanted")
    return found


@lru_cache(maxsize=1)
def _ethnic_codes() -> Mapping[str, str]:
    return {label.zh: code for code, label in code_list("ethnic_group").items()}
