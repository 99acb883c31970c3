"""Rows of a delivery placed in the frame at the size of a district; within an installation (RENPU_HOME or
RENPU_DATABASE).

python -m bench.place_rows [--rows 2000000]: 25 streets, a unit for every 2.5 rows, a quarter of the addresses written
otherwise, 3 % of dwellings not in the frame. Prints seconds by step, peak memory and rows by code.
"""

import argparse
import json
import os
import random
import resource
import time
from datetime import UTC, datetime

import django
from django.db import transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "renpu.site.settings")
DISTRICT = "310199"
STREETS, DOORS, ROOMS = 25, 40, 24
FULL = str.maketrans("0123456789", "０１２３４５６７８９")


def as_written(rnd: random.Random, road: str, lane: int, number: int, room: int) -> str:
    clean = f"{road}{lane}弄{number}号{room}室"
    how = rnd.random()
    if how > 0.25:
        return clean
    if how < 0.05:
        return f"{road}{lane}-{number}-{room}"
    if how < 0.1:
        return clean.translate(FULL)
    if how < 0.15:
        return "上海市虚构区" + clean
    return f"{road}{lane}弄{number}号{room // 100}楼{room}室" if how < 0.2 else clean.removesuffix("室")


def fill(rows: int):
    """The district, its frame and a delivery of `rows` persons; gives the delivery."""
    from renpu.geography.models import Area
    from renpu.platform.models import Census
    from renpu.registers import actions
    from renpu.registers.models import Delivery
    from renpu.site.management.commands.init import prepare

    prepare()
    rnd = random.Random(3)
    Census.objects.create(code="place", name="load run", t0=datetime(2020, 11, 1, tzinfo=UTC), area_code=DISTRICT)
    Area.objects.create(code=DISTRICT, name="虚构区")
    at = datetime(2020, 10, 8, tzinfo=UTC)
    delivery = Delivery.objects.create(
        source="police", area_code=DISTRICT, file_name="district.csv", sha256="0" * 64, size=0, received_at=at,
        state="accepted", rows_read=rows, rows_kept=rows,
    )  # fmt: skip
    names = list(actions.COLUMNS)
    lanes = max(1, round(rows / 2.5 / STREETS / DOORS / ROOMS))
    key, made = actions._uuid(delivery), 0
    for street in range(STREETS):
        made += fill_street(street, lanes, rows // STREETS, rnd, names, key, made)
    return delivery


@transaction.atomic
def fill_street(street: int, lanes: int, share: int, rnd: random.Random, names: list[str], key, made: int) -> int:
    from renpu.geography.models import Block, Building, Unit
    from renpu.registers import actions

    code = f"{DISTRICT}{street + 1:03}001"
    Block.objects.bulk_create([Block(code=f"{code}{lane + 1:03}") for lane in range(min(lanes, 899))])
    road, units, addresses = f"虚构{'甲乙丙丁戊'[street % 5]}{street // 5 + 1}路", [], []
    for lane in range(lanes):
        block = f"{code}{lane % 899 + 1:03}"
        for number in range(1, DOORS + 1):
            building = Building(area_code=block, label=f"{road}{lane + 1}弄{number}号", kind="tower")
            Building.objects.bulk_create([building])
            for n in range(ROOMS):
                room = (n // 4 + 1) * 100 + n % 4 + 1
                addresses.append((lane + 1, number, room))
                if rnd.random() > 0.03:
                    units.append(
                        Unit(building=building, block_code=block, address=f"{road}{lane + 1}弄{number}号{room}室")
                    )
    Unit.objects.bulk_create(units, batch_size=20_000)
    for first in range(0, share, 20_000):
        some = [
            row(names, key, made + n, code, as_written(rnd, road, *rnd.choice(addresses)))
            for n in range(min(20_000, share - first))
        ]
        actions._insert(some)
        made += len(some)
    return share


def row(names: list[str], key, number: int, area: str, address: str) -> tuple:
    given = {
        "delivery_id": key, "number": number + 2, "area_code": area, "address": address, "refused": False,
        "name_sealed": os.urandom(40), "name_index": os.urandom(16), "id_sealed": os.urandom(48),
        "id_index": os.urandom(16), "typed_index": os.urandom(16), "person_index": os.urandom(16), "more": "{}",
        "problems": "[]", "birth": "1980-01-01", "sex": 1,
    }  # fmt: skip
    empty = {
        "sheet",
        "household_no",
        "household_kind",
        "relation",
        "ethnic",
        "happened_on",
        "use",
        "block_code",
        "placed",
    }
    return tuple(given.get(name, "" if name in empty else None) for name in names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--filled", action="store_true", help="the district is there from an earlier run")
    options = parser.parse_args()
    django.setup()
    from renpu.registers import conflicts, places, quality
    from renpu.registers.models import Delivery

    seconds, begun = {}, (time.perf_counter(), time.process_time())

    def lap(name: str) -> None:
        """Seconds on the wall, and of them of this process: the rest is the store's, or others'."""
        nonlocal begun
        now = (time.perf_counter(), time.process_time())
        seconds[name] = [round(after - before, 1) for after, before in zip(now, begun, strict=True)]
        begun = now
        print(name, seconds[name], flush=True)

    def written(rows: int) -> None:
        if "look_up" not in seconds:
            lap("look_up")

    delivery = Delivery.objects.get(file_name="district.csv") if options.filled else fill(options.rows)
    lap("fill")
    frame = places.frame_of(delivery.area_code)
    lap("frame")
    counts = places.place(delivery, at=datetime.now(UTC), frame=frame, progress=written)
    lap("write")
    quality.measure(delivery)
    lap("quality")
    conflicts.find(delivery)
    lap("conflicts")
    places.place(delivery, at=datetime.now(UTC), frame=frame)
    lap("place_again")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"rows": options.rows, "seconds": seconds, "peak_mb": peak, "rows_by_code": dict(counts)}))


if __name__ == "__main__":
    main()
