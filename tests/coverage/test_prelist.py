"""Roster lines from registers: what is made, for whom, and what takes it back. Real files through the real reader."""

from uuid import uuid4

import pytest
from django.core.management import call_command
from django.urls import reverse

from renpu.collection import rebuild
from renpu.coverage import prelist
from renpu.geography.models import Building, Unit
from renpu.listing.models import Household
from renpu.platform.models import Role
from renpu.platform.vault import unseal
from renpu.registers.actions import accept, stage
from renpu.registers.sources import find
from tests.collection.conftest import VISIT
from tests.people import form
from tests.site.street import BLOCK, HERE, Office

POLICE = """户号,户别,与户主关系,姓名,性别,民族,出生日期,公民身份号码,住址,所属居委
A1,家庭户,配偶,李秀英,女,汉族,19760101,,北路1号101室,东居委会
A1,家庭户,户主,张建国,男,汉族,19750312,,北路1号101室,东居委会
A2,家庭户,户主,赵小山,男,汉族,19800312,,北路1号101室,东居委会
A3,家庭户,户主,孙大川,男,汉族,19810312,,北路1号102室,东居委会
A4,家庭户,户主,周远航,男,汉族,19820312,,南路9号,东居委会
"""
GRID = """地址,居住情况,登记姓名,居住人数
北路1号101室,自住,张先生,2
北路1号103室,出租,吴先生,3
北路1号104室,空置,,0
"""
pytestmark = pytest.mark.django_db


class Listing(Office):
    def __init__(self, folder):
        super().__init__()
        self.folder = folder
        building = Building.objects.create(area_code=BLOCK, number="001", label="北路1号", kind="walkup")
        self.units = {
            room: Unit.objects.create(
                building=building, block_code=BLOCK, number=f"{n:04d}", door=room, address=f"北路1号{room}室"
            )
            for n, room in enumerate(("101", "102", "103", "104"), 1)
        }
        self.take_in("police", POLICE)
        self.take_in("grid", GRID)

    def take_in(self, source, text):
        file = self.folder / f"{uuid4().hex[:8]}.csv"
        file.write_text(text, encoding="utf-8")
        accept(stage(file, find(source), area=HERE, at=self.now), at=self.now)

    def make(self):
        return prelist.make(self.census, prelist.plan(self.census, HERE).lines, by=None, at=self.now)

    def take_back(self):
        return prelist.take_back(self.census, HERE, by=None, at=self.now)

    def lines(self):
        return Household.objects.filter(removed=False, block_code=BLOCK).order_by("household_no")


@pytest.fixture
def office(tmp_path):
    return Listing(tmp_path)


def test_each_register_household_of_a_dwelling_gets_a_line_that_nobody_has_confirmed(office):
    plan = prelist.plan(office.census, HERE)
    (part,) = plan.parts
    assert (part.dwellings, part.listed, part.police, part.grid, part.untouched) == (4, 0, 3, 1, 0)
    assert sum(plan.unplaced.values()) == 1, "an address that is not in the frame"
    assert office.make() == 4
    told = {}
    for line in office.lines():
        head = unseal(line.head, line.id.bytes + b"head") if line.head else ""
        told.setdefault(line.unit_id, []).append(head)
        assert (line.status, line.visits, line.version, line.persons, line.persons_here) == (90, 0, 0, 0, 0)
        assert line.address
        assert line.household_no
        assert line.building_id == office.units["101"].building_id
    heads = {unit.door: sorted(told.get(unit.pk, [])) for unit in office.units.values()}
    assert heads == {"101": ["张建国", "赵小山"], "102": ["孙大川"], "103": [""], "104": []}, (
        "the head, not who stands first; a landlord's 先生 is no name; nobody by the grid is no line"
    )
    assert [d for place in rebuild.blocks() for d in rebuild.check_block(*place)[1]] == []


def test_made_twice_it_is_there_once_and_a_dwelling_with_a_line_gets_none(office):
    there = uuid4()
    office.send("line", there, {"address": "北路1号102室", "unit": office.units["102"].pk})
    assert office.make() == 3
    assert office.make() == 0
    office.take_in("police", POLICE.replace("周远航", "周远行"))
    assert office.make() == 0, "a newer list of the same households"
    assert office.lines().filter(unit_id=office.units["102"].pk).count() == 1


def test_taken_back_are_the_lines_that_nobody_has_touched(office):
    office.make()
    shared = office.lines().filter(unit_id=office.units["101"].pk).order_by("-household_no")
    registered = shared[0]
    visited = office.lines().exclude(unit_id=registered.unit_id)[0]
    rest = list(office.lines().exclude(pk__in=[visited.pk, registered.pk]))
    office.send("visit", visited.pk, VISIT | {"outcome": 4, "status_after": 90})
    office.send("form", registered.pk, form())
    assert office.take_back() == len(rest) == 2
    assert {line.pk for line in office.lines()} == {visited.pk, registered.pk}
    assert office.take_back() == 0
    assert office.make() == 2, "what was taken back may be made again, also where another household stayed"
    assert {line.pk for line in office.lines()} >= {line.pk for line in rest}
    assert [d for place in rebuild.blocks() for d in rebuild.check_block(*place)[1]] == []


def test_what_the_field_has_taken_off_stays_off(office):
    office.make()
    line = office.lines().get(unit_id=office.units["102"].pk)
    office.send("remove", line.pk, {"removed": True, "reason": "并入邻室"})
    plan = prelist.plan(office.census, HERE)
    assert (plan.lines, plan.taken_off) == ([], 1)
    assert office.take_back() == 3
    assert line.pk not in {one.id for one in prelist.plan(office.census, HERE).lines}


def test_the_page_tells_makes_and_takes_back(office):
    browser = office.at()
    page = browser.get(reverse("prelist"), {"area": HERE})
    assert page.status_code == 200
    assert "张建国" not in page.text
    browser.post(reverse("prelist-make"), {"area": HERE})
    assert office.lines().count() == 4
    assert reverse("prelist-back") in browser.get(reverse("prelist"), {"area": HERE}).text
    browser.post(reverse("prelist-back"), {"area": HERE})
    assert office.lines().count() == 0
    assert reverse("prelist") in browser.get(reverse("prelist"), {"area": HERE[:9]}).text
    assert browser.post(reverse("prelist-make"), {"area": HERE[:9]}).status_code == 404
    assert office.lines().count() == 0


@pytest.mark.parametrize("role", [Role.ENUMERATOR, Role.INSPECTOR])
def test_who_may_not_decide_may_not_make(office, role):
    browser = office.at(role)
    area = BLOCK if role == Role.ENUMERATOR else HERE
    assert browser.get(reverse("prelist"), {"area": area}).status_code == 200
    assert browser.post(reverse("prelist-make"), {"area": area}).status_code == 403
    assert browser.post(reverse("prelist-back"), {"area": area}).status_code == 403
    assert office.lines().count() == 0


def test_the_command_tells_before_it_makes(office, capsys):
    call_command("prelist", area=HERE[:9], dry_run=True)
    assert capsys.readouterr().out.startswith("4 lines planned, 0 made; 1 rows")
    assert office.lines().count() == 0
    call_command("prelist", area=HERE[:9])
    assert capsys.readouterr().out.startswith("4 lines planned, 4 made")
    call_command("prelist", area=HERE[:9], undo=True)
    assert (capsys.readouterr().out, office.lines().count()) == ("4 lines were taken back.\n", 0)
