"""Requests for help: letter, code, answers, forwarding, reminders; each with its refusal."""

from datetime import timedelta

import pytest

from renpu.concepts.check_digit import fits
from renpu.tracing import requests
from renpu.tracing.cases import TracingRefused
from renpu.tracing.letters import letter_text
from renpu.tracing.models import AnswerTry, HelpRequest, Letter
from renpu.tracing.requests import Addressee, Said
from tests.site.street import HERE, STREET, THERE
from tests.tracing.two import PHONE


def test_a_letter_has_a_number_a_code_with_a_check_digit_and_is_logged(two):
    first = two.outside()
    second = two.letter()
    code = requests.code_of(first).replace(" ", "")
    assert len(code) == 12
    assert fits(code)
    assert code not in repr(bytes(first.code) + bytes(first.code_hash))
    assert (first.number, second.number) == ("001001-0001", "001001-0002")
    request = first.requests.get()
    assert [s.did for s in request.steps.all()] == ["sent"]
    assert list(request.case.steps.order_by("id").values_list("did", flat=True)) == ["opened", "asked", "asked"]
    assert requests.opened(request, "suspected") == "唐山路9弄9号"


@pytest.mark.parametrize("more", [
    {"purpose": " "},
    {"basis": ""},
    {"due_on": None},
    {"kind": "committee", "code": HERE},
    {"kind": "outside", "code": "", "name": " "},
    {"kind": "nobody"},
])  # fmt: skip
def test_a_letter_that_lacks_something_is_not_sent(two, more):
    if "due_on" in more:
        more = {"due_on": two.today() - timedelta(days=1)}
    with pytest.raises(TracingRefused):
        two.letter(**more)
    assert not Letter.objects.exists()


def test_the_same_addressee_is_not_asked_twice_about_one_person(two):
    two.letter()
    with pytest.raises(TracingRefused, match="001001-0001"):
        two.letter()
    two.letter(kind="police", code=STREET)
    assert HelpRequest.objects.count() == 2


@pytest.mark.parametrize(("answer", "phone", "ok"), [
    ("yes", "", True), ("yes", PHONE, True), ("no", "", True), ("unknown", "", True), ("contact", PHONE, True),
    ("contact", "", False), ("yes", "12", False), ("perhaps", "", False), ("", PHONE, False),
])  # fmt: skip
def test_an_answer_is_yes_no_contact_or_unknown(two, answer, phone, ok):
    request = two.letter().requests.get()
    said = Said(answer, "吕文", "system", phone, "住三楼")
    if not ok:
        with pytest.raises(TracingRefused):
            requests.answer(request, said, by="there", at=two.now)
        assert HelpRequest.objects.get().state == "sent"
        return
    requests.answer(request, said, by="there", at=two.now)
    held = HelpRequest.objects.get()
    assert (held.state, held.answer, held.answered_by, held.answered_via) == ("answered", answer, "吕文", "system")
    assert requests.opened(held, "phone") == phone
    assert PHONE.encode() not in bytes(held.phone or b"")
    assert held.case.steps.filter(did="answered").count() == 1
    with pytest.raises(TracingRefused):
        requests.answer(request, said, by="there", at=two.now)


def test_nobody_answers_anonymously(two):
    with pytest.raises(TracingRefused):
        requests.answer(two.letter().requests.get(), Said("no", " ", "page"), by="", at=two.now)


def test_a_third_committee_answers_in_the_place_of_the_one_that_was_asked(two):
    request = two.letter().requests.get()
    to = Addressee("outside", "", "嘉定新村居委会")
    by = two.users["there"]
    letter = requests.forward(request, to, two.asked(), from_code=THERE, by=by, at=two.now, seen=0)
    after = letter.requests.get()
    assert (after.forwarded_from_id, after.case_id) == (request.pk, request.case_id)
    assert HelpRequest.objects.get(pk=request.pk).state == "forwarded"
    assert requests.opened(after, "suspected") == "唐山路9弄9号"
    requests.answer(after, Said("yes", "方远", "telephone", PHONE), by="there", at=two.now)
    assert request.case.steps.filter(did="answered").count() == 1
    with pytest.raises(TracingRefused):
        requests.withdraw(request, "已联系到本人", by=two.head, at=two.now)


def test_a_request_is_withdrawn_with_a_reason_and_its_code_opens_nothing_then(two):
    letter = two.outside()
    request = letter.requests.get()
    code = requests.code_of(letter)
    assert requests.by_code(code, "10.0.0.1", at=two.now) == letter.pk
    with pytest.raises(TracingRefused):
        requests.withdraw(request, " ", by=two.head, at=two.now)
    requests.withdraw(request, "已联系到本人", by=two.head, at=two.now)
    with pytest.raises(TracingRefused):
        requests.by_code(code, "10.0.0.1", at=two.now)


