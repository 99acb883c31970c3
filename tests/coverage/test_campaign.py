"""Items worked by telephone: the sheet that goes out, and every row of the sheet that comes back."""

import io
from datetime import datetime, timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from renpu.coverage import campaign, work
from renpu.coverage.models import WorkItem, WorkStep
from renpu.platform.models import AccessEvent, Role
from renpu.platform.vault import blind_index, seal
from renpu.registers.actions import seal_place
from renpu.registers.models import Delivery, RegisterRow
from tests.site.street import BLOCK, HERE, NEXT, STREET

PURPOSE = {"purpose": "空挂户电话核实"}


@pytest.fixture
def delivery(ledger):
    return Delivery.objects.create(
        census_id=ledger.census.pk,
        source="police",
        area_code=STREET,
        file_name="hukou.csv",
        sha256="0" * 64,
        size=1,
        received_at=ledger.now,
        state="accepted",
    )


def row(delivery, number, name, phone="", household="H1", **more):
    """A row of the police list with its sealed values."""
    place = (str(delivery.pk), "", number)
    sealed = {
        f"{field}_sealed": seal(text, seal_place(*place, field)) if text else None
        for field, text in (("name", name), ("phone", phone))
    }
    return RegisterRow.objects.create(
        delivery=delivery,
        number=number,
        area_code=HERE,
        household_no=household,
        address="唐山路2弄5号",
        typed_index=blind_index(str(number), "as typed"),
        **sealed,
        **more,
    )


@pytest.fixture
def items(ledger, delivery):
    """Four empty-registered persons with a telephone (the third by another row of the household), one without."""
    rows = [
        row(delivery, 1, "=HYPERLINK(1)", "12511110001"),
        row(delivery, 2, "赵小山", "12511110002", "H2"),
        row(delivery, 3, "钱多多", "", "H1"),
        row(delivery, 4, "孙不详", "", "H9"),
        row(delivery, 5, "周大海", "12511110005", "H5"),
    ]
    return [ledger.one("empty_registered", row_id=r.pk, evidence={"source": "police"}) for r in rows]


def export(browser, **more):
    body = {"area": HERE, "kind": "empty_registered", "n": "50", "as": "xlsx", **PURPOSE, **more}
    return browser.post(reverse("work-call-sheet"), body)


