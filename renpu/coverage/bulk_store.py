"""What a comparison found, written in bulk: links, findings, work items with their steps and counters.

Everything goes through a staging table and a few set-based statements, the same on SQLite and PostgreSQL. Other people
work on items meanwhile: every statement says which rows it may change (open ones), and the counters move by the rows
that were changed, as the store tells them.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import orjson
import polars as pl
from django.db import connection, models

from renpu.coverage import counters, work
from renpu.coverage.kinds import kinds
from renpu.coverage.models import Comparison, Finding, WorkItem, WorkStep
from renpu.coverage.news import says_more
from renpu.geography.places import COMMITTEE
from renpu.linkage.models import Link, LinkDecision
from renpu.linkage.records import read
from renpu.platform.areas import code_range
from renpu.platform.models import Census, local
from renpu.staff.models import Assignment

BY = "comparison"
KINDS = (
    "duplicate", "residence_omission", "hukou_omission", "disagreement", "identity_number", "register_missing",
    "register_absent", "alive_or_dead", "birth_missing", "death_missing", "vacancy", "unlisted_dwelling",
    "building_dwellings", "headcount", "short_stay",
)  # fmt: skip
LINKS = UUID("93a1c7d0-52f4-5d0e-8a5b-1d6f0b7c9e21")
COMPARISONS = 7_012  # first part of the lock's number; blocks and slips have locks of one number
_AT_ONCE = 2000


class Written(NamedTuple):
    """Items that are new, known and open, seen again, seen though closed and with news, and no longer seen."""

    new: int
    known: int
    again: int
    closed: int
    gone: int


def alone(census: Census) -> None:
    """One comparison of a census is written at a time; until the end of the transaction. On SQLite the transaction has
    the whole store."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s, %s)", [COMPARISONS, census.pk])


def write_links(census: Census, area_code: str, pairs: pl.DataFrame, where: pl.DataFrame) -> None:
    """Links of an area replaced, but for those of which a clerk has said something. `where`: `record`, `at` (code)."""
    placed = pairs.join(where, left_on="right", right_on="record", how="left").rename({"at": "right_at"})
    placed = placed.join(where, left_on="left", right_on="record", how="left")
    placed = placed.with_columns(area_code=pl.coalesce("at", "right_at")).filter(
        pl.col("area_code").str.starts_with(area_code)
    )
    ids = [uuid5(LINKS, f"{census.pk}/{a}/{b}").hex for a, b in zip(placed["left"], placed["right"], strict=True)]
    frame = placed.select(
        id=pl.Series(ids, dtype=pl.String), census_id=pl.lit(census.pk), area_code="area_code", left="left",
        right="right", probability="probability", status="status", reason=pl.col("reason").str.slice(0, 300),
        decided_at=pl.lit(None, pl.String), decided_by=pl.lit(""), contested=pl.lit(False),
    )  # fmt: skip
    table, words = Link._meta.db_table, LinkDecision._meta.db_table
    with connection.cursor() as cursor:
        staged = stage(cursor, Link, frame)
        cursor.execute(
            f"delete from {table} where census_id = %s and area_code between %s and %s and decided_at is null "
            f"and not exists (select 1 from {staged} n where n.id = {table}.id) "
            f"and not exists (select 1 from {words} w where w.link_id = {table}.id)",
            [census.pk, *code_range(area_code)],
        )
        names = ", ".join(_quoted(frame.columns))
        changed = ", ".join(f"{c} = excluded.{c}" for c in ("area_code", "probability", "status", "reason"))
        cursor.execute(
            f"insert into {table} ({names}) select {names} from {staged} where true "
            f'on conflict (census_id, "left", "right") do update set {changed} where {table}.decided_at is null'
        )


def write_findings(comparison: Comparison, found: pl.DataFrame) -> None:
    """Findings of the comparison's area replaced."""
    census, area = comparison.census_id, comparison.area_code
    inside = found.filter(pl.col("area_code").str.starts_with(area))
    frame = inside.select(
        "record", "area_code", "source", "delivery_id", "finding", "household_id", "line",
        pl.col("found_in").fill_null(""), pl.col("why").fill_null("").str.slice(0, 200),
        pl.col("origin", "destination").fill_null("").str.slice(0, 15), pl.col("tied").fill_null(False),
        pl.col("in_figures").fill_null(""),
        census_id=pl.lit(census), comparison_id=pl.lit(comparison.pk.hex),
    )  # fmt: skip
    table = Finding._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"delete from {table} where census_id = %s and area_code between %s and %s", [census, *code_range(area)]
        )
        staged = stage(cursor, Finding, frame)
        names = ", ".join(_quoted(frame.columns))
        changed = ", ".join(f"{c} = excluded.{c}" for c in frame.columns if c not in ("record", "census_id"))
        cursor.execute(
            f"insert into {table} ({names}) select {names} from {staged} where true "
            f"on conflict (census_id, record) do update set {changed}"
        )


