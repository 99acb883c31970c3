"""One person among a million: an index in memory, and how likely each record is the person sought.

Every way to find a record (a sound of its name, the end of its number, its year of birth) is a sorted array; what was
typed picks rows from each, level by level, and the rows picked are weighed together. A level is worth log2(m / u): u is
the share of all records that it picks, counted in the index, so that a rare name weighs more than a common one (or how
rarely digits agree by chance, where that is less); m is how often the person sought shows it (`SHOWN`), which is set
here and learned from nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from renpu.concepts import identity_number
from renpu.concepts.names import read as written
from renpu.linkage import names
from renpu.linkage.typed import Digits, Query

Rows = NDArray[np.uint32]
Keys = NDArray[np.uint64]
LIMIT = 20
LOOKED_AT = 6_000  # rows weighed for one query
MANY = 8_000  # a way that picks more rows than this is left to tell among the rows of others, if there are any
WIDE = 120_000  # a way that picks more rows than this is not followed, only counted
WAYS = 8  # things typed that are followed; the others are weighed only
NO_ROWS: Rows = np.zeros(0, dtype=np.uint32)
# How often the person sought shows a level, of those whose record holds the field at all; the rest shows none of them.
SHOWN = {
    "name": {"same": 0.86, "sound": 0.06, "near": 0.04, "part": 0.3, "surname": 0.9},
    "birth": {"same": 0.94, "month": 0.9, "years": 0.95, "swapped": 0.01, "near": 0.03, "year": 0.01},
    "id_number": {"same": 0.95, "digit": 0.03, "tail": 0.95, "head": 0.95, "within": 0.95},
    "phone": {"same": 0.8, "digit": 0.03, "tail": 0.8},
    "address": {"same": 0.7, "close": 0.15, "some": 0.1},
}
NONE = {"name": 0.02, "birth": 0.01, "id_number": 0.02, "phone": 0.15, "address": 0.1}
SEX = (0.99, 0.01)
_BITS = np.array([bin(n).count("1") for n in range(1 << WAYS)], dtype=np.uint8)
ELEVEN = np.uint64(11)
NUMBER = 18
POWER = [11**k for k in range(NUMBER + 1)]
_FIGURES = {figure: value for value, figure in enumerate("0123456789X")}


@dataclass(frozen=True, slots=True)
class Level:
    """Rows that agree in a field so far; each row once."""

    field: str
    name: str
    rows: Rows
    chance: float = 1.0  # share of strangers' records that agree so far by chance, at most


@dataclass(slots=True)
class Way:
    """One thing that was typed: the levels at which rows agree with it, the nearest last. `asked` names it where
    nothing agrees."""

    fields: tuple[str, ...]
    asked: str = ""
    levels: list[Level] = field(default_factory=list)

    def add(self, field: str, name: str, rows: Rows, chance: float = 1.0) -> None:
        if len(rows):
            self.levels.append(Level(field, name, rows, chance))

    @property
    def size(self) -> int:
        return sum(len(level.rows) for level in self.levels)


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that may be the person sought. `weight` is log2 of how much more likely that is than by chance alone;
    `why` the level of each field that was asked."""

    row: int
    weight: float
    why: tuple[tuple[str, str], ...]


class Sorted:
    """Keys in order, each with the row it belongs to; key 0 is none."""

    def __init__(self, keys: Keys, rows: Rows | None = None) -> None:
        order = np.argsort(keys, kind="stable")
        order = order[np.searchsorted(keys[order], 1) :]
        self.keys = keys[order]
        self.rows: Rows = order.astype(np.uint32) if rows is None else rows[order]

    def between(self, low: int, high: int) -> Rows:
        """The rows of keys from `low` to below `high`."""
        a, b = np.searchsorted(self.keys, np.array([low, high], dtype=np.uint64))
        return self.rows[a:b]

    def at(self, keys: Sequence[int] | Keys) -> Rows:
        """The rows of these keys, key after key."""
        wanted = np.asarray(keys, dtype=np.uint64)
        a = np.searchsorted(self.keys, wanted)
        b = np.searchsorted(self.keys, wanted, side="right")
        found: Rows = self.rows[_ranges(a, b - a)]
        return found


