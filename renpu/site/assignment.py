"""What a device downloads: its blocks with buildings, units and households, the form, the rules, the code lists."""

from typing import Any
from uuid import UUID

from renpu.collection.models import BlockNow, Device, Lease
from renpu.collection.transitions import state_of
from renpu.concepts.codes import code_list
from renpu.editing.checks import form_of_census, rules_of_census
from renpu.geography.models import Block, Building, Unit
from renpu.listing.models import Household
from renpu.platform.models import Census
from renpu.platform.vault import unseal

LISTS = (
    "household_status",
    "visit_outcome",
    "collection_mode",
    "household_type",
    "relationship",
    "sex",
    "ethnic_group",
    "residence_place",
    "hukou_place",
    "away_duration",
    "away_reason",
    "education",
    "literacy",
    "dwelling_type",
    "province",
)


def assignment(device_id: UUID) -> dict[str, Any]:
    """Everything a device needs to work offline on the blocks that it holds."""
    device = Device.objects.select_related("staff").get(pk=device_id)
    census = Census.objects.get(pk=device.census_id)
    leases = Lease.objects.filter(device=device, census_id=census.pk).order_by("block_code")
    form = form_of_census(census)
    rules = rules_of_census(census)
    return {
        "census": {
            "code": census.code,
            "name": census.name,
            "t0": census.t0,
            "area_code": census.area_code,
            **census.all_parameters,
        },
        "staff": {"name": device.staff.name, "no": device.staff.number},
        "form": {"id": form.id, "version": form.version, "xml": form.xml, "files": form.files},
        "rules": {"version": rules["version"], "program": rules},
        "codes": {name: [[code, zh, en] for code, (zh, en) in code_list(name).items()] for name in LISTS},
        "blocks": [block_for(census, lease) for lease in leases],
    }


def block_for(census: Census, lease: Lease) -> dict[str, Any]:
    code = lease.block_code
    buildings = Building.objects.filter(area_code=code).order_by("number", "id")
    units = Unit.objects.filter(block_code=code).order_by("building_id", "number", "id")
    block = Block.objects.filter(code=code).first()
    return {
        "block": code,
        "name": block.name if block else code,
        "fence": lease.fence,
        "cursor": cursor_of(census.pk, code),
        "buildings": [
            {"id": b.id, "no": b.number, "label": b.label, "kind": b.kind, "floors": b.floors, "state": b.state}
            for b in buildings
        ],
        "units": [
            {
                "id": u.id,
                "building": u.building_id,
                "no": u.number,
                "floor": u.floor,
                "door": u.door,
                "address": u.address,
            }
            for u in units
        ],
        "households": [household_for(h) for h in in_block(census.pk, code)],
    }


def in_block(census_id: int, code: str):
    return Household.objects.filter(census_id=census_id, block_code=code).order_by("household_no", "id")


def cursor_of(census_id: int, code: str) -> int:
    row = BlockNow.objects.filter(census_id=census_id, block_code=code).values_list("last_seq", flat=True).first()
    return row or 0


def household_for(h: Household) -> dict[str, Any]:
    """A household as its enumerator sees it: no answers, they stay on the server once it holds them."""
    return {
        "id": h.id,
        "no": h.household_no,
        "building": h.building_id,
        "unit": h.unit_id,
        "address": h.address,
        "head": unseal(h.head, h.id.bytes + b"head"),
        "household_type": h.household_type,
        "status": h.status,
        "state": state_of(h),
        "version": h.version,
        "visits": h.visits,
        "slips": h.slips,
        "last_outcome": h.last_outcome,
        "appointment_at": h.appointment_at,
        "n_here": h.n_here,
        "n_away": h.n_away,
        "open_edits": h.open_edits,
        "open_tasks": h.open_tasks,
    }


def changes(device_id: UUID, block: str, since: int) -> dict[str, Any] | None:
    """Households of a leased block changed after `since`; None when the device does not hold the block."""
    lease = Lease.objects.filter(device_id=device_id, block_code=block).first()
    if lease is None:
        return None
    cursor = cursor_of(lease.census_id, block)
    rows = in_block(lease.census_id, block).filter(last_seq__gt=since)
    return {"cursor": cursor, "households": [household_for(h) for h in rows]}
