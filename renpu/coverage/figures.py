"""The figures of a comparison, area by area. Polars in, numbers out; knows no Django."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from renpu.coverage.internal import HUKOU_HERE, LIVES_HERE


class _Inside(NamedTuple):
    """What lies in an area, with the columns that figures need. `lines` has `times`: on how many lines of the census
    its person lives."""

    listed: pl.DataFrame
    lines: pl.DataFrame
    differences: pl.DataFrame

    def of(self, area: str) -> "_Inside":
        return _Inside(
            self.listed.filter(pl.col("area_code").str.starts_with(area)),
            self.lines.filter(pl.col("block_code").str.starts_with(area)),
            self.differences.filter(pl.col("area_code").str.starts_with(area)),
        )


def figures(
    areas: Sequence[str], listed: pl.DataFrame, lines: pl.DataFrame, differences: pl.DataFrame, says_dead: pl.DataFrame
) -> dict[str, dict[str, dict[str, int]]]:
    """By area: `register_comparison`, the police list of the area against the forms of the area, in persons;
    `coverage`, persons counted twice, and, as far as lists tell before anybody has asked, persons and whole households
    that were missed, and persons counted here of whom another source says that they are dead."""
    here = lines.filter(pl.col("residence_place") == LIVES_HERE).group_by("person").len("times")
    dead = says_dead.select("record", dead=pl.lit(True)).unique()
    slim = lines.select("record", "person", "block_code", "residence_place", "hukou_place")
    slim = slim.join(here, on="person", how="left").join(dead, on="record", how="left").drop("record")
    police = listed.filter(pl.col("source") == "police").select("person", "area_code", "finding")
    whole = _Inside(police, slim, differences)
    parts = {"": whole}
    told = {}
    for area in sorted(areas, key=lambda code: (len(code), code)):
        around = next(parts[area[:n]] for n in range(len(area), -1, -1) if area[:n] in parts)
        parts[area] = inside = around.of(area)
        told[area] = {"register_comparison": _registers(inside), "coverage": _coverage(inside)}
    return told


def _registers(area: _Inside) -> dict[str, int]:
    police, inside = area.listed, area.lines
    nobody = police.filter(pl.col("finding") == "never_existed")
    somebody = police.filter(pl.col("finding") != "never_existed")
    on_list = somebody.select("person").unique()
    dead = somebody.filter(pl.col("finding") == "dead").select("person").unique()
    alive = on_list.join(dead, on="person", how="anti")
    here = inside.filter(pl.col("residence_place") == LIVES_HERE).select("person").unique()
    away = inside.filter(pl.col("residence_place") != LIVES_HERE).select("person").unique()
    hukou = inside.filter(pl.col("hukou_place") == HUKOU_HERE).select("person").unique()
    lives = alive.join(here, on="person", how="semi")
    only_away = alive.join(away, on="person", how="semi").join(here, on="person", how="anti")
    return {
        "register_persons": len(on_list),
        "rows_of_nobody": len(nobody),
        "dead_on_register": len(dead),
        "enumerated_living_here": len(lives),
        "enumerated_as_away_only": len(only_away),
        "on_no_form": len(alive) - len(lives) - len(only_away),
        "on_forms_as_hukou_here_but_not_on_register": len(hukou.join(on_list, on="person", how="anti")),
    }


def _coverage(area: _Inside) -> dict[str, int]:
    here = area.lines.filter(pl.col("residence_place") == LIVES_HERE)
    counted = here.filter(pl.col("times") > 1).unique("person")
    local = area.differences
    heads = _said(local.filter(kind="headcount").filter(_of("source").fill_null("grid") != "alone"))
    heads = heads.with_columns(more=(pl.max_horizontal("counted", "listed") - pl.col("here")).clip(lower_bound=0))
    heads = heads.group_by(pl.coalesce("household_id", "subject").alias("home")).agg(pl.col("more").max())
    empty = _said(local.filter(pl.col("kind").is_in(["vacancy", "unlisted_dwelling"])).filter(_of("agree") == "true"))
    whole = empty.select(n=pl.max_horizontal("counted", "registered", pl.lit(1)))
    single = local.filter(
        ((pl.col("kind") == "register_missing") & (_of("seems") == "to_add") & (_of("members_found") != ""))
        | ((pl.col("kind") == "birth_missing") & pl.col("household_id").is_not_null())
    ).join(heads.select(household_id="home"), on="household_id", how="anti")
    return {
        "persons_counted_twice": len(counted),
        "extra_records": int(counted["times"].sum()) - len(counted),
        "persons_missed": int(heads["more"].sum() + whole["n"].sum()) + len(single),
        "wrongly_counted_here": here["dead"].count(),
        "missed_whole_households": len(whole),
    }


def _of(name: str) -> pl.Expr:
    """A value of the evidence, as text."""
    return pl.col("evidence").str.json_path_match(f"$.{name}")


def _said(local: pl.DataFrame) -> pl.DataFrame:
    """Differences with the persons that lists and forms count in them."""
    names = ("counted", "listed", "here", "registered")
    numbers = {name: _of(name).cast(pl.Int64, strict=False).fill_null(0) for name in names}
    return local.with_columns(**numbers)
