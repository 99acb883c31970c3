"""The comparison by hand: a few invented records each, and what becomes of them. No database."""

import json

import polars as pl
import pytest

from renpu.coverage import external, heads, internal, ledgers, vacancy
from renpu.coverage.balance import balance
from renpu.coverage.figures import figures, police_rows
from renpu.coverage.news import says_more
from renpu.coverage.records import LINK, Terms, decided, persons

TERMS = Terms("310199001", "201911", "202011")
HERE, NEXT, OTHER = "310199001001001", "310199001001002", "310199001002001"
NUMBER = "310199197503120138"


def line(key, person, *, block=HERE, home="a" * 32, d7=1, d8=1, d9=1, **more):
    n = int(key)
    given = {
        "record": f"line:{home}:{n}", "household_id": home, "line": n, "block_code": block, "person": person,
        "name": "张建国", "sex": 1, "birth": "197503", "id_number": None, "residence_place": d7, "residence_code": "",
        "hukou_place": d8, "hukou_code": "", "away_duration": d9, "status": 1, "counts_as": "resident", "address": "",
        "relationship": 0, "n_resident": 1,
    }  # fmt: skip
    return {"key": given["record"]} | given | more


LINES = {
    "record": pl.String, "key": pl.String, "household_id": pl.String, "line": pl.Int16, "block_code": pl.String,
    "person": pl.UInt32,
    "name": pl.String, "sex": pl.Int8, "birth": pl.String, "id_number": pl.String, "residence_place": pl.Int8,
    "residence_code": pl.String, "hukou_place": pl.Int8, "hukou_code": pl.String, "away_duration": pl.Int8,
    "relationship": pl.Int8, "n_resident": pl.Int16, "unit_id": pl.String,
    "status": pl.Int16, "counts_as": pl.String, "address": pl.String,
}  # fmt: skip
ROWS = {
    "record": pl.String, "key": pl.String, "row_id": pl.Int64, "delivery_id": pl.String, "sheet": pl.String,
    "number": pl.Int64,
    "area_code": pl.String, "household_no": pl.String, "sex": pl.Int8, "birth": pl.String, "address": pl.String,
    "happened_on": pl.String, "persons": pl.Int32, "use": pl.String, "block_code": pl.String, "unit_id": pl.String,
    "placed": pl.String, "place": pl.String, "duplicate_of": pl.Int64, "more": pl.String, "source": pl.String,
    "name": pl.String, "id_number": pl.String, "kin_name": pl.String, "kin_id": pl.String, "person": pl.UInt32,
}  # fmt: skip
DEATHS = {
    "record": pl.String, "household_id": pl.String, "line": pl.Int16, "block_code": pl.String, "name": pl.String,
    "sex": pl.Int8, "birth": pl.String, "died": pl.String,
}  # fmt: skip
HOMES = {
    "household_id": pl.String, "block_code": pl.String, "unit_id": pl.String, "household_no": pl.String,
    "building_id": pl.String, "status": pl.Int16, "last_noted": pl.Boolean, "version": pl.Int32,
    "form_method": pl.Int8, "persons_here": pl.Int16, "persons_resident": pl.Int16, "foreigners": pl.Int16,
    "n_here": pl.Int16, "n_resident": pl.Int16,
}  # fmt: skip


def lines(*given):
    return pl.DataFrame(list(given), schema=LINES)


def row(n, person, *, source="police", **more):
    given = {
        "record": f"row:{n}", "row_id": n, "delivery_id": "d" * 32, "sheet": "", "number": n,
        "area_code": HERE[:12], "household_no": "h1", "sex": 1, "birth": "1975-03-12", "address": "", "happened_on": "",
        "persons": None, "use": "", "block_code": "", "unit_id": None, "placed": "", "place": None,
        "duplicate_of": None, "more": "{}", "source": source, "name": "张建国", "id_number": NUMBER, "kin_name": None,
        "kin_id": None, "person": person,
    }  # fmt: skip
    return {"key": given["record"]} | given | more


def rows(*given):
    return pl.DataFrame(list(given), schema=ROWS)


def home(key, unit="u" * 32, *, status=1, here=1, method=1, **more):
    given = {
        "household_id": key * 32, "block_code": HERE, "unit_id": unit, "household_no": "001", "status": status,
        "building_id": "b" * 32, "last_noted": True, "version": 1 if here else 0, "form_method": method,
        "persons_here": here, "persons_resident": here,
        "foreigners": 0, "n_here": here, "n_resident": here,
    }  # fmt: skip
    return given | more


def kinds(found):
    return sorted(found["kind"])


def evidence(found, at=0):
    return json.loads(found["evidence"][at])


@pytest.fixture
def nobody_dead():
    return pl.DataFrame(schema=DEATHS)


def found(register, forms, deaths, *, unsure=(), linked=(), crowded=(), heads=1, died_out=()):
    said = [(*p, 0.5, status, "") for status, pairs in (("unsure", unsure), ("linked", linked)) for p in pairs]
    pairs = pl.DataFrame(said, schema=LINK, orient="row")
    homes = pl.DataFrame(
        [(key, heads) for key in crowded], schema={"household_id": pl.String, "heads": pl.Int64}, orient="row"
    )
    of_heads = dict.fromkeys(("household_id", "block_code", "unit_id", "name"), pl.String)
    gone = pl.DataFrame(list(died_out), schema=of_heads, orient="row")
    told = external.rows_found(register, forms, deaths, gone, pairs, homes, TERMS)
    return dict(zip(told["record"], told["finding"], strict=True)), told


