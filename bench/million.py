"""A city of a million households, made directly in the tables; within an installation.

12,500 blocks of 80 households in 625 committees, 25 streets, 5 districts; 2.4 million persons; fifteen days of
counters; one visit a household in the journal. Heads of households are really sealed, other sealed columns hold noise
of the same size.
"""

import json
import os
import random
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from msgspec.structs import astuple

from bench.people import GIVEN, SURNAMES, T0
from renpu.collection import journal
from renpu.collection.fold import Line
from renpu.collection.measures import of_line
from renpu.collection.models import Event, Person
from renpu.collection.store import store
from renpu.geography.models import Area, Block
from renpu.listing.models import Household
from renpu.platform.models import Census
from renpu.platform.vault import blind_index, seal
from renpu.site.management.commands.init import prepare

CITY = "3101"
DAYS = 15
STATUS = ((1, 66), (2, 3), (3, 2), (4, 3), (5, 1), (6, 10), (7, 2), (90, 8), (91, 5))
NOISE = os.urandom(1 << 20)


def noise(rnd: random.Random, n: int) -> bytes:
    at = rnd.randrange(len(NOISE) - n)
    return NOISE[at : at + n]


def blocks(share: float):
    """The codes of the city's blocks; `share` of 1 gives all 12,500."""
    for district in range(5):
        for street in range(5):
            for committee in range(max(1, round(25 * share))):
                for block in range(20):
                    yield f"{CITY}{90 + district}{street + 1:03}{committee + 1:03}{block + 1:03}"


def fill(share: float) -> dict:
    prepare()
    rnd = random.Random(11)
    census = Census.objects.create(code="city", name="load run", t0=T0, area_code=CITY)
    codes = list(blocks(share))
    areas = sorted({code[:n] for code in codes for n in (2, 4, 6, 9, 12)})
    Area.objects.bulk_create([Area(code=code, name=f"区域{code}") for code in areas])
    Block.objects.bulk_create([Block(code=code, name=f"{code[-3:]}小区") for code in codes], batch_size=5000)
    names = [s + a + b for s in SURNAMES for a in GIVEN[:20] for b in ["", *GIVEN[10:22]]]
    index = {name: blind_index(name, "name") for name in names}
    found = {"names": rnd.sample(names, 40), "numbers": [], "blocks": codes[::97], "households": [], "streets": 25}
    dropped = drop_indexes((Household, Person, Event))
    seq = 0
    for at in range(0, len(codes), 250):
        lines, persons, events, days, now, tasks = [], [], [], [], [], []
        for code in codes[at : at + 250]:
            totals: dict[date, Counter] = {}
            for n in range(80):
                seq += 1
                line = a_line(rnd, census.pk, code, n, seq)
                name = rnd.choice(names)
                line.head, line.head_index = seal(name, line.id.bytes + b"head"), index[name]
                day = T0.date() + timedelta(days=rnd.randrange(DAYS))
                lines.append(astuple(line))
                for k in range(line.persons):
                    who = name if k == 0 else rnd.choice(names)
                    key = rnd.randbytes(16)
                    if k == 0 and seq % 2_500 == 0:
                        number = f"310199{seq:012}"
                        key = blind_index(number, "number")
                        found["numbers"].append(number)
                        found["households"].append(str(line.id))
                    persons.append(a_person(rnd, line.id, k + 1, code, index[who], key))
                effect = {**of_line(line), "events": 1, "visits": 1}
                totals.setdefault(day, Counter()).update(effect)
                events.append(an_event(rnd, seq, census.pk, line, day, effect))
                if line.open_tasks:
                    key = UUID(bytes=rnd.randbytes(16))
                    tasks.append((key, census.pk, line.id, code, "same_section", key, key, "household", events[-1][8],
                                  None, "", "", ""))  # fmt: skip
            for day, counts in sorted(totals.items()):
                days.append((*[counts[m] for m in journal.COUNTED], census.pk, code, day, noise(rnd, 32), seq))
            whole: Counter = sum(totals.values(), Counter())
            last = max(e[8] for e in events[-80:])
            now.append((*[whole[m] for m in journal.COUNTED], census.pk, code, last, seq))
        with transaction.atomic():
            to = store()
            to.write(journal.HOUSEHOLD, lines)
            to.write(journal.PERSON, persons)
            to.write(journal.EVENT, events)
            to.write(journal.BLOCK_DAY, days)
            to.write(journal.BLOCK_NOW, now)
            to.write(journal.TASK, tasks)
    with connection.cursor() as cursor:
        for statement in dropped:
            cursor.execute(statement)
        cursor.execute("vacuum analyze" if connection.vendor == "postgresql" else "analyze")
    found |= {"lines": Household.objects.count(), "persons": Person.objects.count(), "area_blocks": len(codes)}
    return found


