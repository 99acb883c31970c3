"""The figures of a comparison for one area. Polars in, numbers out; knows no Django."""

import polars as pl

from renpu.coverage.internal import HUKOU_HERE, LIVES_HERE


def figures(
    area: str, listed: pl.DataFrame, lines: pl.DataFrame, differences: pl.DataFrame, says_dead: pl.DataFrame
) -> dict[str, dict[str, int]]:
    """`register_comparison`: the police list of the area against the forms of the area, in persons. `coverage`: persons
    counted twice; and, as far as lists tell before anybody has asked, persons and whole households that were missed,
    and persons counted here of whom another source says that they are dead."""
    return {
        "register_comparison": _registers(area, listed, lines),
        "coverage": _coverage(area, lines, differences, says_dead),
    }


def _registers(area: str, listed: pl.DataFrame, lines: pl.DataFrame) -> dict[str, int]:
    police = listed.filter((pl.col("source") == "police") & pl.col("area_code").str.starts_with(area))
    nobody = police.filter(pl.col("finding") == "never_existed")
    somebody = police.filter(pl.col("finding") != "never_existed")
    on_list = somebody.select("person").unique()
    dead = somebody.filter(pl.col("finding") == "dead").select("person").unique()
    alive = on_list.join(dead, on="person", how="anti")
    inside = lines.filter(pl.col("block_code").str.starts_with(area))
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


def _coverage(area: str, lines: pl.DataFrame, differences: pl.DataFrame, says_dead: pl.DataFrame) -> dict[str, int]:
    here = lines.filter(pl.col("residence_place") == LIVES_HERE)
    counted = here.group_by("person").agg(
        n=pl.len(), inside=pl.col("block_code").str.starts_with(area).any()
    ).filter((pl.col("n") > 1) & pl.col("inside"))  # fmt: skip
    local = differences.filter(pl.col("area_code").str.starts_with(area))
    heads = _said(local.filter(kind="headcount").filter(_of("source").fill_null("grid") != "proxy"))
    heads = heads.with_columns(more=(pl.col("counted") - pl.col("here")).clip(lower_bound=0))
    heads = heads.group_by(pl.coalesce("household_id", "subject").alias("home")).agg(pl.col("more").max())
    empty = _said(local.filter(pl.col("kind").is_in(["vacancy", "unlisted_dwelling"])).filter(_of("agree") == "true"))
    whole = empty.select(n=pl.max_horizontal("counted", "registered", pl.lit(1)))
    single = local.filter(
        ((pl.col("kind") == "register_missing") & (_of("seems") == "to_add") & (_of("members_found") != ""))
        | ((pl.col("kind") == "birth_missing") & pl.col("household_id").is_not_null())
    ).join(heads.select(household_id="home"), on="household_id", how="anti")
    wrong = here.filter(pl.col("block_code").str.starts_with(area)).join(says_dead, on="record", how="semi")
    return {
        "persons_counted_twice": len(counted),
        "extra_records": int((counted["n"] - 1).sum()),
        "persons_missed": int(heads["more"].sum() + whole["n"].sum()) + len(single),
        "wrongly_counted_here": len(wrong),
        "missed_whole_households": len(whole),
    }


def _of(name: str) -> pl.Expr:
    """A value of the evidence, as text."""
    return pl.col("evidence").str.json_path_match(f"$.{name}")


def _said(local: pl.DataFrame) -> pl.DataFrame:
    """Differences with the persons that lists and forms count in them."""
    numbers = {name: _of(name).cast(pl.Int64, strict=False).fill_null(0) for name in ("counted", "here", "registered")}
    return local.with_columns(**numbers)
