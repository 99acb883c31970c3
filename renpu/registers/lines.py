"""What a reader gives: the lines of a table with their numbers, and what it has to tell about them."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to tell: its code in `problems.MESSAGES`, where, what was found (masked where personal), and other
    values."""

    code: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    found: str = ""
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its number as the file or the sheet shows it, its cells, and codes of what was wrong with
    it."""

    number: int
    cells: list[object]
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a file: its name (empty where the file is one table), its lines, and by (row, position) what a merged
    range lends to a cell, the text of a formula, the error a cell shows. Lines of text have as many fields as they
    have; those of a sheet all have its width."""

    name: str
    lines: Iterable[Line]
    merged: dict[tuple[int, int], object] = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    is_text: bool = False
    days_later: int = 0  # what makes a number of days one that is counted from 1900
