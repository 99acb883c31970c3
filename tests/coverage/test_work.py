"""What may be done with a work item, each refusal beside its success."""

import random
from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from renpu.coverage import bulk, counters, items, work
from renpu.coverage.closing import rules
from renpu.coverage.kinds import kinds
from renpu.coverage.models import WorkItem, WorkNow, WorkStep
from renpu.coverage.work import WorkRefused
from renpu.geography.places import Place
from tests.site.street import BLOCK, HERE, NEXT, STREET

ADDED, NOT_SAME, ABROAD, UNKNOWN = (
    ("work_reason", "added"),
    ("work_reason", "not_same"),
    ("tracing_outcome", "6"),
    ("tracing_outcome", "10"),
)


def test_every_reason_of_every_kind_says_what_it_rests_on():
    assert {reason for kind in kinds().values() for reason in kind.reasons} == rules().keys()


def test_an_item_opened_again_is_the_same_item(ledger):
    (item,) = ledger.open()
    assert (item.owner, item.due_on, item.version) == (None, date(2020, 11, 15), 0)
    again = work.Opening(item.kind, BLOCK, item.subject, evidence={"weight": 3})
    opened = work.open_items(ledger.census, [again], by="comparison", at=ledger.later())
    assert opened == ([], [item.pk], [])
    assert ledger.fresh(item).evidence == {"weight": 3}
    assert ledger.counts() == (1, 0, 0)
    with pytest.raises(KeyError):
        ledger.open("no_such_kind")


def test_an_item_goes_to_who_is_on_duty_in_its_block(ledger):
    assert ledger.one("headcount").owner == ledger.staff[0], "the enumerator of the block"
    assert ledger.one("duplicate").owner is None, "nobody supervises the block"
    assert ledger.one("headcount", area=HERE).owner is None, "no block is known"
    assert ledger.one("headcount", owner_id=ledger.staff[1].pk, due_on=date(2020, 12, 1)).due_on == date(2020, 12, 1)


def test_a_closed_item_is_not_opened_by_the_machine(ledger):
    item = ledger.one("duplicate")
    work.close(item, NOT_SAME, **ledger.how(item))
    again = work.Opening(item.kind, BLOCK, item.subject)
    assert work.open_items(ledger.census, [again], by="comparison", at=ledger.later()).closed == [item.pk]
    assert ledger.fresh(item).state == "closed"
    assert ledger.counts("duplicate") == (0, 0, 1)


def test_what_the_comparison_no_longer_sees_stays_open_until_somebody_says_why(ledger):
    item, other = ledger.open(n=2)
    with pytest.raises(WorkRefused, match="仍然"):
        work.confirm_gone(item, ADDED, **ledger.how(item))
    assert work.lose(ledger.census, [item.pk, uuid4()], by="comparison", at=ledger.later()) == 1
    assert ledger.counts() == (2, 1, 0)
    assert work.lose(ledger.census, [item.pk], by="comparison", at=ledger.later()) == 0, "it was lost already"
    opening = work.Opening(item.kind, BLOCK, item.subject)
    work.open_items(ledger.census, [opening], by="comparison", at=ledger.later())
    assert (ledger.fresh(item).found, ledger.counts()) == (True, (2, 0, 0))
    work.lose(ledger.census, [item.pk], by="comparison", at=ledger.later())
    work.confirm_gone(item, ADDED, **ledger.how(item))
    assert ledger.counts() == (1, 0, 1)
    assert [s.did for s in item.steps.order_by("id")] == ["opened", "gone", "found", "gone", "closed"]
    assert ledger.fresh(other).state == "open"


def test_who_comes_second_is_told_who_was_there(ledger):
    item = ledger.one("duplicate")
    seen = item.version
    work.add_note(item, "电话占线", by="何敏", at=ledger.later(), seen=seen)
    with pytest.raises(WorkRefused, match="何敏"):
        work.close(item, NOT_SAME, by="supervisor", at=ledger.later(), seen=seen)
    assert ledger.fresh(item).state == "open"
    work.close(item, NOT_SAME, by="supervisor", at=ledger.later(), seen=seen + 1)
    assert ledger.fresh(item).closed_by == "supervisor"


