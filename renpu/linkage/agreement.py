"""How far two records agree in each field: a level a field, the higher the nearer; MISSING where one side says nothing.

Each function takes the rows of pairs and gives a column of levels; it looks closely only where the values differ.
"""

from functools import cache

import polars as pl
from borax.calendars.lunardate import LunarDate  # type: ignore[import-untyped]
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from renpu.concepts.dates import LUNAR_FIRST_YEAR
from renpu.linkage.fields import Column

MISSING = -1
# what each level of a kind is called in a reason; the last is full agreement
LEVELS = {
    "name": ("differ", "surname", "near", "sound", "same"),
    "text": ("differ", "little", "near", "close", "same"),
    "date": ("differ", "year", "near", "digit", "swapped", "month", "same"),
    "code": ("differ", "same"),
    "number": ("differ", "digit", "same"),
    "identity": ("other", "differ", "digit", "same"),
    "address": ("differ", "part", "numbers", "same"),
    "household": ("elsewhere", "linked"),
}
CHUNK = 200_000  # pairs compared at a time, so that memory stays bounded


def compare(column: Column, left: pl.Series, right: pl.Series) -> pl.Series:
    """The level of each pair of rows."""
    a, b = column.left.gather(left), column.right.gather(right)
    best = len(LEVELS[column.kind]) - 1
    pair = pl.DataFrame({"a": a, "b": b})
    if column.kind == "date":
        dayless = (pl.col("a") % 100 == 0) | (pl.col("b") % 100 == 0)
        level = pl.when((pl.col("a") == pl.col("b")) & ~dayless).then(best)
    else:
        level = pl.when(pl.col("a") == pl.col("b")).then(best)
    known = level.when(pl.col("a").is_null() | pl.col("b").is_null()).then(MISSING).otherwise(0).cast(pl.Int8)
    levels = pair.select(known).to_series()
    if column.kind in ("code", "household"):
        return levels
    rows = (levels == 0).arg_true()
    if not len(rows):
        return levels
    unlike = pair.select(pl.all().gather(rows))
    if column.kind == "date":
        nearer = _dates(unlike)
    elif column.kind in ("number", "identity"):
        assert column.texts is not None
        texts = column.texts[0].gather(left.gather(rows)), column.texts[1].gather(right.gather(rows))
        nearer = _digits(*texts)
        if column.kind == "identity":
            valid = column.valid(0, left.gather(rows)), column.valid(1, right.gather(rows))
            nearer = _identity(nearer, *valid)
    elif column.kind == "address":
        nearer = _addresses(column.table, unlike)  # type: ignore[arg-type]
    else:
        nearer = _words(column.table, unlike, column.kind)  # type: ignore[arg-type]
    return levels.scatter(rows, nearer)


