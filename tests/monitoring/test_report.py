"""The progress report of the sample street: its words, figures, drafts, page and document, and the command."""

import io
import json
import re
import subprocess
import sys
import zipfile
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.core.management import CommandError, call_command
from docx import Document

from renpu.geography.models import Area
from renpu.monitoring.actions import ReportRefused, save_draft
from renpu.monitoring.indicators import BY_CODE, SLOTS, values
from renpu.monitoring.management.commands.report import at
from renpu.monitoring.models import ReportDraft
from renpu.monitoring.reports import words
from renpu.monitoring.reports.docx import DRAFT_NOTE, FIGURE, document
from renpu.monitoring.reports.html import fragment, page
from renpu.monitoring.reports.progress import Run, chinese_time, progress_report
from renpu.platform.models import TIME_ZONE

STREET, COMMITTEE, OTHER = "310109018", "310109018020", "310109018033"
NOW = "2020-11-07T18:00:00"
pytestmark = pytest.mark.django_db


def text(report, *parts):
    return "\n".join("".join(r.text for r in p.runs) for p in report.paragraphs if not parts or p.part in parts)


def test_every_slot_of_the_template_stands_in_the_report_with_its_value(street):
    report = progress_report(street, STREET, at(NOW))
    found = values(street, STREET, at(NOW), BY_CODE)
    shown = {
        f.indicator.code: f.text for p in report.paragraphs for r in p.runs if (f := r.figure) and f.area_code == STREET
    }
    assert set(SLOTS) <= set(shown)
    assert {code: str(found[code]) for code in shown} == shown


def test_the_progress_section_reads_as_the_outline_does(street):
    report = progress_report(street, STREET, at(NOW))
    assert "".join(r.text for r in report.paragraphs[3].runs) == (
        "按照市区人普办统一安排，北外滩街道被确定为全市第七次人口普查试点单位，8月15日至8月24日圆满完成试点小区30户、56人普查任务；"
        "9月全区人普工作启动以来，现已进入普查登记阶段。此次普查公安部门共推送户籍人口667户、1588人；常住户数641户、1420人。"
        "截至目前，平台完成录入983户、2206人口（户籍1389人、常住1420人）。其中，普通住户602户、空户63户，全户外出91户，"
        "全户死亡7户，自主填报户75户，自主填报率12.5%，完成短表上报748户。"
    )


def test_the_number_of_areas_is_the_same_wherever_it_stands(street):
    report = progress_report(street, STREET, at(NOW))
    areas = [f for f in report.figures if f.indicator.code in ("S22", "S24")]
    assert len(areas) == 2
    assert areas[0].value is areas[1].value


def test_a_sentence_without_data_is_left_out(street):
    assert "试点" in text(progress_report(street, COMMITTEE, at(NOW)))
    elsewhere = progress_report(street, OTHER, at(NOW))
    assert "试点" not in text(elsewhere)
    assert not {"S01", "S05", "S06"} & {f.indicator.code for f in elsewhere.figures}
    early = progress_report(street, STREET, at("2020-10-20T18:00"))
    assert "追踪" not in text(early)
    assert "追踪" in text(progress_report(street, STREET, at(NOW)))
    assert "现已进入调查摸底阶段" in text(early)
    block = progress_report(street, OTHER + "001", at(NOW))
    assert "公安部门共推送" not in text(block)


def test_what_is_left_of_a_paragraph_ends_as_a_sentence_does(street):
    for area in (STREET, COMMITTEE, OTHER, OTHER + "001", "310109"):
        for moment in ("2019-01-01", "2020-10-12T10:00", "2020-10-20T18:00", NOW):
            for paragraph in progress_report(street, area, at(moment)).paragraphs:
                line = "".join(r.text for r in paragraph.runs)
                assert not re.search("[\uff0c\uff1b、][\uff0c\uff1b、。]|。。|[,:;()]|\\{", line), line
                if paragraph.kind in ("text", "item"):
                    assert line[-1] in "。：", line


