"""Collective hukou through units: the unit and its contact, the address that opens the contact's page, the list of
people, who has answered, reminders, talks (集体户口, 通过单位登记).

The contact sees numbers only: how many of the list have answered, never who said what.
"""

import secrets
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4, uuid5

from django.db import transaction

from renpu.collection import events
from renpu.collection.models import Person as PersonRow
from renpu.concepts import identity_number, names
from renpu.coverage import work
from renpu.coverage.models import WorkItem
from renpu.geography.models import Block
from renpu.listing.models import Household
from renpu.platform.models import Census
from renpu.platform.office import author
from renpu.platform.vault import blind_index, seal, unseal
from renpu.registers import desk
from renpu.registers.actions import seal_place, stage
from renpu.registers.models import Delivery, RegisterRow
from renpu.registers.problems import RegisterRefused
from renpu.registers.sources import find
from renpu.tracing import answering, members
from renpu.tracing import call_problems as problems
from renpu.tracing.models import HukouUnit, Member, UnitLink, UnitRoster, UnitTalk
from renpu.tracing.reach import MEMBER, form_of

LINK_LIVES = timedelta(days=14)
LARGEST = 20_000_000  # bytes of a staff list
KEPT_AT_UNIT = "集体户口"  # RegisterRow.household_kind of a source `employer`
OF_UNIT = UUID("9c4b2a6d-0f3e-5b7c-a1d8-64e2f0b7c539")
DONE = (Member.State.ANSWERED, Member.State.ON_FORM)
ENDED = (*DONE, Member.State.LEFT)


class UnitRefused(Exception):
    """What could not be done for a unit; the message is for the person who tried it."""


def make_unit(
    census: Census, block: Block, name: str, contact: str, phone: str, household: Household | None, *, by, at: datetime
) -> HukouUnit:
    """A unit with its contact; a roster line of the virtual block is opened for its people unless one is given."""
    if not name or not block.virtual:
        raise UnitRefused(problems.UNIT_NAME)
    if HukouUnit.objects.filter(census_id=census.pk, block_code=block.code, name=name).exists():
        raise UnitRefused(problems.UNIT_TWICE)
    key = uuid4()
    with transaction.atomic():
        if household is None:
            line = events.Line(household_type=2, address=f"(集体户口){name}"[:200], reason="集体户口单位")
            line_id = uuid5(OF_UNIT, f"{census.pk}/{block.code}/{name}")
            sender = answering.desk_of(by, census.pk)
            answering.send(line_id, block.code, "line", line, sender=sender, at=at, key=line_id)
        else:
            line_id = household.id
        unit = HukouUnit(
            id=key, census_id=census.pk, block_code=block.code, household_id=line_id, name=name, made_at=at
        )
        unit.made_by = author(by)
        unit.contact = seal(contact, key.bytes + b"contact") if contact else None
        unit.phone = seal(phone, key.bytes + b"phone") if phone else None
        unit.save(force_insert=True)
    return unit


def contact_of(unit: HukouUnit) -> tuple[str, str]:
    """(name, telephone) of the contact, in clear."""
    return unseal(unit.contact, unit.id.bytes + b"contact"), unseal(unit.phone, unit.id.bytes + b"phone")


def make_link(unit: HukouUnit, *, by, at: datetime) -> str:
    """A new address for the contact, valid for two weeks; earlier ones end. It is shown once, only its hash is kept."""
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        revoke_links(unit, at=at)
        UnitLink.objects.create(
            unit=unit, token_hash=token_hash(token), made_at=at, made_by=author(by), expires_at=at + LINK_LIVES
        )
    return token


def revoke_links(unit: HukouUnit, *, at: datetime) -> int:
    return unit.links.filter(revoked_at=None).update(revoked_at=at)


def token_hash(token: str) -> bytes:
    return blind_index(token, "unit link")


