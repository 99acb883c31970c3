"""The sample street compared, against a truth that the software never sees."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from renpu.collection.models import Person
from renpu.coverage import counters, work
from renpu.coverage.evidence import names_and_number
from renpu.coverage.models import Comparison, Finding, WorkItem, WorkNow, WorkStep
from renpu.coverage.reconcile import reconcile
from renpu.geography.models import Area
from renpu.linkage.models import Link
from renpu.listing.models import Household
from renpu.platform.models import TIME_ZONE
from renpu.registers.actions import accept, stage
from renpu.registers.models import RegisterRow
from renpu.registers.sources import find
from renpu.synthetic.frame import packaged_street

EXPECTED = json.loads((Path(__file__).parents[1] / "data/street/expected.json").read_text("utf-8"))
STREET, COMMITTEE = "310109018", "310109018020"
AT = datetime(2020, 11, 17, 9, tzinfo=TIME_ZONE)
pytestmark = pytest.mark.django_db


@pytest.fixture
def compared(street):
    return reconcile(street, STREET, at=AT)


@pytest.mark.parametrize("name", EXPECTED["register_comparison"])
def test_every_person_of_the_police_list_ends_where_the_truth_has_them(compared, name):
    code = Area.objects.get(name=name, code__startswith=STREET).code
    figures = compared[0].figures[code]
    assert figures["register_comparison"] == EXPECTED["register_comparison"][name]
    for figure in ("persons_counted_twice", "extra_records"):
        assert figures["coverage"][figure] == EXPECTED["coverage"][name][figure]


def test_every_record_has_one_finding(street, compared):
    rows, lines = 1601, 2543
    assert Finding.objects.filter(source="police").count() == rows
    assert Finding.objects.filter(source="form").count() == lines
    assert Comparison.objects.get().finished_at == AT


def test_comparing_twice_changes_nothing(street, compared):
    before = [list(model.objects.order_by("pk").values()) for model in (WorkItem, WorkStep, WorkNow, Link)]
    written = reconcile(street, STREET, at=AT + timedelta(days=1))[2]
    assert (written.new, written.again, written.closed, written.gone) == (0, 0, 0, 0)
    assert before == [list(model.objects.order_by("pk").values()) for model in (WorkItem, WorkStep, WorkNow, Link)]
    assert not list(counters.check())


def test_a_dry_run_writes_nothing(street):
    outcome = reconcile(street, STREET, at=AT, dry_run=True)[1]
    assert len(outcome.items) > 100
    assert not WorkItem.objects.exists()
    assert not Finding.objects.exists()
    assert not Comparison.objects.exists()


def test_the_comparison_of_a_committee_leaves_the_others_alone(street):
    reconcile(street, COMMITTEE, at=AT)
    assert WorkItem.objects.exists()
    assert not WorkItem.objects.exclude(area_code__startswith=COMMITTEE).exists()
    assert not Finding.objects.exclude(area_code__startswith=COMMITTEE).exists()
    assert not Link.objects.exclude(area_code__startswith=COMMITTEE).exists()


def test_what_a_person_closed_stays_closed_and_new_evidence_is_noted(street, compared):
    item = WorkItem.objects.filter(kind="duplicate").order_by("pk").first()
    work.close(item, ("work_reason", "not_same"), by="office", at=AT, seen=item.version, note="twins, both were met")
    reconcile(street, STREET, at=AT + timedelta(days=1))
    item.refresh_from_db()
    assert (item.state, item.reason) == ("closed", "not_same")
    assert [step.did for step in item.steps.order_by("id")] == ["opened", "closed"]
    WorkItem.objects.filter(pk=item.pk).update(evidence={"other_block": "310109018033001"})
    reconcile(street, STREET, at=AT + timedelta(days=2))
    item.refresh_from_db()
    assert item.state == "closed"
    assert [step.did for step in item.steps.order_by("id")] == ["opened", "closed", "found"]
    assert not list(counters.check())


def test_a_difference_no_longer_seen_stays_open_until_somebody_says_why(street, compared):
    gone = work.Opening("duplicate", COMMITTEE + "001", "line:0:1|line:0:2")
    work.open_items(street, [gone], by="comparison", at=AT)
    written = reconcile(street, STREET, at=AT + timedelta(days=1))[2]
    item = WorkItem.objects.get(subject=gone.subject)
    assert (written.gone, item.found, item.state) == (1, False, "open")
    assert WorkNow.objects.get(area_code=item.area_code, kind="duplicate").gone == 1
    work.open_items(street, [gone], by="comparison", at=AT)
    assert not list(counters.check())


def test_a_clerks_word_outlives_the_comparison_and_is_its_evidence(street, compared):
    duplicate = WorkItem.objects.filter(kind="duplicate").order_by("pk").first()
    left, right = duplicate.subject.split("|")
    Link.objects.filter(left=left, right=right).update(status="apart", decided_at=AT, decided_by="office")
    outcome = reconcile(street, STREET, at=AT + timedelta(days=1))[1]
    assert Link.objects.get(left=left, right=right).status == "apart"
    assert duplicate.subject not in set(outcome.items.filter(kind="duplicate")["subject"])
    duplicate.refresh_from_db()
    assert (duplicate.found, duplicate.state) == (False, "open")


def test_a_second_delivery_of_a_list_finds_the_same_differences_and_the_clerks_words(street, compared, tmp_path):
    link = Link.objects.filter(right__startswith="row:", status="linked").order_by("pk").first()
    Link.objects.filter(pk=link.pk).update(status="apart", decided_at=AT, decided_by="office")
    reconcile(street, STREET, at=AT)
    missing = WorkItem.objects.filter(kind="register_missing").order_by("pk").first()
    before = set(WorkItem.objects.filter(found=True).values_list("pk", flat=True))
    again = tmp_path / "hukou_again.csv"
    again.write_bytes((packaged_street() / "registers" / "hukou_all.csv").read_bytes() + b"\r\n")
    delivery = stage(again, find("police"), area=STREET, at=AT)
    accept(delivery, at=AT)
    written = reconcile(street, STREET, at=AT + timedelta(days=1))[2]
    assert (written.new, written.gone) == (0, 0)
    assert set(WorkItem.objects.filter(found=True).values_list("pk", flat=True)) == before
    missing.refresh_from_db()
    assert RegisterRow.objects.get(pk=missing.row_id).delivery == delivery


def test_an_item_goes_to_who_is_on_duty_and_is_due_as_its_kind_says(street, compared):
    item = WorkItem.objects.filter(kind="duplicate").order_by("pk").first()
    assert item.owner.duty == "supervisor"
    assert item.owner.assignments.filter(block_code=item.area_code, until=None).exists()
    assert item.due_on == (AT + timedelta(days=3)).date()
    enumerator = WorkItem.objects.filter(kind="short_stay").order_by("pk").first().owner
    assert enumerator.duty == "enumerator"


def test_evidence_names_nobody(street, compared):
    from renpu.linkage.records import form_lines

    names = set(form_lines(street, STREET)["name"])
    for item in WorkItem.objects.all():
        words = {str(value) for value in item.evidence.values()}
        assert not words & names


def test_lists_of_households_and_of_cremations_end_in_findings_too(street, compared, tmp_path):
    lived_in = Household.objects.filter(persons_here__gt=0, status=1).exclude(unit_id=None).order_by("pk")
    home, other = lived_in[0], lived_in[1]
    who, number = names_and_number(Person.objects.filter(household_id=home.pk).exclude(number=None).order_by("line")[0])
    committee = Area.objects.get(code=home.block_code[:12]).name
    lists = {
        "police_households": f"户号,户主姓名,公民身份号码,住址,所属居委,户内人口数\n"
        f"990001,陈无人,,{other.address},{committee},2\n990002,{who},{number},{home.address},{committee},2\n",
        "cremations": "逝者姓名,性别,出生日期,逝者身份证号,死亡日期,火化日期,生前住址,所属居委\n"
        f"陈故人,男,1950-03-02,,2020-06-01,2020-06-03,{other.address},{committee}\n",
        "demolition": "被征收人,身份证号,被征收房屋地址,安置地址,搬离日期,所属居委\n"
        f"{who},{number},{home.address},新村5号,2019-05-01,{committee}\n",
    }
    for source, text in lists.items():
        file = tmp_path / f"{source}.csv"
        file.write_text(text, encoding="utf-8")
        accept(stage(file, find(source), area=STREET, at=AT), at=AT)
    outcome = reconcile(street, STREET, at=AT)[1]
    told = {source: sorted(frame["finding"]) for (source,), frame in outcome.findings.group_by("source")}
    assert told["police_households"] == ["found_here", "to_add"]
    assert (told["cremations"], told["demolition"]) == (["to_add"], ["found_here"])
    items = WorkItem.objects.filter(evidence__source__in=list(lists)).values_list("kind", "evidence__source")
    assert sorted(items) == [
        ("death_missing", "cremations"), ("headcount", "demolition"), ("register_missing", "police_households"),
    ]  # fmt: skip
