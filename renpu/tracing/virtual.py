"""Virtual buildings and blocks: those whose hukou stayed where no dwelling is, and the people of a unit's hukou, have a
block of their own, numbered from 900 (虚拟建筑物, 虚拟普查小区)."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4, uuid5

import msgspec
from django.db import transaction
from django.db.models import Count, Q, Sum

from renpu.collection import events
from renpu.geography.models import Block, Building
from renpu.listing.models import Household
from renpu.platform.models import Census
from renpu.platform.vault import unseal
from renpu.tracing import answering
from renpu.tracing import call_problems as problems
from renpu.tracing.reach import form_of

FIRST, LAST = 900, 999
KINDS = ("quarter", "unit")
MOVED = UUID("d5a0e1b3-9a1f-5e0b-8a63-1f5be2a0c7d8")


class VirtualRefused(Exception):
    """What could not be made or moved; the message is for the person who tried it."""


class Virtual(NamedTuple):
    """A virtual block with what it holds."""

    block: Block
    buildings: list[Building]
    households: int
    persons: int
    registered: int


def virtual_blocks(user, census: Census, area_code: str) -> list[Virtual]:
    blocks = list(Block.objects.visible_to(user).in_area(area_code).filter(virtual=True).order_by("code"))
    codes = [b.code for b in blocks]
    counted = (
        Household.objects.of(census)
        .filter(block_code__in=codes)
        .values("block_code")
        .annotate(
            n=Count("pk"), people=Sum("persons"), listed=Sum("n_hukou"), done=Count("pk", filter=Q(accepted=True))
        )
    )
    by_block = {row["block_code"]: row for row in counted.order_by("block_code")}
    buildings: dict[str, list[Building]] = {}
    for building in Building.objects.filter(area_code__in=codes, state=Building.State.VIRTUAL).order_by("number", "pk"):
        buildings.setdefault(building.area_code, []).append(building)
    none = {"n": 0, "people": 0, "listed": 0, "done": 0}
    return [
        Virtual(b, buildings.get(b.code, []), row["n"], row["people"] or row["listed"] or 0, row["done"])
        for b in blocks
        for row in (by_block.get(b.code, none),)
    ]


def make_virtual(area_code: str, name: str, kind: str) -> Block:
    """A virtual block of a committee with a virtual building in it; VirtualRefused without a name or a free number."""
    if not name or kind not in KINDS or len(area_code) != 12:
        raise VirtualRefused(problems.BLOCK_NAME)
    with transaction.atomic():
        taken = set(Block.objects.select_for_update().in_area(area_code).values_list("code", flat=True))
        code = next((c for n in range(FIRST, LAST + 1) if (c := f"{area_code}{n}") not in taken), None)
        if code is None:
            raise VirtualRefused(problems.BLOCK_FULL)
        block = Block.objects.create(code=code, name=name[:60], virtual=True)
        Building.objects.create(
            id=uuid4(),
            area_code=code,
            number="001",
            label=name[:120],
            kind=f"virtual_{kind}",
            state=Building.State.VIRTUAL,
        )
    return block


def movable(user, census: Census, area_code: str):
    """Lines that may be moved: empty-registered or moved away, in blocks that are not virtual."""
    virtual = Block.objects.in_area(area_code).filter(virtual=True).values("code")
    lines = Household.objects.visible_to(user).in_area(area_code).of(census).filter(status__in=(4, 5))
    return lines.exclude(block_code__in=virtual).order_by("block_code", "household_no", "id")


def move(
    census: Census, households: Iterable[Household], block: Block, *, by, at: datetime
) -> tuple[int, list[tuple[str, str]]]:
    """Move lines into a virtual block of their committee: (how many, [(address, why not)]).

    A line belongs to its block for ever, and so do its events. Moving opens a line in the virtual block with the
    contact and the answers that stand, and removes the old one with the reason; each is an event, and each can be
    taken back.
    """
    moved, told = 0, []
    building = Building.objects.filter(area_code=block.code, state=Building.State.VIRTUAL).order_by("number").first()
    for h in households:
        why = cannot_move(h, block)
        if why:
            told.append((h.address or h.household_no, str(why)))
            continue
        with transaction.atomic():
            _move(census, h, block, building, by=by, at=at)
        moved += 1
    return moved, told


def cannot_move(h: Household, block: Block):
    """Why a line may not be moved, or None."""
    if not block.virtual or h.block_code[:12] != block.code[:12]:
        return problems.MOVE_CHOOSE
    if h.locked:
        return problems.MOVE_LOCKED
    if h.open_tasks:
        return problems.MOVE_OPEN_TASK
    return problems.MOVE_LIVED_IN if h.persons_here or h.n_here or h.status not in (4, 5) else None


def _move(census: Census, h: Household, block: Block, building: Building | None, *, by, at: datetime) -> None:
    sender = answering.desk_of(by, census.pk)
    new = uuid5(MOVED, f"{h.id}/{block.code}")
    key = uuid5(new, f"{h.version}/{h.last_seq}")
    form = form_of(h)
    from_where = f"由{h.block_code[12:]}小区{h.household_no}号移入"
    line = events.Line(
        household_type=h.household_type,
        address=h.address,
        building=building.id if building else None,
        head=unseal(h.head, h.id.bytes + b"head"),
        reason=from_where,
    )
    answering.send(new, block.code, "line", line, sender=sender, at=at, key=key)
    visit = events.Visit(
        *(0, 2, h.status),
        n_here=h.n_here,
        n_away=h.n_away,
        n_hukou=h.n_hukou,
        n_resident=h.n_resident,
        phone=unseal(h.phone, h.id.bytes + b"phone"),
        note=from_where,
    )
    answering.send(new, block.code, "visit", visit, sender=sender, at=at, key=key)
    if form is not None:
        payload = msgspec.structs.replace(form, signature="", household_status=h.status)
        answering.send(new, block.code, "form", payload, sender=sender, at=at, key=key)
    number = Household.objects.values_list("household_no", flat=True).get(pk=new)
    remove = events.Remove(True, f"移入{block.code[12:]}虚拟小区{number}号")
    answering.send(h.id, h.block_code, "remove", remove, sender=sender, at=at, key=key)
