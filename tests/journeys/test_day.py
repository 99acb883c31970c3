"""An enumerator's day on the real server: listing a floor and registering a family without a network, then syncing."""

import pytest

from tests.journeys.office import WIDE, Desk, Office
from tests.journeys.phone import FAMILY, Phone, chromium

pytestmark = pytest.mark.browser

SETUP = """
from renpu.site.management.commands.init import prepare
from renpu.synthetic.frame import StreetFolder, load_frame, packaged_street
from django.contrib.auth import get_user_model
from renpu.platform.models import Post, Role
prepare()
load_frame(StreetFolder(packaged_street()))
user = get_user_model().objects.create_user("office", password="street-office")
Post.objects.create(user=user, role=Role.STREET_OFFICE, area_code=StreetFolder(packaged_street()).street_code)
"""
WHO = """
from renpu.geography.models import Building
from renpu.staff.models import Assignment, Staff
towers = Building.objects.filter(kind="tower").values("area_code")
work = Assignment.objects.filter(duty=Staff.Duty.ENUMERATOR, until=None, block_code__in=towers)
work = work.order_by("block_code").first()
told = [work.staff.number, work.block_code]
"""
STATE = """
from renpu.listing.models import Household
fields = ("status", "version", "visits", "slips", "open_edits", "open_tasks", "household_no")
told = {str(h["id"]): h for h in Household.objects.filter(block_code=BLOCK).values("id", *fields)}
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("census"))
    office.ask(SETUP)
    server = office.serve()
    yield office
    server.terminate()
    server.wait(10)


def list_dwelling(phone, block, building, unit, head):
    """Opens the first household of a dwelling on the grid and gives its id."""
    page = phone.page
    phone.go("new", block, building, unit)
    page.locator("#head").fill(head)
    page.locator("[data-test=save]").click()
    page.locator(".timeline li").first.wait_for()
    return page.evaluate("() => location.hash.split('/').pop()")


def listed(phone, about, here):
    """What a resident said at listing."""
    page = phone.page
    phone.household(about)
    page.locator("[data-test=visit]").click()
    page.locator('[data-test=outcome] [data-value="2"]').click()
    page.locator("[data-test=n_here] input").fill(str(here))
    page.locator("[data-test=n_here] input").press("Tab")
    page.locator("[data-test=save]").click()
    page.locator(".timeline li").nth(1).wait_for()


def test_a_floor_is_listed_a_family_registered_and_a_second_phone_opens_a_merge_task(
    office, playwright, browser_path, tmp_path
):
    staff, block = office.ask(WHO)
    with (
        chromium(playwright, browser_path, tmp_path / "desk", is_mobile=False, viewport=WIDE) as room,
        chromium(playwright, browser_path, tmp_path / "first") as browser,
    ):
        desk = Desk(room.pages[0], office.url)
        desk.sign_in()
        page = browser.pages[0]
        phone = Phone(page, office.url)
        phone.pair(desk.pairing_code(staff, block))
        phone.ready_for_offline()
        phone.go("block", block)
        page.locator(".cell, .building").first.wait_for()
        if page.locator(".building").count():
            page.locator(".building", has_text="弄1号").or_(page.locator(".building")).first.click()
        doors = page.locator(".floor").first.locator(".cell.unlisted")
        doors.first.wait_for()
        number = doors.nth(1).locator("b").inner_text()
        units = [door.get_attribute("href").split("/")[2:] for door in doors.all()]

        browser.set_offline(True)
        floor = [list_dwelling(phone, *unit, head) for unit, head in zip(units, "王李张刘", strict=False)]
        phone.no_answer(floor[0])
        listed(phone, floor[1], 4)

        phone.open_form(floor[1])
        phone.fill_household(here=4, area="620", rooms="6")
        phone.fill_person(0, FAMILY[0])
        phone.fill_person(1, {**FAMILY[1], "D11": "4", "D12": "2"})
        phone.reload()
        phone.fill_person(2, FAMILY[2])
        phone.fill_person(3, FAMILY[3])
        phone.step("检查")
        assert page.locator("[data-test=hard]").count() == 1
        page.locator("[data-test=hard]").get_by_text("去改").click()
        phone.put("D12", "1")
        phone.step("检查")
        page.locator("[data-test=query]").get_by_text("再问过").click()
        phone.read_back()
        phone.sign()
        phone.finish()
        assert phone.state() == f"没有网络，{len(floor)}户先存在手机里"

        browser.set_offline(False)
        assert phone.sync() == "已全部交到居委会"
        known = office.ask(STATE.replace("BLOCK", repr(block)))
        assert set(floor) <= set(known)
        assert [known[floor[0]][name] for name in ("status", "visits", "slips")] == [90, 1, 1]
        family = known[floor[1]]
        assert [family[name] for name in ("status", "version", "visits", "open_edits", "open_tasks")] == [1, 1, 2, 0, 0]
        seen = desk.row(block, "王桂芳")
        assert "普通住户" in seen
        assert number in seen
        assert phone.sync() == "已全部交到居委会"
        assert office.ask(STATE.replace("BLOCK", repr(block))) == known

        phone.household(floor[2])
        browser.set_offline(True)
        with chromium(playwright, browser_path, tmp_path / "second") as other:
            second = Phone(other.pages[0], office.url)
            second.pair(desk.pairing_code(staff, block))
            second.ready_for_offline()
            second.register(floor[2])
            assert second.sync() == "已全部交到居委会"
            phone.register(floor[2], family=FAMILY[:2])
            browser.set_offline(False)
            assert phone.sync() == "已全部交到居委会"
            household = office.ask(STATE.replace("BLOCK", repr(block)))[floor[2]]
            assert household["version"] == 1
            assert household["open_tasks"] >= 1
            second.sync()
            second.household(floor[2])
            second.page.locator("[data-test=answer]").wait_for()
            assert second.errors == []
        assert phone.errors == []