def write_items(census: Census, area_code: str, found: pl.DataFrame, *, at: datetime) -> Written:
    """Differences become items: new ones are opened, known ones get the newest evidence, those no longer seen are
    marked and stay open. What a person closed stays closed; a step notes that its evidence now says more (`news`)."""
    work.hold(census)
    frame = _as_items(census, found.filter(pl.col("area_code").str.starts_with(area_code)), at)
    table = WorkItem._meta.db_table
    changes = _Moves(census.pk)
    with connection.cursor() as cursor:
        staged = stage(cursor, WorkItem, frame)
        shut = _told_more(cursor, table, staged)
        _renew(cursor, table, staged, shut)
        again = _changed(
            cursor,
            f"update {table} set found = %s, version = version + 1, {_newest(table, staged)} "
            f"where state = 'open' and found = %s and id in (select id from {staged}) "
            "returning id, version, area_code, kind",
            [True, False],
        )
        cursor.execute(
            f"update {table} set {_newest(table, staged)} "
            f"where state = 'open' and id in (select n.id from {staged} n join {table} o on o.id = n.id "
            f"where {_UNLIKE})"
        )
        names = ", ".join(_quoted(frame.columns))
        new = _changed(
            cursor,
            f"insert into {table} ({names}) select {names} from {staged} where true on conflict (id) do nothing "
            "returning id, version, area_code, kind",
        )
        marks = ", ".join(["%s"] * len(KINDS))
        gone = _changed(
            cursor,
            f"update {table} set found = %s, version = version + 1 where census_id = %s and state = 'open' "
            f"and area_code between %s and %s and found = %s and kind in ({marks}) "
            f"and not exists (select 1 from {staged} n where n.id = {table}.id) "
            "returning id, version, area_code, kind",
            [False, census.pk, *code_range(area_code), True, *KINDS],
        )
        for did, rows, was in (("opened", new, "{}"), ("found", again, '{"found": false}'),
                               ("found", shut, "{}"), ("gone", gone, '{"found": true}')):  # fmt: skip
            _steps(cursor, did, rows, was, at)
        changes.add(new, open=1)
        changes.opens(new.join(frame.select("id", "due_on"), on="id"))
        changes.add(gone, gone=1)
        changes.add(again, gone=-1)
    counters.add(changes)
    return Written(len(new), len(frame) - len(new) - len(again) - len(shut), len(again), len(shut), len(gone))


class _Moves:
    """Changes of counters, as `counters.add` takes them."""

    def __init__(self, census_id: int) -> None:
        self.census_id = census_id
        self.parts: list[pl.DataFrame] = []
        self.days: list[tuple] = []

    def add(self, rows: pl.DataFrame, *, open: int = 0, gone: int = 0) -> None:
        counted = (
            rows.group_by("area_code", "kind")
            .len("n")
            .select("area_code", "kind", open=pl.col("n").cast(pl.Int64) * open, gone=pl.col("n").cast(pl.Int64) * gone)
        )
        self.parts.append(counted)

    def rows(self) -> list[tuple]:
        sums = pl.concat(self.parts).group_by("area_code", "kind").sum().sort("area_code", "kind")
        moved = {"open": 0, "gone": 0, "proposed": 0, "closed": 0}
        return [
            (self.census_id, a, k, *(moved | {"open": o, "gone": g}).values())
            for a, k, o, g in sums.iter_rows()
            if o or g
        ]

    def opens(self, rows: pl.DataFrame) -> None:
        """Items with the day on which they are due, all of them new."""
        key = [pl.col("area_code").str.slice(0, COMMITTEE), "kind", "due_on"]
        counted = rows.group_by(key).len("n").sort("area_code", "kind", "due_on")
        self.days = [(self.census_id, *row) for row in counted.iter_rows()]

    def due(self) -> list[tuple]:
        return self.days


