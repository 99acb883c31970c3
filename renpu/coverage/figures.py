"""The figures of a comparison, area by area, and the row that stands for each person counted in them. Polars in,
Polars and numbers out; knows no Django.
"""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from renpu.coverage.internal import HUKOU_HERE, LIVES_HERE

DIGITS = (2, 4, 6, 9, 12)  # digits of the areas of which the police list is compared as a whole
NOBODY = "rows_of_nobody"
ON_LIST = "register_persons"
STANDS = {  # letter of `in_figures` -> the figure that counts the person; ON_LIST counts all of them
    "d": "dead_on_register", "h": "enumerated_living_here", "a": "enumerated_as_away_only", "n": "on_no_form",
}  # fmt: skip
STANDS_NOT = "-"


def police_rows(listed: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """The rows of the police list with `person`, `area_code` (block, else the list's area), `finding` and `in_figures`:
    a letter for each of DIGITS, of STANDS where the row stands for its person in the area of so many digits around it,
    else STANDS_NOT. One row of a person stands in an area: one that says dead, else the one found nearest."""
    place = pl.when(pl.col("block_code") != "").then("block_code").otherwise("area_code")
    police = listed.filter(pl.col("source") == "police").with_columns(area_code=place)
    police = police.select("record", "key", "person", "area_code", "finding", "rank")
    somebody = police.filter(pl.col("finding") != "never_existed").with_columns(dead=pl.col("finding") == "dead")
    somebody = somebody.sort(~pl.col("dead"), "rank", "key", nulls_last=True)
    on_form = lines.select("person", "block_code", here=pl.col("residence_place") == LIVES_HERE)
    for digits in DIGITS:
        there = on_form.group_by("person", at=pl.col("block_code").str.slice(0, digits)).agg(pl.col("here").any())
        inside = somebody.filter(pl.col("area_code").str.len_chars() >= digits)
        inside = inside.with_columns(at=pl.col("area_code").str.slice(0, digits))
        stands = inside.unique(["person", "at"], keep="first", maintain_order=True)
        stands = stands.join(there, on=["person", "at"], how="left").select("record", **{f"in_{digits}": _stands()})
        police = police.join(stands, on="record", how="left", maintain_order="left")
    letters = [pl.col(f"in_{digits}").fill_null(STANDS_NOT) for digits in DIGITS]
    return police.select("record", "person", "area_code", "finding", in_figures=pl.concat_str(letters))


def place_in_figures(area_code: str) -> int:
    """Where in `in_figures` the letter of an area stands; past the end for a block, which is not compared as a
    whole."""
    return DIGITS.index(len(area_code)) if len(area_code) in DIGITS else len(DIGITS)


def _stands() -> pl.Expr:
    return (
        pl.when(pl.col("dead")).then(pl.lit("d"))
        .when(pl.col("here")).then(pl.lit("h"))
        .when(pl.col("here").is_not_null()).then(pl.lit("a"))
        .otherwise(pl.lit("n"))
    )  # fmt: skip


class _Inside(NamedTuple):
    """What lies in an area, with the columns that figures need. `lines` has `times`: on how many lines of the census
    its person lives."""

    police: pl.DataFrame
    lines: pl.DataFrame
    differences: pl.DataFrame

    def of(self, area: str) -> "_Inside":
        return _Inside(
            self.police.filter(pl.col("area_code").str.starts_with(area)),
            self.lines.filter(pl.col("block_code").str.starts_with(area)),
            self.differences.filter(pl.col("area_code").str.starts_with(area)),
        )


def figures(
    areas: Sequence[str], police: pl.DataFrame, lines: pl.DataFrame, differences: pl.DataFrame, says_dead: pl.DataFrame
) -> dict[str, dict[str, dict[str, int]]]:
    """By area: `register_comparison`, the police list of the area (`police_rows`) against the forms of the area, in
    persons; `coverage`, persons counted twice, and, as far as lists tell before anybody has asked, persons and whole
    households that were missed, and persons counted here of whom another source says that they are dead."""
    here = lines.filter(pl.col("residence_place") == LIVES_HERE).group_by("person").len("times")
    dead = says_dead.select("record", dead=pl.lit(True)).unique()
    slim = lines.select("record", "person", "block_code", "residence_place", "hukou_place")
    slim = slim.join(here, on="person", how="left").join(dead, on="record", how="left").drop("record")
    whole = _Inside(police, slim, differences)
    parts = {"": whole}
    told = {}
    for area in sorted(areas, key=lambda code: (len(code), code)):
        around = next(parts[area[:n]] for n in range(len(area), -1, -1) if area[:n] in parts)
        parts[area] = inside = around.of(area)
        told[area] = {"register_comparison": _registers(area, inside), "coverage": _coverage(inside)}
    return told


def _registers(code: str, area: _Inside) -> dict[str, int]:
    somebody = area.police.filter(pl.col("finding") != "never_existed")
    hukou = area.lines.filter(pl.col("hukou_place") == HUKOU_HERE).select("person").unique()
    stands = dict(area.police["in_figures"].str.slice(place_in_figures(code), 1).value_counts().iter_rows())
    counted = {name: stands.get(letter, 0) for letter, name in STANDS.items()}
    return {
        ON_LIST: sum(counted.values()),
        NOBODY: len(area.police) - len(somebody),
        **counted,
        "on_forms_as_hukou_here_but_not_on_register": len(hukou.join(somebody, on="person", how="anti")),
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
