"""Rows that were there before, and lines that make one row together: kept in a temporary file, so that memory stays
flat."""

import pickle
import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from renpu.concepts import masking
from renpu.registers.lines import Told
from renpu.registers.rows import Row
from renpu.registers.source import Column, RegisterSource

_FAST = "pragma journal_mode=off; pragma synchronous=off; pragma cache_size=-32768;"


def _key(kind: str, texts: Iterable[str]) -> bytes:
    return blake2b("\0".join((kind, *texts)).encode("utf-8", "surrogatepass"), digest_size=12).digest()


class Seen:
    """Hashes of the rows read so far."""

    def __init__(self, source: RegisterSource) -> None:
        self._known = [place for place, name in enumerate(source.twin) if name in source.known_by]
        self._twin = "、".join(source.column(name).header for name in source.twin)
        self._once = [source.column(name) for name in source.once]
        self._of_meters = source.readings
        self._store = sqlite3.connect("", isolation_level=None)
        self._store.executescript(
            f"{_FAST} create table seen (key blob primary key, sheet text, row integer) without rowid; begin"
        )

    def __enter__(self) -> "Seen":
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def tell_twins(self, row: Row) -> None:
        """Tell a row that repeats an earlier one in full, its identity number with other statements, or its meter at
        another address."""
        typed = row.typed
        if not any(typed[place] for place in self._known):
            return
        if twin := self._first("row", typed, row):
            row.twin = twin
            self._tell(row, "row_twice", twin, same=self._twin)
            return
        for column in self._once:
            value = row.stated(column.name)
            if value and (twin := self._first(column.name, (value,), row)):
                found = masking.mask_identity_number(value) if column.personal else value
                self._tell(row, "id_twice" if column.kind == "id" else "value_twice", twin, found, column)
        if self._of_meters and row.household_no:
            meter = (row.household_no, row.values.get("meter", ""))
            if twin := self._first("meter", meter, row):
                self._tell(row, "meter_shared", twin, row.household_no)

    def _first(self, kind: str, texts: Iterable[str], row: Row) -> tuple[str, int] | None:
        key = _key(kind, texts)
        done = self._store.execute("insert or ignore into seen values (?, ?, ?)", (key, row.sheet, row.number))
        if done.rowcount:
            return None
        return self._store.execute("select sheet, row from seen where key = ?", (key,)).fetchone()

    @staticmethod
    def _tell(
        row: Row, code: str, twin: tuple[str, int], found: str = "", column: Column | None = None, **values: object
    ) -> None:
        sheet, number = twin
        other = str(number) if sheet == row.sheet else f"{sheet}:{number}"
        title = column.header if column and column.kind != "id" else ""
        row.problems.append(Told(code, row.sheet, row.number, title, found, {"other": other, **values}))


class Gathered:
    """Rows of electricity put together, so that a meter whose months stand in several lines, sheets or files is one
    row."""

    def __init__(self) -> None:
        self.joined = 0  # lines that were added to the row of an earlier one
        self.rows = 0

    def whole(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Whole rows in the order of their first lines; those that are refused come before them."""
        store = sqlite3.connect("", isolation_level=None)
        try:
            store.executescript(
                f"{_FAST} create table part (place integer primary key, key blob, row blob);"
                "create index part_key on part (key); begin"
            )
            for row in rows:
                if row.refused:
                    yield row
                else:
                    self._add(store, row)
            for (packed,) in store.execute("select row from part order by place"):
                yield pickle.loads(packed)
        finally:
            store.close()

    def _add(self, store: sqlite3.Connection, row: Row) -> None:
        key = _key("part", row.same)
        there = store.execute("select place, row from part where key = ? order by place limit 1", (key,)).fetchone()
        if there is not None:
            first: Row = pickle.loads(there[1])
            if row.is_part or not _repeats(first, row):
                _join(first, row)
                self.joined += 1
                store.execute("update part set row = ? where place = ?", (pickle.dumps(first, 5), there[0]))
                return
        self.rows += 1
        store.execute("insert into part (key, row) values (?, ?)", (key, pickle.dumps(row, 5)))


def _repeats(first: Row, row: Row) -> bool:
    """Does a row say nothing but what the first row of its meter says?"""
    return all(first.kwh.get(month) == value for month, value in row.kwh.items())


def _join(first: Row, row: Row) -> None:
    """Add the months of a row to the first one of its meter; a month that is there already is told and not changed."""
    first.problems.extend(row.problems)
    for month, value in row.kwh.items():
        if month in first.kwh:
            values = {"month": month, "kept": f"{first.kwh[month]:g}"}
            first.problems.append(Told("month_twice", row.sheet, row.number, "", f"{value:g}", values))
        else:
            first.kwh[month] = value
            if month in row.estimated:
                first.estimated.append(month)
