"""What always holds of the journal: never lost, never doubled, never silently overwritten, the same report for ever."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from renpu.collection import devices, measures, models, rebuild
from renpu.collection.journal import COUNTED, in_order, next_number
from renpu.collection.models import BlockDay, BlockNow, Event, Lease, MergeTask, Person, Quarantine
from renpu.listing.models import Household
from renpu.platform.vault import unseal
from tests.collection.conftest import BLOCK, T0, VISIT
from tests.people import form

pytestmark = pytest.mark.django_db


def differences():
    return [d for place in rebuild.blocks() for d in rebuild.check_block(*place)[1]]


def test_measures_and_counter_columns_are_the_same():
    assert set(measures.MEASURES) == set(COUNTED)


def test_an_event_sent_again_is_a_duplicate_and_changes_nothing(world):
    about = world.line()
    body = world.event("visit", about, VISIT)
    assert [world.receive(body)[0].result for _ in range(3)] == ["accepted", "duplicate", "duplicate"]
    assert Event.objects.filter(about=about, kind="visit").count() == 1
    assert world.household(about).visits == 1


def test_an_event_twice_in_one_batch_is_held_once(world):
    about = world.line()
    body = world.event("visit", about, VISIT)
    assert [a.result for a in world.receive(body, body)] == ["accepted", "duplicate"]
    assert world.household(about).visits == 1


def test_the_same_id_with_other_content_goes_to_quarantine(world):
    about, key = world.line(), uuid4()
    world.receive(world.event("visit", about, VISIT, key=key))
    answer = world.receive(world.event("visit", about, {**VISIT, "n_here": 9}, key=key))[0]
    assert answer.result == "quarantined"
    assert Quarantine.objects.count() == 1
    assert world.household(about).n_here == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda e: {**e, "kind": "gossip"},
        lambda e: {**e, "block": "31"},
        lambda e: {**e, "payload": {**e["payload"], "outcome": "two"}},
        lambda e: {**e, "made_at": "yesterday"},
        lambda e: {**e, "made_at": "2020-11-02T09:00:00"},
        lambda e: {k: v for k, v in e.items() if k != "about"},
    ],
)
def test_what_cannot_be_read_is_kept_with_a_ticket_and_the_rest_is_taken_in(world, spoil):
    about = world.line()
    good, bad = world.event("visit", about, VISIT), world.event("visit", about, VISIT)
    answers = world.receive(json.dumps(spoil(json.loads(bad))).encode(), good)
    assert [a.result for a in answers] == ["quarantined", "accepted"]
    assert Quarantine.objects.get().ticket == answers[0].task
    assert world.household(about).visits == 1


def test_a_block_that_is_not_the_devices_is_refused_and_not_held(world):
    about = world.line()
    answer = world.send("visit", about, VISIT, block="310199001001002")
    assert answer.result == "refused"
    assert not Event.objects.filter(pk=answer.id).exists()


def test_what_was_found_last_is_decided_by_the_clock_at_the_door_not_by_arrival(world):
    about = world.line()
    world.send("visit", about, {"mode": 1, "outcome": 9, "status_after": 6}, at=30)
    late = world.send("visit", about, VISIT, at=10)
    line = world.household(about)
    assert late.result == "history"
    assert (line.status, line.visits, line.n_here) == (6, 2, 2)


def test_a_form_stands_in_for_the_status_only_until_a_visit_has_found_one(world):
    about = world.line()
    world.send("form", about, form(household_status=1))
    assert world.household(about).status == 1
    world.send("visit", about, {"mode": 1, "outcome": 9, "status_after": 6}, at=5)
    assert world.household(about).status == 6


def test_visits_before_their_line_arrives_open_it_and_the_line_fills_it_in(world):
    about = uuid4()
    assert world.send("visit", about, VISIT, at=5).result == "accepted"
    assert world.send("line", about, {"household_no": "", "address": "2号前楼"}, at=1).result == "accepted"
    line = world.household(about)
    assert (line.household_no, line.address, line.status) == ("001", "2号前楼", 1)


def test_a_number_in_use_is_not_given_again():
    taken = {"001", "002", "999"}
    assert next_number(taken, "002") == "003"
    assert next_number(taken, "") == "004"
    assert next_number(taken, "999") == "999-2"
    assert next_number(taken, "007") == "007"


def test_a_hard_edit_keeps_a_form_from_being_accepted_until_it_is_settled(world):
    about = world.line()
    answer = world.send("form", about, form(household={"H2a": 5}))
    line = world.household(about)
    assert not line.accepted
    assert line.open_edits >= 1
    assert total("accepted") == 0
    assert total("forms") == 1
    hard = [{"rule": r, "line": n, "reason": "复核无误"} for r, n, s in json.loads(answer.edits) if s == "H"]
    world.send("settle", about, {"form_event": str(line.form_event), "edits": hard}, sender=world.desk)
    assert world.household(about).accepted
    assert total("accepted") == 1


def test_a_form_attested_by_its_source_counts_with_its_edits_open(world):
    about = world.line()
    world.receive(world.event("form", about, form(household={"H2a": 5})), attested=True)
    line = world.household(about)
    assert line.accepted
    assert line.open_edits >= 1


def test_a_confirmed_query_is_no_longer_open(world):
    about = world.line()
    payload = form(household={"H6": 4, "H7": 1})
    asked = [(r, n) for r, n, s in json.loads(world.send("form", about, payload).edits) if s == "C"]
    assert asked
    confirmed = [{"rule": r, "line": n, "reason": "属实"} for r, n in asked]
    world.send("form", about, {**payload, "confirmed": confirmed}, base=1, at=2)
    assert world.household(about).open_queries == 0


def total(measure):
    return sum(BlockNow.objects.filter(block_code=BLOCK).values_list(measure, flat=True))


def test_two_people_who_wrote_the_same_answers_get_a_merge_task_and_nothing_is_overwritten(world):
    about = world.line()
    world.send("form", about, form())
    other = world.send("form", about, form(("王芳", "陈刚")), sender=world.phones[1])
    assert other.result == "merge"
    task = MergeTask.objects.get(pk=other.task)
    assert (task.reason, task.decided_at) == ("same_section", None)
    names = {
        unseal(p.name, about.bytes + bytes((p.line,)) + b"name") for p in Person.objects.filter(household_id=about)
    }
    assert names == {"张建国", "李秀英"}
    world.send("merge", about, {"task": str(task.id), "keep": "other", "reason": "再次上门"}, sender=world.desk)
    names = {
        unseal(p.name, about.bytes + bytes((p.line,)) + b"name") for p in Person.objects.filter(household_id=about)
    }
    assert names == {"王芳", "陈刚"}
    assert (world.household(about).open_tasks, world.household(about).version) == (0, 2)
    assert differences() == []


def test_different_sections_of_a_form_are_merged(world):
    about = world.line()
    world.send("form", about, form())
    first = form(household={"H6": 75})
    second = form()
    second["answers"]["persons"][1]["D11"] = 7
    assert world.send("form", about, first, base=1, at=1).result == "accepted"
    assert world.send("form", about, second, base=1, at=2, sender=world.phones[1]).result == "accepted"
    line = world.household(about)
    held = next(iter(rebuild.journal.held_where(about=about, version=3)))
    assert (line.version, held.payload.answers.household.H6, held.payload.answers.persons[1].D11) == (3, 75, 7)
    assert Person.objects.get(household_id=about, line=2).education == 7
    assert differences() == []


def test_persons_without_a_uuid_are_told_apart_by_their_line(world):
    about = world.line()
    forms = [form() for _ in range(4)]
    for one in forms:
        for person in one["answers"]["persons"]:
            del person["uuid"]
    base, first, second, same = forms
    first["answers"]["persons"][0]["D11"] = 8
    second["answers"]["persons"][1]["D11"] = 7
    same["answers"]["persons"][0]["D11"] = 6
    world.send("form", about, base)
    assert world.send("form", about, first, base=1, at=1).result == "accepted"
    assert world.send("form", about, second, base=1, at=2, sender=world.phones[1]).result == "accepted"
    assert [p.education for p in Person.objects.filter(household_id=about).order_by("line")] == [8, 7]
    assert world.send("form", about, same, base=1, at=3, sender=world.desk).result == "merge"
    assert differences() == []


def test_an_author_may_correct_a_form_before_hearing_of_it(world):
    about = world.line()
    bodies = [world.event("form", about, form(household={"H6": 50 + n}), at=n) for n in range(3)]
    assert [a.result for a in world.receive(*bodies)] == ["accepted"] * 3
    assert world.household(about).version == 3


def test_a_batch_in_reverse_order_gives_the_same_line(world):
    about, twin = world.line(), world.line("002")
    for key, turned in ((about, False), (twin, True)):
        bodies = [world.event("visit", key, VISIT, at=1), world.event("form", key, form(), at=2)]
        bodies.append(world.event("form", key, form(household={"H6": 80}), at=3))
        world.receive(*(reversed(bodies) if turned else bodies))
    one, other = world.household(about), world.household(twin)
    for name in ("status", "version", "visits", "persons", "accepted", "n_here"):
        assert getattr(one, name) == getattr(other, name)


def test_reversed_batches_keep_what_was_made_last(world):
    about = world.line()
    bodies = [world.event("form", about, form(household={"H6": 50 + n}), at=n) for n in range(2)]
    assert world.receive(bodies[1])[0].result == "accepted"
    assert world.receive(bodies[0])[0].result == "history"
    held = next(iter(rebuild.journal.held_where(about=about, version=1)))
    assert held.payload.answers.household.H6 == 51


def test_the_later_visit_stands_between_a_household_and_its_enumerator(world):
    about = world.line()
    respondent = world.desk._replace(device_id=uuid4(), actor="respondent")
    world.send("form", about, form(method=2), sender=respondent, at=5)
    answer = world.send("form", about, form(("王芳", "陈刚")), at=50)
    assert answer.result == "merge"
    assert MergeTask.objects.get().reason == "self_and_visit"
    assert world.household(about).form_method == 1
    assert differences() == []


def test_work_under_a_lost_lease_goes_to_a_merge_task(world):
    about = world.line()
    fence = devices.lease(world.census.pk, BLOCK, models.Device.objects.get(pk=world.phones[1].device_id), at=T0)
    assert fence == 2
    late = world.send("visit", about, VISIT, fence=1)
    assert (late.result, MergeTask.objects.get().reason) == ("merge", "lease_lost")
    assert world.household(about).visits == 0
    assert world.send("visit", about, VISIT, fence=2, sender=world.phones[1]).result == "accepted"
    assert differences() == []


def test_receipt_in_a_block_never_runs_backwards(world):
    about = world.line()
    world.send("visit", about, VISIT)
    before = Event.objects.latest("seq").received_at
    world.now -= timedelta(days=3)
    world.send("visit", about, VISIT, at=9)
    assert Event.objects.latest("seq").received_at == before


def test_slips_are_counted_by_number(world):
    about, other = world.line(), world.line("002")
    vain = {"mode": 1, "outcome": 4, "status_after": 90}
    world.send("visit", about, {**vain, "slip_no": "Y1"}, at=1)
    world.send("visit", other, {**vain, "slip_no": "Y1"}, at=2)
    world.send("visit", other, {**vain, "slip_no": "Y2"}, at=3)
    assert (total("slips"), total("vain_visits")) == (2, 3)


def test_counters_are_the_sum_of_what_the_journal_says(world):
    about = world.line()
    world.send("visit", about, VISIT, at=1)
    world.now += timedelta(days=1)
    world.send("form", about, form(), at=2)
    world.send("remove", about, {"removed": True, "reason": "重复"}, sender=world.desk)
    sums: dict[str, int] = {}
    for effect in Event.objects.values_list("effect", flat=True):
        for name, n in json.loads(effect).items():
            sums[name] = sums.get(name, 0) + n
    for name in COUNTED:
        assert sum(BlockDay.objects.values_list(name, flat=True)) == sums.get(name, 0)
        assert total(name) == sums.get(name, 0)
    assert (sums.get("lines"), sums.get("entered", 0), sums["events"]) == (0, 0, 4)


@pytest.mark.parametrize(
    ("spoil", "table"),
    [
        (lambda about: Household.objects.filter(pk=about).update(status=6), "listing_household"),
        (lambda about: Person.objects.filter(household_id=about, line=1).update(sex=2), "collection_person"),
        (lambda about: Person.objects.filter(household_id=about, line=2).delete(), "collection_person"),
        (lambda about: BlockDay.objects.update(persons=99), "collection_blockday"),
        (lambda about: BlockNow.objects.update(lines=7), "collection_blocknow"),
        (lambda about: BlockDay.objects.update(head=b"x" * 32), "collection_blockday"),
        (lambda about: Event.objects.filter(kind="form").delete(), "collection_blockday"),
        (lambda about: Event.objects.filter(kind="visit").update(effect='{"events":2}'), "event"),
    ],
)
def test_a_table_that_does_not_follow_from_the_journal_is_found_and_made_again(world, spoil, table):
    about = world.line()
    world.send("visit", about, VISIT, at=1)
    world.send("form", about, form(), at=2)
    assert differences() == []
    spoil(about)
    found = differences()
    assert table in {d.table for d in found}
    assert "张" not in str(found)
    if table not in ("event",) and Event.objects.filter(kind="form").exists():
        for place in rebuild.blocks():
            rebuild.rewrite_block(*place)
        assert differences() == []


def test_a_changed_event_breaks_its_chain(world):
    about = world.line()
    world.send("visit", about, VISIT)
    row = Event.objects.get(kind="visit")
    other = Event.objects.get(kind="line")
    Event.objects.filter(pk=row.pk).update(sha=other.sha)
    assert any(d.what == "the event is not the one that was hashed" for d in differences())


def test_what_one_device_sent_at_one_moment_is_folded_by_its_own_counter(world):
    class Sent:
        def __init__(self, device, seq, at):
            self.device_id, self.device_seq, self.received_at = device, seq, at

    a, b = uuid4(), uuid4()
    sent = [Sent(a, 3, 1), Sent(b, 1, 1), Sent(a, 1, 1), Sent(a, 0, 2)]
    assert in_order(sent) == [2, 1, 0, 3]


def test_a_code_pairs_one_device_once_within_the_hour(world):
    staff = models.Staff.objects.get(number="S1")
    code = devices.new_pairing_code(staff, world.census, at=T0)
    paired = devices.pair(code, "手机", at=T0 + timedelta(minutes=59), address="127.0.0.1")
    assert paired is not None
    assert Lease.objects.get(block_code=BLOCK).device_id == paired[0].id
    assert devices.pair(code, "手机", at=T0 + timedelta(minutes=59), address="127.0.0.1") is None
    late = devices.new_pairing_code(staff, world.census, at=T0)
    assert devices.pair(late, "手机", at=T0 + timedelta(minutes=61), address="127.0.0.1") is None
    assert models.PairingTry.objects.count() == 2


def test_a_device_that_was_signed_off_is_not_known_and_holds_no_block(world):
    staff = models.Staff.objects.get(number="S1")
    code = devices.new_pairing_code(staff, world.census, at=T0)
    device, token, _ = devices.pair(code, "手机", at=T0, address="127.0.0.1")
    assert devices.by_token(devices._hash(token)).pk == device.pk
    devices.revoke(device, at=T0)
    assert devices.by_token(devices._hash(token)) is None
    lease = Lease.objects.get(block_code=BLOCK)
    assert lease.device_id is None
    assert isinstance(lease.fence, int)
    assert UUID(str(device.pk))


def test_whether_the_last_visit_left_a_word_is_known(world):
    about = world.line()
    world.receive(world.event("visit", about, VISIT | {"outcome": 9, "status_after": 6, "note": "邻居说无人居住"}))
    assert world.household(about).last_noted
    world.receive(world.event("visit", about, VISIT | {"outcome": 4, "status_after": 6, "note": "  "}))
    assert not world.household(about).last_noted
    assert differences() == []
