"""The few statements that the journal needs, set-based, for SQLite and for PostgreSQL.

Rows are tuples in the order of `Table.columns`, with Python values (UUID, aware datetime, date, bytes). On
PostgreSQL new rows are copied in binary and changed ones are one JSON parameter a table. On SQLite many rows share a
statement: the interpreter's lock is handed over at every statement, not at every row.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from functools import cached_property
from hashlib import sha256
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

import orjson
from django.db import connection, models

Row = tuple[Any, ...]


class Table:
    """A table as raw statements see it, read off its Django model."""

    def __init__(self, model: type[models.Model], key: Sequence[str], add: Sequence[str] = ()):
        self.model = model
        fields = [f for f in model._meta.concrete_fields if not isinstance(f, models.CompositePrimaryKey)]
        if fields[0].name == "id" and isinstance(fields[0], models.BigAutoField):
            fields = fields[1:]
        self.name = model._meta.db_table
        self.columns = tuple(f.column for f in fields)
        self.kinds = tuple(f.get_internal_type() for f in fields)
        self.key = tuple(key)
        self.add = frozenset(add)

    def indexes(self, kinds: dict[str, Any]) -> list[tuple[int, Any]]:
        """(place of a column, what `kinds` says of its kind), of those columns whose kind is there."""
        return [(i, kinds[k]) for i, k in enumerate(self.kinds) if k in kinds]

    def conflict(self, then: str) -> str:
        """The tail of an insert: what happens to a row whose key is there ("nothing", "update", "fail")."""
        if then == "fail":
            return ""
        key = ", ".join(self.key)
        if then == "nothing":
            return f" on conflict ({key}) do nothing"
        changes = ", ".join(
            f"{c} = {self.name}.{c} + excluded.{c}" if c in self.add else f"{c} = excluded.{c}"
            for c in self.columns
            if c not in self.key
        )
        return f" on conflict ({key}) do update set {changes}"

    @cached_property
    def column_list(self) -> str:
        return ", ".join(self.columns)


class Read(NamedTuple):
    """Rows asked for: those whose `column` is one of `values` and, with `since`, whose `day` is not before it."""

    table: Table
    column: str
    values: Sequence[Any]
    columns: Sequence[str] | None = None
    since: date | None = None

    @property
    def names(self) -> Sequence[str]:
        return self.table.columns if self.columns is None else self.columns

    @property
    def kind(self) -> str:
        return self.table.kinds[self.table.columns.index(self.column)]


def _utc(moment: datetime) -> str:
    """As Django writes it: 2020-11-01 09:00:00, with microseconds if there are any."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(" ")[:-6]


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


