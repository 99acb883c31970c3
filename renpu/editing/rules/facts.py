"""What rules know of a row beside its answers: months as numbers, ages, and what an identity number says.

Months are counted from year 0 (12 * year + month - 1); a text that is no month between 1800 and 2099 has none. The
identity number follows GB 11643: 17 digits and a check character by ISO 7064 MOD 11-2; nothing is repaired or put
into upper case.
"""

from collections.abc import Mapping
from typing import Any

from renpu.concepts.identity_number import CHECK_CHARACTERS, WEIGHTS
from renpu.editing.answers import Answers, Context
from renpu.editing.language import CONTEXT, DEATH_ITEMS, HOUSEHOLD_ITEMS, PERSON_ITEMS

MONTHS: Mapping[str | None, int] = {
    f"{year}{month:02}": 12 * year + month - 1 for year in range(1800, 2100) for month in range(1, 13)
}
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
NOT_A_NUMBER = (False, None, None, None)
NO_NUMBER = (None, None, None, None)
ZERO_SUM = ord("0") * sum(WEIGHTS)
CHECK_CODES = CHECK_CHARACTERS.encode()


def identity(number: str, t0_number: int) -> tuple[bool, bool | None, int | None, int | None]:
    """(id_ok, id_real, id_born, id_sex) of a number; `t0_number` is the day of the census moment as yyyymmdd.

    id_ok: form and check character are right. id_real: the date inside exists and lies before the census moment.
    """
    if len(number) != 18 or not number[:17].isdigit() or not number.isascii():
        return NOT_A_NUMBER
    a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, last = number.encode()  # noqa: E741
    total = 7 * (a + k) + 9 * (b + l) + 10 * (c + m) + 5 * (d + n) + 8 * (e + o) + 4 * (f + p) + 2 * (g + q) + h + 6 * i
    if CHECK_CODES[(total + 3 * j - ZERO_SUM) % 11] != last:
        return NOT_A_NUMBER
    sex = 1 if q & 1 else 2
    born = MONTHS.get(number[6:12])
    if born is None:
        return True, False, None, sex
    day = int(number[12:14])
    if not (1 <= day <= 28 or 28 < day <= _days(born)):
        return True, False, None, sex
    if int(number[6:14]) >= t0_number:
        return True, False, None, sex
    return True, True, born, sex


def _days(month: int) -> int:
    year, place = divmod(month, 12)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if place == 1 and leap else DAYS[place]


def rows_of(answers: Answers, context: Context, t0: str) -> dict[str, list[dict[str, Any]]]:
    """All rows with their facts, by table, for `language.evaluate`; an empty text becomes a missing value."""
    t0_month, t0_number = MONTHS[t0[:4] + t0[5:7]], int(t0.replace("-", ""))
    household = {name: getattr(answers.household, name) for name in HOUSEHOLD_ITEMS}
    household.update({name: getattr(context, name) or None for name in CONTEXT if CONTEXT[name] == "text"})
    household.update({name: getattr(context, name) for name in CONTEXT if CONTEXT[name] == "int"})
    persons = []
    for line, person in enumerate(answers.persons, 1):
        row = {name: _given(getattr(person, name)) for name in PERSON_ITEMS}
        row["line"] = line
        row["born"] = born = MONTHS.get(row["D5"])
        row["age"] = None if born is None else (t0_month - 1 - born) // 12
        facts = NO_NUMBER if row["D3"] is None else identity(row["D3"], t0_number)
        row["id_ok"], row["id_real"], row["id_born"], row["id_sex"] = facts
        persons.append(row)
    deaths = []
    for line, death in enumerate(answers.deaths, 1):
        row = {name: _given(getattr(death, name)) for name in DEATH_ITEMS}
        row["line"] = line
        row["born"], row["dead"] = born, dead = MONTHS.get(row["birth"]), MONTHS.get(row["died"])
        row["age"] = None if born is None or dead is None else _age_at_death(born, dead)
        deaths.append(row)
    return {"household": [household], "person": persons, "death": deaths}


def _age_at_death(born: int, dead: int) -> int:
    """Death year less birth year, less 1 when the birth month is later in the year than the death month."""
    return (dead - born) // 12


def _given(value: Any) -> Any:
    return None if value == "" else value
