"""The few statements that the journal needs, set-based, for SQLite and for PostgreSQL.

Rows are tuples in the order of `Table.columns`, with Python values (UUID, aware datetime, date, bytes). On
PostgreSQL a batch is one JSON parameter a table, on SQLite an `executemany`: both were measured to cost a fraction of
the object-relational way.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
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


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else str(moment.astimezone(UTC).replace(tzinfo=None))


def _hex(value: UUID | None) -> str | None:
    return None if value is None else value.hex


def _iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _aware(value: Any) -> Any:
    return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


def _uuid(value: Any) -> Any:
    return None if value is None else UUID(hex=value)


class SQLiteStore:
    """One writing process: `BEGIN IMMEDIATE` is the lock of every block."""

    TO: dict[str, Any] = {"DateTimeField": _utc, "UUIDField": _hex, "DateField": _iso}
    FROM: dict[str, Any] = {"DateTimeField": _aware, "UUIDField": _uuid}

    def __init__(self) -> None:
        connection.ensure_connection()
        self.raw = connection.connection

    def lock(self, blocks: Iterable[str]) -> None:
        """Nothing to do: the transaction holds the whole database."""

    def next_seqs(self, n: int) -> Iterable[int]:
        top = self.raw.execute("select coalesce(max(seq), 0) from collection_event").fetchone()[0]
        return range(top + 1, top + 1 + n)

    def read(
        self,
        table: Table,
        column: str,
        values: Sequence[Any],
        columns: Sequence[str] | None = None,
        days: Sequence[date] = (),
    ) -> list[Row]:
        """The rows whose `column` is one of `values`, and whose `day` is one of `days` if any are given."""
        names = table.columns if columns is None else columns
        kinds = dict(zip(table.columns, table.kinds, strict=True))
        opened = [self.FROM.get(kinds[c]) for c in names]
        to = self.TO.get(kinds[column])
        of_days = f" and day in ({','.join('?' * len(days))})" if days else ""
        rows: list[Row] = []
        for at in range(0, len(values), 500):
            part = [to(v) if to else v for v in values[at : at + 500]]
            marks = ",".join("?" * len(part))
            found = self.raw.execute(
                f"select {', '.join(names)} from {table.name} where {column} in ({marks}){of_days}",
                [*part, *map(_iso, days)],
            ).fetchall()
            rows.extend(
                tuple(f(v) if f else v for f, v in zip(opened, row, strict=True)) if any(opened) else row
                for row in found
            )
        return rows

    def write(self, table: Table, rows: Sequence[Row], then: str = "fail") -> None:
        if not rows:
            return
        to = [(i, self.TO[k]) for i, k in enumerate(table.kinds) if k in self.TO]
        ready = []
        for row in rows:
            values = list(row)
            for i, f in to:
                values[i] = f(values[i])
            ready.append(values)
        marks = ",".join("?" * len(table.columns))
        self.raw.executemany(
            f"insert into {table.name} ({table.column_list}) values ({marks}){table.conflict(then)}", ready
        )

    def delete(self, table: Table, column: str, values: Sequence[UUID]) -> None:
        self.raw.executemany(f"delete from {table.name} where {column} = ?", [(v.hex,) for v in values])


class PostgresStore:
    """Blocks are locked by number, sorted, in a statement of its own, so that the reads after it see what the wait
    was for."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self.raw = connection.connection

    def lock(self, blocks: Iterable[str]) -> None:
        self.raw.execute(
            "select pg_advisory_xact_lock(b) from unnest(%s::bigint[]) b", ([int(b) for b in sorted(blocks)],)
        )

    def next_seqs(self, n: int) -> Iterable[int]:
        rows = self.raw.execute(
            "select nextval(pg_get_serial_sequence('collection_event', 'seq')) from generate_series(1, %s)", (n,)
        )
        return [r[0] for r in rows.fetchall()]

    CAST = {"UUIDField": "uuid[]", "CharField": "text[]", "BinaryField": "bytea[]"}

    def read(
        self,
        table: Table,
        column: str,
        values: Sequence[Any],
        columns: Sequence[str] | None = None,
        days: Sequence[date] = (),
    ) -> list[Row]:
        names = table.column_list if columns is None else ", ".join(columns)
        cast = self.CAST[table.kinds[table.columns.index(column)]]
        of_days = " and day = any(%s::date[])" if days else ""
        return self.raw.execute(
            f"select {names} from {table.name} where {column} = any(%s::{cast}){of_days}",
            (list(values), list(days)) if days else (list(values),),
        ).fetchall()

    def write(self, table: Table, rows: Sequence[Row], then: str = "fail") -> None:
        if not rows:
            return
        columns = table.columns
        binary = [c for c, k in zip(columns, table.kinds, strict=True) if k == "BinaryField"]
        docs = []
        for row in rows:
            doc = dict(zip(columns, row, strict=True))
            for c in binary:
                value = doc[c]
                if value is not None:
                    doc[c] = "\\x" + value.hex()
            docs.append(doc)
        self.raw.execute(
            f"insert into {table.name} ({table.column_list}) select {table.column_list} "
            f"from json_populate_recordset(null::{table.name}, %s::json){table.conflict(then)}",
            (orjson.dumps(docs).decode(),),
        )

    def delete(self, table: Table, column: str, values: Sequence[UUID]) -> None:
        self.raw.execute(f"delete from {table.name} where {column} = any(%s::uuid[])", (list(values),))


Store = SQLiteStore | PostgresStore


def store() -> Store:
    """The store of the database in use."""
    return PostgresStore() if connection.vendor == "postgresql" else SQLiteStore()
