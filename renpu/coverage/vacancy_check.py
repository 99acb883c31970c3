"""The check of a dwelling listed as vacant (一查二看三问): the meter looked up, the dwelling looked at by night,
somebody asked; and a second visit on another day or at another part of the day (census definitions, section 5).

A check is a step of the item, `did` = check, with facts {"check": meter | look | ask, "showed": nobody | lived_in |
unclear, "with": whom}. The newest of each counts.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.dateparse import parse_datetime

from renpu.coverage import problems
from renpu.platform.models import Census, local

CHECKS = ("meter", "look", "ask")
SHOWED = ("nobody", "lived_in", "unclear")
ASKED = ("neighbour", "property", "police", "committee")
MISSING = {"meter": problems.METER_MISSING, "look": problems.LOOK_MISSING, "ask": problems.ASK_MISSING}
NAMES = {"meter": problems.METER, "look": problems.LOOK, "ask": problems.ASK}
NOON, EVENING = 12, 18


class Check(NamedTuple):
    """One of the three as it stands: what it showed ("" = not done), with whom, when and by whom."""

    code: str
    showed: str = ""
    whom: str = ""
    at: datetime | None = None
    by: str = ""
    note: str = ""

    @property
    def done(self) -> bool:
        return self.showed in ("nobody", "lived_in")


class Vacancy(NamedTuple):
    """The three checks, and the visits to the door as (day, part of the day)."""

    checks: tuple[Check, ...]
    visits: tuple[tuple[str, str], ...]

    @property
    def second_visit(self) -> bool:
        return len(self.visits) > 1

    @property
    def missing(self) -> list:
        """What is still to be done before the dwelling counts as vacant, in words."""
        found = [MISSING[check.code] for check in self.checks if not check.done]
        return found if self.second_visit else [*found, problems.SECOND_MISSING]

    @property
    def lived_in(self) -> list[Check]:
        """Checks which say that somebody lives there. A meter that runs alone does not: a refrigerator may be on."""
        return [check for check in self.checks if check.code != "meter" and check.showed == "lived_in"]


def stand(steps: Iterable, meter: str = "") -> Vacancy:
    """The checks as the steps of an item (oldest first) leave them; `meter` is what the readings show by themselves."""
    newest = {code: Check(code) for code in CHECKS}
    if meter:
        newest["meter"] = Check("meter", meter)
    visits: dict[tuple[str, str], None] = {}
    for step in steps:
        facts = step.facts
        made = made_at(step)
        if step.did == "check" and facts.get("check") in newest:
            code = facts["check"]
            newest[code] = Check(code, facts["showed"], facts.get("with", ""), made, step.by, step.note)
        if (step.did == "try" and step.mode == "door") or (step.did == "check" and facts.get("check") == "look"):
            visits[part_of_day(made)] = None
    return Vacancy(tuple(newest.values()), tuple(visits))


def made_at(step) -> datetime:
    """When it was done; the moment of writing where nothing else was said."""
    return parse_datetime(step.facts.get("made_at", "")) or step.at


def part_of_day(moment: datetime) -> tuple[str, str]:
    """("2020-11-03", "evening"), on the clock of the census."""
    here = local(moment)
    part = "morning" if here.hour < NOON else "afternoon" if here.hour < EVENING else "evening"
    return f"{here:%Y-%m-%d}", part


def meter_shows(readings: Sequence[float], census: Census) -> str:
    """What kWh by month, the oldest first, say of a dwelling: used or not, by the mean of the newest months (parameters
    `vacant_kwh_month`, `vacant_kwh_months`); "" without a reading. A meter at rest still counts a few units."""
    newest = readings[-census.parameter("vacant_kwh_months") :]
    if not newest:
        return ""
    return "lived_in" if sum(newest) / len(newest) >= census.parameter("vacant_kwh_month") else "nobody"
