"""One committee asks another for a separated person: asked, answered with the household, tied, closed; and a committee
outside the system answers a letter on its telephone."""

import re

import pytest

from renpu.site.management.commands.demo import PASSWORD
from tests.journeys.office import WIDE, Desk, Office
from tests.journeys.phone import chromium
from tests.journeys.test_office import DEMO, fits

pytestmark = pytest.mark.browser
ASKS, ANSWERS = "310109018033", "310109018020"
PERSON = """
from renpu.tracing import gone
from renpu.collection.models import Person
from renpu.platform.office import census_in_hand
from django.contrib.auth import get_user_model
office = get_user_model().objects.get(username="office")
for p in gone.gone_from(office, census_in_hand(), "310109018033").filter(found=True).order_by("household_id", "line"):
    there = Person.objects.filter(number_index=p.number_index, residence_place=1).exclude(household_id=p.household_id)
    there = there.filter(block_code__startswith="310109018020").first()
    if there:
        told = [p.household_id.hex, p.line, there.household_id.hex, there.line]
        break
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("help"))
    office.ask(DEMO)
    server = office.serve()
    yield office
    server.terminate()
    server.wait(10)


class Head(Desk):
    """The head of an area at a computer of their own."""

    def sign_in_as(self, name):
        self.page.goto(f"{self.url}sign-in/")
        self.page.fill("[name=username]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.locator("[name=password]").press("Enter")
        self.page.wait_for_url(lambda address: "sign-in" not in address)

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_load_state()

    def reads(self, text):
        self.page.get_by_text(text).first.wait_for()
        fits(self.page)


def test_one_committee_asks_another_answers_and_both_records_are_tied(office, playwright, browser_path, tmp_path):
    household, line, there, there_line = office.ask(PERSON)
    with (
        chromium(playwright, browser_path, tmp_path / "asks", is_mobile=False, viewport=WIDE) as one,
        chromium(playwright, browser_path, tmp_path / "answers", is_mobile=False, viewport=WIDE) as two,
    ):
        asks, answers = Head(one.pages[0], office.url), Head(two.pages[0], office.url)
        asks.sign_in_as("area")
        asks.page.goto(f"{asks.url}tracing/gone/?found=1")
        asks.reads("现住地已登记")
        asks.page.locator(f"button[value='line:{household}:{line}']").click()
        asks.reads("现住地线索")
        case = asks.page.url
        assert not re.search(r"\d{17}[0-9X]", asks.page.content())
        asks.page.get_by_label("收函单位").first.select_option(f"committee:{ANSWERS}")
        asks.page.get_by_label("疑似现住址").fill("商丘路附近")
        asks.press("发出协查")
        asks.reads("待回复")
        asks.picture("help-letter")

        answers.sign_in_as("area2")
        answers.page.goto(f"{answers.url}tracing/requests/")
        answers.reads("待回复 1")
        answers.page.locator("table.list tbody tr a").first.click()
        answers.reads("商丘路附近")
        answers.press("显示姓名以便查找")
        answers.reads("显示一次姓名明文")
        answers.page.get_by_role("radio", name="现住本地").check()
        answers.page.locator(f"[name=line][value='line:{there}:{there_line}']").check()
        answers.page.get_by_label("本人联系电话", exact=True).fill("12512345678")
        answers.picture("help-request")
        answers.press("答复")
        answers.reads("已回复")

        asks.page.goto(case)
        asks.reads("现住本地")
        asks.reads("125****5678")
        asks.page.get_by_label("依据说明").first.fill("电话核对")
        asks.press("关联两头记录")
        asks.reads("两头已关联")
        asks.picture("help-case")
        asks.page.locator("#outcome").select_option("1")
        asks.press("办结")
        asks.reads("已办结")
        for desk, home in ((asks, household), (answers, there)):
            desk.page.goto(f"{desk.url}households/{dashed(home)}/")
            desk.reads("两头已关联")


def test_a_committee_outside_answers_a_letter_on_its_telephone(office, playwright, browser_path, tmp_path):
    with chromium(playwright, browser_path, tmp_path / "desk", is_mobile=False, viewport=WIDE) as room:
        desk = Head(room.pages[0], office.url)
        desk.sign_in_as("area")
        desk.page.goto(f"{desk.url}tracing/gone/?to=5")
        for box in desk.page.locator("[name=record]").all()[:2]:
            box.check()
        desk.page.get_by_text("对所选人员发起协查").click()
        desk.page.get_by_label("收函单位").select_option("outside")
        desk.page.get_by_label("系统外单位名称").fill("花木街道东城居委会")
        desk.press("发出协查")
        desk.page.locator("table.list tbody tr a", has_text="018033").first.click()
        desk.reads("花木街道东城居委会")
        code = desk.page.locator("dd strong").first.inner_text()
        with desk.page.expect_download() as download:
            desk.page.get_by_role("button", name="函件 PDF").click()
        assert download.value.suggested_filename.endswith(".pdf")
        letter = desk.page.url
        with chromium(
            playwright, browser_path, tmp_path / "phone", is_mobile=True, viewport={"width": 390, "height": 844}
        ) as pocket:
            page = pocket.pages[0]
            page.goto(f"{desk.url}tracing/reply/?code={code.replace(' ', '')}")
            fits(page)
            page.get_by_role("button", name="打开").click()
            page.get_by_text("姓名全称见函件").wait_for()
            fits(page)
            first = page.locator("form.decide").first
            first.get_by_role("radio", name="不住本地", exact=True).check()
            first.get_by_label("答复人：姓名和单位").fill("王芳 东城居委会")
            first.get_by_role("button", name="提交答复").click()
            page.get_by_text("谢谢，答复已收到").wait_for()
            assert page.locator("form.decide").count() == 1
        desk.page.goto(letter)
        desk.reads("不住本地")
        desk.reads("王芳 东城居委会")
        desk.reads("网页回复")


def dashed(hex_digits):
    return re.sub(r"^(.{8})(.{4})(.{4})(.{4})(.{12})$", r"\1-\2-\3-\4-\5", hex_digits)
