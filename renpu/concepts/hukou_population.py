"""Hukou population (户籍人口) of an area (普查区) and above, from the records of its blocks.

D8 = 1 says "this committee", not "this block": who has the hukou in one block of a committee and lives in another has a
record in both, and the one where the person lives counts. So the table does not give the hukou population of a block.
"""

from renpu.concepts.decision_table import ANY, DecisionTable, one_of

CENSUS_2020 = DecisionTable(
    name="hukou_population",
    source="derived from the items D7 and D8 of the 2020 short form; each settled hukou counts once",
    asks=("residence_place", "hukou_place"),
    rows=(
        # lives (D7)                hukou (D8)       counts as
        (one_of(1, 3, 4, 5, 6, 7),  one_of(1),       "hukou"),
        (one_of(2),                 one_of(1),       "counted_there"),
        (ANY,                       one_of(2, 3, 4), "hukou_elsewhere"),
        (ANY,                       one_of(5),       "hukou_unsettled"),
    ),
)  # fmt: skip
