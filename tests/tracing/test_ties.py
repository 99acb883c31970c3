"""Both records of a person tied, compared in D7, D8 and D9, and settled with a reason."""

import pytest

from renpu.collection.models import Person
from renpu.editing import desk
from renpu.linkage.models import Link, LinkDecision
from renpu.tracing import cases, ties
from renpu.tracing.cases import TracingRefused
from renpu.tracing.models import Case
from tests.site.street import HERE, NEXT, THERE


def tied(two, **items):
    there = two.enumerated_there(**items)
    case = two.case()
    cases.name_there(case, two.household(there), 1, by=two.head, at=two.now)
    ties.tie(Case.objects.get(), by=two.head, at=two.now, seen=None, note="电话核对")
    return Case.objects.get(), there


def settle(two, name, stands, reason="本人电话确认"):
    case = Case.objects.get()
    both = ties.sides(case)
    versions = {both.here.id: both.here.version, both.there.id: both.there.version}
    ties.settle(case, name, stands, reason, versions, by=two.users["street_office"], at=two.now, seen=None)


def differ(two):
    return [item.name for item in ties.sides(Case.objects.get()).items if not item.agrees]


def test_two_records_are_tied_by_a_person_and_the_tie_is_taken_back(two):
    case, _there = tied(two)
    link = Link.objects.get()
    assert (link.status, link.decided_by) == ("linked", "here")
    assert ties.tied(case) == link
    assert (case.to_code, case.to_place) == (THERE, 3)
    ties.tie(case, by=two.head, at=two.now, seen=None, status="apart", note="不是同一人")
    assert Link.objects.get().status == "apart", "the clerk's last word counts"
    assert list(LinkDecision.objects.order_by("id").values_list("status", flat=True)) == ["linked", "apart"]
    assert Case.objects.get().there_household_id is None


def test_nothing_is_tied_while_one_side_is_missing(two):
    with pytest.raises(TracingRefused):
        ties.tie(two.case(), by=two.head, at=two.now, seen=None)
    assert ties.sides(two.case()) is None


def test_records_that_fit_each_other_differ_in_nothing(two):
    tied(two)
    assert differ(two) == []


def test_the_place_of_residence_decides_d7_the_hukou_side_d8(two):
    tied(two, D8=3, D9=6)
    assert differ(two) == ["D8", "D9"]
    with pytest.raises(TracingRefused):
        settle(two, "D8", "there")
    with pytest.raises(TracingRefused):
        settle(two, "D8", "here", reason=" ")
    settle(two, "D8", "here")
    assert differ(two) == ["D9"]
    settle(two, "D9", "here")
    assert differ(two) == []
    there = Person.objects.get(household_id=Case.objects.get().there_household_id)
    assert (there.away_duration, there.away_reason, there.hukou_place) == (1, None, 2)


def test_within_one_street_nobody_has_left_however_long(two):
    tied(two, D9=1)
    case = Case.objects.get()
    me = Person.objects.get(household_id=two.home, line=2)
    other = Person.objects.get(household_id=case.there_household_id)
    here = two.household(two.home).block_code
    far = "310199002001001"
    for there, d9, fits in ((NEXT, 1, True), (NEXT, 6, False), (far, 6, True), (far, 1, False)):
        me.away_duration = other.away_duration = d9
        assert ties.compared(me, other, here, there)[2].fits is fits
    other.away_duration = 5
    assert not ties.compared(me, other, here, far)[2].fits


def test_how_long_is_taken_over_with_its_reason(two):
    case, there = tied(two, D9=6, D10=3)
    settle(two, "D9", "there")
    here = Person.objects.get(household_id=two.home, line=2)
    assert (here.away_duration, here.away_reason) == (6, 3)
    assert case.there_household_id == there


def test_a_difference_left_with_a_reason_is_settled_until_an_answer_changes(two):
    _case, there = tied(two, D9=7)
    settle(two, "D9", "both", "两头说法不一，以各自为准")
    assert differ(two) == []
    changed = two.household(there)
    desk.change_persons(changed, changed.version, {1: {"D9": 8}}, 3, by=two.users["street_office"], at=two.now)
    assert differ(two) == ["D9"]


def test_an_outcome_of_both_ends_needs_the_household_there(two):
    case = two.case()
    cases.call(case, 1, {"D7": 3, "D7_code": None, "D9": 1, "D10": None}, by=two.head, at=two.now, seen=None)
    Case.objects.update(to_code=THERE)
    with pytest.raises(TracingRefused):
        cases.close(Case.objects.get(), 1, by=two.head, at=two.now, seen=None)
    there = two.enumerated_there()
    cases.name_there(Case.objects.get(), two.household(there), 1, by=two.head, at=two.now)
    cases.close(Case.objects.get(), 1, by=two.head, at=two.now, seen=None)
    assert Case.objects.get().area_code.startswith(HERE)