# ---------------------------------------------------------------------------------------------------- internal


def test_a_person_who_lives_in_two_places_is_a_duplicate_and_the_hukou_side_is_asked():
    both = lines(
        line(1, 7, block=OTHER, home="b" * 32, d8=2), line(2, 7, home="a" * 32), line(3, 8, home="a" * 32)
    )  # fmt: skip
    told = internal.duplicates(both)
    assert told["household_id"].to_list() == ["a" * 32]
    assert told["other_household_id"].to_list() == ["b" * 32]
    assert told["area_code"].to_list() == [HERE]


def test_recorded_at_both_ends_is_no_duplicate():
    both = lines(line(1, 7, block=OTHER, home="b" * 32, d8=2), line(2, 7, d7=3))
    assert not len(internal.duplicates(both))
    assert not len(internal.disagreements(both))


def test_said_to_live_in_the_street_and_recorded_nowhere_there():
    told = internal.residence_omissions(lines(line(1, 7, d7=3), line(2, 8, d7=2)), TERMS)
    assert told["area_code"].to_list() == [HERE, HERE]
    assert not len(internal.residence_omissions(lines(line(1, 7, d7=5, residence_code="340123", d9=5)), TERMS))


def test_said_to_have_the_hukou_in_the_street_and_recorded_nowhere_there():
    alone = lines(line(1, 7, d8=2))
    assert kinds(internal.hukou_omissions(alone, TERMS)) == ["hukou_omission"]
    both = lines(line(1, 7, d8=2), line(2, 7, block=OTHER, home="b" * 32, d7=3))
    assert not len(internal.hukou_omissions(both, TERMS))


@pytest.mark.parametrize(
    ("here", "away", "items"),
    [
        ({"d8": 2}, {"d7": 3}, None),
        ({"d8": 1}, {"d7": 3}, "D8"),
        ({"d8": 2}, {"d7": 5}, "D7"),
        ({"d8": 4}, {"d7": 2}, "D7,D8"),
    ],
)
def test_the_two_records_of_a_person_must_fit_together(here, away, items):
    both = lines(line(1, 7, block=OTHER, home="b" * 32, **here), line(2, 7, **away))
    told = internal.disagreements(both)
    assert (evidence(told)["items"] if len(told) else None) == items


def test_a_wrong_number_and_a_shared_number_are_asked():
    forms = lines(
        line(1, 7, id_number=NUMBER), line(2, 8, id_number=NUMBER), line(3, 9, id_number=NUMBER[:-1] + "9"),
        line(4, 10, id_number="310199197808250267"),
    )  # fmt: skip
    assert sorted(internal.identity_numbers(forms)["line"]) == [1, 2, 3]


def test_away_for_less_than_half_a_year_is_asked_also_where_only_the_status_says_so():
    forms = lines(
        line(1, 7, d7=1, d8=4, d9=2), line(2, 8, d7=5, d8=1, d9=2), line(3, 9, d7=5, d8=1, d9=5),
        line(4, 10, d7=5, d8=1, d9=5, status=2), line(5, 11, d7=1, d8=1, d9=2),
    )  # fmt: skip
    assert sorted(internal.short_stays(forms)["line"]) == [1, 2, 4]


def test_half_a_year_is_asked_again_where_the_household_was_not_listed():
    forms = lines(
        line(1, 7, d8=4, d9=3), line(2, 8, d8=4, d9=3, n_resident=None), line(3, 9, d8=4, d9=4, n_resident=None),
        line(4, 10, d7=5, d9=3, n_resident=None),
    )  # fmt: skip
    told = internal.short_stays(forms)
    assert (told["line"].to_list(), evidence(told)["source"], evidence(told)["D9"]) == ([2], "once", 3)


# ---------------------------------------------------------------------------------------------------- external


def test_a_row_ends_where_its_person_is_recorded(nobody_dead):
    forms = lines(line(1, 1), line(2, 2, d7=5, d9=5), line(3, 3, d7=7, d9=5), line(4, 4, block=OTHER, d8=2))
    told, _ = found(rows(*(row(n, n) for n in range(1, 6))), forms, nobody_dead)
    assert told == {
        "row:1": "found_here", "row:2": "found_away", "row:3": "abroad", "row:4": "found_elsewhere", "row:5": "to_add",
    }  # fmt: skip


def test_the_dead_and_rows_of_nobody_are_told_apart_from_the_missed():
    forms = lines(line(1, 1))
    register = rows(
        row(1, 1),
        row(2, 2, name="李秀英", sex=2, birth="1941-08-25", id_number="310199194108250263"),
        row(3, 3, name="王阿大", birth="1938-01-02", id_number="310199193801020019"),
        row(4, 4, name="赵无名", id_number=None),
        row(5, 5, name="孙小妹", sex=2, birth="1990-05-05", id_number="310199199005050024"),
    )
    dead = pl.DataFrame([("death:1", "c" * 32, 1, HERE, "李秀英", 2, "194108", "202003")], schema=DEATHS, orient="row")
    told, frame = found(register, forms, dead)
    assert told == {
        "row:1": "found_here", "row:2": "dead", "row:3": "dead", "row:4": "never_existed", "row:5": "to_add"
    }  # fmt: skip
    items = external.row_differences(frame)
    assert kinds(items) == ["alive_or_dead"] + ["register_missing"] * 3
    assert frame.filter(record="row:3")["why"][0].startswith("presumed")


