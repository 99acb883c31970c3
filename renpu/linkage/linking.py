"""Two files of records, or one: which records are the same person, how surely, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from renpu.linkage import agreement, candidates, rivals, settle, weights
from renpu.linkage.agreement import LEVELS, MISSING
from renpu.linkage.common import SOUND, Values
from renpu.linkage.fields import Column, Field, prepare, side_by_side, standard
from renpu.linkage.households import Ties, together
from renpu.linkage.quality import Quality, never_met, stated

LINKED, UNSURE = "linked", "unsure"
LINK_FROM, UNSURE_FROM = 0.8, 0.1
SAMPLE = 100_000  # pairs drawn to learn how strangers agree
LOOKED_AT = 30_000  # settled pairs looked at to learn how the same person's records agree
PAIR = ["l", "r"]
ONE_NAME = LEVELS["name"].index("near")  # from here on two names are one, or nearly
LEAST = 0.01  # share of records at least whose partner does not show their key
SHARED = 0.2  # share of any two people who agree in a code that divides them, as sex does, and is no number of a house
USUAL = 50.0  # pairs of one name that are believed to agree in a code as any two do
# address and household as one field: level (address + 1) * 3 + household + 1, and which of the two are known
HOME = np.array([2 * (level // 3 > 0) + (level % 3 > 0) for level in range(15)])
# What is believed of one person's two identity numbers until hundreds of pairs show otherwise: that both are valid and
# differ is rare. Few pairs are quickly fooled here by twins.
IDENTITY = np.array([0.001, 0.003, 0.012, 0.984])
TELLING = 0.05  # share of strangers who agree in a field that still tells people apart
LIKELY = 0.001  # odds from which a pair is a rival of others
FEW = 100  # pairs of household members from which something can be learned
SWAPPED, NEAR = LEVELS["date"].index("swapped"), LEVELS["date"].index("near")
BELIEF, BELIEF_IDENTITY = 10.0, 300.0  # in pairs
DRAWN = 20_000  # pairs drawn of what was left, to see how much they say
# Likewise of address (differ, part, numbers, same, or not known) and household (not known, elsewhere, linked).
AT_HOME = np.outer([1.0, 0.1, 0.05, 0.05, 0.8], [1.0, 0.1, 0.9]).ravel()
SCHEMA = {"left": pl.String, "right": pl.String, "probability": pl.Float64, "status": pl.String, "reason": pl.String}


class LinkageRefused(Exception):
    """The files cannot be compared as asked; the message says why."""


def _namesakes(names: pl.Series) -> pl.DataFrame:
    """Pairs (`l`, `r`) of rows that bear one name, of some of the names."""
    step = max(1, len(names) // (2 * SAMPLE))
    some = pl.DataFrame({"l": pl.int_range(0, len(names), dtype=pl.UInt32, eager=True), "name": names}).drop_nulls()
    some = some.filter(pl.col("name").hash() % step == 0).sort("name", pl.col("l").hash())
    same = pl.col("name") == pl.col("name").shift(-1)
    return some.select("l", r=pl.when(same).then(pl.col("l").shift(-1))).drop_nulls()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`pairs` as `compare` gives them, and what is stated about them as a whole."""

    pairs: pl.DataFrame
    quality: Quality


def compare(
    left: pl.DataFrame,
    right: pl.DataFrame | None = None,
    fields: Sequence[Field] | None = None,
    *,
    id: str | tuple[str, str] | None = None,
    link_from: float = LINK_FROM,
    unsure_from: float = UNSURE_FROM,
) -> pl.DataFrame:
    """Pairs of records that are, or may be, the same person: `left, right, probability, status, reason`.

    Without `right` the records of one file are compared with each other. Without `fields` the columns with standard
    names are compared. `id` names the column that tells the records apart (of each file); without it they are numbered
    from 0. Linking is one to one; what is doubtful is given as `unsure`. The same records give the same pairs in
    whatever order they come. Raises LinkageRefused.
    """
    return link(left, right, fields, id=id, link_from=link_from, unsure_from=unsure_from).pairs


