"""Blocks, roster lines, enumerators and paired devices, made within an installation (`Office.within`).

Arguments: DEVICES BLOCKS HOUSEHOLDS [shared]. Prints [{token, device, blocks: {code: [household uuid, …]}}].
`shared`: two devices at a time may work each other's blocks, as after a reassignment.
"""

import json
import sys
from uuid import uuid4

import msgspec
from django.utils import timezone

from bench.office import STREET
from bench.people import T0, uuid7
from renpu.collection import devices as registry
from renpu.editing.receipt import Incoming, Sender, receive
from renpu.geography.models import Block
from renpu.platform.models import Census
from renpu.site.management.commands.init import prepare
from renpu.staff.models import Assignment, Staff


def furnish(devices: int, blocks: int, households: int, shared: bool = False) -> list[dict]:
    prepare()
    census, _ = Census.objects.get_or_create(code="bench", defaults={"name": "load run", "t0": T0, "area_code": STREET})
    now = timezone.now()
    before = Staff.objects.count()
    desk = Sender(uuid4(), "desk", census.pk, False)
    given = []
    for n in range(before, before + devices):
        staff = Staff.objects.create(
            number=f"B{n:04d}", name="何敏", duty="enumerator", origin="cadre", area_code=f"{STREET}{n % 900 + 1:03d}"
        )
        mine: dict[str, list[str]] = {}
        for b in range(blocks):
            code = f"{STREET}{n % 900 + 1:03d}{b + 1:03d}"
            Block.objects.create(code=code)
            Assignment.objects.create(block_code=code, staff=staff, duty="enumerator", since=now)
            mine[code] = lines = [str(uuid4()) for _ in range(households)]
            receive([Incoming(roster_line(key, code, i), desk, now) for i, key in enumerate(lines)], direct=True)
        code = registry.new_pairing_code(staff, census, at=now)
        paired = registry.pair(code, "load", at=now, address="127.0.0.1")
        assert paired is not None
        if shared and given and n % 2:
            before_me = given[-1]
            for block in before_me["blocks"]:
                Assignment.objects.create(block_code=block, staff=staff, duty="enumerator", since=now, until=now)
            other = Staff.objects.get(devices=before_me["device"])
            for block in mine:
                Assignment.objects.create(block_code=block, staff=other, duty="enumerator", since=now, until=now)
        given.append({"token": paired[1], "device": str(paired[0].id), "blocks": mine})
    return given


def roster_line(about: str, block: str, n: int) -> bytes:
    payload = {"household_no": f"{n + 1:03d}", "address": f"唐山路{n // 40 + 1}弄{n % 40 // 4 + 1}号{n % 4 + 1}01室"}
    return msgspec.json.encode(
        {"id": uuid7(), "kind": "line", "about": about, "block": block, "made_at": T0, "payload": payload}
    )


def main() -> None:
    print(json.dumps(furnish(*map(int, sys.argv[1:4]), shared="shared" in sys.argv)))
