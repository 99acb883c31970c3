"""What an agreement is worth: Fellegi-Sunter weights, learned from the data and never from a truth.

A pair of records is one of three things: the same person, two strangers, or two members of one household. For
strangers the shares of each level come from pairs drawn by chance over a whole file (and, for full agreement, are
counted exactly). For members of one household, who share address, surname and, if twins, birth date, the shares of
whole patterns are counted among the households. For the same person they are learned from the settled pairs and, by
expectation-maximisation, from the pairs that met.
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
SAID = 50.0  # pairs that the same person's records are believed to say as much as strangers'


@dataclass(slots=True)
class Model:
    """Learned shares. `groups`: by field, the group of each level; shares add to one in each. `same`, `strangers`: by
    field, the share of each level; `said`: by field, how much more often pairs say as much about it than those
    that were left to be weighed (by level, the last for nothing said); `members`: patterns of
    household members; `odds`, `odds_members`: their number for each of `pairs` that could be made; `left`: of each
    pattern, the share of the same person's pairs that the passes have left."""

    fields: tuple[str, ...]
    groups: list[Ints]
    same: list[Floats]
    strangers: list[Floats]
    said: list[Floats]
    members: pl.DataFrame | None
    odds: float
    odds_members: float
    pairs: float
    left: pl.DataFrame


def patterns(levels: pl.DataFrame, fields: tuple[str, ...], *more: str) -> pl.DataFrame:
    """Distinct patterns of levels, told apart by `more`, too, and how many pairs (`n`) have each; in a fixed order."""
    return levels.group_by(*fields, *more).len("n").sort(*fields, *more)


def counts(levels: pl.DataFrame, field: str, size: int) -> Floats:
    """Number of pairs at each level, the last for nothing said."""
    found = np.zeros(size + 1)
    for level, n in levels.group_by(field).len("n").iter_rows():
        found[level] += n
    return found


def shares(counted: Floats, prior: Floats, strength: float, groups: Ints) -> Floats:
    """Share of each level in its group, smoothed by a prior worth so many pairs."""
    found = np.zeros(len(groups))
    for group in np.unique(groups):
        at = groups == group
        of = counted[: len(groups)][at]
        found[at] = (of + strength * prior[at] / prior[at].sum()) / (of.sum() + strength)
    return found


def said(every: Floats, left: Floats, groups: Ints) -> Floats:
    """By level, the last for nothing said: the share of pairs that say as much about a field, for each of those among
    the pairs that were left; both given as counts by level."""
    of = np.append(groups, groups.max() + 1)
    expected = np.bincount(of, left) + 1.0
    expected /= expected.sum()
    share = np.bincount(of, every) + SAID * expected
    return np.asarray((share / share.sum() / expected)[of])


