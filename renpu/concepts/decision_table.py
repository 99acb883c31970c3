"""A definition of a handbook as a table: written once, it decides a record in Python and millions in Polars or SQL.

The answers asked are code lists (`asks` names them); a row holds a condition for each answer, and the decision. Rows
exclude each other, which is checked when a table is made. One meaning of missing: where a missing answer could decide,
the decision is `not_evaluable`; where no row admits the answers, whatever the missing ones are, it is `no_row`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import polars as pl

from renpu.concepts.codes import code_list

NOT_EVALUABLE = "not_evaluable"
NO_ROW = "no_row"


@dataclass(frozen=True, slots=True)
class Any:
    """Every answer will do, a missing or unknown one too."""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A code of the list that is not lower."""

    code: int


@dataclass(frozen=True, slots=True)
class OneOf:
    codes: tuple[int, ...]


ANY = Any()
Condition = Any | AtLeast | OneOf
Row = tuple[Condition | str, ...]
Codes = tuple[int, ...] | None  # the codes that a condition admits; None admits all


def one_of(*codes: int) -> OneOf:
    return OneOf(codes)


class DecisionTable:
    """`rows` are conditions in the order of `asks` and, last, the decision; `source` is the text they follow.

    ValueError for a row that is too short, names a code its list does not have, or overlaps another."""

    def __init__(self, name: str, source: str, asks: tuple[str, ...], rows: tuple[Row, ...]):
        self.name = name
        self.source = source
        self.asks = asks
        self.rows = rows
        self._domains = [code_list(ask).ints for ask in asks]
        self._rows = [self._read(row) for row in rows]
        for (one, _), (other, _) in combinations(self._rows, 2):
            if all(a is None or b is None or set(a) & set(b) for a, b in zip(one, other, strict=True)):
                raise ValueError(f"{name}: two rows admit the same answers: {one} and {other}")

    def __repr__(self) -> str:
        return f"<DecisionTable {self.name}, {len(self.rows)} rows>"

    @cached_property
    def decisions(self) -> tuple[str, ...]:
        """What the table can say of a record, in the order of its rows, then what it says where it cannot decide."""
        return (*dict.fromkeys(decision for _, decision in self._rows), NOT_EVALUABLE, NO_ROW)

    def decide(self, answers: Mapping[str, int | None]) -> str:
        """The decision for one record; an answer that is absent or None is missing."""
        return self._decide(tuple(answers.get(ask) for ask in self.asks))

    def compiled(self) -> Callable[..., str]:
        """`decide` as a function of the answers in the order of `asks`, every combination decided beforehand."""
        known = {answers: self._decide(answers) for answers in product(*((None, *codes) for codes in self._domains))}
        decide = self._decide

        def look_up(*answers: int | None) -> str:
            return known.get(answers) or decide(answers)

        return look_up

    def as_sql(self, columns: Mapping[str, str] | None = None) -> str:
        """One CASE expression that SQLite and PostgreSQL take alike. `columns` gives the SQL for an answer where it is
        not a column of the name in `asks`."""
        names = [(columns or {}).get(ask, ask) for ask in self.asks]
        met, open_ = [], []
        for row, decision in self._rows:
            pairs = [
                (f"{name} in ({', '.join(map(str, codes))})", name)
                for name, codes in zip(names, row, strict=True)
                if codes
            ]
            met.append(f"when {' and '.join(test for test, _ in pairs) or '1 = 1'} then '{decision}'")
            open_.append(" and ".join(f"({test} or {name} is null)" for test, name in pairs) or "1 = 1")
        return f"case {' '.join(met)} when {' or '.join(open_)} then '{NOT_EVALUABLE}' else '{NO_ROW}' end"

    def as_polars(self, columns: Mapping[str, str] | None = None) -> pl.Expr:
        """The decision as a text column of the table's name; `columns` as for `as_sql`, by name."""
        answers = [pl.col((columns or {}).get(ask, ask)) for ask in self.asks]
        decision = pl.lit(NO_ROW)
        open_, met = pl.lit(False), []
        for row, outcome in self._rows:
            admits = [answer.is_in(list(codes)) for answer, codes in zip(answers, row, strict=True) if codes]
            met.append((pl.all_horizontal(pl.lit(True), *(test.fill_null(False) for test in admits)), outcome))
            open_ = open_ | pl.all_horizontal(pl.lit(True), *(test.fill_null(True) for test in admits))
        decision = pl.when(open_).then(pl.lit(NOT_EVALUABLE)).otherwise(decision)
        for test, outcome in met:
            decision = pl.when(test).then(pl.lit(outcome)).otherwise(decision)
        return decision.alias(self.name)

    def gaps(self) -> list[tuple[int, ...]]:
        """The combinations of answers, none missing, that no row admits; a check of forms has to refuse them."""
        return [answers for answers in product(*self._domains) if self._decide(answers) == NO_ROW]

    def _decide(self, answers: tuple[int | None, ...]) -> str:
        open_ = False
        for row, decision in self._rows:
            unmet = [answer for answer, codes in zip(answers, row, strict=True) if codes and answer not in codes]
            if not unmet:
                return decision
            open_ |= all(answer is None for answer in unmet)
        return NOT_EVALUABLE if open_ else NO_ROW

    def _read(self, row: Row) -> tuple[tuple[Codes, ...], str]:
        *conditions, decision = row
        if len(conditions) != len(self.asks) or not isinstance(decision, str):
            raise ValueError(f"{self.name}: a row needs {len(self.asks)} conditions and a decision: {row}")
        return tuple(map(self._codes, self._domains, conditions)), decision

    def _codes(self, domain: tuple[int, ...], condition: Condition | str) -> Codes:
        match condition:
            case Any():
                return None
            case AtLeast(code=least):
                codes = tuple(code for code in domain if code >= least)
            case OneOf(codes=codes):
                pass
            case _:
                raise ValueError(f"{self.name}: {condition!r} is no condition")
        if not codes or not set(codes) <= set(domain):
            raise ValueError(f"{self.name}: {condition} names a code that the code list does not have")
        return codes