def test_an_old_person_is_not_presumed_dead_where_another_list_counts_one_more(nobody_dead):
    old = row(2, 2, name="王阿大", birth="1938-01-02", id_number="310199193801020019")
    told, _ = found(rows(row(1, 1), old), lines(line(1, 1)), nobody_dead, crowded=["a" * 32])
    assert told["row:2"] == "to_add"
    told, _ = found(rows(old), lines(line(1, 1)), nobody_dead)
    assert told["row:2"] == "to_add", "and not where nobody of the household was found"


def test_heads_that_another_list_counts_more_are_first_the_young_who_are_missing(nobody_dead):
    old = row(2, 2, name="王阿大", birth="1938-01-02", id_number="310199193801020019")
    young = row(3, 3, name="孙小妹", sex=2, birth="1990-05-05", id_number="310199199005050024")
    told, frame = found(rows(row(1, 1), old, young), lines(line(1, 1)), nobody_dead, crowded=["a" * 32])
    assert (told["row:2"], told["row:3"]) == ("dead", "to_add"), "one head more, and the young one is it"
    assert evidence(external.row_differences(frame), 1)["crowded"], "as its item says"
    twice = row(4, 4, name="孙小弟", birth="1992-05-05", id_number="310199199205050037")
    told, _ = found(rows(row(1, 1), old, row(3, 1)), lines(line(1, 1)), nobody_dead, crowded=["a" * 32])
    assert told["row:2"] == "to_add", "nobody else is missing"
    told, _ = found(rows(row(1, 1), young, twice), lines(line(1, 1)), nobody_dead, crowded=["a" * 32])
    assert (told["row:3"], told["row:4"]) == ("to_add", "to_add"), "the young are never presumed dead"


def test_of_several_old_the_younger_are_those_whom_another_list_counts(nobody_dead):
    ages = {2: ("1938-01-02", "310199193801020019"), 3: ("1941-08-25", "31019919410825003X"), 4: ("1949-02-03", None)}
    old = [row(n, n, name=f"王{n}", birth=birth, id_number=number or NUMBER[:6] + "19490203001X")
           for n, (birth, number) in ages.items()]  # fmt: skip
    for n, missing in ((1, ["row:4"]), (2, ["row:3", "row:4"]), (3, ["row:2", "row:3", "row:4"])):
        told, _ = found(rows(row(1, 1), *old), lines(line(1, 1)), nobody_dead, crowded=["a" * 32], heads=n)
        assert sorted(key for key, end in told.items() if end == "to_add") == missing


def test_the_old_of_a_household_that_is_away_are_not_presumed_dead(nobody_dead):
    old = row(2, 2, name="王阿大", birth="1938-01-02", id_number="310199193801020019")
    for d7 in (5, 7):
        told, _ = found(rows(row(1, 1), old), lines(line(1, 1, d7=d7, d9=5)), nobody_dead)
        assert told["row:2"] == "to_add", "nobody who lives there was asked"
    both = lines(line(1, 1, d7=5, d9=5), line(2, 3))
    told, _ = found(rows(row(1, 1), old, row(3, 3)), both, nobody_dead)
    assert told["row:2"] == "dead"


def test_a_row_without_a_number_may_be_somebody_who_stayed_or_whom_another_list_counts(nobody_dead):
    blank = row(2, 2, name="赵无名", birth="1990-05-05", id_number=None)
    told, _ = found(rows(row(1, 1), blank), lines(line(1, 1)), nobody_dead)
    assert told["row:2"] == "never_existed"
    told, _ = found(rows(row(1, 1), blank), lines(line(1, 1)), nobody_dead, crowded=["a" * 32])
    assert told["row:2"] == "to_add"
    told, _ = found(rows(row(1, 1), blank), lines(line(1, 1, d7=5, d9=5)), nobody_dead)
    assert told["row:2"] == "to_add", "the household is away"
    copy = row(2, 2, name="赵无名", id_number=None)
    told, _ = found(rows(row(1, 1), copy), lines(line(1, 1, d7=5, d9=5)), nobody_dead)
    assert told["row:2"] == "never_existed", "it repeats a member"


def test_who_has_no_birth_date_or_a_younger_one_in_the_number_is_not_old(nobody_dead):
    dates = {"": "310199202009280041", "1938-01-02": "310199202009280041", "2020-09-28": "310199193801020019"}
    for birth, number in dates.items():
        told, _ = found(rows(row(1, 1), row(2, 2, birth=birth, id_number=number)), lines(line(1, 1)), nobody_dead)
        assert told["row:2"] == "to_add", (birth, number)
    by_number = row(2, 2, birth="", id_number="310199193801020019")
    told, _ = found(rows(row(1, 1), by_number), lines(line(1, 1)), nobody_dead)
    assert told["row:2"] == "dead", "the number alone says it"


def test_a_row_of_nobody_that_resembles_a_line_with_its_own_row_does_not_wait_for_a_clerk(nobody_dead):
    key = "line:" + "a" * 32 + ":1"
    register = rows(row(1, 1), row(2, 2, name="张无", id_number=None))
    doubt = [(key, "row:2")]
    told, _ = found(register, lines(line(1, 1)), nobody_dead, unsure=doubt, linked=[(key, "row:1")])
    assert told["row:2"] == "never_existed"
    told, _ = found(register, lines(line(1, 9)), nobody_dead, unsure=doubt)
    assert told["row:2"] == "unsure", "the line has no other row"
    numbered = rows(row(1, 1), row(2, 2, name="张无"))
    told, _ = found(numbered, lines(line(1, 1)), nobody_dead, unsure=doubt, linked=[(key, "row:1")])
    assert told["row:2"] == "unsure", "a number is somebody's"


