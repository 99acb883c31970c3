"""The comparison's pages on the sample street: every figure opens onto its rows, and it is run again from the page."""

import re
from datetime import datetime

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from renpu.coverage import findings, runs
from renpu.coverage.balance import balance
from renpu.coverage.models import Comparison, Finding
from renpu.coverage.reconcile import read, reconcile, terms_of
from renpu.coverage.records import decided, links, persons
from renpu.coverage.vacancy import at_units
from renpu.coverage.work import WorkRefused
from renpu.platform.models import TIME_ZONE, AccessEvent, Post, Role
from renpu.registers.models import RegisterRow

STREET, COMMITTEE, OTHER = "310109018", "310109018033", "310109018020"
BLOCK = COMMITTEE + "001"
AT = datetime(2020, 11, 17, 9, tzinfo=TIME_ZONE)
PAGES = (
    ("comparison", []),
    ("findings", []),
    ("balance", []),
    ("vital", ["births"]),
    ("vital", ["deaths"]),
)
pytestmark = pytest.mark.django_db


@pytest.fixture
def compared(street):
    return reconcile(street, STREET, at=AT)


def at(role, code):
    user = get_user_model().objects.create_user(f"{role}-{code}")
    Post.objects.create(user=user, role=role, area_code=code)
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def office(street):
    return at(Role.STREET_OFFICE, STREET)


def figures_of(browser, area: str) -> dict[str, tuple[str, int]]:
    """Of the police list of an area, as its page shows them: figure -> (address, number)."""
    page = browser.get(reverse("comparison"), {"area": area}).text
    found = re.findall(r'href="(/coverage/comparison/rows/\?area=\d+&amp;figure=(\w+))">([\d,]+)</a>', page)
    return {name: (address, int(n.replace(",", ""))) for address, name, n in found}


def rows_behind(browser, address: str) -> int:
    """How many rows all pages of a list hold together."""
    n, address = 0, address.replace("&amp;", "&")
    while address:
        page = browser.get(address).text
        n += page.split("</thead>")[-1].count('<th scope="row">') if "</thead>" in page else 0
        following = re.search(r'class="btn" href="(\?[^"]*after=\d+[^"]*)">下一页', page)
        address = reverse("findings") + following[1].replace("&amp;", "&") if following else ""
    return n


@pytest.mark.parametrize(("page", "args"), PAGES)
def test_who_sees_the_comparison_of_which_area(compared, page, args):
    address = reverse(page, args=args)
    assert Client().get(address).status_code == 302
    for role, code in ((Role.SUPERVISOR, COMMITTEE), (Role.ENUMERATOR, BLOCK), (Role.INSPECTOR, STREET)):
        browser = at(role, code)
        assert browser.get(address).status_code == 200
        assert browser.get(address, {"area": OTHER}).status_code == (200 if code == STREET else 404)


def test_every_figure_by_source_opens_onto_its_rows_and_names_nobody(compared, office):
    page = office.get(reverse("comparison")).text
    figures = re.findall(r'href="(/coverage/comparison/rows/\?[^"]+)">([\d,]+)</a>', page)
    assert len(figures) > 25
    small = [(address, int(n.replace(",", ""))) for address, n in figures if int(n.replace(",", "")) < 60]
    for address, n in small:
        assert rows_behind(office, address) == n, address
        assert not re.search(r"\d{17}[0-9X]|1\d{10}<", office.get(address.replace("&amp;", "&")).text)
    assert len(small) > 10
    assert rows_behind(office, "/coverage/comparison/rows/?source=births") == 19
    assert not AccessEvent.objects.exists()


@pytest.mark.parametrize("area", [STREET, COMMITTEE, OTHER])
def test_every_figure_of_the_police_list_opens_onto_as_many_persons(compared, office, area):
    told = figures_of(office, area)
    of_comparison = compared[0].figures[area]["register_comparison"]
    assert {name: n for name, (_, n) in told.items()} == {name: of_comparison[name] for name in findings.FIGURES}
    for name, (address, n) in told.items():
        if area == OTHER or n < 300:
            assert rows_behind(office, address) == n, name
        first = office.get(address.replace("&amp;", "&")).text
        assert re.search(rf"<h1>[^<]+<span>{n:,}</span>", first), name
        assert not re.search(r"\d{17}[0-9X]|\b1\d{10}<", first)
    assert sum(n > 0 for _, n in told.values()) > 4


def test_a_block_has_no_figures_of_the_police_list(compared, office):
    assert figures_of(office, BLOCK) == {}
    address = f"{reverse('findings')}?area={BLOCK}&figure=register_persons"
    assert rows_behind(office, address) == 0


def test_findings_of_before_there_were_figures_show_none(compared, office):
    Finding.objects.update(in_figures="")
    assert figures_of(office, STREET) == {}


