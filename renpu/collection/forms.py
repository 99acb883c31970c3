"""What a form adds to the current tables: its persons, its deaths, and the counts by which it enters the report."""

from typing import NamedTuple
from uuid import UUID

from renpu.collection.answers import Answers
from renpu.concepts.names import key as name_key
from renpu.concepts.usual_residence import CENSUS_2020
from renpu.platform.vault import blind_index, seal

counts_as = CENSUS_2020.compiled()


class Facts(NamedTuple):
    """Rows and counts of one form. Sealing is done here, outside the transaction."""

    persons: list[tuple]
    deaths: list[tuple]
    here: int
    hukou: int
    resident: int
    away: int
    separated: int
    births: int
    died: int
    head: str


def facts(answers: Answers, household: UUID, block: str) -> Facts:
    """The rows of `Person` and `Death` and the counts of a form of `household` in `block`."""
    persons, here, hukou, resident, away, separated = [], 0, 0, 0, 0, 0
    aad = household.bytes
    head = ""
    for line, p in enumerate(answers.persons, 1):
        as_what = counts_as(p.D7, p.D8, p.D9)
        resident += as_what == "resident"
        here += p.D7 == 1
        if p.D8 == 1:
            hukou += 1
            away += (p.D7 or 0) > 1
        elif p.D8 in (3, 4) and p.D7 == 1 and (p.D9 or 0) >= 3:
            separated += 1
        if p.D2 == 0 and not head:
            head = p.D1 or ""
        name, number = p.D1 or "", p.D3 or ""
        where = aad + bytes((line & 255,))
        persons.append(
            (
                household,
                line,
                p.uuid or "",
                block,
                seal(name, where + b"name"),
                blind_index(name_key(name), "name"),
                seal(number, where + b"number") if number else None,
                blind_index(number, "number") if number else None,
                p.D2,
                p.D4,
                p.D5 or "",
                p.D6 or "",
                p.D7,
                p.D7_code or "",
                p.D8,
                p.D8_code or "",
                p.D9,
                p.D10,
                p.D11,
                p.D12,
                as_what,
            )
        )
    deaths = [
        (
            household,
            line,
            block,
            seal(d.name or "", aad + bytes((line & 255,)) + b"death"),
            d.sex,
            *(d.birth or "", d.died or ""),
        )
        for line, d in enumerate(answers.deaths, 1)
    ]
    h = answers.household
    births, died = (h.H3m or 0) + (h.H3f or 0), (h.H4m or 0) + (h.H4f or 0)
    return Facts(persons, deaths, here, hukou, resident, away, separated, births, died, head)
