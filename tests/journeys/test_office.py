"""A morning of the street office on the played sample street: from the dashboard to the rows behind a number."""

import re

import pytest

from renpu.site.management.commands.demo import PASSWORD
from tests.journeys.office import WIDE, Desk, Office
from tests.journeys.phone import chromium

pytestmark = pytest.mark.browser

DEMO = """
from django.core.management import call_command
call_command("demo", no_serve=True, stdout=open("/dev/null", "w"))
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("demo"))
    office.ask(DEMO)
    server = office.serve()
    yield office
    server.terminate()
    server.wait(10)


@pytest.mark.parametrize("viewport", [WIDE, {"width": 390, "height": 844}], ids=["wide", "phone"])
def test_the_office_reads_its_morning_from_the_dashboard_to_the_report(
    office, playwright, browser_path, tmp_path, viewport
):
    wide = viewport is WIDE
    with chromium(playwright, browser_path, tmp_path / "desk", is_mobile=not wide, viewport=viewport) as room:
        page = room.pages[0]
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        desk = Desk(page, office.url, PASSWORD)
        page.goto(f"{desk.url}sign-in/")
        desk.picture("office-sign-in" if wide else "office-sign-in-phone")
        desk.sign_in()
        page.locator("canvas, [data-chart] svg").first.wait_for()
        fits(page)
        desk.picture("office-dashboard" if wide else "office-dashboard-phone")

        page.get_by_role("link", name="住户名册").click()
        page.locator("table.list tbody tr").first.wait_for()
        fits(page)
        page.locator("table.list tbody tr a").first.click()
        page.get_by_text("登记经过").wait_for()
        assert not re.search(r"\d{17}[0-9X]", page.content())
        fits(page)
        desk.picture("office-household" if wide else "office-household-phone")

        page.goto(f"{desk.url}report/?area=310109018&as_of=2020-11-07T18:00")
        number = page.get_by_role("link", name="983", exact=True).first
        number.wait_for()
        fits(page)
        desk.picture("office-report" if wide else "office-report-phone")
        number.click()
        page.get_by_text("983").first.wait_for()
        assert page.locator("table tbody tr").count() > 10
        fits(page)
        assert {url.split("/")[2] for url in asked if url.startswith("http")} == {desk.url.split("/")[2]}


def fits(page):
    """No page is wider than its window: what is wide scrolls by itself."""
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth + 1"), page.url
