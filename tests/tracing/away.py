"""Those who are not behind the door: empty-registered households with a number, a register's household on no form, a
unit with a list of its people."""

import io
from functools import cache
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from renpu.coverage import work
from renpu.coverage.models import WorkItem
from renpu.geography.models import Block
from renpu.platform.models import Role
from renpu.registers.actions import accept, stage
from renpu.registers.models import Delivery
from renpu.registers.sources import find
from renpu.tracing import calls, units, virtual
from renpu.tracing.models import CallEntry
from tests.journeys.phone import identity_number
from tests.site.street import BLOCK, HERE, Office

MOBILE = "12512340001"
WEI = identity_number("19900307", 122)
HE = identity_number("19880512", 133)


class Away(Office):
    def __init__(self):
        super().__init__()
        self.user = self.users[Role.STREET_OFFICE]

    def empty(self, number="011", phone=MOBILE, status=4, head="韦佳怡", **more):
        """An empty-registered household, listed at the desk; without a form."""
        about = self.line(number)
        visit = {"mode": 0, "outcome": 2, "status_after": status, "head": head, "phone": phone}
        self.send("visit", about, {**visit, "n_here": 0, "n_away": 1, "n_hukou": 1, "n_resident": 0, **more})
        return about

    def make_list(self):
        return calls.make_list(self.user, self.census, HERE, at=self.now)

    def entry(self, about) -> CallEntry:
        return CallEntry.objects.select_related("item").get(item__household_id=about)

    def calling(self, role=Role.STREET_OFFICE, area=HERE, **more):
        """A browser in which a calling session has begun."""
        browser = self.at(role)
        browser.post(reverse("call-begin"), {"area": area, **more})
        return browser

    def end(self, browser, entry, ended, **more):
        """Post how a call ended, with what the page showed."""
        page = browser.get(reverse("call", args=[entry.pk]))
        return browser.post(reverse("call", args=[entry.pk]), {**hidden(page), "ended": ended, **more})

    def register(self, rows, area=HERE, source="police") -> Delivery:
        """A list of a register, accepted: rows of {header: value}."""
        path = self.folder / f"{source}-{uuid4().hex[:6]}.csv"
        header = list(rows[0])
        lines = [",".join(header), *(",".join(row.get(h, "") for h in header) for row in rows)]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        delivery = stage(path, find(source), area=area, at=self.now, by=self.user, census_id=self.census.pk)
        accept(delivery, at=self.now, by=self.user)
        return delivery

    def missing(self, row) -> WorkItem:
        """The work item of a register row that is on no form."""
        opening = work.Opening("register_missing", HERE, f"row:{row.pk}", row_id=row.pk)
        opened = work.open_items(self.census, [opening], by="test", at=self.now)
        return WorkItem.objects.get(pk=opened.new[0])

    def virtual(self, name="旧改一号地块", kind="quarter") -> Block:
        return virtual.make_virtual(HERE, name, kind)

    def unit(self, name="沪东海洋保险", none=True):
        found = units.make_unit(
            self.census, self.virtual(name, "unit"), name, "丁一", "12500000001", None, by=self.user, at=self.now
        )
        found.none_born_or_died = none
        found.save()
        return found

    def members(self, unit, rows=None):
        """People of a unit from a list that came in at the office."""
        upload = staff_list(rows or STAFF)
        delivery, _again = units.take_roster(unit, upload, by=self.user, at=self.now, by_contact=False)
        units.take_over(self.census, delivery.unit_roster, by=self.user, at=self.now)
        return list(unit.members.order_by("number"))


STAFF = (
    ("HD1", "韦佳怡", "女", WEI, "信息部", "是", "否", "", "上海市青浦区", "12511110001"),
    ("HD2", "何晓", "男", HE, "理赔部", "是", "否", "", "", "12511110002"),
    ("HD3", "路过", "男", identity_number("19880512", 135), "理赔部", "否", "是", "201", "", ""),
)
HEADER = (
    "工号",
    "姓名",
    "性别",
    "证件号码",
    "部门",
    "户口是否在司",
    "是否住宿舍",
    "宿舍房号",
    "实际居住地(自填)",
    "手机",
)


def staff_list(rows, name="名册.xlsx"):
    return SimpleUploadedFile(name, workbook(tuple(map(tuple, rows))))


@cache
def workbook(rows: tuple) -> bytes:
    """The bytes of a list; made once for the same rows, as the time of saving is written into them."""
    book = Workbook()
    sheet = book.active
    sheet.append(HEADER)
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def hidden(page) -> dict[str, str]:
    """The hidden fields of the page's call form."""
    shown = page.context
    to = shown["to"]
    return {
        "key": str(shown["key"]),
        "seen": str(shown["item"].version),
        "version": str(to.household.version if to.household else 0),
        "phone": to.phones[0] if to.phones else "",
    }


def heard(prefix="p0", **more):
    """What somebody says who lives in another county of the city since long, for their work."""
    said = {"D7": "5", "D7_code": "310115", "D9": "8", "D10": "4", **more}
    return {f"{prefix}-{item}": value for item, value in said.items()}


def new_person(prefix="p0", name="韦佳怡", number=WEI, **more):
    known = {"D1": name, "D2": "0", "D3": number, "D6": "01", "D11": "7", "D12": "1"}
    return heard(prefix, **known, **more)


__all__ = ["BLOCK", "HERE", "Away"]
