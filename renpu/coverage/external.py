"""External comparison (外部比对): every register row and every form line ends in a finding. Polars in, Polars out;
knows no Django.

A row that is on no form is looked at with its household: the dead whom the register still has, and rows of nobody (an
invented name without a number in a household that was found), are told apart from persons who were missed. Whatever
they seem to be, each is an open difference until somebody has asked.
"""

import polars as pl

from renpu.coverage.internal import HUKOU_HERE, LIVES_HERE
from renpu.coverage.records import FINDING, NAMING, Terms, items, month, no_items, plain_name

ABROAD = (6, 7)  # D7
AWAY = (2, 3, 4, 5, 7)  # household_status: nobody of the household lives there
DIED_OUT = 7  # household_status
GROWN = 15  # who is younger is not looked for among those who left their parents


def rows_found(
    rows: pl.DataFrame, lines: pl.DataFrame, deaths: pl.DataFrame, died_out: pl.DataFrame, pairs: pl.DataFrame,
    crowded: pl.DataFrame, terms: Terms,
) -> pl.DataFrame:  # fmt: skip
    """Every row of the sources of persons and heads with its finding: `finding`, `household_id`, `line`, `found_in`,
    `why`, and of a row on no form `home` (the household in which its register household was found). `died_out`:
    households of that status (`household_id`, `block_code`, `unit_id`, `name` of the head). `crowded`: households
    (`household_id`) where another list counts persons on no form, and how many (`heads`)."""
    listed = rows.filter(pl.col("source").is_in(NAMING))
    best = _best_line(listed, lines)
    listed = listed.join(best, on="record", how="left", maintain_order="left")
    listed = _with_home(listed)
    listed = listed.join(_dead(listed.filter(pl.col("best").is_null()), deaths), on="record", how="left")
    listed = listed.join(_of_died_out(listed, died_out), on="record", how="left")
    listed = listed.join(_doubtful(listed, pairs), on="record", how="left")
    listed = listed.join(_copies(listed), on="record", how="left")
    listed = listed.join(_crowded(listed, crowded, terms), on="record", how="left", maintain_order="left")
    return listed.with_columns(finding=_finding(terms), why=_why(terms)).with_columns(
        household_id=pl.coalesce("household_id", "dead_home", "gone_home", "home")
    )


