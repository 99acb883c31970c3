"""What the comparison works on and gives: who is one person among the records, and the shape of differences.

Polars in, Polars out; knows no Django. A *record* is a register row or a form line with a key of its own
(`row:17`, `line:<household>:2`); records of one person share the number `person`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from renpu.concepts.names import key as name_key
from renpu.linkage import Field, compare

# Sources whose rows are persons, or households known by one person of each.
NAMING = ("police", "residence_permits", "epidemic", "education", "employer", "police_households", "demolition")
ITEM = {
    "kind": pl.String, "subject": pl.String, "area_code": pl.String, "household_id": pl.String, "line": pl.Int16,
    "other_household_id": pl.String, "other_line": pl.Int16, "row_id": pl.Int64, "unit_id": pl.String,
    "evidence": pl.String,
}  # fmt: skip
FINDING = {
    "record": pl.String, "source": pl.String, "delivery_id": pl.String, "area_code": pl.String, "finding": pl.String,
    "household_id": pl.String, "line": pl.Int16, "found_in": pl.String, "why": pl.String,
}  # fmt: skip
LINK = {
    "left": pl.String, "right": pl.String, "probability": pl.Float64, "status": pl.String, "reason": pl.String,
}  # fmt: skip
FIELDS = (
    Field("name", "name", "name", "name"),
    Field("sex", "code", "sex", "sex"),
    Field("birth", "date", "birth", "birth"),
    Field("id_number", "identity", "id_number", "id_number"),
    Field("address", "address", "address", "address"),
)
HOUSEHOLD = Field("household", "household", "household_no", "household_id")


class Records(NamedTuple):
    """What one comparison reads, as `linkage.records` gives it: register rows, form lines, lines of deaths forms,
    roster lines, heads of households that died out."""

    rows: pl.DataFrame
    lines: pl.DataFrame
    deaths: pl.DataFrame
    homes: pl.DataFrame
    died_out: pl.DataFrame


class Terms(NamedTuple):
    """What a comparison must know of its census. Thresholds are parameters of the census (`platform.models`)."""

    area_code: str  # of the whole census: only there can a record be missed
    year_from: str  # first month of the year before the reference moment, yyyymm
    year_to: str  # month of the reference moment: who is born in it or later is not enumerated
    old_age: int = 70
    kwh_month: float = 20.0
    kwh_months: int = 3

    def born_before(self, age: int) -> str:
        """Who was born up to this month is at least so old at the reference moment."""
        return str(int(self.year_to) - 100 * age)


def items(frame: pl.DataFrame, kind: str, evidence: Sequence[pl.Expr], **columns: pl.Expr | str) -> pl.DataFrame:
    """Differences of one kind in the shape of ITEM; what is not named is null. `evidence`: codes and counts only."""
    made = frame.with_columns(
        kind=pl.lit(kind), evidence=pl.struct(evidence).struct.json_encode() if evidence else pl.lit("{}"), **columns
    )
    given = set(columns) | {"kind", "evidence"}
    return made.select(
        pl.col(name).cast(dtype) if name in given else pl.lit(None, dtype).alias(name) for name, dtype in ITEM.items()
    )


def no_items() -> pl.DataFrame:
    return pl.DataFrame(schema=ITEM)


def links(rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Pairs of records that are, or may be, one person: each source of persons or heads against the form lines, and the
    form lines against each other. Columns of LINK, the smaller key on the left."""
    found = [pl.DataFrame(schema=LINK)]
    for source in NAMING:
        listed = rows.filter(pl.col("source") == source)
        if len(listed) and len(lines):
            fields = (*FIELDS, HOUSEHOLD) if source == "police" else FIELDS
            found.append(compare(listed, lines, fields, id="record"))
    if len(lines):
        found.append(compare(lines, None, FIELDS, id="record"))
    left, right = pl.min_horizontal("left", "right"), pl.max_horizontal("left", "right")
    return (
        pl.concat(found)
        .with_columns(left=left, right=right)
        .unique(["left", "right"], keep="first")
        .sort("left", "right")
    )


def decided(pairs: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """The pairs with what clerks decided of them (`left`, `right`, `status`): their word stands, also where the
    comparison no longer sees a pair."""
    stood = decisions.select("left", "right", word="status")
    both = pairs.join(stood, on=["left", "right"], how="left")
    both = both.with_columns(status=pl.coalesce("word", "status")).drop("word")
    more = stood.join(pairs, on=["left", "right"], how="anti").select(
        "left", "right", probability=pl.lit(1.0), status="word", reason=pl.lit("decided")
    )
    return pl.concat([both, more.cast(LINK)])  # type: ignore[arg-type]


def persons(rows: pl.DataFrame, lines: pl.DataFrame, pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows and lines with the number `person`: linked records, and equal rows of one source, share it."""
    keys = pl.concat([rows["record"], lines["record"]]).to_frame("record").with_row_index("at")
    sure = pairs.filter(pl.col("status") == "linked").select("left", "right")
    edges = pl.concat([sure, _twice(rows)])
    edges = edges.join(keys.rename({"record": "left", "at": "a"}), on="left").join(
        keys.rename({"record": "right", "at": "b"}), on="right"
    )
    label = _components(len(keys), edges.select("a", "b"))
    numbered = keys.select("record", person=label)
    return (
        rows.join(numbered, on="record", how="left", maintain_order="left"),
        lines.join(numbered, on="record", how="left", maintain_order="left"),
    )


def _twice(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a source of persons that say the same person again: same name and number, or marked as equal rows."""
    listed = rows.filter(pl.col("source").is_in(NAMING))
    own = pl.col("record")
    equal = listed.filter(pl.col("duplicate_of").is_not_null()).join(
        listed.select("delivery_id", "sheet", "number", first="record"),
        left_on=["delivery_id", "sheet", "duplicate_of"], right_on=["delivery_id", "sheet", "number"],
    )  # fmt: skip
    numbered = listed.filter(pl.col("id_number").str.len_chars() >= 15)
    numbered = numbered.with_columns(plain=pl.col("id_number").str.to_uppercase().str.strip_chars())
    same = numbered.filter(pl.len().over("plain", "name") > 1)
    same = same.with_columns(first=own.min().over("plain", "name")).filter(own != pl.col("first"))
    return pl.concat([part.select(left="first", right="record") for part in (equal, same)])


def _components(size: int, edges: pl.DataFrame) -> pl.Series:
    """The smallest member of each node's connected part."""
    label = pl.int_range(0, size, dtype=pl.UInt32, eager=True)
    both = pl.concat([edges.select("a", "b"), edges.select(a="b", b="a")])
    while len(both):
        least = both.with_columns(n=label.gather(both["b"])).group_by("a").agg(pl.col("n").min())
        before = label.gather(least["a"])
        better = least.filter(least["n"] < before)
        if not len(better):
            break
        label = label.scatter(better["a"], better["n"])
    return label


def plain_name(names: pl.Series) -> pl.Series:
    """What a name is compared by where it must be the same: one writing for each."""
    odd = ~names.str.contains("^[\u4e00-\u9fff]{2,4}$").fill_null(False)
    at = odd.arg_true()
    if not len(at):
        return names
    return names.scatter(at, [name_key(text or "") for text in names.gather(at)])


def month(dates: pl.Expr) -> pl.Expr:
    """yyyymm of a date written yyyy-mm-dd, yyyy-mm or yyyymm."""
    return dates.str.replace_all("-", "").str.slice(0, 6)
