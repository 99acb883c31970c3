"""What the office decides on a household becomes an event; names are shown in clear only for a purpose."""

from uuid import uuid4

import pytest
from django.urls import reverse

from renpu.collection.models import Event, MergeTask
from renpu.platform.models import AccessEvent, Role
from tests.people import NUMBERS, form
from tests.site.street import NOTE, PHONE


@pytest.fixture
def edited(office):
    """A household whose form says three persons and lists two: a hard edit is open."""
    return office.registered(H2a=3)


def test_names_numbers_and_notes_are_masked_until_a_purpose_is_written(office):
    about = office.registered()
    browser = office.at(Role.SUPERVISOR)
    page = browser.get(reverse("household", args=[about])).text
    for secret in ("张建国", "李秀英", *NUMBERS, PHONE, NOTE):
        assert secret not in page
    assert "张**" in page
    assert "139****2222" in page
    browser.post(reverse("household-clear", args=[about]), {"purpose": " "})
    assert not AccessEvent.objects.exists()
    clear = browser.post(reverse("household-clear", args=[about]), {"purpose": "电话核对第二人"})
    for secret in ("张建国", "李秀英", *NUMBERS, PHONE, NOTE):
        assert secret in clear.text
    assert "no-store" in clear["Cache-Control"]
    seen = AccessEvent.objects.get()
    assert (seen.by, seen.about, seen.purpose) == (office.users[Role.SUPERVISOR], str(about), "电话核对第二人")
    assert "张建国" not in browser.get(reverse("household", args=[about])).text


def test_an_open_edit_is_settled_with_a_reason_and_the_form_then_counts(office, edited):
    before = office.household(edited)
    assert (before.accepted, before.open_edits > 0) == (False, True)
    browser = office.at(Role.SUPERVISOR)
    address = reverse("household-settle", args=[edited])
    page = browser.get(reverse("household", args=[edited])).text
    fields = {part.split('"')[0] for part in page.split('name="')[1:] if part.startswith("edit-")}
    assert len(fields) == before.open_edits + before.open_queries
    browser.post(address, dict.fromkeys(fields, ""))
    assert office.household(edited).open_edits == before.open_edits, "without a reason nothing is settled"
    first, *rest = sorted(fields)
    browser.post(address, {first: "再次入户核实无误"})
    browser.post(address, dict.fromkeys(rest, "电话核实"))
    after = office.household(edited)
    assert (after.accepted, after.open_edits, after.open_queries) == (True, 0, 0)
    assert "再次入户核实无误" in browser.get(reverse("household", args=[edited])).text
    assert set(Event.objects.filter(kind="settle").values_list("actor", flat=True)) == {"supervisor"}


def test_a_form_sent_twice_is_one_decision(office):
    about, key = office.registered(), str(uuid4())
    browser = office.at()
    for _ in range(2):
        browser.post(reverse("household-lock", args=[about]), {"locked": "1", "reason": "已核定", "key": key})
    assert Event.objects.filter(kind="lock").count() == 1


def test_lock_remove_and_back_each_with_a_reason(office):
    about = office.registered()
    browser = office.at()

    def do(name, **body):
        browser.post(reverse(name, args=[about]), body)
        household = office.household(about)
        return household.locked, household.removed

    assert do("household-lock", locked="1", reason="") == (False, False)
    assert do("household-lock", locked="1", reason="已核定") == (True, False)
    assert office.send("form", about, form(), base=1).result == "merge"
    assert do("household-lock", locked="0", reason="住户来电更正") == (False, False)
    assert do("household-remove", removed="1", reason="重复建户") == (False, True)
    assert "已移出名册" in browser.get(reverse("household", args=[about])).text
    assert do("household-remove", removed="0", reason="误移") == (False, False)


@pytest.mark.parametrize(("keep", "rooms"), [("current", 2), ("other", 5)])
def test_a_merge_task_is_decided_between_the_two(office, keep, rooms):
    about = office.registered()
    other = uuid4()
    assert office.send("form", about, form(household={"H7": 5}), device=other).result == "merge"
    task = MergeTask.objects.get()
    browser = office.at(Role.SUPERVISOR)
    page = browser.get(reverse("merge-task", args=[task.id])).text
    assert page.count('class="differs"') == 1
    assert "张建国" not in page
    assert "东居委会 第1普查小区" in browser.get(reverse("merge-tasks")).text
    address = reverse("merge-decide", args=[task.id])
    browser.post(address, {"keep": keep, "reason": ""})
    assert MergeTask.objects.get().decided_at is None
    browser.post(address, {"keep": keep, "reason": "住户确认"})
    task.refresh_from_db()
    assert (task.decision, task.decided_by, task.decided_why) == (keep, "supervisor", "住户确认")
    assert office.household(about).open_tasks == 0
    page = browser.get(reverse("household", args=[about])).text
    assert f"<dt>H7. 本户现住房间数</dt><dd>{rooms}</dd>" in page
    assert "采用另一份" in page or keep == "current"
    told = browser.post(address, {"keep": "current", "reason": "again"}, follow=True).text
    assert "已经裁定" in told


def test_answers_stand_in_words(office):
    page = office.at().get(reverse("household", args=[office.registered()])).text
    for words in ("家庭户", "户主", "配偶", "汉族", "1975-03", "本普查小区"):
        assert words in page
    browser = office.at()
    browser.post(reverse("language"), {"language": "en", "next": "/"})
    page = browser.get(reverse("household", args=[Event.objects.first().about])).text
    assert "Type of household" in page
    assert "Timeline" in page
