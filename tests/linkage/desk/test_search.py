"""One person found from the office and from a device: who sees whom, what is fresh, and what stays hidden."""

import json
import threading
from uuid import uuid4

import pytest
from django.urls import reverse

from renpu.linkage import destruction, search, typed
from renpu.linkage.models import Link, line_key, row_key
from renpu.platform.models import AccessEvent, Role
from renpu.registers.models import Delivery, DeliveryArea, RegisterRow
from tests.linkage.desk.records import delivery, row, unsure
from tests.site.street import BLOCK, HERE, NEXT, STREET, THERE

NUMBER = "310199197503120138"


@pytest.fixture(autouse=True)
def _no_index(monkeypatch):
    monkeypatch.setattr(search, "CHECK_SECONDS", -1)
    search.forget()
    yield
    search.forget()


def police(office, name="张建国", number=1, **more):
    of = delivery(office, sha256=f"{number:064}")
    found = row(of, number, name, **more)
    DeliveryArea.objects.create(delivery=of, area_code=found.area_code, rows=1)
    return found


def page(office, text, role=Role.STREET_OFFICE, **more):
    return office.at(role).post(reverse("search"), {"q": text, **more})


def test_a_person_is_found_on_the_form_and_on_the_register_as_one(office):
    home = office.registered(people=("张建国", "李秀英"))
    police(office, id_number=NUMBER, birth="1975-03-12")
    shown = page(office, "章建国 1975 0138").text
    assert shown.count("data-row") == 1
    for words in ("张**", "1975-03", "姓名同音", "普查短表", "公安", reverse("household", args=[home])):
        assert words in shown, words
    assert "张建国" not in shown
    assert NUMBER not in shown


def test_linked_records_are_one_person_though_neither_has_a_number(office):
    home = office.registered("002", people=("张建国", "李秀英", "王小五"))
    found = police(office, "王小武")
    assert page(office, "王小五").text.count("data-row") == 2
    unsure(office, line_key(home, 3), row_key(found.pk), status="linked", probability=0.97)
    assert page(office, "王小五").text.count("data-row") == 1
    Link.objects.update(status="apart")
    assert page(office, "王小五").text.count("data-row") == 2


def test_a_name_in_one_dwelling_is_one_person_unless_two_numbers_say_otherwise(office):
    unit = uuid4()
    meter = police(office, "王小武", number=1, unit_id=unit)
    assert page(office, "王小五").text.count("data-row") == 1
    first = police(office, "王小五", number=2, unit_id=unit, id_number=NUMBER, birth="1975-03-12")
    first.delivery.source = meter.delivery.source = "grid"
    meter.delivery.save()
    search.forget()
    shown = page(office, "王小五").text
    assert shown.count("data-row") == 1
    assert "1975-03" in shown, "the fuller record tells who it is"
    other = police(office, "王小五", number=3, unit_id=unit, id_number="310199197808250267", birth="1978-08-25")
    other.delivery.source = "education"
    other.delivery.save()
    search.forget()
    assert page(office, "王小五").text.count("data-row") == 2


def test_only_the_readers_own_area_is_searched(office):
    office.registered(block=NEXT, people=("欧阳建国", "李秀英"))
    police(office, "欧阳建国", area=THERE)
    for role, many in ((Role.STREET_OFFICE, 1), (Role.SUPERVISOR, 0), (Role.ENUMERATOR, 0)):
        assert min(page(office, "欧阳建国", role).text.count("data-row"), 1) == many, role
    assert page(office, "欧阳建国", area=HERE).text.count("data-row") == 0, "the street looks at one committee"
    assert page(office, "欧阳建国", Role.SUPERVISOR, area=THERE).status_code == 404


def test_what_is_typed_stands_in_no_address(office):
    office.registered()
    browser = office.at()
    assert "欧" not in browser.get(reverse("search"), {"q": "张建国"}).text
    assert "data-row" not in browser.get(reverse("search"), {"q": "张建国"}).text, (
        "a name in an address is not looked for"
    )
    assert not AccessEvent.objects.exists()


def test_a_form_that_comes_in_is_found_and_what_it_replaces_is_not(office):
    home = office.registered(people=("张建国", "李秀英"))
    assert page(office, "欧阳建国").text.count("data-row") == 0
    assert page(office, "张建国").text.count("data-row") == 1
    from tests.people import form

    office.send("form", home, form(("欧阳建国", "李秀英")), base=1)
    assert page(office, "欧阳建国").text.count("data-row") == 1
    assert "欧**" in page(office, "欧阳建国").text
    assert "姓名相同" not in page(office, "张建国").text
    office.registered("009", people=("司徒敏", "李秀英"))
    assert page(office, "司徒敏").text.count("data-row") == 1
    assert page(office, "欧阳建国").text.count("data-row") == 1
    office.send("remove", home, {"removed": True, "reason": "重复"}, base=2)
    assert page(office, "欧阳建国").text.count("data-row") == 0


def test_a_newer_list_takes_the_place_of_the_older(office):
    old = police(office, "司徒敏")
    assert page(office, "司徒敏").text.count("data-row") == 1
    office.now = office.now.replace(day=office.now.day + 1)
    police(office, "欧阳建国", number=2)
    old.delivery.state = "superseded"
    old.delivery.save()
    assert page(office, "司徒敏").text.count("data-row") == 0
    assert page(office, "欧阳建国").text.count("data-row") == 1


def test_an_empty_answer_says_why(office):
    office.registered()
    assert "输入" in page(office, "").text
    assert "太少" in page(office, "1").text
    nobody = page(office, "司徒敏").text
    assert "北街道范围内" in nobody
    assert "同音字" in nobody


