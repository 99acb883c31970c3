"""Kinds of work items, read from `work_kinds.csv`: who does it, in how many days, and which reasons may close it."""

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from renpu.concepts.codes import code_list
from renpu.platform.language import in_language


class Kind(NamedTuple):
    """A kind of difference or task. `reasons` are (code list, code); `days` from opening to due."""

    code: str
    name_zh: str
    name_en: str
    owner: str
    days: int
    reasons: tuple[tuple[str, str], ...]
    source: str

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


@cache
def kinds() -> dict[str, Kind]:
    """code -> kind, in the order of the table."""
    text = files("renpu.coverage").joinpath("work_kinds.csv").read_text("utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        reasons = tuple(tuple(word.split(":", 1)) for word in row["reasons"].split())
        for name, code in reasons:
            code_list(name)[code]
        found[row["kind"]] = Kind(
            row["kind"], row["zh"], row["en"], row["owner"], int(row["days"]), reasons, row["source"]
        )
    return found