def _ranges(begins: NDArray[Any], sizes: NDArray[Any]) -> NDArray[np.int64]:
    """Positions of several ranges, one after the other."""
    total = int(sizes.sum())
    if not total:
        return np.zeros(0, dtype=np.int64)
    ends = np.cumsum(sizes)
    places: NDArray[np.int64] = np.arange(total) + np.repeat(begins - (ends - sizes), sizes)
    return places


class Index:
    """The index of a frame with the columns `name, sex, birth, id_number, phone, address` (text, null where not known)
    and `area_code`. Rows are known by their place in the frame."""

    def __init__(self, records: pl.DataFrame) -> None:
        self.size = len(records)
        self.area = records.select(
            pl.col("area_code").fill_null("").str.pad_end(15, "0").str.slice(0, 15).cast(pl.UInt64, strict=False)
        ).to_series().fill_null(0).to_numpy()  # fmt: skip
        self.sex = records["sex"].cast(pl.Int8, strict=False).fill_null(0).to_numpy()
        self.names = _Names(records["name"])
        birth = records["birth"].str.replace_all("-", "", literal=True).str.pad_end(8, "0")
        self.birth = birth.cast(pl.UInt64, strict=False).fill_null(0).to_numpy()
        number = _figures(records["id_number"])
        self.number = number
        beginning, ending = number // np.uint64(POWER[12]), number % np.uint64(POWER[4])
        self.by_number = Sorted(number)
        self.by_end = Sorted(_turned(number))
        self.by_birth_and_end = Sorted(np.where(number > 0, number % np.uint64(POWER[12]), 0).astype(np.uint64))
        self.by_county_and_end = Sorted(np.where(number > 0, beginning * np.uint64(POWER[4]) + ending, 0))
        self.by_birth = Sorted(self.birth)
        digits = records["phone"].str.replace_all(r"\D", "").str.slice(0, 15)
        self.phone = digits.cast(pl.UInt64, strict=False).fill_null(0).to_numpy()
        self.by_phone = Sorted(self.phone)
        self.by_phone_end = Sorted(_turned_decimal(self.phone))
        self.addresses = _Addresses(records["address"])
        self.has: dict[str, Callable[[Rows], NDArray[np.bool_]]] = {
            "name": lambda rows: self.names.of_row[rows] >= 0,
            "birth": lambda rows: self.birth[rows] > 0,
            "id_number": lambda rows: self.number[rows] > 0,
            "phone": lambda rows: self.phone[rows] > 0,
            "address": lambda rows: self.addresses.of_row[rows] >= 0,
        }
        rows = np.arange(self.size, dtype=np.uint32)
        self.missing = {name: 1.0 - float(has(rows).mean()) if self.size else 0.0 for name, has in self.has.items()}
        self._place = np.full(self.size, -1, dtype=np.int32)  # of a row among those weighed; -1 between two queries
        self._picked = np.zeros(self.size, dtype=np.uint8)  # by which ways, a bit each; 0 between two queries

    @property
    def bytes(self) -> int:
        """Memory of its arrays."""
        return sum(array.nbytes for array in _arrays(self))

    def ways(self, query: Query) -> list[Way]:
        """A way for each thing that was typed."""
        found = []
        if query.name:
            found.append(self.names.way(query.name))
        if query.birth:
            found.append(self._born(query.birth))
        for digits in query.digits:
            found.append(self._numbered(digits))
        if query.address:
            way = self.addresses.way(query.address)
            longer = self.names.holding(query.address)  # 阿不都热合曼 looks like words of an address
            if len(longer):
                way.fields = ("address", "name")
                way.add("name", "part", longer)
            found.append(way)
        return found

    def _born(self, text: str) -> Way:
        way = Way(("birth",))
        low, high = int(text.ljust(8, "0")), int(text.ljust(8, "9")) + 1
        if len(text) == 4:
            way.add("birth", "years", self.by_birth.between(low, high))
            return way
        year, month = int(text[:4]), int(text[4:6])
        way.add("birth", "year", self.by_birth.between(year * 10000, (year + 1) * 10000))
        if len(text) == 6:
            way.add("birth", "month", self.by_birth.between(low, high))
            return way
        day = int(text[6:])
        near = [year * 10000 + m * 100 + day for m in range(1, 13)]
        near += [y * 10000 + month * 100 + day for y in range(year - 100, year + 101)]
        way.add("birth", "near", self.by_birth.at(sorted(set(near))))
        same_month = year * 10000 + month * 100
        way.add("birth", "near", self.by_birth.between(same_month + 1, same_month + 100))
        if day <= 12 and day != month:
            way.add("birth", "swapped", self.by_birth.at([year * 10000 + day * 100 + month]))
        way.add("birth", "month", self.by_birth.at([same_month]))
        way.add("birth", "same", self.by_birth.at([low]))
        return way

    def _numbered(self, digits: Digits) -> Way:
        """Rows whose identity number, telephone number or birth date bears these digits."""
        text, kind = digits.text, digits.kind
        fields = {"identity": ("id_number",), "phone": ("phone",)}.get(kind, ("id_number", "phone"))
        way = Way(fields, "digits" if len(fields) > 1 else "")
        plain, chance = text.isdigit(), 10.0 ** -len(text)
        if kind != "phone" and "*" in text:
            begin, end = text.split("*", 1)[0], text.rsplit("*", 1)[1]
            rows = self._begins(begin) if len(begin) >= len(end) else self._ends(end)
            way.add("id_number", "within", rows[self._fits(rows, begin, end)])
            return way
        if kind == "any" and plain and text[:2] in ("18", "19", "20") and len(text) in (4, 6, 8):
            way.fields = (*way.fields, "birth")
            born = self._born(text)
            way.levels += [level for level in born.levels if level.name in ("years", "month", "same")]
        if kind != "phone":
            if len(text) == NUMBER:
                way.add("id_number", "digit", self._one_digit_off(text), 1e-7)
                way.add("id_number", "same", self.by_number.at([_figure(text)]), 1e-9)
            else:
                if plain and len(text) >= 8:
                    way.add("id_number", "within", self._within(text))
                if plain and len(text) >= 6:
                    way.add("id_number", "head", self._begins(text))
                way.add("id_number", "tail", self._ends(text), chance)
        if kind != "identity" and plain:
            if len(text) == 11:
                way.add("phone", "digit", self._one_off_phone(text), 1e-6)
                way.add("phone", "same", self.by_phone.at([int(text)]), 1e-8)
            elif len(text) <= 15:
                turned, width = int(text[::-1]) * 10 ** (15 - len(text)), 10 ** (15 - len(text))
                way.add("phone", "tail", self.by_phone_end.between(turned, turned + width), chance)
        return way

    def _begins(self, text: str) -> Rows:
        if not text:
            return NO_ROWS
        width = POWER[NUMBER - len(text)]
        return self.by_number.between(_figure(text) * width, (_figure(text) + 1) * width)

    def _ends(self, text: str) -> Rows:
        if not text:
            return NO_ROWS
        width = POWER[NUMBER - len(text)]
        turned = _figure(text[::-1])
        return self.by_end.between(turned * width, (turned + 1) * width)

    def _within(self, text: str) -> Rows:
        """Digits from the birth date on."""
        if len(text) > 12:
            return NO_ROWS
        width = POWER[12 - len(text)]
        return self.by_birth_and_end.between(_figure(text) * width, (_figure(text) + 1) * width)

    def _fits(self, rows: Rows, begin: str, end: str) -> NDArray[np.bool_]:
        number = self.number[rows]
        fits = number // np.uint64(POWER[NUMBER - len(begin)]) == _figure(begin or "0") if begin else number > 0
        return fits & (number % np.uint64(POWER[len(end)]) == _figure(end)) if end else fits

    def _one_digit_off(self, text: str) -> Rows:
        """Numbers with one digit another, or two neighbours swapped, of which two of the three parts (county, birth
        date, end) are as typed."""
        ends = _figure(text[:6] + text[14:])
        near = np.concatenate(
            [self._begins(text[:14]), self.by_birth_and_end.at([_figure(text[6:])]), self.by_county_and_end.at([ends])]
        )
        near = np.unique(near)
        if not len(near):
            return NO_ROWS
        typed = np.array([_FIGURES[f] for f in text], dtype=np.uint64)
        powers = np.array(POWER[NUMBER - 1 :: -1], dtype=np.uint64)
        figures = self.number[near][:, None] // powers % ELEVEN
        slips: Rows = near[_slip(figures, typed)]
        return slips

    def _one_off_phone(self, text: str) -> Rows:
        begin, turned = int(text[:7]) * 10**4, int(text[:6:-1]) * 10**11
        alike = (self.by_phone.between(begin, begin + 10**4), self.by_phone_end.between(turned, turned + 10**11))
        near = np.unique(np.concatenate(alike))
        near = near[(self.phone[near] >= 10**10) & (self.phone[near] < 10**11)]
        if not len(near):
            return NO_ROWS
        powers = np.array([10 ** (10 - k) for k in range(11)], dtype=np.uint64)
        figures = self.phone[near][:, None] // powers % np.uint64(10)
        return near[_slip(figures, np.array([int(f) for f in text], dtype=np.uint64))]

    def rows_of(self, ways: Sequence[Way], scope: Sequence[tuple[int, int]] | None, dead: Any = None) -> Rows:
        """The rows worth weighing: those that most ways pick, within the areas of `scope`."""
        picked, touched = self._picked, []
        followed = [way for way in ways if 0 < way.size <= WIDE] or sorted(
            (way for way in ways if way.size), key=lambda way: way.size
        )[:1]
        few = any(way.size <= MANY for way in followed)
        for w, way in enumerate(followed[:WAYS]):
            for level in way.levels:
                picked[level.rows] |= np.uint8(1 << w)
                if way.size <= MANY or not few:  # a surname, a year: they tell among others, and find nobody
                    touched.append(level.rows)
        if not touched:
            return NO_ROWS
        rows = np.concatenate(touched)
        counted = _BITS[picked[rows]]
        if scope is not None:
            inside = np.zeros(len(rows), dtype=bool)
            area = self.area[rows]
            for low, high in scope:
                inside |= (area >= low) & (area <= high)
            counted = np.where(inside, counted, 0)
        if dead is not None and len(dead):
            counted = np.where(dead[rows], 0, counted)
        kept = NO_ROWS
        for times in range(len(followed), 0, -1):
            some = rows[counted == times]
            kept = np.concatenate([kept, _once(some, self._place)])
            if len(kept) >= LOOKED_AT or (times > 1 and len(kept) >= LIMIT * 3):
                break
        for way in followed[:WAYS]:
            for level in way.levels:
                picked[level.rows] = 0
        return kept[:LOOKED_AT]

    def weighed(self, rows: Rows, ways: Sequence[Way], query: Query, shares: "Shares") -> tuple[list[Hit], float]:
        """The heaviest rows with their weights, the heaviest first; and how much more likely it is in all, in numbers
        of persons, that one of the other rows weighed is the one sought."""
        total = np.zeros(len(rows))
        place = self._place
        place[rows] = np.arange(len(rows), dtype=np.int32)
        levels = np.full((len(ways), len(rows)), -1, dtype=np.int16)
        for w, way in enumerate(ways):
            none = np.zeros(len(rows), dtype=bool)
            for name in way.fields:
                none |= self.has[name](rows)
            weight = np.where(none, np.log2(max(NONE[name] for name in way.fields)), 0.0)
            for at, level in enumerate(way.levels):
                here = place[level.rows]
                here = here[here >= 0]
                weight[here] = shares.weight(w, level)
                levels[w][here] = at
            total += weight
        place[rows] = -1
        if query.sex is not None:
            sex = self.sex[rows]
            total += np.where(sex == query.sex, 1.0, np.where(sex == 0, 0.0, np.log2(SEX[1] / 0.5)))
        order = np.lexsort((rows, -total))[: LIMIT * 3]
        best = rows[order]
        said = [self._said(way, of[order], best) for way, of in zip(ways, levels, strict=True)]
        why = zip(*said, strict=True)
        hits = [
            Hit(int(row), float(weight), tuple(one for one in of if one[0]))
            for row, weight, of in zip(best.tolist(), total[order].tolist(), why, strict=True)
        ]
        return hits, float(np.exp2(total).sum() - np.exp2(total[order]).sum())

    def _said(self, way: Way, levels: NDArray[np.int16], rows: Rows) -> list[tuple[str, str]]:
        """For each row the field and level at which it agrees with a way; which field differs; ("", "") where the
        record says nothing."""
        there = [(name, self.has[name](rows).tolist()) for name in way.fields]
        found = []
        for at, level in enumerate(levels.tolist()):
            if level >= 0:
                found.append((way.levels[level].field, way.levels[level].name))
            else:
                differs = next((way.asked or name for name, has in there if has[at]), "")
                found.append((differs, "differ" if differs else ""))
        return found


