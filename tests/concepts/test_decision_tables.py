"""Who counts where: the tables decide every combination of answers alike in Python, Polars, SQLite and PostgreSQL."""

import sqlite3
from itertools import product

import polars as pl
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renpu.concepts import hukou_population, presence, usual_residence
from renpu.concepts.codes import code_list
from renpu.concepts.decision_table import ANY, NO_ROW, NOT_EVALUABLE, AtLeast, DecisionTable, one_of
from renpu.editing.answers import Answers, Context, Household, Person
from renpu.editing.rules import rule_set
from renpu.editing.rules.python import checker

TABLES = (
    usual_residence.CENSUS_2020,
    usual_residence.CENSUS_2020_NARROW,
    presence.CENSUS_2020,
    presence.PRESENT_POPULATION,
    hukou_population.CENSUS_2020,
)
UNKNOWN_CODE = 77

CODES = st.one_of(st.none(), st.integers(-1, 12))


@pytest.mark.parametrize(
    ("who", "lives", "hukou", "away", "counts_as"),
    [
        ("never left",                          1, 1, 1, "resident"),
        ("lives here, hukou in the next lane",  1, 2, 1, "resident"),
        ("migrant since spring",                1, 4, 3, "resident"),
        ("came last month",                     1, 4, 2, "short_stay"),
        ("hukou not settled",                   1, 5, None, "resident"),
        ("on business elsewhere since summer",  5, 1, 2, "resident"),
        ("moved across the city in 2015",       4, 1, 8, "away"),
        ("lives in the next block",             2, 1, 1, "counted_there"),
        ("lives in the next committee",         3, 1, 1, "counted_there"),
        ("studies abroad",                      7, 1, 6, "resident"),
        ("works in Macao",                      6, 1, 9, "resident"),
        ("migrant, time not asked",             1, 4, None, NOT_EVALUABLE),
        ("nothing is known",                    None, None, None, NOT_EVALUABLE),
        ("neither person nor hukou is here",    4, 3, None, NO_ROW),
    ],
)  # fmt: skip
def test_2020(who, lives, hukou, away, counts_as):
    answers = {"residence_place": lives, "hukou_place": hukou, "away_duration": away}
    assert usual_residence.CENSUS_2020.decide(answers) == counts_as


@pytest.mark.parametrize(("away", "counts_as"), [(2, "resident"), (3, "away"), (9, "away")])
def test_the_narrow_reading_of_abroad_counts_in_hong_kong_who_has_been_there_half_a_year(away, counts_as):
    in_hong_kong = {"residence_place": 6, "hukou_place": 1, "away_duration": away}
    assert usual_residence.CENSUS_2020_NARROW.decide(in_hong_kong) == counts_as
    assert usual_residence.CENSUS_2020.decide(in_hong_kong) == "resident"
    assert usual_residence.CENSUS_2020_NARROW.decide(in_hong_kong | {"residence_place": 7}) == "resident"


# A toy land: two counties of two townships of two committees of two blocks; a place is a path into it.
BLOCKS = tuple(product((1, 2), repeat=4))
AWAY = (2, 3, 9)  # under half a year, half a year or more, ten years or more


def township(block):
    return block[:2]


def committee(block):
    return block[:3]


def d7(residence, block):
    """Residence as the form of `block` says it."""
    if residence == "Hong Kong":
        return 6
    if residence == "abroad":
        return 7
    return next((code for code, depth in ((1, 4), (2, 3), (3, 2), (4, 1)) if residence[:depth] == block[:depth]), 5)


def d8(hukou, block):
    if hukou is None:
        return 5
    return next((code for code, depth in ((1, 3), (2, 2), (3, 1)) if hukou[:depth] == block[:depth]), 4)


def people():
    """(residence, hukou, D9) of everybody who can be told apart; a hukou that is not settled is None."""
    for residence, hukou in product((*BLOCKS, "Hong Kong", "abroad"), (*BLOCKS, None)):
        if hukou is None:
            if residence in BLOCKS:
                yield residence, None, None
        elif residence in BLOCKS and township(residence) == township(hukou):
            yield residence, hukou, 1
        else:
            yield from ((residence, hukou, away) for away in AWAY)


