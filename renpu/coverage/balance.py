"""The balance of comings and goings (两头平衡) at every level: persons recorded as gone from A to B, by the forms at A,
beside persons recorded in B with the hukou in A, by the forms at B. Polars in, Polars out; knows no Django.
"""

import polars as pl

from renpu.coverage.internal import HUKOU_HERE, LIVES_HERE, said_place
from renpu.coverage.records import Terms

LEVELS = {"block": 15, "committee": 12, "street": 9, "county": 6, "city": 4}


def balance(lines: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """`level`, `origin` (of the hukou), `destination` (of the residence), `gone` as said at the origin, `arrived` as
    said at the destination, `both` recorded at both ends. Places are codes as long as the level where the forms say so
    much, else shorter; pairs inside one place are left out, and so are pairs of which neither end is in the census."""
    here = pl.col("residence_place") == LIVES_HERE
    local = pl.col("hukou_place") == HUKOU_HERE
    gone = lines.filter(~here & local).select(
        "person", origin="block_code", destination=said_place("residence_place", "residence_code")
    )
    arrived = lines.filter(here & ~local).select(
        "person", destination="block_code", origin=said_place("hukou_place", "hukou_code")
    )
    ends = gone.join(arrived, on="person", suffix="_there").group_by("person").agg(
        origin=pl.col("origin").first(), destination=pl.col("destination_there").first()
    )  # fmt: skip
    parts = [
        _counted(frame, level, size, name)
        for level, size in LEVELS.items()
        for name, frame in (("gone", _nearer(gone, ends)), ("arrived", _nearer(arrived, ends)), ("both", ends))
        if size >= len(terms.area_code)
    ]
    if not parts:
        return pl.DataFrame(schema={"level": pl.String, "origin": pl.String, "destination": pl.String,
                                    "gone": pl.Int64, "arrived": pl.Int64, "both": pl.Int64})  # fmt: skip
    return (
        pl.concat(parts, how="diagonal")
        .group_by("level", "origin", "destination")
        .agg(pl.col("gone", "arrived", "both").sum())
        .sort("level", "origin", "destination")
    )


def ends(lines: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Each form line of somebody who lives at one place and has the hukou at another: `record`, `origin` (of the
    hukou), `destination` (of the residence), `tied` (recorded at the other end too). The line's own end is its block;
    the other end is the block of the other record, else as far as the line says."""
    here, local = pl.col("residence_place") == LIVES_HERE, pl.col("hukou_place") == HUKOU_HERE
    gone = lines.filter(~here & local).select(
        "record", "person", origin="block_code", destination=said_place("residence_place", "residence_code")
    )
    arrived = lines.filter(here & ~local).select(
        "record", "person", destination="block_code", origin=said_place("hukou_place", "hukou_code")
    )
    one = pl.col("record").sort().first()
    there = arrived.group_by("person").agg(at=pl.col("destination").sort_by("record").first(), n=one)
    back = gone.group_by("person").agg(at=pl.col("origin").sort_by("record").first(), n=one)
    gone = gone.join(there, on="person", how="left").with_columns(destination=pl.coalesce("at", "destination"))
    arrived = arrived.join(back, on="person", how="left").with_columns(origin=pl.coalesce("at", "origin"))
    columns = ["record", pl.col("origin").fill_null(""), pl.col("destination").fill_null("")]
    both = pl.concat([frame.select(*columns, tied=pl.col("n").is_not_null()) for frame in (gone, arrived)])
    return both.filter(pl.col("origin") != pl.col("destination")).unique("record", keep="first")


def _nearer(one_end: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """Persons recorded at both ends lie where the two forms lie; others as far as their one form says."""
    known = ends.select("person", o="origin", d="destination")
    return one_end.join(known, on="person", how="left").select(
        "person", origin=pl.coalesce("o", "origin"), destination=pl.coalesce("d", "destination")
    )


def _counted(frame: pl.DataFrame, level: str, size: int, name: str) -> pl.DataFrame:
    places = frame.with_columns(pl.col("origin", "destination").str.slice(0, size).fill_null(""))
    apart = places.filter(pl.col("origin") != pl.col("destination"))
    return (
        apart.group_by("origin", "destination")
        .agg(pl.col("person").n_unique().cast(pl.Int64).alias(name))
        .with_columns(level=pl.lit(level))
    )