def learn(
    counted: pl.DataFrame,
    settled: pl.DataFrame,
    fields: tuple[str, ...],
    groups: list[Ints],
    begin: list[Floats],
    belief: list[float],
    strangers: list[Floats],
    said: list[Floats],
    members: pl.DataFrame | None,
    pairs: float,
    expected: float,
    most: float,
    *,
    mixed: bool = False,
) -> Model:
    """Expectation-maximisation over the patterns of the pairs that met (`counted`, with `common`: how much more common
    their values are than on average), out of `pairs` that could have. `settled` are the patterns of the pairs that
    passes took before: the same person beyond doubt, so that faults are learned among all records and not only among
    those that have one. The shares of strangers and household members stay as they were counted. `belief` is how many
    pairs what each field begins with is worth, `expected` how many matches there may be, and `most` how many at the
    most, as nobody has two partners: where few records are left, one faulty number would else make all its pairs
    matches. `mixed` where the strangers were counted among pairs of which some are matches: their part is
    taken off again."""
    at, n = counted.select(fields).to_numpy(), counted["n"].to_numpy().astype(float)
    common = counted["common"].to_numpy()
    sure, taken = settled.select(fields).to_numpy(), settled["n"].to_numpy().astype(float)
    seen = [_by_level(sure[:, f], taken, len(first)) for f, first in enumerate(begin)]
    model = Model(
        fields, groups, [], strangers, said, members, (taken.sum() + expected) / pairs, expected / pairs, pairs, settled
    )
    already, pattern = _already(counted, settled, fields), _numbered(counted, fields)
    known = _members(counted, model)
    chance = np.exp(_log(at, strangers)) * common
    posterior = np.zeros(len(n))
    matches = [s + expected * np.append(b, 0.0) / b.sum() for s, b in zip(seen, begin, strict=True)]
    for turn in range(ROUNDS):
        model.same = [shares(c, b, w, g) for c, b, w, g in zip(matches, begin, belief, groups, strict=True)]
        if mixed and turn:
            model.strangers = [
                _without(u, m, model.odds, g) for u, m, g in zip(strangers, model.same, groups, strict=True)
            ]
            chance = np.exp(_log(at, model.strangers)) * common
        left = _left(posterior if turn else n, pattern, already)
        same = np.exp(_log(at, model.same, model.said)) * model.odds * left
        related = known * model.odds_members
        whole = same + related + chance
        posterior = n * same / whole
        posterior *= min(1.0, most / max(posterior.sum(), most))
        before = model.odds
        model.odds = max(posterior.sum() + taken.sum(), 0.5) / pairs
        model.odds_members = max(float((n * related / whole).sum()), 0.5) / pairs
        matches = [s + _by_level(at[:, f], posterior, len(s) - 1) for f, s in enumerate(seen)]
        if abs(model.odds - before) * pairs < 1e-6 * max(posterior.sum(), 1.0):
            break
    model.left = counted.select(*fields, left=pl.Series(_left(posterior, pattern, already))).unique(
        fields, maintain_order=True
    )
    return model


def _by_level(levels: NDArray[np.int8], n: Floats, size: int) -> Floats:
    return np.bincount(np.where(levels < 0, size, levels), n, size + 1).astype(np.float64)


def _numbered(counted: pl.DataFrame, fields: tuple[str, ...]) -> Ints:
    """Patterns by their number, whatever else the rows tell apart."""
    return counted.select(pl.struct(fields).rank("dense") - 1).to_series().to_numpy().astype(np.int64)


def _already(counted: pl.DataFrame, settled: pl.DataFrame, fields: tuple[str, ...]) -> Floats:
    """How many pairs with each row's pattern the passes took."""
    taken = settled.select(*fields, taken="n")
    joined = counted.select(fields).join(taken, on=fields, how="left", maintain_order="left")
    return joined["taken"].fill_null(0).to_numpy().astype(np.float64)


def _left(matches: Floats, pattern: Ints, already: Floats) -> Floats:
    """The share of the matches of each pattern that the passes have left to be weighed."""
    still = np.bincount(pattern, matches)[pattern] + 0.5
    return np.where(already > 0, still / (still + already), 1.0)


def _without(mixed: Floats, same: Floats, odds: float, groups: Ints) -> Floats:
    return shares(np.maximum(mixed - odds * same, mixed * 0.02), mixed, 0.0, groups)


def score(
    counted: pl.DataFrame, model: Model, *, odds: float | None = None, odds_members: float | None = None
) -> pl.DataFrame:
    """To each pattern: `same`, `related`, `chance`, the shares of the pairs that could be made which show it and are
    the same person, household members, strangers. With `odds` not among the pairs that were left to be weighed but
    among all of both files, where there are so many of the same person and of household members."""
    at = counted.select(model.fields).to_numpy()
    if odds is None:
        left = counted.select(model.fields).join(model.left, on=model.fields, how="left", maintain_order="left")
        same = np.exp(_log(at, model.same, model.said)) * model.odds * left["left"].fill_null(1.0).to_numpy()
    else:
        same = np.exp(_log(at, model.same)) * odds
    return counted.with_columns(
        same=pl.Series(same),
        related=pl.Series(_members(counted, model) * (model.odds_members if odds_members is None else odds_members)),
        chance=pl.Series(np.exp(_log(at, model.strangers))),
    )


def _log(at: NDArray[np.int8], by_field: list[Floats], said: list[Floats] | None = None) -> Floats:
    total = np.zeros(len(at))
    for f, of in enumerate(by_field):
        worth = np.append(np.log(of), 0.0)  # MISSING is the last: it says nothing
        total += (worth if said is None else worth + np.log(said[f]))[at[:, f]]
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
