"""An invented street with two committees, one account a role, and a household whose form has an open edit."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec
from django.contrib.auth import get_user_model
from django.test import Client

from renpu.collection.models import Device, Lease
from renpu.editing import checks
from renpu.editing.receipt import Incoming, Sender, receive
from renpu.geography.models import Area, Block
from renpu.listing.models import Household
from renpu.platform.models import TIME_ZONE, Census, Post, Role
from renpu.staff.models import Assignment, Staff
from tests.people import form

STREET, HERE, THERE = "310199001", "310199001001", "310199001002"
BLOCK, NEXT = HERE + "001", THERE + "001"
T0 = datetime(2020, 11, 1, tzinfo=TIME_ZONE)
PASSWORD = "renpu-test-1"
PHONE, NOTE = "13911112222", "门铃坏了"


class Office:
    """The street, and what devices have sent; `at(role)` is a signed-in browser."""

    def __init__(self):
        checks.forget()
        self.census = Census.objects.create(code="main", name="第七次全国人口普查", t0=T0, area_code=STREET)
        Area.objects.bulk_create(
            Area(code=code, name=name) for code, name in ((STREET, "北街道"), (HERE, "东居委会"), (THERE, "西居委会"))
        )
        Block.objects.bulk_create(Block(code=code, name="第1普查小区") for code in (BLOCK, NEXT))
        self.users = {}
        for role, code in (
            (Role.STREET_OFFICE, STREET),
            (Role.SUPERVISOR, HERE),
            (Role.ENUMERATOR, BLOCK),
            (Role.INSPECTOR, STREET),
        ):
            self.users[role] = get_user_model().objects.create_user(role, password=PASSWORD)
            Post.objects.create(user=self.users[role], role=role, area_code=code)
        self.staff = [
            Staff.objects.create(number=f"S{n}", name=name, duty="enumerator", origin="cadre", area_code=code)
            for n, (name, code) in enumerate((("何敏", HERE), ("吕文", HERE), ("方远", THERE)), 1)
        ]
        Assignment.objects.create(block_code=BLOCK, staff=self.staff[0], duty="enumerator", since=T0)
        self.device = Device.objects.create(
            census_id=self.census.pk, staff=self.staff[0], name="一号机", paired_at=T0, token_hash=b"1" * 32
        )
        Lease.objects.create(census_id=self.census.pk, block_code=BLOCK, device=self.device, since=T0)
        self.now = datetime(2020, 11, 2, 9, tzinfo=TIME_ZONE)
        self.seqs: dict[UUID, int] = {}

    def at(self, role: str = Role.STREET_OFFICE) -> Client:
        client = Client()
        client.force_login(self.users[role])
        return client

    def send(self, kind, about, payload, *, block=BLOCK, base=0, device=None, minutes=0):
        self.now += timedelta(minutes=1)
        device = device or self.device.id
        seq = self.seqs[device] = self.seqs.get(device, 0) + 1
        body = msgspec.json.encode(
            {
                "id": uuid4(),
                "kind": kind,
                "about": about,
                "block": block,
                "made_at": self.now + timedelta(minutes=minutes),
                "seq": seq,
                "base_version": base,
                "payload": payload,
            }
        )
        return receive([Incoming(body, Sender(device, "S1", self.census.pk, False), self.now)], direct=True)[0]

    def line(self, number="001", block=BLOCK, **more) -> UUID:
        about = uuid4()
        line = {"household_no": number, "address": f"唐山路1弄{number}号", **more}
        self.send("line", about, line, block=block)
        return about

    def household(self, about: UUID) -> Household:
        return Household.objects.get(pk=about)

    def registered(self, number="001", block=BLOCK, people=("张建国", "李秀英"), **more) -> UUID:
        about = self.line(number, block)
        visit = {
            "mode": 1,
            "outcome": 1,
            "status_after": 1,
            "head": people[0],
            "phone": "13911112222",
            "note": "门铃坏了",
        }
        self.send("visit", about, visit, block=block)
        self.send("form", about, form(people, household=more), block=block)
        return about
