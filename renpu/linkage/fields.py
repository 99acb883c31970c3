"""What is compared: fields of two files made comparable, once for each distinct value.

A field has a kind that says how two of its values may agree:

    name       of a person: Chinese by characters and sounds, any other script by letters
    text       any words: by letters (Jaro-Winkler)
    date       day or year and month, in any writing that `renpu.concepts.dates` reads
    code       sex, province, postcode: the same or not
    number     telephone, account: digits may be wrong or swapped
    identity   a citizen identity number: a number whose own check tells a slip from another person's
    address    a Chinese address: the same, the same numbers in it, or some of them
    household  whose members belong together in one file; says nothing across files until members are linked
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl

from renpu.concepts import dates, identity_number
from renpu.linkage import names

T = TypeVar("T")
R = TypeVar("R")
KINDS = ("name", "text", "date", "code", "number", "identity", "address", "household")
STANDARD = {
    "name": "name",
    "sex": "code",
    "birth": "date",
    "id_number": "identity",
    "address": "address",
    "household": "household",
    "phone": "number",
}
_SEXES = {"男": "1", "男性": "1", "m": "1", "male": "1", "女": "2", "女性": "2", "f": "2", "female": "2"}
_KEEP = r"[\s,，.。、;；:：'\"()（）\-—_/\\#]+"
_CHINESE_DIGITS = "〇零一二三四五六七八九"  # 九九七弄 is 997弄


@dataclass(frozen=True, slots=True)
class Field:
    """One field to compare: its name, its kind, and the column of each file."""

    name: str
    kind: str
    left: str
    right: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Field {self.name}: there is no type {self.kind}. Known are: {', '.join(KINDS)}.")


def standard(columns: Iterable[str], other: Iterable[str] | None = None) -> list[Field]:
    """The fields of a file whose columns bear the standard names, as far as both files have them."""
    there = set(columns) if other is None else set(columns) & set(other)
    return [Field(name, kind, name, name) for name, kind in STANDARD.items() if name in there]


@dataclass(slots=True)
class Column:
    """A field of both files, ready. `left` and `right` hold a code a row, null where nothing can be read; equal codes
    are equal values. Where `table` is there, a code is the index of its row of features."""

    name: str
    kind: str
    left: pl.Series
    right: pl.Series
    table: pl.DataFrame | None = None
    texts: tuple[pl.Series, pl.Series] | None = None  # of numbers: the digits
    checked: list[pl.Series] = field(default_factory=list)  # of identity numbers: are they valid, where it was asked

    def valid(self, side: int, rows: pl.Series) -> pl.Series:
        """Is the identity number of each row valid? Each is checked once, when it is first asked for."""
        assert self.texts is not None
        if not self.checked:
            self.checked = [pl.repeat(None, len(t), dtype=pl.Boolean, eager=True) for t in self.texts]
        asked = rows.unique()
        new = asked.filter(self.checked[side].gather(asked).is_null())
        if len(new):
            texts = self.texts[side].gather(new).to_frame("t")
            valid = texts.select(identity_number.check_expr("t").fill_null(False)).to_series()
            self.checked[side] = self.checked[side].scatter(new, valid)
        return self.checked[side].gather(rows)

    def views(self, side: int, rows: pl.Series) -> list[pl.Series]:
        """Keys under which two records may meet: what is equal though the values differ a little. One element a row
        of `rows`, null where there is no key."""
        codes = (self.left, self.right)[side].gather(rows)
        if self.kind == "date":
            day, month, year = codes % 100, codes // 100 % 100, codes // 10000
            frame = pl.DataFrame({"y": year, "m": month, "d": day})
            low, high = pl.min_horizontal("m", "d"), pl.max_horizontal("m", "d")
            whole = pl.col("d") > 0
            made = frame.select(
                a=(pl.col("y") * 10000 + low * 100 + high),
                b=pl.col("y") * 100 + pl.col("m"),
                c=pl.when(whole).then(pl.col("m") * 100 + pl.col("d")),
                d=pl.when(whole).then(pl.col("y") * 100 + pl.col("d")),
            )
            return [made[c].cast(pl.UInt64) for c in made.columns]
        if self.kind in ("number", "identity"):
            assert self.texts is not None
            text = self.texts[side].gather(rows)
            half = pl.col("t").str.len_bytes() // 2
            made = text.to_frame("t").select(
                a=pl.col("t").hash(), b=pl.col("t").str.slice(0, half).hash(), c=pl.col("t").str.slice(half).hash()
            )
            return [made[c].zip_with(text.is_not_null(), pl.Series([None], dtype=pl.UInt64)) for c in made.columns]
        if self.table is None:
            return [codes.cast(pl.UInt64)]
        keys = [c for c in self.table.columns if c == "same" or c.startswith("key")]
        return [self.table[c].gather(codes) for c in keys]


def prepare(
    left: pl.DataFrame,
    right: pl.DataFrame | None,
    fields: Sequence[Field],
    orders: tuple[pl.Series | None, pl.Series | None] = (None, None),
) -> list[Column]:
    """Every field of both files (or of one, compared with itself), normalised, coded, and put in the orders given."""

    def column(one: Field) -> Column:
        return _column(one, left[one.left], None if right is None else right[one.right], orders)

    return side_by_side(column, fields)


def side_by_side(work: Callable[[T], R], each: Iterable[T]) -> list[R]:
    """The same work on each, on as many threads as Polars has: much of what it does for one field uses one only."""
    with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
        return list(threads.map(work, each))


def _column(one: Field, left: pl.Series, right: pl.Series | None, orders: tuple[pl.Series | None, ...]) -> Column:
    both = [_text(s) for s in ([left] if right is None else [left, right])]
    whole = pl.concat(both, rechunk=False) if len(both) > 1 else both[0]

    def parted(coded: pl.Series) -> tuple[pl.Series, pl.Series]:
        parts = [coded] if right is None else [coded.slice(0, len(left)), coded.slice(len(left))]
        parts = [p if order is None else p.gather(order) for p, order in zip(parts, orders, strict=False)]
        return parts[0], parts[-1]

    if one.kind == "date":
        return Column(one.name, one.kind, *parted(_dates(whole)))
    if one.kind in ("number", "identity"):
        texts = parted(_numbers(whole, one.kind == "identity"))
        hashed = [t.to_frame("t").select(_hashed(pl.col("t"))).to_series() for t in texts]
        return Column(one.name, one.kind, hashed[0], hashed[1], texts=texts)
    if one.kind == "household" and (small := _small(whole)) is not None:
        return Column(one.name, one.kind, *parted(small))
    codes, values = _distinct(whole)
    table = _TABLES[one.kind](values)
    # two writings of one value get one code
    first = table.select("same").with_row_index("at").group_by("same").agg(pl.col("at").min())
    if len(first.drop_nulls()) < len(table):
        leader = table.select("same").join(first.drop_nulls(), on="same", how="left", maintain_order="left")["at"]
        codes = leader.gather(codes)
    return Column(one.name, one.kind, *parted(codes), table=None if one.kind in ("code", "household") else table)


def _text(values: pl.Series) -> pl.Series:
    text = values if values.dtype == pl.String else values.cast(pl.String)
    return text.rename("v")


def _small(values: pl.Series) -> pl.Series | None:
    """Small whole numbers, which are codes as they are; none where any is not."""
    if not values.str.contains(r"^(0|[1-9][0-9]{0,8})$").all():
        return None
    numbers = values.cast(pl.UInt32)
    largest = numbers.max()
    return numbers if isinstance(largest, int) and largest < 4 * len(values) else None


def _distinct(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Each value as the index of its distinct value, and the distinct values."""
    coded = values.cast(pl.Categorical(pl.Categories.random()))
    known = coded.unique().drop_nulls()
    table = pl.DataFrame({"code": known.to_physical(), "v": known.cast(pl.String)}).sort("code")
    return coded.to_physical().rename("code"), table["v"]