def filled(content: bytes, by_name: dict[str, dict]) -> bytes:
    """The exported workbook with cells filled in, by the name in the row."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    for cells in page.iter_rows(min_row=5):
        for field, value in by_name.get(cells[2].value, {}).items():
            cells[campaign.PLACES[field]].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def give_back(browser, content: bytes):
    upload = SimpleUploadedFile("filled.xlsx", content)
    return browser.post(reverse("work-calls-back"), {"area": HERE, "file": upload}, follow=True)


def test_telephones_go_out_in_clear_for_a_purpose_and_are_logged(ledger, items):
    browser = ledger.at(Role.SUPERVISOR)
    for role in (Role.ENUMERATOR, Role.INSPECTOR):
        area = {"area": BLOCK}
        assert export(ledger.at(role), **area).status_code == 403
        assert ledger.at(role).get(reverse("work-calls"), area).status_code == 403
    assert export(browser, area=STREET).status_code == 404
    for wrong in ({"purpose": " "}, {"n": "0"}, {"n": "9999"}, {"kind": "duplicate"}, {"kind": "tracing"}):
        assert export(browser, **wrong).status_code == 302, wrong
    assert not AccessEvent.objects.exists()
    answer = export(browser)
    assert "no-store" in answer["Cache-Control"]
    event = AccessEvent.objects.get()
    assert (event.action, event.purpose, event.area_code) == ("call_sheet", "空挂户电话核实", HERE)
    assert event.about.endswith("· 4")
    assert WorkStep.objects.filter(did="sheet").count() == 4
    page = export(browser, **{"as": "print"}).text
    assert "12511110002" in page
    assert AccessEvent.objects.count() == 2
    waiting = browser.get(reverse("work-calls")).text
    assert "12511110002" not in waiting
    assert "5 项待联系" in waiting


def test_the_workbook_holds_texts_alone_and_a_list_in_each_cell_to_fill(ledger, items):
    book = openpyxl.load_workbook(io.BytesIO(export(ledger.at()).content))
    page, lists = book.worksheets
    assert lists.sheet_state == "hidden"
    assert page.row_dimensions[3].hidden
    rows = list(page.iter_rows(min_row=5))
    assert [cells[2].value for cells in rows] == ["=HYPERLINK(1)", "赵小山", "钱多多", "周大海"]
    assert rows[2][5].value == "12511110001", "a telephone of the same household"
    for cells in page.iter_rows():
        assert all(cell.data_type in ("s", "n", "inlineStr") for cell in cells), "no formula"
    assert all(cell.quotePrefix for cell in rows[0][:8])
    ranges = {str(v.sqref): v.formula1 for v in page.data_validations.dataValidation}
    assert len(ranges) == 8
    words = [cell.value for cell in lists["A"] if cell.value]
    assert words[0] == "完成登记"


def test_good_rows_become_tries_and_every_problem_is_told_with_its_row(ledger, items):
    browser = ledger.at(Role.SUPERVISOR)
    sheet = export(browser).content
    called = datetime.now().replace(microsecond=0) - timedelta(hours=2)
    soon = called + timedelta(days=3)
    content = filled(
        sheet,
        {
            "=HYPERLINK(1)": {"outcome": "完成登记", "at": called, "reason": "出境", "note": "女儿接听"},
            "赵小山": {"outcome": "已预约", "next": soon.strftime("%Y-%m-%d %H:%M")},
            "钱多多": {"outcome": "没打通", "at": "昨天下午", "reason": "出国了", "next": "2019/01/01 08:00"},
        },
    )
    page = give_back(browser, content).text
    first, second, third, _none, fourth = (ledger.fresh(i) for i in items)
    assert (first.tries, first.last_outcome, first.reason, first.last_try_at) == (1, 1, "6", campaign.moment(called))
    assert (second.tries, second.last_outcome, second.next_at) == (1, 6, campaign.moment(str(soon)[:16]))
    assert (third.tries, third.reason, fourth.tries) == (0, "", 0)
    for said in (
        "“没打通”不是联系结果",
        "“昨天下午”不是时间",
        "“出国了”不是这类事项的核实结果",
        "预约时间 2019/01/01 08:00",
    ):
        assert said in page, said
    assert page.count('<th scope="row" class="n">7</th>') == 4
    assert ledger.counts("empty_registered") == (5, 0, 0)
    mended = filled(content, {"钱多多": {"outcome": "4", "at": None, "reason": None, "next": None}})
    for n in (1, 0):
        page = give_back(browser, mended).text
        assert f'<strong class="value">{n}</strong>' in page
    assert [ledger.fresh(i).tries for i in items] == [1, 1, 1, 0, 0], "a sheet taken in twice counts once"
    work.close(first, ("tracing_outcome", "6"), **ledger.how(first))
    assert ledger.fresh(first).state == "closed", "the call is the contact on which the reason rests"


def test_rows_of_other_items_closed_ones_and_repeated_ones_are_told(ledger, items):
    there = ledger.one("empty_registered", area=NEXT)
    browser = ledger.at(Role.SUPERVISOR)
    sheet = export(browser).content
    work.close(items[1], ("work_reason", "corrected"), **ledger.how(items[1]), ground="户籍窗口更正了")
    book = openpyxl.load_workbook(io.BytesIO(sheet))
    page = book.worksheets[0]
    for number in range(5, 9):
        page.cell(number, campaign.PLACES["outcome"] + 1).value = "无人应答"
    page.cell(8, campaign.PLACES["id"] + 1).value = page.cell(5, campaign.PLACES["id"] + 1).value
    for number, id in ((9, there.pk), (10, "nonsense")):
        page.cell(number, campaign.PLACES["outcome"] + 1).value = "无人应答"
        page.cell(number, campaign.PLACES["id"] + 1).value = str(id)
    out = io.BytesIO()
    book.save(out)
    told = give_back(browser, out.getvalue()).text
    for number, said in ((6, "本事项已办结"), (8, "已在第 5 行"), (9, "不是本单上"), (10, "不是本单上")):
        assert f'<th scope="row" class="n">{number}</th><td class="wrap">' in told
        assert said in told.split(f'<th scope="row" class="n">{number}</th>')[1].split("</tr>")[0], number
    assert list(WorkItem.objects.filter(tries=1).order_by("pk")) == sorted([items[0], items[2]], key=lambda i: i.pk)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", "姓名,结果\n".encode()])
def test_any_other_file_is_no_call_sheet(ledger, items, content):
    browser = ledger.at(Role.SUPERVISOR)
    assert "不是本系统导出的电话核实单" in give_back(browser, content).text or not content
    book = openpyxl.Workbook()
    book.active.append(["姓名", "结果"])
    out = io.BytesIO()
    book.save(out)
    assert "不是本系统导出的电话核实单" in give_back(browser, out.getvalue()).text
    assert "请先选择" in browser.post(reverse("work-calls-back"), {"area": HERE}, follow=True).text


def test_appointments_that_are_due_are_called_first_then_those_tried_least(ledger, items):
    now = ledger.later(days=1)
    work.attempt(items[1], work.Try("phone", 4), **ledger.how(items[1]))
    how = ledger.how(items[4])
    work.attempt(items[4], work.Try("phone", 6, next_at=ledger.now + timedelta(hours=1)), **how)
    how = ledger.how(items[0])
    work.attempt(items[0], work.Try("phone", 6, next_at=ledger.now + timedelta(days=3)), **how)
    order = campaign.choose(
        ledger.users[Role.STREET_OFFICE], ledger.census, HERE, "empty_registered", 9, now + timedelta(days=1)
    )
    assert [call.item for call in order] == [items[4], items[2], items[1]]