def _best_line(listed: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """For each row the line that says most of its person: living in its committee, recorded there, living elsewhere."""
    of = listed.select("record", "person", "area_code").join(
        lines.select(
            "person", "household_id", "line", "residence_place", found_in="block_code", best="record", best_key="key",
        ), on="person",
    )  # fmt: skip
    local = pl.col("found_in").str.starts_with(pl.col("area_code"))
    lives = pl.col("residence_place") == LIVES_HERE
    rank = pl.when(local & lives).then(0).when(local).then(1).when(lives).then(2).otherwise(3)
    of = of.with_columns(rank=rank).sort("record", "rank", "household_id", "line")
    first = of.group_by("record", maintain_order=True).first()
    return first.select("record", "best", "best_key", "rank", "household_id", "line", "found_in", D7="residence_place")


def _with_home(listed: pl.DataFrame) -> pl.DataFrame:
    """`home`: the household in which most members of the row's register household were found; `found`: how many;
    `living`: how many of these live in its committee."""
    together = ["source", "area_code", "household_no"]
    members = listed.filter((pl.col("household_no") != "") & pl.col("household_id").is_not_null())
    counted = members.group_by(*together, "household_id").agg(
        n=pl.len(), where=pl.col("found_in").first(), living=(pl.col("rank") == 0).sum()
    )
    counted = counted.sort("n", "household_id", descending=[True, False])
    home = counted.group_by(together, maintain_order=True).agg(
        home=pl.col("household_id").first(),
        home_block=pl.col("where").first(),
        found=pl.col("n").sum(),
        living=pl.col("living").sum(),
    )
    return listed.join(home, on=together, how="left", maintain_order="left")


def _dead(listed: pl.DataFrame, deaths: pl.DataFrame) -> pl.DataFrame:
    """Rows that are on a deaths form of their street: the same name, sex and month of birth; or in their committee the
    same name and sex, born at most a year apart."""
    own = listed.select("record", "sex", "area_code", m=month(pl.col("birth")), n=plain_name(listed["name"]))
    form = deaths.select(
        "sex", "died", dead_home="household_id", dead_line="line", dead_block="block_code", born="birth",
        n=plain_name(deaths["name"]),
    )  # fmt: skip
    both = own.join(form, on=["n", "sex"])
    same_street = pl.col("dead_block").str.slice(0, 9) == pl.col("area_code").str.slice(0, 9)
    same_committee = pl.col("dead_block").str.starts_with(pl.col("area_code"))
    years = [pl.col(c).str.slice(0, 4).cast(pl.Int32, strict=False) for c in ("m", "born")]
    exact = same_street & (pl.col("m") == pl.col("born"))
    near = same_committee & ((years[0] - years[1]).abs() <= 1)
    both = both.filter(exact | near).sort(~exact, "record", "dead_home", "dead_line")
    return both.group_by("record", maintain_order=True).first().select("record", "dead_home", "died")


def _of_died_out(listed: pl.DataFrame, died_out: pl.DataFrame) -> pl.DataFrame:
    """`gone_home`: the roster line of a household that died out, of rows whose register household is it: nobody of it
    is on a form, and one of it has the head's family name at the same dwelling, or, where a dwelling is not known, the
    head's name in the same committee."""
    together = ["source", "area_code", "household_no"]
    lost = listed.filter((pl.col("household_no") != "") & pl.col("home").is_null())
    heads = died_out.select(
        gone=plain_name(died_out["name"]), committee=pl.col("block_code").str.slice(0, 12), gone_home="household_id",
        dwelling="unit_id",
    )  # fmt: skip
    named = lost.with_columns(n=plain_name(lost["name"]), committee=pl.col("area_code").str.slice(0, 12))
    same = pl.col("n") == pl.col("gone")
    family = pl.col("n").str.slice(0, 1) == pl.col("gone").str.slice(0, 1)
    at_home = pl.col("unit_id") == pl.col("dwelling")
    named = named.join(heads, on="committee").filter(
        (at_home & family).fill_null(False) | (at_home.is_null() & same).fill_null(False)
    )
    found = named.group_by(together).agg(pl.col("gone_home").min())
    return lost.join(found, on=together).select("record", "gone_home")


def _doubtful(listed: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Rows that may be the person of a line, as a clerk has to say; `free`: of a line that is no other row of the
    list."""
    ends = pl.concat(
        [pairs.select("status", record="left", other="right"), pairs.select("status", record="right", other="left")]
    ).join(listed.select("record", "source"), on="record")
    taken = ends.filter(pl.col("status") == "linked").select("source", "other", taken=pl.lit(True)).unique()
    unsure = ends.filter(pl.col("status") == "unsure").join(taken, on=["source", "other"], how="left")
    return unsure.group_by("record").agg(doubt=pl.lit(True).first(), free=pl.col("taken").is_null().any())


def _copies(listed: pl.DataFrame) -> pl.DataFrame:
    """Rows without a number that repeat the birth date of another row of their household."""
    together = ["source", "area_code", "household_no", "birth"]
    several = listed.filter((pl.col("household_no") != "") & (pl.len().over(together) > 1) & _blank())
    return several.select("record", copied=pl.lit(True))


def _finding(terms: Terms) -> pl.Expr:
    there = pl.col("best").is_not_null()
    return (
        pl.when(there & (pl.col("rank") == 0)).then(pl.lit("found_here"))
        .when(there & pl.col("D7").is_in(ABROAD)).then(pl.lit("abroad"))
        .when(there & (pl.col("rank") == 1)).then(pl.lit("found_away"))
        .when(there).then(pl.lit("found_elsewhere"))
        .when(pl.col("dead_home").is_not_null()).then(pl.lit("dead"))
        .when(pl.col("gone_home").is_not_null()).then(pl.lit("dead"))
        .when(_doubted()).then(pl.lit("unsure"))
        .when(_nobody()).then(pl.lit("never_existed"))
        .when(_long_dead(terms)).then(pl.lit("dead"))
        .otherwise(pl.lit("to_add"))
    )  # fmt: skip


def _crowded(listed: pl.DataFrame, crowded: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """`crowded`: rows of whose household another list counts more persons than the form; `spare`: more also than there
    are members missing who likelier live, for these explain the count first: those who have a number and are not old,
    and then the younger of the old."""
    heads = crowded.group_by(home="household_id").agg(pl.col("heads").max())
    lost = listed.filter(pl.col("best").is_null() & pl.col("dead_home").is_null() & ~_blank())
    young = lost.filter(~_old(terms)).group_by("source", "home").agg(young=pl.col("person").n_unique())
    age = pl.col("birth").rank("dense", descending=True).over("source", "home")
    old = lost.filter(_old(terms)).select("record", before=age - 1)
    told = listed.join(heads, on="home").join(young, on=["source", "home"], how="left").join(old, "record", "left")
    spare = pl.col("heads") > pl.sum_horizontal(pl.col("young", "before").fill_null(0))
    return told.select("record", spare=spare, crowded=pl.lit(True))


def _doubted() -> pl.Expr:
    """A clerk has to say whether the row is a line's person. A row without a number that repeats the birth
    date of the line's own row is not in doubt: it only looks like that person."""
    copy = pl.col("copied").fill_null(False) & ~pl.col("free").fill_null(False)
    return pl.col("doubt").fill_null(False) & ~copy


def _nobody() -> pl.Expr:
    """No number, and a member's birth date or nothing else that speaks for a person: a row nobody stands behind."""
    return _blank() & (pl.col("copied").fill_null(False) | _nobody_left())


def _blank() -> pl.Expr:
    return pl.col("id_number").fill_null("").str.strip_chars() == ""


def _nobody_left() -> pl.Expr:
    """Members of the household who live there were asked, and no list counts one more there. A household that is away
    was not asked at its door, so it says nothing of who stayed."""
    return (pl.col("living") > 0).fill_null(False) & ~pl.col("spare").fill_null(False)


def _long_dead(terms: Terms) -> pl.Expr:
    """Old, and nobody is left of the household who could be missing: died before the year."""
    return _old(terms) & _nobody_left()


def _old(terms: Terms) -> pl.Expr:
    """Of an age at which who is missing is presumed dead, by the birth date and by the number: false where neither is
    known, or one of them says younger."""
    number = pl.col("id_number").fill_null("").str.extract(r"^[0-9]{6}([0-9]{6})[0-9]{5}[0-9Xx]$")
    youngest = pl.max_horizontal(month(pl.when(pl.col("birth") != "").then("birth")), number)
    return (youngest <= terms.born_before(terms.old_age)).fill_null(False)


def _why(terms: Terms) -> pl.Expr:
    """The evidence in short: codes and counts."""
    on_form = pl.format("form D7={}", pl.col("D7").fill_null(0))
    return (
        pl.when(pl.col("best").is_not_null()).then(on_form)
        .when(pl.col("dead_home").is_not_null()).then(pl.format("deaths form {}", pl.col("died").fill_null("")))
        .when(pl.col("gone_home").is_not_null()).then(pl.lit("household died out by the roster"))
        .when(_doubted()).then(pl.lit("pair to be decided"))
        .when(_nobody()).then(pl.format("no number, household found={}", pl.col("found").fill_null(0)))
        .when(_long_dead(terms)).then(pl.format("presumed: old, household found={}", pl.col("found").fill_null(0)))
        .otherwise(pl.format("on no form, household found={}", pl.col("found").fill_null(0)))
    )  # fmt: skip


def moved_out(found: pl.DataFrame, homes: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """The found rows, those of the demolition office with what the roster says of the dwelling that they left before
    the reference moment: `stayed`, the person lives there by the form; found as away, a household is on the roster
    there that is away (definitions 5: 拆迁或搬家已离开)."""
    at = homes.filter(pl.col("unit_id").is_not_null()).group_by("unit_id")
    left = at.agg(
        gone=(pl.col("status").is_in(AWAY)).any(),
        left_home=pl.col("household_id").filter(pl.col("status").is_in(AWAY)).min(),
        left_block=pl.col("block_code").first(),
    )
    told = found.join(left, on="unit_id", how="left", maintain_order="left").join(
        homes.select("household_id", lives_at="unit_id"), on="household_id", how="left", maintain_order="left"
    )
    of_list = pl.col("source") == "demolition"
    before = (pl.col("happened_on") != "") & (month(pl.col("happened_on")) < terms.year_to)
    stayed = of_list & before & (pl.col("finding") == "found_here") & (pl.col("lives_at") == pl.col("unit_id"))
    gone = of_list & (pl.col("finding") == "to_add") & pl.col("gone")
    told = told.with_columns(stayed=stayed.fill_null(False), by_roster=gone.fill_null(False))
    return told.with_columns(
        finding=pl.when("by_roster").then(pl.lit("found_away")).otherwise("finding"),
        why=pl.when("by_roster").then(pl.lit("the household there is away")).otherwise("why"),
        household_id=pl.when("by_roster").then("left_home").otherwise("household_id"),
        found_in=pl.when("by_roster").then("left_block").otherwise("found_in"),
    ).drop("gone", "left_home", "left_block", "lives_at", "by_roster")


def asked_for(found: pl.DataFrame) -> pl.DataFrame:
    """The rows whose persons somebody has to look for by themselves: not a household whose persons are rows of the
    police list (`household_no`), nor, where there is such a list of the committee, one that was moved by the
    demolition office: its members who have the hukou there are asked for as persons."""
    police = found.filter(pl.col("source") == "police")
    households = police.select("area_code", "household_no").unique().with_columns(in_persons=pl.lit(True))
    lists = police.select("area_code").unique().with_columns(in_list=pl.lit(True))
    told = found.join(households, on=["area_code", "household_no"], how="left", maintain_order="left")
    told = told.join(lists, on="area_code", how="left", maintain_order="left")
    again = (pl.col("source") == "police_households") & pl.col("in_persons").fill_null(False)
    moved = (pl.col("source") == "demolition") & pl.col("in_list").fill_null(False)
    return told.filter(~again & ~moved).drop("in_persons", "in_list")


def still_there(found: pl.DataFrame) -> pl.DataFrame:
    """Households that moved out by the demolition office and live there by the form."""
    return items(
        found.filter("stayed"), "headcount", [pl.col("source"), pl.col("happened_on").alias("moved_on")],
        subject=pl.format("left:{}", "key"), area_code=pl.col("found_in"), household_id=pl.col("household_id"),
        row_id=pl.col("row_id"), unit_id=pl.col("unit_id"),
    )  # fmt: skip


def row_findings(found: pl.DataFrame) -> pl.DataFrame:
    """The findings of rows in the shape of FINDING."""
    where = pl.when(pl.col("block_code") != "").then("block_code").otherwise("area_code")
    return found.with_columns(
        area_code=where, found_in=pl.col("found_in").fill_null(""), why=pl.col("why").fill_null("")
    ).select(pl.col(name).cast(dtype) for name, dtype in FINDING.items())


def line_findings(lines: pl.DataFrame, found: pl.DataFrame, died: pl.DataFrame, covered: set[str]) -> pl.DataFrame:
    """The findings of form lines. `found`: the rows of persons; `died` (`record`): lines alive here whom another
    source says to be dead. A line with the hukou here and no row of the police of its committee is `unsure`, where
    there is a list (`covered`)."""
    police = found.filter(pl.col("source") == "police").select("person", on_list="area_code").unique()
    police = police.group_by("person").agg(pl.col("on_list").min(), lists=pl.col("on_list"))
    told = lines.join(police, on="person", how="left", maintain_order="left").join(
        died.select("record", says_dead=pl.lit(True)).unique(), on="record", how="left", maintain_order="left"
    )
    local = pl.col("lists").list.contains(pl.col("block_code").str.slice(0, 12)).fill_null(False)
    missing = (pl.col("hukou_place") == HUKOU_HERE) & ~local & _listed("block_code", covered)
    lives = pl.col("residence_place") == LIVES_HERE
    finding = (
        pl.when(pl.col("says_dead").fill_null(False)).then(pl.lit("unsure"))
        .when(missing).then(pl.lit("unsure"))
        .when(lives).then(pl.lit("found_here"))
        .when(pl.col("residence_place").is_in(ABROAD)).then(pl.lit("abroad"))
        .otherwise(pl.lit("found_away"))
    )  # fmt: skip
    why = (
        pl.when(pl.col("says_dead").fill_null(False)).then(pl.lit("dead by another source"))
        .when(missing & pl.col("on_list").is_not_null()).then(pl.format("D8=1, on the list of {}", "on_list"))
        .when(missing).then(pl.lit("D8=1, on no police list"))
        .when(pl.col("on_list").is_not_null()).then(pl.lit("on the police list"))
        .otherwise(pl.format("D8={}", pl.col("hukou_place").fill_null(0)))
    )  # fmt: skip
    return told.with_columns(
        source=pl.lit("form"), delivery_id=pl.lit(None, pl.String), area_code=pl.col("block_code"), finding=finding,
        found_in=pl.lit(""), why=why,
    ).select(pl.col(name).cast(dtype) for name, dtype in FINDING.items())  # fmt: skip


def row_differences(found: pl.DataFrame) -> pl.DataFrame:
    """Rows of persons and heads (`asked_for`) that are on no form: one item for each person of a list."""
    open_ = found.filter(~pl.col("finding").is_in(["found_here", "found_away", "found_elsewhere", "abroad", "unsure"]))
    open_ = open_.sort("key").unique(["source", "person"], keep="first", maintain_order=True)
    if not len(open_):
        return no_items()
    place = pl.when(pl.col("block_code") != "").then("block_code").otherwise("area_code")
    at = pl.coalesce("home_block", place)
    by_field = pl.col("dead_home").is_not_null() | pl.col("gone_home").is_not_null()
    evidence = [
        pl.col("source"), pl.col("finding").alias("seems"), pl.col("why"), pl.col("found").alias("members_found"),
        pl.col("crowded"),
    ]  # fmt: skip
    named = {"subject": pl.col("key"), "area_code": at, "household_id": pl.col("household_id"),
             "row_id": pl.col("row_id"), "unit_id": pl.col("unit_id")}  # fmt: skip
    return pl.concat(
        [
            items(open_.filter(~by_field), "register_missing", evidence, **named),
            items(open_.filter(by_field), "alive_or_dead", evidence, **named),
        ]
    )


def elsewhere_only(found: pl.DataFrame) -> pl.DataFrame:
    """Persons of the police list who are on forms of other committees only: their hukou side is missing here."""
    police = found.filter((pl.col("source") == "police") & (pl.col("rank") >= 2))
    police = police.sort("key").unique("person", keep="first", maintain_order=True)
    return items(
        police, "hukou_omission", [pl.col("source"), pl.col("found_in").alias("lives_at"), pl.col("why")],
        subject=pl.col("best_key"), area_code=pl.coalesce("home_block", pl.col("area_code")),
        household_id=pl.col("home"), other_household_id=pl.col("household_id"), other_line=pl.col("line"),
        row_id=pl.col("row_id"),
    )  # fmt: skip


def not_on_register(lines: pl.DataFrame, found: pl.DataFrame, covered: set[str]) -> pl.DataFrame:
    """Hukou here by the form, and not on the list of the police of this committee. `covered`: the areas of which
    there is a list."""
    police = found.filter(pl.col("source") == "police").select("person", committee="area_code").unique()
    here = lines.filter(pl.col("hukou_place") == HUKOU_HERE).with_columns(
        committee=pl.col("block_code").str.slice(0, 12)
    )
    here = here.filter(_listed("committee", covered))
    absent = here.join(police, on=["person", "committee"], how="anti").join(
        police.group_by("person").agg(on_list=pl.col("committee").min()), on="person", how="left"
    )
    return items(
        absent, "register_absent",
        [pl.col("on_list"), pl.col("residence_place").alias("D7"), pl.col("away_duration").alias("D9")],
        subject=pl.col("key"), area_code=pl.col("block_code"), household_id=pl.col("household_id"),
        line=pl.col("line"),
    )  # fmt: skip


def _listed(place: str, covered: set[str]) -> pl.Expr:
    """Does the place lie in an area of which there is a list?"""
    lengths = sorted({len(code) for code in covered})
    inside = [pl.col(place).str.slice(0, n).is_in(sorted(c for c in covered if len(c) == n)) for n in lengths]
    return pl.any_horizontal(inside) if inside else pl.lit(False)
