"""The edit rules of the short form, for one census: read from YAML, checked, ready to be compiled.

In: `short_form.yaml`, the items of the questionnaire, the parameters of a census. Out: `RuleSet`, whose checks are
compiled to Python for a form on receipt (`rules.python`), to Polars for many households (`rules.frames`) and to data
for the field client (`client_program`). No Django, no database. GSBPM 5.3, review and validate.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from renpu.concepts.codes import code_list
from renpu.editing import questionnaire
from renpu.editing.language import Node, NotARule, is_aggregate, parse, walk

SEVERITIES = ("H", "C", "O")


@dataclass(frozen=True)
class Rule:
    """A row of the catalogue. `fails`: SQL, empty where the questionnaire alone decides; `needs`: why it is off."""

    id: str
    severity: str
    scope: str
    over: str
    basis: str
    title: tuple[str, str]
    message: tuple[str, str]
    fails: str = ""
    fields: tuple[str, ...] = ()
    needs: str = ""
    missing: tuple[str, ...] = ()
    skips: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    limits: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Check:
    """A condition on rows of `over`; true means that `rule` is violated. `shape`: the questionnaire demands it."""

    rule: str
    severity: str
    over: str
    fails: Node
    fields: tuple[str, ...]
    shape: bool = False


@dataclass(frozen=True)
class RuleSet:
    """The rules in force. `version` changes when a rule, an item or a parameter does; `t0` is the ISO date."""

    version: str
    rules: tuple[Rule, ...]
    checks: tuple[Check, ...]
    t0: str

    def rule(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == rule_id)


def rule_set(parameters: Mapping[str, Any]) -> RuleSet:
    """The rules of the census with these parameters.

    `t0` is required. Limits of the YAML's head may be given by name; `rules` may hold, by rule id, `{"on": false}` or
    other limits of that rule. NotARule where the YAML or a parameter does not fit the language.
    """
    return _rule_set(questionnaire.frozen(parameters))


@lru_cache(maxsize=8)
def _rule_set(frozen: str) -> RuleSet:
    parameters = json.loads(frozen)
    t0 = questionnaire.t0_of(parameters)
    head, rows = _declared()
    common = {name: parameters.get(name, value) for name, value in head.items()}
    common.update(months(t0.year, t0.month, t0.day))
    common["provinces"] = [code[:2] for code in code_list("province")]
    changes = parameters.get("rules", {})
    rules, checks = [], []
    for row in rows:
        change = changes.get(row["id"], {})
        limits = {**row.get("limits", {}), **{k: v for k, v in change.items() if k != "on"}}
        rule = _rule(row, limits, {**common, **limits})
        if not change.get("on", True):
            continue
        rules.append(rule)
        if rule.fails and not rule.needs:
            fails = parse(rule.fails, rule.over, {**common, **limits})
            _must_be_flat(rule, fails)
            checks.append(Check(rule.id, rule.severity, rule.over, fails, rule.fields))
    shape = _shape_checks(rules, questionnaire.items(parameters))
    version = hashlib.sha256((frozen + repr((rules, shape, checks))).encode()).hexdigest()[:12]
    return RuleSet(version, tuple(rules), (*shape, *checks), t0.isoformat())


def months(year: int, month: int, day: int) -> dict[str, int]:
    """Named months for rules, as 12 * year + month - 1, from the day of the census moment."""
    t0_month = 12 * year + month - 1
    return {
        "t0_month": t0_month,
        "last_month": t0_month - 1 if day == 1 else t0_month,
        "first_month": t0_month - 12,
        "half_year_month": t0_month - 7,
    }


def _declared() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    text = (resources.files("renpu.editing.rules") / "short_form.yaml").read_text(encoding="utf-8")
    declared = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return declared["limits"], declared["rules"]


def _rule(row: Mapping[str, Any], limits: Mapping[str, Any], words: Mapping[str, Any]) -> Rule:
    over = row.get("over") or ("household" if row["scope"] == "H" else "person")
    if row["severity"] not in SEVERITIES:
        raise NotARule(f"{row['id']}: severity {row['severity']}")
    zh, en = (text.format_map(words) for text in row["message"])
    lists = {name: tuple(row.get(name, ())) for name in ("fields", "missing", "skips", "values")}
    return Rule(
        id=row["id"],
        severity=row["severity"],
        scope=row["scope"],
        over=over,
        basis=row["basis"],
        title=(row["title"][0], row["title"][1]),
        message=(zh, en),
        fails=row.get("fails", ""),
        needs=row.get("needs", ""),
        limits=tuple(sorted(limits.items())),
        **lists,
    )


def _must_be_flat(rule: Rule, fails: Node) -> None:
    """An aggregate runs over the rows as they are: it sees no head, spouse or other aggregate. Keeps compiled forms
    one pass.
    """
    for part in walk(fails):
        if is_aggregate(part):
            for inner in walk(part[2:]):
                if is_aggregate(inner) or (inner[0] == "get" and inner[1] in ("head", "spouse")):
                    raise NotARule(f"{rule.id}: an aggregate may not hold {inner}")


def _shape_checks(rules: list[Rule], items: tuple[questionnaire.Item, ...]) -> list[Check]:
    """What the questionnaire itself demands of each item: answered where due, blank where skipped, in its list or
    range.
    """
    owner = {
        (kind, name): rule for rule in rules for kind in ("missing", "skips", "values") for name in getattr(rule, kind)
    }
    rest = next((rule for rule in rules if rule.id == "H-000"), None)
    if rest is None:
        raise NotARule("H-000 cannot be turned off: other rules rely on complete answers")
    found = []
    for item in items:
        blank = ("null", ("get", item.table, item.name))
        conditions = {
            "missing": ("and", item.relevant, item.required, blank),
            "skips": ("and", ("not", item.relevant), ("not", blank)),
            "values": ("and", ("not", blank), ("not", item.valid)),
        }
        if item.required is False:
            del conditions["missing"]
        if item.relevant is True:
            del conditions["skips"]
        if item.valid is None:
            del conditions["values"]
        for kind, fails in conditions.items():
            rule = owner.get((kind, item.name), rest)
            parts = tuple(part for part in fails if part is not True)
            condition = parts if len(parts) > 2 else parts[1]
            found.append(Check(rule.id, rule.severity, item.table, condition, (item.name,), shape=True))
    unknown = {name for _, name in owner} - {item.name for item in items}
    if unknown:
        raise NotARule(f"no item of the questionnaire is called {sorted(unknown)}")
    return found


def client_program(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The rules as data for `evaluate` of `field/src/rules.ts`, ready for JSON; office rules (O) are left out.

    `{version, t0, rules: {id: {severity, scope, title: [zh, en], message: [zh, en]}}, checks: [{rule, over, fields,
    shape, fails}]}`. `fails` is a tree as `language` describes it (tuples become arrays): prefix form, scalars
    are literals, true means violated, null means that it cannot be told. `t0` is the ISO date from which the client
    derives ages.
    """
    rules = rule_set(parameters)
    return {
        "version": rules.version,
        "t0": rules.t0,
        "rules": {
            rule.id: {
                "severity": rule.severity,
                "scope": rule.scope,
                "title": list(rule.title),
                "message": list(rule.message),
            }
            for rule in rules.rules
            if rule.severity != "O" and not rule.needs
        },
        "checks": [
            {
                "rule": check.rule,
                "over": check.over,
                "fields": list(check.fields),
                "shape": check.shape,
                "fails": check.fails,
            }
            for check in rules.checks
            if check.severity != "O"
        ],
    }


