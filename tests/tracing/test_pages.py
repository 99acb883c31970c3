"""The pages of this room: who sees and does what, what they show, and what they never show."""

from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from renpu.collection.models import MergeTask, Person
from renpu.coverage import work
from renpu.coverage.models import WorkItem
from renpu.geography.models import Area
from renpu.linkage.models import Link, line_key
from renpu.platform.models import AccessEvent, Post, Role
from renpu.tracing import cases, requests
from renpu.tracing.models import Case, HelpRequest, Letter
from tests.people import NUMBERS, form
from tests.site.street import BLOCK, HERE, NEXT, STREET, THERE
from tests.tracing.two import AWAY, PHONE

LETTER = {
    "purpose": "核实现住地",
    "basis": "《全国人口普查条例》",
    "due_on": "2099-12-01",
    "wants_phone": "1",
    "suspected": "唐山路9弄9号",
}


def ask(two, case, to=f"committee:{THERE}", browser="here", **more):
    return two.at(browser).post(reverse("case-ask", args=[case.id]), {**LETTER, "to": to, **more})


@pytest.mark.parametrize("page", ["cases", "requests", "gone"])
@pytest.mark.parametrize("role", [Role.STREET_OFFICE, "here", Role.SUPERVISOR, Role.ENUMERATOR, Role.INSPECTOR])
def test_each_role_sees_each_page_of_its_own_area_and_no_other(two, page, role):
    two.letter()
    browser = two.at(role)
    assert browser.get(reverse(page)).status_code == 200
    if role not in (Role.STREET_OFFICE, Role.INSPECTOR):
        assert browser.get(reverse(page), {"area": THERE}).status_code == 404
    assert Client().get(reverse(page)).status_code == 302


@pytest.mark.parametrize(("role", "status"), [
    ("here", 200), (Role.SUPERVISOR, 200), (Role.STREET_OFFICE, 200), (Role.ENUMERATOR, 403), (Role.INSPECTOR, 403),
])  # fmt: skip
def test_who_may_look_up(two, role, status):
    assert two.at(role).get(reverse("contacts")).status_code == status
    log = {"here": 200, Role.STREET_OFFICE: 200, Role.INSPECTOR: 200}.get(role, 403)
    assert two.at(role).get(reverse("access-log")).status_code == log


def test_a_police_partner_reaches_nothing_but_what_is_addressed_to_him(two):
    case = two.case()
    letter = two.letter(case, kind="police", code=STREET)
    own = letter.requests.get()
    other = two.letter(case).requests.get()
    browser, refused = two.at("police"), 0
    values = {"uuid:id": case.id, "uuid:staff_id": two.staff[0].id, "str:code": "lines", "slug:kind": "pdf"}
    for name, address in addresses(values):
        for method in (browser.get, browser.post) if name != "sign-out" else ():
            status = method(address).status_code
            if name in OPEN_TO_ALL or name in PARTNERS:
                continue
            if name == "dashboard" and method == browser.get:
                assert status == 302
                continue
            assert status in (403, 404), (name, address, status)
            refused += 1
    assert refused > 60
    page = browser.get(reverse("partner-requests"))
    assert page.status_code == 200
    assert "李秀英" not in page.text
    assert letter.number in page.text
    assert own.letter.number != other.letter.number
    assert other.letter.number not in page.text
    assert browser.get(reverse("request", args=[own.id])).status_code == 200
    assert browser.get(reverse("request", args=[other.id])).status_code == 404
    assert two.at("other police").get(reverse("request", args=[own.id])).status_code == 404
    shown = browser.post(reverse("request-open", args=[own.id]))
    assert "李秀英" in shown.text
    assert NUMBERS[1] not in shown.text
    assert AccessEvent.objects.get().action == "request.open"
    browser.post(reverse("request-answer", args=[own.id]), {"answer": "contact", "who": "民警", "phone": PHONE})
    assert HelpRequest.objects.get(pk=own.id).answer == "contact"
    assert not WorkItem.objects.filter(kind="residence_omission").exists()


OPEN_TO_ALL = {"sign-in", "sign-out", "language", "alive", "field", "answer-code", "answer-letter", "answer-person"}
PARTNERS = {"partner-requests", "request", "request-open", "request-answer"}