class SQLiteStore:
    """One writing process: `BEGIN IMMEDIATE` is the lock of every block."""

    TO: ClassVar[dict[str, Any]] = {"DateTimeField": _utc, "UUIDField": attrgetter("hex"), "DateField": date.isoformat}
    FROM: ClassVar[dict[str, Any]] = {"DateTimeField": _aware, "UUIDField": UUID}
    TOGETHER = (64, 16, 4, 1)  # rows a statement; few sizes, so that the connection keeps them prepared

    def __init__(self) -> None:
        connection.ensure_connection()
        self.raw = connection.connection

    def lock(self, blocks: Iterable[str], slips: Iterable[str] = ()) -> None:
        """Nothing to do: the transaction holds the whole database."""

    def ask(self, *reads: Read) -> list[list[Row]]:
        """The rows of each read."""
        return [self._read(one) for one in reads]

    def _read(self, read: Read) -> list[Row]:
        kinds = dict(zip(read.table.columns, read.table.kinds, strict=True))
        opened = [(i, self.FROM[kinds[c]]) for i, c in enumerate(read.names) if kinds[c] in self.FROM]
        to = self.TO.get(read.kind)
        since, more = ("", []) if read.since is None else (" and day >= ?", [read.since.isoformat()])
        rows: list[Row] = []
        for at in range(0, len(read.values), 500):
            part = [to(v) if to else v for v in read.values[at : at + 500]]
            marks = ",".join("?" * len(part))
            found = self.raw.execute(
                f"select {', '.join(read.names)} from {read.table.name} where {read.column} in ({marks}){since}",
                part + more,
            ).fetchall()
            for row in found:
                if opened:
                    row = list(row)
                    for i, f in opened:
                        if row[i] is not None:
                            row[i] = f(row[i])
                    row = tuple(row)
                rows.append(row)
        return rows

    def next_seqs(self, n: int) -> Iterable[int]:
        top = self.raw.execute("select coalesce(max(seq), 0) from collection_event").fetchone()[0]
        return range(top + 1, top + 1 + n)

    def together(self) -> AbstractContextManager[Any]:
        """Statements whose results nobody waits for may be sent together."""
        return nullcontext()

    def touch(self, devices: Sequence[tuple]) -> None:
        """Note (id, last_seen_at, offset_ms, highest event number) of devices."""
        self.raw.executemany(
            "update collection_device set last_seen_at = ?, offset_ms = ?, seq_high = max(seq_high, ?) where id = ?",
            [(_utc(at), offset, seq, key.hex) for key, at, offset, seq in devices],
        )

    def write(self, table: Table, rows: Sequence[Row], then: str = "fail") -> None:
        to = table.indexes(self.TO)
        one = f"({','.join('?' * len(table.columns))})"
        at = 0
        for size in self.TOGETHER:
            while len(rows) - at >= size:
                values: list[Any] = []
                for row in rows[at : at + size]:
                    start = len(values)
                    values += row
                    for i, f in to:
                        if row[i] is not None:
                            values[start + i] = f(row[i])
                marks = ",".join([one] * size)
                self.raw.execute(
                    f"insert into {table.name} ({table.column_list}) values {marks}{table.conflict(then)}", values
                )
                at += size

    def change(self, table: Table, places: Sequence[int], rows: Sequence[Row]) -> None:
        """Set the columns at `places` of rows that are there; a row is known by `Table.key`, its first column."""
        to = table.indexes(self.TO)
        ready = []
        for row in rows:
            values = list(row)
            for i, f in to:
                if row[i] is not None:
                    values[i] = f(row[i])
            ready.append([*[values[i] for i in places], values[0]])
        changes = ", ".join(f"{table.columns[i]} = ?" for i in places)
        self.raw.executemany(f"update {table.name} set {changes} where {table.columns[0]} = ?", ready)

    def delete(self, table: Table, column: str, values: Sequence[UUID]) -> None:
        self.raw.executemany(f"delete from {table.name} where {column} = ?", [(v.hex,) for v in values])


