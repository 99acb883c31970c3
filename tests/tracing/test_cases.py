"""A case from its opening to its outcome: events, the work item, the telephone call, what is known elsewhere."""

import pytest

from renpu.collection.models import Event, MergeTask, Person, Tracing
from renpu.coverage import work
from renpu.coverage.models import WorkItem
from renpu.linkage.models import line_key, row_key
from renpu.tracing import cases
from renpu.tracing.cases import TracingRefused
from renpu.tracing.hints import hints
from renpu.tracing.models import Case
from renpu.tracing.persons import who
from tests.people import NUMBERS, form
from tests.site.street import BLOCK, HERE, NEXT, STREET, THERE
from tests.tracing.two import AWAY, PHONE

CALLED = {"D7": 5, "D7_code": "310115", "D9": 6, "D10": 0}


def how(two, **more):
    return {"by": two.head, "at": two.now, "seen": None, **more}


def test_a_case_opens_once_and_stands_in_the_journal_of_its_household(two):
    case = two.case()
    assert two.case().pk == case.pk
    held = Tracing.objects.get()
    assert (held.household_id, held.line, held.case_no, held.to_place, held.outcome) == (
        two.home,
        2,
        case.case_no,
        3,
        None,
    )
    assert Event.objects.filter(kind="tracing").count() == 1
    assert who(case).name == "李秀英"
    assert who(case).masked().name == "李**"


def test_a_case_that_the_field_opened_is_taken_up_under_its_number(two):
    two.send("tracing", two.home, {"case_no": "T7", "line": 2, "to_place": 5, "to_code": "310115"})
    case = two.case()
    assert (case.case_no, case.to_place, case.to_code) == ("T7", 5, "310115")
    assert Tracing.objects.count() == 1


@pytest.mark.parametrize("record", ["line:" + "0" * 32 + ":1", "row:99", "x", "line:1", "row:x", ""])
def test_a_record_that_is_not_there_opens_nothing(two, record):
    with pytest.raises(TracingRefused):
        cases.open_case(two.census, record, by=two.head, at=two.now)
    assert not Case.objects.exists()


def test_an_outcome_closes_case_event_and_work_item_and_can_be_taken_back(two):
    case = two.case()
    item = WorkItem.objects.get()
    assert (item.kind, item.area_code, item.subject, item.owner) == ("tracing", BLOCK, case.record, two.staff[0])
    with pytest.raises(TracingRefused):
        cases.close(case, 6, **how(two))
    assert Case.objects.get().outcome is None, "a register alone is no answer: the item refuses, and nothing is closed"
    assert Tracing.objects.get().outcome is None
    cases.close(case, 6, ground="家人电话告知已出境", **how(two))
    assert (Tracing.objects.get().outcome, Case.objects.get().outcome) == (6, 6)
    item = WorkItem.objects.get()
    assert (item.state, item.reason_list, item.reason) == ("closed", "tracing_outcome", "6")
    with pytest.raises(TracingRefused):
        cases.reopen(case, " ", **how(two))
    cases.reopen(case, "家人更正", **how(two))
    assert Tracing.objects.get().outcome is None
    assert WorkItem.objects.get().state == "open"
    assert list(case.steps.order_by("id").values_list("did", flat=True)) == ["opened", "closed", "reopened"]


def test_a_case_of_a_work_item_closes_that_item_and_opens_no_other(two):
    record = line_key(two.home, 2)
    opening = work.Opening("register_missing", BLOCK, record, household_id=two.home, line=2)
    [key] = work.open_items(two.census, [opening], by="comparison", at=two.now).new
    case = two.case(item=WorkItem.objects.get(pk=key))
    assert WorkItem.objects.count() == 1
    cases.close(case, 10, ground="多次联系未果", **how(two))
    assert WorkItem.objects.get().reason == "10"