def test_while_the_index_is_made_whole_names_and_numbers_are_found(office, monkeypatch):
    home = office.registered(people=("张建国", "李秀英"))
    monkeypatch.setattr(search.People, "fresh", lambda self: False)
    for text in ("张建国", NUMBER):
        shown = page(office, text).text
        assert reverse("household", args=[home]) in shown, text
        assert "索引正在建立" in shown
    assert page(office, "章建国").text.count("data-row") == 0
    assert page(office, "张建国", Role.SUPERVISOR, area=HERE).text.count("data-row") == 1
    office.registered("002", block=NEXT, people=("司徒敏",))
    assert page(office, "司徒敏", Role.SUPERVISOR).text.count("data-row") == 0


@pytest.mark.django_db(transaction=True)
def test_a_large_index_is_made_apart_while_the_office_works_on(office, monkeypatch):
    office.registered(people=("张建国", "李秀英"))
    monkeypatch.setattr(search, "AT_ONCE", -1)
    assert "索引正在建立" in page(office, "张建国").text
    of = search.people(office.census)
    for thread in threading.enumerate():
        if thread.name == "search-index":
            thread.join(30)
    assert of.main is not None
    assert not of.building
    shown = page(office, "章建国").text
    assert "索引正在建立" not in shown
    assert shown.count("data-row") == 1
    office.now = office.now.replace(day=office.now.day + 1)
    police(office, "司徒敏")
    assert page(office, "司徒敏").text.count("data-row") == 0, "the old index answers while the new one is made"
    for thread in threading.enumerate():
        if thread.name == "search-index":
            thread.join(30)
    assert page(office, "司徒敏").text.count("data-row") == 1


def test_a_fragment_is_answered_to_htmx(office):
    office.registered()
    answer = office.at().post(reverse("search"), {"q": "张建国"}, headers={"HX-Request": "true", "HX-Target": "found"})
    assert "<html" not in answer.text
    assert "data-row" in answer.text


def test_a_search_asks_a_bounded_number_of_questions(office, django_assert_max_num_queries):
    for n in range(1, 4):
        office.registered(f"{n:03}")
    browser = office.at()
    browser.post(reverse("search"), {"q": "张建国"})
    for n in range(4, 16):
        office.registered(f"{n:03}")
    browser.post(reverse("search"), {"q": "张建国"})
    with django_assert_max_num_queries(18):
        assert browser.post(reverse("search"), {"q": "张建国"}).text.count("data-row") > 0


def test_the_probability_is_shared_by_those_who_fit_alike(office):
    office.registered("001", people=("张建国", "李秀英"))
    census = office.census
    alone = search.find(typed.read("张建国"), census, [STREET], office.users[Role.STREET_OFFICE])
    police(office, "张建国", birth="1991-01-01")
    search.forget()
    two = search.find(typed.read("张建国"), census, [STREET], office.users[Role.STREET_OFFICE])
    assert len(two.found) == 2
    assert sum(one.probability for one in two.found) < 1
    assert max(one.probability for one in two.found) < max(one.probability for one in alone.found)


def test_a_device_finds_persons_of_its_own_blocks_masked(office, wsgi):
    home = office.registered(people=("张建国", "李秀英"))
    office.registered(block=NEXT, people=("张建国", "李秀英"))
    status, told = wsgi("/api/search", {"q": "章建国"})
    assert status == 200
    (found,) = told["found"]
    assert (found["household"], found["line"], found["block"]) == (str(home), 1, BLOCK)
    assert found["name"] == "张**"
    assert found["why"] == [["name", "sound"]]
    assert "张建国" not in json.dumps(told, ensure_ascii=False)
    status, told = wsgi("/api/search", {"name": "张建国", "id_number": "0138"})
    assert len(told["found"]) == 1
    office.device.leases.update(block_code=HERE + "009")
    assert wsgi("/api/search", {"q": "张建国"})[1]["found"] == []


def test_a_device_that_is_not_paired_finds_nobody(office, wsgi):
    office.registered()
    assert wsgi("/api/search", {"q": "张建国"}, token="other")[0] == 401
    assert wsgi("/api/search", ["q"])[0] == 400


@pytest.fixture
def wsgi(office):
    """Posts JSON to a device endpoint with the device's token: (status, what was told)."""
    import hashlib
    import io

    from renpu.site.devices import _known, around

    _known.clear()
    office.device.token_hash = hashlib.sha256(b"token").digest()
    office.device.save()
    application = around(lambda *_: [b""])

    def post(path, body, token="token"):
        sent, told = json.dumps(body).encode(), {}
        environ = {"PATH_INFO": path, "REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(sent))}
        environ |= {"wsgi.input": io.BytesIO(sent), "HTTP_AUTHORIZATION": f"Bearer {token}"}
        (answer,) = application(environ, lambda status, _headers: told.update(status=int(status[:3])))
        return told["status"], json.loads(answer)

    yield post
    _known.clear()


def test_nothing_of_a_destroyed_list_stays_in_memory(office):
    found = police(office, "司徒敏")
    assert page(office, "司徒敏").text.count("data-row") == 1
    held = search.people(office.census)
    Delivery.objects.filter(pk=found.delivery_id).update(destroyed_at=office.now)  # by another process
    RegisterRow.objects.all().delete()
    page(office, "司徒敏")
    assert held.main.index.size == 0
    destruction.forget(found.delivery)
    assert search.people(office.census).main is None
