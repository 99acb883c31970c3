"""Fifty empty-registered households of the sample street are telephoned: outcomes differ, forms come, counts add up."""

import re
import time
from datetime import datetime, timedelta

import pytest

from renpu.site.management.commands.demo import PASSWORD
from tests.journeys.office import WIDE, Desk, Office
from tests.journeys.phone import chromium
from tests.journeys.test_office import fits

pytestmark = pytest.mark.browser

# The street after its listing: rosters and the visits of October, the police's list accepted, no form yet.
LISTED = """
from django.core.management import call_command
from renpu.editing.receipt import receive
from renpu.registers.models import Delivery
from renpu.registers.actions import accept, stage
from renpu.registers.sources import find
from renpu.site.management.commands.demo import accounts
from renpu.site.management.commands.init import prepare
from renpu.synthetic.frame import StreetFolder, load_frame, packaged_street
from renpu.synthetic.play import Season, play
prepare()
street = StreetFolder(packaged_street())
main, pilot = load_frame(street)
at = street.moment("registers_at")
path = street.path / "registers" / "hukou_all.csv"
accept(stage(path, find("police"), area=street.street_code, at=at), at=at)
season = Season(street, main, None)
events = list(season._roster(main, season.desk, "", season.lines.values()))
events += [e for e in season._visits() if e.received_at.month == 10]
for n in range(0, len(events), 500):
    receive(sorted(events, key=lambda e: e.received_at)[n:n + 500], direct=True)
accounts(street.street_code)
told = len(events)
"""
COUNTS = """
from renpu.collection.models import Event
from renpu.listing.models import Household
from renpu.platform.models import AccessEvent
from renpu.tracing.models import Call, Campaign
forms = Event.objects.filter(kind="form", actor="office")
told = {
    "calls": Call.objects.count(),
    "forms": forms.count(),
    "methods": sorted(set(Household.objects.filter(version__gt=0).values_list("form_method", "accepted"))),
    "visits": Event.objects.filter(kind="visit", actor="office").count(),
    "sessions": list(AccessEvent.objects.values_list("action", "purpose")),
}
"""
AREA = "310109018"
SIZE = 50


def outcome(n):
    """What becomes of the n-th call: more than half register, the others end in each other way."""
    return "registered" if n % 2 == 0 else ("no_answer", "wrong", "later", "nobody", "refused")[n // 2 % 5]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("listed"))
    assert office.ask(LISTED) > 1000
    server = office.serve()
    yield office
    server.terminate()
    server.wait(10)


def test_fifty_empty_registered_households_are_telephoned_and_the_counts_add_up(
    office, playwright, browser_path, tmp_path
):
    with chromium(playwright, browser_path, tmp_path / "desk", is_mobile=False, viewport=WIDE) as room:
        page = room.pages[0]
        desk = Desk(page, office.url, PASSWORD)
        desk.sign_in()
        page.goto(f"{desk.url}tracing/calls/?area={AREA}")
        page.get_by_role("button", name=re.compile("更新电话名单")).click()
        page.get_by_text("电话名单已更新").wait_for()
        fits(page)
        page.get_by_text("新建批次").click()
        page.fill("#c-name", "空挂户第一批")
        page.fill("#c-size", str(SIZE))
        page.locator("#c-callers option").nth(0).evaluate("o => o.selected = true")
        page.locator("#c-callers option").nth(1).evaluate("o => o.selected = true")
        page.get_by_role("button", name="生成批次").click()
        page.get_by_text(f"本批次共{SIZE}户").wait_for()
        desk.picture("calls-campaign-new")
        campaign = page.url
        page.get_by_role("button", name=re.compile("开始打电话")).click()

        ended, dialled, began = [], set(), time.monotonic()
        while page.locator("#call-form").count() and len(ended) < SIZE:
            dialled.add(page.locator("a.dial").get_attribute("href"))
            how = outcome(len(ended))
            if not ended:
                fits(page)
                desk.picture("calls-household")
            ended.append(register(page) if how == "registered" else end(page, how))
        seconds = time.monotonic() - began
        assert len(ended) == SIZE
        assert all(number.startswith("tel:125") for number in dialled)

        page.goto(campaign)
        fits(page)
        desk.picture("calls-campaign")
        figure = {a.get_attribute("data-figure"): int(a.inner_text()) for a in page.locator("[data-figure]").all()}
        by_end = {td.get_attribute("data-end"): int(td.inner_text()) for td in page.locator("[data-end]").all()}
        assert figure["households"] == SIZE
        assert figure["closed"] + figure["tried"] + figure["untouched"] == SIZE
        assert figure["calls"] == len(ended) == sum(by_end.values())
        assert by_end == {how: ended.count(how) for how in by_end}
        assert figure["closed"] == by_end["registered"]
        assert page.locator("#rows tbody .work-done").count() == figure["closed"]
        hours = page.locator(".columns table").nth(1).locator("tbody tr td:nth-child(2)").all_inner_texts()
        assert sum(map(int, hours)) == len(ended)

        held = office.ask(COUNTS)
        assert held["forms"] == by_end["registered"]
        assert held["methods"] == [[3, True]], "each form came by telephone and was accepted"
        assert (held["calls"], held["visits"]) == (len(ended), len(ended))
        assert held["sessions"] == [["calls.session", "登记电话"]]
        assert seconds / SIZE < 3, "a caller never waits for the next household"


def end(page, how):
    """A call in vain ends with one key."""
    if how == "later":
        page.fill("[name=next_at]", f"{datetime.now() + timedelta(days=1):%Y-%m-%dT%H:%M}")
        page.locator(".call-who h1").click()
    key = {"no_answer": "2", "wrong": "3", "later": "4", "nobody": "5", "refused": "6"}[how]
    with page.expect_navigation():
        page.keyboard.press(key)
    return how


def register(page):
    """The questions of a household that left together for another district, as a caller fills them in."""
    page.keyboard.press("1")
    for n, place in enumerate(page.locator("fieldset.person").all()):
        born = place.locator("legend small").inner_text()[:6]
        if n and born >= "201811":  # too young to be away as long as the first
            place.locator("select[name$=D9]").select_option("2")
        for select in place.locator("select").all():
            item = select.get_attribute("name").split("-")[1]
            if n and item in ("D7", "D9", "D10"):
                continue
            wanted = {"D2": "9", "D6": "01", "D7": "5", "D9": "4", "D10": "3", "D11": "3", "D12": "1", "D3_reason": "2"}
            if item in wanted and select.is_visible() and not select.input_value():
                select.select_option(wanted[item])
            if item == "D7":
                place.locator("input[list=counties]").fill("310115")
    if page.locator("[name=together]").count():
        page.check("[name=together]")
    page.check("[name=nobody_born_or_died]")
    address = page.url.split("#")[0]
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("登记完成")).click()
    for _ in range(2):
        if page.url.split("#")[0] != address or not page.locator("[name=sure]").count():
            break
        assert page.locator("[role=alert]").get_by_text("保存前").count() == 0, page.locator(
            "[role=alert]"
        ).inner_text()
        page.check("[name=sure]")  # unusual and asked again: it is so
        with page.expect_navigation():
            page.get_by_role("button", name=re.compile("登记完成")).click()
    told = page.locator(".told").all_inner_texts()
    assert "已登记" in "".join(told), page.locator("main").inner_text()[:1500]
    return "registered"
