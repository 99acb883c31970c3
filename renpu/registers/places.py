"""Addresses of a delivery looked up in the frame, and what a clerk says of those that were not found.

Each distinct address is looked up once (`geography.matching`); a decision that stands for its street goes before. The
rows are then written by slices, each a transaction of its own; a run that was cut short is simply run again.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, Max, Min, Sum

from renpu.concepts.address import read
from renpu.geography.matching import OPEN, Found, Frame
from renpu.geography.models import Building, Unit
from renpu.registers import problems
from renpu.registers.models import (
    AddressDecision,
    Delivery,
    DeliveryStep,
    OpenAddress,
    PlacedCount,
    RegisterRow,
)
from renpu.registers.problems import RegisterRefused

STREET = 9  # digits: a road name means one road inside a street
KEY = 320  # characters of an address's key that are kept
SLICE = 50_000  # keys of rows written in one transaction

_TABLE = """
create temporary table {name} (
    address varchar(300) not null, area_code varchar(15) not null, placed varchar(20) not null,
    unit_id {uuid}, building_id {uuid}, block_code varchar(15) not null, primary key (address, area_code)
)
"""
_UPDATE = """
update registers_registerrow as r
set placed = f.placed, unit_id = f.unit_id, building_id = f.building_id, block_code = f.block_code
from {name} f
where r.delivery_id = %s and r.id between %s and %s and f.address = r.address and f.area_code = r.area_code
  and (r.placed <> f.placed or r.block_code <> f.block_code
       or r.unit_id is distinct from f.unit_id or r.building_id is distinct from f.building_id)
"""


class Placed(NamedTuple):
    """What a delivery's distinct addresses came to."""

    address: str
    area_code: str
    rows: int
    found: Found


def scope(area_code: str) -> str:
    """Where a decision on an address of this area holds: its street, or the wider area."""
    return area_code[:STREET]


def key_of(address: str) -> str:
    """What an address is remembered by: its key where it can be read, else its letters."""
    at = read(address)
    return (at.key if at.readable else f"?{''.join(address.split())}")[:KEY]


def frame_of(area_code: str) -> Frame:
    """The frame of the street around an area, or of the wider area."""
    units = Unit.objects.in_area(scope(area_code)).order_by("id")
    buildings = Building.objects.in_area(scope(area_code)).order_by("id")
    return Frame(
        (
            (id.hex, building.hex, block, floor, address)
            for id, building, block, floor, address in units.values_list(
                "id", "building_id", "block_code", "floor", "address"
            ).iterator(10_000)
        ),
        ((id.hex, code, label, state) for id, code, label, state in buildings.values_list(
            "id", "area_code", "label", "state"
        )),
    )  # fmt: skip


def place(
    delivery: Delivery,
    *,
    at: datetime,
    by: str = "",
    frame: Frame | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> Counter:
    """Look up every address of a delivery and write it onto its rows; gives rows by code of `address_placing`.

    `progress` is told of rows as they are written. `frame`: that of the delivery's area, where the caller has it.
    RegisterRefused where the rows are destroyed, also while they are looked up.
    """
    frame = frame or frame_of(delivery.area_code)
    decided = _decisions(scope(delivery.area_code))
    distinct = (
        RegisterRow.objects.filter(delivery=delivery)
        .values_list("address", "area_code")
        .annotate(rows=Count("pk"))
        .order_by()
    )
    found = [
        Placed(address, area, rows, (decided and decided.get(key_of(address))) or frame.find(address, area))
        for address, area, rows in distinct.iterator(10_000)
    ]
    _write(delivery, found, progress)
    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=delivery.pk).must_have_rows()
        counts = _keep(delivery, found)
        Delivery.objects.filter(pk=delivery.pk).update(placed_at=at)
        step(delivery, DeliveryStep.Did.PLACED, at=at, by=by, rows=sum(counts.values()))
    delivery.placed_at = at
    return counts


def step(delivery: Delivery, did: str, *, at: datetime, by: str, area: str = "", rows: int = 0, note: str = "") -> None:
    """One line of a delivery's lineage."""
    DeliveryStep.objects.create(
        delivery=delivery, did=did, at=at, by=by, area_code=area or delivery.area_code, rows=rows, note=note[:200]
    )


def _decisions(area: str) -> dict[str, Found]:
    """key -> where clerks said that it lies."""
    return {
        one.key: Found(one.placed, _hex(one.unit_id), _hex(one.building_id), one.block_code)
        for one in AddressDecision.objects.standing().filter(area_code=area).order_by("id")
    }


