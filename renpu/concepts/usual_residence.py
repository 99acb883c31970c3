"""Usual residence (常住): how one record of a block's form counts in the resident population of its township.

A person is recorded at both ends (两头登记), where living and where the hukou is; the rows are such that exactly one of
the two records counts. The answers are D7 (residence at the reference moment), D8 (hukou place) and D9 (time since
leaving it).

    resident       counts here
    short_stay     lives here for less than half a year; counts at the hukou
    away           left half a year ago or more; counts where living
    counted_there  lives in another block of the township, whose record counts
"""

from typing import Literal

from renpu.concepts.decision_table import ANY, AtLeast, DecisionTable, Row, one_of

_WIDE: tuple[Row, ...] = (
    # lives (D7)     hukou (D8)        away for (D9)  counts as
    (one_of(6, 7),   one_of(1),        ANY,           "resident"),
)  # fmt: skip
_NARROW: tuple[Row, ...] = (
    (one_of(7),      one_of(1),        ANY,           "resident"),
    (one_of(6),      one_of(1),        one_of(2),     "resident"),
    (one_of(6),      one_of(1),        AtLeast(3),    "away"),
)  # fmt: skip


def census_2020(abroad: Literal["wide", "narrow"]) -> DecisionTable:
    """The table of the seventh census. The bulletin counts at the hukou who works or studies 境外: the wide reading
    takes Hong Kong, Macao and Taiwan with it, the narrow one foreign countries only."""
    return DecisionTable(
        name="usual_residence",
        source="bulletin of the 7th census, note on the resident population; one record of a person counts",
        asks=("residence_place", "hukou_place", "away_duration"),
        rows=(
            # lives (D7)     hukou (D8)        away for (D9)  counts as
            (one_of(1),      one_of(1, 2, 5),  ANY,           "resident"),
            (one_of(1),      one_of(3, 4),     AtLeast(3),    "resident"),
            (one_of(1),      one_of(3, 4),     one_of(2),     "short_stay"),
            (one_of(4, 5),   one_of(1),        one_of(2),     "resident"),
            (one_of(4, 5),   one_of(1),        AtLeast(3),    "away"),
            (one_of(2, 3),   one_of(1),        ANY,           "counted_there"),
            *(_WIDE if abroad == "wide" else _NARROW),
        ),
    )  # fmt: skip


CENSUS_2020 = census_2020("wide")
CENSUS_2020_NARROW = census_2020("narrow")
