"""A city's register and forms in the tables, their comparison, and the ledger's queries; within an installation.

Arguments: fill | run | pages, and the number of rows of both together. Households of the count lie in blocks one after
the other; four in ten persons are recorded as living elsewhere, most of them within the city.
"""

import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Count
from msgspec.structs import astuple

from bench.million import blocks, drop_indexes, noise
from bench.people import T0
from renpu.collection import journal
from renpu.collection.fold import Line
from renpu.collection.models import Event, Person
from renpu.collection.store import store
from renpu.coverage import items
from renpu.coverage.models import Finding, WorkItem
from renpu.coverage.reconcile import reconcile
from renpu.geography.models import Area, Block
from renpu.geography.places import Place
from renpu.linkage.models import Link
from renpu.listing.models import Household
from renpu.platform.models import Census, Post, local
from renpu.platform.vault import seal
from renpu.registers.actions import seal_place
from renpu.registers.models import Delivery, DeliveryArea, RegisterRow
from renpu.site.management.commands.init import prepare
from renpu.staff.models import Assignment, Staff
from renpu.synthetic.persons import lists

CITY = "3101"
PER_BLOCK = 190  # persons of a block
AWAY = 0.4  # share of persons recorded as living elsewhere
TIMES, SECONDS = 30, 6
SEXES = {"男": 1, "女": 2, "1": 1, "2": 2}


