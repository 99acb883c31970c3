"""Addresses of deliveries in the frame: placed on acceptance, settled by a clerk, remembered, taken back."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from renpu.geography.models import Area, Block, Building, Unit
from renpu.registers import actions, offers, places
from renpu.registers.models import AddressDecision, Delivery, DeliveryStep, OpenAddress, PlacedCount, RegisterRow
from renpu.registers.problems import RegisterRefused
from renpu.registers.sources import find
from tests.registers.make_samples import number as identity

STREET, HERE = "310199001", "310199001001"
BLOCK, NEXT = HERE + "001", HERE + "002"
OCTOBER, NOVEMBER = datetime(2020, 10, 8, tzinfo=UTC), datetime(2020, 11, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frame():
    Area.objects.bulk_create(Area(code=code, name=name) for code, name in ((STREET, "北街道"), (HERE, "东居委会")))
    Block.objects.bulk_create(Block(code=code) for code in (BLOCK, NEXT))
    tower = Building.objects.create(area_code=BLOCK, number="001", label="唐山路12弄", kind="tower")
    gone = Building.objects.create(
        area_code=NEXT, number="001", label="唐山路40号", kind="lane_row", state="demolished"
    )
    for building, block, address in (
        (tower, BLOCK, "唐山路12弄3号301室"),
        (tower, BLOCK, "唐山路12弄3号302室"),
        (gone, NEXT, "唐山路40号前楼"),
    ):
        Unit.objects.create(building=building, block_code=block, address=address)
    return {unit.address: unit for unit in Unit.objects.all()}


def police(folder: Path, addresses: list[str], at=OCTOBER, name="list.csv") -> Delivery:
    lines = ["户号,姓名,性别,出生日期,公民身份号码,住址"]
    for n, address in enumerate(addresses):
        lines.append(f"{n:04d},张三{'甲乙丙丁戊己庚辛'[n % 8]},男,19800101,{identity('19800101', n + 1)},{address}")
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    delivery = actions.stage(path, find("police"), area=STREET, at=at)
    actions.accept(delivery, at=at)
    return delivery


def placed(delivery: Delivery) -> list[str]:
    return list(RegisterRow.objects.filter(delivery=delivery).order_by("number").values_list("placed", flat=True))


def clerk():
    return get_user_model().objects.get_or_create(username="root", is_superuser=True)[0]


ADDRESSES = [
    "唐山路12弄3号301",
    "上海市虹口区唐山路１２弄3号 301室",
    "唐山路12弄3号309室",
    "唐山路40号前楼",
    "虚构路1号",
    "",
]


def test_rows_are_placed_when_a_delivery_is_accepted(tmp_path, frame):
    delivery = police(tmp_path, ADDRESSES)
    assert placed(delivery) == ["unit", "unit", "no_unit", "demolished", "no_road", "no_address"]
    row = RegisterRow.objects.get(delivery=delivery, number=2)
    unit = frame["唐山路12弄3号301室"]
    assert (row.unit_id, row.building_id, row.block_code) == (unit.pk, unit.building_id, BLOCK)
    missed = RegisterRow.objects.get(delivery=delivery, number=4)
    assert (missed.unit_id, missed.building_id, missed.block_code) == (None, unit.building_id, BLOCK)
    assert dict(PlacedCount.objects.filter(area_code=BLOCK).values_list("placed", "rows")) == {"unit": 2, "no_unit": 1}
    assert set(OpenAddress.objects.values_list("address", "placed")) == {
        ("唐山路12弄3号309室", "no_unit"),
        ("虚构路1号", "no_road"),
    }
    assert delivery.steps.filter(did=DeliveryStep.Did.PLACED, rows=6).exists()


def test_a_decision_places_every_writing_now_and_in_later_deliveries(tmp_path, frame):
    first = police(tmp_path, ["虚构路1弄2号301室", "虚构路１弄2号 301", "唐山路12弄3号301"])
    one = places.waiting(STREET, clerk()).get()
    assert (one["all_rows"], one["lists"]) == (2, 1)
    unit = frame["唐山路12弄3号302室"]
    decision = places.decide(OpenAddress.objects.get(pk=one["first"]), at=NOVEMBER, by="office", unit=unit)
    assert decision.rows == 2
    assert placed(first) == ["by_hand", "by_hand", "unit"]
    assert RegisterRow.objects.filter(unit_id=unit.pk, block_code=BLOCK).count() == 2
    assert not OpenAddress.objects.exists()
    later = police(tmp_path, ["虚构路1-2-301"], at=NOVEMBER, name="later.csv")
    assert placed(later) == ["by_hand"]
    assert PlacedCount.objects.get(delivery=later).area_code == BLOCK


def test_a_decision_taken_back_puts_its_rows_into_the_queue_again(tmp_path, frame):
    delivery = police(tmp_path, ["虚构路1号", "虚构路1号"])
    before = set(PlacedCount.objects.values_list("area_code", "placed", "rows"))
    decision = places.decide(OpenAddress.objects.get(), at=NOVEMBER, by="office", elsewhere=True)
    assert placed(delivery) == ["elsewhere", "elsewhere"]
    places.undo(decision, at=NOVEMBER, by="office")
    assert placed(delivery) == ["no_road", "no_road"]
    assert OpenAddress.objects.get().rows == 2
    assert set(PlacedCount.objects.values_list("area_code", "placed", "rows")) == before
    with pytest.raises(RegisterRefused, match="已经撤回"):
        places.undo(decision, at=NOVEMBER, by="office")
    again = places.decide(OpenAddress.objects.get(), at=NOVEMBER, by="office", unit=frame["唐山路40号前楼"])
    assert AddressDecision.objects.standing().get() == again


def test_a_decision_names_a_place_and_only_one_stands(tmp_path, frame):
    police(tmp_path, ["虚构路1号"])
    one = OpenAddress.objects.get()
    with pytest.raises(RegisterRefused, match="请选定户室"):
        places.decide(one, at=NOVEMBER, by="office")
    places.decide(one, at=NOVEMBER, by="office", building=frame["唐山路40号前楼"].building)
    one.pk = None
    with pytest.raises(RegisterRefused, match="已有人核定"):
        places.decide(one, at=NOVEMBER, by="office", elsewhere=True)


def test_a_unit_added_to_the_frame_is_found_by_looking_again(tmp_path, frame):
    delivery = police(tmp_path, ADDRESSES)
    known = frame["唐山路12弄3号301室"]
    Unit.objects.create(building=known.building, block_code=BLOCK, address="唐山路12弄3号309室")
    out = io.StringIO()
    call_command("place", area=STREET, format="json", stdout=out)
    assert json.loads(out.getvalue())[0]["rows"]["unit"] == 3
    assert placed(delivery)[2] == "unit"
    assert set(OpenAddress.objects.values_list("address", flat=True)) == {"虚构路1号"}
    with pytest.raises(CommandError, match="没有已采用的资料"):
        call_command("place", area="44")


def test_a_list_too_long_for_a_page_is_left_to_the_command(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(f"户号,姓名,公民身份号码,住址\n1,张三,{identity('19800101', 1)},唐山路40号\n", encoding="utf-8")
    delivery = actions.stage(path, find("police"), area=STREET, at=OCTOBER)
    actions.accept(delivery, at=OCTOBER, place_up_to=0)
    assert delivery.placed_at is None
    call_command("place", delivery=str(delivery.pk)[:8], stdout=io.StringIO())
    delivery.refresh_from_db()
    assert delivery.placed_at
    assert placed(delivery) == ["demolished"]


def test_the_likeliest_dwelling_is_offered_first(frame):
    near = offers.offers("唐山路12弄3号甲302", STREET)
    assert near[0].label == "唐山路12弄3号302室"
    assert {one.kind for one in near} == {"unit", "building"}
    assert offers.offers("虚构路1号", STREET, words="唐山路40")[0].label == "唐山路40号前楼"
    assert not offers.offers("虚构路1号", STREET)
    assert offers.offers("(已迁离)", STREET) == []
