"""An unknown file looked at: where its header is, what each column looks like, and which column of a register it may
be. Guesses only; a clerk says what is right. Knows no Django."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from rapidfuzz import fuzz

from renpu.concepts import address, dates, masking
from renpu.registers.recognise import Rows, first_rows
from renpu.registers.source import WIDEST, Column, RegisterSource, header_key

HEADER_WITHIN = 15  # rows from the top among which the header stands
SAMPLES = 30
LONGEST = 300  # characters of a value that are looked at: a longer one is none of the kinds below, and slow to read
LOOKS_LIKE = 0.6  # share of filled cells from which a column looks like a kind
ENOUGH = 45  # points, of 100, from which a guess is offered
BY_TITLE, BY_CONTENT, NEEDED = 65, 35, 8

_HAN = re.compile(r"[\u3400-\u9fff·]{2,4}")
_IDENTITY = re.compile(r"\d{15}|\d{17}[\dXx]")
_PHONE = re.compile(r"1\d{2}(?:\d{4}|\*{4})\d{4}|0\d{2,3}-?\d{7,8}|[2-8]\d{6,7}")
_NUMBER = re.compile(r"\d{1,3}")
_KWH = re.compile(r"\d{1,5}(?:\.\d+)?")
_KEY = re.compile(r"[A-Za-z]{0,4}\d{5,16}")
_WORDS = frozenset(
    ("男", "女", "汉族", "回族", "满族", "户主", "配偶", "子女", "父母", "自住", "出租", "空置", "小学", "初中", "高中",
     "大学", "本科", "大专", "未婚", "已婚")
)  # fmt: skip


def _is_date(text: str) -> bool:
    return 6 <= len(text) <= 12 and not _IDENTITY.fullmatch(text) and bool(dates.read(text).value)


LOOKS: Mapping[str, Callable[[str], bool]] = {
    "id": lambda text: bool(_IDENTITY.fullmatch(text)),
    "phone": lambda text: bool(_PHONE.fullmatch(text)),
    "date": _is_date,
    "sex": lambda text: text in ("男", "女", "男性", "女性"),
    "address": lambda text: address.read(text).readable,
    "name": lambda text: bool(_HAN.fullmatch(text)) and text not in _WORDS,
    "count": lambda text: bool(_NUMBER.fullmatch(text)),
    "key": lambda text: bool(_KEY.fullmatch(text)),
    "kwh": lambda text: bool(_KWH.fullmatch(text)),
}
# Which looks fit a kind of column of a register.
FITS: Mapping[str, tuple[str, ...]] = {
    "id": ("id",), "phone": ("phone",), "date": ("date",), "sex": ("sex",), "name": ("name",), "holder": ("name",),
    "count": ("count",), "key": ("key", "count"), "kwh": ("kwh", "count"), "month": ("date",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the file: its title, the first values below it, and what they look like (a key of LOOKS, or an empty
    text)."""

    title: str
    values: tuple[str, ...]
    looks: str

    def shown(self, limit: int = 3) -> list[str]:
        """Some values as a page may show them."""
        return [masked(value, self.looks) for value in self.values if value][:limit]


@dataclass(frozen=True, slots=True)
class Sketch:
    """The table of a file that is to be mapped: the row its header stands in, and its columns."""

    header_row: int
    fields: tuple[Field, ...]


def fingerprint(titles: Sequence[str]) -> str:
    """What a header is known again by: its titles in any order, however spaced and marked."""
    keys = sorted(filter(None, map(header_key, titles)))
    return sha256("\n".join(keys).encode()).hexdigest()


def fingerprints(tables: Sequence[Rows]) -> list[str]:
    """Of every row that may be a header."""
    return [fingerprint(cells) for rows in tables for _, cells in rows[:HEADER_WITHIN] if sum(map(bool, cells)) > 1]


