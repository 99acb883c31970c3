"""A written address is found in the frame, or there is a reason why not."""

import csv
import json
from pathlib import Path

import polars as pl
import pytest

from renpu.concepts.address import read
from renpu.concepts.codes import code_list
from renpu.geography.matching import BUILDINGS, OPEN, PLACED, RANK, UNITS, Frame, place

EAST, WEST = "310199001001001", "310199001002001"
UNITS_ = [
    ("u1", "b1", EAST, None, "唐山路12弄3号301室"),
    ("u2", "b1", EAST, None, "唐山路12弄3号302室"),
    ("u3", "b1", EAST, None, "唐山路12弄5号"),
    ("u4", "b2", EAST, None, "唐山路12弄8号前楼"),
    ("u5", "b2", EAST, None, "唐山路12弄8号三层阁"),
    ("u6", "b3", EAST, None, "唐山路300号201室"),
    ("u7", "b4", EAST, None, "曲阳新村7号楼1单元101室"),
    ("u8", "b4", EAST, None, "曲阳新村7号楼2单元101室"),
    ("u9", "b5", EAST, None, "长阳路9号101室"),
    ("u10", "b6", WEST, None, "长阳路9号101室"),
    ("u11", "b7", EAST, 2, "长阳路20号201室"),
    ("u12", "b8", EAST, None, "唐山路12弄8号后客堂"),
]
BUILDINGS_ = [
    *((f"b{n}", EAST if n != 6 else WEST, "唐山路12弄", "standing") for n in range(1, 9) if n != 7),
    ("b7", EAST, "长阳路20号", "demolished"),
    ("b9", EAST, "长阳路40号", "standing"),
]


@pytest.fixture(scope="module")
def frame():
    return Frame(UNITS_, BUILDINGS_)


@pytest.mark.parametrize(
    ("address", "placed", "unit", "building"),
    [
        ("唐山路12弄3号301室", "unit", "u1", "b1"),
        ("上海市虹口区唐山路十二弄３号　302", "unit", "u2", "b1"),
        ("唐山路12-3-301", "unit", "u1", "b1"),
        ("唐山路300-201", "unit", "u6", "b3"),
        ("唐山路12弄5号", "unit", "u3", "b1"),
        ("唐山路12弄5号乙", "no_number", "", ""),
        ("唐山路12弄8号2楼前楼", "unit", "u4", "b2"),
        ("唐山路12弄8号2楼三层阁", "floor_room", "u5", "b2"),
        ("唐山路300号", "only_unit", "u6", "b3"),
        ("唐山路12弄3号", "building", "", "b1"),
        ("唐山路12弄8号", "several", "", ""),
        ("唐山路12弄3号303室", "no_unit", "", "b1"),
        ("唐山路12弄8号亭子间", "no_unit", "", ""),
        ("曲阳新村7号楼2单元101", "unit", "u8", "b4"),
        ("曲阳新村7号楼101室", "several", "", "b4"),
        ("曲阳新村7-1-101", "unit", "u7", "b4"),
        ("长阳路9号101室", "several", "", ""),
        ("长阳路20号201室", "demolished", "u11", "b7"),
        ("长阳路40号3楼", "no_unit", "", "b9"),
        ("长阳路40号", "building", "", "b9"),
        ("唐山路12弄99号", "no_number", "", ""),
        ("唐山路77弄1号", "no_number", "", ""),
        ("东长治路5号", "no_road", "", ""),
        ("(已迁离)", "unreadable", "", ""),
        ("  ", "no_address", "", ""),
    ],
)  # fmt: skip
def test_each_address_has_its_reason(frame, address, placed, unit, building):
    found = frame.find(address)
    assert (found.placed, found.unit, found.building) == (placed, unit, building)


def test_the_committee_decides_between_equal_addresses(frame):
    assert frame.find("长阳路9号101室", WEST[:12]).unit == "u10"
    assert frame.find("长阳路9号101室", EAST[:12]).unit == "u9"
    assert frame.find("长阳路9号101室", EAST[:9]).placed == "several"


def test_a_dwelling_that_is_not_in_the_frame_keeps_its_block(frame):
    assert frame.find("唐山路12弄3号303室").block == EAST
    assert frame.find("唐山路12弄8号亭子间").block == EAST
    assert frame.find("唐山路12弄99号").block == ""
    assert frame.find("曲阳新村7号楼3单元101室").placed == "no_unit"


def test_every_reason_is_a_code_with_a_label():
    assert {*RANK, *OPEN, *PLACED} <= set(code_list("address_placing"))
    assert not set(OPEN) & set(PLACED)


def test_frames_of_addresses_are_placed_like_single_ones(frame):
    addresses = pl.DataFrame(
        {"address": ["唐山路12弄3号301室", "长阳路9号101室", ""], "area_code": ["", WEST[:12], ""]}
    )
    units = pl.DataFrame(UNITS_, schema=UNITS, orient="row")
    found = place(addresses, units, pl.DataFrame(BUILDINGS_, schema=BUILDINGS, orient="row"))
    assert found.rows() == [(*row, *frame.find(*row)) for row in addresses.iter_rows()]


def test_the_sample_street_is_placed_by_address_alone():
    street, truth = Path("renpu/synthetic/street"), Path("tests/data/street/addresses.csv")
    units = {}
    for row in csv.DictReader((street / "field/roster.csv").read_text("utf-8").splitlines()):
        units.setdefault(row["dwelling"], (row["dwelling"], row["building"], row["block"], 0, row["address"]))
    features = json.loads((street / "geo/buildings.geojson").read_text("utf-8"))["features"]
    buildings = [(p["building"], p["committee"], p["label"], p["state"]) for p in (f["properties"] for f in features)]
    frame = Frame([one for id, one in units.items() if id], buildings)
    for name, encoding, column in (("hukou_all", "gb18030", "住址"), ("electricity", "utf-8-sig", "用电地址")):
        rows = list(csv.DictReader((street / f"registers/{name}.csv").read_text(encoding).splitlines()))
        true = {
            int(one["row"]): one["dwelling"]
            for one in csv.DictReader(truth.read_text("utf-8").splitlines())
            if one["file"] == f"{name}.csv"
        }
        found = {n: frame.find(row[column]) for n, row in enumerate(rows, 1) if n in true}
        given = [n for n, one in found.items() if one.placed in PLACED and one.unit]
        right = [n for n in given if found[n].unit == true[n]]
        named = [n for n in found if true[n] in units and read(rows[n - 1][column]).room_key]
        hints = [n for n, one in found.items() if one.placed == "no_unit"]
        assert len(right) / len(given) > 0.998
        assert len([n for n in named if n in right]) / len(named) > 0.995
        assert hints
        assert all(true[n] not in units for n in hints)