def addresses(values, resolver=None, before=""):
    """(name, address) of every page of the office, its parts filled in; those of devices ask for their own token."""
    for one in (resolver or get_resolver()).url_patterns:
        if hasattr(one, "url_patterns"):
            yield from addresses(values, one, before + str(one.pattern))
            continue
        if not getattr(one.callback, "login_required", True) and one.name not in OPEN_TO_ALL:
            continue
        path = before + str(one.pattern)
        while "<" in path:
            start, rest = path.split("<", 1)
            part, rest = rest.split(">", 1)
            kind = part.partition(":")[0]
            default = {"uuid": str(uuid4()), "int": "1"}.get(kind, "x")
            path = f"{start}{values.get(part, default)}{rest}"
        yield one.name, "/" + path.replace("^", "").replace("$", "").replace("app/(?P", "app/")


def test_a_partner_has_no_census_pages_in_his_menu(two):
    page = two.at("police").get(reverse("dashboard"), follow=True)
    assert page.redirect_chain[-1][0] == reverse("partner-requests")
    assert 'class="tabs"' not in page.text


def test_who_only_looks_changes_nothing(two):
    case = two.case()
    request = two.letter(case).requests.get()
    browser = two.at(Role.INSPECTOR)
    for name in ("clear", "hint", "household", "there", "call", "ask", "tie", "close", "reopen"):
        assert browser.post(reverse(f"case-{name}", args=[case.id]), {}).status_code == 403, name
    assert browser.post(reverse("case-open"), {"record": case.record}).status_code == 403
    for name in ("record", "withdraw", "answer", "forward", "open"):
        assert browser.post(reverse(f"request-{name}", args=[request.id]), {}).status_code == 403, name
    for name, more in (("letter-remind", []), ("letter-file", ["pdf"])):
        assert browser.post(reverse(name, args=[request.letter_id, *more])).status_code == 403
    assert browser.post(reverse("gone-ask"), {"area": HERE}).status_code == 403
    assert not AccessEvent.objects.exists()


def test_another_committees_case_answers_404(two):
    case = two.case()
    letter = two.letter(case)
    browser = two.at("there")
    assert browser.get(reverse("case", args=[case.id])).status_code == 404
    assert browser.post(reverse("case-close", args=[case.id]), {"outcome": 6}).status_code == 404
    assert browser.get(reverse("letter", args=[letter.id])).status_code == 404
    assert browser.post(reverse("letter-file", args=[letter.id, "pdf"])).status_code == 404
    assert browser.post(reverse("case-open"), {"record": line_key(two.home, 2)}).status_code == 404
    request = letter.requests.get()
    assert two.at("here").post(reverse("request-answer", args=[request.id]), {"answer": "no"}).status_code == 404
    assert browser.post(reverse("request-withdraw", args=[request.id]), {"why": "x"}).status_code == 404


def test_a_case_shows_names_in_clear_only_for_a_purpose(two):
    two.register("demolition", HERE, address="老屋1号", more={"new_address": "新村5号"}, phone=PHONE)
    case = two.case()
    cases.add_hint(case, "relative", "儿子住花木", by=two.head, at=two.now, seen=None)
    browser = two.at("here")
    page = browser.get(reverse("case", args=[case.id])).text
    for secret in ("李秀英", NUMBERS[1], PHONE, "儿子住花木"):
        assert secret not in page
    assert "新村5号" in page
    browser.post(reverse("case-clear", args=[case.id]), {"purpose": ""})
    assert not AccessEvent.objects.exists()
    clear = browser.post(reverse("case-clear", args=[case.id]), {"purpose": "电话联系本人"})
    for secret in ("李秀英", NUMBERS[1], PHONE, "儿子住花木"):
        assert secret in clear.text
    assert "no-store" in clear["Cache-Control"]
    assert AccessEvent.objects.get().purpose == "电话联系本人"


