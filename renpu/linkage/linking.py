"""Two files of records, or one: which records are the same person, how surely, and why."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from renpu.linkage import agreement, candidates, settle, weights
from renpu.linkage.agreement import LEVELS, MISSING
from renpu.linkage.fields import Column, Field, prepare, side_by_side, standard
from renpu.linkage.households import Ties

LINKED, UNSURE = "linked", "unsure"
LINK_FROM, UNSURE_FROM = 0.8, 0.1
SAMPLE = 150_000  # pairs drawn to learn how strangers agree
LOOKED_AT = 30_000  # settled pairs looked at to learn how the same person's records agree
PAIR = ["l", "r"]
# address and household as one field: level (address + 1) * 3 + household + 1, and which of the two are known
HOME = np.array([2 * (level // 3 > 0) + (level % 3 > 0) for level in range(15)])
# What is believed of one person's two identity numbers until hundreds of pairs show otherwise: that both are valid and
# differ is rare. Few pairs are quickly fooled here by twins.
IDENTITY = np.array([0.001, 0.003, 0.012, 0.984])
TWINS = 1.0  # odds of a pair with two valid numbers and two names, at most
BELIEF, BELIEF_IDENTITY = 10.0, 300.0  # in pairs
SCHEMA = {"left": pl.String, "right": pl.String, "probability": pl.Float64, "status": pl.String, "reason": pl.String}


class LinkageRefused(Exception):
    """The files cannot be compared as asked; the message says why."""


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
        return pl.DataFrame(schema=SCHEMA)
    run = _Run({c.name: c for c in prepare(left, right, fields, (order, other_order))}, within=right is None)
    found = run.links(unsure_from).sort(PAIR)
    status = (
        pl.when((pl.col("probability") >= link_from) & pl.col("chosen")).then(pl.lit(LINKED)).otherwise(pl.lit(UNSURE))
    )
    return found.select(
        left=names.gather(found["l"]).cast(pl.String),
        right=others.gather(found["r"]).cast(pl.String),
        probability=pl.col("probability").round(5),
        status=status,
        reason="reason",
    )


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

    def links(self, unsure_from: float) -> pl.DataFrame:
        """`l, r, probability, chosen, reason`."""
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
        ties = None
        if self.home and not self.within:
            ties = Ties(self.home.left, self.home.right, done)
        met = self._meet((left[0], left[1]), ties)
        levels = self._levels(met, ties)
        model = self._learn(levels, done, ties, left)
        common = self._common(met, levels, model)
        linked = self._scored(met, levels, model, common)
        if not self.within:
            linked = _one_to_one(linked)
            if self.home and ties is not None:  # what was linked now is context for the rest
                sure = linked.filter((pl.col("probability") >= 0.95) & pl.col("chosen"))
                ties = Ties(self.home.left, self.home.right, pl.concat([done.select(PAIR), sure.select(PAIR)]))
                own = met.join(sure.select(*PAIR, own=pl.lit(1)), on=PAIR, how="left", maintain_order="left")["own"]
                levels = levels.with_columns(home=self._home(met, ties, own.fill_null(0)))
                linked = _one_to_one(self._scored(met, levels, model, common))
        else:
            linked = linked.with_columns(probability=pl.col("odds") / (1 + pl.col("odds")), chosen=pl.lit(True))
        linked = linked.filter(pl.col("probability") >= unsure_from)
        told = self._told(linked)
        if not len(done):
            return told
        return pl.concat([self._told_settled(done, model, ties), told])

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

    def _levels(self, pairs: pl.DataFrame, ties: Ties | None, columns: dict[str, Column] | None = None) -> pl.DataFrame:
        columns = columns or self.columns
        parts = []
        for start in range(0, max(len(pairs), 1), agreement.CHUNK):
            part = pairs.slice(start, agreement.CHUNK)

            def level(name: str, part: pl.DataFrame = part) -> pl.Series:
                if name == "home":
                    return self._home(part, ties, None, columns)
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
        self, levels: pl.DataFrame, done: pl.DataFrame, ties: Ties | None, left: list[pl.Series]
    ) -> weights.Model:
        strangers = self._strangers()
        begin = []
        looked = done.filter((pl.col("l").hash() % max(1, len(done) // LOOKED_AT)) == 0)
        shown = self._levels(looked, None).drop("home", strict=False)
        if self.home:
            own = pl.Series([1]).new_from_index(0, len(looked))
            shown = shown.with_columns(home=self._home(looked, ties, own))
        for field, size, groups in zip(self.fields, self.sizes, self.groups, strict=True):
            first = np.full(size, 0.1 / max(size - 1, 1))
            first[-1] = 0.9
            if self._is_identity(field):
                first = IDENTITY
            fair = [i for i, asks in enumerate(settle.ASKS) if field not in asks]
            seen = weights.counts(shown.filter(looked["by"].is_in(fair)), field, size)
            begin.append(weights.shares(seen, first, 20.0, groups))
        belief = [BELIEF_IDENTITY if self._is_identity(field) else BELIEF for field in self.fields]
        counted = weights.patterns(levels, self.fields)
        n = (len(left[0]), len(left[1]))
        possible = n[0] * (n[0] - 1) / 2 if self.within else n[0] * n[1]
        members = self._members(ties)
        likely = 0.3 * min(n)
        return weights.learn(
            counted, self.fields, self.groups, begin, belief, strangers, members, max(possible, 1.0), likely,
            mixed=self.within,
        )  # fmt: skip

    def _is_identity(self, field: str) -> bool:
        return field in self.columns and self.columns[field].kind == "identity"

    def _strangers(self) -> list[np.ndarray]:
        """How two different people agree: pairs drawn within the larger file, where (nearly) nobody is twice."""
        side = int(self.size[1] > self.size[0])
        n = self.size[side]
        columns = {
            name: replace(
                c,
                left=(c.left, c.right)[side],
                right=(c.left, c.right)[side],
                texts=c.texts and (c.texts[side], c.texts[side]),
                checked=[],
            )
            for name, c in self.columns.items()
        }
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
                counts = columns[field].left.drop_nulls().value_counts()["count"].cast(pl.Float64)
                total = float(counts.sum())
                same = float((counts * (counts - 1)).sum()) / max(total * (total - 1), 1.0)
                share[-1] = max(same, 0.05 / max(total, 1.0) ** 1.5)
                share[:-1] *= (1 - share[-1]) / share[:-1].sum()
            found.append(share)
        return found

    def _members(self, ties: Ties | None) -> pl.DataFrame | None:
        if self.home is None:
            return None
        if ties is not None:
            pairs = ties.members(SAMPLE)
            if len(pairs) >= 100:
                levels = self._levels(pairs, ties)
                alone = levels.with_columns(home=pl.col("home") // 3 * 3).filter(pl.col("home") > 0)
                return weights.patterns(pl.concat([levels, alone]), self.fields)  # alone: whose ties are not known
        return None

    def _common(self, met: pl.DataFrame, levels: pl.DataFrame, model: weights.Model) -> pl.Series:
        """By how much a full agreement is worth less because the value is common, or more because it is rare: a
        factor of the share of strangers."""
        factor = pl.ones(len(met), dtype=pl.Float64, eager=True)
        for at, field in enumerate(self.compared):
            column = self.columns[field]
            if column.kind == "date":
                continue
            rows = (levels[field] == self.sizes[at] - 1).arg_true()
            if not len(rows):
                continue
            code = column.left.gather(met["l"].gather(rows)).to_frame("code")
            wanted = code.unique()
            files = [column.left] if self.within else [column.left, column.right]
            counts = pl.concat([f.to_frame("code").join(wanted, on="code", how="semi") for f in files])
            counts = counts.group_by("code").len("n")
            total = sum(len(f) - f.null_count() for f in files)
            share = code.join(counts, on="code", how="left", maintain_order="left")["n"] / total
            factor = factor.scatter(rows, factor.gather(rows) * share / model.strangers[at][-1])
        return factor

    def _scored(self, met: pl.DataFrame, levels: pl.DataFrame, model: weights.Model, common: pl.Series) -> pl.DataFrame:
        """Each pair with its `odds` of being one person, and the number of its pattern."""
        counted = weights.score(weights.patterns(levels, self.fields), model).with_row_index("pattern")
        if (twins := self._twins()) is not None:
            counted = counted.with_columns(twins=twins)
        self.known = counted
        of = levels.join(counted.drop("n"), on=self.fields, how="left", maintain_order="left")
        odds = pl.col("same") / (pl.col("related") + pl.col("chance") * pl.col("common"))
        if self._twins() is not None:
            odds = pl.when("twins").then(pl.min_horizontal(odds, TWINS)).otherwise(odds)
        return (
            pl.concat([met, of.drop(self.fields)], how="horizontal")
            .with_columns(common=common)
            .select(*PAIR, "pattern", odds=odds)
            .filter(pl.col("odds") > 0.01)
        )

    def _twins(self) -> pl.Expr | None:
        """Is it a pair of two valid numbers and two names, as twins have? However much else agrees, somebody has to
        look."""
        if {"name", "id_number"} <= self.columns.keys() and self._is_identity("id_number"):
            sound = LEVELS["name"].index("sound")
            return (pl.col("id_number") == 0) & pl.col("name").is_between(0, sound - 1)
        return None

    def _told(self, linked: pl.DataFrame) -> pl.DataFrame:
        """Links with their reason: how each field agrees, and the weight (log2 of the odds)."""
        words = self.known.select("pattern", reason=self._words())
        told = linked.join(words, on="pattern", how="left", maintain_order="left")
        weight = pl.col("odds").log(2).round(1).cast(pl.String)
        return told.select(*PAIR, "probability", "chosen", reason=pl.col("reason") + " weight=" + weight)

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

    def _told_settled(self, done: pl.DataFrame, model: weights.Model, ties: Ties | None) -> pl.DataFrame:
        """Settled pairs, with the name of their pass and the share of its pairs that the weights agree with."""
        names = dict(enumerate(settle.PASSES))
        sure = {i: 0.9999 if i in (0, 1) else 0.999 for i in names}
        return done.select(
            *PAIR,
            probability=pl.col("by").replace_strict(sure, return_dtype=pl.Float64),
            chosen=pl.lit(True),
            reason=pl.lit("pass=") + pl.col("by").replace_strict(names, return_dtype=pl.String),
        )


def _one_to_one(scored: pl.DataFrame) -> pl.DataFrame:
    """The best pairs, each record at most once, and of every pair the probability among its rivals."""
    rivals = pl.col("odds").sum().over("l") + pl.col("odds").sum().over("r") - pl.col("odds")
    scored = scored.with_columns(probability=pl.col("odds") / (1 + rivals)).sort(
        "odds", "l", "r", descending=[True, False, False]
    )
    free = scored.with_row_index("rank").select("rank", *PAIR)
    chosen = []
    while len(free):
        best = free.filter(
            (pl.col("rank") == pl.col("rank").min().over("l")) & (pl.col("rank") == pl.col("rank").min().over("r"))
        )
        chosen.append(best)
        free = free.join(best, on="l", how="anti").join(best, on="r", how="anti")
    if not chosen:
        return scored.with_columns(chosen=pl.lit(False))
    ranks = pl.concat(chosen)["rank"]
    flags = pl.repeat(False, len(scored), eager=True).scatter(ranks, True)
    return scored.with_columns(chosen=flags)
