"""The floor of a store: what the disk, and the bare database, take for the same bytes or rows."""

import os
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
import psycopg

from bench.load import Request
from bench.office import Office

# What a batch of forms leaves in each table: the key by which its rows are found, and what it is compared with.
ROWS = {
    "collection_event": ("id", "ids"),
    "listing_household": ("id", "households"),
    "collection_person": ("household_id", "households"),
    "collection_blockday": ("block_code", "blocks"),
    "collection_blocknow": ("block_code", "blocks"),
}


class Floor:
    """Measured on the disk, or in the PostgreSQL, of an office."""

    def __init__(self, office: Office):
        self.office = office
        if office.postgres:
            with psycopg.connect(office.postgres.dsn, autocommit=True) as db:
                for table in ROWS:
                    db.execute(f"create table floor_{table} (like {table} including all)")

    def bytes(self, lanes: list[list[Request]]) -> float:
        """Events a second: the bodies appended to a file, one fsync a batch."""
        requests = [request for lane in lanes for request in lane]
        path = self.office.folder / "floor"
        start = time.perf_counter()
        with path.open("ab", buffering=0) as file:
            for request in requests:
                file.write(request.body)
                os.fsync(file.fileno())
        seconds = time.perf_counter() - start
        path.unlink()
        return sum(len(r.ids) for r in requests) / seconds

    def rows(self, lanes: list[list[Request]], copied: bool = False) -> float:
        """Events a second: the rows that these requests, already taken in, have left in the tables, inserted into empty
        copies of the tables with the same indexes; one statement and one commit a batch, a connection a lane.

        `copied`: by COPY in binary instead of a statement, which is the least that PostgreSQL can be asked to do.
        """
        assert self.office.postgres is not None
        with psycopg.connect(self.office.postgres.dsn, autocommit=True) as db:
            for table in ROWS:
                db.execute(f"truncate floor_{table}")
            captured = [[(self._binary if copied else self._json)(db, request) for request in lane] for lane in lanes]
            db.execute("checkpoint")
        seconds = at_once([lambda lane=lane: self._insert(lane, copied) for lane in captured])
        return sum(len(r.ids) for lane in lanes for r in lane) / seconds

    def _insert(self, lane: list[list[Any]], copied: bool) -> None:
        assert self.office.postgres is not None
        statement = "with " + ", ".join(
            f"t{n} as (insert into floor_{table} select * from json_populate_recordset(null::{table}, %s::json) "
            f"on conflict do nothing)"
            for n, table in enumerate(ROWS)
        )
        with psycopg.connect(self.office.postgres.dsn, prepare_threshold=0) as db:
            for batch in lane:
                if copied:
                    for table, rows in zip(ROWS, batch, strict=True):
                        if "block" not in table:
                            with (
                                db.cursor() as cursor,
                                cursor.copy(f"copy floor_{table} from stdin (format binary)") as copy,
                            ):
                                copy.write(rows)
                else:
                    db.execute(f"{statement} select 1", batch)
                db.commit()

    def _json(self, db: psycopg.Connection, request: Request) -> list[str]:
        return [
            db.execute(
                f"select coalesce(json_agg(t), '[]')::text from {table} t where {key} = any(%s)", (values,)
            ).fetchone()[0]
            for table, key, values in keys(request)
        ]

    def _binary(self, db: psycopg.Connection, request: Request) -> list[bytes]:
        found = []
        for table, key, values in keys(request):
            wanted = ",".join(f"'{v}'" for v in values)
            with (
                db.cursor() as cursor,
                cursor.copy(
                    f"copy (select * from {table} where {key} in ({wanted})) to stdout (format binary)"
                ) as copy,
            ):
                found.append(b"".join(map(bytes, copy)))
        return found


def keys(request: Request) -> list[tuple[str, str, list[Any]]]:
    """(table, key column, values) of the rows that a request's events left."""
    events = orjson.loads(request.body)["events"]
    of = {
        "ids": [UUID(e["id"]) for e in events],
        "households": [UUID(e["about"]) for e in events],
        "blocks": sorted({e["block"] for e in events}),
    }
    return [(table, key, of[name]) for table, (key, name) in ROWS.items()]


def at_once(work: list[Callable[[], None]]) -> float:
    """Seconds until all are done, each in a thread of its own."""
    problems: list[BaseException] = []

    def guarded(one: Callable[[], None]) -> None:
        try:
            one()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=guarded, args=(one,)) for one in work]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return time.perf_counter() - start