def test_one_committee_asks_the_other_answers_and_both_records_are_tied(two):
    there = two.enumerated_there()
    browser, other = two.at("here"), two.at("there")
    browser.post(reverse("case-open"), {"record": line_key(two.home, 2)})
    case = Case.objects.get()
    assert ask(two, case).status_code == 302
    request = HelpRequest.objects.get()
    inbox = other.get(reverse("requests")).text
    assert request.letter.number in inbox
    assert "李秀英" not in inbox
    assert "西居委会" in two.at().get(reverse("requests")).text
    page = other.get(reverse("request", args=[request.id])).text
    assert "唐山路1弄009号" in page
    line = f"line:{there.hex}:1"
    bad = {"answer": "yes", "who": "吕文", "line": f"line:{two.home.hex}:2"}
    other.post(reverse("request-answer", args=[request.id]), bad)
    assert HelpRequest.objects.get().state == "sent", "a household of another committee cannot be named"
    other.post(reverse("request-answer", args=[request.id]), {**bad, "line": line, "phone": PHONE})
    case.refresh_from_db()
    assert (case.there_household_id, case.there_line) == (there, 1)
    assert not WorkItem.objects.filter(kind="residence_omission").exists()
    browser.post(reverse("case-tie", args=[case.id]), {"status": "linked", "note": "电话核对"})
    assert Link.objects.get().status == "linked"
    assert "两头已关联" in browser.get(reverse("household", args=[two.home])).text
    assert "两头已关联" in other.get(reverse("household", args=[there])).text
    browser.post(reverse("case-close", args=[case.id]), {"outcome": 1})
    assert Case.objects.get().outcome == 1


def test_a_yes_without_a_form_is_work_for_the_field_there(two):
    case = two.case()
    ask(two, case)
    request = HelpRequest.objects.get()
    two.at("there").post(reverse("request-answer", args=[request.id]), {"answer": "yes", "who": "吕文"})
    item = WorkItem.objects.get(kind="residence_omission")
    assert (item.area_code, item.subject) == (THERE, case.record)


def test_a_case_opens_from_the_page_of_a_work_item(two):
    opening = work.Opening("register_missing", BLOCK, line_key(two.home, 2), household_id=two.home, line=2)
    [key] = work.open_items(two.census, [opening], by="comparison", at=two.now).new
    browser = two.at("here")
    assert "建立追踪" in browser.get(reverse("work-item", args=[key])).text
    assert "建立追踪" not in two.at(Role.INSPECTOR).get(reverse("work-item", args=[key])).text
    browser.post(reverse("case-open"), {"item": key})
    case = Case.objects.get()
    assert case.item_id == key
    assert case.case_no in browser.get(reverse("work-item", args=[key])).text
    page = browser.get(reverse("case", args=[case.id])).text
    assert reverse("work-item", args=[key]) in page
    assert "重复登记" not in page, "an outcome that this kind of item is not closed with"
    assert two.at("there").post(reverse("case-open"), {"item": key}).status_code == 404


def test_a_form_there_with_the_same_number_is_named_without_being_shown(two):
    there = two.enumerated_there()
    row = two.register("residence_permit", THERE, address="西路9号", birth="1978-08-25")
    case = two.case()
    browser, address = two.at("here"), reverse("case-there", args=[case.id])
    page = browser.get(reverse("case", args=[case.id])).text
    assert f"line:{there.hex}:1" in page
    assert "唐山路1弄009号" not in page
    other = two.registered("004", block=NEXT, people=("王强", "赵敏"))
    for wrong in (f"line:{other.hex}:1", f"row:{row.pk}", "x", line_key(two.home, 1)):
        browser.post(address, {"record": wrong})
        assert Case.objects.get().there_household_id is None, wrong
    browser.post(address, {"record": f"line:{there.hex}:1"})
    assert Case.objects.get().there_household_id == there
    assert "唐山路1弄009号" not in browser.get(reverse("case", args=[case.id])).text


def test_an_answer_and_its_household_are_written_together_or_not_at_all(two):
    there = two.enumerated_there()
    case = two.case()
    ask(two, case)
    cases.close(case, 6, by=two.head, at=two.now, seen=None, ground="家人电话告知")
    request = HelpRequest.objects.get()
    body = {"answer": "yes", "who": "吕文", "line": f"line:{there.hex}:1"}
    two.at("there").post(reverse("request-answer", args=[request.id]), body)
    assert HelpRequest.objects.get().state == "sent"


def test_a_call_from_the_page_and_a_conflict_that_is_shown(two):
    case = two.case()
    browser, address = two.at(Role.SUPERVISOR), reverse("case-call", args=[case.id])
    body = {"D7": 5, "D7_code": "310115", "D9": 6, "D10": 0, "version": 1}
    for wrong in ({"D7": 1, "D7_code": ""}, {"D7_code": "3101"}, {"D9": ""}, {"D10": "99"}, {"D9": "x"}, {"D10": ""}):
        browser.post(address, {**body, **wrong})
        assert two.household(two.home).version == 1, wrong
    browser.post(address, body)
    assert two.household(two.home).form_method == 3
    changed = form(household={"H2a": 1, "H2b": 1})
    changed["answers"]["persons"][1].update(AWAY, D9=8)
    two.send("form", two.home, changed, base=2)
    answer = browser.post(address, {**body, "D9": 7, "version": 2})
    assert answer.url == reverse("merge-task", args=[MergeTask.objects.get().id])
    assert Person.objects.get(household_id=two.home, line=2).away_duration == 8


