"""A file that fits no register: a clerk names its columns, takes it in, settles an address by keyboard, and the next
file of the kind is known by itself."""

import re

import pytest
from openpyxl import Workbook

from tests.journeys.office import WIDE, Desk, Office
from tests.journeys.phone import chromium, identity_number
from tests.journeys.test_day import SETUP
from tests.journeys.test_office import fits

pytestmark = pytest.mark.browser

STREET = "310109018"
HEAD = ("顺序", "所属人", "人员代码", "落户处", "何日出生", "联络号", "情况说明")
STATE = """
from renpu.registers.models import AddressDecision, Delivery, RegisterMapping, RegisterRow
told = [[d.file_name, d.source, d.rows_kept, d.state] for d in Delivery.objects.order_by("received_at")]
told += [RegisterMapping.objects.get().used, RegisterMapping.objects.get().columns]
told += [sorted(RegisterRow.objects.values_list("placed", flat=True)), AddressDecision.objects.standing().count()]
"""


@pytest.fixture(params=["wide", "phone"])
def office(tmp_path, request):
    home = tmp_path / "home"
    home.mkdir()
    office = Office(home)
    office.ask(SETUP)
    office.viewport = WIDE if request.param == "wide" else {"width": 390, "height": 844}
    office.size = "" if request.param == "wide" else "-phone"
    server = office.serve()
    yield office
    server.terminate()
    server.wait(10)


def workbook(path, people):
    """A list as no declaration has it: a title, a header with words of its own, dates as text."""
    book = Workbook()
    sheet = book.active
    sheet.title = "人员"
    sheet.append(["某警署在册人员（内部）"])
    sheet.append(HEAD)
    for n, (name, birth, address) in enumerate(people, 1):
        number, phone = identity_number(birth, n), f"1251234{n:04}"
        sheet.append([n, name, number, address, f"{birth[:4]}-{birth[4:6]}-{birth[6:]}", phone, "在册"])
    book.save(path)
    return path


PEOPLE = [("张建国", "19591208", "东大名路117弄2号302室"), ("李秀英", "19620304", "东大名路117-2-403")]
PEOPLE += [("王小明", "19900506", "虚构路9号"), ("陈晓东", "19750615", "虚构路 ９号"), ("刘芳华", "19820909", "")]


def test_a_clerk_maps_an_unknown_file_and_the_second_delivery_is_known_by_itself(
    office, playwright, browser_path, tmp_path
):
    first = workbook(tmp_path / "十月清单.xlsx", PEOPLE)
    second = workbook(tmp_path / "十一月清单.xlsx", [*PEOPLE, ("周建平", "19880214", "东大名路117弄3号801室")])
    wide = office.viewport is WIDE
    with chromium(playwright, browser_path, tmp_path / "desk", is_mobile=not wide, viewport=office.viewport) as room:
        page = room.pages[0]
        desk = Desk(page, office.url)
        desk.sign_in()
        deliver(page, desk, first)
        page.get_by_text("各列是什么？").wait_for()
        fits(page)
        assert not re.search(r"\d{17}[0-9X]|1251234\d{4}|张建国", page.content())
        chosen = {title: column(page, title).input_value() for title in HEAD}
        assert (chosen["所属人"], chosen["人员代码"], chosen["联络号"]) == ("name", "id", "phone")

        name_by_keyboard(page, "所属人", "不读取")
        page.get_by_role("button", name="记住对列并接收").focus()
        page.keyboard.press("Enter")
        page.get_by_role("alert").get_by_text("必须有“姓名”一列").wait_for()
        fits(page)
        for title, header in (("所属人", "姓名"), ("落户处", "住址"), ("何日出生", "出生日期")):
            name_by_keyboard(page, title, header)
        name_by_keyboard(page, "情况说明", "备注")
        page.get_by_role("button", name="再试读一次").focus()
        page.keyboard.press("Enter")
        page.get_by_role("row", name=re.compile("张\\*\\*.*1959-12.*东大名路117弄2号302室")).wait_for()
        desk.picture(f"office-mapping{office.size}")
        page.get_by_role("button", name="记住对列并接收").focus()
        page.keyboard.press("Enter")
        page.get_by_text("已按对列结果接收").wait_for()
        fits(page)

        page.get_by_role("button", name="采用为有效资料").focus()
        page.keyboard.press("Enter")
        page.get_by_text("地址落图").first.wait_for()
        fits(page)
        desk.picture(f"office-delivery{office.size}")
        settle_by_keyboard(page, desk)

        deliver(page, desk, second)
        page.get_by_text("已按表头认出该文件").wait_for()
        page.get_by_role("button", name="采用为有效资料").click()
        page.get_by_text("现为相关普查区的有效资料").wait_for()
    one, two, used, columns, placed, decisions = office.ask(STATE)
    assert one == ["十月清单.xlsx", "police", 5, "superseded"]
    assert two == ["十一月清单.xlsx", "police", 6, "accepted"]
    assert used == 2
    assert (columns["id"], columns["address"], columns["remark"]) == ("人员代码", "落户处", "情况说明")
    assert placed == ["by_hand"] * 4 + ["no_address"] * 2 + ["unit"] * 5
    assert decisions == 1


def deliver(page, desk, path):
    page.goto(f"{desk.url}registers/?area={STREET}")
    page.set_input_files("#file", str(path))
    page.get_by_role("button", name="载入").focus()
    page.keyboard.press("Enter")


def column(page, title):
    return page.get_by_label(f"“{title}”是什么")


def name_by_keyboard(page, title, header):
    """The column is chosen as a list is by keyboard: from its first choice down to the one that is read out."""
    choice = column(page, title)
    choice.focus()
    texts = [text.strip().removesuffix(" *") for text in choice.locator("option").all_inner_texts()]
    page.keyboard.press("Home")
    for _ in range(texts.index(header)):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert choice.locator("option:checked").inner_text().strip().removesuffix(" *") == header


def settle_by_keyboard(page, desk):
    """The only address that was not found is given a dwelling, taken back, and given it again."""
    for once_more in (False, True):
        page.goto(f"{desk.url}registers/addresses/?area={STREET}")
        assert page.locator("tbody tr").count() == 1
        page.get_by_role("link", name="虚构路").focus()
        page.keyboard.press("Enter")
        page.get_by_label("按其他路名").fill("东大名路117弄3号")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "q=" in url)
        fits(page)
        desk.picture("office-address" if office_is_wide(page) else "office-address-phone")
        page.keyboard.press("Space")
        page.get_by_role("button", name="核定，看下一条").focus()
        page.keyboard.press("Enter")
        page.get_by_text("已核定：2 行").wait_for()
        if not once_more:
            page.goto(f"{desk.url}registers/addresses/settled/?area={STREET}")
            page.get_by_role("button", name="撤回").focus()
            page.keyboard.press("Enter")
            page.get_by_text("已撤回，该地址重新待核定").wait_for()


def office_is_wide(page) -> bool:
    return page.viewport_size["width"] > 600