@pytest.mark.parametrize(
    ("kind", "before", "now", "news"),
    [
        ("headcount", {"counted": 4, "here": 1}, {"counted": 4, "here": 3}, False),
        ("headcount", {"counted": 4, "here": 3}, {"counted": 4, "here": 2}, True),
        ("headcount", {"counted": 4, "here": 3}, {"counted": 5, "here": 3}, True),
        ("headcount", {"listed": 1, "here": 2}, {"listed": 1, "here": 3}, True),
        ("unlisted_dwelling", {"registered": 2, "agree": True}, {"registered": None, "agree": False}, False),
        ("unlisted_dwelling", {"registered": None}, {"registered": 1}, True),
        ("unlisted_dwelling", {"counted": 2, "walked": "2020-09-01"}, {"counted": 2, "walked": "2020-11-05"}, True),
        ("vacancy", {"kwh_month": 90.0, "counted": None}, {"kwh_month": 60.0, "counted": None}, False),
        ("vacancy", {"kwh_month": 90.0, "counted": None}, {"kwh_month": 90.0, "counted": 2}, True),
        ("register_missing", {"seems": "to_add", "why": "a", "members_found": None},
         {"seems": "dead", "why": "b", "members_found": 4}, False),
        ("register_missing", {"seems": "dead", "crowded": None}, {"seems": "to_add", "crowded": True}, True),
        ("register_absent", {"on_list": None, "D7": 1}, {"on_list": None, "D7": 5}, False),
        ("headcount", {"source": "listing", "listed": 3, "here": 2}, {"source": "alone", "counted": 1, "here": 3},
         False),
        ("headcount", {"source": "alone", "here": 2}, {"source": "listing", "listed": 3, "here": 2}, True),
        ("short_stay", {"D7": 1}, {"D7": 5}, True),
        ("short_stay", {"D9": 2, "counts_as": "short"}, {"source": "once", "D9": 3, "counts_as": "resident"}, False),
        ("identity_number", {"valid": True, "bearers": 2}, {"valid": True, "bearers": 3}, True),
    ],
)  # fmt: skip
def test_news_is_a_source_that_says_something_else_or_a_wider_gap(kind, before, now, news):
    assert says_more(kind, before, now) is news


def test_a_household_that_died_out_by_the_roster_is_dead_on_the_register(nobody_dead):
    at, other = "u" * 32, "w" * 32
    old = rows(row(1, 1, birth="1990-03-12", unit_id=at), row(2, 2, name="李梅", birth="1992-01-02", unit_id=at))
    line_of = ("9" * 32, HERE, at, "张建過")
    told, frame = found(old, lines(), nobody_dead, died_out=[line_of])
    assert told == {"row:1": "dead", "row:2": "dead"}, "the whole register household, the head heard otherwise"
    assert set(external.row_differences(frame)["kind"]) == {"alive_or_dead"}
    for away in (("9" * 32, HERE, other, "张建国"), ("9" * 32, HERE, at, "王小二"), ("9" * 32, OTHER, None, "张建国")):
        told, _ = found(old, lines(), nobody_dead, died_out=[away])
        assert told["row:1"] == "to_add", away
    told, _ = found(old, lines(), nobody_dead, died_out=[("9" * 32, HERE, None, "张建国")])
    assert told["row:1"] == "dead"
    told, _ = found(old, lines(line(1, 2)), nobody_dead, died_out=[line_of])
    assert told["row:1"] != "dead", "one of them is alive on a form"


def test_a_namesake_who_died_in_another_street_is_somebody_else(nobody_dead):
    far = pl.DataFrame(
        [("death:1", "c" * 32, 1, "310199002001001", "张建国", 1, "197503", "202003")], schema=DEATHS, orient="row"
    )
    told, _ = found(rows(row(1, 1)), lines(), far)
    assert told["row:1"] == "to_add"


def test_a_pair_that_waits_for_a_clerk_leaves_its_row_unsure(nobody_dead):
    told, frame = found(rows(row(1, 1)), lines(line(1, 9)), nobody_dead, unsure=[("line:" + "a" * 32 + ":1", "row:1")])
    assert told["row:1"] == "unsure"
    assert not len(external.row_differences(frame))


def test_double_rows_are_one_person_and_one_item(nobody_dead):
    register = rows(row(1, None), row(2, None, duplicate_of=1), row(3, None, number=9)).drop("person")
    numbered, _ = persons(register, lines().drop("person"), pl.DataFrame(schema=LINK))
    assert numbered["person"].n_unique() == 1
    _, frame = found(numbered, lines(), nobody_dead)
    assert len(external.row_differences(frame)) == 1


def test_the_hukou_here_by_the_form_and_on_no_list_of_the_committee(nobody_dead):
    forms = lines(line(1, 1), line(2, 2), line(3, 3, d8=4), line(4, 4, block=OTHER))
    _, frame = found(rows(row(1, 1)), forms, nobody_dead)
    told = external.not_on_register(forms, frame, {HERE[:12]})
    assert told["line"].to_list() == [2], "of the other committee there is no list"


# ------------------------------------------------------------------------------------------------ households