def test_the_words_no_record_stands_behind_are_marked_as_a_draft(street):
    report = progress_report(street, STREET, at(NOW))
    drafts = "".join(r.text for p in report.paragraphs for r in p.runs if r.draft)
    assert "又当好宣传员" in drafts
    assert not any(r.draft for p in report.paragraphs for r in p.runs if r.figure)
    progress = next(p for p in report.paragraphs if "公安部门" in "".join(r.text for r in p.runs))
    assert not any(r.draft for r in progress.runs)
    assert not re.search(
        "领导小组|24小时|条幅|市级培训", text(report)
    )  # the outline's claims that nobody recorded here


def test_slow_blocks_are_named_with_a_rate_of_their_own(street):
    report = progress_report(street, STREET, at("2020-10-20T18:00"))
    rates = [f for f in report.figures if f.indicator.code == "E32"]
    assert rates
    for figure in rates:
        assert len(figure.area_code) == 15
        assert figure.value == values(street, figure.area_code, figure.as_of, ("E32",))["E32"]


def test_an_office_writes_a_part_itself_and_its_numbers_stay_alive(street):
    moment, later = at(NOW), at("2020-11-10T18:00")
    save_draft(street, STREET, moment, "method", "已上报{S21}户。\n力度<b>加大</b>。", by="office", at=moment)
    told = [p for p in progress_report(street, STREET, moment).paragraphs if p.part == "method"]
    assert ["".join(r.text for r in p.runs) for p in told] == ["2.找准工作方法。已上报748户。", "力度<b>加大</b>。"]
    assert told[0].edited.edited_by == "office"
    n = values(street, STREET, later, ("S21",))["S21"]
    assert f"已上报{n}户。" in text(progress_report(street, STREET, later), "method")
    assert "已上报" not in text(progress_report(street, STREET, moment - timedelta(seconds=1)), "method")
    assert "已上报" not in text(progress_report(street, COMMITTEE, moment), "method")
    assert "&lt;b&gt;加大" in fragment(progress_report(street, STREET, moment))
    save_draft(street, STREET, moment, "method", "", by="office", at=moment)
    assert "不能过于理论化" in text(progress_report(street, STREET, moment), "method")
    assert ReportDraft.objects.count() == 1


@pytest.mark.parametrize(("part", "written"), [("progress", "x"), ("nothing", "x"), ("method", "共{S99}户")])
def test_a_part_or_number_that_is_not_there_is_refused(street, part, written):
    with pytest.raises(ReportRefused):
        save_draft(street, STREET, at(NOW), part, written, by="office", at=at(NOW))
    assert not ReportDraft.objects.exists()


def test_the_document_carries_definition_scope_and_time_at_every_figure(street):
    report = progress_report(street, STREET, at(NOW))
    word = Document(io.BytesIO(document(report)))
    notes = [c.text for c in word.comments if c.text != DRAFT_NOTE]
    assert len(notes) == len(report.figures) > 60
    assert all(
        re.fullmatch(r".+（\w+）：.+。范围：.+（\d+）。时点：2020年11月7日18时，以平台收到时间为准。", n) for n in notes
    )
    table = [[cell.text for cell in row.cells] for row in word.tables[0].rows]
    assert len(table) == len(report.definitions) + 1
    assert ["12.5%", "自主填报率（S20）", "自主填报户 ÷ 普通住户 × 100", "北外滩街道", "2020年11月7日18时"] in table
    figures = [r for p in word.paragraphs for r in p.runs if r.style.name == FIGURE]
    assert not any(r.bold for r in figures)


def test_the_document_looks_as_official_documents_do(street):
    word = Document(io.BytesIO(document(progress_report(street, STREET, at(NOW)))))
    section = word.sections[0]
    sizes = [
        getattr(section, n).mm for n in ("top_margin", "bottom_margin", "left_margin", "right_margin", "page_width")
    ]
    assert [round(mm) for mm in sizes] == [37, 35, 28, 26, 210]
    normal = word.styles["Normal"]
    assert (normal.font.size.pt, normal.paragraph_format.line_spacing.pt) == (16, 28)
    assert normal.paragraph_format.first_line_indent.pt == 32
    assert 'w:eastAsia="仿宋_GB2312"' in normal.element.xml
    assert 'w:eastAsia="黑体"' in word.styles["Heading 1"].element.xml
    assert 'w:eastAsia="方正小标宋简体"' in word.styles["Title"].element.xml
    assert "PAGE" in section.footer.paragraphs[0]._p.xml


