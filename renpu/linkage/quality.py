"""What is stated about a whole comparison: how many of its links are right, and how many of the people who are in both
files were linked. Nobody knows the truth when it is stated.

Wrong links are counted by the stated probabilities. Missed are the people whose pair was weighed and not linked,
counted the same way; those whose record was linked to somebody else; and those whose records never met in any key,
estimated from how many of the same person's pairs agree in one field only and in two (Chao's lower bound, 1987), or, if
those are more, from how many should agree in one or none if the fields go wrong independently.

The intervals allow for chance (two standard deviations of a count, three where none is expected) and for the model,
whose counts are trusted to a factor of 1.5.
"""

from dataclasses import asdict, dataclass
from math import sqrt

import polars as pl

TRUST, DEVIATIONS, OF_NONE = 1.5, 2.0, 3.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share and the interval in which it is believed to lie."""

    value: float
    low: float
    high: float

    def percent(self) -> dict[str, str]:
        """As people read it."""
        return {part: f"{share:.3%}" for part, share in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Quality:
    """Of `linked` pairs the share that is right, and of the people in both files the share that was linked."""

    linked: int
    precision: Estimate
    recall: Estimate
    wrong: float  # links, expected
    missed: float  # people, expected
    unmet: float  # of these, people whose records were never compared

    def told(self) -> dict[str, object]:
        """As JSON holds it."""
        return asdict(self)


def stated(linked: int, wrong: float, missed: float, unmet: float) -> Quality:
    """The quality of so many links, of which so many are expected to be wrong, when so many people are expected to be
    missed, some of them `unmet`."""
    right = max(linked - wrong, 0.0)
    few, many = _interval(wrong)
    precision = Estimate(_share(linked, wrong), _share(linked, many), _share(linked, few))
    fewer, more = _interval(missed)
    recall = Estimate(
        _share(right + missed, missed), _share(linked - many + more, more), _share(linked - few + fewer, fewer)
    )
    return Quality(linked, precision, recall, round(wrong, 1), round(missed, 1), round(unmet, 1))


def chao(once: float, twice: float) -> float:
    """How many were never seen, if so many were seen once and so many twice."""
    return max(0.0, once * (once - 1)) / (2 * (twice + 1))


def never_met(alike: pl.DataFrame, n: pl.Series) -> float:
    """How many pairs of the same person were never compared, by those that were: in which fields each has a key in
    common (`alike`, true or false by field), and for how many it stands (`n`)."""
    if alike.width < 2:
        return 0.0
    fields = alike.sum_horizontal()
    once, twice = (float(n.filter(fields == times).sum()) for times in (1, 2))
    total = float(n.sum())
    none, one = 1.0, 0.0
    for agree in alike:
        share = float(n.filter(agree).sum()) / max(total, 1.0)
        none, one = none * (1 - share), one * (1 - share) + none * share
    return max(chao(once, twice), total * (none + one) - once)


def _interval(expected: float) -> tuple[float, float]:
    low, high = expected / TRUST, expected * TRUST
    return max(low - DEVIATIONS * sqrt(low), 0.0), high + max(DEVIATIONS * sqrt(high), OF_NONE)


def _share(of: float, lost: float) -> float:
    """1 less the share that is lost; 1 where there is nothing."""
    return round(min(max(1 - lost / of, 0.0), 1.0), 6) if of > 0 else 1.0
