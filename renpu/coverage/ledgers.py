"""Births and deaths (出生死亡台账): lists of health and civil affairs set against the infants and the deaths forms.
Polars in, Polars out; knows no Django.

An infant may have no name yet (X之子): it is looked for through its mother, in the household in which she is
recorded, by sex and month of birth.
"""

import polars as pl

from renpu.concepts.identity_number import same
from renpu.coverage.internal import LIVES_HERE
from renpu.coverage.records import Terms, items, month, no_items, plain_name

UNNAMED = r"之[子女]$|^未取名$|^未命名$"
LISTS_OF_DEATHS = ("deaths", "cremations")  # health commission, civil affairs office


def births(rows: pl.DataFrame, lines: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """The rows of lists of births with `finding`, `household_id`, `line`, `found_in`, `why`, and `mother` (the
    household where the mother is recorded)."""
    listed = rows.filter(pl.col("source") == "births")
    born = pl.when(pl.col("happened_on") != "").then("happened_on").otherwise("birth")
    listed = listed.with_columns(m=month(born), n=plain_name(listed["name"]), sex=pl.col("sex"))
    listed = listed.join(_mothers(listed, lines), on="record", how="left")
    infants = lines.filter(pl.col("birth") >= terms.year_from).select(
        "sex", "household_id", "line", "residence_place", found_in="block_code", m="birth", n=plain_name(
            lines.filter(pl.col("birth") >= terms.year_from)["name"]
        ),
    )  # fmt: skip
    named = listed.filter(~pl.col("n").str.contains(UNNAMED).fill_null(True))
    by_name = named.select("record", "area_code", "mother", "n", "sex", "m").join(infants, on=["n", "sex"])
    month_and_street = (pl.col("m") == pl.col("m_right")) & _same_street("area_code", "found_in")
    by_name = by_name.filter(month_and_street | (pl.col("mother") == pl.col("household_id")))
    by_mother = listed.select("record", "mother", "sex", "m").join(
        infants.drop("n"), left_on=["mother", "sex", "m"], right_on=["household_id", "sex", "m"]
    ).with_columns(household_id=pl.col("mother"))  # fmt: skip
    columns = ["record", "household_id", "line", "residence_place", "found_in", "by"]
    found = pl.concat(
        [
            by_name.with_columns(by=pl.lit("name")).select(columns),
            by_mother.with_columns(by=pl.lit("mother")).select(columns),
        ]
    )
    found = found.sort(
        "record",
        pl.col("residence_place") != LIVES_HERE,
        "by",
        "household_id",
        "line",
        descending=[False, False, True, False, False],
    )
    found = found.group_by("record", maintain_order=True).first()
    told = listed.join(found, on="record", how="left", maintain_order="left")
    there = pl.col("household_id").is_not_null()
    local = pl.col("found_in").str.starts_with(pl.col("area_code"))
    outside = ~pl.col("m").is_between(pl.lit(terms.year_from), pl.lit(terms.year_to), closed="left")
    finding = (
        pl.when(there & (pl.col("residence_place") != LIVES_HERE)).then(pl.lit("found_away"))
        .when(there & local).then(pl.lit("found_here"))
        .when(there).then(pl.lit("found_elsewhere"))
        .when(outside).then(pl.lit("unsure"))
        .otherwise(pl.lit("to_add"))
    )  # fmt: skip
    why = (
        pl.when(there).then(pl.format("infant by {}", "by"))
        .when(outside).then(pl.lit("not born in the year"))
        .when(pl.col("mother").is_not_null()).then(pl.lit("mother found, no infant with her"))
        .otherwise(pl.lit("neither infant nor mother found"))
    )  # fmt: skip
    return told.with_columns(finding=finding, why=why)


def _mothers(listed: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """For each birth the household of its mother: by number, else by her name in the street; where she lives
    before where her hukou is."""
    women = lines.filter(pl.col("sex") == 2).select(
        "household_id", "address", "residence_place", mother_block="block_code", name="name", id="id_number"
    )
    women = women.with_columns(k=_numbers(women["id"]), n=plain_name(women["name"]))
    asked = listed.select(
        "record", "area_code", "address", k=_numbers(listed["kin_id"]), n=plain_name(listed["kin_name"].fill_null(""))
    )
    by_number = asked.filter(pl.col("k") != "").join(women.drop("n", "address"), on="k").with_columns(rank=pl.lit(0))
    by_name = asked.filter(pl.col("n") != "").join(women.drop("k", "id"), on="n", suffix="_line")
    same_place = by_name.filter(_same_street("area_code", "mother_block"))
    columns = ["record", "household_id", "mother_block", "residence_place", "rank"]
    every = pl.concat(
        [
            by_number.select(columns),
            same_place.with_columns(rank=pl.lit(1)).select(columns),
        ]
    )
    every = every.sort("record", "rank", pl.col("residence_place") != LIVES_HERE, "household_id")
    return every.group_by("record", maintain_order=True).first().select("record", "mother_block", mother="household_id")


def _same_street(one: str, other: str) -> pl.Expr:
    """Do two areas lie in one street, as far as both say so? In a city many share name, sex and month of birth."""
    sizes = [pl.col(c).str.len_chars() for c in (one, other)]
    digits = pl.min_horizontal(*sizes, pl.lit(9, pl.UInt32))
    return pl.col(one).str.slice(0, digits) == pl.col(other).str.slice(0, digits)


def _numbers(numbers: pl.Series) -> pl.Series:
    """Identity numbers in one writing; empty where there is none."""
    plain = numbers.str.contains("^[0-9]{17}[0-9X]$").fill_null(False)
    odd = (~plain & numbers.is_not_null()).arg_true()
    written = numbers.fill_null("")
    return written.scatter(odd, [same(text) for text in written.gather(odd)]) if len(odd) else written


def births_missing(told: pl.DataFrame) -> pl.DataFrame:
    """Births of the year on a list, of which no form has the infant."""
    missing = told.filter(pl.col("finding") == "to_add")
    if not len(missing):
        return no_items()
    place = pl.when(pl.col("block_code") != "").then("block_code").otherwise("area_code")
    return items(
        missing, "birth_missing",
        [pl.col("source"), pl.col("m").alias("month"), pl.col("sex"), pl.col("why")],
        subject=pl.col("key"), area_code=pl.coalesce("mother_block", place), household_id=pl.col("mother"),
        row_id=pl.col("row_id"), unit_id=pl.col("unit_id"),
    )  # fmt: skip


def deaths(rows: pl.DataFrame, lines: pl.DataFrame, forms: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """The rows of lists of deaths and of cremations with their finding: on a deaths form, or alive on a form, or
    neither. `alive` is the line of a form that is the same person; `again`: a cremation of somebody who is on a list
    of deaths. Of who was cremated and has no date of death, the cremation gives the month."""
    listed = rows.filter(pl.col("source").is_in(LISTS_OF_DEATHS))
    listed = listed.with_columns(m=month(pl.col("birth")), n=plain_name(listed["name"]))
    day = pl.when(pl.col("happened_on") != "").then("happened_on").otherwise(
        pl.col("more").str.json_path_match("$.cremated_on")
    )  # fmt: skip
    listed = listed.with_columns(day=day).join(_twice_listed(listed), on="record", how="left", maintain_order="left")
    on_form = forms.select("sex", "household_id", "line", found_in="block_code", m="birth", n=plain_name(forms["name"]))
    died = listed.select("record", "area_code", "n", "sex", "m").join(on_form, on=["n", "sex", "m"])
    died = died.filter(_same_street("area_code", "found_in")).sort("record", "household_id")
    died = died.group_by("record", maintain_order=True).first().select("record", "household_id", "line", "found_in")
    living = lines.select(
        "sex", alive="record", alive_home="household_id", alive_line="line", alive_block="block_code", m="birth",
        n=plain_name(lines["name"]),
    )  # fmt: skip
    living = listed.select("record", "area_code", "n", "sex", "m").join(living, on=["n", "sex", "m"])
    living = living.filter(_same_street("area_code", "alive_block")).sort("record", "alive")
    living = living.group_by("record", maintain_order=True).first().drop("area_code", "n", "sex", "m")
    told = listed.join(died, on="record", how="left").join(living, on="record", how="left")
    in_year = month(pl.col("day")).is_between(pl.lit(terms.year_from), pl.lit(terms.year_to), closed="left")
    finding = (
        pl.when(pl.col("alive").is_not_null()).then(pl.lit("unsure"))
        .when(pl.col("household_id").is_not_null()).then(pl.lit("dead"))
        .when(in_year).then(pl.lit("to_add"))
        .otherwise(pl.lit("dead"))
    )  # fmt: skip
    why = (
        pl.when(pl.col("alive").is_not_null()).then(pl.lit("alive on a form"))
        .when(pl.col("household_id").is_not_null()).then(pl.lit("on a deaths form"))
        .when(in_year).then(pl.lit("on no deaths form"))
        .otherwise(pl.lit("not of the year"))
    )  # fmt: skip
    return told.with_columns(finding=finding, why=why)


def _twice_listed(listed: pl.DataFrame) -> pl.DataFrame:
    """Cremations (`record`, `again`) of persons who are on a list of deaths of the street: the same identity number, or
    the same name, sex and month of birth."""
    health, civil = (listed.filter(pl.col("source") == source) for source in LISTS_OF_DEATHS)
    same = []
    for key in (["k"], ["n", "sex", "m"]):
        there, mine = (
            side.with_columns(k=_numbers(side["id_number"])).select("record", "area_code", *key)
            for side in (health, civil)
        )
        some = pl.all_horizontal((pl.col(c) != "").fill_null(False) for c in key if c != "sex")
        both = mine.filter(some).join(there.filter(some), on=key, suffix="_health")
        same.append(both.filter(_same_street("area_code", "area_code_health")).select("record"))
    return pl.concat(same).unique().with_columns(again=pl.lit(True))


def deaths_missing(told: pl.DataFrame) -> pl.DataFrame:
    """Deaths of the year on a list and on no deaths form, and persons alive on a form whom a list says to be dead; one
    item for each of them, though two lists say it."""
    told = told.filter(pl.col("again").is_null())
    if not len(told):
        return no_items()
    place = pl.when(pl.col("block_code") != "").then("block_code").otherwise("area_code")
    missing = items(
        told.filter(pl.col("finding") == "to_add"), "death_missing", [pl.col("source"), pl.col("why")],
        subject=pl.col("key"), area_code=place, row_id=pl.col("row_id"), unit_id=pl.col("unit_id"),
    )  # fmt: skip
    alive = items(
        told.filter(pl.col("finding") == "unsure"), "alive_or_dead", [pl.col("source"), pl.col("why")],
        subject=pl.col("key"), area_code=pl.col("alive_block"), household_id=pl.col("alive_home"),
        line=pl.col("alive_line"), row_id=pl.col("row_id"),
    )  # fmt: skip
    return pl.concat([missing, alive])


def alive_and_dead(lines: pl.DataFrame, forms: pl.DataFrame) -> pl.DataFrame:
    """Persons who are alive on one form and dead on another of the street: the same name, sex and month of birth."""
    on_form = forms.select(
        "sex", "died", dead="record", dead_home="household_id", dead_block="block_code", m="birth",
        n=plain_name(forms["name"]),
    )  # fmt: skip
    living = lines.with_columns(m=pl.col("birth"), n=plain_name(lines["name"]))
    both = (
        living.join(on_form, on=["n", "sex", "m"])
        .sort("record", "dead")
        .unique("record", keep="first", maintain_order=True)
    )
    return items(
        both, "alive_or_dead",
        [pl.lit("form").alias("source"), pl.col("died"), pl.col("residence_place").alias("D7")],
        subject=pl.col("key"), area_code=pl.col("block_code"), household_id=pl.col("household_id"),
        line=pl.col("line"), other_household_id=pl.col("dead_home"),
    )  # fmt: skip
