"""The short form as an XForm, and its items as data for the check on receipt.

`questionnaires/short.md` is an XLSForm in Markdown: the only place where an item's wording, type, skip and range
stand. Choices come from the code lists; dates and limits are parameters. `{{name}}` in the file takes a parameter, so
that no year stands in it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

from renpu.concepts.codes import code_list
from renpu.concepts.identity_number import CHECK_CHARACTERS, WEIGHTS
from renpu.editing.language import COLUMNS, Node, parse

FORM_ID = "renpu_short"
ZH, EN = "label::中文 (zh)", "label::English (en)"
TABLE_OF_GROUP = {"household": "household", "persons": "person", "deaths": "death"}
VISIT_COLUMNS = ("id", "address", "status", "household_no")

# Values of the 2020 census; a census sets its own, and must set t0.
DEFAULTS: Mapping[str, int] = {"education_min_age": 3, "literacy_min_age": 15}


@dataclass(frozen=True)
class Item:
    """One item of the form. Conditions are trees of `language`; True = always, None = any value."""

    name: str
    table: str
    relevant: Node
    required: Node
    valid: Node


@dataclass(frozen=True)
class Questionnaire:
    """An XForm ready for a device. `version` changes with any change of content; `files` are its external files by
    name.

    `visit.csv` has only its header here: the client writes the one row of the household it opens.
    """

    id: str
    version: str
    xml: str
    files: dict[str, str]


def t0_of(parameters: Mapping[str, Any]) -> date:
    """The day of the census moment; it is given as a date or as ISO text, with or without a time."""
    t0 = parameters["t0"]
    if isinstance(t0, datetime):
        return t0.date()
    return t0 if isinstance(t0, date) else date.fromisoformat(str(t0)[:10])


def frozen(parameters: Mapping[str, Any]) -> str:
    """Parameters as one text, to remember what was made from them."""
    return json.dumps(dict(parameters), sort_keys=True, default=str)


def xform(parameters: Mapping[str, Any]) -> Questionnaire:
    """The short form of the census that `parameters` describe: `t0`, and `education_min_age`, `literacy_min_age`
    where they differ.
    """
    return _xform(_known(parameters))


def items(parameters: Mapping[str, Any]) -> tuple[Item, ...]:
    """The items H1-H7, D1-D12 and those of the deaths lines, in the order of the form."""
    return _items(_known(parameters))


class Wording(NamedTuple):
    """An item as the form prints it: its two labels, and the code list its answer comes from ("" = none)."""

    name: str
    table: str
    zh: str
    en: str
    codes: str


def wording(parameters: Mapping[str, Any]) -> tuple[Wording, ...]:
    """Labels of the items that a form event carries, in the order of the form."""
    return _wording(_known(parameters))


@lru_cache(maxsize=8)
def _wording(known: str) -> tuple[Wording, ...]:
    found: list[Wording] = []
    group = ""
    for row in _rows(_fill(_source(), _words(json.loads(known))), "survey"):
        kind, _, choices = row["type"].partition(" ")
        if kind in ("begin_group", "begin_repeat"):
            group = row["name"]
        elif kind in ("integer", "text", "select_one"):
            found.append(Wording(row["name"], TABLE_OF_GROUP[group], row[ZH], row[EN], choices))
    return tuple(found)


def item_numbers(names: list[str]) -> list[str]:
    """The numbers the census counts: H2a and H2b are one item, D7_code belongs to D7."""
    found = [re.match(r"[HD]\d+", name) for name in names]
    return list(dict.fromkeys(match.group() for match in found if match))


def _known(parameters: Mapping[str, Any]) -> str:
    used = {name: parameters.get(name, value) for name, value in DEFAULTS.items()}
    return frozen({**used, "t0": t0_of(parameters).isoformat()})


@lru_cache(maxsize=8)
def _xform(known: str) -> Questionnaire:
    # 0.3 s to import; only who makes forms pays
    from pyxform.xls2xform import convert  # type: ignore[import-untyped]

    words = _words(json.loads(known))
    source = _choices() + _source()
    digest = hashlib.sha256((source + known).encode()).hexdigest()
    version = f"{words['t0_number']}-{digest[:10]}"
    xml = convert(_fill(source, {**words, "version": version}), file_type=".md", form_name="data").xform
    return Questionnaire(FORM_ID, version, xml, {"visit.csv": ",".join(VISIT_COLUMNS) + "\n"})


@lru_cache(maxsize=8)
def _items(known: str) -> tuple[Item, ...]:
    words = _words(json.loads(known))
    found: list[Item] = []
    group = ""
    for row in _rows(_fill(_source(), words), "survey"):
        kind, _, choices = row["type"].partition(" ")
        if kind in ("begin_group", "begin_repeat"):
            group = row["name"]
        elif kind in ("integer", "text", "select_one") and row["name"] in COLUMNS[TABLE_OF_GROUP[group]]:
            found.append(_item(row, TABLE_OF_GROUP[group], choices))
    return tuple(found)


def _item(row: Mapping[str, str], table: str, choices: str) -> Item:
    name, constraint = row["name"], row["constraint"]
    valid: Node = None
    if choices:
        is_number = COLUMNS[table][name] == "int"
        valid = ("in", ("get", table, name), tuple(int(code) if is_number else code for code in code_list(choices)))
    elif constraint and "${" not in constraint:
        valid = _condition(constraint, table, name)
    required: Node = row["required"] == "yes"
    if row["required"] not in ("yes", ""):
        required = _condition(row["required"], table, name)
    relevant = _condition(row["relevant"], table, name) if row["relevant"] else True
    return Item(name, table, relevant, required, valid)


def _condition(xpath: str, table: str, name: str) -> Node:
    """The tree of a condition in the part of XPath that reads the same in SQL: comparisons, and, or, not, regex."""
    sql = re.sub(r"\$\{(\w+)\}", r"\1", xpath)
    sql = re.sub(r"(?<![\w'.*)])\.(?=\s|,)", name, sql)
    sql = re.sub(r"!=\s*''", "is not null", sql)
    sql = re.sub(r"=\s*''", "is null", sql)
    return parse(sql.replace("regex(", "regexp_like("), table)


def _source() -> str:
    return (resources.files("renpu.editing") / "questionnaires" / "short.md").read_text(encoding="utf-8")


def _choices() -> str:
    lists = dict.fromkeys(
        row["type"].split()[1] for row in _rows(_source(), "survey") if row["type"].startswith("select_one ")
    )
    lines = ["| choices |", f"| | list_name | name | {ZH} | {EN} |"]
    for name in lists:
        lines += [f"| | {name} | {code} | {zh} | {en} |" for code, (zh, en) in code_list(name).items()]
    return "\n".join(lines) + "\n\n"


def _rows(source: str, sheet: str) -> list[dict[str, str]]:
    header: list[str] = []
    found = []
    current = ""
    for line in source.splitlines():
        if not line.startswith("|"):
            continue
        cells = [cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells[0]:
            current, header = cells[0], []
        elif current == sheet and not header:
            header = cells[1:]
        elif current == sheet:
            found.append(dict(zip(header, cells[1:], strict=True)))
    return found


def _fill(source: str, words: Mapping[str, Any]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda match: str(words[match.group(1)]), source)


def _words(parameters: Mapping[str, Any]) -> dict[str, Any]:
    t0 = t0_of(parameters)
    eve = date.fromordinal(t0.toordinal() - 1)
    year_from = t0.replace(year=t0.year - 1, day=min(t0.day, 28))
    return {
        **parameters,
        "version": "",
        "t0_year": t0.year,
        "t0_month": t0.month,
        "t0_number": f"{t0:%Y%m%d}",
        "last_month": f"{eve:%Y%m}",
        "first_month": f"{year_from:%Y%m}",
        "eve_zh": f"{eve.year}年{eve.month}月{eve.day}日",
        "eve_en": f"{eve.day} {eve:%B} {eve.year}",
        "year_zh": f"{year_from.year}.{year_from.month}.{year_from.day}-{eve.year}.{eve.month}.{eve.day}",
        "id_ok": _identity_xpath(f"{t0:%Y%m%d}"),
        "year_en": f"{year_from.day} {year_from:%B} {year_from.year} to {eve.day} {eve:%B} {eve.year}",
    }


def _identity_xpath(t0_number: str) -> str:
    """Whether D3 is a right identity number, in XPath, from D3 alone.

    The engine runs a trigger before calculates that depend on other calculates are up to date, so that one expression
    must hold it all; and it throws on impossible dates, so that the day is compared as digits.
    """

    def part(start: int, end: int) -> str:
        return f"number(substr(${{D3}}, {start}, {end}))"

    total = " + ".join(f"{part(place, place + 1)} * {weight}" for place, weight in enumerate(WEIGHTS))
    year, month, day = part(6, 10), part(10, 12), part(12, 14)
    leap = f"({year} mod 4 = 0 and {year} mod 100 != 0 or {year} mod 400 = 0)"
    days = f"if({month} = 2, if({leap}, 29, 28), if(selected('4 6 9 11', string({month})), 30, 31))"
    last = f"substr('{CHECK_CHARACTERS}', ({total}) mod 11, ({total}) mod 11 + 1)"
    return (
        f"regex(${{D3}}, '^[0-9]{{17}}[0-9X]$') and {last} = substr(${{D3}}, 17, 18)"
        f" and {month} >= 1 and {month} <= 12 and {day} >= 1 and {day} <= {days} and {part(6, 14)} < {t0_number}"
    )