def fill(rows: int) -> dict[str, Any]:
    prepare()
    rnd = random.Random(3)
    made = lists(rows // 2, seed=3)
    census = Census.objects.create(code="city", name="load run", t0=T0, area_code=CITY)
    needed = len(made.count) // PER_BLOCK + 1
    codes = list(blocks(1))[:needed]
    Area.objects.bulk_create(
        [Area(code=code, name=f"区域{code}") for code in sorted({c[:n] for c in codes for n in (2, 4, 6, 9, 12)})]
    )
    Block.objects.bulk_create([Block(code=code, name=f"{code[-3:]}小区") for code in codes], batch_size=5000)
    staff = [
        Staff.objects.create(number=f"C{n}", name="何敏", duty=duty, origin="cadre", area_code=CITY)
        for n, duty in enumerate(("enumerator", "supervisor"))
    ]
    Assignment.objects.bulk_create(
        [Assignment(block_code=code, staff=one, duty=one.duty, since=T0) for code in codes for one in staff],
        batch_size=5000,
    )
    dropped = drop_indexes((Household, Person, Event, RegisterRow, Link))
    delivery = Delivery.objects.create(
        census_id=census.pk, source="police", area_code=CITY, file_name="hukou.csv", sha256="0" * 64, size=1,
        received_at=T0, state=Delivery.State.ACCEPTED,
    )  # fmt: skip
    _forms(made.count.join(_places(made.count_truth, codes), on="id"), census.pk, rnd)
    _register(made.register.join(_places(made.register_truth, codes), on="id"), delivery)
    with connection.cursor() as cursor:
        for statement in dropped:
            cursor.execute(statement)
        cursor.execute("vacuum analyze")
    return {"rows": RegisterRow.objects.count(), "lines": Person.objects.count(), "blocks": len(codes)}


def _places(truth: pl.DataFrame, codes: list[str]) -> pl.DataFrame:
    """`id` and the block of each record: people who belong together were made one after the other."""
    at = pl.col("person").cast(pl.Int64).rank("dense").cast(pl.Int64) // PER_BLOCK
    return truth.select(
        "id", block=pl.Series(codes).gather(truth.select(at.clip(upper_bound=len(codes) - 1)).to_series())
    )


def _forms(count: pl.DataFrame, census: int, rnd: random.Random) -> None:
    """Forms of the count's households: most live where their hukou is, some are recorded as away."""
    ordered = count.sort("household", "id")
    lines, persons, before, home, code, n, who = [], [], None, UUID(int=0), "", 0, 0
    for row in ordered.iter_rows(named=True):
        if row["household"] != before or before is None:
            before, home = row["household"], UUID(bytes=rnd.randbytes(16))
            code = row["block"]
            line = Line(home, census, code, household_no=f"{n % 900:03}", address=row["address"] or "", status=1)
            line.version = 1
            lines.append(astuple(line))
            n, who = n + 1, 0
        who += 1
        away = rnd.random() < AWAY
        d7, d8, d9 = (rnd.choice((2, 3, 5)), 1, 5) if away else (1, 1, 1)
        if rnd.random() < 0.04:
            d7, d8, d9 = 1, 4, 2
        place = home.bytes + bytes((who & 255,))
        number = row["id_number"]
        birth = "".join(filter(str.isdigit, row["birth"] or ""))[:6]
        persons.append(
            (home, who, "", code, seal(row["name"] or "", place + b"name"), noise(rnd, 16),
             seal(number, place + b"number") if number else None, noise(rnd, 16) if number else None,
             0 if who == 1 else 2,
             SEXES.get(row["sex"] or ""), birth, "01",
             d7, "", d8, "340123" if d8 == 4 else "", d9, None, 5, 1, "resident")
        )  # fmt: skip
        if len(persons) >= 100_000:
            with transaction.atomic():
                store().write(journal.HOUSEHOLD, lines)
                store().write(journal.PERSON, persons)
            lines, persons = [], []
    with transaction.atomic():
        store().write(journal.HOUSEHOLD, lines)
        store().write(journal.PERSON, persons)


def _register(register: pl.DataFrame, delivery: Delivery) -> None:
    place = str(delivery.pk)
    committees = sorted({code[:12] for code in register["block"]})
    names = (
        "delivery_id, sheet, number, area_code, household_no, household_kind, relation, sex, birth, ethnic, address, "
        "name_sealed, id_sealed, phone_sealed, typed_index, happened_on, use, block_code, placed, refused, more, "
        "problems"
    )
    ordered = register.sort("household", "id")
    with transaction.atomic(), connection.cursor() as cursor:
        with cursor.copy(f"copy {RegisterRow._meta.db_table} ({names}) from stdin") as copy:
            for n, row in enumerate(ordered.iter_rows(named=True), 1):
                area = row["block"][:12]
                sealed = [
                    seal(row[c], seal_place(place, "", n, f)) if row[c] else None
                    for c, f in (("name", "name"), ("id_number", "id"), ("phone", "phone"))
                ]
                sex = SEXES.get(row["sex"] or "")
                copy.write_row((delivery.pk, "", n, area, row["household"] or "", "家庭户", "", sex,
                                (row["birth"] or "")[:10],
                                "", row["address"] or "", *sealed, b"0" * 16, "", "", "", "no_road", False,
                                "{}", "[]"))  # fmt: skip
        DeliveryArea.objects.bulk_create([DeliveryArea(delivery=delivery, area_code=c, rows=1) for c in committees])


def run() -> dict[str, Any]:
    """The comparison, second by second."""
    census = Census.objects.get()
    at = census.t0 + timedelta(days=16)
    steps: list[tuple[str, float]] = []
    began = time.perf_counter()

    def step(name: str) -> None:
        steps.append((name, time.perf_counter()))

    reconcile(census, CITY, at=at, step=step)
    end = time.perf_counter()
    ends = [moment for _, moment in steps[1:]] + [end]
    spent = resource.getrusage(resource.RUSAGE_SELF)
    told: dict[str, Any] = {
        "seconds": round(end - began, 1),
        "of them": {name: round(stop - start, 1) for (name, start), stop in zip(steps, ends, strict=True)},
        "own processor seconds": round(spent.ru_utime + spent.ru_stime),
        "findings": Finding.objects.count(),
        "links": Link.objects.count(),
        "items": WorkItem.objects.count(),
        "kinds": dict(WorkItem.objects.values_list("kind").annotate(n=Count("pk")).order_by("kind")),
        "megabytes": spent.ru_maxrss // 1024,
    }
    return told


def pages() -> list[dict[str, Any]]:
    """The queries of the ledger's pages, as the pages ask them."""
    census = Census.objects.get()
    clerk = get_user_model().objects.create_user("clerk")
    Post.objects.create(user=clerk, role="district_office", area_code=CITY)
    blocks = list(Block.objects.order_by("code").values_list("code", flat=True))
    rnd, today = random.Random(5), local(census.t0).date() + timedelta(days=20)
    owner = str(Staff.objects.order_by("number").last().pk)

    def listed(digits: int, **asked: str) -> Any:
        code = rnd.choice(blocks)[:digits]
        return items.page(items.found(clerk, census, code, items.Wanted.read(asked), today), None)

    def rows(digits: int) -> Any:
        of = Finding.objects.visible_to(clerk).filter(census_id=census.pk, source="police", finding="to_add")
        return list(of.in_area(rnd.choice(blocks)[:digits]).order_by("area_code", "id")[:50])

    asked: dict[str, Callable[[], Any]] = {}
    for level, n in (("city", 4), ("district", 6), ("street", 9), ("committee", 12), ("block", 15)):
        asked[f"overview of a {level}"] = lambda n=n: items.overview(
            clerk, census, Place(rnd.choice(blocks)[:n], ""), today
        )
        asked[f"open items of a {level}, a page"] = lambda n=n: listed(n)
        asked[f"of one kind in a {level}, a page"] = lambda n=n: listed(n, kind="register_missing")
        asked[f"overdue in a {level}, a page"] = lambda n=n: listed(n, state="overdue")
        asked[f"rows on no form in a {level}, a page"] = lambda n=n: rows(n)
    asked["of one member of staff, a page"] = lambda: listed(4, owner=owner)
    told = []
    for name, ask in asked.items():
        ask()
        times: list[float] = []
        while len(times) < TIMES and sum(times) < 1000 * SECONDS:
            start = time.perf_counter()
            ask()
            times.append(1000 * (time.perf_counter() - start))
        p95 = float(np.quantile(times, 0.95))
        told.append({"name": name, "p50": round(statistics.median(times), 1), "p95": round(p95, 1)})
    return told


def main() -> None:
    what, rows = sys.argv[1:3]
    print(json.dumps({"fill": lambda: fill(int(rows)), "run": run, "pages": pages}[what]()))
