"""A supervisor's morning at the work ledger: ten items given and taken back, a vacant dwelling checked and closed."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from renpu.site.management.commands.demo import PASSWORD
from tests.journeys.office import WIDE, Desk, Office
from tests.journeys.phone import chromium
from tests.journeys.test_office import DEMO, fits

pytestmark = pytest.mark.browser

STATE = """
from renpu.coverage import counters
from renpu.coverage.models import WorkItem, WorkStep
item = WorkItem.objects.get(pk="%s")
steps = list(item.steps.order_by("id").values_list("did", flat=True))
told = [item.state, item.reason, steps, len(list(counters.check()))]
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("ledger"))
    office.ask(DEMO)
    server = office.serve()
    yield office
    server.terminate()
    server.wait(10)


def signed_in(page, url):
    page.goto(f"{url}sign-in/")
    page.fill("[name=username]", "supervisor")
    page.fill("[name=password]", PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)


def test_a_supervisor_gives_ten_items_takes_them_back_and_closes_a_vacant_dwelling(
    office, playwright, browser_path, tmp_path
):
    with chromium(playwright, browser_path, tmp_path / "desk", is_mobile=False, viewport=WIDE) as room:
        page = room.pages[0]
        desk = Desk(page, office.url, PASSWORD)
        signed_in(page, desk.url)
        page.goto(f"{desk.url}coverage/")
        fits(page)
        desk.picture("ledger")
        page.locator("table.list tbody tr", has_text="离开不满半年核实").get_by_role("link").first.click()

        # ten ticked, previewed, given, taken back
        boxes = page.locator("table.list tbody input[name=id]")
        assert boxes.count() >= 10
        owners = page.locator("table.list tbody tr td:nth-of-type(5)").all_inner_texts()
        for n in range(10):
            boxes.nth(n).check()
        page.select_option("#do", "assign")
        page.locator("#owner_to option").nth(1).wait_for(state="attached")
        page.select_option("#owner_to", index=1)
        fits(page)
        desk.picture("ledger-items")
        page.get_by_role("button", name="预览").click()
        expect(page.locator(".preview")).to_contain_text("10")
        page.get_by_role("button", name="确认更改").click()
        expect(page.locator("h1")).to_contain_text("10 项")
        assert page.locator("table.list tbody tr").count() == 10
        page.get_by_role("button", name="全部撤回").click()
        expect(page.locator(".told")).to_contain_text("10 项恢复原状")
        page.get_by_role("link", name="返回事项列表").click()
        page.select_option("#kind", "short_stay")
        page.wait_for_url("**kind=short_stay**")
        expect(page.locator("table.list tbody tr").first).to_contain_text("离开不满半年")
        assert page.locator("table.list tbody tr td:nth-of-type(5)").all_inner_texts() == owners

        # one vacant dwelling: looked up, looked at last night, asked; then a second visit
        page.select_option("#kind", "vacancy")
        page.wait_for_url("**kind=vacancy**")
        page.locator("table.list tbody th a").first.click()
        item = re.search(r"items/([0-9a-f-]{36})", page.url)[1]
        fits(page)
        desk.picture("ledger-vacancy")
        page.locator("label.choice", has_text="无晾晒、无灯光").click()
        look = page.locator("form", has=page.locator("input[name=check][value=look]"))
        look.get_by_text("其他时间、备注").click()
        last_night = (datetime.now() - timedelta(days=1)).replace(hour=20, minute=30)
        look.locator("[name=made_at]").fill(f"{last_night:%Y-%m-%dT%H:%M}")
        look.get_by_role("button", name="记录核查").click()
        expect(page.locator(".told")).to_contain_text("核查情况已记录")

        refused = page.locator("form[action$='/close/']")
        refused.locator("input[value='household_status:6']").check()
        refused.get_by_role("button", name="办结本事项").click()
        expect(page.locator(".told")).to_contain_text("尚缺")

        ask = page.locator("form", has=page.locator("input[name=check][value=ask]"))
        if not ask.is_visible():
            page.locator(".checks li").nth(2).locator("summary").first.click()
        ask.locator("input[value=neighbour]").check()
        ask.locator("input[value=nobody]").check()
        ask.get_by_role("button", name="记录核查").click()
        meter = page.locator(".checks li").first
        if "尚未核查" in meter.inner_text():
            meter.locator("input[name=showed][value=nobody]").check()
            meter.get_by_role("button", name="记录核查").click()
        visit = page.locator("form[action$='/try/']")
        visit.locator("input[value=door]").check()
        visit.locator("select").select_option(label="疑似空户")
        visit.get_by_role("button", name="记录联系").click()
        expect(page.locator(".checks .done")).to_have_count(4)
        expect(page.locator(".next")).to_contain_text("可按空户办结")
        fits(page)

        close = page.locator("form[action$='/close/']")
        close.locator("input[value='household_status:6']").check()
        close.get_by_role("button", name="办结本事项").click()
        expect(page.locator(".told")).to_contain_text("已办结")
        desk.picture("ledger-closed")
        state, reason, did, wrong = office.ask(STATE % item)
        assert (state, reason, wrong) == ("closed", "6", 0)
        assert did[0] == "opened"
        assert did[-1] == "closed"
        assert {"check", "try"} <= set(did)


def test_the_comparison_is_run_from_its_page_and_waited_for(office, playwright, browser_path, tmp_path):
    with chromium(playwright, browser_path, tmp_path / "desk", is_mobile=False, viewport=WIDE) as room:
        page = room.pages[0]
        desk = Desk(page, office.url, PASSWORD)
        desk.sign_in()
        page.goto(f"{desk.url}coverage/comparison/")
        before = page.locator("table.list").last.locator("tbody tr").count()
        desk.picture("comparison")
        page.get_by_role("button", name="重新比对").click()
        page.get_by_role("link", name="比对完成，查看结果").or_(
            page.get_by_role("button", name="重新比对")
        ).first.wait_for(timeout=60_000)
        page.goto(f"{desk.url}coverage/comparison/")
        runs = page.locator("table.list").last.locator("tbody tr")
        expect(runs).to_have_count(before + 1)
        expect(runs.first).to_contain_text("office")
        fits(page)


def test_my_work_is_read_on_a_phone(office, playwright, browser_path, tmp_path):
    phone = {"width": 390, "height": 844}
    with chromium(playwright, browser_path, tmp_path / "phone", viewport=phone) as room:
        page = room.pages[0]
        desk = Desk(page, office.url, PASSWORD)
        signed_in(page, desk.url)
        page.goto(f"{desk.url}coverage/mine/")
        page.locator(".card-link").first.wait_for()
        fits(page)
        desk.picture("ledger-mine-phone")
        height = page.locator(".card-link").first.bounding_box()["height"]
        assert height >= 80, "a card is hit with a thumb"
        page.locator(".card-link").first.click()
        page.get_by_role("heading", name="记录联系").wait_for()
        fits(page)
        size = page.locator(".acts .choice").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
        assert size >= 17
