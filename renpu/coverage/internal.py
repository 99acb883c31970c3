"""Internal comparison (内部比对): the census against itself. Polars in, Polars out; knows no Django.

Every function takes form lines with `person` (`records.persons`) and gives differences in the shape of
`records.ITEM`. What the codes of D7 and D8 say of a place is written once, in `said_place`.
"""

import polars as pl

from renpu.concepts.identity_number import check_expr
from renpu.coverage.records import Terms, items, no_items

LIVES_HERE, SAME_COMMITTEE, SAME_STREET, SAME_COUNTY, FARTHER = 1, 2, 3, 4, 5
HUKOU_HERE, HUKOU_STREET, HUKOU_COUNTY, HUKOU_FARTHER = 1, 2, 3, 4
SHARED = {  # item -> code -> digits that the place shares with the block; a farther place shares nothing
    "residence_place": {1: 15, 2: 12, 3: 9, 4: 6},
    "hukou_place": {1: 12, 2: 9, 3: 6},
}
SHORT, LONGER = 2, 3  # D9: away for less than half a year; for half a year to a year
AWAY_SHORT = 2  # household_status: the whole household is


def differences(lines: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Every difference of the internal comparison."""
    if not len(lines):
        return no_items()
    found = [
        duplicates(lines),
        residence_omissions(lines, terms),
        hukou_omissions(lines, terms),
        disagreements(lines),
        identity_numbers(lines),
        short_stays(lines),
    ]
    return pl.concat(found)


def duplicates(lines: pl.DataFrame) -> pl.DataFrame:
    """Persons said to live in two places (重登), or recorded twice at the hukou: an item for each record beside the one
    that is likeliest right.

    Where a family says of a member who moved out that he lives with them, the hukou is at that family: so the record
    whose hukou is elsewhere goes before one whose hukou is here.
    """
    lives = pl.col("residence_place") == LIVES_HERE
    twice_here = lines.filter(lives).filter(pl.len().over("person") > 1)
    twice_away = lines.filter(~lives & (pl.col("hukou_place") == HUKOU_HERE)).filter(pl.len().over("person") > 1)
    return pl.concat([_beside_the_first(twice_here), _beside_the_first(twice_away)])


def _beside_the_first(here: pl.DataFrame) -> pl.DataFrame:
    ranked = here.sort(pl.col("hukou_place") == HUKOU_HERE, "household_id", "line")
    first = ranked.group_by("person", maintain_order=True).first()
    kept = first.select(
        "person", kept="record", kept_key="key", kept_home="household_id", kept_line="line", kept_block="block_code"
    )
    others = here.join(kept, on="person").filter(pl.col("record") != pl.col("kept"))
    subject = pl.min_horizontal("key", "kept_key") + "|" + pl.max_horizontal("key", "kept_key")
    return items(
        others, "duplicate",
        [pl.col("kept_block").alias("other_block"), pl.col("residence_place").alias("D7"),
         pl.col("hukou_place").alias("D8"), pl.col("away_duration").alias("D9")],
        subject=subject, area_code=pl.col("block_code"), household_id=pl.col("household_id"), line=pl.col("line"),
        other_household_id=pl.col("kept_home"), other_line=pl.col("kept_line"),
    )  # fmt: skip


def residence_omissions(lines: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """The hukou block says that a person lives at a place inside the census, and no record there says so
    (居住地漏登)."""
    away = lines.filter(pl.col("residence_place").is_in([SAME_COMMITTEE, SAME_STREET, SAME_COUNTY, FARTHER]))
    there = lines.filter(pl.col("residence_place") == LIVES_HERE).select("person")
    away = away.join(there, on="person", how="anti").with_columns(place=said_place("residence_place", "residence_code"))
    away = away.filter(inside("place", terms))
    return items(
        away, "residence_omission",
        [pl.col("place"), pl.col("residence_place").alias("D7"), pl.col("away_duration").alias("D9")],
        subject=pl.col("key"), area_code=_worked_at("place"), household_id=pl.col("household_id"),
        line=pl.col("line"),
    )  # fmt: skip


def hukou_omissions(lines: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """A record says that the hukou is at another place inside the census, and no record there says so
    (户籍地漏登)."""
    elsewhere = pl.col("hukou_place").is_in([HUKOU_STREET, HUKOU_COUNTY, HUKOU_FARTHER])
    away = lines.filter((pl.col("residence_place") == LIVES_HERE) & elsewhere)
    there = lines.filter(pl.col("hukou_place") == HUKOU_HERE).select("person")
    away = away.join(there, on="person", how="anti").with_columns(place=said_place("hukou_place", "hukou_code"))
    away = away.filter(inside("place", terms))
    return items(
        away, "hukou_omission",
        [pl.col("place"), pl.col("hukou_place").alias("D8"), pl.col("away_duration").alias("D9")],
        subject=pl.col("key"), area_code=_worked_at("place"), household_id=pl.col("household_id"),
        line=pl.col("line"),
    )  # fmt: skip


def disagreements(lines: pl.DataFrame) -> pl.DataFrame:
    """The record at the residence and the record at the hukou of one person do not fit together (错报): D7 at the
    hukou, D8 at the residence, or D9 of both."""
    here = lines.filter(pl.col("residence_place") == LIVES_HERE)
    away = lines.filter((pl.col("residence_place") != LIVES_HERE) & (pl.col("hukou_place") == HUKOU_HERE))
    pairs = here.join(away, on="person", suffix="_away")
    near = _nearness(pl.col("block_code"), pl.col("block_code_away"))
    # 1 the same committee, 2 the same street, 3 the same county, 4 farther
    d7 = pl.col("residence_place_away") != near + 1
    d8 = pl.col("hukou_place") != near
    durations = pl.col("away_duration"), pl.col("away_duration_away")
    d9 = (durations[0] != durations[1]) & (near > 2)
    asked = pl.concat_list(pl.when(wrong.fill_null(False)).then(pl.lit(item)) for wrong, item in
                           ((d7, "D7"), (d8, "D8"), (d9, "D9"))).list.drop_nulls()  # fmt: skip
    pairs = pairs.with_columns(asked=asked).filter(pl.col("asked").list.len() > 0)
    return items(
        pairs, "disagreement",
        [pl.col("asked").list.join(",").alias("items"), pl.col("hukou_place").alias("D8"),
         pl.col("residence_place_away").alias("D7"), pl.col("away_duration").alias("D9_residence"),
         pl.col("away_duration_away").alias("D9_hukou")],
        subject=pl.min_horizontal("key", "key_away") + "|" + pl.max_horizontal("key", "key_away"),
        area_code=pl.col("block_code"), household_id=pl.col("household_id"), line=pl.col("line"),
        other_household_id=pl.col("household_id_away"), other_line=pl.col("line_away"),
    )  # fmt: skip


def identity_numbers(lines: pl.DataFrame) -> pl.DataFrame:
    """Numbers whose own check says that they are wrong, and numbers that several persons bear."""
    numbered = lines.filter(pl.col("id_number").is_not_null())
    bearers = pl.col("person").n_unique().over("id_number")
    wrong = numbered.with_columns(valid=check_expr("id_number"), bearers=bearers)
    wrong = wrong.filter(~pl.col("valid") | (pl.col("bearers") > 1))
    return items(
        wrong, "identity_number", [pl.col("valid"), pl.col("bearers")],
        subject=pl.col("key"), area_code=pl.col("block_code"), household_id=pl.col("household_id"),
        line=pl.col("line"),
    )  # fmt: skip


def short_stays(lines: pl.DataFrame) -> pl.DataFrame:
    """Away for less than half a year by the line, or by the status of the whole household; or for somewhat more, of a
    household that was not listed, so that only the form says it: one digit decides where such a person counts, so it
    is asked again."""
    from_elsewhere = (pl.col("residence_place") == LIVES_HERE) & pl.col("hukou_place").is_in(
        [HUKOU_COUNTY, HUKOU_FARTHER]
    )
    gone = (pl.col("hukou_place") == HUKOU_HERE) & pl.col("residence_place").is_in([SAME_COUNTY, FARTHER])
    by_status = gone & (pl.col("status") == AWAY_SHORT) & (pl.col("away_duration") > SHORT)
    short = (from_elsewhere | gone) & (pl.col("away_duration") == SHORT)
    once = from_elsewhere & (pl.col("away_duration") == LONGER) & pl.col("n_resident").is_null()
    asked = lines.filter(short | by_status | once)
    return items(
        asked, "short_stay",
        [pl.when(once).then(pl.lit("once")).alias("source"), pl.col("residence_place").alias("D7"),
         pl.col("hukou_place").alias("D8"), pl.col("away_duration").alias("D9"), pl.col("counts_as")],
        subject=pl.col("key"), area_code=pl.col("block_code"), household_id=pl.col("household_id"),
        line=pl.col("line"),
    )  # fmt: skip


def said_place(item: str, code: str) -> pl.Expr:
    """The code of the place that D7 or D8 names: the code that was asked for, else the area that both places share."""
    shared = pl.col(item).replace_strict(SHARED[item], default=None, return_dtype=pl.Int64)
    named = pl.when(pl.col(code) != "").then(pl.col(code))
    return pl.coalesce(named, pl.col("block_code").str.slice(0, shared))


def inside(place: str, terms: Terms) -> pl.Expr:
    """Does the place lie wholly inside the census?"""
    return pl.col(place).str.starts_with(terms.area_code).fill_null(False)


def _worked_at(place: str) -> pl.Expr:
    """Who is asked: another committee where that is known to be the place, else the block that said it."""
    other = (pl.col(place).str.len_chars() >= 12) & ~pl.col("block_code").str.starts_with(pl.col(place))
    return pl.when(other.fill_null(False)).then(pl.col(place)).otherwise(pl.col("block_code"))


def _nearness(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """1 the same committee, 2 the same street, 3 the same county, 4 farther."""
    return (
        pl.when(one.str.slice(0, 12) == other.str.slice(0, 12)).then(1)
        .when(one.str.slice(0, 9) == other.str.slice(0, 9)).then(2)
        .when(one.str.slice(0, 6) == other.str.slice(0, 6)).then(3)
        .otherwise(4)
    )  # fmt: skip
