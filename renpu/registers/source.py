"""What a register source is: one declaration of its columns, and how a header row of a file is matched with it.

A header is compared without whitespace, line breaks, full-width forms, brackets with their content, and marks such
as `*` or `:`, because offices write 姓 名, 姓名* and 姓名(必填) for the same column.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

HEADER_ROWS_SEARCHED = (
    40  # a title, a note on the provider and a legend come before the header; a data table does not start later
)
HEADER_ROWS_JOINED = 3

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_MARKS = re.compile(r"[\s\u200b-\u200f\ufeff*:。、_\-/#]+")


def header_key(text: str) -> str:
    """A header as it is compared: 公民身份\\n号 码* -> 公民身份号码."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _MARKS.sub("", _BRACKETS.sub("", plain)) or _MARKS.sub("", plain)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a source.

    `header` is the provider's usual title, `also` other titles of the same column, `name` its name in code. A
    `required` column must be in the file. A `personal` one is masked in every message. One that belongs to the whole
    household (`household`) may be written once in a cell merged down its members. A value longer than `longest`
    characters is told and cut.
    """

    header: str
    name: str
    also: tuple[str, ...] = ()
    required: bool = False
    personal: bool = False
    household: bool = False
    longest: int = 300

    @property
    def titles(self) -> tuple[str, ...]:
        return (self.header, *self.also)


@dataclass(frozen=True, slots=True)
class RegisterSource:
    """One register: who sends it, what a row is, and its columns."""

    name: str
    title: str
    provider: str
    unit: str
    columns: tuple[Column, ...]
    also: tuple[str, ...] = ()
    _by_key: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_key = {header_key(title): column for column in self.columns for title in column.titles}
        object.__setattr__(self, "_by_key", by_key)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def match(self, title: str) -> Column | None:
        """The column that a header names, or None."""
        return self._by_key.get(header_key(title))

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

    def missing(self, source: RegisterSource) -> list[Column]:
        return [column for column in source.columns if column.required and column.name not in self.at]


def find_header(source: RegisterSource, rows: Sequence[tuple[int, Sequence[str]]]) -> Header | None:
    """The header among the first rows of a table, given as (row number, cells); None where no row names two columns.

    Up to three rows that follow each other are read as one header: the lowest cell that is filled names the column,
    or all of them joined (身份证 over 号码). The block that names most columns wins, then the one of fewest rows.
    """
    best: Header | None = None
    for start in range(len(rows)):
        for height in range(1, HEADER_ROWS_JOINED + 1):
            block = rows[start : start + height]
            if len(block) < height:
                break
            found = _read_block(source, block)
            if len(found.at) < 2:
                continue
            if best is None or (len(found.at), -height) > (len(best.at), best.first_row - best.last_row - 1):
                best = found
    return best


def _read_block(source: RegisterSource, block: Sequence[tuple[int, Sequence[str]]]) -> Header:
    at: dict[str, int] = {}
    twice: list[str] = []
    titles: list[str] = []
    for position in range(max(len(cells) for _, cells in block)):
        parts = [cells[position] for _, cells in block if position < len(cells) and cells[position].strip()]
        column = None
        for title in (*reversed(parts), "".join(parts)):
            if column := source.match(title):
                break
        titles.append(" ".join("".join(part.split()) for part in parts))
        if column is None:
            continue
        if column.name in at:
            twice.append(column.header)
        else:
            at[column.name] = position
    keys = frozenset(header_key(cell) for _, cells in block for cell in cells if cell.strip())
    return Header(block[0][0], block[-1][0], at, tuple(titles), keys, tuple(twice))