def test_a_code_opens_until_all_is_answered_or_it_expires(two):
    letter = two.outside()
    code = requests.code_of(letter)
    late = two.now + timedelta(days=38)
    with pytest.raises(TracingRefused):
        requests.by_code(code, "10.0.0.1", at=late)
    assert requests.by_code(code.replace(" ", "-"), "10.0.0.1", at=late - timedelta(days=2)) == letter.pk
    requests.answer(letter.requests.get(), Said("no", "方远", "page"), by="", at=two.now)
    with pytest.raises(TracingRefused):
        requests.by_code(code, "10.0.0.2", at=two.now)


def test_a_code_of_a_letter_inside_the_system_opens_no_page(two):
    with pytest.raises(TracingRefused):
        requests.by_code(requests.code_of(two.letter()), "10.0.0.1", at=two.now)


def test_guessing_codes_is_slow_and_a_slip_of_the_finger_does_not_count(two):
    letter = two.outside()
    right = requests.code_of(letter)
    slip = right[:-1] + str((int(right[-1]) + 1) % 10)
    for _ in range(12):
        with pytest.raises(TracingRefused, match="顺序颠倒"):
            requests.by_code(slip, "10.0.0.1", at=two.now)
    for _ in range(requests.TRIES):
        with pytest.raises(TracingRefused, match="没有该回复码"):
            requests.by_code(requests.new_code(), "10.0.0.1", at=two.now)
    with pytest.raises(TracingRefused, match="10 分钟"):
        requests.by_code(right, "10.0.0.1", at=two.now)
    assert requests.by_code(right, "10.0.0.2", at=two.now) == letter.pk
    assert requests.by_code(right, "10.0.0.1", at=two.now + timedelta(minutes=11)) == letter.pk
    assert AnswerTry.objects.count() == requests.TRIES


def test_a_reminder_is_written_while_somebody_waits(two):
    letter = two.letter()
    assert requests.remind(letter, by=two.head, at=two.now) == 1
    letter.refresh_from_db()
    assert (letter.reminders, letter.reminded_at) == (1, two.now)
    requests.answer(letter.requests.get(), Said("no", "吕文", "system"), by="there", at=two.now)
    assert requests.remind(letter, by=two.head, at=two.now) == 0
    letter.refresh_from_db()
    assert letter.reminders == 1


def test_a_letter_that_is_printed_after_a_reminder_says_so(two):
    letter = two.outside()
    assert "催办" not in letter_text(letter, two.census, "https://x/").number
    requests.remind(letter, by=two.head, at=two.now)
    letter.refresh_from_db()
    assert letter_text(letter, two.census, "https://x/").number.endswith("0001号（第1次催办）")


def test_what_waits_about_a_case_is_withdrawn_when_it_ends(two):
    case = two.case()
    waits, answered = two.letter(case).requests.get(), two.outside().requests.get()
    requests.answer(answered, Said("no", "方远", "telephone"), by="here", at=two.now)
    with pytest.raises(TracingRefused):
        requests.close_case(case, 6, by=two.head, at=two.now, seen=None)
    assert HelpRequest.objects.get(pk=waits.pk).state == "sent", "a case that stays open withdraws nothing"
    requests.close_case(case, 6, by=two.head, at=two.now, seen=None, ground="家人电话告知")
    assert HelpRequest.objects.get(pk=waits.pk).state == "withdrawn"
    assert HelpRequest.objects.get(pk=answered.pk).state == "answered"


def test_overdue_is_the_day_after_the_day_that_was_set(two):
    letter = two.letter()
    assert not HelpRequest.objects.overdue(letter.due_on).exists()
    assert HelpRequest.objects.overdue(letter.due_on + timedelta(days=1)).count() == 1


def test_a_request_is_seen_by_who_asks_and_by_who_is_asked(two):
    request = two.letter().requests.get()
    two.letter(kind="police", code=STREET)
    objects = HelpRequest.objects

    def sees(name):
        user = two.users[name]
        return objects.visible_to(user).count(), objects.addressed_to(user).count()

    assert sees("here") == (2, 0)
    assert sees("there") == (0, 1)
    assert sees("street_office") == (2, 1)
    assert sees("police") == (0, 1)
    assert sees("other police") == (0, 0)
    assert objects.addressed_to(two.users["there"]).get() == request