def _folded(values: pl.Series) -> pl.DataFrame:
    """NFKC, small letters, no signs; null where nothing is left."""
    folded = pl.col("v").str.normalize("NFKC").str.to_lowercase().str.replace_all(_KEEP, " ").str.strip_chars()
    return values.to_frame("v").select(t=folded).select(t=pl.when(pl.col("t") != "").then(pl.col("t")))


def _hashed(expr: pl.Expr) -> pl.Expr:
    return pl.when(expr.is_not_null() & (expr != "")).then(expr.hash())


def _codes(values: pl.Series) -> pl.DataFrame:
    if values.str.contains(r"^[0-9]+$").all():
        return values.to_frame("v").select(same=_hashed(pl.col("v")))
    return _folded(values).select(same=_hashed(pl.col("t").replace(_SEXES)))


def _texts(values: pl.Series) -> pl.DataFrame:
    begins = pl.col("t").str.slice(0, 3)
    return _folded(values).select(same=_hashed(pl.col("t")), key1=_hashed(begins), latin=pl.col("t"))


def _addresses(values: pl.Series) -> pl.DataFrame:
    plain = values.str.normalize("NFKC")
    spelled = plain.str.contains(f"[{_CHINESE_DIGITS}]").fill_null(False).arg_true()
    digits = plain.scatter(spelled, plain.gather(spelled).str.replace_many(list(_CHINESE_DIGITS), list("00123456789")))
    made = pl.DataFrame({"v": plain, "d": digits}).select(
        t=pl.col("v").str.to_lowercase().str.replace_all(_KEEP, ""),
        numbers=pl.col("d").str.replace_all(r"[^0-9]+", "-").str.strip_chars("-"),
    )
    several = pl.col("numbers").str.contains("-", literal=True)
    made = made.with_columns(numbers=pl.when(several).then("numbers"))
    house = pl.col("numbers").str.extract(r"^([0-9]+-[0-9]+)", 1)  # the room may be missing, or said twice
    return made.select(
        same=_hashed(pl.col("t")), key1=_hashed(pl.col("numbers")), key2=_hashed(house), numbers="numbers"
    )


