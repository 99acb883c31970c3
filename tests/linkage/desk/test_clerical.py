"""The desk for unsure pairs: who may decide, what stands, what is shown."""

from itertools import permutations

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from renpu.linkage import clerical
from renpu.linkage.models import Link, LinkDecision
from renpu.platform.models import AccessEvent, Post, Role
from tests.linkage.desk.records import delivery, pair_at, row, row_key, unsure
from tests.site.street import BLOCK, HERE, NEXT, STREET, THERE

SAME, APART, UNSURE = "linked", "apart", "unsure"


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ((), (UNSURE, False)),
        ((("a", SAME, False),), (SAME, False)),
        ((("a", UNSURE, False),), (UNSURE, False)),
        ((("a", SAME, False), ("b", SAME, False)), (SAME, False)),
        ((("a", SAME, False), ("b", APART, False)), (UNSURE, True)),
        ((("a", SAME, False), ("b", APART, False), ("c", APART, False)), (APART, False)),
        ((("a", SAME, False), ("b", APART, False), ("b", SAME, False)), (SAME, False)),
        ((("a", SAME, False), ("b", APART, False), ("b", UNSURE, True)), (SAME, False)),
        ((("a", SAME, False), ("a", APART, False), ("a", UNSURE, True)), (SAME, False)),
        ((("a", SAME, False), ("a", UNSURE, True)), (UNSURE, False)),
        ((("a", SAME, False), ("b", UNSURE, False)), (SAME, False)),
    ],
)
def test_what_stands_is_what_most_clerks_said_last(said, stands):
    assert clerical.verdict(said) == stands


def test_the_order_of_clerks_does_not_matter():
    words = [("a", SAME, False), ("b", APART, False), ("c", SAME, False)]
    assert {clerical.verdict(order) for order in permutations(words)} == {(SAME, False)}


def decide(office, link, word, role=Role.STREET_OFFICE, **more):
    body = {"word": word, "area": "", "queue": "waiting", **more}
    return office.at(role).post(reverse("pair-decide", args=[link.pk]), body)


def test_a_decision_is_kept_with_who_and_when_and_the_next_pair_comes(office):
    first, second = sorted((pair_at(office, n) for n in (1, 2)), key=lambda link: str(link.id))
    answer = decide(office, first, SAME)
    assert answer.status_code == 302
    assert str(second.pk) in answer.url
    first.refresh_from_db()
    assert (first.status, first.decided_by) == (SAME, Role.STREET_OFFICE)
    word = LinkDecision.objects.get()
    assert (word.by, word.status, word.before) == (Role.STREET_OFFICE, SAME, UNSURE)
    assert decide(office, second, APART).url.startswith(reverse("pairs-work"))
    page = office.at().get(reverse("pairs-work"))
    assert "没有" not in page.text
    assert "本辖区的疑似对已全部判定" in page.text


def test_the_same_word_sent_twice_is_said_once(office):
    link = pair_at(office, 1)
    decide(office, link, SAME)
    decide(office, link, SAME)
    assert LinkDecision.objects.count() == 1


def test_a_word_that_is_none_changes_nothing(office):
    link = pair_at(office, 1)
    assert decide(office, link, "perhaps").status_code == 302
    link.refresh_from_db()
    assert link.decided_at is None


def test_a_word_taken_back_leaves_the_pair_as_the_comparison_left_it(office):
    link = pair_at(office, 1, status="linked", probability=0.9)
    decide(office, link, APART)
    link.refresh_from_db()
    assert link.status == APART
    answer = office.at().post(reverse("pairs-undo"), {"area": STREET, "queue": "waiting"})
    assert str(link.pk) in answer.url
    link.refresh_from_db()
    assert (link.status, link.decided_at, link.decided_by) == ("linked", None, "")
    assert [word.took_back for word in link.decisions.order_by("id")] == [False, True]
    again = office.at().post(reverse("pairs-undo"), {"area": STREET, "queue": "waiting"}, follow=True)
    assert "没有可以撤回的判定" in again.text
    assert link.decisions.count() == 2


def test_nobody_takes_back_another_clerks_word(office):
    link = pair_at(office, 1)
    decide(office, link, SAME)
    office.at(Role.SUPERVISOR).post(reverse("pairs-undo"), {"area": HERE})
    link.refresh_from_db()
    assert link.status == SAME


