"""The field client alone in a real browser, against an office that keeps the protocol and can misbehave."""

from datetime import timedelta

import pytest

from tests.journeys.fake_office import Office, serve
from tests.journeys.phone import FAMILY, PIN, Phone, chromium

pytestmark = pytest.mark.browser


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def url(office):
    server = serve(office)
    yield f"http://127.0.0.1:{server.server_port}/app/"
    server.shutdown()


@pytest.fixture
def browser(tmp_path, playwright, browser_path):
    with chromium(playwright, browser_path, tmp_path / "profile") as context:
        yield context


@pytest.fixture
def phone(browser, url):
    phone = Phone(browser.pages[0], url)
    phone.pair("12345678")
    phone.ready_for_offline()
    yield phone
    assert phone.errors == []


@pytest.fixture
def doors(office):
    return [household["id"] for household in office.blocks[0]["households"]]


def test_a_family_is_registered_without_a_network_and_arrives_once(phone, browser, office, doors):
    page = phone.page
    browser.set_offline(True)
    phone.reload()
    phone.open_form(doors[5])
    phone.fill_household(here=4, area="620", rooms="6")
    phone.fill_person(0, FAMILY[0])
    phone.page.evaluate("() => scrollTo(0, 0)")
    phone.picture("field-form")
    phone.fill_person(1, {**FAMILY[1], "D11": "4", "D12": "2"})
    phone.fill_person(2, {name: FAMILY[2][name] for name in ("D1", "D2")})

    phone.reload()
    assert phone.question("D1").locator("input").input_value() == "王子涵"
    phone.fill_person(2, FAMILY[2])
    phone.fill_person(3, FAMILY[3])

    phone.step("检查")
    phone.picture("field-check")
    hard = page.locator("[data-test=hard]")
    assert [found.get_attribute("data-rule") for found in hard.all()] == ["E-008"]
    assert page.locator("[data-test=next]").is_disabled()
    hard.get_by_text("去改").click()
    assert phone.question("D12").locator(":focus").count() == 1 or phone.question("D11").locator(":focus").count() == 1
    phone.put("D12", "1")
    phone.step("检查")
    assert hard.count() == 0

    query = page.locator("[data-test=query]")
    assert [found.get_attribute("data-rule") for found in query.all()] == ["H-018"]
    assert page.locator("[data-test=next]").is_disabled()
    query.get_by_text("再问过").click()
    phone.next()
    phone.picture("field-read-aloud")
    aloud = page.locator("[data-test=aloud]").inner_text()
    assert "初中" in aloud
    assert "1980年4月" in aloud
    page.locator("[data-test=read-back]").click()
    phone.sign()
    phone.finish()
    assert "在手机里" in page.locator("[data-test=reach]").inner_text()
    assert phone.state() == "没有网络，1户先存在手机里"
    assert office.events == {}

    phone.picture("field-home")
    block = office.blocks[0]
    phone.go("block", block["block"], block["buildings"][0]["id"])
    phone.picture("field-tower")
    phone.go("block", block["block"], block["buildings"][1]["id"])
    phone.picture("field-list")

    office.lose_replies = 1
    browser.set_offline(False)
    phone.sync()
    assert phone.sync() == "已全部交到居委会"
    visit, form = office.events.values()
    assert (visit["kind"], visit["seq"], form["kind"], form["seq"]) == ("visit", 1, "form", 2)
    assert visit["payload"]["outcome"] == 1
    answers = form["payload"]["answers"]
    assert answers["household"] == {
        "H1": 1, "H2a": 4, "H2b": 0, "H3m": 0, "H3f": 0, "H4m": 0, "H4f": 0, "H5": 1, "H6": 620, "H7": 6,
    }  # fmt: skip
    assert [p["D1"] for p in answers["persons"]] == ["王建军", "李秀梅", "王子涵", "王桂芳"]
    assert [p["D5"] for p in answers["persons"]] == ["198004", "198209", "200801", "195406"]
    assert [p["D4"] for p in answers["persons"]] == [1, 2, 1, 2]
    assert "D12" not in answers["persons"][2]
    assert len({p["uuid"] for p in answers["persons"]}) == 4
    assert form["payload"]["confirmed"] == [{"rule": "H-018", "line": 0, "reason": "asked_again", "text": ""}]
    assert form["payload"]["signature"].startswith("M")
    assert form["payload"]["read_back"] is True

    phone.sync()
    assert len(office.events) == 2
    left = page.evaluate(
        """async () => {
          const db = await new Promise((done) => {
            const r = indexedDB.open('renpu'); r.onsuccess = () => done(r.result)
          })
          const all = (table) => new Promise((done) => {
            const r = db.transaction(table).objectStore(table).getAll(); r.onsuccess = () => done(r.result)
          })
          return [(await all('outbox')).length, (await all('drafts')).length]
        }"""
    )
    assert left == [0, 0]


