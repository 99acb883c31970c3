"""Chinese addresses as offices write them, read into parts, with one key for every writing of one address.

Full width becomes half width, spaces are layout, Chinese numerals before a word that counts (一一二弄, 四村) become
digits, dashes are told apart by what stands before them (112-8-301, 12号3-501). Where a writing can mean two things,
the usual one is the reading and the others are its `others`: only a list of what exists can decide.

    上海市虹口区杨树浦路一一二弄８号 3楼301   road 杨树浦路, lane 112, number 8, room 301 (floor 3, as its number says)
    东大名路117-3-801                        the same as 东大名路117弄3号801室; else number 117, building 3
    12号2楼前楼, 12号前楼                     one place: a front room (前楼) of an old lane house is on floor 2
    北蔡镇联勤村第三村民组12号                  street 北蔡镇, estate 联勤村, group 3, number 12
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple


class Part(NamedTuple):
    """A room of an old house that is called by a name: the usual name, the floor it is on unless another is stated
    (0 = any), and other writings."""

    name: str
    floor: int
    also: tuple[str, ...] = ()


# Rooms of Shanghai's lane houses (里弄房屋) as residence booklets name them.
PARTS = (
    Part("前楼", 2, ("前楼间",)),
    Part("后楼", 2, ("后楼间",)),
    Part("统楼", 2, ("统前楼",)),
    Part("亭子间", 2, ("亭间", "亭子楼")),
    Part("三层阁", 3, ("3层阁楼", "3层阁", "3楼阁", "假3层")),
    Part("二层阁", 2, ("2层阁楼", "2层阁", "2楼阁")),
    Part("阁楼", 0, ("搁楼", "阁")),
    Part("过街楼", 2),
    Part("晒台", 3, ("晒台间", "晒台搭建")),
    Part("客堂", 1, ("客堂间", "统客堂")),
    Part("前客堂", 1, ("前客堂间",)),
    Part("后客堂", 1, ("后客堂间",)),
    Part("前厢房", 0, ("前厢",)),
    Part("后厢房", 0, ("后厢",)),
    Part("东厢房", 0, ("东厢",)),
    Part("西厢房", 0, ("西厢",)),
    Part("厢房", 0),
    Part("灶间", 1, ("灶披间", "灶披")),
    Part("天井", 1, ("天井间", "天井搭建")),
    Part("前间", 0, ("前房", "前半间")),
    Part("后间", 0, ("后房", "后半间")),
    Part("东间", 0),
    Part("西间", 0),
    Part("中间", 0),
    Part("地下室", -1, ("地下1层", "地下层", "负1层", "负1楼", "B1层")),
    Part("汽车间", 1, ("车库",)),
    Part("门卫室", 1, ("门卫", "门房", "传达室")),
)
_PART = {writing: part for part in PARTS for writing in (part.name, *part.also)}
USUAL_FLOOR = {part.name: part.floor for part in PARTS}
_GROUND = ("底层", "底楼", "地面层")

# What a run of bare numbers means, by what is known before it and whether a room follows: the usual reading first.
# start: nothing but a road; estate: nothing but a 新村 or 花园; lane, door, building, entrance: the last thing known.
_RUNS: dict[tuple[str, bool], dict[int, tuple[tuple[str, ...], ...]]] = {
    ("start", False): {
        1: (("number",),),
        2: (("number", "room"), ("lane", "number")),
        3: (("lane", "number", "room"), ("number", "building", "room")),
        4: (("lane", "number", "entrance", "room"), ("number", "building", "entrance", "room")),
    },
    ("start", True): {
        1: (("number",),),
        2: (("lane", "number"), ("number", "building")),
        3: (("lane", "number", "entrance"), ("number", "building", "entrance")),
    },
    ("estate", False): {
        1: (("number",),),
        2: (("number", "room"),),
        3: (("number", "entrance", "room"), ("lane", "number", "room")),
    },
    ("estate", True): {1: (("number",),), 2: (("number", "entrance"), ("lane", "number"))},
    ("lane", False): {
        1: (("number",),),
        2: (("number", "room"),),
        3: (("number", "entrance", "room"), ("number", "building", "room")),
    },
    ("lane", True): {1: (("number",),), 2: (("number", "entrance"), ("number", "building"))},
    ("door", False): {
        1: (("room",),),
        2: (("building", "room"), ("entrance", "room"), ("floor", "room")),
        3: (("building", "entrance", "room"),),
    },
    ("door", True): {1: (("building",), ("entrance",)), 2: (("building", "entrance"),)},
    ("building", False): {1: (("room",),), 2: (("entrance", "room"), ("floor", "room"))},
    ("building", True): {1: (("entrance",),)},
    ("entrance", False): {1: (("room",),), 2: (("floor", "room"),)},
}
_SLOT = {
    "弄": "lane", "支弄": "sublane", "号": "number", "号院": "number", "号楼": "building", "幢": "building",
    "栋": "building", "座": "building", "单元": "entrance", "门": "entrance", "层": "floor", "楼": "floor",
    "室": "room", "户": "room", "房": "room", "房间": "room", "组": "group", "队": "group", "区": "zone",
    "期": "zone",
}  # fmt: skip

_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\u00ad]")
_DASHES = re.compile("[\u2010-\u2015\u2212\u2500\u30fc/_,.\\\\]+|-{2,}")
_BRACKETS = re.compile(r"[(\[【〔{]([^()\[\]【】〔〕{}]*)[)\]】〕}]")
_SAYS_WHERE = re.compile(
    r"\d+[号室层楼弄幢]|" + "|".join(map(re.escape, sorted([*_PART, *_GROUND], key=len, reverse=True)))
)
_DIGIT = {**{c: i for i, c in enumerate("〇一二三四五六七八九")}, "零": 0, "○": 0, "两": 2}
_HAN_NUMBER = "〇○零一二三四五六七八九十百两廿卅"
_COUNTED = re.compile(
    rf"第?([{_HAN_NUMBER}]+)"
    r"(?=支弄|弄|号|幢|栋|座|单元|门(?!路|街|口|村|新)|层|楼|室|户|组|队|村|路|街|条|坊|巷|区|期|大道|居民组|村民组|生产队)"
    rf"|(?<=之|附)([{_HAN_NUMBER}]+)|(?<=[号楼层元幢栋座\-])([{_HAN_NUMBER}]+)(?=$|-)"
)
_ORDINAL = re.compile(r"第(?=\d)")
_GROUPS = re.compile(r"(\d+)(?:村民小组|居民小组|村民组|居民组|生产小队|生产队|小队|大队|社)")
_NAMED_BEFORE = re.compile(r"([甲乙丙丁戊])(?=\d+号)(\d+)")
_NAMED_AFTER = re.compile(r"(\d+)号([甲乙丙丁戊])")
_SUB_NUMBER = re.compile(r"(\d+)(?:号-?|-)?(附|之)(\d+)号?")
_RANGE = re.compile(r"(\d+)号?[~至、](\d+)号")
_DASH_NUMBER = re.compile(r"(?<![\d\-弄])(\d+)-(\d+)号(?!楼)")
_DASH_ROOM = re.compile(r"(\d{3,4})-(\d)室")

_PLACE_WORD = r"[^\d\-路弄号]"
_REGION = (
    (
        "province",
        re.compile(
            r"(?:中国)?((?:北京|天津|上海|重庆)(?:市|(?=[^路街道巷弄\d]{1,4}区))|[\u4e00-\u9fff]{2,3}?省"
            r"|(?:内蒙古|广西壮族|西藏|宁夏回族|新疆维吾尔)自治区|(?:香港|澳门)特别行政区)"
        ),
    ),
    (
        "city",
        re.compile(rf"({_PLACE_WORD}{{2,8}}?(?:市辖区|市(?![镇乡])|自治州|地区|盟)|市辖区)(?![路街道弄巷场民\d])"),
    ),
    (
        "district",
        re.compile(rf"({_PLACE_WORD}{{1,8}}?(?:(?<![小社园住校宿])区|自治县|县|旗|市(?![镇乡])))(?![路街道弄巷\d])"),
    ),
    ("street", re.compile(rf"({_PLACE_WORD}{{2,10}}?(?:街道办事处|街道|镇|乡|苏木))(?![路街道弄巷\d])")),
    (
        "committee",
        re.compile(
            rf"({_PLACE_WORD}{{1,12}}?(?:社区居民委员会|社区居委会|居民委员会|居委会|居委|村民委员会|村委会|社区))"
            r"(?![路街弄巷\d]|$)"
        ),
    ),
)
_NAME = re.compile(r"(?:(?![A-Z]+(?:座|楼|幢|栋|区|\d))[^\d\-]|\d+(?=[路街村坊条巷里]|大道))*")
_ROAD = re.compile(r"(.+?(?:公路|大道|大街|胡同|路|街|巷|道|条|线)(?![路街巷道])(?:[东南西北中]$)?)(.*)", re.DOTALL)
_PART_WORDS = "|".join(map(re.escape, sorted([*_PART, *_GROUND], key=len, reverse=True)))
_TOKEN = re.compile(
    rf"(?P<part>{_PART_WORDS})"
    r"|(?P<value>[A-Z附临]?\d+(?:[甲乙丙丁戊]|[A-Z](?![A-Z\d])|附\d+|之\d+)*)"
    r"(?P<unit>支弄|弄|号楼|号院|号|幢|栋|座|单元|门|层|楼|室|户|房间|房|组|队|区|期)?"
    r"|(?P<letter>[A-Z])(?P<lettered>座|楼|幢|栋|单元|区|室)"
    rf"|(?P<dash>-)|(?P<word>(?:(?!{_PART_WORDS})[^\d\-A-Z])+|.)",
    re.DOTALL,
)
_BEFORE_NUMBER = ("附", "临")
_PLAIN_NUMBER = re.compile(r"0*(\d+)(.*)", re.DOTALL)
_ROOM_DIGITS = re.compile(r"\d{3,4}")


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address; an empty text is what is not stated. Numbers are texts without leading zeros, with
    their 甲 or 附1; `floor` is the floor stated (0: none, -1: below ground). `unread` is what could not be given a
    place, `others` other readings of the same writing."""

    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    committee: str = ""
    road: str = ""
    estate: str = ""
    zone: str = ""
    group: str = ""
    lane: str = ""
    sublane: str = ""
    number: str = ""
    number_to: str = ""
    building: str = ""
    entrance: str = ""
    floor: int = 0
    room: str = ""
    part: str = ""
    unread: str = ""
    others: tuple["Address", ...] = ()

    @property
    def place(self) -> str:
        """What the numbers count from: the road where a lane or a number stands behind it, else the estate."""
        return self.road if self.road and (self.lane or self.number or not self.estate) else self.estate

    @property
    def road_key(self) -> str:
        return f"{self.place}|{self.zone}{self.group}"

    @property
    def lane_key(self) -> str:
        return f"{self.road_key}|{self.lane}|{self.sublane}"

    @property
    def door_key(self) -> str:
        """Road, lane and number with building and entrance: the door of a house. A building without a number is
        called by it (12幢 is 12号)."""
        number, building = (self.number, self.building) if self.number else (self.building, "")
        return f"{self.lane_key}|{number}|{building}|{self.entrance}"

    @property
    def room_key(self) -> str:
        """The room with its floor where the room does not say it: 301, 前楼, 3层前楼, 2层; empty for a whole house."""
        floor = self.floor
        if self.part:
            return self.part if floor in (0, USUAL_FLOOR[self.part]) else f"{floor}层{self.part}"
        if not self.room:
            return f"{floor}层" if floor else ""
        if floor > 0 and self.room.isdigit():
            if len(self.room) < 3:
                return f"{floor}{int(self.room):02d}"
            return self.room if self.room[:-2] == str(floor) else f"{floor}层{self.room}"
        return self.room

    @property
    def key(self) -> str:
        """Equal for every writing of one address."""
        return f"{self.door_key}|{self.room_key}"

    @property
    def readable(self) -> bool:
        """Is there a road or an estate, and a number on it?"""
        return bool(self.place and (self.lane or self.number or self.building))

    def __str__(self) -> str:
        """The address in its usual writing, from the road on."""
        room = self.room_key
        words = (
            (self.road, ""), (self.estate if self.place == self.estate else "", ""), (self.zone, "区"),
            (self.group, "组"), (self.lane, "弄"), (self.sublane, "支弄"), (self.number, "号"), (self.building, "号楼"),
            (self.entrance, "单元"), (room, "室" if room[-1:].isascii() else ""),
        )  # fmt: skip
        return "".join(value + word for value, word in words if value)