def test_what_a_register_says_is_no_answer_without_a_contact(ledger):
    item = ledger.one()
    with pytest.raises(WorkRefused, match="名单"):
        work.close(item, ABROAD, **ledger.how(item))
    ledger.answered(item, outcome=4)
    with pytest.raises(WorkRefused, match="名单"):
        work.close(item, ABROAD, **ledger.how(item), ground="no")
    ledger.answered(item, outcome=1)
    work.close(item, ABROAD, **ledger.how(item), note="女儿接听")
    closed = ledger.fresh(item)
    assert (closed.reason_list, closed.reason, closed.note, closed.tries) == ("tracing_outcome", "6", "女儿接听", 2)
    other = ledger.one()
    work.close(other, ABROAD, **ledger.how(other), ground="派出所出境记录并经居委会核实")
    assert ledger.fresh(other).note == "派出所出境记录并经居委会核实"
    assert ledger.counts() == (0, 0, 2)


def test_whereabouts_are_unknown_after_as_many_tries_as_a_household_is_visited(ledger):
    item = ledger.one()
    for n in range(4):
        with pytest.raises(WorkRefused, match=f"{n}"):
            work.close(item, UNKNOWN, **ledger.how(item))
        ledger.answered(item, outcome=4)
    work.close(item, UNKNOWN, **ledger.how(item))
    assert ledger.fresh(item).reason == "10"


def test_only_a_reason_of_its_kind_closes_an_item(ledger):
    item = ledger.one("duplicate")
    for reason in (ABROAD, ("work_reason", "nonsense"), ("no_list", "1")):
        with pytest.raises(WorkRefused, match="办结"):
            work.close(item, reason, **ledger.how(item))
        with pytest.raises(WorkRefused, match="办结"):
            work.propose(item, reason, **ledger.how(item))
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkItem.objects.filter(pk=item.pk).update(state="closed")
    work.propose(item, NOT_SAME, **ledger.how(item, by="何敏"), note="两人年龄不同")
    proposed = ledger.fresh(item)
    assert (proposed.state, proposed.reason) == ("open", "not_same")
    work.close(item, NOT_SAME, **ledger.how(item))
    assert ledger.fresh(item).state == "closed"


def test_a_closed_item_is_reopened_with_a_reason_and_then_worked(ledger):
    item = ledger.one("duplicate")
    with pytest.raises(WorkRefused, match="尚未办结"):
        work.reopen(item, "误办", **ledger.how(item))
    work.close(item, NOT_SAME, **ledger.how(item))
    for act in (
        lambda how: work.attempt(item, work.Try("door", 4), **how),
        lambda how: work.assign(item, ledger.staff[0], **how),
        lambda how: work.set_due(item, date(2020, 11, 20), **how),
        lambda how: work.propose(item, NOT_SAME, **how),
        lambda how: work.close(item, NOT_SAME, **how),
    ):
        with pytest.raises(WorkRefused, match="已办结"):
            act(ledger.how(item))
    work.add_note(item, "住户来电", **ledger.how(item))
    with pytest.raises(WorkRefused, match="原因"):
        work.reopen(item, " ", **ledger.how(item))
    work.reopen(item, "住户来电更正", **ledger.how(item))
    assert (ledger.fresh(item).state, ledger.fresh(item).reason) == ("open", "")
    work.set_due(item, date(2020, 11, 20), **ledger.how(item))
    assert ledger.fresh(item).due_on == date(2020, 11, 20)
    assert ledger.counts("duplicate") == (1, 0, 0)


def test_an_item_is_given_to_somebody_of_its_area(ledger):
    item = ledger.one()
    with pytest.raises(WorkRefused, match="方远"):
        work.assign(item, ledger.staff[2], **ledger.how(item))
    work.assign(item, ledger.staff[1], **ledger.how(item), note="代班")
    assert ledger.fresh(item).owner == ledger.staff[1]
    work.assign(item, None, **ledger.how(item))
    assert ledger.fresh(item).owner is None


