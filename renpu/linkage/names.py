"""Names as they sound and as they are miswritten: features of each distinct name.

Traditional characters count as their simplified ones (tables of OpenCC), sounds are syllables without tone (pypinyin),
with what many speakers do not tell apart counted as one: z/zh, c/ch, s/sh, n/l at the start, n/ng at the end.
"""

from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from renpu.concepts import names

LONGEST = 4  # a name of up to so many Chinese characters is compared by characters, any other by letters
LOST = "?？□〓*＊"  # what stands for a character that a file could not hold, or that was masked
LAST = 0x323B0  # code points below which Chinese characters lie
_HAN = r"\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}\x{20000}-\x{323af}"
_PLAIN = rf"^[{_HAN}][{_HAN}?？□〓*＊]{{1,3}}$"


def table(values: pl.Series) -> pl.DataFrame:
    """A row a name: `same` (equal for two writings of one name), `key…` (to meet by), `c0`… characters, `s0`… sounds,
    `size` in characters (0 where it is not compared by characters), `latin` (what is compared by letters), `first` of
    its parts and the `rest`."""
    plain = values.str.contains(_PLAIN).fill_null(False)
    odd = (~plain).arg_true()
    if len(odd):
        values = values.scatter(odd, [names.read(text).value.upper() for text in values.gather(odd)])
        plain = values.str.contains(_PLAIN).fill_null(False)
    points = np.zeros((len(values), LONGEST), dtype=np.uint32)
    chinese = plain.to_numpy()
    points[chinese] = np.array(values.filter(plain).to_list(), dtype=f"U{LONGEST}").view(np.uint32).reshape(-1, LONGEST)
    characters, sounds = _tables(points)
    c, s = characters[points], sounds[points]
    places = range(LONGEST)
    shifts = np.array([48, 32, 16, 0], dtype=np.uint64)
    key, sound = ((of.astype(np.uint64) << shifts).sum(axis=1, dtype=np.uint64) for of in (c, s))
    given = sound & np.uint64((1 << 48) - 1)
    frame = pl.DataFrame({"v": values, "plain": plain, "key": key, "sound": sound, "given": given})
    other = pl.when(pl.col("v") != "").then(pl.col("v").hash())
    first = pl.when(~pl.col("plain")).then(pl.col("v").str.extract(r"^([^· ]+)[· ]", 1))
    made = frame.with_columns(first=pl.when(first.is_not_null()).then(first.hash()), other=other)
    return made.select(
        same=pl.when("plain").then("key").otherwise("other"),
        key1=pl.when("plain").then("sound").otherwise(pl.coalesce("first", "other")),
        key2=pl.when("plain").then("given"),
        size=pl.Series((points > 0).sum(axis=1).astype(np.uint8)),
        latin=pl.when(~pl.col("plain") & (pl.col("v") != "")).then(pl.col("v")),
        first="first",
        rest=pl.when(~pl.col("plain")).then(pl.col("v").str.extract(r"^[^· ]+[· ]+(.+)$", 1)),
        **{f"c{i}": pl.Series(c[:, i]) for i in places},
        **{f"s{i}": pl.Series(s[:, i]) for i in places},
    )


def _tables(points: NDArray[np.uint32]) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """For each code point that occurs the number of its simplified form, and that of its sound (a number of its own
    where none is known). 0 for no character and for one that was lost."""
    characters, sounds = (np.zeros(LAST, dtype=np.uint16) for _ in range(2))
    seen = np.zeros(LAST, dtype=bool)
    seen[points] = True
    forms: dict[str, int] = {}
    heard: dict[str, int] = {}
    for point in np.flatnonzero(seen)[1:].tolist():
        if chr(point) not in LOST:
            simple = _simplified(chr(point))[0]
            characters[point] = forms.setdefault(simple, len(forms) + 1)
            sounds[point] = heard.setdefault(_sound(simple) or simple, len(heard) + 1)
    return characters, sounds


def simplified(name: str) -> str:
    """A name in simplified characters, whatever its length and script."""
    return "".join(_simplified(character)[0] for character in name)


def sound(character: str) -> str:
    """The sound of a simplified character; the character itself where none is known."""
    return _sound(character) or character


@cache
def _simplified(character: str) -> str:
    return str(_converter().convert(character)) or character


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@cache
def _sound(character: str) -> str:
    """Its syllable, told apart as coarsely as people hear, in small letters; the first reading counts."""
    from pypinyin import Style
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.style import convert

    readings = PINYIN_DICT.get(ord(character))
    return _heard(convert(readings.split(",")[0], Style.NORMAL, strict=False)) if readings else ""


def _heard(syllable: str) -> str:
    for written, heard in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l")):
        if syllable.startswith(written):
            syllable = heard + syllable[len(written) :]
            break
    return syllable[:-1] if syllable.endswith(("ing", "eng", "ang")) else syllable
