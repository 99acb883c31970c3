"""What is compared, as Polars frames: register rows, form lines, lines of deaths forms, roster lines.

Sealed values are opened here and nowhere kept: the frames live as long as one comparison. Each frame has the column
`record`, the key of the record (`linkage.models`); ids are texts of 32 hex digits. Rows come in no order.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2s
from io import BytesIO
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection
from django.db.models import QuerySet

from renpu.collection.models import Death, Person
from renpu.listing.models import Household
from renpu.platform.models import Census
from renpu.platform.vault import opened
from renpu.registers.models import RegisterRow
from renpu.registers.queries import newest_deliveries

OPENED = ("name", "id_number", "phone", "kin_name", "kin_id")
_SEALED = {
    "name": ("name_sealed", "name"),
    "id_number": ("id_sealed", "id"),
    "phone": ("phone_sealed", "phone"),
    "kin_name": ("kin_name_sealed", "kin_name"),
    "kin_id": ("kin_id_sealed", "kin_id"),
}
_ROW = {
    "row_id": pl.Int64, "delivery_id": pl.String, "sheet": pl.String, "number": pl.Int64, "area_code": pl.String,
    "household_no": pl.String, "household_kind": pl.String, "relation": pl.String, "sex": pl.Int8, "birth": pl.String,
    "address": pl.String, "happened_on": pl.String, "persons": pl.Int32, "use": pl.String, "block_code": pl.String,
    "building_id": pl.String, "unit_id": pl.String, "placed": pl.String, "duplicate_of": pl.Int64,
    "person_index": pl.Binary, "more": pl.String,
}  # fmt: skip
_LINE = {
    "household_id": pl.String, "line": pl.Int16, "uuid": pl.String, "block_code": pl.String, "name": pl.Binary,
    "number": pl.Binary, "relationship": pl.Int8, "sex": pl.Int8, "birth": pl.String, "residence_place": pl.Int8,
    "residence_code": pl.String, "hukou_place": pl.Int8, "hukou_code": pl.String, "away_duration": pl.Int8,
    "away_reason": pl.Int8, "counts_as": pl.String,
}  # fmt: skip
_DEATH = {
    "household_id": pl.String, "line": pl.Int16, "block_code": pl.String, "name": pl.Binary, "sex": pl.Int8,
    "birth": pl.String, "died": pl.String,
}  # fmt: skip
_HOUSEHOLD = {
    "household_id": pl.String, "block_code": pl.String, "building_id": pl.String, "unit_id": pl.String,
    "household_no": pl.String, "household_type": pl.Int8, "address": pl.String, "status": pl.Int16,
    "last_noted": pl.Boolean, "version": pl.Int32, "form_method": pl.Int8, "persons": pl.Int16,
    "persons_here": pl.Int16, "persons_resident": pl.Int16,
    "births": pl.Int16, "deaths": pl.Int16, "foreigners": pl.Int16, "n_here": pl.Int16, "n_away": pl.Int16,
    "n_resident": pl.Int16,
}  # fmt: skip


def register_rows(
    area_code: str,
    *,
    sources: Sequence[str] | None = None,
    as_of: datetime | None = None,
    open: Sequence[str] = OPENED,
) -> pl.DataFrame:
    """The rows of the valid lists of an area, refused ones left out: the columns of `_ROW` with `record`, `key`
    (`row_keys`), `source`, and in clear those named in `open`. Equal rows are there, with `duplicate_of` on all but
    the first; `more` is JSON."""
    parts = []
    sealed = {_SEALED[name][0]: pl.Binary for name in open}
    for source, pairs in newest_deliveries(area_code, as_of, sources).items():
        by_delivery: dict[UUID, list[str]] = {}
        for delivery, code in pairs:
            by_delivery.setdefault(delivery, []).append(code)
        for delivery, codes in by_delivery.items():
            rows = RegisterRow.objects.filter(delivery_id=delivery, area_code__in=codes, refused=False)
            frame = read(rows, {"pk": pl.Int64} | {c: t for c, t in _ROW.items() if c != "row_id"} | sealed)
            parts.append(frame.rename({"pk": "row_id"}).with_columns(source=pl.lit(source)))
    if not parts:
        schema = {"record": pl.String, "key": pl.String, **_ROW, "source": pl.String, **dict.fromkeys(open, pl.String)}
        return pl.DataFrame(schema=schema).drop("person_index")
    rows = pl.concat(parts)
    for name in open:
        column, field = _SEALED[name]
        rows = rows.with_columns(_in_clear(rows, column, field).alias(name)).drop(column)
    rows = rows.with_columns(record=pl.format("row:{}", "row_id")).with_columns(key=row_keys())
    return rows.select("record", "key", pl.exclude("record", "key", "person_index"))


def row_keys() -> pl.Expr:
    """What a row is known by in whichever delivery it stands: its source and the blind index of its person, numbered
    where it is there several times; the key of the record where it names nobody."""
    base = pl.format("{}:{}", "source", pl.col("person_index").bin.encode("hex"))
    again = pl.struct("sheet", "number", "row_id").rank("ordinal").over(base)
    numbered = pl.when(again > 1).then(pl.format("{}/{}", base, again)).otherwise(base)
    return pl.when(pl.col("person_index").is_not_null()).then(numbered).otherwise("record")


def _in_clear(rows: pl.DataFrame, column: str, field: str) -> pl.Series:
    there = rows[column].is_not_null().arg_true()
    some = rows.select("delivery_id", "sheet", "number", column)[there]
    ids = {key: str(UUID(key)) for key in some["delivery_id"].unique()}
    places = (
        f"{ids[delivery]}/{sheet}/{number}/{field}".encode()
        for delivery, sheet, number in zip(some["delivery_id"], some["sheet"], some["number"], strict=True)
    )
    return _scattered(len(rows), there, opened(some[column], places))


def form_lines(census: Census, area_code: str) -> pl.DataFrame:
    """The persons of the newest forms of an area: the columns of `_LINE` (`name`, `number` in clear, the latter called
    `id_number`) with `record`, `key` (the person across versions of the form, where the form says who is who), and of
    their roster line `address`, `unit_id`, `building_id`, `status`, `household_type`, `n_resident`."""
    lines = read(Person.objects.in_area(area_code), _LINE)
    homes = households(census, area_code)
    lines = lines.join(
        homes.select("household_id", "address", "unit_id", "building_id", "status", "household_type", "n_resident"),
        on="household_id",
    )
    name = opened(lines["name"], _places(lines, b"name"))
    there = lines["number"].is_not_null().arg_true()
    some = lines[there]
    number = _scattered(len(lines), there, opened(some["number"], _places(some, b"number")))
    known = [blake2s(uuid.encode(), digest_size=8).hexdigest() if uuid else None for uuid in lines["uuid"]]
    who = pl.coalesce(pl.Series(known, dtype=pl.String), pl.col("line").cast(pl.String))
    return lines.drop("name", "number", "uuid").select(
        pl.format("line:{}:{}", "household_id", "line").alias("record"),
        pl.format("line:{}:{}", "household_id", who).alias("key"),
        pl.all(),
        name=pl.Series(name, dtype=pl.String),
        id_number=number,
    )


def death_lines(census: Census, area_code: str) -> pl.DataFrame:
    """The lines of the deaths forms of an area: the columns of `_DEATH` with `record` (`death:<32 hex digits>:1`)."""
    lines = read(Death.objects.in_area(area_code), _DEATH)
    lines = lines.join(households(census, area_code).select("household_id"), on="household_id", how="semi")
    name = opened(lines["name"], _places(lines, b"death"))
    return lines.drop("name").select(
        pl.format("death:{}:{}", "household_id", "line").alias("record"),
        pl.all(),
        name=pl.Series(name, dtype=pl.String),
    )


def households(census: Census, area_code: str) -> pl.DataFrame:
    """The roster lines of an area, without those that were removed: the columns of `_HOUSEHOLD`."""
    columns = {"pk": pl.String} | {c: t for c, t in _HOUSEHOLD.items() if c != "household_id"}
    return read(Household.objects.of(census).in_area(area_code), columns).rename({"pk": "household_id"})


def heads(census: Census, area_code: str, status: int) -> pl.DataFrame:
    """The roster lines of a status with the `name` of their head in clear: `household_id`, `block_code`, `unit_id`."""
    found = Household.objects.of(census).in_area(area_code).filter(status=status).exclude(head=None)
    homes = read(found, {"pk": pl.String, "block_code": pl.String, "unit_id": pl.String, "head": pl.Binary})
    places = (bytes.fromhex(key) + b"head" for key in homes["pk"])
    return homes.with_columns(name=pl.Series(opened(homes["head"], places), dtype=pl.String)).select(
        "block_code", "unit_id", "name", household_id="pk"
    )


def _places(lines: pl.DataFrame, field: bytes) -> Iterable[bytes]:
    """What binds the values of persons and deaths to their line (`collection.forms.facts`)."""
    whole = bytes.fromhex
    return (
        whole(household) + bytes((line & 255,)) + field
        for household, line in zip(lines["household_id"], lines["line"], strict=True)
    )


def _scattered(size: int, at: pl.Series, values: list[str]) -> pl.Series:
    texts = pl.repeat(None, size, dtype=pl.String, eager=True)
    return texts.scatter(at, pl.Series(values, dtype=pl.String)) if len(at) else texts


def read(query: QuerySet[Any], columns: dict[str, Any]) -> pl.DataFrame:
    """The named columns of a query as a frame of the given types: on PostgreSQL by COPY, which no row of Python slows
    down. UUIDs become 32 hex digits, JSON its text."""
    sql, params = query.order_by().values_list(*columns).query.sql_with_params()
    schema = {name: pl.String if kind in (pl.Binary, pl.Boolean) else kind for name, kind in columns.items()}
    truths = [name for name, kind in columns.items() if kind == pl.Boolean]
    binary = [name for name, kind in columns.items() if kind == pl.Binary]
    ids = [name for name in columns if (name == "pk" and columns[name] == pl.String) or name.endswith("_id")]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            text = BytesIO()
            with cursor.copy(f"copy ({sql}) to stdout (format csv, null '\\N')", params) as copy:
                for part in copy:
                    text.write(part)
            text.seek(0)
            if not text.getbuffer().nbytes:
                return pl.DataFrame(schema=columns)
            frame = pl.read_csv(
                text, has_header=False, schema=schema, null_values="\\N",
                empty_string_is_null=False,
            )  # fmt: skip
            return frame.with_columns(
                pl.col(binary).str.slice(2).str.decode("hex"),
                pl.col(ids).cast(pl.String).str.replace_all("-", ""),
                pl.col(truths) == "t",
            )
        cursor.execute(sql, params)
        stored = columns | dict.fromkeys(truths, pl.Int8)
        frame = pl.DataFrame(cursor.fetchall(), schema=stored, orient="row", infer_schema_length=None)
        return frame.cast(dict.fromkeys(truths, pl.Boolean))
