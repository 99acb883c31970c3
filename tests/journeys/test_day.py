"""An enumerator's day on the real server: listing a floor and registering a family without a network, then syncing."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.journeys.phone import FAMILY, Phone, chromium

pytestmark = pytest.mark.browser

WIDE = {"width": 1280, "height": 900}
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


class Office:
    """The installation in `home`, served by Granian; `ask` runs Python in it and gives what `told` was set to."""

    def __init__(self, home):
        self.env = {**os.environ, "RENPU_HOME": str(home), "DJANGO_SETTINGS_MODULE": "renpu.site.settings"}
        self.env.pop("RENPU_DATABASE", None)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/app/"

    def ask(self, source):
        program = f"import django, json; django.setup(); told = None\n{source}\nprint(json.dumps(told, default=str))"
        done = subprocess.run([sys.executable, "-c", program], env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def serve(self):
        log = Path(self.env["RENPU_HOME"]) / "server.log"
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(self.port)]
        with log.open("wb") as out:
            server = subprocess.Popen([*command, "renpu.site.wsgi:application"], env=self.env, stdout=out, stderr=out)
        for _ in range(100):
            try:
                urlopen(self.url, timeout=2).close()
                return server
            except OSError:
                time.sleep(0.2)
        server.terminate()
        raise AssertionError(f"the server did not come up: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("census"))
    office.ask(SETUP)
    server = office.serve()
    yield office
    server.terminate()
    server.wait(10)


class Desk:
    """The street office at its computer."""

    def __init__(self, page, url):
        self.page, self.url = page, url.removesuffix("app/")

    def sign_in(self):
        self.page.goto(f"{self.url}sign-in/")
        self.page.fill("[name=username]", "office")
        self.page.fill("[name=password]", "street-office")
        self.page.locator("[name=password]").press("Enter")
        self.page.wait_for_url(lambda address: "sign-in" not in address)

    def pairing_code(self, staff, area):
        """The eight digits as the page shows them under its QR code."""
        self.page.goto(f"{self.url}devices/?area={area[:12]}")
        self.page.locator("tr", has_text=staff).locator("form[action*=pair] button").click()
        return self.page.locator(".bigcode").inner_text().replace(" ", "")

    def row(self, area, search):
        """What the list of households shows of the only one found."""
        self.page.goto(f"{self.url}households/?area={area}&q={search}")
        rows = self.page.locator("table.list tbody tr")
        assert rows.count() == 1, rows.all_inner_texts()
        return rows.first.inner_text()


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
