"""Rows that were there before, and lines that make one row together: kept in a temporary file, so that memory stays
flat."""

import pickle
import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from renpu.concepts import masking
from renpu.registers.lines import Told
from renpu.registers.rows import Row
from renpu.registers.source import RegisterSource

_FAST = "pragma journal_mode=off; pragma synchronous=off; pragma cache_size=-32768;"


def _key(kind: str, texts: Iterable[str]) -> bytes:
    return blake2b("\0".join((kind, *texts)).encode("utf-8", "surrogatepass"), digest_size=12).digest()


class Seen:
    """Hashes of the rows read so far."""

    def __init__(self, source: RegisterSource) -> None:
        self._known = [place for place, name in enumerate(source.twin) if name in source.known_by]
        self._twin = "、".join(source.column(name).header for name in source.twin)
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
        elif row.id and (twin := self._first("id", (row.id,), row)):
            self._tell(row, "id_twice", twin, masking.mask_identity_number(row.id))
        elif self._of_meters and row.household_no:
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
    def _tell(row: Row, code: str, twin: tuple[str, int], found: str = "", **values: object) -> None:
        sheet, number = twin
        other = str(number) if sheet == row.sheet else f"{sheet}:{number}"
        row.problems.append(Told(code, row.sheet, row.number, "", found, {"other": other, **values}))


class Gathered:
    """Lines of one month each, put together into one row a meter."""

    def __init__(self) -> None:
        self.lines = 0
        self.rows = 0

    def whole(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Whole rows as they come, then those made of parts, in the order of their first lines."""
        store = sqlite3.connect("", isolation_level=None)
        try:
            store.executescript(
                f"{_FAST} create table part (key blob primary key, place integer, row blob) without rowid; begin"
            )
            for row in rows:
                if not row.is_part or row.refused:
                    yield row
                    continue
                self.lines += 1
                self._add(store, row)
            for (packed,) in store.execute("select row from part order by place"):
                yield pickle.loads(packed)
        finally:
            store.close()

    def _add(self, store: sqlite3.Connection, row: Row) -> None:
        key = _key("part", row.same)
        there = store.execute("select row from part where key = ?", (key,)).fetchone()
        if there is None:
            self.rows += 1
            store.execute("insert into part values (?, ?, ?)", (key, self.lines, pickle.dumps(row, 5)))
            return
        first: Row = pickle.loads(there[0])
        _join(first, row)
        store.execute("update part set row = ? where key = ?", (pickle.dumps(first, 5), key))


def _join(first: Row, row: Row) -> None:
    """Add the months of a row to the first one of its meter; a month that is there already is told and not changed."""
    first.problems.extend(row.problems)
    for month, value in row.kwh.items():
        if month in first.kwh:
            found = f"{value:g}"
            told = Told("month_twice", row.sheet, row.number, "", found, {"month": month, "kept": first.kwh[month]})
            first.problems.append(told)
        else:
            first.kwh[month] = value
            first.estimated.extend(row.estimated)