def test_where_two_clerks_disagree_a_third_decides(office):
    link = pair_at(office, 1)
    decide(office, link, SAME)
    decide(office, link, APART, Role.SUPERVISOR, area=HERE)
    link.refresh_from_db()
    assert (link.status, link.contested) == (UNSURE, True)
    assert link.decided_at, "a new comparison leaves it alone"
    page = office.at().get(reverse("pairs"), {"queue": "contested"}).text
    assert str(link.pk) in page
    third = get_user_model().objects.create_user("third", password="x")
    Post.objects.create(user=third, role=Role.AREA_HEAD, area_code=HERE)
    office.users["third"] = third
    decide(office, link, APART, "third", area=HERE, queue="contested")
    link.refresh_from_db()
    assert (link.status, link.contested) == (APART, False)


def test_a_pair_set_aside_comes_after_all_others(office):
    links = sorted((pair_at(office, n) for n in (1, 2)), key=lambda link: str(link.id))
    decide(office, links[0], UNSURE)
    links[0].refresh_from_db()
    assert links[0].decided_at is None
    waiting = clerical.queue(Link.objects.all(), "waiting", office.users[Role.STREET_OFFICE])
    assert list(waiting) == [links[1]]
    assert list(clerical.queue(Link.objects.all(), "aside", office.users[Role.STREET_OFFICE])) == [links[0]]
    others = clerical.queue(Link.objects.all(), "waiting", office.users[Role.SUPERVISOR])
    assert list(others) == links, "another clerk may know"


def test_a_second_look_does_not_show_what_the_first_clerk_said(office):
    link = pair_at(office, 1)
    Link.objects.filter(pk=link.pk).delete()
    link = unsure(office, link.left, link.right)
    Link.objects.filter(pk=link.pk).update(id="00000000-0000-0000-0000-000000000001")
    link = Link.objects.get()
    decide(office, link, SAME)
    mine = clerical.queue(Link.objects.all(), "second", office.users[Role.STREET_OFFICE])
    theirs = clerical.queue(Link.objects.all(), "second", office.users[Role.SUPERVISOR])
    assert (list(mine), list(theirs)) == ([], [link])
    shown = office.at(Role.SUPERVISOR).get(reverse("pair", args=[link.pk]), {"queue": "second", "area": HERE}).text
    assert Role.STREET_OFFICE.value not in shown
    assert "已由另一人判定" in shown
    decide(office, link, SAME, Role.SUPERVISOR, area=HERE, queue="second")
    assert clerical.SecondLooks(Link.objects.all()).alike == 1


@pytest.mark.parametrize("role", [Role.ENUMERATOR, Role.INSPECTOR])
def test_who_only_looks_decides_no_pair(office, role):
    link = pair_at(office, 1)
    area = BLOCK if role == Role.ENUMERATOR else STREET
    assert office.at(role).get(reverse("pair", args=[link.pk]), {"area": area}).status_code == 200
    assert decide(office, link, SAME, role, area=area).status_code == 403
    assert office.at(role).post(reverse("pairs-clear"), {"area": area, "purpose": "核对"}).status_code == 403
    link.refresh_from_db()
    assert link.status == UNSURE
    assert not AccessEvent.objects.exists()


def test_another_committees_pair_is_like_one_that_does_not_exist(office):
    link = pair_at(office, 1, area=NEXT)
    browser = office.at(Role.SUPERVISOR)
    assert browser.get(reverse("pair", args=[link.pk])).status_code == 404
    assert browser.post(reverse("pair-decide", args=[link.pk]), {"word": SAME, "area": HERE}).status_code == 404
    for page in ("pairs", "pairs-work", "pairs-agreement"):
        assert browser.get(reverse(page), {"area": THERE}).status_code == 404
        assert browser.get(reverse(page)).status_code == 200
    link.refresh_from_db()
    assert link.status == UNSURE


def test_both_households_stand_beside_each_other_with_what_agrees_in_words(office):
    link = pair_at(office, 1, name="章建国", reason="name=sound birth=month address=differ weight=3.1")
    of = delivery(office, sha256="1" * 64)
    row(of, 9, "别人", household_no="h9")
    first = link.left if link.left.startswith("row") else link.right
    from renpu.registers.models import RegisterRow

    head = RegisterRow.objects.get(pk=int(first.removeprefix("row:")))
    row(head.delivery, 70, "李秀英", sex=2, birth="1978-08-25", household_no="h1")
    page = office.at().get(reverse("pair", args=[link.pk])).text
    for words in ("姓名同音", "出生日期年月相同", "地址不同", "李**", "姓名相同", "≠", "≈", "0,50"):
        assert words.replace("0,50", "0.50") in page, words
    assert "张建国" not in page
    assert "别**" not in page
    assert "1975-03-12" not in page


