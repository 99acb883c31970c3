"""Collective hukou through a unit: its contact's page, its people's own answers, and what nobody else may see."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from renpu.collection.models import Event, Person
from renpu.coverage.models import WorkItem
from renpu.listing.models import Household
from renpu.platform.models import AccessEvent, Role
from renpu.registers.destruction import destroy
from renpu.registers.models import Delivery
from renpu.tracing import answering, calls, members, units
from renpu.tracing.models import DoorTry, HukouUnit, Member
from renpu.tracing.reach import form_of
from tests.site.street import HERE, THERE
from tests.tracing.away import HE, STAFF, WEI, staff_list

ANSWERS = {
    "me-D1": "韦佳怡",
    "me-D3": WEI,
    "me-D6": "01",
    "me-D7": "5",
    "me-D7_code": "310118",
    "me-D9": "5",
    "me-D10": "0",
    "me-D11": "7",
    "me-D12": "1",
}


def link_of(away, unit):
    return units.make_link(unit, by=away.user, at=timezone.now())


def invited(away, unit, which=0):
    """(member, code) of one of the unit's people."""
    people = list(unit.members.order_by("number"))
    return units.invite(unit, [people[which]], at=timezone.now())[0]


def answer(code, answers=None, send=True):
    """Somebody enters the code in a browser of their own and answers; the last page."""
    browser = Client()
    page = browser.post(reverse("answer"), {"code": code}, follow=True)
    assert page.redirect_chain, page.text
    said = {**ANSWERS, **(answers or {})}
    page = browser.post(reverse("answer-form"), {**said, "step": "check"})
    if send and "key" in (page.context or {}):
        page = browser.post(reverse("answer-form"), {**said, "step": "send", "key": str(page.context["key"])})
    return page


def test_a_unit_gets_its_line_in_the_virtual_block_and_its_contact_is_sealed(away):
    block = away.virtual("保险公司", "unit")
    body = {"area": HERE, "name": "沪东海洋保险", "block": block.code, "contact": "丁一", "phone": "12500000001"}
    answer_ = away.at().post(reverse("unit-make"), {**body, "none": "1"})
    unit = HukouUnit.objects.get()
    assert answer_.url == reverse("unit", args=[unit.pk])
    line = Household.objects.get(pk=unit.household_id)
    assert (line.block_code, line.household_type, block.code[12:]) == (block.code, 2, "900")
    assert "丁一".encode() not in bytes(unit.contact)
    page = away.at().get(answer_.url).text
    assert "丁**" in page
    assert "12500000001" not in page
    assert away.at().post(reverse("unit-make"), body).url.startswith(reverse("units")), "the same unit twice"
    assert HukouUnit.objects.count() == 1


def test_the_contact_uploads_a_list_and_reads_every_problem_at_once_masked(away):
    unit = away.unit()
    token = link_of(away, unit)
    url = reverse("unit-contact", args=[token])
    bad = [("HD1", "韦佳怡", "女", WEI[:-1] + ("0" if WEI[-1] != "0" else "1"), "", "是", "否", "", "", "1"), STAFF[1]]
    page = Client().post(url, {"file": staff_list(bad)})
    assert page.status_code == 200
    assert "韦**" in page.text
    assert "韦佳怡" not in page.text
    assert WEI[:17] not in page.text
    assert "第2行" in page.text
    delivery = Delivery.objects.get()
    assert (delivery.source, delivery.area_code, delivery.received_by) == ("employer", HERE, None)
    assert delivery.unit_roster.unit == unit
    assert delivery.unit_roster.by_contact
    again = Client().post(url, {"file": staff_list(bad)})
    assert again.status_code == 200
    assert Delivery.objects.count() == 1
    words = Client().post(url, {"file": staff_list([])})
    assert words.status_code == 200
    assert not Member.objects.exists()


def test_a_list_makes_members_of_those_whose_hukou_is_at_the_unit_each_with_a_work_item(away):
    unit = away.unit()
    people = away.members(unit)
    assert [m.number for m in people] == [2, 3]
    items = WorkItem.objects.filter(kind="unit_member")
    assert set(items.values_list("area_code", "household_id")) == {(unit.block_code, unit.household_id)}
    assert "韦佳怡".encode() not in bytes(people[0].name)
    away.members(unit, [*STAFF, ("HD9", "新来", "男", "", "", "是", "", "", "", "")])
    assert unit.members.count() == 3, "who was known is not made twice"


