"""A nation compared in parts: every county by itself, then once across counties by identity numbers.

Each part is a call of a pure function on the records of that part alone, so that the parts can run one after the other
here, or anywhere at once (`renpu.linkage.spark`): the pairs are the same.

1. `in_county`: the records of one county are compared as on one machine, with weights learned in that county.
2. `across`: those that found nobody there are dealt by their identity number; within a part, a number borne once on
   each side links two records of different counties if their names agree too (passes 1 and 4 of `settle`). Nothing is
   learned and nothing else is weighed: who moved and has no number is not found.
3. `together`: a link across counties takes the place of what was unsure about its two records.
"""

import zlib
from collections.abc import Sequence

import polars as pl

from renpu.concepts import identity_number
from renpu.linkage import linking, settle
from renpu.linkage.fields import Field, prepare
from renpu.linkage.linking import LINKED, SCHEMA, LinkageRefused

SHARDS = 64
SHARD = "_shard"
SURE = {0: 0.9999, 3: 0.999}  # as `linking` states them for these passes
ACROSS = ("name", "date", "identity")  # kinds of fields that are asked across counties


def compare(
    left: pl.DataFrame,
    right: pl.DataFrame,
    fields: Sequence[Field],
    *,
    id: str,
    county: str,
    shards: int = SHARDS,
) -> pl.DataFrame:
    """Pairs of two files in parts, one after the other: `left, right, probability, status, reason`, as
    `linking.compare` gives them. `county` names the column that holds each record's county in both files. Raises
    LinkageRefused."""
    _refuse(left, right, fields, id, county)
    sides = [_needed(left, fields, id, county, 0), _needed(right, fields, id, county, 1)]
    by_county = [side.partition_by(county, as_dict=True) for side in sides]
    found = [pl.DataFrame(schema=SCHEMA)]
    for key in sorted(by_county[0].keys() & by_county[1].keys()):
        found.append(in_county(by_county[0][key], by_county[1][key], fields, id))
    pairs = pl.concat(found)
    linked = pairs.filter(status=LINKED)
    rest = [
        sharded(side.filter(~pl.col(id).is_in(linked[which].implode())), fields, which, shards)
        for side, which in zip(sides, ("left", "right"), strict=True)
    ]
    dealt = [side.partition_by(SHARD, as_dict=True) for side in rest]
    moved = [pl.DataFrame(schema=SCHEMA)]
    for key in sorted(dealt[0].keys() & dealt[1].keys()):
        moved.append(across(dealt[0][key], dealt[1][key], fields, id, county))
    return together(pairs, pl.concat(moved))


def in_county(left: pl.DataFrame, right: pl.DataFrame, fields: Sequence[Field], id: str) -> pl.DataFrame:
    """The pairs of one county."""
    if not len(left) or not len(right):
        return pl.DataFrame(schema=SCHEMA)
    return linking.compare(left, right, fields, id=id)


def sharded(records: pl.DataFrame, fields: Sequence[Field], which: str, shards: int) -> pl.DataFrame:
    """The records that have an identity number, each with the part in which its number is looked at: two writings of
    one number (of 15 digits, with a small x) come to one part."""
    column = next((getattr(f, which) for f in fields if f.kind == "identity"), None)
    if column is None:
        return records.head(0).with_columns(pl.lit(0, pl.Int32).alias(SHARD))
    there = records.filter(pl.col(column).is_not_null() & (pl.col(column) != ""))
    parts = [zlib.crc32(identity_number.same(number).encode()) % shards for number in there[column]]
    return there.with_columns(pl.Series(SHARD, parts, dtype=pl.Int32))


def across(left: pl.DataFrame, right: pl.DataFrame, fields: Sequence[Field], id: str, county: str) -> pl.DataFrame:
    """Links between counties among the records of one part."""
    asked = [f for f in fields if f.kind in ACROSS and f.name in ("name", "birth", "id_number")]
    sides = [side.sort(id) for side in (left, right)]
    if not len(left) or not len(right) or {"name", "id_number"} - {f.name for f in asked}:
        return pl.DataFrame(schema=SCHEMA)
    columns = {c.name: c for c in prepare(sides[0], sides[1], asked)}
    rows = [pl.int_range(0, len(side), dtype=pl.UInt32, eager=True) for side in sides]
    rows = [r.filter(settle.originals(columns, side, len(r)) == r) for side, r in enumerate(rows)]
    done = settle.settled(columns, (rows[0], rows[1]))
    names = dict(enumerate(settle.PASSES))
    found = done.select(
        left=sides[0][id].cast(pl.String).gather(done["l"]),
        right=sides[1][id].cast(pl.String).gather(done["r"]),
        probability=pl.col("by").replace_strict(SURE, default=SURE[3], return_dtype=pl.Float64),
        status=pl.lit(LINKED),
        reason=pl.lit("pass=") + pl.col("by").replace_strict(names, return_dtype=pl.String),
    )
    other = sides[0][county].gather(done["l"]).ne_missing(sides[1][county].gather(done["r"]))
    return found.filter(other)


def together(pairs: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """The pairs of all counties with the links between them, in order."""
    kept = pairs.join(moved, on="left", how="anti").join(moved, on="right", how="anti")
    return pl.concat([kept, moved.select(kept.columns)]).sort("left", "right")


def _needed(frame: pl.DataFrame, fields: Sequence[Field], id: str, county: str, side: int) -> pl.DataFrame:
    used = columns(fields, id, county, side)
    return frame.select(used).with_columns(pl.col(county).cast(pl.String).fill_null(""))


def columns(fields: Sequence[Field], id: str, county: str, side: int) -> list[str]:
    """The columns that a side needs."""
    return list(dict.fromkeys([id, county, *((f.left, f.right)[side] for f in fields)]))


def _refuse(left: pl.DataFrame, right: pl.DataFrame, fields: Sequence[Field], id: str, county: str) -> None:
    for side, (frame, which) in enumerate(((left, "first"), (right, "second"))):
        for column in columns(fields, id, county, side):
            if column not in frame.columns:
                raise LinkageRefused(f"The {which} file has no column {column}. It has: {', '.join(frame.columns)}.")
        if frame[id].null_count() or frame[id].n_unique() < len(frame):
            raise LinkageRefused(
                f"Column {id} of the {which} file does not tell its records apart: a value is empty or twice."
            )
