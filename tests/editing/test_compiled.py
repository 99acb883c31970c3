"""The compiled check decides like the plain reading of the rules, and is quick enough to run on receipt."""

import time

import pytest
from hypothesis import given, settings

from renpu.editing.answers import Answers, Context, Household, Person, decode
from renpu.editing.rules import NotARule, rule_set
from renpu.editing.rules.python import checker, interpret

from .households import PARAMETERS, contexts, households, identity_number, plausible

RULES = rule_set(PARAMETERS)
DECIDED_BY_THE_FORM = {rule.rule for rule in RULES.checks if rule.shape}
check = checker(RULES)
ORDINARY = Context(household_status=1, household_no="001", household_type=1, county="310109", n_here=4, n_away=0)


def in_order(edits):
    return [sorted(part) for part in edits[:3]], edits.not_evaluable


@settings(max_examples=300, deadline=None)
@given(households(), contexts())
def test_compiled_and_interpreted_decide_alike(answers, context):
    assert in_order(check(answers, context)) == in_order(interpret(RULES, answers, context))


@settings(max_examples=200, deadline=None)
@given(plausible())
def test_on_a_form_without_blanks_every_rule_is_evaluable(answers):
    edits = check(answers, ORDINARY)
    if answers.persons and not any(edit.rule in {"R-001", *DECIDED_BY_THE_FORM} for edit in edits.hard):
        assert edits.not_evaluable == 0


def person(**given_):
    row = {"D1": "张建国", "D2": 0, "D4": 1, "D5": "197501", "D6": "01", "D7": 1, "D8": 1, "D9": 1, "D11": 5, "D12": 1}
    row["D3"] = identity_number("31019919750101239")
    return Person(**{**row, **given_})


def family():
    return Answers(
        Household(H1=1, H2a=4, H2b=0, H3m=0, H3f=0, H4m=0, H4f=0, H5=1, H6=80, H7=3),
        [
            person(),
            person(D1="李梅", D2=1, D4=2, D5="197603", D3=identity_number("31019919760301228")),
            person(D1="张小明", D2=2, D5="200506", D11=4, D3=identity_number("31019920050601239")),
            person(D1="张福", D2=3, D5="195001", D3=identity_number("31019919500101231")),
        ],
    )


def test_an_ordinary_family_passes():
    assert check(family(), ORDINARY) == ([], [], [], 0)


def test_a_wrong_check_character_is_hard_and_told_at_its_line():
    answers = family()
    number = answers.persons[1].D3
    answers.persons[1].D3 = number[:17] + ("1" if number[17] != "1" else "2")
    assert check(answers, ORDINARY).hard == [("P-003", 2, ("D3",))]


def test_a_missing_answer_is_told_once_and_leaves_its_rules_undecided():
    answers = family()
    answers.persons[2].D11 = None
    edits = check(answers, ORDINARY)
    assert edits.hard == [("H-000", 3, ("D11",))]
    assert edits.not_evaluable > 0


def test_the_roster_not_known_is_not_a_failure():
    edits = check(family(), Context(household_status=1, household_no="001", county="310109"))
    assert edits[:3] == ([], [], [])
    assert edits.not_evaluable == 1  # H-014 alone needs the count of the roster


def test_a_rule_may_be_turned_off_and_its_limit_changed():
    answers = family()
    answers.household.H6 = 700
    assert [edit.rule for edit in check(answers, ORDINARY).query] == ["H-018", "H-021"]
    changed = {**PARAMETERS, "rules": {"H-018": {"high": 800}, "H-021": {"on": False}}}
    assert checker(rule_set(changed))(answers, ORDINARY).query == []


def test_completeness_cannot_be_turned_off():
    with pytest.raises(NotARule):
        rule_set({**PARAMETERS, "rules": {"H-000": {"on": False}}})


def test_a_wrong_type_is_refused_and_nulls_are_not():
    assert decode(b'{"household": {"H1": null}, "persons": [{"D2": null}]}').persons[0].D2 is None
    with pytest.raises(ValueError, match="Expected `int"):
        decode(b'{"household": {"H1": "1"}}')


def test_it_takes_well_under_a_millisecond():
    answers = family()
    best = min(_seconds(answers) for _ in range(5))
    assert best < 0.0003  # about 0.03 ms on a quiet core; the limit leaves room for a busy one


def _seconds(answers, rounds=200):
    start = time.perf_counter()
    for _ in range(rounds):
        check(answers, ORDINARY)
    return (time.perf_counter() - start) / rounds