def a_line(rnd: random.Random, census_id: int, code: str, n: int, seq: int) -> Line:
    line = Line(UUID(bytes=rnd.randbytes(16)), census_id, code)
    line.household_no = f"{n + 1:03}"
    line.household_type = 2 if rnd.random() < 0.01 else 1
    line.address = f"第{code[6:9]}大街{code[9:]}弄{n // 12 + 1}号{rnd.randrange(1, 30)}{rnd.randrange(1, 6):02}室"
    line.status = line.visit_status = rnd.choices([s for s, _ in STATUS], [w for _, w in STATUS])[0]
    line.visits = rnd.randrange(1, 5)
    line.visited_at = T0 + timedelta(minutes=seq % 20_000)
    if line.status in (90, 91):
        line.appointment_at = T0 + timedelta(hours=rnd.randrange(24 * DAYS)) if rnd.random() < 0.5 else None
        return line
    line.persons = line.persons_here = line.persons_resident = rnd.choices((1, 2, 3, 4, 5, 6), (14, 22, 25, 20, 13, 6))[
        0
    ]
    line.version, line.form_status, line.form_method = 1, line.status, 1 if rnd.random() < 0.7 else 2
    line.open_edits = int(rnd.random() < 0.03)
    line.open_queries = int(rnd.random() < 0.05)
    line.open_tasks = int(rnd.random() < 0.002)
    line.accepted = not line.open_edits
    line.last_seq = seq
    return line


def a_person(
    rnd: random.Random, household: UUID, line: int, code: str, name_index: bytes, number_index: bytes
) -> tuple:
    return (
        *(household, line, f"{line}", code, noise(rnd, 38), name_index, noise(rnd, 47), number_index, min(line - 1, 9)),
        *(
            rnd.randrange(1, 3),
            f"{rnd.randrange(1930, 2020)}{rnd.randrange(1, 13):02}",
            "01",
            1,
            "",
            1,
            "",
            1,
            None,
            5,
            1,
        ),
        "resident",
    )


def an_event(rnd: random.Random, seq: int, census_id: int, line: Line, day: date, effect: dict[str, int]) -> tuple:
    at = datetime.combine(day, T0.timetz()) + timedelta(hours=8, seconds=rnd.randrange(50_000))
    key = UUID(bytes=rnd.randbytes(16))
    return (
        *(seq, key, census_id, "visit", line.id, line.block_code, day, at, at, key, "S1", seq, 0, 1, 1),
        *(noise(rnd, 450), None, False, noise(rnd, 32), "", "accepted", 0, json.dumps(effect)),
    )


def drop_indexes(models) -> list[str]:
    """Drop the indexes that are no constraints; the statements that make them again."""
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "select i.indexname, i.indexdef from pg_indexes i left join pg_constraint c on c.conname = i.indexname "
                "where i.tablename = any(%s) and c.oid is null",
                (tables,),
            )
        else:
            marks = ",".join(f"'{t}'" for t in tables)
            cursor.execute(
                f"select name, sql from sqlite_master where type = 'index' and sql not null and tbl_name in ({marks})"
            )
        found = cursor.fetchall()
        for name, _ in found:
            cursor.execute(f'drop index "{name}"')
    return [sql for _, sql in found]


def main() -> None:
    print(json.dumps(fill(float(sys.argv[1]))))