def test_a_person_answers_for_themselves_and_nobody_else_is_changed(away):
    unit = away.unit()
    away.members(unit)
    first, code = invited(away, unit, 0)
    page = answer(code)
    assert "已收到" in page.text
    line = Household.objects.get(pk=unit.household_id)
    assert (line.form_method, line.persons, line.version) == (2, 1, 1)
    before = form_of(line).answers.persons[0]
    _second, code = invited(away, unit, 1)
    answer(code, {"me-D1": "何晓", "me-D3": HE, "me-D7_code": "310115"})
    line.refresh_from_db()
    people = form_of(line).answers.persons
    assert [p.D1 for p in people] == ["韦佳怡", "何晓"]
    assert people[0] == before, "the first person's section is as she sent it"
    assert [p.D2 for p in people] == [0, 9]
    assert (line.accepted, line.open_edits, line.persons_away) == (True, 0, 2)
    assert set(unit.members.values_list("state", flat=True)) == {"answered"}
    events = Event.objects.filter(about=line.id, kind="form")
    assert set(events.values_list("actor", flat=True)) == {"respondent"}
    item = WorkItem.objects.get(pk=first.item_id)
    assert (item.state, item.tries) == ("open", 1), "a person of the office closes it"


def test_a_number_typed_wrong_on_purpose_does_not_reach_into_anothers_section(away):
    unit = away.unit()
    away.members(unit)
    _first, code = invited(away, unit, 0)
    answer(code)
    line = Household.objects.get(pk=unit.household_id)
    hers = form_of(line).answers.persons[0]
    _second, code = invited(away, unit, 1)
    page = answer(code, {"me-D1": "何晓", "me-D3": WEI})
    assert page.context["told"], "the same number twice is told"
    assert form_of(Household.objects.get(pk=unit.household_id)).answers.persons == [hers]


def test_answers_sent_again_replace_the_own_ones(away):
    unit = away.unit()
    away.members(unit)
    member, code = invited(away, unit)
    answer(code)
    again = Client()
    page = again.post(reverse("answer"), {"code": code}, follow=True)
    assert not any(q.value for q in page.context["questions"]), "nothing given is shown"
    for given in (WEI, "韦佳怡"):
        assert given not in page.text
    answer(code, {"me-D7_code": "310115"})
    people = Person.objects.filter(household_id=unit.household_id)
    assert [(p.residence_code, p.uuid) for p in people] == [("310115", member.person)]


def test_a_person_whom_the_office_had_on_the_form_before_is_found_by_number(away):
    unit = away.unit()
    line = Household.objects.get(pk=unit.household_id)
    on_paper = {"D1": "韦佳怡", "D2": 0, "D3": WEI, "D4": 2, "D5": "199003", "D6": "01", "D7": 2, "D8": 1, "D9": 1}
    body = {"household": {"H1": 2, "H2a": 0, "H2b": 1, "H3m": 0, "H3f": 0, "H4m": 0, "H4f": 0}}
    body["persons"] = [{**on_paper, "D11": 7, "D12": 1}]
    away.send("form", line.id, {"method": 3, "household_status": 4, "answers": body}, block=unit.block_code)
    people = away.members(unit)
    assert [m.state for m in people] == ["on_form", "new"]
    assert [m.item_id is None for m in people] == [True, False], "nobody is to be reached who is on the form"
    _member, code = invited(away, unit, 0)
    answer(code)
    line.refresh_from_db()
    assert (line.persons, form_of(line).answers.persons[0].D7) == (1, 5)


def test_every_blank_is_told_at_once_and_what_was_answered_stays_on_the_page(away):
    unit = away.unit()
    away.members(unit)
    _member, code = invited(away, unit)
    page = answer(code, {"me-D6": "", "me-D9": "", "me-D7_code": ""})
    assert len(page.context["told"]) == 3
    assert 'value="韦佳怡"' in page.text
    assert not Event.objects.filter(kind="form").exists()


def test_the_contact_sees_a_count_and_never_who_or_what(away):
    unit = away.unit()
    away.members(unit)
    url = reverse("unit-contact", args=[link_of(away, unit)])
    assert Client().get(url).context["standing"].answered == 0
    _member, code = invited(away, unit)
    answer(code)
    page = Client().get(url)
    assert '<strong id="answered">1</strong>' in page.text
    for secret in ("韦佳怡", WEI, "310118", "青浦", "12511110001", code, "丁一"):
        assert secret not in page.text, secret
    assert "household/" not in page.text


