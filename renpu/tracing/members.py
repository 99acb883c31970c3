"""A member of a unit's collective hukou answers for themselves: the code, the page's answers, the event.

The code opens an empty form for one person and shows no answer that was given before, so that a code in other hands
tells nothing. Who answers changes their own section of the unit's form and nothing else.
"""

import secrets
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from renpu.collection import events
from renpu.collection.answers import Person
from renpu.collection.journal import Answer
from renpu.concepts import check_digit, identity_number
from renpu.coverage import work
from renpu.coverage.models import WorkItem
from renpu.editing.receipt import Sender
from renpu.listing.models import Household
from renpu.platform.models import Census
from renpu.platform.vault import blind_index, unseal
from renpu.tracing import answering
from renpu.tracing import call_problems as problems
from renpu.tracing.models import DoorTry, HukouUnit, Member
from renpu.tracing.reach import form_of

ANSWERED = 1  # visit_outcome
# Asks why an empty-registered household left for another reason than a lodged hukou; the people of a unit all did.
REASON_OF_LODGED = "M-018"
DIGITS = 11  # of a code before its check digit
CODE_LIVES = timedelta(days=30)
WITHIN = timedelta(minutes=10)
TRIES = 10  # wrong codes or addresses from one network address
TRIES_OF_ALL = 3_000
PAGE = ("D1", "D3", "D3_reason", "D4", "D5", "D6", "D7", "D7_code", "D9", "D10", "D11", "D12")


class MemberRefused(Exception):
    """An answer that could not be taken; the message is for the person."""


class TooManyTries(Exception):
    """Somebody guesses."""


def new_code() -> str:
    """Twelve digits, the last a check digit, so that a slip of the thumb is told from a wrong code."""
    digits = "".join(str(secrets.randbelow(10)) for _ in range(DIGITS))
    return digits + check_digit.check_digit(digits)


def code_hash(code: str) -> bytes:
    return blind_index(code, "member code")


def by_code(text: str, *, address: str, at: datetime) -> Member | None:
    """The member of a code as typed. TooManyTries for an address that was wrong too often. A slip (`slipped`) is told
    and not counted: a unit's people may all come from one address."""
    slow_down(address, at)
    if slipped(text):
        return None
    code = digits_of(text)
    member = Member.objects.select_related("unit").filter(code_hash=code_hash(code), code_until__gt=at).first()
    if member is None:
        wrong(address, at)
    return member


def digits_of(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c in "0123456789")


def slipped(text: str) -> bool:
    """Is this no code at all: too short or long, a digit wrong, two changed places?"""
    code = digits_of(text)
    return len(code) != DIGITS + 1 or not check_digit.fits(code)


def slow_down(address: str, at: datetime) -> None:
    recent = DoorTry.objects.filter(at__gt=at - WITHIN)
    if recent.filter(address=address[:45]).count() >= TRIES or recent.count() >= TRIES_OF_ALL:
        raise TooManyTries


def wrong(address: str, at: datetime) -> None:
    DoorTry.objects.filter(at__lt=at - WITHIN).delete()
    DoorTry.objects.create(address=address[:45], at=at)


def draft(census: Census, member: Member, person: Person, method: int) -> tuple[events.Form, answering.Found]:
    """The unit's form with this person's section, and what the edit rules find in that section."""
    household = Household.objects.get(pk=member.unit.household_id)
    number = unseal(member.identity, member.id.bytes + b"identity")
    standing = form_of(household)
    form, line = answering.with_section(
        household,
        standing,
        person,
        identity_number.same(number) if number else "",
        method=method,
        none_born_or_died=member.unit.none_born_or_died,
    )
    form = answering.confirm(form, [(REASON_OF_LODGED, 0, "")], "special_case")
    return form, answering.check(census, household.block_code, household, form, only=line, standing=standing)


def answer(
    member: Member, person: Person, *, method: int, sender: Sender, at: datetime, key: UUID, census: Census
) -> Answer:
    """Send one person's section; MemberRefused where the unit's form is settled. Queries in it count as confirmed: the
    page has shown them."""
    with transaction.atomic():
        unit = HukouUnit.objects.select_for_update().get(pk=member.unit_id)
        household = Household.objects.get(pk=unit.household_id)
        if household.locked or household.removed:
            raise MemberRefused(problems.LINE_LOCKED)
        form, found = draft(census, member, person, method)
        form = answering.confirm(form, found.queries)
        got = answering.send(
            *(household.id, household.block_code, "form", form),
            sender=sender,
            at=at,
            key=key,
            base=household.version,
        )
        if got.result in ("accepted", "merge"):
            Member.objects.filter(pk=member.pk).update(state=Member.State.ANSWERED, answered_at=at, method=method)
            if method == answering.SELF:
                in_ledger(member, at=at)
    return got


def in_ledger(member: Member, *, at: datetime) -> None:
    """The work item learns that its person has answered; a person of the office closes it."""
    item = WorkItem.objects.open().filter(pk=member.item_id).first()
    if item is not None:
        work.attempt(item, work.Try("desk", ANSWERED, note="本人自主填报"), by="respondent", at=at, seen=None)


def has_left(member: Member, *, at: datetime) -> None:
    """Somebody says that their hukou is no longer at the unit. No answer changes; the office closes the work item."""
    Member.objects.filter(pk=member.pk).exclude(state=Member.State.ANSWERED).update(
        state=Member.State.LEFT, answered_at=at, method=answering.SELF
    )