def test_names_are_in_clear_only_for_a_purpose_and_each_pair_shown_is_logged(office):
    link = pair_at(office, 1)
    browser = office.at()
    here = {"area": STREET, "queue": "waiting", "pair": str(link.pk)}
    refused = browser.post(reverse("pairs-clear"), here | {"purpose": " "}, follow=True)
    assert "张建国" not in refused.text
    assert not AccessEvent.objects.exists()
    shown = browser.post(reverse("pairs-clear"), here | {"purpose": "核对疑似对"}, follow=True)
    assert "张建国" in shown.text
    event = AccessEvent.objects.get()
    assert (event.action, event.about, event.purpose) == ("link.clear", str(link.pk), "核对疑似对")
    assert event.area_code == BLOCK
    browser.get(reverse("pair", args=[link.pk]))
    assert AccessEvent.objects.count() == 2
    masked = browser.post(reverse("pairs-clear"), here | {"masked": "1"}, follow=True)
    assert "张建国" not in masked.text
    assert AccessEvent.objects.count() == 2


def test_clear_ends_after_an_hour(office):
    link = pair_at(office, 1)
    browser = office.at()
    browser.post(reverse("pairs-clear"), {"area": STREET, "purpose": "核对疑似对", "pair": str(link.pk)})
    session = browser.session
    session["pairs_in_clear"] = session["pairs_in_clear"] | {"until": timezone.now().isoformat()}
    session.save()
    assert "张建国" not in browser.get(reverse("pair", args=[link.pk])).text


def test_a_record_of_another_committee_shows_how_far_it_agrees_and_nothing_else(office):
    there = office.registered("001", block=NEXT, people=("张建国", "李秀英"))
    of = delivery(office)
    one = row(of, 1, "张建国", birth="1975-03-12", address="唐山路1弄001号")
    link = unsure(office, f"line:{there.hex}:1", row_key(one.pk), area=HERE)
    browser = office.at(Role.SUPERVISOR)
    browser.post(reverse("pairs-clear"), {"area": HERE, "purpose": "核对疑似对", "pair": str(link.pk)})
    page = browser.get(reverse("pair", args=[link.pk])).text
    assert page.count("张建国") == 1, "the one that lies here"
    assert "李秀英" not in page
    assert reverse("household", args=[there]) not in page
    assert "在您的辖区之外" in page


def test_a_record_that_is_gone_is_said(office):
    link = pair_at(office, 1)
    Link.objects.filter(pk=link.pk).update(right="row:999999")
    assert "已不存在" in office.at().get(reverse("pair", args=[link.pk])).text


def test_clerks_and_the_comparison_are_counted_by_probability(office):
    for n, (probability, word) in enumerate(((0.15, APART), (0.15, SAME), (0.75, SAME), (0.75, SAME)), 1):
        decide(office, pair_at(office, n, probability=probability), word)
    found = [(b.low, b.same, b.apart) for b in clerical.bands(Link.objects.all())]
    assert found == [(0.1, 1, 1), (0.7, 2, 0)]
    page = office.at().get(reverse("pairs-agreement")).text
    assert "50.0%" in page
    assert "15.0%" in page
    probabilities = sorted(Link.objects.values_list("probability", flat=True))
    assert probabilities == [0.15, 0.15, 0.75, 0.75], "a decision changes no probability"


def test_lists_ask_a_bounded_number_of_questions(office, django_assert_max_num_queries):
    for n in range(1, 6):
        pair_at(office, n)
    browser = office.at()
    for page, most in (("pairs", 22), ("pairs-work", 24), ("pairs-agreement", 12)):
        with django_assert_max_num_queries(most):
            browser.get(reverse(page))
    for n in range(6, 16):
        pair_at(office, n)
    for page, most in (("pairs", 22), ("pairs-work", 24), ("pairs-agreement", 12)):
        with django_assert_max_num_queries(most):
            browser.get(reverse(page))


def test_a_word_taken_back_twice_at_once_shows_its_pair(office, monkeypatch):
    link = pair_at(office, 1)
    decide(office, link, SAME)
    word = link.decisions.get()
    office.at().post(reverse("pairs-undo"), {"area": STREET})
    monkeypatch.setattr(clerical, "last_word", lambda *_, **__: word)  # asked before the first was answered
    answer = office.at().post(reverse("pairs-undo"), {"area": STREET})
    assert answer.url.startswith(reverse("pair", args=[link.pk]))
