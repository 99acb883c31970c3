"""Virtual blocks for those without a dwelling, and the workload that counts them."""

from django.urls import reverse

from renpu.collection.models import BlockNow, Event
from renpu.geography.models import Block, Building
from renpu.geography.places import Place
from renpu.listing.models import Household
from renpu.platform.models import Role
from renpu.tracing import workload
from tests.site.street import BLOCK, HERE, NEXT, THERE
from tests.tracing.test_calls import form_away


def test_virtual_blocks_are_numbered_from_900_each_with_a_building(away):
    browser = away.at()
    for name in ("旧改一号地块", "旧改二号地块"):
        browser.post(reverse("virtual-make"), {"area": HERE, "name": name, "kind": "quarter"})
    browser.post(reverse("virtual-make"), {"area": HERE, "name": "", "kind": "quarter"})
    blocks = Block.objects.filter(virtual=True).order_by("code")
    assert [(b.code, b.name) for b in blocks] == [(HERE + "900", "旧改一号地块"), (HERE + "901", "旧改二号地块")]
    assert Building.objects.filter(state="virtual", area_code=HERE + "900").count() == 1
    page = browser.get(reverse("virtual"), {"area": HERE}).text
    assert "旧改二号地块" in page
    assert away.at(Role.ENUMERATOR).post(reverse("virtual-make"), {"area": BLOCK, "name": "x"}).status_code == 403


def test_a_household_moves_with_its_contact_and_answers_and_the_old_line_says_where_to(away):
    about = away.empty(head="韦佳怡")
    away.send("form", about, form_away(("韦佳怡",)))
    block = away.virtual()
    away.at().post(reverse("virtual-move"), {"area": HERE, "block": block.code, "household": [about]})
    old = Household.objects.get(pk=about)
    new = Household.objects.get(block_code=block.code)
    assert (old.removed, new.removed) == (True, False)
    assert (new.status, new.persons, new.accepted, new.n_hukou) == (4, 1, True, 1)
    assert Building.objects.get(pk=new.building_id).state == "virtual"
    now = {b.block_code: b for b in BlockNow.objects.all()}
    assert (now[BLOCK].lines, now[block.code].lines, now[block.code].status_4) == (0, 1, 1)
    assert Event.objects.filter(about=about, kind="remove").count() == 1
    away.at().post(reverse("virtual-move"), {"area": HERE, "block": block.code, "household": [about]})
    assert Household.objects.filter(block_code=block.code).count() == 1, "a removed line is not moved again"


def test_who_lives_there_is_locked_or_has_a_merge_task_is_not_moved_and_the_page_says_why(away):
    block = away.virtual()
    lived_in, locked = away.registered("021"), away.empty("022")
    away.send("lock", locked, {"locked": True, "reason": "x"})
    there = away.empty("023")
    lines = [lived_in, locked, there]
    page = (
        away.at()
        .post(reverse("virtual-move"), {"area": HERE, "block": block.code, "household": lines}, follow=True)
        .text
    )
    assert page.count("未移入") == 2
    assert Household.objects.filter(block_code=block.code).count() == 1
    other = Block.objects.create(code=THERE + "900", virtual=True)
    foreign = {"area": HERE, "block": other.code, "household": [away.empty("024")]}
    away.at().post(reverse("virtual-move"), foreign)
    assert not Household.objects.filter(block_code=other.code).exists()


def test_the_workload_counts_calls_beside_doors_and_asks_for_staff(away):
    away.census.parameters = {"block_households": 2, "block_persons": 3}
    away.census.save()
    away.registered("001")
    for n in range(3):
        away.empty(f"01{n}", phone=f"1251234100{n}", n_hukou=2)
    away.empty("020", status=6, n_hukou=0)
    away.make_list()
    parts, whole = workload.workload(away.users[Role.STREET_OFFICE], away.census, Place(HERE, "东居委会"))
    block = {p.code: p for p in parts}[BLOCK]
    assert (block.doors, block.door_persons, block.lines, block.line_persons, block.open) == (1, 2, 3, 6, 3)
    assert (block.staff, block.needed, block.extra) == (1, 3, 2)
    assert block.too_many_households
    assert block.too_many_persons
    assert (whole.households, whole.persons) == (4, 8)
    page = away.at().get(reverse("workload"), {"area": HERE}).text
    assert "增加2名普查员" in page
    away.registered("001", block=NEXT)
    parts, _whole = workload.workload(away.users[Role.SUPERVISOR], away.census, Place(HERE, "东居委会"))
    assert {p.code for p in parts} == {BLOCK}
