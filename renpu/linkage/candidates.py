"""Which pairs of records are worth comparing: those that meet in a key, and few enough meet there.

Each field has keys of its own (`Column.views`). Groups of a key are taken from the smallest on, while the pairs they
make fit the key's budget; what is too common alone (张伟, a house of three hundred) is tried together with each key of
another field. So no list of keys is tuned to a data set, and memory is bounded by the budget.

Groups are made by sorting in NumPy: twenty keys make nearly two hundred pairs of keys, and for a few thousand records
the planning of as many queries would cost more than the work.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from renpu.linkage.fields import side_by_side

LARGEST = 2_500  # pairs one group may make
SMALL = 20_000  # records below which threads cost more than they bring
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
_WIDE = 1 << 32
_NONE = -1


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
    own = rows[0].to_numpy().astype(np.uint64), rows[1].to_numpy().astype(np.uint64)
    fields = [field for field, _ in left]

    def alone(i: int) -> tuple[Keys, tuple[Ints, Ints] | None]:
        sides = [_known(left[i][1])] if within else [_known(left[i][1]), _known(right[i][1])]
        return _meet(sides, own, budget, tell=True)

    def together(both: tuple[int, int]) -> Keys:
        first, second = common[both[0]], common[both[1]]
        assert first is not None
        assert second is not None
        sides = []
        for a, b in zip(first, second, strict=True):
            at = np.flatnonzero((a != _NONE) & (b != _NONE))
            sides.append((at, a[at].astype(np.uint64) * np.uint64(_WIDE) + b[at].astype(np.uint64)))
        return _meet(sides[:1] if within else sides, own, budget, tell=False)[0]

    few = len(own[0]) + len(own[1]) < SMALL
    single = [alone(i) for i in range(len(left))] if few else side_by_side(alone, range(len(left)))
    common = [more for _, more in single]
    pairs = [
        (i, j)
        for i in range(len(left))
        for j in range(i + 1, len(left))
        if fields[i] != fields[j] and common[i] is not None and common[j] is not None
    ]
    double = [together(p) for p in pairs] if few else side_by_side(together, pairs)
    found = [keys for keys, _ in single] + double
    met = np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)
    met.sort()  # faster than NumPy's unique, which hashes
    met = met[np.r_[True, met[1:] != met[:-1]]] if len(met) else met
    wide = np.uint64(_WIDE)
    return pl.DataFrame({"l": (met // wide).astype(np.uint32), "r": (met % wide).astype(np.uint32)})


def _known(key: pl.Series) -> tuple[Ints, Keys]:
    """Where there is a key, and which."""
    at = key.is_not_null().to_numpy().nonzero()[0]
    return at, key.drop_nulls().to_numpy().astype(np.uint64)


def _meet(
    sides: list[tuple[Ints, Keys]], own: tuple[Keys, Keys], budget: int, *, tell: bool
) -> tuple[Keys, tuple[Ints, Ints] | None]:
    """The pairs of a key's small groups, each as one number; and, if they are to be told, for the records of each side
    the number of its group where that is too common. One side alone is met with itself."""
    within = len(sides) == 1
    n = len(sides[0][0])
    keys = sides[0][1] if within else np.concatenate([sides[0][1], sides[1][1]])
    if not n or len(keys) == (0 if within else n):
        return np.zeros(0, dtype=np.uint64), None
    order = np.argsort(keys)
    put = keys[order]
    group = np.cumsum(np.r_[False, put[1:] != put[:-1]])
    first = np.ones(len(order), dtype=bool) if within else order < n
    many = int(group[-1]) + 1
    a = order[first]
    of_a = np.bincount(group[first], minlength=many)
    b, of_b = (a, of_a) if within else (order[~first] - n, np.bincount(group[~first], minlength=many))
    size = np.where(of_b > 1, of_a * of_b, 0) if within else of_a * of_b
    made = np.bincount(np.minimum(size, LARGEST + 1), minlength=LARGEST + 2)[: LARGEST + 1]
    room = budget * (2 if within else 1)
    limit = int(np.searchsorted(np.cumsum(made * np.arange(LARGEST + 1)), room, side="right")) - 1
    few = np.flatnonzero((size > 0) & (size <= limit))
    pairs = _crossed(a, b, of_a, of_b, few)
    left, right = own[0][sides[0][0][pairs[0]]], own[int(not within)][sides[-1][0][pairs[1]]]
    if within:
        left, right = left[left < right], right[left < right]
    met = left * np.uint64(_WIDE) + right
    if not tell or not (size > limit).any():
        return met, None
    number = np.where(size > limit, np.arange(many), _NONE)
    common = [np.full(len(rows), _NONE, dtype=np.int64) for rows in own]
    common[0][sides[0][0][a]] = number[group[first]]
    if within:
        common[1] = common[0]
    else:
        common[1][sides[1][0][b]] = number[group[~first]]
    return met, (common[0], common[1])


def _crossed(a: Ints, b: Ints, of_a: Ints, of_b: Ints, groups: Ints) -> tuple[Ints, Ints]:
    """Every element of `a` beside every element of `b`, in each of the groups; both lie group by group."""
    begins_a, begins_b = np.cumsum(of_a) - of_a, np.cumsum(of_b) - of_b
    size = (of_a * of_b)[groups]
    at = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    wide = np.repeat(of_b[groups], size)
    return a[np.repeat(begins_a[groups], size) + at // wide], b[np.repeat(begins_b[groups], size) + at % wide]
