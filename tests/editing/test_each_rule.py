"""Each rule on somebody: a family that breaks no rule, changed so that it breaks this one."""

import pytest

from renpu.editing.answers import Answers, Context, Death, Household, Person
from renpu.editing.rules import rule_set
from renpu.editing.rules.python import checker

from .households import PARAMETERS, identity_number

RULES = rule_set(PARAMETERS)
check = checker(RULES)
ADULT = {"D4": 1, "D5": "199001", "D6": "01", "D7": 1, "D8": 1, "D9": 1, "D11": 5, "D12": 1, "D3_reason": 2}


def family():
    """Head, wife, son of 15, the head's father; all live here, their hukou too."""

    def person(**answers):
        number = identity_number(f"310199{answers['D5']}01{12 if answers['D4'] == 2 else 23}{answers['D4']}")
        return Person(**{**ADULT, "D3": number, "D3_reason": None, **answers})

    persons = [
        person(D1="张建国", D2=0, D4=1, D5="197501"),
        person(D1="李梅", D2=1, D4=2, D5="197603"),
        person(D1="张小明", D2=2, D4=1, D5="200506", D11=4),
        person(D1="张福", D2=3, D4=1, D5="195001"),
    ]
    return Answers(Household(H1=1, H2a=4, H2b=0, H3m=0, H3f=0, H4m=0, H4f=0, H5=1, H6=80, H7=3), persons)


def ordinary():
    return Context(household_status=1, household_no="001", household_type=1, county="310109", n_here=4, n_away=0)


def fired(changes):
    """Rules that fire on the changed family: "H6", "2.D4" (line, item), a column of the context, "add", "deaths"."""
    answers, context = family(), ordinary()
    for name, value in changes.items():
        line, _, item = name.partition(".")
        if name == "keep":
            answers.persons = answers.persons[:value]
        elif name == "add":
            answers.persons += [Person(**{**ADULT, "D1": f"王{place}五", **row}) for place, row in enumerate(value, 1)]
        elif name == "deaths":
            answers.deaths = [
                Death(**{"name": "张老", "sex": 1, "birth": "193001", "died": "202003", **row}) for row in value
            ]
        elif item:
            setattr(answers.persons[int(line) - 1], item, value)
        else:
            setattr(answers.household if hasattr(answers.household, name) else context, name, value)
    edits = check(answers, context)
    return {edit.rule for part in edits[:3] for edit in part}