@lru_cache(maxsize=1 << 16)
def read(text: str) -> Address:
    """The parts of a written address. What is no address comes back with all of it in `unread`."""
    whole, aside = _plain(text)
    region, rest = _region(whole)
    name = _NAME.match(rest)[0]  # type: ignore[index]
    numbering = rest[len(name) :]
    if numbering and name[-1:] in _BEFORE_NUMBER:
        name, numbering = name[:-1], name[-1] + numbering
    road, estate = _road(name)
    tokens, words, to = _tokens(numbering)
    if not tokens:
        if not road and not _is_estate(estate):
            return Address(**region, unread=rest + aside)
        return Address(**region, road=road, estate=estate, unread="".join(words) + aside)
    known: dict[str, Any] = {**region, "road": road, "estate": estate, "number_to": to}
    readings = [_built(known, assigned, words, aside) for assigned in _assign(tokens, road, estate)]
    first = readings[0]
    more = [one for one in readings[1:] if one.key != first.key]
    if found := _DASH_NUMBER.search(numbering):
        for written in (f"{found[1]}弄{found[2]}号", f"{found[1]}~{found[2]}号"):
            other = read(rest.replace(found[0], written, 1))
            more.append(replace(other, **region, others=()))
    return replace(first, others=tuple({one.key: one for one in more}.values())) if more else first


