"""Invented persons in households, written down twice with the faults of real lists: linkage data with a known truth.

`lists(persons, seed)` gives a register, a count of the same people some time later, and, apart from both, who is who.
The same arguments give the same rows. Identity numbers use county codes ..0199.., which were never assigned; telephone
numbers begin with 125, which is no mobile prefix.

Each list holds `id, name, sex, birth, id_number, address, household, phone`, all text, empty = null. Household numbers
of the two lists have nothing to do with each other. The truth holds `id, person` for each list.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl
from borax.calendars.lunardate import LunarDate  # type: ignore[import-untyped]
from numpy.typing import NDArray

from renpu.concepts.identity_number import CHECK_CHARACTERS, WEIGHTS

COLUMNS = ("id", "name", "sex", "birth", "id_number", "address", "household", "phone")
T0 = date(2020, 11, 1)
_EPOCH = date(1920, 1, 1)
_DAYS = (T0 - _EPOCH).days

_SURNAMES = (
    "王72李70张66刘51陈48杨32黄23吴21赵20周21徐20孙14马11朱17胡13林11郭10何10高9罗8郑9梁7谢7宋7唐8许7邓5冯6韩5曹7"
    "曾5彭5蔡6潘6田4董5袁5于5余5叶6蒋7杜5苏5魏5程5吕4丁6沈12任5姚6卢4傅3钟4姜5崔3谭3廖3范5汪5陆10金7石4戴5贾3韦2"
    "夏5邱4方5侯3邹4熊3孟3秦4白2江5阎2薛3尹3段2雷2黎2史3龙1陶4贺2顾12毛3郝2龚5邵4万3钱7严5赖1覃1洪3武2莫1孔2汤3常"
    "2温1康2施5文2牛1樊2葛3邢2安1齐1易1乔2伍1庞1颜2倪5庄3聂2章4鲁2岳1翟2殷2詹1申1耿1瞿2奚1闵1诸1宣1欧阳2上官1司徒"
    "1"
)
# characters of given names, the common first; the share of the n-th falls as 1 / (n + 8)
_MEN = (
    "伟强军勇杰建明国华平志文海波辉斌鹏超刚林涛龙俊浩宇飞峰磊东成新永德春生荣祥福宏立家子天一元光远正义兴旺发达清"
    "和松柏安康宁乐宝庆顺来喜禄寿富贵根法金银铜铁木水火土山川江河湖洋云雷雨泽润洪深溪源泉锋剑锐钧铭鑫钢铮锦钰坤培"
    "城坚基堂增垚圣轩宸睿辰昊旭昌昕晨晖晓景智曦朝朗振捷拓扬挺援攀政敏敬斯方旗毅民江沛沐汉沧泓涵淳渊湛滔潇瀚炎炜炳"
    "烨煜煌照熙燕牧猛玉珂珏珑琛琪瑜瑞瑾璋瓒璟甫畅登百皓盛真知石硕磐祖祺禹秉科程稳穆竣竹章端笑笙策纪纲经维绍继维缘"
    "罡翔翰耀聪胜能腾自致舟航良艺若英苏茂荻荣莫菁萧蓝藩"
)
_WOMEN = (
    "芳娜敏静丽艳娟霞秀兰英华玲桂红梅玉萍燕芬莉琴云洁雪琳慧颖婷倩佳怡欣雯梦思雨涵悦瑶琪璐菲萌晶莹蕾薇蓉莲荷菊花香"
    "珍珠宝翠凤鸾仙娥妹姣姗妍妙妤姝娅娇婉婕婧媛嫣嬛嫦孟安宁宜家容寒小少尔岚平庆延彤彩影微心忆忻恬情惠愉意慈懿折拉"
    "捷文新方春昕星晓晗晨景晴智月朵李来杏林果枝柔柳桃梓梨棋楚榕樱歌毓水沁沐沛沫泽波泓洋洛津涓润淑清淇渝湘源溪滢漫"
    "潇澄澜灵炎烟煦熙爱玖玟玥珂珊珏珺琬琼瑗瑛瑜瑞瑾璇甜田画畅盈真睿知碧禾秋笑筠箐素紫红纯纹绮维绿缦美羽翎翠聪育臻"
    "舒艺艾芊芝芙芮芯芷芸苑苗若茉茗茜茵荣莎菁菡萱葳蓓蔓蕊"
)
_HOMOPHONES = (
    "伟玮炜纬 俊骏竣峻 静婧靖敬 丽莉俐立 萍平苹 明铭鸣 建健剑 华桦骅 志智致 英瑛莺 宏洪鸿弘 晨辰宸臣 佳嘉家加 "
    "琴芹勤 珍真贞祯 国囯 玲铃灵凌 峰锋丰枫 张章 王汪 徐许 程成诚承 余于俞 江姜蒋 付傅富 肖萧晓 何和贺 吴武伍 "
    "梁良 刘柳 陆鲁卢路 袁元源媛 沈申深 颖莹盈 雯文纹 倩茜 怡宜仪 欣新心鑫 梅美媚 红虹 霞夏 燕艳雁彦 海亥 波博勃 "
    "斌彬宾 涛滔 强锵 军君均钧 勇永咏 杰洁捷 辉晖慧惠 宇雨羽玉语 浩昊皓灏 睿瑞锐 轩萱 子梓紫 涵寒晗函 雪学 "
    "兰岚蓝 秀绣琇 芳方坊 芬纷 娟涓 敏闽 蓉容荣榕 琳林霖临 璐露 瑶遥尧"
)
_LOOKALIKES = (
    "末未 己已 土士 日曰 天夫 千干 甲申 大太 人入 王玉 李季 杨扬 陈阵 锋峰 晴睛 清请 梅海 佳住 伟祎 艳绝 莉荆 "
    "娜那 婷停 娟捐 洁结 萍苹 霞暇 静净 明朋 辉挥 波坡 涛祷 鹏鸟 超赵 刚钢 林村 龙尤 浩洁 宇字 飞气 磊石 东车 "
    "成戍 德得 春舂 荣菜 祥详 福副 宏宠"
)
_TRADITIONAL = dict(
    zip(
        "张陈刘杨黄吴赵孙马罗郑谢许邓韩萧彭苏卢蒋贾邹谭庄阎韦伟强军华国丽艳兰玲红燕云宝凤莲刚杰涛龙飞东荣贵银铁圣辉",
        "張陳劉楊黃吳趙孫馬羅鄭謝許鄧韓蕭彭蘇盧蔣賈鄒譚莊閻韋偉強軍華國麗艷蘭玲紅燕雲寶鳳蓮剛傑濤龍飛東榮貴銀鐵聖輝",
        strict=True,
    )
)
_MINORITY = (
    (
        ("艾力", "买买提", "吐尔逊", "阿不都热合曼", "亚森", "艾山", "玉素甫", "库尔班", "热合曼", "依明"),
        ("阿依古丽", "古丽娜尔", "帕提古丽", "热依汗", "阿依努尔", "古丽夏提", "玛依拉", "热娜", "茹仙古丽"),
        ("买买提", "艾合买提", "吾守尔", "卡德尔", "哈力木", "司马义", "阿布都拉", "托合提", "尼亚孜", "沙吾提"),
    ),
    (
        ("扎西次仁", "多吉", "次旺", "格桑顿珠", "巴桑", "丹增", "洛桑", "尼玛", "平措", "旺堆"),
        ("卓玛", "央金拉姆", "次仁德吉", "白玛", "拉珍", "达娃", "仓决", "曲珍", "德央", "强巴"),
        (),
    ),
)
_ROADS = [a + b + c for a in "东西南北中" for b in "长海平安和兴丰华新民永康" for c in ("路", "街", "大道", "支路")]
_PROVINCES = ("31", "32", "33", "34", "36", "37", "41", "42", "51", "35")
_PROVINCE_SHARE = (0.62, 0.09, 0.06, 0.09, 0.03, 0.03, 0.04, 0.02, 0.01, 0.01)


@dataclass(frozen=True, slots=True)
class Rates:
    """Share of rows of one list with each fault; faults are drawn independently, and each row by itself but where
    said. `lunar` is among the people born before 1975."""

    omitted: float = 0.03  # the person is not on this list
    household_omitted: float = 0.01  # nor anybody of the household
    doubled: float = 0.005  # the person has a second row, written anew with faults of its own
    number_missing: float = 0.02
    number_digit: float = 0.006  # one digit is another
    number_swapped: float = 0.002  # two neighbouring digits change places
    number_old: float = 0.002  # of 15 digits; those born before 1960 only
    number_of_relative: float = 0.001  # the number of another member of the household
    name_homophone: float = 0.01
    name_lookalike: float = 0.004
    name_character: float = 0.004  # any other character, or one left out
    name_traditional: float = 0.003
    birth_missing: float = 0.002
    birth_digit: float = 0.006
    birth_swapped: float = 0.002  # day and month, where both can be a month
    birth_lunar: float = 0.01
    sex_wrong: float = 0.001
    sex_missing: float = 0.0
    moved: float = 0.0  # the person lives elsewhere, alone or as a lodger of others
    household_moved: float = 0.0
    address_otherwise: float = 0.15  # of households: written in another way
    address_missing: float = 0.01
    phone_missing: float = 0.35
    phone_changed: float = 0.0


REGISTER = Rates()
COUNT = Rates(
    number_missing=0.04,
    name_homophone=0.015,
    name_character=0.006,
    moved=0.06,
    household_moved=0.05,
    phone_changed=0.12,
)


@dataclass(frozen=True, slots=True)
class Lists:
    """The two lists and who is who in them."""

    register: pl.DataFrame
    count: pl.DataFrame
    register_truth: pl.DataFrame  # id, person
    count_truth: pl.DataFrame

    def pairs(self) -> pl.DataFrame:
        """`left, right`: every row of the register beside every row of the count that is the same person."""
        return (
            self.register_truth.rename({"id": "left"})
            .join(self.count_truth.rename({"id": "right"}), on="person")
            .select("left", "right")
        )

    def doubles(self) -> pl.DataFrame:
        """`left, right`: the pairs of rows of the count that are one person, each once."""
        rows = self.count_truth.rename({"id": "left"})
        both = rows.join(self.count_truth.rename({"id": "right"}), on="person")
        return both.filter(pl.col("left") < pl.col("right")).select("left", "right")


def lists(
    persons: int,
    seed: int = 1,
    register: Rates = REGISTER,
    count: Rates = COUNT,
    *,
    numbers: bool = True,
    twins: float = 0.015,
    same_name: float = 0.0005,
) -> Lists:
    """A register and a count of about so many persons. `twins`: share of children who are followed by a twin;
    `same_name`: share of children who bear the name of their parent. Without `numbers` both lists lack them."""
    rng = np.random.default_rng(seed)
    if not numbers:
        register, count = replace(register, number_missing=1.0), replace(count, number_missing=1.0)
    world = _World(rng, persons, twins, same_name)
    left, left_truth = _written(rng, world, register, "R")
    right, right_truth = _written(rng, world, count, "C")
    return Lists(left, right, left_truth, right_truth)


class _World:
    """The people as they are: parallel arrays, one element a person; households are contiguous."""

    def __init__(self, rng: np.random.Generator, persons: int, twins: float, same_name: float) -> None:
        sizes = rng.choice(np.arange(1, 7), p=(0.25, 0.30, 0.22, 0.13, 0.07, 0.03), size=persons)
        sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), persons)) + 1]
        self.household = np.repeat(np.arange(len(sizes)), sizes)[:persons]
        n = self.n = len(self.household)
        first = np.r_[True, self.household[1:] != self.household[:-1]]
        self.head = np.flatnonzero(first)[self.household]
        place = np.arange(n) - self.head
        # head, spouse, children, and from the fifth on a grandparent
        head_age = rng.integers(20, 75, n)
        alone = sizes[self.household] == 1
        age = np.where(alone & (rng.random(n) < 0.3), rng.integers(65, 98, n), head_age)
        age = np.where(place == 1, np.clip(age[self.head] + rng.integers(-6, 5, n), 20, 99), age)
        child = (place >= 2) & (place < 4) | (place == 5)
        age = np.where(child, np.clip(age[self.head] - rng.integers(21, 40, n), 0, 70), age)
        age = np.where(place == 4, np.clip(age[self.head] + rng.integers(20, 35, n), 45, 99), age)
        days = np.clip(_DAYS - (age * 365.25).astype(int) - rng.integers(0, 365, n), 0, _DAYS - 1)
        sex = rng.integers(1, 3, n)
        sex = np.where(place == 1, 3 - sex[self.head], sex)
        twin = child & np.r_[False, child[:-1]] & ~first & (rng.random(n) < twins)
        for _ in range(2):  # three of a birth exist, too
            days[twin] = days[np.flatnonzero(twin) - 1]
        self.days, self.sex = days, sex
        surnames, share = _surnames()
        self.surname = rng.choice(len(surnames), p=share, size=n)
        self.surname = np.where(child, self.surname[self.head], self.surname)
        given = [np.array(list(_MEN)), np.array(list(_WOMEN))]
        picked = []
        for _ in range(2):
            both = [rng.choice(g, p=_falling(len(g)), size=n) for g in given]
            picked.append(np.where(sex == 1, both[0], both[1]))
        second = np.where(rng.random(n) < 0.22, "", picked[1])
        kept = picked[0].copy()
        shares = twin & (rng.random(n) < 0.5)
        kept[shares] = kept[np.flatnonzero(shares) - 1]
        name = np.char.add(np.char.add(np.array(surnames)[self.surname], kept), second).astype(object)
        namesake = child & (rng.random(n) < same_name)
        name[namesake] = name[self.head[namesake]]
        for at in np.flatnonzero(rng.random(n) < 0.02):
            name[at] = _minority_name(rng, int(sex[at]))
        self.name = name
        self.number = _numbers(rng, days, sex)
        self.address = _addresses(rng, len(sizes))
        self.phone = (12_500_000_000 + rng.permutation(max(n * 3, 10))[:n]).astype(np.int64)


def _written(rng: np.random.Generator, world: _World, rates: Rates, mark: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One list: who is on it, and what is wrong with it."""
    n = world.n
    gone = rng.random(world.household[-1] + 1) < rates.household_omitted
    there = (rng.random(n) >= rates.omitted) & ~gone[world.household]
    person = np.flatnonzero(there)
    person = np.sort(np.r_[person, person[rng.random(len(person)) < rates.doubled]])
    m = len(person)

    def some(rate: float) -> NDArray[np.intp]:
        return np.flatnonzero(rng.random(m) < rate)

    household = world.household[person].astype(np.int64)
    homes = len(world.address)
    moved_homes = rng.random(homes) < rates.household_moved
    elsewhere = np.arange(homes)
    elsewhere[moved_homes] = homes + np.arange(int(moved_homes.sum()))
    address = np.r_[world.address, _addresses(rng, int(moved_homes.sum()) + m // 10 + 1)]
    lives = elsewhere[household]
    movers = some(rates.moved)
    alone = rng.random(len(movers)) < 0.5
    fresh = homes + int(moved_homes.sum()) + np.arange(len(movers)) % (m // 10 + 1)
    lives[movers] = np.where(alone, fresh, elsewhere[rng.integers(0, homes, len(movers))])

    name = world.name[person].copy()
    homophones, lookalikes = _groups(_HOMOPHONES), _groups(_LOOKALIKES)
    for at in some(rates.name_homophone):
        name[at] = _replaced(rng, name[at], homophones)
    for at in some(rates.name_lookalike):
        name[at] = _replaced(rng, name[at], lookalikes)
    for at in some(rates.name_character):
        name[at] = _another_character(rng, name[at])
    for at in some(rates.name_traditional):
        name[at] = "".join(_TRADITIONAL.get(c, c) for c in name[at])

    days = world.days[person]
    text = np.array([f"{_EPOCH + timedelta(days=d):%Y%m%d}" for d in range(_DAYS + 1)], dtype=object)
    birth = text[days]
    lunar = _lunar_texts()
    for at in some(rates.birth_lunar):
        if birth[at] < "1975":
            birth[at] = lunar[int(days[at])]
    for at in some(rates.birth_swapped):
        if birth[at][6:] <= "12":
            birth[at] = birth[at][:4] + birth[at][6:] + birth[at][4:6]
    for at in some(rates.birth_digit):
        birth[at] = _another_date(rng, birth[at])
    birth[some(rates.birth_missing)] = None

    number = world.number[person].astype(object)
    of = some(rates.number_of_relative)
    number[of] = world.number[world.head[person[of]]]
    for at in some(rates.number_digit):
        place = int(rng.integers(0, 17))
        number[at] = (
            number[at][:place] + str((int(number[at][place]) + int(rng.integers(1, 10))) % 10) + number[at][place + 1 :]
        )
    for at in some(rates.number_swapped):
        place = int(rng.integers(6, 16))
        number[at] = number[at][:place] + number[at][place + 1] + number[at][place] + number[at][place + 2 :]
    for at in some(rates.number_old):
        if len(number[at]) == 18 and number[at][6:10] < "1960":
            number[at] = number[at][:6] + number[at][8:17]
    number[some(rates.number_missing)] = None

    sex = world.sex[person].copy()
    wrong = some(rates.sex_wrong)
    sex[wrong] = 3 - sex[wrong]
    sexes = np.array(["", "1", "2"], dtype=object)[sex]
    sexes[some(rates.sex_missing)] = None

    otherwise = rng.random(len(address)) < rates.address_otherwise
    spelled = address.copy()
    spelled[otherwise] = [
        _otherwise(a, int(k)) for a, k in zip(address[otherwise], rng.integers(0, 4, int(otherwise.sum())), strict=True)
    ]
    where = spelled[lives]
    where[some(rates.address_missing)] = None

    phone = world.phone[person].copy()
    changed = some(rates.phone_changed)
    phone[changed] = 12_590_000_000 + rng.permutation(max(len(changed), 1) * 5)[: len(changed)]
    phones = phone.astype(str).astype(object)
    phones[some(rates.phone_missing)] = None

    order = rng.permutation(m)
    numbered = rng.permutation(len(address))
    frame = pl.DataFrame(
        {
            "id": [f"{mark}{i + 1:08}" for i in range(m)],
            "name": pl.Series(name[order].tolist(), dtype=pl.String),
            "sex": pl.Series(sexes[order].tolist(), dtype=pl.String),
            "birth": pl.Series(birth[order].tolist(), dtype=pl.String),
            "id_number": pl.Series(number[order].tolist(), dtype=pl.String),
            "address": pl.Series(where[order].tolist(), dtype=pl.String),
            "household": pl.Series(numbered[lives][order]).cast(pl.String),
            "phone": pl.Series(phones[order].tolist(), dtype=pl.String),
        }
    )
    return frame.select(COLUMNS), frame.select("id", person=pl.Series(person[order]))


@cache
def _surnames() -> tuple[list[str], NDArray[np.float64]]:
    names, share, name, digits = [], [], "", ""
    for character in _SURNAMES + "终":
        if digits and not character.isdigit():
            names.append(name)
            share.append(float(digits))
            name, digits = "", ""
        if character.isdigit():
            digits += character
        else:
            name += character
    weights = np.array(share)
    return names, weights / weights.sum()


def _falling(n: int) -> NDArray[np.float64]:
    share = 1 / (np.arange(n) + 8)
    return share / share.sum()


def _numbers(rng: np.random.Generator, days: NDArray[np.int64], sex: NDArray[np.int64]) -> NDArray[np.object_]:
    """18 characters each, no two alike: of those that are, the later is drawn again."""
    n = len(days)
    county = rng.choice(len(_PROVINCES), p=_PROVINCE_SHARE, size=n)
    sequence = rng.integers(0, 500, n) * 2 + sex % 2
    while True:
        key = (county * (_DAYS + 1) + days) * 1000 + sequence
        _, first = np.unique(key, return_index=True)
        if len(first) == n:
            break
        again = np.setdiff1d(np.arange(n), first)
        sequence[again] = rng.integers(0, 500, len(again)) * 2 + sex[again] % 2
        county[again] = rng.integers(0, len(_PROVINCES), len(again))
    born = np.array([int(f"{_EPOCH + timedelta(days=d):%Y%m%d}") for d in range(_DAYS + 1)])[days]
    whole = (np.array([int(p + "0199") for p in _PROVINCES])[county] * 10**8 + born) * 1000 + sequence
    digits = whole[:, None] // 10 ** np.arange(16, -1, -1, dtype=np.int64) % 10
    check = np.array(list(CHECK_CHARACTERS))[(digits * np.array(WEIGHTS)).sum(axis=1) % 11]
    return np.char.add(whole.astype(str), check).astype(object)


def _addresses(rng: np.random.Generator, n: int) -> NDArray[np.object_]:
    road = rng.integers(0, len(_ROADS), n)
    lane, house = rng.integers(1, 999, n), rng.integers(1, 60, n)
    room = rng.integers(1, 25, n) * 100 + rng.integers(1, 5, n)
    return np.array(
        [f"{_ROADS[r]}{a}弄{b}号{c}室" for r, a, b, c in zip(road, lane, house, room, strict=True)], dtype=object
    )


def _otherwise(address: str, way: int) -> str:
    if way == 0:
        return "上海市" + address
    if way == 1:
        return address.replace("弄", "-").replace("号", "-").removesuffix("室")
    if way == 2:
        return address.rsplit("号", 1)[0] + "号"
    return " ".join(address.partition("弄")).translate(str.maketrans("0123456789", "０１２３４５６７８９"))


def _minority_name(rng: np.random.Generator, sex: int) -> str:
    men, women, fathers = _MINORITY[int(rng.integers(0, len(_MINORITY)))]
    own = men if sex == 1 else women
    first = str(own[int(rng.integers(0, len(own)))])
    return f"{first}·{fathers[int(rng.integers(0, len(fathers)))]}" if fathers else first


@cache
def _groups(text: str) -> dict[str, str]:
    """character -> the characters it is taken for"""
    return {c: group.replace(c, "") for group in text.split() for c in group if len(group) > 1}


def _replaced(rng: np.random.Generator, name: str, groups: dict[str, str]) -> str:
    places = [i for i, c in enumerate(name) if groups.get(c)]
    if not places:
        return name
    at = places[int(rng.integers(0, len(places)))]
    return name[:at] + str(rng.choice(list(groups[name[at]]))) + name[at + 1 :]


def _another_character(rng: np.random.Generator, name: str) -> str:
    at = int(rng.integers(1, len(name)))
    if len(name) > 2 and rng.random() < 0.4:
        return name[:at] + name[at + 1 :]
    return name[:at] + str(rng.choice(list(_MEN + _WOMEN))) + name[at + 1 :]


def _another_date(rng: np.random.Generator, birth: str) -> str:
    """One of year, month and day is another; the date exists."""
    y, m, d = int(birth[:4]), int(birth[4:6]), int(birth[6:])
    which = int(rng.integers(0, 3))
    if which == 0:
        y = max(1900, min(2020, y + int(rng.choice((-10, -2, -1, 1, 2, 10)))))
    elif which == 1:
        m = (m - 1 + int(rng.integers(1, 12))) % 12 + 1
    else:
        d = (d - 1 + int(rng.integers(1, 28))) % 28 + 1
    return f"{y}{m:02}{min(d, 28):02}"


@cache
def _lunar_texts() -> dict[int, str]:
    """Day -> year, month and day of the Chinese calendar, written as if they were of the Gregorian one."""
    texts = {}
    for day in range((date(1975, 1, 1) - _EPOCH).days):
        lunar = LunarDate.from_solar(_EPOCH + timedelta(days=day))
        texts[day] = f"{lunar.year}{lunar.month:02}{lunar.day:02}"
    return texts
