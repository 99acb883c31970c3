"""Numbers of persons (人数): what the form of a household counts, set against what was said at listing and against the
grid's list. Polars in, Polars out; knows no Django.

A number that nobody but the household gave is a prompt to ask again: a flatmate whom it forgot at the door is on no
register either. A row of the grid's list speaks of a household only while it names somebody who lives there; another
name is that of a tenant who left, and the number beside it is his.
"""

import polars as pl

from renpu.coverage.external import AWAY
from renpu.coverage.internal import HUKOU_HERE, LIVES_HERE
from renpu.coverage.records import items, plain_name
from renpu.coverage.vacancy import COMMITTEE, committees_of

NO_RELATIVE = 9  # relationship to the head: other
PROXY = 7  # collection_mode: a neighbour, the property manager
USUALLY = 0.5  # from this share on, names of a list that fit nobody are of people who left and not of owners


def counted(rows: pl.DataFrame, lines: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """The grid's rows that speak of the people who live in a dwelling now: `unit_id`, `persons`, `here` by the roster.

    Left out are rows that name somebody who is on no form there, in committees where the list's names usually fit:
    where they do not, of dwellings whose people have the hukou there or of the others, it names owners.
    `rows`: `vacancy.at_units`, `units`: `vacancy.dwellings`.
    """
    grid = rows.filter((pl.col("source") == "grid") & pl.col("persons").is_not_null())
    grid = grid.select("unit_id", "persons", name=plain_name(grid["name"]))
    here = lines.filter(pl.col("residence_place") == LIVES_HERE)
    people = here.select("unit_id", name=plain_name(here["name"]), fits=pl.lit(True)).unique()
    strange = here.group_by("unit_id").agg(strange=(pl.col("hukou_place") != HUKOU_HERE).all())
    said = grid.join(units.select("unit_id", "here", "block_code"), on="unit_id")
    said = said.join(people, on=["unit_id", "name"], how="left").join(strange, on="unit_id", how="left")
    fits = pl.when((pl.col("name").fill_null("") != "") & pl.col("strange").is_not_null()).then(
        pl.col("fits").fill_null(False)
    )
    said = said.with_columns(fits=fits, committee=pl.col("block_code").str.slice(0, COMMITTEE))
    usual = pl.col("fits").mean().over("committee", "strange") >= USUALLY
    return said.filter(pl.col("fits").fill_null(True) | ~usual.fill_null(False)).select("unit_id", "persons", "here")


def crowded(said: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """The households (`household_id`) of dwellings where the grid counts persons on none of their forms, and how many
    (`heads`). `said`: `counted`."""
    more = said.group_by("unit_id").agg(heads=(pl.col("persons") - pl.col("here")).max()).filter(pl.col("heads") > 0)
    return homes.join(more, on="unit_id").select("household_id", "heads")


def unlike(
    homes: pl.DataFrame, lines: pl.DataFrame, used: pl.DataFrame, said: pl.DataFrame, units: pl.DataFrame
) -> pl.DataFrame:
    """Households whose form has another number of persons living here, or of residents, than was said at listing;
    those that are away by their status, and of which the form says that somebody lives here; and those whose number
    nothing confirms: the grid's list of the committee does not count as many there, and the household was not listed,
    or is one of whom the committee's register need not know everybody. Where there is no such list, only what a
    neighbour or the manager answered needs to be confirmed; where it counts more, that is asked
    (`vacancy.differences`)."""
    formed = homes.filter(pl.col("version") > 0)
    away = formed.filter(pl.col("status").is_in(AWAY) & (pl.col("persons_here") > 0))
    formed = formed.join(away, on="household_id", how="anti")
    listed = formed.filter(pl.col("n_here").is_not_null())
    other = (pl.col("n_here") != pl.col("persons_here")) | (
        pl.col("n_resident").fill_null(0) != pl.col("persons_resident")
    )
    agreed = listed.filter(~other).join(unregistered(lines), on="household_id", how="semi")
    alone = pl.concat([formed.filter(pl.col("n_here").is_null()), agreed]).filter(pl.col("persons_here") > 0)
    enough = said.filter(pl.col("persons") >= pl.col("here"))
    alone = alone.join(enough, on="unit_id", how="anti").join(
        used.select("unit_id", "counted").drop_nulls(), on="unit_id", how="left"
    )
    alone = alone.join(units.select("unit_id", at_home="here"), on="unit_id", how="left")
    alone = alone.filter((pl.col("counted") <= pl.col("at_home")).fill_null(True))
    usual = pl.col("block_code").str.slice(0, COMMITTEE).is_in(committees_of(used, "counted"))
    alone = alone.filter(usual | (pl.col("form_method") == PROXY))
    return pl.concat(
        [
            _heads(listed.filter(other), "listing", pl.col("n_here").alias("listed"),
                   pl.col("n_resident").alias("listed_resident")),
            _heads(away, "status", pl.col("status")),
            _heads(alone, "alone", pl.col("form_method"), pl.col("counted")),
        ]
    )  # fmt: skip


def unregistered(lines: pl.DataFrame) -> pl.DataFrame:
    """Households (`household_id`) of whom the committee's register need not know everybody: nobody who lives there has
    the hukou there, or one of them is no relative of the head."""
    here = lines.filter(pl.col("residence_place") == LIVES_HERE)
    told = here.group_by("household_id").agg(
        strange=(pl.col("hukou_place") != HUKOU_HERE).all(), shared=(pl.col("relationship") == NO_RELATIVE).any()
    )
    return told.filter(pl.col("strange") | pl.col("shared")).select("household_id")


def _heads(homes: pl.DataFrame, source: str, *evidence: pl.Expr) -> pl.DataFrame:
    return items(
        homes, "headcount",
        [pl.lit(source).alias("source"), *evidence, pl.col("persons_here").alias("here"),
         pl.col("persons_resident").alias("resident")],
        subject=pl.format("home:{}", "household_id"), area_code=pl.col("block_code"),
        household_id=pl.col("household_id"), unit_id=pl.col("unit_id"),
    )  # fmt: skip