def test_a_household_of_the_police_list_is_asked_for_once(nobody_dead):
    head = {"source": "police_households", "name": "李梅"}
    _, alone = found(rows(row(1, 1, **head), row(2, 2, household_no="h2")), lines(), nobody_dead)
    told = external.row_differences(external.asked_for(alone))
    assert sorted(told["row_id"]) == [1, 2], "none of its persons is on the list of persons"
    _, both = found(rows(row(1, 1, **head), row(2, 1)), lines(), nobody_dead)
    assert external.row_differences(external.asked_for(both))["row_id"].to_list() == [2], "its persons are asked for"
    _, other = found(rows(row(1, 1, **head), row(2, 2, area_code=OTHER[:12])), lines(), nobody_dead)
    assert len(external.row_differences(external.asked_for(other))) == 2, "that number is another committee's"
    told, _ = found(rows(row(1, 1, **head)), lines(line(1, 1)), nobody_dead)
    assert told == {"row:1": "found_here"}


def moved(nobody_dead, *homes, forms=(), on="2020-08-31", also=(), unit="u" * 32):
    list_ = row(1, 1, source="demolition", happened_on=on, unit_id=unit, household_no="x")
    _, frame = found(rows(list_, *also), lines(*forms), nobody_dead)
    told = external.moved_out(frame, pl.DataFrame(list(homes), schema=HOMES), TERMS)
    asked = external.row_differences(external.asked_for(told))
    return told["finding"][0], kinds(external.still_there(told)), kinds(asked)


def test_who_moved_out_by_the_demolition_office_and_lives_there_by_the_form_is_asked(nobody_dead):
    there, lives = home("a"), [line(1, 1)]
    assert moved(nobody_dead, there, forms=lives) == ("found_here", ["headcount"], [])
    assert moved(nobody_dead, there, forms=lives, on="2020-11-20")[1] == [], "after the reference moment"
    assert moved(nobody_dead, there, forms=lives, on="")[1] == [], "not said when"
    assert moved(nobody_dead, home("a", "9" * 32), forms=lives)[1] == [], "in another dwelling, the new one"
    assert moved(nobody_dead, there, forms=lives, unit=None)[1] == [], "the old dwelling is not in the frame"


def test_who_moved_out_is_found_as_away_or_looked_for(nobody_dead):
    gone = home("a", status=5, here=0)
    assert moved(nobody_dead, gone) == ("found_away", [], []), "its household is on the roster as gone"
    assert moved(nobody_dead, home("a", status=6, here=0)) == ("to_add", [], ["register_missing"])
    of_police = row(2, 2, household_no="y")
    assert moved(nobody_dead, home("a", status=6, here=0), also=[of_police], forms=[line(2, 2)])[2] == [], (
        "who has the hukou there is asked for by the list of persons"
    )
    assert moved(nobody_dead, gone, forms=[line(1, 1, block=OTHER)])[0] == "found_elsewhere"


def test_a_clerks_word_stands_over_what_was_computed():
    pair = ("line:" + "a" * 32 + ":1", "row:1")
    pairs = pl.DataFrame([(*pair, 0.99, "linked", "")], schema=LINK, orient="row")
    said = {"left": [pair[0], "line:x:1"], "right": [pair[1], "row:9"], "status": ["apart", "linked"]}
    told = decided(pairs, pl.DataFrame(said)).sort("right")
    assert told["status"].to_list() == ["apart", "linked"]


def test_persons_found_by_different_ways_become_one():
    register = rows(row(1, None)).drop("person")
    forms = lines(line(1, None), line(2, None)).drop("person")
    a, b = ("line:" + "a" * 32 + f":{n}" for n in (1, 2))
    pairs = pl.DataFrame([(a, "row:1", 1.0, "linked", ""), (a, b, 1.0, "linked", "")], schema=LINK, orient="row")
    numbered, formed = persons(register, forms, pairs)
    assert {*numbered["person"], *formed["person"]} == {0}


# ------------------------------------------------------------------------------------------- births and deaths


def birth(n, name, **more):
    return row(n, None, source="births", name=name, birth="", happened_on="2020-06-03", id_number=None, **more)


def test_an_infant_without_a_name_is_found_through_its_mother():
    mother = line(1, 1, name="陈丽", sex=2, birth="199001", id_number="310199199001010022")
    infant = line(2, 2, name="张小宝", birth="202006")
    named = birth(1, "陈丽之子", kin_name="陈丽", kin_id="310199199001010022")
    told = ledgers.births(rows(named), lines(mother, infant), TERMS)
    assert (told["finding"][0], told["line"][0]) == ("found_here", 2)
    missing = ledgers.births(rows(named), lines(mother), TERMS)
    item = ledgers.births_missing(missing)
    assert (missing["finding"][0], item["household_id"][0], item["area_code"][0]) == ("to_add", "a" * 32, HERE)


def test_a_birth_whose_mother_is_nowhere_is_still_an_item_of_its_area():
    told = ledgers.births(rows(birth(1, "周甲", kin_name="周乙")), lines(line(1, 1)), TERMS)
    assert ledgers.births_missing(told)["area_code"].to_list() == [HERE[:12]]
    later = ledgers.births(rows(birth(1, "周甲") | {"happened_on": "2020-11-02"}), lines(line(1, 1)), TERMS)
    assert later["finding"][0] == "unsure", "born after the reference moment"


def test_a_death_on_a_list_is_on_a_form_or_missing_or_contradicted():
    died = [
        row(n, None, source="deaths", name=name, happened_on="2020-05-01", birth="1940-02-03")
        for n, name in enumerate(("甲一", "乙二", "丙三"), 1)
    ]
    forms = pl.DataFrame([("death:1", "c" * 32, 1, HERE, "甲一", 1, "194002", "202005")], schema=DEATHS, orient="row")
    alive = lines(line(1, 1, name="乙二", birth="194002"))
    told = ledgers.deaths(rows(*died), alive, forms, TERMS)
    assert told.sort("row_id")["finding"].to_list() == ["dead", "unsure", "to_add"]
    assert kinds(ledgers.deaths_missing(told)) == ["alive_or_dead", "death_missing"]


