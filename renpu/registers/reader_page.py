"""Tables that are written as markup, whatever the file's name ends with: web pages, as many systems export "Excel"
(.xls), the same packed with their pictures into one file (MHTML), and the XML spreadsheets of 2003.

Nothing in them is run or fetched. Row numbers are those of the table, from 1, as a spreadsheet program would show it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.errors import CloseBoundaryNotFoundDefect
from pathlib import Path, PurePosixPath

from lxml import etree, html

from renpu.registers import reader_text
from renpu.registers.lines import Line, Sheet, Told
from renpu.registers.reader_workbook import Unreadable

LARGEST = 100 << 20  # bytes: the page is held in memory, as twenty times as many
WIDEST = 1024  # columns; a span that asks for more is cut
LONGEST = 1_048_576  # rows of a sheet
CELLS = 40_000_000  # of a table, spans laid out: more is no office's list

_OFFICE = "{urn:schemas-microsoft-com:office:spreadsheet}"
_PACKED = (b"mime-version:", b"content-type: multipart", b"from: <saved by")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LAST_ROW = re.compile(r".*<tr\b", re.IGNORECASE | re.DOTALL)
_TABLE_END = re.compile(r"</table\s*>", re.IGNORECASE)
_WORKBOOK_END = re.compile(r"</(?:\w+:)?Workbook\s*>\s*\Z")
_BREAKS = frozenset({"br", "p", "div"})
_NO_TEXT = frozenset({"script", "style", "table", "template", "noscript"})


def is_page(head: bytes) -> bool:
    """Does a file begin as markup does?"""
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    begins = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta", b"<head", b"<body", b"<style", b"<!--", b"<div")
    return start.startswith((*begins, *_PACKED))


def open_page(path: Path) -> tuple[str, str, list[Sheet], list[Told]]:
    """(`HTML` or `XML`, its encoding, the tables that hold anything, what is to tell). Raises Unreadable."""
    if path.stat().st_size > LARGEST:
        raise Unreadable(Told("page_too_large"))
    text = reader_text.open_text(path)
    content = path.read_bytes()[text.bom :].decode(text.encoding, "replace")
    try:
        if content[:4096].lower().startswith(tuple(mark.decode() for mark in _PACKED)):
            sheets, told = _packed_pages(path.read_bytes())
        elif _OFFICE.strip("{}") in content[:4096] and "<Workbook" in content[:4096]:
            sheets, told = _spreadsheet(content)
            return "XML", text.name_of_encoding(), sheets, told
        else:
            sheets, told = _page(content)
    except (etree.XMLSyntaxError, etree.ParserError, ValueError, RecursionError) as error:
        raise Unreadable(Told("page_damaged")) from error
    if not sheets:
        raise Unreadable(Told("web_page"))
    return "HTML", text.name_of_encoding(), sheets, told


def _packed_pages(content: bytes) -> tuple[list[Sheet], list[Told]]:
    """The tables of each page in a file of pages; a sheet is called by its page where there are several."""
    sheets: list[Sheet] = []
    told: list[Told] = []
    message = message_from_bytes(content)
    if any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in message.defects):
        raise Unreadable(Told("page_cut_off"))
    pages = [part for part in message.walk() if part.get_content_type() == "text/html"]
    for order, part in enumerate(pages, 1):
        raw = part.get_payload(decode=True) or b""
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("gb18030", "replace")
        if not text.strip():
            continue
        found, of_page = _page(text)
        page = PurePosixPath(str(part.get("Content-Location", ""))).stem or f"页{order}"
        sheets.extend(replace(sheet, name=": ".join(filter(None, (page, sheet.name)))) for sheet in found)
        told.extend(replace(one, sheet=": ".join(filter(None, (page, one.sheet)))) for one in of_page)
    return sheets, told


def _page(content: str) -> tuple[list[Sheet], list[Told]]:
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=True, encoding="utf-8")
    content = re.sub(r"^\s*<\?xml[^>]*\?>", "", content)
    document = html.document_fromstring(content.encode("utf-8", "replace"), parser=parser)
    tables = [table for table in document.iter("table") if any(_filled(row) for row in _rows_of(table))]
    if tables and (last := _LAST_ROW.match(content)) and not _TABLE_END.search(content, last.end()):
        raise Unreadable(Told("page_cut_off"))
    sheets, told = [], []
    for order, table in enumerate(tables, 1):
        name = "" if len(tables) == 1 else _name_of(table) or f"表{order}"
        if name in {sheet.name for sheet in sheets}:
            name = f"{name} ({order})"
        lent: dict[tuple[int, int], object] = {}
        rows = _rows_of(table)
        hidden = [number for number, row in enumerate(rows, 1) if _HIDDEN.search(row.get("style", ""))]
        if hidden:
            told.append(Told("rows_hidden", name, row=hidden[0], values={"number": len(hidden)}))
        sheets.append(Sheet(name, list(_lines(rows, lent)), lent))
    return sheets, told


def _rows_of(table: etree._Element) -> list[etree._Element]:
    """The rows of a table, without those of tables inside it."""
    rows = []
    for child in table:
        if child.tag == "tr":
            rows.append(child)
        elif child.tag in ("thead", "tbody", "tfoot"):
            rows.extend(row for row in child if row.tag == "tr")
    return rows


def _filled(row: etree._Element) -> bool:
    return any(_text_of(cell) for cell in row if cell.tag in ("td", "th"))


def _name_of(table: etree._Element) -> str:
    caption = table.find("caption")
    return " ".join(_text_of(caption).split())[:40] if caption is not None else ""


def _text_of(cell: etree._Element) -> str:
    """The text of a cell; a line break where the page breaks the line. Tables inside it are read by themselves."""
    parts = [cell.text or ""]
    for child in cell:
        if child.tag in _BREAKS:
            parts.append("\n")
        if child.tag not in _NO_TEXT and isinstance(child.tag, str):
            parts.append(_text_of(child))
        parts.append(child.tail or "")
    text = "".join(parts).replace("\xa0", " ")
    return "\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip())


def _lines(rows: list[etree._Element], lent: dict[tuple[int, int], object]) -> Iterator[Line]:
    """The rows with their spans laid out as a spreadsheet would: the value in the first cell, the others empty. What a
    cell spanning rows lends to those below is put into `lent`."""
    taken: dict[int, int] = {}  # position -> last row that a cell from above covers
    cells_made = 0
    for number, row in enumerate(rows, 1):
        cells: list[object] = []
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            while taken.get(len(cells), 0) >= number:
                cells.append("")
            if len(cells) >= WIDEST:
                break
            text, place = _text_of(cell), len(cells)
            wide = min(_span(cell, "colspan"), WIDEST - place)
            last = min(number + _span(cell, "rowspan") - 1, len(rows))
            cells.extend([text, *[""] * (wide - 1)])
            if last > number:
                taken.update(dict.fromkeys(range(place, place + wide), last))
                lent.update({(below, place): text for below in range(number + 1, last + 1)})
        cells_made += len(cells)
        if cells_made + len(lent) > CELLS:
            raise Unreadable(Told("page_too_large"))
        lost = any("\ufffd" in str(cell) for cell in cells)
        yield Line(number, cells, ("characters_lost",) if lost else ())


def _span(cell: etree._Element, name: str) -> int:
    text = cell.get(name, "1").strip()
    return max(1, min(int(text), LONGEST)) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _spreadsheet(content: str) -> tuple[list[Sheet], list[Told]]:
    """The sheets of an XML spreadsheet of 2003. A formula is told beside the value it had when the file was saved."""
    if not _WORKBOOK_END.search(content):
        raise Unreadable(Told("page_cut_off"))
    content = re.sub(r"^\s*<\?xml[^>]*\?>", "", content)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, recover=True)
    book = etree.fromstring(content.encode("utf-8", "replace"), parser)
    sheets, told = [], []
    if faults := list(parser.error_log):
        told.append(Told("page_mended", row=faults[0].line, values={"number": len(faults)}))
    for sheet in [] if book is None else book.iter(f"{_OFFICE}Worksheet"):
        name = sheet.get(f"{_OFFICE}Name") or f"表{len(sheets) + 1}"
        rows = list(sheet.iter(f"{_OFFICE}Row"))
        options = "{urn:schemas-microsoft-com:office:excel}Visible"
        if (visible := sheet.find(f".//{options}")) is not None and "Hidden" in (visible.text or ""):
            told.append(Told("sheet_hidden", sheet=name, values={"rows": len(rows)}))
            continue
        of_sheet = Sheet(name, [], {}, {}, {})
        hidden = _read_rows(rows, of_sheet)
        if hidden:
            told.append(Told("rows_hidden", name, row=hidden[0], values={"number": len(hidden)}))
        if of_sheet.lines:
            sheets.append(of_sheet)
    if not sheets and not told:
        raise Unreadable(Told("page_damaged"))
    return sheets, told


def _read_rows(rows: list[etree._Element], sheet: Sheet) -> list[int]:
    """Fill the sheet with rows; returns the numbers of hidden ones. Rows and cells that are left out are empty."""
    hidden: list[int] = []
    number = blank_rows = made = 0
    lines: list[Line] = sheet.lines  # type: ignore[assignment]
    for row in rows:
        at = _count(row, "Index") or number + 1
        blank_rows += max(0, at - number - 1)
        if at > LONGEST or blank_rows > LONGEST:
            raise Unreadable(Told("page_too_large"))
        lines.extend(Line(blank, []) for blank in range(number + 1, at))
        number = at
        if row.get(f"{_OFFICE}Hidden") == "1":
            hidden.append(number)
        cells: list[object] = []
        for cell in row.iter(f"{_OFFICE}Cell"):
            if len(cells) >= WIDEST:
                break
            place = min((_count(cell, "Index") or len(cells) + 1) - 1, WIDEST)
            cells.extend([""] * (place - len(cells)))
            value = _value(cell, (number, place), sheet)
            cells.append(value)
            cells.extend([""] * min(_count(cell, "MergeAcross"), WIDEST))
            down = min(_count(cell, "MergeDown"), len(rows))
            made += down
            if made + len(cells) > CELLS:
                raise Unreadable(Told("page_too_large"))
            sheet.merged.update({(below, place): value for below in range(number + 1, number + 1 + down)})
        made += len(cells)
        lost = any("\ufffd" in str(cell) for cell in cells)
        lines.append(Line(number, cells, ("characters_lost",) if lost else ()))
    return hidden


def _value(cell: etree._Element, at: tuple[int, int], sheet: Sheet) -> object:
    data = cell.find(f"{_OFFICE}Data")
    text = "".join(data.itertext()) if data is not None else ""
    kind = data.get(f"{_OFFICE}Type") if data is not None else ""
    if formula := cell.get(f"{_OFFICE}Formula"):
        sheet.formulas[at] = formula
    if kind == "Error":
        sheet.errors[at] = text
    if kind == "DateTime":
        return text.removesuffix(".000").replace("T00:00:00", "").replace("T", " ")
    if kind == "Number":
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _count(element: etree._Element, name: str) -> int:
    text = element.get(f"{_OFFICE}{name}", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
