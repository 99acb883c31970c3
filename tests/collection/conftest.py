"""An invented block with two lines, and the people and devices that work it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from renpu.collection.models import Device, Lease
from renpu.editing import checks
from renpu.editing.receipt import Incoming, Sender, receive
from renpu.listing.models import Household
from renpu.platform.models import TIME_ZONE, Census
from renpu.staff.models import Assignment, Staff

BLOCK = "310199001001001"
T0 = datetime(2020, 11, 1, tzinfo=TIME_ZONE)


class World:
    """Sends events as a device or a desk would, and looks at what came of them."""

    block = BLOCK

    def __init__(self):
        checks.forget()
        self.census = Census.objects.create(code="main", name="census", t0=T0, area_code=BLOCK[:9])
        self.now = datetime(2020, 11, 2, 9, tzinfo=TIME_ZONE)
        self.phones = [self.phone(n) for n in (1, 2)]
        Lease.objects.create(census_id=self.census.pk, block_code=BLOCK, device_id=self.phones[0].device_id, since=T0)
        self.desk = Sender(uuid4(), "office", self.census.pk, False)
        self.seqs: dict[UUID, int] = {}

    def phone(self, n: int) -> Sender:
        staff = Staff.objects.create(
            number=f"S{n}", name="何敏", duty="enumerator", origin="cadre", area_code=BLOCK[:12]
        )
        Assignment.objects.create(
            block_code=BLOCK, staff=staff, duty="enumerator", since=T0, until=None if n == 1 else T0
        )
        device = Device.objects.create(census_id=self.census.pk, staff=staff, paired_at=T0)
        return Sender(device.id, staff.number, self.census.pk, True, frozenset({BLOCK}))

    def event(self, kind, about, payload, *, sender=None, at=0, base=0, fence=1, seq=None, key=None, block=BLOCK):
        """The bytes of an event made `at` minutes after nine."""
        sender = sender or self.phones[0]
        if seq is None:
            seq = self.seqs[sender.device_id] = self.seqs.get(sender.device_id, 0) + 1
        return msgspec.json.encode(
            {
                "id": key or uuid4(),
                "kind": kind,
                "about": about,
                "block": block,
                "made_at": datetime(2020, 11, 2, 9, tzinfo=TIME_ZONE) + timedelta(minutes=at),
                "seq": seq,
                "base_version": base,
                "fence": fence if sender.holder else 0,
                "payload": payload,
            }
        )

    def receive(self, *bodies, sender=None, attested=False):
        self.now += timedelta(minutes=1)
        sender = sender or self.phones[0]
        return receive([Incoming(b, sender, self.now, attested) for b in bodies], direct=True)

    def send(self, kind, about, payload, **how):
        """One event sent by itself; its answer."""
        body = self.event(kind, about, payload, **how)
        return self.receive(body, sender=how.get("sender"))[0]

    def line(self, number="001", **more):
        about = uuid4()
        self.send("line", about, {"household_no": number, "address": "唐山路1弄1号", **more}, sender=self.desk)
        return about

    def household(self, about) -> Household:
        return Household.objects.get(pk=about)


@pytest.fixture
def world(db):
    return World()


VISIT = {"mode": 1, "outcome": 2, "status_after": 1, "n_here": 2, "n_away": 1, "n_hukou": 3, "n_resident": 2}
