"""A letter as a Word document, set as official letters are (GB/T 9704): 仿宋 16 pt, the code and its QR beside it."""

import io

import segno
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.shared import Mm, Pt

from renpu.platform.documents import BODY, BODY_FONT, HEADING_FONT, LINE, font, official_document, saved
from renpu.tracing.letters import COLUMNS, NO_BREAK, SLIP, LetterText

PERSONS_WIDTHS = (14, 26, 14, 32, 70)
SLIP_WIDTHS = (14, 28, 62, 52)
SMALL, CLOSE = Pt(12), Pt(25)


def docx(text: LetterText) -> bytes:
    word = official_document()
    section = word.sections[0]
    section.top_margin, section.bottom_margin, section.footer_distance = Mm(30), Mm(26), Mm(18)
    for name in ("Normal", "Heading 1"):  # closer than a report, so that a letter about a few persons is one page
        word.styles[name].paragraph_format.line_spacing = CLOSE
    word.add_paragraph(text.title, style="Title").paragraph_format.space_after = Pt(0)
    number = word.add_paragraph(text.number)
    number.alignment, number.paragraph_format.first_line_indent = WD_ALIGN_PARAGRAPH.CENTER, Pt(0)
    number.paragraph_format.space_after = Pt(14)
    word.add_paragraph(text.to).paragraph_format.first_line_indent = Pt(0)
    word.add_paragraph(text.opening)
    _table(word, COLUMNS, text.persons, PERSONS_WIDTHS)
    for n, (heading, said) in enumerate(text.parts):
        line = word.add_paragraph(heading, style="Heading 1")
        line.paragraph_format.keep_with_next = True
        if n == 0:
            line.paragraph_format.space_before = Pt(8)
        word.add_paragraph(said)
    for n, said in enumerate((text.signs, text.signed_on)):
        line = word.add_paragraph(said)
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        line.paragraph_format.right_indent = BODY * (2 + n)
        line.paragraph_format.keep_with_next = n == 0
        if n == 0:
            line.paragraph_format.space_before = LINE
    _slip(word, text)
    if text.code:
        _code(word, text)
    return saved(word, title=f"{text.title} {text.number}", author=text.signs)


def _code(word, text: LetterText) -> None:
    """The QR of the page for answers with the code beside it."""
    word.add_paragraph()
    table = word.add_table(rows=1, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    _widths(table, (34, 122))
    for cell, width in zip(table.rows[0].cells, (34, 122), strict=True):
        cell.width = Mm(width)
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    image = io.BytesIO()
    segno.make(f"{text.address}?code={text.code.replace(NO_BREAK, '')}", error="m").save(
        image, kind="png", scale=8, border=1
    )
    image.seek(0)
    left, right = (cell.paragraphs[0] for cell in table.rows[0].cells)
    for line in (left, right):
        line.paragraph_format.first_line_indent = Pt(0)
    left.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    left.add_run().add_picture(image, width=Mm(30))
    right.alignment = WD_ALIGN_PARAGRAPH.LEFT
    run = right.add_run(f"回复码：{text.code}")
    run.font.size = Pt(18)
    font(run._r.get_or_add_rPr(), HEADING_FONT)
    line = table.rows[0].cells[1].add_paragraph("凭回复码只能回复本函，不能查看普查登记内容。")
    line.paragraph_format.first_line_indent = Pt(0)
    line.runs[0].font.size = SMALL


def _slip(word, text: LetterText) -> None:
    head = word.add_paragraph(text.slip_title, style="Title")
    head.paragraph_format.page_break_before = True
    head.runs[0].font.size = Pt(18)
    _table(word, SLIP, text.slip, SLIP_WIDTHS)
    for n, said in enumerate(text.slip_foot):
        line = word.add_paragraph(said)
        line.paragraph_format.first_line_indent = Pt(0)
        if n == 0:
            line.paragraph_format.space_before = LINE


def _table(word, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...], widths: tuple[int, ...]) -> None:
    table = word.add_table(rows=1, cols=len(head))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _widths(table, widths)
    for values, face in ((head, HEADING_FONT), *((row, BODY_FONT) for row in rows)):
        cells = table.rows[0].cells if values is head else table.add_row().cells
        for n, (cell, said, width) in enumerate(zip(cells, values, widths, strict=True)):
            cell.width = Mm(width)
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            line = cell.paragraphs[0]
            line.paragraph_format.first_line_indent = Pt(0)
            line.paragraph_format.line_spacing = Pt(20)
            last = n == len(values) - 1 and values is not head
            line.alignment = WD_ALIGN_PARAGRAPH.LEFT if last else WD_ALIGN_PARAGRAPH.CENTER
            run = line.add_run(said)
            run.font.size = SMALL
            font(run._r.get_or_add_rPr(), face)


def _widths(table, widths: tuple[int, ...]) -> None:
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
