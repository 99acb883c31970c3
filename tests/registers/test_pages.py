"""Pages of a delivery's life: addresses settled, blocks handed out, quality opened, rows destroyed."""

import csv
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from renpu.geography.models import Building, Unit
from renpu.platform.models import AccessEvent, Post, Role
from renpu.registers import actions, conflicts, problems, quality, views
from renpu.registers.models import AddressDecision, Delivery, DeliveryStep, OpenAddress, RegisterRow
from renpu.registers.sources import find
from tests.registers.make_samples import number
from tests.site.street import BLOCK, HERE, NEXT, STREET

ROWS = (
    ("001", "张三丰", "唐山路12弄3号301", "12512345671"),
    ("002", "=李四光", "唐山路12弄3号302室", "12512345672"),
    ("003", "王五月", "虚构路7号", "12512345673"),
    ("004", "赵六合", "长阳路9号101室", "12512345674"),
    ("005", "孙七宝", "唐山路12弄3号309室", ""),
)


@pytest.fixture
def delivery(office, tmp_path) -> Delivery:
    for block, address in ((BLOCK, "唐山路12弄3号301室"), (BLOCK, "唐山路12弄3号302室"), (NEXT, "长阳路9号101室")):
        label = address.split("号")[0] + "号"
        building, _ = Building.objects.get_or_create(area_code=block, label=label, kind="tower", number="001")
        Unit.objects.create(building=building, block_code=block, address=address)
    return taken_in(tmp_path, "police", "户号,姓名,性别,出生日期,公民身份号码,住址,联系电话", [
        f"{no},{name},男,19800101,{number('19800101', int(no))},{address},{phone}" for no, name, address, phone in ROWS
    ])  # fmt: skip


def taken_in(folder: Path, source: str, head: str, lines: list[str], area: str = STREET) -> Delivery:
    path = folder / f"{source}.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    delivery = actions.stage(path, find(source), area=area, at=timezone.now())
    actions.accept(delivery, at=timezone.now())
    return delivery


def pages(delivery: Delivery) -> list[str]:
    return [
        reverse("delivery-addresses"),
        reverse("delivery-address-decisions"),
        reverse("delivery-quality"),
        reverse("delivery-conflicts"),
        reverse("delivery-mappings"),
        reverse("delivery", args=[delivery.pk]),
        reverse("delivery-blocks", args=[delivery.pk]),
        reverse("delivery-block", args=[delivery.pk, BLOCK]),
        *(reverse("delivery-address", args=[pk]) for pk in OpenAddress.objects.values_list("pk", flat=True)),
    ]


def test_every_page_is_there_for_the_office_and_nothing_in_clear(office, delivery):
    for page in pages(delivery):
        answer = office.at().get(page)
        assert answer.status_code == 200, page
        assert not re.search(r"\d{17}[0-9X]|1251234567|张三丰", answer.content.decode()), page


def test_an_enumerator_sees_the_rows_of_the_own_block_alone(office, delivery):
    browser = office.at(Role.ENUMERATOR)
    assert browser.get(reverse("delivery", args=[delivery.pk])).status_code == 404
    mine = browser.get(reverse("delivery-block", args=[delivery.pk, BLOCK]))
    assert mine.status_code == 200
    assert "唐山路12弄3号301室" in mine.content.decode()
    assert browser.get(reverse("delivery-block", args=[delivery.pk, NEXT])).status_code == 404
    listed = browser.get(reverse("delivery-blocks", args=[delivery.pk])).content.decode()
    assert BLOCK in listed
    assert NEXT not in listed
    assert browser.post(reverse("delivery-hand-out", args=[delivery.pk, BLOCK]), {"form": "csv"}).status_code == 403


def test_a_block_is_handed_out_masked_and_logged(office, delivery):
    answer = office.at().post(reverse("delivery-hand-out", args=[delivery.pk, BLOCK]), {"form": "csv"})
    rows = list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))[1:]
    assert [row[6] for row in rows] == ["张**", "'=**", "孙**"]
    assert "1251234567" not in answer.content.decode()
    step = delivery.steps.get(did=DeliveryStep.Did.EXPORTED)
    assert (step.area_code, step.rows, step.by) == (BLOCK, 3, Role.STREET_OFFICE)
    assert not AccessEvent.objects.exists()
    paper = office.at().post(reverse("delivery-hand-out", args=[delivery.pk, BLOCK]), {"form": "paper"})
    assert "张**" in paper.content.decode()


