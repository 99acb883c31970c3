"""The language of edit rules: SQL conditions over one household, with one meaning of missing.

A rule is written as a condition that is **true when the rule is violated**. `parse` reads it with sqlglot and gives a
tree of nested tuples that is also valid JSON, so that the same tree is interpreted here, turned into Python
(`rules.python`), into Polars (`rules.frames`) and sent to the field client (`field/src/rules.ts`).

Rows a condition can speak of: the `household` (its items, and what the roster knows), each `person`, each `death`
line, `head` and `spouse` (the first person with D2 = 0 and D2 = 1; every column is null where there is none). A bare
name is looked up in the row at hand, then in the household.

Tree (a scalar is a literal; null is a missing value)
    ["get", row, column]           row: household, person, death, head, spouse, or an alias of `exists`
    ["and", a, ...] ["or", a, ...] ["not", a]
    ["=", a, b] and <> < <= > >=   null where either side is null
    ["+", a, b] and - *            null where either side is null
    ["in", a, [literal, ...]]      null where a is null
    ["null", a]                    true or false, never null
    ["case", [[condition, value], ...], otherwise]   the first condition that is true; null if an unknown one is before
    ["abs", a] ["length", text] ["substr", text, from, count]   from counts from 1, in characters, not bytes
    ["match", text, pattern]       the whole text; the pattern is common to Python, Rust and JavaScript (flag u)
    ["count", table, condition]    rows for which it is true; null where any row is unknown
    ["max", table, value, condition] and min     null where any condition or value is unknown, or no row is left
    ["exists", [[alias, table], ...], condition] some combination is true; null where none is true and one is unknown

`and`, `or`, `not` follow Kleene: false and null is false, true or null is true. `case` and aggregates differ from SQL
on purpose: SQL passes an unknown condition over and leaves an unknown row out, and so decides a rule without knowing.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlglot
from sqlglot import exp

type_of_item = {"int": int, "text": str, "bool": bool}

HOUSEHOLD_ITEMS: Mapping[str, str] = dict.fromkeys(
    ("H1", "H2a", "H2b", "H3m", "H3f", "H4m", "H4f", "H5", "H6", "H7"), "int"
)
CONTEXT: Mapping[str, str] = {
    "household_status": "int",
    "household_no": "text",
    "household_type": "int",
    "county": "text",
    "n_here": "int",
    "n_away": "int",
}
PERSON_ITEMS: Mapping[str, str] = {
    "D1": "text",
    "D2": "int",
    "D3": "text",
    "D3_reason": "int",
    "D4": "int",
    "D5": "text",
    "D6": "text",
    "D7": "int",
    "D7_code": "text",
    "D8": "int",
    "D8_code": "text",
    "D9": "int",
    "D10": "int",
    "D11": "int",
    "D12": "int",
}
PERSON_FACTS: Mapping[str, str] = {
    "line": "int",  # from 1, in the order of the form
    "born": "int",  # month of birth, counted from year 0 (12 * year + month - 1)
    "age": "int",  # completed years at the census moment, from year and month of birth
    "id_ok": "bool",  # 18 characters, right check character
    "id_real": "bool",  # the date inside is a real one before the census moment
    "id_born": "int",  # month of birth inside the number, as `born`; null unless id_real
    "id_sex": "int",  # 1 or 2, from the 17th digit; null unless id_ok
}
DEATH_ITEMS: Mapping[str, str] = {"name": "text", "sex": "int", "birth": "text", "died": "text"}
DEATH_FACTS: Mapping[str, str] = {
    "line": "int",
    "born": "int",
    "dead": "int",  # month of death, counted like `born`
    "age": "int",  # completed years at death
}
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "household": {**HOUSEHOLD_ITEMS, **CONTEXT},
    "person": {**PERSON_ITEMS, **PERSON_FACTS},
    "death": {**DEATH_ITEMS, **DEATH_FACTS},
}
ROWS: Mapping[str, str] = {
    "household": "household",
    "person": "person",
    "death": "death",
    "head": "person",
    "spouse": "person",
}

Node = Any  # None, bool, int, str, or a tuple whose first element names the operation

COMPARISONS = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
ARITHMETIC = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}


class NotARule(ValueError):
    """The condition is not in the language; says what was met and where."""


def parse(sql: str, over: str = "household", parameters: Mapping[str, Any] | None = None) -> Node:
    """The tree of a condition on rows of `over`; `:name` takes the value of a parameter.

    Raises NotARule for an unknown column, parameter or construct.
    """
    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
    except sqlglot.errors.ParseError as error:
        raise NotARule(f"{sql!r}: {error}") from error
    return _Reader(sql, over, parameters or {}).node(tree)


class _Reader:
    def __init__(self, sql: str, over: str, parameters: Mapping[str, Any]) -> None:
        self.sql = sql
        self.over = over
        self.parameters = parameters
        self.rows: dict[str, str] = dict(ROWS)

    def fail(self, what: object) -> NotARule:
        return NotARule(f"{self.sql!r}: {what} is not in the language of rules")

    def node(self, tree: Any) -> Node:
        kind = type(tree)
        if kind is exp.Paren:
            return self.node(tree.this)
        if kind is exp.Literal:
            return str(tree.this) if tree.is_string else int(tree.this)
        if kind is exp.Boolean:
            return bool(tree.this)
        if kind is exp.Null:
            return None
        if kind is exp.Neg and isinstance(tree.this, exp.Literal):
            return -int(tree.this.this)
        if kind is exp.Placeholder:
            if tree.name not in self.parameters:
                raise self.fail(f"parameter :{tree.name}")
            value = self.parameters[tree.name]
            return tuple(value) if isinstance(value, list) else value
        if kind is exp.Column:
            return self.column(tree)
        if kind in (exp.And, exp.Or):
            name = "and" if kind is exp.And else "or"
            return (name, *(self.node(part) for part in tree.flatten()))
        if kind is exp.Not:
            return ("not", self.node(tree.this))
        if kind in COMPARISONS:
            return self.typed(COMPARISONS[kind], self.node(tree.this), self.node(tree.expression))
        if kind in ARITHMETIC:
            return (ARITHMETIC[kind], self.node(tree.this), self.node(tree.expression))
        if kind is exp.Between:
            low, high = tree.args["low"], tree.args["high"]
            what = self.node(tree.this)
            return ("and", (">=", what, self.node(low)), ("<=", what, self.node(high)))
        if kind is exp.In:
            listed = tuple(self.node(part) for part in tree.expressions)
            if len(listed) == 1 and isinstance(listed[0], tuple):
                listed = listed[0]
            if not listed:
                raise self.fail("an empty list")
            return ("in", self.node(tree.this), listed)
        if kind is exp.Is and isinstance(tree.expression, exp.Null):
            return ("null", self.node(tree.this))
        if kind is exp.Case:
            return self.case(tree)
        if kind is exp.Abs:
            return ("abs", self.node(tree.this))
        if kind is exp.Length:
            return ("length", self.node(tree.this))
        if kind is exp.Substring:
            return ("substr", self.node(tree.this), self.node(tree.args["start"]), self.node(tree.args["length"]))
        if kind in (exp.RegexpLike, exp.RegexpFullMatch):
            pattern = self.node(tree.expression)
            re.compile(pattern)
            return ("match", self.node(tree.this), pattern)
        return self.aggregate(tree)

    def column(self, tree: exp.Column) -> Node:
        name, row = tree.name, tree.table
        if not row:
            row = self.over if name in COLUMNS[self.rows[self.over]] else "household"
        if row not in self.rows:
            raise self.fail(f"row {row}")
        if name not in COLUMNS[self.rows[row]]:
            raise self.fail(f"column {row}.{name}")
        return ("get", row, name)

    def typed(self, name: str, left: Node, right: Node) -> Node:
        """A literal next to a column takes the column's type: forms write '5' and 5 alike."""
        if isinstance(left, tuple) and left[0] == "get" and type(right) in (int, str):
            wanted = type_of_item[COLUMNS[self.rows[left[1]]][left[2]]]
            right = wanted(right)
        return (name, left, right)

    def case(self, tree: exp.Case) -> Node:
        subject = self.node(tree.this) if tree.this is not None else None
        branches = []
        for branch in tree.args["ifs"]:
            condition = self.node(branch.this)
            if subject is not None:
                condition = ("=", subject, condition)
            branches.append((condition, self.node(branch.args["true"])))
        default = tree.args.get("default")
        return ("case", tuple(branches), None if default is None else self.node(default))

    def aggregate(self, tree: Any) -> Node:
        condition: Any = None
        if isinstance(tree, exp.Filter):
            condition = tree.expression.this
            tree = tree.this
        if isinstance(tree, exp.Count) and isinstance(tree.this, exp.Star) and condition is None:
            return ("count", "person", True)
        if isinstance(tree, exp.CountIf):
            table = self.table_of(tree.this)
            return ("count", table, self.inside(table, tree.this))
        if isinstance(tree, exp.Max | exp.Min):
            table = self.table_of(tree.this)
            name = "max" if isinstance(tree, exp.Max) else "min"
            chosen = True if condition is None else self.inside(table, condition)
            return (name, table, self.inside(table, tree.this), chosen)
        if isinstance(tree, exp.Exists):
            select = tree.this
            tables = [select.args["from_"].this, *(join.this for join in select.args.get("joins") or ())]
            aliases = tuple((table.alias_or_name, table.name) for table in tables)
            strange = {table for _, table in aliases} - {"person", "death"}
            if strange:
                raise self.fail(f"table {strange.pop()}")
            outer = dict(self.rows)
            self.rows.update(aliases)
            found = ("exists", aliases, self.node(select.args["where"].this))
            self.rows = outer
            return found
        raise self.fail(type(tree).__name__)

    def inside(self, table: str, tree: Any) -> Node:
        outer, self.over = self.over, table
        found = self.node(tree)
        self.over = outer
        return found

    def table_of(self, tree: Any) -> str:
        return "death" if any(column.table == "death" for column in tree.find_all(exp.Column)) else "person"