def _as_items(census: Census, found: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """The rows of WorkItem: key, owner on duty in the block, day due."""
    found = found.unique(["kind", "subject"], keep="first", maintain_order=True)
    ids = [work.item_id(census.pk, k, s).hex for k, s in zip(found["kind"], found["subject"], strict=True)]
    day = local(at).date()
    of_kind = pl.DataFrame(
        {
            "kind": list(kinds()),
            "duty": [kind.owner for kind in kinds().values()],
            "due_on": [(day + timedelta(days=kind.days)).isoformat() for kind in kinds().values()],
        }
    )
    duty = read(
        Assignment.objects.filter(until=None), {"block_code": pl.String, "duty": pl.String, "staff_id": pl.String}
    )
    return (
        found.with_columns(id=pl.Series(ids, dtype=pl.String))
        .join(of_kind, on="kind", how="left", maintain_order="left")
        .join(duty, left_on=["area_code", "duty"], right_on=["block_code", "duty"], how="left", maintain_order="left")
        .select(
            "id", "kind", "area_code", "subject", "household_id", "line", "other_household_id", "other_line", "row_id",
            "unit_id", "evidence", "due_on", owner_id="staff_id", census_id=pl.lit(census.pk), state=pl.lit("open"),
            found=pl.lit(True), opened_at=pl.lit(moment(at)), tries=pl.lit(0), reason_list=pl.lit(""),
            reason=pl.lit(""), closed_by=pl.lit(""), note=pl.lit(""), version=pl.lit(0),
        )
    )  # fmt: skip


def _told_more(cursor: Any, table: str, staged: str) -> pl.DataFrame:
    """The closed items whose evidence says more than it did when they were closed."""
    cursor.execute(
        f"select o.id, o.version, o.area_code, o.kind, o.evidence, n.evidence from {table} o join {staged} n "
        "on n.id = o.id where o.state = 'closed' and o.evidence <> n.evidence"
    )
    return _frame(row[:4] for row in cursor.fetchall() if says_more(row[3], *map(orjson.loads, row[4:])))


def _renew(cursor: Any, table: str, staged: str, rows: pl.DataFrame) -> None:
    """The newest evidence on the closed items of which it says more; nothing else of them changes, and nothing of the
    others: what they were closed on stands."""
    for ids in work.chunks(rows["id"].to_list(), _AT_ONCE):
        marks = ", ".join(["%s"] * len(ids))
        cursor.execute(
            f"update {table} set evidence = (select n.evidence from {staged} n where n.id = {table}.id) "
            f"where id in ({marks})",
            ids,
        )


_RENEWED = ("evidence", "row_id", "household_id", "line", "other_household_id", "other_line", "unit_id")
_UNLIKE = "o.evidence <> n.evidence or coalesce(o.row_id, 0) <> coalesce(n.row_id, 0) or " + (
    "coalesce(o.line, 0) <> coalesce(n.line, 0) or coalesce(o.other_line, 0) <> coalesce(n.other_line, 0)"
)


def _newest(table: str, staged: str) -> str:
    """Evidence, and where the records now stand: in the newest delivery, on the newest form."""
    return ", ".join(f"{c} = (select n.{c} from {staged} n where n.id = {table}.id)" for c in _RENEWED)


def _changed(cursor: Any, sql: str, params: Iterable[Any] = ()) -> pl.DataFrame:
    cursor.execute(sql, list(params))
    return _frame(cursor.fetchall())


def _frame(found: Iterable[tuple]) -> pl.DataFrame:
    schema = {"id": pl.String, "version": pl.Int32, "area_code": pl.String, "kind": pl.String}
    rows = [(key.hex if isinstance(key, UUID) else key, *rest) for key, *rest in found]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _steps(cursor: Any, did: str, rows: pl.DataFrame, before: str, at: datetime) -> None:
    if not len(rows):
        return
    frame = rows.select(
        "version", item_id="id", at=pl.lit(moment(at)), by=pl.lit(BY), did=pl.lit(did), mode=pl.lit(""),
        facts=pl.lit("{}"), reason_list=pl.lit(""), reason=pl.lit(""), note=pl.lit(""), before=pl.lit(before),
    )  # fmt: skip
    put(cursor, WorkStep._meta.db_table, frame)


def moment(at: datetime) -> str:
    """A moment as both stores read it."""
    return at.astimezone(UTC).isoformat(" ")[: -6 if connection.vendor == "sqlite" else None]


def stage(cursor: Any, model: type[models.Model], frame: pl.DataFrame) -> str:
    """A temporary table with the columns of the frame and the types of the model, filled; its name."""
    name = f"staged_{model._meta.model_name}"
    names = ", ".join(_quoted(frame.columns))
    cursor.execute(f"drop table if exists {name}")
    cursor.execute(f"create temporary table {name} as select {names} from {model._meta.db_table} where 1 = 0")
    put(cursor, name, frame)
    if "id" in frame.columns:
        cursor.execute(f"create unique index {name}_id on {name} (id)")
    if connection.vendor == "postgresql":
        cursor.execute(f"analyze {name}")
    return name


def put(cursor: Any, table: str, frame: pl.DataFrame) -> None:
    """The rows of a frame into a table, by the fastest way the store has."""
    names = ", ".join(_quoted(frame.columns))
    if connection.vendor == "postgresql":
        with cursor.copy(f"copy {table} ({names}) from stdin (format csv, null '\\N')") as copy:
            for part in frame.iter_slices(200_000):
                text = BytesIO()
                part.write_csv(text, include_header=False, null_value="\\N", quote_style="necessary")
                copy.write(text.getvalue())
        return
    marks = ", ".join(["%s"] * len(frame.columns))
    cursor.executemany(f"insert into {table} ({names}) values ({marks})", frame.rows())


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]