def records(residence, hukou, away):
    """The records of one person, (block, D7, D8, D9): where living, and at the hukou if that is another block."""
    blocks = dict.fromkeys(place for place in (residence, hukou) if place in BLOCKS)
    return [(block, d7(residence, block), d8(hukou, block), away) for block in blocks]


PEOPLE = tuple(people())


def home_township(residence, hukou, away, abroad_counts):
    """Where the bulletin counts a person, told from the places and not from the form."""
    if residence not in BLOCKS:
        return township(hukou) if abroad_counts(residence, away) else None
    if hukou is None or township(residence) == township(hukou) or away >= 3:
        return township(residence)
    return township(hukou)


def test_the_toy_land_holds_every_pair_of_places():
    assert len(PEOPLE) == 752


@pytest.mark.parametrize(
    ("table", "abroad_counts"),
    [
        (usual_residence.CENSUS_2020, lambda residence, away: True),
        (usual_residence.CENSUS_2020_NARROW, lambda residence, away: residence == "abroad" or away == 2),
    ],
    ids=("wide", "narrow"),
)
def test_each_person_is_resident_once_and_in_the_right_township(table, abroad_counts):
    decide = table.compiled()
    for person in PEOPLE:
        decisions = [(township(block), decide(*answers)) for block, *answers in records(*person)]
        counted = [place for place, decision in decisions if decision == "resident"]
        expected = home_township(*person, abroad_counts)
        assert counted == ([expected] if expected else []), person
        assert not {NOT_EVALUABLE, NO_ROW} & {decision for _, decision in decisions}, person


def test_each_settled_hukou_counts_once_and_in_its_committee():
    decide = hukou_population.CENSUS_2020.compiled()
    for residence, hukou, away in PEOPLE:
        counted = [
            committee(block)
            for block, lives, registered, _ in records(residence, hukou, away)
            if decide(lives, registered) == "hukou"
        ]
        assert counted == ([committee(hukou)] if hukou else []), (residence, hukou)


def test_each_person_inside_is_present_once():
    decide = presence.PRESENT_POPULATION.compiled()
    for person in PEOPLE:
        present = [block for block, lives, *_ in records(*person) if decide(lives) == "present"]
        assert present == ([person[0]] if person[0] in BLOCKS else [])


def test_presence_is_told_by_the_codes_of_its_list():
    assert set(presence.CENSUS_2020.decisions) - {NOT_EVALUABLE, NO_ROW} == set(code_list("person_presence"))


def every_answer(table):
    """All combinations of codes, a missing answer and a code that no list has."""
    return list(product(*((None, *code_list(ask).ints, UNKNOWN_CODE) for ask in table.asks)))


def decided(table):
    return [table.decide(dict(zip(table.asks, answers, strict=True))) for answers in every_answer(table)]


def each_table(test):
    return pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.name}-{len(table.rows)}")(test)


@each_table
def test_the_compiled_function_decides_like_the_table(table):
    decide = table.compiled()
    assert [decide(*answers) for answers in every_answer(table)] == decided(table)


@each_table
def test_polars_decides_like_the_table(table):
    frame = pl.DataFrame(every_answer(table), schema=dict.fromkeys(table.asks, pl.Int16), orient="row")
    assert frame.select(table.as_polars())[table.name].to_list() == decided(table)
    renamed = frame.rename({ask: f"x_{ask}" for ask in table.asks})
    assert renamed.select(table.as_polars({a: f"x_{a}" for a in table.asks}))[table.name].to_list() == decided(table)