def walk(node: Node) -> Iterable[tuple[Any, ...]]:
    """Every operation in a tree, the tree itself first."""
    if not isinstance(node, tuple):
        return
    if node and isinstance(node[0], str):
        yield node
    for part in node:
        yield from walk(part)


def columns(node: Node) -> set[tuple[str, str]]:
    """(row, column) pairs that a tree reads, those inside aggregates included."""
    return {(part[1], part[2]) for part in walk(node) if part[0] == "get" and len(part) == 3}


def is_aggregate(node: tuple[Any, ...]) -> bool:
    return node[0] in ("count", "max", "min", "exists")


Row = Mapping[str, Any]


def evaluate(node: Node, rows: Mapping[str, Row | None], tables: Mapping[str, Sequence[Row]]) -> Any:
    """The plain interpreter, the yardstick of the compiled forms: a value, True, False, or None where it cannot be
    told.
    """
    if not isinstance(node, tuple):
        return node
    name = node[0]
    if name == "get":
        row = rows[node[1]]
        return None if row is None else row[node[2]]
    if name in ("and", "or"):
        decisive = name == "or"
        found = [evaluate(part, rows, tables) for part in node[1:]]
        if any(part is decisive for part in found):
            return decisive
        return None if None in found else not decisive
    if name == "not":
        value = evaluate(node[1], rows, tables)
        return None if value is None else not value
    if name == "null":
        return evaluate(node[1], rows, tables) is None
    if name == "case":
        for condition, value in node[1]:
            holds = evaluate(condition, rows, tables)
            if holds is None:
                return None
            if holds:
                return evaluate(value, rows, tables)
        return evaluate(node[2], rows, tables)
    if name == "in":
        value = evaluate(node[1], rows, tables)
        return None if value is None else value in node[2]
    if name == "count":
        found = [evaluate(node[2], {**rows, node[1]: row}, tables) for row in tables[node[1]]]
        return None if None in found else sum(found)
    if name in ("max", "min"):
        values = []
        for row in tables[node[1]]:
            inner = {**rows, node[1]: row}
            chosen = evaluate(node[3], inner, tables)
            if chosen is None:
                return None
            if chosen:
                values.append(evaluate(node[2], inner, tables))
        if not values or None in values:
            return None
        return max(values) if name == "max" else min(values)
    if name == "exists":
        return _exists(node[1], node[2], rows, tables)
    values = [evaluate(part, rows, tables) for part in node[1:]]
    return None if None in values else APPLY[name](*values)


def _exists(
    aliases: tuple[tuple[str, str], ...],
    condition: Node,
    rows: Mapping[str, Row | None],
    tables: Mapping[str, Sequence[Row]],
) -> bool | None:
    if not aliases:
        found = evaluate(condition, rows, tables)
        return None if found is None else bool(found)
    (alias, table), rest = aliases[0], aliases[1:]
    unknown = False
    for row in tables[table]:
        found = _exists(rest, condition, {**rows, alias: row}, tables)
        if found:
            return True
        unknown = unknown or found is None
    return None if unknown else False


APPLY: Mapping[str, Callable[..., Any]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "abs": abs,
    "length": len,
    "substr": lambda text, start, count: text[start - 1 : start - 1 + count],
    "match": lambda text, pattern: re.fullmatch(pattern, text) is not None,
}
