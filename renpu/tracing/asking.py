"""What is asked of a person who is not behind the door, by telephone or on the person's own page: the items D1-D12 in
plain words, which of them are still due, and the answers read back from a form.

A question is asked of whom its item is asked on the printed form; answers to items that are not asked are dropped.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from renpu.collection.answers import Person
from renpu.concepts import identity_number
from renpu.concepts.codes import code_list
from renpu.editing.questionnaire import t0_of
from renpu.platform.language import code_word
from renpu.tracing import call_problems as problems

TEXTS = frozenset({"D1", "D3", "D5", "D6", "D7_code"})
HUKOU_HERE = 1  # D8: this committee
ELSEWHERE = 5  # D7: another county, which is named
NOT_LEFT = 1  # D9


class Question(NamedTuple):
    """An item in plain words. `codes`: its code list, or empty; `hint`: what helps to answer."""

    name: str
    words: Any
    codes: str = ""
    hint: Any = ""


QUESTIONS = {
    q.name: q
    for q in (
        Question("D1", _("Name"), hint=_("As on the identity card")),
        Question("D2", _("Relation to the head of the household"), "relationship"),
        Question("D3", _("Identity card number"), hint=_("18 characters; sex and month of birth are read from it")),
        Question("D3_reason", _("Why is there no identity number?"), "no_number_reason"),
        Question("D4", _("Man or woman?"), "sex"),
        Question("D5", _("Year and month of birth"), hint=_("Six digits, such as 196203")),
        Question("D6", _("Ethnic group"), "ethnic_group"),
        Question("D7", _("Where did the person live on the census night?"), "residence_place"),
        Question("D7_code", _("In which county or district?"), hint=_("The six digits of the county")),
        Question(
            "D9",
            _("For how long away from the street of the hukou?"),
            "away_duration",
            _("Who moved within this street has not left"),
        ),
        Question("D10", _("Why did the person leave?"), "away_reason"),
        Question("D11", _("Education: the highest level, finished or not"), "education"),
        Question("D12", _("Can the person read and write?"), "literacy"),
    )
}
ALWAYS = ("D7", "D7_code", "D9", "D10")  # asked in every call: what the household left behind does not say


class Asked(NamedTuple):
    """A question as a page shows it: its name in the form, its choices, what is known."""

    name: str
    item: str
    words: Any
    hint: Any
    choices: tuple[tuple[str, str], ...]
    value: str
    when: str  # item:values, comma separated: shown only for these answers


WHEN = {"D7_code": "D7:5", "D10": "D9:2,3,4,5,6,7,8,9", "D3_reason": "D3:"}


def asked(prefix: str, items: Iterable[str], values: Mapping[str, str]) -> list[Asked]:
    """The questions of one person, named `prefix-item`; nobody of these lives in the block itself."""
    found = []
    for item in items:
        q = QUESTIONS[item]
        choices = [(code, code_word(q.codes, code)) for code in code_list(q.codes)] if q.codes else []
        if item == "D7":
            choices = choices[1:]
        name = f"{prefix}-{item}"
        found.append(Asked(name, item, q.words, q.hint, tuple(choices), values.get(name, ""), WHEN.get(item, "")))
    return found


def still_due(person: Person, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """The items to ask of somebody of whom `person` is known: always those of ALWAYS, and what is blank though due."""
    age = age_of(person, parameters)
    due = [item for item in ("D1", "D2", "D6") if getattr(person, item) in (None, "")]
    if not person.D3 and person.D3_reason is None:
        due += ["D3", "D3_reason"]
    due += [item for item in ("D4", "D5") if getattr(person, item) in (None, "")]
    due += ALWAYS
    if person.D11 is None and (age is None or age >= parameters["education_min_age"]):
        due.append("D11")
    if person.D12 is None and (age is None or age >= parameters["literacy_min_age"]):
        due.append("D12")
    return tuple(due)


def age_of(person: Person, parameters: Mapping[str, Any]) -> int | None:
    """Whole years at the census moment, from the month of birth; None where that is not known."""
    birth = person.D5 or ""
    if len(birth) != 6 or not birth.isdecimal():
        return None
    t0: date = t0_of(parameters)
    return t0.year - int(birth[:4]) - (int(birth[4:]) >= t0.month)


def read(values: Mapping[str, str], prefix: str, items: Iterable[str], known: Person) -> tuple[Person, list[str]]:
    """The person with what was answered, and every problem as a sentence: what is blank, what is no possible answer."""
    given: dict[str, Any] = {}
    told: list[str] = []
    for item in items:
        text = values.get(f"{prefix}-{item}", "").strip()
        q = QUESTIONS[item]
        if not text:
            given[item] = None
        elif q.codes and text not in code_list(q.codes):
            told.append(problems.NO_SUCH_ANSWER % {"question": q.words})
        elif item == "D3":
            given[item] = identity_number.read(text).number
        else:
            given[item] = text[:60] if item in TEXTS else int(text)
    person = consistent(msgspec.structs.replace(known, **given))
    told += [problems.NOT_ANSWERED % {"question": QUESTIONS[item].words} for item in items if missing(person, item)]
    if "D3" in given and person.D3 and identity_number.read(person.D3).problems:
        told.append(gettext(problems.WRONG_NUMBER))
    return person, told


def consistent(person: Person) -> Person:
    """Answers to items that are not asked of this person are dropped; sex and birth come from a valid number."""
    person = msgspec.structs.replace(person, D8=HUKOU_HERE, D8_code=None)
    if person.D3:
        person.D3_reason = None
        number = identity_number.read(person.D3)
        if number.valid and number.birth:
            person.D4, person.D5 = number.sex, f"{number.birth:%Y%m}"
    if person.D7 != ELSEWHERE:
        person.D7_code = None
    if person.D9 == NOT_LEFT:
        person.D10 = None
    return person


def missing(person: Person, item: str) -> bool:
    """Is this item due and blank? Education and reading are left to the edit rules, which know the age."""
    match item:
        case "D3" | "D11" | "D12":
            return False
        case "D3_reason":
            return not person.D3 and person.D3_reason is None
        case "D7_code":
            return person.D7 == ELSEWHERE and not person.D7_code
        case "D10":
            return person.D9 not in (None, NOT_LEFT) and person.D10 is None
        case _:
            return getattr(person, item) in (None, "")


@cache
def counties() -> tuple[tuple[str, str], ...]:
    """(code, name) of the counties that the packaged area lists name, for choosing D7_code without a code book."""
    found = {}
    for file in sorted(files("renpu.geography").joinpath("areas").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".csv"):
            for line in file.read_text("utf-8").splitlines()[1:]:
                code, _comma, name = line.partition(",")
                if len(code) == 6:
                    found[code] = name
    return tuple(sorted(found.items()))