class Shares:
    """What a level is worth, by how many records of all indexes it picks."""

    def __init__(self, ways: Sequence[Sequence[Way]], size: int) -> None:
        self.size = max(size, 1)
        self.picked: dict[tuple[int, str, str], int] = {}
        for of_index in ways:
            for w, way in enumerate(of_index):
                for level in way.levels:
                    key = (w, level.field, level.name)
                    self.picked[key] = self.picked.get(key, 0) + len(level.rows)

    def weight(self, way: int, level: Level) -> float:
        share = max(self.picked[way, level.field, level.name], 1) / self.size
        return float(np.log2(SHOWN[level.field][level.name] / min(share, level.chance)))


@dataclass(frozen=True, slots=True)
class Result:
    """The best records, (which index, hit) each, and the `rest`: how likely it is, beside a hit's 2 ** weight, that
    somebody else of the indexes is meant: one of the others that were weighed, or one who shows nothing of it all."""

    hits: list[tuple[int, Hit]]
    rest: float


def search(
    indexes: Sequence[tuple[Index, Any]], query: Query, scope: Sequence[tuple[int, int]] | None = None
) -> Result:
    """The best records of several indexes, each with the mask of its rows that no longer hold. `scope` are ranges of
    area codes of 15 digits."""
    ways = [index.ways(query) for index, _dead in indexes]
    size = sum(index.size for index, _dead in indexes)
    shares = Shares(ways, size)
    hits: list[tuple[int, Hit]] = []
    rest = 0.0
    for at, ((index, dead), of_index) in enumerate(zip(indexes, ways, strict=True)):
        rows = index.rows_of(of_index, scope, dead)
        if len(rows):
            found, others = index.weighed(rows, of_index, query, shares)
            hits += [(at, hit) for hit in found]
            rest += others
    if hits:
        index = indexes[0][0]
        nothing = [max(NONE[n] for n in way.fields) + min(index.missing[n] for n in way.fields) for way in ways[0]]
        rest += size * float(np.prod(nothing))
    hits.sort(key=lambda one: (-one[1].weight, one[0], one[1].row))
    return Result(hits[: LIMIT * 3], rest)


