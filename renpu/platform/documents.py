"""Word documents that look as official documents do (GB/T 9704): A4, 仿宋 16 pt, lines of 28 pt."""

import io

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

LATIN = "Times New Roman"
TITLE_FONT, HEADING_FONT, LEAD_FONT, BODY_FONT, SONG = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "宋体"
FALLBACKS = {TITLE_FONT: "宋体", HEADING_FONT: "SimHei", LEAD_FONT: "楷体", BODY_FONT: "仿宋", SONG: "SimSun"}
BODY = Pt(16)
LINE = Pt(28)
_AFTER_AUTOSPACE = ("w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc")


def official_document(*, numbered: bool = True):
    """An empty document with page and styles set: Normal, Title, Heading 1. `numbered`: page numbers at the foot."""
    word = Document()
    _page(word, numbered)
    _styles(word)
    return word


def saved(word, *, title: str, author: str) -> bytes:
    """The document as .docx, with what may stand for a font that a reader's machine lacks."""
    _fonts(word)
    word.core_properties.title = title
    word.core_properties.author = author
    word.core_properties.language = "zh-CN"
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def text_of(docx: bytes) -> str:
    """The text of a document, a line a paragraph and a table row, as a reader sees it; comments stand at the end."""
    word = Document(io.BytesIO(docx))
    lines = []
    for block in word.iter_inner_content():
        if isinstance(block, Paragraph):
            lines.append(block.text)
        else:
            lines += [" | ".join(cell.text for cell in row.cells) for row in block.rows]
    lines += [f"[{n}] {comment.text}" for n, comment in enumerate(word.comments, 1)]
    return "\n".join(lines) + "\n"


def _page(word, numbered: bool) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
        Mm(37),
        Mm(35),
        Mm(28),
        Mm(26),
    )
    section.footer_distance = Mm(25)
    if not numbered:
        return
    word.settings.odd_and_even_pages_header_footer = True
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        line = footer.paragraphs[0]
        line.alignment = side
        for text in ("\u2014 ", "PAGE", " \u2014"):
            run = line.add_run("" if text == "PAGE" else text)
            font(run.font.element.get_or_add_rPr(), SONG, SONG)
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


def font(properties, east_asian: str, latin: str = LATIN) -> None:
    fonts = properties.get_or_add_rFonts()
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(name), None)
    for name, font in (("w:ascii", latin), ("w:hAnsi", latin), ("w:cs", latin), ("w:eastAsia", east_asian)):
        fonts.set(qn(name), font)


def style(style, face: str, size, *, centred: bool = False, indent=None) -> None:
    font(style.element.get_or_add_rPr(), face)
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
        style.element.get_or_add_pPr().insert_element_before(spacing, *_AFTER_AUTOSPACE)


def _styles(word) -> None:
    styles = word.styles
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")  # for Latin text: under zh-CN a number may be broken at the end of a line
    language.set(qn("w:eastAsia"), "zh-CN")
    normal = styles["Normal"]
    style(normal, BODY_FONT, BODY, indent=BODY * 2)
    normal.element.get_or_add_rPr().append(language)
    style(styles["Title"], TITLE_FONT, Pt(22), centred=True, indent=Pt(0))
    styles["Title"].paragraph_format.line_spacing = Pt(36)
    styles["Title"].paragraph_format.space_after = LINE
    style(styles["Heading 1"], HEADING_FONT, BODY, indent=BODY * 2)
    for name in ("Title", "Heading 1"):
        properties = styles[name].element.get_or_add_pPr()
        for border in properties.findall(qn("w:pBdr")):
            properties.remove(border)
        for tag in ("w:color", "w:spacing", "w:kern"):
            for found in styles[name].element.rPr.findall(qn(tag)):
                styles[name].element.rPr.remove(found)


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
