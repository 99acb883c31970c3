"""Presence (人在户在, 人在户不在, 户在人不在): where person and hukou are, seen from the block of the record.

Decisions of `CENSUS_2020` are codes of the list `person_presence`. The present population (现有人口) has its own table.
"""

from renpu.concepts.decision_table import DecisionTable, one_of

CENSUS_2020 = DecisionTable(
    name="person_presence",
    source="roster of the 2020 census, columns 7 and 8",
    asks=("residence_place", "hukou_place"),
    rows=(
        # lives (D7)                hukou (D8)     presence
        (one_of(1),                 one_of(1, 2),  "1"),
        (one_of(1),                 one_of(3, 4),  "2"),
        (one_of(2, 3, 4, 5, 6, 7),  one_of(1),     "3"),
        (one_of(1),                 one_of(5),     "4"),
    ),
)  # fmt: skip

PRESENT_POPULATION = DecisionTable(
    name="present_population",
    source="principle of present residence (按现住地登记): who lived in the block at the reference moment",
    asks=("residence_place",),
    rows=(
        # lives (D7)                is
        (one_of(1),                 "present"),
        (one_of(2, 3, 4, 5, 6, 7),  "elsewhere"),
    ),
)  # fmt: skip