def _hex(key: UUID | None) -> str:
    return key.hex if key else ""


def _write(delivery: Delivery, found: list[Placed], progress: Callable[[int], None]) -> None:
    """What was found, onto the rows, by a table of the session joined to them."""
    name, postgresql = f"place_found_{delivery.pk.hex[:12]}", connection.vendor == "postgresql"
    key = delivery.pk if postgresql else delivery.pk.hex
    bounds = RegisterRow.objects.filter(delivery=delivery).aggregate(first=Min("pk"), last=Max("pk"))
    if bounds["first"] is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(f"drop table if exists {name}")
        cursor.execute(_TABLE.format(name=name, uuid="uuid" if postgresql else "char(32)"))
        _fill(cursor, name, found, postgresql)
        for first in range(bounds["first"], bounds["last"] + 1, SLICE):
            last = min(first + SLICE - 1, bounds["last"])
            with transaction.atomic():
                cursor.execute(_UPDATE.format(name=name), [key, first, last])
            progress(last - first + 1)
        cursor.execute(f"drop table {name}")


def _fill(cursor, name: str, found: Iterable[Placed], postgresql: bool) -> None:
    rows = (
        (one.address, one.area_code, one.found.placed, one.found.unit or None, one.found.building or None,
         one.found.block)
        for one in found
    )  # fmt: skip
    if postgresql:
        with cursor.copy(f"copy {name} from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"analyze {name}")
    else:
        with transaction.atomic():
            cursor.executemany(f"insert into {name} values (%s, %s, %s, %s, %s, %s)", rows)


def _keep(delivery: Delivery, found: list[Placed]) -> Counter:
    """The counts of a delivery and its addresses that wait for a person, written anew."""
    counts: Counter = Counter()
    by_place: Counter = Counter()
    for one in found:
        counts[one.found.placed] += one.rows
        by_place[one.found.block or one.area_code, one.found.placed] += one.rows
    PlacedCount.objects.filter(delivery=delivery).delete()
    PlacedCount.objects.bulk_create(
        PlacedCount(delivery=delivery, area_code=area, placed=placed, rows=rows)
        for (area, placed), rows in sorted(by_place.items())
    )
    OpenAddress.objects.filter(delivery=delivery).delete()
    _keep_open(delivery, found)
    return counts


def _keep_open(delivery: Delivery, found: list[Placed]) -> None:
    """The addresses of a delivery that wait for a person, of those that were looked up."""
    OpenAddress.objects.bulk_create(
        (
            OpenAddress(
                delivery=delivery,
                area_code=one.found.block or one.area_code,
                row_area=one.area_code,
                address=one.address,
                key=key_of(one.address),
                placed=one.found.placed,
                building_id=UUID(one.found.building) if one.found.building else None,
                rows=one.rows,
            )
            for one in found
            if one.found.placed in OPEN
        ),
        batch_size=2_000,
    )


# What a clerk decides


def waiting(area_code: str, user):
    """Addresses that wait for a person in an area, each once for all deliveries that have it: key, address, placed,
    rows, deliveries."""
    return (
        _of_valid_lists(area_code, user)
        .values("key", "placed")
        .annotate(all_rows=Sum("rows"), lists=Count("delivery", distinct=True), address=Min("address"), first=Min("pk"))
    )


def waiting_by_reason(area_code: str, user) -> dict[str, int]:
    """How many addresses wait, by code of `address_placing`."""
    found = _of_valid_lists(area_code, user).values_list("placed")
    return dict(found.annotate(n=Count("key", distinct=True)).order_by())


def _of_valid_lists(area_code: str, user):
    there = OpenAddress.objects.visible_to(user).in_area(area_code)
    return there.filter(delivery__state=Delivery.State.ACCEPTED, delivery__destroyed_at=None)


def decide(
    address: OpenAddress,
    *,
    at: datetime,
    by: str,
    unit: Unit | None = None,
    building: Building | None = None,
    elsewhere: bool = False,
) -> AddressDecision:
    """Say where an address lies: in a unit, only in a building, or elsewhere. It is written onto the rows of every
    delivery of the street that has the address, however it is written there. RegisterRefused where none of the three
    is named, or where the address is decided already."""
    if not (unit or building or elsewhere):
        raise RegisterRefused(problems.CHOOSE_PLACE)
    if unit:
        where = Found("by_hand", unit.pk.hex, unit.building_id.hex, unit.block_code)
    elif building:
        block = building.area_code if len(building.area_code) == 15 else ""
        where = Found("by_hand", "", building.pk.hex, block)
    else:
        where = Found("elsewhere")
    with transaction.atomic():
        area = scope(address.delivery.area_code)
        try:
            with transaction.atomic():
                decision = AddressDecision.objects.create(
                    area_code=area,
                    key=address.key,
                    address=address.address,
                    placed=where.placed,
                    unit_id=unit and unit.pk,
                    building_id=UUID(where.building) if where.building else None,
                    block_code=where.block,
                    at=at,
                    by=by,
                )
        except IntegrityError:  # `one_decision_an_address`
            raise RegisterRefused(problems.ADDRESS_DECIDED % {"address": address.address}) from None
        rows = 0
        there = OpenAddress.objects.filter(key=address.key, delivery__in=_deliveries_of(area))
        for one in there.select_related("delivery"):
            rows += _move(one, where, DeliveryStep.Did.DECIDED, at, by)
        decision.rows = rows
        decision.save(update_fields=["rows"])
    return decision


def _deliveries_of(area: str):
    """The deliveries for which a decision of this scope holds."""
    if len(area) < STREET:
        return Delivery.objects.filter(area_code=area)
    return Delivery.objects.filter(area_code__startswith=area)


def undo(decision: AddressDecision, *, at: datetime, by: str) -> None:
    """Take a decision back: its address waits again, or is found by the machine if the frame has it by now.
    RegisterRefused where it was taken back before."""
    with transaction.atomic():
        found = AddressDecision.objects.select_for_update().get(pk=decision.pk)
        if found.undone_at:
            raise RegisterRefused(problems.DECISION_UNDONE)
        found.undone_at, found.undone_by = at, by
        found.save(update_fields=["undone_at", "undone_by"])
        frame = frame_of(found.area_code)
        deliveries = _deliveries_of(found.area_code).filter(placed_at__isnull=False, destroyed_at=None)
        for delivery in deliveries.order_by("pk"):
            _release(delivery, found, frame, at, by)
    decision.refresh_from_db()


def _move(one: OpenAddress, where: Found, did: str, at: datetime, by: str) -> int:
    """An open address and its rows are put where a person says."""
    rows = RegisterRow.objects.filter(
        delivery=one.delivery, placed=one.placed, area_code=one.row_area, address=one.address
    ).update(**_written(where))
    _recount(one.delivery, one.area_code, one.placed, -rows)
    _recount(one.delivery, where.block or one.row_area, where.placed, rows)
    step(one.delivery, did, at=at, by=by, area=where.block or one.row_area, rows=rows)
    one.delete()
    return rows


def _release(delivery: Delivery, decision: AddressDecision, frame: Frame, at: datetime, by: str) -> None:
    """The rows of a delivery that a decision had placed are looked up again."""
    rows = RegisterRow.objects.filter(delivery=delivery, placed=decision.placed, unit_id=decision.unit_id)
    rows = rows.filter(building_id=decision.building_id, block_code=decision.block_code)
    moved: list[Placed] = []
    for address, area, number in rows.values_list("address", "area_code").annotate(n=Count("pk")).order_by("address"):
        if key_of(address) != decision.key:
            continue
        found = frame.find(address, area)
        rows.filter(address=address, area_code=area).update(**_written(found))
        _recount(delivery, decision.block_code or area, decision.placed, -number)
        _recount(delivery, found.block or area, found.placed, number)
        moved.append(Placed(address, area, number, found))
    if moved:
        _keep_open(delivery, moved)
        step(delivery, DeliveryStep.Did.UNDONE, at=at, by=by, rows=sum(one.rows for one in moved))


def _written(found: Found) -> dict:
    return {
        "placed": found.placed,
        "unit_id": UUID(found.unit) if found.unit else None,
        "building_id": UUID(found.building) if found.building else None,
        "block_code": found.block,
    }


def _recount(delivery: Delivery, area: str, placed: str, rows: int) -> None:
    if not rows:
        return
    count, _ = PlacedCount.objects.get_or_create(delivery=delivery, area_code=area, placed=placed, defaults={"rows": 0})
    if count.rows + rows <= 0:
        count.delete()
    else:
        PlacedCount.objects.filter(pk=count.pk).update(rows=F("rows") + rows)
