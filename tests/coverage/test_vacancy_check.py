"""A dwelling is closed as vacant after the meter, a look, a question and a second visit; never before."""

from datetime import timedelta

import pytest
from django.urls import reverse

from renpu.coverage import vacancy_check, work
from renpu.coverage.work import Looked, WorkRefused
from renpu.platform.models import Role

VACANT, LIVED_IN, SHOP = (("household_status", code) for code in ("6", "1", "9"))
IDLE = {f"2020-{month:02}": 3.0 for month in range(5, 11)}
USED = {f"2020-{month:02}": 80.0 for month in range(5, 11)}


@pytest.fixture
def home(ledger):
    """A line listed as vacant by a visit of the enumerator."""
    about = ledger.line()
    ledger.send("visit", about, {"mode": 1, "outcome": 9, "status_after": 6})
    return about


def checked(ledger, item, check, showed="nobody", **more):
    work.record_check(item, Looked(check, showed, **more), **ledger.how(item, by="何敏"))


def test_vacant_needs_all_three_and_a_second_visit_at_another_time(ledger, home):
    item = ledger.one("vacancy", household_id=home)
    steps = (
        ("meter", {}, "查用电"),
        ("look", {}, "看晾晒和灯光"),
        ("ask", {"whom": "neighbour"}, "问邻居"),
    )
    for check, more, missing in steps:
        with pytest.raises(WorkRefused, match=missing):
            work.close(item, VACANT, **ledger.how(item))
        checked(ledger, item, check, **more)
    with pytest.raises(WorkRefused, match="二次上门"):
        work.close(item, VACANT, **ledger.how(item), ground="邻居都说没人，不必再去")
    work.attempt(item, work.Try("door", 9), **ledger.how(item))
    with pytest.raises(WorkRefused, match="二次上门"):
        work.close(item, VACANT, **ledger.how(item))
    ledger.later(hours=10)
    work.attempt(item, work.Try("door", 9), **ledger.how(item))
    work.close(item, VACANT, **ledger.how(item))
    assert ledger.fresh(item).reason == "6"


def test_the_meter_is_looked_up_by_itself_where_a_reading_is_known(ledger, home):
    item = ledger.one("vacancy", household_id=home, evidence={"kwh": IDLE})
    checked(ledger, item, "look", made_at=ledger.now - timedelta(days=1))
    checked(ledger, item, "ask", whom="property")
    work.attempt(item, work.Try("door", 4), **ledger.how(item))
    work.close(item, VACANT, **ledger.how(item))
    assert ledger.fresh(item).state == "closed"


def test_a_meter_that_runs_does_not_prove_that_somebody_lives_there(ledger, home):
    assert vacancy_check.meter_shows(list(USED.values()), ledger.census) == "lived_in"
    assert vacancy_check.meter_shows(list(IDLE.values()), ledger.census) == "nobody"
    assert vacancy_check.meter_shows([], ledger.census) == ""
    item = ledger.one("vacancy", household_id=home, evidence={"kwh": USED})
    checked(ledger, item, "look", made_at=ledger.now - timedelta(days=1))
    checked(ledger, item, "ask", whom="police")
    work.attempt(item, work.Try("door", 4), **ledger.how(item))
    work.close(item, VACANT, **ledger.how(item))
    assert ledger.fresh(item).state == "closed"


def test_where_somebody_is_seen_the_household_is_listed_on_the_phone_first(ledger, home):
    item = ledger.one("vacancy", household_id=home, evidence={"kwh": USED})
    checked(ledger, item, "look", "lived_in", made_at=ledger.now - timedelta(days=1))
    checked(ledger, item, "ask", "lived_in", whom="neighbour")
    work.attempt(item, work.Try("door", 4), **ledger.how(item))
    with pytest.raises(WorkRefused, match="登记住户"):
        work.close(item, VACANT, **ledger.how(item))
    page = ledger.at(Role.SUPERVISOR).get(reverse("work-item", args=[item.pk])).text
    assert "在手机上按实际状态摸底并登记此户" in page
    with pytest.raises(WorkRefused, match="名册上此户状态不是“普通住户”"):
        work.close(item, LIVED_IN, **ledger.how(item), ground="看到有人居住了")
    ledger.send("visit", home, {"mode": 1, "outcome": 1, "status_after": 1, "n_here": 2})
    work.close(item, LIVED_IN, **ledger.how(item))
    assert ledger.fresh(item).reason == "1"


def test_the_newest_of_each_check_counts_and_an_unclear_one_is_none(ledger, home):
    item = ledger.one("vacancy", household_id=home, evidence={"kwh": IDLE})
    checked(ledger, item, "look", "unclear", made_at=ledger.now - timedelta(days=1))
    checked(ledger, item, "ask", "lived_in", whom="neighbour")
    checked(ledger, item, "ask", "nobody", whom="property")
    work.attempt(item, work.Try("door", 4), **ledger.how(item))
    with pytest.raises(WorkRefused, match="看晾晒和灯光"):
        work.close(item, VACANT, **ledger.how(item))
    checked(ledger, item, "look")
    work.close(item, VACANT, **ledger.how(item))
    assert ledger.fresh(item).state == "closed"


def test_a_dwelling_found_without_a_line_is_closed_when_the_roster_has_one(ledger):
    about = ledger.line("002")
    item = ledger.one("unlisted_dwelling", household_id=about)
    with pytest.raises(WorkRefused, match="非住用房屋"):
        work.close(item, SHOP, **ledger.how(item), ground="现场看是商铺")
    ledger.send("visit", about, {"mode": 1, "outcome": 1, "status_after": 9})
    work.close(item, SHOP, **ledger.how(item))
    assert ledger.fresh(item).state == "closed"


def test_the_printed_sheet_of_a_block_has_a_box_for_each_check(ledger, home):
    ledger.one("vacancy", household_id=home, evidence={"kwh": IDLE})
    sheet = ledger.at(Role.ENUMERATOR).get(reverse("work-sheet")).text
    for words in ("□ 一查", "□ 二看", "□ 三问", "□ 另一天或另一时段二次上门", "□ 空户", "2020-10 3"):
        assert words in sheet, words


def test_a_check_is_one_of_three_with_its_answer(ledger, home):
    item, other = ledger.one("vacancy", household_id=home), ledger.one("headcount")
    for wrong in (
        Looked("smell", "nobody"),
        Looked("look", "perhaps"),
        Looked("ask", "nobody"),
        Looked("ask", "nobody", whom="cat"),
    ):
        with pytest.raises(WorkRefused, match="没有这项核查"):
            work.record_check(item, wrong, **ledger.how(item))
    with pytest.raises(WorkRefused, match="还没有到"):
        checked(ledger, item, "look", made_at=ledger.now + timedelta(days=1))
    with pytest.raises(WorkRefused, match="空户核查"):
        checked(ledger, other, "look")
    browser = ledger.at(Role.ENUMERATOR)
    body = {"check": "ask", "showed": "nobody", "whom": "police", "seen": ledger.fresh(item).version}
    assert "核查情况已记录" in browser.post(reverse("work-check", args=[item.pk]), body, follow=True).text
    assert "民警" in browser.get(reverse("work-item", args=[item.pk])).text
    assert ledger.at(Role.INSPECTOR).post(reverse("work-check", args=[item.pk]), body).status_code == 403
