"""Whose members were linked: a household of one file is tied to one of the other by its members' links."""

import polars as pl

from renpu.linkage.agreement import MISSING

HOME = ["h", "k"]
FAMILY = 12


class Ties:
    """Ties between the households of two files, as far as `pairs` (`l`, `r`) tie them. `left` and `right` give each
    row's household as a number below `size`."""

    def __init__(self, left: pl.Series, right: pl.Series, pairs: pl.DataFrame) -> None:
        self.left, self.right = left, right
        self.linked = pairs.select("l", "r")
        self.size = 1 + max(int(s.max() or 0) for s in (left, right))  # type: ignore[arg-type]
        tied = self._homes(self.linked).with_columns(self.linked["l"]).drop_nulls()
        # equal ties in the order of the records: what a household's number is depends on how its rows came
        ties = tied.group_by(HOME).agg(pl.len().alias("n"), pl.col("l").min()).sort("n", "l", descending=[True, False])
        self.related = int((ties["n"].cast(pl.Int64) * (ties["n"] - 1)).sum())  # pairs of different people in them
        self.of_left = self._by_household(ties, "h", "k")
        self.of_right = self._by_household(ties, "k", "h")

    def _homes(self, pairs: pl.DataFrame) -> pl.DataFrame:
        return pairs.select(h=self.left.gather(pairs["l"]), k=self.right.gather(pairs["r"]))

    def _by_household(self, ties: pl.DataFrame, own: str, other: str) -> pl.DataFrame:
        """A row a household: the one it is best tied to, by how many links, and how many links it has in all."""
        of = ties.group_by(own, maintain_order=True).agg(best=pl.col(other).first(), n="n", all=pl.col("n").sum())
        of = of.with_columns(n=pl.col("n").list.first())
        nothing = pl.DataFrame(
            {
                "best": pl.repeat(None, self.size, dtype=pl.UInt32, eager=True),
                "n": pl.zeros(self.size, dtype=pl.Int32, eager=True),
                "all": pl.zeros(self.size, dtype=pl.Int32, eager=True),
            }
        )
        return nothing.with_columns(nothing[c].scatter(of[own], of[c].cast(nothing[c].dtype)) for c in nothing.columns)

    def level(self, pairs: pl.DataFrame, own: pl.Series | None = None) -> pl.Series:
        """1 where other members of both households are linked to each other, 0 where they are linked elsewhere only.
        `own` tells the pairs that are links themselves, which are no evidence for themselves."""
        homes = self._homes(pairs)
        less = 0 if own is None else own
        linked = pl.zeros(len(pairs), dtype=pl.Int8, eager=True)
        elsewhere = linked
        for table, mine, other in ((self.of_left, "h", "k"), (self.of_right, "k", "h")):
            best, n, every = (table[c].gather(homes[mine]) for c in ("best", "n", "all"))
            linked = linked | ((best == homes[other]) & (n - less > 0)).fill_null(False).cast(pl.Int8)
            elsewhere = elsewhere | (every - less > 0).fill_null(False).cast(pl.Int8)
        flags = pl.DataFrame({"linked": linked, "elsewhere": elsewhere})
        level = pl.when(pl.col("linked") > 0).then(1).when(pl.col("elsewhere") > 0).then(0).otherwise(MISSING)
        return flags.select(level.cast(pl.Int8)).to_series()

    def keys(self, rows: tuple[pl.Series, pl.Series]) -> tuple[pl.Series, pl.Series]:
        """A key under which members of tied households meet: the household of the right file."""
        there = self.of_left["best"].gather(self.left.gather(rows[0]))
        return there.cast(pl.UInt64), self.right.gather(rows[1]).cast(pl.UInt64)

    def members(self, most: int) -> pl.DataFrame:
        """Pairs `l`, `r` of different people in tied households, about so many: certainly not one person."""
        homes = self._homes(self.linked)
        share = max(1, 2 * len(homes) // max(most, 1))
        rows = pl.concat([self.linked, homes], how="horizontal").drop_nulls()
        rows = rows.filter(pl.col("l").min().over("h").hash() % share == 0) if share > 1 else rows
        both = rows.join(rows, on=HOME, suffix="2").filter(pl.col("l") != pl.col("l2"))
        return both.select("l", r="r2").sort("l", "r").head(most)


def together(homes: pl.Series, most: int) -> pl.DataFrame:
    """Pairs `l`, `r` of rows of one file that share a home, about so many, the lower row left. Homes of more than a
    family are left out."""
    rows = pl.DataFrame({"h": homes, "l": pl.int_range(0, len(homes), dtype=pl.UInt32, eager=True)}).drop_nulls()
    rows = rows.filter(pl.len().over("h").is_between(2, FAMILY))
    share = max(1, 2 * len(rows) // max(most, 1))
    rows = rows.filter(pl.col("l").min().over("h").hash() % share == 0) if share > 1 else rows
    both = rows.join(rows.rename({"l": "r"}), on="h").filter(pl.col("l") < pl.col("r"))
    return both.select("l", "r").sort("l", "r").head(most)