def key(text: str) -> str:
    """The key of a written address in its usual reading."""
    return read(text).key


def _plain(text: str) -> tuple[str, str]:
    """The text in one writing, and what stood in brackets and says nothing about where."""
    aside: list[str] = []

    def bracket(found: re.Match[str]) -> str:
        if found[1][:1] in _HAN_NUMBER or _SAYS_WHERE.search(found[1]):
            return found[1]
        aside.append(found[1])
        return ""

    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).upper().strip()
    plain = plain.replace("#楼", "号楼").replace("#", "号").replace("幢楼", "幢").replace("栋楼", "栋")
    plain = _BRACKETS.sub(bracket, plain)
    plain = re.sub(r"(?<=[\dA-Z])\s+(?=[\dA-Z])", "-", plain)
    plain = _DASHES.sub("-", re.sub(r"\s+", "", plain)).strip("-;:。、")
    plain = _COUNTED.sub(lambda found: str(_number(found[1] or found[2] or found[3])), plain)
    plain = _GROUPS.sub(r"\1组", _ORDINAL.sub("", plain))
    plain = _NAMED_BEFORE.sub(r"\2\1", plain)
    plain = _NAMED_AFTER.sub(r"\1\2号", plain)
    plain = _SUB_NUMBER.sub(r"\1\2\3号", plain)
    plain = _DASH_ROOM.sub(r"\1之\2室", plain)
    return plain, "".join(aside)