def sketch(path: Path, header_row: int = 0) -> Sketch | None:
    """The widest table of a file; its header in the row named, or where it seems to be. None where there is no
    table."""
    tables = [rows for rows in first_rows(path) if len(rows) > 1]
    if not tables:
        return None
    rows = max(tables, key=lambda rows: max(sum(1 for cell in cells if cell.strip()) for _, cells in rows))
    at = next((n for n, (number, _) in enumerate(rows) if number == header_row), None)
    at = _header_at(rows) if at is None else at
    number, titles = rows[at]
    below = [cells for _, cells in rows[at + 1 : at + 1 + SAMPLES]]
    fields = []
    for place, title in enumerate(titles[:WIDEST]):
        if not title.strip():
            continue
        values = tuple(cells[place][:LONGEST].strip() if place < len(cells) else "" for cells in below)
        shown = "".join(filter(str.isprintable, " ".join(title.split())))
        fields.append(Field(shown, values, looks_like(values)))
    return Sketch(number, tuple(fields)) if len(fields) > 1 else None


def _header_at(rows: Rows) -> int:
    """The row with the most short words and no value in it, of those near the top."""

    def points(at: int) -> tuple[int, int]:
        cells = [cell.strip() for cell in rows[at][1] if cell.strip()]
        words = [cell for cell in cells if len(cell) <= 20 and not any(looks(cell) for looks in _VALUES)]
        return 2 * len(set(words)) - len(cells), -at

    return max(range(min(HEADER_WITHIN, len(rows) - 1)), key=points)


_VALUES = (LOOKS["id"], LOOKS["phone"], LOOKS["date"], LOOKS["count"], LOOKS["key"], LOOKS["address"], LOOKS["sex"])


def looks_like(values: Sequence[str]) -> str:
    """The first kind that most of the filled cells are of."""
    filled = [value for value in values if value]
    for kind, looks in LOOKS.items():
        if filled and sum(map(looks, filled)) / len(filled) >= LOOKS_LIKE:
            return kind
    return ""


def guess(source: RegisterSource, fields: Sequence[Field]) -> dict[str, str]:
    """Title of the file -> column of the register, each column once, the surest first."""
    return {fields[place].title: name for place, (name, _) in sorted(_guessed(source, fields).items())}


def _guessed(source: RegisterSource, fields: Sequence[Field]) -> dict[int, tuple[str, float]]:
    """Place of a field -> (column, points)."""
    points = sorted(
        (-_points(source, column, field), place, column.name)
        for place, field in enumerate(fields)
        for column in source.columns
        if column.kind != "unkept"
    )
    found: dict[int, tuple[str, float]] = {}
    taken: set[str] = set()
    for negative, place, name in points:
        if -negative >= ENOUGH and place not in found and name not in taken:
            found[place] = (name, -negative)
            taken.add(name)
    return found


def likeliest(sources: Sequence[RegisterSource], fields: Sequence[Field]) -> RegisterSource:
    """The register to which the columns fit best, with most of what it needs."""

    def points(source: RegisterSource) -> tuple[float, int]:
        guessed = _guessed(source, fields)
        named = {fields[place].title: name for place, (name, _) in guessed.items()}
        return sum(points for _, points in guessed.values()) - 100 * len(missing(source, named)), -len(source.columns)

    return max(sources, key=points)


def missing(source: RegisterSource, columns: Mapping[str, str]) -> list[Column]:
    """The columns that are needed and not named by `columns` (title -> name); of a group that lacks all, the first."""
    named = set(columns.values())
    lacks = [column for column in source.columns if column.required and column.name not in named]
    return lacks + [source.column(group[0]) for group in source.needs if not named & set(group)]


def _points(source: RegisterSource, column: Column, field: Field) -> float:
    """0 to 100: how much a column of the file may be this one of the register; a needed one is the likelier."""
    key = header_key(field.title)
    if source.match(field.title) is column:
        title = 1.0
    else:
        title = max(fuzz.ratio(key, header_key(one)) for one in column.titles) / 100
    wanted = ("address",) if column.name == "address" else FITS.get(column.kind, ())
    if not wanted:
        content = 0.4 if field.looks in ("", "count") else 0.0
    else:
        content = float(field.looks in wanted)
    if wanted and field.looks and not content and title < 1:
        return 0
    return BY_TITLE * title + BY_CONTENT * content + NEEDED * (column.required and title < 1)


def masked(value: str, looks: str) -> str:
    """A value of a file that nobody has read yet, as a page may show it."""
    if looks == "name":
        return masking.mask_name(value)
    if looks in ("id", "phone", "key") or _IDENTITY.search(value):
        return masking.mask_phone(value) if looks == "phone" else masking.mask_identity_number(value)
    if looks == "date":
        return f"{value[:4]}…"
    return value[:40]
