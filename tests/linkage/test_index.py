"""One person among many, by whatever is known."""

import polars as pl
import pytest

from renpu.concepts.identity_number import check_character
from renpu.linkage.index import Index, search
from renpu.linkage.typed import fields, read
from renpu.synthetic.persons import lists

COLUMNS = ("name", "sex", "birth", "id_number", "phone", "address", "area_code")


def number(body):
    return body + check_character(body)


WANTED = ("欧阳建国", "1", "1959-12-08", number("31019919591208047"), "12554757042", "上海市西华支路164弄57号1301室")
OTHERS = [
    ("张伟", "1", "1959-03-01", number("31019919590301015"), None, "西华支路2弄1号"),
    ("张维", "1", "1971-03", None, None, None),
    ("瑪依熱·艾力巴依", "1", "1980-01-01", None, None, None),
    ("阿不都热西提江·吐尔逊", "1", "1980-01-01", None, None, None),
    ("MARIA LOPEZ", "2", "1980-01-01", None, None, None),
    (None, None, None, None, None, None),
]


@pytest.fixture(scope="module")
def crowd():
    """A few thousand others, and those who are looked for."""
    made = lists(4000, seed=11).register.select("name", "sex", "birth", "id_number", "phone", "address")
    made = made.with_columns(area_code=pl.lit("310199001002001"))
    rows = [(*one, "310199001001001") for one in (WANTED, *OTHERS)]
    return pl.concat([made, pl.DataFrame(rows, schema=COLUMNS, orient="row")])


@pytest.fixture(scope="module")
def index(crowd):
    return Index(crowd)


def best(index, query, **more):
    found = search([(index, None)], query, **more).hits
    return found[0][1] if found else None


def name_of(crowd, hit):
    return hit and crowd["name"][hit.row]


@pytest.mark.parametrize(
    ("typed", "level"),
    [
        ("欧阳建国", "same"),
        ("歐陽建國", "same"),
        ("欧阳剑国", "sound"),
        ("欧阳建民", "near"),
        ("欧阳国 0473", "near"),
        ("欧阳建", "part"),
        ("阳建国", "part"),
        ("310199195912080473", "same"),
        ("310199195912080573", "digit"),
        ("310199191912080473", "digit"),
        ("310199195921080473", "digit"),
        ("320199195912080473", "digit"),
        ("3101991959*473", "within"),
        ("19591208047", "within"),
        ("3101991959120804", "head"),
        ("080473", "tail"),
        ("12554757042", "same"),
        ("12554757142", "digit"),
        ("757042", "tail"),
        ("西华支路164弄57号1301", "same"),
        ("西华支路 164-57-1301", "same"),
    ],
)
def test_a_person_is_found_by_each_thing_alone(crowd, index, typed, level):
    hit = best(index, read(typed))
    assert (name_of(crowd, hit), hit.why[0][1]) == ("欧阳建国", level)


def test_each_further_thing_makes_surer(crowd, index):
    weights = [best(index, read(text)).weight for text in ("欧阳建国", "欧阳建国 1959", "欧阳建国 1959 0473")]
    assert weights == sorted(weights)
    assert len(set(weights)) == 3


def test_one_wrong_thing_does_not_hide_a_person(crowd, index):
    for typed in ("欧阳建国 1961年", "欧阳建国 9999", "李大明 310199195912080473", "欧阳建国 南安支路5弄"):
        assert name_of(crowd, best(index, read(typed))) == "欧阳建国", typed
    hit = best(index, read("欧阳建国 1961年"))
    assert ("birth", "differ") in hit.why


def test_a_rare_name_weighs_more_than_a_common_one(index):
    assert best(index, read("欧阳建国")).weight > best(index, read("张伟")).weight


def test_the_same_characters_come_before_the_same_sound(crowd, index):
    found = search([(index, None)], read("张维")).hits
    names = [crowd["name"][hit.row] for _, hit in found]
    assert names[0] == "张维"
    assert "张伟" in names[1:]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("玛依热·艾力巴依", "瑪依熱·艾力巴依"),
        ("玛依热", "瑪依熱·艾力巴依"),
        ("阿不都热西提江", "阿不都热西提江·吐尔逊"),
        ("lopez", "MARIA LOPEZ"),
        ("maria lopes", "MARIA LOPEZ"),
    ],
)
def test_names_that_are_not_two_to_four_characters_are_found_by_their_letters(crowd, index, typed, name):
    assert name_of(crowd, best(index, read(typed))) == name


def test_a_name_with_a_lost_character_is_near(crowd):
    rows = [("欧?建国", *WANTED[1:], "310199001001001"), ("司马?", "1", None, None, None, None, "310199001001001")]
    lost = Index(pl.concat([crowd, pl.DataFrame(rows, schema=COLUMNS, orient="row")]))
    found = {hit.row - len(crowd): hit.why for _, hit in search([(lost, None)], read("欧阳建国")).hits}
    assert found[0] == (("name", "near"),)
    found = {hit.row - len(crowd): hit.why for _, hit in search([(lost, None)], read("司马光")).hits}
    assert found[1] == (("name", "near"),)


def test_a_birth_date_may_have_day_and_month_swapped(crowd, index):
    hit = best(index, fields(name="欧阳建国", birth="1959-08-12"))
    assert ("birth", "swapped") in hit.why


def test_a_record_without_a_day_agrees_by_its_month(crowd, index):
    hit = best(index, fields(name="张维", birth="1971-03-15"))
    assert (name_of(crowd, hit), hit.why[1]) == ("张维", ("birth", "month"))


def test_only_what_lies_in_the_areas_is_found(crowd, index):
    here, there = (310199001001000, 310199001001999), (310199001002000, 310199001002999)
    assert name_of(crowd, best(index, read("欧阳建国"), scope=[here])) == "欧阳建国"
    assert name_of(crowd, best(index, read("欧阳建国"), scope=[there])) != "欧阳建国"
    assert best(index, read("310199195912080473"), scope=[there]) is None
    assert best(index, read("310199195912080473"), scope=[]) is None


def test_what_no_longer_holds_is_not_found_and_what_came_since_is(crowd, index):
    hit = best(index, read("310199195912080473"))
    dead = pl.repeat(False, len(crowd), eager=True).to_numpy().copy()
    dead[hit.row] = True
    renamed = Index(pl.DataFrame([("欧阳建军", *WANTED[1:], "310199001001001")], schema=COLUMNS, orient="row"))
    found = search([(index, dead), (renamed, None)], read("310199195912080473")).hits
    assert [(at, hit.row) for at, hit in found] == [(1, 0)]


def test_the_order_of_the_records_does_not_matter(crowd, index):
    turned = crowd.reverse()
    other = Index(turned)
    for typed in ("欧阳建国 1959", "0473", "欧阳", "西华支路164弄57号"):
        weights = [[round(h.weight, 9) for _, h in search([(i, None)], read(typed)).hits] for i in (index, other)]
        assert weights[0] == weights[1], typed


def test_an_index_of_nobody_answers():
    nobody = Index(pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String)))
    for typed in ("张伟", "1959", "310199195912080473", "长阳路105弄", "lopez"):
        assert search([(nobody, None)], read(typed)).hits == []


def test_a_query_leaves_nothing_behind(index):
    before = search([(index, None)], read("张伟 1959"))
    for typed in ("欧阳", "长阳路", "310199*", "陈", "19591208"):
        search([(index, None)], read(typed))
    assert search([(index, None)], read("张伟 1959")) == before
    assert index.bytes > 0
