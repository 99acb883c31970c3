"""A street folder's frame: areas, blocks, buildings, units, staff, devices and leases, before the first visit.

Folder layout: `geo/*.geojson`, `registers/*`, `field/*.csv`, and optionally `season.json` with the moments of the
season (default: the packaged one). Loading the same folder again changes nothing.
"""

import csv
import json
import re
from datetime import datetime
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from renpu.collection.models import Device, Lease
from renpu.geography.models import Area, Block, Building, Unit
from renpu.platform.models import Census
from renpu.platform.vault import seal
from renpu.staff.models import Assignment, Staff

SPACE = UUID("0d9a1c5e-51f3-5b1c-8a57-3a1f0c6d2e10")
DUTIES = {"普查员": "enumerator", "普查指导员": "supervisor", "协助人员": "assistant"}
ORIGINS = {
    "居委干部": "cadre",
    "居民小组长": "group_leader",
    "退休返聘": "rehired",
    "单位选派": "seconded",
    "社区抽调": "community",
    "志愿者": "volunteer",
}


class StreetFolder:
    """A folder of the street layout."""

    def __init__(self, path: Path):
        self.path = path
        missing = [name for name in ("geo/committees.geojson", "field/roster.csv") if not (path / name).is_file()]
        if missing:
            raise FileNotFoundError(f"{path} is not a street folder: it has no {' and no '.join(missing)}")
        own = path / "season.json"
        packaged = files("renpu.synthetic").joinpath("season.json")
        self.season: dict[str, Any] = json.loads((own if own.is_file() else packaged).read_text("utf-8"))

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of field/<name>.csv; none when the season has no such file."""
        path = self.path / "field" / f"{name}.csv"
        if not path.is_file():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def features(self, name: str) -> list[dict[str, Any]]:
        path = self.path / "geo" / f"{name}.geojson"
        return json.loads(path.read_text("utf-8"))["features"] if path.is_file() else []

    def moment(self, name: str) -> datetime:
        return datetime.fromisoformat(self.season[name])

    @cached_property
    def street_code(self) -> str:
        """The nine digits that the committees share."""
        return min(f["properties"]["code"] for f in self.features("committees"))[:9]

    def key(self, *parts: str) -> UUID:
        """The UUID of something of this street, the same at each loading."""
        return uuid5(SPACE, "/".join((self.street_code, *parts)))


def packaged_street() -> Path:
    """The sample street that comes with renpu."""
    return Path(str(files("renpu.synthetic").joinpath("street")))


@transaction.atomic
def load_frame(street: StreetFolder) -> tuple[Census, Census | None]:
    """Everything that stands before the first visit; (census, its pilot)."""
    main, pilot = _censuses(street)
    _areas(street)
    blocks = street.rows("blocks")
    Block.objects.bulk_create(
        [Block(code=r["block"], virtual=r["virtual"] == "1", name=block_name(r["block"])) for r in blocks],
        ignore_conflicts=True,
    )
    block_of = {b: r["block"] for r in blocks for b in r["buildings"].split()}
    _buildings(street, block_of)
    _staff(street, main, blocks)
    return main, pilot


def block_name(code: str) -> str:
    return f"第{int(code[12:])}普查小区" if code[12:] < "900" else f"虚拟小区{code[12:]}"


def _censuses(street: StreetFolder) -> tuple[Census, Census | None]:
    told = street.season["census"]
    area = street.street_code
    main, _ = Census.objects.get_or_create(
        code=told["code"],
        defaults={"name": told["name"], "t0": datetime.fromisoformat(told["t0"]), "area_code": area},
    )
    told = street.season.get("pilot")
    if not told or not street.rows("pilot"):
        return main, None
    pilot, _ = Census.objects.get_or_create(
        code=told["code"],
        defaults={"name": told["name"], "t0": datetime.fromisoformat(told["t0"]), "area_code": area, "pilot_of": main},
    )
    return main, pilot


def _areas(street: StreetFolder) -> None:
    edition, code = street.season["edition"], street.street_code
    shapes = {f["properties"]["code"]: f for f in street.features("committees")}
    listed = files("renpu.geography").joinpath(f"areas/{code[:6]}_{edition}.csv")
    names = dict(csv.reader(listed.read_text("utf-8").splitlines()[1:])) if listed.is_file() else {}
    above = {code[:n] for n in (2, 4, 6, 9)}
    wanted = {c: names.get(c, c) for c in above} | {c: f["properties"]["name"] for c, f in shapes.items()}
    Area.objects.bulk_create(
        [
            Area(code=c, name=n, edition=edition, geometry=shapes[c]["geometry"] if c in shapes else None)
            for c, n in sorted(wanted.items())
        ],
        ignore_conflicts=True,
    )


def _buildings(street: StreetFolder, block_of: dict[str, str]) -> None:
    numbers: dict[str, int] = {}
    buildings = []
    for feature in street.features("buildings"):
        p = feature["properties"]
        lies_in = block_of.get(p["building"], p["committee"])
        numbers[lies_in] = numbers.get(lies_in, 0) + 1
        buildings.append(
            Building(
                id=street.key("building", p["building"]),
                area_code=lies_in,
                number=f"{numbers[lies_in]:03d}",
                source_no=p["building"],
                label=p["label"],
                kind=p["kind"],
                floors=p["floors"] or 0,
                dwellings=p.get("dwellings"),
                state=p["state"],
                geometry=feature["geometry"],
            )
        )
    Building.objects.bulk_create(buildings, ignore_conflicts=True)
    known = {b.source_no for b in buildings}
    units: dict[str, Unit] = {}
    in_building: dict[str, int] = {}
    for row in street.rows("roster"):
        dwelling = row["dwelling"]
        if not dwelling or dwelling in units or row["building"] not in known:
            continue
        in_building[row["building"]] = in_building.get(row["building"], 0) + 1
        floor, door = floor_and_door(row["address"])
        units[dwelling] = Unit(
            id=street.key("unit", dwelling),
            building_id=street.key("building", row["building"]),
            block_code=row["block"],
            number=f"{in_building[row['building']]:04d}",
            source_no=dwelling,
            floor=floor,
            door=door,
            address=row["address"],
        )
    Unit.objects.bulk_create(units.values(), ignore_conflicts=True)


ROOM = re.compile(r"号(?:(\d{1,2})(\d\d)室|(.+))$")


def floor_and_door(address: str) -> tuple[int | None, str]:
    """Floor and door of a written address: …356号402室 -> (4, "402"), …12号亭子间 -> (None, "亭子间")."""
    found = ROOM.search(address)
    if not found:
        return None, ""
    if found[1]:
        return int(found[1]), found[1] + found[2]
    return None, found[3]


def _staff(street: StreetFolder, main: Census, blocks: list[dict[str, str]]) -> None:
    since = street.moment("frame_at")
    rows = street.rows("staff")
    people = {
        row["staff_id"]: Staff(
            id=street.key("staff", row["staff_id"]),
            number=row["staff_id"],
            name=row["name"],
            phone=seal(row["phone"], street.key("staff", row["staff_id"]).bytes + b"phone") if row["phone"] else None,
            duty=DUTIES[row["role"]],
            origin=ORIGINS[row["source"]],
            seconding_unit=row["seconding_unit"],
            area_code=row["committee"],
            device_skill=int(row["device_skill"]),
            starts_on=row["start_date"],
        )
        for row in rows
    }
    Staff.objects.bulk_create(people.values(), ignore_conflicts=True)
    if Assignment.objects.filter(block_code__in=[b["block"] for b in blocks]).exists():
        return
    Assignment.objects.bulk_create(
        Assignment(block_code=b["block"], staff_id=people[b[duty]].id, duty=duty, since=since)
        for b in blocks
        for duty in ("enumerator", "supervisor")
        if b.get(duty) in people
    )
    Device.objects.bulk_create(
        [
            Device(
                id=device_of(street, number),
                census_id=main.pk,
                staff_id=p.id,
                name=f"{number} 入户设备",
                paired_at=since,
            )
            for number, p in people.items()
            if p.duty != Staff.Duty.ASSISTANT
        ],
        ignore_conflicts=True,
    )
    Lease.objects.bulk_create(
        Lease(census_id=main.pk, block_code=b["block"], device_id=device_of(street, b["enumerator"]), since=since)
        for b in blocks
        if b.get("enumerator") in people
    )


def device_of(street: StreetFolder, number: str) -> UUID:
    return street.key("device", number)