def test_a_try_says_how_what_came_of_it_and_when_next(ledger):
    item = ledger.one()
    for wrong in (("pigeon", 1), ("door", 99)):
        with pytest.raises(WorkRefused, match="结果"):
            work.attempt(item, work.Try(*wrong), **ledger.how(item))
    soon, ago = ledger.now + timedelta(days=1), ledger.now - timedelta(days=1)
    with pytest.raises(WorkRefused, match="预约"):
        work.attempt(item, work.Try("phone", 6, next_at=ago), **ledger.how(item))
    with pytest.raises(WorkRefused, match="还没有到"):
        work.attempt(item, work.Try("phone", 6, made_at=soon), **ledger.how(item))
    work.attempt(item, work.Try("phone", 6, next_at=soon, note="傍晚再打"), **ledger.how(item))
    work.attempt(item, work.Try("door", 4, made_at=ago), **ledger.how(item))
    tried = ledger.fresh(item)
    assert (tried.tries, tried.last_outcome, tried.next_at) == (2, 6, None), "the newest by when it was made"
    with pytest.raises(WorkRefused, match="备注"):
        work.add_note(item, "  ", **ledger.how(item))


def test_a_bulk_action_tells_what_it_could_not_do(ledger):
    items = ledger.open("headcount", 3)
    work.close(items[0], ("work_reason", "register_wrong"), **ledger.how(items[0]), ground="物业登记过期")
    ledger.answered(items[1])
    chosen = WorkItem.objects.filter(kind="headcount")
    done = bulk.change(
        chosen, bulk.Close(("work_reason", "as_registered")), by="supervisor", at=ledger.later(), expected=3
    )
    assert (done.changed, sorted(done.refused.values())) == (1, [1, 1])
    assert ledger.counts("headcount") == (1, 0, 2)
    for wrong, match in (
        ({"items": chosen, "expected": 2}, "2"),
        ({"items": chosen.none(), "expected": None}, "至少"),
    ):
        with pytest.raises(WorkRefused, match=match):
            bulk.change(wanted=bulk.Due(date(2020, 11, 30)), by="supervisor", at=ledger.later(), **wrong)
    given = bulk.change(chosen, bulk.Assign(ledger.staff[2]), by="supervisor", at=ledger.later())
    assert given.changed == 0
    assert sum(given.refused.values()) == 3
    assert bulk.change(chosen, bulk.Close(ADDED, "现场核实过了的"), by="x", at=ledger.later()).changed == 1


