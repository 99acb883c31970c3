"""Calls to those who are not behind the door: who is on the list, what a call leaves in journal and ledger."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from renpu.collection.models import Event, Person
from renpu.coverage.models import Comparison, Finding, WorkItem, WorkStep
from renpu.linkage.models import row_key
from renpu.listing.models import Household
from renpu.platform.models import AccessEvent, Role
from renpu.registers.models import RegisterRow
from renpu.tracing import calls
from renpu.tracing.models import Call, CallEntry, Campaign
from renpu.tracing.reach import form_of
from tests.people import NUMBERS, form
from tests.site.street import BLOCK, HERE, THERE
from tests.tracing.away import HE, MOBILE, WEI, heard, hidden, new_person

# two who went together: what only the first is asked, and what each is
EACH = {"D6": "01", "D11": "6", "D12": "1"}
BOTH = heard() | {"together": "1"} | {f"p{n}-{item}": code for n in (0, 1) for item, code in EACH.items()}
SAID = {"status": "4", "nobody_born_or_died": "1"}


def later(hours=20):
    return f"{timezone.localtime() + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


def test_the_list_takes_in_unfinished_empty_registered_and_moved_households_once(away):
    empty, moved = away.empty("011"), away.empty("012", status=5)
    away.empty("013", status=6)
    away.registered("014")
    away.empty("016", n_hukou=42)
    away.send("visit", away.unit().household_id, {"mode": 0, "outcome": 2, "status_after": 4}, block=HERE + "900")
    done = away.empty("015")
    away.send("form", done, form_away(("韦佳怡",)))
    assert away.household(done).accepted
    assert away.make_list() == {"new": 2, "all": 2, "without": 0}
    assert away.make_list() == {"new": 0, "all": 2, "without": 0}
    items = WorkItem.objects.filter(kind="empty_registered")
    assert set(items.values_list("household_id", flat=True)) == {empty, moved}


def test_a_household_registered_meanwhile_is_marked_and_called_no_more(away):
    about = away.empty()
    away.make_list()
    away.send("form", about, form_away(("韦佳怡",)))
    assert away.make_list()["all"] == 0
    item = WorkItem.objects.get()
    assert (item.state, item.found) == ("open", False), "a person closes it"
    assert not calls.waiting(away.user, away.census, calls.Wish(HERE), at=timezone.now()).exists()
    away.send("form", about, {**form_away(("韦佳怡",)), "answers": {"household": {"H1": 1}, "persons": []}}, base=1)
    assert away.make_list()["all"] == 1
    item.refresh_from_db()
    assert item.found


def form_away(people):
    """A form of people of whom nobody lives in the block."""
    one = form(people, household_status=4, household={"H2a": 0, "H2b": len(people), "H5": None, "H6": None, "H7": None})
    for person in one["answers"]["persons"]:
        person |= {"D3": WEI, "D4": 2, "D5": "199003", "D7": 5, "D7_code": "310115", "D9": 8, "D10": 4}
    return one


def test_a_household_whose_number_is_only_on_the_police_list_is_called_under_it(away):
    about = away.empty(phone="")
    away.register(
        [
            {"户号": "88", "与户主关系": "户主", "姓名": "韦佳怡", "公民身份号码": WEI, "联系电话": "12512349999"},
            {"户号": "88", "与户主关系": "配偶", "姓名": "何晓", "公民身份号码": HE, "联系电话": ""},
        ]
    )
    away.make_list()
    browser = away.calling()
    page = browser.get(reverse("call", args=[away.entry(about).pk]))
    assert "tel:12512349999" in page.text
    assert [k.person.D1 for k in page.context["to"].people] == ["韦佳怡", "何晓"]
    assert not Person.objects.exists(), "what a register says is no answer"


def test_a_call_that_was_answered_makes_a_form_a_contact_and_a_closed_item(away):
    about = away.empty()
    away.make_list()
    entry = away.entry(about)
    browser = away.calling()
    answer = away.end(browser, entry, "registered", **SAID, **new_person())
    assert answer.status_code == 302, (answer.context["told"], answer.context["queries"])
    household = away.household(about)
    assert (household.accepted, household.form_method, household.status, household.persons_away) == (True, 3, 4, 1)
    person = Person.objects.get(household_id=about)
    assert (person.residence_place, person.residence_code, person.away_duration, person.away_reason) == (
        5,
        "310115",
        8,
        4,
    )
    item = WorkItem.objects.get(pk=entry.pk)
    assert (item.state, item.reason_list, item.reason, item.tries) == ("closed", "tracing_outcome", "5", 1)
    call = Call.objects.get()
    assert (call.ended, call.answered, call.by) == ("registered", True, "street_office")
    kinds = list(
        Event.objects.filter(about=about, actor="street_office").order_by("seq").values_list("kind", flat=True)
    )
    assert kinds == ["visit", "form"]


def test_the_members_of_a_household_that_moved_together_are_answered_once(away):
    about = away.empty()
    away.register(
        [
            {"户号": "88", "与户主关系": "户主", "姓名": "韦佳怡", "公民身份号码": WEI, "文化程度": ""},
            {"户号": "88", "与户主关系": "配偶", "姓名": "何晓", "公民身份号码": HE, "文化程度": ""},
        ]
    )
    away.make_list()
    said = BOTH
    answer = away.end(away.calling(), away.entry(about), "registered", **SAID, **said)
    assert answer.status_code == 302, (answer.context["told"], answer.context["queries"])
    people = Person.objects.filter(household_id=about).order_by("line")
    assert [(p.relationship, p.residence_code, p.away_duration) for p in people] == [(0, "310115", 8), (1, "310115", 8)]
    assert away.household(about).accepted


def test_a_blank_answer_is_told_and_saved_only_when_the_caller_insists(away):
    about = away.empty()
    away.make_list()
    entry = away.entry(about)
    browser = away.calling()
    blank = new_person(D9="")
    page = away.end(browser, entry, "registered", **SAID, **blank)
    assert page.status_code == 200
    assert any("离开" in text for text in page.context["told"])
    assert away.household(about).version == 0
    away.end(browser, entry, "registered", **SAID, **blank, sure="1")
    household = away.household(about)
    assert (household.version, household.accepted) == (1, False)
    assert WorkItem.objects.get(pk=entry.pk).state == "open", "an open hard edit keeps the item open"


def test_what_is_unusual_is_asked_again_and_then_stands_as_confirmed(away):
    about = away.empty()
    away.make_list()
    entry = away.entry(about)
    browser = away.calling()
    for_work = new_person(D10="0")
    page = away.end(browser, entry, "registered", **SAID, **for_work)
    assert (page.status_code, page.context["told"], len(page.context["queries"])) == (200, [], 1)
    away.end(browser, entry, "registered", **SAID, **for_work, sure="1")
    household = away.household(about)
    assert (household.accepted, household.open_queries) == (True, 0)
    assert WorkItem.objects.get(pk=entry.pk).state == "closed"


@pytest.mark.parametrize(
    ("ended", "outcome", "answered"),
    [("no_answer", 4, False), ("nobody", 5, True), ("refused", 7, True), ("wrong", 4, False)],
)
def test_a_call_in_vain_is_a_contact_and_a_try_and_changes_no_status(away, ended, outcome, answered):
    about = away.empty()
    away.make_list()
    entry = away.entry(about)
    away.end(away.calling(), entry, ended)
    household = away.household(about)
    assert (household.status, household.last_outcome, household.version) == (4, outcome, 0)
    item = WorkItem.objects.get(pk=entry.pk)
    assert (item.state, item.tries, item.last_outcome) == ("open", 1, outcome)
    assert Call.objects.get().answered is answered
    assert household.visits == 2


@pytest.mark.parametrize("role", [Role.STREET_OFFICE, Role.ENUMERATOR])
def test_what_became_of_them_is_closed_by_who_may_and_proposed_by_who_calls(away, role):
    about = away.empty()
    away.make_list()
    entry = away.entry(about)
    browser = away.calling(role, BLOCK)
    page = away.end(browser, entry, "told", reason="tracing_outcome:5")
    assert page.status_code == 200, "registered by telephone is said by a form"
    away.end(browser, entry, "told", reason="tracing_outcome:8")
    item = WorkItem.objects.get(pk=entry.pk)
    closed = role == Role.STREET_OFFICE
    assert (item.state == "closed", item.reason, item.last_outcome) == (closed, "8", 3)
    assert away.household(about).version == 0


def test_who_lives_at_the_address_after_all_goes_back_to_those_who_are_visited(away):
    about = away.empty()
    away.make_list()
    away.end(away.calling(), away.entry(about), "told", reason="work_reason:corrected")
    household = away.household(about)
    assert (household.status, household.version) == (1, 0)
    item = WorkItem.objects.get()
    assert (item.state, item.reason) == ("closed", "corrected")
    assert away.make_list()["all"] == 0


def test_a_wrong_number_is_not_offered_again(away):
    about = away.empty()
    away.make_list()
    browser = away.calling()
    away.end(browser, away.entry(about), "wrong")
    assert away.entry(about).phones == 0
    assert not calls.waiting(away.user, away.census, calls.Wish(HERE), at=timezone.now()).exists()
    page = browser.get(reverse("call", args=[away.entry(about).pk]))
    assert MOBILE not in page.text
    assert away.make_list()["without"] == 1


def test_who_asks_to_be_called_later_comes_back_first_and_not_before(away):
    first, second = away.empty("011"), away.empty("012", phone="12512340002")
    away.make_list()
    browser = away.calling()
    page = away.end(browser, away.entry(first), "later", next_at="2020-01-01T08:00")
    assert page.status_code == 200, "a moment in the past is refused"
    away.end(browser, away.entry(first), "later", next_at=later())
    assert away.household(first).appointment_at is not None
    now = timezone.now()
    wish = calls.Wish(HERE)
    assert [e.item.household_id for e in calls.waiting(away.user, away.census, wish, at=now)] == [second]
    tomorrow = now + timedelta(days=2)
    assert [e.item.household_id for e in calls.waiting(away.user, away.census, wish, at=tomorrow)] == [first, second]


def test_after_as_many_calls_as_the_census_allows_nobody_is_called_again(away):
    away.census.parameters = {"max_calls": 2}
    away.census.save()
    about = away.empty()
    away.make_list()
    browser = away.calling()
    for _ in range(2):
        away.end(browser, away.entry(about), "no_answer")
    later_on = timezone.now() + timedelta(hours=2)
    assert not calls.waiting(away.user, away.census, calls.Wish(HERE), at=later_on).exists()
    assert WorkItem.objects.get().state == "open", "the machine closes nothing"


def test_a_form_changed_during_the_call_is_kept_beside_and_not_overwritten(away):
    about = away.empty()
    away.send("form", about, {**form_away(("韦佳怡",)), "answers": {"household": {"H1": 1}, "persons": []}})
    away.make_list()
    entry = away.entry(about)
    browser = away.calling()
    page = browser.get(reverse("call", args=[entry.pk]))
    away.send("form", about, form_away(("韦佳怡",)), base=1)
    said = {**hidden(page), "ended": "registered", **SAID, **new_person(name="韦家怡"), "sure": "1"}
    browser.post(reverse("call", args=[entry.pk]), said)
    household = away.household(about)
    assert (household.version, household.open_tasks) == (2, 1)
    assert WorkItem.objects.get(pk=entry.pk).state == "open"


def test_who_did_not_answer_is_left_alone_for_an_hour_and_who_refused_is_left_to_a_supervisor(away):
    silent, refused = away.empty("011"), away.empty("012", phone="12512340002")
    away.make_list()
    browser = away.calling()
    away.end(browser, away.entry(silent), "no_answer")
    away.end(browser, away.entry(refused), "refused")
    wish, now = calls.Wish(HERE), timezone.now()
    assert not calls.waiting(away.user, away.census, wish, at=now).exists()
    in_two_hours = calls.waiting(away.user, away.census, wish, at=now + timedelta(hours=2))
    assert [e.item.household_id for e in in_two_hours] == [silent]


def test_the_same_call_sent_twice_is_one(away):
    about = away.empty()
    away.make_list()
    entry = away.entry(about)
    browser = away.calling()
    page = browser.get(reverse("call", args=[entry.pk]))
    for _ in range(2):
        browser.post(reverse("call", args=[entry.pk]), {**hidden(page), "ended": "no_answer"})
    assert Call.objects.count() == 1
    assert WorkStep.objects.filter(did="try").count() == 1
    assert Event.objects.filter(about=about, kind="visit").count() == 2


def test_a_register_household_on_no_form_gets_a_line_in_the_virtual_block_with_all_its_people(away):
    away.register(
        [
            {
                "户号": "88",
                "与户主关系": "户主",
                "姓名": "韦佳怡",
                "公民身份号码": WEI,
                "联系电话": MOBILE,
                "住址": "唐山路9号",
            },
            {
                "户号": "88",
                "与户主关系": "配偶",
                "姓名": "何晓",
                "公民身份号码": HE,
                "联系电话": "",
                "住址": "唐山路9号",
            },
        ]
    )
    items = [away.missing(row) for row in RegisterRow.objects.order_by("number")]
    away.make_list()
    browser = away.calling()
    entry = CallEntry.objects.get(pk=items[0].pk)
    said = BOTH
    page = away.end(browser, entry, "registered", **SAID, **said)
    assert page.status_code == 200, "no block to open a line in"
    assert not Household.objects.exists()
    block = away.virtual()
    away.end(browser, entry, "registered", **SAID, **said)
    household = Household.objects.get()
    assert (household.block_code, household.persons, household.accepted) == (block.code, 2, True)
    assert set(WorkItem.objects.values_list("state", "reason")) == {("closed", "5")}


def test_who_is_missing_in_a_registered_household_is_added_to_it_and_the_others_stay_as_they_were(away):
    home = away.registered()
    away.register(
        [
            {"户号": "88", "与户主关系": "户主", "姓名": "张建国", "公民身份号码": NUMBERS[0], "联系电话": MOBILE},
            {"户号": "88", "与户主关系": "子女", "姓名": "张晓", "公民身份号码": HE, "联系电话": ""},
        ]
    )
    father, son = RegisterRow.objects.order_by("number")
    run = Comparison.objects.create(census_id=away.census.pk, area_code=HERE, started_at=away.now)
    known = {"census_id": away.census.pk, "area_code": HERE, "source": "police", "comparison": run}
    Finding.objects.create(record=row_key(father.pk), finding="found_here", household_id=home, line=1, **known)
    item = away.missing(son)
    away.make_list()
    before = form_of(away.household(home)).answers
    said = heard(D9="5") | {"p0-D2": "2", "p0-D6": "01", "p0-D11": "7", "p0-D12": "1", "sure": "1"}
    done = away.end(away.calling(), CallEntry.objects.get(pk=item.pk), "registered", **said)
    assert done.status_code == 302, (done.context["told"], done.context["queries"])
    household = away.household(home)
    after = form_of(household).answers
    assert after.persons[:2] == before.persons
    assert (after.persons[2].D1, after.persons[2].D7_code) == ("张晓", "310115")
    assert (household.status, household.persons, household.persons_here, after.household.H5) == (1, 3, 2, 1)
    assert Household.objects.count() == 1


def test_the_best_hour_is_said_once_an_hour_was_tried_often_enough(away):
    assert calls.best_hour([]) is None
    few = [calls.Hour(10, 4, 4), calls.Hour(19, 10, 6), calls.Hour(15, 10, 2), calls.Hour(22, 10, 10)]
    assert calls.best_hour(few).hour == 19, "four calls say nothing, and nobody is called at ten in the evening"
    at = away.now.replace(hour=9)
    assert calls.next_moment(few[1], at=at).hour == 19
    assert calls.next_moment(few[1], at=at).date() == at.date()
    assert calls.next_moment(few[1], at=at.replace(hour=18, minute=30)).date() == (at + timedelta(days=1)).date()


def test_two_callers_never_have_the_same_household(away):
    away.empty("011"), away.empty("012", phone="12512340002")
    away.make_list()
    wish = calls.Wish(HERE)
    now = timezone.now()
    other = away.users[Role.SUPERVISOR]
    mine = calls.take_next(away.user, away.census, wish, at=now)
    theirs = calls.take_next(other, away.census, wish, at=now)
    assert mine.pk != theirs.pk
    assert not calls.take(mine, other, at=now)
    assert calls.take(mine, other, at=now + timedelta(minutes=11)), "a household that was left is free again"


def test_names_and_numbers_are_in_clear_only_in_a_calling_session_that_is_logged(away):
    about = away.empty()
    away.make_list()
    url = reverse("call", args=[away.entry(about).pk])
    browser = away.at()
    assert browser.get(url).status_code == 302
    listed = browser.get(reverse("calls"), {"area": HERE}).text
    assert MOBILE not in listed
    assert "韦佳怡" not in listed
    assert "韦**" in listed
    assert not AccessEvent.objects.exists()
    browser.post(reverse("call-begin"), {"area": HERE})
    event = AccessEvent.objects.get()
    assert (event.purpose, event.action, event.area_code) == ("登记电话", "calls.session", HERE)
    page = browser.get(url)
    assert MOBILE in page.text
    assert "no-store" in page.headers["Cache-Control"]


def test_a_household_and_its_work_item_show_the_calls_and_a_button_to_call(away):
    about = away.empty()
    away.make_list()
    entry = away.entry(about)
    away.end(away.calling(), entry, "no_answer")
    browser = away.at(Role.SUPERVISOR)
    for page in (reverse("household", args=[about]), reverse("work-item", args=[entry.pk])):
        shown = browser.get(page).text
        assert "无人接听" in shown, page
        assert MOBILE not in shown, page
    begun = browser.post(reverse("call-begin"), {"area": BLOCK, "item": entry.pk})
    assert begun.url == reverse("call", args=[entry.pk])
    assert "现在打电话" not in away.at(Role.INSPECTOR).get(reverse("household", args=[about])).text


def test_another_committees_household_is_not_found_and_who_only_looks_does_not_call(away):
    about = away.empty()
    away.make_list()
    url = reverse("call", args=[away.entry(about).pk])
    assert Client().get(url).status_code == 302
    stranger = away.users[Role.SUPERVISOR].posts.get()
    stranger.area_code = THERE
    stranger.save()
    elsewhere = away.calling(Role.SUPERVISOR, THERE)
    assert elsewhere.get(url).status_code == 404
    assert elsewhere.post(url, {"ended": "no_answer"}).status_code == 404
    for name in ("calls", "virtual", "workload", "units"):
        assert elsewhere.get(reverse(name), {"area": HERE}).status_code == 404
        assert elsewhere.get(reverse(name)).status_code == 200
    inspector = away.at(Role.INSPECTOR)
    for name in ("call-begin", "call-list", "campaign-make", "virtual-make", "virtual-move", "unit-make"):
        assert inspector.post(reverse(name), {"area": HERE}).status_code == 403, name
    assert inspector.get(url).status_code == 403
    enumerator = away.calling(Role.ENUMERATOR, BLOCK)
    assert enumerator.get(url).status_code == 200, "the enumerator of the block calls"
    assert enumerator.post(reverse("campaign-make"), {"area": BLOCK, "name": "x", "size": 1}).status_code == 403


def test_a_campaign_takes_what_it_says_and_its_counts_add_up(away):
    for n in range(6):
        away.empty(f"02{n}", phone=f"1251234100{n}")
    away.make_list()
    browser = away.at(Role.SUPERVISOR)
    staff = [s.pk for s in away.staff[:2]]
    answer = browser.post(reverse("campaign-make"), {"area": HERE, "name": "第一批", "size": 5, "callers": staff})
    campaign = Campaign.objects.get()
    assert answer.url == reverse("campaign", args=[campaign.pk])
    assert sorted(campaign.entries.values_list("caller__number", flat=True)) == ["S1", "S1", "S1", "S2", "S2"]
    browser.post(reverse("call-begin"), {"area": HERE, "campaign": campaign.pk})
    chosen = list(campaign.entries.order_by("area_code", "pk"))
    away.end(browser, chosen[0], "registered", **SAID, **new_person())
    away.end(browser, chosen[1], "no_answer")
    away.end(browser, chosen[1], "later", next_at=later())
    found = calls.progress(campaign)
    assert (found.households, found.closed, found.tried, found.untouched, found.calls) == (5, 1, 1, 3, 3)
    assert {end.code: n for end, n in found.ends if n} == {"registered": 1, "no_answer": 1, "later": 1}
    assert sum(h.calls for h in calls.by_hour(away.user, away.census, HERE, campaign.pk)) == 3
    page = browser.get(reverse("campaign", args=[campaign.pk])).text
    assert "第一批" in page
    assert MOBILE not in page
    empty = browser.post(reverse("campaign-make"), {"area": HERE, "name": "空", "size": 0})
    assert empty.url.startswith(reverse("calls"))
    assert Campaign.objects.count() == 1


def test_the_sheet_in_clear_is_for_those_who_may_and_is_logged(away):
    away.empty()
    away.make_list()
    campaign = calls.make_campaign(
        away.user, away.census, HERE, name="一", size=5, callers=[], kind="", at=timezone.now()
    )
    url = reverse("campaign-sheet", args=[campaign.pk])
    assert away.at(Role.INSPECTOR).post(url).status_code == 403
    assert not AccessEvent.objects.exists()
    page = away.at().post(url).text
    assert MOBILE in page
    assert AccessEvent.objects.get().action == "calls.sheet"


def test_the_page_asks_few_questions_of_the_database_however_long_the_list(away, django_assert_max_num_queries):
    for n in range(8):
        away.empty(f"03{n}", phone=f"1251234200{n}")
    away.make_list()
    browser = away.at()
    with django_assert_max_num_queries(30):
        browser.get(reverse("calls"), {"area": HERE})
