"""The sample street from its registers and forms to the last closed item, against a truth that the software never
sees."""

import pytest

from bench.reconcile import PACKAGED, prove
from bench.truth import Truth
from renpu.coverage import counters
from renpu.coverage.models import WorkItem
from renpu.synthetic.frame import StreetFolder, packaged_street

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def proof(street, django_db_blocker):
    """Everything that is measured of the street; its items are closed afterwards."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        told = prove(street, Truth(StreetFolder(packaged_street()), PACKAGED))
        told["open"] = WorkItem.objects.open().count()
        told["without_reason"] = WorkItem.objects.filter(state="closed", reason="").count()
        told["counters"] = list(counters.check())
        yield told
        transaction.set_rollback(True)


def test_police_rows_are_linked_to_the_lines_of_the_same_person(proof):
    assert proof["links"]["precision"] >= 0.9995
    assert proof["links"]["recall"] >= 0.998


def test_everybody_counted_twice_is_found_and_nobody_else(proof):
    assert proof["duplicates"]["recall"] == 1
    assert proof["duplicates"]["precision"] == 1


def test_the_dead_and_rows_of_nobody_are_told_apart_from_the_missed(proof):
    told = proof["told_apart"]
    assert told["of_them_told"] / told["dead_or_nobody"] >= 0.95
    assert told["right"] >= 0.95


def test_whoever_was_missed_and_is_in_a_register_is_led_to_by_an_item(proof):
    assert proof["missed"]["in_a_register"] > 40
    assert proof["missed"]["share"] >= 0.99


def test_when_every_item_is_worked_the_residents_are_the_true_ones(proof):
    residents = proof["residents"]
    assert abs(residents["before"] - residents["true"]) / residents["true"] > 0.02
    assert abs(residents["after"] - residents["true"]) / residents["true"] <= 0.0005
    assert (proof["left_over"], proof["refused"]) == ([], [])


def test_every_item_ended_with_a_reason_and_the_counters_say_so(proof):
    assert (proof["without_reason"], proof["counters"]) == (0, [])
    assert proof["open"] == proof["items_of_the_second_round"]


def test_a_second_comparison_asks_nothing_again_and_little_anew(proof):
    assert proof["closed_items_seen_again"] == 0
    new, unconfirmed = proof["items_of_the_second_round"], proof["of_them_unconfirmed"]
    assert new - unconfirmed <= 3, "differences that the corrected forms themselves made"
    assert unconfirmed == proof["of_these_found_by_visits"], "only of households that have not been asked yet"


def test_most_prompts_are_worth_the_visit(proof):
    kinds = proof["kinds"]
    assert kinds["duplicate"]["something_wrong"] == kinds["duplicate"]["items"]
    for kind in ("headcount", "unlisted_dwelling", "register_missing"):
        assert kinds[kind]["something_wrong"] * 2 >= kinds[kind]["items"]
    assert kinds["headcount, alone"]["something_wrong"] * 20 >= kinds["headcount, alone"]["items"]
    assert (
        sum(kind["something_wrong"] for kind in kinds.values()) * 5 >= sum(kind["items"] for kind in kinds.values()) * 2
    )
