"""Edit rules compiled to one straight Python function, for a form on receipt.

`checker(rule_set)` writes Python source and executes it once. The source holds three functions: `shape` (the
questionnaire's own demands, facts of each row), then `complete` for a form on which nothing is missing, or `partial`
for one where any operand may be. In `complete`, an answer that is due is known to be there, so most tests for missing
values fall away; what is still unknown there can only come from the context (roster, status), and is counted. Texts
from the YAML enter as literals (`repr`) alone.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from renpu.editing.answers import Answers, Context
from renpu.editing.language import (
    CONTEXT,
    DEATH_FACTS,
    DEATH_ITEMS,
    HOUSEHOLD_ITEMS,
    PERSON_FACTS,
    PERSON_ITEMS,
    Node,
    columns,
    evaluate,
)
from renpu.editing.rules import Check, RuleSet, facts
from renpu.editing.rules.facts import MONTHS, NO_NUMBER, identity


class Edit(NamedTuple):
    """A rule violated. line: of the person, or of the death line for rules on deaths; 0 = the household."""

    rule: str
    line: int
    fields: tuple[str, ...]


class Edits(NamedTuple):
    """What a check found: hard (blocks), query (to be confirmed), office (a list), and how many checks could not be
    evaluated.
    """

    hard: list[Edit]
    query: list[Edit]
    office: list[Edit]
    not_evaluable: int


Checker = Callable[[Answers, Context], Edits]

SEVERITY_LIST = {"H": "hard", "C": "query", "O": "office"}
PERSON_COLUMNS = (*PERSON_ITEMS, *PERSON_FACTS)
DEATH_COLUMNS = (*DEATH_ITEMS, *DEATH_FACTS)
HOUSEHOLD_COLUMNS = (*HOUSEHOLD_ITEMS, *CONTEXT)
COLUMNS_OF = {"person": PERSON_COLUMNS, "death": DEATH_COLUMNS, "household": HOUSEHOLD_COLUMNS}
PREFIX = {"person": "p_", "death": "d_", "household": "h_", "head": "head_", "spouse": "spouse_"}

# What may be blank on a form where every due answer is given.
MAY_BE_BLANK = {
    "household": {"H5", "H6", "H7", *CONTEXT},
    "person": {
        "D3",
        "D3_reason",
        "D7_code",
        "D8_code",
        "D9",
        "D10",
        "D11",
        "D12",
        "id_ok",
        "id_real",
        "id_born",
        "id_sex",
    },
}
INVERSE = {"=": "!=", "<>": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
PYTHON = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def checker(rules: RuleSet) -> Checker:
    """A function (answers, context) -> Edits for these rules; compiled once and kept."""
    return _compiled(rules)


@lru_cache(maxsize=8)
def _compiled(rules: RuleSet) -> Checker:
    source, names = generate(rules)
    exec(compile(source, f"<edit rules {rules.version}>", "exec"), names)
    return names["check"]  # type: ignore[no-any-return]


def interpret(rules: RuleSet, answers: Answers, context: Context) -> Edits:
    """The same by walking the trees: slow, plain, the yardstick."""
    tables = facts.rows_of(answers, context, rules.t0)
    household = tables["household"][0]
    head = next((row for row in tables["person"] if row["D2"] == 0), None)
    spouse = next((row for row in tables["person"] if row["D2"] == 1), None)
    rows = {"household": household, "head": head, "spouse": spouse, "person": None, "death": None}
    found = Edits([], [], [], 0)
    unknown = 0
    for check in rules.checks:
        for row in tables[check.over]:
            fails = evaluate(check.fails, {**rows, check.over: row}, tables)
            if fails is None:
                unknown += 1
            elif fails:
                line = 0 if check.over == "household" else row["line"]
                getattr(found, SEVERITY_LIST[check.severity]).append(Edit(check.rule, line, check.fields))
    return found._replace(not_evaluable=unknown)


class _Code:
    """Turns trees into Python expressions: when a tree is true, when false, when null, and its value."""

    def __init__(self, complete: bool, names: dict[str, Any]) -> None:
        self.complete = complete
        self.names = names
        self.aggregates: dict[Node, str] = {}
        self.aliases: dict[str, tuple[str, str]] = {}

    def name(self, node: Node) -> str:
        row, column = str(node[1]), str(node[2])
        if row in self.aliases:
            table, variable = self.aliases[row]
            return f"{variable}[{COLUMNS_OF[table].index(column)}]"
        return PREFIX[row] + column

    def may_be_null(self, row: str, column: str) -> bool:
        table = self.aliases[row][0] if row in self.aliases else row
        if row == "spouse":
            return True
        if table == "death":
            return column != "line"
        if self.complete:
            return column in MAY_BE_BLANK["household" if table == "household" else "person"]
        return row == "head" or column != "line"

    def null(self, node: Node) -> str:
        """When the value is missing; "False" if it never is."""
        if not isinstance(node, tuple):
            return str(node is None)
        kind = node[0]
        if kind == "get":
            return f"{self.name(node)} is None" if self.may_be_null(node[1], node[2]) else "False"
        if kind == "count":
            return "False" if self.complete or node[2] is True else f"{self.aggregate(node)} is None"
        if kind in ("max", "min"):
            return f"{self.aggregate(node)} is None"
        if kind == "case":
            return self.null_case(node[1], node[2])
        if kind in ("and", "or", "not", "null", "exists", "in", "match", *PYTHON):
            return _all([_not(self.true(node)), _not(self.false(node))])
        return _any([self.null(part) for part in node[1:]])

    def null_case(self, branches: tuple[Any, ...], otherwise: Node) -> str:
        if not branches:
            return self.null(otherwise)
        (condition, value), rest = branches[0], branches[1:]
        here, after = self.null(value), self.null_case(rest, otherwise)
        unknown = self.null(condition)
        if here == after == "False":
            return unknown if not rest else _any([unknown])
        return f"({here} if {self.true(condition)} else {_any([unknown, after])})"

    def value(self, node: Node) -> str:
        """The value, for use where `null` is known to be false."""
        if not isinstance(node, tuple):
            return repr(node)
        kind = node[0]
        if kind == "get":
            return self.name(node)
        if kind in ("count", "max", "min"):
            return self.aggregate(node)
        if kind == "case":
            text = self.value(node[2])
            for condition, value in reversed(node[1]):
                text = f"({self.value(value)} if {self.true(condition)} else {text})"
            return self.table_lookup(node) or text
        if kind in ("+", "-", "*"):
            return f"({self.value(node[1])} {kind} {self.value(node[2])})"
        if kind == "abs":
            return f"abs({self.value(node[1])})"
        if kind == "length":
            return f"len({self.value(node[1])})"
        if kind == "substr":
            if node[2:] == (1, 1):
                return f"{self.value(node[1])}[:1]"
            return f"{self.value(node[1])}[{node[2] - 1}:{node[2] - 1 + node[3]}]"
        return self.true(node)

    def table_lookup(self, node: Node) -> str:
        """`case x when 3 then 5 when 4 then 9 … else 0 end` reads a table, if all of it is literal."""
        subjects = {condition[1] for condition, _ in node[1] if condition[0] == "="}
        literal = all(
            condition[0] == "=" and not isinstance(condition[2], tuple) and type(value) is int
            for condition, value in node[1]
        )
        if len(subjects) != 1 or not literal or type(node[2]) is not int or len(node[1]) < 3:
            return ""
        table = self.constant({condition[2]: value for condition, value in node[1]})
        return f"{table}.get({self.value(subjects.pop())}, {node[2]})"

    def constant(self, value: Any) -> str:
        name = f"_k{len(self.names)}"
        self.names[name] = value
        return name

    def true(self, node: Node) -> str:
        return self.holds(node, True)

    def false(self, node: Node) -> str:
        return self.holds(node, False)

    def holds(self, node: Node, wanted: bool) -> str:
        if not isinstance(node, tuple):
            return str(node is wanted)
        kind = node[0]
        if kind == "not":
            return self.holds(node[1], not wanted)
        if kind in ("and", "or"):
            parts = [self.holds(part, wanted) for part in node[1:]]
            return _all(parts) if (kind == "and") is wanted else _any(parts)
        if kind == "null":
            missing = self.null(node[1])
            return missing if wanted else _not(missing)
        if kind == "get":
            return self.name(node) if wanted else f"{self.name(node)} is False"
        if kind == "exists":
            return self.exists(node, wanted)
        if kind in PYTHON:
            sign = PYTHON[kind] if wanted else INVERSE[kind]
            guards = [_not(self.null(part)) for part in node[1:]]
            if sign == "==" and not isinstance(node[2], tuple) and isinstance(node[1], tuple) and node[1][0] == "get":
                guards = []  # a missing value equals no literal
            return _all([*guards, f"{self.value(node[1])} {sign} {self.value(node[2])}"])
        if kind == "in":
            listed = self.constant(frozenset(node[2])) if len(node[2]) > 6 else repr(tuple(node[2]))
            if wanted:
                return _all([*self.unless_simple(node[1]), f"{self.value(node[1])} in {listed}"])
            return _all([_not(self.null(node[1])), f"{self.value(node[1])} not in {listed}"])
        if kind == "match":
            matcher = self.constant(re.compile(node[2]).fullmatch)
            sign = "is not" if wanted else "is"
            return _all([_not(self.null(node[1])), f"{matcher}({self.value(node[1])}) {sign} None"])
        raise TypeError(f"{node!r} is no condition")

    def unless_simple(self, node: Node) -> list[str]:
        return [] if isinstance(node, tuple) and node[0] == "get" else [_not(self.null(node))]

    def exists(self, node: Node, wanted: bool) -> str:
        loops = []
        for depth, (alias, table) in enumerate(node[1]):
            variable = f"r{depth}"
            self.aliases[alias] = (table, variable)
            loops.append(f"for {variable} in {table}s")
        inner = self.holds(node[2], wanted)
        for alias, _ in node[1]:
            del self.aliases[alias]
        return f"{'any' if wanted else 'all'}({inner} {' '.join(loops)})"

    def aggregate(self, node: Node) -> str:
        if node[0] == "count" and node[2] is True:
            return f"n_{node[1]}"
        return self.aggregates.setdefault(node, f"{node[0]}{len(self.aggregates)}")


def _all(parts: Iterable[str]) -> str:
    return _joined(parts, " and ", "True", "False")


def _any(parts: Iterable[str]) -> str:
    return _joined(parts, " or ", "False", "True")


def _joined(parts: Iterable[str], word: str, neutral: str, decisive: str) -> str:
    kept = [part for part in dict.fromkeys(parts) if part != neutral]
    if decisive in kept:
        return decisive
    if not kept:
        return neutral
    return kept[0] if len(kept) == 1 else "(" + word.join(kept) + ")"


def _not(text: str) -> str:
    if text in ("True", "False"):
        return str(text == "False")
    if re.fullmatch(r"[\w\[\]]+ is None", text):
        return text.replace(" is None", " is not None")
    return f"not ({text})"


def generate(rules: RuleSet) -> tuple[str, dict[str, Any]]:
    """(source, names it needs). `check(answers, context)` is the function in it."""
    names: dict[str, Any] = {
        "MONTHS": MONTHS.get,
        "identity": identity,
        "NO_NUMBER": NO_NUMBER,
        "Edit": Edit,
        "Edits": Edits,
    }
    lines = _shape(rules, names)
    lines += _rules(rules, names, complete=True)
    lines += _rules(rules, names, complete=False)
    return "\n".join(lines) + "\n", names


def _fire(check: Check, names: dict[str, Any], line: str) -> str:
    target = SEVERITY_LIST[check.severity]
    if check.over == "household":
        name = f"_e{len(names)}"
        names[name] = Edit(check.rule, 0, check.fields)
        return f"{target}.append({name})"
    return f"{target}.append(Edit({check.rule!r}, {line}, {check.fields!r}))"


def _test(code: _Code, check: Check, line: str, indent: str, count_unknown: bool) -> list[str]:
    true, false = code.true(check.fails), code.false(check.fails)
    if true == "False" and (false == "True" or not count_unknown):
        return []
    lines = [f"{indent}if {true}:", f"{indent}    {_fire(check, code.names, line)}"]
    if count_unknown and false != "True" and code.null(check.fails) != "False":
        lines += [f"{indent}elif {_not(false)}:", f"{indent}    unknown += 1"]
    return lines


def _shape(rules: RuleSet, names: dict[str, Any]) -> list[str]:
    code = _Code(complete=False, names=names)
    t0_month, t0_number = MONTHS[rules.t0[:4] + rules.t0[5:7]], int(rules.t0.replace("-", ""))
    shape = [check for check in rules.checks if check.shape]
    out = ["def check(answers, context):", "    household = answers.household"]
    for column in HOUSEHOLD_ITEMS:
        out.append(f"    h_{column} = household.{column}")
    for column, kind in CONTEXT.items():
        out.append(f"    h_{column} = context.{column}" + (" or None" if kind == "text" else ""))
    out += ["    hard = []; query = []; office = []; unknown = 0", "    head = spouse = None", "    persons = []"]
    for check in shape:
        if check.over == "household":
            out += _test(code, check, "0", "    ", True)
    out += ["    line = 0", "    for person in answers.persons:", "        line += 1"]
    out += _items(PERSON_ITEMS, "p_", "person")
    out += [
        "        p_born = MONTHS(p_D5)",
        f"        p_age = None if p_born is None else ({t0_month - 1} - p_born) // 12",
        f"        p_id_ok, p_id_real, p_id_born, p_id_sex = NO_NUMBER if p_D3 is None else identity(p_D3, {t0_number})",
    ]
    out += _shape_of_rows(code, [check for check in shape if check.over == "person"])
    fields = ", ".join("line" if column == "line" else f"p_{column}" for column in PERSON_COLUMNS)
    out += [
        f"        row = ({fields})",
        "        if p_D2 == 0 and head is None:",
        "            head = row",
        "        elif p_D2 == 1 and spouse is None:",
        "            spouse = row",
        "        persons.append(row)",
        "    deaths = []",
        "    if answers.deaths:",
        "      line = 0",
        "      for death in answers.deaths:",
        "        line += 1",
    ]
    out += _items(DEATH_ITEMS, "d_", "death")
    out += [
        "        d_born = MONTHS(d_birth)",
        "        d_dead = MONTHS(d_died)",
        "        d_age = None if d_born is None or d_dead is None else (d_dead - d_born) // 12",
    ]
    out += _shape_of_rows(code, [check for check in shape if check.over == "death"])
    fields = ", ".join("line" if column == "line" else f"d_{column}" for column in DEATH_COLUMNS)
    out.append(f"        deaths.append(({fields}))")
    arguments = "household, persons, deaths, head, spouse, hard, query, office, unknown"
    row = ", ".join(f"h_{column}" for column in HOUSEHOLD_COLUMNS)
    out += [
        f"    household = ({row})",
        "    if head is None or unknown or hard or query or office:",
        f"        return partial({arguments})",
        f"    return complete({arguments})",
    ]
    return out


def _items(items: Iterable[str] | dict[str, str], prefix: str, row: str) -> list[str]:
    kinds = PERSON_ITEMS if row == "person" else DEATH_ITEMS
    return [f"        {prefix}{name} = {row}.{name}" + (" or None" if kinds[name] == "text" else "") for name in items]


def _shape_of_rows(code: _Code, checks: list[Check]) -> list[str]:
    """The checks of one item share the question whether it is blank."""
    out: list[str] = []
    by_item: dict[str, list[Check]] = {}
    for check in checks:
        by_item.setdefault(check.fields[0], []).append(check)
    for item, group in by_item.items():
        variable = code.name(("get", group[0].over, item))
        blank: list[str] = []
        given: list[str] = []
        for check in group:
            parts = check.fails[1:] if check.fails[0] == "and" else (check.fails,)
            test = ("null", ("get", check.over, item))
            when_blank = test in parts
            rest = tuple(part for part in parts if part not in (test, ("not", test)))
            fails = ("and", *rest) if rest else True
            target = blank if when_blank else given
            target += _test(
                code, Check(check.rule, check.severity, check.over, fails, check.fields), "line", " " * 12, True
            )
        if blank:
            out += [f"        if {variable} is None:", *blank]
            if given:
                out += ["        else:", *given]
        elif given:
            out += [f"        if {variable} is not None:", *given]
    return out


def _rules(rules: RuleSet, names: dict[str, Any], *, complete: bool) -> list[str]:
    code = _Code(complete, names)
    checks = [check for check in rules.checks if not check.shape]
    body: list[str] = []
    for check in checks:
        if check.over == "household":
            body += _test(code, check, "0", "    ", not complete or _reads_context(check.fails))
    person_body: list[str] = []
    for check in checks:
        if check.over == "person":
            person_body += _test(code, check, "p_line", " " * 8, not complete or _reads_context(check.fails))
    death_code = _Code(False, names)
    death_body: list[str] = []
    for check in checks:
        if check.over == "death":
            death_body += _test(death_code, check, "d_line", " " * 8, True)
    if death_code.aggregates:
        raise TypeError("a rule on deaths may not use aggregates")
    name = "complete" if complete else "partial"
    out = [f"def {name}(household, persons, deaths, head, spouse, hard, query, office, unknown):"]
    out.append(f"    {', '.join(f'h_{column}' for column in HOUSEHOLD_COLUMNS)} = household")
    out += ["    n_person = len(persons)", "    n_death = len(deaths)"]
    out += _relative("head", rules) + _relative("spouse", rules)
    out += _aggregates(code)
    out += body
    out += [f"    for {', '.join(f'p_{column}' for column in PERSON_COLUMNS)} in persons:", *person_body]
    out += [
        f"    for {', '.join(f'd_{column}' for column in DEATH_COLUMNS)} in deaths:",
        *(death_body or ["        pass"]),
    ]
    out.append("    return Edits(hard, query, office, unknown)")
    return out


def _reads_context(fails: Node) -> bool:
    return any(row == "household" and column in CONTEXT for row, column in columns(fails))


def _relative(who: str, rules: RuleSet) -> list[str]:
    used = sorted({column for check in rules.checks for row, column in columns(check.fails) if row == who})
    if not used:
        return []
    left = ", ".join(f"{who}_{column}" for column in used)
    right = ", ".join(f"{who}[{PERSON_COLUMNS.index(column)}]" for column in used)
    return [
        f"    if {who} is None:",
        f"        {' = '.join(f'{who}_{column}' for column in used)} = None",
        "    else:",
        f"        {left} = {right}",
    ]


def _aggregates(code: _Code) -> list[str]:
    """One pass over the rows for all aggregates; a missing operand makes an aggregate missing."""
    out: list[str] = []
    for table, prefix in (("person", "p_"), ("death", "d_")):
        inner: list[str] = []
        lost: list[str] = []
        strict = table == "death" or not code.complete
        for node, name in list(code.aggregates.items()):
            if node[1] != table:
                continue
            condition = node[2] if node[0] == "count" else node[3]
            true, false = code.true(condition), code.false(condition)
            unknown = false if strict and code.null(condition) != "False" else ""
            if node[0] == "count":
                out.append(f"    {name} = 0")
                inner += [f"        if {true}:", f"            {name} += 1"]
            else:
                sign = ">" if node[0] == "max" else "<"
                value = code.value(node[2])
                missing = code.null(node[2])
                out.append(f"    {name} = None")
                inner += [f"        if {true}:"]
                if missing != "False":
                    inner += [f"            if {missing}:", f"                lost_{name} = True"]
                    unknown = unknown or "True"
                    inner += [f"            elif {name} is None or {value} {sign} {name}:"]
                else:
                    inner += [f"            if {name} is None or {value} {sign} {name}:"]
                inner += [f"                {name} = {value}"]
            if unknown:
                out.append(f"    lost_{name} = False")
                inner += (
                    [f"        elif {_not(unknown)}:", f"            lost_{name} = True"] if unknown != "True" else []
                )
                lost += [f"    if lost_{name}:", f"        {name} = None"]
        if inner:
            names = ", ".join(f"{prefix}{column}" for column in COLUMNS_OF[table])
            out += [f"    for {names} in {table}s:", *inner, *lost]
    return out