def in_database(run, table):
    """The decisions of a database; `run` executes a statement and gives its rows."""
    rows = [
        f"({n}, {', '.join('null' if answer is None else str(answer) for answer in answers)})"
        for n, answers in enumerate(every_answer(table))
    ]
    columns = {ask: f"record.d{n}" for n, ask in enumerate(table.asks)}
    run(f"create temporary table record (n integer, {', '.join(f'd{n} smallint' for n in range(len(columns)))})")
    run(f"insert into record values {', '.join(rows)}")
    found = [decision for (decision,) in run(f"select {table.as_sql(columns)} from record order by n")]
    run("drop table record")
    return found


@each_table
def test_sqlite_decides_like_the_table(table):
    with sqlite3.connect(":memory:") as database:
        assert in_database(lambda sql: database.execute(sql).fetchall(), table) == decided(table)


@pytest.mark.pg
@each_table
def test_postgresql_decides_like_the_table(table, pg_dsn):
    with psycopg.connect(pg_dsn) as database:

        def run(sql):
            cursor = database.execute(sql)
            return cursor.fetchall() if cursor.description else []

        assert in_database(run, table) == decided(table)


@given(CODES, CODES, CODES)
def test_one_more_answer_known_never_changes_a_decision(lives, hukou, away):
    decide = usual_residence.CENSUS_2020.compiled()
    decision = decide(lives, hukou, away)
    if decision not in (NOT_EVALUABLE, NO_ROW):
        for code in code_list("away_duration").ints:
            assert away is not None or decide(lives, hukou, code) == decision
    if decision == NO_ROW and away is None:
        assert {decide(lives, hukou, code) for code in code_list("away_duration").ints} == {NO_ROW}


def test_what_no_row_admits_is_out_of_scope_or_contradicts_itself():
    for lives, hukou, away in usual_residence.CENSUS_2020.gaps():
        out_of_scope = lives != 1 and hukou != 1
        never_left_but_elsewhere = away == 1 and (lives in (4, 5) or hukou in (3, 4))
        assert out_of_scope or never_left_but_elsewhere, (lives, hukou, away)
    assert hukou_population.CENSUS_2020.gaps() == []
    assert presence.PRESENT_POPULATION.gaps() == []


def test_what_no_row_admits_is_refused_at_the_door():
    check = checker(rule_set({"t0": "2020-11-01"}))
    context = Context(household_status=1, household_no="001", household_type=1, county="310109", n_here=1, n_away=0)
    for lives, hukou, away in usual_residence.CENSUS_2020.gaps():
        person = Person(D1="张建国", D2=0, D4=1, D5="197501", D6="01", D7=lives, D8=hukou, D9=away, D10=0, D11=5, D12=1)
        household = Household(H1=1, H2a=1, H2b=0, H3m=0, H3f=0, H4m=0, H4f=0, H5=1, H6=60, H7=2)
        hard = {edit.rule for edit in check(Answers(household, [person], []), context).hard}
        assert hard & {"M-001", "M-007", "M-008"}, (lives, hukou, away)


def table_of(*rows):
    return DecisionTable("trial", "nowhere", ("sex", "literacy"), rows)


def test_a_missing_answer_counts_only_where_it_could_decide():
    table = table_of((one_of(1), ANY, "man"), (one_of(2), AtLeast(2), "woman who cannot read"))
    assert table.decide({"sex": 1}) == "man"
    assert table.decide({"sex": 2}) == NOT_EVALUABLE
    assert table.decide({"literacy": 1}) == NOT_EVALUABLE
    assert table.decide({"sex": 2, "literacy": 1}) == NO_ROW
    assert table.gaps() == [(2, 1)]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(one_of(1), ANY, "a"), (ANY, one_of(1), "b")], "same answers"),
        ([(one_of(1, 3), ANY, "a")], "does not have"),
        ([(AtLeast(3), ANY, "a")], "does not have"),
        ([(one_of(1), "a")], "needs 2 conditions"),
        ([(one_of(1), "2", "a")], "no condition"),
    ],
)
def test_a_table_that_contradicts_itself_or_its_code_lists_is_not_made(rows, reason):
    with pytest.raises(ValueError, match=reason):
        table_of(*rows)
