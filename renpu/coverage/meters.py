"""The electricity of the dwelling that an item is about, month by month, from the newest accepted lists."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from renpu.coverage.models import WorkItem
from renpu.listing.models import Household
from renpu.registers.models import Delivery, RegisterRow

MONTHS = 6  # the newest months of which something is known


class Meter(NamedTuple):
    """`months`: ("2020-10", kWh), the oldest first; the meters of a dwelling added up. `accounts`: how many meters."""

    months: tuple[tuple[str, float], ...] = ()
    accounts: int = 0

    @property
    def readings(self) -> tuple[float, ...]:
        return tuple(kwh for _, kwh in self.months)

    @property
    def most(self) -> float:
        return max(self.readings, default=0)


def meters_of(items: Iterable[WorkItem]) -> dict[UUID, Meter]:
    """Item -> its meter; without a reading, where the dwelling has none on a list. What the comparison put into the
    evidence (`kwh`) comes first: it is what the item was opened on."""
    items = list(items)
    asked = [item for item in items if not item.evidence.get("kwh")]
    units = units_of(asked)
    own = {item.row_id for item in asked if item.row_id}
    rows = RegisterRow.objects.filter(
        Q(unit_id__in=set(units.values())) | Q(pk__in=own),
        delivery__source="electricity",
        delivery__state=Delivery.State.ACCEPTED,
    )
    by_unit, by_row = defaultdict(list), {}
    for key, unit, more in rows.values_list("pk", "unit_id", "more") if units or own else ():
        by_row[key] = [more.get("kwh") or {}]
        if unit:
            by_unit[unit] += by_row[key]
    found = {}
    for item in items:
        stated = item.evidence.get("kwh")
        known = [stated] if stated else by_unit[units.get(item.pk)] or by_row.get(item.row_id, [])
        found[item.pk] = summed(known)
    return found


def units_of(items: list[WorkItem]) -> dict[UUID, UUID]:
    """Item -> its dwelling: its own, else that of its household."""
    homes = [item.household_id for item in items if item.household_id and not item.unit_id]
    of_home = dict(Household.objects.filter(pk__in=homes).values_list("pk", "unit_id")) if homes else {}
    found = {item.pk: item.unit_id or of_home.get(item.household_id) for item in items}
    return {key: unit for key, unit in found.items() if unit}


def summed(accounts: list[dict[str, float]]) -> Meter:
    total: dict[str, float] = defaultdict(float)
    for months in accounts:
        for month, kwh in months.items():
            if isinstance(kwh, int | float):
                total[month] += kwh
    return Meter(tuple(sorted(total.items())[-MONTHS:]), len(accounts))
