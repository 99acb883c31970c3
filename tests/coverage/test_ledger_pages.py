"""The ledger's pages: who sees what, what every figure opens onto, how many queries a page takes."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from renpu.coverage import work
from renpu.coverage.models import WorkItem, WorkStep
from renpu.platform.models import AccessEvent, Role
from tests.people import NUMBERS
from tests.site.street import BLOCK, HERE, NEXT, PHONE, STREET, THERE

PAGES = ("ledger", "work-items", "my-work", "work-sheet")
ACTS = {
    "work-assign": {"owner": ""},
    "work-due": {"due_on": "2020-12-01"},
    "work-close": {"reason": "work_reason:not_same"},
    "work-reopen": {"note": "x"},
}
WORK = {
    "work-note": {"note": "x"},
    "work-try": {"mode": "door", "outcome": "4"},
    "work-propose": {"reason": "work_reason:not_same"},
}


@pytest.mark.parametrize("page", PAGES)
def test_each_role_sees_the_ledger_of_its_own_area_and_nobody_elses(ledger, page):
    ledger.open()
    assert Client().get(reverse(page)).status_code == 302
    for role in (Role.STREET_OFFICE, Role.SUPERVISOR, Role.ENUMERATOR, Role.INSPECTOR):
        assert ledger.at(role).get(reverse(page)).status_code == 200
    for code in (THERE, NEXT, STREET, "310199009"):
        assert ledger.at(Role.SUPERVISOR).get(reverse(page), {"area": code}).status_code == 404


def test_an_item_of_another_area_is_like_one_that_does_not_exist(ledger):
    there = ledger.one("duplicate", area=NEXT)
    browser = ledger.at(Role.SUPERVISOR)
    assert browser.get(reverse("work-item", args=[there.pk])).status_code == 404
    for name, body in {**ACTS, **WORK, "work-check": {}, "work-clear": {"purpose": "核对"}}.items():
        assert browser.post(reverse(name, args=[there.pk]), body).status_code == 404, name
    assert not WorkStep.objects.exclude(did="opened").exists()
    assert not AccessEvent.objects.exists()


def test_the_field_tries_and_reports_back_and_the_supervisor_closes(ledger):
    item = ledger.one("duplicate")
    field, desk, inspector = (ledger.at(r) for r in (Role.ENUMERATOR, Role.SUPERVISOR, Role.INSPECTOR))
    for name, body in ACTS.items():
        assert field.post(reverse(name, args=[item.pk]), body).status_code == 403, name
    for name, body in {**ACTS, **WORK}.items():
        assert inspector.post(reverse(name, args=[item.pk]), body).status_code == 403, name
    for name, body in WORK.items():
        body = {**body, "seen": ledger.fresh(item).version}
        assert field.post(reverse(name, args=[item.pk]), body).status_code == 302, name
    told = ledger.fresh(item)
    assert (told.state, told.tries, told.reason) == ("open", 1, "not_same")
    page = desk.get(reverse("work-items"), {"state": "proposed"}).text
    assert str(item.pk) in page
    stale = {"reason": "work_reason:not_same", "seen": 1}
    assert "enumerator" in desk.post(reverse("work-close", args=[item.pk]), stale, follow=True).text
    assert ledger.fresh(item).state == "open"
    desk.post(reverse("work-close", args=[item.pk]), {**stale, "seen": told.version})
    assert (ledger.fresh(item).state, ledger.fresh(item).closed_by) == ("closed", "supervisor")
    assert ledger.counts("duplicate") == (0, 0, 1)


def test_every_figure_of_the_overview_opens_onto_as_many_rows(ledger):
    some = [*ledger.open("duplicate", 4), *ledger.open("headcount", 3, HERE), *ledger.open("headcount", 2, NEXT)]
    work.close(some[0], ("work_reason", "not_same"), **ledger.how(some[0]))
    work.propose(some[1], ("work_reason", "not_same"), **ledger.how(some[1]))
    work.lose(ledger.census, [some[2].pk, some[4].pk], by="comparison", at=ledger.later())
    work.set_due(some[3], timezone.now().date() + timedelta(days=9), **ledger.how(some[3]))
    seen = 0
    for area in (STREET, HERE, BLOCK):
        page = ledger.at().get(reverse("ledger"), {"area": area}).text
        for address, n in re.findall(r'href="(/coverage/items/\?[^"]+)">(\d+)</a>', page):
            rows = ledger.at().get(address.replace("&amp;", "&")).text
            assert len(re.findall('<th scope="row">', rows)) == int(n), address
            seen += 1
    assert seen > 30


def test_names_are_masked_until_a_purpose_is_written(ledger):
    about, other = ledger.registered("001"), ledger.registered("002")
    item = ledger.one("duplicate", household_id=about, line=1, other_household_id=other, other_line=2)
    address = reverse("work-item", args=[item.pk])
    browser = ledger.at(Role.SUPERVISOR)
    page = browser.get(address).text
    for secret in ("张建国", "李秀英", *NUMBERS, PHONE):
        assert secret not in page
        assert secret not in browser.get(reverse("work-items")).text + browser.get(reverse("work-sheet")).text
    assert page.count("<mark>") == 8, "name, sex, birth and number differ, on both sides"
    assert (
        ledger.at(Role.ENUMERATOR).post(reverse("work-clear", args=[item.pk]), {"purpose": "核对"}).status_code == 403
    )
    browser.post(reverse("work-clear", args=[item.pk]), {"purpose": " "})
    assert not AccessEvent.objects.exists()
    clear = browser.post(reverse("work-clear", args=[item.pk]), {"purpose": "电话核对"})
    assert "张建国" in clear.text
    assert NUMBERS[1] in clear.text
    assert "no-store" in clear["Cache-Control"]
    seen = AccessEvent.objects.get()
    assert (seen.about, seen.purpose, seen.area_code) == (str(item.pk), "电话核对", BLOCK)


def test_the_other_side_in_another_area_is_named_and_not_shown(ledger):
    here, there = ledger.registered("001"), ledger.registered("002", block=NEXT, people=("马远", "方静"))
    item = ledger.one("duplicate", household_id=here, line=1, other_household_id=there, other_line=1)
    page = ledger.at(Role.SUPERVISOR).get(reverse("work-item", args=[item.pk])).text
    assert "西居委会" in page
    assert "马**" not in page
    assert "马**" in ledger.at().get(reverse("work-item", args=[item.pk])).text


def test_a_list_is_filtered_searched_and_paged_by_key(ledger, monkeypatch):
    monkeypatch.setattr("renpu.coverage.items.PAGE", 4)
    home = ledger.registered("007")
    ledger.open("duplicate", 9)
    about = ledger.one("headcount", household_id=home)
    browser = ledger.at()

    def rows(**query):
        page = browser.get(reverse("work-items"), query).text
        after = re.search(r'class="btn" href="\?[^"]*after=([^"&]+)"', page)
        return re.findall(r'<th scope="row"><a href="/coverage/items/([^/]+)/', page), after and after[1]

    monkeypatch.setattr("renpu.coverage.items.page.__defaults__", (4,))
    seen, after = rows()
    pages = 1
    while after:
        more, after = rows(after=after)
        seen += more
        pages += 1
    assert (len(seen), len(set(seen)), pages) == (10, 10, 3)
    for query in (
        {"kind": "headcount"},
        {"q": "唐山路1弄007号"},
        {"q": "张建国"},
        {"q": NUMBERS[0]},
        {"household": str(home)},
        {"owner": str(ledger.staff[0].pk)},
    ):
        assert rows(**query)[0] == [str(about.pk)], query
    assert rows(q="无此人")[0] == []
    assert len(rows(tries="1")[0]) == 0
    ledger.answered(about)
    assert rows(tries="1")[0] == [str(about.pk)]


def test_a_list_takes_as_many_queries_for_fifty_rows_as_for_two(ledger):
    def queries(name, **query):
        browser = ledger.at()
        browser.get(reverse(name), query)
        with CaptureQueriesContext(
            connection,
        ) as taken:
            assert browser.get(reverse(name), query).status_code == 200
        return len(taken)

    for n in range(2):
        ledger.one("duplicate", household_id=ledger.registered(f"{n:03}"), line=1)
    few = {name: queries(name) for name in PAGES}
    for n in range(2, 12):
        ledger.one("duplicate", household_id=ledger.registered(f"{n:03}"), line=1)
    assert {name: queries(name) for name in PAGES} == few
    assert max(few.values()) <= 16, few


def test_many_are_given_closed_and_taken_back(ledger):
    items = ledger.open("duplicate", 6)
    browser = ledger.at(Role.SUPERVISOR)
    address = reverse("work-change")
    chosen = {"area": HERE, "which": "chosen", "id": [i.pk for i in items[:4]], "state": "open"}
    assert ledger.at(Role.ENUMERATOR).post(address, {**chosen, "area": BLOCK}).status_code == 403
    assert ledger.at(Role.SUPERVISOR).post(address, {**chosen, "area": STREET}).status_code == 404
    for wrong, told in (
        ({}, "请选择"),
        ({"do": "assign"}, "交办给谁"),
        ({"do": "due", "due_on": "2020-13-40"}, "期限"),
        ({"do": "close", "reason": "x:y"}, "理由"),
        ({"do": "due", "due_on": "2020-12-01", "id": []}, "至少选择一个"),
    ):
        assert told in browser.post(address, {**chosen, **wrong}, follow=True).text, wrong
    wanted = {**chosen, "do": "assign", "owner_to": str(ledger.staff[1].pk)}
    preview = browser.post(address, wanted)
    assert ">4</strong>" in preview.text
    assert not WorkItem.objects.exclude(owner=None).exists(), "a preview changes nothing"
    page = browser.post(address, {**wanted, "confirm": "1", "n": "4"}, follow=True)
    assert WorkItem.objects.filter(owner=ledger.staff[1]).count() == 4
    ledger.answered(items[0], outcome=4)
    batch = WorkStep.objects.exclude(batch=None).first().batch
    assert reverse("work-undo", args=[batch]) in page.text
    assert ledger.at(Role.INSPECTOR).post(reverse("work-undo", args=[batch])).status_code == 403
    told = browser.post(reverse("work-undo", args=[batch]), {"area": HERE}, follow=True).text
    assert "3 项恢复原状" in told
    assert "1 项之后已有人处理" in told
    assert "已经撤回" in browser.post(reverse("work-undo", args=[uuid4()]), {"area": HERE}, follow=True).text
    everything = {"area": HERE, "which": "all", "do": "close", "reason": "work_reason:corrected", "ground": ""}
    preview = browser.post(address, everything).text
    assert ">0</strong>" in preview, "nobody answered yet"
    everything |= {"reason": "work_reason:not_same", "confirm": "1", "n": "5"}
    assert "现在是 6 项" in browser.post(address, everything, follow=True).text
    browser.post(address, {**everything, "n": "6"})
    assert ledger.counts("duplicate") == (0, 0, 6)


def test_what_is_open_is_told_on_the_pages_above(ledger):
    home = ledger.registered()
    item = ledger.one("headcount", household_id=home)
    browser = ledger.at()
    assert reverse("work-item", args=[item.pk]) in browser.get(reverse("household", args=[home])).text
    assert "1项核查未办结" in browser.get(reverse("households")).text
    for area in (STREET, HERE, BLOCK):
        page = browser.get(reverse("dashboard"), {"area": area}).text
        assert f'href="/coverage/?area={area}"' in page
    work.close(item, ("work_reason", "register_wrong"), **ledger.how(item), ground="居委会核实材料")
    assert "项核查未办结" not in browser.get(reverse("households")).text
