"""The insurer's contact sends the list of its collective hukou; one of its people answers for herself; the contact sees
the count rise, and no answer."""

import pytest

from renpu.site.management.commands.demo import PASSWORD
from renpu.synthetic.frame import packaged_street
from tests.journeys.office import WIDE, Desk, Office
from tests.journeys.phone import chromium
from tests.journeys.test_office import fits

pytestmark = pytest.mark.browser

FRAME = """
from renpu.site.management.commands.demo import accounts
from renpu.site.management.commands.init import prepare
from renpu.synthetic.frame import StreetFolder, load_frame, packaged_street
prepare()
street = StreetFolder(packaged_street())
load_frame(street)
accounts(street.street_code)
"""
HELD = """
from renpu.collection.models import Event, Person
from renpu.tracing.models import HukouUnit, Member
unit = HukouUnit.objects.get()
told = {
    "members": unit.members.count(),
    "answered": list(unit.members.filter(state="answered").values_list("method", flat=True)),
    "actors": list(Event.objects.filter(kind="form").values_list("actor", flat=True)),
    "persons": list(Person.objects.values_list("residence_place", "residence_code", "away_duration", "education")),
    "block": unit.block_code,
}
"""
COMMITTEE = "310109018033"  # 久耕, with virtual block 900
LIST = packaged_street() / "registers" / "employer_collective.xlsx"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("units"))
    office.ask(FRAME)
    server = office.serve()
    yield office
    server.terminate()
    server.wait(10)


def test_a_contact_sends_a_list_one_person_answers_and_the_contact_sees_a_count(
    office, playwright, browser_path, tmp_path
):
    with chromium(playwright, browser_path, tmp_path / "desk", is_mobile=False, viewport=WIDE) as room:
        desk = Desk(room.pages[0], office.url, PASSWORD)
        page = desk.page
        desk.sign_in()
        page.goto(f"{desk.url}tracing/units/?area={COMMITTEE}")
        fits(page)
        page.fill("#u-name", "沪东海洋保险股份有限公司")
        page.fill("#u-contact", "丁经理")
        page.fill("#u-phone", "12500000009")
        page.check("[name=none]")
        page.get_by_role("button", name="添加").click()
        page.get_by_role("button", name="给联络员开通链接").click()
        address = page.locator("#link-address").inner_text()
        unit = page.url.removesuffix("link/")
        desk.picture("unit-link")

        with chromium(playwright, browser_path, tmp_path / "contact") as theirs:
            contact = theirs.pages[0]
            contact.goto(address)
            fits(contact)
            contact.set_input_files("#file", LIST)
            contact.get_by_role("button", name="上传").click()
            contact.get_by_text("名单已收到").wait_for()
            fits(contact)
            Desk(contact, office.url).picture("unit-contact-sent")

            page.goto(unit)
            page.get_by_role("button", name="接收名单人员").click()
            page.locator("#members tbody tr").first.wait_for()
            fits(page)
            desk.picture("unit-members")
            assert "韦佳怡" not in page.content()
            page.get_by_role("button", name="打印登记单").click()
            slip = page.locator(".slip", has_text="王晨颖")
            code = slip.locator(".bigcode").inner_text().replace(" ", "")
            desk.picture("unit-slips")

            contact.goto(address)
            before = int(contact.locator("#answered").inner_text())
            people = int(contact.locator("#people").inner_text())
            assert (before, people) == (0, office.ask(HELD)["members"])

            with chromium(playwright, browser_path, tmp_path / "member") as hers:
                answer(hers.pages[0], desk, code)

            contact.reload()
            fits(contact)
            Desk(contact, office.url).picture("unit-contact-count")
            assert int(contact.locator("#answered").inner_text()) == 1
            seen = contact.content()
            for secret in ("王晨颖", "310199198903202428", "310115", "浦东", "大学", code):
                assert secret not in seen, secret

    held = office.ask(HELD)
    assert held["answered"] == [2]
    assert held["actors"] == ["respondent"]
    assert held["persons"] == [[5, "310115", 6, 7]]
    assert held["block"] == COMMITTEE + "900"


def answer(page, desk, code):
    """She opens the address of her slip, fills half of it in, comes back, reads it over and sends it."""
    page.goto(f"{desk.url}tracing/answer/#code={code}")
    assert page.locator("#code").input_value() == code
    assert code not in page.url, "the code leaves the address"
    fits(page)
    Desk(page, desk.url).picture("answer-code")
    page.get_by_role("button", name="开始填写").click()
    page.fill("#me-D1", "王晨颖")
    page.fill("#me-D3", "310199198903202428")
    page.select_option("#me-D6", "01")
    page.locator("[name=me-D7][value='5']").check()
    page.reload()
    assert page.locator("#me-D1").input_value() == "王晨颖", "the draft was kept on the phone"
    assert page.locator("[name=me-D7][value='5']").is_checked()
    assert not page.locator("[data-when='D3:']").first.is_visible(), "not asked of whoever has a number"
    fits(page)
    Desk(page, desk.url).picture("answer-form")
    page.get_by_role("button", name="下一步").click()
    page.get_by_text("还有几处请看一下").wait_for()
    page.fill("#me-D7_code", "310115")
    page.locator("[name=me-D9][value='6']").check()
    page.locator("[name=me-D10][value='0']").check()
    page.locator("[name=me-D11][value='7']").check()
    page.locator("[name=me-D12][value='1']").check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("heading", name="请核对").wait_for()
    assert "浦东新区" in page.locator(".summary").inner_text()
    fits(page)
    Desk(page, desk.url).picture("answer-summary")
    page.get_by_role("button", name="没有错，发送").click()
    page.get_by_text("已收到，谢谢").wait_for()
    page.wait_for_function("() => localStorage.length === 0")
    Desk(page, desk.url).picture("answer-done")
