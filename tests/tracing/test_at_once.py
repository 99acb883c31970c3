"""Two people of a unit who answer at the same moment lose nothing of each other's.

Read with PostgreSQL alone (`conftest.py`): a test database of SQLite lies in memory, which threads do not share.
"""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from renpu.collection.answers import Person
from renpu.collection.models import MergeTask
from renpu.listing.models import Household
from renpu.tracing import answering, calls, members
from renpu.tracing.reach import form_of
from tests.journeys.phone import identity_number
from tests.site.street import HERE
from tests.tracing.away import Away

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 12


@pytest.fixture
def away(transactional_db, tmp_path):
    world = Away()
    world.folder = tmp_path
    return world


def at_once(acts):
    def run(act):
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(run, acts))


def test_all_who_answer_at_once_stand_on_the_form_and_nothing_is_left_to_merge(away):
    unit = away.unit()
    numbers = [identity_number(f"19900{n % 9 + 1}07", 100 + 2 * n) for n in range(MANY)]
    names = [f"韦{'甲乙丙丁戊己庚辛壬癸子丑'[n]}" for n in range(MANY)]
    rows = [(f"HD{n}", names[n], "女", numbers[n], "", "是", "否", "", "", "") for n in range(MANY)]
    people = away.members(unit, rows)

    def answer(n):
        def act():
            said = {"D1": names[n], "D3": numbers[n], "D4": 2, "D5": numbers[n][6:12], "D6": "01", "D8": 1}
            said |= {"D7": 5, "D7_code": "310115", "D9": 5, "D10": 0, "D11": 7, "D12": 1}
            sender = answering.respondent(people[n].id, away.census.pk)
            how = {"method": answering.SELF, "sender": sender, "at": timezone.now(), "key": uuid4()}
            return members.answer(people[n], Person(uuid=people[n].person, **said), census=away.census, **how)

        return act

    got = at_once([answer(n) for n in range(MANY)])
    assert {g.result for g in got} == {"accepted"}
    line = Household.objects.get(pk=unit.household_id)
    assert sorted(p.D1 for p in form_of(line).answers.persons) == sorted(names)
    assert (line.persons, line.version) == (MANY, MANY)
    assert not MergeTask.objects.exists()


def test_each_of_several_callers_gets_another_household(away):
    for n in range(8):
        away.empty(f"03{n}", phone=f"1251234200{n}")
    away.make_list()
    users = [u for role, u in away.users.items() if role in ("street_office", "supervisor", "enumerator")]
    wish = calls.Wish(HERE)
    taken = at_once([lambda u=u: calls.take_next(u, away.census, wish, at=timezone.now()).pk for u in users])
    assert len(set(taken)) == len(users)