def test_an_address_opens_one_unit_until_it_ends_or_is_taken_back(away):
    unit, other = away.unit("甲公司"), away.unit("乙公司")
    token = link_of(away, unit)
    url = reverse("unit-contact", args=[token])
    page = Client().get(url)
    assert "甲公司" in page.text
    assert "乙公司" not in page.text
    assert token.encode() not in bytes(unit.links.get().token_hash)
    unit.links.update(expires_at=timezone.now() - timedelta(seconds=1))
    ended = Client().get(url)
    assert ended.status_code == 404
    assert "甲公司" not in ended.text
    newer = reverse("unit-contact", args=[link_of(away, unit)])
    assert Client().get(newer).status_code == 200
    away.at().post(reverse("unit-revoke", args=[unit.pk]))
    assert Client().get(newer).status_code == 404
    assert Client().post(newer, {"file": staff_list(STAFF)}).status_code == 404
    assert not Delivery.objects.exists()
    theirs = Client().get(reverse("unit-contact", args=[link_of(away, other)]))
    assert "乙公司" in theirs.text


def test_a_list_that_another_unit_sent_is_not_shown(away):
    unit, other = away.unit("甲公司"), away.unit("乙公司")
    Client().post(reverse("unit-contact", args=[link_of(away, unit)]), {"file": (f := staff_list(STAFF))})
    f.seek(0)
    page = Client().post(reverse("unit-contact", args=[link_of(away, other)]), {"file": f})
    assert "roster" not in page.context or page.context.get("roster") is None
    assert not other.rosters.exists()


def test_guessing_an_address_or_a_code_is_stopped(away):
    unit = away.unit()
    away.members(unit)
    _member, code = invited(away, unit)
    token = link_of(away, unit)
    slip = code[:-1] + str((int(code[-1]) + 1) % 10)
    for _ in range(members.TRIES + 1):
        assert Client().post(reverse("answer"), {"code": slip}).status_code == 404, "told, and not counted as guessing"
    wrong = next(c for c in iter(members.new_code, "") if c != code)
    for n in range(members.TRIES):
        if n % 2:
            assert Client().get(reverse("unit-contact", args=["x" * 32])).status_code == 404
        else:
            assert Client().post(reverse("answer"), {"code": wrong}).status_code == 404
    assert Client().post(reverse("answer"), {"code": code}).status_code == 429, "also the right one waits"
    assert Client().get(reverse("unit-contact", args=[token])).status_code == 429
    assert Client(REMOTE_ADDR="10.0.0.9").get(reverse("unit-contact", args=[token])).status_code == 200
    DoorTry.objects.update(at=timezone.now() - timedelta(minutes=11))
    assert Client().post(reverse("answer"), {"code": code}).status_code == 302


def test_a_code_ends_with_the_next_one_and_with_its_day(away):
    unit = away.unit()
    away.members(unit)
    member, code = invited(away, unit)
    _again, newer = invited(away, unit)
    assert Client().post(reverse("answer"), {"code": code}).status_code == 404
    browser = Client()
    assert browser.post(reverse("answer"), {"code": newer}).status_code == 302
    assert browser.get(reverse("answer-form")).status_code == 200
    Member.objects.filter(pk=member.pk).update(code_until=timezone.now())
    assert browser.get(reverse("answer-form")).status_code == 302, "a browser that had it is asked again"
    assert Client().get(reverse("answer-form")).status_code == 302


def test_who_says_that_the_hukou_has_left_changes_no_answer(away):
    unit = away.unit()
    away.members(unit)
    member, code = invited(away, unit)
    browser = Client()
    browser.post(reverse("answer"), {"code": code})
    browser.post(reverse("answer-form"), {"step": "left"})
    member.refresh_from_db()
    assert member.state == "left"
    assert not Event.objects.filter(kind="form").exists()
    assert WorkItem.objects.get(pk=member.item_id).state == "open"


def test_a_settled_line_takes_no_more_answers(away):
    unit = away.unit()
    away.members(unit)
    _member, code = invited(away, unit)
    away.send("lock", unit.household_id, {"locked": True, "reason": "完成"}, block=unit.block_code)
    page = answer(code)
    assert page.context["told"]
    assert not Event.objects.filter(kind="form").exists()


def test_slips_are_printed_once_by_who_may_see_names_and_logged(away):
    unit = away.unit()
    away.members(unit)
    url = reverse("unit-slips", args=[unit.pk])
    assert away.at(Role.INSPECTOR).post(url).status_code == 403
    page = away.at().post(url)
    assert len(page.context["slips"]) == 2
    assert "韦佳怡" in page.text
    assert AccessEvent.objects.get().action == "unit.slips"
    assert set(unit.members.values_list("state", flat=True)) == {"invited"}
    codes = [s["code"] for s in page.context["slips"]]
    assert Client().post(reverse("answer"), {"code": codes[0]}).status_code == 302
    shown = away.at().get(reverse("unit", args=[unit.pk])).text
    assert codes[0] not in shown
    assert codes[0].replace(" ", "") not in shown
    assert away.at().post(url).status_code == 302, "nobody is left to invite"