def test_a_figure_that_does_not_reach_the_document_stops_it(street):
    report = progress_report(street, STREET, at(NOW))
    figure = report.figures[0]
    report.paragraphs[4].runs.append(Run("other than its figure", figure))
    with pytest.raises(ValueError, match="figures given"):
        document(report)


def test_names_with_markup_stay_text_in_page_and_document(street):
    Area.objects.filter(code=COMMITTEE).update(name="<script>alert(1)</script>&居委会")
    report = progress_report(street, COMMITTEE, at(NOW))
    assert "<script>" not in page(report)
    with zipfile.ZipFile(io.BytesIO(document(report))) as parts:
        assert b"<script>" not in parts.read("word/document.xml")


class Figures(HTMLParser):
    """The figures and links of a page."""

    def __init__(self):
        super().__init__()
        self.notes, self.links = [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if attrs.get("class") == "figure":
            self.notes.append(attrs["title"])
        if "href" in attrs:
            self.links.append(attrs["href"])


def test_on_the_page_each_figure_has_its_note_and_leads_to_its_rows(street):
    report = progress_report(street, STREET, at(NOW))
    parser = Figures()
    parser.feed(fragment(report, link=lambda f: f"/rows/{f.indicator.code}/{f.area_code}"))
    assert parser.notes == [f.note for f in report.figures]
    assert len(parser.links) == len(report.figures) + len(report.definitions)
    assert f"/rows/S15/{STREET}" in parser.links
    assert "http" not in page(report)  # nothing is fetched from anywhere


def run(*args):
    out = io.BytesIO()
    stream = io.TextIOWrapper(out, "utf-8")
    before, sys.stdout = sys.stdout, stream
    try:
        call_command("report", "progress", *args)
    finally:
        sys.stdout = before
    stream.flush()
    return out.getvalue()


def test_the_command_tells_the_numbers_as_json(street):
    told = json.loads(run("--area", STREET, "--as-of", NOW, "--format", "json"))
    assert list(told) == ["area", "name", "as_of", "slots", "extra"]
    assert (told["area"], told["name"], told["as_of"]) == (STREET, "北外滩街道", NOW)
    assert list(told["slots"]) == list(SLOTS)
    assert told["slots"]["S20"] == 12.5
    greenwich = json.loads(run("--area", STREET, "--as-of", "2020-11-07T10:00:00+00:00"))
    assert greenwich["slots"] == told["slots"]


def test_the_command_writes_a_page_and_a_document(street, tmp_path):
    run("--area", COMMITTEE, "--as-of", NOW, "--format", "docx", "-o", str(tmp_path / "report.docx"))
    assert "提篮桥居委会人口普查工作进展情况汇报" in Document(tmp_path / "report.docx").paragraphs[0].text
    assert run("--area", COMMITTEE, "--as-of", NOW, "--format", "html").decode().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--area", "999999"), "999999"),
        (("--area", "310109018020999"), "310109018020999"),
        (("--area", STREET, "--as-of", "yesterday"), "yesterday"),
        (("--area", STREET, "--format", "docx"), "-o"),
        (("--area", STREET, "--census", "1990"), "renpu"),
    ],
)
def test_the_command_says_what_is_wrong(street, args, said):
    with pytest.raises(CommandError, match=said):
        run(*args)


def test_the_numbers_are_told_without_loading_what_only_documents_need():
    code = (
        "import sys, django; django.setup(); import renpu.monitoring.management.commands.report; "
        "print(sorted({'polars', 'docx', 'lxml', 'pyxform', 'python_calamine'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_times_are_said_in_chinese():
    day = datetime(2020, 11, 7, 18, tzinfo=TIME_ZONE)
    assert chinese_time(day) == "2020年11月7日18时"
    assert chinese_time(day.replace(minute=5)) == "2020年11月7日18时5分"
    assert chinese_time(day.replace(minute=59, second=59)) == "2020年11月7日18时59分59秒"


def test_every_small_word_and_number_in_the_words_is_known():
    from renpu.monitoring.reports.progress import WORDS

    sentences = [s for part in words.PARTS.values() for s in part.sentences] + list(words.REMAINDER)
    marks = {m for s in sentences for m in (*words.MARK.findall(s.text), *s.needs)}
    assert marks <= set(BY_CODE) | set(WORDS)
    assert set(words.SMALL_WORDS) == set(WORDS)
