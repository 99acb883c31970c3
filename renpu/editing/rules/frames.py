"""Edit rules in Polars, for all forms of an area at once: nightly re-checks, a changed limit tried on a whole district.

Every rule runs here, pairs within a household included. A form on receipt is checked by `rules.python`, which decides
alike.
"""

from collections.abc import Iterable, Mapping

import polars as pl

from renpu.concepts.identity_number import CHECK_CHARACTERS, WEIGHTS
from renpu.editing.language import (
    CONTEXT,
    DEATH_ITEMS,
    HOUSEHOLD_ITEMS,
    PERSON_ITEMS,
    Node,
    is_aggregate,
    walk,
)
from renpu.editing.rules import RuleSet
from renpu.editing.rules.facts import MONTHS

KEY = "household"
TYPES: Mapping[str, type[pl.DataType]] = {"int": pl.Int64, "text": pl.String, "bool": pl.Boolean}
MONTH = "^(18|19|20)[0-9]{2}(0[1-9]|1[0-2])$"


def check_frames(
    rules: RuleSet, households: pl.DataFrame, persons: pl.DataFrame, deaths: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Edits of all households: (household, line, rule, severity), ordered so; line 0 = the household.

    `households`: key `household`, items H1.., and the columns of `answers.Context`. `persons`, `deaths`: key, `line`
    from 1, their items. A column that is not there is taken as missing throughout.
    """
    return decide_frames(rules, households, persons, deaths).filter("fails").drop("fails")


def decide_frames(
    rules: RuleSet, households: pl.DataFrame, persons: pl.DataFrame, deaths: pl.DataFrame | None = None
) -> pl.DataFrame:
    """As `check_frames`, with a column `fails`: true, or null for a check that could not be evaluated."""
    dead = deaths if deaths is not None else pl.DataFrame(schema={KEY: households.schema[KEY], "line": pl.Int64})
    tables = {
        "household": _typed(households, "household", {**HOUSEHOLD_ITEMS, **CONTEXT}),
        "person": _typed(persons, "person", {"line": "int", **PERSON_ITEMS}).with_columns(*_person_facts(rules.t0)),
        "death": _typed(dead, "death", {"line": "int", **DEATH_ITEMS}).with_columns(*_death_facts()),
    }
    tables["person"] = tables["person"].with_columns(_person_age(rules.t0))
    tables["death"] = tables["death"].with_columns(_death_age())
    known = tables["household"]
    for who, relation in (("head", 0), ("spouse", 1)):
        chosen = (
            tables["person"].filter(pl.col("person.D2") == relation).sort(KEY, "person.line").unique(KEY, keep="first")
        )
        known = known.join(_renamed(chosen, "person", who), on=KEY, how="left")
    aggregates: dict[Node, str] = {}
    for check in rules.checks:
        for part in walk(check.fails):
            if is_aggregate(part):
                aggregates.setdefault(part, f"aggregate.{len(aggregates)}")
    for node, name in aggregates.items():
        known = _with_aggregate(known, tables, node, name)
    found = []
    for over in ("household", "person", "death"):
        checks = [check for check in rules.checks if check.over == over]
        rows = known if over == "household" else tables[over].join(known, on=KEY, how="left")
        line = pl.lit(0, pl.Int64) if over == "household" else pl.col(f"{over}.line")
        decided = rows.lazy().select(
            pl.col(KEY),
            line.alias("line"),
            *(_expression(check.fails, aggregates).alias(str(place)) for place, check in enumerate(checks)),
        )
        answers = decided.collect()
        for place, check in enumerate(checks):
            fails = pl.col(str(place))
            found.append(
                answers.filter(fails | fails.is_null()).select(
                    KEY,
                    "line",
                    pl.lit(check.rule).alias("rule"),
                    pl.lit(check.severity).alias("severity"),
                    fails.cast(pl.Boolean).alias("fails"),
                )
            )
    return pl.concat(found).sort(KEY, "line", "rule")


def _typed(frame: pl.DataFrame, prefix: str, columns: Mapping[str, str]) -> pl.DataFrame:
    made = []
    for name, kind in columns.items():
        column = pl.col(name) if name in frame.columns else pl.lit(None)
        column = column.cast(TYPES[kind])
        if kind == "text":
            column = pl.when(column != "").then(column)
        made.append(column.alias(f"{prefix}.{name}"))
    return frame.select(pl.col(KEY), *made)


def _renamed(frame: pl.DataFrame, prefix: str, new: str) -> pl.DataFrame:
    return frame.rename({name: f"{new}.{name.removeprefix(prefix + '.')}" for name in frame.columns if name != KEY})


def _month(column: str) -> pl.Expr:
    text = pl.col(column)
    month = (
        12 * text.str.slice(0, 4).cast(pl.Int64, strict=False) + text.str.slice(4, 2).cast(pl.Int64, strict=False) - 1
    )
    return pl.when(text.str.contains(MONTH)).then(month)


def _person_facts(t0: str) -> Iterable[pl.Expr]:
    number = pl.col("person.D3")
    digit = [number.str.slice(place, 1).cast(pl.Int64, strict=False) for place in range(17)]
    total = pl.sum_horizontal(*(weight * value for weight, value in zip(WEIGHTS, digit, strict=True)))
    character = (total % 11).replace_strict(dict(enumerate(CHECK_CHARACTERS)), return_dtype=pl.String)
    ok = number.str.contains("^[0-9]{17}[0-9X]$") & (character == number.str.slice(17, 1))
    day = number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    real = (day < pl.lit(t0).str.to_date()) & day.dt.year().is_between(1800, 2099)
    real = pl.when(ok).then(real.fill_null(False))
    yield _month("person.D5").alias("person.born")
    yield ok.alias("person.id_ok")
    yield real.alias("person.id_real")
    yield (
        pl.when(real)
        .then(12 * day.dt.year().cast(pl.Int64) + day.dt.month().cast(pl.Int64) - 1)
        .alias("person.id_born")
    )
    yield pl.when(ok).then(2 - digit[16] % 2).alias("person.id_sex")


def _person_age(t0: str) -> pl.Expr:
    return ((MONTHS[t0[:4] + t0[5:7]] - 1 - pl.col("person.born")) // 12).alias("person.age")


def _death_facts() -> Iterable[pl.Expr]:
    yield _month("death.birth").alias("death.born")
    yield _month("death.died").alias("death.dead")


def _death_age() -> pl.Expr:
    return ((pl.col("death.dead") - pl.col("death.born")) // 12).alias("death.age")


def _with_aggregate(known: pl.DataFrame, tables: Mapping[str, pl.DataFrame], node: Node, name: str) -> pl.DataFrame:
    """Households with one more column. No rows: a count of 0, an `exists` that is false, no greatest or least value."""
    kind = node[0]
    value: pl.Expr
    empty = pl.lit(None, pl.Int64)
    if kind == "exists":
        rows, condition = known, _expression(node[2], {})
        for alias, table in node[1]:
            rows = rows.join(_renamed(tables[table], table, alias), on=KEY, how="inner")
        value = pl.when(condition.any()).then(True).when(~condition.is_null().any()).then(False)
        empty = pl.lit(False)
    else:
        rows = tables[node[1]].join(known, on=KEY, how="left")
        condition = _expression(node[2] if kind == "count" else node[3], {})
        condition = condition & pl.col(KEY).is_not_null()  # a bare literal would stand for one row
        all_known = ~condition.is_null().any()
        if kind == "count":
            value = pl.when(all_known).then(condition.sum().cast(pl.Int64))
            empty = pl.lit(0, pl.Int64)
        else:
            kept = _expression(node[2], {}).filter(condition)
            value = pl.when(all_known & ~kept.is_null().any()).then(kept.max() if kind == "max" else kept.min())
    found = rows.group_by(KEY).agg(value.alias(name), pl.lit(True).alias("has_rows"))
    joined = known.join(found, on=KEY, how="left")
    return joined.with_columns(pl.when("has_rows").then(name).otherwise(empty).alias(name)).drop("has_rows")


def _expression(node: Node, aggregates: Mapping[Node, str]) -> pl.Expr:
    if not isinstance(node, tuple):
        return pl.lit(node, pl.Boolean if node is None or isinstance(node, bool) else None)
    if node in aggregates:
        return pl.col(aggregates[node])
    name, *parts = node
    if name == "count" and parts[1] is True:
        raise TypeError("an aggregate inside an aggregate")
    if name == "get":
        return pl.col(f"{parts[0]}.{parts[1]}")
    if name == "case":
        return _case(parts[0], parts[1], aggregates)
    if name == "in":
        return _expression(parts[0], aggregates).is_in(list(parts[1]))
    if name == "substr":
        return _expression(parts[0], aggregates).str.slice(parts[1] - 1, parts[2])
    if name == "match":
        return _expression(parts[0], aggregates).str.contains(f"^(?:{parts[1]})$")
    values = [_expression(part, aggregates) for part in parts]
    first = values[0]
    if name == "not":
        return ~first
    if name == "null":
        return first.is_null()
    if name == "abs":
        return first.abs()
    if name == "length":
        return first.str.len_chars()
    for value in values[1:]:
        first = _applied(name, first, value)
    return first


def _applied(name: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match name:
        case "and":
            return left & right
        case "or":
            return left | right
        case "=":
            return left == right
        case "<>":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    raise TypeError(f"{name} is not in the language of rules")


def _case(branches: Iterable[tuple[Node, Node]], otherwise: Node, aggregates: Mapping[Node, str]) -> pl.Expr:
    result = _expression(otherwise, aggregates)
    for condition, value in reversed(tuple(branches)):
        holds = _expression(condition, aggregates)
        result = pl.when(holds).then(_expression(value, aggregates)).when(~holds).then(result)
    return result
