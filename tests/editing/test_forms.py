"""Short forms from the files of a season."""

import pytest

from renpu.editing.answers import decode, unknown_fields
from renpu.editing.forms import from_field_record

HOUSEHOLD = {
    "form_id": "F1", "block": "310109018020001", "H1": "1", "H2a": "2", "H2b": "0", "H3m": "0", "H3f": "0", "H4m": "0",
    "H4f": "1", "H5": "1", "H6": "23", "H7": "2", "household_status": "1",
}  # fmt: skip
PERSON = {
    "form_id": "F1", "line": "1", "D1": "张建国", "D2": "0", "D3": "", "D4": "1", "D5": "196210", "D6": "汉族",
    "D7": "1", "D7_code": "", "D8": "4", "D8_code": "320199", "D9": "9", "D10": "0", "D11": "5", "D12": "1",
}  # fmt: skip
DEATH = {"form_id": "F1", "name": "李福", "sex": "2", "birth": "193605", "died": "202004"}


def test_rows_become_the_answers_of_an_event():
    answers = from_field_record(HOUSEHOLD, [{**PERSON, "line": "2", "D2": "2", "D6": "畲族"}, PERSON], [DEATH])
    assert unknown_fields(answers) == []
    read = decode(answers)
    assert (read.household.H2a, read.household.H6, read.household.H4f) == (2, 23, 1)
    assert [person.D2 for person in read.persons] == [0, 2]  # by line, whatever the order of the rows
    assert [person.D6 for person in read.persons] == ["01", "22"]
    assert (read.persons[0].D3, read.persons[0].D7_code, read.persons[0].D8_code) == (None, None, "320199")
    assert (read.deaths[0].sex, read.deaths[0].birth) == (2, "193605")


def test_a_group_that_is_in_no_list_stays_for_the_edits_to_tell():
    assert from_field_record(HOUSEHOLD, [{**PERSON, "D6": "某族"}])["persons"][0]["D6"] == "某族"


def test_a_value_that_is_no_number_names_its_item():
    with pytest.raises(ValueError, match="H6: a whole number"):
        from_field_record({**HOUSEHOLD, "H6": "2O"}, [])


def test_fields_the_form_does_not_have_are_told():
    answers = {"household": {"H1": 1, "H9": 2}, "persons": [{"D1": "张建国"}, {"D13": 1}], "deaths": [], "note": ""}
    assert unknown_fields(answers) == ["note", "household.H9", "persons[2].D13"]
