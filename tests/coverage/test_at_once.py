"""What several people do at once: nobody's work is lost, nobody decides on what he did not see, the counters stay true.

Read with PostgreSQL alone (`conftest.py`): a test database of SQLite lies in memory, which threads do not share.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial

import pytest
from django.db import connections

from renpu.coverage import bulk, counters, work
from renpu.coverage.models import WorkItem, WorkStep
from tests.coverage.ledger import Ledger
from tests.site.street import BLOCK

pytestmark = pytest.mark.django_db(transaction=True)
NOT_SAME = ("work_reason", "not_same")


@pytest.fixture
def ledger(transactional_db):
    return Ledger()


def at_once(*acts):
    """Each act in a thread of its own; what each returned, or the refusal it raised."""

    def run(act):
        try:
            return act()
        except work.WorkRefused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_who_close_the_same_item_one_is_told(ledger):
    for item in ledger.open("duplicate", 8):
        close = partial(work.close, item, NOT_SAME, at=ledger.later(), seen=item.version)
        first, second = at_once(partial(close, by="a"), partial(close, by="b"))
        assert sorted((first is None, second is None)) == [False, True]
        assert WorkStep.objects.filter(item=item, did="closed").count() == 1
    assert ledger.counts("duplicate") == (0, 0, 8)


def test_counters_stay_true_under_closings_bulk_actions_openings_and_losses(ledger):
    items = ledger.open("duplicate", 40)
    ids = [i.pk for i in items]
    at = ledger.later()

    def close(some, by):
        done = 0
        for item in some:
            try:
                work.close(item, NOT_SAME, by=by, at=at, seen=None)
                done += 1
            except work.WorkRefused:
                pass
        return done

    closed_a, closed_b, many, _lost, opened = at_once(
        lambda: close(items[:20], "a"),
        lambda: close(list(reversed(items[10:30])), "b"),
        lambda: bulk.change(WorkItem.objects.filter(pk__in=ids[15:]), bulk.Close(NOT_SAME), by="c", at=at),
        lambda: work.lose(ledger.census, ids, by="comparison", at=at),
        lambda: work.open_items(
            ledger.census,
            [work.Opening("duplicate", BLOCK, f"row:{n}") for n in range(60)],
            by="comparison",
            at=at,
        ),
    )
    assert list(counters.check()) == []
    assert closed_a + closed_b + many.changed == 40
    assert len(opened.new) == 20
    assert ledger.counts("duplicate")[2] == 40


def test_the_same_items_opened_by_two_are_opened_once(ledger):
    wanted = [work.Opening("duplicate", BLOCK, f"pair:{n}") for n in range(30)]
    at = ledger.later()
    both = at_once(*[lambda: work.open_items(ledger.census, wanted, by="comparison", at=at) for _ in range(3)])
    assert sorted(len(opened.new) for opened in both) == [0, 0, 30]
    assert WorkStep.objects.filter(did="opened").count() == 30
    assert ledger.counts("duplicate") == (30, 0, 0)


def test_what_somebody_touches_while_a_batch_is_taken_back_is_never_lost(ledger):
    for _ in range(5):
        items = ledger.open("duplicate", 6)
        chosen = WorkItem.objects.filter(pk__in=[i.pk for i in items])
        given = bulk.change(chosen, bulk.Due(date(2020, 12, 1)), by="supervisor", at=ledger.later())
        at = ledger.later()
        at_once(partial(bulk.undo, given.batch, by="supervisor", at=at), partial(visit_all, items, at))
        for item in chosen.all():
            steps = list(item.steps.order_by("id").values_list("did", flat=True))
            assert item.tries == 1
            back = steps == ["opened", "due", "undone", "try"]
            assert back or steps == ["opened", "due", "try"], steps
            assert (item.due_on == date(2020, 12, 1)) != back


def visit_all(items, at):
    for item in items:
        work.attempt(item, work.Try("door", 4), by="field", at=at, seen=None)