AWAY = {"2.D8": 4, "2.D8_code": "320199"}  # the wife's hukou is in another county
BABY = {"D2": 2, "D5": "202003", "D11": None, "D12": None}
GONE = {f"{line}.{item}": value for line in (1, 2, 3, 4) for item, value in {"D7": 5, "D7_code": "320199"}.items()}
TWO = [{"D2": 9, "D1": f"王{letter}"} for letter in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未"]

EXAMPLES = [
    ("H-000", {"3.D11": None}),
    ("H-000", {"H1": None}),
    ("H-000", {"H5": None, "H6": None, "H7": None}),
    ("H-001", {"H1": 3}),
    ("H-002", {"H3m": 1000}),
    ("H-003", {"H2a": 5}),
    ("H-004", {"2.D7": 3}),
    ("H-005", {"H2a": 3, "H2b": 1, "2.D7": 3, "2.D8": 2}),
    ("H-006", {"H2a": 0, "H2b": 4}),
    ("H-007", {"household_status": 3}),
    ("H-008", {"household_status": 3, "H2a": 0, "H2b": 4, **GONE, **{f"{n}.D9": 2 for n in (1, 2, 3, 4)}}),
    ("H-008", {"household_status": 2, "H2a": 0, "H2b": 4, **GONE, "1.D9": 5}),
    ("H-009", {"household_status": 6}),
    ("H-010", {"household_status": 7, "household_no": "999"}),
    ("H-010", {"household_status": 7, "household_no": "012", "keep": 0, "H2a": 0, "H4m": 1, "deaths": [{}]}),
    ("H-011", {"household_no": "999"}),
    ("H-012", {"household_status": 8}),
    ("H-014", {"n_here": 1}),
    ("H-015", {"H2a": 16}),
    ("H-016", {"H5": 2}),
    ("H-016", {"H5": 7}),
    ("H-017", {"H6": 10000}),
    ("H-018", {"H6": 7}),
    ("H-019", {"H7": 0}),
    ("H-020", {"H7": 16}),
    ("H-021", {"H6": 14}),
    ("H-022", {"H6": 11, "H7": 1}),
    ("H-023", {"H1": 2, "keep": 2}),
    ("H-024", {"H5": 2, "H6": None, "H7": None}),
    ("H-025", {"H1": 2}),
    ("H-026", {"keep": 1, "add": TWO[:5]}),
    ("H-027", {"H1": 2, "add": TWO}),
    ("H-028", {"H1": 2, "H5": 2, "H6": None, "H7": None}),
    ("H-029", {"H3m": 3}),
    ("H-030", {"H4m": 2}),
    ("V-001", {"add": [BABY]}),
    ("V-002", {"H3m": 1}),
    ("V-003", {"H4m": 1}),
    ("V-004", {"H3m": 1, "2.D5": "196501"}),
    ("V-005", {"add": [BABY]}),
    ("V-006", {"deaths": [{"name": "张福", "birth": "195001"}]}),
    ("V-007", {"deaths": [{"died": "202011"}]}),
    ("V-008", {"deaths": [{"birth": "202005"}]}),
    ("V-009", {"deaths": [{"birth": "190501"}]}),
    ("R-001", {"1.D2": 9}),
    ("R-001", {"1.D2": 2, "2.D2": 0}),
    ("R-002", {"add": [{"D2": 1}]}),
    ("R-003", {"2.D4": 1}),
    ("R-004", {"2.D5": "200601"}),
    ("R-005", {"2.D5": "200101"}),
    ("R-006", {"2.D5": "195001"}),
    ("R-007", {"3.D5": "197501"}),
    ("R-008", {"3.D5": "198901"}),
    ("R-009", {"2.D5": "195301"}),
    ("R-010", {"add": [{"D2": 3, "D5": "195201"}]}),
    ("R-011", {"4.D5": "197601"}),
    ("R-012", {"4.D5": "196501"}),
    ("R-013", {"add": [{"D2": 4, "D5": "195201"}] * 2}),
    ("R-014", {"2.D2": 9, "add": [{"D2": 4, "D5": "195201"}]}),
    ("R-015", {"add": [{"D2": 4, "D5": "197001"}]}),
    ("R-016", {"add": [{"D2": 5, "D5": "195201"}]}),
    ("R-017", {"add": [{"D2": 5, "D5": "193001"}] * 5}),
    ("R-018", {"add": [{"D2": 6, "D5": "200106"}]}),
    ("R-019", {"add": [{"D2": 6, "D5": "200606"}]}),
    ("R-020", {"add": [{"D2": 6, "D5": "199501"}]}),
    ("R-021", {"add": [{"D2": 7, "D5": "200106"}]}),
    ("R-022", {"add": [{"D2": 7, "D5": "200606"}]}),
    ("R-023", {"3.D2": 7, "3.D5": "201501"}),
    ("R-024", {"add": [{"D2": 8, "D5": "194001"}]}),
    ("R-025", {"keep": 1, "1.D2": 9}),
    ("R-026", {"1.D5": "200601"}),
    ("R-027", {"1.D5": "201201"}),
    ("R-028", {"keep": 1, "1.D5": "200601"}),
    ("R-029", {"add": [{"D2": 2, "D5": "200512"}]}),
    ("R-030", {"add": [{"D2": 2, "D5": f"20{year:02}01"} for year in range(6)]}),
    ("R-031", {"3.D6": "02"}),
    ("R-032", {"3.D1": "王小明"}),
    ("R-033", {"add": [{"D2": 2, "D5": "200201"}]}),
    ("P-001", {"1.D1": "张"}),
    ("P-001", {"1.D1": "张3"}),
    ("P-001", {"1.D1": "<b>张</b>"}),
    ("P-001", {"1.D1": "=1+1"}),
    ("P-001", {"1.D1": "未取名"}),
    ("P-002", {"1.D1": "张先生"}),
    ("P-003", {"1.D3": "310199197501012312"}),
    ("P-003", {"1.D3": "310199750101231"}),
    ("P-003", {"1.D3": None}),
    ("P-004", {"1.D3": identity_number("31019919750230231")}),
    ("P-004", {"1.D3": identity_number("31019920201101231")}),
    ("P-005", {"1.D5": "197502"}),
    ("P-006", {"1.D3": identity_number("31019919750101222")}),
    ("P-007", {"1.D3": identity_number("99019919750101231")}),
    ("P-008", {"1.D3": None, "1.D3_reason": 1}),
    ("P-009", {"1.D3": identity_number("81000019750101231")}),
    ("P-010", {"2.D3": identity_number("31019919750101231")}),
    ("P-012", {"1.D5": "202011"}),
    ("P-012", {"1.D5": "197513"}),
    ("P-013", {"4.D5": "191401"}),
    ("P-014", {"1.D4": 3}),
    ("P-014", {"1.D6": "57"}),
    ("P-015", {"1.D6": "97"}),
    ("P-016", {"4.D1": "张建国", "4.D5": "197501"}),
    ("E-001", {"3.D5": "201806", "3.D12": None}),
    ("E-001", {"3.D11": 10}),
    ("E-002", {"3.D5": "200601"}),
    ("E-003", {"3.D11": 9}),
    ("E-004", {"3.D11": 7}),
    ("E-005", {"3.D11": 2}),
    ("E-006", {"3.D11": 1}),
    ("E-007", {"1.D11": 3, "1.D12": 2}),
    ("E-008", {"1.D12": 2}),
    ("E-009", {"1.D11": 1}),
    ("M-001", {"1.D7": 3, "1.D8": 2}),
    ("M-002", {"1.D7": 5, "1.D7_code": "310109", "1.D9": 4, "1.D10": 0}),
    ("M-002", {"1.D7_code": "320199"}),
    ("M-003", {**AWAY, "2.D8_code": "310109"}),
    ("M-004", {"1.D8": 5}),
    ("M-005", {"1.D10": 0}),
    ("M-005", {"1.D9": 0}),
    ("M-006", {"1.D9": 4, "1.D10": 3}),
    ("M-007", {**AWAY, "2.D9": 1}),
    ("M-008", {"1.D7": 7}),
    ("M-009", {"3.D8": 3, "3.D9": 9, "3.D10": 1, "3.D5": "201101", "3.D12": None}),
    ("M-009", {"3.D8": 3, "3.D9": 3, "3.D10": 1, "3.D5": "202005", "3.D11": None, "3.D12": None}),
    ("M-010", {"3.D8": 3, "3.D9": 3, "3.D10": 0, "3.D5": "200601", "3.D12": None}),
    ("M-010C", {"3.D8": 3, "3.D9": 3, "3.D10": 0}),
    ("M-011", {**AWAY, "2.D9": 3, "2.D10": 1, "2.D5": "195001"}),
    ("M-012", {"3.D8": 3, "3.D9": 3, "3.D10": 5, "3.D5": "200601", "3.D12": None}),
    ("M-012C", {"3.D8": 3, "3.D9": 3, "3.D10": 5}),
    ("M-013", {**AWAY, "2.D9": 3, "2.D10": 6, "2.D5": "198501"}),
    ("M-014", {**AWAY, "2.D9": 3, "2.D10": 7, "2.D5": "195001"}),
    ("M-015", {**AWAY, "2.D9": 3, "2.D10": 8}),
    ("M-016", {"keep": 1, "1.D8": 3, "1.D9": 4, "1.D10": 2}),
    ("M-017", {**AWAY, "2.D9": 3, "2.D10": 4}),
    ("M-018", {"household_status": 4, **GONE, "1.D9": 5, "1.D10": 0}),
    ("M-019", {"1.D8": 5, "1.D9": None}),
    ("M-020", {"1.D8": 5, "1.D9": None, "county": "310199"}),
    ("M-021", {"4.D7": 7, "4.D9": 3, "4.D10": 9, "4.D5": "193001"}),
    ("M-022", {"3.D7": 3, "3.D5": "201601"}),
    ("M-023", {"3.D8": 5, "3.D5": "202001", "3.D9": None}),
    ("M-024", {f"{n}.{item}": value for n in (1, 2, 3, 4) for item, value in {"D8": 3, "D9": 2, "D10": 0}.items()}),
    ("M-028", {**AWAY, "2.D9": 9, "2.D10": 0, "county": "310199"}),
]  # fmt: skip


def test_the_family_itself_breaks_none():
    assert fired({}) == set()


@pytest.mark.parametrize(("rule", "changes"), EXAMPLES)
def test_it_fires(rule, changes):
    assert rule in fired(changes)


def test_every_rule_in_force_has_its_example():
    assert {check.rule for check in RULES.checks} == {rule for rule, _ in EXAMPLES}


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("H-008", {"household_status": 3, "H2a": 0, "H2b": 4, **{f"{n}.D7": 3 for n in (1, 2, 3, 4)}}),
        ("M-018", {"household_status": 4, **{f"{n}.D7": 3 for n in (1, 2, 3, 4)}}),
        ("M-009", {"3.D8": 3, "3.D9": 9, "3.D10": 1, "3.D5": "201010", "3.D12": None}),
        ("M-009", {"3.D8": 3, "3.D9": 3, "3.D10": 1, "3.D5": "202004", "3.D11": None, "3.D12": None}),
        ("P-001", {"1.D1": "买买提·吐尔逊"}),
        ("P-001", {"1.D1": "𠮷田"}),
        ("P-001", {"add": [{**BABY, "D1": "未取名"}]}),
        ("V-002", {"H3m": 1, "H4m": 1, "deaths": [{"birth": "202001"}]}),
        ("R-022", {"add": [{"D2": 7, "D5": "201006"}]}),
    ],
)
def test_it_does_not_fire_on_its_near_neighbour(rule, changes):
    assert rule not in fired(changes)
