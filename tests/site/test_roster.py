"""The list of households: filters, search, pages, and what it does not show."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from renpu.collection import roster
from renpu.collection.models import BlockNow
from renpu.platform.models import Role
from tests.people import NUMBERS
from tests.site.street import BLOCK, HERE, NEXT, STREET, THERE


def shown(page) -> list[str]:
    """The household numbers on a page."""
    return re.findall(r'<span class="code">(\d{3})</span></a>', page.text)


@pytest.fixture
def listed(office):
    """Three lines here, one in the next committee: vacant, registered, refused; registered there."""
    vacant = office.line("001")
    office.send("visit", vacant, {"mode": 1, "outcome": 2, "status_after": 6})
    office.registered("002")
    refused = office.line("003", household_type=2)
    office.send("visit", refused, {"mode": 1, "outcome": 5, "status_after": 91, "appointment_at": office.now})
    office.registered("004", block=NEXT, people=("王小二",))
    return office


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, ["001", "002", "003", "004"]),
        ({"area": HERE}, ["001", "002", "003"]),
        ({"area": NEXT}, ["004"]),
        ({"status": "6"}, ["001"]),
        ({"status": ["6", "91"]}, ["001", "003"]),
        ({"type": "2"}, ["003"]),
        ({"stage": "entered"}, ["001", "002", "004"]),
        ({"stage": "form"}, ["002", "004"]),
        ({"open": "appointment"}, ["003"]),
        ({"open": "tasks"}, []),
        ({"q": "张建国"}, ["002"]),
        ({"q": "张 建国"}, ["002"]),
        ({"q": "李秀英"}, ["002"]),
        ({"q": "张建"}, []),
        ({"q": NUMBERS[1]}, ["002"]),
        ({"q": NUMBERS[0], "area": NEXT}, ["004"]),
        ({"q": "唐山路1弄003号"}, ["003"]),
        ({"q": "唐山路", "status": "6"}, ["001"]),
        ({"status": "x", "stage": "none", "open": "?", "after": "..", "type": "9"}, ["001", "002", "003", "004"]),
    ],
)
def test_filters_and_search(listed, query, numbers):
    assert shown(listed.at().get(reverse("households"), query)) == numbers


def test_a_name_in_another_committee_is_not_found(listed):
    browser = listed.at(Role.SUPERVISOR)
    assert shown(browser.get(reverse("households"), {"q": "王小二"})) == []
    assert shown(browser.get(reverse("households"), {"q": "张建国"})) == ["002"]


def test_names_are_masked_in_the_list(listed):
    page = listed.at().get(reverse("households")).text
    assert "张**" in page
    assert "张建国" not in page
    assert NUMBERS[0] not in page


def test_markup_in_what_people_say_is_shown_as_text(office):
    office.line("001", address="<script>alert(1)</script>")
    about = office.registered("002", people=("<b>x</b>",))
    for page in (
        office.at().get(reverse("households")),
        office.at().get(reverse("household", args=[about])),
        office.at().post(reverse("household-clear", args=[about]), {"purpose": "核对"}),
        office.at().get(reverse("households"), {"q": "<b>x</b>"}),
    ):
        assert "<script>alert" not in page.text
        assert "<b>x" not in page.text


def test_pages_follow_the_key_without_gap_or_repeat(office, monkeypatch):
    monkeypatch.setattr(roster, "PAGE", 2)
    for n in (1, 2, 3, 4, 5):
        office.line(f"{n:03d}", block=BLOCK if n < 4 else NEXT)
    browser, address, seen = office.at(), reverse("households"), []
    while address:
        page = browser.get(address)
        seen += shown(page)
        found = (
            re.search(r'href="(\?[^"]*after=[^"]*)"', page.text.split("下一页")[0]) if "下一页" in page.text else None
        )
        address = reverse("households") + found[1].replace("&amp;", "&") if found else ""
    assert seen == ["001", "002", "003", "004", "005"]


def test_htmx_gets_the_table_alone_and_the_page_works_without_it(listed):
    browser = listed.at()
    htmx = {"HX-Request": "true", "HX-Target": "households"}
    part = browser.get(reverse("households"), {"status": "6"}, headers=htmx).text
    whole = browser.get(reverse("households"), {"status": "6"}).text
    assert "<html" not in part
    assert 'id="households"' in part
    assert part.strip() in whole
    assert 'method="get"' in whole


@pytest.mark.parametrize("page", ["households", "dashboard", "devices", "merge-tasks"])
def test_a_list_asks_as_much_for_many_rows_as_for_few(office, page):
    browser = office.at()

    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(reverse(page)).status_code == 200
        return len(asked)

    office.registered("001")
    few = queries()
    for n in range(2, 12):
        office.registered(f"{n:03d}", block=BLOCK if n % 2 else NEXT)
    assert queries() <= few + 1
    assert few <= 24


def test_an_empty_list_says_why(office):
    browser = office.at()
    assert "名册为空" in browser.get(reverse("households")).text
    office.line("001")
    assert "没有符合条件的住户" in browser.get(reverse("households"), {"status": "6"}).text
    assert "未找到" in browser.get(reverse("households"), {"q": "查无此人"}).text


def test_the_dashboard_shows_the_counters_and_leads_to_their_rows(listed):
    browser = listed.at()
    page = browser.get("/").text
    sums = BlockNow.objects.in_area(STREET)
    assert sum(b.lines for b in sums) == 4
    for label, href in re.findall(r"<dt[^>]*>([^<]+)</dt>\s*<dd><a href=\"([^\"]+)\"", page):
        number = int(re.search(re.escape(href) + r'">([\d,]+)</a>', page)[1].replace(",", ""))
        query = parse_qs(urlsplit(href.replace("&amp;", "&")).query)
        if "/households/" in href:
            assert len(shown(browser.get(reverse("households"), query))) == number, label
        else:
            assert browser.get(href).status_code == 200, label


def test_a_slow_block_and_a_missed_appointment_are_late(office):
    for n in range(1, 5):
        office.registered(f"{n:03d}")
        office.line(f"{n:03d}", block=NEXT)
    waiting = office.line("009")
    office.send("visit", waiting, {"mode": 1, "outcome": 4, "status_after": 90, "appointment_at": office.now})
    page = office.at().get("/").text
    assert f'?area={NEXT}">西居委会 第1普查小区' in page
    assert reverse("household", args=[waiting]) in page
    assert reverse("household", args=[waiting]) not in office.at().get("/", {"area": THERE}).text


def test_a_block_with_open_work_that_is_not_heard_of_is_late_and_a_finished_one_is_not(office):
    office.line("001", block=NEXT)
    page = office.at().get("/").text
    assert "有未完成户的小区均有上报" in page
    office.now += timedelta(hours=49)
    office.registered("001")
    page = office.at().get("/").text
    silent = page[page.index("无动静的小区") : page.index("逾期的预约")]
    assert f"?area={NEXT}" in silent
    assert f"?area={BLOCK}" not in silent