def test_in_clear_needs_a_purpose_and_is_in_the_access_log(office, delivery):
    url = reverse("delivery-hand-out", args=[delivery.pk, BLOCK])
    office.at().post(url, {"form": "csv", "clear": "1"})
    assert not AccessEvent.objects.exists()
    answer = office.at().post(url, {"form": "csv", "clear": "1", "purpose": "核对同名人员"})
    assert "张三丰" in answer.content.decode()
    assert AccessEvent.objects.get().purpose == "核对同名人员"


def test_addresses_are_settled_one_after_the_other(office, delivery):
    first, second = OpenAddress.objects.order_by("key").values_list("pk", flat=True)
    unit = Unit.objects.get(address="唐山路12弄3号302室")
    body = {"area": STREET, "reason": "", "where": f"unit:{unit.pk}"}
    answer = office.at().post(reverse("delivery-address-decide", args=[first]), body)
    assert answer.url.startswith(reverse("delivery-address", args=[second]))
    answer = office.at().post(reverse("delivery-address-decide", args=[second]), {**body, "where": "elsewhere"})
    assert answer.url.startswith(reverse("delivery-addresses"))
    assert set(AddressDecision.objects.values_list("placed", flat=True)) == {"by_hand", "elsewhere"}
    decision = AddressDecision.objects.get(placed="by_hand")
    office.at().post(reverse("delivery-address-undo", args=[decision.pk]))
    assert OpenAddress.objects.count() == 1


def test_who_only_looks_settles_nothing(office, delivery):
    one = OpenAddress.objects.first()
    for role, status in ((Role.INSPECTOR, 403), (Role.ENUMERATOR, 404)):
        body = {"area": STREET, "where": "elsewhere"}
        assert office.at(role).post(reverse("delivery-address-decide", args=[one.pk]), body).status_code in (
            status,
            403,
        )
        assert office.at(role).post(reverse("delivery-destroyed", args=[delivery.pk])).status_code == status
        assert office.at(role).post(reverse("delivery-keep", args=[delivery.pk])).status_code == status
    assert not AddressDecision.objects.exists()


def test_another_streets_office_finds_nothing_of_it(office, delivery):
    other = get_user_model().objects.create_user("other")
    Post.objects.create(user=other, role=Role.STREET_OFFICE, area_code="310199002")
    browser = office.at()
    browser.force_login(other)
    for page in pages(delivery)[5:]:
        assert browser.get(page).status_code == 404, page


def test_destroying_asks_twice_and_wants_the_hash(office, delivery):
    browser = office.at()
    first = browser.get(reverse("delivery-destroy", args=[delivery.pk])).content.decode()
    assert "sure=yes" in first
    assert 'name="hash"' not in first
    url = reverse("delivery-destroyed", args=[delivery.pk])
    browser.post(url, {"hash": "00000000", "witness": "周敏"})
    browser.post(url, {"hash": delivery.sha256[:8], "witness": ""})
    assert RegisterRow.objects.exists()
    answer = browser.post(url, {"hash": delivery.sha256[:8], "witness": "周敏"})
    assert answer.url == reverse("delivery-certificate", args=[delivery.pk])
    assert not RegisterRow.objects.exists()
    assert "周敏" in browser.get(answer.url).content.decode()
    word = browser.get(reverse("delivery-certificate-word", args=[delivery.pk]))
    assert word.content.startswith(b"PK")
    assert browser.get(reverse("delivery", args=[delivery.pk])).status_code == 200


def test_figures_of_quality_open_onto_the_rows_that_fail(office, delivery):
    delivery.refresh_from_db()
    assert delivery.quality["placed"] == [3, 5]
    assert delivery.quality["unique"] == [5, 5]
    assert {row.number for row in quality.failing(delivery, "placed")} == {4, 6}
    page = office.at().get(reverse("delivery", args=[delivery.pk]), {"show": "fails-placed"}).content.decode()
    assert "虚构路7号" in page
    assert "长阳路9号101室" not in page
    weights = {one.code: one.weight for one in quality.measures()}
    shares = {code: good / of for code, (good, of) in delivery.quality.items()}
    mean = sum(weights[code] * share for code, share in shares.items()) / sum(weights[code] for code in shares)
    assert quality.score(delivery) == round(100 * mean)