def test_reminders_and_talks_are_noted(away):
    unit = away.unit()
    away.members(unit)
    invited(away, unit)
    away.at().post(reverse("unit-remind", args=[unit.pk]))
    assert set(unit.members.values_list("state", "reminders")) == {("reminded", 1), ("new", 0)}
    page = reverse("unit-talk", args=[unit.pk])
    talk = {"on": "2020-11-03", "who": "居委会主任", "with_whom": "公司总经理", "agreed": "11月5日前交名单"}
    away.at().post(page, {**talk, "agreed": ""})
    assert not unit.talks.exists()
    away.at().post(page, talk)
    assert "11月5日前交名单" in away.at().get(reverse("unit", args=[unit.pk])).text


def test_items_of_those_who_answered_are_closed_by_a_person_and_others_need_a_ground(away):
    unit = away.unit()
    away.members(unit)
    member, code = invited(away, unit)
    answer(code)
    url = reverse("unit-close", args=[unit.pk])
    everybody = [m.pk for m in unit.members.all()]
    assert away.at(Role.ENUMERATOR).post(url, {"member": everybody}).status_code == 404
    away.at().post(url, {"member": everybody, "reason": "work_reason:answered"})
    states = dict(WorkItem.objects.filter(kind="unit_member").values_list("row_id", "state"))
    other = unit.members.exclude(pk=member.pk).get()
    assert (states[member.row_id], states[other.row_id]) == ("closed", "open")


def test_names_and_numbers_go_with_the_list_and_the_counts_stay(away):
    unit = away.unit()
    away.members(unit)
    _member, code = invited(away, unit)
    answer(code)
    delivery = Delivery.objects.get()
    destroy([delivery], at=away.now, by=away.user, witness="丙")
    delivery.refresh_from_db()
    assert delivery.destruction["held"]["unit_member"] == 2, delivery.destruction
    assert set(unit.members.values_list("identity_index", "phone", "code_hash")) == {(None, None, None)}
    standing = units.standing(unit)
    assert (standing.people, standing.answered) == (2, 1)
    assert away.at().get(reverse("unit", args=[unit.pk])).status_code == 200
    assert Client().post(reverse("answer"), {"code": code}).status_code == 404


def test_another_committees_unit_is_not_found(away):
    unit = away.unit()
    post = away.users[Role.SUPERVISOR].posts.get()
    post.area_code = THERE
    post.save()
    browser = away.at(Role.SUPERVISOR)
    assert browser.get(reverse("unit", args=[unit.pk])).status_code == 404
    for name in ("unit-link", "unit-revoke", "unit-talk", "unit-roster", "unit-slips", "unit-remind", "unit-close"):
        assert browser.post(reverse(name, args=[unit.pk])).status_code == 404, name
        assert away.at(Role.INSPECTOR).post(reverse(name, args=[unit.pk])).status_code == 403, name
    assert Client().get(reverse("unit", args=[unit.pk])).status_code == 302


def test_who_has_answered_is_not_called(away):
    unit = away.unit()
    away.members(unit)
    away.make_list()
    wish = calls.Wish(unit.block_code)
    assert calls.waiting(away.user, away.census, wish, at=timezone.now()).count() == 2
    _member, code = invited(away, unit)
    answer(code)
    assert calls.waiting(away.user, away.census, wish, at=timezone.now()).count() == 1


def test_members_are_reached_by_telephone_on_the_callers_page(away):
    unit = away.unit()
    away.members(unit)
    away.make_list()
    browser = away.calling()
    member = unit.members.order_by("number").first()
    from renpu.tracing.models import CallEntry

    entry = CallEntry.objects.get(pk=member.item_id)
    away.end(browser, entry, "no_answer")
    member.refresh_from_db()
    assert member.state == "called"
    said = {f"p0-{k.removeprefix('me-')}": v for k, v in ANSWERS.items()}
    done = away.end(browser, entry, "registered", **said)
    assert done.status_code == 302, (done.context["told"], done.context["queries"])
    member.refresh_from_db()
    assert (member.state, member.method) == ("answered", answering.TELEPHONE)
    assert WorkItem.objects.get(pk=member.item_id).reason == "5"
    assert Person.objects.get().residence_code == "310118"


@pytest.mark.parametrize("births", [True, False])
def test_births_and_deaths_are_none_only_when_the_unit_has_said_so(away, births):
    unit = away.unit(none=not births)
    away.members(unit)
    _member, code = invited(away, unit)
    answer(code)
    line = Household.objects.get(pk=unit.household_id)
    assert form_of(line).answers.household.H3m == (None if births else 0)
    assert line.accepted is not births
