"""Why two records were thought to be one person, in words (`agreement_words.csv`): 姓名同音, 出生日期相同, 地址不同."""

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from renpu.platform.language import in_language

FIELDS = {
    "name": ("name", "姓名", "name"),
    "sex": ("code", "性别", "sex"),
    "birth": ("date", "出生日期", "birth date"),
    "id_number": ("identity", "证件号码", "identity number"),
    "address": ("address", "地址", "address"),
    "household": ("household", "同户其他人", "others of the household"),
    "phone": ("number", "电话", "telephone"),
    "home": ("address", "住处", "home"),
    "digits": ("number", "所输数字", "digits typed"),
}
SIGNS = {
    "same": "＝",
    "near": "≈",
    "differ": "≠",
    "missing": "–",
}


class Agreement(NamedTuple):
    """How far one field agrees: its sign, and the words for it without the field's name."""

    sign: str
    zh: str
    en: str

    @property
    def mark(self) -> str:
        return SIGNS[self.sign]

    def __str__(self) -> str:
        return in_language(self.zh, self.en)


MISSING = Agreement("missing", "有一方没有", "one side says nothing")


@cache
def agreements() -> dict[tuple[str, str], Agreement]:
    """(kind of field, level) -> its words."""
    text = files("renpu.linkage").joinpath("agreement_words.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {(row["kind"], row["level"]): Agreement(row["sign"], row["zh"], row["en"]) for row in rows}


def field_name(field: str) -> str:
    """A field's name as the reader says it; the name itself for a field that is not among the standard ones."""
    return in_language(*FIELDS[field][1:]) if field in FIELDS else field


def in_words(reason: str) -> list[tuple[str, str]]:
    """The parts of a reason as the comparison gives it: (sign, words) each. What is not known is shown as it stands,
    and the weight is left out."""
    parts = []
    for part in reason.split():
        field, _equals, level = part.partition("=")
        if field == "weight":
            continue
        if field == "double":
            parts.append(("same", in_language("该人的另一条记录已对上", "another record of this person is linked")))
            continue
        if part == "decided":
            parts.append(("same", in_language("由人判定", "decided by a clerk")))
            continue
        if field == "pass":
            parts += [_of_pass(key) for key in level.split("+")]
            continue
        found = agreements().get((FIELDS[field][0], level)) if field in FIELDS else None
        if found is None:
            parts.append(("missing", part))
        else:
            parts.append((found.sign, of_field(field, found)))
    return parts


def of_field(field: str, agreement: Agreement) -> str:
    """How far a field agrees, with its name: 姓名同音."""
    return in_language(field_name(field) + agreement.zh, f"{field_name(field)} {agreement.en}")


def sentence(reason: str) -> str:
    return in_language("，", ", ").join(words for _sign, words in in_words(reason))


def _of_pass(key: str) -> tuple[str, str]:
    name = field_name(key.rstrip("~"))
    if key.endswith("~"):
        return "near", in_language(f"{name}相近", f"{name} nearly the same")
    return "same", in_language(f"{name}相同", f"{name} the same")
