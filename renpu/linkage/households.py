"""Whose members were linked: a household of one file is tied to one of the other by its members' links."""

import polars as pl

from renpu.linkage.agreement import MISSING

HOME = ["h", "k"]


class Ties:
    """Ties between the households of two files, as far as `pairs` (`l`, `r`) tie them."""

    def __init__(self, left: pl.Series, right: pl.Series, pairs: pl.DataFrame) -> None:
        self.left, self.right = left, right
        self.linked = pairs.select("l", "r")
        tied = self._homes(pairs["l"], pairs["r"]).drop_nulls()
        self.ties = tied.group_by(HOME).len("n")
        self.of_left = tied.group_by("h").len("nh")
        self.of_right = tied.group_by("k").len("nk")

    def _homes(self, left: pl.Series, right: pl.Series) -> pl.DataFrame:
        return pl.DataFrame({"h": self.left.gather(left), "k": self.right.gather(right)})

    def level(self, left: pl.Series, right: pl.Series, *, own: pl.Series | None = None) -> pl.Series:
        """1 where other members of both households are linked to each other, 0 where they are linked elsewhere only.
        `own` tells the pairs that are links themselves, which are no evidence for themselves."""
        less = pl.lit(0) if own is None else own.cast(pl.Int64)
        pairs = self._homes(left, right)
        pairs = pairs.join(self.ties, on=HOME, how="left", maintain_order="left")
        pairs = pairs.join(self.of_left, on="h", how="left", maintain_order="left")
        pairs = pairs.join(self.of_right, on="k", how="left", maintain_order="left")
        n, nh, nk = (pl.col(c).fill_null(0).cast(pl.Int64) - less for c in ("n", "nh", "nk"))
        level = pl.when(n > 0).then(1).when((nh > 0) | (nk > 0)).then(0).otherwise(MISSING)
        return pairs.select(level.cast(pl.Int8)).to_series()

    def keys(self, rows: tuple[pl.Series, pl.Series]) -> tuple[pl.Series, pl.Series]:
        """A key under which members of tied households meet: the household of the right file."""
        best = self.ties.sort("n", "h", "k", descending=[True, False, False]).unique(
            "h", keep="first", maintain_order=True
        )
        home = self.left.gather(rows[0]).to_frame("h")
        there = home.join(best.select(HOME), on="h", how="left", maintain_order="left")["k"]
        return there.cast(pl.UInt64), self.right.gather(rows[1]).cast(pl.UInt64)

    def members(self, most: int) -> pl.DataFrame:
        """Pairs `l`, `r` of different people in tied households, about so many: certainly not one person."""
        homes = self._homes(self.linked["l"], self.linked["r"])
        rows = pl.concat([self.linked, homes], how="horizontal").drop_nulls()
        share = max(1, 2 * len(rows) // max(most, 1))
        rows = rows.filter((pl.col("h").cast(pl.UInt64).hash() % share) == 0)
        both = rows.join(rows, on=HOME, suffix="2").filter(pl.col("l") != pl.col("l2"))
        return both.select("l", r="r2").sort("l", "r").head(most)
