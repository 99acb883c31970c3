"""Linking is one to one, but a person may have two rows in a file: what the other pairs of two records say of a pair.

Each pair comes with its odds by itself. Two rows that might both be mine are rivals if they are two people, and no
rivals if they are one person twice. A record's pairs are weighed together: no partner at all counts 1, one partner its
odds, each further partner its odds times the share of people who are twice in that file. That share is learned from the
pairs themselves. What one record makes of its pairs is told to the records at their other ends, so that a row which is
surely somebody else's is no rival (belief propagation; exact where pairs form no ring, and few do).

The odds of a pair by itself are those among all pairs that could be made. But most of these are of records whose
partner is known; two of the few that have nobody are the more likely to belong together. If M of n and m records have
a partner, pairs among the rest count nm / (n - M)(m - M) times (the law of mass action).
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TOLD, LEARNED = 4, 5  # rounds
MOST = 0.1
LONELY = 0.05  # share of records believed to have no partner, at least
DOUBLED, BELIEF = 0.005, 100.0  # share of people who are twice, until so many records show otherwise
PAIR = ["l", "r"]


@dataclass(slots=True)
class _End:
    """One end of each pair: `of` is the number of its record; `kind` of each record with a pair what it says, and
    `records` how many of each kind there are, of which some have no pair at all."""

    of: Ints
    kind: Ints
    records: Floats
    doubled: float = DOUBLED
    lonely: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.lonely = np.ones(len(self.of))

    def asked(self, odds: Floats) -> Floats:
        """Each pair's odds, as its record sees them, to be free for it: 1 where there is no rival."""
        grown = np.log1p(self.doubled * odds)
        others = np.bincount(self.of, grown)[self.of] - grown
        return np.asarray(1 / (np.exp(-others) * (1 - 1 / self.doubled) + 1 / self.doubled))

    def learn(self, probability: Floats, odds: Floats) -> None:
        """The share of records without a partner, by what they say, and of linked ones that have another besides."""
        grown = np.minimum(np.bincount(self.of, np.log1p(self.doubled * odds)), 500.0)
        linked = 1 - 1 / (1 + np.expm1(grown) / self.doubled)
        again = np.maximum(np.bincount(self.of, probability) - linked, 0)
        self.doubled = min(float((again.sum() + BELIEF * DOUBLED) / (linked.sum() + BELIEF)), MOST)
        without = self.records - np.bincount(self.kind, linked, len(self.records))
        usual = (without.sum() + 1) / (self.records.sum() + 2)
        lonely = (without + BELIEF * usual) / (self.records + BELIEF)
        self.lonely = np.maximum(lonely, LONELY)[self.kind[self.of]]


def among(scored: pl.DataFrame, records: tuple[pl.DataFrame, pl.DataFrame]) -> pl.DataFrame:
    """Pairs `l`, `r`, `odds` with `probability` and `chosen`: the best pairs, each record at most once. `records` of
    the two files could have been paired: their rows (`l`, `r`) and what they say (`says`)."""
    alone = np.minimum(scored["odds"].to_numpy().astype(np.float64), 1e12)
    ends = []
    for column, rows in zip(PAIR, records, strict=True):
        kinds = rows.with_columns(kind=(pl.col("says").rank("dense") - 1).cast(pl.Int64))
        of = (scored[column].rank("dense") - 1).to_numpy().astype(np.int64)
        kind = scored.select(column).unique().sort(column).join(kinds, on=column, how="left", maintain_order="left")
        many = np.bincount(kinds["kind"].to_numpy()).astype(np.float64)
        ends.append(_End(of, kind["kind"].to_numpy(), many))
    told = [np.ones(len(alone)), np.ones(len(alone))]
    probability = alone / (1 + alone)
    for _ in range(LEARNED if len(alone) else 0):
        odds = alone / (ends[0].lonely * ends[1].lonely)
        for _ in range(TOLD):
            told = [end.asked(odds * other) for end, other in zip(ends, reversed(told), strict=True)]
        together = odds * told[0] * told[1]
        probability = together / (1 + together)
        for end, other in zip(ends, reversed(told), strict=True):
            end.learn(probability, odds * other)
    return one_to_one(scored.with_columns(probability=pl.Series(probability)))


def one_to_one(scored: pl.DataFrame) -> pl.DataFrame:
    """Which pairs are `chosen`: the best of both their records, then the best of what is left."""
    scored = scored.sort("odds", "l", "r", descending=[True, False, False])
    free = scored.with_row_index("rank").select("rank", *PAIR)
    chosen = []
    while len(free):
        best = free.filter(
            (pl.col("rank") == pl.col("rank").min().over("l")) & (pl.col("rank") == pl.col("rank").min().over("r"))
        )
        chosen.append(best)
        free = free.join(best, on="l", how="anti").join(best, on="r", how="anti")
    if not chosen:
        return scored.with_columns(chosen=pl.lit(False))
    ranks = pl.concat(chosen)["rank"]
    return scored.with_columns(chosen=pl.repeat(False, len(scored), eager=True).scatter(ranks, True))
