"""A nation compared on Spark: the parts of `renpu.linkage.partitions`, wherever Spark runs them (extra `[spark]`).

The workers need renpu and what it needs, and nothing else of it: the functions that they run take and give Arrow
tables. Each uses as many threads as POLARS_MAX_THREADS says; on a machine with as many workers as cores, set it to 1.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from renpu.linkage import partitions
from renpu.linkage.fields import Field
from renpu.linkage.linking import LINKED, LinkageRefused
from renpu.linkage.partitions import SHARD, SHARDS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

PAIRS = "left string, right string, probability double, status string, reason string"
Arrow = Any  # a pyarrow.Table


def compare(
    left: "DataFrame",
    right: "DataFrame",
    fields: Sequence[Field],
    *,
    id: str,
    county: str,
    shards: int = SHARDS,
) -> "DataFrame":
    """The pairs that `partitions.compare` gives for the same records, as a Spark frame in no order. Every value that is
    compared is text. Raises LinkageRefused for a column that is not there; that `id` tells the records apart is checked
    in each county."""
    from pyspark.sql import functions as f

    fields = tuple(fields)
    sides = []
    for side, (frame, which) in enumerate(((left, "first"), (right, "second"))):
        needed = partitions.columns(fields, id, county, side)
        for column in needed:
            if column not in frame.columns:
                raise LinkageRefused(f"The {which} frame has no column {column}. It has: {', '.join(frame.columns)}.")
        # a column that bears two fields is there once
        texts = [f.col(column).cast("string").alias(column) for column in needed]
        sides.append(frame.select(texts).fillna("", subset=[county]))

    pairs = (
        sides[0]
        .groupBy(county)
        .cogroup(sides[1].groupBy(county))
        .applyInArrow(_on_two(lambda a, b: partitions.in_county(a, b, fields, id)), PAIRS)
        .persist()
    )
    linked = pairs.filter(f.col("status") == LINKED)
    dealt = []
    for side, which in zip(sides, ("left", "right"), strict=True):
        rest = side.join(linked.select(f.col(which).alias(id)), on=id, how="left_anti")
        schema = ", ".join(f"`{column}` string" for column in rest.columns) + f", {SHARD} int"
        dealt.append(rest.mapInArrow(_on_batches(_dealer(fields, which, shards)), schema))
    moved = (
        dealt[0]
        .groupBy(SHARD)
        .cogroup(dealt[1].groupBy(SHARD))
        .applyInArrow(_on_two(lambda a, b: partitions.across(a, b, fields, id, county)), PAIRS)
        .persist()
    )
    kept = pairs.join(moved.select("left"), on="left", how="left_anti")
    kept = kept.join(moved.select("right"), on="right", how="left_anti")
    return kept.select(moved.columns).unionByName(moved)


def _dealer(fields: Sequence[Field], which: str, shards: int) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda records: partitions.sharded(records, fields, which, shards)


def _on_two(work: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]) -> Callable[[Arrow, Arrow], Arrow]:
    return lambda left, right: _given(work(_taken(left), _taken(right)))


def _on_batches(work: Callable[[pl.DataFrame], pl.DataFrame]) -> Callable[[Iterator[Arrow]], Iterator[Arrow]]:
    def each(batches: Iterator[Arrow]) -> Iterator[Arrow]:
        for batch in batches:
            yield from _given(work(_taken(batch))).to_batches()

    return each


def _taken(table: Arrow) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _given(frame: pl.DataFrame) -> Arrow:
    """An Arrow table of the types that Spark asks for: texts with short offsets."""
    import pyarrow

    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    types = [
        pyarrow.field(field.name, pyarrow.string() if pyarrow.types.is_large_string(field.type) else field.type)
        for field in table.schema
    ]
    return table.cast(pyarrow.schema(types))
