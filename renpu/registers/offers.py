"""What is offered to a clerk for an address that was not found: dwellings and buildings near it, the likeliest
first."""

from typing import NamedTuple

from renpu.concepts.address import Address, read
from renpu.geography.models import Building, Unit
from renpu.registers.places import scope


class Offer(NamedTuple):
    """A dwelling or a building that an address may mean; `near` is 0 for the same address."""

    kind: str
    id: str
    label: str
    block_code: str
    near: int


OFFERS = 8


def offers(text: str, area_code: str, words: str = "") -> list[Offer]:
    """Units and buildings that an address may mean, the likeliest first; with `words` those whose address holds all
    of them."""
    at = read(words or text)
    units = Unit.objects.in_area(scope(area_code))
    if words and not at.readable:
        for word in words.split():
            units = units.filter(address__contains=word)
    else:
        units = units.filter(address__contains=at.place) if at.place else units.none()
    ranked = sorted(
        ((_distance(at, read(unit.address)), unit.address, unit) for unit in units.order_by("address", "id")[:20_000]),
        key=lambda one: one[:2],
    )
    found = [Offer("unit", unit.pk.hex, unit.address, unit.block_code, near) for near, _, unit in ranked[:OFFERS]]
    return found + _buildings_of(ranked[:OFFERS], at, area_code)


def _distance(at: Address, other: Address) -> int:
    """How far a dwelling of the frame is from what an address says: 0 is the same."""
    far = 0
    for weight, one, two in (
        (1000, at.lane, other.lane),
        (400, at.number, other.number),
        (60, at.building, other.building),
        (60, at.entrance, other.entrance),
        (20, at.room_key, other.room_key),
    ):
        if one != two:
            far += weight if not (_digits(one) and _digits(two)) else min(weight - 1, _apart(weight, one, two))
    return far


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _apart(weight: int, one: str, two: str) -> int:
    """Nearer numbers are nearer: 3甲 is next to 3, 802 nearer to 801 than 101."""
    return weight // 4 + min(weight // 2, abs(int(_digits(one)) - int(_digits(two))))


def _buildings_of(ranked: list[tuple[int, str, Unit]], at: Address, area_code: str) -> list[Offer]:
    """The buildings of the units offered, and those whose label names the road."""
    near = {unit.building_id: distance for distance, _, unit in reversed(ranked)}
    buildings = list(Building.objects.filter(pk__in=near))
    if at.place and len(buildings) < 4:
        labelled = Building.objects.in_area(scope(area_code)).filter(label__contains=at.place).exclude(pk__in=near)
        buildings += labelled.order_by("label", "number", "id")[: 6 - len(buildings)]
    return [
        Offer("building", one.pk.hex, f"{one.label} {one.number}", one.area_code, near.get(one.pk, 900))
        for one in sorted(buildings, key=lambda one: (near.get(one.pk, 900), one.label, one.number))
    ][:4]