def link(
    left: pl.DataFrame,
    right: pl.DataFrame | None = None,
    fields: Sequence[Field] | None = None,
    *,
    id: str | tuple[str, str] | None = None,
    link_from: float = LINK_FROM,
    unsure_from: float = UNSURE_FROM,
) -> Outcome:
    """What `compare` gives, and with it the precision and recall that the links are believed to have."""
    if fields is None:
        fields = standard(left.columns, None if right is None else right.columns)
    if not fields:
        raise LinkageRefused("There is nothing to compare: no column has a known name, and none was named.")
    by = (id, id) if isinstance(id, str) or id is None else id
    names, order = _ordered(left, by[0], [f.left for f in fields], "first")
    others, other_order = names, order
    if right is not None:
        others, other_order = _ordered(right, by[1], [f.right for f in fields], "second")
    if not len(left) or (right is not None and not len(right)):
        return Outcome(pl.DataFrame(schema=SCHEMA), stated(0, 0.0, 0.0, 0.0))
    within = right is None
    columns = {c.name: c for c in prepare(left, right, fields, (order, other_order))}
    del left, right  # a caller who keeps no files either, has their memory back
    run = _Run(columns, within=within)
    found, quality = run.links(link_from, unsure_from)
    found = found.sort(PAIR)
    pairs = found.select(
        left=names.gather(found["l"]).cast(pl.String),
        right=others.gather(found["r"]).cast(pl.String),
        probability=pl.col("probability").round(5),
        status=pl.when("linked").then(pl.lit(LINKED)).otherwise(pl.lit(UNSURE)),
        reason="reason",
    )
    return Outcome(pairs, quality)


def _ordered(frame: pl.DataFrame, id: str | None, used: list[str], which: str) -> tuple[pl.Series, pl.Series | None]:
    """What the records are called, in an order of their own so that it does not matter in which they came; and how to
    put them in it."""
    for column in [*used, *([id] if id else [])]:
        if column not in frame.columns:
            raise LinkageRefused(f"The {which} file has no column {column}. It has: {', '.join(frame.columns)}.")
    if id is None:
        return pl.int_range(0, len(frame), eager=True), None
    order = frame[id].arg_sort()
    names = frame[id].gather(order)
    if names.null_count() or (names == names.shift()).any():
        raise LinkageRefused(
            f"Column {id} of the {which} file does not tell its records apart: a value is empty or twice."
        )
    return names, order


