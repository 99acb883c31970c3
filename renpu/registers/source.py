"""What a register source is: one declaration of its columns, and how a header row of a file is matched with it.

A header is compared without whitespace, line breaks, full-width forms, brackets with their content, and marks such
as `*` or `:`, because offices write 姓 名, 姓名* and 姓名(必填) for the same column.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal, NamedTuple

from renpu.registers.quantities import MonthTitle, month_title, year_title

HEADER_ROWS_SEARCHED = (
    40  # a title, a note on the provider and a legend come before the header; a data table does not start later
)
HEADER_ROWS_JOINED = 3
WIDEST = 1024  # columns among which titles are looked for; no office's list has more

Kind = Literal["text", "name", "holder", "id", "sex", "date", "key", "count", "phone", "kwh", "month", "unkept"]
Unit = Literal["person", "household", "dwelling", "meter", "birth", "death"]

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_MARKS = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\ufeff*:。、_\-/#]+")
_NUMBER = re.compile(r"\d{10,}[\dXx]?")  # of a person, an account, a telephone: it stands in a row, not in a header


@lru_cache(maxsize=1 << 16)
def header_key(text: str) -> str:
    """A header as it is compared: 公民身份\\n号 码* -> 公民身份号码."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _MARKS.sub("", _BRACKETS.sub("", plain)) or _MARKS.sub("", plain)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a source.

    `header` is the provider's usual title, `also` other titles of the same column, `name` its name in code: a field of
    `RegisterRow` (`name_sealed` and `name_index` for `name`), or a key of its `more`. `kind` says how a value is read:

        text    as stated                      key    number of an account, a household, a certificate
        name    a person's name                date   an ISO date or a year and month
        holder  a person's or a firm's name    count  how many persons
        id      an identity number             kwh    electricity of one month, `month` beside it
        sex     1 or 2                         phone  a telephone number
        unkept  known and not stored

    A `required` column must be in the file; of an `expected` one it is told when it is not; an empty cell of a `filled`
    one is told. A `personal` one is masked in every message and sealed in the store. A `merged` one may be written once
    in a cell merged down the rows it holds for. `words` turns what a cell states into what is stored. Where the cell is
    empty, the columns named in `parts` are put together; an address without a room gets that of the part `room`. A
    value longer than `longest` characters is told and cut.
    """

    header: str
    name: str
    kind: Kind = "text"
    also: tuple[str, ...] = ()
    required: bool = False
    expected: bool = False
    filled: bool = False
    personal: bool = False
    merged: bool = False
    words: Mapping[str, str] | None = None
    parts: tuple[str, ...] = ()
    longest: int = 300
    month: MonthTitle | None = None  # of a column that holds the electricity of one month

    @property
    def titles(self) -> tuple[str, ...]:
        return (self.header, *self.also)

    def called(self, header: str, *also: str, **changes: object) -> "Column":
        """The same column under other titles; the old ones are not kept."""
        return replace(self, header=header, also=also, **changes)  # type: ignore[arg-type]

    def but(self, **changes: object) -> "Column":
        """The same column with some properties changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class RegisterSource:
    """One register: who sends it, what a row is (`unit`), and its columns.

    A line is a row when it holds one of the columns `known_by`; one that only looks like a row is kept and refused.
    Two rows that state the columns `twin` letter for letter are one row too many; a value of the columns `once` may
    stand in one row only. A row is found again in the next delivery by its identity number, else by the columns `same`.
    `needs` are groups of columns of which the file must have one each, besides the required ones. `happened` names the
    date that is also the day of the event, `listed` the columns that `renpu load --rows` writes.

    With `readings` a file gives electricity by month: a column for each month, or one of months beside one of kWh; rows
    of the same `same` are then put together.

    Raises ValueError for a title that two columns claim, and for a column named that is not declared.
    """

    name: str
    title: str
    provider: str
    unit: Unit
    columns: tuple[Column, ...]
    also: tuple[str, ...] = ()
    known_by: tuple[str, ...] = ("name", "id")
    twin: tuple[str, ...] = ("household_no", "name", "id")
    same: tuple[str, ...] = ("household_no", "name")
    once: tuple[str, ...] = ("id",)
    needs: tuple[tuple[str, ...], ...] = ()
    happened: str = ""
    listed: tuple[str, ...] = ("name", "sex", "birth", "id")
    readings: bool = False
    mapped: Mapping[str, str] = field(default_factory=dict)  # key of a title of this file -> column, see `called`
    _by_key: dict[str, Column | None] = field(init=False, repr=False, compare=False)
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_key: dict[str, Column] = {}
        for column in self.columns:
            for title in column.titles:
                if by_key.setdefault(header_key(title), column) is not column:
                    raise ValueError(f"{self.name}: the title {title} is claimed by two columns")
        by_name = {column.name: column for column in self.columns}
        named = {
            *self.listed,
            *self.once,
            *self.known_by,
            *self.twin,
            *self.same,
            *(name for group in self.needs for name in group),
        }
        named.update(part for column in self.columns for part in column.parts)
        if unknown := named.union({self.happened} - {""}) - set(by_name):
            raise ValueError(f"{self.name}: no column is called {', '.join(sorted(unknown))}")
        own = {key: by_name.get(name) for key, name in self.mapped.items()}
        object.__setattr__(self, "_by_key", {**by_key, **own})
        object.__setattr__(self, "_by_name", by_name)

    def column(self, name: str) -> Column:
        """The column of this name; KeyError where the source has none."""
        return self._by_name[name]

    @property
    def found_by_id(self) -> bool:
        """Is a row about the person whose identity number it gives, so that the number finds it again?"""
        return self.unit in ("person", "death")

    def has(self, name: str) -> bool:
        return name in self._by_name

    def match(self, title: str) -> Column | None:
        """The column that a header names, or None."""
        return self._by_key.get(header_key(title))

    def called(self, titles: Mapping[str, str]) -> "RegisterSource":
        """The same source for a file with titles of its own, given as title -> name of the column that it means, or an
        empty name for a column that shall not be read. Raises KeyError for a column that is not declared."""
        for name in filter(None, titles.values()):
            self.column(name)
        return replace(self, mapped={**self.mapped, **{header_key(title): name for title, name in titles.items()}})

    def nearest(self, column: Column, titles: Sequence[str]) -> str:
        """The title of a file that looks most like a missing column's, or an empty text."""
        keys = {header_key(title): title for title in titles if self.match(title) is None}
        for wanted in column.titles:
            if near := get_close_matches(header_key(wanted), list(keys), n=1, cutoff=0.5):
                return keys[near[0]]
        return ""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table: its first and last row (from 1), where each column stands, and what else was seen."""

    first_row: int
    last_row: int
    at: dict[str, int]  # column name -> position from 0
    titles: tuple[str, ...]  # as the file writes them, by position
    keys: frozenset[str]  # of every filled cell, to know the header where it is printed again
    twice: tuple[str, ...] = ()  # headers found at a second position, which is not read
    months: tuple[Column, ...] = ()  # columns of electricity by month, also in `at`

    @property
    def has_readings(self) -> bool:
        """Does a list of electricity give any?"""
        return bool(self.months) or "kwh" in self.at

    def missing(self, source: RegisterSource) -> list[Column]:
        """The columns that are needed and not there; of a group that lacks all, the first."""
        lacks = [column for column in source.columns if column.required and column.name not in self.at]
        return lacks + [source.column(group[0]) for group in source.needs if not any(name in self.at for name in group)]


def find_header(source: RegisterSource, rows: Sequence[tuple[int, Sequence[str]]]) -> Header | None:
    """The header among the first rows of a table, given as (row number, cells); None where no row names two columns.

    Up to three rows that follow each other are read as one header: the lowest cell that is filled names the column,
    or all of them joined (身份证 over 号码). The block that names most columns wins, then the one of fewest rows. A row
    that holds a long number is no part of a header, whatever words stand in it.
    """
    best: Header | None = None
    widths = [len(cells) for _, cells in rows]
    filled = [
        _Filled(number, {place: cell for place, cell in enumerate(cells[:WIDEST]) if cell and not cell.isspace()})
        for number, cells in rows
    ]
    is_row = [any(_NUMBER.fullmatch(cell.strip()) for cell in row.cells.values()) for row in filled]
    for start in range(len(rows)):
        for height in range(1, HEADER_ROWS_JOINED + 1):
            block = filled[start : start + height]
            if len(block) < height or is_row[start + height - 1]:
                break
            found = _read_block(source, block, max(widths[start : start + height]))
            if len(found.at) < 2:
                continue
            if best is None or (len(found.at), -height) > (len(best.at), best.first_row - best.last_row - 1):
                best = found
    return best


class _Filled(NamedTuple):
    """A row of a table: its number, and its cells that hold anything by their position from 0."""

    number: int
    cells: dict[int, str]


def _read_block(source: RegisterSource, block: Sequence[_Filled], width: int) -> Header:
    at: dict[str, int] = {}
    twice: list[str] = []
    titles: dict[int, str] = {}
    months: list[Column] = []
    of_months = _rows_of_months(source, block)
    year: int | None = None
    for position in sorted({position for row in block for position in row.cells}):
        parts = [row.cells[position] for row in block if position in row.cells]
        column = None
        for title in (*reversed(parts), "".join(parts)):
            if column := source.match(title):
                break
        titles[position] = " ".join("".join(part.split()) for part in parts)
        if column is None and of_months:
            year = next(filter(None, map(year_title, parts)), year)
            column = _month_column(block, of_months, position, year)
            months.extend([column] if column and column.name not in at else [])
        if column is None:
            continue
        if column.name in at:
            twice.append(column.header)
        else:
            at[column.name] = position
    keys = frozenset(header_key(cell) for row in block for cell in row.cells.values())
    shown = tuple(titles.get(position, "") for position in range(width))
    return Header(block[0].number, block[-1].number, at, shown, keys, tuple(twice), tuple(months))


def _rows_of_months(source: RegisterSource, block: Sequence[_Filled]) -> frozenset[int]:
    """Which rows of a block name months in their cells: those that name two, or one beside a column of the source. None
    where the file has a column of months: there a month is a value."""
    if not source.readings or any(
        (column := source.match(cell)) and column.kind == "month" for row in block for cell in row.cells.values()
    ):
        return frozenset()
    found = set()
    for row in block:
        named = sum(month_title(cell) is not None for cell in row.cells.values())
        if named > 1 or (named and any(source.match(cell) for cell in row.cells.values())):
            found.add(row.number)
    return frozenset(found)


def _month_column(
    block: Sequence[_Filled], of_months: frozenset[int], position: int, year: int | None
) -> Column | None:
    for row in reversed(block):
        if row.number in of_months and position in row.cells and (month := month_title(row.cells[position])):
            if month.year is None and year:
                month = MonthTitle(year, month.month)
            header = "".join(filter(str.isprintable, "".join(row.cells[position].split())))
            return Column(header, f"kwh {month.year or ''}-{month.month:02d}", kind="kwh", month=month)
    return None
