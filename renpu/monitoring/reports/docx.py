"""A report as a Word document that looks as official documents do (GB/T 9704): A4, 仿宋 16 pt, lines of 28 pt.

Each figure carries its definition, scope and time as a comment, and once more in the appendix, so that print has them.
"""

import io

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph as WordParagraph

from renpu.monitoring.reports.progress import Figure, Paragraph, Report, Run, chinese_time

LATIN = "Times New Roman"
TITLE_FONT, HEADING_FONT, LEAD_FONT, BODY_FONT, SONG = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "宋体"
FALLBACKS = {TITLE_FONT: "宋体", HEADING_FONT: "SimHei", LEAD_FONT: "楷体", BODY_FONT: "仿宋", SONG: "SimSun"}
BODY = Pt(16)
LINE = Pt(28)
FIGURE, LEAD = "Figure", "Lead"
AUTHOR, INITIALS = "renpu", "R"
AFTER_AUTOSPACE = ("w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc")
DRAFT_NOTE = "草拟文字：平台上没有可据的记录，请核对后保留、修改或删去。"
COLUMNS = (("数字", 16), ("指标", 30), ("口径", 62), ("范围", 24), ("时点", 24))


def document(report: Report) -> bytes:
    """The report as .docx; ValueError if a figure of the report did not get into the text with its comment."""
    word = Document()
    _page(word)
    _styles(word)
    for before, paragraph in zip((None, *report.paragraphs), report.paragraphs, strict=False):
        line = _paragraph(word, paragraph)
        if paragraph.kind == "sign" and before and before.kind != "sign":
            line.paragraph_format.space_before = LINE * 2
    _appendix(word, report)
    _fonts(word)
    word.core_properties.title = "".join(run.text for run in report.paragraphs[0].runs)
    word.core_properties.author = report.name
    word.core_properties.language = "zh-CN"
    out = io.BytesIO()
    word.save(out)
    _count(out.getvalue(), report)
    return out.getvalue()


def text_of(docx: bytes) -> str:
    """The text of a document, a line a paragraph and a table row, as a reader sees it; comments stand at the end."""
    word = Document(io.BytesIO(docx))
    lines = []
    for block in word.iter_inner_content():
        if isinstance(block, WordParagraph):
            lines.append(block.text)
        else:
            lines += [" | ".join(cell.text for cell in row.cells) for row in block.rows]
    lines += [f"[{n}] {comment.text}" for n, comment in enumerate(word.comments, 1)]
    return "\n".join(lines) + "\n"


def _page(word) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
        Mm(37),
        Mm(35),
        Mm(28),
        Mm(26),
    )
    section.footer_distance = Mm(25)
    word.settings.odd_and_even_pages_header_footer = True
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        line = footer.paragraphs[0]
        line.alignment = side
        for text in ("\u2014 ", "PAGE", " \u2014"):
            run = line.add_run("" if text == "PAGE" else text)
            _font(run.font.element.get_or_add_rPr(), SONG, SONG)
            run.font.size = Pt(14)
            if text == "PAGE":
                _field(run, text)


def _field(run, code: str) -> None:
    for kind in ("begin", "", "end"):
        if kind:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = code
        run._r.append(element)


def _font(properties, east_asian: str, latin: str = LATIN) -> None:
    fonts = properties.get_or_add_rFonts()
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(name), None)
    for name, font in (("w:ascii", latin), ("w:hAnsi", latin), ("w:cs", latin), ("w:eastAsia", east_asian)):
        fonts.set(qn(name), font)


def _style(style, font: str, size, *, centred: bool = False, indent=None) -> None:
    _font(style.element.get_or_add_rPr(), font)
    style.font.size = size
    style.font.bold = False
    style.font.color.rgb = None
    form = style.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    form.space_before = form.space_after = Pt(0)
    form.first_line_indent = indent
    form.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.JUSTIFY
    form.widow_control = False
    for name in ("w:autoSpaceDE", "w:autoSpaceDN"):  # no gap between Chinese and figures, as official documents have it
        spacing = OxmlElement(name)
        spacing.set(qn("w:val"), "0")
        style.element.get_or_add_pPr().insert_element_before(spacing, *AFTER_AUTOSPACE)


def _styles(word) -> None:
    styles = word.styles
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")  # for Latin text: under zh-CN a number may be broken at the end of a line
    language.set(qn("w:eastAsia"), "zh-CN")
    normal = styles["Normal"]
    _style(normal, BODY_FONT, BODY, indent=BODY * 2)
    normal.element.get_or_add_rPr().append(language)
    _style(styles["Title"], TITLE_FONT, Pt(22), centred=True, indent=Pt(0))
    styles["Title"].paragraph_format.line_spacing = Pt(36)
    styles["Title"].paragraph_format.space_after = LINE
    _style(styles["Heading 1"], HEADING_FONT, BODY, indent=BODY * 2)
    for name in ("Title", "Heading 1"):
        properties = styles[name].element.get_or_add_pPr()
        for border in properties.findall(qn("w:pBdr")):
            properties.remove(border)
        for tag in ("w:color", "w:spacing", "w:kern"):
            for found in styles[name].element.rPr.findall(qn(tag)):
                styles[name].element.rPr.remove(found)
    small = styles.add_style("Definition", WD_STYLE_TYPE.PARAGRAPH)
    small.base_style = normal
    _style(small, BODY_FONT, Pt(10.5), indent=Pt(0))
    small.paragraph_format.line_spacing = Pt(15)
    small.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    styles.add_style(FIGURE, WD_STYLE_TYPE.CHARACTER)
    lead = styles.add_style(LEAD, WD_STYLE_TYPE.CHARACTER)
    _font(lead.element.get_or_add_rPr(), LEAD_FONT)


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


def _cell(cell, text: str, font: str = "") -> None:
    line = cell.paragraphs[0]
    line.style = "Definition"
    run = line.add_run(text)
    if font:
        _font(run._r.get_or_add_rPr(), font)
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _repeat(row) -> None:
    header = OxmlElement("w:tblHeader")
    row._tr.get_or_add_trPr().append(header)


def _fonts(word) -> None:
    """Name what may stand for a font that a reader's machine lacks."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in FALLBACKS.items()
    )
    for relation in word.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            blob = relation.target_part.blob.replace(b"</w:fonts>", fonts.encode() + b"</w:fonts>")
            relation.target_part._blob = blob


def _count(docx: bytes, report: Report) -> None:
    """Figures in and figures out, each with its comment."""
    word = Document(io.BytesIO(docx))
    text = [run.text for line in word.paragraphs for run in line.runs if run.style.name == FIGURE]
    given = [figure.text for figure in report.figures]
    notes = [comment.text for comment in word.comments if comment.text != DRAFT_NOTE]
    if text != given or notes != [figure.note for figure in report.figures]:
        raise ValueError(f"{len(given)} figures given, {len(text)} in the text, {len(notes)} with a note")
