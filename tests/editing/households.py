"""Made-up households for the tests of edits: plausible ones, and such with answers lost, changed or out of range."""

from hypothesis import strategies as st

from renpu.concepts.identity_number import check_character
from renpu.editing.answers import Answers, Context, Death, Household, Person
from renpu.editing.rules.facts import MONTHS

T0 = "2020-11-01"
PARAMETERS = {"t0": T0}
NAMES = ("张建国", "张小梅", "李桂英", "王芳", "未取名", "欧阳娜娜", "买买提·吐尔逊", "某某", "a", "张3", "𠮷田明")
CODES = ("310199", "320199", "310109", "", "31010", "440199")


def identity_number(body: str) -> str:
    """17 digits and their check character; county codes ..0199.. were never assigned."""
    return body + check_character(body)


def codes(low: int, high: int):
    return st.integers(low, high)


def often(value, other):
    """Mostly the value, sometimes another."""
    return st.one_of(st.just(value), st.just(value), st.just(value), other)


@st.composite
def months(draw, low: int = 1905, high: int = 2021) -> str:
    return f"{draw(st.integers(low, high))}{draw(st.integers(1, 12)):02}"


@st.composite
def persons(draw, line: int, here: bool) -> Person:
    relation = 0 if line == 1 else draw(st.sampled_from((1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 0)))
    low, high = {0: (1940, 2000), 1: (1940, 2002), 2: (1965, 2020), 3: (1920, 1970), 7: (2000, 2020)}.get(
        relation, (1920, 2020)
    )
    birth = draw(months(low, high))
    sex = draw(codes(1, 2))
    age = (MONTHS["202010"] - MONTHS[birth]) // 12
    place = 1 if here else draw(codes(2, 7))
    hukou = draw(st.sampled_from((1, 1, 2, 3, 4, 5))) if here else 1
    away = None if hukou == 5 else 1 if here and hukou < 3 else draw(codes(2, 9))
    body = f"{draw(st.sampled_from(('310199', '310109', '990199')))}{birth}{draw(st.integers(1, 31)):02}"
    body += f"{draw(st.integers(10, 99))}{sex if sex == 1 else draw(st.sampled_from((2, 4, 8)))}"
    number = draw(
        often(identity_number(body), st.sampled_from((None, "", body + "0", body[:15], "810000" + body[6:] + "1")))
    )
    return Person(
        D1=draw(st.sampled_from(NAMES)),
        D2=relation,
        D3=number,
        D3_reason=None if number else draw(st.sampled_from((1, 2, 3, None))),
        D4=sex,
        D5=birth,
        D6=draw(st.sampled_from(("01", "01", "01", "02", "97"))),
        D7=place,
        D7_code=draw(st.sampled_from(CODES)) if place == 5 else None,
        D8=hukou,
        D8_code=draw(st.sampled_from(CODES)) if hukou == 4 else None,
        D9=away,
        D10=None if away in (1, None) else draw(codes(0, 9)),
        D11=draw(codes(1, 9)) if age >= 3 else None,
        D12=draw(codes(1, 2)) if age >= 15 else None,
    )


@st.composite
def deaths(draw) -> Death:
    return Death(
        name=draw(st.sampled_from(NAMES)),
        sex=draw(st.sampled_from((1, 2, 1, 2, 3, None))),
        birth=draw(st.one_of(months(), months(2019, 2020), st.sampled_from(("184001", "2020", None)))),
        died=draw(st.one_of(months(2019, 2020), st.sampled_from(("201911", "202011", None)))),
    )


@st.composite
def contexts(draw) -> Context:
    return Context(
        household_status=draw(often(1, st.sampled_from((2, 3, 4, 5, 6, 7, 8, 9, None)))),
        household_no=draw(st.sampled_from(("001", "012", "999", "999-2", "", None))),
        household_type=draw(st.sampled_from((1, 2, None))),
        county=draw(often("310109", st.sampled_from(("310199", "", None)))),
        n_here=draw(st.sampled_from((1, 2, 3, None))),
        n_away=draw(st.sampled_from((0, 1, None))),
    )


@st.composite
def plausible(draw) -> Answers:
    here, away = draw(st.integers(0, 4)), draw(st.integers(0, 2))
    people = [draw(persons(line, line <= here)) for line in range(1, here + away + 1)]
    dead = draw(st.lists(deaths(), max_size=2))
    dwelling = draw(st.sampled_from((1, 1, 1, 2, 4, None)))
    household = Household(
        H1=draw(often(1, st.just(2))),
        H2a=here,
        H2b=away,
        H3m=draw(st.sampled_from((0, 0, 0, 1, 3))),
        H3f=draw(st.sampled_from((0, 0, 0, 1))),
        H4m=sum(row.sex == 1 for row in dead),
        H4f=sum(row.sex == 2 for row in dead),
        H5=dwelling,
        H6=draw(st.integers(1, 700)) if dwelling == 1 else None,
        H7=draw(st.integers(1, 20)) if dwelling == 1 else None,
    )
    return Answers(household, people, dead)


@st.composite
def broken(draw) -> Answers:
    """A plausible household in which some answers are lost or replaced by others, in range or out."""
    answers = draw(plausible())
    for _ in range(draw(st.integers(1, 5))):
        row = draw(st.sampled_from([answers.household, *answers.persons, *answers.deaths]))
        field = draw(st.sampled_from([name for name in row.__struct_fields__ if name != "uuid"]))
        value = getattr(row, field)
        if isinstance(value, str) or field in ("D1", "D3", "D5", "D6", "D7_code", "D8_code", "name", "birth", "died"):
            other = st.sampled_from((None, "", "0", "201501", "310199", "<b>", "１２", "未取名"))
        else:
            other = st.one_of(st.none(), st.integers(-1, 12), st.just(1200))
        setattr(row, field, draw(other))
    return answers


def households():
    return st.one_of(plausible(), broken())