def test_a_death_on_two_lists_is_one_item(nobody_dead):
    def told(*given):
        return ledgers.deaths(rows(*given), lines(), nobody_dead, TERMS)

    health = row(1, None, source="deaths", happened_on="2020-05-02")
    civil = row(2, None, source="cremations", happened_on="", more=json.dumps({"cremated_on": "2020-05-05"}))
    assert told(civil)["finding"].to_list() == ["to_add"], "the cremation gives the month"
    assert kinds(ledgers.deaths_missing(told(civil))) == ["death_missing"]
    assert ledgers.deaths_missing(told(health, civil))["row_id"].to_list() == [1]
    by_name = civil | {"id_number": None}
    assert ledgers.deaths_missing(told(health, by_name))["row_id"].to_list() == [1], "name, sex and month of birth"
    for other in ({"id_number": None, "birth": "1961-01-01"}, {"id_number": None, "area_code": "310199002001"}):
        assert len(ledgers.deaths_missing(told(health, civil | other))) == 2, "a namesake"
    nameless = row(3, None, source="cremations", happened_on="2020-05-02", id_number=None, name="", birth="")
    assert len(ledgers.deaths_missing(told(health | {"id_number": None, "name": "", "birth": ""}, nameless))) == 2
    old = civil | {"more": json.dumps({"cremated_on": "2018-05-05"})}
    assert told(old)["finding"].to_list() == ["dead"]


def test_alive_on_one_form_and_dead_on_another():
    forms = pl.DataFrame([("death:1", "c" * 32, 1, HERE, "张建国", 1, "197503", "202005")], schema=DEATHS, orient="row")
    told = ledgers.alive_and_dead(lines(line(1, 1)), forms)
    assert (kinds(told), told["other_household_id"][0]) == (["alive_or_dead"], "c" * 32)


# --------------------------------------------------------------------------------------------------- dwellings


def meter(n, kwh, **more):
    months = {f"2020-{m:02}": kwh for m in (8, 9, 10)}
    return row(n, None, source="electricity", more=json.dumps({"kwh": months}), **more)


def grid(n, counted, **more):
    return row(n, None, source="grid", persons=counted, **more)


def looked_at(register, *homes, sought=()):
    frame = rows(*register)
    roster = pl.DataFrame(list(homes), schema=HOMES)
    schema = {"unit_id": pl.String, "place": pl.String, "area_code": pl.String}
    nowhere = pl.DataFrame(list(sought), schema=schema, orient="row")
    return vacancy.differences(vacancy.in_use(frame, TERMS), vacancy.dwellings(roster), nowhere)


def test_a_vacant_dwelling_whose_meter_runs_is_looked_at_again_and_one_at_rest_is_not():
    unit = {"unit_id": "u" * 32}
    vacant = home("a", status=6, here=0)
    assert kinds(looked_at([meter(1, 90.0, **unit)], vacant)) == ["vacancy"]
    assert not len(looked_at([meter(1, 4.0, **unit)], vacant))
    assert not len(looked_at([meter(1, 90.0, **unit)], home("a")))
    told = looked_at([meter(1, 3.0, **unit), grid(2, 2, **unit)], vacant)
    assert (kinds(told), evidence(told)["agree"]) == (["vacancy"], False)


def test_a_dwelling_in_use_without_a_roster_line_is_unlisted():
    told = looked_at([grid(1, 2, place="唐山路|1弄|2号|301", block_code=HERE)])
    assert (kinds(told), told["area_code"][0]) == (["unlisted_dwelling"], HERE)
    away = looked_at([grid(1, 2, unit_id="u" * 32)], home("a", status=3, here=0))
    assert kinds(away) == ["unlisted_dwelling"], "its household is away, and somebody lives there"


def test_register_households_found_nowhere_lead_to_their_dwelling():
    told = looked_at([], home("a", status=6, here=0), sought=[("u" * 32, None, HERE[:12])])
    assert (kinds(told), evidence(told)["registered"]) == (["vacancy"], 1)


def test_more_heads_on_a_list_than_on_the_form():
    told = looked_at([grid(1, 3, unit_id="u" * 32)], home("a", here=2))
    assert (kinds(told), evidence(told)["counted"], evidence(told)["here"]) == (["headcount"], 3, 2)
    assert not len(looked_at([grid(1, 2, unit_id="u" * 32)], home("a", here=2)))


def heads_unlike(register, forms, *homes):
    roster = pl.DataFrame(list(homes), schema=HOMES)
    listed, units = rows(*register), vacancy.dwellings(roster)
    said = heads.counted(listed, lines(*forms), units)
    return heads.unlike(roster, lines(*forms), vacancy.in_use(listed, TERMS), said, units)