class _Run:
    """One comparison, step by step."""

    def __init__(self, columns: dict[str, Column], *, within: bool) -> None:
        self.columns, self.within = columns, within
        some = next(iter(columns.values()))
        self.size = (len(some.left), len(some.right))
        home = columns.get("household") or columns.get("address")
        self.home = home
        self.compared = tuple(c for c in columns if c not in ("address", "household"))
        self.fields = self.compared + (("home",) if home else ())
        self.sizes = [len(LEVELS[columns[f].kind]) for f in self.compared] + ([len(HOME)] if home else [])
        self.groups = [np.zeros(size, dtype=np.int64) for size in self.sizes]
        if home:
            self.groups[-1] = HOME
        self.values = {c: Values(columns[c], within=within) for c in self.compared}
        self.tied = self._tied()

    def links(self, link_from: float, unsure_from: float) -> tuple[pl.DataFrame, Quality]:
        """`l, r, probability, linked, reason`."""
        rows = [pl.int_range(0, n, dtype=pl.UInt32, eager=True) for n in self.size]
        if not self.within:
            rows = [r.filter(settle.originals(self.columns, side, len(r)) == r) for side, r in enumerate(rows)]
            done = settle.settled(self.columns, (rows[0], rows[1]))
        else:
            done = pl.DataFrame(schema={"l": pl.UInt32, "r": pl.UInt32, "by": pl.Int8})
        left = [
            pl.DataFrame({c: r}).join(done.select(c), on=c, how="anti", maintain_order="left")[c]
            for c, r in zip(PAIR, rows, strict=True)
        ]
        ties = Ties(self.home.left, self.home.right, done) if self.home and not self.within else None
        met = self._meet((left[0], left[1]), ties)
        levels = self._levels(met, ties)
        looked = self._looked(done, ties)
        strangers = self._strangers()
        common = self._common(met, levels, left)
        model = self._learn(levels, common, strangers, looked, len(done), ties, rows, left)
        settled = self._told_settled(done, looked, model, ties, rows)
        weighed = self._weighed(met, levels, model, common, done, ties, left)
        sure = (pl.col("probability") >= link_from) & ~pl.col("twins")
        weighed = weighed.with_columns(linked=pl.col("chosen") & sure)
        quality = self._quality(settled, weighed, looked, strangers, ties)
        told = self._told(weighed.filter(pl.col("probability") >= unsure_from), link_from)
        return (pl.concat([settled, told]) if len(settled) else told), quality

    def _weighed(
        self,
        met: pl.DataFrame,
        levels: pl.DataFrame,
        model: weights.Model,
        common: pl.Series,
        done: pl.DataFrame,
        ties: Ties | None,
        left: list[pl.Series],
    ) -> pl.DataFrame:
        """The pairs that met, each with its `odds` by itself and its `probability` among its rivals; which are
        `chosen`, so that each record has one."""
        scored = self._scored(met, levels, model, common)
        if self.within:
            scored = scored.with_columns(probability=pl.col("odds") / (1 + pl.col("odds")), chosen=pl.lit(True))
        else:
            says = self._says(left)
            scored = rivals.among(scored, says)
            if self.home and ties is not None:  # what was linked now is context for the rest
                sure = scored.filter((pl.col("probability") >= 0.95) & pl.col("chosen") & ~pl.col("twins"))
                ties = Ties(self.home.left, self.home.right, pl.concat([done.select(PAIR), sure.select(PAIR)]))
                own = met.join(sure.select(*PAIR, own=pl.lit(1)), on=PAIR, how="left", maintain_order="left")["own"]
                levels = levels.with_columns(home=self._home(met, ties, own.fill_null(0)))
                model = replace(model, members=self._members(ties))  # with those whose number is a relative's
                scored = rivals.among(self._scored(met, levels, model, common), says)
        return scored

    def _says(self, left: list[pl.Series]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Of each file the rows that are left (`l` or `r`), and which fields each says (`says`, a number)."""
        found = []
        for side, (name, rows) in enumerate(zip(PAIR, left, strict=True)):
            sides = {f: (self.columns[f].left, self.columns[f].right)[side] for f in self.compared}
            known = pl.DataFrame({f: column.gather(rows).is_not_null() for f, column in sides.items()})
            found.append(pl.DataFrame({name: rows, "says": known.select(pl.struct(pl.all()).hash()).to_series()}))
        return found[0], found[1]

    def _quality(
        self,
        settled: pl.DataFrame,
        weighed: pl.DataFrame,
        looked: pl.DataFrame,
        strangers: list[np.ndarray],
        ties: Ties | None,
    ) -> Quality:
        """What the probabilities add up to."""
        links = weighed.filter("linked")
        wrong = float((1 - settled["probability"]).sum()) + float((1 - links["probability"]).sum())
        free = weighed.filter(~pl.col("linked"))
        if not self.within:  # a second row of who is linked is no person missed
            for side in PAIR:
                free = free.join(links.select(side), on=side, how="anti")
            free = free.group_by("l").agg(pl.col("probability").sum().clip(0, 1))
        weighed_out = float(free["probability"].sum())
        likely = weighed.filter(pl.col("probability") >= 0.5).select(*PAIR, n="probability")
        raised = len(settled) / max(len(looked), 1)
        seen = pl.concat([likely, looked.select(*PAIR, n=pl.lit(raised))])
        unmet = never_met(self._alike(seen, strangers, ties), seen["n"])
        return stated(len(links) + len(settled), wrong, weighed_out + wrong + unmet, unmet)

    def _alike(self, pairs: pl.DataFrame, strangers: list[np.ndarray], ties: Ties | None) -> pl.DataFrame:
        """For each field whether the two records have a key in common; without fields in which strangers often
        agree."""
        telling = [f for f, share in zip(self.compared, strangers, strict=False) if share[-1] < TELLING]
        found = {}
        for fields in [[f] for f in telling] + ([["address", "household"]] if self.home else []):
            met = pl.repeat(False, len(pairs), eager=True)
            for field in fields:
                sides: Iterable[tuple[pl.Series, pl.Series]] = ()
                if field == "household" and ties is not None:
                    sides = [ties.keys((pairs["l"], pairs["r"]))]
                elif field in self.columns:
                    column = self.columns[field]
                    sides = zip(column.views(0, pairs["l"]), column.views(1, pairs["r"]), strict=True)
                for a, b in sides:
                    met |= (a == b).fill_null(False)
            found[fields[0]] = met
        return pl.DataFrame(found)

    def _meet(self, rows: tuple[pl.Series, pl.Series], ties: Ties | None) -> pl.DataFrame:
        keys: list[list[tuple[str, pl.Series]]] = [[], []]
        for name, column in self.columns.items():
            if column.kind == "household" and not self.within:
                continue
            for side in (0, 1):
                keys[side] += [(name, key) for key in column.views(side, rows[side])]
        if ties is not None:
            for side, key in enumerate(ties.keys(rows)):
                keys[side].append(("tied", key))
        budget = 2_000 + (len(rows[0]) + len(rows[1])) // 2
        return candidates.meeting(keys[0], keys[1], rows, budget, within=self.within)

    def _levels(
        self,
        pairs: pl.DataFrame,
        ties: Ties | None,
        columns: dict[str, Column] | None = None,
        own: pl.Series | None = None,
    ) -> pl.DataFrame:
        columns = columns or self.columns
        parts = []
        for start in range(0, max(len(pairs), 1), agreement.CHUNK):
            part = pairs.slice(start, agreement.CHUNK)

            def level(name: str, part: pl.DataFrame = part) -> pl.Series:
                if name == "home":
                    return self._home(part, ties, own, columns)
                return agreement.compare(columns[name], part["l"], part["r"])

            parts.append(pl.DataFrame(dict(zip(self.fields, side_by_side(level, self.fields), strict=True))))
        return pl.concat(parts)

    def _home(
        self,
        pairs: pl.DataFrame,
        ties: Ties | None,
        own: pl.Series | None = None,
        columns: dict[str, Column] | None = None,
    ) -> pl.Series:
        """Address and household are one field: who moves loses both."""
        columns = columns or self.columns
        nothing = pl.Series([MISSING], dtype=pl.Int8).new_from_index(0, len(pairs))
        address = household = nothing
        if "address" in columns:
            address = agreement.compare(columns["address"], pairs["l"], pairs["r"])
        if ties is not None:
            household = ties.level(pairs, own)
        elif "household" in columns:
            household = agreement.compare(columns["household"], pairs["l"], pairs["r"])
        both = (address + 1) * 3 + household + 1
        return (
            pl.DataFrame({"b": both})
            .select(pl.when(pl.col("b") > 0).then("b").otherwise(MISSING).cast(pl.Int8))
            .to_series()
        )

    def _learn(
        self,
        levels: pl.DataFrame,
        common: pl.Series,
        strangers: list[np.ndarray],
        looked: pl.DataFrame,
        settled: int,
        ties: Ties | None,
        rows: list[pl.Series],
        left: list[pl.Series],
    ) -> weights.Model:
        raised = settled / max(len(looked), 1)
        taken = weights.patterns(looked, self.fields).with_columns(pl.col("n") * raised)
        begin = []
        for field, size in zip(self.fields, self.sizes, strict=True):
            first = np.full(size, 0.1 / max(size - 1, 1))
            first[-1] = 0.9
            if self._is_identity(field):
                first = IDENTITY
            elif field == "home":
                first = AT_HOME
            begin.append(first)
        belief = [BELIEF_IDENTITY if self._is_identity(field) else BELIEF for field in self.fields]
        steps = (common.log(4).round().clip(-8, 8)).alias("step")
        counted = weights.patterns(levels.with_columns(steps), self.fields, "step")
        counted = counted.with_columns(common=pl.lit(4.0) ** pl.col("step")).drop("step")
        n = (len(left[0]), len(left[1]))
        possible = n[0] * (n[0] - 1) / 2 if self.within else n[0] * n[1]
        most = possible if self.within else min(n)  # in one file somebody may have several pairs
        return weights.learn(
            counted, taken, self.fields, self.groups, begin, belief, strangers, self._said(rows, left, looked, ties),
            self._members(ties), max(possible, 1.0), 0.3 * min(n), max(most, 1.0), mixed=self.within,
        )  # fmt: skip

    def _looked(self, done: pl.DataFrame, ties: Ties | None) -> pl.DataFrame:
        """A sample of the settled pairs, with how they agree."""
        looked = done.filter((pl.col("l").hash() % max(1, len(done) // LOOKED_AT)) == 0)
        own = pl.repeat(1, len(looked), dtype=pl.Int32, eager=True)
        return pl.concat([looked, self._levels(looked, ties, own=own)], how="horizontal")

    def _said(
        self, rows: list[pl.Series], left: list[pl.Series], looked: pl.DataFrame, ties: Ties | None
    ) -> list[np.ndarray]:
        """How much more often pairs of all records say something about each field than pairs of those left: where
        something is missing, passes do not settle."""
        found = []
        for name, size, groups in zip(self.compared, self.sizes, self.groups, strict=False):
            column = self.columns[name]
            counted = []
            for some in (rows, left):
                sides = zip((column.left, column.right), some, strict=True)
                says = np.prod([1 - c.gather(r).null_count() / max(len(r), 1) for c, r in sides])
                counted.append(np.r_[DRAWN * says, np.zeros(size - 1), DRAWN * (1 - says)])
            found.append(weights.said(counted[0], counted[1], groups))
        if self.home:
            rng = np.random.default_rng(len(left[0]))
            drawn = DRAWN if min(len(r) for r in left) and len(looked) else 0
            picked = [r.gather(rng.integers(0, max(len(r), 1), drawn)) for r in left]
            levels = self._home(pl.DataFrame(dict(zip(PAIR, picked, strict=True))), ties)
            settled, drawn_of = (weights.counts(of, "home", len(HOME)) for of in (looked, levels.to_frame("home")))
            found.append(weights.said(settled, drawn_of, HOME))
        return found

    def _is_identity(self, field: str) -> bool:
        return field in self.columns and self.columns[field].kind == "identity"

    def _tied(self) -> list[tuple[str, str, np.ndarray]]:
        """Codes that go with the name, as sex does with given names: the name, the code, and by level (the last for
        nothing said) how much more often two people of one name agree in it than any two."""
        names = [f for f in self.compared if self.columns[f].kind == "name"]
        codes = [f for f in self.compared if self.columns[f].kind == "code" and self.values[f].same >= SHARED]
        if not names or not codes:
            return []
        larger = self._larger()
        pairs = _namesakes(larger[names[0]].left)
        found = []
        for code in codes:
            level = agreement.compare(larger[code], pairs["l"], pairs["r"])
            counted = weights.counts(level.to_frame(code), code, len(LEVELS["code"]))[:-1]
            usual = np.array([1 - self.values[code].same, self.values[code].same])
            usual = (usual + 0.001) / 1.002
            share = (counted + USUAL * usual) / (counted.sum() + USUAL)
            found.append((names[0], code, np.append(share / usual, 1.0)))
        return found

    def _larger(self) -> dict[str, Column]:
        """The larger file, to be compared with itself."""
        side = int(self.size[1] > self.size[0])
        return {
            name: replace(
                c,
                left=(c.left, c.right)[side],
                right=(c.left, c.right)[side],
                texts=c.texts and (c.texts[side], c.texts[side]),
                checked=[],
            )
            for name, c in self.columns.items()
        }

    def _strangers(self) -> list[np.ndarray]:
        """How two different people agree: pairs drawn within the larger file, where (nearly) nobody is twice."""
        columns = self._larger()
        n = max(self.size)
        rng = np.random.default_rng(n)
        drawn = min(SAMPLE, 10 * n)
        pairs = pl.DataFrame(
            {
                "l": pl.Series(rng.integers(0, n, drawn), dtype=pl.UInt32),
                "r": pl.Series(rng.integers(0, n, drawn), dtype=pl.UInt32),
            }
        ).filter(pl.col("l") != pl.col("r"))
        levels = self._levels(pairs, None, columns)
        found = []
        for field, size, groups in zip(self.fields, self.sizes, self.groups, strict=True):
            counted = weights.counts(levels, field, size)
            if field == "home":  # what is said of one half only counts for both
                for level in range(4, size):
                    if level % 3:
                        counted[level - level % 3] += counted[level]
                        counted[level % 3] += counted[level]
            share = weights.shares(counted, np.full(size, 1 / size), 1.0, groups)
            if field != "home":
                exact = [(size - 1, self.values[field].same)]
                if self.values[field].sounds:
                    exact.append((SOUND, self.values[field].sounds))
                for level, of in exact:
                    share[level] = 0
                    share *= (1 - of) / share.sum()
                    share[level] = of
            found.append(share)
        return found

    def _members(self, ties: Ties | None) -> pl.DataFrame | None:
        """How different people of one household agree: patterns of pairs, of tied households, or where few are tied of
        each household (or address) of one file, but for those who are plainly one person twice."""
        if self.home is None:
            return None
        pairs = ties.members(SAMPLE) if ties is not None else None
        if pairs is not None and len(pairs) >= FEW:
            levels = self._levels(pairs, ties)
        else:
            columns = self._larger()
            pairs = together(columns[self.home.name].left, SAMPLE)
            if len(pairs) < FEW:
                return None
            levels = self._levels(pairs, None, columns)
            levels = levels.filter(~self._twice())
        alone = levels.with_columns(home=pl.col("home") // 3 * 3).filter(pl.col("home") > 0)
        nowhere = levels.with_columns(home=pl.lit(MISSING, pl.Int8))
        return weights.patterns(pl.concat([levels, alone, nowhere]), self.fields)  # also for ties that are not known

    def _twice(self) -> pl.Expr:
        """Are two members of one household plainly one person?"""
        if {"name", "birth"} <= set(self.compared):
            twice = (pl.col("name") >= SOUND) & (pl.col("birth") >= SWAPPED)
            if self._is_identity("id_number"):
                twice |= (pl.col("id_number") == len(IDENTITY) - 1) & (pl.col("birth") >= NEAR)
            return twice
        return ~pl.any_horizontal(pl.col(self.compared) == 0)

    def _common(self, met: pl.DataFrame, levels: pl.DataFrame, left: list[pl.Series]) -> pl.Series:
        """By how much an agreement is worth less because its values are common, or more because they are rare: a factor
        of the share of strangers."""

        keyed = np.zeros(len(met), dtype=bool)
        if "birth" in self.compared:
            keyed = (levels["birth"] == len(LEVELS["date"]) - 1).to_numpy()

        def factor(field: str) -> np.ndarray:
            return self.values[field].factor(levels[field], met, left, keyed)

        found = np.prod([np.ones(len(met)), *side_by_side(factor, self.compared)], axis=0)
        for name, code, by_level in self.tied:
            found *= np.where((levels[name] >= ONE_NAME).to_numpy(), by_level[levels[code].to_numpy()], 1.0)
        return pl.Series(found)

    def _scored(self, met: pl.DataFrame, levels: pl.DataFrame, model: weights.Model, common: pl.Series) -> pl.DataFrame:
        """Each pair with its `odds` of being one person, and the number of its pattern."""
        counted = weights.score(weights.patterns(levels, self.fields), model).with_row_index("pattern")
        self.known = counted
        twins = self._twins()
        worth = counted.select(
            *self.fields, "pattern", "same", "related", "chance", twins=pl.lit(False) if twins is None else twins
        )
        of = levels.join(worth, on=self.fields, how="left", maintain_order="left").drop(self.fields)
        odds = pl.col("same") / (pl.col("related") + pl.col("chance") * common)
        scored = of.select("pattern", "twins", odds=odds)
        likely = (scored["odds"] > LIKELY).arg_true()
        return pl.concat(
            [met.select(pl.all().gather(likely)), scored.select(pl.all().gather(likely))], how="horizontal"
        )

    def _twins(self) -> pl.Expr | None:
        """Is it a pair of two valid numbers and two names, or of birth dates that are not said to be the same: as of
        twins, of a parent and a child of one name, of namesakes? However much else agrees, somebody has to look."""
        if not ({"name", "id_number"} <= self.columns.keys() and self._is_identity("id_number")):
            return None
        other = pl.col("name").is_between(0, SOUND - 1)
        if "birth" in self.compared:
            month = LEVELS["date"].index("month")
            other |= pl.col("birth").is_between(0, NEAR - 1) | (pl.col("birth") == month)
        return (pl.col("id_number") == 0) & other

    def _told(self, linked: pl.DataFrame, link_from: float) -> pl.DataFrame:
        """Pairs with their reason: how each field agrees, the weight (log2 of the odds), and `double` where it is the
        second row of somebody who is linked."""
        words = self.known.select("pattern", reason=self._words())
        told = linked.join(words, on="pattern", how="left", maintain_order="left")
        weight = pl.col("odds").log(2).round(1).cast(pl.String)
        double = pl.when(~pl.col("chosen") & (pl.col("probability") >= link_from)).then(pl.lit(" double"))
        reason = pl.col("reason") + " weight=" + weight + double.otherwise(pl.lit(""))
        return told.select(*PAIR, "probability", "linked", reason=reason)

    def _words(self) -> pl.Expr:
        parts = []
        for field in self.compared:
            words = dict(enumerate(LEVELS[self.columns[field].kind]))
            level = pl.col(field).replace_strict(words, default=None, return_dtype=pl.String)
            parts.append(pl.lit(f"{field}=") + level)
        if self.home:
            for field, code in (("address", pl.col("home") // 3 - 1), ("household", pl.col("home") % 3 - 1)):
                words = dict(enumerate(LEVELS[field]))
                level = code.replace_strict(words, default=None, return_dtype=pl.String)
                parts.append(pl.when(pl.col("home") >= 0).then(pl.lit(f"{field}=") + level))
        return pl.concat_str(parts, separator=" ", ignore_nulls=True)

    def _told_settled(
        self,
        done: pl.DataFrame,
        looked: pl.DataFrame,
        model: weights.Model,
        ties: Ties | None,
        rows: list[pl.Series],
    ) -> pl.DataFrame:
        """Settled pairs, with the name of their pass and how likely the weights find its pairs, on average."""
        every = float(len(rows[0]) * len(rows[1]))
        ratio = float(model.pairs / max(every, 1.0))
        related = ties.related / max(every, 1.0) if ties is not None else 0.0
        scored = weights.score(looked, model, odds=model.odds * ratio, odds_members=related)
        common = self._common(looked, looked, rows)
        against = scored["related"] + scored["chance"] * common * self._unclaimed(looked["by"], model, rows)
        likely = pl.DataFrame({"by": looked["by"], "p": scored["same"] / (scored["same"] + against)})
        sure = dict(likely.group_by("by").agg(pl.col("p").mean()).iter_rows())
        names = dict(enumerate(settle.PASSES))
        return done.select(
            *PAIR,
            probability=pl.col("by").replace_strict(sure, default=None, return_dtype=pl.Float64),
            linked=pl.lit(True),
            reason=pl.lit("pass=") + pl.col("by").replace_strict(names, return_dtype=pl.String),
        )

    def _unclaimed(self, by: pl.Series, model: weights.Model, rows: list[pl.Series]) -> np.ndarray:
        """A pass settles by a key that is unique in both files. Two strangers have one only where neither's own record
        shows it: the share of pairs of strangers of whom that is so."""
        matches = model.odds * model.pairs
        share = np.ones(len(settle.PASSES))
        for number, key in enumerate(settle.KEYS):
            shown = np.prod([model.same[self.fields.index(f)][-1] for f in key if f in self.fields])
            for side in rows:
                share[number] *= max(1 - shown * min(matches / max(len(side), 1), 1.0), LEAST)
        return np.asarray(share[by.to_numpy()])