def by_token(token: str, *, address: str, at: datetime) -> UnitLink | None:
    """The link of a token that is valid now. TooManyTries for an address that was wrong too often."""
    members.slow_down(address, at)
    link = UnitLink.objects.select_related("unit").filter(token_hash=token_hash(token)).first()
    if link is None:
        members.wrong(address, at)
        return None
    if link.revoked_at is not None or link.expires_at <= at:
        return None
    UnitLink.objects.filter(pk=link.pk).update(used_at=at)
    return link


def take_roster(unit: HukouUnit, upload, *, by, at: datetime, by_contact: bool) -> tuple[Delivery, bool]:
    """Take a staff list in for a unit: (delivery, was it there before). UnitRefused for a file that is none, is too
    large, or came in elsewhere."""
    source = find("employer")
    if source is None or upload is None:
        raise UnitRefused(problems.ROSTER_CHOOSE)
    if upload.size > LARGEST:
        raise UnitRefused(problems.ROSTER_TOO_LARGE)
    try:
        with desk.uploaded(upload) as path:
            delivery = stage(path, source, area=unit.block_code[:12], at=at, by=by, census_id=unit.census_id)
    except RegisterRefused as refusal:
        raise UnitRefused(str(refusal)) from refusal
    roster = UnitRoster.objects.filter(delivery=delivery).first()
    if roster is None and delivery.received_at == at:
        UnitRoster.objects.create(unit=unit, delivery=delivery, at=at, by_contact=by_contact)
        return delivery, False
    if roster is None or roster.unit_id != unit.id:
        raise UnitRefused(problems.ROSTER_OTHER)
    return delivery, True


class TakenOver(NamedTuple):
    """Rows of a list: people new among the members, known before, and without their hukou at the unit."""

    new: int
    known: int
    other: int


def take_over(census: Census, roster: UnitRoster, *, by, at: datetime) -> TakenOver:
    """Make members of those rows of a list whose hukou is kept at the unit. Who stands on the unit's form already, by
    number, is marked so; each of the others has a work item."""
    unit = roster.unit
    rows = RegisterRow.objects.filter(delivery_id=roster.delivery_id, refused=False, duplicate_of=None)
    rows = list(rows.order_by("number", "pk"))
    kept = [row for row in rows if row.household_kind == KEPT_AT_UNIT]
    with transaction.atomic():
        HukouUnit.objects.select_for_update().get(pk=unit.pk)
        on_form = numbers_on_form(unit)
        have = known_members(unit)
        made = []
        for row in kept:
            member = member_of(unit, row)
            if bytes(member.identity_index or member.name_index) in have:
                continue
            have.add(bytes(member.identity_index or member.name_index))
            person = on_form.get(bytes(member.identity_index)) if member.identity_index else None
            if person is not None:
                member.person, member.state = person or member.person, Member.State.ON_FORM
            made.append(member)
        Member.objects.bulk_create(made, batch_size=500)
        to_reach = [m for m in made if m.state == Member.State.NEW]
        work.open_items(census, [opening(unit, m) for m in to_reach], by=author(by), at=at)
        for m in to_reach:
            m.item_id = work.item_id(census.pk, MEMBER, f"member:{m.id}")
        Member.objects.bulk_update(to_reach, ["item"], batch_size=500)
        roster.taken_over_at = at
        roster.save(update_fields=["taken_over_at"])
    return TakenOver(len(made), len(kept) - len(made), len(rows) - len(kept))


def opening(unit: HukouUnit, member: Member) -> work.Opening:
    return work.Opening(
        MEMBER,
        unit.block_code,
        f"member:{member.id}",
        household_id=unit.household_id,
        row_id=member.row_id,
        evidence={"unit": str(unit.id), "row": member.number},
    )


def member_of(unit: HukouUnit, row: RegisterRow) -> Member:
    place = (str(row.delivery_id), row.sheet, row.number)
    name = unseal(row.name_sealed, seal_place(*place, "name"))
    number = unseal(row.id_sealed, seal_place(*place, "id"))
    phone = unseal(row.phone_sealed, seal_place(*place, "phone"))
    key = uuid5(OF_UNIT, f"{unit.id}/{row.pk}")
    read = identity_number.same(number) if number else ""
    return Member(
        id=key,
        unit=unit,
        row_id=row.pk,
        number=row.number,
        person=str(key),
        name=seal(name, key.bytes + b"name"),
        name_index=blind_index(names.key(name), "name"),
        identity=seal(number, key.bytes + b"identity") if number else None,
        identity_index=blind_index(read, "number") if read else None,
        phone=seal(phone, key.bytes + b"phone") if phone else None,
    )