def test_a_number_of_heads_that_nothing_confirms_is_asked():
    told = heads_unlike(
        [grid(1, 1, unit_id="5" * 32), grid(2, 0, unit_id="7" * 32, block_code=HERE)], [],
        home("a", "1" * 32), home("b", "2" * 32, n_here=2), home("c", "3" * 32, n_resident=0),
        home("d", "4" * 32, method=7, n_here=None), home("e", "5" * 32, method=7, n_here=None),
        home("f", "6" * 32, n_here=None), home("0", "7" * 32, n_here=None),
        home("7", "8" * 32, n_here=None, block_code=OTHER), home("9", "9" * 32, status=3),
    )  # fmt: skip
    why = dict(zip(told["subject"].str.slice(5, 1), map(json.loads, told["evidence"]), strict=True))
    assert {key: of["source"] for key, of in why.items()} == {
        "b": "listing", "c": "listing", "d": "alone", "f": "alone", "0": "alone", "9": "status",
    }, "e is confirmed by the grid's list; 7 lies in a committee without such a list"  # fmt: skip
    assert why["0"]["counted"] == 0


def living(key, unit, name, **more):
    return line(1, int(key, 16), home=key * 32, unit_id=unit * 32, name=name, **more)


def test_tenants_and_flatmates_need_a_list_that_knows_them_where_a_register_does_not():
    forms = [
        living("a", "1", "李一", d8=4), living("b", "2", "李二"), living("c", "3", "李三", relationship=9),
        living("d", "4", "李四", d8=4), living("e", "5", "李五", d8=4),
    ]  # fmt: skip
    homes = [home(key, unit * 32) for key, unit in zip("abcde", "12345", strict=True)]
    known = [grid(1, 1, unit_id="4" * 32, name="李四"), grid(2, 1, unit_id="5" * 32, name="张走")]
    told = heads_unlike(known, forms, *homes)
    assert sorted(told["household_id"].str.slice(0, 1)) == ["a", "c", "e"], "listed and agreed, and told by themselves"
    assert not len(heads_unlike([], forms, *homes)), "no list of the committee"
    more = [*known[:1], grid(2, 3, unit_id="5" * 32, name="张走")]
    told = heads_unlike(more, forms, *homes)
    assert sorted(told["household_id"].str.slice(0, 1)) == ["a", "c"], "that the list counts more is asked already"


def test_a_row_that_names_somebody_else_counts_people_who_left():
    forms = [living("a", "1", "李一", d8=4), living("b", "2", "李二", d8=4)]
    units = vacancy.dwellings(pl.DataFrame([home("a", "1" * 32), home("b", "2" * 32)], schema=HOMES))

    def counted(*names, at="12"):
        listed = rows(*(grid(n, 2, unit_id=at[n] * 32, name=name) for n, name in enumerate(names)))
        return sorted(heads.counted(listed, lines(*forms), units)["unit_id"].str.slice(0, 1))

    assert counted("李一", "李二") == ["1", "2"]
    assert counted("李一", "张走") == ["1"]
    assert counted("李一", None) == ["1", "2"], "a list that names nobody still counts"
    assert counted("王房东", "张房东") == ["1", "2"], "names that never fit are the owners'"


def test_the_more_heads_of_a_list_that_names_somebody_are_persons_on_no_form():
    roster = pl.DataFrame([home("a", "1" * 32, here=2), home("b", "2" * 32, here=2)], schema=HOMES)
    forms = lines(living("a", "1", "李一"), living("b", "2", "李二"))
    listed = rows(grid(1, 3, unit_id="1" * 32, name="李一"), grid(2, 2, unit_id="2" * 32, name="李二"))
    told = heads.crowded(heads.counted(listed, forms, vacancy.dwellings(roster)), roster)
    assert told.rows() == [("a" * 32, 1)]


def unconfirmed(register, *homes, standing=("b" * 32,)):
    roster = pl.DataFrame(list(homes), schema=HOMES)
    used = vacancy.in_use(rows(*register), TERMS)
    buildings = pl.DataFrame({"building_id": standing}, schema={"building_id": pl.String})
    return vacancy.unconfirmed(used, vacancy.dwellings(roster), buildings)


def test_a_dwelling_without_anybody_of_which_nothing_is_known_is_looked_at():
    elsewhere = grid(1, 1, unit_id="5" * 32)
    vacant, away = home("a", status=6, here=0), home("a", status=4, here=0, method=3)
    assert kinds(unconfirmed([elsewhere], vacant)) == ["vacancy"]
    assert kinds(unconfirmed([elsewhere], away)) == ["unlisted_dwelling"]
    assert not len(unconfirmed([elsewhere], home("a"))), "somebody lives there"
    assert not len(unconfirmed([elsewhere], vacant, standing=())), "the building is pulled down"
    assert not len(unconfirmed([elsewhere | {"area_code": OTHER[:12]}], vacant)), "no list of its committee"
    at = {"unit_id": "u" * 32}
    seen = away | {"form_method": 1}
    assert not len(unconfirmed([grid(1, 0, use="空置", **at)], seen)), "somebody was at the door, and the list agrees"
    assert kinds(unconfirmed([grid(1, 0, use="空置", **at)], away)) == ["unlisted_dwelling"], "reached by telephone"
    assert not len(unconfirmed([grid(1, 0, use="空置", **at)], vacant))
    for said in (meter(1, 2.0, **at), grid(1, 2, **at), meter(1, 90.0, **at)):
        assert not len(unconfirmed([said], away)), "a list says that it is empty, or prompts by itself"
    assert kinds(unconfirmed([grid(1, 0, use="出租", **at)], away)) == ["unlisted_dwelling"], "let, and nobody in it"