def test_who_comes_second_is_told_and_changes_nothing(two):
    case = two.case()
    cases.add_hint(case, "relative", "儿子说住浦东", **how(two, seen=0))
    with pytest.raises(TracingRefused):
        cases.add_hint(case, "relative", "女儿说住嘉定", **how(two, seen=0))
    assert case.steps.filter(did="hint").count() == 1
    note = case.steps.get(did="hint")
    assert "浦东" not in repr(bytes(note.note))
    assert cases.note_of(note) == "儿子说住浦东"


def test_a_case_of_a_register_row_ends_on_a_form_only_when_the_form_is_named(two):
    row = two.register("police", household_no="1", address="唐山路1弄001号", birth="1978-08-25", sex=2)
    case = cases.open_case(two.census, row_key(row.pk), by=two.head, at=two.now)
    assert not Event.objects.filter(kind="tracing").exists()
    ground = "电话已联系本人"
    with pytest.raises(TracingRefused, match="涉及普查表"):
        cases.close(case, 5, ground=ground, **how(two))
    cases.name_household(case, two.household(two.home), 2, **how(two))
    cases.close(case, 5, ground=ground, **how(two))
    assert Tracing.objects.get().outcome == 5


def test_a_call_answers_d7_d9_and_d10_in_a_new_version_of_the_form(two):
    case = two.case()
    cases.call(case, 1, CALLED, **how(two))
    home, person = two.household(two.home), Person.objects.get(household_id=two.home, line=2)
    assert (home.version, home.form_method) == (2, 3)
    assert (person.residence_place, person.residence_code, person.away_duration) == (5, "310115", 6)
    assert WorkItem.objects.get().tries == 1
    assert Tracing.objects.get().to_code == "310115"
    other = Person.objects.get(household_id=two.home, line=1)
    assert other.residence_place == 1


def test_a_call_merges_with_another_section_and_never_overwrites_the_same_one(two):
    case = two.case()
    field = form(household={"H2a": 1, "H2b": 1, "H6": 77})
    field["answers"]["persons"][1].update(AWAY)
    two.send("form", two.home, field, base=1)
    cases.call(case, 1, CALLED, **how(two))
    assert two.household(two.home).version == 3
    field["answers"]["persons"][1].update(CALLED, D9=7)
    two.send("form", two.home, field, base=3)
    with pytest.raises(TracingRefused) as refused:
        cases.call(case, 3, {**CALLED, "D9": 8}, **how(two))
    assert MergeTask.objects.get().pk == refused.value.task
    assert Person.objects.get(household_id=two.home, line=2).away_duration == 7
    assert case.steps.filter(did="beside").count() == 1
    with pytest.raises(TracingRefused):
        cases.call(case, 9, CALLED, **how(two))


def test_hints_of_ones_own_area_tell_all_others_only_where_to_ask(two):
    two.register("residence_permit", THERE, address="西路9号", phone=PHONE, birth="1978-08-25")
    two.register("demolition", HERE, address="老屋1号", more={"new_address": "新村5号"}, happened_on="2019-05-01")
    two.register("electricity", HERE, number="", address="唐山路7号")
    two.register("police", HERE, number=NUMBERS[0], address="别人家")
    two.enumerated_there()
    case = two.case()
    found = hints(two.head, two.census, who(case), but=case.record)
    assert [(h.quality, h.here) for h in found] == [
        ("number", False),
        ("number", False),
        ("number", True),
        ("name", True),
    ]
    assert {h.address for h in found} == {"", "新村5号", "唐山路7号"}
    assert not any(h.phone for h in found)
    assert {h.area_code for h in found if not h.here} == {THERE}
    office = hints(two.users["street_office"], two.census, who(case), but=case.record)
    assert {h.address for h in office} == {"西路9号", "新村5号", "唐山路7号", "唐山路1弄009号"}
    assert PHONE in {h.phone for h in office}
    assert {h.area_code for h in office} >= {NEXT}
    assert STREET not in {h.area_code for h in office}
