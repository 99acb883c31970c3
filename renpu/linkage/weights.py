"""What an agreement is worth: Fellegi-Sunter weights, learned from the data and never from a truth.

A pair of records is one of three things: the same person, two strangers, or two members of one household. For
strangers the shares of each level come from pairs drawn by chance over a whole file (and, for full agreement, are
counted exactly). For members of one household, who share address, surname and, if twins, birth date, the shares of
whole patterns are counted among the households. For the same person they are learned by expectation-maximisation
among the pairs that met, beginning with what the settled pairs show.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from renpu.linkage.agreement import MISSING

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROUNDS = 60
BACKOFF = 20.0


@dataclass(slots=True)
class Model:
    """Learned shares. `groups`: by field, the group of each level; shares add to one in each, so that how much the two
    records say about a field is no evidence. `same`, `strangers`: by field, the share of each level; `members`:
    patterns of household members; `odds`, `odds_members`: their number for each pair that could be made."""

    fields: tuple[str, ...]
    groups: list[Ints]
    same: list[Floats]
    strangers: list[Floats]
    members: pl.DataFrame | None
    odds: float
    odds_members: float


def patterns(levels: pl.DataFrame, fields: tuple[str, ...]) -> pl.DataFrame:
    """Distinct patterns of levels and how many pairs (`n`) have each, in a fixed order."""
    return levels.group_by(fields).len("n").sort(fields)


def counts(levels: pl.DataFrame, field: str, size: int) -> Floats:
    """Number of pairs at each level."""
    found = np.zeros(size)
    for level, n in levels.group_by(field).len("n").iter_rows():
        if level != MISSING:
            found[level] += n
    return found


def shares(counted: Floats, prior: Floats, strength: float, groups: Ints) -> Floats:
    """Share of each level in its group, smoothed by a prior worth so many pairs."""
    found = np.zeros(len(counted))
    for group in np.unique(groups):
        at = groups == group
        found[at] = (counted[at] + strength * prior[at] / prior[at].sum()) / (counted[at].sum() + strength)
    return found


def learn(
    counted: pl.DataFrame,
    fields: tuple[str, ...],
    groups: list[Ints],
    begin: list[Floats],
    belief: list[float],
    strangers: list[Floats],
    members: pl.DataFrame | None,
    pairs: float,
    expected: float,
    *,
    mixed: bool = False,
) -> Model:
    """Expectation-maximisation over the patterns of the pairs that met, out of `pairs` that could have. The shares of
    strangers and household members stay as they were counted; `belief` is how many pairs
    what each field begins with is worth, `expected` how many matches there may be. `mixed` where the
    strangers were counted among pairs of which some are matches: their part is taken off again."""
    model = Model(fields, groups, [b.copy() for b in begin], strangers, members, expected / pairs, expected / pairs)
    at = counted.select(fields).to_numpy()
    n = counted["n"].to_numpy().astype(float)
    chance = np.exp(_log(at, strangers))
    known = _members(counted, model)
    for _ in range(ROUNDS):
        same = np.exp(_log(at, model.same)) * model.odds
        related = known * model.odds_members
        whole = same + related + chance
        posterior = n * same / whole
        matches = posterior.sum()
        before = model.odds
        model.odds = max(matches, 0.5) / pairs
        model.odds_members = max(float((n * related / whole).sum()), 0.5) / pairs
        for f, first in enumerate(begin):
            level = np.where(at[:, f] < 0, len(first), at[:, f])
            weighed = np.bincount(level, posterior, len(first) + 1)[:-1].astype(np.float64)
            model.same[f] = shares(weighed, first, belief[f], groups[f])
        if mixed:
            model.strangers = [
                _without(u, m, model.odds, g) for u, m, g in zip(strangers, model.same, groups, strict=True)
            ]
            chance = np.exp(_log(at, model.strangers))
        if abs(model.odds - before) < 1e-6 * before:
            break
    return model


def _without(mixed: Floats, same: Floats, odds: float, groups: Ints) -> Floats:
    return shares(np.maximum(mixed - odds * same, mixed * 0.02), mixed, 0.0, groups)


def score(counted: pl.DataFrame, model: Model) -> pl.DataFrame:
    """To each pattern: `same`, `related`, `chance`, the shares of the pairs that could be made which show it and are
    the same person, household members, strangers."""
    at = counted.select(model.fields).to_numpy()
    return counted.with_columns(
        same=pl.Series(np.exp(_log(at, model.same)) * model.odds),
        related=pl.Series(_members(counted, model) * model.odds_members),
        chance=pl.Series(np.exp(_log(at, model.strangers))),
    )


def _log(at: NDArray[np.int8], by_field: list[Floats]) -> Floats:
    total = np.zeros(len(at))
    for f, of in enumerate(by_field):
        total += np.append(np.log(of), 0.0)[at[:, f]]  # MISSING is the last: it says nothing
    return total


def _members(counted: pl.DataFrame, model: Model) -> Floats:
    """Share of a pattern among household members who say as much: counted, and where few were seen, by its fields."""
    if model.members is None or not len(model.members):
        return np.zeros(len(counted))
    fields = list(model.fields)
    mask = [
        pl.col(f).replace_strict(dict(enumerate(g.tolist())), default=MISSING, return_dtype=pl.Int8).alias(f"no_{f}")
        for f, g in zip(fields, model.groups, strict=True)
    ]
    names = [f"no_{f}" for f in fields]
    seen = model.members.with_columns(mask)
    asked = seen.group_by(names).agg(asked=pl.col("n").sum())
    joined = (
        counted.select(fields)
        .with_columns(mask)
        .join(model.members.rename({"n": "seen"}), on=fields, how="left", maintain_order="left")
        .join(asked, on=names, how="left", maintain_order="left")
        .with_columns(pl.col("seen").fill_null(0), pl.col("asked").fill_null(0))
    )
    by_field = []
    for f, groups in zip(fields, model.groups, strict=True):
        seen_of = np.zeros(len(groups))
        for level, n in model.members.group_by(f).agg(pl.col("n").sum()).iter_rows():
            if level != MISSING:
                seen_of[level] += n
        by_field.append(shares(seen_of, np.ones(len(groups)), 2.0, groups))
    apart = np.exp(_log(counted.select(fields).to_numpy(), by_field))
    return (joined["seen"].to_numpy() + BACKOFF * apart) / (joined["asked"].to_numpy() + BACKOFF)
