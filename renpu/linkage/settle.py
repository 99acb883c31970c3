"""Passes in falling order of evidence: what is beyond doubt is settled before anything is weighed.

A key counts only where it is unique in both files. An identity number alone never settles a pair: numbers are mistyped,
lent, and copied from a twin. Rows of one file that are plainly one person twice are taken as one, so that a double does
not hide its person.
"""

import polars as pl

from renpu.linkage.agreement import LEVELS, compare
from renpu.linkage.fields import Column

PAIR = ["l", "r"]
COMMON_NAME = 20  # bearers in a file up to which name, sex and birth date are enough by themselves
PASSES = ("id_number+name", "name+birth+sex+home", "name+birth+sex", "id_number+name~+birth")
KEYS = (("id_number",), ("name", "birth", "sex"), ("name", "birth", "sex"), ("id_number",))  # of each pass
_SEED = 0x9E3779B97F4A7C15


def originals(columns: dict[str, Column], side: int, n: int) -> pl.Series:
    """For each row of a file the first row that is plainly the same person, mostly itself."""
    own = pl.int_range(0, n, dtype=pl.UInt32, eager=True)
    leader = own
    if "name" not in columns or columns["name"].kind != "name":
        return leader
    name = _codes(columns["name"], side)
    keys = []
    if "id_number" in columns:
        keys.append([name, _codes(columns["id_number"], side)])
    home = next((columns[c] for c in ("household", "address") if c in columns), None)
    if {"birth", "sex"} <= columns.keys() and home is not None:
        keys.append([name, _codes(columns["birth"], side), _codes(columns["sex"], side), _codes(home, side)])
    for parts in keys:
        frame = pl.DataFrame({"key": _together(parts), "row": own}).drop_nulls()
        again = frame.filter(pl.col("key").is_duplicated())
        if len(again):
            first = again.with_columns(first=pl.col("row").min().over("key")).filter(pl.col("row") > pl.col("first"))
            if "id_number" in columns:  # two numbers may be two people of one name
                numbers = [_codes(columns["id_number"], side).gather(first[c]) for c in ("row", "first")]
                first = first.filter((numbers[0] == numbers[1]).fill_null(True))
            leader = leader.scatter(first["row"], first["first"])
    return leader.gather(leader)


def settled(columns: dict[str, Column], rows: tuple[pl.Series, pl.Series]) -> pl.DataFrame:
    """Pairs `l`, `r` of the given rows, and the `by` which pass each was settled."""
    free = list(rows)
    found = []

    def take(pairs: pl.DataFrame, number: int) -> None:
        found.append(pairs.select(*PAIR, by=pl.lit(number, pl.Int8)))
        for side, column in enumerate(PAIR):
            taken = pl.DataFrame({"row": free[side]}).join(
                pairs.select(row=column), on="row", how="anti", maintain_order="left"
            )
            free[side] = taken["row"]

    by_number = None
    if {"id_number", "name"} <= columns.keys():
        by_number = _unique(columns, ["id_number"], rows)
        name = compare(columns["name"], by_number["l"], by_number["r"])
        by_number = by_number.with_columns(name=name)
        take(by_number.filter(pl.col("name") >= _level("name", "sound")), 0)
    if {"name", "birth", "sex"} <= columns.keys():
        pairs = _unique(columns, ["name", "birth", "sex"], rows)
        for side, column in enumerate(PAIR):
            pairs = pairs.join(pl.DataFrame({column: free[side]}), on=column, how="semi")
        if "id_number" in columns:  # a number that differs by more than a slip is a reason to look closer
            pairs = pairs.filter(~compare(columns["id_number"], pairs["l"], pairs["r"]).is_in([0, 1]))
        near = pl.Series([False]).new_from_index(0, len(pairs))
        for field in ("address", "phone"):
            if field in columns:
                near |= compare(columns[field], pairs["l"], pairs["r"]) >= 2
        take(pairs.filter(near), 1)
        pairs = pairs.filter(~near)
        few = pairs.select(_few(columns["name"], pairs["l"])).to_series()
        take(pairs.filter(few), 2)
    if by_number is not None and "birth" in columns:
        pairs = by_number.filter(pl.col("name") == _level("name", "near"))
        for side, column in enumerate(PAIR):
            pairs = pairs.join(pl.DataFrame({column: free[side]}), on=column, how="semi")
        take(pairs.filter(compare(columns["birth"], pairs["l"], pairs["r"]) == len(LEVELS["date"]) - 1), 3)
    if not found:
        return pl.DataFrame(schema={"l": pl.UInt32, "r": pl.UInt32, "by": pl.Int8})
    return pl.concat(found).sort(PAIR)


def _level(kind: str, name: str) -> int:
    return LEVELS[kind].index(name)


def _few(name: Column, rows: pl.Series) -> pl.Series:
    """Is the name of each row borne by few, in both files?"""
    codes = name.left.gather(rows).to_frame("code")
    for file in (name.left, name.right):
        counts = file.to_frame("code").join(codes.unique(), on="code", how="semi").group_by("code").len("n")
        codes = codes.join(counts, on="code", how="left", maintain_order="left")
        codes = codes.with_columns(pl.max_horizontal("n", *(["m"] if "m" in codes.columns else [])).alias("m")).drop(
            "n"
        )
    return codes["m"] <= COMMON_NAME


def _unique(columns: dict[str, Column], key: list[str], rows: tuple[pl.Series, pl.Series]) -> pl.DataFrame:
    """Pairs that agree in a key which is unique in both files."""
    sides = []
    for side, column in enumerate(PAIR):
        parts = [_codes(columns[k], side).gather(rows[side]) for k in key]
        if "birth" in key:  # a birth without its day is no key
            birth = parts[key.index("birth")]
            parts[key.index("birth")] = (
                pl.DataFrame({"b": birth}).select(pl.when(pl.col("b") % 100 > 0).then("b")).to_series()
            )
        frame = pl.DataFrame({"key": _together(parts), column: rows[side]}).drop_nulls()
        sides.append(frame.filter(pl.col("key").is_unique()))
    return sides[0].join(sides[1], on="key").select(PAIR)


def _codes(column: Column, side: int) -> pl.Series:
    return ((column.left, column.right)[side]).cast(pl.UInt64)


def _together(parts: list[pl.Series]) -> pl.Series:
    """One key of several; null where one of them is."""
    frame = pl.DataFrame({f"p{i}": p for i, p in enumerate(parts)})
    mixed = pl.col("p0")
    for i in range(1, len(parts)):
        mixed = (mixed * pl.lit(_SEED, pl.UInt64)) ^ pl.col(f"p{i}")
    return frame.select(mixed.alias("key")).to_series()