def _dates(pair: pl.DataFrame) -> pl.Series:
    a, b = pl.col("a"), pl.col("b")
    ya, ma, da, yb, mb, db = a // 10000, a // 100 % 100, a % 100, b // 10000, b // 100 % 100, b % 100
    parts = pair.with_columns(y=(ya == yb), m=(ma == mb), d=(da == db), dayless=(da == 0) | (db == 0))
    swapped = (pl.col("y") & (ma == db) & (da == mb)) | (pl.col("la") == b) | (pl.col("lb") == a)
    lunar = _lunar()
    for side in ("a", "b"):
        month, day = pl.col(side) // 100, pl.col(side) % 100
        parts = (
            parts.with_columns(lunar_month=month)
            .join(lunar, on="lunar_month", how="left", maintain_order="left")
            .with_columns((pl.col("begins") + pl.duration(days=day - 1)).alias("g"))
            .with_columns(
                (pl.col("g").dt.year() * 10000 + pl.col("g").dt.month().cast(pl.Int32) * 100 + pl.col("g").dt.day())
                .cast(pl.Int32)
                .alias(f"l{side}")
            )
            .drop("g", "begins", "lunar_month")
        )
    digit = pl.any_horizontal(
        (a // 10 ** (place + 1) == b // 10 ** (place + 1)) & (a % 10**place == b % 10**place) for place in range(8)
    )
    two = (pl.col("y").cast(pl.Int8) + pl.col("m") + pl.col("d")) == 2
    return parts.select(
        pl.when("dayless")
        .then(pl.when(pl.col("y") & pl.col("m")).then(_date("month")).when("y").then(1).otherwise(0))
        .when(swapped.fill_null(False))
        .then(_date("swapped"))
        .when(digit)
        .then(_date("digit"))
        .when(two)
        .then(_date("near"))
        .when("y")
        .then(1)
        .otherwise(0)
        .cast(pl.Int8)
    ).to_series()


def _date(level: str) -> int:
    return LEVELS["date"].index(level)


@cache
def _lunar() -> pl.DataFrame:
    """The day on which each month of the Chinese calendar begins; of a month that comes twice, the first."""
    months = [(y, m) for y in range(LUNAR_FIRST_YEAR, 2031) for m in range(1, 13)]
    return pl.DataFrame(
        {
            "lunar_month": pl.Series([y * 100 + m for y, m in months], dtype=pl.Int32),
            "begins": [LunarDate(y, m, 1).to_solar_date() for y, m in months],
        }
    )


def _digits(a: pl.Series, b: pl.Series) -> pl.Series:
    """1 where one digit is another, is missing, or two neighbours are swapped."""
    pair = pl.DataFrame({"a": a, "b": b})
    half = pl.col("a").str.len_bytes() // 2
    # one fault leaves a beginning or an end as it was; only such pairs are looked at digit by digit
    alike = (pl.col("a").str.head(half) == pl.col("b").str.head(half)) | (
        pl.col("a").str.tail(half - 1) == pl.col("b").str.tail(half - 1)
    )
    rows = pair.select(alike).to_series().arg_true()
    levels = pl.zeros(len(a), dtype=pl.Int8, eager=True)
    if len(rows):
        far = cpdist(a.gather(rows).to_list(), b.gather(rows).to_list(), scorer=OSA.distance, score_cutoff=1)
        levels = levels.scatter(rows, pl.Series((far <= 1).astype("int8")))
    return levels


def _identity(slips: pl.Series, a: pl.Series, b: pl.Series) -> pl.Series:
    """2 a slip; 0 two numbers that are valid and belong to two people, as twins' do; 1 where one is wrong by itself."""
    frame = pl.DataFrame({"slip": slips, "a": a, "b": b})
    level = pl.when(pl.col("slip") > 0).then(2).when(pl.col("a") & pl.col("b")).then(0).otherwise(1)
    return frame.select(level.cast(pl.Int8)).to_series()


def _words(table: pl.DataFrame, pair: pl.DataFrame, kind: str) -> pl.Series:
    levels = pl.zeros(len(pair), dtype=pl.Int8, eager=True)
    if kind == "name":
        of = ["size", *(f"{k}{i}" for k in "cs" for i in range(4))]
        a = table.select(pl.col(of).gather(pair["a"])).rename({c: "a" + c for c in of})
        b = table.select(pl.col(of).gather(pair["b"])).rename({c: "b" + c for c in of})
        both = pl.concat([a, b], how="horizontal")
        levels = both.select(_characters()).to_series()
        latin = both.select((pl.col("asize") == 0) & (pl.col("bsize") == 0)).to_series().arg_true()
    else:
        latin = pl.int_range(0, len(pair), dtype=pl.UInt32, eager=True)
    if len(latin):
        some = pair.select(pl.all().gather(latin))
        texts = [table["latin"].gather(some[side]).fill_null("").to_list() for side in ("a", "b")]
        like = pl.Series(cpdist(*texts, scorer=JaroWinkler.normalized_similarity, score_cutoff=0.7))
        nearer = (like >= 0.7).cast(pl.Int8) + (like >= 0.85).cast(pl.Int8) + (like >= 0.93).cast(pl.Int8)
        if "first" in table.columns:
            nearer = _parts(table, some, nearer)
        levels = levels.scatter(latin, nearer)
    return levels


def _parts(table: pl.DataFrame, pair: pl.DataFrame, whole: pl.Series) -> pl.Series:
    """Names of several parts that have the first in common (阿依古丽·买买提): as near as the rest, 2 where one does not
    say it, 1 where it is another."""
    first, rest = ([table[c].gather(pair[side]) for side in ("a", "b")] for c in ("first", "rest"))
    rows = (first[0] == first[1]).fill_null(False).arg_true()
    if not len(rows):
        return whole
    a, b = (of.gather(rows) for of in rest)
    like = pl.Series(
        cpdist(a.fill_null("").to_list(), b.fill_null("").to_list(), scorer=JaroWinkler.normalized_similarity)
    )
    level = 1 + (like >= 0.7).cast(pl.Int8) + (like >= 0.85).cast(pl.Int8)
    one = a.is_null() | b.is_null()
    return whole.scatter(rows, level.zip_with(~one, pl.Series([2], dtype=pl.Int8)))


def _characters() -> pl.Expr:
    """Two Chinese names: 3 they sound alike, 2 one character apart, missing, lost or in another place, 1 half the
    same."""
    na, nb = pl.col("asize"), pl.col("bsize")
    places = range(4)
    character = [(pl.col(f"ac{i}") == pl.col(f"bc{i}")) & (pl.col(f"ac{i}") > 0) for i in places]
    heard = [(pl.col(f"as{i}") == pl.col(f"bs{i}")) & (pl.col(f"as{i}") > 0) for i in places]
    alike = sum((c.cast(pl.Int8) for c in heard[1:]), heard[0].cast(pl.Int8))
    same = sum((c.cast(pl.Int8) for c in character[1:]), character[0].cast(pl.Int8))
    shifted = (pl.col("ac1") == pl.col("bc2")) & (pl.col("ac2") == pl.col("bc1")) & character[0]
    lost = (na == 3) & (nb == 2) & character[0] & ((pl.col("ac1") == pl.col("bc1")) | (pl.col("ac2") == pl.col("bc1")))
    gained = (
        (nb == 3) & (na == 2) & character[0] & ((pl.col("ac1") == pl.col("bc1")) | (pl.col("ac1") == pl.col("bc2")))
    )
    chinese = (na > 0) & (nb > 0)
    unknown = [(i < na) & ((pl.col(f"ac{i}") == 0) | (pl.col(f"bc{i}") == 0)) for i in places]
    hidden = sum((c.cast(pl.Int8) for c in unknown[1:]), unknown[0].cast(pl.Int8))
    legible = (na == nb) & (alike >= 1) & (hidden > 0) & (alike + hidden == na)
    return (
        pl.when(~chinese)
        .then(0)
        .when((na == nb) & (alike == na))
        .then(3)
        .when(((na == nb) & (na >= 3) & (alike >= na - 1)) | shifted | lost | gained | legible)
        .then(2)
        .when(character[0] | ((same >= 1) & (na == 2) & (nb == 2)))
        .then(1)
        .otherwise(0)
        .cast(pl.Int8)
    )


def _addresses(table: pl.DataFrame, pair: pl.DataFrame) -> pl.Series:
    """2 the same numbers in the same order; 1 those of one are the beginning of the other's: the room is missing."""
    a, b = (table["key1"].gather(pair[side]) for side in ("a", "b"))
    same = (a == b).fill_null(False)
    levels = same.cast(pl.Int8) * 2
    rows = (~same & a.is_not_null() & b.is_not_null()).arg_true()
    texts = pl.DataFrame({side: table["numbers"].gather(pair[side].gather(rows)) for side in ("a", "b")})
    one, other = pl.col("a"), pl.col("b")
    part = one.str.starts_with(other + "-") | other.str.starts_with(one + "-")
    # looked at only where they begin alike, which costs less to see
    alike = texts.select(one.str.head(3) == other.str.head(3)).to_series().arg_true()
    found = texts.select(pl.all().gather(alike)).select(part.cast(pl.Int8)).to_series()
    return levels.scatter(rows.gather(alike), found)