def test_answers_by_telephone_are_written_down_by_who_asked(two):
    letter = two.outside()
    request = letter.requests.get()
    address = reverse("request-record", args=[request.id])
    two.at("here").post(address, {"answer": "no", "who": "", "via": "telephone"})
    assert HelpRequest.objects.get().state == "sent"
    two.at("here").post(address, {"answer": "no", "who": "方远", "via": "telephone"})
    held = HelpRequest.objects.get()
    assert (held.answered_via, held.recorded_by, held.answered_by) == ("telephone", "here", "方远")


def test_forwarding_from_the_page(two):
    request = two.letter().requests.get()
    address = reverse("request-forward", args=[request.id])
    two.at("there").post(address, {**LETTER, "to": "outside", "to_name": ""})
    assert HelpRequest.objects.count() == 1
    two.at("there").post(address, {**LETTER, "to": "outside", "to_name": "嘉定新村居委会"})
    assert HelpRequest.objects.filter(forwarded_from=request).count() == 1
    assert Letter.objects.get(to_kind="outside").from_code == THERE


def test_a_letter_is_downloaded_by_who_asked_and_logged(two):
    letter = two.outside()
    browser = two.at("here")
    page = browser.get(reverse("letter", args=[letter.id]))
    assert requests.code_of(letter) in page.text
    assert "李秀英" not in page.text
    for kind, start in (("pdf", b"%PDF"), ("docx", b"PK")):
        answer = browser.post(reverse("letter-file", args=[letter.id, kind]))
        assert answer.content.startswith(start)
        assert "no-store" in answer["Cache-Control"]
    assert browser.post(reverse("letter-file", args=[letter.id, "txt"])).status_code == 404
    assert [e.action for e in AccessEvent.objects.order_by("id")] == ["letter.pdf", "letter.docx"]


def test_the_page_for_outsiders_opens_by_the_code_and_shows_no_more_than_it_must(two):
    letter = two.outside(due_on=date(2099, 12, 1))
    code = requests.code_of(letter)
    browser = Client()
    assert code.replace(" ", "") in browser.get(reverse("answer-code"), {"code": code.replace(" ", "")}).text
    assert "没有打开的协查函" in browser.get(reverse("answer-letter")).text, "a link alone opens nothing"
    assert browser.post(reverse("answer-code"), {"code": requests.new_code()}).status_code == 404
    page = browser.post(reverse("answer-code"), {"code": code}, follow=True).text
    assert "李**" in page
    for secret in ("李秀英", NUMBERS[1], "唐山路", "13911112222"):
        assert secret not in page
    person = reverse("answer-person", args=[1])
    browser.post(person, {"answer": "yes", "who": ""})
    assert HelpRequest.objects.get().state == "sent"
    thanks = browser.post(person, {"answer": "yes", "who": "方远", "phone": PHONE}, follow=True).text
    assert "谢谢" in thanks
    held = HelpRequest.objects.get()
    assert (held.answered_via, held.answer, requests.opened(held, "phone")) == ("page", "yes", PHONE)
    browser.post(person, {"answer": "no", "who": "方远"})
    assert HelpRequest.objects.get().answer == "yes"
    assert Client().post(reverse("answer-code"), {"code": code}).status_code == 404
    assert Client().post(person, {"answer": "no", "who": "x"}).status_code == 302


def test_guessing_on_the_page_is_stopped(two):
    two.outside()
    browser = Client()
    for _ in range(requests.TRIES):
        assert browser.post(reverse("answer-code"), {"code": requests.new_code()}).status_code == 404
    assert browser.post(reverse("answer-code"), {"code": requests.new_code()}).status_code == 429


