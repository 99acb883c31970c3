"""What each reason that closes a work item must rest on, read from `closing_rules.csv`.

A reason needs nothing more, or a contact (a try in which somebody answered), or as many tries as a household is visited
before it is given up, or that the roster says the same, or the three checks of a vacant dwelling. A contact and tries
may be replaced by a ground that a supervisor states; the roster and the checks may not.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from uuid import UUID

from django.utils.translation import gettext

from renpu.concepts.codes import code_list
from renpu.coverage import problems, vacancy_check
from renpu.coverage.meters import meters_of
from renpu.coverage.models import WorkItem, WorkStep
from renpu.listing.models import Household
from renpu.platform.language import code_word
from renpu.platform.models import Census

NEEDS = ("", "contact", "tries", "roster", "checks")
ANSWERED = frozenset({1, 2, 3})  # visit_outcome: completed, listing completed, partly completed
VACANT = 6  # household_status
GROUND = 6  # characters of a ground at least


@cache
def rules() -> dict[tuple[str, str], str]:
    """(code list, code) -> what the reason needs, one of NEEDS."""
    text = files("renpu.coverage").joinpath("closing_rules.csv").read_text("utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        code_list(row["list"])[row["code"]]
        if row["needs"] not in NEEDS:
            raise ValueError(f"closing_rules.csv: {row['needs']!r} is none of {NEEDS}")
        found[row["list"], row["code"]] = row["needs"]
    return found


def needs(reason: tuple[str, str]) -> str:
    """What a reason needs; KeyError for a reason without a rule."""
    return rules()[reason]


def obstacles(items: Iterable[WorkItem], reason: tuple[str, str], ground: str, census: Census) -> dict[UUID, str]:
    """Item -> why it may not be closed for this reason yet; items that may be closed are not in it.

    An item that the comparison no longer sees needs no contact: the answers themselves have changed since.
    """
    items, min_visits = list(items), census.parameter("min_visits")
    match needs(reason):
        case "contact" if len(ground) < GROUND:
            reached = answered(items)
            left = [item for item in items if item.found and item.pk not in reached]
            return {item.pk: str(problems.CONTACT_NEEDED) for item in left}
        case "tries" if len(ground) < GROUND:
            left = [item for item in items if item.found and item.tries < min_visits]
            return {item.pk: problems.TRIES_NEEDED % {"wanted": min_visits, "tries": item.tries} for item in left}
        case "roster":
            said = problems.ROSTER_FIRST % {"status": code_word("household_status", reason[1])}
            roster = on_roster(items)
            return {item.pk: said for item in items if int(reason[1]) not in roster[item.pk]}
        case "checks":
            return checks_left(items, census)
    return {}


def answered(items: list[WorkItem]) -> set[UUID]:
    """The items of which a try reached somebody who answered."""
    tries = WorkStep.objects.filter(item__in=items, did="try", outcome__in=ANSWERED)
    return set(tries.values_list("item_id", flat=True))


def on_roster(items: list[WorkItem]) -> dict[UUID, set[int]]:
    """Item -> the household statuses that the roster says of its household, or of the lines in its dwelling."""
    lines = Household.objects.filter(removed=False)
    by_line = dict(lines.filter(pk__in=[i.household_id for i in items if i.household_id]).values_list("pk", "status"))
    by_unit = defaultdict(set)
    units = [i.unit_id for i in items if i.unit_id and not i.household_id]
    for unit, status in lines.filter(unit_id__in=units).values_list("unit_id", "status") if units else ():
        by_unit[unit].add(status)
    return {
        item.pk: {by_line[item.household_id]} if item.household_id in by_line else by_unit[item.unit_id]
        for item in items
    }


def checks_left(items: list[WorkItem], census: Census) -> dict[UUID, str]:
    """Items whose dwelling is not proven vacant, or not vacant on the roster, with what is missing."""
    steps = defaultdict(list)
    for step in WorkStep.objects.filter(item__in=items, did__in=("check", "try")).order_by("id"):
        steps[step.item_id].append(step)
    meters, roster, found = meters_of(items), on_roster(items), {}
    for item in items:
        now = vacancy_check.stand(steps[item.pk], vacancy_check.meter_shows(meters[item.pk].readings, census))
        if now.lived_in:
            found[item.pk] = problems.NOT_VACANT_YET % {
                "what": gettext(", ").join(str(vacancy_check.NAMES[check.code]) for check in now.lived_in)
            }
        elif now.missing:
            found[item.pk] = problems.CHECKS_FIRST % {"missing": gettext(", ").join(map(str, now.missing))}
        elif item.found and VACANT not in roster[item.pk]:
            found[item.pk] = problems.ROSTER_FIRST % {"status": code_word("household_status", VACANT)}
    return found
