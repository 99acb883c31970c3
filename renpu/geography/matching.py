"""Written addresses found among the dwelling units and buildings of the frame; knows no Django.

    frame = Frame(units, buildings)          rows of the frame, as `UNITS` and `BUILDINGS` say
    frame.find("杨树浦路112弄8号前楼")         -> Found("unit", unit, building, block)
    place(addresses, units, buildings)       the same for a frame of distinct addresses

How an address was found is a code of the list `address_placing`. A dwelling that is named where the frame has none at
that number (no_unit) may be one that was missed: its building and block are kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl

from renpu.concepts.address import USUAL_FLOOR, Address, read

UNITS = {"id": pl.String, "building_id": pl.String, "block_code": pl.String, "floor": pl.Int16, "address": pl.String}
BUILDINGS = {"id": pl.String, "area_code": pl.String, "label": pl.String, "state": pl.String}
FOUND = {"placed": pl.String, "unit_id": pl.String, "building_id": pl.String, "block_code": pl.String}

# From the best to the worst; of several readings of one writing the best found counts.
RANK = (
    "unit", "floor_room", "only_unit", "building", "no_unit", "several", "no_number", "no_road", "unreadable",
    "no_address",
)  # fmt: skip
OPEN = ("building", "no_unit", "several", "no_number", "no_road", "unreadable")  # what a person may settle
PLACED = ("unit", "floor_room", "only_unit", "by_hand", "demolished")
_BLOCK = 15


class Dwelling(NamedTuple):
    """A unit of the frame; keys as texts. `floor` 0 where it is not known."""

    id: str
    building: str
    block: str
    floor: int
    at: Address


class House(NamedTuple):
    """A building of the frame; `block` is empty while none is drawn around it."""

    id: str
    block: str
    standing: bool
    label: str
    at: Address


class Found(NamedTuple):
    """How an address was found, and where, as far as it is known."""

    placed: str
    unit: str = ""
    building: str = ""
    block: str = ""


class Frame:
    """The units and buildings of an area, looked up by what addresses say."""

    def __init__(self, units: Iterable[Sequence], buildings: Iterable[Sequence]):
        """`units`: (id, building id, block code, floor, address); `buildings`: (id, block or area code, label,
        state)."""
        self.houses: dict[str, House] = {}
        self._houses_at: dict[str, list[House]] = defaultdict(list)
        self._dwellings: dict[str, list[Dwelling]] = defaultdict(list)
        self._at_number: dict[str, list[Dwelling]] = defaultdict(list)
        self._on_lane: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._roads: set[str] = set()
        for id, code, label, state in buildings:
            at = read(label)
            house = House(id, code if len(code) == _BLOCK else "", state != "demolished", label, at)
            self.houses[id] = house
            self._roads.add(at.road_key)
            if at.lane:
                self._on_lane[at.lane_key].add((id, house.block))
            if at.number or at.building:
                self._houses_at[_number_key(at)].append(house)
        for id, building, block, floor, address in units:
            at = read(address)
            if not at.readable:
                continue
            one = Dwelling(id, building, block, floor or _floor(at), at)
            self._dwellings[at.key].append(one)
            self._at_number[_number_key(at)].append(one)
            self._on_lane[at.lane_key].add((building, block))
            self._roads.add(at.road_key)

    def find(self, text: str, area_code: str = "") -> Found:
        """Where a written address lies. `area_code`: the committee that the row names, which decides between equal
        addresses of two committees."""
        if not text.strip():
            return Found("no_address")
        first = read(text)
        found = self._find(first, area_code)
        if first.others and found.placed != "unit":
            others = (self._find(other, area_code) for other in first.others)
            found = min([found, *others], key=lambda one: RANK.index(one.placed))
        house = self.houses.get(found.building)
        if house and not house.standing:
            return found._replace(placed="demolished")
        return found

    def _find(self, at: Address, area_code: str) -> Found:
        if not at.readable:
            return Found("unreadable")
        if same := self._dwellings.get(at.key):
            return _one_of(same, area_code, "unit", "several")
        if there := self._at_number.get(_number_key(at)):
            return _at_door(at, there, area_code)
        if houses := self._houses_at.get(_number_key(at)):
            return _houses(houses, area_code, "no_unit" if at.room_key else "building")
        on_lane = self._on_lane.get(at.lane_key)
        if on_lane or at.road_key in self._roads:
            blocks = {block for _, block in on_lane or ()} if at.lane else set()
            return Found("no_number", block=blocks.pop() if len(blocks) == 1 else "")
        return Found("no_road")


def place(addresses: pl.DataFrame, units: pl.DataFrame, buildings: pl.DataFrame) -> pl.DataFrame:
    """`addresses` (address, area_code: one row for each distinct pair) with the columns of FOUND; what is not known is
    an empty text."""
    frame = Frame(units.select(list(UNITS)).iter_rows(), buildings.select(list(BUILDINGS)).iter_rows())
    found = [frame.find(*row) for row in addresses.select("address", "area_code").iter_rows()]
    return addresses.hstack(pl.DataFrame(found, schema=FOUND, orient="row"))


def _number_key(at: Address) -> str:
    """Road, lane and number, whatever building or entrance behind it."""
    return f"{at.lane_key}|{at.number or at.building}"


def _floor(at: Address) -> int:
    """The floor an address says or lets one see; 0 where it does not."""
    if at.floor:
        return at.floor
    if at.part:
        return USUAL_FLOOR[at.part]
    return int(at.room[:-2]) if at.room.isdigit() and len(at.room) in (3, 4) else 0


def _at_door(at: Address, there: list[Dwelling], area_code: str) -> Found:
    """What an address means at a number whose dwellings are known, when none is written like it."""
    if at.building or at.entrance:
        same_door = [one for one in there if one.at.door_key == at.door_key]
        there = same_door or there
    there = _of_committee(there, area_code)
    if not at.room_key:
        return _one_of(there, area_code, "only_unit", "building")
    near = [one for one in there if _alike(at, one)]
    if near:
        return _one_of(near, area_code, "floor_room", "several")
    return _together(there, "no_unit")


def _alike(at: Address, one: Dwelling) -> bool:
    """Is it the same room, with its floor, entrance or building written otherwise?"""
    other = one.at
    if _differs(at.building, other.building) or _differs(at.entrance, other.entrance):
        return False
    if at.part or other.part:
        return at.part == other.part
    if at.room and other.room:
        return _rooms(at) & _rooms(other) != set()
    return bool(not at.room and at.floor and other.room and at.floor == one.floor)


def _differs(one: str, other: str) -> bool:
    """Are both stated and not equal?"""
    return bool(one and other and one != other)


def _rooms(at: Address) -> set[str]:
    """The numbers by which a room may be known: as written, and with its floor before it."""
    rooms = {at.room}
    if at.floor > 0 and at.room.isdigit() and len(at.room) < 3:
        rooms.add(f"{at.floor}{int(at.room):02d}")
    return rooms


def _of_committee(found: list[Dwelling], area_code: str) -> list[Dwelling]:
    return [one for one in found if one.block.startswith(area_code)] or found


def _one_of(found: list[Dwelling], area_code: str, one: str, more: str) -> Found:
    if len(found) > 1:
        found = _of_committee(found, area_code)
    if len(found) == 1:
        return Found(one, found[0].id, found[0].building, found[0].block)
    return _together(found, more)


def _together(found: list[Dwelling], placed: str) -> Found:
    """The building and the block that the dwellings share; several buildings are no building."""
    buildings, blocks = {one.building for one in found}, {one.block for one in found}
    if len(buildings) > 1:
        placed = "several" if placed == "building" else placed
    return Found(
        placed,
        building=buildings.pop() if len(buildings) == 1 else "",
        block=blocks.pop() if len(blocks) == 1 else "",
    )


def _houses(found: list[House], area_code: str, placed: str) -> Found:
    found = [one for one in found if one.block.startswith(area_code)] or found
    if len(found) == 1:
        return Found(placed, building=found[0].id, block=found[0].block)
    blocks = {one.block for one in found}
    return Found("several", block=blocks.pop() if len(blocks) == 1 else "")