def test_too_many_at_once_are_refused(ledger, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    ledger.open(n=3)
    with pytest.raises(WorkRefused, match="3"):
        bulk.change(WorkItem.objects.all(), bulk.Due(date(2020, 11, 30)), by="x", at=ledger.later())
    assert not WorkStep.objects.filter(did="due").exists()


def test_a_batch_is_taken_back_of_what_nobody_touched_since(ledger):
    items = ledger.open("duplicate", 4)
    chosen = WorkItem.objects.filter(kind="duplicate")
    given = bulk.change(chosen, bulk.Assign(ledger.staff[0]), by="supervisor", at=ledger.later())
    assert set(chosen.values_list("owner", flat=True)) == {ledger.staff[0].pk}
    ledger.answered(items[2], outcome=4)
    undone = bulk.undo(given.batch, by="supervisor", at=ledger.later())
    assert (undone.back, undone.touched) == (3, [items[2].pk])
    assert [bool(ledger.fresh(i).owner) for i in items] == [False, False, True, False]
    for batch in (given.batch, uuid4()):
        with pytest.raises(WorkRefused, match="撤回"):
            bulk.undo(batch, by="supervisor", at=ledger.later())


def test_a_batch_of_closings_and_days_is_taken_back_with_its_counters(ledger):
    items = ledger.open("duplicate", 3)
    chosen = WorkItem.objects.filter(kind="duplicate")
    before = list(chosen.order_by("pk").values_list("state", "reason", "closed_at", "due_on", "note"))
    closed = bulk.change(chosen, bulk.Close(NOT_SAME), by="supervisor", at=ledger.later())
    assert ledger.counts("duplicate") == (0, 0, 3)
    assert bulk.undo(closed.batch, by="supervisor", at=ledger.later()).back == 3
    moved = bulk.change(chosen, bulk.Due(date(2020, 12, 1)), by="supervisor", at=ledger.later())
    assert bulk.undo(moved.batch, by="supervisor", at=ledger.later()).back == 3
    assert list(chosen.order_by("pk").values_list("state", "reason", "closed_at", "due_on", "note")) == before
    assert ledger.counts("duplicate") == (3, 0, 0)
    steps = list(items[0].steps.order_by("id").values_list("did", flat=True))
    assert steps == ["opened", "closed", "undone", "due", "undone"]


def overdue_by_kind(ledger, area: str, today: date) -> dict[str, int]:
    told = items.overview(get_user_model().objects.get(username="root"), ledger.census, Place(area, ""), today)
    assert sum(row.overdue for row in told.parts) in (told.total.overdue, 0), "a block has no parts"
    return {row.code: row.overdue for row in told.kinds if row.overdue}


def test_what_is_overdue_follows_every_change_at_every_level(ledger):
    get_user_model().objects.create_superuser("root")
    rnd, days = random.Random(7), [date(2020, 11, n) for n in range(13, 21)]
    ledger.open("duplicate", 12), ledger.open("headcount", 6, HERE), ledger.open("headcount", 6, NEXT)
    ledger.open("register_missing", 4, STREET)
    batches = []
    for _ in range(60):
        some = WorkItem.objects.filter(pk__in=rnd.sample(sorted(WorkItem.objects.values_list("pk", flat=True)), 3))
        wanted = rnd.choice([bulk.Due(rnd.choice(days)), bulk.Assign(ledger.staff[0]), bulk.Close(NOT_SAME, "twins")])
        item = some[0]
        match rnd.randrange(6):
            case 0:
                batches.append(bulk.change(some, wanted, by="x", at=ledger.later()).batch)
            case 1 if batches:
                with suppress(WorkRefused):
                    bulk.undo(batches.pop(), by="x", at=ledger.later())
            case 2:
                work.lose(ledger.census, [one.pk for one in some], by="comparison", at=ledger.later())
            case 3:
                again = [work.Opening(one.kind, one.area_code, one.subject, due_on=days[-1]) for one in some]
                work.open_items(ledger.census, again, by="comparison", at=ledger.later())
            case 4 if item.state == "closed":
                work.reopen(item, "seen again", **ledger.how(item))
            case 5 if item.state == "open":
                work.set_due(item, rnd.choice(days), **ledger.how(item))
        assert list(counters.check()) == []
    seen = set()
    for area in ("310199", STREET, HERE, BLOCK, NEXT):
        for today in days:
            late = items.overdue(WorkItem.objects.in_area(area), today)
            true = Counter(late.values_list("kind", flat=True))
            assert overdue_by_kind(ledger, area, today) == true
            seen.add(true.total())
    assert len(seen) > 10


def test_the_counters_are_proven_and_put_right(ledger, capsys):
    ledger.open(n=2)
    ledger.open("duplicate", area=NEXT)
    call_command("ledger", check=True)
    assert "3 items compared: 0 differences" in capsys.readouterr().out
    WorkNow.objects.filter(kind="duplicate").update(open=7, gone=1)
    WorkItem.objects.filter(kind="register_missing").first().delete()
    with pytest.raises(CommandError, match="3 counters"):
        call_command("ledger", check=True)
    assert "counted (2,), items (1,) (due on 2020-11-15)" in capsys.readouterr().err
    with pytest.raises(CommandError, match="1 counters"):
        call_command("ledger", check=True, area=NEXT)
    call_command("ledger")
    call_command("ledger", check=True)
    assert ledger.counts() == (1, 0, 0)
    assert ledger.counts("duplicate", NEXT) == (1, 0, 0)
