"""Names as they sound and as they are miswritten: features of each distinct name.

Traditional characters count as their simplified ones (tables of OpenCC), sounds are syllables without tone (pypinyin),
with what many speakers do not tell apart counted as one: z/zh, c/ch, s/sh, n/l at the start, n/ng at the end.
"""

from functools import cache
from typing import Any

import polars as pl

from renpu.concepts import names

LONGEST = 4  # a name of up to so many Chinese characters is compared by characters, any other by letters
_PLAIN = r"^[\x{4e00}-\x{9fff}]{2,4}$"


def table(values: pl.Series) -> pl.DataFrame:
    """A row a name: `same` (equal for two writings of one name), `key…` (to meet by), `c0`… characters, `s0`… sounds,
    `size` in characters (0 where it is not compared by characters), `latin` (what is compared by letters)."""
    frame = values.to_frame("v").with_columns(plain=pl.col("v").str.contains(_PLAIN))
    odd = (~frame["plain"]).arg_true()
    if len(odd):
        written = [names.read(text).value.upper() for text in frame["v"].gather(odd)]
        frame = frame.with_columns(v=frame["v"].scatter(odd, written))
        frame = frame.with_columns(plain=pl.col("v").str.contains(_PLAIN))
    places = range(LONGEST)
    split = frame.select(
        "v", "plain", *(pl.when("plain").then(pl.col("v").str.slice(i, 1)).alias(f"x{i}") for i in places)
    )
    known = pl.concat([split[f"x{i}"].unique().rename("x") for i in places]).unique().drop_nulls()
    known = known.filter(known != "")
    sounds = _sounds()
    folded = [_simplified(c) for c in known]
    told = pl.DataFrame(
        {
            "x": known,
            "c": pl.Series([ord(f[0]) for f in folded], dtype=pl.UInt64),
            "s": pl.Series([sounds.get(ord(f[0]), ord(f[0])) for f in folded], dtype=pl.UInt64),
        }
    )
    for i in places:
        of = told.rename({"x": f"x{i}", "c": f"c{i}", "s": f"s{i}"})
        split = split.join(of, on=f"x{i}", how="left", maintain_order="left")
    zero = [pl.col(f"{k}{i}").fill_null(0) for k in "cs" for i in places]
    split = split.with_columns(zero)
    key = sum((pl.col(f"c{i}") * (1 << (16 * (3 - i))) for i in range(1, LONGEST)), pl.col("c0") * (1 << 48))
    sound = sum((pl.col(f"s{i}") * (1 << (16 * (3 - i))) for i in range(1, LONGEST)), pl.col("s0") * (1 << 48))
    given = pl.col("s1") * (1 << 32) + pl.col("s2") * (1 << 16) + pl.col("s3")
    other = pl.when(pl.col("v") != "").then(pl.col("v").hash())
    first = pl.col("v").str.extract(r"^([^· ]+)[· ]", 1)
    return split.select(
        same=pl.when("plain").then(key).otherwise(other),
        key1=pl.when("plain").then(sound).otherwise(pl.when(first.is_not_null()).then(first.hash()).otherwise(other)),
        key2=pl.when("plain").then(given),
        size=pl.when("plain").then(pl.col("v").str.len_chars()).otherwise(0).cast(pl.UInt8),
        latin=pl.when(~pl.col("plain") & (pl.col("v") != "")).then(pl.col("v")),
        first=pl.when(first.is_not_null()).then(first.hash()),
        **{f"{k}{i}": pl.col(f"{k}{i}").cast(pl.UInt16) for k in "cs" for i in places},
    )


def _simplified(character: str) -> str:
    return str(_converter().convert(character)) or character


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@cache
def _sounds() -> dict[int, int]:
    """Character -> number of its syllable, told apart as coarsely as people hear; the first reading counts."""
    from pypinyin import Style
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.style import convert

    syllables: dict[str, int] = {}
    sounds = {}
    for point, readings in PINYIN_DICT.items():
        if 0x4E00 <= point <= 0x9FFF:
            syllable = convert(readings.split(",")[0], Style.NORMAL, strict=False)
            sounds[point] = syllables.setdefault(_heard(syllable), len(syllables) + 1)
    return sounds


def _heard(syllable: str) -> str:
    for written, heard in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l")):
        if syllable.startswith(written):
            syllable = heard + syllable[len(written) :]
            break
    return syllable[:-1] if syllable.endswith(("ing", "eng", "ang")) else syllable