def _number(han: str) -> int | str:
    """一百一十二, 一一二 and 廿三 as digits."""
    han = han.replace("廿", "二十").replace("卅", "三十")
    if not set(han) & set("十百"):
        return "".join(str(_DIGIT[c]) for c in han)
    total, digit = 0, 0
    for c in han:
        if c in "十百":
            total += (digit or 1) * (10 if c == "十" else 100)
            digit = 0
        else:
            digit = _DIGIT[c]
    return total + digit


def _region(text: str) -> tuple[dict[str, Any], str]:
    """Province to committee at the beginning, each while a name of two characters or more is left behind it."""
    found: dict[str, Any] = {}
    for level, pattern in _REGION:
        at = pattern.match(text)
        if at and len(re.match(r"[^\d\-]*", text[at.end() :])[0]) > 2:  # type: ignore[index]
            found[level] = at[1]
            text = text[at.end() :]
    return found, text


def _road(name: str) -> tuple[str, str]:
    """A name told apart into a road and an estate behind it."""
    found = _ROAD.fullmatch(name)
    if found and len(found[1]) > 1:
        return found[1], found[2]
    return "", name


def _is_estate(name: str) -> bool:
    return bool(re.search(r"(?:村|新村|里|坊|苑|园|庭|城|寓|厦|邸|湾|墅|宅|屯|庄|寨|小区|大楼|花园)$", name))


