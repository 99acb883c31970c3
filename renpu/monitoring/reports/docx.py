"""A report as a Word document that looks as official documents do (GB/T 9704): A4, 仿宋 16 pt, lines of 28 pt.

Each figure carries its definition, scope and time as a comment, and once more in the appendix, so that print has them.
"""

import io

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph as WordParagraph

from renpu.monitoring.reports.progress import Figure, Paragraph, Report, Run, chinese_time
from renpu.platform.documents import (
    BODY,
    BODY_FONT,
    HEADING_FONT,
    LEAD_FONT,
    LINE,
    font,
    official_document,
    saved,
    style,
)

FIGURE, LEAD = "Figure", "Lead"
AUTHOR, INITIALS = "renpu", "R"
DRAFT_NOTE = "草拟文字：平台上没有可据的记录，请核对后保留、修改或删去。"
COLUMNS = (("数字", 16), ("指标", 30), ("口径", 62), ("范围", 24), ("时点", 24))


def document(report: Report) -> bytes:
    """The report as .docx; ValueError if a figure of the report did not get into the text with its comment."""
    word = official_document()
    _styles(word)
    for before, paragraph in zip((None, *report.paragraphs), report.paragraphs, strict=False):
        line = _paragraph(word, paragraph)
        if paragraph.kind == "sign" and before and before.kind != "sign":
            line.paragraph_format.space_before = LINE * 2
    _appendix(word, report)
    made = saved(word, title="".join(run.text for run in report.paragraphs[0].runs), author=report.name)
    _count(made, report)
    return made


def _styles(word) -> None:
    styles = word.styles
    small = styles.add_style("Definition", WD_STYLE_TYPE.PARAGRAPH)
    small.base_style = styles["Normal"]
    style(small, BODY_FONT, Pt(10.5), indent=Pt(0))
    small.paragraph_format.line_spacing = Pt(15)
    small.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    styles.add_style(FIGURE, WD_STYLE_TYPE.CHARACTER)
    lead = styles.add_style(LEAD, WD_STYLE_TYPE.CHARACTER)
    font(lead.element.get_or_add_rPr(), LEAD_FONT)


STYLES = {"title": "Title", "heading": "Heading 1"}


def _paragraph(word, paragraph: Paragraph) -> WordParagraph:
    line = word.add_paragraph(style=STYLES.get(paragraph.kind, "Normal"))
    if paragraph.kind == "sign":
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        line.paragraph_format.right_indent = BODY * 2
    _runs(word, line, paragraph.runs)
    return line


def _runs(word, line, runs: list[Run]) -> None:
    draft = []
    for run in runs:
        written = line.add_run(run.text, FIGURE if run.figure else LEAD if run.lead else None)
        if run.draft:
            draft.append(written)
        if run.figure:
            word.add_comment(written, text=run.figure.note, author=AUTHOR, initials=INITIALS)
    if draft:
        word.add_comment((draft[0], draft[-1]), text=DRAFT_NOTE, author=AUTHOR, initials=INITIALS)


def _appendix(word, report: Report) -> None:
    """附：数据口径说明: what each number means, where and when."""
    head = word.add_paragraph(style="Heading 1")
    head.paragraph_format.page_break_before = True
    head.paragraph_format.first_line_indent = Pt(0)
    head.add_run("附")
    word.add_paragraph("数据口径说明", style="Title")
    for note in report.notes:
        line = word.add_paragraph(style="Definition")
        line.paragraph_format.first_line_indent = Pt(21)
        _runs(word, line, note.runs)
    table = word.add_table(rows=1, cols=len(COLUMNS))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, (_, width) in zip(table.columns, COLUMNS, strict=True):
        column.width = Mm(width)
    for cell, (name, _) in zip(table.rows[0].cells, COLUMNS, strict=True):
        _cell(cell, name, HEADING_FONT)
    _repeat(table.rows[0])
    for figure in report.definitions:
        for cell, text in zip(table.add_row().cells, _told(figure, report), strict=True):
            _cell(cell, text)
    for row in table.rows:
        cannot_split = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().append(cannot_split)
        for cell, (_, width) in zip(row.cells, COLUMNS, strict=True):
            cell.width = Mm(width)


def _told(figure: Figure, report: Report) -> tuple[str, str, str, str, str]:
    i = figure.indicator
    area = figure.area_name if figure.area_code == report.area_code else figure.scope
    return figure.text + i.unit, f"{i.name_zh}（{i.code}）", i.definition_zh, area, chinese_time(figure.as_of)


def _cell(cell, text: str, face: str = "") -> None:
    line = cell.paragraphs[0]
    line.style = "Definition"
    run = line.add_run(text)
    if face:
        font(run._r.get_or_add_rPr(), face)
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _repeat(row) -> None:
    header = OxmlElement("w:tblHeader")
    row._tr.get_or_add_trPr().append(header)


def _count(docx: bytes, report: Report) -> None:
    """Figures in and figures out, each with its comment."""
    word = Document(io.BytesIO(docx))
    text = [run.text for line in word.paragraphs for run in line.runs if run.style.name == FIGURE]
    given = [figure.text for figure in report.figures]
    notes = [comment.text for comment in word.comments if comment.text != DRAFT_NOTE]
    if text != given or notes != [figure.note for figure in report.figures]:
        raise ValueError(f"{len(given)} figures given, {len(text)} in the text, {len(notes)} with a note")