def test_a_look_up_is_shown_once_logged_and_stands_in_no_address(two):
    two.register("residence_permit", HERE, address="东路3号", phone=PHONE, birth="1978-08-25")
    two.register("residence_permit", THERE, address="西路9号", phone="12599998888", birth="1978-08-25")
    browser, address = two.at("here"), reverse("contacts")
    for wrong in ({"number": NUMBERS[1]}, {"number": "123", "purpose": "联系"}, {"name": "李", "purpose": "联系"}, {}):
        page = browser.post(address, wrong).text
        assert PHONE not in page
    assert not AccessEvent.objects.exists()
    answer = browser.post(address, {"number": NUMBERS[1], "purpose": "电话登记"})
    assert PHONE in answer.text
    assert "12599998888" not in answer.text, "of another committee only where to ask is told"
    assert "西居委会" in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert PHONE not in browser.get(address).text
    event = AccessEvent.objects.get()
    assert (event.action, event.purpose, event.area_code) == ("contact.look_up", "电话登记", HERE)
    assert NUMBERS[1] not in event.about
    by_name = browser.post(address, {"name": "李秀英", "purpose": "电话登记"})
    assert PHONE in by_name.text
    assert "13911112222" not in browser.post(address, {"name": "王小二", "purpose": "电话登记"}).text
    log = two.at().get(reverse("access-log")).text
    assert "电话登记" in log
    assert "查找电话" in log
    assert "李秀英" not in log


def test_who_looks_up_more_than_the_limit_is_marked(two):
    two.census.parameters = {"look_ups_a_day": 1}
    two.census.save()
    browser = two.at("here")
    browser.post(reverse("contacts"), {"name": "李秀英", "purpose": "电话登记"})
    assert "超过 1 次" not in two.at().get(reverse("access-log")).text
    browser.post(reverse("contacts"), {"name": "张建国", "purpose": "电话登记"})
    assert "超过 1 次" in two.at().get(reverse("access-log")).text


def test_persons_gone_are_listed_and_asked_for_one_letter_a_committee(two):
    two.registered(
        "002", people=("王强", "赵敏"), away={**AWAY, "D3": "310199198001010128", "D7": 5, "D7_code": "310115"}
    )
    two.registered("003", people=("孙伟", "周丽"), away={**AWAY, "D3": "310199198202020228"})
    two.register("residence_permit", THERE, number="310199198202020228", name="周丽", birth="1982-02-02")
    page = two.at("here").get(reverse("gone")).text
    assert page.count('name="record"') == 3
    there = two.enumerated_there()
    page = two.at("here").get(reverse("gone")).text
    assert page.count('name="record"') == 2, "who is found there is asked for no more"
    found = two.at("here").get(reverse("gone"), {"found": "1"}).text
    assert "现住地已登记" in found
    records = [line_key(p.household_id, p.line) for p in Person.objects.filter(hukou_place=1, residence_place__gt=1)]
    elsewhere = line_key(there, 1)
    body = {**LETTER, "area": HERE, "to": "known", "record": [*records, elsewhere, "x", "row:1"]}
    two.at("here").post(reverse("gone-ask"), body)
    letters = list(Letter.objects.order_by("number"))
    assert [letter.to_code for letter in letters] == [THERE]
    assert letters[0].requests.count() == 2, "those whom a register or form names there; one has no hint and waits"
    assert not Case.objects.filter(record=elsewhere).exists()
    two.at("here").post(reverse("gone-ask"), {**body, "to": "outside", "to_name": "花木街道"})
    assert Letter.objects.filter(to_kind="outside").get().requests.count() == 3


def test_persons_gone_are_not_listed_for_more_than_a_street(two):
    Area.objects.create(code="310199", name="北区")
    Post.objects.create(user=two.users[Role.STREET_OFFICE], role=Role.DISTRICT_OFFICE, area_code="310199")
    page = two.at().get(reverse("gone"), {"area": "310199"}).text
    assert 'name="record"' not in page
    assert f"{reverse('gone')}?area={STREET}" in page
    assert 'name="record"' in two.at().get(reverse("gone"), {"area": STREET}).text


def test_the_list_of_cases_asks_the_store_as_often_for_many_as_for_few(two, django_assert_max_num_queries):
    for n in range(10, 22):
        about = two.registered(f"0{n}", away=AWAY)
        cases.open_case(two.census, line_key(about, 2), by=two.head, at=two.now)
    browser = two.at("here")
    with django_assert_max_num_queries(24):
        page = browser.get(reverse("cases"))
    assert page.text.count("<tr>") >= 12