def test_figures_and_their_rows_agree_when_a_part_is_compared_anew(street, compared, office):
    before = {name: n for name, (_, n) in figures_of(office, STREET).items()}
    Finding.objects.filter(area_code__startswith=OTHER).update(in_figures="", finding="unsure")
    reconcile(street, OTHER, at=AT)
    assert {name: n for name, (_, n) in figures_of(office, STREET).items()} == before
    RegisterRow.objects.filter(area_code=OTHER).update(refused=True)
    reconcile(street, OTHER, at=AT)
    assert figures_of(office, OTHER) == {}
    for name, (address, n) in figures_of(office, STREET).items():
        assert n == before[name] or n < before["register_persons"]
        if n < 300:
            assert rows_behind(office, address) == n, name


def test_what_stands_behind_a_finding_is_told_in_words(compared):
    told = set(Finding.objects.values_list("why", flat=True))
    for why in told:
        assert re.search("[\u4e00-\u9fff]", findings.why(why, {})), why


@pytest.mark.parametrize("source", findings.VITAL)
def test_the_ledgers_of_births_and_deaths_open_onto_their_rows(compared, office, source):
    page = office.get(reverse("vital", args=[source])).text
    body, foot = page.split("<tfoot>")
    for address, n in re.findall(r'href="(/coverage/comparison/rows/\?[^"]+)">(\d+)</a>', body):
        area = re.search(r"area=(\d+)", address)[1]
        if area != STREET:
            assert rows_behind(office, address) == int(n), address
    listed = Finding.objects.filter(source=source).count()
    assert f">{listed}</a>" in foot or listed == 0
    assert office.get("/coverage/comparison/marriages/").status_code == 404


def test_both_sides_of_the_balance_open_onto_their_rows(compared, office):
    for area in (STREET, COMMITTEE):
        page = office.get(reverse("balance"), {"area": area}).text
        cells = re.findall(r'href="(/coverage/comparison/rows/\?[^"]+side=[^"]+)">(\d+)</a>', page)
        assert len(cells) > 10
        for address, n in cells:
            if int(n) < 60:
                assert rows_behind(office, address) == int(n), address


def test_the_balance_of_committees_is_the_one_of_the_comparison(street, compared, office):
    """Where both ends name a committee of the street, the page counts as the kernel does."""
    found, frame = read(street)
    rows = at_units(found.rows, frame.units)
    stood = decided(links(rows, found.lines), compared[1].links.head(0).select("left", "right", "status"))
    _rows, lines = persons(rows, found.lines, stood)
    kernel = {
        (row["origin"], row["destination"]): (row["gone"] or 0, row["arrived"] or 0)
        for row in balance(lines, terms_of(street)).iter_rows(named=True)
        if row["level"] == "committee" and len(row["origin"]) == len(row["destination"]) == 12
    }
    user = get_user_model().objects.create_superuser("root")
    place = findings.Place(STREET, "")
    matrix = findings.balance(user, street, place)
    shown = {
        (c.origin, c.destination): (c.gone, c.arrived)
        for _o, _name, cells in matrix.rows
        for c in cells
        if c.origin.isdecimal() and c.destination.isdecimal() and c.gone is not None and (c.gone or c.arrived)
    }
    inside = {key: n for key, n in kernel.items() if all(code.startswith(STREET) for code in key)}
    assert shown == inside
    assert sum(n for pair in shown.values() for n in pair) > 100


def test_an_office_compares_again_and_one_at_a_time(street, office, monkeypatch):
    began = []
    monkeypatch.setattr(runs, "in_background", lambda *run: began.append(run))
    address = reverse("compare")
    assert at(Role.SUPERVISOR, COMMITTEE).post(address, {"area": COMMITTEE}).status_code == 403
    assert "尚未比对" in office.get(reverse("comparison")).text
    page = office.post(address, {"area": STREET}, follow=True).text
    assert "进行中" in page
    assert 'hx-trigger="every 2s"' in page
    assert "正在比对" in office.post(address, {"area": COMMITTEE}, follow=True).text
    (run,) = began
    monkeypatch.setattr(runs.connections, "close_all", lambda: None)
    runs.run(run[0].pk, run[1].pk, run[2])
    page = office.get(reverse("comparison")).text
    assert "进行中" not in page
    assert "完成" in page
    (finished,) = Comparison.objects.all()
    assert finished.by.get_username() == f"{Role.STREET_OFFICE}-{STREET}"
    assert Finding.objects.filter(comparison=finished).count() > 5000


def test_a_comparison_that_fails_says_so_and_can_be_run_again(street, office, monkeypatch):
    began = []
    monkeypatch.setattr(runs, "in_background", lambda *run: began.append(run))
    monkeypatch.setattr(runs.connections, "close_all", lambda: None)
    office.post(reverse("compare"), {"area": STREET})

    def fails(*args, **how):
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(runs, "reconcile", fails)
        runs.run(began[0][0].pk, began[0][1].pk, began[0][2])
    assert "中断" in office.get(reverse("comparison")).text
    office.post(reverse("compare"), {"area": STREET})
    assert len(began) == 2
    user = get_user_model().objects.get(username=f"{Role.STREET_OFFICE}-{STREET}")
    with pytest.raises(WorkRefused):
        runs.start(street, BLOCK, by=user, at=began[1][2])
    runs.start(street, BLOCK, by=user, at=began[1][2] + runs.GIVEN_UP)
