"""Two people who answer one request at the same moment, and two who send letters: the second is told, and no number is
given twice.

Read with PostgreSQL alone (`conftest.py`): a test database of SQLite lies in memory, which threads do not share.
"""

import pytest

from renpu.tracing import cases, requests
from renpu.tracing.cases import TracingRefused
from renpu.tracing.models import Case, CaseStep, HelpRequest, Letter
from renpu.tracing.requests import Said
from tests.tracing.test_at_once import at_once
from tests.tracing.two import Two

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db):
    return Two()


def told(act):
    """The act, answering what it was told instead of raising it."""

    def tried():
        try:
            act()
        except TracingRefused as refusal:
            return str(refusal)
        return ""

    return tried


def test_one_of_many_answers_at_once_stands_and_the_others_are_told(world):
    request = world.letter().requests.get()
    who = [f"答复人{n}" for n in range(6)]
    acts = [
        told(lambda name=name: requests.answer(request, Said("no", name, "system"), by=name, at=world.now))
        for name in who
    ]
    refused = [said for said in at_once(acts) if said]
    assert len(refused) == 5
    held = HelpRequest.objects.get()
    assert held.answered_by in who
    assert held.steps.filter(did="answered").count() == 1


def test_letters_of_one_committee_sent_at_once_have_numbers_of_their_own(world):
    case = world.case()
    acts = [told(lambda n=n: world.letter(case, kind="outside", code="", name=f"居委会{n}")) for n in range(6)]
    assert at_once(acts) == [""] * 6
    numbers = sorted(Letter.objects.values_list("number", flat=True))
    assert len(set(numbers)) == 6


def test_of_two_who_close_a_case_from_the_same_page_one_is_told(world):
    case = world.case()
    seen = Case.objects.get().version

    def close(outcome):
        return told(lambda: cases.close(case, outcome, by=world.head, at=world.now, seen=seen, ground="家人电话告知"))

    refused = [said for said in at_once([close(6), close(10)]) if said]
    assert len(refused) == 1
    assert CaseStep.objects.filter(did="closed").count() == 1