def _numbers(values: pl.Series, identity: bool) -> pl.Series:
    """Digits and letters only; identity numbers of 15 digits as their 18."""
    plain = values.str.contains(r"^[0-9]+X?$")
    frame = values.to_frame("v").with_columns(plain=plain)
    cleaned = pl.col("v").str.normalize("NFKC").str.to_uppercase().str.replace_all(r"[^0-9A-Z]", "")
    if not frame["plain"].all():
        odd = frame.select(pl.when(~pl.col("plain")).then(cleaned)).to_series()
        frame = frame.with_columns(v=pl.when("plain").then("v").otherwise(odd))
    if identity:
        old = frame["v"].str.len_bytes() == 15
        if old.any():
            longer = {text: identity_number.same(text) for text in frame["v"].filter(old).unique()}
            rows = old.fill_null(False).arg_true()
            frame = frame.with_columns(v=frame["v"].scatter(rows, [longer[t] for t in frame["v"].gather(rows)]))
    return frame.select(pl.when(pl.col("v") != "").then(pl.col("v"))).to_series()


def _dates(values: pl.Series) -> pl.Series:
    """yyyymmdd as a number, yyyymm00 where the day is not said."""
    frame = values.to_frame("v")
    digits = pl.col("v").str.replace_all("-", "", literal=True)
    frame = frame.select("v", d=pl.when(pl.col("v").str.contains(r"^[0-9]{4}-?[0-9]{2}-?[0-9]{2}$")).then(digits))
    number = frame["d"].cast(pl.Int32, strict=False)
    odd = (frame["d"].is_null() & frame["v"].is_not_null()).arg_true()
    if len(odd):
        texts = frame["v"].gather(odd)
        known = {text: _date(text) for text in texts.unique()}
        number = number.scatter(odd, [known[t] for t in texts])
    return number.rename("v")


def _date(text: str) -> int | None:
    read = dates.read(text).value.replace("-", "")
    return int(read.ljust(8, "0")) if read else None


_TABLES = {"name": names.table, "text": _texts, "address": _addresses, "code": _codes, "household": _codes}
