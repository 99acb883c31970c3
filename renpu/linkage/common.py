"""How common a value is: to agree in 张伟 says less than to agree in 瞿晟玥, and 王 alone says little.

Counted are the others: a value that only the two records bear may still be borne by a stranger; how likely that is, is
told by how many values were seen twice for each that was seen once (Good-Turing).
"""

from math import sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from renpu.linkage.agreement import LEVELS
from renpu.linkage.fields import Column

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MANY = 200_000  # values of which a share is enough
DOUBT = 2.0  # bearers among what is left, before they say that a value is more common there
SURNAME, NEAR, SOUND = (LEVELS["name"].index(level) for level in ("surname", "near", "sound"))


class Values:
    """The values of one field in the files compared. `same`: how often two strangers agree in it; `sounds`: how often
    their names only sound alike (0 where most names are not compared by characters)."""

    def __init__(self, column: Column, *, within: bool) -> None:
        self.column = column
        self.files = [column.left] if within else [column.left, column.right]
        self.total = float(max(sum(len(f) - f.null_count() for f in self.files), 1))
        larger = max(self.files, key=len)
        counts = self._counts(larger)
        self.same = max(_agree(counts, len(larger) - larger.null_count()), 0.05 / self.total**1.5)
        self.unseen = _unseen(counts)
        self.sounds = self.surnames = 0.0
        self.bearers: Ints | None = None
        if column.table is not None:
            self.bearers = self._bearers(self.files)
            if column.kind == "name":
                self._look_into(column.table, self._bearers([larger]))

    def _counts(self, file: pl.Series) -> Ints:
        """How many records bear each value; of hashed values in large files, of one in eight."""
        if self.column.table is not None:
            counts = self._bearers([file])
            return counts[counts > 0]
        some = file.drop_nulls()
        if len(some) > MANY and some.dtype == pl.UInt64:
            some = some.filter(some % 8 == 0)
        return np.asarray(some.value_counts(name="n")["n"], dtype=np.int64)

    def _bearers(self, files: list[pl.Series]) -> Ints:
        assert self.column.table is not None
        size = len(self.column.table)
        counted = np.zeros(size, dtype=np.int64)
        for file in files:
            counted += np.bincount(file.drop_nulls().to_numpy(), minlength=size)
        return counted

    def _look_into(self, table: pl.DataFrame, bearers: Ints) -> None:
        plain = table["size"].to_numpy() > 0
        self.first = table["c0"].to_numpy() * plain
        sound = np.where(plain, (table["key1"].rank("dense").fill_null(0)).to_numpy(), 0)
        self.sound = sound.astype(np.int32)
        by_sound = np.bincount(self.sound, bearers)[1:]
        if bearers[plain].sum() > bearers.sum() / 2:
            self.sounds = max(_agree(by_sound) - _agree(bearers[plain]), 0.1 * self.same)
            self.surnames = _agree(np.bincount(self.first, bearers)[1:])
        self.unseen_sound = _unseen(by_sound)
        self.of_sound = np.bincount(self.sound, self.bearers)
        self.of_first = np.bincount(self.first, self.bearers)

    def factor(self, levels: pl.Series, pairs: pl.DataFrame, left: list[pl.Series], keyed: NDArray[np.bool_]) -> Floats:
        """By how much more strangers agree as the pairs do, `levels`, in their values than in any. `left` are the rows
        from which the pairs come: what the passes leave is richer in common names, which are seldom unique. That
        tells of pairs that agree in the key of a pass (`keyed`); others were left for a fault, whatever the name."""
        found = np.ones(len(pairs))
        if self.column.kind == "date":
            return found
        level = levels.to_numpy()
        best = len(LEVELS[self.column.kind]) - 1
        rows = np.flatnonzero(level == best)
        code = self.column.left.gather(pairs["l"].gather(rows))
        share = (self._times(code) - 2 + len(self.files) * self.unseen) / self.total
        found[rows] = share / self.same
        if self.bearers is not None:
            for column, of in zip((self.column.left, self.column.right), left, strict=True):
                still = self._bearers([column.gather(of)])
                richer = (still[code.to_numpy()] - 1 + DOUBT) / (len(of) * share + DOUBT)
                found[rows] *= np.where(keyed[rows], richer, 1.0)
        if self.sounds and self.surnames:
            rows = np.flatnonzero((level >= SURNAME) & (level <= SOUND))
            a, b = (
                c.gather(pairs[side].gather(rows)).to_numpy()
                for c, side in ((self.column.left, "l"), (self.column.right, "r"))
            )
            near, alike = self.first[a] > 0, (level[rows] == SOUND) & (self.sound[a] > 0)
            near &= (self.first[a] == self.first[b]) & ~alike
            assert self.bearers is not None
            found[rows[near]] = self.of_first[self.first[a[near]]] / self.total / self.surnames
            others = self.of_sound[self.sound[a]] - self.bearers[a] - 1 + len(self.files) * self.unseen_sound
            found[rows[alike]] = np.maximum(others, self.unseen_sound)[alike] / self.total / self.sounds
        return found

    def _times(self, codes: pl.Series) -> Floats:
        """How many records bear each value."""
        if self.bearers is not None:
            return np.asarray(self.bearers[codes.to_numpy()], dtype=np.float64)
        asked = codes.to_frame("code")
        wanted = asked.unique()
        counts = pl.concat([f.to_frame("code").join(wanted, on="code", how="semi") for f in self.files])
        counts = counts.group_by("code").len("n")
        joined = asked.join(counts, on="code", how="left", maintain_order="left")
        return np.asarray(joined["n"], dtype=np.float64)


def _agree(bearers: NDArray[np.float64] | Ints, total: float | None = None) -> float:
    """How often two different records agree; `total` records, if those are not all of them."""
    n: Floats = np.asarray(bearers, dtype=np.float64)
    counted = float(n.sum())
    total = counted if total is None else float(total)
    alike: Floats = n * (n - 1)
    return float(alike.sum()) / max(counted * (total - 1), 1.0)


def _unseen(bearers: NDArray[np.float64] | Ints) -> float:
    """How many more bearers to expect of a value that was seen once; 1 at most."""
    once, twice = float((bearers == 1).sum()), float((bearers == 2).sum())
    total = float(bearers.sum())
    return min(max(2 * twice / max(once, 1.0), 1 / sqrt(max(total, 20.0))), 1.0)