def catalogue() -> str:
    """docs/edits.md: all rules with condition, limits, basis and both messages, with the limits of the 2020 census."""
    head, _ = _declared()
    rules = rule_set({"t0": "2020-11-01"}).rules
    lines = [
        "# Edit rules of the short form (审核关系)",
        "",
        "Generated from `renpu/editing/rules/short_form.yaml`; change it there. A condition is true when the rule",
        "is violated; a missing operand makes a rule not evaluable. H hard, C query, O office. Rules without a",
        "condition are decided by the questionnaire; rules marked *off* need data that one form does not hold.",
        "",
        "Limits: " + ", ".join(f"`{name}` = {value}" for name, value in head.items()) + ".",
        "",
        "| id | sev | scope | 名称 | Title | Violated when | Limits | Basis | 提示 | Message |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for rule in rules:
        condition = f"`{' '.join(rule.fails.split())}`" if rule.fails else ""
        for label, names in (("blank", rule.missing), ("skipped", rule.skips), ("value", rule.values)):
            condition += f" {label}: {', '.join(names)}" if names else ""
        if rule.needs:
            condition = f"*off: needs {rule.needs}*"
        limits = ", ".join(f"{name} = {value}" for name, value in rule.limits)
        cells = (rule.id, rule.severity, rule.scope, *rule.title, condition.strip(), limits, rule.basis, *rule.message)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


__all__ = ["Check", "NotARule", "Rule", "RuleSet", "catalogue", "client_program", "months", "rule_set"]