def _once(rows: Rows, place: NDArray[np.int32]) -> Rows:
    """Each row once. `place` is -1 everywhere, before and after."""
    place[rows] = np.arange(len(rows), dtype=np.int32)
    once: Rows = rows[place[rows] == np.arange(len(rows), dtype=np.int32)]
    place[rows] = -1
    return once


def _slip(figures: NDArray[np.uint64], typed: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Is one figure another, or are two neighbours swapped?"""
    differs = figures != typed
    several = differs.sum(axis=1)
    neighbours = differs[:, :-1] & differs[:, 1:]
    crossed = (figures[:, :-1] == typed[1:]) & (figures[:, 1:] == typed[:-1])
    slips: NDArray[np.bool_] = (several == 1) | ((several == 2) & (neighbours & crossed).any(axis=1))
    return slips


def _figure(text: str) -> int:
    value = 0
    for figure in text:
        value = value * 11 + _FIGURES[figure]
    return value


def _figures(values: pl.Series) -> Keys:
    """Identity numbers of 18 figures as numbers to the base 11; 0 for none or another kind of document."""
    text = values.str.to_uppercase().str.strip_chars()
    old = text.str.len_bytes().eq_missing(15).arg_true()
    if len(old):
        longer = [identity_number.same(one) for one in text.gather(old)]
        text = text.scatter(old, pl.Series(longer, dtype=pl.String))
    good = text.str.contains(r"^[0-9]{17}[0-9X]$").fill_null(False)
    keys = np.zeros(len(values), dtype=np.uint64)
    if good.any():
        whole = np.array(text.filter(good).to_list(), dtype=f"S{NUMBER}").view(np.uint8).reshape(-1, NUMBER)
        value = np.zeros(len(whole), dtype=np.uint64)
        for k in range(NUMBER):
            figure = np.where(whole[:, k] == ord("X"), 10, whole[:, k] - ord("0")).astype(np.uint64)
            value = value * ELEVEN + figure
        keys[good.to_numpy()] = value
    return keys


def _turned(numbers: Keys) -> Keys:
    """The same figures from the last to the first."""
    turned, rest = np.zeros_like(numbers), numbers.copy()
    for _ in range(NUMBER):
        turned = turned * ELEVEN + rest % ELEVEN
        rest //= ELEVEN
    return turned


def _turned_decimal(numbers: Keys) -> Keys:
    """The digits from the last to the first, as 15 of them."""
    ten = np.uint64(10)
    turned, rest = np.zeros_like(numbers), numbers.copy()
    for _ in range(15):
        turned = turned * ten + rest % ten
        rest //= ten
    return turned


def _arrays(of: Any) -> Iterator[NDArray[Any]]:
    for value in vars(of).values():
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, (Sorted, _Names, _Addresses)):
            yield from _arrays(value)


class _Names:
    """Distinct names by pairs of their sounds, and the rows that bear them.

    Characters and sounds are numbered from 1 as they occur; 0 is none, or one that was lost.
    """

    def __init__(self, values: pl.Series) -> None:
        self.of_row, known = _coded(values)
        odd = (~known.str.contains(_WRITTEN)).arg_true()
        if len(odd):
            known = known.scatter(odd, [written(text).value.upper() for text in known.gather(odd)])
        plain = known.str.contains(_WRITTEN).to_numpy()
        points = np.zeros((len(known), names.LONGEST), dtype=np.uint32)
        if plain.any():
            texts = np.array(known.filter(plain).to_list(), dtype=f"U{names.LONGEST}")
            points[plain] = texts.view(np.uint32).reshape(-1, names.LONGEST)
        self.size = (points > 0).sum(axis=1).astype(np.uint8)
        self.forms: dict[str, int] = {}
        self.heard: dict[str, int] = {}
        distinct = np.unique(points)
        numbered = np.array([self._numbers(chr(p), new=True) for p in distinct.tolist()], np.uint16).reshape(-1, 2)
        of = numbered[np.searchsorted(distinct, points)]
        self.characters, self.sounds = of[:, :, 0], of[:, :, 1]
        self.rows = Sorted(self.of_row.astype(np.uint64) + np.uint64(1))
        keys, at = [], []
        for i in range(names.LONGEST):
            for j in range(i + 1, names.LONGEST):
                there = (self.sounds[:, i] > 0) & (self.sounds[:, j] > 0)
                keys.append(_pair(self.sounds[there, i], self.sounds[there, j]))
                at.append(np.flatnonzero(there).astype(np.uint32))
        first = np.flatnonzero(self.sounds[:, 0] > 0).astype(np.uint32)
        keys.append(_pair(np.zeros(len(first), dtype=np.uint16), self.sounds[first, 0]))
        at.append(first)
        other = [(place, names.simplified(known[place])) for place in np.flatnonzero(~plain).tolist()]
        letters = [(key, place) for place, text in other for key in _letters(text)]
        self.letters = {place: len(set(_letters(text))) for place, text in other}
        self.texts = dict(other)
        keys.append(np.array([key for key, _ in letters], dtype=np.uint64))
        at.append(np.array([place for _, place in letters], dtype=np.uint32))
        self.by_pair = Sorted(np.concatenate(keys), np.concatenate(at))

    def _numbers(self, character: str, *, new: bool = False) -> tuple[int, int]:
        """The number of a character's simplified form, and of its sound; UNHEARD where no name has it."""
        if character == "\0" or character in names.LOST:
            return 0, 0
        form = names.simplified(character)
        sound = names.sound(form)
        if new:
            return self.forms.setdefault(form, len(self.forms) + 1), self.heard.setdefault(sound, len(self.heard) + 1)
        return self.forms.get(form, UNHEARD), self.heard.get(sound, UNHEARD)

    def way(self, text: str) -> Way:
        way = Way(("name",))
        text = written(text).value.upper()
        if not _PLAIN.fullmatch(text):
            return self._lettered(way, names.simplified(text))
        size = len(text)
        numbers = [self._numbers(character) for character in text.ljust(names.LONGEST, "\0")]
        c, s = (np.array([n[of] for n in numbers], dtype=np.uint16) for of in (0, 1))
        if size == 1:  # a surname
            found = self.by_pair.at([int(s[0]) | _FIRST])
            way.add("name", "surname", self._bearers(found[self.characters[found, 0] == c[0]]))
            return way
        pairs = [int(_pair(s[i], s[j])) for i in range(size) for j in range(i + 1, size)]
        found = np.unique(self.by_pair.at(sorted(set(pairs))))
        cs, ss, sizes = self.characters[found], self.sounds[found], self.size[found]
        alike = (ss[:, :size] == s[:size]).sum(axis=1)
        part = (sizes > size) & (alike == size)
        for shift in range(1, names.LONGEST - size + 1):
            tail = (ss[:, shift : shift + size] == s[:size]).all(axis=1) & (sizes == size + shift)
            part |= tail
        near = (sizes == size) & (alike == size - 1) & (size >= 3)
        if size >= 3:
            turned = s[[0, 2, 1, 3]]
            near |= (sizes == size) & (ss == turned).all(axis=1)
            for lost in range(1, size):  # the name lacks one of the characters typed
                rest = np.delete(s, lost)
                near |= (sizes == size - 1) & (ss[:, : size - 1] == rest[: size - 1]).all(axis=1)
        for more in range(1, size if size < names.LONGEST else 1):  # the name has one more in its middle
            rest = np.delete(ss, more, axis=1)
            near |= (sizes == size + 1) & (rest[:, :size] == s[:size]).all(axis=1)
        sound = (sizes == size) & (alike == size)
        same = sound & (cs == c).all(axis=1)
        way.add("name", "near", self._bearers(found[near]))
        part_of = np.concatenate([found[part], self._with_letters(text)[0]]) if size > 2 else found[part]
        way.add("name", "part", self._bearers(part_of))
        way.add("name", "sound", self._bearers(found[sound & ~same]))
        way.add("name", "same", self._bearers(found[same]))
        return way

    def _lettered(self, way: Way, text: str) -> Way:
        """A name that is compared by its letters: two in a row, wherever they stand."""
        inside, like = self._with_letters(text)
        same = np.array([self.texts.get(place) == text for place in like.tolist()], dtype=bool)
        way.add("name", "near", self._bearers(like[~same]))
        way.add("name", "part", self._bearers(inside[~np.isin(inside, like[same])]))
        way.add("name", "same", self._bearers(like[same]))
        return way

    def holding(self, text: str) -> Rows:
        """Rows whose name, too long to be compared by characters, holds all of these."""
        return self._bearers(self._with_letters(names.simplified(text))[0]) if text.isalpha() else NO_ROWS

    def _with_letters(self, text: str) -> tuple[Rows, Rows]:
        """Names compared by letters: those that hold all of these, and those that are like them."""
        asked = sorted(set(_letters(text)))
        if not asked:
            return NO_ROWS, NO_ROWS
        met, times = np.unique(self.by_pair.at(asked), return_counts=True)
        most = np.array([self.letters.get(place, 99) for place in met.tolist()])
        return met[times == len(asked)], met[2 * times >= 0.6 * (len(asked) + most)]

    def _bearers(self, found: Rows) -> Rows:
        return self.rows.at(found.astype(np.uint64) + np.uint64(1)) if len(found) else NO_ROWS


_HAN_RANGE = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_PLAIN = re.compile(f"[{_HAN_RANGE}]{{1,{names.LONGEST}}}")
_WRITTEN = f"^[{_HAN_RANGE}][{_HAN_RANGE}{re.escape(names.LOST)}]{{1,{names.LONGEST - 1}}}$"
UNHEARD = 0xFFFF
_FIRST = 1 << 48  # the key of a first sound
_LETTERS = 1 << 50


def _pair(a: Any, b: Any) -> Any:
    """The key of two sounds in their order; of none and a sound, that of a first sound."""
    key = (np.asarray(a, dtype=np.uint64) << np.uint64(16)) | np.asarray(b, dtype=np.uint64)
    return np.where(np.asarray(a) == 0, key | np.uint64(_FIRST), key)


def _letters(text: str) -> list[int]:
    plain = "".join(c for c in text.upper() if c.isalpha())
    return [_LETTERS | (ord(a) & 0xFFFF) << 16 | ord(b) & 0xFFFF for a, b in pairwise(plain)]


class _Addresses:
    """Distinct addresses by their numbers, by two numbers in a row, and by two characters in a row."""

    MOST = 20_000  # addresses a token may have and still be followed
    FEW = 2_000  # addresses after which no further token is followed

    def __init__(self, values: pl.Series) -> None:
        self.of_row, known = _coded(values)
        self.rows = Sorted(self.of_row.astype(np.uint64) + np.uint64(1))
        self.count = len(known)
        tokens = _tokens(known)
        self.by_token = Sorted(tokens["key"].to_numpy(), tokens["at"].to_numpy())
        self.tokens = np.bincount(self.by_token.rows, minlength=self.count).astype(np.uint16)

    def way(self, text: str) -> Way:
        way = Way(("address",))
        keys = _tokens_of(text)
        if not len(keys) or not self.count:
            return way
        low = np.searchsorted(self.by_token.keys, keys)
        sizes = np.searchsorted(self.by_token.keys, keys, side="right") - low
        rare = np.log2(1 + self.count / np.maximum(sizes, 1))
        order = np.argsort(sizes, kind="stable")
        met: list[Rows] = []
        for at in order.tolist():
            if 0 < sizes[at] <= self.MOST and sum(map(len, met)) < self.FEW:
                met.append(self.by_token.rows[low[at] : low[at] + sizes[at]])
        if not met:
            return way
        found = np.unique(np.concatenate(met))
        worth = np.zeros(len(found))
        for at in range(len(keys)):
            posting = self.by_token.rows[low[at] : low[at] + sizes[at]]
            if len(posting):
                there = np.searchsorted(posting, found)
                hit = posting[np.minimum(there, len(posting) - 1)] == found
                worth += hit * rare[at]
        share = worth / rare.sum()
        whole = share > 0.999
        equal = whole & (self.tokens[found] == len(keys))
        best = np.argsort(-share, kind="stable")[:400]
        some = np.zeros(len(found), dtype=bool)
        some[best] = True
        way.add("address", "some", self._at(found[some & (share >= 0.45) & (share <= 0.75)]))
        way.add("address", "close", self._at(found[some & (share > 0.75) & ~whole]))
        way.add("address", "same", self._at(found[whole & ~equal]))
        way.add("address", "same", self._at(found[equal]))
        return way

    def _at(self, found: Rows) -> Rows:
        return self.rows.at(found.astype(np.uint64) + np.uint64(1)) if len(found) else NO_ROWS


def _tokens(addresses: pl.Series) -> pl.DataFrame:
    """`key, at`: what an address is found by, each once an address: characters two by two, numbers, and two numbers in
    a row."""
    frame = pl.DataFrame({"t": addresses.str.normalize("NFKC")}).with_row_index("at")
    numbers = frame.select("at", v=pl.col("t").str.extract_all(r"[0-9]{1,7}")).explode("v").drop_nulls()
    numbers = numbers.with_columns(pl.col("v").cast(pl.UInt64))
    pairs = numbers.select("at", v=pl.col("v") * _WIDE + pl.col("v").shift(-1).over("at") + _PAIR).drop_nulls()
    words = frame.select("at", v=pl.col("t").str.extract_all(r"\p{Han}")).explode("v").drop_nulls()
    points = np.array(words["v"].to_list(), dtype="U1").view(np.uint32).astype(np.uint64)
    words = words.with_columns(v=pl.Series(points))
    twos = words.select("at", v=pl.col("v") * _WIDE + pl.col("v").shift(-1).over("at") + _TWO).drop_nulls()
    tokens = pl.concat([numbers.with_columns(pl.col("v") + _ONE), pairs, twos]).unique()
    return tokens.select(key="v", at=pl.col("at").cast(pl.UInt32)).sort("key", "at")


_HAN = re.compile("[\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WIDE, _ONE, _PAIR, _TWO = 1 << 28, 1 << 60, 2 << 60, 3 << 60


def _tokens_of(address: str) -> Keys:
    """The keys of one address, as `_tokens` makes them for many."""
    text = unicodedata.normalize("NFKC", address)
    numbers, words = [int(n) for n in re.findall("[0-9]{1,7}", text)], [ord(c) for c in _HAN.findall(text)]
    found = {n + _ONE for n in numbers}
    found |= {a * _WIDE + b + _PAIR for a, b in pairwise(numbers)}
    found |= {a * _WIDE + b + _TWO for a, b in pairwise(words)}
    return np.array(sorted(found), dtype=np.uint64)


def _coded(values: pl.Series) -> tuple[NDArray[np.int32], pl.Series]:
    """Each value as the number of its distinct value, -1 for none; and the distinct values."""
    text = values.cast(pl.String)
    known = text.filter(text.is_not_null() & (text != "")).unique().sort()
    codes = pl.DataFrame({"v": text}).join(
        pl.DataFrame({"v": known}).with_row_index("code"), on="v", how="left", maintain_order="left"
    )["code"]
    return codes.cast(pl.Int32).fill_null(-1).to_numpy(), known
