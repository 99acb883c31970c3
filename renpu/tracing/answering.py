"""Answers as events: a contact by telephone, a household's form, one person's section of a unit's form.

Everything goes through `editing.receipt`. A form made from a page names the version that the page showed; one person's
section is put into the form that stands, under the lock of the unit, so that two who answer at once lose nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec

from renpu.collection import events
from renpu.collection.answers import Answers, Person
from renpu.collection.answers import Household as HouseholdItems
from renpu.collection.fold import Line
from renpu.collection.journal import Answer
from renpu.concepts import identity_number
from renpu.editing.checks import check_form, parameters_of
from renpu.editing.desk import DESKS
from renpu.editing.receipt import Incoming, Sender, receive
from renpu.editing.rules import rule_set
from renpu.listing.models import Household
from renpu.platform.language import in_language
from renpu.platform.models import Census
from renpu.platform.office import author

TELEPHONE, SELF = 3, 2  # collection_mode
HEAD, OTHER = 0, 9  # relationship


def desk_of(user, census_id: int) -> Sender:
    """The desk of an office user, as `editing.desk` names it."""
    return Sender(uuid5(DESKS, f"user {user.pk}"), author(user), census_id, False)


def respondent(member_id: UUID, census_id: int) -> Sender:
    return Sender(uuid5(DESKS, f"member {member_id}"), "respondent", census_id, False)


def send(
    about: UUID,
    block: str,
    kind: str,
    payload: msgspec.Struct | dict,
    *,
    sender: Sender,
    at: datetime,
    key: UUID,
    base=0,
) -> Answer:
    """One event through the one door; `key` makes it the same event when it is sent twice."""
    body = msgspec.json.encode(
        {
            "id": uuid5(key, kind),
            "kind": kind,
            "about": about,
            "block": block,
            "made_at": at,
            "base_version": base,
            "payload": payload,
        }
    )
    return receive([Incoming(body, sender, at)], direct=True)[0]


def household_form(
    people: Iterable[Person],
    standing: events.Form | None,
    *,
    method: int,
    status: int,
    household_type: int = 1,
    births_and_deaths: dict[str, int | None] | None = None,
) -> events.Form:
    """The form of a household of whom nobody lives in the block: H2a and H2b follow from its people, H3, H4 and the
    deaths from the form that stands or from what was asked; H5-H7 are not asked there."""
    people = in_order(people)
    before = standing.answers if standing else Answers(HouseholdItems())
    here = sum(p.D7 == 1 for p in people)
    items = msgspec.structs.replace(
        before.household,
        H1=before.household.H1 or household_type,
        H2a=here,
        H2b=len(people) - here,
        **{name: value for name, value in (births_and_deaths or {}).items() if value is not None},
    )
    if status in (4, 5):
        items = msgspec.structs.replace(items, H5=None, H6=None, H7=None)
    confirmed = standing.confirmed if standing else []
    return events.Form(method, status, Answers(items, people, before.deaths), confirmed=confirmed)


def in_order(people: Iterable[Person]) -> list[Person]:
    """The head first, as the form asks; where nobody is named head, the first person is."""
    people = sorted(people, key=lambda p: p.D2 != HEAD)
    if people and people[0].D2 != HEAD:
        people[0] = msgspec.structs.replace(people[0], D2=HEAD)
    return people


def with_section(
    household: Household,
    standing: events.Form | None,
    person: Person,
    number: str,
    *,
    method: int,
    none_born_or_died: bool,
) -> tuple[events.Form, int]:
    """The form of a unit's line with one person's section put in or replaced, and no other changed; and its line.

    `number` is the identity number by which the office knows the person: the section is found by the person's uuid,
    else by it, never by what the person typed. Births and deaths are none where the unit has said so, else as they
    stand.
    """
    persons = list(standing.answers.persons) if standing else []
    place = place_of(persons, person.uuid, number)
    if place is None:
        persons.append(msgspec.structs.replace(person, D2=OTHER if persons else HEAD))
        place = len(persons) - 1
    else:
        before = persons[place]
        persons[place] = msgspec.structs.replace(person, D2=before.D2, uuid=before.uuid or person.uuid)
    if standing is not None:
        confirmed = [c for c in standing.confirmed if c.line != place + 1]
        standing = msgspec.structs.replace(standing, confirmed=confirmed)
    none = dict.fromkeys(("H3m", "H3f", "H4m", "H4f"), 0) if none_born_or_died and standing is None else {}
    form = household_form(
        persons,
        standing,
        method=method,
        status=standing.household_status if standing else household.visit_status if household.visit_status < 90 else 4,
        household_type=household.household_type,
        births_and_deaths=none,
    )
    return form, place + 1


def place_of(persons: list[Person], uuid: str | None, number: str) -> int | None:
    """Where somebody stands among the persons of a form, from 0; None where they do not."""
    by_uuid = next((n for n, p in enumerate(persons) if p.uuid and p.uuid == uuid), None)
    if by_uuid is not None or not number:
        return by_uuid
    return next((n for n, p in enumerate(persons) if p.D3 and identity_number.same(p.D3) == number), None)


class Found(NamedTuple):
    """What the edit rules find in a form before it is sent: (rule, line, message); line 0 = the household."""

    hard: list[tuple[str, int, str]]
    queries: list[tuple[str, int, str]]


def check(
    census: Census,
    block: str,
    household: Household | None,
    form: events.Form,
    only: int | None = None,
    standing: events.Form | None = None,
) -> Found:
    """The edits of a form, confirmed queries left out. `only` those of one person's line, and those of the household
    that speak of persons alone and are not in the form that stands: the section brings them."""
    line = Line(household.id if household else UUID(int=0), census.pk, block)
    if household is not None:
        line.household_no, line.household_type = household.household_no, household.household_type
    rules = {rule.id: rule for rule in rule_set(parameters_of(census)).rules}
    edits = edits_of(line, form, census)
    before = edits_of(line, standing, census) if standing else []
    found = Found([], [])
    for rule, at, severity in edits:
        of_persons = at == 0 and [rule, at, severity] not in before and all(f[0] == "D" for f in rules[rule].fields)
        if only is None or at == only or (of_persons and rules[rule].fields):
            told = (rule, at, in_language(*rules[rule].message))
            if severity == "H":
                found.hard.append(told)
            elif severity == "C":
                found.queries.append(told)
    return found


def edits_of(line: Line, form: events.Form, census: Census) -> list[list]:
    """[rule, line, severity] of what the rules find."""
    text = check_form(line, form, census.pk).text
    return msgspec.json.decode(text) if text else []


def confirm(form: events.Form, queries: Iterable[tuple[str, int, str]], reason: str = "asked_again") -> events.Form:
    """The form with these queries confirmed for a reason of the code list confirmation_reason."""
    done = {(c.rule, c.line): c for c in form.confirmed}
    done |= {(rule, at): events.Settled(rule, at, reason) for rule, at, _message in queries}
    return msgspec.structs.replace(form, confirmed=list(done.values()))