def test_a_vacant_dwelling_needs_a_word_of_how_it_is_known():
    at = {"unit_id": "u" * 32}
    silent = home("a", status=6, here=0, last_noted=False)
    assert kinds(unconfirmed([grid(1, 0, use="空置", **at)], silent)) == ["vacancy"]
    assert not len(unconfirmed([grid(1, 2, **at)], silent)), "the list prompts by itself"
    lodged = home("c", status=4, here=0)
    told = unconfirmed([grid(1, 0, use="空置", **at)], lodged, silent)
    assert (kinds(told), told["household_id"][0]) == (["vacancy"], "a" * 32), "the line that is noted vacant"
    assert not len(
        unconfirmed([grid(1, 0, use="空置", **at)], lodged | {"last_noted": False}, home("a", status=6, here=0))
    )


def test_a_building_with_more_dwellings_than_the_roster_has():
    buildings = pl.DataFrame({"building_id": ["b" * 32], "label": ["唐山路1弄"], "dwellings": [3], "standing": [True]})

    def short(*homes, frame=buildings):
        return vacancy.buildings_short(pl.DataFrame(list(homes), schema=HOMES), frame)

    two = home("a", "1" * 32), home("c", "1" * 32), home("d", "2" * 32, status=6, here=0)
    told = short(*two)
    assert (kinds(told), told["area_code"][0]) == (["building_dwellings"], HERE)
    assert (evidence(told)["dwellings"], evidence(told)["dwellings_listed"]) == (3, 2)
    assert not len(short(*two, home("e", "3" * 32)))
    assert not len(short(two[0], home("d", "2" * 32, status=90, here=0))), "its listing is not finished"
    assert not len(short(*two, frame=buildings.with_columns(standing=False)))
    assert not len(short(*two, frame=buildings.with_columns(dwellings=pl.lit(None, pl.Int32))))


def test_addresses_that_were_not_looked_up_are_found_by_their_key():
    units = pl.DataFrame({"unit_id": ["u" * 32], "block_code": [HERE], "address": ["唐山路685弄12号301室"]})
    told = vacancy.at_units(
        rows(row(1, 1, address="唐山路六八五弄12号3楼301"), row(2, 2, address="唐山路685弄12号402室"),
             row(3, 3, address="唐山路685弄12号")).drop("place"),
        units,
    ).sort("row_id")  # fmt: skip
    assert told["unit_id"].to_list() == ["u" * 32, None, None]
    assert told["place"].is_null().to_list() == [True, False, True]


# ----------------------------------------------------------------------------------------- balance and figures


def test_who_went_and_who_came_are_set_against_each_other_at_every_level():
    forms = lines(
        line(1, 1, d7=3), line(2, 1, block=OTHER, home="b" * 32, d8=2),
        line(3, 2, d7=3), line(4, 3, block=OTHER, home="b" * 32, d8=2),
    )  # fmt: skip
    told = balance(forms, TERMS)
    pair = told.filter(level="committee", origin=HERE[:12], destination=OTHER[:12])
    assert pair.select("gone", "arrived", "both").row(0) == (1, 1, 1)
    unknown = told.filter(level="committee", origin=HERE[:12], destination=HERE[:9])
    assert unknown.select("gone", "arrived").row(0) == (1, 0), "said to be in the street, recorded nowhere"


def test_figures_of_an_area_count_persons_not_rows(nobody_dead):
    forms = lines(line(1, 1), line(2, 1, block=OTHER, home="b" * 32), line(3, 2, d7=5, d9=5))
    register = rows(row(1, 1), row(2, 1, number=2), row(3, 2), row(4, 3))
    _, frame = found(register, forms, nobody_dead)
    none = pl.DataFrame(schema={"record": pl.String})
    police = police_rows(frame, forms)
    of_areas = figures(["310199001", OTHER[:12]], police, forms, internal.differences(forms, TERMS), none)
    told = of_areas["310199001"]
    assert told["register_comparison"] == {
        "register_persons": 3, "rows_of_nobody": 0, "dead_on_register": 0, "enumerated_living_here": 1,
        "enumerated_as_away_only": 1, "on_no_form": 1, "on_forms_as_hukou_here_but_not_on_register": 0,
    }  # fmt: skip
    for coverage in (told["coverage"], of_areas[OTHER[:12]]["coverage"]):
        assert (coverage["persons_counted_twice"], coverage["extra_records"]) == (1, 1), "at both places"


def test_one_row_stands_for_a_person_in_each_area_around(nobody_dead):
    forms = lines(line(1, 1), line(2, 2, d7=5, d9=5), line(3, 3, block=OTHER, home="b" * 32))
    register = rows(
        row(1, 1), row(2, 1, number=2), row(3, 2), row(4, 3), row(5, 3, area_code=OTHER[:12], block_code=OTHER),
        row(6, 4), row(7, 5, area_code=HERE[:9]),
    )  # fmt: skip
    _, frame = found(register, forms, nobody_dead)
    told = dict(police_rows(frame, forms).select("record", "in_figures").iter_rows())
    assert told == {
        "row:1": "hhhhh", "row:2": "-----",  # twice on the list
        "row:3": "aaaaa",
        "row:4": "----n", "row:5": "hhhhh",  # on two lists, and living where the second one has it
        "row:6": "nnnnn",
        "row:7": "nnnn-",  # of the street, and of no committee
    }  # fmt: skip
    dead = frame.with_columns(finding=pl.when(pl.col("record") == "row:4").then(pl.lit("dead")).otherwise("finding"))
    told = dict(police_rows(dead, forms).select("record", "in_figures").iter_rows())
    assert (told["row:4"], told["row:5"]) == ("ddddd", "----h"), "dead in the list of one committee"
    none = frame.with_columns(finding=pl.lit("never_existed"))
    assert set(police_rows(none, forms)["in_figures"]) == {"-----"}