class PostgresStore:
    """Blocks are locked by number, sorted, in a statement of its own, so that the reads after it see what the wait
    was for."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self.raw = connection.connection

    def lock(self, blocks: Iterable[str], slips: Iterable[str] = ()) -> None:
        """Wait until nobody else writes to these blocks, or takes these slips' numbers; in one order for everybody."""
        numbers = sorted(-1 - int.from_bytes(sha256(slip.encode()).digest()[:7], "big") for slip in slips)
        self.raw.execute(
            "select pg_advisory_xact_lock(k) from unnest(%s::bigint[]) k", ([*sorted(map(int, blocks)), *numbers],)
        )

    TYPES: ClassVar[dict[str, str]] = {
        "BigAutoField": "int8",
        "BigIntegerField": "int8",
        "BinaryField": "bytea",
        "BooleanField": "bool",
        "CharField": "text",
        "DateField": "date",
        "DateTimeField": "timestamptz",
        "IntegerField": "int4",
        "SmallIntegerField": "int2",
        "TextField": "text",
        "UUIDField": "uuid",
    }

    def ask(self, *reads: Read) -> list[list[Row]]:
        """The rows of each read, all in one round trip."""
        with self.together():
            cursors = []
            for read in reads:
                since, more = ("", []) if read.since is None else (" and day >= %s::date", [read.since])
                cursors.append(
                    self.raw.execute(
                        f"select {', '.join(read.names)} from {read.table.name} "
                        f"where {read.column} = any(%s::{self.TYPES[read.kind]}[]){since}",
                        [list(read.values), *more],
                    )
                )
            return [cursor.fetchall() for cursor in cursors]

    def next_seqs(self, n: int) -> Iterable[int]:
        rows = self.raw.execute(
            "select nextval(pg_get_serial_sequence('collection_event', 'seq')) from generate_series(1, %s)", (n,)
        )
        return [r[0] for r in rows.fetchall()]

    def together(self) -> AbstractContextManager[Any]:
        """Statements whose results nobody waits for are sent together; COPY is not among them."""
        return self.raw.pipeline()

    def touch(self, devices: Sequence[tuple]) -> None:
        """Note (id, last_seen_at, offset_ms, highest event number) of devices, locked in one order for everybody."""
        ids, moments, offsets, seqs = map(list, zip(*devices, strict=True))
        self.raw.execute(
            "with held as (select id from collection_device where id = any(%s::uuid[]) order by id for no key update) "
            "update collection_device d set last_seen_at = n.at, offset_ms = n.off, "
            "seq_high = greatest(d.seq_high, n.seq) from held join "
            "unnest(%s::uuid[], %s::timestamptz[], %s::bigint[], %s::bigint[]) n(id, at, off, seq) on n.id = held.id "
            "where d.id = held.id",
            (ids, ids, moments, offsets, seqs),
        )

    def write(self, table: Table, rows: Sequence[Row], then: str = "fail") -> None:
        if not rows:
            return
        if then == "fail":
            with (
                self.raw.cursor() as cursor,
                cursor.copy(f"copy {table.name} ({table.column_list}) from stdin (format binary)") as copy,
            ):
                copy.set_types([self.TYPES[kind] for kind in table.kinds])
                for row in rows:
                    copy.write_row(row)
            return
        self.raw.execute(
            f"insert into {table.name} ({table.column_list}) select {table.column_list} "
            f"from json_populate_recordset(null::{table.name}, %s::json){table.conflict(then)}",
            (self._documents(table, range(len(table.columns)), rows),),
        )

    def change(self, table: Table, places: Sequence[int], rows: Sequence[Row]) -> None:
        """Set the columns at `places` of rows that are there; a row is known by `Table.key`, its first column."""
        key = table.columns[0]
        places = [0, *places]
        named = ", ".join(f"{table.columns[i]} {self.TYPES[table.kinds[i]]}" for i in places)
        changes = ", ".join(f"{table.columns[i]} = new.{table.columns[i]}" for i in places[1:])
        self.raw.execute(
            f"update {table.name} old set {changes} from json_to_recordset(%s::json) as new({named}) "
            f"where old.{key} = new.{key}",
            (self._documents(table, places, rows),),
        )

    def _documents(self, table: Table, places: Sequence[int], rows: Sequence[Row]) -> str:
        """Rows as a JSON array, with the columns at `places`."""
        names = [(i, table.columns[i]) for i in places]
        binary = [(table.columns[i]) for i in places if table.kinds[i] == "BinaryField"]
        docs = []
        for row in rows:
            doc = {name: row[i] for i, name in names}
            for name in binary:
                if doc[name] is not None:
                    doc[name] = "\\x" + doc[name].hex()
            docs.append(doc)
        return orjson.dumps(docs).decode()

    def delete(self, table: Table, column: str, values: Sequence[UUID]) -> None:
        self.raw.execute(f"delete from {table.name} where {column} = any(%s::uuid[])", (list(values),))


Store = SQLiteStore | PostgresStore


def store() -> Store:
    """The store of the database in use."""
    return PostgresStore() if connection.vendor == "postgresql" else SQLiteStore()