def _tokens(numbering: str) -> tuple[list[tuple[str, str]], list[str], str]:
    """(slot, value) in order, slot "" for a bare number; the words between; the end of a range of numbers."""
    to = ""
    if found := _RANGE.search(numbering):
        to = _value(found[2])
        numbering = f"{numbering[: found.start()]}{found[1]}号{numbering[found.end() :]}"
    numbering = _DASH_NUMBER.sub(r"\1之\2号", numbering)
    tokens: list[tuple[str, str]] = []
    words: list[str] = []
    for one in _TOKEN.finditer(numbering):
        if word := one["part"]:
            tokens.append(("floor", "1") if word in _GROUND else ("part", _PART[word].name))
        elif one["value"]:
            slot, value = _SLOT.get(one["unit"] or "", ""), _value(one["value"])
            if slot == "floor" and not (value.isdigit() and len(value) < 4):
                slot = "building"  # A楼
            tokens.append((slot, value))
        elif one["letter"]:
            tokens.append((_SLOT[one["lettered"]] if one["lettered"] != "楼" else "building", one["letter"]))
        elif one["word"]:
            words.append(one["word"])
    return tokens, words, to


def _value(text: str) -> str:
    """008 -> 8; a letter in front stays."""
    found = _PLAIN_NUMBER.fullmatch(text)
    return found[1] + found[2] if found else text


def _assign(tokens: list[tuple[str, str]], road: str, estate: str) -> list[list[tuple[str, str]]]:
    """The tokens with every bare number given a slot, the usual reading first."""
    readings: list[list[tuple[str, str]]] = [[]]
    at = 0
    while at < len(tokens):
        if tokens[at][0]:
            for reading in readings:
                reading.append(tokens[at])
            at += 1
            continue
        end = at
        while end < len(tokens) and not tokens[end][0]:
            end += 1
        run = [value for _, value in tokens[at:end]]
        follows = {slot for slot, _ in tokens[end:]}
        readings = [
            [*reading, *zip(slots, run, strict=False), *[("unread", value) for value in run[len(slots) :]]]
            for reading in readings
            for slots in _meanings({slot for slot, _ in reading}, follows, run, road)
        ]
        at = end
    return readings


def _meanings(before: set[str], follows: set[str], run: list[str], road: str) -> tuple[tuple[str, ...], ...]:
    """What the numbers of a run can be."""
    room = bool(follows & {"room", "part", "floor"})
    if "floor" in before and not room:
        return (("room",),)
    if "entrance" in before:
        state = "entrance"
    elif "building" in before:
        state = "building"
    elif "number" in before:
        state = "door"
    elif "lane" in before:
        state = "lane"
    elif "number" in follows:
        return (("lane",),)
    elif follows & {"building", "entrance"}:
        return (("number",),)
    else:
        state = "start" if road else "estate"
    by_length = _RUNS.get((state, room), {})
    if not by_length:
        return ((),)
    meanings = by_length[min(len(run), max(by_length))]
    if state == "start" and not room and len(run) == 2 and not _ROOM_DIGITS.match(run[1]):
        return tuple(reversed(meanings))
    return meanings


def _built(known: dict[str, Any], assigned: list[tuple[str, str]], words: list[str], aside: str) -> Address:
    """The address of one reading. A second number is a building in the first one's yard."""
    parts: dict[str, str] = {}
    unread: list[str] = []
    for slot, value in assigned:
        if slot == "number" and slot in parts:
            slot = "building" if "building" not in parts else "room"
        elif slot == "lane" and slot in parts:
            slot = "sublane"
        if slot == "floor" and not value.isdecimal():
            slot = "unread"  # 3A: no storey that a building counts
        if slot == "unread" or (slot in parts and parts[slot] != value and slot != "floor"):
            unread.append(value)
        else:
            parts[slot] = value
    floor = int(parts.pop("floor", "0"))
    estate, rest = known["estate"], []
    for word in words:
        if not estate and _is_estate(word):
            estate = word
        elif word not in ("号", "室"):
            rest.append(word)
    return Address(**{**known, "estate": estate, **parts}, floor=floor, unread="".join([*unread, *rest]) + aside)
