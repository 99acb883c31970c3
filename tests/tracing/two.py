"""Two committees of a street: 李秀英 has her hukou in the first and lives in the second."""

from datetime import date, timedelta

from django.contrib.auth import get_user_model
from django.test import Client

from renpu.linkage.models import line_key
from renpu.platform.models import TIME_ZONE, Post, Role
from renpu.platform.vault import blind_index, seal
from renpu.registers.actions import seal_place
from renpu.registers.models import Delivery, RegisterRow
from renpu.tracing import requests
from renpu.tracing.cases import open_case
from renpu.tracing.requests import Addressee, Asked
from tests.people import NUMBERS, form
from tests.site.street import BLOCK, HERE, NEXT, STREET, THERE, Office

AWAY = {"D7": 3, "D8": 1, "D9": 1}
PHONE = "12512345678"


class Two(Office):
    def __init__(self):
        super().__init__()
        for name, role, code in (
            ("here", Role.AREA_HEAD, HERE),
            ("there", Role.AREA_HEAD, THERE),
            ("police", Role.POLICE, STREET),
            ("other police", Role.POLICE, "310199002"),
        ):
            self.users[name] = get_user_model().objects.create_user(name, password="renpu-test-1")
            Post.objects.create(user=self.users[name], role=role, area_code=code)
        self.head = self.users["here"]
        self.home = self.registered(away=AWAY)

    def at(self, role=Role.STREET_OFFICE) -> Client:
        return super().at(role)

    def registered(self, number="001", block=BLOCK, people=("张建国", "李秀英"), away=None, **more):
        """A household of a couple; `away` are items of the second person."""
        about = self.line(number, block)
        one = form(people, household={"H2a": 1, "H2b": 1} if away else {}, **more)
        one["answers"]["persons"][1].update(away or {})
        self.send("form", about, one, block=block)
        return about

    def enumerated_there(self, **items):
        """李秀英 on a form of the second committee, alone."""
        about = self.line("009", NEXT)
        one = form(("李秀英",))
        one["answers"]["persons"][0] |= {"D3": NUMBERS[1], "D4": 2, "D5": "197808", "D7": 1, "D8": 2, "D9": 1, **items}
        self.send("form", about, one, block=NEXT)
        return about

    def case(self, **more):
        return open_case(self.census, line_key(self.home, 2), by=self.head, at=self.now, **more)

    def asked(self, **more) -> Asked:
        today = self.now.astimezone(TIME_ZONE).date()
        said = {"purpose": "核实现住地", "basis": "《全国人口普查条例》", "due_on": today + timedelta(days=7)}
        return Asked(**{**said, "contact": "何敏", "contact_phone": "021-12500000", **more})

    def letter(self, case=None, kind="committee", code=THERE, name="", **more):
        to = Addressee(kind, code, name)
        people = [(case or self.case(), "唐山路9弄9号")]
        return requests.send(people, to, self.asked(**more), from_code=HERE, by=self.head, at=self.now)

    def outside(self, **more):
        return self.letter(kind="outside", code="", name="花木街道东城居委会", **more)

    def register(self, source, area=HERE, *, name="李秀英", number=NUMBERS[1], **columns):
        """One row of an accepted delivery, as a register would have it; its key."""
        delivery = Delivery.objects.create(
            census_id=self.census.pk, source=source, area_code=area, file_name=f"{source}.csv", size=1,
            sha256=f"{Delivery.objects.count():064d}", received_at=self.now, state="accepted",
        )  # fmt: skip
        phone = columns.pop("phone", "")
        where = (str(delivery.pk), "", 1)
        row = RegisterRow.objects.create(
            delivery=delivery, number=1, area_code=area, typed_index=b"0" * 16,
            name_sealed=seal(name, seal_place(*where, "name")), name_index=blind_index(name, "name"),
            id_sealed=seal(number, seal_place(*where, "id")) if number else None,
            id_index=blind_index(number, "id") if number else None,
            phone_sealed=seal(phone, seal_place(*where, "phone")) if phone else None, **columns,
        )  # fmt: skip
        return row

    def today(self) -> date:
        return self.now.astimezone(TIME_ZONE).date()
