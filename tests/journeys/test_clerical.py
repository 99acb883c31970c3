"""Twenty unsure pairs at the office's desk, by keyboard alone."""

import pytest

from tests.journeys.office import WIDE, Desk, Office
from tests.journeys.phone import chromium

pytestmark = pytest.mark.browser

PAIRS = """
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("migrate", verbosity=0)
from renpu.platform.models import Post
from tests.linkage.desk.records import pair_at
from tests.site.street import BLOCK, NEXT, PASSWORD, STREET, Office
street = Office()
user = get_user_model().objects.create_user("office", password=PASSWORD)
Post.objects.create(user=user, role="street_office", area_code=STREET)
names = ("张建国", "章建国", "张健国", "张国", "李建国")
reason = "name=sound sex=same birth=month address=differ household=linked weight=4.1"
for n in range(1, 21):
    area = BLOCK if n <= 12 else NEXT
    pair_at(street, n, area=area, name=names[n % 5], probability=0.1 + 0.04 * n, reason=reason)
told = PASSWORD
"""
FOUND = """
from renpu.linkage.models import Link, LinkDecision
told = [sorted(Link.objects.values_list("status", flat=True)),
        LinkDecision.objects.filter(took_back=True).count(), LinkDecision.objects.count()]
"""


@pytest.fixture
def office(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    office = Office(home)
    office.password = office.ask(PAIRS)
    server = office.serve()
    yield office
    server.terminate()
    server.wait(10)


def test_a_clerk_resolves_twenty_pairs_by_keyboard_undoes_one_and_the_list_is_empty(
    office, playwright, browser_path, tmp_path
):
    with chromium(playwright, browser_path, tmp_path / "desk", viewport=WIDE) as room:
        page = room.pages[0]
        desk = Desk(page, office.url, office.password)
        desk.sign_in()
        page.goto(f"{desk.url}linkage/pairs/")
        assert "待判定 20" in page.locator(".switch").inner_text()
        desk.picture("office-pairs")
        press_until(page, "用键盘逐对判定")
        page.keyboard.press("Enter")
        left(page, 20)
        desk.picture("office-pair")

        first = page.locator("form.verdict").get_attribute("action")
        page.keyboard.press("ArrowRight")
        page.locator(f"form.verdict:not([action='{first}'])").wait_for()
        page.keyboard.press("ArrowLeft")
        page.locator(f"form.verdict[action='{first}']").wait_for()
        for n in range(20):
            page.keyboard.press("1s2d"[n % 4])
            if n < 19:
                left(page, 19 - n)
                page.locator("#pair:not(.htmx-request)").wait_for()
        page.get_by_text("本辖区的疑似对已全部判定").wait_for()
        page.keyboard.press("z")
        left(page, 1)
        page.keyboard.press("3")
        page.get_by_text("只剩您暂放的 1 对").wait_for()
        page.keyboard.press("Z")
        left(page, 1)
        page.keyboard.press("1")
        page.get_by_text("本辖区的疑似对已全部判定").wait_for()
        page.goto(f"{desk.url}linkage/pairs/")
        page.get_by_text("这里没有待判定的疑似对").wait_for()
    statuses, taken_back, words = office.ask(FOUND)
    assert statuses == ["apart"] * 9 + ["linked"] * 11, "the last one was two persons and became the same"
    assert (taken_back, words) == (2, 24)


def left(page, n):
    page.locator(".page-head", has_text=f"清单中 {n} 对").wait_for(timeout=5000)


def press_until(page, words):
    """Tab to a link, as somebody without a mouse does."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if words in page.evaluate("() => document.activeElement.innerText || ''"):
            return
    raise AssertionError(f"Tab does not reach {words}")
