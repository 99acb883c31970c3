"""The staff of an area as the office sees them: their blocks, their devices, and when each was heard of."""

from typing import Any

from renpu.collection.models import Device, Lease
from renpu.geography.places import names_of
from renpu.platform.models import Census
from renpu.staff.models import Assignment, Staff

PAGE = 60


def crew(user, census: Census, area_code: str, after: str = "") -> tuple[list[Staff], str]:
    """One page of staff by number, each with `blocks` and `phones`, and the key of the next page."""
    people = Staff.objects.visible_to(user).in_area(area_code).filter(number__gt=after)
    rows = list(people.order_by("number")[: PAGE + 1])
    more = rows[PAGE - 1].number if len(rows) > PAGE else ""
    rows = rows[:PAGE]
    ids = [person.id for person in rows]
    devices = Device.objects.filter(census_id=census.pk, staff__in=ids).exclude(token_hash=None, revoked_at=None)
    phones: dict[Any, list[Device]] = {}
    for device in devices.order_by("-paired_at", "id"):
        phones.setdefault(device.staff_id, []).append(device)
    held = list(Assignment.objects.filter(staff__in=ids, until=None).order_by("block_code", "duty"))
    leases = Lease.objects.filter(census_id=census.pk, block_code__in={a.block_code for a in held})
    holders = {lease.block_code: lease for lease in leases.select_related("device__staff")}
    names = names_of({a.block_code for a in held} | {a.block_code[:12] for a in held} | {p.area_code for p in rows})
    blocks: dict[Any, list[dict[str, Any]]] = {}
    for a in held:
        lease = holders.get(a.block_code)
        blocks.setdefault(a.staff_id, []).append(
            {
                "code": a.block_code,
                "name": names.get(a.block_code, a.block_code),
                "duty": a.duty,
                "mine": bool(lease and lease.device and lease.device.staff_id == a.staff_id),
                "free": lease is None or lease.device_id is None,
            }
        )
    for person in rows:
        person.blocks = blocks.get(person.id, [])
        person.phones = phones.get(person.id, [])
        person.area_name = names.get(person.area_code, person.area_code)
    return rows, more


def may_take(user, block_code: str) -> list[Staff]:
    """Enumerators of the block's committee to whom it may be given."""
    people = Staff.objects.visible_to(user).in_area(block_code[:12])
    return list(people.filter(duty=Staff.Duty.ENUMERATOR).order_by("number"))