def test_lists_that_contradict_each_other_are_set_side_by_side(office, delivery, tmp_path):
    taken_in(tmp_path, "residence_permits", "姓名,性别,公民身份号码,居住地址", [
        f"张叁丰,女,{number('19800101', 1)},长阳路9号101室",
        f"王五月,男,{number('19800101', 3)},唐山路12弄3号302室",
    ])  # fmt: skip
    taken_in(
        tmp_path,
        "grid",
        "地址,居住情况,居住人数,姓名",
        ["唐山路12弄3号302室,空置,0,", "唐山路12弄3号301室,自住,2,张三丰"],
    )
    root = get_user_model().objects.create_user("root", is_superuser=True)
    found = conflicts.of_area(STREET, root).order_by("about").values_list("about", flat=True)
    assert list(found) == ["lives", "name", "sex", "vacant"]
    page = office.at().get(reverse("delivery-conflicts"), {"about": "sex"}).content.decode()
    assert page.count("张**") == 2


def test_a_committee_sees_what_lies_in_its_blocks(office, delivery):
    listed = office.at(Role.SUPERVISOR).get(reverse("delivery-addresses"), {"area": HERE}).content.decode()
    assert "唐山路12弄3号309室" in listed
    assert "虚构路7号" not in listed


@pytest.mark.parametrize("more", [0, 40])
def test_the_list_of_addresses_asks_as_often_for_many_as_for_one(office, delivery, django_assert_max_num_queries, more):
    OpenAddress.objects.bulk_create(
        OpenAddress(
            delivery=delivery, area_code=BLOCK, row_area=STREET, address=f"虚构路{n}号", key=f"虚构路{n}",
            placed="no_road", rows=n,
        )
        for n in range(100, 100 + more)
    )  # fmt: skip
    browser = office.at()
    with django_assert_max_num_queries(12):
        assert browser.get(reverse("delivery-addresses")).status_code == 200


def test_an_address_that_somebody_else_has_settled_leads_back_to_the_list(office, delivery):
    key = OpenAddress.objects.get(address="虚构路7号").pk
    body = {"area": STREET, "reason": "", "where": "elsewhere"}
    assert office.at().post(reverse("delivery-address-decide", args=[key]), body).status_code == 302
    browser = office.at()
    for answer in (
        browser.post(reverse("delivery-address-decide", args=[key]), body, follow=True),
        browser.get(reverse("delivery-address", args=[key]), {"area": STREET}, follow=True),
    ):
        assert answer.redirect_chain[-1][0].startswith(reverse("delivery-addresses"))
        assert str(problems.ADDRESS_GONE) in answer.content.decode()
    assert AddressDecision.objects.count() == 1


def test_of_two_lists_that_differ_nothing_is_shown_of_a_row_outside_the_area(office, delivery, tmp_path):
    taken_in(tmp_path, "residence_permits", "姓名,性别,公民身份号码,居住地址", [
        f"张三丰,男,{number('19800101', 1)},长阳路9号101室",
        f"王五月,男,{number('19800101', 4)},唐山路12弄3号302室",
    ])  # fmt: skip
    url = reverse("delivery-conflicts")
    whole = office.at().get(url, {"about": "lives"}).content.decode()
    assert whole.count("长阳路9号101室") == 2
    part = office.at(Role.SUPERVISOR).get(url, {"about": "lives", "area": HERE}).content.decode()
    assert "唐山路12弄3号302室" in part
    assert "长阳路9号101室" not in part
    assert "1980-01-01" not in whole
    assert reverse("delivery", args=[delivery.pk]) not in part


def test_older_deliveries_and_decisions_are_reached_page_by_page(office, delivery, monkeypatch):
    monkeypatch.setattr(views, "LIST", 2)
    for day in range(1, 6):
        at = delivery.received_at - timedelta(days=day // 2)
        Delivery.objects.create(source="police", area_code=STREET, file_name=f"file{day}.csv", received_at=at, size=1)
    browser, seen, query = office.at(), [], {"area": STREET}
    for _ in range(3):
        page = browser.get(reverse("deliveries"), query)
        seen += [row.pk for row in page.context["rows"]]
        query["before"] = page.context["before"]
    assert query["before"] == ""
    assert set(seen) == set(Delivery.objects.values_list("pk", flat=True))
    assert len(seen) == 6


def test_what_is_due_is_one_click_away(office, delivery):
    assert "due=1" not in office.at().get(reverse("deliveries")).content.decode()
    Delivery.objects.filter(pk=delivery.pk).update(keep_until="2020-01-01")
    later = Delivery.objects.create(
        source="grid", area_code=STREET, received_at=timezone.now(), size=1, state="received"
    )
    assert "due=1" in office.at().get(reverse("deliveries")).content.decode()
    shown = office.at().get(reverse("deliveries"), {"due": "1"}).context["rows"]
    assert [row.pk for row in shown] == [delivery.pk]
    assert later.keep_until is None
