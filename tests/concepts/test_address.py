"""Every writing of one address is the same address; what can be meant in two ways says so."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from renpu.concepts import address
from renpu.concepts.address import PARTS, Address, read

FULL = str.maketrans("0123456789-", "０１２３４５６７８９－")
HAN = str.maketrans("0123456789", "〇一二三四五六七八九")
ROADS = (
    "杨树浦路",
    "东长治路",
    "四川北路",
    "世纪大道",
    "南京西路",
    "三门路",
    "市光路",
    "镇宁路",
    "上海路",
    "前进街",
    "柳荫巷",
)
ESTATES = ("曲阳新村", "阳光花园", "鞍山4村", "长春公寓")
REGIONS = (
    "", "上海市", "上海市虹口区", "虹口区", "上海市虹口区北外滩街道", "虹口区北外滩街道提篮桥居委会",
    "江苏省苏州市姑苏区", "江苏省昆山市周市镇",
)  # fmt: skip


def in_words(number: int) -> str:
    """112 as 一百一十二."""
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{digits[hundreds]}百" * bool(hundreds)
    text += f"{digits[tens]}十" if tens else "零" * bool(hundreds and ones)
    return text + digits[ones] * bool(ones)


@st.composite
def dwellings(draw):
    """(road, lane or 0, number, floor, room 1 to 20, or the name of a room)."""
    lane = draw(st.one_of(st.just(0), st.integers(10, 999)))
    number, floor, room = draw(st.integers(1, 99)), draw(st.integers(1, 30)), draw(st.integers(1, 20))
    part = draw(st.one_of(st.just(""), st.sampled_from([part.name for part in PARTS if part.floor > 0])))
    return draw(st.sampled_from(ROADS)), lane, number, floor, room, part


@st.composite
def writings(draw, dwelling):
    """One of the ways in which a list may write the dwelling."""
    road, lane, number, floor, room, part = dwelling
    floor = next((p.floor for p in PARTS if p.name == part), floor)
    how = draw(st.sampled_from([str, in_words, lambda n: str(n).translate(HAN)]))
    door = f"{how(lane)}弄" * bool(lane) + f"{how(number)}号"
    dashed = draw(st.booleans()) and bool(lane)
    if dashed:
        door = f"{lane}-{number}-"
    if part:
        told = part if dashed else draw(st.sampled_from([part, f"{floor}楼{part}", f"{in_words(floor)}层{part}"]))
    else:
        full = f"{floor}{room:02d}"
        forms = [full, f"{full}室", full.zfill(4)]
        forms += [] if dashed else [f"{floor}楼{full}室", f"{in_words(floor)}层{room}室", f"{floor}层{room:02d}"]
        told = draw(st.sampled_from(forms))
    text = draw(st.sampled_from(REGIONS)) + road + door + told
    if draw(st.booleans()):
        text = text.translate(FULL)
    if draw(st.booleans()):
        text = text.replace("弄", "弄 ").replace("号", " 号\u3000").replace("路", "路 ")
    return text


@given(st.data())
def test_writings_of_one_dwelling_are_equal(data):
    dwelling = data.draw(dwellings())
    one, other = data.draw(writings(dwelling)), data.draw(writings(dwelling))
    assert read(one).key == read(other).key, (one, other)
    assert not read(one).unread


@given(dwellings(), dwellings())
def test_two_dwellings_are_never_one(one, other):
    def written(dwelling):
        road, lane, number, floor, room, part = dwelling
        return f"{road}{f'{lane}弄' if lane else ''}{number}号{part or f'{floor}{room:02d}室'}"

    assert (read(written(one)).key == read(written(other)).key) == (written(one) == written(other))


@given(st.sampled_from(ESTATES), st.integers(1, 200), st.integers(1, 9), st.integers(101, 3304))
def test_an_estate_is_written_with_marks_or_with_dashes(estate, number, entrance, room):
    marked = read(f"{estate}{number}号楼{entrance}单元{room}室")
    assert marked.key == read(f"{estate}{number}幢{entrance}门{room}").key
    assert marked.key == read(f"{estate}{number}-{entrance}-{room}").key
    assert (marked.place, marked.entrance, marked.room) == (estate, str(entrance), str(room))


@given(dwellings())
def test_an_address_written_out_reads_as_itself(dwelling):
    road, lane, number, floor, room, part = dwelling
    read_once = read(f"{road}{f'{lane}弄' if lane else ''}{number}号{part or f'{floor}{room:02d}室'}")
    assert read(str(read_once)).key == read_once.key


@example("0#0A~0")
@given(
    st.text(alphabet="杨树浦路弄号室楼层幢单元甲附之一二三十百0123456789-~、() ＃#AB底前亭子间镇区市村组", max_size=40)
)
def test_no_text_breaks_the_reading(text):
    found = read(text)
    assert isinstance(found, Address)
    assert all(not other.others for other in found.others)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("北蔡镇联勤村第三村民组12号", {"street": "北蔡镇", "estate": "联勤村", "group": "3", "number": "12"}),
        ("四川北路1800弄3支弄5号", {"road": "四川北路", "lane": "1800", "sublane": "3", "number": "5"}),
        ("东大名路117弄3号甲801", {"number": "3甲", "room": "801"}),
        ("东大名路117弄甲3号801室", {"number": "3甲", "room": "801"}),
        ("四平路3号附1号", {"number": "3附1"}),
        ("四平路附3号", {"number": "附3"}),
        ("四平路3号之一", {"number": "3之1"}),
        ("四平路3~5号", {"number": "3", "number_to": "5"}),
        ("平凉路12号801-1室", {"number": "12", "room": "801之1"}),
        ("曲阳路800号阳光花园3号楼501室", {"number": "800", "estate": "阳光花园", "building": "3"}),
        ("北京市朝阳区花园路3号院5号楼3门501", {"number": "3", "building": "5", "entrance": "3"}),
        ("长阳路1568号B座3层", {"building": "B", "floor": 3, "room": ""}),
        ("平凉路12号底层", {"floor": 1, "part": ""}),
        ("平凉路12号地下室", {"part": "地下室"}),
        ("平凉路1695弄8号801室（近宁国路）", {"room": "801", "unread": "近宁国路"}),
        ("中山大道西12号", {"road": "中山大道西", "number": "12"}),
        ("中山北一路121号", {"road": "中山北1路", "number": "121"}),
    ],
)  # fmt: skip
def test_what_is_written_has_its_place(text, parts):
    found = read(text)
    assert {name: getattr(found, name) for name in parts} == parts


@pytest.mark.parametrize("road", ["镇宁路", "市光路", "上海路", "北京东路", "三门路", "区府路", "县前街"])
def test_a_road_named_like_a_region_stays_a_road(road):
    assert read(f"{road}12号").road == road
    assert read(f"上海市虹口区{road}12号").road == road


def test_numbers_without_marks_have_other_readings():
    assert [str(one) for one in read("杨树浦路112-8-301").others] == ["杨树浦路112号8号楼301室"]
    assert str(read("杨树浦路300-201")) == "杨树浦路300号201室"
    assert str(read("杨树浦路112-8")) == "杨树浦路112弄8号"
    assert [str(one) for one in read("四平路3-5号").others] == ["四平路3弄5号", "四平路3号"]
    assert not read("杨树浦路112弄8号301室").others


@pytest.mark.parametrize("text", ["", "(已迁离)", "(集体户口)", "不详", "同上", "8号301室", "外省"])
def test_what_is_no_address_is_not_readable(text):
    assert not read(text).readable


def test_a_floor_that_is_not_the_rooms_own_stays_in_the_key():
    assert address.key("平凉路12号3层前楼") != address.key("平凉路12号前楼") == address.key("平凉路12号2楼前楼")
    assert address.key("平凉路12号5楼801室") != address.key("平凉路12号801室")
