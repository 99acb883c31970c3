"""Which pairs of records are worth comparing: those that meet in a key, and few enough meet there.

Each field has keys of its own (`Column.views`). Groups of a key are taken from the smallest on, while the pairs they
make fit the key's budget; what is too common alone (张伟, a house of three hundred) is tried together with each key of
another field. So no list of keys is tuned to a data set, and memory is bounded by the budget.
"""

from collections.abc import Sequence

import polars as pl

LARGEST = 2_500  # pairs one group may make
PAIR = ["l", "r"]
_WIDE = 1 << 32


def meeting(
    left: Sequence[tuple[str, pl.Series]],
    right: Sequence[tuple[str, pl.Series]],
    rows: tuple[pl.Series, pl.Series],
    budget: int,
    *,
    within: bool = False,
) -> pl.DataFrame:
    """Pairs `l`, `r` of rows. `left` and `right` hold (field, key) for the records of `rows`; `within` one file, each
    pair comes once, the lower row left."""
    found, common = [], []
    a = pl.DataFrame({"l": rows[0]} | {f"k{i}": key for i, (_, key) in enumerate(left)})
    b = pl.DataFrame({"r": rows[1]} | {f"k{i}": key for i, (_, key) in enumerate(right)})
    for i in range(len(left)):
        key = [f"k{i}"]
        pairs, more = _of(a, b, key, budget, within)
        found.append(pairs)
        common.append(more)
    for i in range(len(left)):
        for j in range(i + 1, len(left)):
            first, second = common[i], common[j]
            if left[i][0] == left[j][0] or first is None or second is None:
                continue
            key = [f"k{i}", f"k{j}"]
            both = [
                frame.select(row, *key).join(first, on=key[0], how="semi").join(second, on=key[1], how="semi")
                for frame, row in ((a, "l"), (b, "r"))
            ]
            found.append(_of(both[0], both[1], key, budget, within)[0])
    met = pl.concat(found).unique().sort()
    return pl.DataFrame({"l": (met // _WIDE).cast(pl.UInt32), "r": (met % _WIDE).cast(pl.UInt32)})


def _of(
    a: pl.DataFrame, b: pl.DataFrame, key: list[str], budget: int, within: bool
) -> tuple[pl.Series, pl.DataFrame | None]:
    """The pairs of a key's small groups, each as one number, and the values of a single key that are too common."""
    left, right = a.select("l", *key).drop_nulls(), b.select("r", *key).drop_nulls()
    groups = left.group_by(key).len("nl").join(right.group_by(key).len("nr"), on=key)
    if within:
        groups = groups.filter(pl.col("nr") > 1)
    size = pl.col("nl").cast(pl.UInt64) * pl.col("nr")
    sizes = groups.with_columns(size=size).group_by("size").len("n").sort("size")
    fits = sizes.filter((pl.col("size") * pl.col("n")).cum_sum() <= budget * (2 if within else 1))["size"].max()
    limit = min(int(fits) if fits is not None else 0, LARGEST)  # type: ignore[arg-type]
    small = groups.filter(size <= limit).select(key)
    pairs = left.join(small, on=key, how="semi").join(right, on=key).select(PAIR)
    if within:
        pairs = pairs.filter(pl.col("l") < pl.col("r"))
    more = groups.filter(size > limit).select(key)
    met = pairs.select(pl.col("l").cast(pl.UInt64) * _WIDE + pl.col("r")).to_series()
    return met, more if len(more) else None