def numbers_on_form(unit: HukouUnit) -> dict[bytes, str]:
    """Of those on the unit's form: index of the identity number -> uuid of the person ("" where it has none)."""
    rows = PersonRow.objects.filter(household_id=unit.household_id).exclude(number_index=None)
    return {bytes(index): uuid for index, uuid in rows.values_list("number_index", "uuid")}


def known_members(unit: HukouUnit) -> set[bytes]:
    rows = unit.members.values_list("identity_index", "name_index")
    return {bytes(number or name) for number, name in rows}


class Standing(NamedTuple):
    """How many people of a unit, by what has become of them."""

    people: int
    answered: int  # by themselves or by telephone
    on_form: int
    left: int
    unreachable: int
    waiting: int
    states: dict[str, int]


def standing(unit: HukouUnit) -> Standing:
    states = Counter(unit.members.values_list("state", flat=True))
    done = sum(states[s] for s in (*ENDED, Member.State.UNREACHABLE))
    return Standing(
        sum(states.values()),
        *(
            states[s]
            for s in (Member.State.ANSWERED, Member.State.ON_FORM, Member.State.LEFT, Member.State.UNREACHABLE)
        ),
        sum(states.values()) - done,
        {str(s): states[s] for s in Member.State},
    )


def invite(unit: HukouUnit, people: Iterable[Member], *, at: datetime) -> list[tuple[Member, str]]:
    """A fresh code for each of these, for slips that are handed out sealed; earlier codes of theirs end. The codes are
    given back once and kept as hashes."""
    made = []
    for member in people:
        code = members.new_code()
        member.code_hash, member.code_until = members.code_hash(code), at + members.CODE_LIVES
        member.invited_at = at
        if member.state == Member.State.NEW:
            member.state = Member.State.INVITED
        made.append((member, code))
    fields = ["code_hash", "code_until", "invited_at", "state"]
    Member.objects.bulk_update([m for m, _code in made], fields, batch_size=500)
    return made


def remind(unit: HukouUnit, *, at: datetime) -> int:
    """Note that those who were invited and have not answered are reminded; how many."""
    waiting = list(unit.members.filter(state__in=(Member.State.INVITED, Member.State.REMINDED, Member.State.CALLED)))
    for member in waiting:
        member.reminded_at, member.reminders = at, member.reminders + 1
        if member.state == Member.State.INVITED:
            member.state = Member.State.REMINDED
    Member.objects.bulk_update(waiting, ["reminded_at", "reminders", "state"], batch_size=500)
    return len(waiting)


def note_talk(unit: HukouUnit, on: date | None, who: str, with_whom: str, agreed: str, *, by, at: datetime) -> None:
    if on is None or not (who and with_whom and agreed):
        raise UnitRefused(problems.TALK_NEEDED)
    UnitTalk.objects.create(unit=unit, on=on, who=who[:60], with_whom=with_whom[:60], agreed=agreed[:400], at=at, by=by)


def close_items(
    unit: HukouUnit, chosen: Iterable[Member], reason: work.Reason, ground: str, *, by, at: datetime
) -> tuple[int, list[str]]:
    """Close the work items of members for a reason: (how many, why the others were not)."""
    closed, told = 0, []
    items = {m.item_id for m in chosen if m.item_id}
    for item in WorkItem.objects.filter(pk__in=items).open().order_by("pk"):
        try:
            work.close(item, reason, by=author(by), at=at, seen=None, ground=ground)
            closed += 1
        except work.WorkRefused as refusal:
            told.append(str(refusal))
    return closed, list(dict.fromkeys(told))


__all__ = ["UnitRefused", "form_of", "make_link", "make_unit", "standing", "take_over", "take_roster"]
