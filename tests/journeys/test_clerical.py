"""At the office's desk by keyboard: a person is found while one types, and twenty unsure pairs are resolved."""

import pytest

from tests.journeys.office import WIDE, Desk, Office
from tests.journeys.phone import chromium
from tests.journeys.test_office import fits

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
surnames, given, other = "张王李赵陈杨黄周吴徐", ("建国", "志强"), ("健国", "建军", "国", "建国", "志国")
reason = "name=sound sex=same birth=month address=differ household=linked weight=4.1"
for n in range(1, 21):
    area = BLOCK if n <= 12 else NEXT
    surname = surnames[n % 10]
    people = (surname + given[n // 11], "李秀英")
    pair_at(street, n, area=area, people=people, name=surname + other[n % 5], probability=0.1 + 0.04 * n, reason=reason)
told = PASSWORD
"""
FOUND = """
from renpu.linkage.models import Link, LinkDecision
told = [sorted(Link.objects.values_list("status", flat=True)),
        LinkDecision.objects.filter(took_back=True).count(), LinkDecision.objects.count()]
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("pairs"))
    office.password = office.ask(PAIRS)
    server = office.serve()
    yield office
    server.terminate()
    server.wait(10)


@pytest.mark.parametrize("viewport", [WIDE, {"width": 390, "height": 844}], ids=["wide", "phone"])
def test_a_person_is_found_while_one_types(office, playwright, browser_path, tmp_path, viewport):
    wide = viewport is WIDE
    with chromium(playwright, browser_path, tmp_path / "desk", is_mobile=not wide, viewport=viewport) as room:
        page = room.pages[0]
        desk = Desk(page, office.url, office.password)
        desk.sign_in()
        page.goto(f"{desk.url}linkage/search/")
        page.get_by_text("请输入所知道的信息").wait_for()
        page.keyboard.type("章建国 1975", delay=30)
        page.get_by_text("出生日期年份相符").first.wait_for()
        fits(page)
        desk.picture("office-search" if wide else "office-search-phone")
        assert "%E7" not in page.url, "a name stands in no address"
        assert "张建国" not in page.content()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        assert page.evaluate("() => document.activeElement === document.querySelector('#found [data-row]')")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "search" not in address)
        page.goto(f"{desk.url}linkage/pairs/")
        fits(page)
        page.goto(f"{desk.url}linkage/pairs/work/")
        page.locator("form.verdict").wait_for()
        fits(page)
        if not wide:
            desk.picture("office-pair-phone")
        page.goto(f"{desk.url}linkage/pairs/agreement/")
        fits(page)


def test_without_scripts_the_same_is_found_and_decided(office, playwright, browser_path, tmp_path):
    with chromium(playwright, browser_path, tmp_path / "desk", viewport=WIDE, java_script_enabled=False) as room:
        page = room.pages[0]
        desk = Desk(page, office.url, office.password)
        desk.sign_in()
        page.goto(f"{desk.url}linkage/search/")
        page.fill("#q", "章建国")
        page.press("#q", "Enter")
        page.locator("#found [data-row]").first.wait_for()
        page.goto(f"{desk.url}linkage/pairs/work/")
        first = page.locator("form.verdict").get_attribute("action")
        page.locator("form.verdict button[value=unsure]").click()
        page.locator(f"form.verdict:not([action='{first}'])").wait_for()
        page.locator("form[action*=undo] button").click()
        page.locator(f"form.verdict[action='{first}']").wait_for()


def test_a_clerk_resolves_twenty_pairs_by_keyboard_undoes_one_and_the_list_is_empty(
    office, playwright, browser_path, tmp_path
):
    _statuses, taken_back_before, words_before = office.ask(FOUND)
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
    assert (taken_back - taken_back_before, words - words_before) == (2, 24)


def left(page, n):
    page.locator(".page-head", has_text=f"清单中 {n} 对").wait_for(timeout=5000)


def press_until(page, words):
    """Tab to a link, as somebody without a mouse does."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if words in page.evaluate("() => document.activeElement.innerText || ''"):
            return
    raise AssertionError(f"Tab does not reach {words}")