def test_visits_without_a_network_are_kept_and_sent_in_order(phone, browser, office, doors):
    browser.set_offline(True)
    phone.no_answer(doors[0])
    phone.no_answer(doors[1])
    assert phone.state() == "没有网络，2户先存在手机里"
    browser.set_offline(False)
    assert phone.sync() == "已全部交到居委会"
    slips = [event["payload"]["slip_no"] for event in office.events.values()]
    assert slips == ["0317-0001", "0317-0002"]
    assert [event["seq"] for event in office.events.values()] == [1, 2]


def test_another_household_in_a_dwelling_is_opened_before_it_is_visited(phone, browser, office, doors):
    phone.household(doors[2])
    phone.page.locator("[data-test=another]").click()
    phone.page.locator("#head").fill("周小妹")
    phone.page.locator("[data-test=why]").get_by_text("租客").click()
    phone.page.locator("[data-test=save]").click()
    phone.page.locator(".timeline li").first.wait_for()
    phone.sync()
    (line,) = office.events.values()
    assert line["kind"] == "line"
    assert line["payload"]["unit"] == office.blocks[0]["households"][2]["unit"]
    assert line["payload"]["head"] == "周小妹"
    assert line["about"] not in doors


def test_two_pages_open_at_once_send_each_event_once(phone, browser, office, doors):
    browser.set_offline(True)
    for door in doors[:3]:
        phone.no_answer(door)
    second = Phone(browser.new_page(), phone.url)
    second.page.goto(phone.url)
    second.unlock()
    browser.set_offline(False)
    for _ in range(2):
        for one in (phone, second):
            one.page.evaluate("() => { dispatchEvent(new Event('online')) }")
    phone.sync()
    second.sync()
    assert len(office.events) == 3
    assert sorted(event["seq"] for event in office.events.values()) == [1, 2, 3]


def test_a_phone_that_was_signed_off_keeps_its_queue_and_goes_on_after_pairing_anew(phone, office, doors):
    office.status = 401
    phone.no_answer(doors[0])
    assert phone.sync().startswith("这部手机已停用")
    assert office.events == {}
    office.status = 0
    phone.page.get_by_text("用新的绑定码重新绑定").click()
    phone.keys("23456789")
    phone.page.locator("[data-test=sync]").wait_for()
    assert phone.sync() == "已全部交到居委会"
    assert [event["seq"] for event in office.events.values()] == [1]


def test_what_the_office_says_of_a_household_is_seen_there(phone, office, doors):
    office.results[doors[3]] = "merge"
    phone.no_answer(doors[3])
    phone.sync()
    phone.household(doors[3])
    assert "M-1" in phone.page.locator("[data-test=answer]").inner_text()


def test_what_the_office_refuses_stays_on_the_phone(phone, office, doors):
    office.refuse = True
    phone.no_answer(doors[0])
    assert phone.sync() == "有1户居委会没有收，请问居委会"
    office.refuse = False
    assert phone.sync() == "已全部交到居委会"
    assert len(office.events) == 1


def test_a_clock_that_is_off_is_told(phone, office):
    office.clock = timedelta(minutes=17)
    phone.sync()
    assert "差17分钟" in phone.page.locator(".card.warn").inner_text()


def test_wrong_pins_wait_longer_and_the_tenth_wipes_all_but_the_queue(phone, browser, office, doors):
    browser.set_offline(True)
    phone.no_answer(doors[0])
    page = phone.page
    page.clock.install()
    page.reload()
    for n in range(1, 11):
        page.locator(".keys button:not([disabled])").first.wait_for()
        phone.keys("135790")
        page.locator(".gate .alert", has_text="密码不对").wait_for()
        if n < 10:
            page.clock.run_for(1_300_000)
    page.get_by_text("手机里的住户资料已清除").wait_for()
    page.clock.run_for(1_900_000)
    phone.unlock(PIN)
    assert page.locator(".home .block").count() == 0
    browser.set_offline(False)
    phone.sync()
    assert len(office.events) == 1
    page.locator(".home .block").wait_for()


@pytest.mark.parametrize("width", [360, 390])
@pytest.mark.parametrize("big", ["", "1"])
def test_no_page_is_wider_than_the_phone_and_no_target_smaller_than_a_thumb(phone, doors, office, width, big):
    page = phone.page
    page.set_viewport_size({"width": width, "height": 780})
    page.evaluate("(big) => { localStorage.setItem('renpu.big', big) }", big)
    phone.reload()
    block = office.blocks[0]
    pages = [
        (),
        ("block", block["block"]),
        ("settings",),
        ("household", doors[0]),
        ("visit", doors[0]),
        ("form", doors[1]),
    ]
    pages += [("block", block["block"], building["id"]) for building in block["buildings"]]
    for parts in pages:
        phone.go(*parts)
        page.wait_for_timeout(250)
        wide, small = page.evaluate(
            """() => [document.documentElement.scrollWidth > innerWidth,
              [...document.querySelectorAll('button, a, select, input:not([type=checkbox])')].filter((e) => {
                const box = e.getBoundingClientRect()
                return box.width && (box.height < 47.5 || box.width < 47.5)
              }).map((e) => e.outerHTML.slice(0, 90))]"""
        )
        assert not wide, parts
        assert small == [], parts
